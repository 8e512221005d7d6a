//! Sign-in, also as a re-authentication and as a second factor.

use leptos::prelude::*;
use url::Url;

use crate::destination::{Destination, Factor, FlowPage, LOGIN_CHALLENGE, Page, Section};
use crate::error::Error;
use crate::hypermedia::{Fragment, Reply};
use crate::kratos::{
    Attributes, Channel, Flow, FlowKind, Form, Group, Input, InputKind, Level, MessageId, Node,
    Outcome, Submission, Traits,
};
use crate::ui::{Draw, Html, Screen};
use crate::visit::{Flash, Visit};

use super::effort::Effort;
use super::logout::RECOVER;
use super::{Draft, SentTo};

/// Kratos' name for the buttons that send a code as a second factor.
const ADDRESS: &str = "address";

/// The page `/login`.
pub async fn open(visit: Visit) -> Result<Reply, Error> {
    super::open(&visit, FlowKind::Login).await
}

/// The form of the page.
#[server(prefix = "/fragments", endpoint = "login", protocol = Fragment)]
pub async fn submit_login(form: Submission) -> Result<Reply, Error> {
    // Of an empty address Kratos says what it says of an unknown one, or nothing that names the field.
    let has = |field: &str| form.0.iter().any(|(name, _)| name == field);
    let names_account = match form.get("method") {
        Some("identifier_first") => true,
        Some("code") => has("identifier") && !has("code"),
        Some(_) | None => false,
    };
    if names_account
        && form
            .get("identifier")
            .is_none_or(|value| value.trim().is_empty())
    {
        return super::refuse(FlowKind::Login, Flash::Missing, form).await;
    }
    super::submit(FlowKind::Login, form).await
}

/// How a code for this is said to have been sent.
const SENT: SentTo = SentTo {
    message: MessageId::LOGIN_CODE_SENT,
    known: "login-code-lead",
    unknown: "login-code-lead-unknown",
};

pub(super) async fn screen(draft: &Draft<'_>) -> Result<Screen, Error> {
    Ok(if draft.is_second_factor() {
        // Who owes a second factor that cannot be used is not to set up another: nobody can before that.
        let is_stuck = draft.is_dead_end() && super::is_halfway(draft.visit).await?;
        second_factor(draft, is_stuck)
    } else if draft.flow.awaits_code() {
        code(draft)
    } else {
        first_factor(draft, &draft.visit.kratos().switched_off().await)
    })
}

/// Gives the field for the sign-in name back what Kratos 1.3.1 forgets of it after a code could not be sent: its label, and
/// that it is required.
pub(super) async fn name_identifier(visit: &Visit, flow: &mut Flow) {
    let is_typed = |input: &Input| input.name == "identifier" && input.kind.is_typed_into();
    for node in &mut flow.nodes {
        if let Attributes::Input(input) = &mut node.attributes {
            input.required |= is_typed(input);
        }
    }
    let is_unnamed = |node: &Node| node.label.is_none() && node.input().is_some_and(is_typed);
    if !flow.nodes.iter().any(is_unnamed) {
        return;
    }
    let sign_in = visit.kratos().sign_in(visit.browser()).await;
    let mut named = sign_in.iter().flat_map(Flow::inputs);
    let named = named.find(|(_, input)| input.name == "identifier");
    if let Some(label) = named.and_then(|(node, _)| node.label.as_ref()) {
        for node in flow.nodes.iter_mut().filter(|node| is_unnamed(node)) {
            node.label = Some(label.clone());
        }
    }
}

fn first_factor(draft: &Draft, off: &[FlowKind]) -> Screen {
    let flow = draft.flow;
    let is_linking = [MessageId::LINK_ACCOUNT, MessageId::LINK_MISMATCH]
        .into_iter()
        .any(|id| flow.message(id).is_some());
    let title = if is_linking {
        "login-link"
    } else if flow.refresh {
        "login-again"
    } else {
        "login"
    };
    let primary = match (flow.refresh, flow.has("password")) {
        (true, _) => "continue",
        (false, true) => "login-submit",
        // Only the address so far.
        (false, false) => "next",
    };
    // Password managers need to see whose password is asked for, also where Kratos hides the field.
    let is_hidden =
        |(_, input): (_, &Input)| input.name == "identifier" && input.kind == InputKind::Hidden;
    let is_fixed = flow.inputs().any(is_hidden);
    let account = is_fixed.then(|| flow.value("identifier")).flatten();
    let forms = draft.forms().primary(draft.say(primary)).account(account);
    let problems = forms.problems();
    let links = first_factor_links(draft, off, is_fixed);
    let links = view! { <nav class="links" aria-label=draft.say("links")>{links}</nav> };
    // Kratos 1.3.1 takes the other ways away after an address that it does not know.
    let start_over = flow.nodes.iter().any(|node| {
        node.messages
            .iter()
            .any(|message| message.id == MessageId::ACCOUNT_NOT_FOUND)
    });
    let start_over = start_over.then(|| {
        let href = draft.at(&format!("/login{}", draft.carried()));
        view! { <nav class="links" aria-label=draft.say("more-options")><a href=href>{draft.say("start-over")}</a></nav> }
    });
    let body = view! { {forms.links(links).draw()} {start_over} };
    let panel = draft.panel(draft.say(title), problems, body.html());
    draft
        .tell_if_empty(draft.tell(panel, &[]))
        .into_screen(draft.frame.texts)
}

/// Where else to go from the first factor, as far as Kratos has it switched on.
fn first_factor_links(draft: &Draft, off: &[FlowKind], is_fixed: bool) -> Html {
    let flow = draft.flow;
    let is_on = |kind: FlowKind| !off.contains(&kind);
    // Kratos sends text messages neither for a recovery nor for a verification on request.
    let is_phone = flow.value("identifier").map(Channel::of) == Some(Channel::Phone);
    let link = |href: String, key: &str, testid: Option<&'static str>| {
        view! { <a href=draft.at(&href) data-testid=testid>{draft.say(key)}</a> }
    };
    let carried = draft.carried();
    let forgot = |href| link(href, "login-forgot", Some("forgot-password-link"));
    if flow.refresh {
        let can_recover = is_on(FlowKind::Recovery) && flow.has("password") && !is_phone;
        let forgot = can_recover.then(|| forgot(sign_out_to_recover(draft)));
        return view! { {forgot} {logout_link(draft)} }.html();
    }
    let other_account =
        is_fixed.then(|| link(format!("/login{carried}"), "login-other-account", None));
    // Kratos 26.2 goes there by itself.
    let unverified = flow.message(MessageId::ADDRESS_NOT_VERIFIED);
    let unverified = unverified.filter(|_| !is_phone && is_on(FlowKind::Verification));
    let unverified =
        unverified.map(|_| link(format!("/verification{carried}"), "verification", None));
    let forgot = is_on(FlowKind::Recovery).then(|| forgot(format!("/recovery{carried}")));
    let register = is_on(FlowKind::Registration).then(|| {
        let href = format!("/registration{carried}");
        link(href, "login-register", Some("signup-link"))
    });
    view! { {unverified} {other_account} {forgot} {register} }.html()
}

fn code(draft: &Draft) -> Screen {
    let primary = if draft.flow.refresh {
        "continue"
    } else {
        "login-code-submit"
    };
    let links = if draft.flow.refresh {
        let logout = logout_link(draft);
        view! { <nav class="links" aria-label=draft.say("links")>{logout}</nav> }.html()
    } else {
        draft.other_address().html()
    };
    let forms = draft
        .forms()
        .primary(draft.say(primary))
        .below_notice(true)
        .links(links);
    let problems = forms.problems();
    let panel = draft.panel(draft.say("code"), problems, forms.draw());
    let panel = draft.sent_to(panel, SENT, draft.flow.code_address());
    draft
        .tell(panel, &[SENT.message])
        .into_screen(draft.frame.texts)
}

impl Factor {
    fn group(self) -> Group {
        match self {
            Self::Totp => Group::Totp,
            Self::Webauthn => Group::Webauthn,
            Self::Code => Group::Code,
            Self::LookupSecret => Group::LookupSecret,
        }
    }

    /// Whether a message is about this factor.
    fn is_meant(self, message: MessageId) -> bool {
        let about: &[i64] = match self {
            Self::Totp => &[4000008, 4000011],
            Self::Webauthn => &[4000008, 4000013, 4000015, 4000043],
            Self::Code => &[4000035, 4010008, 4010010],
            Self::LookupSecret => &[4000012, 4000014, 4000016],
        };
        about.contains(&message.0)
    }

    /// The key of the words for choosing it.
    fn choice(self) -> &'static str {
        match self {
            Self::Totp => "factor-totp",
            Self::Webauthn => "factor-webauthn",
            Self::Code => "factor-code",
            Self::LookupSecret => "factor-lookup",
        }
    }
}

/// Forgets what went wrong with another second factor than the one that was chosen now: Kratos keeps it.
pub(super) fn forget_other_factors(visit: &Visit, flow: &mut Flow) {
    let chosen = visit.parameter("factor").and_then(Factor::from_name);
    if let (Level::Aal2, Some(chosen)) = (flow.level, chosen) {
        flow.messages.retain(|message| {
            chosen.is_meant(message.id) || !Factor::all().any(|factor| factor.is_meant(message.id))
        });
    }
}

/// The second factors of a flow that this version knows.
fn offered(flow: &Flow) -> Vec<Factor> {
    Factor::all()
        .filter(|factor| flow.offers(&factor.group()))
        .collect()
}

/// Whether the user can choose: between factors, or between addresses for a code.
fn has_choice(flow: &Flow, known: &[Factor]) -> bool {
    known.len() > 1 || flow.buttons(ADDRESS).count() > 1
}

/// The form that sends the code, where a code to one address is the only second factor.
fn only_code(flow: &Flow) -> Option<Submission> {
    let is_open = flow.kind == FlowKind::Login
        && flow.level == Level::Aal2
        && !flow.was_mailed()
        && !flow.has_errors()
        && offered(flow) == [Factor::Code];
    let mut addresses = flow.buttons(ADDRESS).filter(|_| is_open);
    let (_, address) = addresses.next()?;
    if addresses.next().is_some() {
        return None;
    }
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Some(Submission(vec![
        pair("csrf_token", flow.csrf_token()?),
        pair("method", Group::Code.name()),
        pair(ADDRESS, address.value.as_deref()?),
    ]))
}

/// Has the code sent that is the only second factor, and answers with the flow that awaits it.
///
/// Kratos 26.2 sends that code when its flow starts; 1.3.1 waits for a button. The mail counts as one that the user asked for.
/// `None` where there is nothing to send, or where a limit or an error is in the way: then the page has the button.
pub(super) async fn send_only_code(visit: &Visit, flow: &Flow) -> Option<Box<Flow>> {
    let form = Form::read(flow, &Traits::default(), &only_code(flow)?).ok()?;
    let effort = Effort::of(visit, flow, &form).await;
    if !effort.begin_cool_down(visit) {
        return None;
    }
    if effort.count(visit).is_err() {
        effort.end_cool_down(visit);
        return None;
    }
    let browser = visit.browser_from_now_on();
    let Ok(answer) = visit.kratos().submit(flow.id, &form, &browser).await else {
        effort.give_back(visit);
        return None;
    };
    effort.learn(visit, &answer);
    match visit.hear(answer) {
        Outcome::Form { flow: sent, .. } if sent.id == flow.id && sent.awaits_code() => {
            visit.set_sent(flow.id);
            Some(sent)
        }
        // The page is of the flow as it was read.
        _ => None,
    }
}

/// One second factor at a time; the others are a link away, and so is the sign-out.
fn second_factor(draft: &Draft, is_stuck: bool) -> Screen {
    let flow = draft.flow;
    let page = draft.page();
    let known = offered(flow);
    let tried = |factor: &&Factor| flow.active.as_ref() == Some(&factor.group());
    let failed = |factor: &&Factor| {
        let mut messages = flow.messages.iter();
        messages.any(|message| factor.is_meant(message.id))
    };
    let here = page
        .factor
        .filter(|factor| known.contains(factor))
        .or_else(|| known.iter().find(failed).copied())
        .or_else(|| known.iter().find(tried).copied())
        .or_else(|| known.first().copied());
    let others = known
        .iter()
        .filter(|factor| Some(**factor) != here)
        .map(|factor| {
            let page = FlowPage {
                factor: Some(*factor),
                ..page
            };
            view! { <li><a href=draft.at(&page.to_string())>{draft.say(factor.choice())}</a></li> }
        })
        .collect_view();
    // Kratos offers nothing else in a flow whose code is on its way. Only a factor that was chosen has others beside it.
    let is_alone = known.len() == 1 && flow.awaits_code() && page.factor.is_some();
    let others = if known.len() > 1 {
        let heading = draft.say("factor-others");
        view! { <h2>{heading}</h2> <ul class="menu">{others}</ul> }.html()
    } else if is_alone {
        let href = super::with_query(draft.at("/login"), &super::errand(draft.visit, flow));
        view! { <p><a href=href>{draft.say("factor-others")}</a></p> }.html()
    } else {
        ().html()
    };
    // Where no factor was chosen all is drawn anyway.
    let unknown = here.map(|_| draft.unknown());
    let logout = logout_link(draft);
    let dead_end = (draft.is_dead_end() && !is_stuck).then(|| {
        view! { <a href=draft.at("/settings")>{draft.say("settings")}</a> }
    });
    let links = view! {
        {unknown}
        {others}
        <nav class="links" aria-label=draft.say("links")>{dead_end} {logout}</nav>
    };
    let is_chosen = page.factor.is_some() || has_choice(flow, &known);
    let page = FlowPage {
        factor: here.filter(|_| is_chosen),
        ..page
    };
    let awaits_code = here == Some(Factor::Code) && flow.awaits_code();
    let mut forms = draft
        .forms_of(page)
        .primary(draft.say(if awaits_code { "confirm" } else { "verify" }))
        .below_notice(awaits_code)
        .links(links);
    // With a method that this version does not know there is no choice: all is shown.
    if let Some(factor) = here {
        forms = forms.only(factor.group());
    }
    let problems = forms.problems();
    let mut panel = draft.panel(draft.say("login-second-factor"), problems, forms.draw());
    if draft.is_dead_end() {
        let testid = format!("ui/message/{}", MessageId::SECOND_FACTOR);
        let why = if is_stuck {
            draft.say("second-factor-stuck")
        } else {
            draft.say("no-second-factor")
        };
        panel = panel.lead(view! { <p data-testid=testid>{why}</p> });
        return draft
            .tell(panel, &[MessageId::SECOND_FACTOR])
            .into_screen(draft.frame.texts);
    }
    if awaits_code {
        panel = draft.sent_to(panel, SENT, flow.code_address());
        return draft
            .tell(panel, &[SENT.message])
            .into_screen(draft.frame.texts);
    }
    draft.tell(panel, &[]).into_screen(draft.frame.texts)
}

/// The way to a recovery for a person who is signed in: Kratos begins none beside a session.
fn sign_out_to_recover(draft: &Draft) -> String {
    let mut pairs = super::carried(draft.visit, draft.flow);
    pairs.retain_mut(|(name, value)| match *name {
        "return_to" => end_of_recovery(draft.visit, value)
            .map(|to| *value = to)
            .is_some(),
        _ => true,
    });
    pairs.push((RECOVER, "1".to_owned()));
    super::with_query("/logout".to_owned(), &pairs)
}

/// Where a recovery leads that takes the place of a re-authentication. The change that asked for it is bound to the session
/// that ends, so its section is opened instead. A new password is set by the recovery itself.
fn end_of_recovery(visit: &Visit, return_to: &str) -> Option<String> {
    let is_change = |to: &Destination| matches!(to, Destination::Own(path) if path.starts_with("/self-service/settings?"));
    if !visit
        .origins()
        .from_kratos(return_to)
        .as_ref()
        .is_some_and(is_change)
    {
        return Some(return_to.to_owned());
    }
    let url = Url::parse(return_to).ok()?;
    let (_, section) = url.query_pairs().find(|(name, _)| name == "section")?;
    match Section::from_name(&section) {
        Some(Section::Password) | None => None,
        section => Some(visit.at(&Page::Settings(section).to_string())),
    }
}

/// The way to another account. Where an application waits, it leads back to it.
fn logout_link(draft: &Draft) -> Html {
    let query = super::carried(draft.visit, draft.flow);
    let challenge = query.into_iter().find(|(name, _)| *name == LOGIN_CHALLENGE);
    // A second factor in the middle of a recovery leads back to it.
    let challenge = challenge.or_else(|| {
        let return_to = draft.flow.return_to.as_deref()?;
        let challenge = draft.visit.origins().application_behind(return_to)?;
        Some((LOGIN_CHALLENGE, challenge))
    });
    let words = match challenge {
        Some(_) => "login-other-account",
        None => "logout-submit",
    };
    let challenge: Vec<_> = challenge.into_iter().collect();
    let href = draft.at(&super::with_query("/logout".to_owned(), &challenge));
    view! { <a href=href data-testid="logout-link">{draft.say(words)}</a> }.html()
}
