//! Sign-in: the page, the form, and every way in which it can end.

use genkan::i18n::Locale;
use http::Method;
use serde_json::json;

use crate::support::{
    Answer, HOWS, How, PUBLIC, Recording, fragment_of, page_of, said, say, say_with, site,
    site_with,
};

/// Where the recorded flows lead back to, as their forms say it.
const RETURN_TO: &str = "return_to=http%3A%2F%2F127.0.0.1%3A3000%2Fsettings";
const POST: &str = "POST /self-service/login";
const FORM: [(&str, &str); 4] = [
    ("csrf_token", "example-csrf-token-18"),
    ("identifier", "a1@x.test"),
    ("password", "wrong"),
    ("method", "password"),
];

#[tokio::test]
async fn the_page_starts_a_flow_and_goes_to_it() {
    let (kratos, browser) = site().await;
    let flow = Recording::read("login_init_200_unified");
    kratos.on("GET /self-service/login/browser", &flow);

    let page = browser.get("/login?return_to=/settings").await;

    assert_eq!(page.redirects(), page_of("login", &flow.id()));
    let started = kratos.started();
    let return_to = format!("{PUBLIC}/settings");
    assert_eq!(started.parameter("return_to"), Some(&*return_to));
    assert_eq!(started.header("accept"), Some("application/json"));
    assert_eq!(page.set_cookies().len(), 1);
    assert!(page.set_cookies()[0].starts_with("csrf_token_"));
}

/// Two ways beside the main one are in sight, the rest one step away; a code goes to the address of the main form.
#[tokio::test]
async fn other_ways_stand_below_and_more_than_three_are_a_step_away() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "made/login_many_ways");

    let page = browser.get(&page_of("login", &id)).await;

    assert_eq!(page.attr("form[hx-post]", "id").as_deref(), Some("flow"));
    assert_eq!(
        page.texts("#flow button[type=submit]"),
        [say("login-submit")]
    );
    let in_sight = ".or ~ form button[name=provider]";
    assert_eq!(page.attrs(in_sight, "value"), ["mock"]);
    assert_eq!(page.count(".or ~ [data-needs] [data-ceremony]"), 1);
    assert_eq!(page.text(".more summary"), Some(say("more-options")));
    let hidden = page.attrs(".more form button[name=provider]", "value");
    assert_eq!(hidden, ["google", "github"]);
    let code = ".more > button[form=flow][type=submit][name=method]";
    assert_eq!(page.attrs(code, "value"), ["code"]);
}

#[tokio::test]
async fn the_page_of_a_flow_shows_its_form() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "login_init_200_unified");

    let page = browser.get(&page_of("login", &id)).await;

    page.is_document(200);
    let title = say_with("title", &[("page", &say("login")), ("service", "Genkan")]);
    assert_eq!((page.title(), page.h1()), (title, say("login")));
    assert_eq!(page.summary(), [""; 0]);
    assert_eq!(page.focus().as_deref(), Some("identifier"));
    let form = r#"form[hx-post]"#;
    let action = format!("{}&{RETURN_TO}", fragment_of("login", &id));
    assert_eq!(page.attr(form, "action"), Some(action.clone()));
    assert_eq!(page.attr(form, "hx-post"), Some(action));
    assert_eq!(page.attr(form, "method").as_deref(), Some("post"));
    let button = r#"form[hx-post] button[type=submit][name=method]"#;
    assert_eq!(page.attr(button, "value").as_deref(), Some("password"));
    let token = r#"form[hx-post] input[type=hidden][name=csrf_token]"#;
    assert_eq!(
        page.attr(token, "value").as_deref(),
        Some("example-csrf-token-18")
    );
    assert_eq!(
        page.count(r#"[data-testid="node/input/identifier"] input"#),
        1
    );
    assert_eq!(
        page.count(r#"[data-testid="node/input/password"] input"#),
        1
    );
    let identifier = r#"input[name=identifier]"#;
    assert_eq!(
        page.attr(identifier, "autocomplete").as_deref(),
        Some("username webauthn")
    );
    let password = r#"input[name=password]"#;
    assert_eq!(
        page.attr(password, "autocomplete").as_deref(),
        Some("current-password")
    );
}

#[tokio::test]
async fn every_label_is_tied_to_its_field() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "login_init_200_unified");
    let page = browser.get(&page_of("login", &id)).await;
    for name in ["identifier", "password"] {
        let field = page.attr(&format!("input[name={name}]"), "id").unwrap();
        assert_eq!(page.count(&format!(r#"label[for="{field}"]"#)), 1);
    }
}

#[tokio::test]
async fn a_provider_is_asked_without_htmx_because_it_is_another_site() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "login_init_200_unified");
    let page = browser.get(&page_of("login", &id)).await;
    let button = "button[name=provider][value=mock]";
    assert_eq!(page.count(&format!("form:not([hx-post]) {button}")), 1);
    assert_eq!(page.count(&format!("form[hx-post] {button}")), 0);
}

#[tokio::test]
async fn the_links_carry_where_to_go_in_the_end() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "login_init_200_unified");
    let page = browser.get(&page_of("login", &id)).await;
    let query = "?return_to=http%3A%2F%2F127.0.0.1%3A3000%2Fsettings";
    let forgot = r#"[data-testid="forgot-password-link"]"#;
    assert_eq!(page.attr(forgot, "href"), Some(format!("/recovery{query}")));
    let signup = r#"[data-testid="signup-link"]"#;
    assert_eq!(
        page.attr(signup, "href"),
        Some(format!("/registration{query}"))
    );
}

#[tokio::test]
async fn only_what_kratos_may_know_is_told_when_a_flow_starts() {
    let (kratos, browser) = site().await;
    kratos.on("GET /self-service/login/browser", "login_init_200_refresh");
    let organization = "6a0b2c6e-0f5e-4a52-9d6b-0a1d6f8c2b11";
    browser
        .get(&format!(
            "/login?refresh=true&aal=aal1&via=email&organization={organization}&identity_schema=multi\
             &lang=en&again=1&unknown=x&login_challenge=&id=1",
        ))
        .await
        .redirects();
    let told: Vec<_> = kratos.started().query;
    let expected = [
        ("refresh", "true"),
        ("aal", "aal1"),
        ("via", "email"),
        ("organization", organization),
        ("identity_schema", "multi"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(told, expected);
}

#[tokio::test]
async fn parameters_that_cannot_be_meant_are_left_out() {
    let (kratos, browser) = site().await;
    kratos.on("GET /self-service/login/browser", "login_init_200_unified");
    let odd = "/login?refresh=%3Cscript%3E&aal=aal9&organization=x&return_to=%2F%2Fevil.test";
    browser.get(odd).await.redirects();
    assert_eq!(kratos.started().query, []);
}

#[tokio::test]
async fn with_htmx_a_wrong_password_shows_the_message_and_keeps_the_identifier() {
    let (kratos, browser) = site().await;
    let flow = Recording::read("login_submit_400_bad_credentials");
    kratos.on(POST, &flow);

    let action = fragment_of("login", &flow.id());
    let page = browser.post(How::Htmx, &action, &FORM).await;

    page.is_fragment(422);
    let title = say_with(
        "title-failed",
        &[("page", &say("login")), ("service", "Genkan")],
    );
    assert_eq!((page.title(), page.h1()), (title, say("login")));
    assert_eq!(page.summary(), [say("kratos-4000006")]);
    assert_eq!(
        page.testid("ui/message/4000006"),
        Some(say("kratos-4000006"))
    );
    assert_eq!(page.value("identifier").as_deref(), Some("a1@x.test"));
    assert_eq!(page.value("password"), None);
    assert!(!page.body.contains("wrong\""));
    assert_eq!(page.focus().as_deref(), Some("error-summary"));
    assert_eq!(
        page.value("csrf_token").as_deref(),
        Some("example-csrf-token-23")
    );
    kratos.posted();
}

#[tokio::test]
async fn without_htmx_a_wrong_password_is_sent_on_to_the_page_that_shows_the_message() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "login_submit_400_bad_credentials");
    kratos.on(POST, "login_submit_400_bad_credentials");

    let answer = browser
        .post(How::Plain, &fragment_of("login", &id), &FORM)
        .await;
    assert_eq!(answer.redirects(), page_of("login", &id));

    for _reload in 0..2 {
        let page = browser.get(answer.redirects()).await;
        page.is_document(200);
        assert_eq!(page.summary(), [say("kratos-4000006")]);
        assert_eq!(page.value("identifier").as_deref(), Some("a1@x.test"));
        assert_eq!(page.value("password"), None);
    }
    assert_eq!(
        kratos
            .received_on(&Method::POST, "/self-service/login")
            .len(),
        1
    );
}

#[tokio::test]
async fn the_form_reaches_kratos_as_it_was_typed() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let id = Recording::read("login_submit_400_bad_credentials").id();
        kratos.on(POST, "login_submit_400_bad_credentials");
        browser.post(how, &fragment_of("login", &id), &FORM).await;
        let posted = kratos.posted();
        assert_eq!(posted.parameter("flow"), Some(&*id));
        assert_eq!(posted.header("accept"), Some("application/json"));
        let content_type = posted.header("content-type");
        assert_eq!(content_type, Some("application/x-www-form-urlencoded"));
        let form = FORM.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(posted.form(), form);
    }
}

#[tokio::test]
async fn a_right_password_leads_on_with_the_cookies_of_kratos() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let flow = Recording::read("login_submit_form_encoded_200");
        kratos.on(POST, &flow);
        let page = browser
            .post(how, &fragment_of("login", &flow.asked_id()), &FORM)
            .await;
        assert_eq!(page.leads(how), "/settings");
        assert_eq!(page.set_cookies(), flow.set_cookies());
        assert_eq!(page.set_cookies().len(), 2);
    }
}

#[tokio::test]
async fn the_second_factor_is_asked_for_when_it_is_needed() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let flow = Recording::read("login_submit_422_aal2_required");
        kratos.on(POST, &flow);
        let page = browser
            .post(how, &fragment_of("login", &flow.asked_id()), &FORM)
            .await;
        let step_up = "/self-service/login/browser?aal=aal2&return_to=http%3A%2F%2F127.0.0.1%3A3000%2Fsettings";
        assert_eq!(page.leads(how), step_up);
        assert!(browser.cookie("ory_kratos_session").is_some());
    }
}

#[tokio::test]
async fn the_second_factor_has_its_own_words_and_a_way_out() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "login_init_200_aal2_totp_lookup");
    let page = browser.get(&page_of("login", &id)).await;
    page.is_document(200);
    assert_eq!(page.h1(), say("login-second-factor"));
    assert_eq!(
        page.testid("ui/message/1010004"),
        Some(say("kratos-1010004"))
    );
    assert_eq!(
        page.attr(r#"[data-testid="logout-link"]"#, "href")
            .as_deref(),
        Some("/logout")
    );
    assert_eq!(page.count(r#"[data-testid="forgot-password-link"]"#), 0);
    assert_eq!(page.count("input[name=totp_code]"), 1);
    assert_eq!(page.count("input[name=lookup_secret]"), 0, "one at a time");
    let other = format!("{}&factor=lookup_secret", page_of("login", &id));
    assert!(page.attrs("#panel a", "href").contains(&other));

    let page = browser.get(&other).await;
    assert_eq!(page.count("input[name=totp_code]"), 0);
    assert_eq!(page.count("input[name=lookup_secret]"), 1);
    let action = page.attr("form:has(input[name=lookup_secret])", "action");
    let fragment = format!(
        "{}&factor=lookup_secret&{RETURN_TO}&aal=aal2",
        fragment_of("login", &id)
    );
    assert_eq!(action, Some(fragment), "an error stays with the factor");
}

#[tokio::test]
async fn a_second_factor_that_cannot_be_used_is_told_and_leads_in_no_circle() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "login_init_200_aal2_no_second_factor");
    kratos.on("GET /sessions/whoami", "whoami_403_aal2_required");
    let page = browser.get(&page_of("login", &id)).await;
    page.is_document(200);
    assert_eq!(
        page.testid("ui/message/1010004"),
        Some(say("second-factor-stuck"))
    );
    assert_eq!(page.attrs("#panel a", "href"), ["/logout"]);

    kratos.on("GET /sessions/whoami", "whoami_200");
    let page = browser.get(&page_of("login", &id)).await;
    let links = page.attrs("#panel a", "href");
    assert!(links.contains(&"/settings".to_owned()), "{links:?}");
}

#[tokio::test]
async fn beside_a_code_that_was_chosen_another_second_factor_is_a_link_away() {
    let (kratos, browser) = site().await;
    let mut flow = Recording::read("login_submit_aal2_code_400_sent");
    flow.body_mut()["return_to"] = json!(format!("{PUBLIC}/sessions"));
    let id = kratos.has("login", &flow);
    let to = "/login?return_to=http%3A%2F%2F127.0.0.1%3A3000%2Fsessions&aal=aal2".to_owned();
    let links = async |page: &str| browser.get(page).await.attrs("#panel a", "href");
    let chosen = links(&format!("{}&factor=code", page_of("login", &id))).await;
    assert!(chosen.contains(&to), "{chosen:?}");
    let only = links(&page_of("login", &id)).await;
    assert!(!only.contains(&to), "{only:?}");
}

#[tokio::test]
async fn a_code_that_is_the_only_second_factor_is_sent_at_once() {
    let (kratos, browser) = site().await;
    let asked = Recording::read("login_init_200_aal2_code");
    let id = kratos.has("login", &asked);
    let mut sent = Recording::read("login_submit_aal2_code_400_sent");
    sent.body_mut()["id"] = json!(id);
    kratos.on(POST, &sent);
    let page = browser.get(&page_of("login", &id)).await;
    page.is_document(200);
    assert_eq!(page.focus().as_deref(), Some("code"));
    let posted = kratos.posted();
    assert_eq!(posted.parameter("flow"), Some(&*id));
    let node = |name: &str| {
        let mut asked = asked.clone();
        asked.node_mut(name)["attributes"]["value"].clone()
    };
    for name in ["csrf_token", "address"] {
        assert_eq!(posted.values(name), [node(name).as_str().unwrap()]);
    }
    // The cool-down holds for it as for any other mail.
    let again = browser.get(&page_of("login", &id)).await;
    assert_eq!(again.count("button[name=address]"), 1, "{}", again.body);
    kratos.posted();
}

#[tokio::test]
async fn of_several_addresses_for_a_code_none_is_chosen_for_the_user() {
    let (kratos, browser) = site().await;
    let flow = Recording::read("26.2/login_init_200_aal2_code_several_addresses");
    let id = kratos.has("login", &flow);
    let page = browser.get(&page_of("login", &id)).await;
    assert!(page.count("button[name=address]") > 1);
    let posts = kratos.received().into_iter();
    assert_eq!(posts.filter(|it| it.method == Method::POST).count(), 0);
}

#[tokio::test]
async fn who_confirms_by_a_code_who_it_is_types_no_address() {
    let (kratos, browser) = site().await;
    let mut flow = Recording::read("login_init_200_code_passwordless");
    flow.body_mut()["refresh"] = json!(true);
    let id = kratos.has("login", &flow);
    kratos.on("GET /sessions/whoami", "whoami_200");
    let page = browser.get(&page_of("login", &id)).await;
    assert_eq!(page.attr("#account", "value").as_deref(), Some("a1@x.test"));
    let hidden = page.attrs("input[type=hidden][name=identifier]", "value");
    assert!(hidden.iter().all(|it| it == "a1@x.test"), "{hidden:?}");
    assert_eq!(page.count("input[name=identifier]:not([type=hidden])"), 0);
}

#[tokio::test]
async fn with_htmx_a_provider_is_gone_to_by_a_header() {
    let (kratos, browser) = site().await;
    let flow = Recording::read("login_submit_oidc_422_redirect_idp");
    kratos.on(POST, &flow);
    let form = [("method", "oidc"), ("provider", "mock")];
    let page = browser
        .post(How::Htmx, &fragment_of("login", &flow.asked_id()), &form)
        .await;
    let to = flow.body()["redirect_browser_to"].as_str().unwrap();
    assert_eq!(page.leads(How::Htmx), to);
    assert!(browser.cookie("ory_kratos_continuity").is_some());
}

#[tokio::test]
async fn without_htmx_a_page_leads_on_to_a_provider_because_the_policy_stops_a_redirect() {
    let (kratos, browser) = site().await;
    let flow = Recording::read("login_submit_oidc_422_redirect_idp");
    kratos.on(POST, &flow);
    let form = [("method", "oidc"), ("provider", "mock")];
    let page = browser
        .post(How::Plain, &fragment_of("login", &flow.asked_id()), &form)
        .await;
    page.is_document(200);
    let to = flow.body()["redirect_browser_to"].as_str().unwrap();
    assert_eq!(page.attr("main a", "href").as_deref(), Some(to));
    let refresh = page.attr("meta[http-equiv=refresh]", "content");
    assert_eq!(refresh, Some(format!("0;url={to}")));
    assert!(browser.cookie("ory_kratos_continuity").is_some());
}

#[tokio::test]
async fn a_provider_by_another_scheme_is_never_gone_to() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let mut flow = Recording::read("login_submit_oidc_422_redirect_idp");
        flow.body_mut()["redirect_browser_to"] = json!("javascript:alert(1)");
        kratos.on(POST, &flow);
        let page = browser
            .post(how, &fragment_of("login", &flow.asked_id()), &FORM)
            .await;
        assert_eq!(page.status, 502);
        assert_eq!(page.header("hx-redirect"), None);
        assert!(!page.body.contains("javascript:"));
    }
}

#[tokio::test]
async fn who_is_signed_in_already_goes_on() {
    let (kratos, browser) = site().await;
    kratos.on(
        "GET /self-service/login/browser",
        "login_init_400_already_logged_in",
    );
    for (asked, to) in [
        ("/login", "/welcome"),
        (
            "/login?return_to=/settings?section=profile",
            "/settings?section=profile",
        ),
        ("/login?return_to=https://evil.test/", "/welcome"),
        ("/login?return_to=%2F%5Cevil.test/", "/welcome"),
    ] {
        assert_eq!(browser.get(asked).await.redirects(), to, "{asked}");
    }
}

#[tokio::test]
async fn who_signed_in_in_another_tab_goes_on() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let flow = Recording::read("login_submit_400_already_logged_in");
        kratos.on(POST, &flow);
        let page = browser
            .post(how, &fragment_of("login", &flow.id()), &FORM)
            .await;
        assert_eq!(page.leads(how), "/welcome");

        let mut open = Recording::read("login_init_200_unified");
        open.body_mut()["return_to"] = json!(format!("{PUBLIC}/settings?section=oidc"));
        let id = kratos.has("login", &open);
        let page = browser.get(&page_of("login", &id)).await;
        let action = page.attr("form", "action").unwrap();
        let page = browser.post(how, &action, &FORM).await;
        assert_eq!(page.leads(how), "/settings?section=oidc");
    }
}

/// Kratos 1.3.1 changes the anti-CSRF cookie with each sign-in, so the flow of the first tab cannot be read any more.
#[tokio::test]
async fn a_sign_in_in_another_tab_is_noticed_where_the_flow_cannot_be_read() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let action = fragment_of("login", &Recording::read("login_init_200_unified").id());
        kratos.on("GET /self-service/login/flows", "login_submit_403_csrf");
        kratos.on("GET /sessions/whoami", "whoami_200");
        browser.keep("ory_kratos_session", "another");
        let page = browser.post(how, &action, &FORM).await;
        assert_eq!(page.leads(how), "/welcome");
        assert_eq!(
            browser.cookie("genkan_flash").as_deref(),
            Some("flash-signed-in-already")
        );
    }
}

#[tokio::test]
async fn half_a_sign_in_goes_on_with_the_other_half() {
    let (kratos, browser) = site().await;
    for kind in ["login", "registration"] {
        kratos.on(
            &format!("GET /self-service/{kind}/browser"),
            "login_init_400_already_logged_in",
        );
    }
    kratos.on("GET /sessions/whoami", "whoami_403_aal2_required");
    for (asked, to) in [
        ("/login", "%2Fwelcome"),
        ("/registration", "%2Fwelcome"),
        ("/login?return_to=/settings", "%2Fsettings"),
    ] {
        let to = format!("/login?aal=aal2&return_to={to}");
        assert_eq!(browser.get(asked).await.redirects(), to, "{asked}");
    }
    let page = browser.get("/login?aal=aal2").await;
    assert_eq!(page.redirects(), "/welcome", "never round in circles");
}

#[tokio::test]
async fn a_form_of_the_second_factor_that_is_too_old_leads_to_a_new_one() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let flow = Recording::read("login_init_200_aal2_totp_lookup");
        kratos.on(POST, "login_get_410_expired");
        kratos.on(
            "GET /self-service/login/browser",
            "login_init_400_already_logged_in",
        );
        kratos.on("GET /sessions/whoami", "whoami_403_aal2_required");
        let form = [("method", "totp"), ("totp_code", "123456")];
        let page = browser
            .post(how, &fragment_of("login", &flow.id()), &form)
            .await;
        assert!(page.leads(how).starts_with("/login?aal=aal2&return_to="));
        kratos.on("GET /self-service/login/browser?aal=aal2", &flow);
        kratos.has("login", &flow);
        let page = browser.get("/login?aal=aal2").await;
        let page = browser.get(page.redirects()).await;
        assert!(page.body.contains(&say("flash-timed-out")));
    }
}

#[tokio::test]
async fn without_any_second_factor_there_is_nothing_to_complete() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "login_init_200_aal2_no_second_factor");
    let page = browser.get(&page_of("login", &id)).await;
    page.is_document(200);
    let told = page.testid("ui/message/1010004");
    assert_eq!(told, Some(say("no-second-factor")));
    assert!(!page.body.contains(&say("kratos-1010004")));
}

#[tokio::test]
async fn a_passkey_that_fails_is_not_told_as_a_code_from_an_app() {
    let (kratos, browser) = site().await;
    let mut flow = Recording::read("login_submit_passkey_400_unknown");
    flow.body_mut()["ui"]["messages"][0]["id"] = json!(4000008);
    let id = kratos.has("login", &flow);
    let page = browser.get(&page_of("login", &id)).await;
    assert_eq!(page.summary(), [say("kratos-4000043")]);
}

#[tokio::test]
async fn a_disabled_account_is_told_so() {
    let (kratos, browser) = site().await;
    let refused = Recording::read("login_submit_401_identity_disabled");
    kratos.on(POST, &refused);
    let mut flow = Recording::read("login_init_200_unified");
    flow.body_mut()["id"] = json!(refused.asked_id());
    let id = kratos.has("login", &flow);

    let fragment = browser
        .post(How::Htmx, &fragment_of("login", &id), &FORM)
        .await;
    fragment.is_fragment(422);
    assert_eq!(fragment.summary(), [say("flash-account-disabled")]);

    let answer = browser
        .post(How::Plain, &fragment_of("login", &id), &FORM)
        .await;
    assert_eq!(answer.redirects(), page_of("login", &id));
    let page = browser.get(answer.redirects()).await;
    assert_eq!(page.summary(), [say("flash-account-disabled")]);
    let page = browser.get(answer.redirects()).await;
    assert_eq!(page.summary(), [""; 0], "it is said once");
}

#[tokio::test]
async fn an_unverified_address_is_told_by_1_3_1() {
    let (kratos, browser) = site().await;
    let flow = Recording::read("login_submit_400_address_not_verified");
    kratos.on(POST, &flow);
    let page = browser
        .post(How::Htmx, &fragment_of("login", &flow.id()), &FORM)
        .await;
    page.is_fragment(422);
    assert_eq!(page.summary(), [say("kratos-4000010")]);
    let links = page.attrs("nav a", "href");
    assert!(links.contains(&"/verification".to_owned()), "{links:?}");
}

#[tokio::test]
async fn an_address_without_an_account_can_be_mended() {
    let (kratos, browser) = site().await;
    let flow = Recording::read("login_submit_code_400_unknown");
    kratos.on(POST, &flow);
    let form = [("identifier", "nobody@x.test"), ("method", "code")];
    let page = browser
        .post(How::Htmx, &fragment_of("login", &flow.id()), &form)
        .await;
    page.is_fragment(422);
    assert_eq!(page.summary(), [say("kratos-4000035")]);
    let field = r#"[data-testid="node/input/identifier"] input[type=email]"#;
    assert_eq!(page.attr(field, "value").as_deref(), Some("nobody@x.test"));
    assert_eq!(page.count("input[name=identifier]"), 1);
}

#[tokio::test]
async fn no_code_is_sent_to_an_empty_address() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "login_init_200_code_passwordless");
    let form = [("identifier", " "), ("method", "code")];
    let page = browser
        .post(How::Htmx, &fragment_of("login", &id), &form)
        .await;
    page.is_fragment(422);
    let field = r#"[data-testid="node/input/identifier"]"#;
    let told = page.text(&format!("{field} .error")).unwrap();
    assert!(told.contains(&page.summary()[0]), "{told}");
    let posted = kratos.received_on(&Method::POST, "/self-service/login");
    assert!(posted.is_empty());
}

#[tokio::test]
async fn a_sign_in_with_too_many_wrong_codes_begins_anew_with_its_address() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let mut flow = Recording::read("login_submit_code_400_wrong_code");
        flow.body_mut()["ui"]["messages"] = json!([{
            "id": 4_000_001,
            "text": "The request was submitted too often. Please request another code.",
            "type": "error",
        }]);
        flow.body_mut()["return_to"] = json!(format!("{PUBLIC}/settings"));
        kratos.on(POST, &flow);
        let new = Recording::read("login_init_200_code_passwordless");
        kratos.on("GET /self-service/login/browser", &new);
        kratos.has("login", &new);
        let form = [
            ("identifier", "p1@x.test"),
            ("code", "000000"),
            ("method", "code"),
        ];

        let answer = browser
            .post(how, &fragment_of("login", &flow.id()), &form)
            .await;

        let to = format!("{}&again=1", page_of("login", &new.id()));
        assert_eq!(answer.leads(how), to);
        let return_to = kratos.started().parameter("return_to").map(str::to_owned);
        assert_eq!(return_to, Some(format!("{PUBLIC}/settings")));
        let page = browser.get(answer.leads(how)).await;
        assert_eq!(page.summary(), [say("too-often")]);
        assert_eq!(page.value("identifier").as_deref(), Some("p1@x.test"));
    }
}

#[tokio::test]
async fn what_a_provider_says_is_told_in_our_words() {
    for version in ["1.3.1", "26.2"] {
        let (kratos, browser) = site().await;
        let denied = format!("{version}/login_get_200_after_oidc_denied");
        let id = kratos.has_flow("login", &denied);
        let page = browser.get(&page_of("login", &id)).await;
        assert_eq!(page.summary(), [say("provider-failed")]);
        assert!(!page.body.contains("user said no"), "{}", page.body);
    }
}

#[tokio::test]
async fn ways_to_sign_in_that_kratos_adds_again_are_shown_once() {
    let (kratos, browser) = site().await;
    let mut flow = Recording::read("login_submit_idfirst_400_credentials");
    let nodes = flow.body_mut()["ui"]["nodes"].as_array_mut().unwrap();
    nodes.extend(nodes.clone());
    let id = kratos.has("login", &flow);
    let page = browser.get(&page_of("login", &id)).await;
    assert_eq!(page.count("button[value=password]"), 1);
    assert_eq!(page.count("input[name=password]"), 1);
}

#[tokio::test]
async fn an_unverified_address_leads_to_its_verification_with_26_2() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let flow = Recording::read("26.2/login_submit_400_address_not_verified");
        kratos.on(POST, &flow);
        let page = browser
            .post(how, &fragment_of("login", &flow.asked_id()), &FORM)
            .await;
        let to = page_of("verification", "700b9e74-82fb-406f-b83d-e11b4b6fbff7");
        assert_eq!(page.leads(how), to);
    }
}

#[tokio::test]
async fn a_sign_in_that_turns_into_another_flow_goes_to_that_one() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let flow = Recording::read("26.2/login_submit_account_linking_needs_aal2");
        assert_ne!(flow.id(), flow.asked_id());
        kratos.on(POST, &flow);
        let page = browser
            .post(how, &fragment_of("login", &flow.asked_id()), &FORM)
            .await;
        assert_eq!(page.leads(how), page_of("login", &flow.id()));
    }
}

#[tokio::test]
async fn signing_in_again_shows_whose_password_is_asked_for() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "login_init_200_refresh");
    let page = browser.get(&page_of("login", &id)).await;
    page.is_document(200);
    assert_eq!(page.h1(), say("login-again"));
    assert_eq!(
        page.testid("ui/message/1010003"),
        Some(say("kratos-1010003"))
    );
    let account = "input[readonly][autocomplete=username]";
    assert_eq!(page.attr(account, "value").as_deref(), Some("a1@x.test"));
    assert_eq!(
        page.attr(account, "name"),
        None,
        "Kratos has the hidden one"
    );
    assert_eq!(page.count("input[type=hidden][name=identifier]"), 1);
    assert_eq!(page.count(r#"[data-testid="logout-link"]"#), 1);
    assert_eq!(page.count(r#"[data-testid="signup-link"]"#), 0);
}

#[tokio::test]
async fn signing_in_again_leads_back_to_the_change_that_kratos_has_kept() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let flow = Recording::read("login_submit_200_refresh_with_settings_return");
        kratos.on(POST, &flow);
        let page = browser
            .post(how, &fragment_of("login", &flow.asked_id()), &FORM)
            .await;
        let to = "/self-service/settings?flow=fa6d14f0-de98-4248-84c0-a97b9a45e705";
        assert_eq!(page.leads(how), to);
    }
}

#[tokio::test]
async fn a_return_to_that_kratos_does_not_allow_is_left_out() {
    let (kratos, browser) = site_with(&[("--allowed-return-origins", "https://app.example")]).await;
    let flow = Recording::read("login_init_200_unified");
    kratos.on("GET /self-service/login/browser", &flow);
    kratos.on(
        "GET /self-service/login/browser?return_to=https://app.example/x",
        "login_init_400_return_to_forbidden",
    );
    let page = browser
        .get("/login?return_to=https://app.example/x&refresh=true")
        .await;
    assert_eq!(page.redirects(), page_of("login", &flow.id()));
    let second = kratos.received().pop().unwrap();
    assert_eq!(second.query, [("refresh".to_owned(), "true".to_owned())]);
}

#[tokio::test]
async fn a_return_to_of_a_listed_application_is_kept() {
    let (kratos, browser) = site_with(&[("--allowed-return-origins", "https://app.example")]).await;
    kratos.on("GET /self-service/login/browser", "login_init_200_unified");
    browser
        .get("/login?return_to=https://app.example/x%3Fy%3Dz")
        .await
        .redirects();
    let started = kratos.started();
    assert_eq!(
        started.parameter("return_to"),
        Some("https://app.example/x?y=z")
    );
}

#[tokio::test]
async fn a_login_challenge_is_for_kratos_to_answer_to_the_browser_itself() {
    let (kratos, browser) = site().await;
    let challenge = "c".repeat(2000);
    let page = browser
        .get(&format!(
            "/login?login_challenge={challenge}&return_to=/settings"
        ))
        .await;
    let (path, query) = page.redirects().split_once('?').unwrap();
    assert_eq!(path, "/self-service/login/browser");
    assert!(
        query.contains(&format!("login_challenge={challenge}")),
        "{query}"
    );
    assert!(kratos.received().is_empty());
}

#[tokio::test]
async fn without_a_first_factor_the_second_leads_to_the_first() {
    let (kratos, browser) = site().await;
    kratos.on(
        "GET /self-service/login/browser",
        "login_init_401_aal1_required",
    );
    let page = browser.get("/login?aal=aal2&return_to=/settings").await;
    let to = page.redirects();
    assert_eq!(to, "/login?return_to=%2Fsettings");
}

#[tokio::test]
async fn a_form_without_a_flow_begins_anew_and_says_so() {
    for how in HOWS {
        for action in [
            "/fragments/login",
            "/fragments/login?flow=",
            "/fragments/login?flow=%3Cx%3E",
        ] {
            let (kratos, browser) = site().await;
            let new = Recording::read("login_init_200_unified");
            kratos.on("GET /self-service/login/browser", &new);
            let page = browser.post(how, action, &FORM).await;
            let to = format!("{}&again=1", page_of("login", &new.id()));
            assert_eq!(page.leads(how), to);
            assert_eq!(
                browser.cookie("genkan_flash").as_deref(),
                Some("flash-started-again")
            );
            kratos.started();
        }
    }
}

#[tokio::test]
async fn no_method_and_an_empty_form_are_told_as_problems() {
    for recording in [
        "login_submit_400_empty",
        "login_submit_400_no_method_4010002",
        "login_submit_empty_body",
    ] {
        let (kratos, browser) = site().await;
        let flow = Recording::read(recording);
        kratos.on(POST, &flow);
        let page = browser
            .post(How::Htmx, &fragment_of("login", &flow.id()), &[("x", "")])
            .await;
        page.is_fragment(422);
        assert!(!page.summary().is_empty(), "{recording}");
    }
}

#[tokio::test]
async fn full_width_addresses_become_plain_and_passwords_stay_as_they_are() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let id = Recording::read("login_submit_400_bad_credentials").id();
        kratos.on(POST, "login_submit_400_bad_credentials");
        let password = "  ｐａｓｓ　ﾜｰﾄﾞ 🐈‍⬛ ＡＢＣ % & = + \u{301}e é ";
        let form = [
            ("identifier", "　ａ１＠ｘ．ｔｅｓｔ　 "),
            ("password", password),
            ("method", "password"),
        ];
        browser.post(how, &fragment_of("login", &id), &form).await;
        let posted = kratos.posted();
        assert_eq!(posted.values("identifier"), ["a1@x.test"]);
        assert_eq!(posted.values("password"), [password]);
    }
}

#[tokio::test]
async fn a_password_of_more_than_72_bytes_is_not_cut() {
    let (kratos, browser) = site().await;
    let id = Recording::read("login_submit_400_bad_credentials").id();
    kratos.on(POST, "login_submit_400_bad_credentials");
    let password = "長い".repeat(200);
    let form = [("identifier", "a"), ("password", &*password)];
    browser
        .post(How::Htmx, &fragment_of("login", &id), &form)
        .await;
    assert_eq!(kratos.posted().values("password"), [password]);
}

#[tokio::test]
async fn kratos_gets_the_names_of_its_form_once_each_and_no_others() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let id = Recording::read("login_submit_400_bad_credentials").id();
        kratos.on(POST, "login_submit_400_bad_credentials");
        let form = [
            ("unknown[x][]", "[]"),
            ("password", "one"),
            ("identifier", "one"),
            ("traits", r#"{"email":"a@x.test"}"#),
            ("traits@whole", "{}"),
            ("password_identifier", "two"),
            ("password", "two"),
            ("", "nameless"),
            ("method", "password"),
            ("method", "password"),
            ("totp_code", "123456"),
            ("passkey_login", "{}"),
            ("provider", "google"),
            ("transient_payload", "{}"),
            ("é=&?", "a=b&c"),
        ];
        browser.post(how, &fragment_of("login", &id), &form).await;
        let sent = [
            ("password", "one"),
            ("identifier", "one"),
            ("method", "password"),
        ];
        let sent = sent.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(kratos.posted().form(), sent);
    }
}

#[tokio::test]
async fn characters_that_no_keyboard_has_are_told_and_not_sent() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "login_init_200_unified");
    let action = fragment_of("login", &id);
    for body in [
        "identifier=%FF%FE&password=x",
        "identifier=a%00b",
        "password=%1B",
    ] {
        let fragment = browser.post_body(How::Htmx, &action, body, &[]).await;
        fragment.is_fragment(422);
        assert_eq!(fragment.summary(), [say("flash-check-input")]);

        let answer = browser.post_body(How::Plain, &action, body, &[]).await;
        let page = browser.get(answer.redirects()).await;
        assert_eq!(page.summary(), [say("flash-check-input")]);
    }
    assert!(
        kratos
            .received_on(&Method::POST, "/self-service/login")
            .is_empty()
    );
}

#[tokio::test]
async fn what_was_typed_stays_where_genkan_itself_complains() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "login_init_200_unified");
    let body = "identifier=a1%40x.test&password=%1B";
    let fragment = browser
        .post_body(How::Htmx, &fragment_of("login", &id), body, &[])
        .await;
    assert_eq!(fragment.status, 422);
    assert_eq!(fragment.value("identifier").as_deref(), Some("a1@x.test"));
    assert_eq!(fragment.value("password"), None);
}

#[tokio::test]
async fn script_in_anything_kratos_sends_is_text() {
    let script = r#""'><script>alert(1)</script><img src=x onerror=alert(1)>"#;
    let (kratos, browser) = site().await;
    let mut flow = Recording::read("login_submit_400_bad_credentials");
    flow.node_mut("identifier")["attributes"]["value"] = json!(script);
    flow.node_mut("identifier")["messages"] =
        json!([{"id": 1, "text": script, "type": "error", "context": {}}]);
    flow.node_mut("provider")["meta"]["label"] = json!({"id": 2, "text": script, "type": "info"});
    flow.node_mut("csrf_token")["attributes"]["value"] = json!(script);
    flow.body_mut()["ui"]["messages"] = json!([
        {"id": 3, "text": script, "type": "error"},
        {"id": 4, "text": script, "type": "info"},
        {"id": 5, "text": script, "type": "success"},
        {"id": 4000006, "text": script, "type": "error", "context": {"reason": script}},
    ]);
    flow.body_mut()["return_to"] = json!(script);
    let id = kratos.has("login", &flow);
    kratos.on(POST, &flow);

    let page = browser.get(&page_of("login", &id)).await;
    page.is_document(200);
    let fragment = browser
        .post(How::Htmx, &fragment_of("login", &id), &FORM)
        .await;
    fragment.is_fragment(422);

    for page in [page, fragment] {
        assert!(!page.body.contains("<script>alert"), "{}", page.body);
        assert_eq!(page.count("img"), 0);
        assert_eq!(page.count("[onerror]"), 0);
        assert_eq!(page.value("identifier").as_deref(), Some(script));
        assert_eq!(page.value("csrf_token").as_deref(), Some(script));
        assert!(page.summary().iter().any(|text| text.contains("<script>")));
    }
}

#[tokio::test]
async fn script_in_the_address_is_text() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "login_init_200_unified");
    let script = "%22%27%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for name in [
        "return_to",
        "refresh",
        "aal",
        "via",
        "section",
        "again",
        "x",
        script,
    ] {
        let page = browser
            .get(&format!("/login?flow={id}&{name}={script}"))
            .await;
        page.is_document(200);
        assert!(!page.body.contains("<script>alert"), "{name}");
        assert!(!page.body.contains("\"'>"), "{name}");
    }
}

#[tokio::test]
async fn a_message_of_a_web_hook_is_shown_as_it_was_written() {
    let (kratos, browser) = site().await;
    let mut flow = Recording::read("login_submit_400_bad_credentials");
    flow.body_mut()["ui"]["messages"] = json!([
        {"id": 1_234_567, "text": "Ask Bob first.", "type": "error"},
    ]);
    let id = kratos.has("login", &flow);
    let page = browser
        .get_with(&page_of("login", &id), &[("accept-language", "ja")])
        .await;
    assert_eq!(page.summary(), ["Ask Bob first."]);
    assert_eq!(
        page.attr("#error-summary li", "lang").as_deref(),
        Some("en")
    );
    let title = said(Locale::Ja, "login", &[]);
    assert_eq!(page.h1(), title);
}

#[tokio::test]
async fn a_limiter_in_front_of_kratos_is_passed_on() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let id = Recording::read("login_init_200_unified").id();
        kratos.on(POST, Answer::too_many("17"));
        let page = browser.post(how, &fragment_of("login", &id), &FORM).await;
        assert_eq!(page.status, 429);
        assert_eq!(page.h1(), say("error-too-many"));
        assert_eq!(page.header("retry-after"), Some("17"));
    }
}

#[tokio::test]
async fn an_expired_login_challenge_sends_people_back_to_their_application() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let id = Recording::read("login_init_200_unified").id();
        let body = json!({"error": {
            "code": 500,
            "reason": "Unable to accept OAuth 2.0 Login Challenge.",
            "details": {"status_code": 401},
        }});
        let answer = Answer::json(500, &body).with_cookie("ory_kratos_session=new; Path=/");
        kratos.on(POST, answer);
        let page = browser.post(how, &fragment_of("login", &id), &FORM).await;
        assert_eq!(page.h1(), say("error-application"));
        assert_eq!(browser.cookie("ory_kratos_session").as_deref(), Some("new"));
    }
}

#[tokio::test]
async fn every_recorded_login_form_is_a_page() {
    for version in ["1.3.1", "26.2"] {
        let (kratos, browser) = site().await;
        for flow in Recording::all(version) {
            let is_login = flow.case().starts_with("login_") && flow.has_answer();
            let action = flow
                .has_answer()
                .then(|| flow.body()["ui"]["action"].to_string());
            if !is_login || !action.unwrap().contains("/self-service/login") {
                continue;
            }
            let id = kratos.has("login", &flow);
            let page = browser.get(&page_of("login", &id)).await;
            if flow.case().contains("already_logged_in") {
                assert_eq!(page.redirects(), "/welcome");
            } else {
                page.is_document(200);
            }
        }
    }
}

#[tokio::test]
async fn the_second_factor_that_failed_is_shown_and_no_other_is_blamed() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "login_submit_lookup_400_wrong");
    let page = browser.get(&page_of("login", &id)).await;
    assert_eq!(page.count("input[name=lookup_secret]"), 1);
    assert_eq!(page.summary(), [say("kratos-4000016")]);
    let page = browser
        .get(&format!("{}&factor=totp", page_of("login", &id)))
        .await;
    assert_eq!(page.count("input[name=totp_code]"), 1);
    assert_eq!(page.summary(), [""; 0]);
}

#[tokio::test]
async fn who_has_no_second_factor_is_told_so_and_can_leave() {
    for version in ["1.3.1", "26.2"] {
        let (kratos, browser) = site().await;
        let name = format!("{version}/login_init_200_aal2_no_second_factor");
        let id = kratos.has_flow("login", &name);
        let page = browser.get(&page_of("login", &id)).await;
        page.is_document(200);
        assert!(page.texts("#panel p").contains(&say("no-second-factor")));
        assert_eq!(page.attrs("#panel a", "href"), ["/settings", "/logout"]);
        assert_eq!(page.count("#panel form"), 0);
    }
}

#[tokio::test]
async fn a_security_key_is_asked_for_by_our_script_with_the_options_of_kratos() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "login_init_200_aal2_webauthn");
    let page = browser.get(&page_of("login", &id)).await;
    let button = r#"form button[type=button][data-ceremony="get"][data-answer="webauthn_login"]"#;
    assert_eq!(page.count(button), 1);
    assert!(page.attr(button, "hidden").is_some(), "shown by the script");
    let options = page.attr(button, "data-options").unwrap();
    let options: serde_json::Value = serde_json::from_str(&options).unwrap();
    assert_eq!(
        options["publicKey"]["allowCredentials"][0]["id"],
        "example-credential-1"
    );
    assert_eq!(
        page.count("form input[type=hidden][name=webauthn_login]"),
        1
    );
    assert_eq!(page.count("form input[type=hidden][name=identifier]"), 1);
    // Who has no script is told what is missing.
    let lacking = page.text(r#"[data-lacks="webauthn"]"#);
    assert_eq!(lacking, Some(say("webauthn-lacking")));
    for attribute in ["onclick", "onload"] {
        assert_eq!(page.count(&format!("[{attribute}]")), 0);
    }
}

#[tokio::test]
async fn a_passkey_has_a_form_of_its_own_and_is_suggested_where_an_address_is_typed() {
    let (kratos, browser) = site().await;
    let passkey = r#"form:has(input[name=passkey_login])"#;
    for (recording, is_suggested) in [
        ("login_init_200_unified", true),
        // Kratos sends no button there, but all that one needs.
        ("login_init_200_identifier_first", true),
        ("login_submit_idfirst_400_credentials", false),
        ("login_init_200_refresh_passkey", false),
    ] {
        let id = kratos.has_flow("login", recording);
        let page = browser.get(&page_of("login", &id)).await;
        assert_eq!(page.count(passkey), 1, "{recording}");
        assert_eq!(page.attr(passkey, "hx-post"), None, "{recording}");
        assert_eq!(
            page.count(&format!("{passkey} [name=csrf_token]")),
            1,
            "{recording}"
        );
        assert_eq!(page.count(&format!("{passkey} [name=password]")), 0);
        assert_eq!(page.count(&format!("{passkey} [name=method]")), 0);
        let button = format!("{passkey} button[data-ceremony=get]");
        let name = page.attr(&button, "name");
        assert_eq!(
            name.as_deref(),
            Some("passkey_login_trigger"),
            "{recording}"
        );
        assert_eq!(
            page.attr(&button, "data-suggest").is_some(),
            is_suggested,
            "{recording}"
        );
    }
}

#[tokio::test]
async fn an_address_comes_first_and_then_the_methods_of_that_account() {
    for version in ["1.3.1", "26.2"] {
        let (kratos, browser) = site().await;
        let name = format!("{version}/login_init_200_identifier_first");
        let id = kratos.has_flow("login", &name);
        let page = browser.get(&page_of("login", &id)).await;
        assert_eq!(page.count("input[name=password]"), 0);
        let button = "form[hx-post] button[type=submit]";
        assert_eq!(page.texts(button), [say("next")]);

        let name = format!("{version}/login_submit_idfirst_400_credentials");
        let id = kratos.has_flow("login", &name);
        let page = browser.get(&page_of("login", &id)).await;
        assert_eq!(page.summary(), [""; 0], "a step, no error");
        let account = page.attr("input#account[readonly]", "value");
        assert_eq!(account.as_deref(), Some("i1@x.test"));
        let password = "form:has(input[name=password])";
        let identifier = format!("{password} input[type=hidden][name=identifier]");
        assert_eq!(page.count(&identifier), 1);
        let other = page.attrs("#panel nav a", "href");
        assert!(other.contains(&"/login".to_owned()), "{other:?}");
    }
}

#[tokio::test]
async fn an_empty_address_is_asked_for_and_not_called_unknown() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "login_init_200_identifier_first");
    let form = [("method", "identifier_first"), ("identifier", " ")];
    let page = browser
        .post(How::Htmx, &fragment_of("login", &id), &form)
        .await;
    page.is_fragment(422);
    let label = say("trait-email").to_lowercase();
    let asked = say_with("kratos-4000002", &[("label_lower", &label)]);
    assert_eq!(page.summary(), [asked]);
}

#[tokio::test]
async fn a_code_for_a_sign_in_is_asked_for_with_the_address_it_was_sent_to() {
    for version in ["1.3.1", "26.2"] {
        let (kratos, browser) = site().await;
        let name = format!("{version}/login_submit_code_400_sent_email");
        let id = kratos.has_flow("login", &name);
        let page = browser.get(&page_of("login", &id)).await;
        assert_eq!(page.h1(), say("code"));
        assert_eq!(page.focus().as_deref(), Some("code"));
        assert_eq!(page.text("#sent bdi").as_deref(), Some("p1@x.test"));
        let code = page.attr("input[name=code]", "aria-describedby").unwrap();
        assert!(code.starts_with("sent"), "{code}");
        // Enter confirms, so another code has a form of its own, with all that Kratos wants to know.
        let again = "form:has(button[name=resend])";
        for name in ["csrf_token", "identifier", "method"] {
            assert_eq!(page.count(&format!("{again} [name={name}]")), 1, "{name}");
        }
        assert_eq!(page.count(&format!("{again} [name=code]")), 0);
    }
}

#[tokio::test]
async fn of_several_addresses_only_the_chosen_one_goes_along_with_a_code() {
    let (kratos, browser) = site().await;
    let name = "26.2/login_submit_aal2_code_400_sent_email_of_several";
    let id = kratos.has_flow("login", name);
    let page = browser.get(&page_of("login", &id)).await;
    let sent = page.attrs("form:has(input[name=code]) [name=identifier]", "value");
    assert_eq!(sent, ["m1@x.test"]);
    assert_eq!(page.text("#sent bdi").as_deref(), Some("m1@x.test"));

    let name = "26.2/login_init_200_aal2_code_several_addresses";
    let id = kratos.has_flow("login", name);
    let page = browser.get(&page_of("login", &id)).await;
    let offered = page.attrs("button[name=address]", "value");
    assert_eq!(offered, ["+4915112345678", "m1@x.test", "m1b@x.test"]);
}

#[tokio::test]
async fn an_account_that_is_to_be_connected_is_named() {
    for version in ["1.3.1", "26.2"] {
        let (kratos, browser) = site().await;
        let name = format!("{version}/login_get_200_account_linking");
        let id = kratos.has_flow("login", &name);
        let page = browser.get(&page_of("login", &id)).await;
        assert_eq!(page.h1(), say("login-link"));
        let why = page.testid("ui/message/1010016").unwrap();
        assert!(why.contains("link@x.test"), "{why}");
        let account = page.attr("input#account[readonly]", "value");
        assert_eq!(account.as_deref(), Some("link@x.test"));
    }
}

#[tokio::test]
async fn the_application_that_wants_a_sign_in_is_taken_along_to_the_sign_up() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "login_init_200_oauth2");
    let page = browser.get(&page_of("login", &id)).await;
    let link = page.attr(r#"[data-testid="signup-link"]"#, "href").unwrap();
    assert!(
        link.contains("login_challenge=0123456789abcdef0123456789abcdef"),
        "{link}"
    );
}

const PHONE: &str = "+4915112345678";

/// What stands in the page of a sign-in by phone.
#[tokio::test]
async fn a_sign_in_by_phone_is_told_of_as_one() {
    let wrong = say_with("login-wrong", &[("label", &say("trait-phone"))]);
    for (recording, told) in [
        ("made/login_phone_wrong", wrong),
        ("made/login_phone_unknown", say("login-unknown")),
        ("made/login_phone_unverified", say("login-unverified-phone")),
        ("made/login_phone_again", say("login-wrong-password")),
    ] {
        let (kratos, browser) = site().await;
        let id = kratos.has_flow("login", recording);
        let page = browser.get(&page_of("login", &id)).await;
        page.is_document(200);
        assert_eq!(page.summary(), [told], "{recording}");
        assert_eq!(
            page.value("identifier").as_deref(),
            Some(PHONE),
            "{recording}"
        );
        let links = page.attrs("main a", "href");
        let offers = links.iter().any(|it| it.starts_with("/verification"));
        assert!(!offers, "Kratos confirms no phone on request: {links:?}");
        let field = "input[name=identifier]:not([type=hidden])";
        if page.count(field) == 1 {
            assert_eq!(page.text("label[for=identifier]"), Some(say("trait-phone")));
            assert_eq!(page.attr(field, "type").as_deref(), Some("text"));
            assert_eq!(page.attr(field, "inputmode").as_deref(), Some("tel"));
        } else {
            assert_eq!(page.attr("#account", "type").as_deref(), Some("tel"));
            let leads_out = links.iter().any(|it| it.starts_with("/logout?recover"));
            assert!(!leads_out, "Kratos sends no text for a recovery: {links:?}");
        }
    }
}

/// Kratos 1.3.1 leaves the label out after a code could not be sent.
#[tokio::test]
async fn a_mistyped_number_is_asked_for_again_as_a_number() {
    let (kratos, browser) = site().await;
    kratos.on("GET /self-service/login/browser", "made/login_phone_wrong");
    let mut flow = Recording::read("login_submit_code_400_unknown");
    for node in flow.body_mut()["ui"]["nodes"].as_array_mut().unwrap() {
        if node["attributes"]["name"] == "identifier" {
            node["attributes"]["value"] = PHONE.into();
        }
    }
    kratos.on(POST, &flow);
    let form = [("identifier", PHONE), ("method", "code")];
    let page = browser
        .post(How::Htmx, &fragment_of("login", &flow.id()), &form)
        .await;
    page.is_fragment(422);
    assert_eq!(page.text("label[for=identifier]"), Some(say("trait-phone")));
    assert_eq!(page.summary(), [say("login-unknown")]);
    assert_eq!(page.value("identifier").as_deref(), Some(PHONE));
}

#[tokio::test]
async fn a_name_that_may_be_a_mail_address_or_a_phone_number_is_no_mail_field() {
    for (title, kind, label) in [
        ("E-mail or phone number", "text", None),
        ("メールアドレスまたは電話番号", "text", None),
        ("Mobile phone", "text", Some("trait-phone")),
        ("E-mail", "email", Some("trait-email")),
    ] {
        let (kratos, browser) = site().await;
        let mut flow = Recording::read("login_init_200_unified");
        for node in flow.body_mut()["ui"]["nodes"].as_array_mut().unwrap() {
            if node["attributes"]["name"] == "identifier" {
                node["meta"]["label"]["id"] = 1070002.into();
                node["meta"]["label"]["context"] = json!({ "title": title });
            }
        }
        let id = kratos.has("login", &flow);
        let page = browser.get(&page_of("login", &id)).await;
        let shown = page.text("label[for=identifier]");
        let label = label.map_or_else(|| title.to_owned(), say);
        assert_eq!(shown, Some(label));
        let field = "input[name=identifier]";
        assert_eq!(page.attr(field, "type").as_deref(), Some(kind), "{title}");
    }
}

/// Kratos begins no recovery beside a session.
#[tokio::test]
async fn a_forgotten_password_leads_out_of_a_confirmation() {
    let settings = "http://127.0.0.1:4533/self-service/settings\
        ?flow=fa6d14f0-de98-4248-84c0-a97b9a45e705";
    for (return_to, expected) in [
        (None, "/logout?recover=1"),
        (
            Some("http://127.0.0.1:3000/sessions".to_owned()),
            "/logout?return_to=http%3A%2F%2F127.0.0.1%3A3000%2Fsessions&recover=1",
        ),
        (Some(settings.to_owned()), "/logout?recover=1"),
        (
            Some(format!("{settings}&section=password")),
            "/logout?recover=1",
        ),
        (
            Some(format!("{settings}&section=totp")),
            "/logout?return_to=%2Fsettings%3Fsection%3Dtotp&recover=1",
        ),
    ] {
        let (kratos, browser) = site().await;
        let mut flow = Recording::read("login_submit_400_bad_credentials");
        flow.body_mut()["refresh"] = true.into();
        flow.body_mut()["return_to"] = return_to.clone().into();
        let id = kratos.has("login", &flow);
        let page = browser.get(&page_of("login", &id)).await;
        assert_eq!(page.h1(), say("login-again"));
        let forgot = page.attr("[data-testid=forgot-password-link]", "href");
        assert_eq!(forgot.as_deref(), Some(expected), "{return_to:?}");
    }
}

#[tokio::test]
async fn a_confirmation_without_a_password_has_none_to_forget() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "login_init_200_refresh_for_settings");
    let page = browser.get(&page_of("login", &id)).await;
    assert_eq!(page.count("[data-testid=forgot-password-link]"), 0);
    assert_eq!(page.count("[data-testid=logout-link]"), 1);
}
