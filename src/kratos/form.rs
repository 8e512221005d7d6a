//! The one reading of a posted form: Kratos, the limits and the page that shows it again go by it.
//!
//! A browser may repeat a name, send names that the flow does not have, or values for several
//! methods. Kratos picks one of them by rules of its own. [`Form::read`] picks the same one, and
//! nothing else is sent on, so what is counted is what Kratos acts on.

use std::collections::HashMap;

use serde_json::Value;

use super::flow::{Flow, FlowKind, Level, Submission};
use super::node::{Group, Input, InputKind};
use super::schema::{Schema, is_trait, list_of, stored};
use super::spelling;
use super::value::{Language, LocalTime, TRANSIENT_PAYLOAD};
use super::whole::{Kind, Whole};

/// The maximum number of new addresses in one form. Each of them is counted.
const MAX_MESSAGED: usize = 256;

/// A posted form in the one reading that is counted and sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    pub kind: FlowKind,
    /// The method that Kratos takes the form for. `None` where it is for no method.
    pub method: Option<Group>,
    /// The names and values, in the order in which they came.
    pub fields: Submission,
    /// The traits that a code may be sent to, with the values that are new.
    pub messaged: Vec<String>,
    /// What no field carries.
    whole: Option<Whole>,
}

/// Why a form has no reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// A value holds what no keyboard types and no page of Genkan sends.
    OddCharacter,
    /// It names several methods, or several accounts to sign in with.
    Ambiguous,
}

/// What is known of the traits that a form of a flow may hold, by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traits(HashMap<String, Trait>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Trait {
    take: Take,
    spelling: Spelling,
    /// Whether Kratos may send a code to it.
    is_messaged: bool,
    /// Whether only the operator sets it. Kratos enforces no `readOnly` of a schema.
    is_read_only: bool,
}

/// Which of several values of one name Kratos takes (`decoderx/http.go` in ory/x).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Take {
    First,
    /// Of a truth value: an empty box says `false` before the box itself says `true`.
    Last,
    /// Of a list.
    Each,
}

/// How a value may be written.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Spelling {
    /// Exactly as it was typed.
    Verbatim,
    Text,
    Code,
    Number,
    /// In this zone.
    Time(String),
}

impl Form {
    /// Reads a posted form as Kratos would read it, against the flow that it belongs to.
    ///
    /// # Errors
    /// [`Unreadable`], where it means several things or holds what no browser sends.
    pub fn read(flow: &Flow, traits: &Traits, posted: &Submission) -> Result<Self, Unreadable> {
        let is_odd =
            |(name, value): &(String, String)| spelling::is_odd(name) || spelling::is_odd(value);
        if posted.0.iter().any(is_odd) {
            return Err(Unreadable::OddCharacter);
        }
        let fields = unchanged(flow, traits, taken(flow, traits, posted));
        if flow.kind == FlowKind::Login {
            names_one(posted, "method", str::to_owned)?;
            names_one(posted, "identifier", |name| {
                spelling::text(name).to_lowercase()
            })?;
        }
        let method = method(flow.kind, &fields)?;
        let is_for = |name: &str| {
            let owners = owners(flow.kind, name);
            owners.is_empty() || method.as_ref().is_none_or(|method| owners.contains(method))
        };
        let fields = fields.0.into_iter().filter(|(name, _)| is_for(name));
        let mut fields = Submission(fields.collect());
        let messaged = messaged(flow, traits, &mut fields)?;
        // Kratos takes a form of the settings that names no method for the profile.
        let is_of_traits = match method {
            None | Some(Group::Profile) => true,
            Some(_) => flow.kind != FlowKind::Settings,
        };
        Ok(Self {
            messaged,
            method,
            whole: flow.whole.clone().filter(|_| is_of_traits),
            ..Self::new(flow.kind, fields)
        })
    }

    /// Makes a form of fields that need no reading.
    pub fn new(kind: FlowKind, fields: Submission) -> Self {
        Self {
            kind,
            method: None,
            fields,
            messaged: Vec::new(),
            whole: None,
        }
    }

    /// The first value of this name that is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name)
    }

    /// The pairs that Kratos gets, and the language of its mails.
    pub(super) fn pairs(&self, language: Language) -> Vec<(&str, String)> {
        let pairs = self.fields.0.iter().filter(|(name, value)| {
            // An empty number would be 0 to Kratos, and an empty field an item of its list.
            !(name.starts_with("traits.") && value.is_empty())
        });
        let pairs = pairs.map(|(name, value)| (name.as_str(), value.clone()));
        let Some(whole) = self.whole.clone() else {
            return pairs.chain([language.for_mails()]).collect();
        };
        let is_trait = |(name, _): &(&str, String)| name.starts_with("traits.");
        let (traits, others): (Vec<_>, Vec<_>) = pairs.partition(is_trait);
        let traits = whole.with(traits.into_iter());
        let traits = [("traits", traits), language.for_mails()];
        others.into_iter().chain(traits).collect()
    }
}

/// The values that Kratos takes of those that the flow knows by name.
fn taken(flow: &Flow, traits: &Traits, posted: &Submission) -> Submission {
    let mut fields: Vec<(String, String)> = Vec::with_capacity(posted.0.len());
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (name, value) in &posted.0 {
        let Some((take, spelling)) = known(flow, traits, name) else {
            continue;
        };
        let place = places.get(name.as_str()).copied();
        match (take, place) {
            (Take::First, Some(_)) => {}
            (Take::Last, Some(place)) => fields[place].1 = spelling.spell(value),
            (Take::Each, Some(_)) | (Take::First | Take::Last | Take::Each, None) => {
                places.insert(name, fields.len());
                fields.push((name.clone(), spelling.spell(value)));
            }
        }
    }
    Submission(fields)
}

/// Gives each trait that only the operator sets the value that the flow has for it, also where the
/// form leaves it out: Kratos takes a profile as a whole. [`Whole`] has those of an identity.
fn unchanged(flow: &Flow, traits: &Traits, mut fields: Submission) -> Submission {
    let has_traits = fields.0.iter().any(|(name, _)| name.starts_with("traits."));
    let is_fixed = |name: &str| traits.0.get(name).is_some_and(|it| it.is_read_only);
    fields.0.retain(|(name, _)| !is_fixed(name));
    if has_traits && flow.whole.is_none() {
        let inputs = flow.inputs().map(|(_, input)| input);
        fields.0.extend(inputs.filter_map(|input| {
            let name = list_of(input);
            let value = input.value.clone().filter(|_| is_fixed(name))?;
            Some((name.to_owned(), value))
        }));
    }
    fields
}

/// How a name is read, if the flow has it.
fn known<'a>(flow: &Flow, traits: &'a Traits, name: &str) -> Option<(Take, Spelling)> {
    const ALWAYS: [&str; 3] = ["csrf_token", "method", "screen"];
    if name.starts_with("traits") {
        let found: Option<&'a Trait> = traits.0.get(name);
        return found.map(|it| (it.take, it.spelling.clone()));
    }
    if name.starts_with(TRANSIENT_PAYLOAD) {
        return None;
    }
    let input = || flow.inputs().map(|(_, input)| input);
    // Only a second factor is sent to an address that the form chooses.
    let is_elsewhere = name == "address" && flow.level != Level::Aal2;
    let is_known = ALWAYS.contains(&name)
        || (!owners(flow.kind, name).is_empty() && !is_elsewhere)
        || shared(flow.kind).contains(&name)
        || input().any(|input| input.name == name);
    if !is_known {
        return None;
    }
    let is_box = input().any(|it| it.name == name && it.kind == InputKind::Checkbox);
    let take = if is_box { Take::Last } else { Take::First };
    let spelling = match name {
        "code" | "totp_code" | "lookup_secret" => Spelling::Code,
        "identifier" | "address" | "email" | "recovery_address" | "recovery_confirm_address" => {
            Spelling::Text
        }
        _ => Spelling::Verbatim,
    };
    Some((take, spelling))
}

/// The names that forms of several methods have.
fn shared(kind: FlowKind) -> &'static [&'static str] {
    match kind {
        FlowKind::Login => &["identifier"],
        FlowKind::Registration | FlowKind::Settings => &[],
        FlowKind::Recovery | FlowKind::Verification => &[
            "email",
            "code",
            "recovery_address",
            "recovery_select_address",
            "recovery_confirm_address",
        ],
    }
}

/// The methods that a field belongs to; none for what belongs to all of them.
fn owners(kind: FlowKind, name: &str) -> &'static [Group] {
    const PROVIDERS: &[Group] = &[Group::Oidc, Group::Saml];
    match kind {
        FlowKind::Login => match name {
            "password" => &[Group::Password],
            "code" | "resend" | "address" => &[Group::Code],
            "totp_code" => &[Group::Totp],
            "lookup_secret" => &[Group::LookupSecret],
            "webauthn_login" => &[Group::Webauthn],
            "passkey_login" | "passkey_challenge" => &[Group::Passkey],
            "provider" => PROVIDERS,
            _ => &[],
        },
        FlowKind::Registration => match name {
            "password" => &[Group::Password],
            "code" | "resend" => &[Group::Code],
            "passkey_register" | "passkey_create_data" => &[Group::Passkey],
            "webauthn_register" | "webauthn_register_displayname" => &[Group::Webauthn],
            "provider" => PROVIDERS,
            _ => &[],
        },
        FlowKind::Settings => match name {
            "password" => &[Group::Password],
            "totp_code" | "totp_unlink" => &[Group::Totp],
            "lookup_secret_confirm"
            | "lookup_secret_reveal"
            | "lookup_secret_regenerate"
            | "lookup_secret_disable" => &[Group::LookupSecret],
            "webauthn_register" | "webauthn_register_displayname" | "webauthn_remove" => {
                &[Group::Webauthn]
            }
            "passkey_settings_register" | "passkey_create_data" | "passkey_remove" => {
                &[Group::Passkey]
            }
            "link" | "unlink" => PROVIDERS,
            name if name.starts_with("traits.") => &[Group::Profile],
            _ => &[],
        },
        FlowKind::Recovery | FlowKind::Verification => &[],
    }
}

/// The method that a form is for: the one that it names, or the one that all its values belong to.
fn method(kind: FlowKind, fields: &Submission) -> Result<Option<Group>, Unreadable> {
    if let Some(name) = fields.get("method") {
        return Ok(Some(Group::from_name(name)));
    }
    let mut found = None;
    for (name, _) in fields.0.iter().filter(|(_, value)| !value.is_empty()) {
        // The details of a person are sent along by every method.
        let owner = owners(kind, name)
            .first()
            .filter(|_| !name.starts_with("traits."));
        match (&found, owner) {
            (_, None) => {}
            (None, Some(owner)) => found = Some(owner.clone()),
            (Some(known), Some(owner)) if known == owner => {}
            (Some(_), Some(_)) => return Err(Unreadable::Ambiguous),
        }
    }
    Ok(found)
}

/// Holds a name to have one value only, however often it is there.
fn names_one(
    posted: &Submission,
    name: &str,
    compared: impl Fn(&str) -> String,
) -> Result<(), Unreadable> {
    let mut values = posted.0.iter().filter(|(it, _)| it == name);
    let Some((_, first)) = values.next() else {
        return Ok(());
    };
    let first = compared(first);
    if values.all(|(_, value)| compared(value) == first) {
        Ok(())
    } else {
        Err(Unreadable::Ambiguous)
    }
}

/// The addresses of a form that Kratos sends a code to because they are new.
fn messaged(
    flow: &Flow,
    traits: &Traits,
    fields: &mut Submission,
) -> Result<Vec<String>, Unreadable> {
    let mut found = Vec::new();
    let is_messaged = |name: &str| traits.0.get(name).is_some_and(|it| it.is_messaged);
    let pairs = fields.0.iter_mut();
    for (name, value) in pairs.filter(|(name, value)| is_messaged(name) && !value.is_empty()) {
        let known = addresses_of(flow, name);
        let is_new = |address: &String| {
            let small = spelling::lower_case(address);
            known
                .iter()
                .all(|known| spelling::lower_case(known) != small)
        };
        let inner = json(value)?;
        if let Some(inner) = &inner {
            *value = inner.to_string();
        }
        let texts = inner.as_ref().map_or_else(|| vec![&**value], texts);
        found.extend(texts.into_iter().map(str::to_owned).filter(is_new));
    }
    if found.len() > MAX_MESSAGED {
        return Err(Unreadable::OddCharacter);
    }
    Ok(found)
}

/// What a value says as JSON, where Kratos could take it for that.
fn json(text: &str) -> Result<Option<Value>, Unreadable> {
    let text = text.trim_start();
    if !text.starts_with(['{', '[', '"']) {
        return Ok(None);
    }
    match serde_json::from_str(text) {
        Ok(value) => Ok(Some(value)),
        // A part of an address may stand in quotation marks.
        Err(_) if text.starts_with('"') => Ok(None),
        // Kratos may find addresses in it all the same.
        Err(_) => Err(Unreadable::OddCharacter),
    }
}

/// All texts in a value.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

/// The texts that a trait has before a form of the settings changes it. A flow holds what was typed
/// into it, so its fields do not tell.
fn addresses_of<'a>(flow: &'a Flow, name: &str) -> Vec<&'a str> {
    let identity = flow.identity.as_ref();
    let identity = identity.filter(|_| flow.kind == FlowKind::Settings);
    let value = identity.and_then(|identity| stored(&identity.traits, name));
    value.map(texts).unwrap_or_default()
}

impl Spelling {
    fn spell(&self, typed: &str) -> String {
        match self {
            Self::Verbatim => spelling::lines(typed),
            Self::Text => spelling::text(typed),
            Self::Code => spelling::code(typed),
            Self::Number => spelling::number(typed),
            Self::Time(zone) => match LocalTime::parse(typed) {
                Some(time) => LocalTime {
                    zone: zone.clone(),
                    ..time
                }
                .rfc3339(),
                None => typed.to_owned(),
            },
        }
    }
}

impl Traits {
    /// Finds out what the fields of a flow say of its traits, where no schema can be read.
    pub fn of_fields(flow: &Flow) -> Self {
        Self::of(flow, None)
    }

    /// Finds out what is known of the traits of a flow: by its schema, or else by its fields.
    pub(super) fn of(flow: &Flow, schema: Option<&Schema>) -> Self {
        let mut traits = HashMap::new();
        for (name, is_messaged, is_read_only) in schema.into_iter().flat_map(Schema::fields) {
            let kind = schema.and_then(|schema| schema.kind(name));
            let Some((take, spelling)) = Self::reading(kind) else {
                continue;
            };
            traits.insert(
                name.to_owned(),
                Trait {
                    take,
                    spelling,
                    is_messaged,
                    is_read_only,
                },
            );
        }
        let inputs = flow.inputs().map(|(_, input)| input);
        for input in inputs.filter(|input| is_trait(input)) {
            Self::add(&mut traits, schema.is_some(), input);
        }
        Self(traits)
    }

    /// How a trait of this kind is read. `None` for what no field of a form carries.
    fn reading(kind: Option<Kind>) -> Option<(Take, Spelling)> {
        Some(match kind {
            None => (Take::First, Spelling::Text),
            Some(Kind::Number) => (Take::First, Spelling::Number),
            Some(Kind::Truth) => (Take::Last, Spelling::Verbatim),
            Some(Kind::List) => (Take::Each, Spelling::Text),
            Some(Kind::ListOfNumbers) => (Take::Each, Spelling::Number),
            Some(Kind::Object) => (Take::First, Spelling::Verbatim),
            Some(Kind::ListOfObjects) => return None,
        })
    }

    /// Adds what a field says of itself. `has_schema`: a field that the schema lacks is made up.
    fn add(traits: &mut HashMap<String, Trait>, has_schema: bool, input: &Input) {
        let name = list_of(input);
        if has_schema && !traits.contains_key(name) {
            return;
        }
        let is_messaged = input.details.messaged.unwrap_or_else(|| is_address(input));
        // Without a schema nothing tells a list from a text. Every value goes on, and is counted.
        let known = traits.entry(name.to_owned()).or_insert(Trait {
            take: Take::Each,
            spelling: Spelling::Text,
            is_messaged,
            is_read_only: false,
        });
        // A user may fill in a required trait that the operator has not set.
        known.is_read_only &= input.details.is_read_only;
        match input.kind {
            InputKind::Number => known.spelling = Spelling::Number,
            InputKind::Checkbox => {
                known.take = Take::Last;
                known.spelling = Spelling::Verbatim;
            }
            InputKind::DatetimeLocal => {
                let time = input.value.as_deref().and_then(LocalTime::parse);
                known.spelling = Spelling::Time(time.map_or_else(|| "Z".to_owned(), |it| it.zone));
            }
            InputKind::Hidden if known.spelling == Spelling::Text => {
                known.spelling = Spelling::Verbatim;
            }
            InputKind::Text
            | InputKind::Password
            | InputKind::Hidden
            | InputKind::Email
            | InputKind::Tel
            | InputKind::Submit
            | InputKind::Button
            | InputKind::Date
            | InputKind::Url => {}
        }
        if input.details.in_list.is_some() {
            known.take = Take::Each;
        }
    }
}

/// Whether a field looks as if a code could be sent to what it holds, where no schema can be read.
fn is_address(input: &Input) -> bool {
    let name = input.name.to_ascii_lowercase();
    let last = name.rsplit('.').find(|part| part.parse::<usize>().is_err());
    matches!(input.kind, InputKind::Email | InputKind::Tel)
        || last.is_some_and(|last| {
            last.ends_with("mail") || last.ends_with("phone") || matches!(last, "tel" | "mobile")
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::outcome::{Ask, Head, Outcome, read};
    use super::*;

    /// What a sign-up form for a trait with any addresses in it sends on, and what it mails.
    fn read_addresses(value: &str) -> Result<(Submission, Vec<String>), Unreadable> {
        let mail = json!({"type": "string", "ory.sh/kratos": {"verification": {"via": "email"}}});
        let more = json!({"type": "object", "additionalProperties": mail});
        let traits = json!({"properties": {"more": more}});
        let list = json!([{"id": "default", "schema": {"properties": {"traits": traits}}}]);
        let schema = Schema::read_all(&list).remove(0);
        let body = json!({
            "id": "90f5b905-3161-4fa3-b8c7-5014e2768ed6", "state": "choose_method",
            "ui": {"action": "http://kratos.test/self-service/registration?flow=x", "nodes": []},
        });
        let head = Head {
            status: 200,
            ..Head::default()
        };
        let ask = Ask::Get(FlowKind::Registration);
        let Outcome::Form { flow, .. } = read(ask, &head, body.to_string().as_bytes()) else {
            panic!("no form");
        };
        let pairs = [("method", "password"), ("traits.more", value)];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let traits = Traits::of(&flow, Some(&schema));
        let form = Form::read(&flow, &traits, &Submission(pairs.into()))?;
        Ok((form.fields, form.messaged))
    }

    #[test]
    fn the_addresses_in_a_trait_of_any_names_are_those_that_are_sent() {
        let value = r#" {"a":"no@x.test","a":"a@x.test","b":["b\u0040x.test",{"c":1}]}"#;
        let (fields, messaged) = read_addresses(value).unwrap();
        assert_eq!(messaged, ["a@x.test", "b@x.test"]);
        let sent = r#"{"a":"a@x.test","b":["b@x.test",{"c":1}]}"#;
        assert_eq!(fields.get("traits.more"), Some(sent));
        assert_eq!(read_addresses("a@x.test").unwrap().1, ["a@x.test"]);
        let quoted = r#""a b"@x.test"#;
        assert_eq!(read_addresses(quoted).unwrap().1, [quoted]);
    }

    #[test]
    fn what_could_hide_addresses_is_not_sent() {
        let many: Vec<_> = (0..=MAX_MESSAGED)
            .map(|it| format!("{it}@x.test"))
            .collect();
        let many = json!(many).to_string();
        for value in [r#"{"a":"\ud800@x.test"}"#, "[", &many] {
            assert_eq!(read_addresses(value), Err(Unreadable::OddCharacter));
        }
    }
}
