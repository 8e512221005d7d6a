//! The router and its layers: everything that is HTTP, in one table. Pages are in [`crate::app`].

use std::error::Error as StdError;
use std::future;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Extension, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HOST, ORIGIN, REFERER,
    SET_COOKIE, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, Version};
use leptos::prelude::provide_context;
use leptos_axum::handle_server_fns_with_context;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};

use crate::app::pages;
use crate::assets::Asset;
use crate::auto_reload;
use crate::base::Base;
use crate::config::Config;
use crate::destination::Origins;
use crate::error::Error;
use crate::forwarded::{self, FORWARDED_FOR};
use crate::hydra;
use crate::hypermedia::{error_page, unasked};
use crate::kratos::{Client, GENKAN, is_of_genkan};
use crate::limit::{Limit, Limits};
use crate::net::listener;
use crate::net::serve;
use crate::net::shutdown::shutdown_signal;
use crate::proxy;
use crate::telemetry;
use crate::trace;
use crate::ui::Shells;
use crate::visit::{Event, LIMITED, Site, Visit};

/// How long what was heard of Kratos' health is good for: probes of many kinds cost it one request.
const HEALTH_AGE: Duration = Duration::from_secs(1);
/// How long a path and its query may be. Those that Hydra and identity providers make are a third of it.
const MAX_TARGET: usize = 12 * 1024;

/// By what probes know a Genkan.
const MARK: (HeaderName, HeaderValue) = (GENKAN, HeaderValue::from_static("1"));

/// What the router knows.
#[derive(Debug, Clone)]
struct Shared {
    site: Arc<Site>,
    /// Whether Kratos was ready, and when that was asked.
    ready: Arc<tokio::sync::Mutex<Option<(bool, Instant)>>>,
}

/// Serves until the process is told to stop, then lets the requests that are under way finish.
///
/// # Errors
/// Where a setting is missing or wrong, or the port is taken.
pub async fn run(config: Config) -> Result<(), Box<dyn StdError>> {
    let address = SocketAddr::new(config.host, config.port);
    let listener = match listener::from_systemd()? {
        Some(listener) => listener,
        None => listener::listen(address, "HOST and PORT").await?,
    };
    let address = listener.local_addr()?;
    let public = config.public();
    let certificate = config.certificate()?;
    if let Some(address) = config.metrics_address {
        let listener = listener::listen(address, "METRICS_ADDRESS").await?;
        let events = Event::all().map(Event::name);
        let counts = telemetry::begin(events.chain([LIMITED]), Limit::all().map(Limit::name))?;
        tracing::info!("serving metrics at http://{address}/metrics");
        let limiter = config.connection_limiter();
        tokio::spawn(
            async move { serve(listener, counts, None, limiter, future::pending()).await },
        );
    }
    let traces = match &config.otel_exporter_otlp_endpoint {
        Some(endpoint) => Some(trace::begin(endpoint, &config.otel_service_name)?),
        None => None,
    };
    let limiter = config.connection_limiter();
    let router = router(config)?;
    tracing::info!("listening on {address}, public URL is {public}");
    let stop = shutdown_signal();
    serve(listener, router, certificate.as_ref(), limiter, stop).await?;
    if let Some(traces) = traces {
        tokio::task::spawn_blocking(|| traces.end()).await?;
    }
    Ok(())
}

/// Everything that is answered.
///
/// # Errors
/// Where a setting is missing or wrong.
pub fn router(config: Config) -> Result<Router, Box<dyn StdError>> {
    router_beside(config, Router::new())
}

/// The same beside other routes, which have the same layers.
fn router_beside(config: Config, others: Router<Shared>) -> Result<Router, Box<dyn StdError>> {
    let kratos = Client::new(config.kratos_url()?, &config.public_url)?;
    let base = config.base();
    let origins = Origins::new(
        &config.public_url,
        base.clone(),
        config.kratos_browser_url.clone(),
        &config.allowed_return_origins,
    );
    let hydra = hydra::Client::new(&config)?;
    let origin = config.public_url.origin().ascii_serialization();
    let foreign = CsrfLayer::new()
        .add_trusted_origin(origin)?
        .with_insecure_bypass({
            let base = base.clone();
            move |_, uri| is_callback(&base, uri)
        })
        .with_rejection_response(|_| {
            (StatusCode::FORBIDDEN, Extension(Bare::Refused)).into_response()
        });
    let catalogue = config.catalogue()?;
    let brand = config.brand()?;
    let is_traced = config.otel_exporter_otlp_endpoint.is_some();
    let is_counted = config.metrics_address.is_some();
    let shared = Shared {
        site: Arc::new(Site {
            shells: Shells::new(catalogue, &base, &config.project_name, &brand),
            catalogue,
            brand,
            limits: Limits::new(config.rates()),
            config,
            kratos,
            hydra,
            origins,
        }),
        ready: Arc::default(),
    };

    let mut router = others
        .route("/", get(start))
        .route("/verify", get(verify))
        .route("/.well-known/change-password", get(change_password))
        .route("/health/alive", get(|| async { ([MARK], "ok") }))
        .route("/health/ready", get(ready))
        .route("/assets/{file}", get(asset))
        .merge(proxy::routes().route_layer(from_fn(wanted)))
        .merge(pages());
    for (path, method) in server_fn::axum::server_fn_paths() {
        debug_assert_eq!(method, Method::POST, "{path} changes something");
        router = router.route(path, post(fragment).get(fragment_page));
    }
    router = router.method_not_allowed_fallback(method_not_allowed);
    if !base.is_root() {
        // The handlers see paths without the base, the layers with it.
        router = Router::new()
            .route(&base.to_string(), get(start))
            .nest(&base.at(""), router);
    }
    // The first layer sees a request first. All in one: the router puts each that it is given into a box of its own, and copies
    // them all for each request.
    let layers = ServiceBuilder::new()
        // No client chooses the number of its request.
        .map_request(|request| without(request, "x-request-id"))
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(PropagateRequestIdLayer::x_request_id())
        .option_layer(is_traced.then(|| from_fn(trace::served)))
        .option_layer(is_counted.then(|| from_fn(telemetry::answered)))
        .layer(from_fn_with_state(shared.clone(), visit))
        .layer(CatchPanicLayer::custom(|_| {
            (StatusCode::INTERNAL_SERVER_ERROR, Extension(Bare::Panicked)).into_response()
        }))
        .layer(foreign);
    Ok(router.fallback(nothing).layer(layers).with_state(shared))
}

/// Whether the Genkan of this configuration answers that it is ready, for `genkan health`.
pub async fn is_ready(config: &Config) -> bool {
    let host = if config.host.is_unspecified() {
        IpAddr::from([127, 0, 0, 1])
    } else {
        config.host
    };
    let address = SocketAddr::new(host, config.port);
    let scheme = if config.tls_cert_path.is_some() {
        "https"
    } else {
        "http"
    };
    let Ok(url) = url::Url::parse(&format!("{scheme}://{address}{}", config.base())) else {
        return false;
    };
    // Genkan's health paths are named like Kratos'.
    let Ok(client) = Client::of_this_machine(url) else {
        return false;
    };
    let health = client.health("ready").await;
    health.is_some_and(|health| health.is_genkan && health.is_well)
}

/// Keeps from Kratos what nobody has asked to see, and from Genkan what it asks itself: where an address that is set for
/// Kratos leads back here, one request would become as many as there are sockets.
async fn wanted(Extension(visit): Extension<Visit>, request: Request, next: Next) -> Response {
    if is_of_genkan(request.headers()) {
        return error_page(&visit, Error::Loop);
    }
    match unasked(&visit, &request) {
        Some(answer) => answer,
        None => next.run(request).await,
    }
}

/// A server function. The protocol writes the answer; `Accept` is taken away, because for `text/html` leptos would
/// send the browser back to the Referer whatever was answered (`server_fn/src/lib.rs`, `run_on_server`).
async fn fragment(Extension(visit): Extension<Visit>, mut request: Request) -> Response {
    request
        .headers_mut()
        .insert(ACCEPT, HeaderValue::from_static("*/*"));
    let context = move || provide_context(visit.clone());
    handle_server_fns_with_context(context, request)
        .await
        .into_response()
}

/// Where a form was answered with a page, its address is that of the fragment; another language is one link away.
async fn fragment_page(Extension(visit): Extension<Visit>, request: Request) -> Redirect {
    let uri = request.uri().to_string();
    Redirect::to(&visit.at(uri.strip_prefix("/fragments").unwrap_or("/")))
}

async fn start(Extension(visit): Extension<Visit>) -> Redirect {
    Redirect::to(&visit.at("/welcome"))
}

async fn verify(Extension(visit): Extension<Visit>) -> Redirect {
    if visit.query().is_empty() {
        return Redirect::to(&visit.at("/verification"));
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(visit.query());
    Redirect::to(&visit.at(&format!("/verification?{}", query.finish())))
}

/// Password managers lead people here, <https://www.w3.org/TR/change-password-url/>.
async fn change_password(Extension(visit): Extension<Visit>) -> Redirect {
    Redirect::to(&visit.at("/settings?section=password"))
}

async fn ready(State(shared): State<Shared>) -> impl IntoResponse {
    // Who comes while it is asked waits for the same answer.
    let mut known = shared.ready.lock().await;
    let is_ready = match *known {
        Some((is_ready, asked)) if asked.elapsed() < HEALTH_AGE => is_ready,
        Some(_) | None => {
            let is_ready = shared.site.kratos.is_ready().await;
            *known = Some((is_ready, Instant::now()));
            is_ready
        }
    };
    if is_ready {
        (StatusCode::OK, [MARK], "ok")
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            [MARK],
            "Kratos is not ready",
        )
    }
}

async fn nothing(Extension(visit): Extension<Visit>) -> Response {
    error_page(&visit, Error::NotFound)
}

async fn method_not_allowed(Extension(visit): Extension<Visit>) -> Response {
    let mut response = error_page(&visit, Error::NotFound);
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response
}

async fn asset(Extension(visit): Extension<Visit>, request: Request) -> Response {
    let path = request.uri().path();
    let Some(asset) = Asset::find(path) else {
        return match visit.brand().find(path) {
            Some(file) => lasting(file.content_type, file.content.clone()),
            None => error_page(&visit, Error::NotFound),
        };
    };
    let accepted = request
        .headers()
        .get(ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let takes = |coding: &str| accepted.split(',').any(|part| part.trim() == coding);
    let (coding, body) = if takes("br") {
        (Some("br"), asset.brotli)
    } else if takes("gzip") {
        (Some("gzip"), asset.gzip)
    } else {
        (None, asset.plain)
    };
    let mut response = lasting(asset.content_type, Bytes::from_static(body));
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Some(coding) = coding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

/// A file that browsers may keep for ever.
fn lasting(content_type: &'static str, content: Bytes) -> Response {
    let mut response = Response::new(Body::from(content));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    response
}

/// Reads the request once for all that follows, and writes the cookies and the headers that every answer has.
async fn visit(
    State(shared): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let site = &shared.site;
    let (mut parts, body) = request.into_parts();
    let address = distrust(&site.config, peer.ip(), &mut parts.headers);
    let fault = fault(&parts);
    if fault.is_some() {
        // Nothing of its address is read.
        parts.uri = Uri::default();
    }
    let visit = Visit::of(Arc::clone(site), &parts, address);
    let mut request = Request::from_parts(parts, body);
    let mut response = if let Some(fault) = fault {
        error_page(&visit, fault)
    } else if is_foreign(site, &request) {
        refused(&visit)
    } else {
        request.extensions_mut().insert(visit.clone());
        drawn(&visit, next.run(request).await)
    };
    let headers = response.headers_mut();
    for cookie in visit.take_set_cookies() {
        headers.append(SET_COOKIE, cookie);
    }
    secure(headers, &visit);
    response
}

/// Why a request is refused whatever it asks for. Of several hosts another server on the way may
/// have taken another ([RFC 9112, 3.2](https://www.rfc-editor.org/rfc/rfc9112#section-3.2)), and an
/// empty one names no server ([RFC 9110, 4.2.1](https://www.rfc-editor.org/rfc/rfc9110#section-4.2.1)).
fn fault(parts: &Parts) -> Option<Error> {
    let mut hosts = parts.headers.get_all(HOST).iter();
    let (host, other) = (hosts.next(), hosts.next());
    let is_nameless = host.is_some_and(HeaderValue::is_empty);
    let is_old = parts.version < Version::HTTP_11;
    let target = parts.uri.path_and_query().map_or("", |it| it.as_str());
    // An address is plain ASCII, so that no control character of it stands in a log.
    let is_plain = target.bytes().all(|byte| byte.is_ascii_graphic());
    if target.len() > MAX_TARGET {
        Some(Error::LongAddress)
    } else if other.is_some() || is_nameless || (host.is_none() && !is_old) || !is_plain {
        Some(Error::BadRequest)
    } else {
        None
    }
}

/// What a client says about where it comes from is not believed, unless it is a proxy of the operator's that says so of
/// another; Genkan says it anew to Kratos. The answer is where the browser is.
fn distrust(config: &Config, peer: IpAddr, headers: &mut HeaderMap) -> IpAddr {
    const FORWARDED: [HeaderName; 8] = [
        HeaderName::from_static("forwarded"),
        FORWARDED_FOR,
        HeaderName::from_static("x-forwarded-host"),
        HeaderName::from_static("x-forwarded-proto"),
        HeaderName::from_static("x-real-ip"),
        HeaderName::from_static("true-client-ip"),
        HeaderName::from_static("cf-connecting-ip"),
        HeaderName::from_static("x-session-token"),
    ];
    static TOLD: Once = Once::new();
    let trusted = &config.trusted_proxies;
    let client = forwarded::client(peer, headers, trusted);
    if headers.contains_key(FORWARDED_FOR) && !forwarded::is_trusted(peer, trusted) {
        TOLD.call_once(|| {
            tracing::warn!(
                "X-Forwarded-For of {peer} is not believed: it is not one of TRUSTED_PROXIES"
            );
        });
    }
    for name in FORWARDED {
        headers.remove(name);
    }
    client
}

fn without(mut request: Request, header: &str) -> Request {
    request.headers_mut().remove(header);
    request
}

/// A header that is read when the program is compiled.
const fn fixed(name: &'static str, value: &'static str) -> (HeaderName, HeaderValue) {
    (
        HeaderName::from_static(name),
        HeaderValue::from_static(value),
    )
}

/// The headers of every answer. Assets bring their own `Cache-Control`.
fn secure(headers: &mut HeaderMap, visit: &Visit) {
    const FIXED: [(HeaderName, HeaderValue); 8] = [
        fixed("x-content-type-options", "nosniff"),
        fixed("x-frame-options", "DENY"),
        fixed("referrer-policy", "same-origin"),
        fixed(
            "permissions-policy",
            "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        ),
        fixed("cross-origin-opener-policy", "same-origin"),
        fixed("cross-origin-resource-policy", "same-origin"),
        fixed("origin-agent-cluster", "?1"),
        fixed("x-robots-tag", "noindex"),
    ];
    headers.reserve(16);
    headers.extend(FIXED);
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(
            VARY,
            HeaderValue::from_static("HX-Request, Accept-Language, Cookie"),
        );
    }
    let is_https = visit.config().is_https();
    let upgrade = if is_https {
        "; upgrade-insecure-requests"
    } else {
        ""
    };
    let images = if visit.has_inline_image() {
        "'self' data:"
    } else {
        "'self'"
    };
    let websocket = auto_reload::websocket(&visit.config().public_url);
    let reload = websocket.map(|source| format!(" {source}"));
    let reload = reload.unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{}'; style-src 'self'; img-src {images}; font-src 'self'; connect-src 'self'{reload}; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types htmx{upgrade}",
        visit.nonce()
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert("content-security-policy", policy);
    }
    if is_https {
        headers.insert(
            "strict-transport-security",
            HeaderValue::from_static("max-age=63072000; includeSubDomains"),
        );
    }
}

/// Marks the bare answer of a layer that cannot draw a page.
#[derive(Debug, Clone, Copy)]
enum Bare {
    /// A post from another site.
    Refused,
    /// A fault of ours.
    Panicked,
}

/// Some identity providers post their answer, from their own site; what it is worth is for Kratos to say.
fn is_callback(base: &Base, uri: &Uri) -> bool {
    let path = base.strip(uri.path());
    path.is_some_and(|path| path.starts_with(proxy::CALLBACKS))
}

/// Whether a request is to be refused that [`CsrfLayer`] lets pass: another site's `Origin` beside any `Sec-Fetch-Site`, and
/// another site's `Referer` where there is neither. Whoever says nothing at all is no browser of today.
fn is_foreign(site: &Site, request: &Request) -> bool {
    if request.method().is_safe() || is_callback(site.origins.base(), request.uri()) {
        return false;
    }
    let headers = request.headers();
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let public = site.config.public_url.origin();
    let is_own =
        |address: &str| url::Url::parse(address).is_ok_and(|address| address.origin() == public);
    let said = headers.get("sec-fetch-site");
    let is_same = said.is_some_and(|said| said == "same-origin");
    match headers.get(ORIGIN).map(HeaderValue::to_str) {
        // A page that may not say where it is.
        Some(Ok("null")) => !is_same,
        Some(Ok(origin)) => !is_own(origin),
        Some(Err(_)) => true,
        None => said.is_none() && text(REFERER).is_some_and(|referer| !is_own(referer)),
    }
}

fn refused(visit: &Visit) -> Response {
    visit.report(Event::ForeignOrigin);
    error_page(visit, Error::ForeignOrigin)
}

/// Draws the page for a layer that cannot.
fn drawn(visit: &Visit, response: Response) -> Response {
    match response.extensions().get() {
        Some(Bare::Refused) => refused(visit),
        Some(Bare::Panicked) => error_page(visit, Error::Internal),
        None => response,
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    async fn fault() -> Response {
        panic!("a fault of ours")
    }

    /// No request is known that makes Genkan panic, so the route that does is the test's.
    #[tokio::test]
    async fn a_fault_of_ours_is_a_page_with_every_header_and_no_detail() {
        for is_htmx in [false, true] {
            let settings = ["genkan", "--kratos-public-url", "http://127.0.0.1:9"];
            let others = Router::new().route("/fault", get(fault).post(fault));
            let router = router_beside(Config::parse_from(settings), others).expect("a router");
            let peer = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1)));
            let mut request = Request::builder()
                .uri("/fault")
                .header(HOST, "localhost")
                .extension(peer);
            if is_htmx {
                request = request.method(Method::POST).header("hx-request", "true");
            }
            let request = request.body(Body::empty()).expect("a request");
            let Ok(response) = router.oneshot(request).await;
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            let headers = response.headers();
            for name in [
                "content-security-policy",
                "x-content-type-options",
                "x-frame-options",
                "referrer-policy",
                "permissions-policy",
                "cross-origin-opener-policy",
                "cross-origin-resource-policy",
                "origin-agent-cluster",
                "cache-control",
                "vary",
                "x-robots-tag",
                "x-request-id",
            ] {
                assert!(headers.contains_key(name), "{name}");
            }
            assert_eq!(headers.contains_key("x-ui-fragment"), is_htmx);
            let body = response.into_body().collect().await.expect("a body");
            let body = String::from_utf8(body.to_bytes().to_vec()).expect("a text");
            assert!(
                body.contains("<h1") && !body.contains("a fault of ours"),
                "{body}"
            );
        }
    }
}
