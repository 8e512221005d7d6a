//! What one request may cost: no answer is longer than 256 KB, whatever is asked for, and what is typed comes back in a form of
//! bounded size.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use crate::support::{
    Answer, Browser, HOWS, How, Kratos, Page, Recording, UNLIMITED, always, fragment_of, page_of,
    say, site, site_with, site_without_limits,
};

const MAX_ANSWER: usize = 256 * 1024;
/// Browsers keep no longer cookie, name and attributes included (RFC 6265, 6.1).
const MAX_COOKIE: usize = 4096;
const KINDS: [(&str, &str); 5] = [
    ("login", "login_submit_400_bad_credentials"),
    ("registration", "registration_init_200_legacy_one_step"),
    ("recovery", "recovery_submit_200_sent_email"),
    ("verification", "verification_init_200"),
    ("settings", "settings_init_200"),
];

/// Parameters that pages know, and one that no page knows.
const NAMES: [&str; 14] = [
    "flow",
    "return_to",
    "after_verification_return_to",
    "login_challenge",
    "consent_challenge",
    "logout_challenge",
    "identity_schema",
    "via",
    "instead_of",
    "id",
    "code",
    "token",
    "state",
    "x",
];
const PATHS: [&str; 14] = [
    "/login",
    "/registration",
    "/recovery",
    "/verification",
    "/settings",
    "/welcome",
    "/sessions",
    "/logout",
    "/error",
    "/verify",
    "/nothing",
    "/self-service/login/browser",
    "/self-service/recovery",
    "/self-service/methods/oidc/callback/x",
];
/// Fields of the forms, and names that no form has.
const FIELDS: [&str; 12] = [
    "identifier",
    "password",
    "email",
    "code",
    "method",
    "recovery_address",
    "traits.email",
    "traits.name",
    "traits.name.first",
    "traits.tags",
    "transient_payload",
    "x",
];
/// What becomes longer as markup, as JSON, in an address, or by normalisation.
const GROWING: [&str; 8] = ["\"", "&", "<", "\u{1}", "%", "\u{fdfa}", "あ", "x"];

/// The size of an answer with its headers.
fn size(page: &Page) -> usize {
    let headers = page.headers.iter();
    let headers: usize = headers
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    page.body.len() + headers
}

#[track_caller]
fn is_bounded(page: &Page) {
    assert!(
        size(page) <= MAX_ANSWER,
        "{} of {}",
        size(page),
        page.status
    );
    for cookie in page.set_cookies() {
        assert!(cookie.len() <= MAX_COOKIE, "{} bytes", cookie.len());
    }
}

/// Both a site that refuses no form and one that refuses each.
async fn sites() -> [(Kratos, Browser, Vec<String>); 2] {
    let refusing = [("--limit-attempts", "1/h"), ("--limit-flows", "1/h")];
    let refusing: Vec<_> = UNLIMITED
        .into_iter()
        .filter(|(name, _)| refusing.iter().all(|(known, _)| known != name))
        .chain(refusing)
        .collect();
    [open(&UNLIMITED).await, open(&refusing).await]
}

async fn open(settings: &[(&str, &str)]) -> (Kratos, Browser, Vec<String>) {
    let (kratos, browser) = site_with(settings).await;
    let mut ids = Vec::new();
    for (kind, recording) in KINDS {
        let flow = Recording::read(recording);
        ids.push(kratos.has(kind, &flow));
        kratos.on(&format!("POST /self-service/{kind}"), &flow);
        kratos.on(&format!("GET /self-service/{kind}/browser"), &flow);
    }
    kratos.on("GET /sessions/whoami", "whoami_200");
    (kratos, browser, ids)
}

fn encoded(pairs: &[(&str, String)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// A text of up to so many bytes.
fn long(most: usize) -> impl Strategy<Value = String> {
    (select(&GROWING[..]), 0..=most).prop_map(|(part, size)| part.repeat(size / part.len()))
}

#[test]
fn no_page_is_longer_than_256_kb_whatever_is_in_its_address() {
    let pairs = vec((select(&NAMES[..]), long(12 * 1024)), 0..6);
    let made_up = (select(&PATHS[..]), pairs, any::<bool>(), 0..KINDS.len());
    let fact = async |sites: &[(Kratos, Browser, Vec<String>); 2],
                      (path, mut pairs, names_flow, at): (
        &str,
        Vec<(&str, String)>,
        bool,
        usize,
    )| {
        for (_, browser, ids) in sites {
            let mut path = path;
            if names_flow {
                let page = [
                    "/login",
                    "/registration",
                    "/recovery",
                    "/verification",
                    "/settings",
                ];
                path = page[at];
                pairs.insert(0, ("flow", ids[at].clone()));
            }
            let mut query = encoded(&pairs);
            query.truncate(12_000);
            while query.ends_with('%') || query[..query.len().saturating_sub(1)].ends_with('%') {
                query.pop();
            }
            let page = browser.get(&format!("{path}?{query}")).await;
            is_bounded(&page);
            browser.clear();
        }
    };
    always(file!(), 200, sites, made_up, fact);
}

#[test]
fn no_answer_to_a_form_is_longer_than_256_kb() {
    let pairs = vec((select(&FIELDS[..]), long(8 * 1024)), 0..40);
    let repeated = (select(&FIELDS[..]), long(200), 0..2000_usize)
        .prop_map(|(name, value, times)| vec![(name, value); times]);
    let made_up = (
        0..KINDS.len(),
        prop_oneof![pairs, repeated],
        select(&HOWS[..]),
    );
    let fact = async |sites: &[(Kratos, Browser, Vec<String>); 2],
                      (at, pairs, how): (usize, Vec<(&str, String)>, How)| {
        for (_, browser, ids) in sites {
            let action = fragment_of(KINDS[at].0, &ids[at]);
            // A longer one is refused while it is sent.
            let mut form = encoded(&pairs);
            form.truncate(64_000);
            let page = browser.post_body(how, &action, form, &[]).await;
            is_bounded(&page);
            let page = browser.get(&page_of(KINDS[at].0, &ids[at])).await;
            is_bounded(&page);
            browser.clear();
        }
    };
    always(file!(), 200, sites, made_up, fact);
}

#[tokio::test]
async fn an_answer_of_kratos_that_makes_a_longer_page_is_told_as_broken() {
    let (kratos, browser) = site().await;
    let mut flow = Recording::read("login_init_200_unified");
    let nodes = flow.body_mut()["ui"]["nodes"].as_array_mut().unwrap();
    let field = |at: usize| {
        json!({
            "type": "input", "group": "password", "messages": [],
            "attributes": {"name": format!("field_{at}"), "type": "text", "node_type": "input"},
            "meta": {"label": {"id": 1_070_002, "text": "x".repeat(1000), "type": "info"}},
        })
    };
    nodes.extend((0..300).map(field));
    let id = kratos.has("login", &flow);
    let page = browser.get(&page_of("login", &id)).await;
    page.is_document(502);
    is_bounded(&page);

    let script = Answer::text(200, "text/javascript", &"x".repeat(MAX_ANSWER + 1));
    kratos.on("GET /.well-known/ory/webauthn.js", script);
    let page = browser.get("/.well-known/ory/webauthn.js").await;
    page.is_document(502);
}

#[tokio::test]
async fn an_address_that_is_too_long_is_told_so_and_stays_out_of_its_page() {
    let (kratos, browser) = site_without_limits().await;
    let long = "x".repeat(13 * 1024);
    for path in [
        format!("/login?x={long}"),
        format!("/{long}"),
        format!("/self-service/login/browser?return_to={long}"),
    ] {
        let page = browser.get(&path).await;
        page.is_document(414);
        assert_eq!(page.h1(), say("error-address"));
        assert!(!page.body.contains("xxx"));
    }
    assert!(kratos.received().is_empty());
    // What is taken is in no link but by a name that pages know.
    let page = browser
        .get(&format!("/nothing?x={0}&flow=1&flow={0}", "y".repeat(4000)))
        .await;
    page.is_document(404);
    assert!(!page.body.contains("yyy"));
    assert!(
        page.attrs("footer a", "href")
            .iter()
            .all(|it| it.starts_with("?flow=1&"))
    );
}

#[tokio::test]
async fn of_a_list_of_hundreds_a_part_comes_back() {
    let (kratos, browser) = site_with(&[("--limit-attempts", "1/h")]).await;
    let flow = Recording::read("registration_init_200_legacy_one_step");
    let id = kratos.has("registration", &flow);
    let action = fragment_of("registration", &id);
    let many = vec![("traits.name.first", "x"); 299];
    for how in HOWS {
        browser.post(how, &action, &many).await;
        let page = browser.post(how, &action, &many).await;
        assert_eq!(page.status, 429);
        is_bounded(&page);
        let fields = page.count("input[name='traits.name.first']");
        assert!(fields <= 66, "{fields}");
    }
}
