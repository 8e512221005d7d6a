//! What a page is made of: reading Kratos' answer, asking for it, and the whole page. `cargo bench`.
//!
//! Kratos is played by a socket that always answers the same, so that its time is next to nothing.

#![allow(clippy::unwrap_used, reason = "as in tests")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request};
use clap::Parser;
use divan::Bencher;
use genkan::config::Config;
use genkan::kratos::{Ask, FlowKind, Head, Outcome, read};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tower::ServiceExt;

const FORM: &str = include_str!("../tests/recordings/1.3.1/login_init_200_unified.json");
const KRATOS: &str = "http://127.0.0.1:4433/";
/// Fields beside those of the form.
const FIELDS: [usize; 4] = [0, 10, 50, 200];

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

/// The form of a sign-in with further fields, as Kratos answers it.
fn form(fields: usize) -> Value {
    let mut form: Value = serde_json::from_str(FORM).unwrap();
    let form = &mut form["response"]["json"];
    let nodes = form["ui"]["nodes"].as_array_mut().unwrap();
    for field in 0..fields {
        nodes.push(json!({
            "type": "input", "group": "password", "messages": [],
            "attributes": {"name": format!("field_{field}"), "type": "text", "disabled": false, "node_type": "input"},
            "meta": {"label": {"id": 1_070_002, "text": format!("Field {field}"), "type": "info"}},
        }));
    }
    form.take()
}

fn outcome(body: &[u8]) -> Outcome {
    let head = Head {
        status: 200,
        ..Head::default()
    };
    read(Ask::Get(FlowKind::Login), &head, body)
}

#[divan::bench(args = FIELDS)]
fn parse(bencher: Bencher, fields: usize) {
    let body = form(fields).to_string();
    assert!(matches!(outcome(body.as_bytes()), Outcome::Form { .. }));
    bencher.bench(|| outcome(body.as_bytes()));
}

/// Somebody who answers everything with the same form.
fn stand_in(form: &Value) -> SocketAddr {
    let body = form.to_string();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let answer = answer.clone();
            thread::spawn(move || {
                let mut asked = [0; 16 * 1024];
                // A GET comes in one piece.
                while stream.read(&mut asked).is_ok_and(|length| length > 0) {
                    stream.write_all(answer.as_bytes()).unwrap();
                }
            });
        }
    });
    address
}

#[divan::bench(args = FIELDS)]
fn page(bencher: Bencher, fields: usize) {
    let form = form(fields);
    let id = form["id"].as_str().unwrap();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let kratos = format!("http://{}", stand_in(&form));
    let settings = [
        "genkan",
        "--kratos-public-url",
        &kratos,
        "--kratos-browser-url",
        KRATOS,
        "--public-url",
        "http://localhost:3000",
        "--limit-flows",
        "0",
    ];
    let config = Config::try_parse_from(settings).unwrap();
    let router = runtime.block_on(async { genkan::server::router(config).unwrap() });
    let open = || {
        let peer = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1)));
        let request = Request::builder()
            .method(Method::GET)
            .uri(format!("/login?flow={id}"))
            .header("host", "localhost:3000")
            .header("cookie", "csrf_token_1=x")
            .extension(peer);
        let request = request.body(Body::empty()).unwrap();
        runtime.block_on(async {
            let answer = router.clone().oneshot(request).await.unwrap();
            let status = answer.status();
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            (status, body)
        })
    };
    let (status, body) = open();
    assert_eq!(status, 200);
    let last = format!("field_{}", fields.saturating_sub(1));
    assert!(fields == 0 || String::from_utf8_lossy(&body).contains(&last));
    bencher.bench(open);
}
