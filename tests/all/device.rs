//! The code that a device without a keyboard shows. Kratos' stand-in plays Hydra.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Browser, HOWS, How, Kratos, said, say, site, site_with_hydra};
use genkan::i18n::Locale;

const PAGE: &str = "/device?device_challenge=d%3D%3D";
const ACTION: &str = "/fragments/device";
const ACCEPT: &str = "/admin/oauth2/auth/requests/device/accept";
const ON: &str = "http://127.0.0.1:4644/oauth2/device/verify?client_id=x&device_verifier=v";

/// A Hydra at which a device waits with this code.
async fn waiting(answer: Answer) -> (Kratos, Browser) {
    let (kratos, browser) = site_with_hydra(&[]).await;
    kratos.on(&format!("PUT {ACCEPT}"), answer);
    (kratos, browser)
}

fn accepted() -> Answer {
    Answer::json(200, &json!({"redirect_to": ON}))
}

/// The codes that Hydra was asked about.
fn tried(kratos: &Kratos) -> Vec<String> {
    let asked = kratos.received_on(&Method::PUT, ACCEPT);
    let code = |body: &[u8]| {
        let body: Value = serde_json::from_slice(body).unwrap();
        body["user_code"].as_str().unwrap().to_owned()
    };
    asked.iter().map(|it| code(&it.body)).collect()
}

#[tokio::test]
async fn the_page_asks_for_the_code_and_changes_nothing() {
    for locale in Locale::ALL {
        let (kratos, browser) = waiting(accepted()).await;
        let page = browser.get(&format!("{PAGE}&lang={locale}")).await;
        page.is_document(200);
        assert_eq!(page.h1(), said(locale, "device", &[]));
        let leads = ["device-lead", "device-warning"].map(|key| said(locale, key, &[]));
        assert_eq!(page.texts("#panel > p"), leads);
        assert_eq!(page.focus().as_deref(), Some("user_code"));
        assert_eq!(page.value("device_challenge").as_deref(), Some("d=="));
        assert!(kratos.received().is_empty());
    }
}

#[tokio::test]
async fn a_code_that_the_device_brings_is_compared_and_not_sent_at_once() {
    let (kratos, browser) = waiting(accepted()).await;
    let page = browser.get(&format!("{PAGE}&user_code=ABCDEFGH")).await;
    assert_eq!(page.value("user_code").as_deref(), Some("ABCDEFGH"));
    assert!(page.texts("#panel > p").contains(&say("device-compare")));
    assert!(kratos.received().is_empty());
}

#[tokio::test]
async fn a_right_code_goes_on_to_hydra() {
    for how in HOWS {
        let (kratos, browser) = waiting(accepted()).await;
        let form = [("device_challenge", "d=="), ("user_code", " ABcd-EFGH ")];
        let page = browser.post(how, ACTION, &form).await;
        let to = match how {
            How::Plain => page.attr("#panel a", "href").unwrap(),
            How::Htmx => page.leads(how).to_owned(),
        };
        assert_eq!(to, ON);
        assert_eq!(tried(&kratos), ["ABcdEFGH"]);
        let asked = kratos.received_on(&Method::PUT, ACCEPT);
        assert_eq!(asked[0].parameter("device_challenge"), Some("d=="));
    }
}

#[tokio::test]
async fn a_wrong_code_and_an_empty_one_are_told_at_the_field() {
    for (code, words, tries) in [
        ("abcd", "device-code-wrong", &["abcd", "ABCD"][..]),
        ("ABCD", "device-code-wrong", &["ABCD"][..]),
        (" - ", "flash-missing", &[][..]),
        ("", "flash-missing", &[][..]),
    ] {
        for how in HOWS {
            let (kratos, browser) = waiting(Answer::error(400)).await;
            let form = [("device_challenge", "d=="), ("user_code", code)];
            let page = browser.post(how, ACTION, &form).await;
            let page = match how {
                How::Htmx => page,
                How::Plain => browser.get(page.redirects()).await,
            };
            assert_eq!(
                page.attr("#user_code", "aria-invalid").as_deref(),
                Some("true")
            );
            let error = page.text("#user_code-error").unwrap();
            assert!(error.contains(&say(words)), "{error}");
            assert_eq!(page.summary(), [say(words)]);
            assert_eq!(tried(&kratos), tries);
        }
    }
}

#[tokio::test]
async fn a_challenge_that_is_over_leads_back_to_the_device() {
    for (status, shown) in [(401, 400), (404, 400), (500, 502)] {
        let (_, browser) = waiting(Answer::error(status)).await;
        let form = [("device_challenge", "d"), ("user_code", "ABCD")];
        let page = browser.post(How::Plain, ACTION, &form).await;
        page.is_document(shown);
    }
    let (_, browser) = waiting(accepted()).await;
    browser.get("/device").await.is_document(400);
    let page = browser
        .post(How::Plain, ACTION, &[("user_code", "A")])
        .await;
    page.is_document(400);
}

#[tokio::test]
async fn a_way_on_that_is_no_address_of_the_web_is_not_gone() {
    let evil = json!({"redirect_to": "javascript:alert(1)"});
    let (_, browser) = waiting(Answer::json(200, &evil)).await;
    let form = [("device_challenge", "d"), ("user_code", "ABCD")];
    let page = browser.post(How::Plain, ACTION, &form).await;
    page.is_document(502);
    assert!(!page.body.contains("javascript:"));
}

#[tokio::test]
async fn another_site_cannot_connect_a_device() {
    for how in HOWS {
        let (kratos, browser) = waiting(accepted()).await;
        let foreign = [
            ("origin", "https://evil.test"),
            ("sec-fetch-site", "cross-site"),
        ];
        let form = [("device_challenge", "d"), ("user_code", "ABCD")];
        let page = browser.post_with(how, ACTION, &form, &foreign).await;
        assert_eq!(page.status, 403);
        assert!(kratos.received().is_empty());
    }
}

#[tokio::test]
async fn codes_cannot_be_guessed_without_end() {
    let settings = [("--limit-attempts", "3/m")];
    let (kratos, browser) = site_with_hydra(&settings).await;
    kratos.on(&format!("PUT {ACCEPT}"), Answer::error(400));
    let form = [("device_challenge", "d"), ("user_code", "ABCD")];
    for _ in 0..3 {
        browser.post(How::Plain, ACTION, &form).await.redirects();
    }
    let page = browser.post(How::Plain, ACTION, &form).await;
    page.is_document(429);
    assert_eq!(tried(&kratos).len(), 3);
}

#[tokio::test]
async fn the_end_is_a_page_and_without_hydra_there_is_none() {
    let (_, browser) = waiting(accepted()).await;
    let page = browser.get("/device/done?client_id=x").await;
    page.is_document(200);
    assert_eq!(page.h1(), say("device-done"));
    let (_, browser) = site().await;
    for path in [PAGE, "/device/done"] {
        browser.get(path).await.is_document(404);
    }
    let page = browser
        .post(How::Plain, ACTION, &[("device_challenge", "d")])
        .await;
    page.is_document(404);
}
