//! Sign-out: only by a POST of ours.

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    Answer, Browser, HOWS, How, Kratos, Recording, page_of, say, say_with, site, site_with_hydra,
    site_without_kratos,
};

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

const ASKED: &str = "GET /admin/oauth2/auth/requests/logout";
const ACCEPT: &str = "/admin/oauth2/auth/requests/logout/accept";
const REJECT: &str = "/admin/oauth2/auth/requests/logout/reject";
const CHALLENGE: (&str, &str) = ("logout_challenge", "8a9a08ad-b48c-467c-b9d3-929ae4d80632");
const PAGE: &str = "/logout?logout_challenge=8a9a08ad-b48c-467c-b9d3-929ae4d80632";

/// A Hydra that asks for the sign-out of who is signed in.
async fn asked(name: &str, change: impl FnOnce(&mut Value)) -> (Kratos, Browser) {
    let (kratos, browser) = site_with_hydra(&[]).await;
    let mut sign_out = Recording::read(&format!("hydra-admin/{name}"));
    change(sign_out.body_mut());
    let mut session = Recording::read("whoami_200");
    session.body_mut()["identity"]["id"] = sign_out.body()["subject"].clone();
    kratos
        .on("GET /sessions/whoami", &session)
        .on(INIT, "logout_init_200")
        .on(OUT, "logout_submit_204")
        .on(ASKED, &sign_out)
        .on(&format!("PUT {ACCEPT}"), "hydra-admin/logout_accept_200")
        .on(&format!("PUT {REJECT}"), "hydra-admin/logout_reject_204");
    browser.keep("ory_kratos_session", "s");
    (kratos, browser)
}

/// How often each was heard: the end of the session, Hydra's yes, Hydra's no.
fn heard(kratos: &Kratos) -> [usize; 3] {
    let count = |method, path| kratos.received_on(&method, path).len();
    [
        count(Method::GET, "/self-service/logout"),
        count(Method::PUT, ACCEPT),
        count(Method::PUT, REJECT),
    ]
}

#[tokio::test]
async fn an_application_that_asks_for_a_sign_out_is_named_and_signs_nobody_out() {
    let (kratos, browser) = asked("logout_get_200", |_| {}).await;
    let page = browser.get(PAGE).await;
    page.is_document(200);
    assert_eq!(page.h1(), say("logout"));
    let who = say_with("logout-application", &[("client", "Demo App")]);
    assert!(page.texts("#panel p").contains(&who));
    let buttons = [say("logout-submit"), say("logout-stay")];
    assert_eq!(page.texts("form button"), buttons);
    assert_eq!(page.count("[hx-post]"), 0);
    assert!(!page.body.contains("example-id-token-1"));
    assert_eq!(heard(&kratos), [0, 0, 0]);

    let (_, browser) = asked("logout_get_200_of_hydra", |_| {}).await;
    let page = browser.get(PAGE).await;
    page.is_document(200);
    assert_eq!(page.texts("form button"), buttons);
    assert_eq!(page.texts("#panel > p"), [say("logout-lead")]);
}

#[tokio::test]
async fn a_yes_ends_the_session_here_and_goes_on_to_hydra() {
    for how in HOWS {
        let (kratos, browser) = asked("logout_get_200", |_| {}).await;
        let page = browser.post(how, "/fragments/logout", &[CHALLENGE]).await;
        let to = match how {
            How::Plain => page.attr("#panel a", "href").unwrap(),
            How::Htmx => page.leads(how).to_owned(),
        };
        let verifier = "http://127.0.0.1:4644/oauth2/sessions/logout?logout_verifier=";
        assert!(to.starts_with(verifier), "{to}");
        assert_eq!(browser.cookie("ory_kratos_session"), None);
        assert_eq!(heard(&kratos), [1, 1, 0]);
        let answered = kratos.received_on(&Method::PUT, ACCEPT);
        assert_eq!(answered[0].parameter(CHALLENGE.0), Some(CHALLENGE.1));
        assert_eq!(kratos.received().last().unwrap().path, answered[0].path);
    }
}

#[tokio::test]
async fn a_no_leaves_everybody_signed_in() {
    for how in HOWS {
        let (kratos, browser) = asked("logout_get_200", |_| {}).await;
        let form = [CHALLENGE, ("stay", "true")];
        let page = browser.post(how, "/fragments/logout", &form).await;
        assert_eq!(page.leads(how), "/welcome");
        assert_eq!(heard(&kratos), [0, 0, 1]);
        assert!(browser.cookie("ory_kratos_session").is_some());
    }
}

#[tokio::test]
async fn an_application_of_the_operators_own_signs_out_who_is_here_and_nobody_else() {
    let own = |sign_out: &mut Value| sign_out["client"]["skip_logout_consent"] = true.into();
    let (kratos, browser) = asked("logout_get_200", own).await;
    let page = browser.get(PAGE).await;
    let to = "http://127.0.0.1:4644/oauth2/sessions/logout?logout_verifier=";
    assert!(page.redirects().starts_with(to));
    assert_eq!(heard(&kratos), [1, 1, 0]);

    let (kratos, browser) = asked("logout_get_200", own).await;
    kratos.on("GET /sessions/whoami", "whoami_200");
    browser.get(PAGE).await.is_document(200);
    assert_eq!(heard(&kratos), [0, 0, 0]);
}

/// A link can bring the challenge of another person, and half a sign-in is not yet confirmed to be anybody's.
#[tokio::test]
async fn a_sign_out_is_asked_about_where_kratos_confirms_no_session_of_that_person() {
    let own = |sign_out: &mut Value| sign_out["client"]["skip_logout_consent"] = true.into();
    for whoami in ["whoami_403_aal2_required", "whoami_401"] {
        let (kratos, browser) = asked("logout_get_200", own).await;
        kratos.on("GET /sessions/whoami", whoami);
        let page = browser.get(PAGE).await;
        page.is_document(200);
        assert_eq!(page.texts("form button")[0], say("logout"));
        assert_eq!(heard(&kratos), [0, 0, 0], "{whoami}");
        assert!(browser.cookie("ory_kratos_session").is_some());

        browser
            .post(How::Plain, "/fragments/logout", &[CHALLENGE])
            .await;
        assert_eq!(heard(&kratos), [1, 1, 0], "{whoami}");
    }
}

#[tokio::test]
async fn a_sign_out_that_hydra_does_not_know_is_one_like_any_other() {
    let (kratos, browser) = asked("logout_get_200", |_| {}).await;
    kratos
        .on(ASKED, "hydra-admin/logout_get_404")
        .on(&format!("PUT {ACCEPT}"), "hydra-admin/logout_get_404")
        .on(&format!("PUT {REJECT}"), "hydra-admin/logout_get_404");
    let page = browser.get(PAGE).await;
    page.is_document(200);
    assert_eq!(page.texts("form button"), [say("logout-submit")]);
    let form = [CHALLENGE, ("stay", "true")];
    let page = browser.post(How::Plain, "/fragments/logout", &form).await;
    assert_eq!(page.redirects(), "/welcome");
    let page = browser
        .post(How::Plain, "/fragments/logout", &[CHALLENGE])
        .await;
    assert_eq!(page.redirects(), "/login");
    assert_eq!(browser.cookie("ory_kratos_session"), None);
}

#[tokio::test]
async fn a_sign_out_goes_on_by_http_only_and_without_hydra_nowhere() {
    let (kratos, browser) = asked("logout_get_200", |_| {}).await;
    let evil = json!({"redirect_to": "javascript:alert(1)"});
    kratos.on(&format!("PUT {ACCEPT}"), Answer::json(200, &evil));
    let page = browser
        .post(How::Plain, "/fragments/logout", &[CHALLENGE])
        .await;
    page.is_document(502);
    assert!(!page.body.contains("javascript:"));

    let (kratos, browser) = site().await;
    kratos
        .on(INIT, "logout_init_200")
        .on(OUT, "logout_submit_204");
    let page = browser.get(PAGE).await;
    assert_eq!(page.texts("form button"), [say("logout-submit")]);
    let page = browser
        .post(How::Plain, "/fragments/logout", &[CHALLENGE])
        .await;
    assert_eq!(page.redirects(), "/login");
    assert_eq!(heard(&kratos), [1, 0, 0]);
}

/// The way out of a confirmation whose password is forgotten.
#[tokio::test]
async fn a_sign_out_before_a_recovery_goes_on_to_it_and_takes_the_way_back_along() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        browser.keep("ory_kratos_session", "old");
        kratos
            .on(INIT, "logout_init_200")
            .on(OUT, "logout_submit_204")
            .on("GET /sessions/whoami", "whoami_200");
        let page = browser
            .get("/logout?recover=1&return_to=%2Fsettings%3Fsection%3Dtotp")
            .await;
        page.is_document(200);
        assert_eq!(page.h1(), say("recovery"));
        assert_eq!(page.text("main p"), Some(say("logout-recover-lead")));
        assert_eq!(page.texts("main button"), [say("logout-recover")]);
        assert!(kratos.received().is_empty());

        let action = page.attr("form", "action").unwrap();
        let page = browser.post(how, &action, &[]).await;

        let way_back = "http%3A%2F%2F127.0.0.1%3A3000%2Fsettings%3Fsection%3Dtotp";
        assert_eq!(page.leads(how), format!("/recovery?return_to={way_back}"));
        assert_eq!(browser.cookie("ory_kratos_session"), None);
        // The form is filled in.
        let id = kratos.has_flow("recovery", "recovery_init_200");
        let page = browser.get(&page_of("recovery", &id)).await;
        assert_eq!(page.value("email").as_deref(), Some("a1@x.test"));
        assert_eq!(page.text("#notice"), Some(say("flash-signed-out")));
    }
}

#[tokio::test]
async fn a_sign_out_before_a_recovery_leads_to_no_other_site() {
    let (kratos, browser) = site().await;
    kratos
        .on(INIT, "logout_init_200")
        .on(OUT, "logout_submit_204");
    let page = browser
        .get("/logout?recover=1&return_to=https%3A%2F%2Fevil.example%2F")
        .await;
    let action = page.attr("form", "action").unwrap();
    assert_eq!(action, "/fragments/logout?recover=1");
    let page = browser
        .post(
            How::Plain,
            "/fragments/logout?recover=1&return_to=https%3A%2F%2Fevil.example%2F",
            &[],
        )
        .await;
    assert_eq!(page.redirects(), "/recovery");
}

const SIGN_INS: &str = "/admin/oauth2/auth/sessions/login";

#[tokio::test]
async fn an_own_sign_out_ends_hydras_sign_in_too_and_counts_without_it() {
    for (status, how) in [(204, How::Plain), (204, How::Htmx), (500, How::Htmx)] {
        let (kratos, browser) = asked("logout_get_200", |_| {}).await;
        kratos.on(&format!("DELETE {SIGN_INS}"), Answer::error(status));
        let page = browser.post(how, "/fragments/logout", &[]).await;
        assert_eq!(page.leads(how), "/login");
        assert_eq!(browser.cookie("ory_kratos_session"), None);
        let ended = kratos.received_on(&Method::DELETE, SIGN_INS);
        assert_eq!(ended.len(), 1);
        let session = kratos.received_on(&Method::GET, "/sessions/whoami");
        assert_eq!(session.len(), 1);
        assert_eq!(ended[0].query.len(), 1);
        assert!(ended[0].parameter("subject").is_some());
    }
}

#[tokio::test]
async fn who_is_not_signed_in_ends_no_sign_in_of_hydras() {
    let (kratos, browser) = asked("logout_get_200", |_| {}).await;
    browser.clear();
    kratos.on(INIT, "logout_init_401");
    browser.post(How::Plain, "/fragments/logout", &[]).await;
    assert!(kratos.received_on(&Method::DELETE, SIGN_INS).is_empty());
}

#[tokio::test]
async fn a_sign_out_that_was_answered_before_leads_on_or_is_over() {
    let used = |to: &str| Answer::json(410, &json!({"redirect_to": to}));
    let (kratos, browser) = asked("logout_get_200", |_| {}).await;
    kratos.on(ASKED, used("https://app.test/bye"));
    assert_eq!(browser.get(PAGE).await.redirects(), "https://app.test/bye");

    // So says Hydra 26.2.
    kratos.on(ASKED, used("/oauth2/sessions/logout?id_token_hint=secret"));
    let page = browser.get(PAGE).await;
    page.is_document(200);
    assert_eq!(page.texts("form button"), [say("logout-submit")]);
    assert!(!page.body.contains("secret"));
    browser.clear();
    assert_eq!(browser.get(PAGE).await.redirects(), "/login");
    assert_eq!(
        browser.cookie("genkan_flash").as_deref(),
        Some("flash-signed-out")
    );

    for how in HOWS {
        let (kratos, browser) = asked("logout_get_200", |_| {}).await;
        kratos.on(&format!("PUT {ACCEPT}"), used("/oauth2/sessions/logout"));
        let page = browser.post(how, "/fragments/logout", &[CHALLENGE]).await;
        assert_eq!(page.leads(how), "/login");
    }
}
