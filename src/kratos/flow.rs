//! A self-service flow: one errand of one browser, kept by Kratos under an id.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use strum::{EnumIter, EnumString, IntoEnumIterator, IntoStaticStr};
use uuid::Uuid;

use super::message::{Message, MessageId, MessageKind};
use super::node::{Attributes, Group, Input, InputKind, Node};
use super::schema;
use super::session::{Channel, Identity};
use super::value::LocalTime;
use super::whole::Whole;

/// How much of what was typed is put back into a form, as markup. A form that people fill in has less.
const MAX_MARKUP: usize = 128 * 1024;

/// The five errands, by Kratos' names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr, EnumIter)]
#[strum(serialize_all = "lowercase")]
pub enum FlowKind {
    Login,
    Registration,
    Recovery,
    Verification,
    Settings,
}

impl FlowKind {
    /// Returns all of them, in their order.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }

    /// Returns Kratos' word, which is also the last part of Genkan's page and fragment paths.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Parses Kratos' word.
    pub fn from_name(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

/// The id of a flow. Only what is a UUID ever goes into a request to Kratos.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(transparent)]
pub struct FlowId(Uuid);

impl FlowId {
    /// Reads the hyphenated form of 36 characters, which is the only one Kratos writes.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 36)
            .then(|| Uuid::try_parse(text).ok())
            .flatten()
            .map(Self)
    }
}

impl fmt::Display for FlowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How far a flow has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    ChooseMethod,
    SentEmail,
    PassedChallenge,
    ShowForm,
    Success,
    // Recovery that lets people choose one of their addresses (`feature_flags.choose_recovery_address`).
    RecoveryAwaitingAddress,
    RecoveryAwaitingAddressChoice,
    RecoveryConfirmingAddress,
    RecoveryAwaitingCode,
    #[default]
    #[serde(other)]
    Unknown,
}

/// The authenticator assurance level a login flow asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Aal2,
    #[default]
    #[serde(other)]
    Aal1,
}

/// A flow as Kratos describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    pub id: FlowId,
    pub kind: FlowKind,
    pub state: State,
    /// When Kratos made it, as Kratos writes it (RFC 3339).
    pub issued_at: Option<String>,
    /// The method that was tried last, or that the flow is about.
    pub active: Option<Group>,
    /// A login that only proves once more who somebody is.
    pub refresh: bool,
    pub level: Level,
    /// Where to go in the end, as somebody asked. Kratos' check of it has holes: never used unchecked.
    pub return_to: Option<String>,
    /// The challenge of the OAuth2 client that wants somebody signed in.
    pub login_challenge: Option<String>,
    /// The account that this client expects to sign in, as it says.
    pub login_hint: Option<String>,
    /// The languages that this client asks for, the best first, as in `Accept-Language`.
    pub ui_locales: Option<String>,
    /// Which of several identity schemas somebody signs up with.
    pub identity_schema: Option<String>,
    pub nodes: Vec<Node>,
    /// What is said about the whole form, each message once.
    pub messages: Vec<Message>,
    /// Whose settings these are.
    pub identity: Option<Identity>,
    /// The traits that no field carries, where Kratos wants all of them as one value.
    pub(super) whole: Option<Whole>,
}

/// The parts of a flow on the wire that matter here.
#[derive(Debug, Deserialize)]
pub(super) struct Wire {
    pub(super) action: String,
    #[serde(default)]
    pub(super) nodes: Option<Vec<Node>>,
    #[serde(default)]
    pub(super) messages: Option<Vec<Message>>,
}

impl Wire {
    /// Which flow the form belongs to: a registration may be answered with a login flow, so the form decides, not
    /// the question. After a verification the action is the way on, which names no flow at all.
    pub(super) fn kind(&self) -> Option<FlowKind> {
        let (_, path) = self.action.split_once("/self-service/")?;
        FlowKind::from_name(path.split(['?', '/']).next()?)
    }
}

impl Flow {
    /// Whether anything on this form is an error.
    pub fn has_errors(&self) -> bool {
        self.nodes
            .iter()
            .flat_map(|node| &node.messages)
            .chain(&self.messages)
            .any(|message| message.kind == MessageKind::Error)
    }

    /// Takes away what was said about an earlier success. Kratos may leave it standing beside a new error.
    pub fn forget_success(&mut self) {
        self.messages
            .retain(|message| message.kind != MessageKind::Success);
    }

    /// Puts what the user typed back into the fields that have lost it, and empties those that were cleared, except for
    /// passwords and codes. The pairs that were put back are the answer, with an empty value for a cleared field.
    pub fn keep(&mut self, form: &Submission) -> Submission {
        self.put_back(form, |input| input.value.is_none())
    }

    /// Puts what somebody typed, and Kratos was not told, in the place of what it knows, except for passwords and codes. The
    /// pairs that were put there are the answer.
    pub fn take_over(&mut self, typed: &Submission) -> Submission {
        self.put_back(typed, |_| true)
    }

    /// Puts an address into the empty field of a form that asks for one, where nothing was said about the form yet.
    pub fn suggest(&mut self, address: &str) {
        let asks = match self.kind {
            FlowKind::Login => self.level == Level::Aal1 && !self.refresh,
            FlowKind::Recovery | FlowKind::Verification => true,
            FlowKind::Registration | FlowKind::Settings => false,
        };
        if asks && !self.has_errors() && !self.awaits_code() {
            let is_mail = Channel::of(address) == Channel::Mail;
            let names = ["identifier", "email", "recovery_address"].into_iter();
            let names = names.filter(|name| is_mail || *name != "email");
            let pairs = names.map(|name| (name.to_owned(), address.to_owned()));
            self.keep(&Submission(pairs.collect()));
        }
    }

    fn put_back(&mut self, form: &Submission, is_open: impl Fn(&Input) -> bool) -> Submission {
        let mut kept = schema::keep_lists(self, form);
        let mut typed: HashMap<&str, &str> = HashMap::new();
        for (name, value) in form.0.iter().filter(|(_, value)| !value.is_empty()) {
            typed.insert(name, value);
        }
        let mut room = MAX_MARKUP;
        for node in &mut self.nodes {
            let Attributes::Input(input) = &mut node.attributes else {
                continue;
            };
            let is_kept = match input.kind {
                InputKind::Hidden | InputKind::Submit | InputKind::Button | InputKind::Password => {
                    false
                }
                InputKind::Text
                | InputKind::Checkbox
                | InputKind::Number
                | InputKind::Email
                | InputKind::Tel
                | InputKind::DatetimeLocal
                | InputKind::Date
                | InputKind::Url => {
                    !matches!(input.name.as_str(), "code" | "totp_code" | "lookup_secret")
                }
            };
            let details = &input.details;
            if !is_kept || details.in_list.is_some() || details.is_read_only {
                continue;
            }
            match typed.get(&*input.name) {
                Some(value) if is_open(input) => {
                    let Some(rest) = room.checked_sub(markup_length(value)) else {
                        continue;
                    };
                    room = rest;
                    input.value = Some(in_zone_of(input, value));
                    kept.push((input.name.clone(), (*value).to_owned()));
                }
                // Kratos keeps the value of an earlier try of what is left out of a later one.
                None if input.value.is_some() && form.holds(&input.name) => {
                    input.value = None;
                    kept.push((input.name.clone(), String::new()));
                }
                Some(_) | None => {}
            }
        }
        Submission(kept)
    }

    /// Says of the first field that people fill in that it is missing, as Kratos would.
    pub fn mark_missing(&mut self) {
        let is_field =
            |node: &&mut Node| node.input().is_some_and(|input| input.kind.is_typed_into());
        if let Some(node) = self.nodes.iter_mut().find(is_field) {
            node.messages.push(Message::required());
        }
    }

    /// Lets people mend an address. Kratos 1.3.1 hides it once it has been asked for a code, also where it knows no
    /// account of that name. Where an address is settled, its field has a label or the flow is about one account.
    pub fn reopen_identifier(&mut self) {
        let is_open = self.kind == FlowKind::Login
            && self.state == State::ChooseMethod
            && self.level == Level::Aal1
            && !self.refresh
            // A security key is asked for by the name of its account.
            && !self.has("webauthn_login");
        let hidden = self.nodes.iter_mut().filter(|node| {
            node.group == Group::Default
                && node.label.is_none()
                && node.input().is_some_and(|input| {
                    input.name == "identifier" && input.kind == InputKind::Hidden
                })
        });
        for node in hidden.filter(|_| is_open) {
            if let Attributes::Input(input) = &mut node.attributes {
                input.kind = InputKind::Text;
                input.required = true;
            }
        }
    }

    /// Whether somebody who signs in once more is asked for the name of the account, although it can only be one.
    pub fn asks_who_it_is(&self) -> bool {
        let is_open = |input: &Input| input.name == "identifier" && input.kind.is_typed_into();
        self.refresh && self.inputs().any(|(_, input)| is_open(input))
    }

    /// Says whose sign-in it is.
    pub fn settle_identifier(&mut self, account: &str) {
        for node in &mut self.nodes {
            if let Attributes::Input(input) = &mut node.attributes
                && input.name == "identifier"
            {
                input.kind = InputKind::Hidden;
                input.value = Some(account.to_owned());
            }
        }
    }

    /// Whether so many wrong codes were typed that this flow takes none any more, not even a new one.
    pub fn is_used_up(&self) -> bool {
        self.messages.iter().any(Message::is_too_often)
    }

    /// Whether a code was sent that is to be typed here. Where a link was mailed there is no field for one.
    pub fn awaits_code(&self) -> bool {
        self.was_mailed() && self.has("code")
    }

    /// Whether the flow waits for what was mailed.
    pub fn was_mailed(&self) -> bool {
        match self.state {
            State::SentEmail | State::RecoveryAwaitingCode => true,
            State::ChooseMethod
            | State::PassedChallenge
            | State::ShowForm
            | State::Success
            | State::RecoveryAwaitingAddress
            | State::RecoveryAwaitingAddressChoice
            | State::RecoveryConfirmingAddress
            | State::Unknown => false,
        }
    }

    pub fn message(&self, id: MessageId) -> Option<&Message> {
        self.messages.iter().find(|message| message.id == id)
    }

    /// All fields and buttons, with their nodes.
    pub fn inputs(&self) -> impl Iterator<Item = (&Node, &Input)> {
        self.nodes
            .iter()
            .filter_map(|node| node.input().map(|input| (node, input)))
    }

    /// The value of the first field or button of this name that has one.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.inputs()
            .filter(|(_, input)| input.name == name)
            .find_map(|(_, input)| input.value.as_deref())
    }

    /// The token that Kratos wants back in the body. The newest one; it differs in every answer.
    pub fn csrf_token(&self) -> Option<&str> {
        self.value("csrf_token")
    }

    /// Whether a group has anything to press.
    pub fn offers(&self, group: &Group) -> bool {
        self.inputs().any(|(node, input)| {
            node.group == *group && matches!(input.kind, InputKind::Submit | InputKind::Button)
        })
    }

    /// Whether there is a button or a field of this name.
    pub fn has(&self, name: &str) -> bool {
        self.inputs().any(|(_, input)| input.name == name)
    }

    /// The buttons of one name, such as one `passkey_remove` for each passkey.
    pub fn buttons(&self, name: &str) -> impl Iterator<Item = (&Node, &Input)> {
        self.inputs()
            .filter(move |(_, input)| input.kind == InputKind::Submit && input.name == name)
    }

    /// The providers behind the buttons of one name: `provider`, `link` or `unlink`.
    pub fn providers(&self, button: &str) -> impl Iterator<Item = Provider> {
        self.buttons(button)
            .filter_map(|(node, input)| Provider::of(node, input))
    }

    /// The groups that this version does not know, each once.
    pub fn unknown_groups(&self) -> Vec<&Group> {
        let mut groups: Vec<&Group> = Vec::new();
        for Node { group, .. } in &self.nodes {
            if matches!(group, Group::Unknown(_)) && !groups.contains(&group) {
                groups.push(group);
            }
        }
        groups
    }

    /// Whether somebody comes from a provider to sign up, who did not tell all that is asked for.
    pub fn completes_what_a_provider_told(&self) -> bool {
        self.kind == FlowKind::Registration
            && self.nodes.iter().any(|node| {
                matches!(node.group, Group::Oidc | Group::Saml)
                    && node
                        .label
                        .as_ref()
                        .is_some_and(|label| label.id == MessageId::GO_ON_WITH_PROVIDER)
            })
    }

    /// Where the code was sent that this flow waits for, as far as it says so. With several addresses Kratos 26.2
    /// writes the chosen one into the first of its hidden fields only.
    pub fn code_address(&self) -> Option<&str> {
        let of_message = self
            .messages
            .iter()
            .find_map(|message| message.context_text("masked_address"));
        let resend = || {
            self.inputs()
                .find(|(_, input)| {
                    input.kind == InputKind::Submit
                        && matches!(input.name.as_str(), "email" | "recovery_confirm_address")
                })
                .and_then(|(_, input)| input.value.as_deref())
        };
        of_message
            .or_else(|| self.value("identifier"))
            .or_else(resend)
            .or_else(|| self.value("traits.email"))
    }
}

/// A typed value in the zone that the field's time has.
fn in_zone_of(input: &Input, typed: &str) -> String {
    let known = input.value.as_deref().and_then(LocalTime::parse);
    match (input.kind, known, LocalTime::parse(typed)) {
        (InputKind::DatetimeLocal, Some(known), Some(typed)) => LocalTime {
            zone: known.zone,
            ..typed
        }
        .rfc3339(),
        _ => typed.to_owned(),
    }
}

/// How many bytes a value takes at most once it is markup: a quotation mark is six there.
fn markup_length(value: &str) -> usize {
    let is_escaped = |byte: &u8| matches!(byte, b'"' | b'&' | b'<' | b'>');
    value.len() + 5 * value.bytes().filter(|byte| is_escaped(byte)).count()
}

/// Another system of accounts that Kratos lets people sign in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    pub id: String,
    /// Its name for people.
    pub label: String,
}

impl Provider {
    /// The provider that a button stands for.
    pub fn of(node: &Node, button: &Input) -> Option<Self> {
        let id = button.value.as_deref()?;
        let label = node.label.as_ref();
        let label = label.and_then(|label| label.context_text("provider"));
        Some(Self {
            id: id.to_owned(),
            label: label.unwrap_or(id).to_owned(),
        })
    }
}

/// A posted form: the pairs as they came, in order, repeats kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Submission(pub Vec<(String, String)>);

impl Submission {
    /// The last value of this name that is not empty. A box that is ticked comes after its "no".
    pub fn last(&self, name: &str) -> Option<&str> {
        let mut pairs = self.0.iter().rev();
        let (_, value) = pairs.find(|(key, value)| key == name && !value.is_empty())?;
        Some(value)
    }

    /// Whether there is a field of this name, empty or not.
    pub fn holds(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// The first value of this name that is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }
}
