//! Where a browser is sent: whatever a link asks for and whatever Kratos answers, it ends on an origin that it may go to.
//! Addresses are read here as browsers read them (WHATWG, by the crate `url`), from the page that somebody is on.

use std::cell::Cell;

use genkan::base::Base;
use genkan::destination::{Destination, Origins};
use genkan::origin::ReturnOrigin;
use http::HeaderValue;
use http::header::LOCATION;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;
use url::Url;

use crate::support::{
    Answer, Browser, HOWS, How, KRATOS, Kratos, PUBLIC, Page, Recording, UNLIMITED, always,
    fragment_of, site_with,
};

/// The one other origin that the operator of these tests allows.
const APP: &str = "https://app.example";
const ID: &str = "90f5b905-3161-4fa3-b8c7-5014e2768ed6";

fn settings() -> Vec<(&'static str, &'static str)> {
    let own = ("--allowed-return-origins", APP);
    UNLIMITED.into_iter().chain([own]).collect()
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn app() -> ReturnOrigin {
    ReturnOrigin::try_from(url(APP)).unwrap()
}

fn origins() -> Origins {
    let kratos = Some(url(KRATOS));
    Origins::new(&url(PUBLIC), Base::default(), kratos, &[app()])
}

/// Addresses as attackers write them: from parts that are known to be read in more than one way, with characters put in
/// that some readers leave out, and anything at all.
fn addresses() -> impl Strategy<Value = String> {
    let lead = select(vec![
        "", "", "", " ", "\t", "\n", "\0", "\u{1}", "\u{feff}", "\u{a0}", ".", "..", "@",
    ]);
    let scheme = select(vec![
        "",
        "",
        "",
        "http:",
        "https:",
        "HTTP:",
        "HtTpS:",
        "http\t:",
        "h\nttps:",
        "javascript:",
        "JaVaScRiPt:",
        "java\nscript:",
        "data:",
        "vbscript:",
        "file:",
        "ftp:",
        "blob:http:",
        "ws:",
        "about:",
        "view-source:",
        "mailto:",
        "intent:",
        "filesystem:http:",
        "\u{ff48}ttp:",
        "http%3a",
    ]);
    let slashes = select(vec![
        "",
        "/",
        "//",
        "//",
        "//",
        "///",
        "////",
        "\\",
        "\\\\",
        "/\\",
        "\\/",
        "/\t/",
        "/\n\\",
        "/ /",
        "%2f%2f",
        "/%2f",
        "/%5c",
        "/.//",
        "/..//",
        "\u{ff0f}\u{ff0f}",
        "/;/",
        "/?/",
    ]);
    let user = select(vec![
        "",
        "",
        "",
        "127.0.0.1:3000@",
        "app.example@",
        "user:pass@",
        "@",
        ":@",
        "127.0.0.1%3a3000@",
        "app.example\\@",
        "app.example#@",
        "app.example?@",
        "app.example%40",
    ]);
    let host = select(vec![
        "",
        "evil.test",
        "evil.test",
        "127.0.0.1",
        "127.0.0.1",
        "127.0.0.1.evil.test",
        "app.example",
        "app.example",
        "app.example.",
        "APP.Example",
        "app.example.evil.test",
        "evilapp.example",
        "app.example%2eevil.test",
        "app.example%00.evil.test",
        "0x7f.1",
        "2130706433",
        "0177.0.0.1",
        "127。0。0。1",
        "１２７.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::1",
        "evil。test",
        "ｅｖｉｌ.test",
        "app．example",
        "xn--",
        "xn--a",
        "ａpp.example",
        "аpp.example",
        "app\u{ad}.example",
        "app.\u{200d}example",
        "localhost",
        "127.1",
    ]);
    let port = select(vec![
        "",
        "",
        "",
        ":3000",
        ":3000",
        ":03000",
        ":4533",
        ":443",
        ":80",
        ":0",
        ":65536",
        ":",
        ":３０００",
        ":3000:80",
        ":-1",
    ]);
    let tail = select(vec![
        "",
        "",
        "/",
        "/welcome",
        "/settings?flow=x",
        "/self-service/logout?token=x",
        "/self-service/./logout?token=x",
        "/x/../self-service/recovery?flow=1&token=2",
        "/%73elf-service/logout?token=x",
        "/self-service%2flogout",
        "/SELF-SERVICE/logout?token=x",
        "/self-service/login/browser",
        "/self-service/login/browser?aal=aal2",
        "/self-service/methods/oidc/callback/x?code=1",
        "/self-service/methods/oidc/callback/..%2f..%2flogout",
        "/self-service/methods/oidc/callback/../../../logout",
        "/self-service/settings?flow=90f5b905-3161-4fa3-b8c7-5014e2768ed6",
        "/self-service/settings?flow=x&x=y",
        "/fragments/logout",
        "/%66ragments/logout",
        "/.well-known/x",
        "/%2ewell-known/x",
        "//evil.test",
        "/\\evil.test",
        "/..//evil.test",
        "/%2e%2e//evil.test",
        "/%2f/evil.test",
        "/%5cevil.test",
        "?x=//evil.test",
        "#//evil.test",
        "#@evil.test",
        "\\..\\x",
        ";x",
        "/ ",
        "/\u{202e}",
        "/%00",
        "/\r\nSet-Cookie: a=b",
        "/%0d%0aset-cookie:a=b",
    ]);
    let from_parts = (lead, scheme, slashes, user, host, port, tail).prop_map(
        |(lead, scheme, slashes, user, host, port, tail)| {
            format!("{lead}{scheme}{slashes}{user}{host}{port}{tail}")
        },
    );
    let odd = prop_oneof![
        select(vec![
            '\t', '\n', '\r', ' ', '/', '\\', '@', '%', '#', '?', ':', '.', '\0', '。', '\u{ad}'
        ]),
        any::<char>(),
    ];
    let disturbed =
        (from_parts.clone(), any::<proptest::sample::Index>(), odd).prop_map(|(text, at, odd)| {
            let mut all: Vec<char> = text.chars().collect();
            all.insert(at.index(all.len() + 1), odd);
            all.into_iter().collect()
        });
    let long = (
        from_parts.clone(),
        1_000..20_000_usize,
        select(vec!["a", "/", "../", "%2e", "."]),
    )
        .prop_map(|(text, length, fill)| format!("{text}/{}", fill.repeat(length / fill.len())));
    prop_oneof![6 => from_parts, 3 => disturbed, 1 => any::<String>(), 1 => long]
}

/// Whether a page of ours does more than show itself when it is opened; read as the most generous server would.
fn presses_a_button(url: &Url) -> bool {
    let path: String = percent_encoding::percent_decode_str(url.path())
        .decode_utf8_lossy()
        .replace('\\', "/");
    let starts_or_goes_on = |path: &str| {
        let begins = [
            "login",
            "registration",
            "recovery",
            "verification",
            "settings",
        ]
        .map(|kind| format!("/self-service/{kind}/browser"));
        let names_flow_only = url
            .query_pairs()
            .all(|(name, _)| matches!(&*name, "flow" | "section"));
        begins.iter().any(|it| it == path) || path == "/self-service/settings" && names_flow_only
    };
    let hidden = ["/self-service", "/fragments", "/.well-known"];
    path.contains("//")
        || (hidden.iter().any(|it| path.starts_with(it)) && !starts_or_goes_on(url.path()))
}

/// Where a browser ends that is on a page of ours, or nowhere.
fn end_of(text: &str) -> Option<Url> {
    url(PUBLIC).join("/login").unwrap().join(text).ok()
}

fn is_own(url: &Url) -> bool {
    url.origin() == self::url(PUBLIC).origin()
}

/// Holds a place that a link asked for to be one that links may ask for.
#[track_caller]
fn may_be_asked_for(end: &Url) {
    let of_kratos = end.origin() == url(KRATOS).origin();
    let listed = end.origin() == url(APP).origin();
    assert!(is_own(end) || of_kratos || listed, "{end}");
    assert_eq!((end.username(), end.password()), ("", None), "{end}");
    assert!(listed || !presses_a_button(end), "{end}");
}

/// Holds a place that Kratos named to be one that a browser may open: another site by http(s), or a page of ours that
/// does no more than show itself or take a provider's answer.
#[track_caller]
fn may_be_gone_to(end: &Url) {
    assert!(matches!(end.scheme(), "http" | "https"), "{end}");
    assert_eq!((end.username(), end.password()), ("", None), "{end}");
    assert_ne!(end.origin(), url(KRATOS).origin(), "{end}");
    if is_own(end)
        && !end
            .path()
            .starts_with("/self-service/methods/oidc/callback")
    {
        assert!(!presses_a_button(end), "{end}");
    }
    for (name, value) in end.query_pairs() {
        if is_own(end) && name.ends_with("return_to") {
            may_be_asked_for(&end_of(&value).unwrap());
        }
    }
}

/// Holds a fact against made-up addresses.
fn of_every_address(fact: impl AsyncFn(&Origins, String)) {
    always(file!(), 10_000, async || origins(), addresses(), fact);
}

#[test]
fn a_return_to_leads_to_an_allowed_origin_or_nowhere() {
    let (taken, refused) = (Cell::new(0), Cell::new(0));
    of_every_address(async |origins, text| {
        let Some(end) = origins.return_to(&text) else {
            refused.set(refused.get() + 1);
            return;
        };
        taken.set(taken.get() + 1);
        assert_eq!(
            url(PUBLIC).join(&text).ok().as_ref(),
            Some(&end),
            "what was checked is where the browser goes"
        );
        may_be_asked_for(&end);
        assert!(HeaderValue::from_str(end.as_str()).is_ok(), "{end}");
        assert_eq!(
            origins.return_to(end.as_str()),
            Some(end),
            "it is the same the second time"
        );
    });
    assert!(
        taken.get() > 250 && refused.get() > 2_500,
        "{taken:?} {refused:?}"
    );
}

#[test]
fn below_a_base_a_return_to_presses_no_button_either() {
    let below = async || {
        let kratos = Some(url(KRATOS));
        Origins::new(&url(PUBLIC), "/auth".parse().unwrap(), kratos, &[app()])
    };
    let (taken, refused) = (Cell::new(0), Cell::new(0));
    let starts = select(vec!["/auth", "/auth/", "/AUTH", "/%61uth", "/auth/..", ""]);
    let addresses = (starts, addresses()).prop_map(|(start, address)| [start, &address].concat());
    always(file!(), 10_000, below, addresses, async |origins, text| {
        let Some(mut end) = origins.return_to(&text) else {
            refused.set(refused.get() + 1);
            return;
        };
        taken.set(taken.get() + 1);
        let is_listed = end.origin() == url(APP).origin();
        let is_kratos = end.origin() == url(KRATOS).origin();
        assert!(is_own(&end) || is_listed || is_kratos, "{end}");
        if is_own(&end) {
            let path = end.path().to_owned();
            let stripped = path.strip_prefix("/auth").or(path.strip_prefix("/%61uth"));
            let stripped = stripped.or(path.strip_prefix("/AUTH"));
            if let Some(path) = stripped.filter(|path| path.starts_with('/')) {
                end.set_path(path);
            }
            assert!(!presses_a_button(&end), "{text} is {end}");
        }
    });
    assert!(
        taken.get() > 250 && refused.get() > 1_000,
        "{taken:?} {refused:?}"
    );
}

#[test]
fn an_answer_of_kratos_leads_to_a_page_or_another_site_by_http() {
    let (own, outside) = (Cell::new(0), Cell::new(0));
    of_every_address(async |origins, text| {
        let Some(to) = origins.from_kratos(&text) else {
            return;
        };
        let written = to.under(origins.base());
        assert!(HeaderValue::from_str(&written).is_ok(), "{written}");
        let end = end_of(&written).unwrap();
        may_be_gone_to(&end);
        match to {
            Destination::Own(path) => {
                own.set(own.get() + 1);
                assert!(is_own(&end), "{path} leads to {end}");
            }
            Destination::Outside(url) => {
                outside.set(outside.get() + 1);
                assert!(!is_own(&end) && end == url, "{url}");
                assert_eq!(end_of(&text), Some(url), "{text}");
            }
            Destination::Page(_)
            | Destination::Flow(_)
            | Destination::FlowFor { .. }
            | Destination::Begin { .. }
            | Destination::SignIn { .. } => {
                panic!("{text} is {to:?}")
            }
        }
    });
    assert!(
        own.get() > 250 && outside.get() > 250,
        "{own:?} {outside:?}"
    );
}

/// The places to which an answer sends a browser, or offers to.
fn ways_out(page: &Page) -> Vec<String> {
    let headers = [LOCATION.as_str(), "hx-redirect"].into_iter();
    let mut all: Vec<String> = headers
        .filter_map(|name| page.headers.get(name))
        .map(|value| value.to_str().unwrap().to_owned())
        .collect();
    // The page that leads on where a form may not.
    let refresh = page.attrs(r#"meta[http-equiv="refresh"]"#, "content");
    all.extend(
        refresh
            .iter()
            .map(|it| it.strip_prefix("0;url=").unwrap().to_owned()),
    );
    all.extend(page.attrs("#panel a", "href"));
    all
}

/// One way in which an address of Kratos' comes to a browser.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// The answer to a form: the browser has to go elsewhere.
    Leave(&'static str),
    /// The next step after a form.
    Next(&'static str),
    /// The next step of a form that failed.
    NextOfError,
    /// The way to confirm a change.
    Refresh(&'static str),
    /// A redirect as the answer to JSON.
    Redirect(&'static str),
    /// A redirect as the answer to a path that is passed on.
    Relayed(&'static str),
    /// Where a flow that has expired was to lead.
    Expired,
    /// Where a flow is to lead.
    Flow,
}

const WAYS: [Way; 13] = [
    Way::Leave("login"),
    Way::Leave("registration"),
    Way::Leave("recovery"),
    Way::Next("login"),
    Way::Next("registration"),
    Way::NextOfError,
    Way::Refresh("login"),
    Way::Redirect("login"),
    Way::Redirect("settings"),
    Way::Relayed("/self-service/login/browser"),
    Way::Relayed("/self-service/methods/oidc/callback/x"),
    Way::Expired,
    Way::Flow,
];

impl Way {
    /// What the browser gets. `None` where no HTTP can say it.
    async fn go(self, kratos: &Kratos, browser: &Browser, how: How, to: &str) -> Option<Page> {
        let post = async |kind: &str, answer: Answer| {
            kratos.on(&format!("POST /self-service/{kind}"), answer);
            let form = [("method", "password"), ("email", "a@x.test")];
            browser.post(how, &fragment_of(kind, ID), &form).await
        };
        let located = || {
            let to = HeaderValue::from_bytes(to.as_bytes()).ok()?;
            Some(Answer::text(303, "text/html", "").with_value(LOCATION, to))
        };
        let steps = json!([{"action": "redirect_browser_to", "redirect_browser_to": to}]);
        Some(match self {
            Self::Leave(kind) => {
                let error = json!({"id": "browser_location_change_required", "code": 422});
                let body = json!({"error": error, "redirect_browser_to": to});
                post(kind, Answer::json(422, &body)).await
            }
            Self::Next(kind) => {
                let session = Recording::read("whoami_200");
                let body = json!({"session": session.body(), "continue_with": steps});
                post(kind, Answer::json(200, &body)).await
            }
            Self::NextOfError => {
                let error = json!({"code": 400, "details": {"continue_with": steps}});
                post("recovery", Answer::json(400, &json!({"error": error}))).await
            }
            Self::Refresh(kind) => {
                let error = json!({"id": "session_refresh_required", "code": 403});
                let body = json!({"error": error, "redirect_browser_to": to});
                post(kind, Answer::json(403, &body)).await
            }
            Self::Redirect(kind) => post(kind, located()?).await,
            Self::Relayed(path) => {
                kratos.on(&format!("GET {path}"), located()?);
                browser.get(path).await
            }
            Self::Expired => {
                kratos.on("GET /self-service/login/browser", "login_init_200_unified");
                let error = json!({"code": 410, "details": {"return_to": to}});
                let page = post("login", Answer::json(410, &json!({"error": error}))).await;
                let asked = kratos.received().pop().unwrap();
                for (name, value) in asked.query {
                    assert_eq!(name, "return_to");
                    may_be_asked_for(&end_of(&value).unwrap());
                }
                page
            }
            Self::Flow => {
                let mut flow = Recording::read("login_submit_400_bad_credentials");
                flow.body_mut()["id"] = ID.into();
                flow.body_mut()["return_to"] = to.into();
                let page = post("login", Answer::from(&flow)).await;
                for action in page.attrs("form", "action") {
                    let errand = end_of(&action).unwrap();
                    for (name, value) in errand.query_pairs() {
                        if name == "return_to" {
                            may_be_asked_for(&end_of(&value).unwrap());
                        }
                    }
                }
                page
            }
        })
    }
}

#[test]
fn no_answer_of_kratos_sends_a_browser_astray() {
    let gone = Cell::new(0);
    let made_up = (select(&WAYS[..]), select(&HOWS[..]), addresses());
    let set_up = async || site_with(&settings()).await;
    always(
        file!(),
        600,
        set_up,
        made_up,
        async |(kratos, browser), (way, how, to)| {
            kratos.forget();
            browser.clear();
            let Some(page) = way.go(kratos, browser, how, &to).await else {
                return;
            };
            assert!(page.status != 500, "{}", page.body);
            for out in ways_out(&page) {
                gone.set(gone.get() + 1);
                may_be_gone_to(&end_of(&out).unwrap());
            }
        },
    );
    assert!(gone.get() > 100, "{gone:?}");
}

/// What Kratos says of the one who comes with a link.
const MOODS: [(&str, &str, &str); 5] = [
    ("login", "login_init_200_unified", "whoami_401"),
    ("login", "login_init_400_already_logged_in", "whoami_200"),
    ("login", "login_init_401_aal1_required", "whoami_401"),
    (
        "registration",
        "registration_init_400_already_logged_in",
        "whoami_200",
    ),
    ("settings", "settings_init_200", "whoami_200"),
];

/// The pages that a link can lead to.
const PAGES: [&str; 14] = [
    "/",
    "/login",
    "/registration",
    "/recovery",
    "/verification",
    "/settings",
    "/welcome",
    "/sessions",
    "/logout",
    "/verify",
    "/fragments/login",
    "/self-service/login/browser",
    "/self-service/registration/browser",
    "/self-service/logout/browser",
];

#[test]
fn no_link_sends_a_browser_astray() {
    let gone = Cell::new(0);
    let name = select(vec![
        "return_to",
        "return_to",
        "after_verification_return_to",
        "flow",
        "section",
        "login_challenge",
    ]);
    let made_up = (select(&MOODS[..]), select(&PAGES[..]), name, addresses());
    always(
        file!(),
        600,
        async || site_with(&settings()).await,
        made_up,
        async |(kratos, browser), ((kind, start, whoami), path, name, to)| {
            kratos.forget();
            browser.clear();
            kratos.on(&format!("GET /self-service/{kind}/browser"), start);
            kratos.on("GET /sessions/whoami", whoami);
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair(name, &to)
                .finish();
            let page = browser.get(&format!("{path}?{query}")).await;
            assert!(page.status != 500, "{}", page.body);
            for out in ways_out(&page) {
                gone.set(gone.get() + 1);
                let end = end_of(&out).unwrap();
                assert!(is_own(&end) || end.origin() == url(APP).origin(), "{end}");
                // The address of the page goes along to it, where it is read again.
                if path != "/verify" && path != "/fragments/login" {
                    may_be_gone_to(&end);
                }
            }
            for asked in kratos.received() {
                for (name, value) in asked.query {
                    if name.ends_with("return_to") {
                        may_be_asked_for(&url(&value));
                    }
                }
            }
        },
    );
    assert!(gone.get() > 300, "{gone:?}");
}
