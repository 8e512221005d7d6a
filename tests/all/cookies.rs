//! Only Kratos' cookies go in and only Kratos' cookies come out, whatever stands in a header.

use std::cell::Cell;

use http::header::{HeaderValue, SET_COOKIE};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::{Answer, Browser, Kratos, Recording, always, page_of, site_without_limits};

/// Names that Kratos uses, and names that look like them.
fn names() -> impl Strategy<Value = String> {
    let known = select(vec![
        "ory_kratos_session",
        "csrf_token_806060ca5bf70dff3caa0e5c860002aade9d470a5a4dce73bcfa7ba10778f481",
        "csrf_token_",
        "ory_kratos_continuity",
    ]);
    let like = select(vec![
        "",
        "ory_kratos_session2",
        "ORY_KRATOS_SESSION",
        "xory_kratos_session",
        "csrf_token",
        "Csrf_Token_1",
        "genkan_lang",
        "genkan_flash",
        "genkan_typed",
        "genkan_address",
        "genkan_errand",
        "__Host-ory_kratos_session",
        "tracker",
        "__Host-genkan_lang",
        "ory_hydra_session",
        "ory_kratos_session,x",
        "日本",
    ]);
    prop_oneof![
        known.prop_map(str::to_owned),
        like.prop_map(str::to_owned),
        "[!-:<-~]{0,12}"
    ]
}

fn values() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => "[ -:<-~]{0,24}".prop_map(String::into_bytes),
        1 => select(vec!["日本", "é", "\u{202e}", "a\u{a0}b"]).prop_map(|it| it.as_bytes().to_vec()),
        1 => vec(0x80..=0xff_u8, 1..8),
    ]
}

/// What parts a pair from the next: what standards say, and what some servers take for it.
fn headers() -> impl Strategy<Value = Vec<u8>> {
    let between = select(vec!["; ", "; ", ";", " ;  ", ", ", ";\t", ";;"]);
    vec((names(), values(), between), 0..8).prop_map(|pairs| {
        let mut all = Vec::new();
        for (name, value, between) in pairs {
            all.extend_from_slice(name.as_bytes());
            all.push(b'=');
            all.extend_from_slice(&value);
            all.extend_from_slice(between.as_bytes());
        }
        all
    })
}

/// Whether Kratos sets cookies of this name.
fn is_of_kratos(name: &str) -> bool {
    matches!(name, "ory_kratos_session" | "ory_kratos_continuity")
        || name.starts_with("csrf_token_")
}

/// One answer, to a request of these bytes between its first line and its end.
async fn ask(browser: &Browser, target: &str, headers: &[&[u8]]) -> String {
    let mut request =
        format!("GET {target} HTTP/1.1\r\nhost: 127.0.0.1:3000\r\nconnection: close\r\n")
            .into_bytes();
    for header in headers {
        request.extend_from_slice(header);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    String::from_utf8_lossy(&browser.say(&request).await).into_owned()
}

fn with_flow(kratos: &Kratos) -> String {
    page_of("login", &kratos.has_flow("login", "login_init_200_unified"))
}

#[test]
fn only_cookies_of_kratos_go_in() {
    let told = Cell::new(0);
    let lines = vec(headers(), 1..3);
    always(
        file!(),
        300,
        site_of_flow,
        lines,
        async |(kratos, browser, page), lines| {
            let before = kratos.received().len();
            let cookies: Vec<Vec<u8>> = lines
                .iter()
                .map(|line| [b"cookie: ", &line[..]].concat())
                .collect();
            let cookies: Vec<&[u8]> = cookies.iter().map(Vec::as_slice).collect();
            let answer = ask(browser, page, &cookies).await;
            // Some bytes no header may have.
            if !answer.starts_with("HTTP/1.1 200") {
                assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
                return;
            }
            let sent: Vec<Vec<u8>> = lines
                .iter()
                .flat_map(|line| line.split(|byte| *byte == b';'))
                .map(|pair| pair.trim_ascii().to_vec())
                .collect();
            let asked = kratos.received().split_off(before);
            assert_eq!(asked.len(), 1, "{asked:?}");
            let header = asked[0].header("cookie").unwrap_or_default();
            for pair in header.split("; ").filter(|pair| !pair.is_empty()) {
                told.set(told.get() + 1);
                let (name, _) = pair.split_once('=').unwrap();
                assert!(is_of_kratos(name), "{pair}");
                let (_, value) = pair.split_once('=').unwrap();
                let quoted = format!("{name}=\"{value}\"");
                assert!(
                    sent.iter()
                        .any(|it| it == pair.as_bytes() || it == quoted.as_bytes()),
                    "{pair} was not sent"
                );
            }
            assert_eq!(
                asked[0].headers.get_all("cookie").iter().count(),
                usize::from(!header.is_empty())
            );
            // Of each name the first that Go takes for a cookie is there, and no other.
            let mut first: Vec<String> = Vec::new();
            for pair in sent
                .iter()
                .filter_map(|pair| std::str::from_utf8(pair).ok())
            {
                let is_plain = |byte| (b' '..=b'~').contains(&byte) && !b"\"\\".contains(&byte);
                let Some((name, value)) = pair.split_once('=') else {
                    continue;
                };
                let unquoted = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
                let value = unquoted.unwrap_or(value);
                let is_new = first.iter().all(|it| it.split_once('=').unwrap().0 != name);
                if is_of_kratos(name)
                    && value.bytes().all(is_plain)
                    && name.bytes().all(|byte| byte.is_ascii_graphic())
                    && is_new
                {
                    first.push(format!("{name}={value}"));
                }
            }
            for pair in header.split("; ").filter(|pair| !pair.is_empty()) {
                let (name, _) = pair.split_once('=').unwrap();
                let of_name = |it: &&str| it.split_once('=').unwrap().0 == name;
                assert_eq!(header.split("; ").filter(of_name).count(), 1, "{lines:?}");
            }
            for pair in first {
                assert!(
                    header.split("; ").any(|it| it == pair.as_str()),
                    "{pair} is lost of {lines:?}"
                );
            }
        },
    );
    assert!(told.get() > 100, "{told:?}");
}

async fn site_of_flow() -> (Kratos, Browser, String) {
    let (kratos, browser) = site_without_limits().await;
    let page = with_flow(&kratos);
    (kratos, browser, page)
}

/// Set-Cookie lines, with attributes as they may be.
fn set_cookies() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let attributes = select(vec![
        "",
        "; Path=/",
        "; Path=/; HttpOnly; SameSite=Lax",
        "; Domain=.example",
        "; Max-Age=0",
        ";",
        "; csrf_token_=1",
        "; Path=/; Max-Age=x",
    ]);
    let equals = select(vec!["=", "=", "=", "=", " = ", "", "=="]);
    let line = (
        select(vec!["", "", "", " ", "\t"]),
        names(),
        equals,
        values(),
        attributes,
    )
        .prop_map(|(lead, name, equals, value, attributes)| {
            [
                lead.as_bytes(),
                name.as_bytes(),
                equals.as_bytes(),
                &value,
                attributes.as_bytes(),
            ]
            .concat()
        });
    vec(line, 0..6)
}

#[test]
fn only_cookies_of_kratos_come_out() {
    let came = Cell::new(0);
    let made_up = (set_cookies(), any::<bool>());
    always(
        file!(),
        300,
        site_without_limits,
        made_up,
        async |(kratos, browser), (lines, by_proxy)| {
            kratos.forget();
            let flow = Recording::read("login_init_200_unified");
            let mut answer = if by_proxy {
                Answer::text(200, "application/json", "{}")
            } else {
                Answer::json(200, flow.body())
            };
            for line in &lines {
                let Ok(line) = HeaderValue::from_bytes(line) else {
                    return;
                };
                answer = answer.with_value(SET_COOKIE, line);
            }
            let (route, target) = if by_proxy {
                (
                    "GET /self-service/login/browser".to_owned(),
                    "/self-service/login/browser".to_owned(),
                )
            } else {
                (
                    "GET /self-service/login/flows".to_owned(),
                    page_of("login", &flow.id()),
                )
            };
            kratos.on(&route, answer);
            let answer = browser
                .say(
                    format!("GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                        .as_bytes(),
                )
                .await;
            let end = answer.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
            assert!(
                answer.starts_with(b"HTTP/1.1 200"),
                "{}",
                String::from_utf8_lossy(&answer)
            );
            for header in answer[..end].split(|byte| *byte == b'\n') {
                let Some(line) = header.strip_prefix(b"set-cookie: ") else {
                    continue;
                };
                came.set(came.get() + 1);
                let line = line.trim_ascii();
                let pair = line.split(|byte| *byte == b';').next().unwrap();
                let name = pair
                    .split(|byte| *byte == b'=')
                    .next()
                    .unwrap()
                    .trim_ascii();
                assert!(
                    is_of_kratos(std::str::from_utf8(name).unwrap()),
                    "{}",
                    String::from_utf8_lossy(line)
                );
                assert!(
                    lines.iter().any(|it| it.trim_ascii() == line),
                    "it comes as it was"
                );
            }
        },
    );
    assert!(came.get() > 100, "{came:?}");
}

/// Scripts of other programs on the same site may set a cookie in any spelling.
#[tokio::test]
async fn a_cookie_that_is_no_plain_text_signs_nobody_out() {
    let (kratos, browser, page) = site_of_flow().await;
    let header = "cookie: shop=カート; ory_kratos_session=s; csrf_token_1=é";
    let answer = ask(&browser, &page, &[header.as_bytes()]).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(
        kratos.received()[0].header("cookie"),
        Some("ory_kratos_session=s")
    );
}
