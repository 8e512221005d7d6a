//! What a flow wants from an authenticator: a passkey or a security key, asked for by a script in the browser
//! (<https://www.w3.org/TR/webauthn-3/>).
//!
//! Kratos spreads each over several nodes: options in one, a hidden field for the answer in another, and a button with
//! JavaScript in it, which is never used. Here they are put together.

use super::flow::{Flow, FlowKind};
use super::message::Message;
use super::node::{Group, Node};

/// One thing to ask an authenticator for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ceremony<'a> {
    pub kind: CeremonyKind,
    pub group: &'a Group,
    /// JSON with the options under `publicKey`, or with `credentialOptions` and the name of the field that holds the
    /// name of the account.
    pub options: &'a str,
    /// The hidden field that takes the answer.
    pub answer: &'static str,
    /// Kratos' name for the button.
    pub button: &'static str,
    /// The words for the button, where Kratos has them.
    pub label: Option<&'a Message>,
}

/// Which of the two functions of `navigator.credentials` it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CeremonyKind {
    /// A new key is made.
    Create,
    /// A key is used.
    Get,
}

/// How Kratos names the parts: options, answer, button.
const PARTS: [(&str, &str, &str, CeremonyKind); 5] = [
    (
        "passkey_challenge",
        "passkey_login",
        "passkey_login_trigger",
        CeremonyKind::Get,
    ),
    (
        "passkey_create_data",
        "passkey_register",
        "passkey_register_trigger",
        CeremonyKind::Create,
    ),
    (
        "passkey_create_data",
        "passkey_settings_register",
        "passkey_register_trigger",
        CeremonyKind::Create,
    ),
    (
        "webauthn_login_trigger",
        "webauthn_login",
        "webauthn_login_trigger",
        CeremonyKind::Get,
    ),
    (
        "webauthn_register_trigger",
        "webauthn_register",
        "webauthn_register_trigger",
        CeremonyKind::Create,
    ),
];

impl Flow {
    /// What this flow can ask an authenticator for. In a sign-in that names the account later, a passkey has no button
    /// of Kratos' own, but all that one needs.
    pub fn ceremonies(&self) -> Vec<Ceremony<'_>> {
        PARTS
            .iter()
            .filter_map(|(options, answer, button, kind)| {
                let (node, _) = self.inputs().find(|(_, input)| input.name == *answer)?;
                Some(Ceremony {
                    kind: *kind,
                    group: &node.group,
                    options: self.value(options)?,
                    answer,
                    button,
                    label: self.label(button),
                })
            })
            .collect()
    }

    /// Whether a browser may offer passkeys in the list of accounts below the address field.
    pub fn suggests_passkeys(&self) -> bool {
        let asks_for_address = self.inputs().any(|(node, input)| {
            input.name == "identifier" && !is_part(node) && input.kind.is_typed_into()
        });
        self.kind == FlowKind::Login
            && asks_for_address
            && self.value("passkey_challenge").is_some()
    }

    fn label(&self, name: &str) -> Option<&Message> {
        self.inputs()
            .find(|(_, input)| input.name == name)
            .and_then(|(node, _)| node.label.as_ref())
    }
}

/// Whether a node is a part of a ceremony, and not drawn for itself.
pub fn is_part(node: &Node) -> bool {
    node.input().is_some_and(|input| {
        PARTS.iter().any(|(options, answer, button, _)| {
            [options, answer, button].contains(&&input.name.as_str())
        })
    })
}
