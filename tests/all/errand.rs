//! What an application waits for, and what was typed for it, outlives a provider, a lost flow, and
//! a sign-up without a session.

use serde_json::{Value, json};

use crate::support::{
    Answer, Browser, HOWS, How, Kratos, NO_FLOW, Page, Recording, fragment_of, page_of, say,
    say_with, site, site_with_hydra,
};

const ID: &str = "90f5b905-3161-4fa3-b8c7-5014e2768ed6";
const WAY: &str = "/self-service/login/browser?login_challenge=c";
const HYDRA: &str = "http://127.0.0.1:4444/oauth2/auth?login_verifier=v1";
const PROVIDER: &str = "https://provider.test/auth?client_id=x&state=s%20t";
const CALLBACK: &str = "/self-service/methods/oidc/callback/mock";
const BY_PROVIDER: [(&str, &str); 2] = [("method", "oidc"), ("provider", "mock")];
const SIGN_IN: [(&str, &str); 3] = [
    ("method", "password"),
    ("identifier", "a1@x.test"),
    ("password", "correct horse"),
];
const SIGN_UP: [(&str, &str); 4] = [
    ("method", "password"),
    ("traits.email", "a1@x.test"),
    ("traits.name.first", "Taro"),
    ("password", "correct horse"),
];

/// The form of a flow, with the challenge that it carries.
fn form_of(kind: &str) -> String {
    format!("{}&login_challenge=c", fragment_of(kind, ID))
}

/// Kratos' answer to a form whose browser has to go elsewhere.
fn leave(to: &str) -> Answer {
    let error = json!({"id": "browser_location_change_required", "code": 422});
    Answer::json(422, &json!({"error": error, "redirect_browser_to": to}))
}

/// Sends a browser from a form to a provider.
async fn go_to_provider(kratos: &Kratos, browser: &Browser, how: How, action: &str) {
    kratos.on("POST /self-service/login", leave(PROVIDER));
    let is_for_application = action.contains("login_challenge");
    let answer = if is_for_application {
        Answer::redirect(PROVIDER)
    } else {
        leave(PROVIDER)
    };
    kratos.on("POST /self-service/registration", answer);
    let page = browser.post(how, action, &BY_PROVIDER).await;
    assert_eq!(page.leads_on(how), PROVIDER);
}

async fn come_back(browser: &Browser, state: &str) -> String {
    let page = browser
        .get(&format!("{CALLBACK}?code=x&state={state}"))
        .await;
    page.redirects().to_owned()
}

#[tokio::test]
async fn an_account_that_is_connected_out_of_an_application_leads_back_to_it() {
    for how in HOWS {
        for kind in ["login", "registration"] {
            let (kratos, browser) = site().await;
            let callback = format!("GET {CALLBACK}");
            kratos.on(&callback, "oidc_callback_html_303_account_linking");
            go_to_provider(&kratos, &browser, how, &form_of(kind)).await;
            let to = come_back(&browser, "s%20t").await;
            let flow = "743c14af-f482-42a9-b315-da978cb7a5e1";
            let expected = format!("/login?flow={flow}&no_org_ui=true&login_challenge=c");
            assert_eq!(to, expected);
            // It has served.
            assert_eq!(browser.cookie("genkan_errand"), None);

            // Kratos 1.3.1 tells no challenge in this flow.
            let mut linking = Recording::read("login_init_200_unified");
            linking.body_mut()["id"] = flow.into();
            kratos.has("login", &linking);
            let page = browser.get(&to).await;
            let links = page.attrs("nav.links a", "href");
            assert!(!links.is_empty());
            for link in links {
                assert!(link.ends_with("login_challenge=c"), "{link}");
            }
            let action = page.attr("form", "action").unwrap();
            kratos.on("POST /self-service/login", "login_submit_form_encoded_200");
            let page = browser.post(how, &action, &SIGN_IN).await;
            assert!(page.leads_on(how).ends_with(WAY), "{}", page.body);
        }
    }
}

#[tokio::test]
async fn only_the_sign_in_that_left_for_a_provider_gets_its_application_back() {
    let (kratos, browser) = site().await;
    let callback = format!("GET {CALLBACK}");
    kratos.on(&callback, "oidc_callback_html_303_account_linking");
    go_to_provider(&kratos, &browser, How::Htmx, &form_of("login")).await;
    let other = come_back(&browser, "other").await;
    assert!(!other.contains("login_challenge"), "{other}");
    assert!(browser.cookie("genkan_errand").is_some());

    for odd in ["", "&", "x&y", "&c", "c"] {
        browser.keep("genkan_errand", odd);
        let to = come_back(&browser, "s%20t").await;
        assert!(!to.contains("login_challenge"), "{odd}");
    }

    let (kratos, browser) = site().await;
    for kind in ["login", "registration"] {
        go_to_provider(&kratos, &browser, How::Htmx, &fragment_of(kind, ID)).await;
        assert_eq!(browser.cookie("genkan_errand"), None);
    }
}

#[tokio::test]
async fn a_provider_that_fails_keeps_the_application() {
    let (kratos, browser) = site().await;
    let callback = format!("GET {CALLBACK}");
    kratos.on(&callback, "oidc_callback_html_303_error_no_state");
    go_to_provider(&kratos, &browser, How::Htmx, &form_of("login")).await;
    let to = come_back(&browser, "s%20t").await;
    assert!(to.ends_with("&from=provider&login_challenge=c"), "{to}");
    let body = json!({"id": ID, "error": {"code": 400}});
    kratos.on("GET /self-service/errors", Answer::json(200, &body));
    let page = browser.get(&to).await;
    let links = page.attrs("#panel a", "href");
    assert!(links.contains(&"/login?login_challenge=c".to_owned()));
}

/// What Kratos answers to a flow whose challenge Hydra does not take, with Hydra's status.
fn refused(code: u16, by_hydra: Option<u16>) -> Answer {
    let mut error = json!({
        "code": code,
        "reason": "Unable to get OAuth 2.0 Login Challenge.",
    });
    if let Some(status) = by_hydra {
        error["details"] = json!({"oauth2_error_hint": "", "status_code": status});
    }
    Answer::json(code, &json!({ "error": error }))
}

#[tokio::test]
async fn an_open_page_whose_challenge_is_over_says_so() {
    for kind in ["login", "registration"] {
        for by_hydra in [401, 404, 410] {
            let (kratos, browser) = site_with_hydra(&[]).await;
            let answer = refused(400, Some(by_hydra));
            kratos.on(&format!("GET /self-service/{kind}/flows"), answer);
            let here = format!("{}&login_challenge=c", page_of(kind, ID));
            let page = browser.get(&here).await;
            page.is_document(400);
            assert_eq!(page.h1(), say("error-application"));
            let said = page.testid("ui/error/message");
            assert_eq!(said, Some(say("error-application-lead")));

            let login = json!({"client": {"client_id": "x", "client_name": "Shop"}});
            let hydra = "GET /admin/oauth2/auth/requests/login";
            kratos.on(hydra, Answer::json(200, &login));
            let named = say_with("error-application-named", &[("client", "Shop")]);
            for how in HOWS {
                let page = browser.post(how, &form_of(kind), &SIGN_IN).await;
                assert_eq!(page.status, 400);
                assert_eq!(page.testid("ui/error/message").as_ref(), Some(&named));
            }
        }
    }
}

#[tokio::test]
async fn an_open_page_says_that_hydra_does_not_answer() {
    for kind in ["login", "registration"] {
        let (kratos, browser) = site().await;
        let answer = refused(500, None);
        kratos.on(&format!("GET /self-service/{kind}/flows"), answer);
        let here = format!("{}&login_challenge=c", page_of(kind, ID));
        let page = browser.get(&here).await;
        page.is_document(503);
        assert_eq!(page.h1(), say("error-service"));
        for how in HOWS {
            let page = browser.post(how, &form_of(kind), &SIGN_IN).await;
            assert_eq!(page.status, 503);
        }
    }
}

#[tokio::test]
async fn a_sign_in_for_an_application_leaves_no_address_behind() {
    let finished = || Answer::from("login_submit_form_encoded_200");
    let already = || Answer::from("login_submit_400_already_logged_in");
    let answers: [&dyn Fn() -> Answer; 3] = [&|| leave(HYDRA), &finished, &already];
    for answer in answers {
        for how in HOWS {
            let (kratos, browser) = site().await;
            kratos.on("GET /sessions/whoami", "whoami_200");
            let failed = "login_submit_400_bad_credentials";
            kratos.on_each("POST /self-service/login", [failed.into(), answer()]);
            let id = Recording::read(failed).id();
            let action = format!("{}&login_challenge=c", fragment_of("login", &id));
            browser.post(how, &action, &SIGN_IN).await;
            assert!(browser.cookie("genkan_address").is_some());
            browser.post(how, &action, &SIGN_IN).await;
            assert_eq!(browser.cookie("genkan_address"), None);
            let typed = browser.cookie("genkan_typed");
            assert_eq!(typed.filter(|it| !it.starts_with(&id)), None);
        }
    }
}

#[tokio::test]
async fn a_sign_out_leaves_no_address_behind() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        browser.keep("ory_kratos_session", "s");
        browser.keep("genkan_address", "a1%40x.test");
        kratos.on("GET /self-service/logout/browser", "logout_init_200");
        kratos.on("GET /self-service/logout", "logout_submit_204");
        browser.post(how, "/fragments/logout", &[]).await;
        assert_eq!(browser.cookie("genkan_address"), None);
    }
}

/// A new sign-up of this browser for the application.
async fn begun(kratos: &Kratos, browser: &Browser, begin: &str) -> Page {
    let flow = Recording::read("registration_init_200_legacy_one_step");
    let page = format!("http://127.0.0.1:3000/registration?flow={}", flow.id());
    kratos.on(
        "GET /self-service/registration/browser",
        Answer::redirect(&page),
    );
    kratos.has("registration", &flow);
    let page = browser.get(begin).await;
    browser.get(page.redirects()).await
}

#[tokio::test]
async fn a_lost_sign_up_for_an_application_keeps_what_was_typed() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let gone = "registration_get_404";
        kratos.on("GET /self-service/registration/flows", gone);
        let page = browser.post(how, &form_of("registration"), &SIGN_UP).await;
        let cookies = page.set_cookies().join("\n");
        assert!(!cookies.contains("correct"), "{cookies}");
        let begin = page.leads(how).to_owned();

        // The form of another kind does not take it.
        let typed = browser.cookie("genkan_typed").unwrap();
        let login = kratos.has_flow("login", "login_init_200_unified");
        let page = browser.get(&page_of("login", &login)).await;
        assert_eq!(page.value("identifier"), None);
        browser.keep("genkan_typed", &typed);

        let page = begun(&kratos, &browser, &begin).await;
        assert_eq!(page.value("traits.email").as_deref(), Some("a1@x.test"));
        assert_eq!(page.value("traits.name.first").as_deref(), Some("Taro"));
        assert_eq!(page.value("password"), None);
        assert_eq!(browser.cookie("genkan_typed"), None, "it has served");
    }
}

#[tokio::test]
async fn another_address_for_an_application_keeps_the_other_details() {
    let (kratos, browser) = site().await;
    let mut sent = Recording::read("registration_submit_code_400_sent_email");
    sent.body_mut()["id"] = ID.into();
    kratos.has("registration", &sent);
    let here = format!("{}&login_challenge=c", page_of("registration", ID));
    let page = browser.get(&here).await;
    let links = page.attrs("nav.links a", "href");
    let link = links.iter().find(|it| it.contains("instead_of=")).unwrap();
    let page = browser.get(link).await;
    let begin = page.redirects().to_owned();
    assert!(begin.ends_with("/registration/browser?login_challenge=c"));
    let page = begun(&kratos, &browser, &begin).await;
    assert_eq!(page.value("traits.email").as_deref(), Some("p1@x.test"));
}

/// Has a sign-up for the application that ends without a session. Kratos has accepted the challenge.
async fn sign_up_without_session(how: How, off: bool) -> (Browser, Page) {
    let (kratos, browser) = site().await;
    if off {
        let reason = "verification is not allowed because it was disabled.";
        let error = json!({"error": {"code": 400, "reason": reason}});
        let flow = format!("GET /self-service/verification/flows?id={NO_FLOW}");
        kratos.on(&flow, Answer::json(400, &error));
    }
    kratos.on("POST /self-service/registration", Answer::redirect(HYDRA));
    let page = browser.post(how, &form_of("registration"), &SIGN_UP).await;
    (browser, page)
}

#[tokio::test]
async fn a_sign_up_without_a_session_leads_to_the_confirmation_and_keeps_the_application() {
    for how in HOWS {
        let (browser, page) = sign_up_without_session(how, false).await;
        let way = "http://127.0.0.1:3000/self-service/login/browser?login_challenge=c";
        let way: String = form_urlencoded::byte_serialize(way.as_bytes()).collect();
        assert_eq!(page.leads(how), format!("/verification?return_to={way}"));
        let said = browser.cookie("genkan_flash");
        assert_eq!(said.as_deref(), Some("flash-confirm-address"));
        let address = browser.cookie("genkan_address");
        assert_eq!(address.as_deref(), Some("a1%40x.test"));
    }
}

#[tokio::test]
async fn a_sign_up_without_a_session_and_a_mail_says_that_the_account_is_there() {
    for how in HOWS {
        let (browser, page) = sign_up_without_session(how, true).await;
        assert_eq!(page.leads_on(how), HYDRA);
        let said = browser.cookie("genkan_flash");
        assert_eq!(said.as_deref(), Some("flash-registered"));
        let address = browser.cookie("genkan_address");
        assert_eq!(address.as_deref(), Some("a1%40x.test"));
    }
}

#[tokio::test]
async fn the_confirmation_for_an_application_leads_to_the_sign_in_with_the_address() {
    let (kratos, browser) = site().await;
    let mut flow = Recording::read("verification_init_200");
    flow.body_mut()["id"] = ID.into();
    flow.body_mut()["return_to"] = Value::Null;
    kratos.has("verification", &flow);
    let here = format!("{}&login_challenge=c", page_of("verification", ID));
    let page = browser.get(&here).await;
    let links = page.attrs("nav.links a", "href");
    let way = "http://127.0.0.1:3000/self-service/login/browser?login_challenge=c";
    let way: String = form_urlencoded::byte_serialize(way.as_bytes()).collect();
    assert_eq!(links, [format!("/login?return_to={way}")]);

    for how in HOWS {
        browser.keep("genkan_address", "a1%40x.test");
        kratos.on("POST /self-service/verification", Answer::redirect(HYDRA));
        let form = [("method", "code"), ("code", "123456")];
        browser.post(how, &form_of("verification"), &form).await;
        assert!(browser.cookie("genkan_address").is_some());
    }
}

#[tokio::test]
async fn a_second_factor_in_a_recovery_offers_another_account_for_the_same_application() {
    let back = format!("http://127.0.0.1:3000/settings?flow={ID}");
    let foreign = "http://evil.example/settings?login_challenge=c";
    for (return_to, link) in [
        (
            format!("{back}&login_challenge=c"),
            "/logout?login_challenge=c",
        ),
        (back, "/logout"),
        (foreign.to_owned(), "/logout"),
    ] {
        let (kratos, browser) = site().await;
        let mut flow = Recording::read("login_init_200_aal2_totp_lookup");
        flow.body_mut()["return_to"] = return_to.into();
        let id = kratos.has("login", &flow);
        let page = browser.get(&page_of("login", &id)).await;
        let found = page.attr(r#"[data-testid="logout-link"]"#, "href");
        assert_eq!(found.as_deref(), Some(link));
    }
}
