//! Who is signed in.

use serde::Deserialize;
use serde_json::{Map, Value};

/// A signed-in browser, from `/sessions/whoami`.
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
    pub authenticator_assurance_level: Option<String>,
    #[serde(default)]
    pub authentication_methods: Option<Vec<Method>>,
    #[serde(default)]
    pub identity: Option<Identity>,
}

/// One way in which somebody proved who they are.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Method {
    pub method: String,
    /// The id of the provider, where it was one.
    #[serde(default)]
    pub provider: Option<String>,
}

/// The person.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Identity {
    pub id: String,
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
}

impl Identity {
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

    /// The address people sign in with, for password managers.
    pub fn account(&self) -> Option<&str> {
        ["email", "username"]
            .into_iter()
            .find_map(|name| self.traits.get(name)?.as_str())
            .or_else(|| {
                self.addresses()
                    .next()
                    .map(|address| address.value.as_str())
            })
    }

    pub fn addresses(&self) -> impl Iterator<Item = &Address> {
        self.verifiable_addresses.iter().flatten()
    }

    /// The first address that is not confirmed yet.
    pub fn unverified(&self) -> Option<&str> {
        self.addresses()
            .find(|address| !address.verified)
            .map(|address| address.value.as_str())
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
