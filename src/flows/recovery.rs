//! A way back in for who has forgotten the password: address, code, then a new password in the settings.

use leptos::prelude::*;

use crate::error::Error;
use crate::hypermedia::{Fragment, Reply};
use crate::kratos::{FlowKind, Group, MessageId, State, Submission};
use crate::ui::{Draw, Screen};
use crate::visit::Visit;

use super::{Draft, SentTo};

const SENT: SentTo = SentTo {
    message: MessageId::RECOVERY_CODE_SENT,
    known: "recovery-code-lead",
    unknown: "recovery-code-lead-unknown",
};

/// The same where Kratos lets people choose one of their addresses.
const SENT_TO: SentTo = SentTo {
    message: MessageId::RECOVERY_CODE_SENT_TO,
    ..SENT
};

/// The page `/recovery`.
pub async fn open(visit: Visit) -> Result<Reply, Error> {
    super::open(&visit, FlowKind::Recovery).await
}

/// The forms of the page.
#[server(prefix = "/fragments", endpoint = "recovery", protocol = Fragment)]
pub async fn submit_recovery(form: Submission) -> Result<Reply, Error> {
    super::submit_code(FlowKind::Recovery, form).await
}

pub(super) fn screen(draft: &Draft) -> Screen {
    match draft.flow.state {
        State::PassedChallenge => done(draft),
        State::SentEmail if draft.flow.awaits_code() => code(draft, &SENT),
        State::RecoveryAwaitingCode => code(draft, &SENT_TO),
        State::SentEmail => draft.link_sent("recovery", MessageId::RECOVERY_LINK_SENT, None),
        State::RecoveryAwaitingAddressChoice => {
            step(draft, "recovery-choose", MessageId::RECOVERY_CHOOSE_ADDRESS)
        }
        State::RecoveryConfirmingAddress => step(
            draft,
            "recovery-confirm",
            MessageId::RECOVERY_CONFIRM_ADDRESS,
        ),
        State::ChooseMethod
        | State::RecoveryAwaitingAddress
        | State::ShowForm
        | State::Success
        | State::Unknown => address(draft),
    }
}

fn address(draft: &Draft) -> Screen {
    let is_link = draft.flow.active == Some(Group::Link);
    let (primary, lead) = if is_link {
        ("send-link", "recovery-link-lead")
    } else if draft.flow.has("recovery_address") {
        ("send-code", "recovery-lead-contact")
    } else {
        ("send-code", "recovery-lead")
    };
    let links = view! {
        <nav class="links" aria-label=draft.say("links")>
            <a href=draft.at(&format!("/login{}", draft.carried()))>{draft.say("go-to-login")}</a>
        </nav>
    };
    let forms = draft.forms().primary(draft.say(primary)).links(links);
    let problems = forms.problems();
    let panel = draft
        .panel(draft.say("recovery"), problems, forms.draw())
        .lead(view! { <p>{draft.say(lead)}</p> });
    draft.tell(panel, &[]).into_screen(draft.frame.texts)
}

/// Between the address and the code: which of the account's addresses, and the whole of it.
fn step(draft: &Draft, lead: &str, message: MessageId) -> Screen {
    let forms = draft
        .forms()
        .primary(draft.say("send-code"))
        .links(draft.other_address());
    let problems = forms.problems();
    let testid = format!("ui/message/{message}");
    let panel = draft
        .panel(draft.say("recovery"), problems, forms.draw())
        .lead(view! { <p data-testid=testid>{draft.say(lead)}</p> });
    draft.tell(panel, &[message]).into_screen(draft.frame.texts)
}

fn code(draft: &Draft, sent: &SentTo) -> Screen {
    let forms = draft
        .forms()
        .primary(draft.say("next"))
        .below_notice(true)
        .links(draft.other_address());
    let problems = forms.problems();
    let panel = draft.panel(draft.say("code"), problems, forms.draw());
    let panel = draft.sent_to(panel, *sent, draft.flow.code_address());
    draft
        .tell(panel, &[sent.message])
        .into_screen(draft.frame.texts)
}

/// Somebody came back to a recovery that is done: its form would only fail.
fn done(draft: &Draft) -> Screen {
    let body = view! {
        <p>{draft.say("recovery-done-lead")}</p>
        <nav class="links" aria-label=draft.say("links")>
            <a href=draft.at("/settings?section=password")>{draft.say("settings-password")}</a>
        </nav>
    };
    draft
        .panel(draft.say("recovery"), Vec::new(), body.html())
        .into_screen(draft.frame.texts)
}
