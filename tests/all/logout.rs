//! Sign-out: only by a POST of ours.

use http::Method;

use crate::support::{Answer, HOWS, How, Recording, page_of, say, site, site_without_kratos};

const INIT: &str = "GET /self-service/logout/browser";
const OUT: &str = "GET /self-service/logout";

#[tokio::test]
async fn the_page_has_a_button_and_signs_nobody_out() {
    let (kratos, browser) = site().await;
    let page = browser.get("/logout").await;
    page.is_document(200);
    assert_eq!(page.h1(), say("logout"));
    assert_eq!(
        page.attr("form", "action").as_deref(),
        Some("/fragments/logout")
    );
    assert_eq!(page.attr("form", "method").as_deref(), Some("post"));
    assert_eq!(page.count("form button[type=submit]"), 1);
    assert!(kratos.received().is_empty());
}

#[tokio::test]
async fn the_button_signs_out_and_says_so_on_the_sign_in_page() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        browser.keep("ory_kratos_session", "old");
        kratos
            .on(INIT, "logout_init_200")
            .on(OUT, "logout_submit_204");
        let out = Recording::read("logout_submit_204");

        let page = browser.post(how, "/fragments/logout", &[]).await;

        assert_eq!(page.leads(how), "/login");
        assert_eq!(browser.cookie("ory_kratos_session"), None);
        let cookies = page.set_cookies();
        assert_eq!(cookies[..2], out.set_cookies());
        assert!(cookies[2].starts_with("genkan_flash="));
        let asked = kratos.received_on(&Method::GET, "/self-service/logout");
        assert_eq!(asked[0].parameter("token"), Some("example-logout-token-1"));

        let id = kratos.has_flow("login", "login_init_200_unified");
        let page = browser.get(&page_of("login", &id)).await;
        page.is_document(200);
        assert_eq!(page.text("#notice"), Some(say("flash-signed-out")));
        let again = browser.get(&page_of("login", &id)).await;
        assert_eq!(again.count("#notice"), 0, "it is said once");
    }
}

#[tokio::test]
async fn the_body_of_the_button_may_be_empty_and_untyped() {
    let (kratos, browser) = site().await;
    kratos
        .on(INIT, "logout_init_200")
        .on(OUT, "logout_submit_204");
    let page = browser
        .post_body(How::Plain, "/fragments/logout", "", &[("content-type", "")])
        .await;
    assert_eq!(page.redirects(), "/login");
}

#[tokio::test]
async fn who_is_signed_out_already_is_signed_out() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        kratos.on(INIT, "logout_init_401");
        assert_eq!(
            browser.post(how, "/fragments/logout", &[]).await.leads(how),
            "/login"
        );
        kratos
            .on(INIT, "logout_init_200")
            .on(OUT, "logout_submit_401_again");
        assert_eq!(
            browser.post(how, "/fragments/logout", &[]).await.leads(how),
            "/login"
        );
    }
}

#[tokio::test]
async fn a_token_of_an_older_session_is_asked_for_once_more_and_then_given_up() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        kratos.on(INIT, "logout_init_200");
        kratos.on_each(
            OUT,
            ["logout_submit_403_bad_token", "logout_submit_204"].map(Answer::from),
        );
        assert_eq!(
            browser.post(how, "/fragments/logout", &[]).await.leads(how),
            "/login"
        );
        assert_eq!(kratos.received().len(), 4);

        kratos.on(OUT, "logout_submit_403_bad_token");
        let page = browser.post(how, "/fragments/logout", &[]).await;
        assert_eq!(page.status, 502);
        assert_eq!(kratos.received().len(), 8, "it does not go on for ever");
    }
}

#[tokio::test]
async fn another_site_cannot_press_the_button() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let foreign = [
            ("origin", "https://evil.test"),
            ("sec-fetch-site", "cross-site"),
        ];
        let page = browser
            .post_with(how, "/fragments/logout", &[], &foreign)
            .await;
        assert_eq!(page.status, 403);
        assert_eq!(page.h1(), say("error-origin"));
        assert!(kratos.received().is_empty());
    }
}

#[tokio::test]
async fn without_kratos_nobody_is_told_to_be_signed_out() {
    for how in HOWS {
        let browser = site_without_kratos().await;
        let page = browser.post(how, "/fragments/logout", &[]).await;
        assert_eq!(page.status, 503);
        assert_eq!(browser.cookie("genkan_flash"), None);
    }
}
