//! `/welcome`: where people arrive, signed in or not.

use leptos::prelude::*;

use crate::destination::{Destination, Page};
use crate::error::Error;
use crate::hypermedia::{Reply, frame};
use crate::kratos::FlowKind;
use crate::ui::{Draw, Notice, Panel, Problem, Told};
use crate::visit::{Flash, Visit};

use super::Presence;

/// The page `/welcome`.
pub async fn open(visit: Visit) -> Result<Reply, Error> {
    let frame = frame(&visit);
    let texts = frame.texts;
    let presence = Presence::of(&visit).await?;
    let off = visit.kratos().switched_off().await;
    let is_on = |kind: FlowKind| !off.contains(&kind);
    let mut name = None;
    let (title, links): (String, Vec<(&str, &str)>) = match &presence {
        Presence::SignedIn(session) => {
            name = session
                .identity
                .as_ref()
                .and_then(|identity| identity.display_name());
            let title = match name {
                Some(name) => texts.say_with("welcome-name", &[("name", name)]),
                None => texts.say("welcome"),
            };
            let links = vec![
                ("/settings", "settings"),
                ("/sessions", "sessions"),
                ("/logout", "logout-submit"),
            ];
            (title, links)
        }
        Presence::Halfway => {
            let links = vec![
                ("/login?aal=aal2", "login-second-factor"),
                ("/logout", "logout-submit"),
            ];
            (texts.say("welcome"), links)
        }
        Presence::Nobody => {
            let mut links = vec![("/login", "login-submit")];
            for (kind, href, key) in [
                (FlowKind::Registration, "/registration", "registration"),
                (FlowKind::Recovery, "/recovery", "recovery"),
                (FlowKind::Verification, "/verification", "verification"),
            ] {
                links.extend(is_on(kind).then_some((href, key)));
            }
            (texts.say("welcome"), links)
        }
    };
    let unverified = match &presence {
        Presence::SignedIn(session) => session
            .identity
            .as_ref()
            .and_then(|identity| identity.unverified_mail())
            .filter(|_| is_on(FlowKind::Verification))
            .map(|_| view! { <li><a href=visit.at("/verification")>{texts.say("verification")}</a></li> }),
        Presence::Halfway | Presence::Nobody => None,
    };
    let items = links
        .iter()
        .map(|(href, key)| view! { <li><a href=visit.at(href)>{texts.say(key)}</a></li> })
        .collect_view();
    let lead = match presence {
        Presence::SignedIn(_) => "welcome-signed-in",
        Presence::Halfway => "welcome-halfway",
        Presence::Nobody if is_on(FlowKind::Registration) => "welcome-lead",
        Presence::Nobody => "welcome-lead-closed",
    };
    let flash = visit.take_flash();
    let told = |flash: Flash| Told::ours(texts.say(flash.key()));
    let problems = flash.filter(|flash| flash.is_error()).map(|flash| Problem {
        told: told(flash),
        field: None,
        message: None,
    });
    let notice = flash.filter(|flash| !flash.is_error()).map(|flash| Notice {
        told: told(flash),
        message: None,
        focus: false,
    });
    let body = view! { <ul class="menu">{unverified} {items}</ul> };
    let screen = Panel::new(title, body.html())
        .named(name.map(str::to_owned))
        .lead(view! { <p>{texts.say(lead)}</p> })
        .problems(problems.into_iter().collect())
        .notice(notice)
        .into_screen(texts);
    Ok(Reply::show(screen, Destination::Page(Page::Welcome)))
}
