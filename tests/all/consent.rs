//! What an application may do in somebody's name. Kratos' stand-in plays Hydra as well.

use genkan::i18n::Locale;
use http::Method;
use serde_json::{Value, json};

use crate::support::{
    Answer, Browser, How, Kratos, Recording, said, say, say_with, site, site_with_hydra,
};

const ASKED: &str = "GET /admin/oauth2/auth/requests/consent";
const ACCEPT: &str = "/admin/oauth2/auth/requests/consent/accept";
const REJECT: &str = "/admin/oauth2/auth/requests/consent/reject";
const CHALLENGE: &str = "example-consent-challenge-1";
const PAGE: &str = "/consent?consent_challenge=example-consent-challenge-1";
const ACTION: &str = "/fragments/consent";

/// A Hydra that asks what was recorded, and a Kratos at which the one who is asked is signed in.
async fn asked(name: &str, change: impl FnOnce(&mut Value)) -> (Kratos, Browser) {
    asked_with(&[], name, change).await
}

/// The same with settings of Genkan's.
async fn asked_with(
    settings: &[(&str, &str)],
    name: &str,
    change: impl FnOnce(&mut Value),
) -> (Kratos, Browser) {
    let (kratos, browser) = site_with_hydra(settings).await;
    let mut consent = Recording::read(&format!("hydra-admin/{name}"));
    change(consent.body_mut());
    let mut session = Recording::read("whoami_200");
    let identity = &mut session.body_mut()["identity"];
    identity["id"] = consent.body()["subject"].clone();
    identity["verifiable_addresses"][0]["verified"] = true.into();
    kratos.on("GET /sessions/whoami", &session);
    kratos.on(ASKED, &consent);
    for verb in ["accept", "reject"] {
        let answer = format!("hydra-admin/consent_{verb}_200");
        kratos.on(
            &format!("PUT /admin/oauth2/auth/requests/consent/{verb}"),
            &*answer,
        );
    }
    browser.keep("ory_kratos_session", "s");
    (kratos, browser)
}

/// The one answer that Hydra got.
fn put(kratos: &Kratos, path: &str) -> Value {
    let answers = kratos.received_on(&Method::PUT, path);
    assert_eq!(answers.len(), 1, "{path}");
    assert_eq!(answers[0].parameter("consent_challenge"), Some(CHALLENGE));
    serde_json::from_slice(&answers[0].body).unwrap()
}

fn nothing_was_answered(kratos: &Kratos) {
    for path in [ACCEPT, REJECT] {
        assert!(kratos.received_on(&Method::PUT, path).is_empty(), "{path}");
    }
}

#[tokio::test]
async fn who_is_asked_is_told_who_asks_and_what_for() {
    for locale in Locale::ALL {
        let (kratos, browser) = asked("consent_get_200", |_| {}).await;
        let page = browser.get(&format!("{PAGE}&lang={locale}")).await;
        page.is_document(200);
        let title = said(locale, "consent", &[("client", "Demo App")]);
        assert_eq!(page.h1(), title);
        let account = said(locale, "consent-account", &[("account", "a1@x.test")]);
        assert!(
            page.texts("#panel p")
                .iter()
                .any(|it| it.contains(&account))
        );
        let scopes = ["openid", "offline-access", "email"];
        let scopes = scopes.map(|it| said(locale, &format!("consent-scope-{it}"), &[]));
        assert_eq!(page.texts("#panel ul li"), scopes);
        let buttons = page.texts("button[name=consent_action]");
        let words = ["consent-accept", "consent-reject"].map(|key| said(locale, key, &[]));
        assert_eq!(buttons, words);
        let links = page.attrs("#panel a[rel=noreferrer]", "href");
        assert_eq!(
            links,
            ["http://127.0.0.1:3001/policy", "http://127.0.0.1:3001/tos"]
        );
        nothing_was_answered(&kratos);
    }
}

#[tokio::test]
async fn nothing_is_chosen_beforehand_and_nothing_is_sent_by_htmx() {
    let (_, browser) = asked("consent_get_200", |_| {}).await;
    let page = browser.get(PAGE).await;
    assert_eq!(page.focus(), None);
    assert_eq!(page.attr("#remember", "checked"), None);
    assert_eq!(page.count("[hx-post]"), 0);
    // Enter presses the first button of a form. A browser shows in
    // end2end/tests/application.spec.ts that it sends nothing.
    assert_eq!(
        page.attr("form button", "formmethod").as_deref(),
        Some("dialog")
    );
}

#[tokio::test]
async fn a_yes_grants_what_was_asked_and_tells_what_the_scopes_stand_for() {
    for (remember, remembered) in [(None, false), (Some(("remember", "true")), true)] {
        let (kratos, browser) = asked("consent_get_200", |_| {}).await;
        let mut form = vec![
            ("consent_challenge", CHALLENGE),
            ("consent_action", "accept"),
        ];
        form.extend(remember);
        // Nobody can be granted more than was asked for.
        form.push(("grant_scope", "admin"));
        let page = browser.post(How::Plain, ACTION, &form).await;
        page.is_document(200);
        let to = "http://127.0.0.1:4644/oauth2/auth?client_id=";
        assert!(page.attr("#panel a", "href").unwrap().starts_with(to));
        let answer = put(&kratos, ACCEPT);
        assert_eq!(
            answer["grant_scope"],
            json!(["openid", "offline_access", "email"])
        );
        assert_eq!(answer["remember"], remembered);
        assert_eq!(answer["remember_for"], 3600);
        let claims = json!({"email": "a1@x.test", "email_verified": true});
        assert_eq!(answer["session"], json!({"id_token": claims}));
    }
}

#[tokio::test]
async fn a_no_is_told_to_the_application() {
    let (kratos, browser) = asked("consent_get_200", |_| {}).await;
    let form = [
        ("consent_challenge", CHALLENGE),
        ("consent_action", "reject"),
    ];
    browser
        .post(How::Plain, ACTION, &form)
        .await
        .is_document(200);
    assert_eq!(put(&kratos, REJECT)["error"], "access_denied");
    assert!(kratos.received_on(&Method::PUT, ACCEPT).is_empty());
}

#[tokio::test]
async fn what_was_granted_before_or_is_the_operators_own_is_not_asked() {
    for name in [
        "consent_get_200_skip_remembered",
        "consent_get_200_client_skip_consent",
    ] {
        let (kratos, browser) = asked(name, |_| {}).await;
        let page = browser.get(PAGE).await;
        assert!(
            page.redirects()
                .starts_with("http://127.0.0.1:4644/oauth2/auth?")
        );
        assert_eq!(put(&kratos, ACCEPT)["remember"], true);
    }
}

#[tokio::test]
async fn nobody_is_asked_about_the_applications_of_trusted_client_ids() {
    for (trusted, is_asked) in [("other,demo", false), ("other", true), ("", true)] {
        let settings = [("--trusted-client-ids", trusted)];
        let change = |consent: &mut Value| consent["client"]["client_id"] = "demo".into();
        let (kratos, browser) = asked_with(&settings, "consent_get_200", change).await;
        let page = browser.get(PAGE).await;
        assert_eq!(page.status == 200, is_asked, "{trusted}");
        assert_eq!(
            kratos.received_on(&Method::PUT, ACCEPT).is_empty(),
            is_asked,
            "{trusted}"
        );
    }
}

#[tokio::test]
async fn hydra_hears_the_token_of_its_admin_api_and_kratos_does_not() {
    let settings = [("--ory-admin-api-token", "ory_pat_1")];
    let (kratos, browser) = asked_with(&settings, "consent_get_200", |_| {}).await;
    browser.get(PAGE).await.is_document(200);
    for asked in kratos.received() {
        let is_hydra = asked.path.starts_with("/admin");
        let token = is_hydra.then_some("Bearer ory_pat_1");
        assert_eq!(asked.header("authorization"), token, "{}", asked.path);
    }
}

#[tokio::test]
async fn nobody_else_can_answer() {
    for method in [Method::GET, Method::POST] {
        let (kratos, browser) = asked("consent_get_200", |_| {}).await;
        kratos.on("GET /sessions/whoami", "whoami_200");
        let page = if method == Method::GET {
            browser.get(PAGE).await
        } else {
            let form = [
                ("consent_challenge", CHALLENGE),
                ("consent_action", "accept"),
            ];
            browser.post(How::Plain, ACTION, &form).await
        };
        page.is_document(400);
        let client = say_with("error-application-named", &[("client", "Demo App")]);
        assert_eq!(page.testid("ui/error/message"), Some(client));
        nothing_was_answered(&kratos);
    }
}

#[tokio::test]
async fn another_account_is_a_sign_out_and_the_beginning_of_the_application() {
    for how in crate::support::HOWS {
        let change = |consent: &mut Value| consent["login_session_id"] = "sid-1".into();
        let (kratos, browser) = asked("consent_get_200", change).await;
        kratos
            .on("GET /self-service/logout/browser", "logout_init_200")
            .on("GET /self-service/logout", "logout_submit_204");
        let page = browser.get(PAGE).await;
        let to = format!("/logout?consent_challenge={CHALLENGE}");
        assert!(page.attrs("#panel p a", "href").contains(&to));
        let page = browser.get(&to).await;
        assert_eq!(page.h1(), say("login-other-account"));
        assert_eq!(page.attr("#panel nav a", "href").as_deref(), Some(PAGE));
        let form = [("consent_challenge", CHALLENGE)];
        let page = browser.post(how, "/fragments/logout", &form).await;
        let to = match how {
            How::Plain => page.attr("#panel a", "href").unwrap(),
            How::Htmx => page.leads(how).to_owned(),
        };
        assert!(
            to.starts_with("http://127.0.0.1:4644/oauth2/auth?client_id="),
            "{to}"
        );
        assert!(!to.contains("verifier"), "{to}");
        let ended = kratos.received_on(&Method::DELETE, "/admin/oauth2/auth/sessions/login");
        assert_eq!(ended.len(), 1);
        assert_eq!(ended[0].parameter("sid"), Some("sid-1"));
        nothing_was_answered(&kratos);
    }
}

#[tokio::test]
async fn a_question_that_was_answered_before_leads_on() {
    let (kratos, browser) = asked("consent_get_200", |_| {}).await;
    let used = json!({"redirect_to": "http://127.0.0.1:4644/oauth2/auth?x=y"});
    kratos.on(ASKED, Answer::json(410, &used));
    let page = browser.get(PAGE).await;
    assert_eq!(page.redirects(), "http://127.0.0.1:4644/oauth2/auth?x=y");
    let evil = json!({"redirect_to": "javascript:alert(1)"});
    kratos.on(ASKED, Answer::json(410, &evil));
    let page = browser.get(PAGE).await;
    page.is_document(400);
    assert!(!page.body.contains("javascript:"));
}

#[tokio::test]
async fn who_is_not_signed_in_is_led_to_a_sign_in_and_back() {
    let (kratos, browser) = site_with_hydra(&[]).await;
    kratos.on("GET /sessions/whoami", "whoami_401");
    let page = browser.get(PAGE).await;
    let back = "%2Fconsent%3Fconsent_challenge%3Dexample-consent-challenge-1";
    assert_eq!(page.redirects(), format!("/login?return_to={back}"));
    nothing_was_answered(&kratos);
}

#[tokio::test]
async fn a_question_that_is_lost_leads_back_to_the_application() {
    for name in ["consent_get_401_expired", "consent_get_404"] {
        let (kratos, browser) = asked("consent_get_200", |_| {}).await;
        kratos.on(ASKED, &*format!("hydra-admin/{name}"));
        let page = browser.get(PAGE).await;
        page.is_document(400);
        assert_eq!(page.h1(), say("error-application"));
    }
    let (_, browser) = asked("consent_get_200", |_| {}).await;
    browser.get("/consent").await.is_document(400);
    let form = [("consent_challenge", CHALLENGE)];
    let page = browser.post(How::Plain, ACTION, &form).await;
    page.is_document(400);
}

#[tokio::test]
async fn an_answer_that_leads_elsewhere_than_to_hydra_leads_nowhere() {
    let (kratos, browser) = asked("consent_get_200", |_| {}).await;
    let evil = json!({"redirect_to": "https://evil.example/oauth2/auth"});
    kratos.on(&format!("PUT {ACCEPT}"), Answer::json(200, &evil));
    let form = [
        ("consent_challenge", CHALLENGE),
        ("consent_action", "accept"),
    ];
    let page = browser.post(How::Plain, ACTION, &form).await;
    page.is_document(502);
    assert!(!page.body.contains("evil.example"));
}

#[tokio::test]
async fn what_an_application_says_of_itself_is_text() {
    let (_, browser) = asked("consent_get_200", |consent| {
        consent["client"]["client_name"] = "<b>Your bank</b>".into();
        consent["client"]["policy_uri"] = "javascript:alert(1)".into();
        consent["client"]["tos_uri"] = Value::Null;
        consent["client"]["client_uri"] = "no address".into();
        consent["requested_scope"] = json!(["<i>all</i>", "openid"]);
    })
    .await;
    let page = browser.get(&format!("{PAGE}&lang=en")).await;
    page.is_document(200);
    assert_eq!(
        page.h1(),
        say_with("consent", &[("client", "<b>Your bank</b>")])
    );
    assert_eq!(page.texts("#panel li code"), ["<i>all</i>"]);
    assert_eq!(page.count("#panel a[rel=noreferrer]"), 0);
    assert!(!page.body.contains("javascript:"));
}

#[tokio::test]
async fn without_a_hydra_there_is_no_such_page() {
    let (kratos, browser) = site().await;
    browser.get(PAGE).await.is_document(404);
    let form = [
        ("consent_challenge", CHALLENGE),
        ("consent_action", "accept"),
    ];
    browser
        .post(How::Plain, ACTION, &form)
        .await
        .is_document(404);
    assert!(kratos.received().is_empty());
}
