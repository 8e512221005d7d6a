//! Sign-up.

use leptos::prelude::*;

use crate::error::Error;
use crate::hypermedia::{Fragment, Reply};
use crate::kratos::{FlowKind, Group, Input, InputKind, Message, MessageId, Submission};
use crate::ui::{Draw, Screen};
use crate::visit::Visit;

use super::{Draft, SentTo};

/// The page `/registration`.
pub async fn open(visit: Visit) -> Result<Reply, Error> {
    super::open(&visit, FlowKind::Registration).await
}

/// The form of the page.
#[server(prefix = "/fragments", endpoint = "registration", protocol = Fragment)]
pub async fn submit_registration(form: Submission) -> Result<Reply, Error> {
    super::submit(FlowKind::Registration, form).await
}

/// How a code for this is said to have been sent.
const SENT: SentTo = SentTo {
    message: MessageId::REGISTRATION_CODE_SENT,
    known: "registration-code-lead",
    unknown: "registration-code-lead-unknown",
};

pub(super) fn screen(draft: &Draft) -> Screen {
    if draft.flow.awaits_code() {
        code(draft)
    } else {
        details(draft)
    }
}

/// The details, a way to sign in, or both: as Kratos has it in one step or in two.
fn details(draft: &Draft) -> Screen {
    let flow = draft.flow;
    let is_hidden = |(_, input): (_, &Input)| {
        input.name.starts_with("traits.") && input.kind == InputKind::Hidden
    };
    // The second step: the details are given, and go along unseen.
    let is_given = flow.inputs().any(is_hidden);
    let is_first_of_two = flow.offers(&Group::Profile) && !is_given;
    let title = if is_given {
        "registration-credential"
    } else {
        "registration"
    };
    let primary = if is_first_of_two {
        "next"
    } else {
        "registration-submit"
    };
    let account = is_given.then(|| flow.value("traits.email")).flatten();
    let links = view! {
        <nav class="links" aria-label=draft.say("links")>
            <a href=draft.at(&format!("/login{}", draft.carried())) data-testid="cta-link">
                {draft.say("registration-login")}
            </a>
        </nav>
    };
    let forms = draft
        .forms()
        .primary(draft.say(primary))
        .account(account)
        .links(links);
    let problems = forms.problems();
    let is_all_needed = forms.needs_all();
    // Of the form Kratos leaves only the button of the provider that said no.
    let start_over = flow.messages.iter().any(Message::is_of_provider).then(|| {
        let href = draft.at(&format!("/registration{}", draft.carried()));
        view! {
            <nav class="links" aria-label=draft.say("more-options")>
                <a href=href>{draft.say("start-over")}</a>
            </nav>
        }
    });
    let body = view! { {forms.draw()} {start_over} };
    let mut panel = draft.panel(draft.say(title), problems, body.html());
    if flow.completes_what_a_provider_told() {
        panel = panel.lead(view! { <p>{draft.say("registration-completion")}</p> });
    } else if is_all_needed {
        panel = panel.lead(view! { <p>{draft.say("registration-lead")}</p> });
    }
    draft
        .tell_if_empty(draft.tell(panel, &[]))
        .into_screen(draft.frame.texts)
}

fn code(draft: &Draft) -> Screen {
    let forms = draft
        .forms()
        .primary(draft.say("registration-code-submit"))
        .below_notice(true)
        .links(draft.other_address());
    let problems = forms.problems();
    let panel = draft.panel(draft.say("code"), problems, forms.draw());
    let panel = draft.sent_to(panel, SENT, draft.flow.code_address());
    draft
        .tell(panel, &[SENT.message])
        .into_screen(draft.frame.texts)
}
