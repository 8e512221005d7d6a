//! The five flows and the sign-out: for each a page and a server function, together in one file.
//!
//! Here is what they share: [`open`] finds or starts the flow of a page, [`submit`] relays a form. Between Kratos'
//! [`Outcome`] and the [`Reply`] there is nothing but these decisions.

mod application;
mod draft;
mod effort;
pub mod login;
pub mod logout;
pub mod recovery;
pub mod registration;
pub mod settings;
pub mod verification;

use std::sync::Once;

use crate::destination::{Destination, FlowPage, LOGIN_CHALLENGE, Page, Section, Why};
use crate::error::Error;
use crate::hypermedia::{Reply, at, flow_page, frame};
use crate::kratos::{
    Answer, Flow, FlowId, FlowKind, Form, Level, Message, MessageId, Next, Outcome, Session,
    Submission, Unreadable,
};
use crate::limit::Limit;
use crate::telemetry;
use crate::ui::Screen;
use crate::visit::{Event, Flash, TypedFor, Visit};

use self::application::{Onward, onward};
use self::draft::{Draft, SentTo};
use self::effort::Effort;

/// The parameter that names the flow whose place a new one takes.
const INSTEAD_OF: &str = "instead_of";

/// The page of a flow: that of `?flow=`, or a new one.
async fn open(visit: &Visit, kind: FlowKind) -> Result<Reply, Error> {
    let Some(text) = visit.parameter("flow") else {
        let reply = start(visit, kind, visit.flow_parameters(), false).await?;
        let given_up = visit.parameter(INSTEAD_OF).and_then(FlowId::parse);
        return Ok(match given_up {
            Some(id) => taking_along(visit, kind, &held(visit, kind, id).await, reply),
            None => reply,
        });
    };
    let Some(id) = FlowId::parse(text) else {
        return start(visit, kind, visit.flow_parameters(), false).await;
    };
    let answer = visit.kratos().get(kind, id, visit.browser()).await?;
    let outcome = visit.hear(answer);
    match outcome {
        Outcome::Form { mut flow, .. } if flow.kind == kind && flow.id == id => {
            if let Some(to) = in_other_language(visit, &flow) {
                return Ok(Reply::go(to));
            }
            if let Some(sent) = login::send_only_code(visit, &flow).await {
                flow = sent;
            }
            if let Some(typed) = visit.take_typed(kind, id) {
                flow.take_over(&typed);
            }
            let hint = flow.login_hint.take();
            if let Some(address) = visit.address().or(hint.as_deref()) {
                flow.suggest(address);
            }
            let mut flash = visit.take_flash();
            // Said once, however often the page is read.
            if flash != Some(Flash::Saved) {
                let is_news = |message: &Message| message.id != MessageId::SETTINGS_SAVED;
                flow.messages.retain(is_news);
            }
            flash = flash.filter(|flash| *flash != Flash::Saved);
            let screen = screen(visit, *flow, flash).await?;
            Ok(Reply::show(screen, here(visit, kind, id)))
        }
        // An old link, or one from elsewhere: nothing was typed, so there is nothing to say about it.
        Outcome::Csrf | Outcome::OtherIdentity | Outcome::Unknown if !is_second_try(visit) => {
            start(visit, kind, visit.flow_parameters(), true).await
        }
        Outcome::Csrf => Err(Error::CookiesNeeded),
        outcome => resolve(visit, kind, Some(id), outcome).await,
    }
}

/// This page in the language that the application asks for, if the person has chosen none.
fn in_other_language(visit: &Visit, flow: &Flow) -> Option<Destination> {
    let locale = visit.other_language(flow.ui_locales.as_deref()?)?;
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(visit.query().iter().filter(|(name, _)| name != "lang"))
        .append_pair("lang", locale.tag())
        .finish();
    Some(Destination::Own(format!("{}?{query}", visit.path())))
}

/// A posted form of a flow.
async fn submit(kind: FlowKind, posted: Submission) -> Result<Reply, Error> {
    let visit = Visit::current()?;
    let Some(id) = visit.parameter("flow").and_then(FlowId::parse) else {
        visit.set_flash(Flash::StartedAgain);
        let reply = start(&visit, kind, visit.flow_parameters(), true).await?;
        return Ok(taking_along(&visit, kind, &posted, reply));
    };
    // Before all else: whatever comes of it costs Kratos something.
    if let Err(error) = visit.count_here(Limit::Attempts) {
        return put_off(&visit, kind, id, &posted, error).await;
    }
    let answer = visit.kratos().get(kind, id, visit.browser()).await?;
    let flow = match answer.outcome {
        Outcome::Form { flow, .. } if flow.kind == kind && flow.id == id => flow,
        _ => {
            let outcome = unreadable(&visit, kind, answer).await?;
            let reply = resolve(&visit, kind, Some(id), outcome).await?;
            return Ok(taking_along(&visit, kind, &posted, reply));
        }
    };
    match admit(&visit, &flow, &posted).await {
        Ok((form, effort)) => {
            let answer = call(&visit, id, form.clone(), effort).await?;
            decide(&visit, &flow, form, answer).await
        }
        Err(Refused::Flash(flash)) => complain_at(&visit, *flow, flash, &posted).await,
        Err(Refused::TooMany(error)) => put_off(&visit, kind, id, &posted, error).await,
    }
}

/// What it means that the flow of a form cannot be read. A sign-in in another tab has changed the cookies of this one.
async fn unreadable(visit: &Visit, kind: FlowKind, answer: Answer) -> Result<Outcome, Error> {
    let outcome = match visit.hear(answer) {
        // The address of the form has the return_to. Kratos names its default where there is none.
        Outcome::Expired { .. } => Outcome::Expired { return_to: None },
        outcome => outcome,
    };
    let is_for_strangers = match kind {
        FlowKind::Login | FlowKind::Registration | FlowKind::Recovery => true,
        FlowKind::Verification | FlowKind::Settings => false,
    };
    let is_another_try =
        visit.parameter("refresh") == Some("true") || visit.parameter("aal") == Some("aal2");
    let may_be_done = is_for_strangers && !is_another_try && visit.has_session_cookie();
    if outcome != Outcome::Csrf || !may_be_done {
        return Ok(outcome);
    }
    let answer = visit.kratos().whoami(visit.browser()).await?;
    Ok(match visit.hear(answer) {
        Outcome::Session(_) | Outcome::SecondFactorNeeded => Outcome::AlreadySignedIn,
        _ => outcome,
    })
}

/// Why Kratos does not get a form.
enum Refused {
    Flash(Flash),
    TooMany(Error),
}

/// Reads a form, and counts what it costs.
async fn admit(visit: &Visit, flow: &Flow, posted: &Submission) -> Result<(Form, Effort), Refused> {
    let traits = visit.kratos().traits(flow).await;
    let form = Form::read(flow, &traits, posted).map_err(|unreadable| {
        Refused::Flash(match unreadable {
            Unreadable::OddCharacter => Flash::CheckInput,
            Unreadable::Ambiguous => Flash::Ambiguous,
        })
    })?;
    if effort::is_odd(flow, &form) {
        return Err(Refused::Flash(Flash::CheckInput));
    }
    let effort = Effort::of(visit, flow, &form).await;
    let is_resend = visit.parameter("resend").is_some();
    if (is_resend && visit.was_just_sent(flow.id)) || !effort.begin_cool_down(visit) {
        return Err(Refused::Flash(Flash::SentJustNow));
    }
    if let Err(error) = effort.count(visit) {
        effort.end_cool_down(visit);
        return Err(Refused::TooMany(error));
    }
    Ok((form, effort))
}

/// Gives Kratos a form and records what comes of it, also where the browser does not wait for the answer.
async fn call(visit: &Visit, id: FlowId, form: Form, effort: Effort) -> Result<Answer, Error> {
    let visit = visit.clone();
    let task = tokio::spawn(async move {
        let answer = application::submit(&visit, id, &form).await;
        match &answer {
            Ok(answer) => effort.learn(&visit, answer),
            Err(_) => effort.give_back(&visit),
        }
        answer
    });
    let answer = task.await.map_err(|_| Error::Internal)?;
    Ok(answer?)
}

/// What to show or where to go after Kratos' answer to a form.
async fn decide(visit: &Visit, before: &Flow, form: Form, answer: Answer) -> Result<Reply, Error> {
    let (kind, id) = (before.kind, before.id);
    telemetry::submitted(kind, &answer.outcome);
    let outcome = visit.hear(answer);
    if let Some(next) = application::signed_up_without_session(visit, &outcome) {
        return application::after_sign_up(visit, &form, next).await;
    }
    let form = form.fields;
    keep_address(visit, kind, &form, &outcome);
    if let Outcome::Form { flow, .. } = &outcome
        && matches!(kind, FlowKind::Login | FlowKind::Recovery)
        && flow.has_errors()
    {
        visit.report(Event::SignInFailed);
    }
    match outcome {
        Outcome::Form { flow, .. } if flow.id == id && flow.is_used_up() => {
            visit.set_flash(Flash::TooOften);
            let reply = start(visit, kind, errand(visit, &flow), true).await?;
            Ok(taking_along(visit, kind, &form, reply))
        }
        Outcome::Form { flow, next } if flow.kind == kind && flow.id == id => {
            answered(visit, flow, &next, &form).await
        }
        // A recovery is over then: its code was right.
        Outcome::AccountDisabled if kind == FlowKind::Recovery => {
            visit.set_flash(Flash::AccountDisabled);
            Ok(Reply::go(Destination::Page(Page::Login)))
        }
        Outcome::AccountDisabled => complain(visit, kind, id, Flash::AccountDisabled, &form).await,
        // Kratos answers as if it were broken itself.
        Outcome::Broken(_) if holds_new_key(&form) => {
            complain(visit, kind, id, Flash::KeyRefused, &form).await
        }
        outcome => {
            let reply = resolve(visit, kind, Some(id), outcome).await?;
            let is_replaced = reply.flow_page().is_some_and(|page| page.kind == kind);
            let form = if is_replaced {
                with_address(before, form)
            } else {
                form
            };
            Ok(taking_along(visit, kind, &form, reply))
        }
    }
}

/// The answer to a form is the form's own flow: with messages, at its next step, or done.
async fn answered(
    visit: &Visit,
    mut flow: Box<Flow>,
    next: &[Next],
    form: &Submission,
) -> Result<Reply, Error> {
    let (kind, id) = (flow.kind, flow.id);
    let is_resend = visit.parameter("resend").is_some();
    if flow.has_errors() {
        // Kratos forgets what is no address.
        let lost = flow.keep(form);
        keep_typed(visit, id, &lost);
    } else if flow.awaits_code() {
        visit.set_sent(id);
    }
    let is_done = flow.message(MessageId::SETTINGS_SAVED).is_some();
    if let Some(address) = settings::mailed_unasked(&flow, form, next) {
        return Ok(confirm(visit, address, Flash::ConfirmNewAddress));
    }
    match Next::first(next) {
        Some(Next::Flow(next, id)) => {
            if is_done && *next == FlowKind::Verification {
                visit.set_flash(Flash::AddressSaved);
            }
            Ok(to_flow(visit, *next, *id))
        }
        // The user came with a return_to and has made the change.
        Some(Next::Redirect(to)) if flow.return_to.is_some() && is_done => {
            if leads_to_settings(visit, to) {
                visit.set_flash(Flash::AddressSaved);
            }
            follow(visit, to)
        }
        // Otherwise the screen itself says more than the page Kratos would go to.
        Some(Next::Redirect(_)) | None => {
            let resent = if flow.awaits_code() {
                Flash::Resent
            } else {
                Flash::LinkResent
            };
            let flash = (is_resend && !flow.has_errors()).then_some(resent);
            let screen = screen(visit, *flow, flash).await?;
            let said = flash.or(is_done.then_some(Flash::Saved));
            Ok(Reply::show_saying(screen, here(visit, kind, id), said))
        }
    }
}

/// The form, and where its code was sent, for another flow to take this one's place: what asks for the code does not
/// hold the address, but the flow does.
fn with_address(flow: &Flow, mut form: Submission) -> Submission {
    let is_lacking = form.get("code").is_some() && form.get("email").is_none();
    let has_address = matches!(flow.kind, FlowKind::Recovery | FlowKind::Verification);
    if is_lacking && has_address {
        let held = values(flow).0.into_iter();
        form.0.extend(held.filter(|(name, _)| name == "email"));
    }
    form
}

/// What the fields of a flow hold, seen and unseen; nothing where the flow is gone.
async fn held(visit: &Visit, kind: FlowKind, id: FlowId) -> Submission {
    // Its cookies would take the place of those of the answer.
    let answer = visit.kratos().get(kind, id, visit.browser()).await;
    let Ok(Answer {
        outcome: Outcome::Form { flow, .. },
        ..
    }) = answer
    else {
        return Submission::default();
    };
    values(&flow)
}

fn values(flow: &Flow) -> Submission {
    let values = flow
        .inputs()
        .filter_map(|(_, input)| Some((input.name.clone(), input.value.clone()?)));
    Submission(values.collect())
}

/// Whether a form holds a passkey or a security key that was just made.
fn holds_new_key(form: &Submission) -> bool {
    [
        "passkey_register",
        "passkey_settings_register",
        "webauthn_register",
    ]
    .into_iter()
    .any(|name| form.get(name).is_some())
}

/// A posted form of a flow whose code comes by mail: either an address, which sends a code, or a code, which ends
/// the flow. Both or neither is nothing that a person can mean.
async fn submit_code(kind: FlowKind, form: Submission) -> Result<Reply, Error> {
    let is_given = |name: &str| form.get(name).is_some_and(|value| !value.trim().is_empty());
    // The address of an earlier step goes along unseen with a code.
    let asks_for_code = form.0.iter().any(|(name, _)| name == "code");
    let address = ["email", "recovery_confirm_address"]
        .into_iter()
        .any(is_given)
        || (!asks_for_code && is_given("recovery_address"));
    let other_steps = ["recovery_select_address", "screen"];
    let wrong = match (is_given("code"), address) {
        (true, true) => Some(Flash::CodeOrAddress),
        (false, false) if !other_steps.into_iter().any(is_given) => Some(Flash::Missing),
        (true, false) | (false, true | false) => None,
    };
    match wrong {
        Some(wrong) => refuse(kind, wrong, form).await,
        None => submit(kind, form).await,
    }
}

/// Says what is wrong with a form before Kratos sees it.
async fn refuse(kind: FlowKind, wrong: Flash, form: Submission) -> Result<Reply, Error> {
    let visit = Visit::current()?;
    match visit.parameter("flow").and_then(FlowId::parse) {
        Some(id) => complain(&visit, kind, id, wrong, &form).await,
        None => submit(kind, form).await,
    }
}

/// Says something of ours at a form that Kratos did not get to see.
async fn complain(
    visit: &Visit,
    kind: FlowKind,
    id: FlowId,
    flash: Flash,
    form: &Submission,
) -> Result<Reply, Error> {
    let answer = visit.kratos().get(kind, id, visit.browser()).await?;
    let outcome = visit.hear(answer);
    match outcome {
        Outcome::Form { flow, .. } if flow.kind == kind && flow.id == id => {
            complain_at(visit, *flow, flash, form).await
        }
        outcome => {
            let reply = resolve(visit, kind, Some(id), outcome).await?;
            Ok(taking_along(visit, kind, form, reply))
        }
    }
}

/// The same at a form that was just read.
async fn complain_at(
    visit: &Visit,
    mut flow: Flow,
    flash: Flash,
    form: &Submission,
) -> Result<Reply, Error> {
    let typed = flow.take_over(form);
    keep_typed(visit, flow.id, &typed);
    let at = here(visit, flow.kind, flow.id);
    let screen = screen(visit, flow, Some(flash)).await?;
    Ok(Reply::show_saying(screen, at, Some(flash)))
}

/// Answers a form that was sent too often, to be sent again later. With a script it stays where it is; without one there is
/// a page in its place, and what was typed waits at the form.
async fn put_off(
    visit: &Visit,
    kind: FlowKind,
    id: FlowId,
    form: &Submission,
    error: Error,
) -> Result<Reply, Error> {
    match error.retry_after() {
        Some(seconds) if visit.is_htmx() => {
            let reply = complain(visit, kind, id, Flash::Wait(seconds), form).await?;
            Ok(reply.after(seconds))
        }
        Some(_) | None => {
            set_typed(visit, TypedFor::Flow(id), form);
            Err(error)
        }
    }
}

/// Keeps what Kratos does not keep of a plain form. The browser is sent on to the page, which reads the flow again.
/// A cleared field is kept too: otherwise the page would show Kratos' old value, and the next form would store it.
fn keep_typed(visit: &Visit, id: FlowId, typed: &Submission) {
    let is_cleared = typed.0.iter().any(|(_, value)| value.is_empty());
    if (!visit.is_htmx() || is_cleared) && !typed.0.is_empty() {
        visit.set_typed(TypedFor::Flow(id), typed);
    }
}

/// Keeps the address of a form that is not the last, for the other forms that ask for it.
fn keep_address(visit: &Visit, kind: FlowKind, form: &Submission, outcome: &Outcome) {
    let names = ["identifier", "email", "recovery_address"];
    let given = names.into_iter().find_map(|name| form.get(name));
    match (outcome, given) {
        // A sign-in with the confirmed address comes next.
        (Outcome::Leave(_), _) if kind == FlowKind::Verification && !visit.has_session_cookie() => {
        }
        (
            Outcome::Finished { .. }
            | Outcome::Continue(_)
            | Outcome::Leave(_)
            | Outcome::AlreadySignedIn,
            _,
        ) => visit.forget_address(),
        (Outcome::Form { .. }, Some(address)) => visit.set_address(address),
        _ => {}
    }
}

/// Takes what was typed along to the flow that takes this one's place. Never passwords or codes.
fn taking_along(visit: &Visit, kind: FlowKind, form: &Submission, reply: Reply) -> Reply {
    match (reply.flow_page(), reply.begins()) {
        (Some(page), _) if page.kind == kind => set_typed(visit, TypedFor::Flow(page.id), form),
        (_, Some(begun)) if begun == kind => set_typed(visit, TypedFor::Next(kind), form),
        (Some(_) | None, Some(_) | None) => {}
    }
    reply
}

/// Keeps what was typed for another form. Never passwords or codes.
fn set_typed(visit: &Visit, of: TypedFor, form: &Submission) {
    let is_kept = |name: &str| {
        name.starts_with("traits.") || matches!(name, "identifier" | "email" | "recovery_address")
    };
    let kept = form.0.iter().filter(|(name, _)| is_kept(name)).cloned();
    visit.set_typed(of, &Submission(kept.collect()));
}

/// What Kratos has to be told for a new flow to take the place of this one. The form's address says it as well: of a
/// flow that is lost Kratos tells nothing.
fn errand(visit: &Visit, flow: &Flow) -> Vec<(&'static str, String)> {
    let mut query = carried(visit, flow);
    if flow.level == Level::Aal2 {
        query.push(("aal", "aal2".to_owned()));
    }
    if flow.refresh {
        query.push(("refresh", "true".to_owned()));
    }
    query
}

/// The wanted end of a flow: an address to return to, the application that asked for the sign-in, the kind of account.
fn carried(visit: &Visit, flow: &Flow) -> Vec<(&'static str, String)> {
    let return_to = flow
        .return_to
        .as_deref()
        .and_then(|to| visit.origins().return_to(to));
    let known = [
        ("return_to", return_to.map(Into::into)),
        (
            LOGIN_CHALLENGE,
            flow.login_challenge.clone().or_else(|| visit.application()),
        ),
        ("identity_schema", flow.identity_schema.clone()),
    ];
    let known = known
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.filter(|value: &String| !value.is_empty())?)))
        .collect();
    visit.origins().keep_application(flow.kind, known)
}

/// An address with these pairs at the end of its query, which it need not have.
fn with_query(mut address: String, pairs: &[(&'static str, String)]) -> String {
    if pairs.is_empty() {
        return address;
    }
    address.push(if address.contains('?') { '&' } else { '?' });
    let end = address.len();
    form_urlencoded::Serializer::for_suffix(address, end)
        .extend_pairs(pairs)
        .finish()
}

/// Starts a flow and goes to its page. `again`: it takes the place of one that failed.
async fn start(
    visit: &Visit,
    kind: FlowKind,
    query: Vec<(&str, String)>,
    again: bool,
) -> Result<Reply, Error> {
    let query = visit.origins().keep_application(kind, query);
    if query.iter().any(|(name, _)| *name == LOGIN_CHALLENGE) {
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(query);
        text.extend_pairs(again.then_some(("again", "1")));
        let query = text.finish();
        return Ok(Reply::go(Destination::Begin { kind, query }));
    }
    let is_second_factor = kind == FlowKind::Login
        && query
            .iter()
            .any(|(name, value)| *name == "aal" && value == "aal2");
    let counted = visit.count_new_flow(is_second_factor)?;
    let mut outcome = init(visit, kind, &query).await?;
    if outcome == Outcome::ReturnToForbidden {
        tracing::warn!("Kratos does not allow this return_to; going on without");
        let rest: Vec<_> = query
            .into_iter()
            .filter(|(name, _)| !name.ends_with("return_to"))
            .collect();
        outcome = init(visit, kind, &rest).await?;
    }
    if let Some(counted) = counted {
        let is_mailed = match &outcome {
            Outcome::Form { flow, .. } => Some(flow.was_mailed()),
            _ => None,
        };
        visit.learn_new_flow(counted, is_mailed);
    }
    match outcome {
        Outcome::Form { flow, .. } => {
            telemetry::opened(flow.kind);
            let mut page = flow_page(visit, FlowPage::new(flow.kind, flow.id));
            page.again = again;
            Ok(Reply::go(at(visit, page)))
        }
        // Asking once more could go round in circles, so what else fails here is told.
        Outcome::Unknown | Outcome::Csrf | Outcome::Expired { .. } | Outcome::OtherIdentity => {
            Err(Error::KratosBroken)
        }
        outcome => settle(visit, kind, None, outcome).await,
    }
}

async fn init(visit: &Visit, kind: FlowKind, query: &[(&str, String)]) -> Result<Outcome, Error> {
    let query: Vec<(&str, &str)> = query
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let browser = visit.browser_from_now_on();
    let answer = visit.kratos().init(kind, &query, &browser).await?;
    Ok(visit.hear(answer))
}

/// What to do about an outcome that is not this flow's own form. A flow that cannot go on is replaced by a new one,
/// once: without cookies the new one fails just the same, and that has to be told instead.
async fn resolve(
    visit: &Visit,
    kind: FlowKind,
    id: Option<FlowId>,
    outcome: Outcome,
) -> Result<Reply, Error> {
    match outcome {
        // With its cookie a form can be too late a second time; nobody has to be told to allow cookies then.
        Outcome::Csrf if is_second_try(visit) && !visit.browser().has_one_anti_csrf => {
            Err(Error::CookiesNeeded)
        }
        Outcome::Unknown if is_second_try(visit) => Err(Error::NotFound),
        Outcome::Csrf | Outcome::OtherIdentity | Outcome::Unknown => {
            visit.set_flash(Flash::StartedAgain);
            start(visit, kind, visit.flow_parameters(), true).await
        }
        Outcome::Expired { return_to } => {
            visit.set_flash(Flash::TimedOut);
            let mut query = visit.flow_parameters();
            let return_to = return_to.and_then(|to| visit.origins().return_to(&to));
            if let Some(to) = return_to {
                query.retain(|(name, _)| *name != "return_to");
                query.push(("return_to", to.into()));
            }
            start(visit, kind, query, true).await
        }
        outcome => settle(visit, kind, id, outcome).await,
    }
}

fn is_second_try(visit: &Visit) -> bool {
    visit.parameter("again").is_some()
}

/// The outcomes that lead to another place, or to an explanation.
async fn settle(
    visit: &Visit,
    kind: FlowKind,
    id: Option<FlowId>,
    outcome: Outcome,
) -> Result<Reply, Error> {
    match outcome {
        // Another form than that which was asked for: the next errand.
        Outcome::Form { flow, .. } => Ok(to_flow(visit, flow.kind, flow.id)),
        // The same errand goes on in the same section.
        Outcome::Moved(moved, id) if moved == kind => {
            let mut page = flow_page(visit, FlowPage::new(kind, id));
            page.again = false;
            Ok(Reply::go(at(visit, page)))
        }
        Outcome::Moved(kind, id) => Ok(to_flow(visit, kind, id)),
        Outcome::Continue(next) => go_on(visit, &next, Page::Start(kind)),
        Outcome::Finished {
            session,
            identity,
            next,
        } => {
            let account = identity.as_ref().and_then(|it| it.account());
            if let (None, Some(account)) = (&session, account) {
                visit.set_address(account);
            }
            let mailed = identity.as_ref().and_then(|it| it.mailed());
            match mailed.filter(|_| names_no_other_step(&next)) {
                Some(address) => Ok(confirm(visit, address, Flash::ConfirmAddress)),
                None => finish(visit, session.is_some(), &next),
            }
        }
        Outcome::RefreshNeeded(to) => match (kind, id) {
            // Kratos has kept the change and makes it on the way back, which leads to the section it belongs to.
            (FlowKind::Settings, Some(id)) => {
                let mut page = own_flow(visit, kind, id);
                page.again = false;
                Ok(Reply::go(Destination::SignIn {
                    return_to: visit.at(&format!("/self-service{page}")),
                    why: Why::Again,
                }))
            }
            (
                FlowKind::Login
                | FlowKind::Registration
                | FlowKind::Recovery
                | FlowKind::Verification
                | FlowKind::Settings,
                _,
            ) => follow(visit, &to),
        },
        Outcome::Leave(to) => {
            application::wait_at_provider(visit, kind, &to);
            follow(visit, &to)
        }
        Outcome::AlreadySignedIn => signed_in_already(visit, kind).await,
        Outcome::SignInNeeded | Outcome::FirstFactorNeeded if visit.application().is_some() => {
            Ok(Reply::go(sign_in_for_application(visit, &[])))
        }
        Outcome::SignInNeeded => Ok(Reply::go(Destination::SignIn {
            return_to: own_page(visit, kind, None).under(visit.base()),
            why: Why::NobodyIsHere,
        })),
        // The page of this very flow: after a recovery it has to go on in it.
        Outcome::SecondFactorNeeded => Ok(Reply::go(Destination::SignIn {
            return_to: own_page(visit, kind, id).under(visit.base()),
            why: Why::SecondFactor,
        })),
        Outcome::FirstFactorNeeded => {
            let asked = visit.parameter("return_to");
            let asked = asked.filter(|to| visit.checked_return_to(to).is_some());
            let return_to =
                asked.map_or_else(|| visit.at(&Page::Welcome.to_string()), str::to_owned);
            Ok(Reply::go(Destination::SignIn {
                return_to,
                why: Why::NobodyIsHere,
            }))
        }
        Outcome::Closed => Err(Error::Closed),
        Outcome::TooMany(seconds) => Err(Error::TooMany(seconds)),
        Outcome::BadRequest => Err(Error::BadRequest),
        Outcome::HydraUnreachable => Err(Error::HydraUnreachable),
        Outcome::ChallengeLost | Outcome::ChallengeExpired => {
            let challenge = visit.application();
            Err(visit.application_lost(challenge.as_deref()).await)
        }
        Outcome::Csrf => Err(Error::CookiesNeeded),
        Outcome::Unknown | Outcome::Expired { .. } => Err(Error::NotFound),
        // Nothing of this is an answer to a flow.
        Outcome::Session(_)
        | Outcome::Sessions(_)
        | Outcome::Revoked(_)
        | Outcome::LogoutToken(_)
        | Outcome::Problem(_)
        | Outcome::Done
        | Outcome::ReturnToForbidden
        | Outcome::AccountDisabled
        | Outcome::OtherIdentity
        | Outcome::WrongLogoutToken
        | Outcome::Broken(_) => Err(Error::KratosBroken),
    }
}

/// The way on after a sign-in or a sign-up.
fn finish(visit: &Visit, has_session: bool, next: &[Next]) -> Result<Reply, Error> {
    match Next::first(next) {
        Some(Next::Redirect(to)) if !has_session && !leads_away(visit, to) => Ok(registered(visit)),
        None if !has_session => Ok(registered(visit)),
        Some(Next::Flow(..) | Next::Redirect(_)) | None => go_on(visit, next, Page::Welcome),
    }
}

/// The sign-in of a new account without a session. It leads on to where the sign-up was to lead.
fn registered(visit: &Visit) -> Reply {
    visit.set_flash(Flash::Registered);
    let query = visit.flow_parameters();
    let query = visit.origins().keep_application(FlowKind::Login, query);
    let to = with_query("/login".to_owned(), &query);
    Reply::go(Destination::Own(to))
}

/// Whether an address of Kratos' configuration is outside Genkan. A `return_to` is not of the configuration.
fn leads_away(visit: &Visit, to: &str) -> bool {
    let is_asked_for = visit.parameter("return_to").is_some();
    let place = visit.origins().from_kratos(to);
    !is_asked_for && matches!(place, Some(Destination::Outside(_)))
}

/// Whether an address of Kratos' answer is a section of the settings.
fn leads_to_settings(visit: &Visit, to: &str) -> bool {
    let page = Page::Settings(None).to_string();
    let place = visit.origins().from_kratos(to);
    matches!(place, Some(Destination::Own(path)) if path.split('?').next() == Some(&*page))
}

/// Whether no form and no application waits behind these steps.
fn names_no_other_step(next: &[Next]) -> bool {
    next.iter().all(|step| match step {
        Next::Flow(..) => false,
        Next::Redirect(to) => !to.contains("login_verifier="),
    })
}

/// The confirmation of an address whose mail names a flow that Kratos' answer does not name.
///
/// Kratos 25.4 and later answer so without the hook `show_verification_ui`. The link in the mail opens that flow; the page
/// sends another mail only on request.
fn confirm(visit: &Visit, address: &str, said: Flash) -> Reply {
    static TOLD: Once = Once::new();
    TOLD.call_once(|| {
        tracing::warn!(
            "Kratos mailed a code and named no step that asks for it: \
             add the hook `show_verification_ui` (selfservice.flows.registration.after, \
             selfservice.flows.settings.after.profile)"
        );
    });
    visit.set_address(address);
    visit.set_flash(said);
    let mut query = visit.flow_parameters();
    query.retain(|(name, _)| matches!(*name, "return_to" | LOGIN_CHALLENGE));
    let query = visit
        .origins()
        .keep_application(FlowKind::Verification, query);
    Reply::go(Destination::Own(with_query(
        "/verification".to_owned(),
        &query,
    )))
}

/// The first of Kratos' next steps that this version can take, and in the end the application that
/// waits.
fn go_on(visit: &Visit, next: &[Next], otherwise: Page) -> Result<Reply, Error> {
    let application = visit.application();
    match onward(Next::first(next), application.as_deref()) {
        Onward::Flow(kind, id) => {
            // Kratos mails the code when it makes this flow.
            if kind == FlowKind::Verification {
                visit.set_sent(id);
            }
            Ok(to_flow(visit, kind, id))
        }
        Onward::Follow(to) => follow(visit, to),
        Onward::Application(challenge) => Ok(Reply::go(Destination::application(challenge))),
        Onward::Nowhere => Ok(Reply::go(Destination::Page(otherwise))),
    }
}

/// The sign-in that the application of this errand waits for.
fn sign_in_for_application(visit: &Visit, more: &[(&'static str, String)]) -> Destination {
    let mut query = more.to_vec();
    query.extend(visit.application().map(|it| (LOGIN_CHALLENGE, it)));
    Destination::Own(with_query("/login".to_owned(), &query))
}

/// An address from Kratos' answer.
fn follow(visit: &Visit, to: &str) -> Result<Reply, Error> {
    match visit.origins().from_kratos(to) {
        Some(to) => Ok(Reply::go(to)),
        None => {
            tracing::warn!("Kratos sent a browser to a place where it must not go");
            Err(Error::KratosBroken)
        }
    }
}

fn to_flow(visit: &Visit, kind: FlowKind, id: FlowId) -> Reply {
    Reply::go(at(visit, FlowPage::new(kind, id)))
}

/// Where somebody goes who is signed in and wanted to do so.
async fn signed_in_already(visit: &Visit, kind: FlowKind) -> Result<Reply, Error> {
    let application = visit.application();
    let may_be_halfway = visit.parameter("aal") != Some("aal2");
    if let Some(challenge) = &application {
        return Ok(Reply::go(if may_be_halfway && is_halfway(visit).await? {
            sign_in_for_application(visit, &[("aal", "aal2".to_owned())])
        } else {
            Destination::application(challenge)
        }));
    }
    let asked = visit
        .parameter("return_to")
        .and_then(|to| visit.origins().return_to(to))
        .and_then(|to| visit.origins().from_kratos(to.as_str()));
    let (to, flash) = match (asked, kind) {
        (Some(asked), _) => (asked, None),
        // Who forgot a password and is signed in can set a new one.
        (None, FlowKind::Recovery) => {
            let page = Page::Settings(Some(Section::Password));
            (Destination::Page(page), None)
        }
        (
            None,
            FlowKind::Login | FlowKind::Registration | FlowKind::Verification | FlowKind::Settings,
        ) => (
            Destination::Page(Page::Welcome),
            Some(Flash::SignedInAlready),
        ),
    };
    // For Kratos half a sign-in is one too. Who asks for the other half here has it.
    if may_be_halfway && is_halfway(visit).await? {
        return Ok(Reply::go(Destination::SignIn {
            return_to: to.under(visit.base()),
            why: Why::SecondFactor,
        }));
    }
    if let Some(flash) = flash {
        visit.set_flash(flash);
    }
    Ok(Reply::go(to))
}

/// Whether somebody still owes the second factor.
async fn is_halfway(visit: &Visit) -> Result<bool, Error> {
    let answer = visit.kratos().whoami(visit.browser()).await?;
    Ok(visit.hear(answer) == Outcome::SecondFactorNeeded)
}

/// The session of who is signed in, if somebody is.
async fn session(visit: &Visit) -> Result<Option<Box<Session>>, Error> {
    let answer = visit.kratos().whoami(visit.browser()).await?;
    let outcome = visit.hear(answer);
    Ok(if let Outcome::Session(session) = outcome {
        Some(session)
    } else {
        None
    })
}

/// This page, for somebody who comes back to it.
fn own_page(visit: &Visit, kind: FlowKind, id: Option<FlowId>) -> Destination {
    match id {
        Some(id) => here(visit, kind, id),
        None if kind == FlowKind::Settings => {
            let section = visit.parameter("section").and_then(Section::from_name);
            Destination::Page(Page::Settings(section))
        }
        None => Destination::Page(Page::Start(kind)),
    }
}

fn here(visit: &Visit, kind: FlowKind, id: FlowId) -> Destination {
    at(visit, own_flow(visit, kind, id))
}

fn own_flow(visit: &Visit, kind: FlowKind, id: FlowId) -> FlowPage {
    flow_page(visit, FlowPage::new(kind, id))
}

/// The screen of a flow. Which one is the flow's own file's to say.
async fn screen(visit: &Visit, mut flow: Flow, flash: Option<Flash>) -> Result<Screen, Error> {
    let frame = frame(visit);
    if flow.kind == FlowKind::Login {
        login::forget_other_factors(visit, &mut flow);
        flow.reopen_identifier();
        login::name_identifier(visit, &mut flow).await;
        if flow.asks_who_it_is() {
            let session = session(visit).await?;
            let identity = session.as_ref().and_then(|it| it.identity.as_ref());
            if let Some(account) = identity.and_then(|it| it.account()) {
                flow.settle_identifier(account);
            }
        }
    }
    if flow.kind == FlowKind::Verification {
        verification::suggest_own_address(visit, &mut flow).await?;
    }
    let flash = match flash {
        Some(Flash::Missing) => {
            flow.mark_missing();
            None
        }
        flash => flash,
    };
    let draft = Draft {
        visit,
        frame: &frame,
        flow: &flow,
        flash,
    };
    match flow.kind {
        FlowKind::Login => login::screen(&draft).await,
        FlowKind::Registration => Ok(registration::screen(&draft)),
        FlowKind::Recovery => Ok(recovery::screen(&draft)),
        FlowKind::Verification => verification::screen(&draft).await,
        FlowKind::Settings => settings::screen(&draft).await,
    }
}
