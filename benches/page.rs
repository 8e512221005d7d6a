//! What a page is made of: reading Kratos' answer, asking for it, the whole page, and what is refused. `cargo bench`.
//!
//! Kratos is played by a socket that always answers the same, so that its time is next to nothing.

#![allow(clippy::unwrap_used, reason = "as in tests")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, request};
use clap::Parser;
use divan::Bencher;
use genkan::config::Config;
use genkan::kratos::{Ask, FlowKind, Head, Outcome, read};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
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
                while stream.read(&mut asked).is_ok_and(|length| length > 0)
                    && stream.write_all(answer.as_bytes()).is_ok()
                {}
            });
        }
    });
    address
}

/// A Genkan before a Kratos that always answers with this form, and what it runs on.
fn genkan(form: &Value, settings: &[&str]) -> (Runtime, Router) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let kratos = format!("http://{}", stand_in(form));
    let common = [
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
    let config = Config::try_parse_from(common.iter().chain(settings)).unwrap();
    let router = runtime.block_on(async { genkan::server::router(config).unwrap() });
    (runtime, router)
}

/// Asks, and reads the whole answer.
fn ask(runtime: &Runtime, router: &Router, request: request::Builder, body: Body) -> (u16, Bytes) {
    let peer = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1)));
    let request = request.header("host", "localhost:3000").extension(peer);
    let request = request.body(body).unwrap();
    runtime.block_on(async {
        let answer = router.clone().oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, body)
    })
}

#[divan::bench(args = FIELDS)]
fn page(bencher: Bencher, fields: usize) {
    let form = form(fields);
    let id = form["id"].as_str().unwrap();
    let (runtime, router) = genkan(&form, &[]);
    let open = || {
        let request = Request::builder()
            .uri(format!("/login?flow={id}"))
            .header("cookie", "csrf_token_1=x");
        ask(&runtime, &router, request, Body::empty())
    };
    let (status, body) = open();
    assert_eq!(status, 200);
    let last = format!("field_{}", fields.saturating_sub(1));
    assert!(fields == 0 || String::from_utf8_lossy(&body).contains(&last));
    bencher.bench(open);
}

/// The longest query that is taken, on the page of the longest form.
#[divan::bench]
fn page_with_the_longest_query(bencher: Bencher) {
    let form = form(200);
    let id = form["id"].as_str().unwrap();
    let challenge = "c".repeat(5_900);
    let uri = format!("/login?flow={id}&login_challenge={challenge}");
    let (runtime, router) = genkan(&form, &[]);
    let open = || {
        let request = Request::builder().uri(&uri);
        ask(&runtime, &router, request, Body::empty())
    };
    let (status, body) = open();
    assert_eq!(status, 200);
    assert!(body.len() < 256 * 1024, "{}", body.len());
    bencher.bench(open);
}

/// Forms that a limit refuses, made to cost as much as they can.
const REFUSED: [&str; 4] = ["many fields", "one name", "marks", "ligatures"];

fn worst(kind: &str) -> String {
    let pairs: Vec<(String, String)> = match kind {
        "many fields" => {
            let pair = |at| (format!("traits.{at}"), "\u{1}".repeat(60));
            (0..300).map(pair).collect()
        }
        "one name" => vec![("field_1".to_owned(), "x".repeat(200)); 300],
        "marks" => (0..200)
            .map(|at| (format!("field_{at}"), "\"".repeat(90)))
            .collect(),
        // Browsers would write nine bytes for each.
        _ => return format!("identifier={}", "\u{fdfa}".repeat(20_000)),
    };
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

#[divan::bench(args = REFUSED)]
fn refused_by_htmx(bencher: Bencher, kind: &str) {
    refuse(bencher, worst(kind), true);
}

#[divan::bench(args = REFUSED)]
fn refused(bencher: Bencher, kind: &str) {
    refuse(bencher, worst(kind), false);
}

fn refuse(bencher: Bencher, body: String, is_htmx: bool) {
    let form = form(0);
    let id = form["id"].as_str().unwrap();
    let (runtime, router) = genkan(&form, &["--limit-attempts", "1/h"]);
    let send = || {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(format!("/fragments/login?flow={id}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        if is_htmx {
            request = request.header("hx-request", "true");
        }
        ask(&runtime, &router, request, Body::from(body.clone()))
    };
    send();
    assert_eq!(send().0, 429);
    bencher.bench(send);
}

/// An address that is too long to be taken.
#[divan::bench]
fn refused_address(bencher: Bencher) {
    let (runtime, router) = genkan(&form(0), &[]);
    let uri = format!("/login?x={}", "x".repeat(15_000));
    let open = || {
        ask(
            &runtime,
            &router,
            Request::builder().uri(&uri),
            Body::empty(),
        )
    };
    assert_eq!(open().0, 414);
    bencher.bench(open);
}
