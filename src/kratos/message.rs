//! What Kratos says to a person: a numbered message with the values that fill it.

use serde::Deserialize;
use serde_json::{Map, Value};

/// The number that names a message, see <https://www.ory.sh/docs/kratos/concepts/ui-messages>.
///
/// Web hooks may send any number of their own, so this is not a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub i64);

impl MessageId {
    pub const LOGIN_AGAIN: Self = Self(1010003);
    pub const SECOND_FACTOR: Self = Self(1010004);
    pub const SETTINGS_SAVED: Self = Self(1050001);
    pub const RECOVERED: Self = Self(1060001);
    pub const RECOVERY_CODE_SENT: Self = Self(1060003);
    pub const LABEL_OF_TRAIT: Self = Self(1070002);
    pub const VERIFIED: Self = Self(1080002);
    pub const VERIFICATION_CODE_SENT: Self = Self(1080003);
    pub const GENERIC: Self = Self(4000001);
    pub const REQUIRED: Self = Self(4000002);
}

impl std::fmt::Display for MessageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// How a message is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageKind {
    #[default]
    Info,
    Error,
    Success,
    #[serde(other)]
    Unknown,
}

/// One message of a flow, a node, a label or a text.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Message {
    pub id: MessageId,
    /// Kratos' own English, or whatever a web hook wrote. Shown only where no catalogue knows the id.
    #[serde(default)]
    pub text: String,
    #[serde(rename = "type", default)]
    pub kind: MessageKind,
    #[serde(default)]
    context: Option<Value>,
}

impl Message {
    /// "This field is missing", where the form did not get as far as Kratos.
    pub(super) fn required() -> Self {
        Self {
            id: MessageId::REQUIRED,
            text: String::new(),
            kind: MessageKind::Error,
            context: None,
        }
    }

    /// The values that fill the text, by Kratos' names. Empty where Kratos sent none.
    pub fn context(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.context
            .as_ref()
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(Map::iter)
            .map(|(key, value)| (key.as_str(), value))
    }

    /// One text value of the context.
    pub fn context_text(&self, key: &str) -> Option<&str> {
        self.context.as_ref()?.get(key)?.as_str()
    }
}
