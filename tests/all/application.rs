//! An application that signs in by Ory Hydra gets its users back, whatever they do in between.
//! Kratos' stand-in plays Hydra
//! as well.

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    Answer, Browser, HOWS, How, Kratos, Recording, fragment_of, page_of, say, say_with, site,
    site_with_hydra,
};

const ID: &str = "90f5b905-3161-4fa3-b8c7-5014e2768ed6";
const WAY: &str = "/self-service/login/browser?login_challenge=c";
const ABSOLUTE_WAY: &str = "http://127.0.0.1:3000/self-service/login/browser?login_challenge=c";
const HYDRA: &str = "http://127.0.0.1:4444/oauth2/auth?login_verifier=v1";
const PASSWORD: [(&str, &str); 3] = [
    ("method", "password"),
    ("identifier", "a1@x.test"),
    ("password", "correct horse"),
];

/// The same fragment, with the challenge that its form carries.
fn form_of(kind: &str) -> String {
    format!("{}&login_challenge=c", fragment_of(kind, ID))
}

fn with_session(answer: Answer) -> Answer {
    answer.with_cookie("ory_kratos_session=new; Path=/")
}

/// A flow of this id that Kratos keeps, changed.
fn keep(kratos: &Kratos, kind: &str, name: &str, change: impl FnOnce(&mut Value)) {
    let mut flow = Recording::read(name);
    flow.body_mut()["id"] = ID.into();
    change(flow.body_mut());
    kratos.on(&format!("GET /self-service/{kind}/flows"), &flow);
}

/// A verification of this id, done.
fn keep_verified(kratos: &Kratos) {
    let name = "1.3.1/verification_submit_200_passed_challenge";
    keep(kratos, "verification", name, |_| {});
}

#[tokio::test]
async fn a_sign_up_goes_back_to_the_application() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        kratos.on(
            "POST /self-service/registration",
            with_session(Answer::redirect(HYDRA)),
        );
        let page = browser.post(how, &form_of("registration"), &PASSWORD).await;
        assert_eq!(page.leads_on(how), HYDRA);
        assert_eq!(kratos.posted().header("accept"), Some("text/html"));
        assert_eq!(browser.cookie("ory_kratos_session").as_deref(), Some("new"));
    }
}

#[tokio::test]
async fn a_sign_up_that_ends_at_home_goes_back_to_the_application() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let answer = with_session(Answer::redirect("http://127.0.0.1:3000/welcome"));
        kratos.on("POST /self-service/registration", answer);
        kratos.on("GET /sessions/whoami", "whoami_200");
        let page = browser.post(how, &form_of("registration"), &PASSWORD).await;
        assert!(page.leads_on(how).ends_with(WAY));
    }
}

#[tokio::test]
async fn a_sign_up_takes_the_challenge_along_to_the_verification_and_a_new_form() {
    let other = "00000000-0000-4000-8000-000000000000";
    for how in HOWS {
        for kind in ["registration", "verification"] {
            let (kratos, browser) = site().await;
            let to = format!("http://127.0.0.1:3000/{kind}?flow={other}");
            kratos.on("POST /self-service/registration", Answer::redirect(&to));
            let page = browser.post(how, &form_of("registration"), &PASSWORD).await;
            let page_of_other = format!("{}&login_challenge=c", page_of(kind, other));
            assert_eq!(page.leads(how), page_of_other);
        }
    }
}

#[tokio::test]
async fn a_sign_up_that_is_refused_says_why() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let to = format!("http://127.0.0.1:3000/registration?flow={ID}");
        kratos.on("POST /self-service/registration", Answer::redirect(&to));
        let name = "1.3.1/registration_submit_400_validation";
        keep(&kratos, "registration", name, |_| {});
        let page = browser.post(how, &form_of("registration"), &PASSWORD).await;
        match how {
            How::Htmx => {
                page.is_fragment(422);
                assert!(
                    page.attr("form", "action")
                        .unwrap()
                        .contains("login_challenge=")
                );
            }
            How::Plain => {
                let here = format!("{}&login_challenge=c", page_of("registration", ID));
                assert_eq!(page.redirects(), here);
            }
        }
    }
}

#[tokio::test]
async fn an_error_of_kratos_at_a_sign_up_is_the_same_as_without_an_application() {
    let found = [
        (json!({"id": "security_csrf_violation", "code": 403}), 200),
        (json!({"code": 500}), 502),
    ];
    for (error, status) in found {
        let (kratos, browser) = site().await;
        let to = format!("http://127.0.0.1:3000/error?id={ID}");
        kratos.on("POST /self-service/registration", Answer::redirect(&to));
        let body = json!({"id": ID, "error": error});
        kratos.on("GET /self-service/errors", Answer::json(200, &body));
        let page = browser
            .post(How::Htmx, &form_of("registration"), &PASSWORD)
            .await;
        assert_eq!(page.status, status);
        if status == 200 {
            let to = "/self-service/registration/browser?login_challenge=c&again=1";
            assert_eq!(page.leads(How::Htmx), to);
        }
    }
}

#[tokio::test]
async fn a_verification_after_a_sign_up_goes_back_to_the_application() {
    let way = format!(
        "{}&return_to={}",
        fragment_of("verification", ID),
        encoded(ABSOLUTE_WAY)
    );
    let form = [("method", "code"), ("code", "123456")];
    for action in [form_of("verification"), way] {
        for how in HOWS {
            let (kratos, browser) = site().await;
            browser.keep("ory_kratos_session", "s");
            kratos.on("POST /self-service/verification", Answer::redirect(HYDRA));
            let page = browser.post(how, &action, &form).await;
            assert_eq!(page.leads_on(how), HYDRA);

            // A verification that somebody began otherwise.
            let to = format!("http://127.0.0.1:3000/verification?flow={ID}");
            kratos.on("POST /self-service/verification", Answer::redirect(&to));
            keep_verified(&kratos);
            let page = browser.post(how, &action, &form).await;
            assert!(page.leads_on(how).ends_with(WAY));
            assert_eq!(browser.cookie("genkan_flash"), None);
        }
    }
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn a_right_code_that_kratos_answers_with_404_has_confirmed_the_address() {
    let form = [("method", "code"), ("code", "123456")];
    for how in HOWS {
        for action in [form_of("verification"), fragment_of("verification", ID)] {
            let (kratos, browser) = site().await;
            let is_for_application = action.contains("login_challenge");
            if is_for_application {
                let to = format!("http://127.0.0.1:3000/error?id={ID}");
                kratos.on("POST /self-service/verification", Answer::redirect(&to));
                let body = json!({"id": ID, "error": {"code": 404}});
                kratos.on("GET /self-service/errors", Answer::json(200, &body));
            } else {
                kratos.on("POST /self-service/verification", Answer::error(404));
            }
            keep_verified(&kratos);
            let page = browser.post(how, &action, &form).await;
            if is_for_application {
                assert_eq!(page.leads(how), WAY);
                let said = browser.cookie("genkan_flash");
                assert_eq!(said.as_deref(), Some("flash-address-confirmed"));
            } else if how == How::Htmx {
                assert_eq!(page.h1(), say("verification-done"));
            } else {
                assert_eq!(page.redirects(), page_of("verification", ID));
            }
        }
    }
}

#[tokio::test]
async fn other_flows_carry_the_challenge_in_their_return_to() {
    for kind in ["recovery", "verification", "settings"] {
        let (kratos, browser) = site().await;
        let init = format!("GET /self-service/{kind}/browser");
        kratos.on(&init, &*format!("{kind}_init_200"));
        browser
            .get(&format!("/{kind}?login_challenge=c"))
            .await
            .redirects();
        let told = kratos.started();
        assert_eq!(told.parameter("return_to"), Some(ABSOLUTE_WAY));
        assert_eq!(told.parameter("login_challenge"), None);
    }
}

#[tokio::test]
async fn a_way_back_to_a_sign_in_is_its_challenge_again() {
    let (kratos, browser) = site().await;
    let to = format!("/login?return_to={}", encoded(ABSOLUTE_WAY));
    assert_eq!(browser.get(&to).await.redirects(), WAY);
    assert!(kratos.received().is_empty());
}

#[tokio::test]
async fn a_new_password_after_a_recovery_goes_back_to_the_application() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        browser.keep("ory_kratos_session", "s");
        let mut saved = Recording::read("settings_submit_password_200_after_recovery");
        let body = saved.body_mut();
        body["id"] = ID.into();
        body["return_to"] = ABSOLUTE_WAY.into();
        body["continue_with"] = json!([
            {"action": "redirect_browser_to", "redirect_browser_to": ABSOLUTE_WAY}
        ]);
        kratos.on("POST /self-service/settings", &saved);
        kratos.on("GET /sessions/whoami", "whoami_200");
        let form = [("method", "password"), ("password", "correct horse")];
        let page = browser.post(how, &fragment_of("settings", ID), &form).await;
        assert!(page.leads_on(how).ends_with(WAY), "{}", page.body);
    }
}

#[tokio::test]
async fn who_is_signed_in_already_goes_back_to_the_application() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        browser.keep("ory_kratos_session", "s");
        kratos.on("GET /sessions/whoami", "whoami_200");
        kratos.on(
            "POST /self-service/login",
            "login_submit_400_already_logged_in",
        );
        let page = browser.post(how, &form_of("login"), &PASSWORD).await;
        assert!(page.leads_on(how).ends_with(WAY));

        kratos.on("GET /sessions/whoami", "whoami_403_aal2_required");
        let page = browser.post(how, &form_of("login"), &PASSWORD).await;
        assert_eq!(page.leads(how), "/login?aal=aal2&login_challenge=c");
    }
}

#[tokio::test]
async fn a_flow_that_is_gone_begins_again_for_the_same_application() {
    for (answer, kind) in [
        ("login_get_410_expired", "login"),
        ("registration_get_404", "registration"),
        ("registration_get_403_no_cookie", "registration"),
    ] {
        let (kratos, browser) = site().await;
        kratos.on(&format!("GET /self-service/{kind}/flows"), answer);
        kratos.on(&format!("POST /self-service/{kind}"), answer);
        let page = browser
            .get(&format!("{}&login_challenge=c", page_of(kind, ID)))
            .await;
        let begin = format!("/self-service/{kind}/browser?");
        let end = "login_challenge=c&again=1";
        let is_same = |to: &str| to.starts_with(&begin) && to.ends_with(end);
        assert!(is_same(page.redirects()), "{answer}");
        for how in HOWS {
            let page = browser.post(how, &form_of(kind), &PASSWORD).await;
            assert!(is_same(page.leads(how)), "{answer}");
        }
    }
}

#[tokio::test]
async fn a_browser_without_cookies_does_not_go_in_circles() {
    let (kratos, browser) = site().await;
    kratos.on("GET /self-service/login/browser", "login_init_html_303");
    let page = browser.get(&format!("{WAY}&again=1")).await;
    let to = page.redirects().to_owned();
    assert!(to.ends_with("&login_challenge=c&again=1"), "{to}");
    assert_eq!(kratos.started().parameter("again"), None);
    kratos.on(
        "GET /self-service/login/flows",
        "registration_get_403_no_cookie",
    );
    let page = browser.get(&to).await;
    page.is_document(403);
    assert_eq!(page.h1(), say("error-cookies"));
    // The way to a sign-in keeps the application.
    let hrefs = page.attrs("#panel a", "href");
    assert!(
        hrefs.contains(&"/login?login_challenge=c".to_owned()),
        "{hrefs:?}"
    );
}

#[tokio::test]
async fn kratos_is_told_where_the_verification_after_a_flow_leads() {
    for kind in ["login", "registration"] {
        let (kratos, browser) = site().await;
        kratos.on(
            &format!("GET /self-service/{kind}/browser"),
            "login_init_html_303",
        );
        let asked = format!("/self-service/{kind}/browser?login_challenge=c");
        browser
            .get(&format!("{asked}&after_verification_return_to=/sessions"))
            .await;
        let told = kratos.started();
        assert_eq!(told.parameter("login_challenge"), Some("c"));
        let after = told.parameter("after_verification_return_to");
        assert_eq!(after, Some(ABSOLUTE_WAY));
    }
}

#[tokio::test]
async fn why_kratos_takes_no_challenge_is_told() {
    for (code, status, title) in [
        (500, 503, "error-service"),
        (502, 503, "error-service"),
        (400, 400, "error-application"),
        (404, 400, "error-application"),
    ] {
        let (kratos, browser) = site().await;
        let error = Answer::redirect(&format!("http://127.0.0.1:3000/error?id={ID}"));
        kratos.on("GET /self-service/login/browser", error);
        let body = json!({"id": ID, "error": {"code": code}});
        kratos.on("GET /self-service/errors", Answer::json(200, &body));
        let page = browser.get(WAY).await;
        page.is_document(status);
        assert_eq!(page.h1(), say(title), "{code}");
    }
}

#[tokio::test]
async fn a_second_factor_without_a_first_begins_with_the_first_for_the_same_application() {
    let (kratos, browser) = site().await;
    let error = Answer::redirect(&format!("http://127.0.0.1:3000/error?id={ID}"));
    kratos.on("GET /self-service/login/browser", error);
    let body = json!({"id": ID, "error": {"id": "session_aal1_required", "code": 401}});
    kratos.on("GET /self-service/errors", Answer::json(200, &body));
    let page = browser.get(&format!("{WAY}&aal=aal2")).await;
    assert_eq!(page.redirects(), WAY);
}

#[tokio::test]
async fn an_application_whose_challenge_is_over_is_named_if_hydra_knows_it() {
    let (kratos, browser) = site_with_hydra(&[]).await;
    let error = Answer::redirect(&format!("http://127.0.0.1:3000/error?id={ID}"));
    kratos.on("GET /self-service/login/browser", error);
    let body = json!({"id": ID, "error": {"code": 400}});
    kratos.on("GET /self-service/errors", Answer::json(200, &body));
    let hydra = "GET /admin/oauth2/auth/requests/login";
    let login = json!({"client": {"client_id": "x", "client_name": "<b>Shop</b>"}});
    kratos.on(hydra, Answer::json(200, &login));
    let page = browser.get(WAY).await;
    page.is_document(400);
    let said = say_with("error-application-named", &[("client", "<b>Shop</b>")]);
    assert_eq!(page.testid("ui/error/message"), Some(said));
    assert_eq!(page.count("#panel b"), 0);

    kratos.on(hydra, Answer::error(401));
    let page = browser.get(WAY).await;
    let said = page.testid("ui/error/message");
    assert_eq!(said, Some(say("error-application-lead")));
}

/// A sign-in that Kratos keeps for an application with these wishes.
async fn wished(wishes: Value) -> (Kratos, Browser) {
    let (kratos, browser) = site().await;
    keep(&kratos, "login", "1.3.1/login_init_200_oauth2", |flow| {
        flow["oauth2_login_request"] = wishes;
    });
    (kratos, browser)
}

#[tokio::test]
async fn the_account_that_an_application_expects_is_filled_in() {
    let began = "https://hydra.test/oauth2/auth?login_hint=b%40x.test";
    for (wishes, hint) in [
        (
            json!({"oidc_context": {"login_hint": "a@x.test"}}),
            "a@x.test",
        ),
        (json!({"request_url": began}), "b@x.test"),
    ] {
        let (_, browser) = wished(wishes).await;
        let page = browser.get(&page_of("login", ID)).await;
        assert_eq!(page.value("identifier").as_deref(), Some(hint));
        // What the person has typed goes before it.
        browser.keep("genkan_address", "typed%40x.test");
        let page = browser.get(&page_of("login", ID)).await;
        assert_eq!(page.value("identifier").as_deref(), Some("typed@x.test"));
    }
}

#[tokio::test]
async fn an_application_chooses_the_language_of_who_has_chosen_none() {
    for (locales, lang) in [("fr en", Some("en")), ("ja", None), ("fr de", None)] {
        let tags: Vec<&str> = locales.split(' ').collect();
        let (_, browser) = wished(json!({"oidc_context": {"ui_locales": tags}})).await;
        let here = format!("{}&login_challenge=c", page_of("login", ID));
        let japanese = [("accept-language", "ja")];
        let page = browser.get_with(&here, &japanese).await;
        match lang {
            Some(lang) => assert_eq!(page.redirects(), format!("{here}&lang={lang}")),
            None => {
                page.is_document(200);
            }
        }
        browser.keep("genkan_lang", "ja");
        browser.get_with(&here, &japanese).await.is_document(200);
    }
}

#[tokio::test]
async fn another_account_is_a_sign_out_and_the_same_application_again() {
    let (kratos, browser) = site_with_hydra(&[]).await;
    browser.keep("ory_kratos_session", "s");
    let name = "1.3.1/login_init_200_oauth2_logged_in_refresh";
    keep(&kratos, "login", name, |flow| {
        flow["oauth2_login_challenge"] = "c".into()
    });
    kratos.on("GET /sessions/whoami", "whoami_200");
    kratos.on("GET /self-service/logout/browser", "logout_init_200");
    kratos.on("GET /self-service/logout", "logout_submit_204");
    let login = json!({"client": {"client_id": "x"}, "session_id": "sid-1"});
    kratos.on(
        "GET /admin/oauth2/auth/requests/login",
        Answer::json(200, &login),
    );
    let page = browser.get(&page_of("login", ID)).await;
    let link = page.attr(r#"[data-testid="logout-link"]"#, "href").unwrap();
    assert_eq!(link, "/logout?login_challenge=c");
    let page = browser.get(&link).await;
    assert_eq!(page.h1(), say("login-other-account"));
    assert_eq!(
        page.attr("#panel nav a", "href").as_deref(),
        Some("/login?login_challenge=c")
    );
    for how in HOWS {
        let before = kratos.received().len();
        browser.keep("ory_kratos_session", "s");
        let form = [("login_challenge", "c")];
        let page = browser.post(how, "/fragments/logout", &form).await;
        assert_eq!(page.leads(how), "/login?login_challenge=c");
        let mut ended = kratos.received().split_off(before);
        ended.retain(|it| it.method == Method::DELETE);
        assert_eq!(ended.len(), 1);
        assert_eq!(ended[0].path, "/admin/oauth2/auth/sessions/login");
        assert_eq!(ended[0].query, [("sid".to_owned(), "sid-1".to_owned())]);
    }
}
