//! The parts of a form, as Kratos describes them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::message::Message;
use super::schema::{Choice, Details};
use super::unknown::{Unknown, fits};

/// Which method a node belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Group {
    #[default]
    Default,
    Password,
    Oidc,
    Saml,
    Profile,
    Link,
    Code,
    Totp,
    LookupSecret,
    Webauthn,
    Passkey,
    IdentifierFirst,
    Captcha,
    /// A group that this version does not know; drawn like any other.
    Unknown(String),
}

impl Group {
    /// Kratos' name, which is also the value of `method` for most groups.
    pub fn name(&self) -> &str {
        match self {
            Self::Default => "default",
            Self::Password => "password",
            Self::Oidc => "oidc",
            Self::Saml => "saml",
            Self::Profile => "profile",
            Self::Link => "link",
            Self::Code => "code",
            Self::Totp => "totp",
            Self::LookupSecret => "lookup_secret",
            Self::Webauthn => "webauthn",
            Self::Passkey => "passkey",
            Self::IdentifierFirst => "identifier_first",
            Self::Captcha => "captcha",
            Self::Unknown(name) => name,
        }
    }

    /// The group of a name.
    pub fn from_name(name: &str) -> Self {
        match name {
            "default" => Self::Default,
            "password" => Self::Password,
            "oidc" => Self::Oidc,
            "saml" => Self::Saml,
            "profile" => Self::Profile,
            "link" => Self::Link,
            "code" => Self::Code,
            "totp" => Self::Totp,
            "lookup_secret" => Self::LookupSecret,
            "webauthn" => Self::Webauthn,
            "passkey" => Self::Passkey,
            "identifier_first" => Self::IdentifierFirst,
            "captcha" => Self::Captcha,
            _ => Self::Unknown(name.to_owned()),
        }
    }
}

impl<'de> Deserialize<'de> for Group {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Name(name) = Name::deserialize(deserializer)?;
        let group = Self::from_name(&name);
        if matches!(group, Self::Unknown(_)) {
            Unknown::Group.warn(&name);
        }
        Ok(group)
    }
}

/// A name that is looked at and thrown away.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// One part of a form: a field, a button, a text, a picture, a link.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub group: Group,
    pub attributes: Attributes,
    pub messages: Vec<Message>,
    pub label: Option<Message>,
}

impl Node {
    /// The field or button this node is, if it is one.
    pub fn input(&self) -> Option<&Input> {
        match &self.attributes {
            Attributes::Input(input) => Some(input),
            Attributes::Text(_)
            | Attributes::Image(_)
            | Attributes::Anchor(_)
            | Attributes::Script
            | Attributes::Division
            | Attributes::Unknown => None,
        }
    }
}

/// What kind of node this is, with what only that kind has.
#[derive(Debug, Clone, PartialEq)]
pub enum Attributes {
    Input(Input),
    Text(Text),
    Image(Image),
    Anchor(Anchor),
    /// Kratos' own script. Genkan brings its own, so this is never drawn.
    Script,
    /// A hook for a widget (captcha).
    Division,
    /// A type that this version does not know, or one whose attributes do not fit. Not drawn.
    Unknown,
}

/// A field or a button.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    pub name: String,
    pub kind: InputKind,
    /// The value as a form would send it. `None` where Kratos sent none or an empty one.
    pub value: Option<String>,
    pub required: bool,
    pub disabled: bool,
    pub autocomplete: Option<String>,
    /// What is known of a trait beyond this.
    pub details: Details,
}

/// `type` of an input; unknown ones are drawn as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputKind {
    Text,
    Password,
    Number,
    Checkbox,
    Hidden,
    Email,
    Tel,
    Submit,
    Button,
    DatetimeLocal,
    Date,
    Url,
}

/// A text to read.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    pub id: String,
    pub text: Message,
}

/// A picture: the QR code of an authenticator app.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    pub id: String,
    pub src: String,
    /// Width and height in CSS pixels.
    pub size: (u32, u32),
}

/// A link.
#[derive(Debug, Clone, PartialEq)]
pub struct Anchor {
    pub id: String,
    pub href: String,
    pub title: Option<Message>,
}

/// A node as it is on the wire: the attributes of all types in one bag, because `type` stands beside them.
#[derive(Deserialize)]
struct Wire {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    group: Group,
    attributes: WireAttributes,
    #[serde(default)]
    messages: Option<Vec<Message>>,
    #[serde(default)]
    meta: Option<WireMeta>,
}

#[derive(Default, Deserialize)]
struct WireMeta {
    label: Option<Message>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct WireAttributes {
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    value: Option<Value>,
    required: Option<bool>,
    disabled: Option<bool>,
    autocomplete: Option<String>,
    /// From newer versions of Kratos, each with a `value`.
    options: Option<Vec<Value>>,
    label: Option<Message>,
    id: Option<String>,
    text: Option<Message>,
    title: Option<Message>,
    src: Option<String>,
    href: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
    /// Every node has it, so it is not gathered with the rest.
    #[serde(rename = "node_type")]
    _node_type: IgnoredAny,
    #[serde(flatten)]
    rest: BTreeMap<String, IgnoredAny>,
}

/// Attributes that are left out knowingly: how a field is checked is for Kratos to say, and scripts are Genkan's own.
const UNUSED: [&str; 13] = [
    "pattern",
    "maxlength",
    "onclick",
    "onclickTrigger",
    "onload",
    "onloadTrigger",
    "async",
    "referrerpolicy",
    "crossorigin",
    "integrity",
    "nonce",
    "class",
    "data",
];

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Wire {
            kind,
            group,
            mut attributes,
            messages,
            meta,
        } = Wire::deserialize(deserializer)?;
        let label = meta
            .unwrap_or_default()
            .label
            .or_else(|| attributes.label.take());
        for name in attributes.rest.keys() {
            if !UNUSED.contains(&name.as_str()) {
                Unknown::Attribute.warn(name);
            }
        }
        let attributes = attributes.of(&kind).unwrap_or_else(|| {
            Unknown::Node.warn(&kind);
            Attributes::Unknown
        });
        Ok(Self {
            group,
            attributes,
            messages: messages.unwrap_or_default(),
            label,
        })
    }
}

/// Takes away the attributes and messages of a node that have an odd shape. `false` where no node is left then.
pub(super) fn without_oddities(node: &mut Value) -> bool {
    if let Some(Value::Object(attributes)) = node.get_mut("attributes") {
        attributes.retain(|name, value| {
            let alone = Value::Object(Map::from_iter([(name.clone(), value.take())]));
            let fits = fits::<WireAttributes>(&alone, Unknown::Attribute);
            if let Value::Object(mut alone) = alone {
                *value = alone.remove(name).unwrap_or_default();
            }
            fits
        });
    }
    if let Some(Value::Array(messages)) = node.get_mut("messages") {
        messages.retain(|message| fits::<Message>(message, Unknown::Message));
    }
    if let Some(Value::Object(meta)) = node.get_mut("meta") {
        meta.retain(|_, label| fits::<Option<Message>>(label, Unknown::Message));
    }
    fits::<Wire>(node, Unknown::Node)
}

impl WireAttributes {
    /// The attributes of a node of type `kind`, or `None` where one that it cannot do without is missing.
    fn of(self, kind: &str) -> Option<Attributes> {
        Some(match kind {
            "input" => Attributes::Input(Input {
                name: self.name?,
                kind: InputKind::from_name(self.kind.as_deref().unwrap_or("text")),
                value: self.value.and_then(scalar),
                required: self.required.unwrap_or(false),
                disabled: self.disabled.unwrap_or(false),
                autocomplete: self.autocomplete,
                details: Details {
                    options: self.options.map(values).unwrap_or_default(),
                    ..Details::default()
                },
            }),
            "text" => Attributes::Text(Text {
                id: self.id?,
                text: self.text?,
            }),
            "img" => Attributes::Image(Image {
                id: self.id?,
                src: self.src?,
                size: (self.width.unwrap_or(256), self.height.unwrap_or(256)),
            }),
            "a" => Attributes::Anchor(Anchor {
                id: self.id?,
                href: self.href?,
                title: self.title,
            }),
            "script" => Attributes::Script,
            "div" => Attributes::Division,
            _ => return None,
        })
    }
}

impl InputKind {
    fn from_name(name: &str) -> Self {
        match name {
            "text" => Self::Text,
            "password" => Self::Password,
            "number" => Self::Number,
            "checkbox" => Self::Checkbox,
            "hidden" => Self::Hidden,
            "email" => Self::Email,
            "tel" => Self::Tel,
            "submit" => Self::Submit,
            "button" => Self::Button,
            "datetime-local" => Self::DatetimeLocal,
            "date" => Self::Date,
            "url" => Self::Url,
            _ => {
                Unknown::Input.warn(name);
                Self::Text
            }
        }
    }

    /// Whether people type into it, or tick it.
    pub fn is_typed_into(self) -> bool {
        match self {
            Self::Hidden | Self::Submit | Self::Button => false,
            Self::Text
            | Self::Password
            | Self::Number
            | Self::Checkbox
            | Self::Email
            | Self::Tel
            | Self::DatetimeLocal
            | Self::Date
            | Self::Url => true,
        }
    }

    /// The `type` attribute in HTML.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Password => "password",
            Self::Number => "number",
            Self::Checkbox => "checkbox",
            Self::Hidden => "hidden",
            Self::Email => "email",
            Self::Tel => "tel",
            Self::Submit => "submit",
            Self::Button => "button",
            Self::DatetimeLocal => "datetime-local",
            Self::Date => "date",
            Self::Url => "url",
        }
    }
}

fn values(options: Vec<Value>) -> Vec<Choice> {
    options
        .into_iter()
        .filter_map(|mut option| scalar(option.get_mut("value")?.take()))
        .map(Choice::from)
        .collect()
}

/// A JSON scalar as a form would send it.
pub(super) fn scalar(value: Value) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
