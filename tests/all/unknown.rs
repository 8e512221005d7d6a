//! What a newer Kratos says: people get along, and the log speaks of it once. The log is that of the program itself.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command};

use serde_json::{Value, json};

use crate::support::{
    Answer, Browser, How, KRATOS, Kratos, PUBLIC, Recording, fragment_of, free_address, listening,
    page_of, site,
};

/// The program, with a log of its own.
struct Program {
    child: Child,
    log: PathBuf,
}

impl Program {
    async fn start(test: &str) -> (Kratos, Browser, Self) {
        let kratos = Kratos::start().await;
        let address = free_address();
        let log = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}.log"));
        let child = Command::new(env!("CARGO_BIN_EXE_genkan"))
            .env_clear()
            .env("KRATOS_PUBLIC_URL", kratos.url())
            .env("KRATOS_BROWSER_URL", KRATOS)
            .env("PUBLIC_URL", PUBLIC)
            .env("HOST", "127.0.0.1")
            .env("PORT", address.port().to_string())
            .env("RUST_LOG", "warn")
            .env("NO_COLOR", "1")
            .stdout(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        listening(address).await;
        (kratos, Browser::new(address), Self { child, log })
    }

    /// The lines of the log that speak of something unknown.
    fn lines(&self) -> Vec<String> {
        let text = fs::read_to_string(&self.log).unwrap();
        let lines = text.lines().filter(|line| line.contains("does not know"));
        lines.map(str::to_owned).collect()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// A sign-in form with one more node.
fn with_node(node: Value) -> Recording {
    let mut recording = Recording::read("login_init_200_unified");
    let nodes = recording.body_mut()["ui"]["nodes"].as_array_mut().unwrap();
    nodes.push(node);
    recording
}

fn input(group: &str, kind: &str) -> Value {
    json!({
        "type": "input",
        "group": group,
        "attributes": {"name": "x", "type": kind, "value": "of somebody", "disabled": false},
        "messages": [],
        "meta": {},
    })
}

#[tokio::test]
async fn each_unknown_thing_is_warned_of_once() {
    let (kratos, browser, program) = Program::start("each_unknown_thing").await;
    let mut sparkling = input("default", "text");
    sparkling["attributes"]["sparkle"] = json!("of somebody");
    let mut hologram = input("default", "text");
    hologram["type"] = json!("hologram");
    let mut told = Recording::read("login_init_200_unified");
    told.body_mut()["state"] = json!("dreaming");
    told.body_mut()["ui"]["messages"] =
        json!([{"id": 9_999_999, "text": "From a web hook", "type": "info"}]);
    let flows = [
        with_node(input("teleport", "text")),
        with_node(input("default", "rainbow")),
        with_node(sparkling),
        with_node(hologram),
        told,
    ];
    for flow in flows.iter().chain(&flows) {
        let id = kratos.has("login", flow);
        let page = browser.get(&page_of("login", &id)).await;
        page.is_document(200);
    }
    let id = flows[0].id();
    let mut done = Recording::read("login_submit_form_encoded_200");
    let steps = done.body_mut()["continue_with"].as_array_mut().unwrap();
    steps.insert(0, json!({"action": "show_hologram_ui"}));
    steps.insert(0, json!({"action": "set_ory_session_token"}));
    let mut session = Recording::read("whoami_200");
    session.body_mut()["authentication_methods"][0]["method"] = json!("telepathy");
    kratos
        .on("POST /self-service/login", &done)
        .on(
            "GET /self-service/login/browser",
            Answer::json(418, &json!({"error": {"id": "brewing", "code": 418}})),
        )
        .on("GET /sessions/whoami", &session);
    for _ in 0..2 {
        let form = [("identifier", "a@x.test"), ("method", "password")];
        let answer = browser
            .post(How::Plain, &fragment_of("login", &id), &form)
            .await;
        assert_eq!(answer.status, 303);
        assert_eq!(browser.get("/login").await.status, 502);
        browser.get("/welcome").await.is_document(200);
    }

    let lines = program.lines();
    for (kind, name) in [
        ("group", "teleport"),
        ("input", "rainbow"),
        ("attribute", "sparkle"),
        ("node", "hologram"),
        ("state", "dreaming"),
        ("message", "9999999"),
        ("action", "show_hologram_ui"),
        ("error", "brewing"),
        ("method", "telepathy"),
    ] {
        let words = format!("kind={kind} name=\"{name}\"");
        let found = lines.iter().filter(|line| line.contains(&words)).count();
        assert_eq!(found, 1, "{words} in {lines:#?}");
    }
    assert_eq!(lines.len(), 9, "{lines:#?}");
    let values = lines.iter().filter(|line| line.contains("of somebody"));
    assert_eq!(values.count(), 0, "{lines:#?}");
}

#[tokio::test]
async fn what_has_an_odd_shape_is_left_out_and_the_rest_is_shown() {
    let (kratos, browser, program) = Program::start("what_has_an_odd_shape").await;
    let mut flow = Recording::read("settings_init_200");
    let ui = &mut flow.body_mut()["ui"];
    let nodes = ui["nodes"].as_array_mut().unwrap();
    for node in &mut *nodes {
        let attributes = node["attributes"].as_object_mut().unwrap();
        attributes.insert("autocomplete".to_owned(), json!(["on", 3]));
        attributes.insert("width".to_owned(), json!("wide"));
    }
    nodes.push(json!("no node at all"));
    nodes.push(json!({"type": 7, "attributes": {}}));
    nodes[0]["messages"] = json!([{"text": "no number"}, {"id": 9_990_001, "text": "A field is odd", "type": "error"}]);
    nodes[0]["meta"] = json!({"label": ["none"]});
    ui["messages"] =
        json!(["no message", {"id": 9_990_002, "text": "The form is odd", "type": "error"}]);
    let id = kratos.has("settings", &flow);

    let page = browser
        .get(&format!("{}&section=totp", page_of("settings", &id)))
        .await;

    page.is_document(200);
    assert_eq!(page.count("img.qr[src^='data:image/png']"), 1);
    assert_eq!(page.count("input[name=totp_code]"), 1);
    let said = page.summary();
    for text in ["A field is odd", "The form is odd"] {
        assert!(said.contains(&text.to_owned()), "{text} in {said:?}");
    }
    let lines = program.lines();
    for kind in ["node", "attribute", "message"] {
        let words = format!("kind={kind} name=\"of an odd shape\"");
        let found = lines.iter().filter(|line| line.contains(&words)).count();
        assert_eq!(found, 1, "{words} in {lines:#?}");
    }
}

#[tokio::test]
async fn an_odd_next_step_is_left_out_and_the_others_are_taken() {
    for odd in [
        json!({"action": 7}),
        json!({"action": "show_verification_ui", "flow": {}}),
        json!("none"),
    ] {
        let (kratos, browser) = site().await;
        let mut done = Recording::read("registration_submit_code_200");
        let steps = done.body_mut()["continue_with"].as_array_mut().unwrap();
        *steps = vec![
            odd,
            json!({"action": "redirect_browser_to", "redirect_browser_to": "/settings"}),
        ];
        kratos.on("POST /self-service/registration", &done);
        let form = [("method", "code")];
        let action = fragment_of("registration", &done.asked_id());
        let answer = browser.post(How::Plain, &action, &form).await;
        assert_eq!(answer.redirects(), "/settings");
    }
}

#[tokio::test]
async fn the_log_of_unknown_things_has_an_end() {
    let (kratos, browser, program) = Program::start("unknown_things_have_an_end").await;
    let mut flow = Recording::read("login_init_200_unified");
    let node = |kind: String| json!({"type": kind, "group": "default", "attributes": {}});
    let nodes = flow.body_mut()["ui"]["nodes"].as_array_mut().unwrap();
    nodes.push(node(format!("one\n{}", "long ".repeat(10_000))));
    nodes.extend((0..300).map(|number| node(format!("node {number}"))));
    let id = kratos.has("login", &flow);
    for _ in 0..2 {
        let page = browser.get(&page_of("login", &id)).await;
        page.is_document(200);
    }
    let lines = program.lines();
    assert_eq!(lines.len(), 201, "{lines:#?}");
    assert!(lines.iter().all(|line| line.len() < 300), "{lines:#?}");
    assert!(lines[0].contains(r#"name="one\nlong long"#), "{}", lines[0]);
}

#[tokio::test]
async fn nothing_that_the_known_versions_say_is_unknown() {
    let (kratos, browser, program) = Program::start("nothing_is_unknown").await;
    for version in ["1.3.1", "26.2"] {
        for recording in Recording::all(version) {
            if !recording.has_answer() || recording.body()["ui"].is_null() {
                continue;
            }
            let kind = recording.path().split('/').nth(2).unwrap();
            let id = kratos.has(kind, &recording);
            browser.get(&page_of(kind, &id)).await;
        }
    }
    let lines = program.lines();
    assert!(lines.is_empty(), "{lines:#?}");
}
