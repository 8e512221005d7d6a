//! What can go wrong in any flow: gone, foreign, unknown, unreachable, unreadable. Each has its page, once.

use genkan::kratos::FlowKind;
use http::Method;
use serde_json::{Value, json};

use crate::foreign::FOREIGN;
use crate::support::{
    Answer, Browser, HOWS, How, Kratos, Page, Recording, fragment_of, page_of, say, say_with, site,
    site_without_kratos,
};

/// Each flow with a form of it.
const FLOWS: [(&str, &str); 5] = [
    ("login", "login_init_200_unified"),
    ("registration", "registration_init_200_legacy_one_step"),
    ("recovery", "recovery_init_200"),
    ("verification", "verification_init_200"),
    ("settings", "settings_init_200"),
];
const NOBODYS: &str = "00000000-0000-4000-8000-000000000009";
const FORM: [(&str, &str); 3] = [
    ("method", "code"),
    ("email", "a@x.test"),
    ("csrf_token", "t"),
];

/// A Kratos that starts flows of one kind.
async fn starting(kind: &str, recording: &str) -> (Kratos, Browser, String) {
    let (kratos, browser) = site().await;
    let flow = Recording::read(recording);
    kratos.on(&format!("GET /self-service/{kind}/browser"), &flow);
    (kratos, browser, flow.id())
}

fn csrf() -> Answer {
    Answer::from("login_submit_403_csrf")
}

fn again(kind: &str, id: &str) -> String {
    format!("{}&again=1", page_of(kind, id))
}

/// All whose forms Genkan takes.
fn forms() -> impl Iterator<Item = &'static str> {
    let flows = FlowKind::all().map(FlowKind::name);
    flows.into_iter().chain(["logout"])
}

#[tokio::test]
async fn an_expired_page_begins_anew_where_it_was_going_and_says_so() {
    for (kind, recording) in FLOWS {
        let (kratos, browser, id) = starting(kind, recording).await;
        let mut gone = Recording::read(&format!("{kind}_get_410_expired"));
        let details = &mut gone.body_mut()["error"]["details"];
        details["return_to"] = json!("http://127.0.0.1:3000/settings");
        kratos.on(&format!("GET /self-service/{kind}/flows"), &gone);

        let page = browser.get(&page_of(kind, &gone.asked_id())).await;

        assert_eq!(page.redirects(), again(kind, &id));
        let return_to = kratos.started().parameter("return_to").map(str::to_owned);
        assert_eq!(return_to.as_deref(), Some("http://127.0.0.1:3000/settings"));
        kratos.has(kind, &Recording::read(recording));
        let page = browser.get(page.redirects()).await;
        assert_eq!(page.summary(), [say("flash-timed-out")], "{kind}");
        assert_eq!(browser.cookie("genkan_flash"), None);
    }
}

#[tokio::test]
async fn an_expired_flow_does_not_lead_to_a_foreign_place() {
    let (kratos, browser, _) = starting("login", "login_init_200_unified").await;
    let mut gone = Recording::read("login_get_410_expired");
    gone.body_mut()["error"]["details"]["return_to"] = json!("http://evil.test/");
    kratos.on("GET /self-service/login/flows", &gone);
    browser.get(&page_of("login", NOBODYS)).await.redirects();
    assert_eq!(kratos.started().query, []);
}

#[tokio::test]
async fn an_expired_form_goes_on_with_the_flow_kratos_made() {
    for kind in ["login", "registration", "settings"] {
        for how in HOWS {
            let (kratos, browser) = site().await;
            let gone = Recording::read(&format!("{kind}_submit_expired"));
            kratos.on(&format!("POST /self-service/{kind}"), &gone);
            let page = browser
                .post(how, &fragment_of(kind, &gone.asked_id()), &FORM)
                .await;
            let id = gone.body()["use_flow_id"].as_str().unwrap();
            assert_eq!(page.leads(how), page_of(kind, id));
        }
    }
}

#[tokio::test]
async fn a_page_of_another_browser_begins_anew_once_and_then_explains() {
    for (kind, recording) in FLOWS {
        let (kratos, browser, id) = starting(kind, recording).await;
        kratos.on(&format!("GET /self-service/{kind}/flows"), csrf());

        let first = browser.get(&page_of(kind, NOBODYS)).await;
        assert_eq!(first.redirects(), again(kind, &id));
        let second = browser.get(first.redirects()).await;
        second.is_document(403);
        assert_eq!(second.h1(), say("error-cookies"));
        assert_eq!(
            second.testid("ui/error/message"),
            Some(say("error-cookies-lead"))
        );
        kratos.started();
    }
}

#[tokio::test]
async fn a_form_of_another_browser_begins_anew_once_and_then_explains() {
    for (kind, recording) in FLOWS {
        for how in HOWS {
            let (kratos, browser, id) = starting(kind, recording).await;
            kratos.on(&format!("POST /self-service/{kind}"), csrf());

            let first = browser.post(how, &fragment_of(kind, NOBODYS), &FORM).await;
            assert_eq!(first.leads(how), again(kind, &id));
            let action = format!("{}&again=1", fragment_of(kind, &id));
            browser.clear();
            let second = browser.post(how, &action, &FORM).await;
            match how {
                How::Htmx => second.is_fragment(403),
                How::Plain => second.is_document(403),
            };
            assert_eq!(second.h1(), say("error-cookies"));
            kratos.started();
        }
    }
}

#[tokio::test]
async fn a_flow_that_begins_anew_fits_the_cookies_that_kratos_changed_meanwhile() {
    for how in HOWS {
        let (kratos, browser, _) = starting("recovery", "recovery_init_200").await;
        browser.keep("csrf_token_1", "old");
        browser.keep("ory_kratos_session", "s");
        let answer = csrf()
            .with_cookie("csrf_token_1=new; Path=/; HttpOnly")
            .with_cookie("ory_kratos_session=; Path=/; Max-Age=0");
        kratos.on("POST /self-service/recovery", answer);
        let action = fragment_of("recovery", NOBODYS);

        browser.post(how, &action, &FORM).await.leads(how);

        assert_eq!(kratos.started().header("cookie"), Some("csrf_token_1=new"));
    }
}

#[tokio::test]
async fn a_form_whose_flow_is_lost_begins_anew_with_the_same_errand() {
    for how in HOWS {
        let (kratos, browser, id) = starting("login", "login_init_200_unified").await;
        let mut flow = Recording::read("login_init_200_unified");
        flow.body_mut()["return_to"] = json!("http://127.0.0.1:3000/settings?x=y&z");
        flow.body_mut()["refresh"] = json!(true);
        flow.body_mut()["requested_aal"] = json!("aal2");
        kratos.has("login", &flow);
        let mut gone = Recording::read("login_get_410_expired");
        gone.body_mut()["error"]["details"]["return_to"] = Value::Null;
        kratos.on_each(
            "POST /self-service/login",
            [csrf(), Answer::error(404), gone.into()],
        );
        let page = browser.get(&page_of("login", &id)).await;
        let action = page.attr("form", "action").unwrap();

        for _ in 0..3 {
            let answer = browser.post(how, &action, &FORM).await;
            assert_eq!(answer.leads(how), again("login", &id));
        }

        let starts = kratos.received_on(&Method::GET, "/self-service/login/browser");
        assert_eq!(starts.len(), 3);
        for start in starts {
            let return_to = start.parameter("return_to");
            assert_eq!(return_to, Some("http://127.0.0.1:3000/settings?x=y&z"));
            assert_eq!(start.parameter("refresh"), Some("true"));
            assert_eq!(start.parameter("aal"), Some("aal2"));
        }
    }
}

#[tokio::test]
async fn a_lost_flow_of_an_application_begins_anew_for_that_application() {
    for how in HOWS {
        let (kratos, browser, id) = starting("login", "login_init_200_unified").await;
        let mut flow = Recording::read("login_init_200_unified");
        flow.body_mut()["oauth2_login_challenge"] = json!("a challenge");
        flow.body_mut()["return_to"] = Value::Null;
        kratos.has("login", &flow);
        kratos.on("POST /self-service/login", csrf());
        let page = browser.get(&page_of("login", &id)).await;
        let action = page.attr("form", "action").unwrap();

        let form = [("method", "password"), ("identifier", "a@x.test")];
        let answer = browser.post(how, &action, &form).await;

        let to = "/self-service/login/browser?login_challenge=a+challenge&again=1";
        assert_eq!(answer.leads(how), to);
        let typed = browser.cookie("genkan_typed").expect("the account");
        assert!(typed.starts_with("login&"), "{typed}");
    }
}

#[tokio::test]
async fn a_foreign_errand_in_the_address_of_a_form_is_dropped() {
    for how in HOWS {
        let (kratos, browser, id) = starting("login", "login_init_200_unified").await;
        kratos.on("POST /self-service/login", csrf());
        let errand = "return_to=https%3A%2F%2Fevil.test%2F&aal=aal9&refresh=maybe";
        let action = format!("{}&{errand}", fragment_of("login", NOBODYS));
        let answer = browser.post(how, &action, &FORM).await;
        assert_eq!(answer.leads(how), again("login", &id));
        assert_eq!(kratos.started().query, []);
    }
}

#[tokio::test]
async fn who_has_cookies_is_never_told_to_allow_them() {
    let (kratos, browser, id) = starting("login", "login_init_200_unified").await;
    kratos.has_flow("login", "login_init_200_unified");
    kratos.on("POST /self-service/login", csrf());
    // The cookie came with the flow.
    browser.get("/login").await.redirects();
    for how in HOWS {
        let page = browser.get(&again("login", &id)).await;
        let action = page.attr("form", "action").unwrap();
        let answer = browser.post(how, &action, &FORM).await;
        assert_eq!(answer.leads(how), again("login", &id));
    }
}

#[tokio::test]
async fn of_two_anti_csrf_cookies_the_second_failure_is_explained() {
    let (kratos, browser, id) = starting("login", "login_init_200_unified").await;
    kratos.has_flow("login", "login_init_200_unified");
    kratos.on("POST /self-service/login", csrf());
    browser.get("/login").await.redirects();
    browser.keep("csrf_token_of_another_path", "x");
    let page = browser.get(&again("login", &id)).await;
    let action = page.attr("form", "action").unwrap();
    let answer = browser.post(How::Plain, &action, &FORM).await;
    assert_eq!(answer.h1(), say("error-cookies"));
}

#[tokio::test]
async fn an_old_link_begins_anew_without_a_word() {
    let (kratos, browser, id) = starting("login", "login_init_200_unified").await;
    kratos.on(
        &format!("GET /self-service/login/flows?id={NOBODYS}"),
        csrf(),
    );
    let first = browser.get(&page_of("login", NOBODYS)).await;
    kratos.has_flow("login", "login_init_200_unified");
    let page = browser.get(first.redirects()).await;
    page.is_document(200);
    assert_eq!(page.summary(), [""; 0]);
    let action = page.attr("form", "action").unwrap();
    assert!(action.starts_with(&fragment_of("login", &id)), "{action}");
}

#[tokio::test]
async fn a_form_that_came_too_late_begins_anew_and_says_so() {
    for how in HOWS {
        let (kratos, browser, _) = starting("login", "login_init_200_unified").await;
        kratos.on("POST /self-service/login", csrf());
        let first = browser
            .post(how, &fragment_of("login", NOBODYS), &FORM)
            .await;
        kratos.has_flow("login", "login_init_200_unified");
        let page = browser.get(first.leads(how)).await;
        assert_eq!(page.summary(), [say("flash-started-again")]);
        let page = browser.get(first.leads(how)).await;
        assert_eq!(page.summary(), [""; 0], "it is said once");
    }
}

#[tokio::test]
async fn an_unknown_flow_begins_anew_once_and_then_is_not_found() {
    for (kind, recording) in FLOWS {
        let (kratos, browser, id) = starting(kind, recording).await;
        kratos.on(
            &format!("GET /self-service/{kind}/flows"),
            Answer::error(404),
        );
        kratos.on(&format!("POST /self-service/{kind}"), Answer::error(404));
        let first = browser.get(&page_of(kind, NOBODYS)).await;
        assert_eq!(first.redirects(), again(kind, &id));
        browser.get(first.redirects()).await.is_document(404);
        for how in HOWS {
            let page = browser.post(how, &fragment_of(kind, NOBODYS), &FORM).await;
            assert_eq!(page.leads(how), again(kind, &id));
        }
    }
}

#[tokio::test]
async fn an_id_that_cannot_be_one_never_reaches_kratos() {
    for (kind, recording) in FLOWS {
        for odd in [
            "garbage",
            "%3Cscript%3E",
            "..%2F..%2Fadmin",
            "00000000000040008000000000000009",
            "%7B00000000-0000-4000-8000-000000000009%7D",
            "00000000-0000-4000-8000-000000000009%0A",
            "%00",
            "%FF",
        ] {
            let (kratos, browser, id) = starting(kind, recording).await;
            let page = browser.get(&format!("/{kind}?flow={odd}")).await;
            assert!(page.redirects().starts_with(&page_of(kind, &id)), "{odd}");
            let started = kratos.received();
            assert_eq!(started.len(), 1);
            assert_eq!(started[0].query, []);
            for how in HOWS {
                let action = format!("/fragments/{kind}?flow={odd}");
                assert_eq!(
                    browser.post(how, &action, &FORM).await.leads(how),
                    again(kind, &id)
                );
            }
            let starts = kratos.received();
            assert_eq!(starts.len(), 1 + HOWS.len());
            for start in starts {
                assert!(start.path.ends_with("/browser"), "{}", start.path);
                assert_eq!(start.query, []);
            }
        }
    }
}

#[tokio::test]
async fn a_start_that_fails_is_told_and_not_tried_for_ever() {
    for kind in FLOWS.map(|(kind, _)| kind) {
        for (answer, status) in [
            (csrf(), 502),
            (Answer::error(404), 502),
            (Answer::error(410), 502),
            (Answer::error(400), 400),
            (Answer::error(500), 502),
            (Answer::json(200, &Value::Null), 400),
            (Answer::text(200, "text/html", "<h1>hi</h1>"), 502),
            (Answer::error(429), 429),
        ] {
            let (kratos, browser) = site().await;
            kratos.on(&format!("GET /self-service/{kind}/browser"), answer);
            browser.get(&format!("/{kind}")).await.is_document(status);
            kratos.started();
        }
    }
}

#[tokio::test]
async fn what_is_switched_off_says_so() {
    let body = json!({"error": {"id": "self_service_flow_disabled", "code": 400}});
    for kind in FLOWS.map(|(kind, _)| kind) {
        let (kratos, browser) = site().await;
        kratos.on(
            &format!("GET /self-service/{kind}/browser"),
            Answer::json(400, &body),
        );
        let page = browser.get(&format!("/{kind}")).await;
        page.is_document(403);
        assert_eq!(page.h1(), say("error-closed"));
    }
}

/// Holds it to be the page of a service in trouble, with the number to tell the help desk.
#[track_caller]
fn is_trouble(page: &Page, how: How, status: u16) {
    match how {
        How::Htmx => page.is_fragment(status),
        How::Plain => page.is_document(status),
    };
    assert_eq!(page.h1(), say("error-service"));
    let title = say_with(
        "title",
        &[("page", &say("error-service")), ("service", "Genkan")],
    );
    assert_eq!(page.title(), title);
    let number = page.text("main code, #panel code").unwrap();
    assert!(uuid::Uuid::try_parse(&number).is_ok(), "{number}");
    assert_eq!(page.header("x-request-id"), Some(&*number));
}

#[tokio::test]
async fn without_kratos_every_page_is_a_503_with_a_number() {
    let browser = site_without_kratos().await;
    for path in [
        "/login",
        "/registration",
        "/recovery",
        "/verification",
        "/settings",
        "/welcome",
        "/sessions",
        "/self-service/login/browser",
    ] {
        is_trouble(&browser.get(path).await, How::Plain, 503);
    }
    for (kind, _) in FLOWS {
        is_trouble(&browser.get(&page_of(kind, NOBODYS)).await, How::Plain, 503);
        for how in HOWS {
            let page = browser.post(how, &fragment_of(kind, NOBODYS), &FORM).await;
            is_trouble(&page, how, 503);
        }
    }
}

#[tokio::test]
async fn no_two_requests_have_the_same_number_and_a_client_cannot_choose_it() {
    let browser = site_without_kratos().await;
    let chosen = [("x-request-id", "chosen")];
    let mut numbers = Vec::new();
    for _ in 0..3 {
        let page = browser.get_with("/login", &chosen).await;
        assert!(!page.body.contains("chosen"));
        numbers.push(page.text("#panel code").unwrap());
    }
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 3);
}

#[tokio::test]
async fn an_answer_that_is_none_is_a_502() {
    for answer in [
        Answer::error(500),
        Answer::error(502),
        Answer::error(503),
        Answer::text(200, "text/html", "<h1>nginx</h1>"),
        Answer::text(200, "application/json", "{\"ui\": 3}"),
        Answer::text(303, "text/html", ""),
    ] {
        let (kratos, browser) = site().await;
        kratos.on("POST /self-service/login", answer.clone());
        kratos.on("GET /self-service/login/flows", answer);
        is_trouble(
            &browser.get(&page_of("login", NOBODYS)).await,
            How::Plain,
            502,
        );
        for how in HOWS {
            let page = browser
                .post(how, &fragment_of("login", NOBODYS), &FORM)
                .await;
            is_trouble(&page, how, 502);
        }
    }
}

#[tokio::test]
async fn an_answer_cut_short_or_never_given_is_a_503() {
    let (kratos, browser) = site().await;
    for answer in [Answer::Torn, Answer::Silence] {
        kratos.on("POST /self-service/login", answer);
        let page = browser
            .post(How::Htmx, &fragment_of("login", NOBODYS), &FORM)
            .await;
        is_trouble(&page, How::Htmx, 503);
    }
}

#[tokio::test]
async fn what_kratos_says_for_developers_is_never_shown() {
    let secret = "s3cr3t-debug-detail";
    let body = json!({"error": {
        "code": 500, "status": secret, "reason": secret, "message": secret, "debug": secret,
        "details": {"hint": secret},
    }});
    let (kratos, browser) = site().await;
    for status in [400, 401, 403, 404, 410, 418, 500, 503] {
        kratos.on("POST /self-service/login", Answer::json(status, &body));
        kratos.on("GET /self-service/login/flows", Answer::json(status, &body));
        kratos.on(
            "GET /self-service/login/browser",
            Answer::json(status, &body),
        );
        for how in HOWS {
            let page = browser
                .post(how, &fragment_of("login", NOBODYS), &FORM)
                .await;
            assert!(!page.body.contains(secret), "{status}");
        }
        assert!(
            !browser.get("/login").await.body.contains(secret),
            "{status}"
        );
    }
}

#[tokio::test]
async fn the_error_page_has_our_words_and_the_status_of_the_error() {
    let (kratos, browser) = site().await;
    let error = Recording::read("error_get_200");
    kratos.on("GET /self-service/errors", &error);
    let page = browser
        .get(&format!("/error?id={}", error.asked_id()))
        .await;
    page.is_document(400);
    assert!(!page.body.contains("evil.test"), "{}", page.body);

    kratos.on("GET /self-service/errors", "error_get_200_stub");
    browser.get("/error?id=stub:500").await.is_document(500);
    let asked = kratos.received().pop().unwrap();
    assert_eq!(asked.parameter("id"), Some("stub:500"));

    kratos.on("GET /self-service/errors", "error_get_404");
    browser
        .get(&format!("/error?id={NOBODYS}"))
        .await
        .is_document(404);
}

#[tokio::test]
async fn the_error_page_explains_a_missing_cookie() {
    let (kratos, browser) = site().await;
    let body = json!({"id": NOBODYS, "error": {"id": "security_csrf_violation", "code": 403}});
    kratos.on("GET /self-service/errors", Answer::json(200, &body));
    let page = browser.get(&format!("/error?id={NOBODYS}")).await;
    page.is_document(403);
    assert_eq!(page.h1(), say("error-cookies"));
}

#[tokio::test]
async fn whose_account_is_off_reads_so_at_the_sign_in_after_a_provider() {
    for error in [
        json!({"code": 401, "reason": "This account was disabled.", "message": "identity is disabled"}),
        json!({"code": 403, "id": "identity_disabled"}),
    ] {
        let (kratos, browser, id) = starting("login", "login_init_200_unified").await;
        let body = json!({"id": NOBODYS, "error": error});
        kratos.on("GET /self-service/errors", Answer::json(200, &body));
        kratos.has_flow("login", "login_init_200_unified");

        let answer = browser.get(&format!("/error?id={NOBODYS}")).await;

        assert_eq!(answer.redirects(), "/login");
        browser.get("/login").await.redirects();
        let page = browser.get(&page_of("login", &id)).await;
        assert_eq!(page.summary(), [say("flash-account-disabled")]);
    }
}

#[tokio::test]
async fn whom_a_provider_sent_back_in_vain_is_told_to_start_again() {
    let (kratos, browser) = site().await;
    for error in [
        json!({"code": 400, "message": "no resumable session found"}),
        json!({"code": 500, "message": "oauth2: cannot fetch token: <b>"}),
        json!({"code": 403, "id": "security_csrf_violation"}),
    ] {
        let body = json!({"id": NOBODYS, "error": error});
        kratos.on("GET /self-service/errors", Answer::json(200, &body));

        let page = browser
            .get(&format!("/error?id={NOBODYS}&from=provider"))
            .await;

        page.is_document(400);
        assert_eq!(page.h1(), say("error-provider"));
        let told = page.testid("ui/error/message");
        assert_eq!(told, Some(say("error-provider-lead")));
    }
}

#[tokio::test]
async fn an_error_with_a_status_that_is_none_is_a_500() {
    let (kratos, browser) = site().await;
    for code in [json!(0), json!(200), json!(303), json!(999)] {
        let body = json!({"id": NOBODYS, "error": {"code": code}});
        kratos.on("GET /self-service/errors", Answer::json(200, &body));
        browser
            .get(&format!("/error?id={NOBODYS}"))
            .await
            .is_document(500);
    }
}

#[tokio::test]
async fn the_error_page_asks_kratos_for_nothing_that_is_no_id() {
    let (kratos, browser) = site().await;
    for query in [
        "",
        "?id=",
        "?id=x",
        "?id=..%2F..%2F",
        "?id=stub:%3Cscript%3Ealert(1)",
        "?x=y",
    ] {
        browser
            .get(&format!("/error{query}"))
            .await
            .is_document(404);
    }
    assert!(kratos.received().is_empty());
}

#[tokio::test]
async fn the_error_of_an_oauth2_server_is_told_in_our_words() {
    let (kratos, browser) = site().await;
    let lure = "Call%20%2B1%20555%20%3Ca%20href%3Dhttp%3A%2F%2Fevil.test%3Ehere%3C%2Fa%3E";
    let page = browser
        .get(&format!(
            "/error?error=access_denied&error_description={lure}&error_hint={lure}"
        ))
        .await;
    page.is_document(400);
    assert_eq!(page.h1(), say("error-application"));
    assert!(!page.text("body").unwrap().contains("+1 555"));
    assert_eq!(page.count(r#"a[href^="http://evil"]"#), 0);
    assert!(kratos.received().is_empty());
}

#[tokio::test]
async fn what_is_not_there_is_a_page() {
    let (kratos, browser) = site().await;
    for path in [
        "/nothing",
        "/login/",
        "/login/x",
        "/LOGIN",
        "/fragments/nothing",
        "/fragments",
        "/assets/x.css",
        "/assets/..%2F..%2FCargo.toml",
        "/%FF",
        "/%00",
        "/admin/identities",
        "/sessions/whoami",
        "/schemas",
        "/health",
        "/.well-known/jwks.json",
        "/self-service",
        "/a/%3Cscript%3Ealert(1)",
    ] {
        let page = browser.get(path).await;
        page.is_document(404);
        assert_eq!(page.h1(), say("error-not-found"), "{path}");
        assert!(!page.body.contains("<script>alert"));
    }
    assert!(kratos.received().is_empty());
}

#[tokio::test]
async fn a_method_that_is_not_allowed_is_a_page() {
    let (kratos, browser) = site().await;
    // The address of a form that was answered with a page is that page's, with a link to the other language.
    for page in ["/login?flow=x&lang=en", "/logout", "/settings"] {
        let fragment = browser.get(&format!("/fragments{page}")).await;
        assert_eq!(fragment.redirects(), page);
    }
    for path in ["/login", "/welcome", "/logout", "/health/ready", "/"] {
        browser.post(How::Plain, path, &FORM).await.is_document(405);
    }
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        browser
            .ask(
                method.clone(),
                "/login",
                &[("sec-fetch-site", "same-origin")],
            )
            .await
            .is_document(405);
    }
    assert!(kratos.received().is_empty());
}

#[tokio::test]
async fn a_form_that_is_too_large_is_refused_before_kratos_sees_it() {
    let (kratos, browser) = site().await;
    let large = "x".repeat(70 * 1024);
    for kind in forms() {
        for how in HOWS {
            let action = fragment_of(kind, NOBODYS);
            let page = browser.post(how, &action, &[("email", &*large)]).await;
            match how {
                How::Htmx => page.is_fragment(413),
                How::Plain => page.is_document(413),
            };
            assert_eq!(page.h1(), say("error-input"));
        }
    }
    assert!(kratos.received().is_empty());
}

#[tokio::test]
async fn a_form_of_too_many_fields_is_refused_before_kratos_sees_it() {
    let (kratos, browser) = site().await;
    let many = vec![("a", ""); 301];
    for kind in forms() {
        for how in HOWS {
            let page = browser.post(how, &fragment_of(kind, NOBODYS), &many).await;
            match how {
                How::Htmx => page.is_fragment(413),
                How::Plain => page.is_document(413),
            };
        }
    }
    assert!(kratos.received().is_empty());
}

/// What is as deep as a name says would be written by a function that calls itself, until the stack is full.
#[tokio::test]
async fn a_field_that_stands_deeper_than_any_trait_is_left_out() {
    let (kratos, browser) = site().await;
    let deep = [60_000, 500].map(|depth| format!("traits{}", ".".repeat(depth)));
    let form = [
        ("traits@whole", r#"{"rest":{"kept":1},"kinds":[]}"#),
        (&*deep[0], "x"),
        (&*deep[1], "x"),
        ("traits.name.first", "A"),
    ];
    for kind in forms() {
        kratos.on(&format!("POST /self-service/{kind}"), Answer::error(500));
        for how in HOWS {
            browser.post(how, &fragment_of(kind, NOBODYS), &form).await;
        }
    }
    let posted = kratos.received();
    let posted = posted.iter().filter(|it| it.method == Method::POST);
    let names: Vec<String> = posted
        .flat_map(|it| it.form())
        .map(|(name, _)| name)
        .collect();
    assert!(names.iter().any(|name| name == "traits.name.first"));
    assert!(
        names
            .iter()
            .all(|name| name.len() < 100 && name != "traits"),
        "{names:?}"
    );
}

#[tokio::test]
async fn a_body_that_is_no_form_is_refused_before_kratos_sees_it() {
    let (kratos, browser) = site().await;
    for content_type in [
        "application/json",
        "multipart/form-data; boundary=x",
        "text/plain",
        "",
        "x",
        "application/x-www-form-urlencodedX",
        "application/x-www-form-urlencoded+json; charset=utf-8",
    ] {
        for how in HOWS {
            let headers = [("content-type", content_type)];
            let action = fragment_of("login", NOBODYS);
            let page = browser.post_body(how, &action, "{\"a\":1}", &headers).await;
            match how {
                How::Htmx => page.is_fragment(400),
                How::Plain => page.is_document(400),
            };
        }
    }
    assert!(kratos.received().is_empty());
}

#[tokio::test]
async fn a_form_with_a_charset_is_a_form() {
    let (kratos, browser) = site().await;
    let flow = Recording::read("login_submit_400_bad_credentials");
    kratos.on("POST /self-service/login", &flow);
    let headers = [(
        "content-type",
        "application/x-www-form-urlencoded; charset=UTF-8",
    )];
    let page = browser
        .post_body(
            How::Htmx,
            &fragment_of("login", &flow.id()),
            "identifier=a",
            &headers,
        )
        .await;
    page.is_fragment(422);
}

#[tokio::test]
async fn a_form_of_another_site_is_refused_before_kratos_sees_it() {
    let (kratos, browser) = site().await;
    for headers in FOREIGN {
        for kind in forms() {
            for how in HOWS {
                let page = browser
                    .post_with(how, &fragment_of(kind, NOBODYS), &FORM, headers)
                    .await;
                match how {
                    How::Htmx => page.is_fragment(403),
                    How::Plain => page.is_document(403),
                };
                assert_eq!(page.h1(), say("error-origin"), "{headers:?}");
            }
        }
    }
    assert!(kratos.received().is_empty());
}

#[tokio::test]
async fn a_browser_that_does_not_say_where_a_form_comes_from_is_believed_by_its_origin() {
    for headers in [
        [("sec-fetch-site", ""), ("origin", "http://127.0.0.1:3000")],
        [("sec-fetch-site", "same-origin"), ("origin", "")],
        [("sec-fetch-site", "none"), ("origin", "")],
    ] {
        let (kratos, browser) = site().await;
        let flow = Recording::read("login_submit_400_bad_credentials");
        kratos.on("POST /self-service/login", &flow);
        let action = fragment_of("login", &flow.id());
        browser
            .post_with(How::Htmx, &action, &FORM, &headers)
            .await
            .is_fragment(422);
    }
}
