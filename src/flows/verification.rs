//! Proof that an address is somebody's own: address, code, done.

use leptos::prelude::*;

use crate::error::Error;
use crate::hypermedia::{Fragment, Reply};
use crate::kratos::{Flow, FlowKind, Group, MessageId, MethodKind, State, Submission};
use crate::ui::{Draw, Screen};
use crate::visit::Visit;

use super::{Draft, SentTo};

const SENT: SentTo = SentTo {
    message: MessageId::VERIFICATION_CODE_SENT,
    known: "verification-code-lead",
    unknown: "verification-code-lead-unknown",
};

/// The page `/verification`.
pub async fn open(visit: Visit) -> Result<Reply, Error> {
    super::open(&visit, FlowKind::Verification).await
}

/// The forms of the page.
#[server(prefix = "/fragments", endpoint = "verification", protocol = Fragment)]
pub async fn submit_verification(form: Submission) -> Result<Reply, Error> {
    super::submit_code(FlowKind::Verification, form).await
}

pub(super) async fn screen(draft: &Draft<'_>) -> Result<Screen, Error> {
    let flow = draft.flow;
    Ok(if asks_for_address(flow.state) {
        address(draft)
    } else if flow.state == State::PassedChallenge {
        done(draft).await?
    } else if flow.awaits_code() {
        code(draft).await?
    } else {
        draft.link_sent("verification", MessageId::VERIFICATION_LINK_SENT)
    })
}

/// Fills the address in that waits for who is signed in.
pub(super) async fn suggest_own_address(visit: &Visit, flow: &mut Flow) -> Result<(), Error> {
    if asks_for_address(flow.state) && flow.value("email").is_none() && visit.has_session_cookie() {
        let session = super::session(visit).await?;
        let identity = session.as_ref().and_then(|it| it.identity.as_ref());
        if let Some(own) = identity.and_then(|it| it.only_unverified()) {
            flow.suggest(own);
        }
    }
    Ok(())
}

/// Whether nothing has been mailed yet.
fn asks_for_address(state: State) -> bool {
    match state {
        State::SentEmail | State::PassedChallenge => false,
        State::ChooseMethod
        | State::RecoveryAwaitingAddress
        | State::RecoveryAwaitingAddressChoice
        | State::RecoveryConfirmingAddress
        | State::RecoveryAwaitingCode
        | State::ShowForm
        | State::Success
        | State::Unknown => true,
    }
}

fn address(draft: &Draft) -> Screen {
    let is_link = draft.flow.active == Some(Group::Link);
    let primary = if is_link { "send-link" } else { "send-code" };
    let links = view! {
        <nav class="links" aria-label=draft.say("links")>
            <a href=draft.at("/welcome")>{draft.say("home")}</a>
        </nav>
    };
    let forms = draft.forms().primary(draft.say(primary)).links(links);
    let problems = forms.problems();
    let panel = draft.panel(draft.say("verification"), problems, forms.draw());
    draft.tell(panel, &[]).into_screen(draft.frame.texts)
}

/// After a sign-up Kratos names no address and offers no button for another code. Who is signed in has an address
/// that waits for it; of several it could be any.
async fn code(draft: &Draft<'_>) -> Result<Screen, Error> {
    let session = match draft.flow.value("email") {
        Some(_) => None,
        None => super::session(draft.visit).await?,
    };
    let own = session
        .as_ref()
        .and_then(|session| session.identity.as_ref()?.only_unverified());
    // Who opens the mail on another device: there is no button for another code, and no address to change.
    let address = draft.flow.value("email").or(own);
    let words = match address {
        Some(_) => "code-other-address",
        None => "code-another",
    };
    let forms = draft
        .forms()
        .primary(draft.say("confirm"))
        .resend_to(own)
        .below_notice(true)
        .links(draft.address_link(words));
    let problems = forms.problems();
    let panel = draft.panel(draft.say("code"), problems, forms.draw());
    let panel = draft.sent_to(panel, SENT, address);
    Ok(draft
        .tell(panel, &[SENT.message])
        .into_screen(draft.frame.texts))
}

async fn done(draft: &Draft<'_>) -> Result<Screen, Error> {
    let forms = draft.forms();
    let problems = forms.problems();
    // The best moment for it: https://www.passkeycentral.org/design-guidelines/
    let passkey = can_add_passkey(draft.visit).await?;
    let passkey = passkey.then(|| draft.passkey_offer());
    let body = view! { {forms.draw()} {passkey} }.html();
    let testid = format!("ui/message/{}", MessageId::VERIFIED);
    let lead = view! { <p data-testid=testid>{draft.say("verification-done-lead")}</p> };
    let panel = draft
        .panel(draft.say("verification-done"), problems, body)
        .lead(lead);
    Ok(draft
        .tell(panel, &[MessageId::VERIFIED])
        .into_screen(draft.frame.texts))
}

/// Whether somebody is signed in who used no passkey, and could have one.
async fn can_add_passkey(visit: &Visit) -> Result<bool, Error> {
    if !visit.has_session_cookie() {
        return Ok(false);
    }
    let session = super::session(visit).await?;
    let has_none = session.is_some_and(|it| !it.methods().contains(&MethodKind::Passkey));
    let sign_in = visit.kratos().sign_in(visit.browser()).await;
    Ok(has_none && sign_in.iter().any(|flow| flow.offers(&Group::Passkey)))
}
