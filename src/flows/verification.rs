//! Proof that an address is somebody's own: address, code, done.

use leptos::prelude::*;

use crate::destination::{FlowPage, Page, Section};
use crate::error::Error;
use crate::hypermedia::{Fragment, Reply};
use crate::kratos::{
    Address, Channel, Flow, FlowKind, Group, Identity, MessageId, MethodKind, Session, State,
    Submission,
};
use crate::ui::{Draw, Html, Screen, set_apart};
use crate::visit::{Confirmation, Visit};

use super::{Draft, SentTo};

const SENT: SentTo = SentTo {
    message: MessageId::VERIFICATION_CODE_SENT,
    known: "verification-code-lead",
    unknown: "verification-code-lead-unknown",
};

/// The same for a phone number.
const SENT_TO_PHONE: SentTo = SentTo {
    known: "verification-code-lead-phone",
    ..SENT
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
        let address = draft.visit.address_to_confirm(flow.id);
        draft.link_sent("verification", MessageId::VERIFICATION_LINK_SENT, address)
    })
}

/// Fills in the mail address that waits to be confirmed: the one that this flow is about, or that of the session.
pub(super) async fn suggest_own_address(visit: &Visit, flow: &mut Flow) -> Result<(), Error> {
    let is_open = flow.value("email").is_none();
    if let Some(address) = visit.address_to_confirm(flow.id).filter(|_| is_open) {
        flow.suggest(address);
    } else if is_open && asks_for_address(flow.state) && visit.has_session_cookie() {
        let session = super::session(visit).await?;
        let identity = session.as_ref().and_then(|it| it.identity.as_ref());
        if let Some(own) = identity.and_then(|it| it.only_unverified_mail()) {
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
    // The application waits for a sign-in, whether the address is confirmed or not.
    let (to, words) = match draft.visit.application() {
        Some(_) => (format!("/login{}", draft.carried()), "go-to-login"),
        None => (Page::Welcome.to_string(), "home"),
    };
    let links = view! {
        <nav class="links" aria-label=draft.say("links")>
            <a href=draft.at(&to)>{draft.say(words)}</a>
        </nav>
    };
    let forms = draft.forms().primary(draft.say(primary)).links(links);
    let problems = forms.problems();
    let panel = draft.panel(draft.say("verification"), problems, forms.draw());
    draft.tell(panel, &[]).into_screen(draft.frame.texts)
}

/// After another step Kratos names no address and offers no button for another code. The step itself said the address; else
/// who is signed in may have only one that waits for it.
async fn code(draft: &Draft<'_>) -> Result<Screen, Error> {
    let (visit, flow) = (draft.visit, draft.flow);
    // Kratos 26.2 names a phone number by a button that fails.
    let named = ["email", "sms"]
        .into_iter()
        .find_map(|name| flow.value(name));
    let told = named.or_else(|| visit.address_to_confirm(flow.id));
    let session = match told {
        Some(_) => None,
        None => super::session(visit).await?,
    };
    let identity = session.as_ref().and_then(|it| it.identity.as_ref());
    let address = told.or_else(|| identity?.only_unverified());
    let channel = address.map_or(Channel::Mail, Channel::of);
    let is_phone = channel == Channel::Phone;
    let sent = if is_phone { SENT_TO_PHONE } else { SENT };
    let forms = draft
        .forms()
        .primary(draft.say("confirm"))
        .resend_to(address.filter(|_| channel == Channel::Mail))
        .below_notice(true)
        .links(links(draft, address, channel));
    let problems = forms.problems();
    let panel = draft.panel(draft.say("code"), problems, forms.draw());
    let hint = is_phone.then(|| view! { <p class="hint">{draft.say("code-phone")}</p> });
    let panel = draft.sent_to(panel, sent, address).lead(hint);
    let said = [SENT.message, MessageId::VERIFICATION_TEXT_SENT];
    Ok(draft.tell(panel, &said).into_screen(draft.frame.texts))
}

/// Where else to go from the code. Kratos sends a text message only after a change of the number, never on request.
fn links(draft: &Draft, address: Option<&str>, channel: Channel) -> Html {
    let visit = draft.visit;
    let own = match (address, channel) {
        (Some(_), Channel::Mail) => Some(draft.address_link("code-other-address").html()),
        // The mail was opened on another device: there is no button for another code, and no address to change.
        (None, _) => Some(draft.address_link("code-another").html()),
        (Some(_), Channel::Phone | Channel::Unknown) => visit.has_session_cookie().then(|| {
            let page = Page::Settings(Some(Section::Profile));
            let href = draft.at(&page.to_string());
            view! {
                <nav class="links" aria-label=draft.say("links")>
                    <a href=href>{draft.say("code-other-phone")}</a>
                </nav>
            }
            .html()
        }),
    };
    let waiting = waiting(draft, None);
    let others = waiting
        .iter()
        .map(|other| link_to(draft, other, "verification-other", None));
    let others = (!waiting.is_empty()).then(|| {
        view! { <ul class="menu">{others.map(|link| view! { <li>{link}</li> }).collect_view()}</ul> }
    });
    view! { {own} {others} }.html()
}

/// The other addresses that the step before has left to be confirmed.
fn waiting<'a>(draft: &Draft<'a>, identity: Option<&Identity>) -> Vec<&'a Confirmation> {
    let is_confirmed = |address: &str| identity.is_some_and(|it| it.has_verified(address));
    let all = draft.visit.confirmations().iter();
    all.filter(|it| it.flow != draft.flow.id && !it.is_done && !is_confirmed(&it.address))
        .collect()
}

/// A link to the verification of another address.
fn link_to(
    draft: &Draft,
    other: &Confirmation,
    key: &str,
    class: Option<&'static str>,
) -> impl IntoView + use<> {
    let page = FlowPage::new(FlowKind::Verification, other.flow);
    let address = &*other.address;
    let text = draft.frame.texts.say_with(key, &[("address", address)]);
    view! { <a class=class href=draft.at(&page.to_string())>{set_apart(&text, Some(address))}</a> }
}

async fn done(draft: &Draft<'_>) -> Result<Screen, Error> {
    let visit = draft.visit;
    visit.set_confirmed(draft.flow.id);
    let session = if visit.has_session_cookie() {
        super::session(visit).await?
    } else {
        None
    };
    let identity = session.as_ref().and_then(|it| it.identity.as_ref());
    let title = match confirmed(draft, identity) {
        Channel::Phone => "verification-done-phone",
        Channel::Mail | Channel::Unknown => "verification-done",
    };
    let waiting = waiting(draft, identity);
    let forms = draft.forms().below_step(!waiting.is_empty());
    let problems = forms.problems();
    let next = waiting
        .iter()
        .map(|other| link_to(draft, other, "verification-next", Some("btn primary")))
        .collect_view();
    // The best moment for it: https://www.passkeycentral.org/design-guidelines/
    let passkey = can_add_passkey(visit, session.as_deref()).await;
    let passkey = passkey.then(|| draft.passkey_offer());
    let testid = format!("ui/message/{}", MessageId::VERIFIED);
    let lead = if waiting.is_empty() {
        "verification-done-lead"
    } else {
        "verification-next-lead"
    };
    let lead = view! { <p data-testid=testid>{draft.say(lead)}</p> };
    let body = view! { {next} {forms.draw()} {passkey} }.html();
    let panel = draft.panel(draft.say(title), problems, body).lead(lead);
    let said = [MessageId::VERIFIED, MessageId::PHONE_VERIFIED];
    Ok(draft.tell(panel, &said).into_screen(draft.frame.texts))
}

/// What was confirmed. Kratos calls it a mail address, whatever it is (1.3.1 and 26.2).
fn confirmed(draft: &Draft, identity: Option<&Identity>) -> Channel {
    let flow = draft.flow;
    let told = draft.visit.address_to_confirm(flow.id).map(Channel::of);
    let is_phone = |address: &Address| Channel::of(&address.value) == Channel::Phone;
    let has_phones_only = identity.is_some_and(|identity| {
        identity.addresses().next().is_some() && identity.addresses().all(is_phone)
    });
    match told {
        Some(channel) => channel,
        None if has_phones_only || flow.message(MessageId::PHONE_VERIFIED).is_some() => {
            Channel::Phone
        }
        None => Channel::Mail,
    }
}

/// Whether a session was begun without a passkey by a person who could have one.
async fn can_add_passkey(visit: &Visit, session: Option<&Session>) -> bool {
    let Some(session) = session else {
        return false;
    };
    let sign_in = visit.kratos().sign_in(visit.browser()).await;
    !session.methods().contains(&MethodKind::Passkey)
        && sign_in.iter().any(|flow| flow.offers(&Group::Passkey))
}
