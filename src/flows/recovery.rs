//! A way back in for who has forgotten the password: address, code, then a new password in the settings.

use leptos::prelude::*;

use crate::error::Error;
use crate::hypermedia::{Fragment, Reply};
use crate::kratos::{FlowKind, MessageId, State, Submission};
use crate::ui::Screen;

use super::{Draft, SentTo};

const SENT: SentTo = SentTo {
    message: MessageId::RECOVERY_CODE_SENT,
    known: "recovery-code-lead",
    unknown: "recovery-code-lead-unknown",
};

/// The page `/recovery`.
pub async fn open() -> Result<Reply, Error> {
    super::open(FlowKind::Recovery).await
}

/// The forms of the page.
#[server(prefix = "/fragments", endpoint = "recovery", protocol = Fragment)]
pub async fn submit_recovery(form: Submission) -> Result<Reply, Error> {
    super::submit_code(FlowKind::Recovery, form).await
}

pub(super) fn screen(draft: &Draft) -> Screen {
    match draft.flow.state {
        State::PassedChallenge => done(draft),
        State::SentEmail if draft.awaits_code() => code(draft),
        State::SentEmail
        | State::ChooseMethod
        | State::ShowForm
        | State::Success
        | State::Unknown => address(draft),
    }
}

fn address(draft: &Draft) -> Screen {
    let forms = draft.forms().primary(draft.say("send-code"));
    let problems = forms.problems();
    let body = view! {
        {forms.draw()}
        <nav class="links" aria-label=draft.say("links")>
            <a href=format!("/login{}", draft.carried())>{draft.say("go-to-login")}</a>
        </nav>
    };
    let panel = draft
        .panel(draft.say("recovery"), problems, body.into_any())
        .lead(view! { <p>{draft.say("recovery-lead")}</p> });
    draft.tell(panel, &[]).into_screen(draft.frame.texts)
}

fn code(draft: &Draft) -> Screen {
    let forms = draft.forms().primary(draft.say("next")).below_notice(true);
    let problems = forms.problems();
    let body = view! { {forms.draw()} {draft.other_address()} };
    let panel = draft.panel(draft.say("code"), problems, body.into_any());
    let panel = draft.sent_to(panel, SENT, draft.flow.value("email"));
    draft
        .tell(panel, &[SENT.message])
        .into_screen(draft.frame.texts)
}

/// Somebody came back to a recovery that is done: its form would only fail.
fn done(draft: &Draft) -> Screen {
    let body = view! {
        <p>{draft.say("recovery-done-lead")}</p>
        <nav class="links" aria-label=draft.say("links")>
            <a href="/settings?section=password">{draft.say("settings-password")}</a>
        </nav>
    };
    draft
        .panel(draft.say("recovery"), Vec::new(), body.into_any())
        .into_screen(draft.frame.texts)
}
