//! Genkan below a path of an origin that it shares.

use clap::Parser;
use genkan::config::Config;
use http::Method;

use crate::support::{
    Answer, Browser, HOWS, How, Kratos, Page, Recording, UNLIMITED, fragment_of, page_of, site_with,
};

const BASE: &str = "/auth";
const WHOAMI: &str = "GET /sessions/whoami";

async fn below() -> (Kratos, Browser) {
    let mut settings = UNLIMITED.to_vec();
    settings.push(("--base-path", BASE));
    site_with(&settings).await
}

/// The addresses on a page that begin with a slash.
fn own_addresses(page: &Page) -> Vec<String> {
    let mut own = Vec::new();
    for name in ["href", "src", "action", "hx-post", "formaction"] {
        let all = page.attrs(&format!("[{name}]"), name);
        own.extend(all.into_iter().filter(|it| it.starts_with('/')));
    }
    own
}

#[tokio::test]
async fn every_address_on_every_page_is_below_the_base() {
    let mut pages = 0;
    for recording in Recording::all("1.3.1") {
        let kind = recording.body()["request_url"].as_str().and_then(|url| {
            let (_, rest) = url.split_once("/self-service/")?;
            rest.split(['/', '?']).next().map(str::to_owned)
        });
        let Some(kind) = kind.filter(|_| recording.body()["ui"]["nodes"].is_array()) else {
            continue;
        };
        let (kratos, browser) = below().await;
        let id = kratos.has(&kind, &recording);
        kratos.on(WHOAMI, "whoami_200");
        let page = browser.get(&format!("{BASE}{}", page_of(&kind, &id))).await;
        let own = own_addresses(&page);
        for address in &own {
            assert!(
                address.starts_with("/auth/"),
                "{address} in {}",
                recording.case()
            );
        }
        if page.status == 200 {
            assert!(own.len() > 4, "{own:?}");
            pages += 1;
        }
    }
    assert!(pages > 40, "{pages} pages are not many");
    for path in [
        "/welcome",
        "/sessions",
        "/logout",
        "/error",
        "/login",
        "/nothing",
    ] {
        for who in ["whoami_200", "whoami_401"] {
            let (kratos, browser) = below().await;
            kratos.on(WHOAMI, who);
            kratos.on("GET /sessions", "sessions_list_200");
            kratos.on("GET /self-service/login/browser", "login_init_200_unified");
            let page = browser.get(&format!("{BASE}{path}")).await;
            if let Some(to) = page.header("location") {
                assert!(to.starts_with("/auth/"), "{to} from {path}");
            }
            for address in own_addresses(&page) {
                assert!(address.starts_with("/auth/"), "{address} at {path}");
            }
        }
    }
}

#[tokio::test]
async fn the_assets_of_a_page_are_there() {
    let (kratos, browser) = below().await;
    kratos.on(WHOAMI, "whoami_401");
    let page = browser.get("/auth/welcome").await;
    let mut assets = page.attrs("link[href]", "href");
    assets.extend(page.attrs("script[src]", "src"));
    assert!(assets.len() > 3, "{assets:?}");
    for asset in assets {
        assert_eq!(browser.get(&asset).await.status, 200, "{asset}");
    }
}

#[tokio::test]
async fn what_is_not_below_the_base_is_not_there() {
    let (kratos, browser) = below().await;
    kratos.on(WHOAMI, "whoami_401");
    for path in [
        "/",
        "/welcome",
        "/login",
        "/authors",
        "/auth-x/login",
        "/AUTH/login",
        "/health/alive",
    ] {
        let page = browser.get(path).await;
        page.is_document(404);
        for address in own_addresses(&page) {
            assert!(address.starts_with("/auth/"), "{address} at {path}");
        }
    }
    for path in ["/auth", "/auth/"] {
        assert_eq!(browser.get(path).await.redirects(), "/auth/welcome");
    }
    assert_eq!(browser.get("/auth/health/alive").await.status, 200);
    let change = browser.get("/auth/.well-known/change-password").await;
    assert_eq!(change.redirects(), "/auth/settings?section=password");
}

#[tokio::test]
async fn a_sign_in_stays_below_the_base_until_its_end() {
    for how in HOWS {
        let (kratos, browser) = below().await;
        kratos.on("GET /self-service/login/browser", "login_init_200_unified");
        let opened = browser.get("/auth/login?return_to=/auth/sessions").await;
        assert!(opened.redirects().starts_with("/auth/login?flow="));
        let return_to = kratos.started().parameter("return_to").map(str::to_owned);
        assert_eq!(
            return_to.as_deref(),
            Some("http://127.0.0.1:3000/auth/sessions")
        );

        let wrong = Recording::read("login_submit_400_bad_credentials");
        let id = kratos.has("login", &wrong);
        kratos.on("POST /self-service/login", &wrong);
        let fragment = format!("{BASE}{}", fragment_of("login", &id));
        let form = [
            ("method", "password"),
            ("identifier", "a"),
            ("password", "b"),
        ];
        let answer = browser.post(how, &fragment, &form).await;
        match how {
            How::Plain => assert_eq!(answer.redirects(), format!("/auth/login?flow={id}")),
            How::Htmx => {
                answer.is_fragment(422);
                let action = answer.attr("form[hx-post]", "hx-post").unwrap();
                assert!(action.starts_with(&fragment), "{action}");
            }
        }
    }
}

#[tokio::test]
async fn who_has_to_sign_in_first_comes_back_below_the_base() {
    let (kratos, browser) = below().await;
    kratos.on(WHOAMI, "whoami_401");
    let page = browser.get("/auth/sessions").await;
    assert_eq!(page.redirects(), "/auth/login?return_to=%2Fauth%2Fsessions");
}

#[tokio::test]
async fn a_provider_may_post_its_answer_below_the_base() {
    let (kratos, browser) = below().await;
    kratos.on(
        "POST /self-service/methods/oidc/callback/x",
        Answer::error(502),
    );
    let path = "/auth/self-service/methods/oidc/callback/x";
    let headers = [
        ("origin", "https://provider.example"),
        ("sec-fetch-site", "cross-site"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let answer = browser.ask(Method::POST, path, &headers).await;
    assert_eq!(answer.status, 502, "Kratos was asked");
    let elsewhere = browser
        .ask(Method::POST, "/auth/fragments/login", &headers)
        .await;
    assert_eq!(elsewhere.status, 403);
}

#[test]
fn the_base_is_that_of_the_public_url_unless_it_is_said() {
    for (settings, base, public) in [
        (
            vec!["--public-url", "https://x.example"],
            "/",
            "https://x.example/",
        ),
        (
            vec!["--public-url", "https://x.example/auth"],
            "/auth/",
            "https://x.example/auth/",
        ),
        (
            vec!["--public-url", "https://x.example/a/b/"],
            "/a/b/",
            "https://x.example/a/b/",
        ),
        (vec!["--base-path", "/"], "/", "http://localhost:3000/"),
        (
            vec!["--base-path", "auth/"],
            "/auth/",
            "http://localhost:3000/auth/",
        ),
    ] {
        let all = [&["genkan"], &settings[..]].concat();
        let config = Config::try_parse_from(&all).unwrap();
        assert_eq!(config.base().to_string(), base, "{settings:?}");
        assert_eq!(config.public().as_str(), public, "{settings:?}");
    }
    for wrong in [
        "//",
        "/a//b",
        "/..",
        "/a/./b",
        "/a?b",
        "/a#b",
        "/a b",
        "/%61",
        "/ä",
        "https://x.example/",
    ] {
        let config = Config::try_parse_from(["genkan", "--base-path", wrong]);
        let told = config.unwrap_err().to_string();
        assert!(told.contains("--base-path"), "{wrong}: {told}");
    }
}
