//! The part of a trace that is one question to Kratos. Where nobody asked for traces, what the browser said of its own goes
//! on as it is.

use http::HeaderMap;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, global};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_sdk::propagation::TraceContextPropagator;

/// A question that is under way.
pub(super) struct Asked(Context);

impl Asked {
    /// Begins it as a part of the trace that the headers tell of, and tells Kratos of it in its place.
    pub(super) fn begin(call: &'static str, headers: &mut HeaderMap) -> Self {
        let propagator = TraceContextPropagator::new();
        let around = propagator.extract_with_context(&Context::new(), &HeaderExtractor(headers));
        let tracer = global::tracer(env!("CARGO_PKG_NAME"));
        let span = tracer
            .span_builder(call)
            .with_kind(SpanKind::Client)
            .start_with_context(&tracer, &around);
        let context = around.with_span(span);
        propagator.inject_context(&context, &mut HeaderInjector(headers));
        Self(context)
    }

    pub(super) fn end(self, failure: Option<&'static str>) {
        let span = self.0.span();
        if let Some(failure) = failure {
            span.set_status(Status::error(failure));
        }
        span.end();
    }
}
