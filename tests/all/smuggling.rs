//! What reaches Kratos: requests of a short list, made anew, and nothing else however a request is written. The bytes go to
//! Genkan as they are, past what an HTTP client would put right.

use std::cell::Cell;

use http::Method;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::{
    Answer, Browser, Kratos, PUBLIC, Received, always, page_of, site_with_hydra,
    site_without_limits,
};

const ID: &str = "90f5b905-3161-4fa3-b8c7-5014e2768ed6";

/// The first lines of answers, in order.
fn statuses(answer: &[u8]) -> Vec<u16> {
    let text = String::from_utf8_lossy(answer);
    let lines = text.split("HTTP/1.1 ").skip(1);
    lines
        .filter_map(|rest| rest.get(..3)?.parse().ok())
        .collect()
}

/// Holds a request to be one that Genkan makes of its own accord: of the public API, with no path of anybody's making.
#[track_caller]
fn is_of_genkan(asked: &Received, kratos: &Kratos) {
    let path = &*asked.path;
    let kinds = [
        "login",
        "registration",
        "recovery",
        "verification",
        "settings",
    ];
    let is_plain = |part: &str| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && part
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || b"-_.~".contains(&it))
    };
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let is_callback = match &*parts {
        ["self-service", "methods", "oidc", "callback"] => true,
        ["self-service", "methods", "oidc", "callback", provider] => is_plain(provider),
        [
            "self-service",
            "methods",
            "oidc",
            "organization",
            one,
            "callback",
            other,
        ] => is_plain(one) && is_plain(other),
        _ => false,
    };
    let names_flow = asked
        .parameter("flow")
        .is_some_and(|id| uuid::Uuid::try_parse(id).is_ok());
    // A form of ours that a browser posted.
    let is_form = matches!(&*parts, ["self-service", kind] if kinds.contains(kind)) && names_flow;
    let is_read = match &*parts {
        ["self-service", kind, "browser" | "flows"] => kinds.contains(kind) || *kind == "logout",
        ["self-service", "recovery" | "verification" | "settings"] => names_flow,
        ["self-service", "logout" | "errors"]
        | ["sessions"]
        | ["sessions", "whoami"]
        | ["schemas"] => true,
        ["health", "ready"] | [".well-known", "ory", "webauthn.js"] => true,
        _ => false,
    };
    let fits = match asked.method {
        Method::GET => is_read || is_callback,
        Method::POST => is_form || is_callback,
        _ => false,
    };
    assert!(fits, "{} {path}", asked.method);
    assert_eq!(asked.headers.get_all("host").iter().count(), 1);
    assert_eq!(
        asked.header("host"),
        kratos.url().strip_prefix("http://"),
        "{path}"
    );
}

/// Targets near the paths that there are: their parts, doubled, encoded once or twice, turned back by dots, in capitals,
/// with parameters, at other hosts.
fn targets() -> impl Strategy<Value = String> {
    let known = select(vec![
        "/self-service/login/browser",
        "/self-service/logout/browser",
        "/self-service/logout",
        "/self-service/settings",
        "/self-service/recovery",
        "/self-service/verification",
        "/self-service/methods/oidc/callback/x",
        "/self-service/methods/oidc/callback",
        "/self-service/methods/oidc/organization/x/callback/x",
        "/.well-known/ory/webauthn.js",
        "/health/ready",
        "/login",
        "/sessions",
        "/assets/x",
        "/fragments/login",
        "",
    ]);
    let part = select(vec![
        "admin",
        "admin",
        "identities",
        "self-service",
        "SELF-SERVICE",
        "login",
        "browser",
        "api",
        "flows",
        "methods",
        "oidc",
        "callback",
        "sessions",
        "whoami",
        "errors",
        "schemas",
        "x",
        "..",
        "..",
        ".",
        "%2e%2e",
        "%2E%2E",
        "%2e.",
        ".%2e",
        "%252e%252e",
        "..;",
        ";x",
        "..%2f",
        "%2f..",
        "%2f%2e%2e%2fadmin",
        "..%5c",
        "..\\",
        "%00",
        "%0d%0a",
        "%c0%ae%c0%ae",
        "..%c0%af",
        "%ff",
        "x;y=z",
        "x%3fy",
        "x%23y",
        "@evil.test",
        "%2fadmin",
        "%252fadmin",
        "%2Fidentities",
        "~",
        "*",
        "%2e%2e%2fadmin%2fidentities",
        "x%20y",
    ]);
    let between = select(vec![
        "/", "/", "/", "//", "/./", "%2f", "%2F", "\\", "%5c", "///", ";/",
    ]);
    let tail = prop_oneof![1 => Just(Vec::new()), 2 => vec((between, part), 1..6)];
    let path = (known, tail).prop_map(|(known, parts)| {
        let tail: String = parts
            .iter()
            .map(|(between, part)| [*between, *part].concat())
            .collect();
        format!("{known}{tail}")
    });
    let elsewhere = select(vec![
        "",
        "http://127.0.0.1:3000",
        "http://evil.test",
        "http://127.0.0.1:4434",
        "https://kratos:4434",
        "//evil.test",
        "http://127.0.0.1:3000@evil.test",
        "/",
        "\\",
        "ftp://x",
        "*",
    ]);
    let host = prop_oneof![3 => Just(""), 1 => elsewhere];
    let query = select(vec![
        "",
        "",
        "?flow=90f5b905-3161-4fa3-b8c7-5014e2768ed6",
        "?flow=../../admin",
        "?flow=x",
        "?id=stub:500",
        "?id=../../admin",
        "?return_to=/x",
        "??",
        "?a=b&a=c",
        "?token=%0d%0ax:y",
        "#x",
        "?flow=90f5b905-3161-4fa3-b8c7-5014e2768ed6&token=x",
    ]);
    let made_up =
        (host, path, query).prop_map(|(host, path, query)| format!("{host}{path}{query}"));
    prop_oneof![8 => made_up, 1 => "/[!-~]{0,40}", 1 => "/self-service/[!-~]{0,20}"]
}

fn methods() -> impl Strategy<Value = &'static str> {
    let others = select(vec![
        "POST", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT", "get",
        "PROPFIND", "PURGE", "LINK", "GETX", "PRI",
    ]);
    prop_oneof![2 => Just("GET"), 1 => others]
}

/// Headers that servers on the way may take for another path, method, host or length.
fn misleading() -> impl Strategy<Value = Vec<&'static str>> {
    let header = select(vec![
        "x-original-url: /admin/identities",
        "x-rewrite-url: /admin/identities",
        "x-http-method-override: DELETE",
        "x-forwarded-host: evil.test",
        "x-forwarded-proto: https",
        "x-forwarded-prefix: /admin",
        "forwarded: host=evil.test",
        "x-forwarded-for: 203.0.113.9",
        "x-host: evil.test",
        "connection: close, cookie, true-client-ip, host",
        "connection: upgrade",
        "upgrade: h2c",
        "upgrade: websocket",
        "te: trailers",
        "trailer: cookie",
        "proxy-authorization: Basic eDp5",
        "authorization: Bearer x",
        "x-session-token: x",
        "ory-session: x",
        "x-kratos-authenticated-identity-id: x",
        "expect: 100-continue",
        "range: bytes=0-1",
        "if-none-match: *",
        "max-forwards: 0",
        "via: 1.1 x",
        "keep-alive: 5",
        "proxy-connection: keep-alive",
        "content-length: 0",
    ]);
    vec(header, 0..4)
}

#[test]
fn nothing_but_the_list_reaches_kratos() {
    let reached = Cell::new(0);
    let made_up = (methods(), targets(), misleading());
    always(
        file!(),
        2_000,
        site_without_limits,
        made_up,
        async |(kratos, browser), (method, target, headers)| {
            kratos.forget();
            let mut request = format!(
                "{method} {target} HTTP/1.1\r\nhost: 127.0.0.1:3000\r\nsec-fetch-site: same-origin\r\n"
            );
            for header in headers {
                request.push_str(header);
                request.push_str("\r\n");
            }
            request.push_str(
                "content-type: application/x-www-form-urlencoded\r\nconnection: close\r\n\r\n",
            );
            let answer = browser.say(request.as_bytes()).await;
            let statuses = statuses(&answer);
            assert!(
                statuses.len() <= 1 || statuses[0] == 100,
                "{statuses:?} to {request}"
            );
            assert!(
                !statuses.contains(&500),
                "{}",
                String::from_utf8_lossy(&answer)
            );
            for asked in kratos.received() {
                reached.set(reached.get() + 1);
                is_of_genkan(&asked, kratos);
                is_made_anew(&asked);
            }
        },
    );
    assert!(reached.get() > 100, "{reached:?}");
}

/// Holds a request to have the headers that Genkan writes, and no other.
#[track_caller]
fn is_made_anew(asked: &Received) {
    const WRITTEN: [&str; 15] = [
        "accept",
        "accept-language",
        "content-length",
        "content-type",
        "cookie",
        "host",
        "traceparent",
        "tracestate",
        "true-client-ip",
        "user-agent",
        "via",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "transfer-encoding",
    ];
    for name in asked.headers.keys() {
        assert!(WRITTEN.contains(&name.as_str()), "{name}");
    }
    assert_eq!(asked.header("transfer-encoding"), None);
    assert!(matches!(asked.header("via"), None | Some("1.1 genkan")));
    // Asked in nobody's name.
    if asked.path == "/health/ready" {
        return;
    }
    assert_eq!(
        asked.header("x-forwarded-host"),
        PUBLIC.strip_prefix("http://")
    );
    assert_eq!(asked.header("x-forwarded-proto"), Some("http"));
    assert_eq!(asked.header("x-forwarded-for"), Some("127.0.0.1"));
    assert_eq!(asked.header("true-client-ip"), Some("127.0.0.1"));
}

const CALLBACK: &str = "/self-service/methods/oidc/callback/x";

/// A Kratos that takes a provider's answer.
async fn taking_answers() -> (Kratos, Browser) {
    let (kratos, browser) = site_without_limits().await;
    let taken = Answer::text(303, "text/html", "").with(http::header::LOCATION, "/settings");
    kratos.on(&format!("POST {CALLBACK}"), taken);
    (kratos, browser)
}

/// A request within a request stays within it, or is refused: it is not Kratos that two readers disagree about.
#[tokio::test]
async fn a_request_within_a_request_never_reaches_kratos() {
    let inner = "GET /admin/identities HTTP/1.1\r\nhost: kratos\r\n\r\n";
    let length = inner.len();
    let lengths = [
        // Both lengths, in either order.
        format!("content-length: {length}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{inner}"),
        format!("transfer-encoding: chunked\r\ncontent-length: {length}\r\n\r\n0\r\n\r\n{inner}"),
        // Two lengths.
        format!("content-length: 0\r\ncontent-length: {length}\r\n\r\n{inner}"),
        format!("content-length: {length}, 0\r\n\r\n{inner}"),
        format!("content-length: +{length}\r\n\r\n{inner}"),
        format!("content-length: -1\r\n\r\n{inner}"),
        format!("content-length : {length}\r\n\r\n{inner}"),
        format!("content-length:\r\n {length}\r\n\r\n{inner}"),
        // A coding that hides.
        format!("transfer-encoding: xchunked\r\n\r\n0\r\n\r\n{inner}"),
        format!("transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n{inner}"),
        format!("transfer-encoding: identity\r\ncontent-length: 0\r\n\r\n{inner}"),
        format!("transfer-encoding : chunked\r\n\r\n0\r\n\r\n{inner}"),
        format!("transfer-encoding:\u{b}chunked\r\n\r\n0\r\n\r\n{inner}"),
        format!(
            "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n{inner}"
        ),
        // Chunks that are none.
        format!("transfer-encoding: chunked\r\n\r\n0x1\r\nx\r\n0\r\n\r\n{inner}"),
        format!("transfer-encoding: chunked\r\n\r\n-1\r\n{inner}"),
        format!("transfer-encoding: chunked\r\n\r\nffffffffffffffff1\r\n{inner}"),
        format!("transfer-encoding: chunked\r\n\r\n1;x=\n\r\nx\r\n0\r\n\r\n{inner}"),
        format!(
            "transfer-encoding: chunked\r\n\r\n0\r\ncookie: ory_kratos_session=x\r\n\r\n{inner}"
        ),
        // Lines that end early.
        format!("x: y\ntransfer-encoding: chunked\n\n0\r\n\r\n{inner}"),
        format!("x: y\r\r\n\r\n{inner}"),
        format!("x: y\0z\r\n\r\n{inner}"),
    ];
    for rest in lengths {
        let (kratos, browser) = taking_answers().await;
        let head = format!(
            "POST {CALLBACK} HTTP/1.1\r\nhost: 127.0.0.1:3000\r\ncontent-type: application/x-www-form-urlencoded\r\n"
        );
        let answer = browser.say(format!("{head}{rest}").as_bytes()).await;
        let asked = kratos.received();
        assert!(asked.len() <= 1, "{rest:?}: {asked:?}");
        for asked in &asked {
            is_of_genkan(asked, &kratos);
            is_made_anew(asked);
        }
        for status in statuses(&answer) {
            assert!(
                matches!(status, 303 | 400 | 403 | 404 | 501),
                "{status} to {rest:?}"
            );
        }
    }
}

/// Both lengths at once are how requests are smuggled past a server in front: the connection ends there.
#[tokio::test]
async fn a_request_with_two_lengths_is_the_last_of_its_connection() {
    let (kratos, browser) = taking_answers().await;
    let inner = format!("GET {CALLBACK}?code=smuggled HTTP/1.1\r\nhost: 127.0.0.1:3000\r\n\r\n");
    let head = format!("POST {CALLBACK} HTTP/1.1\r\nhost: 127.0.0.1:3000\r\ncontent-type: x\r\n");
    for lengths in [
        format!(
            "content-length: {}\r\ntransfer-encoding: chunked\r\n",
            inner.len() + 5
        ),
        format!(
            "transfer-encoding: chunked\r\ncontent-length: {}\r\n",
            inner.len() + 5
        ),
    ] {
        let answer = browser
            .say(format!("{head}{lengths}\r\n0\r\n\r\n{inner}").as_bytes())
            .await;
        assert!(
            statuses(&answer).len() <= 1,
            "{}",
            String::from_utf8_lossy(&answer)
        );
        let smuggled = |it: &Received| it.parameter("code") == Some("smuggled");
        assert!(!kratos.received().iter().any(smuggled));
    }
}

#[tokio::test]
async fn a_request_with_too_much_in_its_head_is_refused() {
    let (kratos, browser) = site_without_limits().await;
    let page = page_of("login", ID);
    let many: String = (0..200).map(|at| format!("x-{at}: y\r\n")).collect();
    let large = format!("x: {}\r\n", "y".repeat(30 * 1024));
    let cookies = format!("cookie: a={}\r\n", "y".repeat(30 * 1024));
    for headers in [many, large, cookies] {
        let request = format!("GET {page} HTTP/1.1\r\nhost: 127.0.0.1:3000\r\n{headers}\r\n");
        let answer = browser.say(request.as_bytes()).await;
        assert_eq!(statuses(&answer), [431]);
    }
    let target = format!(
        "GET /{} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        "x".repeat(13 * 1024)
    );
    let answer = browser.say(target.as_bytes()).await;
    assert_eq!(statuses(&answer), [414]);
    assert!(kratos.received().is_empty());
}

/// Of two hosts another server on the way may have taken the other.
#[tokio::test]
async fn a_request_without_one_host_is_refused() {
    let (kratos, browser) = site_without_limits().await;
    for (version, hosts, status) in [
        ("1.1", "", 400),
        ("1.1", "host: a\r\nhost: a\r\n", 400),
        ("1.1", "host: a\r\nHost: b\r\n", 400),
        ("1.1", "Host:\r\n", 400),
        ("1.0", "host: a\r\nhost: b\r\n", 400),
        ("1.1", "host: a\r\n", 200),
        ("1.0", "", 200),
    ] {
        let request = format!("GET /logout HTTP/{version}\r\n{hosts}connection: close\r\n\r\n");
        let answer = browser.say(request.as_bytes()).await;
        let text = String::from_utf8_lossy(&answer);
        let expected = format!("HTTP/{version} {status} ");
        assert!(text.starts_with(&expected), "{hosts:?}: {text}");
        assert!(text.contains("</html>"), "{hosts:?}: {text}");
    }
    assert!(kratos.received().is_empty());
}

/// They would stand in a log as they are.
#[tokio::test]
async fn a_control_character_in_an_address_is_refused() {
    let (kratos, browser) = site_without_limits().await;
    let rest =
        b" HTTP/1.1\r\nhost: localhost\r\nsec-fetch-site: same-origin\r\nconnection: close\r\n\r\n";
    for target in ["/login\u{7f}", "/login?x=\u{85}", "/\u{9b}31m", "/あ?い"] {
        for method in ["GET ", "POST "] {
            let request = [method.as_bytes(), target.as_bytes(), rest].concat();
            let answer = browser.say(&request).await;
            assert_eq!(statuses(&answer), [400], "{target:?}");
        }
    }
    assert!(kratos.received().is_empty());
}

/// A body that is announced or comes in parts is counted like any other, and a browser is not waited for that never sends it.
#[tokio::test]
async fn a_body_has_a_limit_however_it_comes() {
    for path in [
        CALLBACK,
        "/fragments/login?flow=90f5b905-3161-4fa3-b8c7-5014e2768ed6",
        "/fragments/logout",
    ] {
        let (kratos, browser) = site_without_limits().await;
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: 127.0.0.1:3000\r\nsec-fetch-site: same-origin\r\nconnection: close\r\n\
             content-type: application/x-www-form-urlencoded\r\n"
        );
        let large = "x".repeat(70 * 1024);
        let chunk = format!("{:x}\r\n{}\r\n", 4096, "x".repeat(4096));
        for rest in [
            format!("content-length: {}\r\n\r\n{large}", large.len()),
            format!(
                "transfer-encoding: chunked\r\n\r\n{}0\r\n\r\n",
                chunk.repeat(20)
            ),
        ] {
            let answer = browser.say(format!("{head}{rest}").as_bytes()).await;
            assert_eq!(statuses(&answer), [413], "{path}");
        }
        assert!(kratos.received().is_empty());
    }
}

/// Where Hydra's admin API is configured, no request of a browser's making reaches it either.
#[tokio::test]
async fn the_admin_api_of_hydra_is_out_of_reach() {
    let (hydra, browser) = site_with_hydra(&[]).await;
    for path in [
        "/admin/oauth2/auth/requests/consent?consent_challenge=x",
        "/self-service/../admin/clients",
        "/self-service/methods/oidc/callback/..%2f..%2f..%2f..%2fadmin%2fclients",
        "//admin/clients",
        "/%61dmin/clients",
        "/consent/../admin/clients",
    ] {
        for method in ["GET", "PUT", "DELETE"] {
            let request = format!(
                "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:3000\r\nsec-fetch-site: same-origin\r\nconnection: close\r\n\r\n"
            );
            let answer = browser.say(request.as_bytes()).await;
            assert!(matches!(*statuses(&answer), [404 | 405]), "{method} {path}");
        }
    }
    assert!(hydra.received().is_empty());
}
