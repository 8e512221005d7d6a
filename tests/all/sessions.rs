//! Who is here: `/welcome`, `/sessions`, and the guard before pages that need a session.

use serde_json::json;

use crate::support::{Answer, Recording, say, say_with, site};

const WHOAMI: &str = "GET /sessions/whoami";

#[tokio::test]
async fn the_root_leads_to_the_welcome_page() {
    let (_, browser) = site().await;
    assert_eq!(browser.get("/").await.redirects(), "/welcome");
}

#[tokio::test]
async fn strangers_are_welcomed_with_the_ways_in() {
    let (kratos, browser) = site().await;
    kratos.on(WHOAMI, "whoami_401");
    let page = browser.get("/welcome").await;
    page.is_document(200);
    assert_eq!(page.h1(), say("welcome"));
    let links = page.attrs("main a", "href");
    assert_eq!(
        links,
        ["/login", "/registration", "/recovery", "/verification"]
    );
}

#[tokio::test]
async fn who_is_signed_in_is_welcomed_by_name() {
    let (kratos, browser) = site().await;
    let mut session = Recording::read("whoami_200");
    session.body_mut()["identity"]["traits"]["nickname"] = json!("<b>太郎</b>");
    kratos.on(WHOAMI, &session);
    browser.keep("ory_kratos_session", "s");
    let page = browser.get("/welcome").await;
    page.is_document(200);
    assert_eq!(
        page.h1(),
        say_with("welcome-name", &[("name", "<b>太郎</b>")])
    );
    assert_eq!(page.count("b"), 0);
    let links = page.attrs("main a", "href");
    for link in ["/settings", "/sessions", "/logout"] {
        assert!(links.contains(&link.to_owned()), "{links:?}");
    }
    assert_eq!(
        kratos.received()[0].header("cookie"),
        Some("ory_kratos_session=s")
    );
}

#[tokio::test]
async fn an_address_that_is_not_confirmed_is_offered_to_be() {
    let (kratos, browser) = site().await;
    let mut session = Recording::read("whoami_200");
    for verified in [false, true] {
        session.body_mut()["identity"]["verifiable_addresses"][0]["verified"] = json!(verified);
        kratos.on(WHOAMI, &session);
        let page = browser.get("/welcome").await;
        let offered = page.count(r#"main a[href="/verification"]"#);
        assert_eq!(offered, usize::from(!verified));
    }
}

#[tokio::test]
async fn who_is_half_signed_in_is_led_to_the_second_factor_or_out() {
    let (kratos, browser) = site().await;
    kratos.on(WHOAMI, "whoami_403_aal2_required");
    let page = browser.get("/welcome").await;
    page.is_document(200);
    assert_eq!(page.attrs("main a", "href"), ["/login?aal=aal2", "/logout"]);
}

#[tokio::test]
async fn the_sessions_need_one() {
    let (kratos, browser) = site().await;
    kratos.on(WHOAMI, "whoami_401");
    let page = browser.get("/sessions").await;
    assert_eq!(page.redirects(), "/login?return_to=%2Fsessions");
    kratos.on(WHOAMI, "whoami_403_aal2_required");
    let page = browser.get("/sessions").await;
    assert_eq!(page.redirects(), "/login?aal=aal2&return_to=%2Fsessions");
}

#[tokio::test]
async fn the_session_of_this_device_is_shown() {
    let (kratos, browser) = site().await;
    kratos.on(WHOAMI, "whoami_200");
    let page = browser.get("/sessions").await;
    page.is_document(200);
    assert_eq!(page.h1(), say("sessions"));
    assert!(page.text("dl").unwrap().contains("a1@x.test"));
    let times = page.attrs("time", "datetime");
    assert_eq!(
        times,
        [
            "2026-11-22T22:56:45.163167908Z",
            "2026-11-23T22:56:45.163028388Z"
        ]
    );
    assert!(page.text("time").unwrap().contains("2026"));
    assert_eq!(page.count(r#"main a[href="/logout"]"#), 1);
}

#[tokio::test]
async fn a_session_with_next_to_nothing_in_it_is_shown_all_the_same() {
    let (kratos, browser) = site().await;
    for session in [
        json!({"id": "x"}),
        json!({"id": "x", "identity": {"id": "y"}, "expires_at": "soon", "devices": null}),
        json!({"id": "x", "identity": {"id": "y", "traits": "odd", "verifiable_addresses": null}}),
        json!({"id": "x", "identity": {"id": "y", "traits": {"email": ["a"], "nickname": ""}}}),
    ] {
        kratos.on(WHOAMI, Answer::json(200, &session));
        for page in ["/welcome", "/sessions"] {
            browser.get(page).await.is_document(200);
        }
    }
}

#[tokio::test]
async fn a_session_that_was_prolonged_reaches_the_browser() {
    let (kratos, browser) = site().await;
    let cookie = "ory_kratos_session=longer; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax";
    kratos.on(WHOAMI, Answer::from("whoami_200").with_cookie(cookie));
    let page = browser.get("/welcome").await;
    assert_eq!(page.set_cookies(), [cookie]);
}

#[tokio::test]
async fn nothing_of_a_session_is_kept_in_the_page() {
    let (kratos, browser) = site().await;
    let session = Recording::read("whoami_200");
    kratos.on(WHOAMI, &session);
    for page in ["/welcome", "/sessions"] {
        let page = browser.get(page).await;
        for id in ["id", "identity"] {
            let id = session.body()[id]
                .as_str()
                .or(session.body()["identity"]["id"].as_str());
            assert!(!page.body.contains(id.unwrap()));
        }
    }
}
