//! The one reading of Kratos' statuses: what was asked, a status and a body become an [`Outcome`].
//!
//! A 200 is not always a success and a 400 not always an error: a wrong recovery code comes as 200, "the code was
//! sent" may come as 400. So the shape of the body decides first, then `error.id`, and the status only where neither
//! says enough.

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, IntoDeserializer};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::flow::{self, Flow, FlowId, FlowKind, Level, State};
use super::message::{Message, MessageId};
use super::node::{self, Group, InputKind, Node};
use super::session::{Identity, Session, Sessions};
use super::unknown::{Unknown, fits};
use super::wishes::Wishes;

/// What was asked. The same answer can mean different things: a 401 without an id is "nobody is signed in" from
/// `whoami` and "this account is disabled" from a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Start a flow.
    Init(FlowKind),
    /// Read a flow.
    Get(FlowKind),
    /// Post a form.
    Submit(FlowKind),
    /// Who is signed in.
    Whoami,
    /// The other sessions of this person.
    Sessions,
    /// End one or all of them.
    Revoke,
    /// The token for a sign-out.
    LogoutInit,
    /// The sign-out itself.
    LogoutSubmit,
    /// An error kept under an id.
    Problem,
}

impl Ask {
    /// What it is called where answers are counted.
    pub fn name(self) -> &'static str {
        match self {
            Self::Init(_) => "init",
            Self::Get(_) => "get",
            Self::Submit(_) => "submit",
            Self::Whoami => "whoami",
            Self::Sessions => "sessions",
            Self::Revoke => "revoke",
            Self::LogoutInit => "logout_init",
            Self::LogoutSubmit => "logout_submit",
            Self::Problem => "problem",
        }
    }
}

/// What an answer means. Every row of what Kratos is known to answer has a variant.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// A form to show: the first one, the next step, or the same one with messages.
    Form {
        flow: Box<Flow>,
        /// Where Kratos would go on, if the step is complete.
        next: Vec<Next>,
    },
    /// Signed in, or registered. Without a session where registration does not sign in.
    Finished {
        session: Option<Box<Session>>,
        /// Who has registered.
        identity: Option<Box<Identity>>,
        next: Vec<Next>,
    },
    /// Who is signed in.
    Session(Box<Session>),
    /// The sessions of this person on other devices.
    Sessions(Sessions),
    /// So many sessions were ended.
    Revoked(u64),
    /// The token that the sign-out wants.
    LogoutToken(String),
    /// An error kept under an id.
    Problem(Problem),
    /// Done, and nothing to say (204).
    Done,
    /// Kratos made another flow of the same kind: this one had expired, was used up, or had too many wrong codes.
    Moved(FlowKind, FlowId),
    /// Kratos wants something else to come first or next, and says what.
    Continue(Vec<Next>),
    /// The browser has to go to another place to go on.
    Leave(String),
    /// The login challenge of an OAuth2 client was accepted, and the way back is lost (JSON `null`).
    ChallengeLost,
    /// The login challenge of an OAuth2 client is over. The browser may be signed in all the same.
    ChallengeExpired,
    /// Kratos does not reach Hydra, which knows the login challenge of an OAuth2 client.
    HydraUnreachable,
    /// There is a session already.
    AlreadySignedIn,
    /// `return_to` is not on Kratos' list.
    ReturnToForbidden,
    /// The flow, or the method, is switched off.
    Closed,
    /// Nobody is signed in.
    SignInNeeded,
    /// A second factor was asked for before the first.
    FirstFactorNeeded,
    /// The second factor is missing.
    SecondFactorNeeded,
    /// The sign-in is too old for this change. Kratos has kept the change, and names the way to confirm it.
    RefreshNeeded(String),
    /// The account is switched off.
    AccountDisabled,
    /// The anti-CSRF cookie and the flow do not belong together: another browser, no cookies, or a sign-in since.
    Csrf,
    /// The settings flow of another person.
    OtherIdentity,
    /// The sign-out token is not that of this session.
    WrongLogoutToken,
    /// No such flow.
    Unknown,
    /// The flow is too old, and Kratos made no new one.
    Expired { return_to: Option<String> },
    /// Too many requests; seconds to wait, if said.
    TooMany(Option<u64>),
    /// Kratos found the request itself wrong: a query parameter, a missing flow.
    BadRequest,
    /// Kratos is in trouble, or this was not Kratos.
    Broken(u16),
}

/// An item of `continue_with`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    Flow(FlowKind, FlowId),
    Redirect(String),
}

/// An address that Kratos has sent a code or a link to, and the verification that waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToConfirm {
    pub flow: FlowId,
    pub address: String,
}

/// What Kratos keeps under the id of an error page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The anti-CSRF cookie does not fit.
    Csrf,
    /// The account is switched off, and somebody signed in by a provider.
    AccountDisabled,
    /// Any other: the HTTP status that it stands for.
    Status(u16),
}

impl Next {
    /// The step to take. The order of the items is not a priority: a form of ours goes before a redirect, because
    /// the redirect is where Kratos would go when nothing else were left to do.
    pub fn first(steps: &[Self]) -> Option<&Self> {
        let rank = |step: &&Self| match step {
            Self::Flow(FlowKind::Settings | FlowKind::Recovery, _) => 0,
            Self::Flow(FlowKind::Verification | FlowKind::Login | FlowKind::Registration, _) => 1,
            Self::Redirect(_) => 2,
        };
        steps.iter().min_by_key(rank)
    }
}

/// Every body Kratos sends, in one bag: which fields are there says what it is.
#[derive(Deserialize)]
struct Body {
    id: Option<FlowId>,
    ui: Option<flow::Wire>,
    #[serde(default, deserialize_with = "state")]
    state: State,
    #[serde(default)]
    refresh: Option<bool>,
    #[serde(default)]
    requested_aal: Option<Level>,
    issued_at: Option<String>,
    #[serde(default)]
    active: Option<Group>,
    return_to: Option<String>,
    oauth2_login_challenge: Option<String>,
    #[serde(default)]
    oauth2_login_request: Option<Value>,
    identity_schema: Option<String>,
    session: Option<Box<Session>>,
    identity: Option<Identity>,
    #[serde(default)]
    continue_with: Option<Vec<WireNext>>,
    error: Option<WireError>,
    redirect_browser_to: Option<String>,
    use_flow_id: Option<FlowId>,
    logout_token: Option<String>,
    count: Option<u64>,
}

#[derive(Deserialize)]
struct WireError {
    id: Option<String>,
    #[serde(default)]
    code: u16,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    details: Option<WireDetails>,
}

#[derive(Default, Deserialize)]
struct WireDetails {
    #[serde(default)]
    continue_with: Option<Vec<WireNext>>,
    return_to: Option<String>,
    status_code: Option<Value>,
}

#[derive(Deserialize)]
struct WireNext {
    action: String,
    flow: Option<WireNextFlow>,
    redirect_browser_to: Option<String>,
}

#[derive(Deserialize)]
struct WireNextFlow {
    id: FlowId,
}

/// What of an answer's head can mean something.
#[derive(Debug, Default)]
pub struct Head {
    pub status: u16,
    /// `Location`.
    pub location: Option<String>,
    /// `Retry-After` in seconds.
    pub retry_after: Option<u64>,
    /// How many there are of what the body lists.
    pub total: Option<usize>,
}

/// Reads an answer.
pub fn read(ask: Ask, head: &Head, body: &[u8]) -> Outcome {
    let status = head.status;
    match status {
        204 => return Outcome::Done,
        302 | 303 => {
            return match &head.location {
                Some(to) => redirected(ask, to),
                None => Outcome::Broken(status),
            };
        }
        429 => return Outcome::TooMany(head.retry_after),
        _ => {}
    }
    match ask {
        Ask::Whoami if status == 200 => {
            return json(body).map_or(Outcome::Broken(status), |session| {
                Outcome::Session(Box::new(session))
            });
        }
        Ask::Sessions if status == 200 && body.trim_ascii_start().starts_with(b"[") => {
            return json(body).map_or(Outcome::Broken(status), |listed: Vec<Session>| {
                let total = head.total.unwrap_or_default().max(listed.len());
                Outcome::Sessions(Sessions { listed, total })
            });
        }
        Ask::Whoami
        | Ask::Sessions
        | Ask::Revoke
        | Ask::Init(_)
        | Ask::Get(_)
        | Ask::Submit(_)
        | Ask::LogoutInit
        | Ask::LogoutSubmit
        | Ask::Problem => {}
    }
    match json::<Option<Body>>(body).or_else(|| without_oddities(body)) {
        None => Outcome::Broken(status),
        Some(None) => Outcome::ChallengeLost,
        Some(Some(body)) => shaped(ask, status, body),
    }
}

/// The addresses that a step has left to be confirmed, in Kratos' order. Verifications themselves do not name theirs.
pub(super) fn to_confirm(ask: Ask, body: &[u8]) -> Vec<ToConfirm> {
    #[derive(Deserialize)]
    struct Answer {
        continue_with: Option<Vec<Value>>,
        error: Option<Value>,
    }
    if !matches!(ask, Ask::Submit(_)) {
        return Vec::new();
    }
    let Some(answer) = json::<Answer>(body) else {
        return Vec::new();
    };
    let refused = answer.error.as_ref();
    let refused = refused.and_then(|error| error.pointer("/details/continue_with")?.as_array());
    let steps = answer.continue_with.iter().chain(refused).flatten();
    steps
        .filter_map(|step| {
            let flow = step.get("flow")?;
            Some(ToConfirm {
                flow: FlowId::parse(flow.get("id")?.as_str()?)?,
                address: flow.get("verifiable_address")?.as_str()?.to_owned(),
            })
        })
        .collect()
}

/// The same answer without what has another shape than it ever had: one odd attribute is no reason to show nothing.
fn without_oddities(body: &[u8]) -> Option<Option<Body>> {
    let mut answer: Value = json(body)?;
    each(&mut answer, "/ui/nodes", node::without_oddities);
    each(&mut answer, "/ui/messages", |item| {
        fits::<Message>(item, Unknown::Message)
    });
    for steps in ["/continue_with", "/error/details/continue_with"] {
        each(&mut answer, steps, |item| {
            fits::<WireNext>(item, Unknown::Action)
        });
    }
    serde_json::from_value(answer).ok()
}

/// Keeps the items of a list that `is_good`, which may mend them.
fn each(answer: &mut Value, list: &str, is_good: impl FnMut(&mut Value) -> bool) {
    if let Some(Value::Array(items)) = answer.pointer_mut(list) {
        items.retain_mut(is_good);
    }
}

fn json<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    match std::str::from_utf8(body) {
        // Looked at once, and not each of its texts by itself.
        Ok(text) => serde_json::from_str(text).ok(),
        // Kratos hands on what was imported into an account, which need not be text.
        Err(_) => serde_json::from_str(&String::from_utf8_lossy(body)).ok(),
    }
}

/// A redirect is data: to the JSON of a new flow it means "use that one", anything else is for the browser.
fn redirected(ask: Ask, location: &str) -> Outcome {
    let moved = || {
        let (_, path) = location.split_once("/self-service/")?;
        let (kind, query) = path.split_once("/flows?")?;
        let (_, id) = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "id")?;
        Some(Outcome::Moved(
            FlowKind::from_name(kind)?,
            FlowId::parse(&id)?,
        ))
    };
    match ask {
        Ask::Init(_)
        | Ask::Get(_)
        | Ask::Submit(_)
        | Ask::Whoami
        | Ask::Sessions
        | Ask::Revoke
        | Ask::LogoutInit
        | Ask::LogoutSubmit
        | Ask::Problem => moved().unwrap_or_else(|| Outcome::Leave(location.to_owned())),
    }
}

/// What a JSON object means, by the fields it has.
fn shaped(ask: Ask, status: u16, body: Body) -> Outcome {
    let next = steps(body.continue_with);
    if let (Some(id), Some(ui)) = (body.id, body.ui) {
        let kind = match (ui.kind(), ask) {
            (Some(kind), _) | (None, Ask::Init(kind) | Ask::Get(kind) | Ask::Submit(kind)) => kind,
            (
                None,
                Ask::Whoami
                | Ask::Sessions
                | Ask::Revoke
                | Ask::LogoutInit
                | Ask::LogoutSubmit
                | Ask::Problem,
            ) => return Outcome::Broken(status),
        };
        let mut messages = each_once(ui.messages.unwrap_or_default());
        messages.iter_mut().for_each(Message::refuse_if_foreign);
        if messages.iter().any(says_already_signed_in) {
            return Outcome::AlreadySignedIn;
        }
        let mut nodes = distinct(ui.nodes.unwrap_or_default());
        for node in &mut nodes {
            node.messages = each_once(std::mem::take(&mut node.messages));
            for message in &mut node.messages {
                message.refuse();
            }
        }
        let wishes = Wishes::of(body.oauth2_login_request.as_ref());
        let mut flow = Flow {
            id,
            kind,
            state: body.state,
            issued_at: body.issued_at,
            active: body.active,
            refresh: body.refresh.unwrap_or(false),
            level: body.requested_aal.unwrap_or_default(),
            return_to: body.return_to,
            login_challenge: body.oauth2_login_challenge,
            login_hint: wishes.login_hint,
            ui_locales: wishes.ui_locales,
            identity_schema: body.identity_schema,
            nodes,
            messages,
            identity: body.identity,
            whole: None,
        };
        if status >= 400 {
            flow.forget_success();
        }
        return Outcome::Form {
            flow: Box::new(flow),
            next,
        };
    }
    if let Some(error) = body.error {
        let to = body.redirect_browser_to;
        return refused(ask, status, error, to, body.use_flow_id);
    }
    if body.session.is_some() || body.identity.is_some() {
        return Outcome::Finished {
            session: body.session,
            identity: body.identity.map(Box::new),
            next,
        };
    }
    match (body.logout_token, body.count) {
        (Some(token), _) => Outcome::LogoutToken(token),
        (None, Some(count)) => Outcome::Revoked(count),
        (None, None) => Outcome::Broken(status),
    }
}

/// The state of a flow. One that is not known is none that anything depends on.
fn state<'de, D: Deserializer<'de>>(deserializer: D) -> Result<State, D::Error> {
    let Some(name) = Option::<String>::deserialize(deserializer)? else {
        return Ok(State::default());
    };
    let named: StrDeserializer<'_, D::Error> = name.as_str().into_deserializer();
    let state = State::deserialize(named)?;
    if state == State::Unknown {
        Unknown::State.warn(&name);
    }
    Ok(state)
}

/// What an error means: by its id where it has one, else by what was asked.
fn refused(
    ask: Ask,
    status: u16,
    error: WireError,
    redirect: Option<String>,
    use_flow_id: Option<FlowId>,
) -> Outcome {
    let details = error.details.unwrap_or_default();
    let next = steps(details.continue_with);
    let kind = match ask {
        Ask::Init(kind) | Ask::Get(kind) | Ask::Submit(kind) => Some(kind),
        Ask::Whoami
        | Ask::Sessions
        | Ask::Revoke
        | Ask::LogoutInit
        | Ask::LogoutSubmit
        | Ask::Problem => None,
    };
    if ask == Ask::Problem && status == 200 {
        let is_disabled = error.code == 401 && error.message.contains("identity is disabled");
        return Outcome::Problem(match error.id.as_deref() {
            Some("security_csrf_violation") => Problem::Csrf,
            Some("identity_disabled") => Problem::AccountDisabled,
            Some(_) | None if is_disabled => Problem::AccountDisabled,
            Some(_) | None => Problem::Status(error.code),
        });
    }
    let by_id = match error.id.as_deref() {
        Some("browser_location_change_required") => redirect.map(Outcome::Leave),
        Some("session_already_available") => Some(Outcome::AlreadySignedIn),
        Some("session_inactive") => Some(Outcome::SignInNeeded),
        Some("session_aal1_required") => Some(Outcome::FirstFactorNeeded),
        Some("session_aal2_required") => Some(Outcome::SecondFactorNeeded),
        Some("session_refresh_required") => redirect.map(Outcome::RefreshNeeded),
        Some("session_verified_address_required") => Some(Outcome::Continue(next.clone())),
        Some("security_csrf_violation") => Some(Outcome::Csrf),
        Some("security_identity_mismatch") => Some(Outcome::OtherIdentity),
        Some("identity_disabled") => Some(Outcome::AccountDisabled),
        Some("self_service_flow_return_to_forbidden") => Some(Outcome::ReturnToForbidden),
        Some("self_service_flow_disabled") => Some(Outcome::Closed),
        Some("self_service_flow_expired" | "self_service_flow_replaced") => kind
            .zip(use_flow_id)
            .map(|(kind, id)| Outcome::Moved(kind, id)),
        Some("") | None => None,
        Some(id) => {
            Unknown::Error.warn(id);
            None
        }
    };
    // What Kratos says where Hydra has refused a challenge, with Hydra's own status.
    let is_about_challenge = error.reason.contains("OAuth 2.0 Login Challenge");
    let said_by_hydra = details.status_code.as_ref().and_then(Value::as_u64);
    by_id.unwrap_or_else(|| match (status, ask) {
        // 410: a code that was too old. The new flow says so.
        (400 | 410, _) if !next.is_empty() => Outcome::Continue(next),
        (400, _) if error.reason.contains("disabled") => Outcome::Closed,
        (400, Ask::Get(FlowKind::Login | FlowKind::Registration))
            if is_about_challenge && is_over(said_by_hydra) =>
        {
            Outcome::ChallengeExpired
        }
        (400, _) => Outcome::BadRequest,
        (401, Ask::Submit(FlowKind::Login | FlowKind::Recovery)) => Outcome::AccountDisabled,
        (401, _) => Outcome::SignInNeeded,
        (403, Ask::LogoutSubmit) => Outcome::WrongLogoutToken,
        (404, _) if error.reason.contains("disabled") || error.message.contains("disabled") => {
            Outcome::Closed
        }
        (404, _) => Outcome::Unknown,
        (410, _) => Outcome::Expired {
            return_to: details.return_to,
        },
        (500, Ask::Submit(FlowKind::Login)) if said_by_hydra == Some(401) => {
            Outcome::ChallengeExpired
        }
        (500, Ask::Get(_) | Ask::Submit(_)) if is_about_challenge => Outcome::HydraUnreachable,
        (status, _) => Outcome::Broken(status),
    })
}

/// Whether this answer of Hydra's to a challenge is for good: the challenge has expired, is not
/// known, or was used.
fn is_over(status: Option<u64>) -> bool {
    matches!(status, Some(401 | 404 | 410))
}

/// The steps that this version knows; native ones and new ones are left out.
fn steps(wire: Option<Vec<WireNext>>) -> Vec<Next> {
    let step = |item: WireNext| match item.action.as_str() {
        "show_verification_ui" => Some(Next::Flow(FlowKind::Verification, item.flow?.id)),
        "show_recovery_ui" => Some(Next::Flow(FlowKind::Recovery, item.flow?.id)),
        "show_settings_ui" => Some(Next::Flow(FlowKind::Settings, item.flow?.id)),
        "redirect_browser_to" => Some(Next::Redirect(item.redirect_browser_to?)),
        // For apps without a browser.
        "set_ory_session_token" => None,
        action => {
            Unknown::Action.warn(action);
            None
        }
    };
    wire.unwrap_or_default()
        .into_iter()
        .filter_map(step)
        .collect()
}

/// Kratos 1.3.1 adds the ways to sign in again each time an address is sent to the same flow. Of fields and buttons that
/// are there twice one is kept, with what is said of either.
fn distinct(nodes: Vec<Node>) -> Vec<Node> {
    let mut kept: Vec<Node> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let is_seen = node
            .input()
            .is_some_and(|input| input.kind != InputKind::Hidden);
        let same = |earlier: &&mut Node| {
            is_seen && earlier.group == node.group && earlier.attributes == node.attributes
        };
        match kept.iter_mut().find(same) {
            Some(earlier) => earlier.messages.extend(node.messages),
            None => kept.push(node),
        }
    }
    kept
}

/// Kratos piles up the messages of earlier attempts; the last of each id is the one that counts. A web hook may say
/// different things under one number of its own.
fn each_once(messages: Vec<Message>) -> Vec<Message> {
    let mut kept: Vec<Message> = Vec::with_capacity(messages.len());
    for message in messages {
        let is_same = |earlier: &Message| {
            earlier.id == message.id && (message.id.is_of_kratos() || earlier.text == message.text)
        };
        kept.retain(|earlier| !is_same(earlier));
        kept.push(message);
    }
    kept
}

/// A login form posted while another tab signed in comes back as a form with this text, and no id of its own.
fn says_already_signed_in(message: &Message) -> bool {
    message.id == MessageId::GENERIC && message.text.starts_with("A valid session was detected")
}
