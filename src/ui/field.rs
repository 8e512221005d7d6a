//! One field: label, hint, input, error, with the attributes that browsers and password managers go by.

use leptos::prelude::*;

use crate::i18n::Texts;
use crate::kratos::{Flow, FlowKind, Input, InputKind, MessageId, MessageKind, Node};

use super::message::{Told, tell};

/// What a field is for, as far as its attributes depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Identifier,
    CurrentPassword,
    NewPassword,
    /// A code from a mail or a text message.
    Code,
    /// A code from an app.
    TotpCode,
    BackupCode,
    RecoveryAddress,
    Email,
    Phone,
    Url,
    Number,
    Date,
    DateTime,
    Checkbox,
    Text,
}

/// A field, ready to be drawn.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) errors: Vec<(MessageId, Told)>,
    name: String,
    role: Role,
    kind: FlowKind,
    value: Option<String>,
    required: bool,
    disabled: bool,
    autocomplete: Option<String>,
}

/// How to draw it here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// Whether it takes the focus.
    pub(super) focus: bool,
    /// Whether to say that it may be left empty.
    pub(super) mark_optional: bool,
    /// The shortest password.
    pub(super) password_min_length: u16,
    /// Whether a notice stands above, to be read with the field.
    pub(super) below_notice: bool,
}

impl Field {
    /// The field of a node, or `None` for buttons and hidden inputs.
    pub(super) fn of(texts: Texts, flow: &Flow, node: &Node, input: &Input) -> Option<Self> {
        let role = Role::of(flow.kind, node, input)?;
        let label = label(texts, flow.kind, node, input, role);
        let errors = node
            .messages
            .iter()
            .filter(|message| message.kind == MessageKind::Error)
            .map(|message| (message.id, tell(texts, message, Some(&label))))
            .collect();
        Some(Self {
            id: role.id(&input.name),
            label,
            errors,
            name: input.name.clone(),
            role,
            kind: flow.kind,
            value: input.value.clone().filter(|_| !role.is_secret()),
            required: input.required,
            disabled: input.disabled,
            autocomplete: input.autocomplete.clone(),
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.value.is_none()
    }

    pub(super) fn is_optional(&self) -> bool {
        !self.required
    }

    pub(super) fn is_password(&self) -> bool {
        matches!(self.role, Role::CurrentPassword | Role::NewPassword)
    }

    /// Whether the field belongs to the person rather than to a method.
    pub(super) fn is_trait(&self) -> bool {
        self.name.starts_with("traits.")
    }

    pub(super) fn draw(self, texts: Texts, manner: Manner) -> AnyView {
        let error_id = (!self.errors.is_empty()).then(|| format!("{}-error", self.id));
        let hint = self.hint(texts, manner);
        let hint_id = hint.is_some().then(|| format!("{}-hint", self.id));
        let notice_id = manner.below_notice.then(|| "sent".to_owned());
        let described: Vec<String> = [notice_id, error_id.clone(), hint_id.clone()]
            .into_iter()
            .flatten()
            .collect();
        let describedby = (!described.is_empty()).then(|| described.join(" "));
        let testid = format!("node/input/{}", self.name);
        let optional = (manner.mark_optional && !self.required).then(|| {
            view! { <span class="optional">{texts.say("optional")}</span> }
        });
        let errors = error_id.map(|id| {
            let texts_of = self
                .errors
                .iter()
                .map(|(message, told)| {
                    view! {
                        <span data-testid=format!("ui/message/{message}") lang=told.lang>
                            <span class="vh">{texts.say("error-prefix")}</span>
                            {told.text.clone()}
                        </span>
                    }
                })
                .collect_view();
            view! { <p class="error" id=id>{texts_of}</p> }
        });
        let hint = hint.map(|text| view! { <p class="hint" id=hint_id>{text}</p> });
        let label =
            view! { <label for=self.id.clone()>{self.label.clone()} " " {optional}</label> };
        let is_checkbox = self.role == Role::Checkbox;
        let input = self.input(describedby, manner);
        if is_checkbox {
            view! {
                <div class="field checkbox" data-testid=testid>
                    {input} {label} {hint} {errors}
                </div>
            }
            .into_any()
        } else {
            view! {
                <div class="field" data-testid=testid>
                    {label} {hint} {input} {errors}
                </div>
            }
            .into_any()
        }
    }

    fn input(self, describedby: Option<String>, manner: Manner) -> AnyView {
        let invalid = (!self.errors.is_empty()).then_some("true");
        let role = self.role;
        let is_checkbox = role == Role::Checkbox;
        let checked = is_checkbox && self.value.as_deref() == Some("true");
        let value = if is_checkbox {
            Some("true".to_owned())
        } else {
            self.value
        };
        let class = if matches!(role, Role::Code | Role::TotpCode) {
            "input code"
        } else {
            "input"
        };
        // The decoder of Kratos takes the last value: an empty box says "no" only beside this.
        let unchecked = is_checkbox.then(|| {
            view! { <input type="hidden" name=self.name.clone() value="false"/> }
        });
        view! {
            {unchecked}
            <input
                class=class
                id=self.id
                name=self.name
                type=role.input_type()
                value=value
                checked=checked
                required=self.required
                disabled=self.disabled
                autocomplete=role.autocomplete(self.kind, self.autocomplete)
                inputmode=role.inputmode()
                enterkeyhint=role.enterkeyhint()
                autocapitalize=role.autocapitalize()
                spellcheck=role.spellcheck()
                dir=role.dir()
                aria-invalid=invalid
                aria-describedby=describedby
                autofocus=manner.focus
            />
        }
        .into_any()
    }

    fn hint(&self, texts: Texts, manner: Manner) -> Option<String> {
        match self.role {
            Role::Code => Some(texts.say("hint-code")),
            Role::TotpCode => Some(texts.say("hint-totp-code")),
            Role::BackupCode => Some(texts.say("hint-backup-code")),
            Role::NewPassword => {
                let min = manner.password_min_length.to_string();
                Some(texts.say_with("hint-new-password", &[("min", &min)]))
            }
            Role::Identifier
            | Role::CurrentPassword
            | Role::RecoveryAddress
            | Role::Email
            | Role::Phone
            | Role::Url
            | Role::Number
            | Role::Date
            | Role::DateTime
            | Role::Checkbox
            | Role::Text => None,
        }
    }
}

impl Role {
    fn of(kind: FlowKind, node: &Node, input: &Input) -> Option<Self> {
        let by_type = match input.kind {
            InputKind::Hidden | InputKind::Submit | InputKind::Button => return None,
            InputKind::Password if kind == FlowKind::Login => Self::CurrentPassword,
            InputKind::Password => Self::NewPassword,
            InputKind::Email => Self::Email,
            InputKind::Tel => Self::Phone,
            InputKind::Url => Self::Url,
            InputKind::Number => Self::Number,
            InputKind::Date => Self::Date,
            InputKind::DatetimeLocal => Self::DateTime,
            InputKind::Checkbox => Self::Checkbox,
            InputKind::Text => Self::Text,
        };
        Some(match input.name.as_str() {
            "identifier" if names_email(node) => Self::Identifier,
            "code" => Self::Code,
            "totp_code" => Self::TotpCode,
            "lookup_secret" => Self::BackupCode,
            "recovery_address" | "recovery_confirm_address" => Self::RecoveryAddress,
            "email" if kind == FlowKind::Recovery => Self::RecoveryAddress,
            _ => by_type,
        })
    }

    /// Ids stay the same for ever: password managers remember them.
    fn id(self, name: &str) -> String {
        match self {
            Self::CurrentPassword => "current-password".to_owned(),
            Self::NewPassword => "new-password".to_owned(),
            Self::Identifier
            | Self::Code
            | Self::TotpCode
            | Self::BackupCode
            | Self::RecoveryAddress
            | Self::Email
            | Self::Phone
            | Self::Url
            | Self::Number
            | Self::Date
            | Self::DateTime
            | Self::Checkbox
            | Self::Text => name.replace(['.', '_'], "-"),
        }
    }

    /// Whether the value must never stand in a page.
    fn is_secret(self) -> bool {
        match self {
            Self::CurrentPassword | Self::NewPassword | Self::TotpCode | Self::BackupCode => true,
            // The code from a mail link stands in the field, so that one press is enough.
            Self::Code
            | Self::Identifier
            | Self::RecoveryAddress
            | Self::Email
            | Self::Phone
            | Self::Url
            | Self::Number
            | Self::Date
            | Self::DateTime
            | Self::Checkbox
            | Self::Text => false,
        }
    }

    fn input_type(self) -> &'static str {
        match self {
            Self::Identifier | Self::RecoveryAddress | Self::Email => "email",
            Self::CurrentPassword | Self::NewPassword => "password",
            Self::Phone => "tel",
            Self::Url => "url",
            Self::Number => "number",
            Self::Date => "date",
            Self::DateTime => "datetime-local",
            Self::Checkbox => "checkbox",
            Self::Code | Self::TotpCode | Self::BackupCode | Self::Text => "text",
        }
    }

    fn autocomplete(self, kind: FlowKind, sent: Option<String>) -> Option<String> {
        let fixed = match self {
            Self::Identifier => "username webauthn",
            Self::CurrentPassword => "current-password",
            Self::NewPassword => "new-password",
            Self::Code | Self::TotpCode => "one-time-code",
            Self::BackupCode => "off",
            Self::RecoveryAddress => "username",
            // What somebody signs up with is what a manager should keep as the sign-in name.
            Self::Email if kind == FlowKind::Registration => "username",
            Self::Email => "email",
            Self::Phone => "tel",
            Self::Url
            | Self::Number
            | Self::Date
            | Self::DateTime
            | Self::Checkbox
            | Self::Text => return sent,
        };
        Some(fixed.to_owned())
    }

    fn inputmode(self) -> Option<&'static str> {
        match self {
            Self::Identifier | Self::RecoveryAddress | Self::Email => Some("email"),
            Self::Code | Self::TotpCode => Some("numeric"),
            Self::Phone => Some("tel"),
            Self::CurrentPassword
            | Self::NewPassword
            | Self::BackupCode
            | Self::Url
            | Self::Number
            | Self::Date
            | Self::DateTime
            | Self::Checkbox
            | Self::Text => None,
        }
    }

    fn enterkeyhint(self) -> &'static str {
        match self {
            Self::CurrentPassword
            | Self::NewPassword
            | Self::Code
            | Self::TotpCode
            | Self::BackupCode
            | Self::RecoveryAddress => "go",
            Self::Identifier
            | Self::Email
            | Self::Phone
            | Self::Url
            | Self::Number
            | Self::Date
            | Self::DateTime
            | Self::Checkbox
            | Self::Text => "next",
        }
    }

    fn autocapitalize(self) -> Option<&'static str> {
        (!matches!(self, Self::Text | Self::Checkbox)).then_some("none")
    }

    fn spellcheck(self) -> Option<&'static str> {
        (!matches!(self, Self::Checkbox)).then_some("false")
    }

    /// Addresses and codes run from left to right in every language.
    fn dir(self) -> Option<&'static str> {
        match self {
            Self::Identifier
            | Self::Code
            | Self::TotpCode
            | Self::BackupCode
            | Self::RecoveryAddress
            | Self::Email
            | Self::Phone
            | Self::Url => Some("ltr"),
            Self::CurrentPassword
            | Self::NewPassword
            | Self::Number
            | Self::Date
            | Self::DateTime
            | Self::Checkbox
            | Self::Text => None,
        }
    }
}

/// Kratos labels the identifier with the schema's title for it, and has no other sign that it is an address.
fn names_email(node: &Node) -> bool {
    let title = node
        .label
        .as_ref()
        .and_then(|label| label.context_text("title"))
        .unwrap_or_default()
        .to_lowercase();
    title.contains("mail") || title.contains("メール")
}

fn label(texts: Texts, kind: FlowKind, node: &Node, input: &Input, role: Role) -> String {
    if role == Role::Identifier {
        return texts.say("trait-email");
    }
    if role == Role::NewPassword && kind == FlowKind::Settings {
        return texts.say("settings-password-new");
    }
    let Some(message) = &node.label else {
        return input.name.clone();
    };
    // A trait is known by its name, because its title is in the one language of the schema.
    let of_trait = (message.id == MessageId::LABEL_OF_TRAIT)
        .then(|| {
            let name = input.name.strip_prefix("traits.")?;
            texts.try_say(&format!("trait-{}", name.replace(['.', '_'], "-")), None)
        })
        .flatten();
    of_trait.unwrap_or_else(|| tell(texts, message, None).text)
}
