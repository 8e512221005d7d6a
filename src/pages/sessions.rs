//! `/sessions`: the devices on which somebody is signed in, and the way to sign out of the others.

use leptos::prelude::*;

use crate::destination::{Destination, Page, Why};
use crate::error::Error;
use crate::hypermedia::{Fragment, Reply, frame};
use crate::kratos::{Outcome, Session, SessionId, Sessions, Submission};
use crate::ui::{
    Draw, Frame, Notice, Panel, Problem, Screen, Told, confirm, form_around, other_device,
    this_device,
};
use crate::visit::{Flash, Visit};

const HERE: Destination = Destination::Page(Page::Sessions);

/// The page `/sessions`.
pub async fn open(visit: Visit) -> Result<Reply, Error> {
    Ok(match found(&visit).await? {
        Ok(found) => {
            let flash = visit.take_flash();
            Reply::show(screen(&visit, &found, flash), HERE)
        }
        Err(to) => Reply::go(to),
    })
}

/// The buttons of the page. Kratos does not check where this comes from, the layer for foreign origins does.
#[server(prefix = "/fragments", endpoint = "sessions", protocol = Fragment)]
pub async fn submit_sessions(form: Submission) -> Result<Reply, Error> {
    let visit = Visit::current()?;
    let wish = Wish::of(&form).ok_or(Error::BadRequest)?;
    let (kratos, browser) = (visit.kratos(), visit.browser());
    let (answer, flash) = match wish {
        Wish::One(id) => (kratos.revoke(id, browser).await?, Flash::DeviceSignedOut),
        Wish::Others => (kratos.revoke_others(browser).await?, Flash::OthersSignedOut),
    };
    let outcome = visit.hear(answer);
    // What is gone is signed out, whoever did it.
    if matches!(
        outcome,
        Outcome::Done | Outcome::Revoked(_) | Outcome::Unknown
    ) {
        return Ok(match found(&visit).await? {
            Ok(found) => {
                let flash = Some(flash);
                Reply::show_saying(screen(&visit, &found, flash), HERE, flash)
            }
            // The page knows the way to a sign-in and back to itself.
            Err(_) => Reply::go(HERE),
        });
    }
    if matches!(outcome, Outcome::SignInNeeded | Outcome::SecondFactorNeeded) {
        return Ok(Reply::go(HERE));
    }
    // Kratos takes every UUID but that of the session which asks.
    if outcome == Outcome::BadRequest && wish != Wish::Others {
        return Ok(Reply::go(Destination::Page(Page::Logout)));
    }
    Err(broken(&outcome))
}

/// What a button of the page asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    One(SessionId),
    Others,
}

impl Wish {
    fn of(form: &Submission) -> Option<Self> {
        match (form.get("session"), form.get("others")) {
            (Some(id), None) => SessionId::parse(id).map(Self::One),
            (None, Some(_)) => Some(Self::Others),
            (Some(_), Some(_)) | (None, None) => None,
        }
    }
}

struct Found {
    this: Box<Session>,
    others: Sessions,
}

/// The sessions of this person, or the way to one and back.
async fn found(visit: &Visit) -> Result<Result<Found, Destination>, Error> {
    let this = match super::session(visit).await? {
        Ok(session) => session,
        Err(to) => return Ok(Err(to)),
    };
    let answer = visit.kratos().sessions(visit.browser()).await?;
    let sign_in = |why| Destination::SignIn {
        return_to: HERE.under(visit.base()),
        why,
    };
    let outcome = visit.hear(answer);
    if let Outcome::Sessions(others) = outcome {
        Ok(Ok(Found { this, others }))
    } else if outcome == Outcome::SecondFactorNeeded {
        Ok(Err(sign_in(Why::SecondFactor)))
    } else if outcome == Outcome::SignInNeeded {
        Ok(Err(sign_in(Why::NobodyIsHere)))
    } else {
        Err(broken(&outcome))
    }
}

fn broken(outcome: &Outcome) -> Error {
    if let Outcome::TooMany(seconds) = outcome {
        Error::TooMany(*seconds)
    } else {
        Error::KratosBroken
    }
}

fn screen(visit: &Visit, found: &Found, flash: Option<Flash>) -> Screen {
    let frame = frame(visit);
    let texts = frame.texts;
    let Found { this, others } = found;
    let rows = others
        .listed
        .iter()
        .enumerate()
        .map(|(at, session)| other_device(texts, at, session))
        .collect_view();
    let rest = if others.listed.is_empty() {
        view! { <p>{texts.say("sessions-alone")}</p> }.html()
    } else {
        let words = texts.say("sessions-end-others");
        let button = view! {
            <button class="btn danger" type="submit" name="others" value="all">{words.clone()}</button>
        };
        let what = texts.say("sessions-end-others-what");
        confirm(words, what, button).html()
    };
    let more = (others.total > others.listed.len()).then(|| {
        let (total, listed) = (others.total.to_string(), others.listed.len().to_string());
        let values = [("total", &*total), ("listed", &*listed)];
        view! { <p>{texts.say_with("sessions-more", &values)}</p> }
    });
    let content = view! {
        <ul class="devices">{this_device(&frame, this)} {rows}</ul>
        {more}
        {rest}
    };
    // Alone there is nothing to press.
    let list = if others.total == 0 {
        content.html()
    } else {
        form_around(&frame, "/fragments/sessions", content)
    };
    let body = view! {
        {list}
        <nav class="links" aria-label=texts.say("links")>
            <a href=frame.at("/welcome")>{texts.say("home")}</a>
        </nav>
    };
    let panel = Panel::new(texts.say("sessions"), body.html());
    said(panel, &frame, flash).into_screen(texts)
}

/// Says what an earlier answer left to say.
fn said(panel: Panel, frame: &Frame, flash: Option<Flash>) -> Panel {
    let Some(flash) = flash else {
        return panel;
    };
    let told = Told::ours(frame.texts.say(flash.key()));
    if flash.is_error() {
        panel.problems(vec![Problem {
            told,
            field: None,
            message: None,
        }])
    } else {
        panel.notice(Some(Notice {
            told,
            message: None,
            focus: true,
        }))
    }
}
