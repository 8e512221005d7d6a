//! What a step left to be confirmed: phone numbers, and several addresses at once.

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    Browser, HOWS, How, Kratos, Recording, fragment_of, page_of, say, say_with, site,
};

const PHONE: &str = "+4915112345678";
const MAIL: &str = "a1@x.test";
const FIRST: &str = "90f5b905-3161-4fa3-b8c7-5014e2768ed6";
const SECOND: &str = "52fbab7c-1669-4dde-8a1f-a223d90491b5";

/// Signs up, which leaves these addresses to be confirmed.
async fn sign_up(kratos: &Kratos, browser: &Browser, how: How, addresses: &[(&str, &str)]) {
    let mut done = Recording::read("registration_submit_password_200_session_verification");
    let steps = addresses.iter().map(|(id, address)| {
        json!({
            "action": "show_verification_ui",
            "flow": {"id": id, "verifiable_address": address, "url": "http://127.0.0.1:3000/"},
        })
    });
    done.body_mut()["continue_with"] = steps.collect();
    kratos.on("POST /self-service/registration", &done);
    let action = fragment_of("registration", FIRST);
    let page = browser.post(how, &action, &[("method", "password")]).await;
    assert_eq!(page.leads(how), page_of("verification", addresses[0].0));
    let waiting = Recording::read("verification_get_200_sent_email_from_registration");
    for (id, _) in addresses {
        has(kratos, id, &waiting);
    }
}

/// Has a verification under another id.
fn has(kratos: &Kratos, id: &str, recording: &Recording) {
    let mut flow = recording.clone();
    flow.body_mut()["id"] = id.into();
    kratos.has("verification", &flow);
}

/// Has Kratos confirm an address, which it calls a mail address whatever it is.
fn confirms(kratos: &Kratos, id: &str) {
    let mut done = Recording::read("verification_submit_200_passed_challenge");
    done.body_mut()["id"] = id.into();
    kratos.on(&format!("POST /self-service/verification?flow={id}"), &done);
}

async fn confirm(browser: &Browser, id: &str) -> crate::support::Page {
    let form = [("method", "code"), ("code", "123456")];
    browser
        .post(How::Htmx, &fragment_of("verification", id), &form)
        .await
}

/// A session of a person with these addresses.
fn session(addresses: &[(&str, &str, bool)]) -> Recording {
    let mut session = Recording::read("whoami_200");
    let all: Value = addresses
        .iter()
        .map(|(value, via, verified)| json!({"value": value, "via": via, "verified": verified}))
        .collect();
    session.body_mut()["identity"]["verifiable_addresses"] = all;
    session
}

#[tokio::test]
async fn a_phone_number_is_confirmed_in_words_for_phones() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        sign_up(&kratos, &browser, how, &[(FIRST, PHONE)]).await;

        let page = browser.get(&page_of("verification", FIRST)).await;
        page.is_document(200);
        let lead = say_with("verification-code-lead-phone", &[("address", PHONE)]);
        assert_eq!(page.testid("ui/message/1080003"), Some(lead));
        assert!(page.texts("main p").contains(&say("code-phone")));
        assert!(!page.texts("main p").contains(&say("code-spam")));
        let links = page.texts("main a");
        assert_eq!(links, [say("code-other-phone")]);
        assert_eq!(page.attrs("main a", "href"), ["/settings?section=profile"]);

        kratos.on("GET /sessions/whoami", "whoami_401");
        confirms(&kratos, FIRST);
        let page = confirm(&browser, FIRST).await;
        assert_eq!(page.h1(), say("verification-done-phone"));
        // Also when it is read again.
        has(
            &kratos,
            FIRST,
            &Recording::read("verification_submit_200_passed_challenge"),
        );
    }
}

/// Kratos sends text messages after a change only: its form takes mail addresses.
#[tokio::test]
async fn no_button_promises_another_text_message() {
    for recording in [
        "verification_get_200_sent_email_from_registration",
        "26.2/verification_get_200_sent_sms_from_settings",
    ] {
        let (kratos, browser) = site().await;
        browser.keep("ory_kratos_session", "any");
        kratos.on(
            "GET /sessions/whoami",
            session(&[("+4915199999999", "sms", false)]),
        );
        let id = kratos.has_flow("verification", recording);
        let page = browser.get(&page_of("verification", &id)).await;
        page.is_document(200);
        assert_eq!(page.texts("main button"), [say("confirm")]);
        let lead = page.testid("ui/message/1080003").unwrap();
        assert!(lead.contains("+4915199999999"), "{lead}");
    }
}

#[tokio::test]
async fn a_wrong_code_for_a_phone_speaks_of_no_mail() {
    let (kratos, browser) = site().await;
    sign_up(&kratos, &browser, How::Plain, &[(FIRST, PHONE)]).await;
    let mut wrong = Recording::read("verification_submit_200_wrong_code");
    wrong.body_mut()["id"] = FIRST.into();
    let nodes = wrong.body_mut()["ui"]["nodes"].as_array_mut().unwrap();
    nodes.retain(|node| node["attributes"]["name"] != "email");
    kratos.on("POST /self-service/verification", &wrong);
    let page = confirm(&browser, FIRST).await;
    assert_eq!(page.summary(), [say("code-wrong")]);
    assert_eq!(page.texts("button"), [say("confirm")]);
}

#[tokio::test]
async fn a_sign_up_without_a_session_names_its_address_and_sends_another_code() {
    let (kratos, browser) = site().await;
    sign_up(&kratos, &browser, How::Plain, &[(FIRST, MAIL)]).await;
    browser.keep("ory_kratos_session", "");
    kratos.on("GET /sessions/whoami", "whoami_401");
    let page = browser.get(&page_of("verification", FIRST)).await;
    let lead = say_with("verification-code-lead", &[("address", MAIL)]);
    assert_eq!(page.testid("ui/message/1080003"), Some(lead));
    assert_eq!(page.attrs("button[name=email]", "value"), [MAIL]);
}

#[tokio::test]
async fn several_addresses_are_confirmed_one_after_the_other() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        sign_up(&kratos, &browser, how, &[(FIRST, MAIL), (SECOND, PHONE)]).await;
        let second = page_of("verification", SECOND);

        let page = browser.get(&page_of("verification", FIRST)).await;
        let lead = page.testid("ui/message/1080003").unwrap();
        assert!(lead.contains(MAIL), "{lead}");
        let other = say_with("verification-other", &[("address", PHONE)]);
        assert!(page.texts("main a").contains(&other));
        assert!(page.attrs("main a", "href").contains(&second));

        kratos.on(
            "GET /sessions/whoami",
            session(&[(MAIL, "email", true), (PHONE, "sms", false)]),
        );
        confirms(&kratos, FIRST);
        let page = confirm(&browser, FIRST).await;
        assert_eq!(page.h1(), say("verification-done"));
        let lead = page.testid("ui/message/1080002");
        assert_eq!(lead, Some(say("verification-next-lead")));
        assert_eq!(page.attrs("a.primary", "href"), [&*second]);

        let page = browser.get(&second).await;
        let lead = page.testid("ui/message/1080003").unwrap();
        assert!(lead.contains(PHONE), "{lead}");
        let links = page.attrs("main a", "href");
        assert!(
            !links.contains(&page_of("verification", FIRST)),
            "{links:?}"
        );
        confirms(&kratos, SECOND);
        let page = confirm(&browser, SECOND).await;
        assert_eq!(page.h1(), say("verification-done-phone"));
        let lead = page.testid("ui/message/1080002");
        assert_eq!(lead, Some(say("verification-done-lead")));
    }
}

/// A mail may be opened elsewhere in between.
#[tokio::test]
async fn an_address_that_was_confirmed_elsewhere_is_not_asked_for() {
    let (kratos, browser) = site().await;
    let both = [(FIRST, MAIL), (SECOND, PHONE)];
    sign_up(&kratos, &browser, How::Plain, &both).await;
    kratos.on(
        "GET /sessions/whoami",
        session(&[(MAIL, "email", true), (PHONE, "sms", true)]),
    );
    confirms(&kratos, SECOND);
    let page = confirm(&browser, SECOND).await;
    let lead = page.testid("ui/message/1080002");
    assert_eq!(lead, Some(say("verification-done-lead")));
}

#[tokio::test]
async fn after_a_change_a_link_is_called_a_link_and_its_address_is_named() {
    let (kratos, browser) = site().await;
    let link = Recording::read("verification_submit_200_link_sent");
    sign_up(&kratos, &browser, How::Plain, &[(FIRST, MAIL)]).await;
    let mut silent = link.clone();
    silent.body_mut()["id"] = SECOND.into();
    silent.body_mut()["ui"]["messages"] = json!([]);
    for node in silent.body_mut()["ui"]["nodes"].as_array_mut().unwrap() {
        if node["attributes"]["name"] == "email" {
            node["attributes"]["value"] = Value::Null;
        }
    }
    let id = kratos.has("verification", &silent);
    let page = browser.get(&page_of("verification", &id)).await;
    assert_eq!(page.h1(), say("link-sent"));
    let lead = page.testid("ui/message/1080001");
    assert_eq!(lead, Some(say("kratos-1080001")));

    let (kratos, browser) = site().await;
    sign_up(&kratos, &browser, How::Plain, &[(SECOND, MAIL)]).await;
    kratos.forget();
    kratos.has("verification", &silent);
    let page = browser.get(&page_of("verification", SECOND)).await;
    let lead = say_with("verification-link-lead", &[("address", MAIL)]);
    assert_eq!(page.testid("ui/message/1080001"), Some(lead));
    assert_eq!(page.value("email").as_deref(), Some(MAIL));
}

#[tokio::test]
async fn only_mail_addresses_can_be_confirmed_on_request() {
    for (addresses, is_asked) in [
        (&[(PHONE, "sms", false)][..], false),
        (&[(MAIL, "email", false)], true),
        (&[(PHONE, "sms", false), (MAIL, "email", true)], false),
    ] {
        let (kratos, browser) = site().await;
        kratos.on("GET /sessions/whoami", session(addresses));
        let links = browser.get("/welcome").await.attrs("main a", "href");
        let is_there = links.contains(&"/verification".to_owned());
        assert_eq!(is_there, is_asked, "{addresses:?}");
    }
}

#[tokio::test]
async fn a_sign_out_forgets_what_was_left_to_be_confirmed() {
    let (kratos, browser) = site().await;
    sign_up(&kratos, &browser, How::Plain, &[(FIRST, PHONE)]).await;
    assert!(browser.cookie("genkan_confirm").is_some());
    kratos
        .on("GET /self-service/logout/browser", "logout_init_200")
        .on("GET /self-service/logout", "logout_submit_204");
    browser.post(How::Plain, "/fragments/logout", &[]).await;
    assert_eq!(browser.cookie("genkan_confirm"), None);
}

#[tokio::test]
async fn a_cookie_of_any_other_shape_names_no_address() {
    for odd in [
        "",
        "x",
        "%FF%FE=1",
        "not-an-id=%2B4915112345678",
        &format!("{FIRST}="),
        &format!("{FIRST}={}", "1".repeat(400)),
    ] {
        let (kratos, browser) = site().await;
        browser.keep("genkan_confirm", odd);
        kratos.on("GET /sessions/whoami", "whoami_401");
        let id = kratos.has_flow(
            "verification",
            "verification_get_200_sent_email_from_registration",
        );
        assert_eq!(id, FIRST);
        let page = browser.get(&page_of("verification", &id)).await;
        page.is_document(200);
        let lead = page.testid("ui/message/1080003");
        assert_eq!(lead, Some(say("verification-code-lead-unknown")), "{odd}");
    }
    let (kratos, browser) = site().await;
    browser.keep("genkan_confirm", &format!("{FIRST}=%3Cscript%3E%40x"));
    let id = kratos.has_flow(
        "verification",
        "verification_get_200_sent_email_from_registration",
    );
    let page = browser.get(&page_of("verification", &id)).await;
    assert!(
        page.testid("ui/message/1080003")
            .unwrap()
            .contains("<script>@x")
    );
    assert!(!page.body.contains("<script>@x"));
    let asked = kratos.received_on(&Method::GET, "/sessions/whoami");
    assert!(asked.is_empty(), "the address is known");
}
