//! Sign-up.

use leptos::prelude::*;

use crate::error::Error;
use crate::hypermedia::{Fragment, Reply};
use crate::kratos::{FlowKind, Submission};
use crate::ui::Screen;

use super::Draft;

/// The page `/registration`.
pub async fn open() -> Result<Reply, Error> {
    super::open(FlowKind::Registration).await
}

/// The form of the page.
#[server(prefix = "/fragments", endpoint = "registration", protocol = Fragment)]
pub async fn submit_registration(form: Submission) -> Result<Reply, Error> {
    super::submit(FlowKind::Registration, form).await
}

pub(super) fn screen(draft: &Draft) -> Screen {
    let forms = draft.forms().primary(draft.say("registration-submit"));
    let problems = forms.problems();
    let body = view! {
        {forms.draw()}
        <nav class="links" aria-label=draft.say("links")>
            <a href=format!("/login{}", draft.carried()) data-testid="cta-link">
                {draft.say("registration-login")}
            </a>
        </nav>
    };
    let panel = draft.panel(draft.say("registration"), problems, body.into_any());
    draft
        .tell_if_empty(draft.tell(panel, &[]))
        .into_screen(draft.frame.texts)
}
