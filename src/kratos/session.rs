//! Who is signed in, and on which devices.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::flow::Level;
use super::unknown::Unknown;

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Session {
    pub id: String,
    /// RFC 3339, up to nine digits of a second.
    #[serde(default)]
    pub authenticated_at: Option<String>,
    /// RFC 3339.
    #[serde(default)]
    pub expires_at: Option<String>,
    #[serde(default)]
    pub authenticator_assurance_level: Option<Level>,
    #[serde(default)]
    pub authentication_methods: Option<Vec<Method>>,
    #[serde(default)]
    pub identity: Option<Identity>,
    /// One for each time that somebody proved in this session who they are.
    #[serde(default)]
    pub devices: Option<Vec<Device>>,
}

/// The id of a session. Only what is a UUID ever goes into a request to Kratos, where it is a part of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionId(Uuid);

/// The sessions of a person on other devices, the latest sign-in first.
#[derive(Debug, Clone, PartialEq)]
pub struct Sessions {
    pub listed: Vec<Session>,
    /// How many there are, listed or not.
    pub total: usize,
}

/// One way in which somebody proved who they are.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Method {
    #[serde(rename = "method")]
    pub kind: MethodKind,
    /// The id of the provider, where it was one.
    #[serde(default)]
    pub provider: Option<String>,
}

/// By Kratos' names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MethodKind {
    Password,
    Code,
    CodeRecovery,
    LinkRecovery,
    Oidc,
    Saml,
    Totp,
    LookupSecret,
    Webauthn,
    Passkey,
    /// One that this version does not know.
    Unknown,
}

/// Where a sign-in came from. Whatever a browser or a network said of itself: only ever shown as text.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Device {
    #[serde(default)]
    pub user_agent: Option<String>,
    /// "City, CC", where the edge of the network says so.
    #[serde(default)]
    location: Option<String>,
    #[serde(default)]
    ip_address: Option<String>,
}

/// The person.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Identity {
    pub id: String,
    /// Which identity schema the traits follow.
    #[serde(default)]
    pub schema_id: Option<String>,
    #[serde(default)]
    pub traits: Value,
    #[serde(default)]
    pub verifiable_addresses: Option<Vec<Address>>,
}

/// An address that can be confirmed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Address {
    pub value: String,
    #[serde(default)]
    pub verified: bool,
    pub via: Option<Channel>,
    pub status: Option<AddressStatus>,
    /// RFC 3339.
    pub created_at: Option<String>,
}

/// How far the confirmation of an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AddressStatus {
    /// A code or a link is still to be sent.
    Pending,
    Sent,
    Completed,
    /// One that this version does not know.
    #[serde(other)]
    Unknown,
}

impl Address {
    /// Whether a mail to confirm it was sent and not yet answered.
    fn awaits_answer(&self) -> bool {
        !self.verified
            && self.via == Some(Channel::Mail)
            && self.status == Some(AddressStatus::Sent)
    }

    /// Whether Kratos learned of it after this moment, both as Kratos writes them.
    fn is_younger_than(&self, moment: &str) -> bool {
        let time = |text: &str| text.parse::<Timestamp>().ok();
        let created = self.created_at.as_deref().and_then(time);
        created
            .zip(time(moment))
            .is_some_and(|(created, moment)| created > moment)
    }
}

/// How a person is reached at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Channel {
    #[serde(rename = "email")]
    Mail,
    #[serde(rename = "sms")]
    Phone,
    /// A name that says nothing about it, or a channel that this version does not know.
    #[serde(other)]
    Unknown,
}

impl Channel {
    /// Tells by the address itself, which may be masked with asterisks: Kratos names the channel only in a session.
    pub fn of(address: &str) -> Self {
        let has_digits = address.chars().filter(char::is_ascii_digit).count() >= 3;
        if address.contains('@') {
            Self::Mail
        } else if has_digits && !address.contains(char::is_alphabetic) {
            Self::Phone
        } else {
            Self::Unknown
        }
    }
}

impl Session {
    /// The device of the last sign-in of this session.
    pub fn device(&self) -> Option<&Device> {
        self.devices.iter().flatten().last()
    }

    /// The ways of the sign-in, each once.
    pub fn methods(&self) -> Vec<MethodKind> {
        let mut kinds = Vec::new();
        for method in self.authentication_methods.iter().flatten() {
            if !kinds.contains(&method.kind) {
                kinds.push(method.kind);
            }
        }
        kinds
    }
}

impl SessionId {
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for MethodKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Ok(match name.as_str() {
            "password" => Self::Password,
            "code" => Self::Code,
            "code_recovery" => Self::CodeRecovery,
            "link_recovery" => Self::LinkRecovery,
            "oidc" => Self::Oidc,
            "saml" => Self::Saml,
            "totp" => Self::Totp,
            "lookup_secret" => Self::LookupSecret,
            "webauthn" => Self::Webauthn,
            "passkey" => Self::Passkey,
            _ => {
                Unknown::Method.warn(&name);
                Self::Unknown
            }
        })
    }
}

impl Device {
    /// The address without the port, which Kratos writes where nobody tells it the address of the browser.
    pub fn address(&self) -> Option<IpAddr> {
        let text = self.ip_address.as_deref()?;
        text.parse()
            .or_else(|_| text.parse().map(|address: SocketAddr| address.ip()))
            .ok()
    }

    pub fn location(&self) -> Option<&str> {
        let location = self.location.as_deref()?.trim();
        (!location.is_empty()).then_some(location)
    }
}

impl Identity {
    /// Whether this address of theirs is confirmed.
    pub fn has_verified(&self, address: &str) -> bool {
        let mut addresses = self.verifiable_addresses.iter().flatten();
        addresses.any(|it| it.verified && it.value == address)
    }

    /// What to call somebody: the first of these traits that is there, else the first address.
    pub fn display_name(&self) -> Option<&str> {
        ["nickname", "username", "email"]
            .into_iter()
            .filter_map(|name| self.traits.get(name)?.as_str())
            .map(str::trim)
            .find(|name| !name.is_empty())
            .or_else(|| {
                self.addresses()
                    .next()
                    .map(|address| address.value.as_str())
            })
    }

    /// The address people sign in with, for password managers: of several, one that is confirmed.
    pub fn account(&self) -> Option<&str> {
        ["email", "username"]
            .into_iter()
            .find_map(|name| self.traits.get(name)?.as_str())
            .or_else(|| {
                let confirmed = self.addresses().find(|address| address.verified);
                let address = confirmed.or_else(|| self.addresses().next());
                address.map(|address| address.value.as_str())
            })
    }

    pub fn addresses(&self) -> impl Iterator<Item = &Address> {
        self.verifiable_addresses.iter().flatten()
    }

    /// The first mail address that is not confirmed yet. Kratos sends no text message on request, only after a change
    /// (1.3.1 and 26.2, `selfservice/strategy/code/strategy_verification.go`).
    pub fn unverified_mail(&self) -> Option<&str> {
        self.addresses()
            .find(|address| !address.verified && Channel::of(&address.value) == Channel::Mail)
            .map(|address| address.value.as_str())
    }

    /// The mail address that is not confirmed yet, where it is the only one.
    pub fn only_unverified_mail(&self) -> Option<&str> {
        let is_mail = |address: &&Address| Channel::of(&address.value) == Channel::Mail;
        let mut unverified = self.addresses().filter(is_mail).filter(|it| !it.verified);
        let first = unverified.next()?;
        unverified.next().is_none().then_some(first.value.as_str())
    }

    /// The address that is not confirmed yet, where it is the only one.
    pub fn only_unverified(&self) -> Option<&str> {
        let mut unverified = self.addresses().filter(|address| !address.verified);
        let first = unverified.next()?;
        unverified.next().is_none().then_some(first.value.as_str())
    }

    /// The first address that Kratos has mailed and that awaits an answer.
    pub fn mailed(&self) -> Option<&str> {
        let mut addresses = self.addresses();
        addresses
            .find(|it| it.awaits_answer())
            .map(|it| it.value.as_str())
    }

    /// The same among the addresses that are younger than this moment.
    pub fn mailed_since(&self, moment: &str) -> Option<&str> {
        let mut addresses = self.addresses();
        let is_new = |it: &&Address| it.awaits_answer() && it.is_younger_than(moment);
        addresses.find(is_new).map(|it| it.value.as_str())
    }

    /// The traits that are plain text, by name, in alphabetical order.
    pub fn text_traits(&self) -> impl Iterator<Item = (&str, &str)> {
        self.traits
            .as_object()
            .into_iter()
            .flat_map(Map::iter)
            .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
            .filter(|(_, value)| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::Channel;

    #[test]
    fn an_address_shows_its_channel() {
        for (address, channel) in [
            ("a@x.test", Channel::Mail),
            ("a****@x.test", Channel::Mail),
            ("+491761234567", Channel::Phone),
            ("+49****67", Channel::Phone),
            ("(03) 1234-5678", Channel::Phone),
            ("smith", Channel::Unknown),
            ("smith1984", Channel::Unknown),
            ("+1", Channel::Unknown),
            ("", Channel::Unknown),
        ] {
            assert_eq!(Channel::of(address), channel, "{address}");
        }
    }
}
