//! Forms at whose end an application waits (Ory Hydra), and where a browser goes after them.
//!
//! Kratos 1.3.1 tells only a browser's own form the way back to the application (ory/kratos#4233).
//! So a sign-up and the verification after it are posted as a browser would, and its redirects
//! are read.

use url::Url;

use crate::destination::Destination;
use crate::error::Error;
use crate::hypermedia::Reply;
use crate::kratos::{
    Answer, Channel, Flow, FlowId, FlowKind, Form, Group, Next, Outcome, Problem, State,
    Unreachable,
};
use crate::visit::{Flash, Visit};

/// Where a browser goes when nothing is left to do in a flow.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Onward<'a> {
    Flow(FlowKind, FlowId),
    /// An address of Kratos' answer.
    Follow(&'a str),
    /// To the application, with its challenge.
    Application(&'a str),
    Nowhere,
}

/// Decides where to go on. The application goes before any page that Kratos would show in the end.
pub(super) fn onward<'a>(next: Option<&'a Next>, application: Option<&'a str>) -> Onward<'a> {
    match (next, application) {
        (Some(Next::Flow(kind, id)), _) => Onward::Flow(*kind, *id),
        (Some(Next::Redirect(to)), Some(challenge)) if !is_accepted(to) => {
            Onward::Application(challenge)
        }
        (Some(Next::Redirect(to)), Some(_) | None) => Onward::Follow(to),
        (None, Some(challenge)) => Onward::Application(challenge),
        (None, None) => Onward::Nowhere,
    }
}

/// Keeps the challenge for the way back from a provider. Kratos 1.3.1 forgets it in the sign-in
/// that connects an account, which begins there.
pub(super) fn wait_at_provider(visit: &Visit, kind: FlowKind, to: &str) {
    let is_sign_in = match kind {
        FlowKind::Login | FlowKind::Registration => true,
        FlowKind::Recovery | FlowKind::Verification | FlowKind::Settings => false,
    };
    let url = Url::parse(to)
        .ok()
        .filter(|_| is_sign_in && !is_accepted(to));
    let state = url.and_then(|url| {
        let (_, state) = url.query_pairs().find(|(name, _)| name == "state")?;
        Some(state.into_owned())
    });
    if let Some((state, challenge)) = state.zip(visit.application()) {
        visit.set_errand(&state, &challenge);
    }
}

/// Returns the steps after a sign-up for an application, where Kratos has made the account and no
/// session. Only the answer to a browser's form tells nothing of the account.
pub(super) fn signed_up_without_session<'a>(
    visit: &Visit,
    outcome: &'a Outcome,
) -> Option<&'a [Next]> {
    match outcome {
        Outcome::Finished {
            session: None,
            identity: None,
            next,
        } if visit.application().is_some() => Some(next),
        _ => None,
    }
}

/// The way on after such a sign-up: the confirmation of an address that was mailed, else the
/// sign-in.
///
/// # Errors
/// Where Kratos leads to a place where browsers must not go.
pub(super) async fn after_sign_up(
    visit: &Visit,
    form: &Form,
    next: &[Next],
) -> Result<Reply, Error> {
    if let Some(address) = mailed(visit, form).await {
        return Ok(super::confirm(visit, address, Flash::ConfirmAddress));
    }
    let names = ["traits.email", "traits.username"].into_iter();
    let account = names.filter_map(|name| form.get(name)).next();
    if let Some(account) = account.or_else(|| form.messaged.first().map(String::as_str)) {
        visit.set_address(account);
    }
    match Next::first(next) {
        // Hydra asks for the consent, which asks for a sign-in.
        Some(Next::Redirect(to)) => {
            visit.set_flash(Flash::Registered);
            super::follow(visit, to)
        }
        Some(Next::Flow(..)) | None => Ok(super::registered(visit)),
    }
}

/// The address that Kratos has mailed after a sign-up, as far as the form tells. A code that was
/// typed has confirmed its address.
async fn mailed<'a>(visit: &Visit, form: &'a Form) -> Option<&'a str> {
    let off = visit.kratos().switched_off().await;
    let is_confirmed = form.method == Some(Group::Code);
    let is_mailed = !is_confirmed && !off.contains(&FlowKind::Verification);
    let mut mails = form.messaged.iter().filter(|_| is_mailed);
    mails
        .find(|address| Channel::of(address) == Channel::Mail)
        .map(String::as_str)
}

/// Tells whether Kratos has accepted the challenge: the address is Hydra's, with its verifier.
fn is_accepted(to: &str) -> bool {
    Url::parse(to).is_ok_and(|url| url.query_pairs().any(|(name, _)| name == "login_verifier"))
}

/// Posts a form. Where an application waits, the answer leads there as soon as Kratos can tell.
///
/// # Errors
/// [`Unreachable`], as for every question to Kratos.
pub(super) async fn submit(visit: &Visit, id: FlowId, form: &Form) -> Result<Answer, Unreachable> {
    let kind = form.kind;
    let application = visit.application();
    let is_told_to_browsers = matches!(kind, FlowKind::Registration | FlowKind::Verification);
    let mut answer = if is_told_to_browsers && application.is_some() {
        submit_as_browser(visit, id, form).await?
    } else {
        visit.kratos().submit(id, form, visit.browser()).await?
    };
    if kind != FlowKind::Verification {
        return Ok(answer);
    }
    if form.get("code").is_some() && is_failure(&answer.outcome) {
        answer = read_again(visit, id, answer).await?;
    }
    if let (Outcome::Form { flow, .. }, Some(challenge)) = (&answer.outcome, application)
        && flow.state == State::PassedChallenge
    {
        if !visit.has_session_cookie() {
            visit.set_flash(Flash::AddressConfirmed);
        }
        answer.outcome = Outcome::Leave(visit.origins().way_to_application(&challenge));
    }
    Ok(answer)
}

/// Tells whether Kratos has failed at a form. Kratos 26.2 answers 404 to a right code if an
/// application waits and there is no session: it confirms the address, accepts the challenge, and
/// then looks for a session.
fn is_failure(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Unknown | Outcome::Broken(_))
}

/// Reads a verification whose form has failed. If the address is confirmed all the same, that is
/// the answer.
async fn read_again(visit: &Visit, id: FlowId, failed: Answer) -> Result<Answer, Unreachable> {
    let is_passed = |flow: &Flow| flow.state == State::PassedChallenge;
    let read = read(visit, FlowKind::Verification, id, &failed).await?;
    Ok(match &read.outcome {
        Outcome::Form { flow, .. } if is_passed(flow) => after(failed, read),
        _ => failed,
    })
}

/// Reads a flow with the cookies of an answer.
async fn read(
    visit: &Visit,
    kind: FlowKind,
    id: FlowId,
    answer: &Answer,
) -> Result<Answer, Unreachable> {
    let browser = visit.browser_after(&answer.set_cookies);
    visit.kratos().get(kind, id, &browser).await
}

/// The later of two answers, with the cookies of both.
fn after(earlier: Answer, later: Answer) -> Answer {
    let mut set_cookies = earlier.set_cookies;
    set_cookies.extend(later.set_cookies);
    Answer {
        set_cookies,
        ..later
    }
}

/// Where Kratos sends a browser whose form it has read.
#[derive(Debug, PartialEq, Eq)]
enum Landing<'a> {
    Flow(FlowKind, FlowId),
    /// The page of an error, by its id.
    Error(String),
    /// Another page of ours.
    Own,
    Away(&'a str),
}

impl<'a> Landing<'a> {
    /// Reads an address of Kratos' answer; `own` is the path of ours that it stands for.
    fn of(to: &'a str, own: Option<&str>) -> Self {
        let Some(path) = own else {
            return Self::Away(to);
        };
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let value = |wanted: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            let (_, value) = pairs.find(|(name, _)| name == wanted)?;
            Some(value.into_owned())
        };
        let kind = match path.trim_start_matches('/') {
            "verify" => Some(FlowKind::Verification),
            name => FlowKind::from_name(name),
        };
        let flow = kind.zip(value("flow").and_then(|id| FlowId::parse(&id)));
        match (flow, value("id")) {
            (Some((kind, id)), _) => Self::Flow(kind, id),
            (None, Some(id)) if path == "/error" => Self::Error(id),
            (None, _) if path.starts_with("/self-service/") => Self::Away(to),
            (None, _) => Self::Own,
        }
    }
}

/// Posts a form as a browser does, and finds out what the redirect of the answer means.
async fn submit_as_browser(visit: &Visit, id: FlowId, form: &Form) -> Result<Answer, Unreachable> {
    let (kind, kratos, browser) = (form.kind, visit.kratos(), visit.browser());
    let mut answer = kratos.submit_as_browser(id, form, browser).await?;
    let Outcome::Leave(to) = &answer.outcome else {
        return Ok(answer);
    };
    let own = match visit.origins().from_kratos(to) {
        Some(Destination::Own(path)) => Some(path),
        Some(_) | None => None,
    };
    let has_session = visit.has_session_cookie() || visit.session_begun_by(&answer).is_some();
    match Landing::of(to, own.as_deref()) {
        Landing::Flow(same, of) if (same, of) == (kind, id) => {
            let read = read(visit, kind, id, &answer).await?;
            return Ok(after(answer, read));
        }
        Landing::Flow(same, other) if same == kind => {
            answer.outcome = Outcome::Moved(kind, other);
        }
        Landing::Flow(kind, id) => answer.outcome = Outcome::Continue(vec![Next::Flow(kind, id)]),
        Landing::Error(error) => {
            let problem = kratos.problem(&error, browser).await?;
            answer.outcome = failed(&problem.outcome);
        }
        // The page at the end: of a sign-up that signs in, or of a session that there was before.
        Landing::Own if has_session => answer.outcome = Outcome::AlreadySignedIn,
        Landing::Own => answer.outcome = without_session(Vec::new()),
        // Kratos accepts the challenge also for an account that it gives no session.
        Landing::Away(to) if kind == FlowKind::Registration && is_accepted(to) && !has_session => {
            let next = vec![Next::Redirect(to.to_owned())];
            answer.outcome = without_session(next);
        }
        Landing::Away(_) => {}
    }
    Ok(answer)
}

fn without_session(next: Vec<Next>) -> Outcome {
    Outcome::Finished {
        session: None,
        identity: None,
        next,
    }
}

/// What the error page of a form would say, as the outcome of the form.
fn failed(problem: &Outcome) -> Outcome {
    match problem {
        Outcome::Problem(Problem::Csrf) => Outcome::Csrf,
        Outcome::Problem(Problem::AccountDisabled) => Outcome::AccountDisabled,
        Outcome::Problem(Problem::Status(400)) => Outcome::BadRequest,
        Outcome::Problem(Problem::Status(404)) => Outcome::Unknown,
        Outcome::Problem(Problem::Status(410)) => Outcome::Expired { return_to: None },
        Outcome::Problem(Problem::Status(status)) => Outcome::Broken(*status),
        _ => Outcome::Broken(500),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "90f5b905-3161-4fa3-b8c7-5014e2768ed6";
    const HYDRA: &str = "https://hydra.example/oauth2/auth?client_id=x&login_verifier=v";
    const HOME: &str = "https://id.example/welcome";

    #[test]
    fn an_application_goes_before_every_page_but_not_before_a_form() {
        let id = FlowId::parse(ID).expect("an id of the test");
        let form = Next::Flow(FlowKind::Verification, id);
        let home = Next::Redirect(HOME.to_owned());
        let hydra = Next::Redirect(HYDRA.to_owned());
        let waits = Some("c");
        for (next, application, to) in [
            (Some(&form), waits, Onward::Flow(FlowKind::Verification, id)),
            (Some(&form), None, Onward::Flow(FlowKind::Verification, id)),
            (Some(&home), waits, Onward::Application("c")),
            (Some(&home), None, Onward::Follow(HOME)),
            (Some(&hydra), waits, Onward::Follow(HYDRA)),
            (None, waits, Onward::Application("c")),
            (None, None, Onward::Nowhere),
        ] {
            assert_eq!(onward(next, application), to, "{next:?} {application:?}");
        }
    }

    #[test]
    fn a_redirect_of_kratos_says_where_a_form_has_led() {
        let id = FlowId::parse(ID).expect("an id of the test");
        let flow = |kind: &str| format!("/{kind}?flow={ID}");
        for (own, landing) in [
            (
                Some(flow("registration")),
                Landing::Flow(FlowKind::Registration, id),
            ),
            (
                Some(flow("verify")),
                Landing::Flow(FlowKind::Verification, id),
            ),
            (
                Some("/error?id=x".to_owned()),
                Landing::Error("x".to_owned()),
            ),
            (Some("/welcome".to_owned()), Landing::Own),
            (Some("/registration?flow=x".to_owned()), Landing::Own),
            (
                Some("/self-service/login/browser?aal=aal2".to_owned()),
                Landing::Away(HYDRA),
            ),
            (None, Landing::Away(HYDRA)),
        ] {
            assert_eq!(Landing::of(HYDRA, own.as_deref()), landing, "{own:?}");
        }
    }
}
