//! No page leads to what Kratos has switched off.

use http::Method;
use serde_json::json;

use crate::support::{Answer, Browser, Kratos, NO_FLOW, page_of, say, site};

const KINDS: [&str; 3] = ["registration", "recovery", "verification"];

/// Has Kratos say that a kind of flow is off, as 1.3.1 and 26.2 do: with an id for a sign-up, else with words.
fn switch_off(kratos: &Kratos, kind: &str) {
    let error = if kind == "registration" {
        json!({"id": "self_service_flow_disabled", "code": 400, "message": "registration flow disabled"})
    } else {
        json!({"code": 400, "reason": format!("{kind} is not allowed because it was disabled.")})
    };
    kratos.on(
        &format!("GET /self-service/{kind}/flows?id={NO_FLOW}"),
        Answer::json(400, &json!({ "error": error })),
    );
}

/// The links of the pages that name these flows.
async fn links(kratos: &Kratos, browser: &Browser) -> Vec<String> {
    let id = kratos.has_flow("login", "login_init_200_unified");
    let mut links = browser
        .get(&page_of("login", &id))
        .await
        .attrs("main a", "href");
    kratos.on("GET /sessions/whoami", "whoami_401");
    links.extend(browser.get("/welcome").await.attrs("main a", "href"));
    links
}

#[tokio::test]
async fn a_page_leads_to_every_flow_that_is_on() {
    let (kratos, browser) = site().await;
    let links = links(&kratos, &browser).await;
    for kind in KINDS {
        let start = format!("/{kind}");
        assert!(links.iter().any(|it| it.starts_with(&start)), "{links:?}");
    }
    let page = browser.get("/welcome").await;
    assert_eq!(page.text("main p"), Some(say("welcome-lead")));
}

#[tokio::test]
async fn a_page_leads_to_no_flow_that_is_off() {
    for off in KINDS {
        let (kratos, browser) = site().await;
        switch_off(&kratos, off);
        let links = links(&kratos, &browser).await;
        for kind in KINDS {
            let start = format!("/{kind}");
            let is_there = links.iter().any(|it| it.starts_with(&start));
            assert_eq!(is_there, kind != off, "{kind}: {links:?}");
        }
    }
}

#[tokio::test]
async fn the_welcome_page_speaks_of_no_sign_up_that_is_off() {
    let (kratos, browser) = site().await;
    switch_off(&kratos, "registration");
    kratos.on("GET /sessions/whoami", "whoami_401");
    let page = browser.get("/welcome").await;
    assert_eq!(page.text("main p"), Some(say("welcome-lead-closed")));
}

#[tokio::test]
async fn an_address_is_not_to_be_confirmed_where_that_is_off() {
    for is_off in [false, true] {
        let (kratos, browser) = site().await;
        if is_off {
            switch_off(&kratos, "verification");
        }
        kratos.on("GET /sessions/whoami", "whoami_200");
        let id = kratos.has_flow("settings", "settings_init_200");
        let profile = format!("{}&section=profile", page_of("settings", &id));
        for path in ["/welcome", &profile] {
            let links = browser.get(path).await.attrs("main a", "href");
            let is_there = links.contains(&"/verification".to_owned());
            assert_eq!(is_there, !is_off, "{path}: {links:?}");
        }
        let id = kratos.has_flow("login", "login_submit_400_address_not_verified");
        let page = browser.get(&page_of("login", &id)).await;
        let links = page.attrs("main a", "href");
        let is_there = links.iter().any(|it| it.starts_with("/verification"));
        assert_eq!(is_there, !is_off, "{links:?}");
    }
}

/// It is configuration, the same for everybody, and makes no flow.
#[tokio::test]
async fn kratos_is_asked_once_what_is_on() {
    let (kratos, browser) = site().await;
    kratos.on("GET /sessions/whoami", "whoami_401");
    for _ in 0..3 {
        browser.get("/welcome").await.is_document(200);
    }
    assert_eq!(kratos.is_asked_what_is_on(), KINDS.len());
    for kind in KINDS {
        let path = format!("/self-service/{kind}/browser");
        assert!(kratos.received_on(&Method::GET, &path).is_empty());
    }
}
