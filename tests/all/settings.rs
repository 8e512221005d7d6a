//! What people can change, and who may.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::support::{
    Answer, HOWS, How, Page, Recording, fragment_of, page_of, say, say_with, site,
};

const POST: &str = "POST /self-service/settings";
const PROFILE: [(&str, &str); 3] = [
    ("csrf_token", "example-csrf-token-102"),
    ("traits.email", "a1@x.test"),
    ("method", "profile"),
];
/// Where the recorded flows lead back to, as their forms say it.
const RETURN_TO: &str = "return_to=http%3A%2F%2F127.0.0.1%3A3000%2Fsettings";
const PASSWORD: [(&str, &str); 2] = [("password", "ｎｅｗ　one "), ("method", "password")];

fn section_of(id: &str, section: &str) -> String {
    format!("{}&section={section}", page_of("settings", id))
}

/// A flow that nobody wants to be led away from when it is done.
fn at_home(name: &str) -> Recording {
    let mut flow = Recording::read(name);
    flow.body_mut().as_object_mut().unwrap().remove("return_to");
    flow
}

#[tokio::test]
async fn the_page_starts_a_flow_and_keeps_its_section() {
    let (kratos, browser) = site().await;
    let flow = Recording::read("settings_init_200");
    kratos.on("GET /self-service/settings/browser", &flow);
    let page = browser.get("/settings").await;
    assert_eq!(page.redirects(), page_of("settings", &flow.id()));
    let page = browser.get("/settings?section=password").await;
    assert_eq!(page.redirects(), section_of(&flow.id(), "password"));
    let page = browser.get("/settings?section=%3Cx%3E").await;
    assert_eq!(page.redirects(), page_of("settings", &flow.id()));
}

#[tokio::test]
async fn without_a_session_it_leads_to_the_sign_in_and_back() {
    let (kratos, browser) = site().await;
    kratos.on("GET /self-service/settings/browser", "settings_init_401");
    let page = browser.get("/settings").await;
    assert_eq!(page.redirects(), "/login?return_to=%2Fsettings");
    let page = browser.get("/settings?section=password").await;
    let to = "/login?return_to=%2Fsettings%3Fsection%3Dpassword";
    assert_eq!(page.redirects(), to);
    kratos.on(
        "GET /self-service/settings/browser",
        "26.2/settings_init_401",
    );
    assert_eq!(
        browser.get("/settings").await.redirects(),
        "/login?return_to=%2Fsettings"
    );
}

#[tokio::test]
async fn a_flow_without_a_session_leads_to_the_sign_in() {
    let (kratos, browser) = site().await;
    let gone = Recording::read("settings_get_401");
    kratos.on("GET /self-service/settings/flows", &gone);
    let page = browser
        .get(&page_of("settings", "970d448c-fb01-44a4-83cf-c4c61e10bcb9"))
        .await;
    assert_eq!(page.redirects(), "/login?return_to=%2Fsettings");
}

#[tokio::test]
async fn without_the_second_factor_it_leads_to_it_and_back() {
    let (kratos, browser) = site().await;
    kratos.on(
        "GET /self-service/settings/browser",
        "settings_init_403_aal2_required",
    );
    let page = browser.get("/settings").await;
    assert_eq!(page.redirects(), "/login?aal=aal2&return_to=%2Fsettings");
}

#[tokio::test]
async fn after_a_recovery_the_second_factor_leads_back_to_the_very_flow() {
    let (kratos, browser) = site().await;
    let answer = Recording::read("settings_get_403_aal2_after_recovery");
    kratos.on("GET /self-service/settings/flows", &answer);
    let id = answer.asked_id();
    let page = browser.get(&page_of("settings", &id)).await;
    let to = format!("/login?aal=aal2&return_to=%2Fsettings%3Fflow%3D{id}");
    assert_eq!(page.redirects(), to);
}

#[tokio::test]
async fn the_overview_leads_to_the_sections() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("settings", "settings_init_200");
    let page = browser.get(&page_of("settings", &id)).await;
    page.is_document(200);
    assert_eq!(page.h1(), say("settings"));
    let links = page.attrs("ul a", "href");
    for section in ["profile", "password"] {
        let link = format!("/settings?section={section}&{RETURN_TO}");
        assert!(links.contains(&link), "{links:?}");
    }

    let page = browser.get(&section_of(&id, "password")).await;
    assert_eq!(page.attrs("ul a", "href"), links, "the same on each page");
    let here = page.texts("[aria-current=page]");
    assert_eq!(here.len(), 1);
    assert!(here[0].starts_with(&say("settings-password")), "{here:?}");
}

#[tokio::test]
async fn a_group_that_nobody_knows_is_drawn_on_the_overview() {
    let (kratos, browser) = site().await;
    let mut flow = at_home("settings_init_200");
    let nodes = flow.body_mut()["ui"]["nodes"].as_array_mut().unwrap();
    let mut button = nodes
        .iter()
        .find(|it| it["group"] == "totp")
        .unwrap()
        .clone();
    button["type"] = json!("input");
    button["group"] = json!("pushauth");
    button["attributes"] = json!({"name": "push_enable", "type": "submit", "value": "yes"});
    button["meta"] = json!({"label": {"id": 9_990_001, "text": "Turn on push", "type": "info"}});
    nodes.push(button);
    let id = kratos.has("settings", &flow);
    let page = browser.get(&page_of("settings", &id)).await;
    let text = page.text("form:has([name=csrf_token]) button[name=push_enable]");
    assert_eq!(text.as_deref(), Some("Turn on push"));
}

#[tokio::test]
async fn what_was_saved_in_one_section_is_not_said_in_another() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("settings", "settings_submit_profile_200");
    browser.keep("genkan_flash", "settings-saved");
    let page = browser.get(&section_of(&id, "profile")).await;
    assert!(page.testid("ui/message/1050001").is_some());
    // Nor a second time in this.
    let again = browser.get(&section_of(&id, "profile")).await;
    assert!(again.testid("ui/message/1050001").is_none());
    // The way to the other sections is not within this flow.
    let links = page.attrs("#panel a", "href");
    assert!(links.iter().all(|it| !it.contains("flow=")), "{links:?}");
}

#[tokio::test]
async fn a_section_that_kratos_does_not_offer_is_not_linked() {
    let (kratos, browser) = site().await;
    let mut flow = Recording::read("settings_init_200");
    let nodes = flow.body_mut()["ui"]["nodes"].as_array_mut().unwrap();
    nodes.retain(|node| node["group"] != "password");
    let id = kratos.has("settings", &flow);
    let page = browser.get(&page_of("settings", &id)).await;
    assert!(
        !page
            .attrs("ul a", "href")
            .contains(&"/settings?section=password".to_owned())
    );
}

#[tokio::test]
async fn the_profile_holds_every_trait_and_nothing_else() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("settings", "settings_init_200");
    let page = browser.get(&section_of(&id, "profile")).await;
    page.is_document(200);
    assert_eq!(page.h1(), say("settings-profile"));
    assert_eq!(page.count("form"), 1);
    let action = format!(
        "{}&section=profile&{RETURN_TO}",
        fragment_of("settings", &id)
    );
    assert_eq!(page.attr("form", "hx-post"), Some(action));
    assert_eq!(page.value("traits.email").as_deref(), Some("a1@x.test"));
    assert_eq!(page.value("traits.name.first").as_deref(), Some("A"));
    for name in [
        "traits.name.last",
        "traits.age",
        "traits.color",
        "csrf_token",
    ] {
        assert_eq!(page.count(&format!(r#"[name="{name}"]"#)), 1, "{name}");
    }
    assert_eq!(
        page.attr("button[name=method]", "value").as_deref(),
        Some("profile")
    );
    assert_eq!(page.count("[name=password]"), 0);
    assert_eq!(page.count("[name=totp_code]"), 0);
}

#[tokio::test]
async fn the_new_password_stands_beside_the_account_it_is_for() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("settings", "settings_init_200");
    let page = browser.get(&section_of(&id, "password")).await;
    page.is_document(200);
    assert_eq!(page.h1(), say("settings-password"));
    assert_eq!(page.focus().as_deref(), Some("password"));
    let password = "input[name=password]";
    assert_eq!(
        page.attr(password, "autocomplete").as_deref(),
        Some("new-password")
    );
    let account = "input[autocomplete=username]";
    assert_eq!(page.attr(account, "value").as_deref(), Some("a1@x.test"));
    assert_eq!(page.count(r#"[name^="traits."]"#), 0);
}

#[tokio::test]
async fn a_saved_profile_says_so() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let flow = at_home("settings_submit_profile_200");
        let id = kratos.has("settings", &flow);
        kratos.on(POST, &flow);
        let action = format!("{}&section=profile", fragment_of("settings", &id));
        let answer = browser.post(how, &action, &PROFILE).await;
        let page = match how {
            How::Htmx => answer,
            How::Plain => {
                assert_eq!(answer.redirects(), section_of(&id, "profile"));
                browser.get(answer.redirects()).await
            }
        };
        match how {
            How::Htmx => page.is_fragment(200),
            How::Plain => page.is_document(200),
        };
        assert_eq!(
            page.testid("ui/message/1050001"),
            Some(say("settings-saved"))
        );
        assert_eq!(page.focus().as_deref(), Some("notice"));
        assert_eq!(page.h1(), say("settings-profile"));
        assert_eq!(page.count("#error-summary"), 0);
    }
}

#[tokio::test]
async fn a_changed_password_says_so_and_hands_on_the_new_session() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let flow = at_home("settings_submit_password_200");
        let id = kratos.has("settings", &flow);
        kratos.on(POST, &flow);
        let action = format!("{}&section=password", fragment_of("settings", &id));
        let answer = browser.post(how, &action, &PASSWORD).await;
        assert_eq!(answer.cookies_of_kratos(), flow.set_cookies());
        let page = match how {
            How::Htmx => answer,
            How::Plain => browser.get(answer.redirects()).await,
        };
        assert_eq!(
            page.testid("ui/message/1050001"),
            Some(say("settings-password-saved"))
        );
        assert_eq!(page.value("password"), None);
        assert_eq!(kratos.posted().values("password"), ["ｎｅｗ　one "]);
    }
}

#[tokio::test]
async fn who_came_to_change_something_goes_back_where_they_came_from() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let flow = Recording::read("settings_submit_profile_200");
        assert!(flow.body()["return_to"].is_string());
        kratos.on(POST, &flow);
        let action = format!("{}&section=profile", fragment_of("settings", &flow.id()));
        let page = browser.post(how, &action, &PROFILE).await;
        assert_eq!(page.leads(how), "/settings");
        let id = kratos.has_flow("settings", "settings_init_200");
        let page = browser.get(&page_of("settings", &id)).await;
        assert_eq!(page.text("#notice"), Some(say("settings-saved")));
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_beside_its_field_and_nothing_is_saved() {
    for recording in [
        "1.3.1/settings_submit_profile_400",
        "26.2/settings_submit_profile_400",
    ] {
        for how in HOWS {
            let (kratos, browser) = site().await;
            let flow = Recording::read(recording);
            let id = kratos.has("settings", &flow);
            kratos.on(POST, &flow);
            let action = format!("{}&section=profile", fragment_of("settings", &id));
            let answer = browser.post(how, &action, &PROFILE).await;
            let page = match how {
                How::Htmx => answer,
                How::Plain => browser.get(answer.redirects()).await,
            };
            match how {
                How::Htmx => page.is_fragment(422),
                How::Plain => page.is_document(200),
            };
            let links = page.attrs("#error-summary a", "href");
            assert_eq!(links, ["#traits-email", "#traits-age"]);
            let saved = page.testid("ui/message/1050001");
            assert_eq!(saved, None, "{recording} {how:?}");
        }
    }
}

#[tokio::test]
async fn a_password_that_is_too_short_or_the_old_one_is_told() {
    for recording in [
        "1.3.1/settings_submit_password_400",
        "1.3.1/settings_submit_password_400_similar",
        "26.2/settings_submit_password_400_same_as_old",
    ] {
        let (kratos, browser) = site().await;
        let flow = Recording::read(recording);
        kratos.on(POST, &flow);
        let action = format!("{}&section=password", fragment_of("settings", &flow.id()));
        let page = browser.post(How::Htmx, &action, &PASSWORD).await;
        page.is_fragment(422);
        assert_eq!(
            page.attrs("#error-summary a", "href"),
            ["#new-password"],
            "{recording}"
        );
        assert_eq!(page.h1(), say("settings-password"));
    }
}

#[tokio::test]
async fn a_sign_in_that_is_too_old_is_confirmed_and_leads_back() {
    for recording in [
        "settings_submit_403_session_refresh_required",
        "settings_submit_profile_403_session_refresh_required",
    ] {
        for how in HOWS {
            let (kratos, browser) = site().await;
            let answer = Recording::read(recording);
            kratos.on(POST, &answer);
            let action = fragment_of("settings", &answer.asked_id());
            let action = format!("{action}&section=password&again=1");
            let page = browser.post(how, &action, &PASSWORD).await;
            // Kratos has kept the change, and makes it there.
            let (_, query) = page.leads(how).split_once("/login?").unwrap();
            let query: HashMap<_, _> = form_urlencoded::parse(query.as_bytes()).collect();
            assert_eq!(query["refresh"], "true");
            let replay = format!(
                "/self-service/settings?flow={}&section=password",
                answer.asked_id()
            );
            assert_eq!(query["return_to"], replay);
            assert!(browser.cookie("ory_kratos_continuity").is_some());
            assert_eq!(page.set_cookies(), answer.set_cookies());
        }
    }
}

#[tokio::test]
async fn a_changed_address_is_confirmed_before_anything_else() {
    for (recording, id) in [
        (
            "1.3.1/settings_submit_profile_200_email_changed_verification",
            "02018b80-d643-4964-b3e3-f0e7d48e4a60",
        ),
        (
            "26.2/settings_submit_profile_200_show_verification_ui_hook",
            "",
        ),
    ] {
        for how in HOWS {
            let (kratos, browser) = site().await;
            let flow = Recording::read(recording);
            let steps = flow.body()["continue_with"].as_array().unwrap();
            let step = steps
                .iter()
                .find(|step| step["action"] == "show_verification_ui");
            let to = step.unwrap()["flow"]["id"].as_str().unwrap();
            assert!(to.starts_with(id));
            kratos.on(POST, &flow);
            let page = browser
                .post(how, &fragment_of("settings", &flow.id()), &PROFILE)
                .await;
            assert_eq!(page.leads(how), page_of("verification", to));

            let mut code = Recording::read("verification_get_200_sent_email_from_registration");
            code.body_mut()["id"] = to.into();
            kratos.on(
                &format!("GET /self-service/verification/flows?id={to}"),
                &code,
            );
            kratos.on("GET /sessions/whoami", "whoami_200");
            let page = browser.get(&page_of("verification", to)).await;
            assert_eq!(page.text("#notice"), Some(say("flash-address-saved")));
        }
    }
}

/// Kratos 26.2 without the hook `show_verification_ui`.
#[tokio::test]
async fn a_changed_address_that_no_step_names_is_confirmed_too() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let name = "26.2/settings_submit_profile_200_email_changed_verification";
        let flow = Recording::read(name);
        kratos.on(POST, &flow);
        let action = fragment_of("settings", &flow.id());
        let page = browser.post(how, &action, &PROFILE).await;
        assert_eq!(page.leads(how), "/verification");
        let said = browser.cookie("genkan_flash");
        assert_eq!(said.as_deref(), Some("flash-confirm-new-address"));
        // Of a later change of something else the address is no part.
        let page = browser.post(how, &action, &PASSWORD).await;
        assert_ne!(page.leads(how), "/verification");
    }
}

#[tokio::test]
async fn after_a_recovery_the_new_password_comes_first() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("settings", "settings_get_200_after_recovery");
    let page = browser.get(&page_of("settings", &id)).await;
    page.is_document(200);
    assert_eq!(page.h1(), say("settings-password"));
    assert!(page.testid("ui/message/1060001").is_some());
    assert_eq!(page.count("input[name=password]"), 1);
    let action = format!(
        "{}&section=password&{RETURN_TO}",
        fragment_of("settings", &id)
    );
    assert_eq!(page.attr("form", "action"), Some(action));
    // Now is the time for something that cannot be forgotten.
    let offer = "#panel a[data-needs=webauthn]";
    assert_eq!(page.attrs(offer, "href"), ["/settings?section=passkey"]);
    assert_eq!(page.texts(offer), [say("passkey-create")]);
}

#[tokio::test]
async fn the_settings_of_somebody_else_are_replaced_by_ones_own() {
    let (kratos, browser) = site().await;
    let new = Recording::read("settings_init_200_code_user");
    kratos.on("GET /self-service/settings/browser", &new);
    let to = format!("{}&again=1", page_of("settings", &new.id()));

    let foreign = Recording::read("settings_get_403_other_identity");
    kratos.on("GET /self-service/settings/flows", &foreign);
    let page = browser.get(&page_of("settings", &foreign.asked_id())).await;
    assert_eq!(page.redirects(), to);

    let foreign = Recording::read("settings_submit_403_other_identity");
    kratos.on(POST, &foreign);
    for how in HOWS {
        let page = browser
            .post(how, &fragment_of("settings", &foreign.asked_id()), &PROFILE)
            .await;
        assert_eq!(page.leads(how), to);
    }
}

#[tokio::test]
async fn a_flow_from_before_a_new_sign_in_begins_anew() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let answer = Recording::read("26.2/settings_submit_after_new_session");
        let new = Recording::read("26.2/settings_init_200_multi_schema");
        kratos.on(POST, &answer);
        kratos.on("GET /self-service/settings/browser", &new);
        let action = format!(
            "{}&section=profile",
            fragment_of("settings", &answer.asked_id())
        );
        let page = browser.post(how, &action, &PROFILE).await;
        let to = format!("{}&again=1", section_of(&new.id(), "profile"));
        assert_eq!(page.leads(how), to);
    }
}

#[tokio::test]
async fn an_account_of_another_site_is_linked_there() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let answer = Recording::read("settings_submit_oidc_link_422");
        kratos.on(POST, &answer);
        let form = [("link", "mock")];
        let page = browser
            .post(how, &fragment_of("settings", &answer.asked_id()), &form)
            .await;
        let to = answer.body()["redirect_browser_to"].as_str().unwrap();
        match how {
            How::Htmx => assert_eq!(page.leads(how), to),
            How::Plain => assert_eq!(page.attr("main a", "href").as_deref(), Some(to)),
        }
    }
}

#[tokio::test]
async fn a_key_that_kratos_cannot_take_is_told_in_the_section() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let id = kratos.has("settings", &at_home("settings_init_200_passkey_only"));
        kratos.on(POST, Answer::error(500));
        let action = format!("{}&section=passkey", fragment_of("settings", &id));
        let form = [("passkey_settings_register", "{}")];
        let answer = browser.post(how, &action, &form).await;
        let page = match how {
            How::Htmx => answer,
            How::Plain => browser.get(answer.redirects()).await,
        };
        assert_eq!(page.h1(), say("settings-passkey"));
        assert_eq!(page.summary(), [say("flash-key-refused")]);
    }
}

#[tokio::test]
async fn script_in_a_trait_is_text() {
    let script = "\"'><script>alert(1)</script>";
    let (kratos, browser) = site().await;
    let mut flow = Recording::read("settings_init_200");
    flow.node_mut("traits.email")["attributes"]["value"] = json!(script);
    flow.body_mut()["identity"]["traits"]["email"] = json!(script);
    let id = kratos.has("settings", &flow);
    for section in ["profile", "password"] {
        let page = browser.get(&section_of(&id, section)).await;
        page.is_document(200);
        assert!(!page.body.contains("<script>alert"), "{section}");
    }
}

#[tokio::test]
async fn every_recorded_settings_form_is_a_page() {
    for version in ["1.3.1", "26.2"] {
        let (kratos, browser) = site().await;
        for flow in Recording::all(version) {
            if !flow.case().starts_with("settings_") || !flow.body()["ui"].is_object() {
                continue;
            }
            let id = kratos.has("settings", &flow);
            for page in [
                page_of("settings", &id),
                section_of(&id, "profile"),
                section_of(&id, "password"),
            ] {
                browser.get(&page).await.is_document(200);
            }
        }
    }
}

#[tokio::test]
async fn the_menu_says_how_each_section_stands() {
    let (kratos, browser) = site().await;
    let states = async |recording: &str| {
        let id = kratos.has_flow("settings", recording);
        let page = browser.get(&page_of("settings", &id)).await;
        page.texts(".menu .state")
    };
    let none = say("state-none");
    let (on, off) = (say("state-on"), say("state-off"));
    assert_eq!(
        states("settings_init_200").await,
        [&none, &none, &off, &off, &none].map(String::clone)
    );
    assert_eq!(
        states("settings_submit_lookup_confirm_200").await,
        [&none, &none, &on, &on, &none].map(String::clone)
    );
}

#[tokio::test]
async fn an_app_is_set_up_with_a_picture_or_a_key_to_type() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("settings", "settings_init_200");
    let page = browser.get(&section_of(&id, "totp")).await;
    let picture = page.attr(r#"[data-testid="node/image/totp_qr"]"#, "src");
    assert!(picture.unwrap().starts_with("data:image/png;base64,"));
    assert_eq!(
        page.text(r#"[data-testid="node/text/totp_secret_key/text"] > code"#)
            .as_deref(),
        Some("EXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAM")
    );
    assert_eq!(page.count("#panel form"), 1);
    assert_eq!(page.count("#panel input[name=totp_code]"), 1);
    // Pictures within the page are let in nowhere else.
    let policy = |page: &Page| page.header("content-security-policy").unwrap().to_owned();
    assert!(policy(&page).contains("img-src 'self' data:;"));
    let page = browser.get(&section_of(&id, "profile")).await;
    assert!(policy(&page).contains("img-src 'self';"));
}

#[tokio::test]
async fn what_is_on_is_turned_off_only_after_a_question() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("settings", "settings_submit_lookup_confirm_200");
    for (section, button) in [
        ("totp", "totp_unlink"),
        ("lookup_secret", "lookup_secret_disable"),
    ] {
        let page = browser.get(&section_of(&id, section)).await;
        let asked = format!("details form[method=post] button[name={button}]");
        assert_eq!(page.count(&asked), 1, "{section}");
        assert_eq!(page.count(&format!("button[name={button}]")), 1);
    }
}

#[tokio::test]
async fn new_backup_codes_are_shown_to_be_kept_and_then_confirmed() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("settings", "settings_submit_lookup_regenerate_200");
    let page = browser.get(&section_of(&id, "lookup_secret")).await;
    let codes = page.texts(".codes code");
    assert_eq!((codes.len(), &*codes[0]), (12, "code0001"));
    let button = "form button[name=lookup_secret_confirm]";
    assert_eq!(page.texts(button), [say("kratos-1050011")]);
    let file = page.attr("a[download]", "href").unwrap();
    assert!(file.starts_with("data:text/plain;charset=utf-8,code0001%0Acode0002"));
    let copied = page.attr("[data-copy]", "data-copy").unwrap();
    assert_eq!(copied.lines().count(), 12);
}

#[tokio::test]
async fn used_backup_codes_are_marked_and_few_left_are_a_warning() {
    let (kratos, browser) = site().await;
    let mut flow = Recording::read("settings_submit_lookup_reveal_200_one_used");
    let id = kratos.has("settings", &flow);
    let page = browser.get(&section_of(&id, "lookup_secret")).await;
    assert_eq!(page.texts(".codes .used"), [say("kratos-1050014")]);
    assert_eq!(page.count(".codes code"), 11);
    assert_eq!(page.count(".warning"), 0);

    let node = flow.node_mut("lookup_secret_codes");
    let secrets = &mut node["attributes"]["text"]["context"]["secrets"];
    let used = secrets[0].clone();
    for secret in secrets.as_array_mut().unwrap().iter_mut().take(10) {
        *secret = used.clone();
    }
    let (kratos, browser) = site().await;
    kratos.has("settings", &flow);
    let page = browser.get(&section_of(&id, "lookup_secret")).await;
    let warning = say_with("settings-lookup-few", &[("count", "2")]);
    assert_eq!(page.text(".warning"), Some(warning));
}

#[tokio::test]
async fn passkeys_are_listed_and_each_can_be_removed_after_a_question() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("settings", "settings_submit_passkey_add_200");
    let page = browser.get(&section_of(&id, "passkey")).await;
    assert_eq!(page.count(".things > li"), 2);
    assert_eq!(
        page.attrs(".things time", "datetime"),
        ["2026-11-22T23:09:50Z"; 2]
    );
    let remove = page.attrs("details button[name=passkey_remove]", "value");
    assert_eq!(
        remove,
        ["example-credential-hex-2", "example-credential-hex-1"]
    );
    let add = "form button[data-ceremony=create][data-answer=passkey_settings_register]";
    assert_eq!(page.count(add), 1);
    let keys = page.attr(add, "data-keys");
    assert_eq!(
        keys.as_deref(),
        Some("example-credential-hex-2 example-credential-hex-1")
    );
}

#[tokio::test]
async fn the_last_way_in_has_no_button_to_remove_it_but_a_reason() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("settings", "settings_init_200_passkey_only");
    let page = browser.get(&section_of(&id, "passkey")).await;
    assert_eq!(page.count("button[name=passkey_remove]"), 0);
    assert!(
        page.texts(".things p")
            .contains(&say("settings-passkey-last"))
    );
    // Kratos hangs the reason on a field that it makes up for it.
    let id = kratos.has_flow("settings", "settings_submit_passkey_remove_400_last");
    let page = browser.get(&section_of(&id, "passkey")).await;
    assert_eq!(page.summary().len(), 1);
    assert_eq!(page.count("input[name=webauthn_remove]"), 0);
}

#[tokio::test]
async fn a_security_key_is_named_before_it_is_asked_for() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("settings", "settings_submit_webauthn_add_200");
    let page = browser.get(&section_of(&id, "webauthn")).await;
    let form = "form:has(button[data-answer=webauthn_register])";
    assert_eq!(
        page.count(&format!(
            "{form} input[name=webauthn_register_displayname][required]"
        )),
        1
    );
    assert_eq!(page.count("details button[name=webauthn_remove]"), 1);
}

#[tokio::test]
async fn accounts_elsewhere_are_connected_by_a_plain_form_and_given_up_after_a_question() {
    let (kratos, browser) = site().await;
    kratos.on("GET /self-service/login/browser", "login_init_200_unified");
    let id = kratos.has_flow("settings", "settings_init_200");
    let page = browser.get(&section_of(&id, "oidc")).await;
    let form = "form:has(button[name=link][value=mock])";
    assert_eq!(page.count(form), 1);
    assert_eq!(
        page.attr(form, "hx-post"),
        None,
        "the answer is another site"
    );

    let id = kratos.has_flow("settings", "settings_get_200_after_oidc_link");
    let page = browser.get(&section_of(&id, "oidc")).await;
    assert_eq!(page.count("details button[name=unlink][value=mock]"), 1);
}

#[tokio::test]
async fn the_accounts_elsewhere_that_are_the_only_way_in_stay_with_a_reason() {
    let (kratos, browser) = site().await;
    let mut login = Recording::read("login_init_200_unified");
    let nodes = login.body_mut()["ui"]["nodes"].as_array_mut().unwrap();
    let is_provider = |node: &&Value| node["attributes"]["name"] == "provider";
    let mut other = nodes.iter().find(is_provider).unwrap().clone();
    other["attributes"]["value"] = json!("other");
    other["meta"]["label"]["context"]["provider"] = json!("Another provider");
    nodes.push(other);
    kratos.on("GET /self-service/login/browser", &login);
    let id = kratos.has_flow("settings", "settings_submit_oidc_unlink_400_last");
    let page = browser.get(&section_of(&id, "oidc")).await;
    assert_eq!(page.count("button[name=unlink]"), 0);
    let reasons = page.texts(".things p").into_iter();
    let reasons = reasons.filter(|text| *text == say("settings-oidc-last"));
    assert_eq!(reasons.count(), 2);
    let names = page.texts(".things bdi");
    assert!(names.contains(&"Another provider".to_owned()), "{names:?}");
    assert_eq!(page.summary().len(), 1, "what Kratos said to the try");
    let overview = browser.get(&page_of("settings", &id)).await;
    let count = say_with("state-count", &[("count", "2")]);
    assert!(overview.texts(".state").contains(&count));

    let started = kratos.started();
    assert_eq!(started.header("cookie"), None, "asked by nobody");
}

#[tokio::test]
async fn without_a_list_of_the_providers_the_settings_are_shown_all_the_same() {
    let (kratos, browser) = site().await;
    kratos.on("GET /self-service/login/browser", Answer::error(500));
    let id = kratos.has_flow("settings", "settings_get_200_after_oidc_link");
    let page = browser.get(&section_of(&id, "oidc")).await;
    assert_eq!(page.count("button[name=unlink][value=mock]"), 1);
}

#[tokio::test]
async fn a_change_of_a_form_that_timed_out_stands_in_the_new_one() {
    let (kratos, browser) = site().await;
    let gone = Recording::read("settings_submit_expired");
    kratos.on(POST, &gone);
    let mut new = at_home("settings_init_200");
    new.body_mut()["id"] = gone.body()["use_flow_id"].clone();
    let id = kratos.has("settings", &new);
    // A box that was ticked is not any more.
    new.node_mut("traits.newsletter")["attributes"]["value"] = json!(true);
    kratos.has("settings", &new);
    let name = "山田".repeat(200);
    let form = [
        ("traits.email", "new@x.test"),
        ("traits.name.first", &name),
        ("traits.newsletter", "false"),
        ("method", "profile"),
    ];
    let action = format!(
        "{}&section=profile",
        fragment_of("settings", &gone.asked_id())
    );

    let answer = browser.post(How::Plain, &action, &form).await;

    assert_eq!(answer.redirects(), section_of(&id, "profile"));
    let page = browser.get(answer.redirects()).await;
    assert_eq!(page.value("traits.email").as_deref(), Some("new@x.test"));
    assert_eq!(page.value("traits.name.first"), Some(name));
    let box_of = r#"input[type=checkbox][name="traits.newsletter"]"#;
    assert_eq!(page.count(&format!("{box_of}[checked]")), 0);
    assert_eq!(page.count(box_of), 1);
}

/// A field of the profile, and what Kratos says of it.
fn profile_field(name: &str, group: &str, title: &str, messages: Value) -> Value {
    json!({
        "type": "input",
        "group": group,
        "attributes": {
            "name": name, "type": "text", "required": true, "disabled": false,
            "node_type": "input",
        },
        "messages": messages,
        "meta": {"label": {
            "id": 1070002, "text": title, "type": "info", "context": {"title": title},
        }},
    })
}

#[tokio::test]
async fn what_the_profile_lacks_is_named_once_and_led_to_and_back_from() {
    let lacks = |name: &str| {
        json!([{
            "id": 4000002, "text": "Property is missing.", "type": "error",
            "context": {"property": name},
        }])
    };
    // As Kratos 1.3.1 answers after its schema has grown: the object that is missing has no field.
    let mut flow = at_home("settings_init_200");
    let nodes = flow.body_mut()["ui"]["nodes"].as_array_mut().unwrap();
    nodes.extend([
        profile_field("traits.home", "default", "", lacks("home")),
        profile_field("traits.home.town", "profile", "Home town", json!([])),
        profile_field("traits.badge", "profile", "Badge", lacks("badge")),
    ]);
    let field = |kind: &str| json!({"type": kind});
    let schema = json!([{"id": "default", "schema": {"properties": {"traits": {"properties": {
        "email": field("string"), "badge": field("string"),
        "home": {"type": "object", "properties": {"town": field("string")}},
    }}}}}]);
    for section in ["password", "lookup_secret"] {
        let (kratos, browser) = site().await;
        kratos.on("GET /schemas", Answer::json(200, &schema));
        kratos.on(POST, &flow);
        let target = format!("{}&section={section}", fragment_of("settings", &flow.id()));
        let page = browser.post(How::Htmx, &target, &PASSWORD).await;
        page.is_fragment(422);
        let names = ["Home town", "Badge"].join(&say("profile-first-between"));
        assert_eq!(
            page.summary(),
            [say_with("profile-first", &[("fields", &names)])]
        );
        assert_eq!(page.count("[aria-invalid]"), 0);
        let back = format!("%2Fsettings%3Fsection%3D{section}");
        let link = format!(r#"a.btn[href="/settings?section=profile&return_to={back}"]"#);
        assert_eq!(page.texts(&link), [say("profile-first-go")]);
    }
}
