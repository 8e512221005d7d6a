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
    pub const LOGIN_CODE_SENT: Self = Self(1010014);
    pub const LINK_ACCOUNT: Self = Self(1010016);
    pub const MFA_ADDRESS: Self = Self(1010023);
    pub const GO_ON_WITH_PROVIDER: Self = Self(1040003);
    pub const REGISTRATION_CODE_SENT: Self = Self(1040005);
    pub const SETTINGS_SAVED: Self = Self(1050001);
    pub const LOOKUP_SECRET_USED: Self = Self(1050014);
    pub const RECOVERED: Self = Self(1060001);
    pub const RECOVERY_LINK_SENT: Self = Self(1060002);
    pub const RECOVERY_CODE_SENT: Self = Self(1060003);
    pub const RECOVERY_CODE_SENT_TO: Self = Self(1060004);
    pub const RECOVERY_CONFIRM_ADDRESS: Self = Self(1060005);
    pub const RECOVERY_CHOOSE_ADDRESS: Self = Self(1060006);
    pub const LABEL_ITSELF: Self = Self(1070000);
    pub const LABEL_OF_TRAIT: Self = Self(1070002);
    pub const VERIFICATION_LINK_SENT: Self = Self(1080001);
    pub const VERIFIED: Self = Self(1080002);
    pub const VERIFICATION_CODE_SENT: Self = Self(1080003);
    pub const VERIFICATION_TEXT_SENT: Self = Self(1080004);
    pub const PHONE_VERIFIED: Self = Self(1080005);
    pub const VERIFICATION_CODE_WRONG: Self = Self(4070006);
    pub const GENERIC: Self = Self(4000001);
    pub const REQUIRED: Self = Self(4000002);
    pub const LINK_MISMATCH: Self = Self(4010009);
    pub const WRONG_PASSWORD: Self = Self(4000006);
    pub const NO_CODE_ACCOUNT: Self = Self(4000035);
    pub const TOTP_WRONG: Self = Self(4000008);
    pub const ADDRESS_NOT_VERIFIED: Self = Self(4000010);
    pub const ACCOUNT_NOT_FOUND: Self = Self(4000037);
}

impl MessageId {
    /// Whether the number is one of those that Kratos keeps for itself.
    pub fn is_of_kratos(self) -> bool {
        (1_000_000..6_000_000).contains(&self.0)
    }
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

    /// The same for the form as a whole, where only a number of its own tells a hook's message from Kratos'.
    pub(super) fn refuse_if_foreign(&mut self) {
        if !self.id.is_of_kratos() {
            self.refuse();
        }
    }

    /// At a field Kratos itself says nothing but what is wrong. What a web hook refuses comes as information, unless the
    /// hook calls it an error (Kratos 1.3.1, `selfservice/hook/web_hook.go`).
    pub(super) fn refuse(&mut self) {
        match self.kind {
            MessageKind::Info | MessageKind::Unknown => self.kind = MessageKind::Error,
            // Kratos itself has no success at a field.
            MessageKind::Success if !self.id.is_of_kratos() => self.kind = MessageKind::Error,
            MessageKind::Error | MessageKind::Success => {}
        }
    }

    /// Whether a code was tried so often that the flow takes no other. The text is the only sign Kratos gives of it.
    pub fn is_too_often(&self) -> bool {
        self.id == MessageId::GENERIC && self.text.contains("submitted too often")
    }

    /// Whether an identity provider refused, or answered nothing that Kratos can use. The text is the only sign of it, and
    /// holds what the provider said.
    pub fn is_of_provider(&self) -> bool {
        self.id == MessageId::GENERIC && self.text.contains("OpenID Connect flow")
    }

    /// Whether a way to sign in was to be removed that is the last one. The text is the only sign of it.
    pub fn is_last_way_in(&self) -> bool {
        self.id == MessageId::GENERIC
            && ["lock you out", "last remaining"]
                .into_iter()
                .any(|sign| self.text.contains(sign))
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

    /// The backup codes in the context, each a message of its own.
    pub fn secrets(&self) -> Vec<Self> {
        let secrets = self.context.as_ref().and_then(|it| it.get("secrets"));
        secrets
            .and_then(|secrets| Vec::deserialize(secrets).ok())
            .unwrap_or_default()
    }

    /// One text value of the context.
    pub fn context_text(&self, key: &str) -> Option<&str> {
        self.context.as_ref()?.get(key)?.as_str()
    }
}
