//! Kratos' own paths: those that a browser has to reach, and no other.

use genkan::kratos::FlowKind;
use http::Method;
use http::header::CONTENT_TYPE;

use crate::support::{
    Answer, How, KRATOS, PUBLIC, Recording, page_of, say, site, site_that_asks_itself, site_with,
};

const ID: &str = "90f5b905-3161-4fa3-b8c7-5014e2768ed6";

#[tokio::test]
async fn every_flow_can_be_started_by_a_browser() {
    for kind in FlowKind::all().map(FlowKind::name) {
        let (kratos, browser) = site().await;
        let to = format!("{PUBLIC}/{kind}?flow={ID}");
        let answer = Answer::text(303, "text/html", "<a>See Other</a>")
            .with(http::header::LOCATION, &to)
            .with_cookie("csrf_token_1=a; Path=/; HttpOnly");
        kratos.on(&format!("GET /self-service/{kind}/browser"), answer);
        let page = browser.get(&format!("/self-service/{kind}/browser")).await;
        assert_eq!(page.redirects(), format!("/{kind}?flow={ID}"));
        assert_eq!(page.body, "");
        assert_eq!(page.set_cookies(), ["csrf_token_1=a; Path=/; HttpOnly"]);
        assert_eq!(
            kratos.started().header("accept"),
            Some("text/html,*/*;q=0.8")
        );
    }
}

#[tokio::test]
async fn what_the_browser_asks_to_start_with_is_passed_on_if_it_is_known() {
    let (kratos, browser) = site().await;
    kratos.on("GET /self-service/login/browser", "login_init_html_303");
    browser
        .get("/self-service/login/browser?refresh=true&aal=aal2&login_challenge=c&x=y&return_to=/settings")
        .await
        .redirects();
    let mut told = kratos.started().query;
    told.sort();
    let way = "http://127.0.0.1:3000/self-service/login/browser?login_challenge=c";
    let expected = [
        ("aal", "aal2"),
        ("after_verification_return_to", way),
        ("login_challenge", "c"),
        ("refresh", "true"),
        ("return_to", "http://127.0.0.1:3000/settings"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_hostile_return_to_is_left_out() {
    let (kratos, browser) = site().await;
    kratos.on("GET /self-service/login/browser", "login_init_200_unified");
    kratos.on(
        "GET /self-service/registration/browser",
        "registration_init_200_legacy_one_step",
    );
    for hostile in [
        "https://evil.test/",
        "//evil.test/",
        "/\\evil.test",
        "\\\\evil.test",
        "https:evil.test",
        "http://127.0.0.1:3000@evil.test/",
        "http://user:pass@127.0.0.1:3000/",
        "http://127.0.0.1:3000.evil.test/",
        "http://127.0.0.1:3001/",
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "http://127.0.0.1:4533/self-service/logout?token=x",
        "/self-service/logout?token=x",
        "/self-service/./logout?token=x",
        "/x/../self-service/recovery?flow=1&token=2",
        "/self-service/methods/oidc/callback/x?code=1",
        "/fragments/logout",
        " //evil.test",
        "\t//evil.test",
        "http://[::1",
    ] {
        for name in ["return_to", "after_verification_return_to"] {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair(name, hostile)
                .finish();
            for path in [
                "/self-service/login/browser",
                "/self-service/registration/browser",
                "/login",
                "/registration",
            ] {
                let before = kratos.received().len();
                browser.get(&format!("{path}?{query}")).await;
                let asked = kratos.received().split_off(before);
                assert_eq!(asked.len(), 1);
                assert_eq!(asked[0].query, [], "{hostile:?} for {path}");
            }
        }
    }
}

#[tokio::test]
async fn the_callback_of_a_provider_is_relayed_as_it_came() {
    for (recording, to) in [
        ("oidc_callback_html_303_login", "/settings"),
        (
            "oidc_callback_html_303_account_linking",
            "/login?flow=743c14af-f482-42a9-b315-da978cb7a5e1&no_org_ui=true",
        ),
        (
            "oidc_callback_html_303_linked",
            "/settings?flow=89c7706c-0e97-4a6a-a928-165de47572aa",
        ),
        (
            "oidc_callback_html_303_denied",
            "/login?flow=8fc9e1af-7e1f-490a-8437-6564165e36d6",
        ),
        (
            "oidc_callback_html_303_error_no_state",
            "/error?id=0c437b3e-0848-4918-b73b-d9f84523aa89&from=provider",
        ),
    ] {
        let (kratos, browser) = site().await;
        browser.keep("ory_kratos_continuity", "c");
        browser.keep("genkan_lang", "ja");
        let answer = Recording::read(recording);
        kratos.on("GET /self-service/methods/oidc/callback/mock", &answer);
        let query = "code=a%2Fb%2Bc&state=s%20t&scope=openid+email&code=2";
        let page = browser
            .get(&format!("/self-service/methods/oidc/callback/mock?{query}"))
            .await;
        assert_eq!(page.redirects(), to, "{recording}");
        assert_eq!(page.cookies_of_kratos(), answer.set_cookies());
        let asked = &kratos.received()[0];
        assert_eq!(asked.header("cookie"), Some("ory_kratos_continuity=c"));
        let told = [
            ("code", "a/b+c"),
            ("state", "s t"),
            ("scope", "openid email"),
            ("code", "2"),
        ];
        assert_eq!(
            asked.query,
            told.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }
}

#[tokio::test]
async fn the_callback_for_missing_traits_keeps_its_status() {
    let (kratos, browser) = site().await;
    kratos.on(
        "GET /self-service/methods/oidc/callback/mock",
        "oidc_callback_html_303_data_completion",
    );
    let page = browser
        .get("/self-service/methods/oidc/callback/mock?code=1")
        .await;
    assert_eq!(page.status, 302);
    let to = "/registration?flow=56968b70-751b-4b2e-9890-9790d68be87d";
    assert_eq!(page.header("location"), Some(to));
}

#[tokio::test]
async fn the_other_callbacks_are_relayed_too() {
    for path in [
        "/self-service/methods/oidc/callback",
        "/self-service/methods/oidc/organization/6a0b2c6e-0f5e-4a52-9d6b-0a1d6f8c2b11/callback/mock",
    ] {
        let (kratos, browser) = site().await;
        kratos.on(&format!("GET {path}"), "oidc_callback_html_303_login");
        assert_eq!(
            browser.get(&format!("{path}?code=1")).await.redirects(),
            "/settings"
        );
    }
}

#[tokio::test]
async fn a_provider_that_posts_its_answer_from_its_own_site_is_relayed() {
    let (kratos, browser) = site().await;
    let path = "/self-service/methods/oidc/callback/apple";
    let answer = Answer::text(302, "text/html", "").with(
        http::header::LOCATION,
        &format!("{KRATOS}{path}?code=1&state=2"),
    );
    kratos.on(&format!("POST {path}"), answer);
    let provider = [
        ("origin", "https://appleid.apple.com"),
        ("sec-fetch-site", "cross-site"),
    ];
    let form = [("code", "1"), ("state", "2")];
    let page = browser.post_with(How::Plain, path, &form, &provider).await;
    assert_eq!(page.status, 302, "{}", page.body);
    assert_eq!(
        page.header("location"),
        Some(&*format!("{path}?code=1&state=2"))
    );
    assert_eq!(kratos.posted().body, "code=1&state=2");
}

#[tokio::test]
async fn a_provider_with_a_path_for_a_name_is_none() {
    let (kratos, browser) = site().await;
    for provider in [
        "..%2F..%2F..%2Fadmin",
        "%2e%2e",
        "a%2Fb",
        "a%5Cb",
        "a%3Fb",
        "%00",
        "..",
    ] {
        let page = browser
            .get(&format!("/self-service/methods/oidc/callback/{provider}"))
            .await;
        assert_eq!(page.status, 404, "{provider}");
    }
    assert!(kratos.received().is_empty());
}

#[tokio::test]
async fn the_links_in_mails_are_relayed() {
    for (kind, recording, query) in [
        (
            "verification",
            "verification_link_click_html_303",
            format!("code=906439&flow={ID}"),
        ),
        (
            "verification",
            "verification_link_html_303_passed",
            format!("flow={ID}&token=t"),
        ),
        (
            "recovery",
            "recovery_link_click_html_303_settings",
            format!("flow={ID}&token=t"),
        ),
        (
            "recovery",
            "recovery_link_bad_token_html_303",
            format!("flow={ID}&token=bad"),
        ),
        (
            "recovery",
            "recovery_link_json",
            format!("flow={ID}&token=t"),
        ),
    ] {
        let (kratos, browser) = site().await;
        let answer = Recording::read(recording);
        kratos.on(&format!("GET /self-service/{kind}"), &answer);
        let page = browser
            .get(&format!("/self-service/{kind}?{query}&x=y"))
            .await;
        let to = answer.headers()["location"].to_str().unwrap().to_owned();
        assert_eq!(page.redirects(), to.strip_prefix(PUBLIC).unwrap());
        assert_eq!(page.set_cookies(), answer.set_cookies());
        let asked: Vec<_> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        assert_eq!(kratos.received()[0].query, asked);
    }
}

#[tokio::test]
async fn a_link_without_a_flow_is_not_found() {
    let (kratos, browser) = site().await;
    for path in [
        "/self-service/verification",
        "/self-service/verification?flow=x&code=1",
        "/self-service/recovery?token=t",
        "/self-service/settings",
        "/self-service/settings?flow=1",
    ] {
        browser.get(path).await.is_document(404);
    }
    assert!(kratos.received().is_empty());
}

#[tokio::test]
async fn the_change_that_kratos_has_kept_is_made_by_going_there() {
    let (kratos, browser) = site().await;
    let id = "fa6d14f0-de98-4248-84c0-a97b9a45e705";
    let answer = Recording::read("settings_get_submit_endpoint_continue_html");
    kratos.on("GET /self-service/settings", &answer);
    let page = browser
        .get(&format!("/self-service/settings?flow={id}"))
        .await;
    assert_eq!(page.redirects(), "/settings");
    assert_eq!(page.set_cookies(), answer.set_cookies());
    let asked = &kratos.received()[0];
    assert_eq!(asked.header("accept"), Some("text/html,*/*;q=0.8"));
    assert_eq!(asked.parameter("flow"), Some(id));
}

#[tokio::test]
async fn a_change_that_kratos_has_lost_is_asked_for_again() {
    let (kratos, browser) = site().await;
    let answer = Recording::read("26.2/settings_continue_after_refresh_html");
    kratos.on("GET /self-service/settings", &answer);
    let id = answer.asked_id();
    let page = browser
        .get(&format!("/self-service/settings?flow={id}"))
        .await;
    assert_eq!(page.redirects(), format!("/settings?flow={id}"));
    let flow = Recording::read("26.2/settings_get_after_continue_html");
    assert_eq!(flow.id(), id);
    kratos.has("settings", &flow);
    let page = browser.get(page.redirects()).await;
    assert!(
        page.summary().contains(&say("flash-repeat-change")),
        "{:?}",
        page.summary()
    );
}

#[tokio::test]
async fn applications_can_sign_people_out_by_the_link_of_kratos() {
    let (kratos, browser) = site().await;
    kratos.on("GET /self-service/logout/browser", "logout_init_200");
    let json = [("accept", "application/json")];
    let page = browser
        .get_with("/self-service/logout/browser?return_to=/welcome", &json)
        .await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("example-logout-token-1"));
    let asked = kratos.started();
    assert_eq!(
        asked.parameter("return_to"),
        Some("http://127.0.0.1:3000/welcome")
    );
    assert_eq!(asked.header("accept"), Some("application/json"));

    let answer = Answer::text(303, "text/html", "")
        .with(http::header::LOCATION, &format!("{PUBLIC}/login"))
        .with_cookie("ory_kratos_session=; Path=/; Max-Age=0");
    kratos.on("GET /self-service/logout", answer);
    let page = browser
        .get("/self-service/logout?token=t&return_to=//evil.test&x=y")
        .await;
    assert_eq!(page.redirects(), "/login");
    let asked = kratos.received().pop().unwrap();
    assert_eq!(asked.query, [("token".to_owned(), "t".to_owned())]);
}

#[tokio::test]
async fn the_script_of_kratos_is_relayed_for_other_pages() {
    let (kratos, browser) = site().await;
    let script = Answer::text(200, "text/javascript; charset=utf-8", "window.x = 1;")
        .with_cookie("tracker=1; Path=/");
    kratos.on("GET /.well-known/ory/webauthn.js", script);
    let page = browser.get("/.well-known/ory/webauthn.js").await;
    assert_eq!((page.status, page.body.as_str()), (200, "window.x = 1;"));
    assert_eq!(
        page.header("content-type"),
        Some("text/javascript; charset=utf-8")
    );
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(page.set_cookies(), [""; 0]);
}

#[tokio::test]
async fn pages_of_kratos_are_never_shown() {
    let (kratos, browser) = site().await;
    for (status, ours) in [(200, 502), (404, 404), (500, 502)] {
        let html = Answer::text(status, "text/html", "<h1>Kratos for developers</h1>");
        kratos.on("GET /self-service/login/browser", html);
        let page = browser.get("/self-service/login/browser").await;
        page.is_document(ours);
        assert!(!page.body.contains("developers"));
    }
}

#[tokio::test]
async fn a_status_that_kratos_has_no_use_for_is_not_handed_on() {
    let (kratos, browser) = site().await;
    let path = "/self-service/login/browser";
    let json = [("accept", "application/json")];
    for status in [201, 204, 205, 206, 300, 301, 304, 307, 308, 600, 999] {
        let mut answer = Answer::text(status, "application/json", "");
        answer = answer.with(http::header::LOCATION, "/welcome");
        kratos.on(&format!("GET {path}"), answer);
        let page = browser.get_with(path, &json).await;
        page.is_document(502);
        assert_eq!(page.header("location"), None, "{status}");
    }
    for status in [200, 400, 403, 410, 422, 500, 503] {
        let answer = Answer::text(status, "application/json", "{}");
        kratos.on(&format!("GET {path}"), answer);
        let page = browser.get_with(path, &json).await;
        assert_eq!((page.status, &*page.body), (status, "{}"));
    }
}

#[tokio::test]
async fn only_what_is_exactly_json_or_a_script_is_handed_on() {
    let (kratos, browser) = site().await;
    let path = "/.well-known/ory/webauthn.js";
    for (kind, status) in [
        ("application/jsonx", 502),
        ("application/json-seq", 502),
        ("text/javascript+html", 502),
        ("text/html; application/json", 502),
        ("Application/JSON;charset=utf-8", 200),
        ("text/javascript ; charset=utf-8", 200),
        ("application/javascript", 200),
    ] {
        kratos.on(&format!("GET {path}"), Answer::text(200, kind, "x"));
        assert_eq!(browser.get(path).await.status, status, "{kind}");
    }
}

#[tokio::test]
async fn a_redirect_of_kratos_by_another_scheme_is_not_followed() {
    let (kratos, browser) = site().await;
    for to in [
        "javascript:alert(1)",
        "data:text/html,x",
        "/self-service/logout?token=x",
        "http://u:p@127.0.0.1:3000/",
    ] {
        let answer = Answer::text(303, "text/html", "").with(http::header::LOCATION, to);
        kratos.on("GET /self-service/login/browser", answer);
        let page = browser.get("/self-service/login/browser").await;
        page.is_document(502);
        assert_eq!(page.header("location"), None);
    }
}

#[tokio::test]
async fn a_redirect_to_a_provider_or_an_application_is_passed_on() {
    let (kratos, browser) = site().await;
    kratos.on(
        "GET /self-service/login/browser",
        "login_init_oauth2_skip_html_303",
    );
    let page = browser
        .get("/self-service/login/browser?login_challenge=c")
        .await;
    assert_eq!(
        page.redirects(),
        "http://127.0.0.1:4444/oauth2/auth?login_verifier=v1"
    );
}

#[tokio::test]
async fn every_other_path_of_kratos_is_not_found() {
    let (kratos, browser) = site().await;
    for path in [
        "/self-service/login",
        "/self-service/login/flows?id=90f5b905-3161-4fa3-b8c7-5014e2768ed6",
        "/self-service/login/api",
        "/self-service/registration",
        "/self-service/registration/flows",
        "/self-service/registration/api",
        "/self-service/settings/flows",
        "/self-service/settings/api",
        "/self-service/recovery/flows",
        "/self-service/verification/flows",
        "/self-service/errors?id=stub:500",
        "/self-service/logout/api",
        "/self-service/nothing/browser",
        "/self-service/fed-cm/parameters",
        "/self-service/login/browser/",
        "/self-service/login/browser/x",
        "/self-service/login/browser%2Fx",
        "/self-service/login%2Fbrowser",
        "/self-service/..%2Fadmin/browser",
        "/self-service/methods/oidc/callback/a/b",
        "/self-service/methods/oidc",
        "/self-service/",
        "/sessions/token-exchange",
        "/.well-known/ory/other.js",
    ] {
        let page = browser.get(path).await;
        page.is_document(404);
    }
    assert!(kratos.received().is_empty());
}

#[tokio::test]
async fn every_other_method_is_not_found() {
    let (kratos, browser) = site().await;
    for path in [
        "/self-service/login/browser",
        "/self-service/login",
        "/self-service/settings",
        "/self-service/verification",
        "/self-service/recovery",
        "/self-service/logout",
        "/self-service/logout/browser",
        "/.well-known/ory/webauthn.js",
    ] {
        let page = browser
            .post(How::Plain, &format!("{path}?flow={ID}"), &[("a", "b")])
            .await;
        page.is_document(404);
        for method in [Method::PUT, Method::DELETE, Method::PATCH] {
            let ours = [("sec-fetch-site", "same-origin")];
            let page = browser
                .ask(method, &format!("{path}?flow={ID}"), &ours)
                .await;
            page.is_document(404);
        }
    }
    assert!(kratos.received().is_empty());
}

#[tokio::test]
async fn a_relayed_body_has_a_limit_too() {
    let (kratos, browser) = site().await;
    let path = "/self-service/methods/oidc/callback/apple";
    let large = "x".repeat(70 * 1024);
    let page = browser.post(How::Plain, path, &[("code", &*large)]).await;
    page.is_document(413);
    let page = browser
        .post_body(How::Plain, path, "code=1", &[(CONTENT_TYPE.as_str(), "")])
        .await;
    page.is_document(400);
    assert!(kratos.received().is_empty());
}

#[tokio::test]
async fn headers_of_kratos_that_are_not_for_browsers_stay_here() {
    let (kratos, browser) = site().await;
    let mut answer = Answer::from("login_init_html_303");
    for name in [
        "x-kratos-authenticated-identity-id",
        "ory-error-id",
        "server",
        "x-powered-by",
        "ory-session-cache-for",
    ] {
        answer = answer.with(http::HeaderName::from_static(name), "secret");
    }
    kratos.on("GET /self-service/login/browser", answer);
    let page = browser.get("/self-service/login/browser").await;
    assert!(
        page.headers.values().all(|value| value != "secret"),
        "{:?}",
        page.headers
    );
    assert_eq!(page.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn a_genkan_that_takes_itself_for_kratos_asks_once_and_no_more() {
    let (kratos, browser) = site().await;
    let script = "/.well-known/ory/webauthn.js";
    browser.get(script).await;
    let received = kratos.received();
    let way = received[0].header("via").unwrap();
    for path in [script, "/self-service/login/browser"] {
        for way in [
            way,
            &format!("{way}, 1.1 lb"),
            &format!("1.0 lb , {}", way.to_uppercase()),
            "1.1 l\u{e4}b, HTTP/1.1  genkan (Genkan/1)",
        ] {
            browser
                .get_with(path, &[("via", way)])
                .await
                .is_document(508);
        }
    }
    assert_eq!(kratos.received().len(), received.len());

    let browser = site_that_asks_itself().await;
    for path in [script, "/login", "/self-service/login/browser"] {
        browser.get(path).await.is_document(502);
    }
}

#[tokio::test]
async fn who_came_by_other_ways_is_served() {
    let (kratos, browser) = site().await;
    kratos.on("GET /self-service/login/browser", "login_init_html_303");
    let path = "/self-service/login/browser";
    for way in [
        "1.1 nginx",
        "1.1 lb (1.1 genkan)",
        "genkan",
        "1.1 genkan.example",
    ] {
        let page = browser.get_with(path, &[("via", way)]).await;
        assert_eq!(page.status, 303, "{way}");
    }
}

#[tokio::test]
async fn a_user_in_the_address_of_kratos_is_told_to_it_whatever_it_is_asked() {
    let (kratos, _) = site().await;
    let address = kratos.url().replace("http://", "http://u:p%40w@");
    let (_, browser) = site_with(&[("--kratos-public-url", &address)]).await;
    kratos.on("GET /self-service/login/browser", "login_init_200_unified");
    let id = kratos.has_flow("login", "login_init_200_unified");
    browser.get("/login").await.redirects();
    browser.get(&page_of("login", &id)).await.is_document(200);
    browser.get("/self-service/login/browser").await;
    browser.get("/health/ready").await;
    let received = kratos.received();
    assert_eq!(received.len(), 4, "{received:?}");
    for asked in received {
        let told = asked.header("authorization");
        assert_eq!(told, Some("Basic dTpwQHc="), "{}", asked.path);
    }
}
