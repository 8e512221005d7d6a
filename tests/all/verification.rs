//! Proof of an address: by the code that a sign-up sent, or on its own.

use http::Method;
use serde_json::{Value, json};

use crate::support::{HOWS, How, Recording, fragment_of, page_of, say, say_with, site, site_with};

const POST: &str = "POST /self-service/verification";
const CODE: [(&str, &str); 2] = [("method", "code"), ("code", "000000")];
const EMAIL: [(&str, &str); 2] = [("method", "code"), ("email", "v1@x.test")];

#[tokio::test]
async fn the_page_starts_a_flow_and_asks_for_the_address() {
    let (kratos, browser) = site().await;
    let flow = Recording::read("verification_init_200");
    kratos.on("GET /self-service/verification/browser", &flow);
    let id = kratos.has("verification", &flow);
    let to = browser.get("/verification").await;
    assert_eq!(to.redirects(), page_of("verification", &id));
    let page = browser.get(to.redirects()).await;
    page.is_document(200);
    assert_eq!(page.h1(), say("verification"));
    assert_eq!(page.focus().as_deref(), Some("email"));
    assert_eq!(
        page.attr("input[name=email]", "type").as_deref(),
        Some("email")
    );
}

#[tokio::test]
async fn the_other_name_of_the_page_keeps_its_query() {
    let (_, browser) = site().await;
    assert_eq!(browser.get("/verify").await.redirects(), "/verification");
    let page = browser.get("/verify?flow=x%26y&code=%C3%A9").await;
    assert_eq!(page.redirects(), "/verification?flow=x%26y&code=%C3%A9");
}

#[tokio::test]
async fn an_address_leads_to_the_screen_for_its_code() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let flow = Recording::read("verification_submit_200_sent_unknown");
        let id = kratos.has("verification", &flow);
        kratos.on(POST, &flow);
        let answer = browser
            .post(how, &fragment_of("verification", &id), &EMAIL)
            .await;
        let page = match how {
            How::Htmx => answer,
            How::Plain => browser.get(answer.redirects()).await,
        };
        match how {
            How::Htmx => page.is_fragment(200),
            How::Plain => page.is_document(200),
        };
        assert_eq!(page.h1(), say("code"));
        assert_eq!(page.focus().as_deref(), Some("code"));
        let lead = page.testid("ui/message/1080003").unwrap();
        let address = flow.body()["ui"]["nodes"].as_array().unwrap().iter();
        let address = address
            .map(|node| &node["attributes"])
            .find(|it| it["name"] == "email");
        assert!(
            lead.contains(address.unwrap()["value"].as_str().unwrap()),
            "{lead}"
        );
        let code = "input[name=code]";
        assert_eq!(page.attr(code, "inputmode").as_deref(), Some("numeric"));
        assert_eq!(
            page.attr(code, "autocomplete").as_deref(),
            Some("one-time-code")
        );
        assert_eq!(page.attr(code, "type").as_deref(), Some("text"));
    }
}

#[tokio::test]
async fn another_code_is_sent_by_a_form_of_its_own() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("verification", "verification_submit_200_resend");
    let page = browser.get(&page_of("verification", &id)).await;
    let resend = "form:has(button[name=email])";
    assert_eq!(page.count(resend), 1);
    assert_eq!(page.count(&format!("{resend} input[name=code]")), 0);
    assert_eq!(page.count(&format!("{resend} [name=csrf_token]")), 1);
    assert_eq!(
        page.attr("button[name=email]", "value").as_deref(),
        Some("v1@x.test")
    );
    assert_eq!(
        page.count("form:has(input[name=code]) button"),
        1,
        "Enter confirms"
    );
}

#[tokio::test]
async fn another_code_is_said_to_be_another() {
    let (kratos, browser) = site_with(&[("--resend-cool-down", "0")]).await;
    let id = kratos.has_flow("verification", "verification_submit_200_resend");
    kratos.on(POST, "verification_submit_200_resend");
    let page = browser.get(&page_of("verification", &id)).await;
    let action = page.attr("form:has(button[name=email])", "action").unwrap();

    let fragment = browser.post(How::Htmx, &action, &EMAIL).await;
    fragment.is_fragment(200);
    assert_eq!(fragment.text("#notice"), Some(say("flash-resent")));

    let answer = browser.post(How::Plain, &action, &EMAIL).await;
    let page = browser.get(answer.redirects()).await;
    page.is_document(200);
    assert_eq!(page.text("#notice"), Some(say("flash-resent")));
    let page = browser.get(answer.redirects()).await;
    assert_eq!(page.count("#notice"), 0, "it is said once");
}

#[tokio::test]
async fn a_code_that_was_sent_a_moment_ago_is_not_sent_again() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let id = kratos.has_flow("verification", "verification_submit_200_resend");
        kratos.on(POST, "verification_submit_200_resend");
        let action = fragment_of("verification", &id);
        browser.post(how, &action, &EMAIL).await;
        let posts = || {
            kratos
                .received_on(&Method::POST, "/self-service/verification")
                .len()
        };
        let asked = posts();
        let page = browser.get(&page_of("verification", &id)).await;
        let again = page.attr("form:has(button[name=email])", "action").unwrap();

        let answer = browser.post(how, &again, &EMAIL).await;
        let page = match how {
            How::Htmx => answer,
            How::Plain => browser.get(answer.redirects()).await,
        };
        let told = say_with("flash-sent-just-now", &[("seconds", "30")]);
        assert_eq!(page.text("#notice"), Some(told));
        assert_eq!(page.count("#error-summary"), 0);
        assert_eq!(posts(), asked, "Kratos mails nothing");
    }
}

#[tokio::test]
async fn after_a_sign_up_the_address_is_known_from_the_session() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow(
        "verification",
        "verification_get_200_sent_email_from_registration",
    );
    kratos.on("GET /sessions/whoami", "whoami_200");
    let page = browser.get(&page_of("verification", &id)).await;
    page.is_document(200);
    assert!(
        page.testid("ui/message/1080003")
            .unwrap()
            .contains("a1@x.test")
    );
    assert_eq!(
        page.attr("button[name=email]", "value").as_deref(),
        Some("a1@x.test")
    );
}

#[tokio::test]
async fn after_a_sign_up_without_a_session_no_address_is_named() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow(
        "verification",
        "verification_get_200_sent_email_from_registration",
    );
    kratos.on("GET /sessions/whoami", "whoami_401");
    let page = browser.get(&page_of("verification", &id)).await;
    page.is_document(200);
    let lead = page.testid("ui/message/1080003");
    assert_eq!(lead, Some(say("verification-code-lead-unknown")));
    assert_eq!(page.count("button[name=email]"), 0);
}

#[tokio::test]
async fn after_a_sign_up_with_two_addresses_none_is_named() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow(
        "verification",
        "verification_get_200_sent_email_from_registration",
    );
    let mut session = Recording::read("whoami_200");
    let addresses = &mut session.body_mut()["identity"]["verifiable_addresses"];
    let addresses = addresses.as_array_mut().unwrap();
    let mut other = addresses[0].clone();
    other["value"] = json!("other@x.test");
    addresses.push(other);
    kratos.on("GET /sessions/whoami", &session);
    let page = browser.get(&page_of("verification", &id)).await;
    let lead = page.testid("ui/message/1080003");
    assert_eq!(lead, Some(say("verification-code-lead-unknown")));
    assert_eq!(page.count("button[name=email]"), 0);
}

#[tokio::test]
async fn a_wrong_code_is_an_error_although_kratos_answers_200() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let flow = Recording::read("verification_submit_200_wrong_code");
        let id = kratos.has("verification", &flow);
        kratos.on(POST, &flow);
        kratos.on("GET /sessions/whoami", "whoami_200");
        let answer = browser
            .post(how, &fragment_of("verification", &id), &CODE)
            .await;
        let page = match how {
            How::Htmx => answer,
            How::Plain => browser.get(answer.redirects()).await,
        };
        match how {
            How::Htmx => page.is_fragment(422),
            How::Plain => page.is_document(200),
        };
        assert!(page.testid("ui/message/4070006").is_some());
        assert_eq!(page.attrs("#error-summary a", "href"), ["#code"]);
        assert_eq!(page.summary().len(), 1);
    }
}

/// Whoever opens the mail on another device has no session there, and Kratos names no address.
#[tokio::test]
async fn on_another_device_a_wrong_code_leads_to_another_one() {
    let (kratos, browser) = site().await;
    let mut flow = Recording::read("verification_submit_200_wrong_code");
    let nodes = flow.body_mut()["ui"]["nodes"].as_array_mut().unwrap();
    nodes.retain(|node| node["attributes"]["name"] != "email");
    let id = kratos.has("verification", &flow);
    kratos.on("GET /sessions/whoami", "whoami_401");

    let page = browser.get(&page_of("verification", &id)).await;

    assert_eq!(page.summary(), [say("code-wrong")]);
    assert_eq!(page.count("button[name=email]"), 0);
    assert_eq!(page.texts("nav.links a"), [say("code-another")]);
    let to = page.attr("nav.links a", "href").unwrap();
    assert!(to.starts_with("/verification"), "{to}");
}

#[tokio::test]
async fn a_right_code_is_told_and_the_way_on_is_that_of_kratos() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let flow = Recording::read("verification_submit_200_passed_challenge");
        let id = kratos.has("verification", &flow);
        kratos.on(POST, &flow);
        let answer = browser
            .post(how, &fragment_of("verification", &id), &CODE)
            .await;
        let page = match how {
            How::Htmx => answer,
            How::Plain => browser.get(answer.redirects()).await,
        };
        match how {
            How::Htmx => page.is_fragment(200),
            How::Plain => page.is_document(200),
        };
        assert_eq!(page.h1(), say("verification-done"));
        assert!(page.testid("ui/message/1080002").is_some());
        let anchor = r#"[data-testid="node/anchor/continue"]"#;
        assert_eq!(
            page.attr(anchor, "href").as_deref(),
            Some("http://127.0.0.1:3000/")
        );
        assert_eq!(page.count("form"), 0);
    }
}

#[tokio::test]
async fn a_way_on_that_is_no_link_is_not_drawn() {
    for href in [
        "javascript:alert(1)",
        "data:text/html,x",
        " vbscript:x",
        "//evil.test",
    ] {
        let (kratos, browser) = site().await;
        let mut flow = Recording::read("verification_submit_200_passed_challenge");
        let nodes = flow.body_mut()["ui"]["nodes"].as_array_mut().unwrap();
        let anchor = nodes.iter_mut().find(|node| node["type"] == "a").unwrap();
        anchor["attributes"]["href"] = json!(href);
        let id = kratos.has("verification", &flow);
        let page = browser.get(&page_of("verification", &id)).await;
        page.is_document(200);
        assert_eq!(
            page.count(r#"[data-testid="node/anchor/continue"]"#),
            0,
            "{href}"
        );
    }
}

#[tokio::test]
async fn the_code_from_a_mail_link_stands_in_the_field() {
    let (kratos, browser) = site().await;
    let mut flow = Recording::read("verification_get_200_sent_email_from_registration");
    flow.node_mut("code")["attributes"]["value"] = json!("906439");
    let id = kratos.has("verification", &flow);
    kratos.on("GET /sessions/whoami", "whoami_401");
    let page = browser.get(&page_of("verification", &id)).await;
    page.is_document(200);
    assert_eq!(
        page.attr("input[name=code]", "value").as_deref(),
        Some("906439")
    );
}

#[tokio::test]
async fn full_width_digits_and_spaces_in_a_code_become_plain() {
    for typed in [
        "１２３４５６",
        " 123 456 ",
        "１２３　４５６",
        "123-456",
        "１２３－４５６",
        "12\t34\n56",
        "123ー456",
    ] {
        let (kratos, browser) = site().await;
        let flow = Recording::read("verification_submit_200_wrong_code");
        kratos.on(POST, &flow);
        kratos.on("GET /sessions/whoami", "whoami_401");
        let form = [("method", "code"), ("code", typed)];
        browser
            .post(How::Htmx, &fragment_of("verification", &flow.id()), &form)
            .await;
        assert_eq!(kratos.posted().values("code"), ["123456"], "{typed}");
    }
}

#[tokio::test]
async fn both_an_address_and_a_code_are_refused_before_kratos_sees_them() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("verification", "verification_submit_200_resend");
    let action = fragment_of("verification", &id);
    let form = [("method", "code"), ("code", "1"), ("email", "v1@x.test")];

    let fragment = browser.post(How::Htmx, &action, &form).await;
    assert_eq!(fragment.status, 422);
    assert_eq!(fragment.summary(), [say("flash-code-or-address")]);

    let answer = browser.post(How::Plain, &action, &form).await;
    assert_eq!(answer.redirects(), page_of("verification", &id));
    let page = browser.get(answer.redirects()).await;
    assert_eq!(page.summary(), [say("flash-code-or-address")]);

    let posts = kratos.received_on(&Method::POST, "/self-service/verification");
    assert!(posts.is_empty());
    fragment.is_fragment(422);
}

#[tokio::test]
async fn neither_an_address_nor_a_code_is_told_at_the_field() {
    for (recording, field) in [
        ("verification_init_200", "email"),
        ("verification_submit_200_resend", "code"),
    ] {
        let (kratos, browser) = site().await;
        let id = kratos.has_flow("verification", recording);
        let action = fragment_of("verification", &id);
        for form in [
            &[("method", "code")][..],
            &[("method", "code"), (field, " 　")],
        ] {
            let fragment = browser.post(How::Htmx, &action, form).await;
            fragment.is_fragment(422);
            assert!(fragment.testid("ui/message/4000002").is_some());
            let link = format!("#{field}");
            assert_eq!(fragment.attrs("#error-summary a", "href"), [link]);

            let answer = browser.post(How::Plain, &action, form).await;
            assert_eq!(answer.redirects(), page_of("verification", &id));
            let page = browser.get(answer.redirects()).await;
            page.is_document(200);
            assert!(page.testid("ui/message/4000002").is_some());
        }
        let posts = kratos.received_on(&Method::POST, "/self-service/verification");
        assert!(posts.is_empty());
    }
}

#[tokio::test]
async fn messages_that_kratos_piles_up_are_told_once() {
    for recording in [
        "verification_submit_400_empty_email",
        "verification_submit_bad_email",
        "26.2/verification_submit_bad_email",
    ] {
        let (kratos, browser) = site().await;
        let mut flow = Recording::read(recording);
        let node = flow.node_mut("email");
        let said = node["messages"][0].clone();
        node["messages"] = json!([said, said, said]);
        kratos.on(POST, &flow);
        let page = browser
            .post(How::Htmx, &fragment_of("verification", &flow.id()), &EMAIL)
            .await;
        page.is_fragment(422);
        assert_eq!(page.summary().len(), 1, "{recording}");
    }
}

#[tokio::test]
async fn a_flow_that_was_replaced_goes_on_with_the_new_one() {
    for recording in [
        "verification_submit_410_replaced_after_success",
        "verification_submit_too_many",
    ] {
        for how in HOWS {
            let (kratos, browser) = site().await;
            let answer = Recording::read(recording);
            kratos.on(POST, &answer);
            let page = browser
                .post(how, &fragment_of("verification", &answer.asked_id()), &CODE)
                .await;
            let id = answer.body()["use_flow_id"].as_str().unwrap();
            assert_eq!(page.leads(how), page_of("verification", id));
        }
    }
}

#[tokio::test]
async fn an_expired_flow_goes_on_with_the_one_kratos_made() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let answer = Recording::read("verification_submit_expired");
        kratos.on(POST, &answer);
        let page = browser
            .post(how, &fragment_of("verification", &answer.asked_id()), &CODE)
            .await;
        let to = page_of("verification", "604f643f-738c-4325-a650-4663e94fc37b");
        assert_eq!(page.leads(how), to);
        assert_eq!(page.set_cookies(), answer.set_cookies());
    }
}

#[tokio::test]
async fn a_flow_whose_link_was_opened_elsewhere_begins_anew() {
    let (kratos, browser) = site().await;
    let gone = Recording::read("verification_get_403_after_link_clicked_elsewhere");
    let new = Recording::read("verification_init_200");
    kratos.on("GET /self-service/verification/flows", &gone);
    kratos.on("GET /self-service/verification/browser", &new);
    let page = browser
        .get(&page_of("verification", &gone.asked_id()))
        .await;
    let to = format!("{}&again=1", page_of("verification", &new.id()));
    assert_eq!(page.redirects(), to);
}

#[tokio::test]
async fn the_verification_that_a_refused_sign_in_leads_to_is_a_page() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("verification", "26.2/verification_get_200_from_login_403");
    kratos.on("GET /sessions/whoami", "whoami_401");
    let page = browser.get(&page_of("verification", &id)).await;
    page.is_document(200);
    assert_eq!(page.h1(), say("code"));
}

#[tokio::test]
async fn a_button_that_always_fails_is_not_drawn() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow(
        "verification",
        "26.2/verification_get_200_sent_sms_from_settings",
    );
    kratos.on("GET /sessions/whoami", "whoami_401");
    let page = browser.get(&page_of("verification", &id)).await;
    page.is_document(200);
    assert_eq!(page.count("button[name=sms]"), 0);
}

#[tokio::test]
async fn in_development_the_screen_for_the_code_leads_to_the_mailbox() {
    let catcher = "http://127.0.0.1:4436/";
    for settings in [&[][..], &[("--mail-catcher-url", catcher)]] {
        let (kratos, browser) = site_with(settings).await;
        let id = kratos.has_flow("verification", "verification_submit_200_resend");
        let page = browser.get(&page_of("verification", &id)).await;
        page.is_document(200);
        let links = page.attrs("main a", "href");
        assert_eq!(links.contains(&catcher.to_owned()), !settings.is_empty());
    }
}

#[tokio::test]
async fn verification_by_link_says_that_a_mail_was_sent() {
    let (kratos, browser) = site().await;
    let flow = Recording::read("verification_submit_200_link_sent");
    kratos.on(POST, &flow);
    let page = browser
        .post(How::Htmx, &fragment_of("verification", &flow.id()), &EMAIL)
        .await;
    page.is_fragment(200);
    assert!(page.testid("ui/message/1080001").is_some());
    assert_eq!(page.count("input[name=code]"), 0);
}

#[tokio::test]
async fn a_link_that_was_sent_again_is_said() {
    let (kratos, browser) = site().await;
    let flow = Recording::read("verification_submit_200_link_sent");
    kratos.on(POST, &flow);
    let id = kratos.has("verification", &flow);
    let page = browser.get(&page_of("verification", &id)).await;
    let action = page.attr("main form", "action").unwrap();
    let page = browser.post(How::Htmx, &action, &EMAIL).await;
    page.is_fragment(200);
    assert_eq!(page.text("#notice"), Some(say("flash-link-resent")));
}

#[tokio::test]
async fn every_recorded_verification_form_is_a_page() {
    for version in ["1.3.1", "26.2"] {
        let (kratos, browser) = site().await;
        kratos.on("GET /sessions/whoami", "whoami_401");
        for flow in Recording::all(version) {
            if !flow.case().starts_with("verification_") || !flow.body()["ui"].is_object() {
                continue;
            }
            let id = kratos.has("verification", &flow);
            browser
                .get(&page_of("verification", &id))
                .await
                .is_document(200);
        }
    }
}

#[tokio::test]
async fn who_is_signed_in_need_not_type_the_address_that_waits() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("verification", "verification_init_200");
    kratos.on("GET /sessions/whoami", "whoami_200");
    let page = browser.get(&page_of("verification", &id)).await;
    assert_eq!(page.value("email"), None, "a stranger");
    assert_eq!(page.attr("#email", "enterkeyhint").as_deref(), Some("go"));
    assert!(
        kratos
            .received_on(&Method::GET, "/sessions/whoami")
            .is_empty()
    );
    browser.keep("ory_kratos_session", "s");
    let page = browser.get(&page_of("verification", &id)).await;
    assert_eq!(page.value("email").as_deref(), Some("a1@x.test"));
    kratos.on("GET /sessions/whoami", "whoami_401");
    let page = browser.get(&page_of("verification", &id)).await;
    assert_eq!(page.value("email"), None, "an old cookie");
}

/// Kratos 26.2 with the methods `link` and `code`.
#[tokio::test]
async fn where_a_link_was_mailed_only_another_link_is_offered() {
    for kind in ["verification", "recovery"] {
        let (kratos, browser) = site().await;
        let mut flow = Recording::read(&format!("26.2/{kind}_submit_200_link_sent"));
        let nodes = flow.body_mut()["ui"]["nodes"].as_array_mut().unwrap();
        let is_button = |node: &&Value| node["attributes"]["type"] == "submit";
        let mut code = nodes.iter().find(is_button).unwrap().clone();
        code["group"] = "code".into();
        code["attributes"]["value"] = "code".into();
        nodes.push(code);
        let id = kratos.has(kind, &flow);
        let page = browser.get(&page_of(kind, &id)).await;
        let buttons = page.texts("form button[type=submit]");
        assert_eq!(buttons, [say("send-link-again")]);
        assert_eq!(page.count("[name=email]"), 1);
    }
}
