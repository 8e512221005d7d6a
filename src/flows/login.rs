//! Sign-in, also as a re-authentication and as a second factor.

use leptos::prelude::*;

use crate::error::Error;
use crate::hypermedia::{Fragment, Reply};
use crate::kratos::{FlowKind, Submission};
use crate::ui::Screen;

use super::Draft;

/// The page `/login`.
pub async fn open() -> Result<Reply, Error> {
    super::open(FlowKind::Login).await
}

/// The form of the page.
#[server(prefix = "/fragments", endpoint = "login", protocol = Fragment)]
pub async fn submit_login(form: Submission) -> Result<Reply, Error> {
    super::submit(FlowKind::Login, form).await
}

pub(super) fn screen(draft: &Draft) -> Screen {
    let flow = draft.flow;
    let (title, primary) = if draft.is_second_factor() {
        ("login-second-factor", "verify")
    } else if flow.refresh {
        ("login-again", "continue")
    } else {
        ("login", "login")
    };
    // Password managers need to see whose password is asked for, also where Kratos hides the field.
    let account = flow.refresh.then(|| flow.value("identifier")).flatten();
    let forms = draft.forms().primary(draft.say(primary)).account(account);
    let problems = forms.problems();
    let links = if draft.is_second_factor() || flow.refresh {
        view! { <a href="/logout" data-testid="logout-link">{draft.say("logout")}</a> }.into_any()
    } else {
        let carried = draft.carried();
        view! {
            <a href=format!("/recovery{carried}") data-testid="forgot-password-link">
                {draft.say("login-forgot")}
            </a>
            <a href=format!("/registration{carried}") data-testid="signup-link">
                {draft.say("login-register")}
            </a>
        }
        .into_any()
    };
    let body = view! {
        {forms.draw()}
        <nav class="links" aria-label=draft.say("links")>{links}</nav>
    };
    let panel = draft.panel(draft.say(title), problems, body.into_any());
    draft
        .tell_if_empty(draft.tell(panel, &[]))
        .into_screen(draft.frame.texts)
}
