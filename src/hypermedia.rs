//! `Reply` → HTTP: what a server function or a page decided, as htmx, a plain form, or a page load wants to have it.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt;
use leptos::prelude::*;
use server_fn::Protocol;
use server_fn::axum::AxumServerFnBackend;
use server_fn::client::Client;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::destination::{Destination, Factor, FlowPage, Section};
use crate::error::Error;
use crate::kratos::{FlowKind, Submission};
use crate::ui::{self, Frame, Screen};
use crate::visit::{Flash, Visit};

/// Marks an answer that may be swapped into the page. A proxy's error page does not carry it.
const FRAGMENT: HeaderName = HeaderName::from_static("x-ui-fragment");
/// What is wrong, percent-encoded, for the script to say beside a form that it then leaves as it is.
const MESSAGE: HeaderName = HeaderName::from_static("x-ui-message");
const HX_REDIRECT: HeaderName = HeaderName::from_static("hx-redirect");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// No form of Kratos' comes near it.
pub(crate) const MAX_FORM: usize = 64 * 1024;
/// Nor has one so many fields.
const MAX_FIELDS: usize = 300;
/// Nor a field so long a name. One that has is left out.
const MAX_NAME: usize = 512;
/// No page is longer, in bytes, nor what is relayed of Kratos.
pub(crate) const MAX_ANSWER: usize = 256 * 1024;
/// How much room for more an answer may have while it waits to be sent.
const SPARE: usize = 4 * 1024;
/// Most forms are no larger, those with a passkey included.
const SMALL_FORM: usize = 8 * 1024;
/// How many larger ones may be on their way at once.
const MAX_LARGE_FORMS: usize = 64;
static LARGE_FORMS: Semaphore = Semaphore::const_new(MAX_LARGE_FORMS);
/// A form comes whole in this time, on whatever line.
const FORM_TIME: Duration = Duration::from_secs(30);

/// What a page or a server function decided.
#[derive(Debug)]
pub struct Reply(pub(crate) Decision);

#[derive(Debug)]
pub(crate) enum Decision {
    Show(Shown),
    /// The form once more, to be sent again in so many seconds. Only a script can keep the page that it stands on.
    Wait {
        screen: Screen,
        seconds: u64,
    },
    Go(Destination),
}

/// A screen to show.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) screen: Screen,
    /// Where the same screen can be had again: a plain form is sent there, so that a reload is harmless.
    pub(crate) at: Destination,
    /// What has to be said there, if Kratos does not keep it.
    pub(crate) flash: Option<Flash>,
}

impl Reply {
    pub(crate) fn show(screen: Screen, at: Destination) -> Self {
        Self::show_saying(screen, at, None)
    }

    pub(crate) fn show_saying(screen: Screen, at: Destination, flash: Option<Flash>) -> Self {
        Self(Decision::Show(Shown { screen, at, flash }))
    }

    /// The flow that the browser is sent to, if it is sent to one.
    pub(crate) fn flow_page(&self) -> Option<&FlowPage> {
        match &self.0 {
            Decision::Go(Destination::Flow(page) | Destination::FlowFor { page, .. }) => Some(page),
            Decision::Go(
                Destination::Page(_)
                | Destination::Begin { .. }
                | Destination::SignIn { .. }
                | Destination::Own(_)
                | Destination::Outside(_),
            )
            | Decision::Show(_)
            | Decision::Wait { .. } => None,
        }
    }

    /// The kind of the flow that the browser is to begin, if it is.
    pub(crate) fn begins(&self) -> Option<FlowKind> {
        match &self.0 {
            Decision::Go(Destination::Begin { kind, .. }) => Some(*kind),
            Decision::Go(_) | Decision::Show(_) | Decision::Wait { .. } => None,
        }
    }

    /// The same, where the form was not taken and may be sent again in so many seconds.
    pub(crate) fn after(self, seconds: u64) -> Self {
        Self(match self.0 {
            Decision::Show(Shown { screen, .. }) | Decision::Wait { screen, .. } => {
                Decision::Wait { screen, seconds }
            }
            Decision::Go(to) => Decision::Go(to),
        })
    }

    pub(crate) fn go(to: Destination) -> Self {
        Self(Decision::Go(to))
    }
}

/// The way in and out of every server function: ordered pairs in, a fragment or a redirect out.
///
/// The built-in encodings fail on repeated and bracketed names, which identity schemas may ask for.
pub struct Fragment;

impl<Input, C> Protocol<Input, Reply, C, AxumServerFnBackend, Error> for Fragment
where
    Input: From<Submission> + Send,
    C: Client<Error>,
{
    const METHOD: Method = Method::POST;

    async fn run_server<F, Fut>(request: Request<Body>, server_fn: F) -> Result<Response, Error>
    where
        F: Fn(Input) -> Fut + Send,
        Fut: Future<Output = Result<Reply, Error>> + Send,
    {
        let visit = Visit::current()?;
        let decision = match form(request).await {
            Ok(form) => server_fn(Input::from(form)).await.map(|reply| reply.0),
            Err(error) => Err(error),
        };
        Ok(if visit.is_htmx() {
            to_htmx(&visit, decision)
        } else {
            to_form(&visit, decision)
        })
    }

    /// There is no client: nothing of this runs in a browser.
    async fn run_client(_: &str, _: Input) -> Result<Reply, Error> {
        Err(Error::Internal)
    }
}

/// A posted form as the pairs that were sent.
async fn form(request: Request<Body>) -> Result<Submission, Error> {
    let is_form = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| is_media_type(value, "application/x-www-form-urlencoded"));
    let body = body(request.into_body()).await?;
    // A form without fields (the sign-out) may come without a type.
    if !is_form && !body.is_empty() {
        return Err(Error::Unreadable);
    }
    let pairs = form_urlencoded::parse(&body).take(MAX_FIELDS + 1);
    let pairs: Vec<_> = pairs.collect();
    if pairs.len() > MAX_FIELDS {
        return Err(Error::TooLarge);
    }
    let pairs = pairs.into_iter().filter(|(name, _)| name.len() <= MAX_NAME);
    let pairs = pairs.map(|(name, value)| (name.into_owned(), value.into_owned()));
    Ok(Submission(pairs.collect()))
}

/// Whether a `Content-Type` is exactly this one, whatever its parameters are.
pub(crate) fn is_media_type(value: &HeaderValue, known: &str) -> bool {
    let kind = value.as_bytes().split(|byte| *byte == b';').next();
    let kind = kind.unwrap_or_default().trim_ascii();
    kind.eq_ignore_ascii_case(known.as_bytes())
}

/// A request's body, if it is not too large and comes in time.
pub(crate) async fn body(body: Body) -> Result<Bytes, Error> {
    let whole = timeout(FORM_TIME, collected(body)).await;
    whole.unwrap_or(Err(Error::Unreadable))
}

/// Collects a body. Only so many large bodies are held at once, however slowly they arrive. This bounds the memory.
async fn collected(mut body: Body) -> Result<Bytes, Error> {
    let mut whole = Vec::new();
    let mut place = None;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Error::Unreadable)?;
        // Trailers say nothing here.
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if whole.len() + data.len() > MAX_FORM {
            return Err(Error::TooLarge);
        }
        if whole.len() + data.len() > SMALL_FORM && place.is_none() {
            let full = |_| Error::TooMany(Some(FORM_TIME.as_secs()));
            place = Some(LARGE_FORMS.try_acquire().map_err(full)?);
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.into())
}

/// htmx swaps a panel with any status below 500, and follows `HX-Redirect`. It must never see a 3xx: `fetch` would
/// follow it unseen, and the address bar would not change.
fn to_htmx(visit: &Visit, decision: Result<Decision, Error>) -> Response {
    match decision {
        Ok(Decision::Go(to)) => redirect(visit, StatusCode::OK, HX_REDIRECT, &to),
        Ok(Decision::Show(Shown { screen, .. })) => {
            let status = if screen.failed {
                StatusCode::UNPROCESSABLE_ENTITY
            } else {
                StatusCode::OK
            };
            shown(visit, status, screen)
        }
        Ok(Decision::Wait { screen, seconds }) => {
            let error = Error::TooMany(Some(seconds));
            log(visit, error);
            let mut response = shown(visit, error.status(), screen);
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
            response
        }
        Err(error) => error_page(visit, error),
    }
}

/// A plain form is always sent on (Post/Redirect/Get): Kratos keeps the messages, the page shows them.
fn to_form(visit: &Visit, decision: Result<Decision, Error>) -> Response {
    match decision {
        // `form-action 'self'` also stops a redirect to another origin, so a page of ours leads on.
        Ok(Decision::Go(to)) if leads_away(visit, &to) => match visit.origins().absolute(&to) {
            Some(url) => {
                let screen = ui::hand_off(&frame(visit), &url);
                shown(visit, StatusCode::OK, screen)
            }
            None => error_page(visit, Error::KratosBroken),
        },
        Ok(Decision::Go(to)) => redirect(visit, StatusCode::SEE_OTHER, LOCATION, &to),
        Ok(Decision::Show(Shown { at, flash, .. })) => {
            if let Some(flash) = flash {
                visit.set_flash(flash);
            }
            redirect(visit, StatusCode::SEE_OTHER, LOCATION, &at)
        }
        Ok(Decision::Wait { seconds, .. }) => error_page(visit, Error::TooMany(Some(seconds))),
        Err(error) => error_page(visit, error),
    }
}

/// The answer to what nobody has asked to see: Kratos would start a flow for it, or mail a code.
pub(crate) fn unasked(visit: &Visit, request: &Request<Body>) -> Option<Response> {
    if request.method() == Method::HEAD {
        return Some(StatusCode::OK.into_response());
    }
    // The second is what browsers said before there was the first.
    let said = ["sec-purpose", "purpose"].map(|name| request.headers().get(name));
    let is_prefetch = |purpose: &HeaderValue| purpose.as_bytes().starts_with(b"prefetch");
    let is_unasked = said.into_iter().flatten().any(is_prefetch);
    is_unasked.then(|| error_page(visit, Error::Prefetch))
}

/// A page load gets a page, or is sent on.
pub(crate) fn to_page(visit: &Visit, reply: Result<Reply, Error>) -> Response {
    match reply.map(|reply| reply.0) {
        Ok(Decision::Show(Shown { screen, .. })) => shown(visit, StatusCode::OK, screen),
        Ok(Decision::Go(to)) => redirect(visit, StatusCode::SEE_OTHER, LOCATION, &to),
        Ok(Decision::Wait { seconds, .. }) => error_page(visit, Error::TooMany(Some(seconds))),
        Err(error) => error_page(visit, error),
    }
}

/// An error as the browser wants to have it: a panel for htmx, else a whole page.
pub(crate) fn error_page(visit: &Visit, error: Error) -> Response {
    let frame = frame(visit);
    log(visit, error);
    let screen = ui::error(&frame, error);
    let mut response = if visit.is_htmx() {
        let mut response = fragment(error.status(), &frame, screen);
        if error.spares_form() {
            let lead = ui::error_lead(frame.texts, error);
            let message: String = form_urlencoded::byte_serialize(lead.as_bytes()).collect();
            if let Ok(message) = HeaderValue::from_str(&message) {
                response.headers_mut().insert(MESSAGE, message);
            }
        }
        response
    } else {
        document(error.status(), &frame, screen)
    };
    if let Some(seconds) = error.retry_after() {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}

/// What stands around each screen.
pub(crate) fn frame(visit: &Visit) -> Frame<'_> {
    Frame {
        shell: visit.shell(),
        texts: visit.texts(),
        base: visit.base(),
        service: &visit.config().project_name,
        brand: visit.brand(),
        nonce: visit.nonce(),
        request_id: visit.request_id(),
        query: visit.query(),
        application: visit.application_name(),
    }
}

/// The page of a flow, as this request names it: with its section or factor, and with the mark of a second try.
pub(crate) fn flow_page(visit: &Visit, mut page: FlowPage) -> FlowPage {
    page.again = visit.parameter("again").is_some();
    page.section = visit.parameter("section").and_then(Section::from_name);
    page.factor = visit.parameter("factor").and_then(Factor::from_name);
    page
}

/// Tells whether a redirect to this place may end on another site. Without a session Kratos has
/// nothing to accept.
fn leads_away(visit: &Visit, to: &Destination) -> bool {
    matches!(to, Destination::Outside(_)) || (to.may_lead_away() && visit.will_have_session())
}

/// The same page as a place to go to, with the challenge of the application that waits for the end
/// of this errand.
pub(crate) fn at(visit: &Visit, page: FlowPage) -> Destination {
    match visit.application() {
        Some(login_challenge) => Destination::FlowFor {
            page,
            login_challenge,
        },
        None => Destination::Flow(page),
    }
}

fn redirect(visit: &Visit, status: StatusCode, header: HeaderName, to: &Destination) -> Response {
    let mut response = status.into_response();
    match HeaderValue::from_str(&to.under(visit.base())) {
        Ok(value) => {
            response.headers_mut().insert(header, value);
            response
        }
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

/// A screen as the browser asks for it, unless it is too long: then the form was, or Kratos' answer.
fn shown(visit: &Visit, status: StatusCode, screen: Screen) -> Response {
    let frame = frame(visit);
    let response = if visit.is_htmx() {
        fragment(status, &frame, screen)
    } else {
        document(status, &frame, screen)
    };
    let size = response.body().size_hint().lower();
    if size <= MAX_ANSWER as u64 {
        return response;
    }
    tracing::warn!(request.id = visit.request_id(), size, "a page is too long");
    let error = if visit.is_post() {
        Error::TooLarge
    } else {
        Error::KratosBroken
    };
    error_page(visit, error)
}

fn document(status: StatusCode, frame: &Frame, screen: Screen) -> Response {
    html(status, ui::document(frame, screen))
}

fn fragment(status: StatusCode, frame: &Frame, screen: Screen) -> Response {
    let mut response = html(status, ui::fragment(frame, screen));
    response
        .headers_mut()
        .insert(FRAGMENT, HeaderValue::from_static("panel"));
    response
}

/// A whole page or a part of one.
fn html(status: StatusCode, mut markup: String) -> Response {
    // A browser may be slow to take it.
    if markup.capacity() - markup.len() > SPARE {
        markup.shrink_to_fit();
    }
    (status, [(CONTENT_TYPE, HTML)], markup).into_response()
}

fn log(visit: &Visit, error: Error) {
    let status = error.status().as_u16();
    if error == Error::Prefetch {
        // Nobody sees it, and nothing is wrong.
        tracing::debug!(request.id = visit.request_id(), status, %error, "a request was refused");
    } else if error == Error::Loop {
        // Anybody can say so: no alert is to come of it.
        tracing::warn!(request.id = visit.request_id(), status, %error, "a request was refused");
    } else if status >= 500 {
        tracing::error!(request.id = visit.request_id(), status, %error, "a request failed");
    } else {
        tracing::info!(request.id = visit.request_id(), status, %error, "a request was refused");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn of_large_forms_only_so_many_are_held_at_once() {
        let large = || body(Body::from("x".repeat(SMALL_FORM + 1)));
        assert!(large().await.is_ok());
        let places = LARGE_FORMS.try_acquire_many(MAX_LARGE_FORMS as u32);
        assert_eq!(large().await, Err(Error::TooMany(Some(30))));
        assert!(body(Body::from("x".repeat(SMALL_FORM))).await.is_ok());
        drop(places);
        assert!(large().await.is_ok());
    }
}
