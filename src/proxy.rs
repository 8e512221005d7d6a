//! Kratos' own paths that a browser has to reach: where links in mails, identity providers and Kratos' redirects lead.
//!
//! What is not in [`routes`] does not exist: no path is ever made from input.

use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Path, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{ACCEPT, CONTENT_TYPE, LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::destination::{Destination, FlowPage, LOGIN_CHALLENGE, Page};
use crate::error::Error;
use crate::hypermedia::{MAX_ANSWER, body, error_page, flow_page, is_media_type};
use crate::kratos::{FlowId, FlowKind, Outcome, Problem};
use crate::limit::Limit;
use crate::telemetry;
use crate::visit::{Flash, Visit};

/// Where identity providers send people back to.
pub const CALLBACKS: &str = "/self-service/methods/oidc/";

/// The parameter that names where the verification after a flow leads.
const AFTER_VERIFICATION: &str = "after_verification_return_to";

/// Kratos' public base URL has these paths, and this is all that is passed on to it.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/self-service/{flow}/browser", get(start))
        .route("/self-service/logout/browser", get(start_logout))
        .route("/self-service/logout", get(logout))
        .route("/self-service/verification", get(mail_link))
        .route("/self-service/recovery", get(mail_link))
        .route("/self-service/settings", get(resume_settings))
        .route(
            "/self-service/methods/oidc/callback/{provider}",
            get(callback).post(callback),
        )
        .route(
            "/self-service/methods/oidc/callback",
            get(shared_callback).post(shared_callback),
        )
        .route(
            "/self-service/methods/oidc/organization/{organization}/callback/{provider}",
            get(organization_callback).post(organization_callback),
        )
        .route("/.well-known/ory/webauthn.js", get(webauthn_script))
        .method_not_allowed_fallback(nothing)
}

async fn start(
    Extension(visit): Extension<Visit>,
    Path(flow): Path<String>,
    request: Request,
) -> Response {
    let Some(kind) = FlowKind::from_name(&flow) else {
        return nothing(Extension(visit)).await;
    };
    let is_second_factor = kind == FlowKind::Login && visit.parameter("aal") == Some("aal2");
    let counted = match visit.count_new_flow(is_second_factor) {
        Ok(counted) => counted,
        Err(error) => return error_page(&visit, error),
    };
    let mut query = visit
        .origins()
        .keep_application(kind, visit.flow_parameters());
    let challenge = query.iter().find(|(name, _)| *name == LOGIN_CHALLENGE);
    let challenge = challenge.map(|(_, challenge)| challenge.clone());
    if let Some(challenge) = &challenge {
        // Of the challenge Kratos tells nothing in the verification that it begins; of this it
        // does.
        query.retain(|(name, _)| *name != AFTER_VERIFICATION);
        let way = visit.origins().way_to_application(challenge);
        query.push((AFTER_VERIFICATION, way));
    }
    let path = ["self-service", kind.name(), "browser"];
    let mut response = relay(&visit, request, &path, &owned(query)).await;
    if let Some(counted) = counted {
        let id = named_in_location(&visit, &response, "flow");
        let is_mailed = has_mailed(&visit, id.as_deref()).await;
        visit.learn_new_flow(counted, is_mailed);
    }
    let pages = [Page::Start(kind).to_string(), "/verify".to_owned()];
    if pages.iter().any(|it| leads_to_page(&visit, &response, it)) {
        telemetry::opened(kind);
    }
    match challenge {
        Some(challenge) if leads_to_page(&visit, &response, "/error") => {
            refuse_challenge(&visit, &challenge, response).await
        }
        Some(challenge) => {
            let page = Page::Start(kind).to_string();
            keep_challenge(&visit, &[&page], &challenge, &mut response);
            response
        }
        None => response,
    }
}

/// Finds out whether a flow that Kratos has begun for a second factor has mailed a code. `None` where
/// there is no such flow, or where it cannot be read.
async fn has_mailed(visit: &Visit, id: Option<&str>) -> Option<bool> {
    let id = FlowId::parse(id?)?;
    let browser = visit.browser_from_now_on();
    let answer = visit.kratos().get(FlowKind::Login, id, &browser).await;
    match answer.ok()?.outcome {
        Outcome::Form { flow, .. } => Some(flow.was_mailed()),
        _ => None,
    }
}

/// Where Kratos has begun no flow for an application: says why.
async fn refuse_challenge(visit: &Visit, challenge: &str, mut response: Response) -> Response {
    let problem = match named_in_location(visit, &response, "id") {
        Some(id) => visit.kratos().problem(&id, visit.browser()).await,
        None => return error_page(visit, Error::ApplicationLost),
    };
    let problem = match problem {
        Ok(answer) => visit.hear(answer),
        Err(error) => return error_page(visit, error.into()),
    };
    match problem {
        // Kratos does not reach Hydra.
        Outcome::Problem(Problem::Status(500..)) => error_page(visit, Error::HydraUnreachable),
        // The first factor is missing.
        Outcome::Problem(Problem::Status(401)) if visit.parameter("aal").is_some() => {
            let to = Destination::application(challenge);
            set_location(&mut response, &to.under(visit.base()));
            response
        }
        // Hydra does not know the challenge: only the application can ask for a new one.
        _ => error_page(visit, visit.application_lost(Some(challenge)).await),
    }
}

/// Returns a parameter of the page of ours that an answer leads to.
fn named_in_location(visit: &Visit, response: &Response, wanted: &str) -> Option<String> {
    let to = response.headers().get(LOCATION)?.to_str().ok()?;
    let Destination::Own(path) = visit.origins().from_kratos(to)? else {
        return None;
    };
    let (_, query) = path.split_once('?')?;
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let (_, value) = pairs.find(|(name, _)| name == wanted)?;
    Some(value.into_owned())
}

/// Keeps the challenge in the address of the page, where it is one of these: of a flow that has
/// expired Kratos does not tell it.
fn keep_challenge(visit: &Visit, pages: &[&str], challenge: &str, response: &mut Response) {
    if !pages.iter().any(|it| leads_to_page(visit, response, it)) {
        return;
    }
    if let Some(to) = location(response) {
        let end = to.len() + 1;
        let mut to = form_urlencoded::Serializer::for_suffix(format!("{to}&"), end);
        to.append_pair(LOGIN_CHALLENGE, challenge);
        to.extend_pairs(visit.parameter("again").map(|again| ("again", again)));
        set_location(response, &to.finish());
    }
}

/// Applications beside Genkan may start a sign-out this way; Kratos answers with JSON or a redirect to its own link.
async fn start_logout(Extension(visit): Extension<Visit>, request: Request) -> Response {
    if let Err(error) = visit.count_here(Limit::Flows) {
        return error_page(&visit, error);
    }
    let query = checked_return_to(&visit);
    let path = ["self-service", "logout", "browser"];
    let response = relay(&visit, request, &path, &query).await;
    signed_out(&visit, response)
}

/// The link from there. Its token is that of the session, which nobody else knows.
async fn logout(Extension(visit): Extension<Visit>, request: Request) -> Response {
    // Kratos keeps an error for each that fails.
    if let Err(error) = visit.count_here(Limit::Flows) {
        return error_page(&visit, error);
    }
    let mut query = checked_return_to(&visit);
    query.extend(only(&visit, &["token"]));
    let response = relay(&visit, request, &["self-service", "logout"], &query).await;
    signed_out(&visit, response)
}

/// Who is signed out already has what they want.
fn signed_out(visit: &Visit, mut response: Response) -> Response {
    if leads_to_page(visit, &response, "/error") {
        visit.set_flash(Flash::SignedOut);
        set_location(&mut response, &visit.at(&Page::Login.to_string()));
    }
    response
}

fn checked_return_to(visit: &Visit) -> Vec<(String, String)> {
    let to = visit
        .parameter("return_to")
        .and_then(|to| visit.checked_return_to(to));
    owned(to.map(|to| ("return_to", to)))
}

fn owned(query: impl IntoIterator<Item = (&'static str, String)>) -> Vec<(String, String)> {
    query
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Mails hold links with a code or a token.
async fn mail_link(Extension(visit): Extension<Visit>, request: Request) -> Response {
    let flow = request
        .uri()
        .path()
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_owned();
    let query = only(&visit, &["flow", "code", "token"]);
    if flow_id(&visit).is_none() {
        return nothing(Extension(visit)).await;
    }
    // Its code can be guessed.
    if let Err(error) = visit.count_here(Limit::Attempts) {
        return error_page(&visit, error);
    }
    let mut response = relay(&visit, request, &["self-service", &flow], &query).await;
    if leads_to_page(&visit, &response, "/error")
        && let Some(kind) = FlowKind::from_name(&flow)
    {
        visit.set_flash(Flash::LinkUsed);
        set_location(&mut response, &visit.at(&Page::Start(kind).to_string()));
    }
    response
}

/// Whether Kratos had nothing better to say than its error page.
fn leads_to_page(visit: &Visit, response: &Response, page: &str) -> bool {
    let to = response.headers().get(LOCATION);
    let to = to.and_then(|to| visit.origins().from_kratos(to.to_str().ok()?));
    matches!(to, Some(Destination::Own(path)) if path.strip_prefix(page).is_some_and(|rest| rest.starts_with('?')))
}

/// Whether an answer leads to this very page.
fn leads_to(visit: &Visit, response: &Response, page: &FlowPage) -> bool {
    let to = response.headers().get(LOCATION);
    to.is_some_and(|to| to.as_bytes() == visit.at(&page.to_string()).as_bytes())
}

/// Back from a sign-in that confirmed who somebody is: Kratos makes the change that it has kept. Where it cannot any
/// more, it leads to an error page; asking for the change again is better.
async fn resume_settings(Extension(visit): Extension<Visit>, request: Request) -> Response {
    let Some(id) = flow_id(&visit) else {
        return nothing(Extension(visit)).await;
    };
    if let Err(error) = visit.count_here(Limit::Flows) {
        return error_page(&visit, error);
    }
    // The change mails a code to each new address.
    let (limits, of_flow) = (visit.limits(), visit.limits().key(id));
    let recipients = limits.take_waiting(of_flow).unwrap_or_default();
    if let Err(error) = visit.reserve_mails(&recipients) {
        limits.set_waiting(of_flow, recipients);
        return error_page(&visit, error);
    }
    let mut query = only(&visit, &["flow"]);
    // Of the form that Kratos has kept it has forgotten this.
    query.extend(owned([visit.browser().language.for_mails()]));
    let mut response = relay(&visit, request, &["self-service", "settings"], &query).await;
    let page = flow_page(&visit, FlowPage::new(FlowKind::Settings, id));
    // Without another sign-in Kratos asks for it once more, and makes no change.
    let is_refused = ["/error", "/login", "/self-service/login/browser"]
        .iter()
        .any(|page| leads_to_page(&visit, &response, page));
    if is_refused {
        recipients.iter().for_each(|it| visit.give_back(*it));
    }
    if leads_to_page(&visit, &response, "/error") {
        visit.set_flash(Flash::RepeatChange);
        set_location(&mut response, &visit.at(&page.to_string()));
    } else if leads_to(&visit, &response, &FlowPage::new(FlowKind::Settings, id)) {
        visit.set_flash(Flash::Saved);
        set_location(&mut response, &visit.at(&page.to_string()));
    }
    response
}

async fn callback(
    Extension(visit): Extension<Visit>,
    Path(provider): Path<String>,
    request: Request,
) -> Response {
    let path = ["self-service", "methods", "oidc", "callback", &provider];
    relay_callback(&visit, request, &path).await
}

async fn shared_callback(Extension(visit): Extension<Visit>, request: Request) -> Response {
    let path = ["self-service", "methods", "oidc", "callback"];
    relay_callback(&visit, request, &path).await
}

async fn organization_callback(
    Extension(visit): Extension<Visit>,
    Path((organization, provider)): Path<(String, String)>,
    request: Request,
) -> Response {
    let path = [
        "self-service",
        "methods",
        "oidc",
        "organization",
        &organization,
        "callback",
        &provider,
    ];
    relay_callback(&visit, request, &path).await
}

async fn relay_callback(visit: &Visit, request: Request, path: &[&str]) -> Response {
    // A segment that decodes to a path of its own is no provider.
    let is_plain = |part: &&str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte))
            && *part != "."
            && *part != ".."
    };
    if !path.iter().all(is_plain) {
        return error_page(visit, Error::NotFound);
    }
    if let Err(error) = visit.count_here(Limit::Flows) {
        return error_page(visit, error);
    }
    let query = visit.query().to_vec();
    let mut response = relay(visit, request, path, &query).await;
    if leads_to_page(visit, &response, "/error")
        && let Some(to) = location(&response)
    {
        // Why it is, Kratos says in many ways; what people can do about it depends on where they come from.
        set_location(&mut response, &format!("{to}&from=provider"));
    } else if leads_to_page(visit, &response, "/settings") {
        visit.set_flash(Flash::Saved);
    }
    let challenge = visit.parameter("state");
    if let Some(challenge) = challenge.and_then(|state| visit.take_errand(state)) {
        let pages = ["/login", "/registration", "/verification", "/error"];
        keep_challenge(visit, &pages, &challenge, &mut response);
    }
    response
}

fn location(response: &Response) -> Option<String> {
    let to = response.headers().get(LOCATION)?;
    Some(to.to_str().ok()?.to_owned())
}

async fn webauthn_script(Extension(visit): Extension<Visit>, request: Request) -> Response {
    relay(&visit, request, &[".well-known", "ory", "webauthn.js"], &[]).await
}

async fn nothing(Extension(visit): Extension<Visit>) -> Response {
    error_page(&visit, Error::NotFound)
}

async fn relay(
    visit: &Visit,
    request: Request,
    path: &[&str],
    query: &[(String, String)],
) -> Response {
    match try_relay(visit, request, path, query).await {
        Ok(response) => response,
        Err(error) => error_page(visit, error),
    }
}

async fn try_relay(
    visit: &Visit,
    request: Request,
    path: &[&str],
    query: &[(String, String)],
) -> Result<Response, Error> {
    let (parts, content) = request.into_parts();
    let accept = parts.headers.get(ACCEPT);
    let query: Vec<(&str, &str)> = query
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let content = if parts.method == Method::POST {
        let content_type = parts.headers.get(CONTENT_TYPE).cloned();
        Some((content_type.ok_or(Error::Unreadable)?, body(content).await?))
    } else {
        None
    };
    let relayed = visit
        .kratos()
        .relay(parts.method, path, &query, accept, content, visit.browser())
        .await?;
    for cookie in relayed.headers.get_all(SET_COOKIE) {
        visit.set_cookie_of_kratos(cookie.clone());
    }
    let mut response = Response::new(Body::empty());
    let kind = Kind::of(relayed.status).ok_or(Error::KratosBroken)?;
    *response.status_mut() = relayed.status;
    if kind == Kind::Redirect {
        let to = relayed
            .headers
            .get(LOCATION)
            .and_then(|to| visit.origins().from_kratos(to.to_str().ok()?))
            .ok_or(Error::KratosBroken)?;
        set_location(&mut response, &to.under(visit.base()));
        return Ok(response);
    }
    let wants_page = accept.is_some_and(|accept| {
        let accept = accept.as_bytes();
        accept.windows(9).any(|part| part == b"text/html")
    });
    // What Kratos says of an error is for programs that ask for JSON, not for people.
    if wants_page && kind == Kind::Fault {
        return Err(match relayed.status {
            StatusCode::NOT_FOUND => Error::NotFound,
            StatusCode::FORBIDDEN => Error::CookiesNeeded,
            status if status.is_server_error() => Error::KratosBroken,
            status => Error::Reported(status.as_u16()),
        });
    }
    if relayed.body.len() > MAX_ANSWER {
        return Err(Error::KratosBroken);
    }
    match content_type(&relayed.headers) {
        Some(kind) => {
            response.headers_mut().insert(CONTENT_TYPE, kind.clone());
            *response.body_mut() = Body::from(relayed.body);
            Ok(response)
        }
        // Pages of Kratos' own are for developers.
        None if relayed.status == StatusCode::NOT_FOUND => Err(Error::NotFound),
        None => Err(Error::KratosBroken),
    }
}

/// What an answer of Kratos is for the browser that gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Said,
    Redirect,
    Fault,
}

impl Kind {
    /// What a status stands for, if Kratos has a use for it here. Other statuses change how the rest of the connection is
    /// read (1xx, 204, 304), send a form elsewhere (307, 308), or do not exist.
    fn of(status: StatusCode) -> Option<Self> {
        match status.as_u16() {
            200 => Some(Self::Said),
            302 | 303 => Some(Self::Redirect),
            400..=599 => Some(Self::Fault),
            _ => None,
        }
    }
}

/// Scripts and JSON go on as they are; HTML never does.
fn content_type(headers: &HeaderMap) -> Option<&HeaderValue> {
    const KNOWN: [&str; 3] = [
        "application/json",
        "text/javascript",
        "application/javascript",
    ];
    let kind = headers.get(CONTENT_TYPE)?;
    let is_known = KNOWN.iter().any(|known| is_media_type(kind, known));
    is_known.then_some(kind)
}

fn set_location(response: &mut Response, to: &str) {
    match HeaderValue::from_str(to) {
        Ok(value) => {
            response.headers_mut().insert(LOCATION, value);
        }
        Err(_) => *response = StatusCode::BAD_GATEWAY.into_response(),
    }
}

fn only(visit: &Visit, names: &[&str]) -> Vec<(String, String)> {
    visit
        .query()
        .iter()
        .filter(|(name, _)| names.contains(&name.as_str()))
        .cloned()
        .collect()
}

fn flow_id(visit: &Visit) -> Option<FlowId> {
    visit.parameter("flow").and_then(FlowId::parse)
}
