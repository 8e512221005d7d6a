//! What a request brings and takes away: headers, cookies, the address it comes from.

use std::time::Duration;

use clap::Parser;
use genkan::config::Config;
use http::Method;

use crate::support::{Answer, HOWS, How, Recording, fragment_of, page_of, say, site, site_with};

const WHOAMI: &str = "GET /sessions/whoami";
const FLOW_COOKIES: [(&str, &str); 3] = [
    ("csrf_token_0a1b", "c=1"),
    ("ory_kratos_session", "s"),
    ("ory_kratos_continuity", "k"),
];

#[tokio::test]
async fn kratos_gets_its_own_cookies_and_no_other() {
    let (kratos, browser) = site().await;
    kratos.on(WHOAMI, "whoami_200");
    browser.keep("genkan_lang", "en");
    browser.keep("theirs", "x");
    for (name, value) in FLOW_COOKIES {
        browser.keep(name, value);
        browser.keep(&format!("x{name}"), "no");
    }
    browser.keep("genkan_theme", "dark");
    browser.get("/welcome").await;
    let sent = kratos.received()[0].header("cookie").map(str::to_owned);
    let expected = "csrf_token_0a1b=c=1; ory_kratos_session=s; ory_kratos_continuity=k";
    assert_eq!(sent.as_deref(), Some(expected));
}

#[tokio::test]
async fn a_browser_without_cookies_of_kratos_sends_it_none() {
    let (kratos, browser) = site().await;
    kratos.on(WHOAMI, "whoami_401");
    browser.keep("genkan_lang", "en");
    browser.get("/welcome").await;
    assert_eq!(kratos.received()[0].header("cookie"), None);
}

#[tokio::test]
async fn kratos_gets_the_cookies_that_it_would_take_of_all() {
    for (sent, expected) in [
        (
            "ory_kratos_session=old; a=b; ory_kratos_session=new; junk; =x; csrf_token_=",
            "ory_kratos_session=old; csrf_token_=",
        ),
        (
            r#"ory_kratos_session=a\b; ory_kratos_session=x"y; ory_kratos_session=new"#,
            "ory_kratos_session=new",
        ),
        (r#"ory_kratos_session="new""#, "ory_kratos_session=new"),
        (
            "csrf_token_1=a; csrf_token_2=b; csrf_token_1=c",
            "csrf_token_1=a; csrf_token_2=b",
        ),
    ] {
        let (kratos, browser) = site().await;
        kratos.on(WHOAMI, "whoami_401");
        browser.get_with("/welcome", &[("cookie", sent)]).await;
        assert_eq!(kratos.received()[0].header("cookie"), Some(expected));
    }
}

#[tokio::test]
async fn the_session_cookie_may_have_another_name() {
    let (kratos, browser) = site_with(&[("--session-cookie", "sid")]).await;
    let answer = Answer::from("whoami_200")
        .with_cookie("sid=1; Path=/")
        .with_cookie("ory_kratos_session=1; Path=/");
    kratos.on(WHOAMI, answer);
    browser.keep("sid", "s");
    let page = browser.get("/welcome").await;
    assert_eq!(kratos.received()[0].header("cookie"), Some("sid=s"));
    assert_eq!(page.set_cookies(), ["sid=1; Path=/"]);
}

#[tokio::test]
async fn every_cookie_of_kratos_is_handed_on_as_it_came_and_in_order() {
    let cookies = [
        "csrf_token_1=a; Path=/; Domain=x.test; Max-Age=31536000; HttpOnly; SameSite=Lax",
        "ory_kratos_session=b; Path=/; Expires=Mon, 23 Nov 2026 22:59:56 GMT; HttpOnly; Secure",
        "ory_kratos_continuity=; Path=/; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0",
        "csrf_token_2=c",
    ];
    let (kratos, browser) = site().await;
    let flow = Recording::read("login_submit_400_bad_credentials");
    let answer = cookies.iter().fold(Answer::from(&flow), |answer, cookie| {
        answer.with_cookie(cookie)
    });
    kratos.on("POST /self-service/login", answer.clone());
    kratos.on("GET /self-service/login/flows", answer.clone());
    kratos.on("GET /self-service/login/browser", answer);
    let action = fragment_of("login", &flow.id());
    for how in HOWS {
        assert_eq!(
            browser
                .post(how, &action, &[("a", "b")])
                .await
                .set_cookies(),
            cookies
        );
    }
    assert_eq!(
        browser
            .get(&page_of("login", &flow.id()))
            .await
            .set_cookies(),
        cookies
    );
    assert_eq!(browser.get("/login").await.set_cookies(), cookies);
}

#[tokio::test]
async fn cookies_come_with_errors_too() {
    let (kratos, browser) = site().await;
    for status in [400, 403, 404, 500] {
        let cookie = "csrf_token_1=new; Path=/";
        kratos.on(
            "POST /self-service/login",
            Answer::error(status).with_cookie(cookie),
        );
        kratos.on("GET /self-service/login/browser", "login_init_400_bad_aal");
        for how in HOWS {
            let action = fragment_of("login", "970d448c-fb01-44a4-83cf-c4c61e10bcb9");
            let page = browser.post(how, &action, &[("a", "b")]).await;
            assert!(page.set_cookies().contains(&cookie.to_owned()), "{status}");
        }
    }
}

#[tokio::test]
async fn cookies_that_are_not_those_of_kratos_are_dropped() {
    let (kratos, browser) = site().await;
    let answer = Answer::from("whoami_200")
        .with_cookie("genkan_lang=ja; Path=/")
        .with_cookie("__cf_bm=1; Path=/")
        .with_cookie("evil; Path=/")
        .with_cookie("=x")
        .with_cookie("Xcsrf_token_1=x")
        .with_cookie("csrf_token_1=kept");
    kratos.on(WHOAMI, answer);
    let page = browser.get("/welcome").await;
    assert_eq!(page.set_cookies(), ["csrf_token_1=kept"]);
}

#[tokio::test]
async fn own_cookies_are_out_of_reach_for_scripts_and_other_sites() {
    let (_, browser) = site().await;
    let page = browser.post(How::Plain, "/fragments/login", &[]).await;
    let flash = "genkan_flash=flash-started-again; Path=/; HttpOnly; SameSite=Lax; Max-Age=60";
    assert_eq!(page.set_cookies(), [flash]);

    let secure = [("--public-url", "https://id.example")];
    let (_, browser) = site_with(&secure).await;
    let ours = [("origin", "https://id.example")];
    let page = browser
        .post_with(How::Plain, "/fragments/login", &[], &ours)
        .await;
    let flash = "__Host-genkan_flash=flash-started-again; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60";
    assert_eq!(page.set_cookies(), [flash]);
}

#[tokio::test]
async fn over_tls_an_own_cookie_without_its_prefix_is_not_ours() {
    let (kratos, browser) = site_with(&[("--public-url", "https://id.example")]).await;
    kratos.on(WHOAMI, "whoami_401");
    browser.keep("genkan_lang", "ja");
    let page = browser.get("/welcome").await;
    assert_eq!(page.attr("html", "lang").as_deref(), Some("en"));
    browser.keep("__Host-genkan_lang", "ja");
    let page = browser.get("/welcome").await;
    assert_eq!(page.attr("html", "lang").as_deref(), Some("ja"));
}

#[tokio::test]
async fn the_chosen_theme_is_that_of_the_page() {
    let (_, browser) = site().await;
    for (chosen, theme) in [
        ("dark", Some("dark")),
        ("light", Some("light")),
        ("\"><script>", None),
        ("", None),
    ] {
        browser.keep("genkan_theme", chosen);
        let page = browser.get("/logout").await;
        assert_eq!(page.attr("html", "data-theme").as_deref(), theme);
    }
}

#[tokio::test]
async fn an_unknown_flash_says_nothing() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "login_init_200_unified");
    for value in ["x", "<script>alert(1)</script>", "login", ""] {
        browser.keep("genkan_flash", value);
        let page = browser.get(&page_of("login", &id)).await;
        page.is_document(200);
        assert_eq!(page.count("#notice, #error-summary"), 0, "{value}");
    }
}

#[tokio::test]
async fn what_a_client_says_about_where_it_comes_from_is_said_anew() {
    let lies = [
        ("forwarded", "for=6.6.6.6"),
        ("x-forwarded-for", "6.6.6.6, 7.7.7.7"),
        ("x-forwarded-host", "evil.test"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-port", "1"),
        ("x-forwarded-prefix", "/evil"),
        ("x-real-ip", "6.6.6.6"),
        ("true-client-ip", "6.6.6.6"),
        ("cf-connecting-ip", "6.6.6.6"),
        ("cf-ipcity", "Evil"),
        ("cf-ipcountry", "EV"),
        ("x-session-token", "stolen"),
        ("authorization", "Bearer stolen"),
        ("x-csrf-token", "t"),
        ("origin", "http://127.0.0.1:3000"),
        ("x-original-url", "/admin"),
        ("te", "trailers"),
        ("referer", "http://127.0.0.1:3000/login?flow=secret"),
        ("x-anything", "else"),
    ];
    let (kratos, browser) = site().await;
    let flow = Recording::read("login_submit_400_bad_credentials");
    kratos.on(WHOAMI, "whoami_401");
    kratos.on("POST /self-service/login", &flow);
    kratos.on("GET /self-service/login/browser", "login_init_html_303");
    browser.get_with("/welcome", &lies).await;
    browser.get_with("/self-service/login/browser", &lies).await;
    browser
        .post_with(
            How::Htmx,
            &fragment_of("login", &flow.id()),
            &[("method", "password")],
            &lies,
        )
        .await;
    let asked = kratos.received();
    assert_eq!(asked.len(), 4);
    for request in asked {
        let truths = [
            ("x-forwarded-for", "127.0.0.1"),
            ("true-client-ip", "127.0.0.1"),
            ("x-forwarded-host", "127.0.0.1:3000"),
            ("x-forwarded-proto", "http"),
        ];
        for (name, truth) in truths {
            let all: Vec<_> = request.headers.get_all(name).iter().collect();
            assert_eq!(all, [truth], "{name} of {}", request.path);
        }
        for (name, lie) in lies {
            let passed = request.header(name) == Some(lie);
            assert!(!passed, "{name} of {}", request.path);
        }
    }
}

/// The address that Kratos is told for a browser that comes with this `X-Forwarded-For`.
async fn address_for(trusted: &str, forwarded: &str) -> String {
    let (kratos, browser) = site_with(&[("--trusted-proxies", trusted)]).await;
    kratos.on(WHOAMI, "whoami_401");
    let headers = [("x-forwarded-for", forwarded), ("x-real-ip", "6.6.6.6")];
    browser.get_with("/welcome", &headers).await;
    let asked = kratos.received().remove(0);
    for name in ["x-real-ip", "forwarded"] {
        assert_eq!(asked.header(name), None);
    }
    let told = asked.header("true-client-ip").unwrap();
    assert_eq!(asked.header("x-forwarded-for"), Some(told));
    told.to_owned()
}

#[tokio::test]
async fn a_trusted_proxy_says_where_the_browser_is() {
    let trusted = "127.0.0.1,10.0.0.0/8,2001:db8:1::/48";
    for (forwarded, address) in [
        ("", "127.0.0.1"),
        ("6.6.6.6", "6.6.6.6"),
        ("6.6.6.6:4711", "6.6.6.6"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("::ffff:6.6.6.6", "6.6.6.6"),
        // What stands before the first that is not trusted was written by the browser.
        ("1.1.1.1, 6.6.6.6", "6.6.6.6"),
        ("1.1.1.1\n6.6.6.6", "6.6.6.6"),
        ("127.0.0.1, 6.6.6.6", "6.6.6.6"),
        ("1.1.1.1, 6.6.6.6, 10.1.2.3", "6.6.6.6"),
        ("1.1.1.1, 6.6.6.6\n2001:db8:1::3,10.1.2.3", "6.6.6.6"),
        ("6.6.6.6, ::ffff:10.1.2.3", "6.6.6.6"),
        ("10.9.9.9, 10.1.2.3", "10.9.9.9"),
        // The last that is an address counts.
        ("6.6.6.6, unknown, 10.1.2.3", "10.1.2.3"),
        ("6.6.6.6, , 10.1.2.3", "10.1.2.3"),
        ("6.6.6.6, 10.1.2.3.4", "127.0.0.1"),
        ("6.6.6.6 10.1.2.3", "127.0.0.1"),
        ("6.6.6.6,", "127.0.0.1"),
        ("unknown", "127.0.0.1"),
        ("6.6.6.6, \u{e9}\n10.1.2.3", "10.1.2.3"),
    ] {
        assert_eq!(
            address_for(trusted, forwarded).await,
            address,
            "{forwarded}"
        );
    }
}

#[tokio::test]
async fn whoever_is_not_a_trusted_proxy_says_nothing() {
    for trusted in ["10.0.0.0/8", "126.0.0.0/8,128.0.0.1", "::1"] {
        for forwarded in ["6.6.6.6", "10.1.2.3", "6.6.6.6, 10.1.2.3"] {
            assert_eq!(address_for(trusted, forwarded).await, "127.0.0.1");
        }
    }
}

#[test]
fn a_proxy_that_is_neither_an_address_nor_a_network_is_named_at_the_start() {
    for wrong in ["10.0.0.0/33", "proxy.internal", "10.0.0", "10.0.0.0/8,"] {
        let config = Config::try_parse_from(["genkan", "--trusted-proxies", wrong]);
        let told = config.unwrap_err().to_string();
        assert!(told.contains("--trusted-proxies"), "{told}");
    }
}

#[tokio::test]
async fn kratos_hears_which_browser_it_is_and_which_trace() {
    let (kratos, browser) = site().await;
    kratos.on(WHOAMI, "whoami_401");
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let headers = [
        ("user-agent", "Lynx/2.9"),
        ("traceparent", trace),
        ("tracestate", "a=b"),
    ];
    browser.get_with("/welcome", &headers).await;
    let asked = &kratos.received()[0];
    for (name, value) in headers {
        assert_eq!(asked.header(name), Some(value));
    }
    browser.get("/welcome").await;
    assert_eq!(kratos.received()[1].header("user-agent"), None);
}

#[tokio::test]
async fn a_get_by_htmx_is_a_whole_page() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "login_init_200_unified");
    kratos.on(WHOAMI, "whoami_401");
    let htmx = [
        ("hx-request", "true"),
        ("hx-target", "panel"),
        ("accept", "*/*"),
    ];
    for path in [
        page_of("login", &id),
        "/welcome".to_owned(),
        "/logout".to_owned(),
    ] {
        browser.get_with(&path, &htmx).await.is_document(200);
    }
}

#[tokio::test]
async fn head_never_reaches_kratos() {
    let (kratos, browser) = site().await;
    for path in [
        "/login",
        "/login?aal=aal2",
        "/registration",
        "/recovery",
        "/verification",
        "/settings",
        "/welcome",
        "/sessions",
        "/logout",
        "/error?id=stub:500",
        "/login?flow=970d448c-fb01-44a4-83cf-c4c61e10bcb9",
        "/self-service/login/browser?aal=aal2",
        "/self-service/registration/browser",
        "/self-service/logout?token=t",
        "/self-service/verification?flow=970d448c-fb01-44a4-83cf-c4c61e10bcb9&code=1",
        "/self-service/recovery?flow=970d448c-fb01-44a4-83cf-c4c61e10bcb9&token=1",
        "/self-service/settings?flow=970d448c-fb01-44a4-83cf-c4c61e10bcb9",
        "/self-service/methods/oidc/callback/mock?code=1",
    ] {
        let page = browser.ask(Method::HEAD, path, &[]).await;
        assert_eq!(page.body, "");
        let asked: Vec<_> = kratos.received().into_iter().map(|it| it.path).collect();
        assert_eq!(asked, [""; 0], "{path}");
    }
}

#[tokio::test]
async fn a_prefetch_never_reaches_kratos() {
    let (kratos, browser) = site().await;
    for (header, purpose) in [
        ("sec-purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender"),
        ("sec-purpose", "prefetch;anonymous-client-ip"),
        ("purpose", "prefetch"),
    ] {
        for path in [
            "/login",
            "/login?aal=aal2",
            "/registration",
            "/recovery",
            "/verification",
            "/settings",
            "/self-service/login/browser?aal=aal2",
            "/self-service/settings/browser",
        ] {
            let page = browser.get_with(path, &[(header, purpose)]).await;
            assert_eq!(page.status, 503, "{path}");
            assert!(kratos.received().is_empty(), "{path}");
        }
    }
}

#[tokio::test]
async fn scripts_and_htmx_run_only_with_the_nonce_of_this_very_answer() {
    let (kratos, browser) = site().await;
    let flow = Recording::read("login_submit_400_bad_credentials");
    let id = kratos.has("login", &flow);
    kratos.on("POST /self-service/login", &flow);
    let mut seen = Vec::new();
    for page in [
        browser.get(&page_of("login", &id)).await,
        browser.get(&page_of("login", &id)).await,
        browser
            .post(How::Htmx, &fragment_of("login", &id), &[("a", "b")])
            .await,
    ] {
        let policy = page.header("content-security-policy").unwrap();
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .unwrap()
            .split('\'')
            .next()
            .unwrap();
        assert!(nonce.len() >= 22, "{nonce}");
        assert!(page.attrs("script", "nonce").iter().all(|it| it == nonce));
        assert_eq!(page.attrs("script", "nonce").len(), page.count("script"));
        assert_eq!(page.count("script:not([src])"), 0, "no script is inline");
        assert_eq!(page.count("[style], style"), 0);
        let forms = page.attrs("[hx-post]", "hx-nonce");
        assert!(!forms.is_empty() && forms.iter().all(|it| it == nonce));
        for handler in ["onclick", "onload", "onsubmit", "onerror"] {
            assert_eq!(page.count(&format!("[{handler}]")), 0);
        }
        seen.push(nonce.to_owned());
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 3);
}

#[tokio::test]
async fn nothing_of_the_flow_stands_in_the_page_but_its_form() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("settings", "settings_init_200");
    let page = browser.get(&page_of("settings", &id)).await;
    for inside in [
        "verifiable_addresses",
        "schema_id",
        "credentialOptions",
        "__RESOLVED",
        "__INCOMPLETE",
        "request_url",
    ] {
        assert!(!page.body.contains(inside), "{inside}");
    }
}

#[tokio::test]
async fn assets_are_found_under_the_names_of_the_page_and_kept_for_ever() {
    let (_, browser) = site().await;
    let page = browser.get("/logout").await;
    let mut assets = page.attrs("script", "src");
    assets.extend(page.attrs("link", "href"));
    assert_eq!(assets.len(), 4);
    for asset in assets {
        let answer = browser.get(&asset).await;
        assert_eq!(answer.status, 200, "{asset}");
        let kept = "public, max-age=31536000, immutable";
        assert_eq!(answer.header("cache-control"), Some(kept));
        assert_eq!(answer.header("content-encoding"), None);
        for (wanted, coding) in [("br", "br"), ("gzip, deflate", "gzip"), ("gzip, br", "br")] {
            let head = browser
                .ask(Method::HEAD, &asset, &[("accept-encoding", wanted)])
                .await;
            assert_eq!(head.header("content-encoding"), Some(coding), "{asset}");
            assert_eq!(head.header("vary"), Some("Accept-Encoding"));
        }
    }
}

#[tokio::test]
async fn the_health_says_whether_kratos_is_there() {
    let (kratos, browser) = site().await;
    let alive = browser.get("/health/alive").await;
    assert_eq!(alive.status, 200);
    // By this other programs know a Genkan.
    assert_eq!(alive.header("x-genkan"), Some("1"));
    let ready = browser.get("/health/ready").await;
    assert_eq!((ready.status, ready.header("x-genkan")), (503, Some("1")));
    kratos.on(
        "GET /health/ready",
        Answer::text(200, "application/json", "{\"status\":\"ok\"}"),
    );
    // What was just heard is not asked for again.
    assert_eq!(browser.get("/health/ready").await.status, 503);
    assert_eq!(kratos.received().len(), 1);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(browser.get("/health/ready").await.status, 200);
}

#[tokio::test]
async fn password_managers_find_the_page_to_change_the_password() {
    let (_, browser) = site().await;
    let page = browser.get("/.well-known/change-password").await;
    assert_eq!(page.redirects(), "/settings?section=password");
}

#[tokio::test]
async fn a_page_over_tls_says_where_it_is_to_kratos() {
    let (kratos, browser) = site_with(&[("--public-url", "https://id.example")]).await;
    kratos.on(WHOAMI, "whoami_401");
    let page = browser.get("/welcome").await;
    assert_eq!(page.h1(), say("welcome"));
    let asked = &kratos.received()[0];
    assert_eq!(asked.header("x-forwarded-host"), Some("id.example"));
    assert_eq!(asked.header("x-forwarded-proto"), Some("https"));
}
