//! `/sessions`: the sign-in of this device.

use leptos::prelude::*;

use crate::destination::{Destination, Page};
use crate::error::Error;
use crate::hypermedia::{Reply, frame};
use crate::ui::{Panel, date_time};
use crate::visit::Visit;

/// The page `/sessions`.
pub async fn open() -> Result<Reply, Error> {
    let visit = Visit::current()?;
    let frame = frame(&visit);
    let texts = frame.texts;
    let session = match super::session(&visit).await? {
        Ok(session) => session,
        Err(to) => return Ok(Reply::go(to)),
    };
    let row = |key: &str, value: AnyView| {
        view! {
            <div>
                <dt>{texts.say(key)}</dt>
                <dd>{value}</dd>
            </div>
        }
    };
    let account = session
        .identity
        .as_ref()
        .and_then(|identity| identity.account())
        .map(|account| {
            row(
                "account",
                view! { <bdi dir="ltr">{account.to_owned()}</bdi> }.into_any(),
            )
        });
    let time = |key: &str, at: &Option<String>| {
        let at = at.as_deref()?;
        let words = date_time(texts, at)?;
        let value = view! { <time datetime=at.to_owned()>{words}</time> };
        Some(row(key, value.into_any()))
    };
    let body = view! {
        <h2>{texts.say("sessions-this")}</h2>
        <dl class="facts">
            {account}
            {time("sessions-since", &session.authenticated_at)}
            {time("sessions-until", &session.expires_at)}
        </dl>
        <nav class="links" aria-label=texts.say("links")>
            <a href="/logout">{texts.say("logout")}</a>
            <a href="/welcome">{texts.say("home")}</a>
        </nav>
    };
    let screen = Panel::new(texts.say("sessions"), body.into_any()).into_screen(texts);
    Ok(Reply::show(screen, Destination::Page(Page::Sessions)))
}
