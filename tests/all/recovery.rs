//! The way back in: address, code, then a new password in the settings.

use http::Method;
use serde_json::json;

use crate::support::{Answer, HOWS, How, Recording, fragment_of, page_of, say, site, site_with};

const POST: &str = "POST /self-service/recovery";
const CODE: [(&str, &str); 2] = [("method", "code"), ("code", "809237")];
const EMAIL: [(&str, &str); 2] = [("method", "code"), ("email", "v1@x.test")];

#[tokio::test]
async fn the_page_starts_a_flow_and_asks_for_the_address() {
    let (kratos, browser) = site().await;
    let flow = Recording::read("recovery_init_200");
    kratos.on("GET /self-service/recovery/browser", &flow);
    let id = kratos.has("recovery", &flow);
    let to = browser.get("/recovery?return_to=/settings").await;
    assert_eq!(to.redirects(), page_of("recovery", &id));
    assert_eq!(
        kratos.started().parameter("return_to"),
        Some("http://127.0.0.1:3000/settings")
    );
    let page = browser.get(to.redirects()).await;
    page.is_document(200);
    assert_eq!(page.h1(), say("recovery"));
    assert_eq!(page.focus().as_deref(), Some("email"));
    assert_eq!(
        page.attr("input[name=email]", "autocomplete").as_deref(),
        Some("username")
    );
}

#[tokio::test]
async fn a_known_and_an_unknown_address_look_the_same() {
    let mut seen = Vec::new();
    for recording in [
        "recovery_submit_200_sent_email",
        "recovery_submit_200_sent_unknown",
    ] {
        let (kratos, browser) = site().await;
        let flow = Recording::read(recording);
        kratos.on(POST, &flow);
        let page = browser
            .post(How::Htmx, &fragment_of("recovery", &flow.id()), &EMAIL)
            .await;
        page.is_fragment(200);
        assert_eq!(page.h1(), say("code"));
        assert!(page.testid("ui/message/1060003").is_some());
        assert_eq!(page.focus().as_deref(), Some("code"));
        seen.push((
            page.title(),
            page.h1(),
            page.count("*"),
            page.texts("label, button, .hint"),
        ));
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn without_htmx_the_screen_for_the_code_is_a_page_of_its_own() {
    let (kratos, browser) = site().await;
    let flow = Recording::read("recovery_submit_200_sent_email");
    let id = kratos.has("recovery", &flow);
    kratos.on(POST, &flow);
    let answer = browser
        .post(How::Plain, &fragment_of("recovery", &id), &EMAIL)
        .await;
    assert_eq!(answer.redirects(), page_of("recovery", &id));
    let page = browser.get(answer.redirects()).await;
    page.is_document(200);
    assert_eq!(page.h1(), say("code"));
    assert!(
        page.testid("ui/message/1060003")
            .unwrap()
            .contains("v1@x.test")
    );
}

#[tokio::test]
async fn a_wrong_code_is_an_error_although_kratos_answers_200() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let flow = Recording::read("recovery_submit_200_wrong_code");
        let id = kratos.has("recovery", &flow);
        kratos.on(POST, &flow);
        let answer = browser
            .post(how, &fragment_of("recovery", &id), &CODE)
            .await;
        let page = match how {
            How::Htmx => answer,
            How::Plain => browser.get(answer.redirects()).await,
        };
        match how {
            How::Htmx => page.is_fragment(422),
            How::Plain => page.is_document(200),
        };
        assert!(page.testid("ui/message/4060006").is_some());
        assert_eq!(page.summary().len(), 1);
        assert_eq!(page.attr("input[name=code]", "value"), None);
    }
}

#[tokio::test]
async fn a_right_code_leads_to_the_settings_with_a_session() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let answer = Recording::read("recovery_submit_422_redirect_settings");
        kratos.on(POST, &answer);
        let page = browser
            .post(how, &fragment_of("recovery", &answer.asked_id()), &CODE)
            .await;
        let to = page_of("settings", "29a39a2b-71e7-467c-b572-af4262b2053a");
        assert_eq!(page.leads(how), to);
        assert_eq!(page.set_cookies(), answer.set_cookies());
        assert_eq!(page.set_cookies().len(), 2);
    }
}

#[tokio::test]
async fn a_right_code_leads_to_the_settings_with_continue_with_too() {
    for recording in [
        "1.3.1/recovery_submit_200_continue_with_settings",
        "26.2/recovery_submit_200_continue_with_settings",
        "26.2/recovery_v2_submit_success",
    ] {
        for how in HOWS {
            let (kratos, browser) = site().await;
            let answer = Recording::read(recording);
            kratos.on(POST, &answer);
            let page = browser
                .post(how, &fragment_of("recovery", &answer.id()), &CODE)
                .await;
            let id = answer.body()["continue_with"][0]["flow"]["id"]
                .as_str()
                .unwrap();
            assert_eq!(page.leads(how), page_of("settings", id), "{recording}");
        }
    }
}

#[tokio::test]
async fn too_many_codes_go_on_with_the_new_flow() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let answer = Recording::read("recovery_submit_too_many_continue_with");
        kratos.on(POST, &answer);
        let page = browser
            .post(how, &fragment_of("recovery", &answer.asked_id()), &CODE)
            .await;
        let to = page_of("recovery", "76fb4a56-310d-4bca-83a5-27af60ff5c99");
        assert_eq!(page.leads(how), to);
    }
}

#[tokio::test]
async fn a_code_that_is_too_old_goes_on_with_the_new_flow_and_the_address() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let mut too_old = Recording::read("recovery_submit_too_many_continue_with");
        too_old.body_mut()["error"]["id"] = json!("self_service_flow_expired");
        kratos.on(POST, Answer::json(410, too_old.body()));
        let mut old = Recording::read("recovery_submit_200_sent_email");
        old.body_mut()["id"] = json!(too_old.asked_id());
        kratos.has("recovery", &old);
        let mut new = Recording::read("recovery_init_200");
        new.body_mut()["id"] = json!("76fb4a56-310d-4bca-83a5-27af60ff5c99");
        let id = kratos.has("recovery", &new);

        let answer = browser
            .post(how, &fragment_of("recovery", &old.id()), &CODE)
            .await;

        assert_eq!(answer.leads(how), page_of("recovery", &id));
        let page = browser.get(answer.leads(how)).await;
        assert_eq!(page.value("email").as_deref(), Some("v1@x.test"));
    }
}

#[tokio::test]
async fn a_right_code_for_an_account_that_is_off_leads_to_the_sign_in_which_says_so() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let disabled = Recording::read("login_submit_401_identity_disabled");
        kratos.on(POST, &disabled);
        kratos.on("GET /self-service/login/browser", "login_init_200_unified");
        let id = kratos.has_flow("login", "login_init_200_unified");

        let answer = browser
            .post(how, &fragment_of("recovery", &id), &CODE)
            .await;

        assert_eq!(answer.leads(how), "/login");
        browser.get("/login").await.redirects();
        let page = browser.get(&page_of("login", &id)).await;
        assert_eq!(page.summary(), [say("flash-account-disabled")]);
    }
}

#[tokio::test]
async fn an_expired_flow_goes_on_with_the_one_kratos_made() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let answer = Recording::read("recovery_submit_expired");
        kratos.on(POST, &answer);
        let page = browser
            .post(how, &fragment_of("recovery", &answer.asked_id()), &CODE)
            .await;
        let to = page_of("recovery", "09007313-02f7-4553-9a88-da61044344f4");
        assert_eq!(page.leads(how), to);
    }
}

#[tokio::test]
async fn a_flow_that_is_dead_begins_anew() {
    for recording in [
        "recovery_submit_bad_csrf_303_to_new_flow",
        "recovery_submit_after_success",
    ] {
        for how in HOWS {
            let (kratos, browser) = site().await;
            let answer = Recording::read(recording);
            let new = Recording::read("recovery_init_200");
            kratos.on(POST, &answer);
            kratos.on("GET /self-service/recovery/browser", &new);
            let page = browser
                .post(how, &fragment_of("recovery", &answer.asked_id()), &CODE)
                .await;
            let to = format!("{}&again=1", page_of("recovery", &new.id()));
            assert_eq!(page.leads(how), to);
            assert_eq!(
                browser.cookie("genkan_flash").as_deref(),
                Some("flash-started-again")
            );
        }
    }
}

#[tokio::test]
async fn coming_back_to_a_recovery_that_is_done_shows_the_way_on_and_no_form() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("recovery", "recovery_get_200_passed_challenge");
    let page = browser.get(&page_of("recovery", &id)).await;
    page.is_document(200);
    assert_eq!(page.count("form"), 0);
    assert_eq!(page.count(r#"a[href="/settings?section=password"]"#), 1);
}

#[tokio::test]
async fn who_is_signed_in_can_set_a_new_password_at_once() {
    let (kratos, browser) = site().await;
    kratos.on(
        "GET /self-service/recovery/browser",
        "recovery_init_400_already_logged_in",
    );
    let page = browser.get("/recovery").await;
    assert_eq!(page.redirects(), "/settings?section=password");
}

#[tokio::test]
async fn both_or_neither_is_refused_before_kratos_sees_it() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("recovery", "recovery_submit_200_sent_email");
    let action = fragment_of("recovery", &id);
    let both = [("code", "1"), ("email", "v1@x.test")];
    let page = browser.post(How::Htmx, &action, &both).await;
    assert_eq!(
        (page.status, page.summary()),
        (422, vec![say("flash-code-or-address")])
    );
    let page = browser.post(How::Htmx, &action, &[("code", "　")]).await;
    assert_eq!(page.status, 422);
    assert!(page.testid("ui/message/4000002").is_some());
    for how in HOWS {
        let page = browser.post(how, &action, &[]).await;
        assert_eq!(page.status, if how == How::Htmx { 422 } else { 303 });
    }
    assert!(
        kratos
            .received_on(&Method::POST, "/self-service/recovery")
            .is_empty()
    );
}

#[tokio::test]
async fn an_address_and_a_code_become_plain() {
    for (name, typed, meant) in [
        ("email", "　ｖ１＠ｘ．ｔｅｓｔ ", "v1@x.test"),
        ("code", "８０９ ２３７", "809237"),
        ("recovery_address", " ａ＠ｘ．ｔｅｓｔ", "a@x.test"),
        ("recovery_confirm_address", "＋４９１", "+491"),
    ] {
        let (kratos, browser) = site().await;
        let flow = Recording::read("recovery_submit_200_sent_email");
        kratos.on(POST, &flow);
        let action = fragment_of("recovery", &flow.id());
        browser
            .post(How::Htmx, &action, &[(name, typed)])
            .await
            .is_fragment(200);
        assert_eq!(kratos.posted().values(name), [meant]);
    }
}

#[tokio::test]
async fn another_code_is_sent_by_a_form_of_its_own() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("recovery", "recovery_submit_200_sent_email");
    let page = browser.get(&page_of("recovery", &id)).await;
    assert_eq!(page.count("form:has(button[name=email])"), 1);
    assert_eq!(
        page.count("form:has(button[name=email]) input[name=code]"),
        0
    );
    assert_eq!(page.count("form:has(input[name=code]) button"), 1);
}

#[tokio::test]
async fn recovery_by_link_says_that_a_mail_was_sent() {
    let (kratos, browser) = site().await;
    let flow = Recording::read("recovery_submit_200_link_sent");
    kratos.on(POST, &flow);
    let page = browser
        .post(How::Htmx, &fragment_of("recovery", &flow.id()), &EMAIL)
        .await;
    page.is_fragment(200);
    assert!(page.testid("ui/message/1060002").is_some());
}

#[tokio::test]
async fn a_link_that_is_used_up_says_so_on_the_new_flow() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("recovery", "recovery_get_200_after_bad_token");
    let page = browser.get(&page_of("recovery", &id)).await;
    page.is_document(200);
    assert!(page.testid("ui/message/4060004").is_some());
}

#[tokio::test]
async fn every_step_of_the_second_version_of_recovery_can_be_taken() {
    for recording in Recording::all("26.2") {
        let case = recording.case().to_owned();
        if !case.starts_with("recovery_v2_") || !recording.body()["ui"].is_object() {
            continue;
        }
        let (kratos, browser) = site().await;
        let id = kratos.has("recovery", &recording);
        let page = browser.get(&page_of("recovery", &id)).await;
        page.is_document(200);
        if recording.body()["state"] == "passed_challenge" {
            continue;
        }
        assert!(page.count("form button[type=submit]") > 0, "{case}");
        assert_eq!(
            page.count("form"),
            page.count("form [name=csrf_token]"),
            "{case}"
        );
        let awaits_code = recording.body()["state"] == "recovery_awaiting_code";
        assert_eq!(
            page.count("input[name=code]"),
            usize::from(awaits_code),
            "{case}"
        );
    }
}

#[tokio::test]
async fn every_recorded_recovery_form_is_a_page() {
    let (kratos, browser) = site().await;
    for flow in Recording::all("1.3.1") {
        if !flow.case().starts_with("recovery_") || !flow.body()["ui"].is_object() {
            continue;
        }
        let id = kratos.has("recovery", &flow);
        browser
            .get(&page_of("recovery", &id))
            .await
            .is_document(200);
    }
}

#[tokio::test]
async fn an_account_with_several_addresses_offers_them_by_what_can_be_seen_of_them() {
    let (kratos, browser) = site().await;
    let name = "26.2/recovery_v2_submit_choose_address";
    let id = kratos.has_flow("recovery", name);
    let page = browser.get(&page_of("recovery", &id)).await;
    let offered = page.texts("fieldset label");
    assert_eq!(offered.len(), 3, "{offered:?}");
    assert_eq!(page.text("legend"), Some(say("recovery-address")));
    let radio = "form fieldset [type=radio][name=recovery_select_address]";
    let values = page.attrs(radio, "value");
    assert_eq!(values.len(), 3, "{values:?}");
    let chosen = page.attrs(&format!("{radio}[checked]"), "value");
    assert_eq!(chosen, values[..1]);
    assert_eq!(page.texts("form [type=submit].primary"), [say("send-code")]);
    assert!(
        offered.iter().all(|address| address.contains("****")),
        "{offered:?}"
    );
    let known = page.attr("form [type=hidden][name=recovery_address]", "value");
    assert_eq!(known.as_deref(), Some("m1@x.test"));
}

#[tokio::test]
async fn a_code_goes_with_the_address_that_a_chosen_recovery_knows() {
    let (kratos, browser) = site().await;
    let flow = Recording::read("26.2/recovery_v2_submit_single_address");
    let id = kratos.has("recovery", &flow);
    let page = browser.get(&page_of("recovery", &id)).await;
    assert_eq!(page.h1(), say("code"));
    assert_eq!(page.text("#sent bdi").as_deref(), Some("m2****@x.test"));
    let back = "form:has(button[name=screen])";
    let known = page.attr(&format!("{back} [name=recovery_address]"), "value");
    assert_eq!(known.as_deref(), Some("m2@x.test"));

    kratos.on(POST, "26.2/recovery_v2_submit_unknown_wrong_code");
    let form = [
        ("code", "000000"),
        ("recovery_address", "m2@x.test"),
        ("method", "code"),
    ];
    browser
        .post(How::Htmx, &fragment_of("recovery", &id), &form)
        .await;
    assert_eq!(kratos.posted().values("recovery_address"), ["m2@x.test"]);
}

#[tokio::test]
async fn after_a_link_was_mailed_the_page_says_so_and_can_send_another() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("recovery", "recovery_submit_200_link_sent");
    let page = browser.get(&page_of("recovery", &id)).await;
    assert_eq!(page.h1(), say("link-sent"));
    assert!(page.testid("ui/message/1060002").is_some());
    let button = "form button[type=submit]";
    assert_eq!(page.texts(button), [say("send-link-again")]);
}

#[tokio::test]
async fn the_address_of_a_sign_in_that_failed_stands_in_the_recovery_and_back() {
    let (kratos, browser) = site_with(&[("--resend-cool-down", "0")]).await;
    let failed = Recording::read("login_submit_400_bad_credentials");
    kratos.on("POST /self-service/login", &failed);
    let typed = [
        ("method", "password"),
        ("identifier", "ｔａｒｏ+1＠x.test"),
        ("password", "not this one"),
    ];
    for how in HOWS {
        let page = browser
            .post(how, &fragment_of("login", &failed.id()), &typed)
            .await;
        let cookies = page.set_cookies().join("\n");
        assert!(!cookies.contains("not+this"), "{cookies}");
        assert_eq!(
            browser.cookie("genkan_address").as_deref(),
            Some("taro%2B1%40x.test")
        );

        let id = kratos.has_flow("recovery", "recovery_init_200");
        let page = browser.get(&page_of("recovery", &id)).await;
        assert_eq!(page.value("email").as_deref(), Some("taro+1@x.test"));
        assert_eq!(page.focus(), None, "there is nothing left to type");

        let sent = Recording::read("recovery_submit_200_sent_email");
        kratos.on(POST, &sent);
        let fragment = fragment_of("recovery", &sent.id());
        browser.post(how, &fragment, &EMAIL).await;
        let id = kratos.has_flow("login", "login_init_200_unified");
        let page = browser.get(&page_of("login", &id)).await;
        assert_eq!(page.value("identifier").as_deref(), Some("v1@x.test"));
        assert_eq!(page.focus().as_deref(), Some("password"));
    }
}

#[tokio::test]
async fn an_address_that_has_served_is_forgotten() {
    let (kratos, browser) = site().await;
    let flow = Recording::read("login_submit_400_bad_credentials");
    kratos.on_each(
        "POST /self-service/login",
        [(&flow).into(), "login_submit_form_encoded_200".into()],
    );
    let typed = [("method", "password"), ("identifier", "v1@x.test")];
    let fragment = fragment_of("login", &flow.id());
    browser.post(How::Htmx, &fragment, &typed).await;
    assert!(browser.cookie("genkan_address").is_some());
    browser.post(How::Htmx, &fragment, &typed).await;
    assert_eq!(browser.cookie("genkan_address"), None);
}

#[tokio::test]
async fn an_address_is_not_put_beside_an_error_or_into_a_sign_up() {
    let (kratos, browser) = site().await;
    browser.keep("genkan_address", "taro%40x.test");
    let id = kratos.has_flow("recovery", "recovery_submit_400_empty");
    let page = browser.get(&page_of("recovery", &id)).await;
    assert_eq!(page.value("email"), None);
    let id = kratos.has_flow("registration", "registration_init_200_legacy_one_step");
    let page = browser.get(&page_of("registration", &id)).await;
    assert_eq!(page.value("traits.email"), None);
    for odd in ["", "=", "%00%FF", "a b c", "<script>", &"x".repeat(500)] {
        browser.keep("genkan_address", odd);
        let id = kratos.has_flow("login", "login_init_200_unified");
        browser.get(&page_of("login", &id)).await.is_document(200);
    }
}
