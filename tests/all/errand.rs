//! What an application waits for, and what was typed for it, outlives a provider, a lost flow, and
//! a sign-up without a session.

use serde_json::json;

use crate::support::{Answer, HOWS, fragment_of, page_of, say, say_with, site, site_with_hydra};

const ID: &str = "90f5b905-3161-4fa3-b8c7-5014e2768ed6";
const SIGN_IN: [(&str, &str); 3] = [
    ("method", "password"),
    ("identifier", "a1@x.test"),
    ("password", "correct horse"),
];

/// The form of a flow, with the challenge that it carries.
fn form_of(kind: &str) -> String {
    format!("{}&login_challenge=c", fragment_of(kind, ID))
}

/// What Kratos answers to a flow whose challenge Hydra does not take, with Hydra's status.
fn refused(code: u16, by_hydra: Option<u16>) -> Answer {
    let mut error = json!({
        "code": code,
        "reason": "Unable to get OAuth 2.0 Login Challenge.",
    });
    if let Some(status) = by_hydra {
        error["details"] = json!({"oauth2_error_hint": "", "status_code": status});
    }
    Answer::json(code, &json!({ "error": error }))
}

#[tokio::test]
async fn an_open_page_whose_challenge_is_over_says_so() {
    for kind in ["login", "registration"] {
        for by_hydra in [401, 404, 410] {
            let (kratos, browser) = site_with_hydra(&[]).await;
            let answer = refused(400, Some(by_hydra));
            kratos.on(&format!("GET /self-service/{kind}/flows"), answer);
            let here = format!("{}&login_challenge=c", page_of(kind, ID));
            let page = browser.get(&here).await;
            page.is_document(400);
            assert_eq!(page.h1(), say("error-application"));
            let said = page.testid("ui/error/message");
            assert_eq!(said, Some(say("error-application-lead")));

            let login = json!({"client": {"client_id": "x", "client_name": "Shop"}});
            let hydra = "GET /admin/oauth2/auth/requests/login";
            kratos.on(hydra, Answer::json(200, &login));
            let named = say_with("error-application-named", &[("client", "Shop")]);
            for how in HOWS {
                let page = browser.post(how, &form_of(kind), &SIGN_IN).await;
                assert_eq!(page.status, 400);
                assert_eq!(page.testid("ui/error/message").as_ref(), Some(&named));
            }
        }
    }
}

#[tokio::test]
async fn an_open_page_says_that_hydra_does_not_answer() {
    for kind in ["login", "registration"] {
        let (kratos, browser) = site().await;
        let answer = refused(500, None);
        kratos.on(&format!("GET /self-service/{kind}/flows"), answer);
        let here = format!("{}&login_challenge=c", page_of(kind, ID));
        let page = browser.get(&here).await;
        page.is_document(503);
        assert_eq!(page.h1(), say("error-service"));
        for how in HOWS {
            let page = browser.post(how, &form_of(kind), &SIGN_IN).await;
            assert_eq!(page.status, 503);
        }
    }
}
