//! What is asked for too often is put off, told how long, and never reaches Kratos.

use std::time::Duration;

use clap::Parser;
use genkan::config::Config;
use genkan::limit::{Limit, Limits, MAX_KEYS, Wait};
use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{
    Answer, Browser, HOWS, How, Kratos, PUBLIC, Page, Received, Recording, UNLIMITED, fragment_of,
    say, site, site_with,
};

const LOGIN: &str = "POST /self-service/login";
const RECOVERY: &str = "POST /self-service/recovery";
const PASSWORD: [(&str, &str); 3] = [
    ("method", "password"),
    ("identifier", "taro@x.test"),
    ("password", "not this one"),
];
/// A flow that nobody began.
const OTHER: &str = "00000000-0000-4000-8000-000000000009";
const EMAIL: [(&str, &str); 2] = [("method", "code"), ("email", "v1@x.test")];

/// A Kratos that takes no password, in front of it a Genkan with these settings.
async fn refusing(settings: &[(&str, &str)]) -> (Kratos, Browser, String) {
    let (kratos, browser) = site_with(settings).await;
    let flow = Recording::read("login_submit_400_bad_credentials");
    let id = kratos.has("login", &flow);
    kratos.on(LOGIN, &flow);
    (kratos, browser, fragment_of("login", &id))
}

/// The same with a recovery that mails a code to everybody.
async fn mailing(settings: &[(&str, &str)]) -> (Kratos, Browser, String) {
    let (kratos, browser) = site_with(settings).await;
    let flow = Recording::read("recovery_submit_200_sent_email");
    let id = kratos.has("recovery", &flow);
    kratos.on(RECOVERY, &flow);
    (kratos, browser, fragment_of("recovery", &id))
}

/// An answer that sends a browser to a page.
fn leading_to(page: &str) -> Answer {
    Answer::redirect(&format!("{PUBLIC}{page}"))
}

/// How many forms Kratos got.
fn posts(kratos: &Kratos) -> usize {
    let posted = |it: &Received| it.method == Method::POST;
    kratos.received().iter().filter(|it| posted(it)).count()
}

/// Posts a form from some address behind a trusted proxy, and says whether it was let through.
async fn passes(browser: &Browser, action: &str, form: &[(&str, &str)], address: &str) -> bool {
    let headers = [("x-forwarded-for", address)];
    let page = browser.post_with(How::Htmx, action, form, &headers).await;
    page.status != 429
}

/// Holds it to be a page that says when to come back, and how.
#[track_caller]
fn is_put_off(page: &Page, again: &str) {
    page.is_document(429);
    assert_eq!(page.h1(), say("error-too-many"));
    assert_eq!(
        page.testid("ui/error/message").as_deref(),
        Some("Too many attempts. Try again in 60 minutes.")
    );
    let seconds: u64 = page.header("retry-after").unwrap().parse().unwrap();
    assert!((3000..=3600).contains(&seconds), "{seconds}");
    assert_eq!(page.attr("nav.links a", "href").as_deref(), Some(again));
    assert_eq!(page.text("nav.links a"), Some(say("try-again")));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert!(page.header("content-security-policy").is_some());
}

#[tokio::test]
async fn new_flows_are_put_off_with_a_link_to_the_same_place() {
    for first in ["/login", "/registration?return_to=%2Fsettings"] {
        let (kratos, browser) = site_with(&[("--limit-flows", "1/h")]).await;
        for (kind, recording) in [
            ("login", "login_init_200_unified"),
            ("registration", "registration_init_200_legacy_one_step"),
        ] {
            kratos.on(&format!("GET /self-service/{kind}/browser"), recording);
            kratos.has_flow(kind, recording);
        }
        let page = browser.get(first).await;
        let flow = page.redirects();

        for (path, again) in [
            ("/login", "?"),
            ("/recovery?return_to=%2Fsettings", "?return_to=%2Fsettings"),
            ("/self-service/login/browser?aal=aal2", "?aal=aal2"),
            ("/error?id=stub%3A500", "?id=stub%3A500"),
        ] {
            is_put_off(&browser.get(path).await, again);
        }
        browser.get(flow).await.is_document(200);
        kratos.started();
    }
}

#[tokio::test]
async fn what_nobody_wants_to_see_yet_is_not_counted() {
    let (kratos, browser) = site_with(&[("--limit-flows", "1/h")]).await;
    kratos.on("GET /self-service/login/browser", "login_init_200_unified");
    for _ in 0..3 {
        browser.ask(Method::HEAD, "/login", &[]).await;
        let page = browser.get_with("/login", &[("sec-purpose", "prefetch")]);
        assert_eq!(page.await.status, 503);
    }
    browser.get("/login").await.redirects();
}

#[tokio::test]
async fn links_from_mails_are_put_off_too() {
    let (kratos, browser) = site_with(&[("--limit-attempts", "1/h")]).await;
    let path = "/self-service/recovery?flow=00000000-0000-4000-8000-000000000009&token=t";
    browser.get(path).await;
    let again = "?flow=00000000-0000-4000-8000-000000000009&token=t";
    is_put_off(&browser.get(path).await, again);
    assert_eq!(kratos.received().len(), 1);
}

/// Kratos keeps a row for each of them that fails.
#[tokio::test]
async fn answers_of_providers_and_links_to_sign_out_are_put_off_too() {
    let callback = "/self-service/methods/oidc/callback";
    let organization = "/self-service/methods/oidc/organization/o/callback/x";
    let settings = format!("/self-service/settings?flow={OTHER}");
    for (path, again) in [
        (&*format!("{callback}/x?code=c&state=s"), "?code=c&state=s"),
        (&*format!("{callback}?state=s"), "?state=s"),
        (organization, "?"),
        ("/self-service/logout/browser", "?"),
        ("/self-service/logout?token=t", "?token=t"),
        (&*settings, &*format!("?flow={OTHER}")),
    ] {
        let (kratos, browser) = site_with(&[("--limit-flows", "1/h")]).await;
        browser.get(path).await;
        is_put_off(&browser.get(path).await, again);
        assert_eq!(kratos.received().len(), 1, "{path}");
    }
    let (kratos, browser) = site_with(&[("--limit-flows", "1/h")]).await;
    for _ in 0..2 {
        let form = [("code", "c"), ("state", "s")];
        browser.post(How::Plain, callback, &form).await;
    }
    assert_eq!(posts(&kratos), 1);
}

/// Whether Genkan still answers on a connection.
async fn is_served(stream: &mut TcpStream) -> bool {
    let request = b"GET /health/alive HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let mut answer = Vec::new();
    let mut is_open = stream.write_all(request).await.is_ok();
    while is_open && !answer.ends_with(b"\r\n\r\nok") {
        is_open = matches!(stream.read_buf(&mut answer).await, Ok(length) if length > 0);
    }
    is_open && answer.starts_with(b"HTTP/1.1 200 OK")
}

#[tokio::test]
async fn for_one_connection_too_many_the_most_silent_one_is_closed() {
    let (_kratos, browser) = site_with(&[("--limit-connections", "2")]).await;
    let mut first = browser.connect().await;
    assert!(is_served(&mut first).await);
    let mut silent = browser.connect().await;
    let mut second = browser.connect().await;
    assert!(is_served(&mut second).await);
    assert!(!is_served(&mut first).await, "it was silent longest");
    let mut third = browser.connect().await;
    assert!(is_served(&mut third).await);
    assert_eq!(silent.read(&mut [0]).await.unwrap_or(0), 0);
    assert!(is_served(&mut second).await);
    browser.get("/logout").await.is_document(200);
}

#[tokio::test]
async fn a_trusted_proxy_has_as_many_connections_as_it_needs() {
    let settings = [
        ("--limit-connections", "1"),
        ("--trusted-proxies", "127.0.0.1"),
    ];
    let (_kratos, browser) = site_with(&settings).await;
    let mut streams = Vec::new();
    for _ in 0..4 {
        streams.push(browser.connect().await);
    }
    for stream in &mut streams {
        assert!(is_served(stream).await);
    }
}

#[tokio::test]
async fn with_a_script_the_form_stays_and_says_when_to_send_it_again() {
    let (kratos, browser, action) = refusing(&[("--limit-account-attempts", "2/h")]).await;
    for _ in 0..2 {
        browser
            .post(How::Htmx, &action, &PASSWORD)
            .await
            .is_fragment(422);
    }

    let page = browser.post(How::Htmx, &action, &PASSWORD).await;

    page.is_fragment(429);
    let told = "Too many attempts. Try again in 30 minutes.";
    assert_eq!(page.summary()[0], told);
    assert_eq!(page.focus().as_deref(), Some("error-summary"));
    let seconds: u64 = page.header("retry-after").unwrap().parse().unwrap();
    assert!((1500..=1800).contains(&seconds), "{seconds}");
    assert_eq!(page.header("x-ui-message"), None, "the panel is swapped");
    assert_eq!(page.value("identifier").as_deref(), Some("taro@x.test"));
    assert_eq!(page.attr("[name=password]", "value"), None);
    assert!(!page.body.contains("not this one"));
    let form = page.attr("form:has([name=password])", "action");
    assert!(form.unwrap().starts_with(&action));
    assert_eq!(posts(&kratos), 2);
}

#[tokio::test]
async fn without_a_script_a_page_says_so_and_what_was_typed_waits_at_the_form() {
    let (kratos, browser, action) = refusing(&[("--limit-account-attempts", "1/h")]).await;
    browser
        .post(How::Plain, &action, &PASSWORD)
        .await
        .redirects();

    let page = browser.post(How::Plain, &action, &PASSWORD).await;

    let (_, query) = action.split_once('?').unwrap();
    is_put_off(&page, &format!("?{query}"));
    assert!(!page.body.contains("not this one"));
    assert!(!page.set_cookies().join("\n").contains("not"));
    // Where the form was sent to leads to its page.
    let page = browser.get(&action).await;
    let page = browser.get(page.redirects()).await;
    assert_eq!(page.value("identifier").as_deref(), Some("taro@x.test"));
    assert_eq!(page.attr("[name=password]", "value"), None);
    assert_eq!(posts(&kratos), 1);
}

#[tokio::test]
async fn after_the_wait_the_same_form_is_taken() {
    for how in HOWS {
        let (kratos, browser, action) = refusing(&[("--limit-account-attempts", "1/s")]).await;
        let mut waited = None;
        // However slow this machine is, sixteen at once do not take sixteen seconds.
        for page in post_at_once(&browser, how, &action, &PASSWORD).await {
            if page.status == 429 {
                waited = page.header("retry-after").map(str::to_owned);
            }
        }
        assert_eq!(waited.as_deref(), Some("1"));
        let before = posts(&kratos);
        tokio::time::sleep(Duration::from_millis(1100)).await;

        let page = browser.post(how, &action, &PASSWORD).await;

        assert_ne!(page.status, 429);
        assert_eq!(posts(&kratos), before + 1);
    }
}

/// Posts the same form sixteen times at once.
async fn post_at_once(
    browser: &Browser,
    how: How,
    action: &str,
    form: &'static [(&str, &str)],
) -> Vec<Page> {
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (browser, action) = (browser.clone(), action.to_owned());
            tokio::spawn(async move { browser.post(how, &action, form).await })
        })
        .collect();
    let mut pages = Vec::with_capacity(tasks.len());
    for task in tasks {
        pages.push(task.await.unwrap());
    }
    pages
}

#[tokio::test]
async fn an_account_is_known_however_it_is_written() {
    let (kratos, browser, action) = refusing(&[("--limit-account-attempts", "1/h")]).await;
    for form in [
        &[("identifier", "taro@x.test")][..],
        &[("identifier", " Taro@X.test ")],
        &[("identifier", "ｔａｒｏ＠x.test")],
        &[
            ("identifier", "TARO@x.test"),
            ("password_identifier", "jiro@x.test"),
        ],
        &[("identifier", "taro@x.test"), ("email", "other@x.test")],
    ] {
        let form = [&[("method", "password"), ("password", "x")], form].concat();
        browser.post(How::Htmx, &action, &form).await;
        assert_eq!(posts(&kratos), 1, "{form:?}");
    }
    let form = [("method", "password"), ("identifier", "jiro@x.test")];
    browser.post(How::Htmx, &action, &form).await;
    assert_eq!(posts(&kratos), 2, "another account");
    // Of this letter Kratos makes an i, and Unicode an i with a dot more.
    let form = [("method", "password"), ("identifier", "jİro@x.test")];
    browser.post(How::Htmx, &action, &form).await;
    assert_eq!(posts(&kratos), 2, "the same account");
}

/// A Kratos that mails a code to sign in with, behind a trusted proxy.
async fn mailing_to_sign_in(settings: &[(&str, &str)]) -> (Kratos, Browser, String) {
    let proxy = [("--trusted-proxies", "127.0.0.1")];
    let (kratos, browser) = site_with(&[&proxy, settings].concat()).await;
    let id = kratos.has_flow("login", "login_init_200_code_passwordless");
    kratos.on(LOGIN, "login_submit_code_400_sent_email");
    (kratos, browser, fragment_of("login", &id))
}

/// Posts a form to a flow that only this browser has, from some address.
async fn passes_elsewhere(browser: &Browser, number: usize, form: &[(&str, &str)]) -> bool {
    let flow = fragment_of("login", &format!("00000000-0000-4000-8000-{number:012}"));
    passes(browser, &flow, form, &format!("10.0.0.{number}")).await
}

#[tokio::test]
async fn a_telephone_is_one_account_however_its_number_is_written() {
    let off = ("--resend-cool-down", "0");
    let once = ("--limit-account-sends-everywhere", "1/h");
    let (kratos, browser, _) = mailing_to_sign_in(&[off, once]).await;
    let code = |number| [("method", "code"), ("identifier", number)];
    for (at, number) in [
        "+819012345678",
        "+81 (90) 1234-5678",
        "+81 0 90-1234-5678",
        "＋８１９０１２３４５６７８",
    ]
    .into_iter()
    .enumerate()
    {
        passes_elsewhere(&browser, at, &code(number)).await;
        assert_eq!(posts(&kratos), 1, "{number}");
    }
    // Kratos reads each of these as that number, too.
    for (at, number) in [
        "tel:+819012345678",
        "x+81 90 1234 5678",
        "+81 90 1234 5678 ext. 7",
        "+819012345678x7",
        "+819012345678;ext=7",
        "tel:90-1234-5678;phone-context=+81",
        "tel:＋819012345678",
    ]
    .into_iter()
    .enumerate()
    {
        let form = code(number);
        let headers = [("x-forwarded-for", &*format!("10.0.1.{at}"))];
        let page = browser
            .post_with(How::Htmx, &fragment_of("login", OTHER), &form, &headers)
            .await;
        page.is_fragment(422);
        assert_eq!(posts(&kratos), 1, "{number}");
    }
}

#[tokio::test]
async fn a_code_that_kratos_does_not_look_at_makes_no_mail_count_less() {
    for form in [
        &[
            ("method", "code"),
            ("identifier", "v1@x.test"),
            ("code", "123456"),
        ][..],
        &[
            ("method", "code"),
            ("identifier", "v1@x.test"),
            ("code", ""),
            ("code", "1"),
        ],
        &[
            ("code", " "),
            ("method", "code"),
            ("identifier", "v1@x.test"),
            ("resend", "x"),
        ],
    ] {
        let (kratos, browser, _) =
            mailing_to_sign_in(&[("--limit-account-sends-everywhere", "1/h")]).await;
        for at in 0..3 {
            passes_elsewhere(&browser, at, form).await;
            assert_eq!(posts(&kratos), 1, "{form:?}");
        }
    }
}

#[tokio::test]
async fn of_many_mails_that_are_asked_for_at_once_as_many_are_sent_as_may_be() {
    let settings = [
        ("--limit-account-sends-everywhere", "3/h"),
        ("--resend-cool-down", "0"),
    ];
    let (kratos, browser, _) = mailing_to_sign_in(&settings).await;
    let tasks: Vec<_> = (0..16)
        .map(|number| {
            let browser = browser.clone();
            let form = [("method", "code"), ("identifier", "v1@x.test")];
            tokio::spawn(async move { passes_elsewhere(&browser, number, &form).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(posts(&kratos), 3);
}

#[tokio::test]
async fn an_address_that_kratos_does_not_mail_is_not_counted() {
    let settings = [
        ("--limit-account-sends", "1/h"),
        ("--resend-cool-down", "0"),
        ("--limit-account-sends-everywhere", "1/h"),
    ];
    let (kratos, browser, action) = mailing(&settings).await;
    for field in [
        "identifier",
        "address",
        "recovery_address",
        "recovery_confirm_address",
    ] {
        let own = format!("{field}@x.test");
        let form = [("method", "code"), ("email", &*own), (field, "v1@x.test")];
        browser.post(How::Htmx, &action, &form).await;
    }
    let before = posts(&kratos);
    browser.post(How::Htmx, &action, &EMAIL).await;
    assert_eq!(posts(&kratos), before + 1);
}

#[tokio::test]
async fn each_address_of_a_profile_counts_as_a_mail_to_it() {
    let (kratos, browser) = site_with(&[("--limit-account-sends", "1/h")]).await;
    let id = kratos.has_flow("settings", "settings_init_200");
    kratos.on("POST /self-service/settings", Answer::error(500));
    let action = fragment_of("settings", &id);
    let profile = |addresses: &[&'static str]| -> Vec<(&str, &str)> {
        let pairs = addresses.iter().map(|it| ("traits.email", *it));
        [("method", "profile")].into_iter().chain(pairs).collect()
    };
    let among = profile(&["a@x.test", "v1@x.test", "b@x.test"]);
    browser.post(How::Htmx, &action, &among).await;
    assert_eq!(posts(&kratos), 1);
    let page = browser
        .post(How::Htmx, &action, &profile(&["v1@x.test"]))
        .await;
    page.is_fragment(429);
    assert_eq!(posts(&kratos), 1);
}

#[tokio::test]
async fn a_change_that_waits_for_a_sign_in_counts_as_a_mail_when_it_is_made() {
    let settings = [
        ("--trusted-proxies", "127.0.0.1"),
        ("--limit-account-sends-everywhere", "2/h"),
    ];
    let (kratos, browser) = site_with(&settings).await;
    kratos.on(
        "POST /self-service/settings",
        "settings_submit_profile_403_session_refresh_required",
    );
    let flows = [1, 2, 3].map(|it| format!("00000000-0000-4000-8000-00000000000{it}"));
    let form = [("method", "profile"), ("traits.email", "v1@x.test")];
    // As often as it is asked for, nothing is mailed.
    for (id, address) in flows.iter().zip(["6.6.6.6", "7.7.7.7", "8.8.8.8"]) {
        for _ in 0..3 {
            let action = fragment_of("settings", id);
            assert!(passes(&browser, &action, &form, address).await, "{address}");
        }
    }
    for (at, id) in flows.iter().enumerate() {
        let to = leading_to(&format!("/settings?flow={id}"));
        kratos.on("GET /self-service/settings", to);
        let page = browser
            .get(&format!("/self-service/settings?flow={id}"))
            .await;
        assert_eq!(page.status == 429, at == 2, "{id}");
        let resumed = kratos.received_on(&Method::GET, "/self-service/settings");
        assert_eq!(resumed.len(), (at + 1).min(2), "{id}");
    }
}

#[tokio::test]
async fn an_address_that_a_flow_holds_and_the_account_does_not_counts_as_a_mail() {
    let (kratos, browser) = site_with(&[("--limit-account-sends", "1/h")]).await;
    let mut flow = Recording::read("settings_init_200");
    let nodes = flow.body_mut()["ui"]["nodes"].as_array_mut().unwrap();
    let node = nodes
        .iter_mut()
        .find(|node| node["attributes"]["name"] == "traits.email");
    // As Kratos writes it where an earlier form of the flow was refused.
    node.unwrap()["attributes"]["value"] = "v1@x.test".into();
    let id = kratos.has("settings", &flow);
    kratos.on("POST /self-service/settings", "settings_submit_profile_200");
    let action = fragment_of("settings", &id);
    let form = [("method", "profile"), ("traits.email", "v1@x.test")];
    browser.post(How::Htmx, &action, &form).await;
    browser
        .post(How::Htmx, &action, &form)
        .await
        .is_fragment(429);
    assert_eq!(posts(&kratos), 1);
}

/// Who is named in a form that Kratos does not mail for can be mailed as often as before.
#[tokio::test]
async fn an_account_that_is_named_and_not_mailed_keeps_its_mails() {
    let settings = [
        ("--trusted-proxies", "127.0.0.1"),
        ("--resend-cool-down", "0"),
        ("--limit-account-sends-everywhere", "1/h"),
    ];
    let victim = "v1@x.test";
    for (kind, flow, answer, form) in [
        (
            "registration",
            "registration_init_200_legacy_one_step",
            "login_submit_oidc_422_redirect_idp",
            vec![("provider", "x"), ("traits.email", victim)],
        ),
        (
            "registration",
            "registration_init_200_legacy_one_step",
            "registration_submit_400_already_logged_in",
            vec![("method", "password"), ("traits.email", victim)],
        ),
        (
            "login",
            "26.2/login_init_200_identifier_first",
            "login_submit_400_already_logged_in",
            vec![("method", "identifier_first"), ("identifier", victim)],
        ),
        (
            "settings",
            "settings_init_200",
            "settings_submit_profile_403_session_refresh_required",
            vec![("method", "profile"), ("traits.email", victim)],
        ),
    ] {
        let (kratos, browser, mail) = mailing(&settings).await;
        let id = kratos.has_flow(kind, flow);
        kratos.on(&format!("POST /self-service/{kind}"), answer);
        let action = fragment_of(kind, &id);
        for address in ["6.6.6.6", "7.7.7.7", "8.8.8.8"] {
            passes(&browser, &action, &form, address).await;
        }
        assert_eq!(posts(&kratos), 3, "{kind} {answer}");
        browser.clear();
        assert!(
            passes(&browser, &mail, &EMAIL, "9.9.9.9").await,
            "{kind} {answer}"
        );
        assert_eq!(posts(&kratos), 4, "{kind} {answer}");
    }
}

#[tokio::test]
async fn an_account_whose_mails_are_used_up_takes_the_first_step_of_a_sign_in() {
    let settings = [
        ("--trusted-proxies", "127.0.0.1"),
        ("--resend-cool-down", "0"),
        ("--limit-account-sends-everywhere", "1/h"),
    ];
    let (kratos, browser, mail) = mailing(&settings).await;
    assert!(passes(&browser, &mail, &EMAIL, "6.6.6.6").await);
    assert!(!passes(&browser, &mail, &EMAIL, "7.7.7.7").await);
    kratos.has_flow("login", "26.2/login_init_200_identifier_first");
    kratos.on(LOGIN, "login_submit_400_bad_credentials");
    let step = [("method", "identifier_first"), ("identifier", "v1@x.test")];
    assert!(passes_elsewhere(&browser, 8, &step).await);
}

#[tokio::test]
async fn a_recovery_gives_no_other_tries_for_the_second_factor() {
    let (kratos, browser) = site_with(&[("--limit-second-factors", "2/h")]).await;
    let id = kratos.has_flow("recovery", "recovery_submit_200_sent_email");
    let recover = fragment_of("recovery", &id);
    kratos.has_flow("login", "login_submit_totp_400_wrong");
    kratos.on(LOGIN, "login_submit_totp_400_wrong");
    let totp = [("method", "totp"), ("totp_code", "123456")];
    for session in 0..3 {
        let recording = Recording::read("recovery_submit_200_continue_with_settings");
        let cookie = format!("ory_kratos_session={session}; Path=/; HttpOnly");
        let right = Answer::json(200, recording.body()).with_cookie(&cookie);
        kratos.on(RECOVERY, right);
        let form = [("method", "code"), ("code", "123456")];
        browser.post(How::Htmx, &recover, &form).await;
        let kept = browser.cookie("ory_kratos_session");
        assert_eq!(kept, Some(session.to_string()));
        let flow = fragment_of(
            "login",
            &format!("00000000-0000-4000-8000-00000000000{session}"),
        );
        browser.post(How::Htmx, &flow, &totp).await;
    }
    // Three recoveries, and two of the three tries.
    assert_eq!(posts(&kratos), 5);
}

/// Beside a code Kratos 1.3.1 and 26.2 take the account from the address, and not from the identifier.
#[tokio::test]
async fn an_address_beside_the_code_of_a_first_factor_is_not_sent_on() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "login_submit_code_400_sent_email");
    kratos.on(LOGIN, "login_submit_code_400_wrong_code");
    let form = [
        ("method", "code"),
        ("code", "123456"),
        ("address", "own@x.test"),
        ("identifier", "decoy@x.test"),
    ];
    browser
        .post(How::Htmx, &fragment_of("login", &id), &form)
        .await;
    let sent = kratos.posted().form();
    let named = |name| sent.iter().any(|(it, _)| it == name);
    assert!(named("identifier") && !named("address"), "{sent:?}");
}

/// A first step in a flow that has mailed already sends nothing.
#[tokio::test]
async fn a_first_step_in_a_flow_that_has_mailed_counts_no_mail() {
    let settings = [
        ("--trusted-proxies", "127.0.0.1"),
        ("--resend-cool-down", "0"),
        ("--limit-account-sends-everywhere", "1/h"),
    ];
    let (kratos, browser, mail) = mailing(&settings).await;
    let flow = Recording::read("login_submit_code_400_sent_email");
    kratos.has("login", &flow);
    kratos.on(LOGIN, &flow);
    let step = [("method", "identifier_first"), ("identifier", "v1@x.test")];
    for number in 1..4 {
        assert!(passes_elsewhere(&browser, number, &step).await);
    }
    assert!(passes(&browser, &mail, &EMAIL, "9.9.9.9").await);
}

#[tokio::test]
async fn a_second_factor_that_mails_as_it_begins_counts_for_everybody() {
    for path in ["/login?aal=aal2", "/self-service/login/browser?aal=aal2"] {
        let settings = [
            ("--trusted-proxies", "127.0.0.1"),
            ("--limit-account-sends-everywhere", "2/h"),
        ];
        let (kratos, browser) = site_with(&settings).await;
        let flow = Recording::read("26.2/login_get_200_aal2_code_auto_sent");
        let id = kratos.has("login", &flow);
        let begun = if path.starts_with("/self-service") {
            leading_to(&format!("/login?flow={id}"))
        } else {
            Answer::from(&flow)
        };
        kratos.on("GET /self-service/login/browser", begun);
        browser.keep("ory_kratos_session", "one");
        for (at, address) in ["6.6.6.6", "7.7.7.7", "8.8.8.8"].into_iter().enumerate() {
            let page = browser
                .get_with(path, &[("x-forwarded-for", address)])
                .await;
            assert_eq!(page.status == 429, at == 2, "{path} {address}");
        }
    }
}

/// Kratos 26.2 mails a code each time.
#[tokio::test]
async fn a_right_password_for_an_unconfirmed_address_counts_as_a_mail() {
    let settings = [
        ("--trusted-proxies", "127.0.0.1"),
        ("--limit-account-sends-everywhere", "2/h"),
    ];
    let (kratos, browser, _) = refusing(&settings).await;
    kratos.on(LOGIN, "26.2/login_submit_400_address_not_verified");
    for number in 0..4 {
        let is_passed = passes_elsewhere(&browser, number, &PASSWORD).await;
        assert_eq!(is_passed, number < 2, "{number}");
    }
    assert_eq!(posts(&kratos), 2);
}

#[tokio::test]
async fn one_session_is_counted_as_one_however_its_cookie_is_written() {
    let (kratos, browser, _) = halfway(&[("--limit-second-factors", "2/h")]).await;
    let totp = [("method", "totp"), ("totp_code", "123456")];
    // The same bytes in base64, and a cookie before it that Kratos drops.
    for (at, cookie) in [
        "ory_kratos_session=MTIzNA==",
        "ory_kratos_session=MTIzNB==",
        "ory_kratos_session=MTIzNP==",
        r#"ory_kratos_session="MTIzNA==""#,
        r"ory_kratos_session=a\b; ory_kratos_session=MTIzNA==",
        r#"ory_kratos_session=a"b; ory_kratos_session=MTIzNA=="#,
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("00000000-0000-4000-8000-00000000000{at}");
        browser
            .post_with(
                How::Htmx,
                &fragment_of("login", &id),
                &totp,
                &[("cookie", cookie)],
            )
            .await;
        assert_eq!(posts(&kratos), (at + 1).min(2), "{cookie}");
    }
}

#[tokio::test]
async fn an_account_whose_name_looks_alike_uses_up_none_of_anothers_tries() {
    let (kratos, browser, _) = halfway(&[("--limit-second-factors", "2/h")]).await;
    let totp = [("method", "totp"), ("totp_code", "123456")];
    let flow = |it| fragment_of("login", &format!("00000000-0000-4000-8000-00000000000{it}"));
    for (at, name) in ["ｔａｒｏ", "taro"].into_iter().enumerate() {
        let cookie = format!("ory_kratos_session={at}; Path=/; HttpOnly");
        let recording = Recording::read("login_submit_422_aal2_required");
        kratos.on(
            LOGIN,
            Answer::json(422, recording.body()).with_cookie(&cookie),
        );
        let form = [
            ("method", "password"),
            ("identifier", name),
            ("password", "x"),
        ];
        browser.post(How::Htmx, &flow(4 * at), &form).await;
        kratos.on(LOGIN, "login_submit_totp_400_wrong");
        let before = posts(&kratos);
        for it in 1..=3 {
            browser.post(How::Htmx, &flow(4 * at + it), &totp).await;
        }
        assert_eq!(posts(&kratos), before + 2, "{name}");
    }
}

/// Fields that tell one kind of try from another, as somebody adds them to a form that has used up its own.
const FURTHER: [(&str, &str); 11] = [
    ("totp_code", "123456"),
    ("lookup_secret", "abcd1234"),
    ("code", "123456"),
    ("resend", "code"),
    ("screen", "previous"),
    ("screen", "x"),
    ("method", "code"),
    ("method", "totp"),
    ("email", "other@x.test"),
    ("address", "other@x.test"),
    ("passkey_login", "{}"),
];

#[tokio::test]
async fn no_further_field_makes_a_password_count_less() {
    for before in [false, true] {
        let settings = [
            ("--limit-account-attempts", "1/h"),
            ("--limit-second-factors", "0"),
        ];
        let (kratos, browser, action) = refusing(&settings).await;
        browser.post(How::Htmx, &action, &PASSWORD).await;
        assert_eq!(posts(&kratos), 1);
        for further in FURTHER
            .iter()
            .map(std::slice::from_ref)
            .chain([&FURTHER[..]])
        {
            let form = match before {
                true => [further, &PASSWORD].concat(),
                false => [&PASSWORD, further].concat(),
            };
            browser.post(How::Htmx, &action, &form).await;
            assert_eq!(posts(&kratos), 1, "{form:?}");
        }
    }
}

#[tokio::test]
async fn no_further_field_makes_a_mail_count_less() {
    let (kratos, browser, action) = mailing(&[]).await;
    browser.post(How::Htmx, &action, &EMAIL).await;
    assert_eq!(posts(&kratos), 1);
    for further in FURTHER.iter().filter(|(name, _)| *name != "code") {
        let form = [&[*further], &EMAIL[..]].concat();
        browser.post(How::Htmx, &action, &form).await;
        assert_eq!(posts(&kratos), 1, "{form:?}");
    }
}

#[tokio::test]
async fn what_is_not_mailed_because_it_was_just_now_counts_as_a_try() {
    let (kratos, browser, action) = mailing(&[("--limit-attempts", "3/h")]).await;
    for status in [200, 200, 200, 429] {
        let page = browser.post(How::Htmx, &action, &EMAIL).await;
        assert_eq!(page.status, status);
    }
    assert_eq!(posts(&kratos), 1);
}

#[tokio::test]
async fn an_address_in_a_profile_or_a_sign_up_counts_as_a_mail_to_it() {
    for (kind, recording) in [
        ("settings", "settings_init_200"),
        ("registration", "registration_init_200_legacy_one_step"),
    ] {
        let (kratos, browser) = site_with(&[("--limit-account-sends", "2/h")]).await;
        let mut flow = Recording::read(recording);
        let nodes = flow.body_mut()["ui"]["nodes"].as_array_mut().unwrap();
        for name in ["traits.contact.mail", "traits.phone"] {
            let mut node = nodes[0].clone();
            node["attributes"]["name"] = name.into();
            node["attributes"]["type"] = "text".into();
            nodes.push(node);
        }
        let id = kratos.has(kind, &flow);
        kratos.on(&format!("POST /self-service/{kind}"), Answer::error(500));
        let action = fragment_of(kind, &id);
        for (name, address) in [
            ("traits.email", "a@x.test"),
            ("traits.email", "b@x.test"),
            ("traits.contact.mail", "a@x.test"),
            ("traits.email", "A@x.test"),
            ("traits.phone", "+81901"),
            ("traits.phone", "+81 901"),
            ("traits.phone", "+81-901"),
        ] {
            let form = [("method", "profile"), (name, address)];
            browser.post(How::Htmx, &action, &form).await;
        }
        assert_eq!(posts(&kratos), 5, "{kind}");
    }
}

#[tokio::test]
async fn a_sign_in_that_means_several_things_never_reaches_kratos() {
    let other = ("identifier", "hanako@x.test");
    let (kratos, browser, action) = refusing(&[]).await;
    for form in [
        [("identifier", "taro@x.test"), other, ("password", "x")],
        [other, ("password", "x"), ("identifier", "taro@x.test")],
        [("method", "password"), other, ("method", "code")],
        [("method", ""), other, ("method", "password")],
        [other, ("passkey_login", "{}"), ("password", "x")],
    ] {
        let page = browser.post(How::Htmx, &action, &form).await;
        page.is_fragment(422);
        assert_eq!(page.summary()[0], say("flash-ambiguous"));
    }
    assert_eq!(posts(&kratos), 0);
    let same = [other, ("identifier", " HANAKO@x.test")];
    browser.post(How::Htmx, &action, &same).await;
    assert_eq!(posts(&kratos), 1);
}

#[tokio::test]
async fn nobody_can_lock_somebody_out_from_elsewhere() {
    let settings = [
        ("--limit-account-attempts", "1/h"),
        ("--trusted-proxies", "127.0.0.1"),
    ];
    let (_, browser, action) = refusing(&settings).await;
    for (address, passed) in [
        ("6.6.6.6", true),
        ("6.6.6.6", false),
        ("7.7.7.7", true),
        ("2001:db8::1", true),
        // One line to the network has a whole /64.
        ("2001:db8::ffff:ffff:ffff:ffff", false),
        ("2001:db8:0:1::1", true),
        ("1.1.1.1, 6.6.6.6", false),
    ] {
        let is_passed = passes(&browser, &action, &PASSWORD, address).await;
        assert_eq!(is_passed, passed, "{address}");
    }
}

#[tokio::test]
async fn an_address_that_somebody_makes_up_counts_for_nothing() {
    let (_, browser, action) = refusing(&[("--limit-attempts", "1/h")]).await;
    for (address, passed) in [("1.1.1.1", true), ("2.2.2.2", false), ("127.0.0.1", false)] {
        let is_passed = passes(&browser, &action, &PASSWORD, address).await;
        assert_eq!(is_passed, passed, "{address}");
    }
}

#[tokio::test]
async fn all_tries_of_an_address_count_together() {
    let (kratos, browser, action) = refusing(&[("--limit-attempts", "5/h")]).await;
    let code = [("method", "code"), ("code", "123456")];
    let sign_up = fragment_of("registration", "00000000-0000-4000-8000-000000000009");
    let recovery = sign_up.replace("registration", "recovery");
    let traits = [("method", "password"), ("traits.email", "a@x.test")];
    kratos.on("POST /self-service/registration", Answer::error(500));
    kratos.on(RECOVERY, Answer::error(500));
    browser.post(How::Htmx, &action, &PASSWORD).await;
    browser.post(How::Htmx, &action, &code).await;
    browser.post(How::Htmx, &sign_up, &traits).await;
    browser.post(How::Htmx, &recovery, &code).await;
    let oidc = [("provider", "mock")];
    browser.post(How::Htmx, &action, &oidc).await;
    assert_eq!(posts(&kratos), 5);

    for (action, form) in [
        (&action, &PASSWORD[..]),
        (&sign_up, &traits),
        (&recovery, &code),
        (&action, &oidc),
    ] {
        let page = browser.post(How::Plain, action, form).await;
        page.is_document(429);
    }
    assert_eq!(posts(&kratos), 5);
    // Who asks for mails tries as well.
    let page = browser.post(How::Plain, &recovery, &EMAIL).await;
    page.is_document(429);
    assert_eq!(posts(&kratos), 5);
}

#[tokio::test]
async fn mails_are_counted_for_an_address_and_for_who_gets_them() {
    let off = ("--resend-cool-down", "0");
    let proxy = ("--trusted-proxies", "127.0.0.1");
    let hanako = [("method", "code"), ("email", "hanako@x.test")];

    let (kratos, browser, action) = mailing(&[off, proxy, ("--limit-sends", "2/h")]).await;
    assert!(passes(&browser, &action, &EMAIL, "6.6.6.6").await);
    assert!(passes(&browser, &action, &hanako, "6.6.6.6").await);
    assert!(!passes(&browser, &action, &hanako, "6.6.6.6").await);
    assert!(passes(&browser, &action, &hanako, "7.7.7.7").await);
    assert_eq!(posts(&kratos), 3);

    let (_, browser, action) = mailing(&[off, proxy, ("--limit-account-sends", "1/h")]).await;
    assert!(passes(&browser, &action, &EMAIL, "6.6.6.6").await);
    assert!(!passes(&browser, &action, &EMAIL, "6.6.6.6").await);
    assert!(passes(&browser, &action, &hanako, "6.6.6.6").await);
    assert!(passes(&browser, &action, &EMAIL, "7.7.7.7").await);

    let everywhere = ("--limit-account-sends-everywhere", "2/h");
    let (_, browser, action) = mailing(&[off, proxy, everywhere]).await;
    assert!(passes(&browser, &action, &EMAIL, "6.6.6.6").await);
    assert!(passes(&browser, &action, &EMAIL, "7.7.7.7").await);
    assert!(!passes(&browser, &action, &EMAIL, "8.8.8.8").await);
    assert!(passes(&browser, &action, &hanako, "8.8.8.8").await);
}

#[tokio::test]
async fn who_asks_in_vain_keeps_nobody_from_their_mails() {
    let settings = [
        ("--trusted-proxies", "127.0.0.1"),
        ("--limit-account-sends-everywhere", "1/h"),
        ("--resend-cool-down", "0"),
    ];
    let (kratos, browser, action) = mailing(&settings).await;
    let sign_up = fragment_of("registration", OTHER);
    let details = [("method", "profile"), ("traits.email", "v1@x.test")];
    kratos.on("POST /self-service/registration", Answer::error(500));
    kratos.on(RECOVERY, Answer::error(404));
    for address in ["6.6.6.6", "7.7.7.7", "8.8.8.8"] {
        assert!(passes(&browser, &action, &EMAIL, address).await);
        assert!(passes(&browser, &sign_up, &details, address).await);
    }
    kratos.on(RECOVERY, "recovery_submit_200_sent_email");
    assert!(passes(&browser, &action, &EMAIL, "9.9.9.9").await);
    assert!(!passes(&browser, &action, &EMAIL, "5.5.5.5").await);
}

/// Kratos 26.2 mails the code for a second factor as soon as that is begun.
#[tokio::test]
async fn a_second_factor_that_is_begun_counts_as_a_mail() {
    for path in ["/login?aal=aal2", "/self-service/login/browser?aal=aal2"] {
        let (kratos, browser) = site_with(&[("--limit-account-sends", "2/h")]).await;
        kratos.on(
            "GET /self-service/login/browser",
            "26.2/login_init_200_aal2_code",
        );
        browser.keep("ory_kratos_session", "one");
        for _ in 0..2 {
            assert_ne!(browser.get(path).await.status, 429, "{path}");
        }
        browser.get(path).await.is_document(429);
        browser.keep("ory_kratos_session", "two");
        assert_ne!(browser.get(path).await.status, 429, "{path}");
    }
}

/// A Kratos whose password is right, and that then takes no second factor.
async fn halfway(settings: &[(&str, &str)]) -> (Kratos, Browser, String) {
    let (kratos, browser) = site_with(settings).await;
    let flow = Recording::read("login_submit_totp_400_wrong");
    let id = kratos.has("login", &flow);
    kratos.on(LOGIN, &flow);
    (kratos, browser, fragment_of("login", &id))
}

#[tokio::test]
async fn second_factors_are_counted_for_the_session() {
    for form in [
        [("method", "totp"), ("totp_code", "123456")],
        [("method", "lookup_secret"), ("lookup_secret", "abcd1234")],
    ] {
        for how in HOWS {
            let (kratos, browser, action) = halfway(&[("--limit-second-factors", "2/h")]).await;
            browser.keep("ory_kratos_session", "one");
            for _ in 0..2 {
                assert_ne!(browser.post(how, &action, &form).await.status, 429);
            }
            let page = browser.post(how, &action, &form).await;
            match how {
                How::Htmx => page.is_fragment(429),
                How::Plain => page.is_document(429),
            };
            assert!(!page.body.contains(form[1].1), "codes are not kept");
            // Neither another flow nor an old code in the way helps.
            let other = fragment_of("login", "00000000-0000-4000-8000-000000000009");
            let twice = [form[0], (form[1].0, ""), form[1]];
            let page = browser.post(How::Plain, &other, &twice).await;
            page.is_document(429);
            assert_eq!(posts(&kratos), 2);
            browser.keep("ory_kratos_session", "two");
            browser.post(how, &other, &form).await;
            assert_eq!(posts(&kratos), 3);
        }
    }
}

#[tokio::test]
async fn another_sign_in_gives_no_other_tries_for_the_second_factor() {
    let (kratos, browser, action) = halfway(&[("--limit-second-factors", "2/h")]).await;
    let right = |session: &str| {
        let cookie = format!("ory_kratos_session={session}; Path=/; HttpOnly");
        let recording = Recording::read("login_submit_422_aal2_required");
        Answer::json(422, recording.body()).with_cookie(&cookie)
    };
    let wrong = Answer::from("login_submit_totp_400_wrong");
    let tried = [right("one"), wrong.clone(), wrong.clone(), right("two")];
    kratos.on_each(LOGIN, tried.into_iter().chain([right("three"), wrong]));
    let flows = ["1", "2", "3", "4"].map(|it| {
        let id = format!("00000000-0000-4000-8000-00000000000{it}");
        fragment_of("login", &id)
    });
    let totp = [("method", "totp"), ("totp_code", "123456")];
    browser.post(How::Htmx, &action, &PASSWORD).await;
    assert_eq!(browser.cookie("ory_kratos_session").as_deref(), Some("one"));
    browser.post(How::Htmx, &flows[0], &totp).await;
    browser.post(How::Htmx, &flows[1], &totp).await;
    let disguised = [
        ("email", "hanako@x.test"),
        ("identifier", "TARO@x.test"),
        ("passkey_login", "{}"),
        ("totp_code", "1"),
        ("password", "right"),
        ("method", "password"),
    ];
    browser.post(How::Htmx, &action, &disguised).await;
    assert_eq!(browser.cookie("ory_kratos_session").as_deref(), Some("two"));
    assert_eq!(posts(&kratos), 4);

    let page = browser.post(How::Plain, &flows[2], &totp).await;

    page.is_document(429);
    assert_eq!(posts(&kratos), 4);
    let other = [("method", "password"), ("identifier", "hanako@x.test")];
    browser.post(How::Htmx, &action, &other).await;
    assert_eq!(
        browser.cookie("ory_kratos_session").as_deref(),
        Some("three")
    );
    browser.post(How::Htmx, &flows[3], &totp).await;
    assert_eq!(posts(&kratos), 6, "another account");
}

#[tokio::test]
async fn a_second_factor_that_names_somebody_else_uses_up_none_of_their_tries() {
    const TARO: (&str, &str) = ("identifier", "taro@x.test");
    let others = [
        [("method", "totp"), ("totp_code", "123456"), TARO],
        [("method", "lookup_secret"), ("lookup_secret", "a1"), TARO],
        [("method", "code"), ("code", "123456"), TARO],
        [("method", "passkey"), ("passkey_login", "{}"), TARO],
        [("method", "webauthn"), ("webauthn_login", "{}"), TARO],
    ];
    for other in others {
        let (kratos, browser, action) = halfway(&[("--limit-second-factors", "2/h")]).await;
        let right = |session: &str| {
            let cookie = format!("ory_kratos_session={session}; Path=/; HttpOnly");
            let recording = Recording::read("login_submit_422_aal2_required");
            Answer::json(422, recording.body()).with_cookie(&cookie)
        };
        let wrong = || Answer::from("login_submit_totp_400_wrong");
        let jiro = [("method", "password"), ("identifier", "jiro@x.test")];
        let totp = [("method", "totp"), ("totp_code", "123456")];
        let flow = |it| fragment_of("login", &format!("00000000-0000-4000-8000-00000000000{it}"));
        kratos.on(LOGIN, right("one"));
        browser.post(How::Htmx, &action, &jiro).await;
        kratos.on(LOGIN, right("two"));
        browser.post(How::Htmx, &flow(1), &other).await;
        assert_eq!(browser.cookie("ory_kratos_session").as_deref(), Some("two"));
        kratos.on(LOGIN, wrong());
        for it in 2..=5 {
            browser.post(How::Htmx, &flow(it), &totp).await;
        }
        assert!(posts(&kratos) <= 4, "{other:?} has used up its own");

        kratos.on(LOGIN, right("three"));
        browser.post(How::Htmx, &flow(6), &PASSWORD).await;
        let session = browser.cookie("ory_kratos_session");
        assert_eq!(session.as_deref(), Some("three"));
        kratos.on(LOGIN, wrong());
        let before = posts(&kratos);
        browser.post(How::Htmx, &flow(7), &totp).await;
        assert_eq!(posts(&kratos), before + 1, "{other:?}");
    }
}

#[tokio::test]
async fn no_second_code_is_mailed_to_the_same_address_by_another_browser() {
    for how in HOWS {
        let (kratos, browser, action) = mailing(&[]).await;
        browser.post(how, &action, &EMAIL).await;
        browser.clear();
        let mut other = Recording::read("recovery_init_200");
        other.body_mut()["id"] = "00000000-0000-4000-8000-000000000009".into();
        let id = kratos.has("recovery", &other);
        let elsewhere = fragment_of("recovery", &id);

        let answer = browser.post(how, &elsewhere, &EMAIL).await;

        let page = match how {
            How::Htmx => answer,
            How::Plain => browser.get(answer.redirects()).await,
        };
        assert!(page.text("#notice").unwrap().contains("30 seconds"));
        assert_eq!(page.value("email").as_deref(), Some("v1@x.test"));
        assert_eq!(posts(&kratos), 1);
        let form = [("method", "code"), ("email", "hanako@x.test")];
        browser.post(how, &elsewhere, &form).await;
        assert_eq!(posts(&kratos), 2, "to somebody else");
    }
}

#[tokio::test]
async fn without_its_cookie_a_flow_mails_no_second_code_either() {
    let (kratos, browser, action) = mailing(&[]).await;
    browser.post(How::Htmx, &action, &EMAIL).await;
    browser.clear();
    let again = format!("{action}&resend=1");
    let form = [("method", "code"), ("email", "other@x.test")];
    let page = browser.post(How::Htmx, &again, &form).await;
    assert!(page.text("#notice").unwrap().contains("30 seconds"));
    assert_eq!(posts(&kratos), 1);
}

#[tokio::test]
async fn a_double_click_mails_one_code() {
    for how in HOWS {
        let (kratos, browser, action) = mailing(&[]).await;
        post_at_once(&browser, how, &action, &EMAIL).await;
        assert_eq!(posts(&kratos), 1);
    }
}

#[tokio::test]
async fn what_was_not_mailed_may_be_asked_for_again_at_once() {
    let (kratos, browser) = site().await;
    let flow = Recording::read("recovery_init_200");
    let id = kratos.has("recovery", &flow);
    let action = fragment_of("recovery", &id);
    kratos.on_each(
        RECOVERY,
        [
            Answer::error(500),
            Answer::Torn,
            Answer::from("recovery_submit_200_sent_email"),
        ],
    );
    for asked in 1..=3 {
        browser.post(How::Htmx, &action, &EMAIL).await;
        assert_eq!(posts(&kratos), asked);
    }
    browser.post(How::Htmx, &action, &EMAIL).await;
    assert_eq!(posts(&kratos), 3, "that one was mailed");
}

#[tokio::test]
async fn zero_is_no_limit() {
    let (kratos, browser, action) = mailing(&UNLIMITED).await;
    kratos.on("GET /self-service/recovery/browser", "recovery_init_200");
    let codes = [("method", "code"), ("code", "123456")];
    for _ in 0..300 {
        assert_ne!(browser.get("/recovery").await.status, 429);
        assert_ne!(browser.post(How::Plain, &action, &EMAIL).await.status, 429);
        assert_ne!(browser.post(How::Plain, &action, &codes).await.status, 429);
    }
}

#[tokio::test]
async fn nobody_who_mistypes_comes_near_the_limits() {
    let (kratos, browser, action) = refusing(&[]).await;
    for _ in 0..10 {
        let page = browser.post(How::Htmx, &action, &PASSWORD).await;
        page.is_fragment(422);
    }
    assert_eq!(posts(&kratos), 10);
    let page = browser.post(How::Htmx, &action, &PASSWORD).await;
    page.is_fragment(429);
}

#[test]
fn a_limit_that_is_none_is_named_at_the_start() {
    for wrong in [
        "30",
        "30/d",
        "-1/m",
        "0/m",
        "/m",
        "m/30",
        "1.5/m",
        "2000000/s",
        "",
    ] {
        let flag = format!("--limit-flows={wrong}");
        let told = Config::try_parse_from(["genkan", &flag]).unwrap_err();
        assert!(told.to_string().contains("as in 30/m; or 0"), "{told}");
    }
    for right in ["0", "1/s", "30/m", "1000000/h"] {
        let flag = format!("--limit-flows={right}");
        Config::try_parse_from(["genkan", &flag]).unwrap();
    }
}

fn limits(flows: &str) -> Limits {
    let flag = format!("--limit-flows={flows}");
    Limits::new(Config::parse_from(["genkan", &flag]).rates())
}

#[test]
fn when_all_places_are_taken_newcomers_share_one() {
    let limits = limits("2/h");
    let ask = |who: usize| limits.count(Limit::Flows, limits.key(who));
    for who in 0..MAX_KEYS {
        ask(who).unwrap();
    }
    ask(MAX_KEYS).unwrap();
    ask(MAX_KEYS + 1).unwrap();
    let Wait(seconds) = ask(MAX_KEYS + 2).unwrap_err();
    assert!((1500..=1800).contains(&seconds), "{seconds}");
    for who in [0, MAX_KEYS - 1] {
        ask(who).unwrap();
        ask(who).unwrap_err();
    }
}

#[test]
fn places_that_nobody_needs_any_more_are_given_to_newcomers() {
    let limits = limits("5/s");
    let ask = |who: usize| limits.count(Limit::Flows, limits.key(who));
    for who in 0..MAX_KEYS {
        ask(who).unwrap();
    }
    std::thread::sleep(Duration::from_millis(1100));
    for who in MAX_KEYS..MAX_KEYS + 100 {
        ask(who).unwrap();
    }
}

#[test]
fn what_is_counted_is_told_apart_only_by_this_process() {
    let (one, other) = (limits("1/s"), limits("1/s"));
    assert_eq!(one.key("taro@x.test"), one.key("taro@x.test"));
    assert_ne!(one.key("taro@x.test"), one.key("hanako@x.test"));
    assert_ne!(one.key("taro@x.test"), other.key("taro@x.test"));
    let known = format!("{:?}", one.key("taro@x.test"));
    assert!(!known.contains("taro"), "{known}");
}
