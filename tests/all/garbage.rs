//! Whatever Kratos says and whatever a browser posts: a page comes back, and never a fault of ours.

use std::cell::Cell;
use std::time::Duration;

use bytes::Bytes;
use genkan::i18n::Locale;
use genkan::kratos::FlowKind;
use http::HeaderMap;
use http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Number, Value, json};
use server_fn::axum::server_fn_paths;
use tokio::time::timeout;

use crate::recordings::{Request, USUAL};
use crate::support::{
    Answer, Browser, HOWS, How, Kratos, Page, Recording, always, site_without_limits,
};

const ID: &str = "90f5b905-3161-4fa3-b8c7-5014e2768ed6";
/// Longer than Genkan waits for Kratos. Who gets nothing by then gets nothing.
const FOR_EVER: Duration = Duration::from_secs(60);

/// Something that no Kratos ever put in that place.
#[derive(Debug, Clone)]
enum Change {
    Drop,
    /// The same twice, beside itself.
    Double,
    Replace(Value),
    /// So many lists around it.
    Wrap(usize),
    /// What stands elsewhere in the same answer.
    Take(Index),
    Rename(String),
}

fn values() -> impl Strategy<Value = Value> {
    let odd = select(vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(65_536),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e308),
        json!(0.1),
        json!(""),
        json!([]),
        json!({}),
        json!([[]]),
        json!([null]),
        json!({"": null}),
        json!("\0"),
        json!("\u{202e}\u{feff}"),
        json!("9999-99-99T99:99:99Z"),
        json!("-275760-09-13T00:00:00.000Z"),
        json!("0000-00-00T00:00:00Z"),
        json!("{\"publicKey\": 1}"),
        json!("{\"credentialOptions\": {\"publicKey\": {}}}"),
        json!("[["),
        json!("://"),
        json!("a".repeat(10_000)),
        json!("{x} %s $1 { $y }"),
        json!("[a](b) [c](javascript:x) ["),
    ]);
    let scalar = prop_oneof![
        4 => odd,
        1 => any::<String>().prop_map(Value::from),
        1 => any::<f64>().prop_map(|it| Number::from_f64(it).map_or(Value::Null, Value::Number)),
        1 => any::<i64>().prop_map(Value::from),
    ];
    scalar.prop_recursive(3, 12, 4, |inner| {
        let key = prop_oneof![
            select(KEYS.to_vec()).prop_map(str::to_owned),
            any::<String>()
        ];
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((key, inner), 0..4).prop_map(|all| Value::from(Map::from_iter(all))),
        ]
    })
}

/// Names that mean something to somebody.
const KEYS: [&str; 20] = [
    "id",
    "ui",
    "nodes",
    "messages",
    "attributes",
    "type",
    "group",
    "name",
    "value",
    "text",
    "context",
    "meta",
    "label",
    "error",
    "continue_with",
    "redirect_browser_to",
    "session",
    "identity",
    "traits",
    "options",
];

fn changes() -> impl Strategy<Value = Vec<(Index, Change)>> {
    let change = prop_oneof![
        2 => Just(Change::Drop),
        2 => Just(Change::Double),
        6 => values().prop_map(Change::Replace),
        1 => (1..120_usize).prop_map(Change::Wrap),
        2 => any::<Index>().prop_map(Change::Take),
        2 => select(KEYS.to_vec()).prop_map(|key| Change::Rename(key.to_owned())),
    ];
    vec((any::<Index>(), change), 1..12)
}

/// The JSON pointers of all there is in a value.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, &format!("{at}/{index}"), all);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                places(field, &format!("{at}/{name}"), all);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn apply(value: &mut Value, at: &Index, change: &Change) {
    let mut all = Vec::new();
    places(value, "", &mut all);
    let place = at.get(&all[..]);
    let taken = match change {
        Change::Take(from) => value.pointer(from.get::<String>(&all)).cloned(),
        Change::Replace(new) => Some(new.clone()),
        Change::Wrap(times) => {
            let old = value.pointer(place).cloned().unwrap_or_default();
            Some((0..*times).fold(old, |inner, _| json!([inner])))
        }
        Change::Drop | Change::Double | Change::Rename(_) => None,
    };
    if let Some(taken) = taken {
        *value.pointer_mut(place).unwrap() = taken;
        return;
    }
    let Some((parent, last)) = place.rsplit_once('/') else {
        return;
    };
    let name = last.replace("~1", "/").replace("~0", "~");
    match value.pointer_mut(parent) {
        Some(Value::Array(items)) => {
            let index: usize = last.parse().unwrap();
            match change {
                Change::Drop => drop(items.remove(index)),
                Change::Double | Change::Rename(_) => items.push(items[index].clone()),
                Change::Replace(_) | Change::Wrap(_) | Change::Take(_) => {}
            }
        }
        Some(Value::Object(fields)) => {
            let Some(old) = fields.get(&name).cloned() else {
                return;
            };
            match change {
                Change::Drop => drop(fields.remove(&name)),
                Change::Rename(new) => {
                    fields.remove(&name);
                    fields.insert(new.clone(), old);
                }
                Change::Double => drop(fields.insert(format!("{name}2"), old)),
                Change::Replace(_) | Change::Wrap(_) | Change::Take(_) => {}
            }
        }
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => {}
    }
}

/// A way to spoil the text itself.
#[derive(Debug, Clone)]
enum Spoil {
    No,
    Cut(Index),
    Put(Index, Vec<u8>),
}

fn spoils() -> impl Strategy<Value = Spoil> {
    let bytes = prop_oneof![
        vec(any::<u8>(), 1..6),
        select(vec![
            "1e999999", "-", "\u{feff}", "\\ud800", "[", "{", "null", "\"", "\0", "nan", ",", "]]",
        ])
        .prop_map(|it| it.as_bytes().to_vec()),
    ];
    prop_oneof![
        8 => Just(Spoil::No),
        1 => any::<Index>().prop_map(Spoil::Cut),
        1 => (any::<Index>(), bytes).prop_map(|(at, bytes)| Spoil::Put(at, bytes)),
    ]
}

fn spoiled(text: String, spoil: &Spoil) -> Bytes {
    let mut bytes = text.into_bytes();
    match spoil {
        Spoil::No => {}
        Spoil::Cut(at) => bytes.truncate(at.index(bytes.len().max(1))),
        Spoil::Put(at, other) => {
            let at = at.index(bytes.len() + 1);
            bytes.splice(at..at, other.iter().copied());
        }
    }
    bytes.into()
}

/// Holds an answer to be a whole one: a page, a panel, a way to go. `of_kratos` is a status that Kratos named.
#[track_caller]
fn is_an_answer(page: &Page, of_kratos: Option<u64>, what: &str) {
    let status = page.status;
    let is_told = of_kratos.is_some_and(|it| it == u64::from(status));
    assert!(
        status < 500 || status == 502 || is_told,
        "{status} of {what}: {}",
        page.body
    );
    let goes = [LOCATION.as_str(), "hx-redirect"];
    if let Some(to) = goes.iter().find_map(|name| page.headers.get(*name)) {
        assert!(to.to_str().is_ok_and(|to| !to.is_empty()), "{what}");
        assert_eq!(page.count("h1"), 0, "{what}: {}", page.body);
    } else if page.header("content-type") == Some("text/html; charset=utf-8") {
        assert!(!page.h1().is_empty(), "{what}: {}", page.body);
        let is_whole =
            page.body.starts_with("<!DOCTYPE html>") && page.body.trim_end().ends_with("</html>");
        let is_panel = page.header("x-ui-fragment") == Some("panel");
        assert_ne!(is_whole, is_panel, "{what}: {}", page.body);
    }
}

/// The status that the page of an error has which Kratos keeps: 500 where none can be read, as long as there is an error.
fn status_of_error(body: &[u8]) -> u64 {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = body["error"]["code"].as_u64().unwrap_or_default();
    if (400..600).contains(&code) {
        code
    } else {
        500
    }
}

/// Every recorded answer, and what makes Genkan ask for it.
fn recorded() -> Vec<Recording> {
    let versions = ["1.3.1", "26.2", "hydra-26.2"];
    let mut all: Vec<Recording> = versions.into_iter().flat_map(Recording::all).collect();
    all.retain(|it| it.has_answer() && !Request::that_get(it).is_empty());
    all
}

#[test]
fn a_changed_answer_of_kratos_is_a_page_or_leads_to_one() {
    let all = recorded();
    assert!(all.len() > 400, "{}", all.len());
    let shown = Cell::new(0);
    let made_up = (
        any::<Index>(),
        changes(),
        spoils(),
        select(&Locale::ALL[..]),
    );
    let set_up = Usual::site;
    always(
        file!(),
        300,
        set_up,
        made_up,
        async |usual, (which, changes, spoil, locale)| {
            let recording = which.get(&all[..]);
            let mut body = recording.body().clone();
            for (at, change) in &changes {
                apply(&mut body, at, change);
            }
            let body = spoiled(body.to_string(), &spoil);
            for request in Request::that_get(recording) {
                let (kratos, browser) = usual.begin_anew();
                let answer = Answer::Said {
                    status: recording.status(),
                    headers: recording.headers(),
                    body: body.clone(),
                };
                kratos.on(
                    &format!("{} {}", recording.method(), recording.path()),
                    answer,
                );
                let what = format!("{request:?} with {}", String::from_utf8_lossy(&body));
                let page = timeout(FOR_EVER, request.send(browser, locale))
                    .await
                    .expect(&what);
                let of_kratos = request
                    .path()
                    .starts_with("/error")
                    .then(|| status_of_error(&body));
                // What is passed on as it is has its own status.
                let relayed = request
                    .path()
                    .starts_with("/self-service")
                    .then_some(u64::from(recording.status()));
                is_an_answer(&page, of_kratos.or(relayed), &what);
                shown.set(shown.get() + usize::from(page.status == 200));
            }
        },
    );
    assert!(shown.get() > 30, "{shown:?}");
}

/// A site without limits, and what its Kratos mostly answers.
struct Usual {
    kratos: Kratos,
    browser: Browser,
    answers: Vec<(&'static str, Answer)>,
}

impl Usual {
    async fn site() -> Self {
        let (kratos, browser) = site_without_limits().await;
        let answers = USUAL.map(|(route, name)| (route, Answer::from(name)));
        Self {
            kratos,
            browser,
            answers: answers.into(),
        }
    }

    /// A Kratos that has heard nothing, and a browser that was not here before.
    fn begin_anew(&self) -> (&Kratos, &Browser) {
        self.kratos.forget();
        self.browser.clear();
        for (route, answer) in &self.answers {
            self.kratos.on(route, answer.clone());
        }
        (&self.kratos, &self.browser)
    }
}

#[test]
fn a_changed_schema_spoils_no_page() {
    let schemas = Recording::read("schemas_200");
    let set_up = async || ();
    let made_up = (changes(), spoils());
    always(
        file!(),
        20,
        set_up,
        made_up,
        async |(), (changes, spoil)| {
            // Schemas are kept for a while, so each case has a Genkan of its own.
            let usual = Usual::site().await;
            let (kratos, browser) = usual.begin_anew();
            let mut body = schemas.body().clone();
            for (at, change) in &changes {
                apply(&mut body, at, change);
            }
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            let body = spoiled(body.to_string(), &spoil);
            let answer = Answer::Said {
                status: 200,
                headers,
                body,
            };
            kratos.on("GET /schemas", answer);
            let flow = Recording::read("registration_init_200_legacy_one_step");
            let path = format!("/registration?flow={}", flow.id());
            let page = timeout(FOR_EVER, browser.get(&path)).await;
            page.unwrap().is_document(200);
        },
    );
}

/// Deeper and larger than any reader bears.
#[tokio::test]
async fn an_answer_without_measure_is_told_as_broken() {
    let deep =
        |open: &str, close: &str| format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
    let bodies = [
        deep("[", "]"),
        deep("{\"ui\":", "}"),
        deep("{\"error\":{\"details\":", "}}"),
        "[".repeat(1_000_000),
        "\"".to_owned() + &"\\u0000".repeat(300_000),
        "9".repeat(1_000_000),
        format!("1{}", "0".repeat(400)) + "e400",
        " ".repeat(3 * 1024 * 1024),
    ];
    for body in bodies {
        let (kratos, browser) = site_without_limits().await;
        for route in [
            "GET /self-service/login/flows",
            "GET /sessions/whoami",
            "POST /self-service/login",
            "GET /self-service/errors",
        ] {
            kratos.on(route, Answer::text(200, "application/json", &body));
        }
        for path in [
            &*format!("/login?flow={ID}"),
            "/welcome",
            "/sessions",
            "/error?id=stub:500",
        ] {
            let page = browser.get(path).await;
            assert!(matches!(page.status, 502 | 503), "{}", page.status);
            page.is_document(page.status);
        }
        for how in HOWS {
            let page = browser
                .post(how, &format!("/fragments/login?flow={ID}"), &[("a", "b")])
                .await;
            assert!(matches!(page.status, 502 | 503), "{}", page.status);
        }
    }
}

/// Names that forms have.
const FIELDS: [&str; 24] = [
    "method",
    "csrf_token",
    "identifier",
    "password",
    "code",
    "email",
    "resend",
    "screen",
    "recovery_address",
    "recovery_select_address",
    "recovery_confirm_address",
    "traits.email",
    "traits.name.first",
    "traits.tags[]",
    "traits",
    "totp_code",
    "lookup_secret",
    "passkey_register",
    "webauthn_register",
    "webauthn_remove",
    "session",
    "others",
    "transient_payload",
    "grant_scope",
];

fn forms() -> impl Strategy<Value = Vec<u8>> {
    let name =
        prop_oneof![3 => select(FIELDS.to_vec()).prop_map(str::to_owned), 1 => any::<String>()];
    let value = prop_oneof![
        2 => select(vec![
            "", "password", "code", "profile", "oidc", "true", "a@x.test", "123 456", "１２３４５６", "previous", "[]", "{\"a\":",
            ID, "\0", "\u{fffd}", "null", "-0", "1e999",
        ])
        .prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    let pairs = vec((name, value), 0..10).prop_map(|pairs| {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish()
            .into_bytes()
    });
    prop_oneof![
        4 => pairs,
        1 => vec(any::<u8>(), 0..200),
        1 => "[%&=+;a-z0-9\\[\\].]{0,80}".prop_map(String::into_bytes),
    ]
}

fn queries() -> impl Strategy<Value = String> {
    let name = select(vec![
        "flow",
        "flow",
        "flow",
        "again",
        "section",
        "factor",
        "resend",
        "lang",
        "theme",
        "return_to",
        "aal",
        "refresh",
        "login_challenge",
        "instead_of",
        "consent_challenge",
        "identity_schema",
    ]);
    let value = prop_oneof![
        3 => Just(ID.to_owned()),
        1 => select(vec!["", "1", "true", "password", "totp", "ja", "dark", "/welcome", "aal2", "../x"]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    vec((name, value), 0..5).prop_map(|pairs| {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish()
    })
}

/// What Kratos says to a form.
const SAID: [&str; 8] = [
    "login_submit_400_bad_credentials",
    "login_submit_403_csrf",
    "login_submit_422_aal2_required",
    "login_submit_expired",
    "login_submit_form_encoded_200",
    "recovery_submit_200_sent_email",
    "registration_submit_400_already_logged_in",
    "recovery_submit_too_many_continue_with",
];

#[test]
fn whatever_is_posted_is_answered() {
    let actions: Vec<&str> = server_fn_paths().map(|(path, _)| path).collect();
    assert!(actions.len() > 7, "{actions:?}");
    let shown = Cell::new(0);
    let made_up = (
        select(actions),
        queries(),
        forms(),
        select(&HOWS[..]),
        select(&SAID[..]),
        any::<bool>(),
    );
    let set_up = Usual::site;
    always(
        file!(),
        400,
        set_up,
        made_up,
        async |usual, (action, query, form, how, said, is_known)| {
            let (kratos, browser) = usual.begin_anew();
            let mut said = Recording::read(said);
            if is_known && said.body()["ui"].is_object() {
                said.body_mut()["id"] = ID.into();
            }
            for kind in FlowKind::all().map(FlowKind::name) {
                kratos.on(&format!("POST /self-service/{kind}"), &said);
            }
            let path = format!("{action}?{query}");
            let sent = browser.post_body(how, &path, form, &[]);
            let page = timeout(FOR_EVER, sent).await.unwrap();
            is_an_answer(&page, None, action);
            if how == How::Htmx {
                assert_eq!(page.header("location"), None, "htmx never sees a redirect");
            }
            shown.set(shown.get() + usize::from(matches!(page.status, 200 | 422)));
        },
    );
    assert!(shown.get() > 100, "{shown:?}");
}
