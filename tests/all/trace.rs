//! What an operator's tracing is told.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use bytes::Bytes;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use reqwest::Method;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use crate::support::{
    Browser, How, KRATOS, Kratos, PUBLIC, Recording, fragment_of, free_address, listening,
};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const AROUND: &str = "00f067aa0ba902b7";

struct Program(Child);

impl Program {
    async fn start(kratos: &Kratos, collector: &str) -> (Self, Browser) {
        let address = free_address();
        let child = Command::new(env!("CARGO_BIN_EXE_genkan"))
            .env_clear()
            .env("KRATOS_PUBLIC_URL", kratos.url())
            .env("KRATOS_BROWSER_URL", KRATOS)
            .env("PUBLIC_URL", PUBLIC)
            .env("PORT", address.port().to_string())
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector)
            .env("OTEL_SERVICE_NAME", "front-door")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        listening(address).await;
        (Self(child), Browser::new(address))
    }

    /// Ends as an operator ends it. The log.
    async fn end(mut self) -> String {
        let pid = self.0.id().to_string();
        Command::new("kill").arg(pid).status().unwrap();
        for _ in 0..400 {
            if let Some(status) = self.0.try_wait().unwrap() {
                assert!(status.success());
                let mut log = String::new();
                let mut written = self.0.stdout.take().unwrap();
                written.read_to_string(&mut log).unwrap();
                return log;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("it does not end");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // An error means that it has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where spans are sent, and what was sent.
async fn collector() -> (String, mpsc::UnboundedReceiver<Bytes>) {
    let (send, sent) = mpsc::unbounded_channel();
    let take = move |body: Bytes| {
        send.send(body).unwrap();
        async {}
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/v1/traces", post(take));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, sent)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn says(span: &Span, key: &str) -> String {
    let attribute = span.attributes.iter().find(|it| it.key == key);
    format!("{:?}", attribute.unwrap().value)
}

#[tokio::test]
async fn a_request_is_a_span_of_the_browsers_trace_and_kratos_has_its_part_in_it() {
    let (address, mut sent) = collector().await;
    let kratos = Kratos::start().await;
    let (program, browser) = Program::start(&kratos, &address).await;
    let id = kratos.has_flow("login", "login_init_200_unified");
    let trace = format!("00-{TRACE}-{AROUND}-01");
    browser
        .get_with(&format!("/login?flow={id}"), &[("traceparent", &trace)])
        .await;
    let method = Method::from_bytes(b"S3CRET").unwrap();
    browser.ask(method, "/login", &[]).await;
    let log = program.end().await;
    assert!(!log.contains("will be lost"), "{log}");

    let told = kratos.received();
    let told = told[0].header("traceparent").unwrap().to_owned();
    let body = timeout(Duration::from_secs(5), sent.recv()).await;
    let body = body.unwrap().unwrap();
    for private in [&*id.to_string(), "S3CRET"] {
        assert!(!String::from_utf8_lossy(&body).contains(private));
    }
    let heard = ExportTraceServiceRequest::decode(body).unwrap();
    let resource = format!("{:?}", heard.resource_spans[0].resource);
    assert!(resource.contains("front-door"), "{resource}");
    let spans: Vec<&Span> = heard.resource_spans[0]
        .scope_spans
        .iter()
        .flat_map(|scope| &scope.spans)
        .collect();
    let named = |name: &str| {
        let span = spans.iter().find(|span| span.name == name);
        *span.unwrap_or_else(|| panic!("{name} in {spans:?}"))
    };
    let served = named("GET /login");
    assert_eq!(hex(&served.trace_id), TRACE);
    assert_eq!(hex(&served.parent_span_id), AROUND);
    assert!(says(served, "http.response.status_code").contains("200"));
    let asked = spans.iter().find(|span| told.contains(&hex(&span.span_id)));
    let asked = asked.unwrap_or_else(|| panic!("{told} in {spans:?}"));
    assert_eq!(hex(&asked.trace_id), TRACE);
    assert_eq!(asked.parent_span_id, served.span_id);
}

#[tokio::test]
async fn a_collector_that_is_away_keeps_nobody_waiting_and_is_told() {
    let kratos = Kratos::start().await;
    let (program, browser) = Program::start(&kratos, "http://127.0.0.1:9").await;
    let flow = Recording::read("login_submit_400_bad_credentials");
    let id = kratos.has("login", &flow);
    kratos.on("POST /self-service/login", &flow);
    let form = [
        ("method", "password"),
        ("identifier", "a"),
        ("password", "b"),
    ];
    let answer = browser
        .post(How::Htmx, &fragment_of("login", &id), &form)
        .await;
    assert_eq!(answer.status, 422);
    let log = program.end().await;
    assert!(log.contains("telemetry data will be lost"), "{log}");
}
