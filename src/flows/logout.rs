//! Sign-out. A GET shows a button; only a POST signs out.

use leptos::prelude::*;

use crate::destination::{Destination, Page};
use crate::error::Error;
use crate::hypermedia::{Fragment, Reply, frame};
use crate::kratos::{Outcome, Submission};
use crate::ui::{Panel, button_form};
use crate::visit::{Flash, Visit};

/// The page `/logout`.
pub async fn open() -> Result<Reply, Error> {
    let visit = Visit::current()?;
    let frame = frame(&visit);
    let texts = frame.texts;
    let body = view! {
        {button_form(&frame, "/fragments/logout", texts.say("logout"))}
        <nav class="links" aria-label=texts.say("links")>
            <a href=frame.at("/welcome")>{texts.say("home")}</a>
        </nav>
    };
    let screen = Panel::new(texts.say("logout"), body.into_any())
        .lead(view! { <p>{texts.say("logout-lead")}</p> })
        .into_screen(texts);
    Ok(Reply::show(screen, Destination::Page(Page::Logout)))
}

/// The button of the page. Kratos does not check where this comes from, the layer for foreign origins does.
#[server(prefix = "/fragments", endpoint = "logout", protocol = Fragment)]
pub async fn submit_logout(form: Submission) -> Result<Reply, Error> {
    let Submission(_) = form;
    let visit = Visit::current()?;
    // The token belongs to the session; another tab may have ended that one in between.
    for _ in 0..2 {
        let answer = visit.kratos().logout_init(visit.browser()).await?;
        let outcome = visit.hear(answer);
        if outcome == Outcome::SignInNeeded {
            return Ok(signed_out(&visit));
        }
        let Outcome::LogoutToken(token) = outcome else {
            return Err(Error::KratosBroken);
        };
        let answer = visit.kratos().logout(&token, visit.browser()).await?;
        let outcome = visit.hear(answer);
        if matches!(outcome, Outcome::Done | Outcome::SignInNeeded) {
            return Ok(signed_out(&visit));
        }
        if outcome != Outcome::WrongLogoutToken {
            return Err(Error::KratosBroken);
        }
    }
    Err(Error::KratosBroken)
}

fn signed_out(visit: &Visit) -> Reply {
    visit.set_flash(Flash::SignedOut);
    Reply::go(Destination::Page(Page::Login))
}
