//! What Kratos says and this version does not know. It is drawn like its kind or left out, and the operator hears of it,
//! once: a newer Kratos says it in every answer.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use serde::de::DeserializeOwned;
use serde_json::Value;

/// A web hook may make up as many as it likes.
const MAX_TOLD: usize = 200;
const MAX_LENGTH: usize = 64;

/// What is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unknown {
    Group,
    /// A type of node, or a node without an attribute that its type cannot do without.
    Node,
    Attribute,
    /// `type` of an input.
    Input,
    State,
    /// `action` of an item of `continue_with`.
    Action,
    /// `id` of an error.
    Error,
    /// A message that no catalogue has, or that lacks a value that its text wants.
    Message,
    /// A way to sign in.
    Method,
}

impl Unknown {
    /// Warns of it, unless that was done before. `name` is Kratos' word, never something that a person typed.
    pub fn warn(self, name: &str) {
        static TOLD: Mutex<BTreeSet<(Unknown, String)>> = Mutex::new(BTreeSet::new());
        let name: String = name.chars().take(MAX_LENGTH).collect();
        let told = {
            // A panic elsewhere leaves the set whole.
            let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
            if told.len() >= MAX_TOLD || !told.insert((self, name.clone())) {
                return;
            }
            told.len()
        };
        tracing::warn!(kind = %self, name, "Kratos says something that this version does not know");
        if told == MAX_TOLD {
            tracing::warn!("of further things that this version does not know nothing is said");
        }
    }
}

/// Whether a value has the shape of a `T`. One that has not is warned of as `kind`.
pub(super) fn fits<T: DeserializeOwned>(value: &Value, kind: Unknown) -> bool {
    let fits = T::deserialize(value).is_ok();
    if !fits {
        kind.warn("of an odd shape");
    }
    fits
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Group => "group",
            Self::Node => "node",
            Self::Attribute => "attribute",
            Self::Input => "input",
            Self::State => "state",
            Self::Action => "action",
            Self::Error => "error",
            Self::Message => "message",
            Self::Method => "method",
        })
    }
}
