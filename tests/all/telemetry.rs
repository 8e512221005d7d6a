//! What is counted for an operator's monitoring.

use std::io::Read;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use crate::support::{
    Browser, HOWS, How, KRATOS, Kratos, PUBLIC, Recording, fragment_of, free_address, listening,
};

/// A Genkan that counts, and where it says so.
struct Program {
    child: Child,
    metrics: SocketAddr,
}

impl Program {
    async fn start() -> (Kratos, Browser, Self) {
        let kratos = Kratos::start().await;
        let (address, metrics) = (free_address(), free_address());
        let child = Command::new(env!("CARGO_BIN_EXE_genkan"))
            .env_clear()
            .env("KRATOS_PUBLIC_URL", kratos.url())
            .env("KRATOS_BROWSER_URL", KRATOS)
            .env("PUBLIC_URL", PUBLIC)
            .env("PORT", address.port().to_string())
            .env("METRICS_ADDRESS", metrics.to_string())
            .env("LIMIT_ACCOUNT_ATTEMPTS", "2/h")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        listening(address).await;
        (kratos, Browser::new(address), Self { child, metrics })
    }

    /// Ends it, and returns what it has logged.
    fn log(mut self) -> String {
        self.child.kill().unwrap();
        let mut log = String::new();
        let mut stdout = self.child.stdout.take().unwrap();
        stdout.read_to_string(&mut log).unwrap();
        log
    }

    async fn counts(&self) -> String {
        let page = Browser::new(self.metrics).get("/metrics").await;
        assert_eq!(page.status, 200);
        assert!(
            page.header("content-type")
                .unwrap()
                .starts_with("text/plain")
        );
        page.body
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// The figure of a line, whatever the order of its labels.
#[track_caller]
fn figure(counts: &str, name: &str, labels: &[&str]) -> f64 {
    let is_it = |line: &&str| {
        let (shown, _) = line.split_once(['{', ' ']).unwrap_or_default();
        shown == name && labels.iter().all(|label| line.contains(label))
    };
    let line = counts.lines().find(is_it);
    let line = line.unwrap_or_else(|| panic!("{name} {labels:?} in {counts}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn what_people_do_is_counted_and_tells_nobody_apart() {
    let (kratos, browser, program) = Program::start().await;
    let flow = Recording::read("login_submit_400_bad_credentials");
    let id = kratos.has("login", &flow);
    kratos.on("GET /self-service/login/browser", "login_init_200_unified");
    kratos.on("POST /self-service/login", &flow);
    let form = [
        ("method", "password"),
        ("identifier", "taro@x.test"),
        ("password", "secret one"),
    ];

    browser.get("/login").await.redirects();
    for how in HOWS {
        browser.post(how, &fragment_of("login", &id), &form).await;
    }
    browser
        .post(How::Plain, &fragment_of("login", &id), &form)
        .await;
    // Where an application begins one.
    kratos.on("GET /self-service/login/browser", "login_init_html_303");
    browser.get("/self-service/login/browser").await.redirects();
    browser.get("/nothing?email=taro@x.test").await;
    let counts = program.counts().await;

    let requests = "genkan_request_duration_seconds_count";
    assert_eq!(
        figure(&counts, "genkan_flows_opened_total", &["flow=\"login\""]),
        2.0
    );
    let wrong = ["flow=\"login\"", "message=\"4000006\""];
    assert_eq!(figure(&counts, "genkan_flow_messages_total", &wrong), 2.0);
    for (event, times) in [("sign_in_failed", 2.0), ("limited", 1.0)] {
        let label = format!("event=\"{event}\"");
        assert_eq!(figure(&counts, "genkan_events_total", &[&label]), times);
    }
    assert_eq!(
        figure(&counts, requests, &["route=\"/login\"", "status=\"303\""]),
        1.0
    );
    let posts = ["route=\"/fragments/login\"", "status=\"422\""];
    assert_eq!(figure(&counts, requests, &posts), 1.0);
    assert_eq!(
        figure(&counts, requests, &["route=\"none\"", "status=\"404\""]),
        1.0
    );
    let asked = "genkan_kratos_duration_seconds_count";
    assert_eq!(figure(&counts, asked, &["call=\"submit\""]), 2.0);
    for secret in ["taro", "secret", &id] {
        assert!(!counts.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_kratos_that_does_not_answer_or_fails_is_counted() {
    let (kratos, browser, program) = Program::start().await;
    kratos.on(
        "GET /self-service/login/browser",
        crate::support::Answer::Torn,
    );
    assert_eq!(browser.get("/login").await.status, 503);
    kratos.on(
        "GET /self-service/login/browser",
        crate::support::Answer::error(500),
    );
    browser.get("/login").await;

    let counts = program.counts().await;

    let errors = figure(&counts, "genkan_kratos_errors_total", &["call=\"init\""]);
    assert_eq!(errors, 2.0);
}

#[tokio::test]
async fn every_series_whose_labels_are_known_begins_at_zero() {
    let (_kratos, _browser, program) = Program::start().await;

    let counts = program.counts().await;

    for flow in [
        "login",
        "registration",
        "recovery",
        "verification",
        "settings",
    ] {
        let flow = format!("flow=\"{flow}\"");
        for name in ["genkan_flows_opened_total", "genkan_flows_finished_total"] {
            assert_eq!(figure(&counts, name, &[&flow]), 0.0);
        }
    }
    for event in ["limited", "sign_in_failed", "foreign_origin"] {
        let event = format!("event=\"{event}\"");
        assert_eq!(figure(&counts, "genkan_events_total", &[&event]), 0.0);
    }
    for call in [
        "init", "get", "submit", "whoami", "sessions", "revoke", "relay",
    ] {
        let call = format!("call=\"{call}\"");
        assert_eq!(figure(&counts, "genkan_kratos_errors_total", &[&call]), 0.0);
    }
}

#[tokio::test]
async fn a_failure_of_kratos_is_logged_as_one_with_what_was_asked() {
    let (kratos, browser, program) = Program::start().await;
    let id = "9f425a8d-7efc-4768-8f23-7647a74fdf13";
    let failed = || crate::support::Answer::error(500);
    kratos.on("GET /self-service/login/browser", failed());
    kratos.on("GET /self-service/login/flows", failed());
    let page = browser.get("/login?return_to=/secret").await;
    let request_id = page.header("x-request-id").unwrap().to_owned();
    browser.get(&format!("/login?flow={id}")).await;
    // Where an application begins one, the answer goes on as it is.
    browser.get("/self-service/login/browser").await;

    let log = program.log();

    let lines: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("Kratos failed"))
        .collect();
    assert_eq!(lines.len(), 3, "{log}");
    for line in &lines {
        assert!(
            line.contains("ERROR") && line.contains("kratos.status=500"),
            "{line}"
        );
        assert!(line.contains("method=GET"), "{line}");
    }
    assert!(
        lines[0].contains("path=\"/self-service/login/browser\""),
        "{log}"
    );
    assert!(lines[0].contains(&request_id), "{log}");
    assert!(
        lines[1].contains("path=\"/self-service/login/flows\""),
        "{log}"
    );
    assert!(!log.contains(id) && !log.contains("secret"), "{log}");
    assert!(!log.contains("out of turn"), "{log}");
}

#[tokio::test]
async fn pages_tell_nothing_of_what_is_counted() {
    let (_, browser, _program) = Program::start().await;
    assert_eq!(browser.get("/metrics").await.status, 404);
}

#[test]
fn the_dashboard_asks_for_what_is_counted() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let counted = [read("src/telemetry.rs"), read("src/kratos/client.rs")].concat();
    let dashboard: serde_json::Value = serde_json::from_str(&read("docs/grafana.json")).unwrap();
    let mut asked = 0;
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().unwrap() {
            let words = target["expr"]
                .as_str()
                .unwrap()
                .split(|it: char| !it.is_alphanumeric() && it != '_');
            for name in words.filter(|word| word.starts_with("genkan_")) {
                let name = name.trim_end_matches("_bucket").trim_end_matches("_count");
                assert!(counted.contains(&format!("\"{name}\"")), "{name}");
                asked += 1;
            }
        }
    }
    assert!(asked > 8, "{asked}");
}
