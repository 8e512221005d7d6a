//! What Genkan counts for an operator's monitoring, in Prometheus' words, on a port of its own. Where nobody asked for it,
//! counting costs next to nothing. Nothing here tells people apart: labels are words of the program and numbers of Kratos'.

use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::get;
use http::header::CONTENT_TYPE;
use metrics::{counter, describe_counter, describe_histogram, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::time::{MissedTickBehavior, interval};

use crate::kratos::{Flow, FlowKind, MessageKind, Outcome, State, calls};

const REQUESTS: &str = "genkan_request_duration_seconds";
const OPENED: &str = "genkan_flows_opened_total";
const FAILED: &str = "genkan_flow_messages_total";
const FINISHED: &str = "genkan_flows_finished_total";
const EVENTS: &str = "genkan_events_total";
const COUNTED: &str = "genkan_limits_counted_total";
const GIVEN_BACK: &str = "genkan_limits_given_back_total";
/// Kratos' client counts under this name and the next.
const UPSTREAM: &str = "genkan_kratos_duration_seconds";
const UPSTREAM_ERRORS: &str = "genkan_kratos_errors_total";
/// From what a page without Kratos takes to what Kratos may take at most.
const BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0,
];
/// How often what was counted is put together, asked for or not.
const UPKEEP: Duration = Duration::from_secs(5);

/// Begins to count, and returns what answers `GET /metrics`. `events` are all that may happen, `limits` all that there are.
///
/// # Errors
/// Where something else in the process counts already.
pub fn begin(
    events: impl Iterator<Item = &'static str>,
    limits: impl Iterator<Item = &'static str>,
) -> Result<Router, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)?
        .install_recorder()?;
    describe_histogram!(REQUESTS, "Answers to browsers, by route and status");
    describe_histogram!(UPSTREAM, "Answers of Kratos, by what it was asked");
    describe_counter!(
        UPSTREAM_ERRORS,
        "Kratos did not answer or failed (5xx), by what it was asked"
    );
    describe_counter!(OPENED, "Flows that were begun");
    describe_counter!(
        FAILED,
        "Errors that Kratos told in a form, by its message id"
    );
    describe_counter!(FINISHED, "Flows that came to their end");
    describe_counter!(EVENTS, "What may be a sign of an attack, as in the log");
    describe_counter!(COUNTED, "What was counted for a limit");
    describe_counter!(
        GIVEN_BACK,
        "Mails that were counted for a limit and not sent"
    );
    begin_at_zero(events, limits);
    tokio::spawn(keep_up(handle.clone()));
    let type_of_text = (CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
    let render = move || {
        let text = handle.render();
        async move { ([type_of_text], text) }
    };
    Ok(Router::new().route("/metrics", get(render)))
}

/// Makes every series whose labels are known: for Prometheus one that begins at 1 has never risen. The ids of messages are
/// Kratos' and web hooks', so their series begin with the first.
fn begin_at_zero(
    events: impl Iterator<Item = &'static str>,
    limits: impl Iterator<Item = &'static str>,
) {
    for limit in limits {
        counter!(COUNTED, "limit" => limit).increment(0);
        counter!(GIVEN_BACK, "limit" => limit).increment(0);
    }
    for kind in FlowKind::all() {
        counter!(OPENED, "flow" => kind.name()).increment(0);
        counter!(FINISHED, "flow" => kind.name()).increment(0);
    }
    for event in events {
        counter!(EVENTS, "event" => event).increment(0);
    }
    for call in calls() {
        counter!(UPSTREAM_ERRORS, "call" => call).increment(0);
    }
}

async fn keep_up(handle: PrometheusHandle) {
    let mut ticks = interval(UPKEEP);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        handle.run_upkeep();
    }
}

/// Counts each answer, and how long it took.
pub async fn answered(request: Request, next: Next) -> Response {
    let began = Instant::now();
    // By the route and not by the address, of which there are as many as people think of.
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or_else(|| "none".to_owned(), |route| route.as_str().to_owned());
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    histogram!(REQUESTS, "route" => route, "status" => status).record(began.elapsed());
    response
}

/// A flow was begun.
pub fn opened(kind: FlowKind) {
    counter!(OPENED, "flow" => kind.name()).increment(1);
}

/// Something happened that is in the log as well.
pub fn happened(event: &'static str) {
    counter!(EVENTS, "event" => event).increment(1);
}

/// Something was counted for a limit.
pub fn counted(limit: &'static str) {
    counter!(COUNTED, "limit" => limit).increment(1);
}

/// Something that was counted for a limit did not happen.
pub fn given_back(limit: &'static str) {
    counter!(GIVEN_BACK, "limit" => limit).increment(1);
}

/// Kratos answered a form of a flow: with errors, with the next step, or with the end.
pub fn submitted(kind: FlowKind, outcome: &Outcome) {
    if let Outcome::Form { flow, .. } = outcome {
        for id in errors(flow) {
            counter!(FAILED, "flow" => kind.name(), "message" => id.to_string()).increment(1);
        }
    }
    if is_finished(kind, outcome) {
        counter!(FINISHED, "flow" => kind.name()).increment(1);
    }
}

fn errors(flow: &Flow) -> impl Iterator<Item = i64> {
    let in_fields = flow.nodes.iter().flat_map(|node| &node.messages);
    let all = in_fields.chain(&flow.messages);
    all.filter(|message| message.kind == MessageKind::Error)
        .map(|message| message.id.0)
}

fn is_finished(kind: FlowKind, outcome: &Outcome) -> bool {
    // After a recovery comes the settings, with a form for a new password.
    let is_recovered = kind == FlowKind::Recovery;
    if let Outcome::Form { flow, .. } = outcome {
        let is_at_end = matches!(flow.state, State::PassedChallenge | State::Success);
        !flow.has_errors() && (is_at_end || (is_recovered && flow.kind != kind))
    } else {
        matches!(outcome, Outcome::Finished { .. })
            || (is_recovered && matches!(outcome, Outcome::Continue(_)))
    }
}
