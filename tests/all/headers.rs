//! The headers that keep pages safe, byte for byte, on answers of every kind, and no others.

use std::collections::BTreeMap;

use http::Method;
use serde_json::json;

use crate::support::{
    Answer, Browser, HOWS, How, Kratos, PUBLIC, Page, Recording, fragment_of, page_of, site_with,
    site_without_kratos,
};

const TLS: [(&str, &str); 1] = [("--public-url", "https://id.example")];

/// Headers that are about the answer itself, where it has them.
const OF_THE_ANSWER: [&str; 14] = [
    "allow",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "hx-redirect",
    "location",
    "retry-after",
    "set-cookie",
    "transfer-encoding",
    "x-genkan",
    "x-request-id",
    "x-ui-fragment",
    "x-ui-message",
];

/// What every answer says to a browser. What lasts says something else of how long it is kept.
fn safe(tls: bool, images: &str, nonce: &str) -> BTreeMap<&'static str, String> {
    let upgrade = if tls {
        "; upgrade-insecure-requests"
    } else {
        ""
    };
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src {images}; font-src 'self'; \
         connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types htmx{upgrade}"
    );
    let permissions = "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), \
                       geolocation=(), payment=(), usb=()";
    let mut all = BTreeMap::from([
        ("content-security-policy", policy.as_str()),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("permissions-policy", permissions),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("origin-agent-cluster", "?1"),
        ("cache-control", "no-store"),
        ("vary", "HX-Request, Accept-Language, Cookie"),
        ("x-robots-tag", "noindex"),
    ]);
    if tls {
        all.insert(
            "strict-transport-security",
            "max-age=63072000; includeSubDomains",
        );
    }
    all.into_iter()
        .map(|(name, value)| (name, value.to_owned()))
        .collect()
}

/// The number that makes scripts of this answer run.
fn nonce(page: &Page) -> String {
    let policy = page.header("content-security-policy").unwrap();
    let (_, rest) = policy.split_once("'nonce-").unwrap();
    rest.split('\'').next().unwrap().to_owned()
}

/// Holds the headers of an answer to be exactly these, each once.
#[track_caller]
fn has_exactly(page: &Page, wanted: &BTreeMap<&str, String>, what: &str) {
    let mut had = BTreeMap::new();
    for (name, value) in &page.headers {
        if !OF_THE_ANSWER.contains(&name.as_str()) {
            let twice = had.insert(name.as_str(), value.to_str().unwrap().to_owned());
            assert_eq!(twice, None, "{name} of {what}");
        }
    }
    assert_eq!(&had, wanted, "{what}");
}

#[track_caller]
fn is_safe(page: &Page, status: u16, tls: bool, what: &str) {
    assert_eq!(page.status, status, "{what}: {}", page.body);
    let nonce = nonce(page);
    assert!(nonce.len() >= 24, "144 bits: {nonce}");
    has_exactly(page, &safe(tls, "'self'", &nonce), what);
    for used in page
        .attrs("script", "nonce")
        .iter()
        .chain(&page.attrs("[hx-nonce]", "hx-nonce"))
    {
        assert_eq!(used, &nonce, "{what}");
    }
}

/// The status that a post has, where it goes, what a field of it holds, and what headers it comes with.
type Posted<'a> = (u16, String, &'a str, &'a [(&'a str, &'a str)]);

/// Answers of every status that there is, each with what it is. Those that a limit gives are tested beside the limits.
async fn answers(kratos: &Kratos, browser: &Browser, origin: &str) -> Vec<(u16, String, Page)> {
    let here = [("origin", origin)];
    let failed = Recording::read("login_submit_400_bad_credentials");
    let login = kratos.has("login", &failed);
    let settings = kratos.has_flow("settings", "settings_init_200");
    let started = Recording::read("login_init_200_unified");
    kratos.on("POST /self-service/login", &failed);
    kratos.on("POST /self-service/settings", Answer::too_many("7"));
    kratos.on("GET /sessions/whoami", "whoami_401");
    kratos.on("GET /self-service/login/browser", &started);
    kratos.on("GET /self-service/logout/browser", "logout_init_200");
    let script = Answer::text(200, "text/javascript", "x");
    kratos.on("GET /.well-known/ory/webauthn.js", script);
    let away = json!({"error": {"id": "browser_location_change_required"},
                      "redirect_browser_to": "https://idp.test/"});
    kratos.on("POST /self-service/registration", Answer::json(422, &away));
    let html = Answer::text(200, "text/html", "<p>not for people</p>");
    kratos.on("GET /self-service/recovery/browser", html);
    let problem = json!({"id": login, "error": {"code": 500, "message": "x"}});
    kratos.on("GET /self-service/errors", Answer::json(200, &problem));
    let callback = Answer::redirect("/settings");
    kratos.on("GET /self-service/methods/oidc/callback/x", callback);

    let mut all = Vec::new();
    let gets: [(u16, &str); 22] = [
        (200, &page_of("login", &login)),
        (200, &page_of("settings", &settings)),
        (200, "/logout"),
        (200, "/health/alive"),
        (200, "/.well-known/ory/webauthn.js"),
        (200, "/self-service/logout/browser"),
        (303, "/"),
        (303, "/login"),
        (303, "/sessions"),
        (200, "/welcome"),
        (303, "/verify"),
        (303, "/fragments/login"),
        (303, "/.well-known/change-password"),
        (303, "/self-service/methods/oidc/callback/x"),
        (404, "/nothing"),
        (404, "/error"),
        (404, "/assets/nothing.js"),
        (404, "/self-service/x"),
        (404, "/.well-known/nothing"),
        (500, "/error?id=stub:500"),
        (502, "/self-service/recovery/browser"),
        (503, "/health/ready"),
    ];
    for (status, path) in gets {
        all.push((status, format!("GET {path}"), browser.get(path).await));
    }
    let prefetch = [("sec-purpose", "prefetch")];
    let page = browser.get_with("/login", &prefetch).await;
    all.push((503, "a prefetch".to_owned(), page));
    let page = browser.ask(Method::HEAD, "/login", &[]).await;
    all.push((200, "HEAD /login".to_owned(), page));
    let foreign = [
        ("origin", "https://evil.test"),
        ("sec-fetch-site", "cross-site"),
    ];
    let large = "x".repeat(70 * 1024);
    for how in HOWS {
        let leads = match how {
            How::Htmx => 200,
            How::Plain => 303,
        };
        let shows = match how {
            How::Htmx => 422,
            How::Plain => 303,
        };
        let posts: [Posted<'_>; 9] = [
            (shows, fragment_of("login", &login), "a", &[]),
            (leads, fragment_of("login", "x"), "a", &[]),
            (200, fragment_of("registration", &login), "a", &[]),
            (
                400,
                fragment_of("login", &login),
                "a",
                &[("content-type", "text/plain")],
            ),
            (403, fragment_of("login", &login), "a", &foreign),
            (404, "/nothing".to_owned(), "a", &[]),
            (405, "/login".to_owned(), "a", &[]),
            (413, fragment_of("login", &login), &large, &[]),
            (429, fragment_of("settings", &settings), "a", &[]),
        ];
        for (status, path, value, headers) in posts {
            let form = [("identifier", value)];
            let headers = [&here, headers].concat();
            let page = browser.post_with(how, &path, &form, &headers).await;
            all.push((status, format!("{how:?} {path}"), page));
        }
        let page = browser
            .post_with(
                how,
                &fragment_of("verification", &login),
                &[("email", "a@x.test")],
                &here,
            )
            .await;
        all.push((502, format!("{how:?}, a broken Kratos"), page));
    }
    all
}

#[tokio::test]
async fn every_answer_has_exactly_the_headers_that_keep_it_safe() {
    for tls in [false, true] {
        let settings = if tls { &TLS[..] } else { &[] };
        let (kratos, browser) = site_with(settings).await;
        let mut nonces = Vec::new();
        let origin = if tls { TLS[0].1 } else { PUBLIC };
        for (status, what, page) in answers(&kratos, &browser, origin).await {
            is_safe(&page, status, tls, &what);
            nonces.push(nonce(&page));
        }
        let count = nonces.len();
        assert!(count > 40, "{count}");
        nonces.sort();
        nonces.dedup();
        assert_eq!(nonces.len(), count, "each answer has a number of its own");
    }
}

#[tokio::test]
async fn without_kratos_too() {
    let browser = site_without_kratos().await;
    for path in [
        "/login",
        "/welcome",
        "/self-service/login/browser",
        "/error?id=stub:500",
    ] {
        is_safe(&browser.get(path).await, 503, false, path);
    }
    for how in HOWS {
        let id = Recording::read("login_init_200_unified").id();
        let page = browser
            .post(how, &fragment_of("login", &id), &[("a", "b")])
            .await;
        is_safe(&page, 503, false, "a form");
    }
}

/// A page with a picture that Kratos sent in the page itself, for an app to scan, may show it. No other may.
#[tokio::test]
async fn only_the_page_with_a_picture_in_it_may_show_one() {
    let (kratos, browser) = site_with(&[]).await;
    let id = kratos.has_flow("settings", "settings_init_200");
    let page = page_of("settings", &id);
    let with = browser.get(&format!("{page}&section=totp")).await;
    assert_eq!(with.count(r#"img[src^="data:image/"]"#), 1);
    has_exactly(
        &with,
        &safe(false, "'self' data:", &nonce(&with)),
        "with a picture",
    );
    let without = browser.get(&format!("{page}&section=password")).await;
    is_safe(&without, 200, false, "without");
}

#[tokio::test]
async fn a_file_that_lasts_has_them_too() {
    for tls in [false, true] {
        let settings = if tls { &TLS[..] } else { &[] };
        let (_, browser) = site_with(settings).await;
        let page = browser.get("/logout").await;
        let mut assets = page.attrs("script", "src");
        assets.extend(page.attrs("link", "href"));
        assert_eq!(assets.len(), 4);
        for asset in assets {
            let page = browser.get(&asset).await;
            assert_eq!(page.status, 200, "{asset}");
            let mut wanted = safe(tls, "'self'", &nonce(&page));
            wanted.insert(
                "cache-control",
                "public, max-age=31536000, immutable".to_owned(),
            );
            wanted.insert("vary", "Accept-Encoding".to_owned());
            has_exactly(&page, &wanted, &asset);
        }
    }
}
