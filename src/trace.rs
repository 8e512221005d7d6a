//! Where the time of a request went, for an operator's tracing: spans in OpenTelemetry's words, sent to a collector by
//! OTLP over HTTP. Nothing here tells people apart: of an address only the route is named.

use std::borrow::Cow;
use std::error::Error;
use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http::Method;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue, global};
use opentelemetry_http::{HeaderExtractor, HeaderInjector, HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Handle;
use tower_http::request_id::RequestId;
use url::Url;

/// How long a collector may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The traces of this process.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

/// Begins to send spans to the collector at `endpoint`, to which `/v1/traces` is added. What else
/// [OpenTelemetry](https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/) has variables for
/// (headers, sampling, limits) is read by its own SDK.
///
/// # Errors
/// Where no client can be made.
pub fn begin(endpoint: &Url, service: &str) -> Result<Traces, Box<dyn Error>> {
    let mut endpoint = endpoint.clone();
    if let Ok(mut path) = endpoint.path_segments_mut() {
        path.pop_if_empty().extend(["v1", "traces"]);
    }
    // Err means that Kratos' client was there first, with the same provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let collector = Collector {
        http: reqwest::Client::builder().timeout(PATIENCE).build()?,
        runtime: Handle::current(),
    };
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(collector)
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(endpoint)
        .build()?;
    let resource = Resource::builder().with_service_name(service.to_owned());
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource.build())
        .build();
    global::set_tracer_provider(provider.clone());
    Ok(Traces(provider))
}

impl Traces {
    /// Sends what was not sent yet. Waits for the collector, so not for a thread that has other things to do.
    pub fn end(self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(%error, "the last spans were not sent");
        }
    }
}

/// The way to the collector. Spans are sent from a thread of their own, where tokio has to be brought along.
#[derive(Debug)]
struct Collector {
    http: reqwest::Client,
    runtime: Handle,
}

impl Collector {
    async fn send(
        http: reqwest::Client,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, reqwest::Error> {
        let answer = http.execute(request.try_into()?).await?;
        let mut heard = http::Response::new(Bytes::new());
        *heard.status_mut() = answer.status();
        *heard.headers_mut() = answer.headers().clone();
        *heard.body_mut() = answer.bytes().await?;
        Ok(heard)
    }
}

#[async_trait::async_trait]
impl HttpClient for Collector {
    async fn send_bytes(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, HttpError> {
        let sending = Self::send(self.http.clone(), request);
        Ok(self.runtime.spawn(sending).await??)
    }
}

/// A method by its name, where it has one: what somebody made up is told to nobody
/// ([OpenTelemetry's conventions](https://opentelemetry.io/docs/specs/semconv/http/http-spans/)).
fn name(method: &Method) -> Option<&'static str> {
    const KNOWN: [&str; 9] = [
        "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE",
    ];
    KNOWN.into_iter().find(|known| *known == method.as_str())
}

/// Makes each request a span, of which those of Kratos and of Genkan's questions to it are parts.
pub async fn served(mut request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let route: Cow<'static, str> = match route {
        Some(route) => route.as_str().to_owned().into(),
        None => "none".into(),
    };
    let method = name(request.method());
    let id = request.extensions().get::<RequestId>();
    let id = id.and_then(|id| id.header_value().to_str().ok());
    let propagator = TraceContextPropagator::new();
    let around =
        propagator.extract_with_context(&Context::new(), &HeaderExtractor(request.headers()));
    let tracer = global::tracer(env!("CARGO_PKG_NAME"));
    let span = tracer
        .span_builder(format!("{} {route}", method.unwrap_or("HTTP")))
        .with_kind(SpanKind::Server)
        .with_attributes([
            KeyValue::new("http.request.method", method.unwrap_or("_OTHER")),
            KeyValue::new("http.route", route),
            KeyValue::new("request.id", id.unwrap_or_default().to_owned()),
        ])
        .start_with_context(&tracer, &around);
    let context = around.with_span(span);
    propagator.inject_context(&context, &mut HeaderInjector(request.headers_mut()));
    let response = next.run(request).await;
    let span = context.span();
    let status = response.status();
    span.set_attribute(KeyValue::new(
        "http.response.status_code",
        i64::from(status.as_u16()),
    ));
    if status.is_server_error() {
        span.set_status(Status::error(""));
    }
    span.end();
    response
}
