//! Sign-up: one step or two, with and without a session at the end.

use serde_json::json;

use crate::support::{HOWS, How, Recording, fragment_of, page_of, say, say_with, site, site_with};

const POST: &str = "POST /self-service/registration";
const FORM: [(&str, &str); 7] = [
    ("csrf_token", "example-csrf-token-71"),
    ("traits.email", "a1@x.test"),
    ("traits.name.first", "A"),
    ("traits.newsletter", "false"),
    ("traits.newsletter", "true"),
    ("password", "a good long one"),
    ("method", "password"),
];

#[tokio::test]
async fn the_page_starts_a_flow_and_goes_to_it() {
    let (kratos, browser) = site().await;
    let flow = Recording::read("registration_init_200_legacy_one_step");
    kratos.on("GET /self-service/registration/browser", &flow);
    let page = browser
        .get("/registration?return_to=/settings&after_verification_return_to=//evil.test")
        .await;
    assert_eq!(page.redirects(), page_of("registration", &flow.id()));
    assert_eq!(page.set_cookies(), flow.set_cookies());
    let started = kratos.started();
    assert_eq!(started.query.len(), 1, "{:?}", started.query);
    assert_eq!(
        started.parameter("return_to"),
        Some("http://127.0.0.1:3000/settings")
    );
}

#[tokio::test]
async fn one_step_shows_every_trait_and_the_password_last() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("registration", "registration_init_200_legacy_one_step");
    let page = browser.get(&page_of("registration", &id)).await;
    page.is_document(200);
    assert_eq!(page.h1(), say("registration"));
    assert_eq!(page.focus().as_deref(), Some("traits.email"));
    let fields = page.attrs("form[hx-post] .field input:not([type=hidden])", "name");
    let traits = [
        "traits.email",
        "traits.name.first",
        "traits.name.last",
        "traits.newsletter",
        "traits.age",
        "traits.color",
        "traits.tos",
        "password",
    ];
    assert_eq!(fields, traits);
    let password = "input[name=password]";
    assert_eq!(
        page.attr(password, "autocomplete").as_deref(),
        Some("new-password")
    );
    let hint = page.attr(password, "aria-describedby").unwrap();
    let rule = say_with("hint-new-password", &[("min", "8")]);
    assert_eq!(page.text(&format!("#{hint}")), Some(rule));
    let link = r#"[data-testid="cta-link"]"#;
    assert_eq!(page.attr(link, "href").as_deref(), Some("/login"));
}

#[tokio::test]
async fn the_shortest_password_is_the_operators_to_set() {
    let (kratos, browser) = site_with(&[("--password-min-length", "12")]).await;
    let id = kratos.has_flow("registration", "registration_init_200_legacy_one_step");
    let page = browser.get(&page_of("registration", &id)).await;
    let rule = say_with("hint-new-password", &[("min", "12")]);
    assert!(page.texts(".hint").contains(&rule));
}

#[tokio::test]
async fn an_empty_checkbox_says_no() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("registration", "registration_init_200_legacy_one_step");
    let page = browser.get(&page_of("registration", &id)).await;
    let values = page.attrs(r#"[name="traits.newsletter"]"#, "value");
    assert_eq!(values, ["false", "true"], "Kratos takes the last");
    let kinds = page.attrs(r#"[name="traits.newsletter"]"#, "type");
    assert_eq!(kinds, ["hidden", "checkbox"]);
}

#[tokio::test]
async fn every_wrong_field_is_told_at_the_top_and_beside_it_and_keeps_its_value() {
    let flow = Recording::read("registration_submit_400_validation");
    for how in HOWS {
        let (kratos, browser) = site().await;
        let id = kratos.has("registration", &flow);
        kratos.on(POST, &flow);
        let answer = browser
            .post(how, &fragment_of("registration", &id), &FORM)
            .await;
        let page = match how {
            How::Htmx => answer,
            How::Plain => {
                assert_eq!(answer.redirects(), page_of("registration", &id));
                browser.get(answer.redirects()).await
            }
        };
        match how {
            How::Htmx => page.is_fragment(422),
            How::Plain => page.is_document(200),
        };
        assert_eq!(page.focus().as_deref(), Some("error-summary"));
        let links = page.attrs("#error-summary a", "href");
        assert_eq!(
            links,
            [
                "#traits-email",
                "#traits-age",
                "#traits-color",
                "#traits-tos"
            ]
        );
        for link in links {
            let field = format!("input{link}");
            assert_eq!(page.attr(&field, "aria-invalid").as_deref(), Some("true"));
            let described = page.attr(&field, "aria-describedby").unwrap();
            assert!(page.text(&format!("#{described}")).is_some(), "{link}");
        }
        assert_eq!(page.value("traits.email").as_deref(), Some("nomail"));
        assert_eq!(page.value("traits.age").as_deref(), Some("x"));
        assert_eq!(page.value("traits.color").as_deref(), Some("violet"));
    }
}

#[tokio::test]
async fn an_address_that_is_taken_is_told() {
    let (kratos, browser) = site().await;
    let flow = Recording::read("registration_submit_400_duplicate");
    kratos.on(POST, &flow);
    let page = browser
        .post(How::Htmx, &fragment_of("registration", &flow.id()), &FORM)
        .await;
    page.is_fragment(422);
    assert!(page.testid("ui/message/4000007").is_some());
}

#[tokio::test]
async fn a_message_without_a_field_is_told_at_the_top() {
    let (kratos, browser) = site().await;
    let flow = Recording::read("registration_submit_password_400_policy");
    kratos.on(POST, &flow);
    let page = browser
        .post(How::Htmx, &fragment_of("registration", &flow.id()), &FORM)
        .await;
    page.is_fragment(422);
    assert_eq!(page.summary().len(), 1);
}

#[tokio::test]
async fn the_form_reaches_kratos_as_it_was_typed() {
    let (kratos, browser) = site().await;
    let flow = Recording::read("registration_submit_400_validation");
    kratos.on(POST, &flow);
    browser
        .post(How::Plain, &fragment_of("registration", &flow.id()), &FORM)
        .await;
    // Of the two values of a box Kratos takes the last.
    let sent = FORM
        .iter()
        .filter(|pair| **pair != ("traits.newsletter", "false"));
    let sent: Vec<_> = sent
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    assert_eq!(kratos.posted().form(), sent);
}

#[tokio::test]
async fn full_width_addresses_become_plain_and_names_stay_as_they_are() {
    let (kratos, browser) = site().await;
    let mut flow = Recording::read("registration_submit_400_validation");
    let nodes = flow.body_mut()["ui"]["nodes"].as_array_mut().unwrap();
    for name in ["work_email", "phone", "nickname"] {
        let mut node = nodes[0].clone();
        node["attributes"]["name"] = format!("traits.{name}").into();
        node["attributes"]["type"] = "text".into();
        nodes.push(node);
    }
    kratos.has("registration", &flow);
    kratos.on(POST, &flow);
    let form = [
        ("traits.email", " ｔａｒｏ＠ｘ．ｔｅｓｔ　"),
        ("traits.work_email", "ｂ＠ｘ．ｔｅｓｔ "),
        ("traits.phone", "＋８１ "),
        ("traits.name.first", " 太郎　Ａ "),
        ("traits.nickname", "ﾀﾛｳ"),
        ("password", "　ｐａｓｓ "),
    ];
    browser
        .post(How::Htmx, &fragment_of("registration", &flow.id()), &form)
        .await;
    let posted = kratos.posted();
    assert_eq!(posted.values("traits.email"), ["taro@x.test"]);
    assert_eq!(posted.values("traits.work_email"), ["b@x.test"]);
    assert_eq!(posted.values("traits.phone"), ["+81"]);
    assert_eq!(posted.values("traits.name.first"), [" 太郎　Ａ "]);
    assert_eq!(posted.values("traits.nickname"), ["ﾀﾛｳ"]);
    assert_eq!(posted.values("password"), ["　ｐａｓｓ "]);
}

#[tokio::test]
async fn after_a_sign_up_the_address_is_confirmed() {
    for how in HOWS {
        for recording in [
            "1.3.1/registration_submit_password_200_session_verification",
            "26.2/registration_submit_password_200_session_verification",
        ] {
            let (kratos, browser) = site().await;
            let flow = Recording::read(recording);
            kratos.on(POST, &flow);
            let page = browser
                .post(how, &fragment_of("registration", &flow.asked_id()), &FORM)
                .await;
            let steps = flow.body()["continue_with"].as_array().unwrap();
            let step = steps
                .iter()
                .find(|step| step["action"] == "show_verification_ui");
            let id = step.unwrap()["flow"]["id"].as_str().unwrap();
            assert_eq!(page.leads(how), page_of("verification", id));
            assert!(page.set_cookies().starts_with(&flow.set_cookies()));
            assert!(browser.cookie("ory_kratos_session").is_some());
            // The code is on its way: no other for now.
            assert_eq!(browser.cookie("genkan_sent").as_deref(), Some(id));
        }
    }
}

/// Kratos 26.2 without the hook `show_verification_ui`.
#[tokio::test]
async fn a_mailed_code_that_no_step_asks_for_leads_to_the_confirmation() {
    for how in HOWS {
        for has_session in [true, false] {
            let (kratos, browser) = site().await;
            let mut flow = Recording::read("26.2/registration_submit_passkey_200");
            let address = flow.body()["identity"]["verifiable_addresses"][0]["value"].clone();
            if !has_session {
                flow.body_mut().as_object_mut().unwrap().remove("session");
            }
            kratos.on(POST, &flow);
            let action = fragment_of("registration", &flow.asked_id());
            let action = format!("{action}&return_to=/sessions");
            let page = browser.post(how, &action, &FORM).await;
            let to = "/verification?return_to=http%3A%2F%2F127.0.0.1%3A3000%2Fsessions";
            assert_eq!(page.leads(how), to);

            let id = kratos.has_flow("verification", "26.2/verification_init_200");
            let page = browser.get(&page_of("verification", &id)).await;
            assert_eq!(page.value("email").as_deref(), address.as_str());
            assert_eq!(page.text("#notice"), Some(say("flash-confirm-address")));
            // Nothing more is mailed unless the user asks for it.
            kratos.posted();
        }
    }
}

#[tokio::test]
async fn an_application_that_waits_goes_before_the_confirmation() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let mut flow = Recording::read("26.2/registration_submit_passkey_200");
        let to = "https://hydra.example/oauth2/auth?client_id=a&login_verifier=b";
        flow.body_mut()["continue_with"][0]["redirect_browser_to"] = json!(to);
        kratos.on(POST, &flow);
        let action = fragment_of("registration", &flow.asked_id());
        let page = browser.post(how, &action, &FORM).await;
        match how {
            How::Htmx => assert_eq!(page.leads(how), to),
            // The policy of a form stops a redirect to another site: a page leads on.
            How::Plain => assert!(page.body.contains("login_verifier=b"), "{}", page.body),
        }
    }
}

#[tokio::test]
async fn after_a_sign_up_without_a_session_the_place_of_the_configuration_is_honoured() {
    let outside = "https://shop.example/start";
    for how in HOWS {
        let (kratos, browser) = site().await;
        let mut flow = Recording::read("registration_submit_code_200");
        flow.body_mut().as_object_mut().unwrap().remove("session");
        flow.body_mut()["continue_with"][0]["redirect_browser_to"] = json!(outside);
        kratos.on(POST, &flow);
        let action = fragment_of("registration", &flow.asked_id());
        let page = browser.post(how, &action, &FORM).await;
        match how {
            How::Htmx => assert_eq!(page.leads(how), outside),
            // The policy of a form stops a redirect to another site: a page leads on.
            How::Plain => assert!(page.body.contains(outside), "{}", page.body),
        }
        // What the user asked for is not of the configuration, and wants a session.
        let page = browser
            .post(how, &format!("{action}&return_to=/settings"), &FORM)
            .await;
        assert!(page.leads(how).starts_with("/login?return_to="));
    }
}

#[tokio::test]
async fn after_a_sign_up_without_verification_it_goes_where_kratos_says() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let flow = Recording::read("registration_submit_code_200");
        kratos.on(POST, &flow);
        let page = browser
            .post(how, &fragment_of("registration", &flow.asked_id()), &FORM)
            .await;
        let steps = &flow.body()["continue_with"];
        let to = steps[0]["redirect_browser_to"].as_str().unwrap();
        assert_eq!(
            page.leads(how),
            to.strip_prefix("http://127.0.0.1:3000").unwrap()
        );
    }
}

#[tokio::test]
async fn after_a_sign_up_without_a_session_comes_the_sign_in() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let mut flow = Recording::read("registration_submit_code_200");
        flow.body_mut().as_object_mut().unwrap().remove("session");
        kratos.on(POST, &flow);
        let page = browser
            .post(how, &fragment_of("registration", &flow.asked_id()), &FORM)
            .await;
        assert_eq!(page.leads(how), "/login");
        let action = format!(
            "{}&return_to=%2Fsettings&login_challenge=c",
            fragment_of("registration", &flow.asked_id())
        );
        let page = browser.post(how, &action, &FORM).await;
        let to = "/login?return_to=http%3A%2F%2F127.0.0.1%3A3000%2Fsettings&login_challenge=c";
        assert_eq!(page.leads(how), to);

        kratos.on("GET /self-service/login/browser", "login_init_200_unified");
        let id = kratos.has_flow("login", "login_init_200_unified");
        browser.get("/login").await.redirects();
        let page = browser.get(&page_of("login", &id)).await;
        assert_eq!(page.text("#notice"), Some(say("flash-registered")));
        assert_eq!(page.count("#error-summary"), 0);
        page.is_document(200);
    }
}

#[tokio::test]
async fn the_second_step_keeps_the_traits_hidden_and_has_a_way_back() {
    for recording in [
        "1.3.1/registration_submit_profile_400_step2_choose",
        "26.2/registration_submit_profile_400_step2_choose",
    ] {
        let (kratos, browser) = site().await;
        let flow = Recording::read(recording);
        kratos.on(POST, &flow);
        let form = [("method", "profile"), ("traits.email", "a1@x.test")];
        let page = browser
            .post(How::Htmx, &fragment_of("registration", &flow.id()), &form)
            .await;
        page.is_fragment(200);
        assert_eq!(page.summary(), [""; 0], "a next step is no error");
        assert!(page.testid("ui/message/1040009").is_some());
        let hidden = r#"form[hx-post] input[type=hidden][name="traits.email"]"#;
        assert!(
            page.attrs(hidden, "value")
                .contains(&"a1@x.test".to_owned())
        );
        assert_eq!(page.count(r#"input[type=hidden][required]"#), 0);
        assert_eq!(page.count("input[name=password]"), 1);
        assert!(page.count("button[name=screen][value=previous]") > 0);
        assert!(page.count(r#"button[name=method][value=password]"#) > 0);
    }
}

#[tokio::test]
async fn going_back_and_choosing_a_method_are_not_sent_together() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow(
        "registration",
        "registration_submit_profile_400_step2_choose",
    );
    let page = browser.get(&page_of("registration", &id)).await;
    page.is_document(200);
    assert_eq!(
        page.count("form:has(button[name=screen]) input[type=hidden][name=method]"),
        0
    );
}

#[tokio::test]
async fn who_is_signed_in_already_goes_on() {
    let (kratos, browser) = site().await;
    kratos.on(
        "GET /self-service/registration/browser",
        "registration_init_400_already_logged_in",
    );
    assert_eq!(browser.get("/registration").await.redirects(), "/welcome");
    for how in HOWS {
        let answer = Recording::read("registration_submit_400_already_logged_in");
        kratos.on(POST, &answer);
        let action = fragment_of("registration", &answer.asked_id());
        assert_eq!(
            browser.post(how, &action, &FORM).await.leads(how),
            "/welcome"
        );
    }
}

#[tokio::test]
async fn a_code_that_was_sent_is_no_error_and_a_wrong_one_is() {
    let (kratos, browser) = site().await;
    let sent = Recording::read("registration_submit_code_400_sent_email");
    kratos.on(POST, &sent);
    let action = fragment_of("registration", &sent.id());
    let page = browser.post(How::Htmx, &action, &FORM).await;
    page.is_fragment(200);
    assert_eq!(page.count("input[name=code]"), 1);
    assert!(page.testid("ui/message/1040005").is_some());

    kratos.has("registration", &sent);
    kratos.on(POST, "registration_submit_code_400_wrong_code");
    let page = browser
        .post(How::Htmx, &action, &[("code", "000000")])
        .await;
    page.is_fragment(422);
    assert!(page.testid("ui/message/4040003").is_some());
}

#[tokio::test]
async fn whom_a_provider_refused_can_sign_up_in_another_way() {
    let (kratos, browser) = site().await;
    let mut flow = Recording::read("registration_get_200_oidc_data_completion");
    flow.body_mut()["ui"]["messages"] = json!([{
        "id": 4_000_001,
        "text": "Unable to complete OpenID Connect flow because the OpenID Provider returned error",
        "type": "error",
    }]);
    flow.body_mut()["return_to"] = json!("http://127.0.0.1:3000/settings");
    let id = kratos.has("registration", &flow);

    let page = browser.get(&page_of("registration", &id)).await;

    assert_eq!(page.summary()[0], say("provider-failed"));
    let again = page.attr(
        "nav[aria-label] a[href^='/registration?return_to=']",
        "href",
    );
    assert!(again.is_some(), "{}", page.body);
}

#[tokio::test]
async fn a_sign_up_by_way_of_a_provider_shows_what_is_missing() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("registration", "registration_get_200_oidc_data_completion");
    browser
        .get(&page_of("registration", &id))
        .await
        .is_document(200);
}

#[tokio::test]
async fn a_sign_up_that_leads_to_a_sign_in_with_another_flow_goes_there() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let login = Recording::read("login_get_200_account_linking");
        kratos.on(POST, &login);
        let asked = Recording::read("registration_submit_400_duplicate").id();
        let page = browser
            .post(how, &fragment_of("registration", &asked), &FORM)
            .await;
        assert_eq!(page.leads(how), page_of("login", &login.id()));
    }
}

#[tokio::test]
async fn script_in_a_trait_is_text() {
    let script = "\"'><script>alert(1)</script>";
    let (kratos, browser) = site().await;
    let mut flow = Recording::read("registration_submit_400_validation");
    for name in ["traits.email", "traits.color", "traits.age"] {
        let node = flow.node_mut(name);
        node["attributes"]["value"] = json!(script);
        node["meta"]["label"]["text"] = json!(script);
        node["meta"]["label"]["context"]["title"] = json!(script);
        node["messages"] = json!([
            {"id": 4000001, "text": script, "type": "error", "context": {"reason": script}},
            {"id": 4000028, "text": script, "type": "error", "context": {"property": script}},
        ]);
    }
    let id = kratos.has("registration", &flow);
    let page = browser.get(&page_of("registration", &id)).await;
    page.is_document(200);
    assert!(!page.body.contains("<script>alert"), "{}", page.body);
    assert_eq!(page.value("traits.color").as_deref(), Some(script));
}

#[tokio::test]
async fn every_recorded_registration_form_is_a_page() {
    for version in ["1.3.1", "26.2"] {
        let (kratos, browser) = site().await;
        for flow in Recording::all(version) {
            if !flow.case().starts_with("registration_") || !flow.body()["ui"].is_object() {
                continue;
            }
            let id = kratos.has("registration", &flow);
            let page = browser.get(&page_of("registration", &id)).await;
            page.is_document(200);
            assert!(page.count("form") > 0, "{}", flow.name);
        }
    }
}

#[tokio::test]
async fn in_two_steps_the_details_come_first_and_go_along_unseen() {
    for version in ["1.3.1", "26.2"] {
        let (kratos, browser) = site().await;
        let name = format!("{version}/registration_init_200_step1_profile");
        let id = kratos.has_flow("registration", &name);
        let page = browser.get(&page_of("registration", &id)).await;
        let button = "form[hx-post] button[type=submit]";
        assert_eq!(page.texts(button), [say("next")], "{version}");
        assert_eq!(page.count("input[name=password]"), 0);

        let name = format!("{version}/registration_submit_profile_400_step2_choose");
        let id = kratos.has_flow("registration", &name);
        let page = browser.get(&page_of("registration", &id)).await;
        assert_eq!(page.h1(), say("registration-credential"));
        assert_eq!(page.summary(), [""; 0], "a step, no error");
        let password = "form:has(input[name=password])";
        let hidden = page.attrs(&format!("{password} [type=hidden]"), "name");
        let traits: Vec<_> = hidden
            .iter()
            .filter(|name| name.starts_with("traits."))
            .collect();
        // What was left empty is not sent as an empty text.
        assert_eq!(traits, ["traits.email", "traits.name.first"], "{version}");
        let account = page.attr("input#account", "value");
        assert_eq!(account.as_deref(), Some("a1@x.test"));
        let passkey = "form:has(input[name=passkey_register])";
        assert_eq!(page.count(&format!("{passkey} [name='traits.email']")), 1);
        // With the method it would stay on this step.
        let back = "form:has(button[name=screen])";
        assert_eq!(page.count(&format!("{back} [name=method]")), 0);
        assert_eq!(page.count(&format!("{back} [name='traits.email']")), 1);
        assert_eq!(page.count(&format!("{back} [name=password]")), 0);
    }
}

#[tokio::test]
async fn a_code_for_a_sign_up_goes_with_the_details() {
    for version in ["1.3.1", "26.2"] {
        let (kratos, browser) = site().await;
        let name = format!("{version}/registration_submit_code_400_sent_email_two_step");
        let id = kratos.has_flow("registration", &name);
        let page = browser.get(&page_of("registration", &id)).await;
        assert_eq!(page.h1(), say("code"));
        assert_eq!(page.text("#sent bdi").as_deref(), Some("e2@x.test"));
        for form in [
            "form:has(input[name=code])",
            "form:has(button[name=resend])",
        ] {
            assert_eq!(page.count(&format!("{form} [name='traits.email']")), 1);
        }
        let back = page.attr("button[name=screen]", "value");
        assert_eq!(back.as_deref(), Some("credential-selection"));
    }
}

#[tokio::test]
async fn details_that_a_provider_did_not_give_are_asked_for_and_sent_on_to_it() {
    for version in ["1.3.1", "26.2"] {
        let (kratos, browser) = site().await;
        let name = format!("{version}/registration_get_200_oidc_data_completion");
        let id = kratos.has_flow("registration", &name);
        let page = browser.get(&page_of("registration", &id)).await;
        let form = "form:has(button[name=provider])";
        assert_eq!(page.count(form), 1, "{version}");
        for name in ["traits.email", "traits.name.first", "csrf_token"] {
            assert_eq!(page.count(&format!("{form} [name='{name}']")), 1, "{name}");
        }
        assert_eq!(page.attrs("#error-summary a", "href"), ["#traits-email"]);
    }
}

#[tokio::test]
async fn it_is_said_where_nothing_may_be_left_empty() {
    let (kratos, browser) = site().await;
    let mut flow = Recording::read("registration_init_200_legacy_one_step");
    let nodes = flow.body_mut()["ui"]["nodes"].as_array_mut().unwrap();
    nodes.retain(|node| node["group"] != "webauthn" && node["attributes"]["value"] != "code");
    for (required, is_said) in [(false, false), (true, true)] {
        for node in flow.body_mut()["ui"]["nodes"].as_array_mut().unwrap() {
            if node["attributes"]["type"] != "submit" {
                node["attributes"]["required"] = required.into();
            }
        }
        let id = kratos.has("registration", &flow);
        let page = browser.get(&page_of("registration", &id)).await;
        let lead = say("registration-lead");
        assert_eq!(page.texts("#panel > p").contains(&lead), is_said);
    }
    let id = kratos.has_flow("registration", "registration_init_200_legacy_one_step");
    let page = browser.get(&page_of("registration", &id)).await;
    assert!(!page.body.contains(&say("registration-lead")));
}
