//! Who is here: `/welcome`, `/sessions`, and the guard before pages that need a session.

use genkan::i18n::Locale;
use http::{HeaderName, Method};
use serde_json::{Value, json};

use crate::support::{
    Answer, Browser, HOWS, How, Kratos, Page, Recording, said, say, say_with, site,
};

const WHOAMI: &str = "GET /sessions/whoami";
const LIST: &str = "GET /sessions";
const END_OTHERS: &str = "DELETE /sessions";
const FRAGMENT: &str = "/fragments/sessions";
const TOTAL: HeaderName = HeaderName::from_static("x-total-count");

const FIREFOX_ON_WINDOWS: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// Somebody who is signed in here and on three other devices.
async fn signed_in() -> (Kratos, Browser) {
    let (kratos, browser) = site().await;
    kratos
        .on(WHOAMI, "whoami_200")
        .on(LIST, "sessions_list_200");
    browser.keep("ory_kratos_session", "s");
    (kratos, browser)
}

/// The page `/sessions` where one other device says this of itself.
async fn page_with_device(device: Value) -> Page {
    let (kratos, browser) = signed_in().await;
    let mut list = Recording::read("sessions_list_200");
    list.body_mut().as_array_mut().unwrap().truncate(1);
    list.body_mut()[0]["devices"] = json!([device]);
    kratos.on(LIST, &list);
    let page = browser.get("/sessions").await;
    page.is_document(200);
    page
}

/// What the buttons of the page would end, in their order.
fn others(page: &Page) -> Vec<String> {
    page.attrs("button[name=session]", "value")
}

#[tokio::test]
async fn the_root_leads_to_the_welcome_page() {
    let (_, browser) = site().await;
    assert_eq!(browser.get("/").await.redirects(), "/welcome");
}

/// Kratos 1.3.1 keeps an account as it was imported, and hands it on.
#[tokio::test]
async fn bytes_that_are_no_text_keep_nobody_from_their_pages() {
    let (kratos, browser) = signed_in().await;
    for part in ["metadata_public", "traits"] {
        let mut session = Recording::read("whoami_200");
        session.body_mut()["identity"][part]["odd"] = "#".into();
        let mut body = session.body().to_string().into_bytes();
        let odd = br##""odd":"#""##;
        let at = body.windows(odd.len()).position(|it| it == odd).unwrap();
        body[at + odd.len() - 2] = b'\xff';
        kratos.on(WHOAMI, Answer::bytes(200, "application/json", body));
        browser.get("/welcome").await.is_document(200);
    }
}

#[tokio::test]
async fn strangers_are_welcomed_with_the_ways_in() {
    let (kratos, browser) = site().await;
    kratos.on(WHOAMI, "whoami_401");
    let page = browser.get("/welcome").await;
    page.is_document(200);
    assert_eq!(page.h1(), say("welcome"));
    let links = page.attrs("main a", "href");
    assert_eq!(
        links,
        ["/login", "/registration", "/recovery", "/verification"]
    );
}

#[tokio::test]
async fn who_is_signed_in_is_welcomed_by_name() {
    let (kratos, browser) = site().await;
    let mut session = Recording::read("whoami_200");
    session.body_mut()["identity"]["traits"]["nickname"] = json!("<b>太郎</b>");
    kratos.on(WHOAMI, &session);
    browser.keep("ory_kratos_session", "s");
    let page = browser.get("/welcome").await;
    page.is_document(200);
    assert_eq!(
        page.h1(),
        say_with("welcome-name", &[("name", "<b>太郎</b>")])
    );
    assert_eq!(page.count("b"), 0);
    let links = page.attrs("main a", "href");
    for link in ["/settings", "/sessions", "/logout"] {
        assert!(links.contains(&link.to_owned()), "{links:?}");
    }
    assert_eq!(
        kratos.received()[0].header("cookie"),
        Some("ory_kratos_session=s")
    );
}

#[tokio::test]
async fn an_address_that_is_not_confirmed_is_offered_to_be() {
    let (kratos, browser) = site().await;
    let mut session = Recording::read("whoami_200");
    for verified in [false, true] {
        session.body_mut()["identity"]["verifiable_addresses"][0]["verified"] = json!(verified);
        kratos.on(WHOAMI, &session);
        let page = browser.get("/welcome").await;
        let offered = page.count(r#"main a[href="/verification"]"#);
        assert_eq!(offered, usize::from(!verified));
    }
}

#[tokio::test]
async fn who_is_half_signed_in_is_led_to_the_second_factor_or_out() {
    let (kratos, browser) = site().await;
    kratos.on(WHOAMI, "whoami_403_aal2_required");
    let page = browser.get("/welcome").await;
    page.is_document(200);
    assert_eq!(page.attrs("main a", "href"), ["/login?aal=aal2", "/logout"]);
}

#[tokio::test]
async fn the_sessions_need_one() {
    let (kratos, browser) = site().await;
    kratos.on(WHOAMI, "whoami_401");
    let page = browser.get("/sessions").await;
    assert_eq!(page.redirects(), "/login?return_to=%2Fsessions");
    kratos.on(WHOAMI, "whoami_403_aal2_required");
    let page = browser.get("/sessions").await;
    assert_eq!(page.redirects(), "/login?aal=aal2&return_to=%2Fsessions");
}

#[tokio::test]
async fn the_session_of_this_device_is_shown() {
    let (kratos, browser) = signed_in().await;
    let mut session = Recording::read("whoami_200");
    session.body_mut()["devices"][0]["user_agent"] = json!(FIREFOX_ON_WINDOWS);
    kratos.on(WHOAMI, &session);
    let page = browser.get("/sessions").await;
    page.is_document(200);
    assert_eq!(page.h1(), say("sessions"));
    let heading = page.text("li:first-child h2").unwrap();
    assert_eq!(
        heading,
        format!("Firefox on Windows {}", say("sessions-this"))
    );
    assert_eq!(page.count(".badge"), 1);
    let facts = page.text("li:first-child dl").unwrap();
    for fact in [
        "a1@x.test".to_owned(),
        "127.0.0.1".to_owned(),
        say("sessions-method-password"),
    ] {
        assert!(facts.contains(&fact), "{fact} in {facts}");
    }
    assert!(!facts.contains(&say("sessions-two-step")), "{facts}");
    let times = page.attrs("li:first-child time", "datetime");
    assert_eq!(
        times,
        [
            "2026-11-22T22:56:45.163167908Z",
            "2026-11-23T22:56:45.163028388Z"
        ]
    );
    assert!(page.text("time").unwrap().contains("2026"));
    assert_eq!(page.count(r#"li:first-child a[href="/logout"]"#), 1);
    assert_eq!(page.count("li:first-child button"), 0);
}

#[tokio::test]
async fn how_somebody_signed_in_is_said_in_words() {
    let cases = [
        (
            "whoami_200_aal2_after_totp_link",
            vec!["sessions-method-password", "sessions-method-totp"],
        ),
        (
            "26.2/whoami_200_aal2_after_totp_link",
            vec!["sessions-method-password", "sessions-method-totp"],
        ),
        ("whoami_200_oidc_session", vec!["sessions-method-provider"]),
        (
            "whoami_200_recovery_session",
            vec!["sessions-method-recovery"],
        ),
    ];
    for (recording, keys) in cases {
        let (kratos, browser) = signed_in().await;
        kratos.on(WHOAMI, recording);
        let page = browser.get("/sessions").await;
        let facts = page.texts("li:first-child dd");
        for key in keys {
            assert!(facts.contains(&say(key)), "{recording}: {key} in {facts:?}");
        }
        let two_step = facts.contains(&say("sessions-two-step-done"));
        assert_eq!(two_step, recording.contains("aal2"), "{recording}");
    }
}

#[tokio::test]
async fn a_way_to_sign_in_that_nobody_knows_is_left_out() {
    let (kratos, browser) = signed_in().await;
    let mut session = Recording::read("whoami_200");
    session.body_mut()["authentication_methods"] =
        json!([{"method": "telepathy"}, {"method": "passkey"}, {"method": "passkey"}]);
    session.body_mut()["authenticator_assurance_level"] = json!("aal9");
    kratos.on(WHOAMI, &session);
    let page = browser.get("/sessions").await;
    page.is_document(200);
    assert!(!page.body.contains("telepathy"));
    let passkey = say("sessions-method-passkey");
    let facts = page.texts("li:first-child dd");
    assert_eq!(facts.iter().filter(|fact| **fact == passkey).count(), 1);
}

#[tokio::test]
async fn the_other_devices_are_listed_after_this_one() {
    for version in ["1.3.1", "26.2"] {
        let (kratos, browser) = signed_in().await;
        let list = Recording::read(&format!("{version}/sessions_list_200"));
        kratos.on(LIST, &list);
        let page = browser.get("/sessions").await;
        page.is_document(200);
        let sessions = list.body().as_array().unwrap();
        let of_all = |name: &str| -> Vec<String> {
            let text = |session: &Value| session[name].as_str().unwrap().to_owned();
            sessions.iter().map(text).collect()
        };
        assert_eq!(others(&page), of_all("id"), "{version}");
        let times = page.attrs("li:not(:first-child) time", "datetime");
        assert_eq!(times, of_all("authenticated_at"), "{version}");
        assert_eq!(page.count("li:not(:first-child) dd bdi"), 3);
        assert_eq!(page.count("button[name=others]"), 1);
        assert!(!page.body.contains(":35728"), "the port is of no use");
        let asked = kratos.received_on(&Method::GET, "/sessions");
        assert_eq!(asked[0].parameter("page_size"), Some("100"));
        assert_eq!(asked[0].header("cookie"), Some("ory_kratos_session=s"));
    }
}

#[tokio::test]
async fn browsers_and_systems_are_called_what_people_call_them() {
    let windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";
    let mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";
    let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X)";
    let android = "Mozilla/5.0 (Linux; Android 10; K)";
    let blink = "AppleWebKit/537.36 (KHTML, like Gecko)";
    let webkit = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
    let cases = [
        (
            format!("{windows} {blink} Chrome/140.0.0.0 Safari/537.36"),
            "Chrome on Windows",
        ),
        (
            format!("{windows} {blink} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"),
            "Edge on Windows",
        ),
        (FIREFOX_ON_WINDOWS.to_owned(), "Firefox on Windows"),
        (
            format!("{mac} {webkit} Version/26.0 Safari/605.1.15"),
            "Safari on macOS",
        ),
        (
            format!("{iphone} {webkit} Version/26.0 Mobile/15E148 Safari/604.1"),
            "Safari on iPhone",
        ),
        (
            format!("{iphone} {webkit} CriOS/140.0.0.0 Mobile/15E148 Safari/604.1"),
            "Chrome on iPhone",
        ),
        (
            format!("{android} {blink} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36"),
            "Samsung Internet on Android",
        ),
        (
            format!("{iphone} {webkit} Mobile/15E148 Safari Line/15.14.0"),
            "iPhone",
        ),
        (
            "Mozilla/5.0 (FreeBSD; amd64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned(),
            "Firefox",
        ),
    ];
    for (user_agent, name) in cases {
        let page = page_with_device(json!({"user_agent": user_agent})).await;
        assert_eq!(page.text("li:last-child h2").as_deref(), Some(name));
        assert_eq!(page.count("li:last-child .hint"), 0, "{user_agent}");
        let end = page.attr("button[name=session]", "aria-label");
        assert_eq!(end, Some(say_with("sessions-end", &[("device", name)])));
    }
}

#[tokio::test]
async fn a_device_that_nobody_knows_is_shown_as_what_it_says_of_itself() {
    for user_agent in ["curl/8.10.1", "<b>hello</b>", "Go-http-client/1.1"] {
        let page = page_with_device(json!({"user_agent": user_agent})).await;
        let name = page.text("li:last-child h2");
        assert_eq!(name, Some(say("sessions-unknown")), "{user_agent}");
        let hint = page.text("li:last-child .hint");
        assert_eq!(hint.as_deref(), Some(user_agent));
        assert_eq!(page.count("b"), 0);
    }
    let page = page_with_device(json!({"user_agent": "木".repeat(50_000)})).await;
    let hint = page.text("li:last-child .hint").unwrap();
    assert_eq!(hint, "木".repeat(120));
    for device in [
        json!({}),
        json!({"user_agent": null}),
        json!({"user_agent": " "}),
    ] {
        let page = page_with_device(device).await;
        assert_eq!(page.text("li:last-child h2"), Some(say("sessions-unknown")));
        assert_eq!(page.count("li:last-child .hint"), 0);
    }
}

#[tokio::test]
async fn an_address_is_shown_without_its_port_and_only_if_it_is_one() {
    for (sent, shown) in [
        (json!("203.0.113.7:35642"), Some("203.0.113.7")),
        (json!("203.0.113.7"), Some("203.0.113.7")),
        (json!("[2001:db8::1]:443"), Some("2001:db8::1")),
        (json!("2001:db8::1"), Some("2001:db8::1")),
        (json!("<img src=x>"), None),
        (json!(null), None),
    ] {
        let page = page_with_device(json!({"ip_address": sent, "location": ""})).await;
        let facts = page.texts("li:last-child dd bdi");
        assert_eq!(facts, shown.into_iter().collect::<Vec<_>>(), "{sent}");
    }
    let device = json!({"ip_address": "203.0.113.7", "location": "Kyoto, JP"});
    let page = page_with_device(device).await;
    assert_eq!(
        page.texts("li:last-child dd bdi"),
        ["203.0.113.7", "Kyoto, JP"]
    );
}

#[tokio::test]
async fn nothing_is_ended_before_it_was_asked_about() {
    let (_, browser) = signed_in().await;
    let page = browser.get("/sessions").await;
    let form = r#"form[method=post][action="/fragments/sessions"]"#;
    assert_eq!(page.count(&format!("{form} button")), 4);
    assert_eq!(page.count("details:not([open]) > p + button"), 4);
    assert_eq!(page.attr(form, "hx-post").as_deref(), Some(FRAGMENT));
    let answer = browser.get(FRAGMENT).await;
    assert_eq!(answer.redirects(), "/sessions", "a GET ends nothing");
}

#[tokio::test]
async fn one_device_is_signed_out_and_that_is_said_once() {
    for (how, version) in HOWS.into_iter().zip(["1.3.1", "26.2"]) {
        let (kratos, browser) = signed_in().await;
        let mut list = Recording::read("sessions_list_200");
        let id = list.body()[1]["id"].as_str().unwrap().to_owned();
        let path = format!("/sessions/{id}");
        kratos.on(
            &format!("DELETE {path}"),
            &*format!("{version}/session_delete_204"),
        );
        list.body_mut().as_array_mut().unwrap().remove(1);
        kratos.on(LIST, &list);

        let answer = browser.post(how, FRAGMENT, &[("session", &id)]).await;

        assert_eq!(kratos.received_on(&Method::DELETE, &path).len(), 1);
        let page = match how {
            How::Htmx => {
                answer.is_fragment(200);
                answer
            }
            How::Plain => {
                assert_eq!(answer.redirects(), "/sessions");
                browser.get("/sessions").await
            }
        };
        assert_eq!(page.text("#notice"), Some(say("flash-device-signed-out")));
        assert_eq!(page.focus().as_deref(), Some("notice"));
        assert_eq!(page.h1(), say("sessions"));
        assert_eq!(others(&page).len(), 2);
        assert!(!others(&page).contains(&id));
        assert_eq!(browser.get("/sessions").await.count("#notice"), 0);
    }
}

#[tokio::test]
async fn all_other_devices_are_signed_out() {
    for (how, version) in HOWS.into_iter().zip(["1.3.1", "26.2"]) {
        let (kratos, browser) = signed_in().await;
        kratos
            .on(
                END_OTHERS,
                &*format!("{version}/sessions_delete_others_200"),
            )
            .on(LIST, "26.2/sessions_list_200_page_size");

        let answer = browser.post(how, FRAGMENT, &[("others", "all")]).await;

        assert_eq!(kratos.received_on(&Method::DELETE, "/sessions").len(), 1);
        let page = match how {
            How::Htmx => answer,
            How::Plain => {
                assert_eq!(answer.redirects(), "/sessions");
                browser.get("/sessions").await
            }
        };
        assert_eq!(page.text("#notice"), Some(say("flash-others-signed-out")));
        assert_eq!(page.focus().as_deref(), Some("notice"));
        assert!(page.body.contains(&say("sessions-alone")));
        assert_eq!(page.count("button[type=submit]"), 0);
        assert_eq!(page.count("li"), 1);
    }
}

#[tokio::test]
async fn what_is_gone_already_counts_as_signed_out() {
    let id = "00000000-0000-0000-0000-00000000000a";
    for how in HOWS {
        for gone in [
            Answer::from("session_delete_unknown_204"),
            Answer::error(404),
        ] {
            let (kratos, browser) = signed_in().await;
            kratos.on(&format!("DELETE /sessions/{id}"), gone);
            let answer = browser.post(how, FRAGMENT, &[("session", id)]).await;
            match how {
                How::Htmx => {
                    answer.is_fragment(200);
                    assert_eq!(answer.text("#notice"), Some(say("flash-device-signed-out")));
                }
                How::Plain => assert_eq!(answer.redirects(), "/sessions"),
            }
        }
    }
}

#[tokio::test]
async fn this_device_is_signed_out_by_the_sign_out_only() {
    for how in HOWS {
        let (kratos, browser) = signed_in().await;
        let current = Recording::read("session_delete_400_current");
        kratos.on(&format!("DELETE {}", current.path()), &current);
        let id = current.path().rsplit('/').next().unwrap();
        let answer = browser.post(how, FRAGMENT, &[("session", id)]).await;
        assert_eq!(answer.leads(how), "/logout");
    }
}

#[tokio::test]
async fn only_an_id_of_a_session_reaches_kratos() {
    let id = "00000000-0000-0000-0000-00000000000a";
    for how in HOWS {
        for form in [
            vec![("session", "whoami")],
            vec![("session", "../self-service/logout")],
            vec![("session", id), ("others", "all")],
            vec![("session", "")],
            vec![],
        ] {
            let (kratos, browser) = signed_in().await;
            let answer = browser.post(how, FRAGMENT, &form).await;
            assert_eq!(answer.status, 400, "{form:?}");
            assert!(kratos.received().is_empty(), "{form:?}");
        }
    }
}

#[tokio::test]
async fn who_is_no_longer_signed_in_is_led_to_the_sign_in_and_back() {
    let id = "00000000-0000-0000-0000-00000000000a";
    for how in HOWS {
        for (form, route) in [
            (("session", id), format!("DELETE /sessions/{id}")),
            (("others", "all"), END_OTHERS.to_owned()),
        ] {
            let (kratos, browser) = site().await;
            kratos
                .on(&route, "sessions_delete_401")
                .on(WHOAMI, "whoami_401");
            let answer = browser.post(how, FRAGMENT, &[form]).await;
            assert_eq!(answer.leads(how), "/sessions");
            let page = browser.get("/sessions").await;
            assert_eq!(page.redirects(), "/login?return_to=%2Fsessions");
        }
    }
}

#[tokio::test]
async fn the_list_may_want_a_second_factor_or_a_new_sign_in() {
    let (kratos, browser) = signed_in().await;
    kratos.on(LIST, "26.2/sessions_list_aal1_while_aal2_required");
    let page = browser.get("/sessions").await;
    assert_eq!(page.redirects(), "/login?aal=aal2&return_to=%2Fsessions");
    kratos.on(LIST, "sessions_list_401");
    let page = browser.get("/sessions").await;
    assert_eq!(page.redirects(), "/login?return_to=%2Fsessions");
}

#[tokio::test]
async fn a_list_that_is_too_long_says_so() {
    let (kratos, browser) = signed_in().await;
    let list = Recording::read("sessions_list_200");
    let body = list.body().clone();
    kratos.on(LIST, Answer::json(200, &body).with(TOTAL, "250"));
    let page = browser.get("/sessions").await;
    let values = [("total", "250"), ("listed", "3")];
    assert!(page.body.contains(&say_with("sessions-more", &values)));
    kratos.on(LIST, Answer::json(200, &body).with(TOTAL, "many"));
    let page = browser.get("/sessions").await;
    page.is_document(200);
    assert_eq!(others(&page).len(), 3);
}

#[tokio::test]
async fn another_site_cannot_end_sessions() {
    for how in HOWS {
        let (kratos, browser) = signed_in().await;
        let foreign = [
            ("origin", "https://evil.test"),
            ("sec-fetch-site", "cross-site"),
        ];
        let answer = browser
            .post_with(how, FRAGMENT, &[("others", "all")], &foreign)
            .await;
        assert_eq!(answer.status, 403);
        assert!(kratos.received().is_empty());
    }
}

#[tokio::test]
async fn nobody_is_told_of_a_sign_out_that_did_not_happen() {
    for how in HOWS {
        for (trouble, status) in [
            (Answer::error(500), 502),
            (Answer::too_many("30"), 429),
            (Answer::text(200, "text/html", "<p>hello"), 502),
        ] {
            let (kratos, browser) = signed_in().await;
            kratos.on(END_OTHERS, trouble);
            let answer = browser.post(how, FRAGMENT, &[("others", "all")]).await;
            assert_eq!(answer.status, status);
            assert_eq!(answer.count("#notice"), 0);
            assert_eq!(browser.cookie("genkan_flash"), None);
        }
    }
    let (kratos, browser) = signed_in().await;
    kratos.on(LIST, Answer::error(500));
    browser.get("/sessions").await.is_document(502);
}

#[tokio::test]
async fn the_list_is_written_in_the_language_of_the_page() {
    let (_, browser) = signed_in().await;
    let page = browser.get("/sessions?lang=ja").await;
    let device = said(Locale::Ja, "sessions-unknown", &[]);
    let end = said(Locale::Ja, "sessions-end", &[("device", &device)]);
    assert_eq!(page.attr("button[name=session]", "aria-label"), Some(end));
}

#[tokio::test]
async fn a_session_with_next_to_nothing_in_it_is_shown_all_the_same() {
    let (kratos, browser) = site().await;
    for session in [
        json!({"id": "x"}),
        json!({"id": "x", "identity": {"id": "y"}, "expires_at": "soon", "devices": null}),
        json!({"id": "x", "identity": {"id": "y", "traits": "odd", "verifiable_addresses": null}}),
        json!({"id": "x", "identity": {"id": "y", "traits": {"email": ["a"], "nickname": ""}}}),
        json!({"id": "x", "devices": [], "authentication_methods": null, "authenticator_assurance_level": null}),
        json!({"id": "x", "devices": [{}], "authentication_methods": []}),
    ] {
        kratos.on(WHOAMI, Answer::json(200, &session));
        kratos.on(LIST, Answer::json(200, &json!([session])));
        for page in ["/welcome", "/sessions"] {
            browser.get(page).await.is_document(200);
        }
    }
}

#[tokio::test]
async fn a_session_that_was_prolonged_reaches_the_browser() {
    let (kratos, browser) = site().await;
    let cookie = "ory_kratos_session=longer; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax";
    kratos.on(WHOAMI, Answer::from("whoami_200").with_cookie(cookie));
    let page = browser.get("/welcome").await;
    assert_eq!(page.set_cookies(), [cookie]);
}

#[tokio::test]
async fn nothing_of_a_session_is_kept_in_the_page() {
    let (kratos, browser) = signed_in().await;
    kratos.on(LIST, "26.2/sessions_list_200_page_size");
    let session = Recording::read("whoami_200");
    for page in ["/welcome", "/sessions"] {
        let page = browser.get(page).await;
        for id in ["id", "identity"] {
            let id = session.body()[id]
                .as_str()
                .or(session.body()["identity"]["id"].as_str());
            assert!(!page.body.contains(id.unwrap()));
        }
    }
}
