//! One field: label, hint, input, error, with the attributes that browsers and password managers go by.

use std::fmt::Write;

use leptos::prelude::*;
use url::Url;

use crate::i18n::Texts;
use crate::kratos::{
    Channel, Flow, FlowKind, InList, Input, InputKind, LocalTime, Message, MessageId, MessageKind,
    Node,
};

use super::html::{Draw, Html};
use super::message::{Told, tell};

/// What a field is for, as far as its attributes depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// The address that people sign in with.
    Identifier,
    /// The same where it need not be an address.
    LoginName,
    CurrentPassword,
    NewPassword,
    /// A code from a mail or a text message.
    Code,
    /// A code from an app.
    TotpCode,
    BackupCode,
    /// What somebody calls a security key.
    KeyName,
    RecoveryAddress,
    /// The same where it may be a phone number.
    RecoveryContact,
    /// The address somebody signs up with.
    NewEmail,
    Email,
    Phone,
    Url,
    Number(Number),
    Date,
    DateTime,
    Checkbox,
    /// One of a few values.
    Choice,
    Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Number {
    is_whole: bool,
    is_signed: bool,
}

/// The attributes that depend on the role.
#[derive(Debug, Clone, Copy)]
struct Look {
    kind: &'static str,
    autocomplete: Option<&'static str>,
    inputmode: Option<&'static str>,
    enterkeyhint: &'static str,
    autocapitalize: Option<&'static str>,
    /// Addresses and codes run from left to right in every language.
    dir: Option<&'static str>,
}

/// A field, ready to be drawn.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) id: String,
    pub(super) errors: Vec<(MessageId, Told)>,
    name: String,
    /// The name that Kratos takes the value back under.
    sent_as: String,
    role: Role,
    look: Look,
    label_parts: Vec<Words>,
    /// What the operator says about it.
    own_hint: Option<String>,
    value: Option<String>,
    /// The zone of a time.
    zone: Option<String>,
    /// The values of a choice, with their words.
    options: Vec<(String, String)>,
    required: bool,
    /// Whether it stands in a list behind another field, where to leave it empty goes without saying.
    is_continued: bool,
    disabled: bool,
    /// Whether the value stands there to be read, and goes along unchanged.
    is_read_only: bool,
    autocomplete: Option<String>,
}

/// A part of a label.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Words {
    Plain(String),
    Link { words: String, href: String },
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
    /// Whether what an earlier answer left to say stands above, to be read with the field.
    pub(super) below_flash: bool,
}

impl Field {
    /// The field of a node, or `None` for buttons and hidden inputs.
    pub(super) fn of(texts: Texts, flow: &Flow, node: &Node, input: &Input) -> Option<Self> {
        let role = Role::of(flow, node, input)?;
        let label_parts = label(texts, flow, node, input, role);
        let label = plain(&label_parts);
        let errors = || {
            let messages = node.messages.iter();
            messages.filter(|message| message.kind == MessageKind::Error)
        };
        // A label that is a sentence fits into no other.
        let own_error = trait_key(&input.name).and_then(|key| texts.try_attribute(&key, "error"));
        let told = |message: &Message| match &own_error {
            Some(text) if message.id.is_of_kratos() => Told::ours(text.clone()),
            Some(_) | None => about_sign_in(texts, flow, message)
                .unwrap_or_else(|| tell(texts, message, Some(&label))),
        };
        // Kratos says of what it could not read that it is missing, too.
        let is_there = errors().any(|message| message.id != MessageId::REQUIRED);
        let errors = errors()
            .filter(|message| !is_there || message.id != MessageId::REQUIRED)
            .map(|message| (message.id, told(message)))
            .collect();
        let value = input.value.clone().filter(|_| !role.is_secret());
        let time = value
            .as_deref()
            .filter(|_| role == Role::DateTime)
            .and_then(LocalTime::parse);
        let key = trait_key(&input.name);
        let known = known(flow, input).filter(|_| role.is_plain());
        let look = role.look();
        Some(Self {
            id: role.id(&input.name),
            errors,
            name: input.name.clone(),
            sent_as: sent_as(input).to_owned(),
            role,
            look: Look {
                enterkeyhint: if flow.kind == FlowKind::Verification {
                    "go"
                } else {
                    look.enterkeyhint
                },
                autocapitalize: look
                    .autocapitalize
                    .or_else(|| known.and_then(|known| known.autocapitalize)),
                inputmode: look
                    .inputmode
                    .or((role == Role::LoginName && names_phone_alone(node)).then_some("tel")),
                ..look
            },
            label_parts,
            own_hint: key
                .as_deref()
                .and_then(|key| texts.try_attribute(key, "hint"))
                .or_else(|| input.details.description.clone())
                .filter(|hint| *hint != label && !is_continued(input)),
            zone: (role == Role::DateTime)
                .then(|| time.as_ref().map_or("Z", |time| &time.zone).to_owned()),
            value: time.map(|time| time.clock).or(value),
            options: if role == Role::Choice {
                options(texts, key.as_deref(), input)
            } else {
                Vec::new()
            },
            // Kratos wants a name for a key, and does not say so.
            required: (input.required || role == Role::KeyName)
                && !is_continued(input)
                && !input.details.is_read_only,
            is_continued: is_continued(input),
            disabled: input.disabled,
            is_read_only: input.details.is_read_only,
            autocomplete: names_account(flow, role)
                .then_some("username")
                .or(look.autocomplete)
                .or(input.autocomplete.as_deref())
                .or_else(|| known.map(|known| known.autocomplete))
                .map(str::to_owned),
        })
    }

    /// What it is called.
    pub(super) fn label(&self) -> String {
        plain(&self.label_parts)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.value.is_none()
    }

    pub(super) fn is_optional(&self) -> bool {
        !self.required && !self.is_read_only
    }

    /// What browsers fill it with.
    pub(super) fn purpose(&self) -> Option<&str> {
        self.autocomplete.as_deref()
    }

    pub(super) fn is_password(&self) -> bool {
        matches!(self.role, Role::CurrentPassword | Role::NewPassword)
    }

    /// Whether the field belongs to the person rather than to a method.
    pub(super) fn is_trait(&self) -> bool {
        self.name.starts_with("traits.")
    }

    pub(super) fn draw(self, texts: Texts, manner: Manner) -> Html {
        let error_id = (!self.errors.is_empty()).then(|| format!("{}-error", self.id));
        let hint = self.hint(texts, manner);
        let hint_id = hint.is_some().then(|| format!("{}-hint", self.id));
        let notice_id = manner.below_notice.then(|| "sent".to_owned());
        let flash_id = manner.below_flash.then(|| "notice".to_owned());
        let described: Vec<String> = [flash_id, notice_id, error_id.clone(), hint_id.clone()]
            .into_iter()
            .flatten()
            .collect();
        let describedby = (!described.is_empty()).then(|| described.join(" "));
        let testid = format!("node/input/{}", self.name);
        let is_marked = manner.mark_optional && self.is_optional() && !self.is_continued;
        let optional = is_marked.then(|| {
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
        let words = self
            .label_parts
            .iter()
            .map(|part| part.draw(texts))
            .collect_view();
        let label = view! { <label for=self.id.clone()>{words} " " {optional}</label> };
        let is_checkbox = self.role == Role::Checkbox;
        // A field of one line would make one of several.
        let has_lines = self.value.as_ref().is_some_and(|it| it.contains('\n'));
        let input = if self.role == Role::Choice {
            self.select(texts, describedby, manner)
        } else if has_lines && self.role.is_plain() {
            self.textarea(describedby, manner)
        } else {
            self.input(texts, describedby, manner)
        };
        if is_checkbox {
            view! {
                <div class="field checkbox" data-testid=testid>
                    {input} {label} {hint} {errors}
                </div>
            }
            .html()
        } else {
            view! {
                <div class="field" data-testid=testid>
                    {label} {hint} {input} {errors}
                </div>
            }
            .html()
        }
    }

    fn input(self, texts: Texts, describedby: Option<String>, manner: Manner) -> Html {
        let invalid = (!self.errors.is_empty()).then_some("true");
        let (role, look) = (self.role, self.look);
        let toggle = self.is_password().then(|| show_password(texts, &self.id));
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
        // A box has no `readonly`: it is disabled, and what stands beside it says the value.
        let is_fixed = is_checkbox && self.is_read_only;
        let otherwise = if checked && is_fixed { "true" } else { "false" };
        let unchecked = is_checkbox
            .then(|| view! { <input type="hidden" name=self.sent_as.clone() value=otherwise/> });
        let input = view! {
            {unchecked}
            <input
                class=class
                id=self.id
                name=(!is_fixed).then_some(self.sent_as)
                type=look.kind
                value=value
                checked=checked
                required=self.required
                disabled=self.disabled || is_fixed
                readonly=self.is_read_only && !is_checkbox
                autocomplete=self.autocomplete
                inputmode=look.inputmode
                enterkeyhint=look.enterkeyhint
                autocapitalize=look.autocapitalize
                spellcheck=(!is_checkbox).then_some("false")
                dir=look.dir
                aria-invalid=invalid
                aria-describedby=describedby
                autofocus=manner.focus
            />
        };
        match toggle {
            Some(toggle) => view! { <div class="with-toggle">{input} {toggle}</div> }.html(),
            None => input.html(),
        }
    }

    fn textarea(self, describedby: Option<String>, manner: Manner) -> Html {
        let invalid = (!self.errors.is_empty()).then_some("true");
        // The first line break after the tag is none of the text's own (HTML, "newlines in textarea").
        let value = format!("\n{}", self.value.unwrap_or_default());
        view! {
            <textarea
                class="input lines"
                id=self.id
                name=self.sent_as
                rows="5"
                required=self.required
                disabled=self.disabled
                readonly=self.is_read_only
                autocomplete=self.autocomplete
                aria-invalid=invalid
                aria-describedby=describedby
                autofocus=manner.focus
            >
                {value}
            </textarea>
        }
        .html()
    }

    fn select(self, texts: Texts, describedby: Option<String>, manner: Manner) -> Html {
        let invalid = (!self.errors.is_empty()).then_some("true");
        let value = self.value;
        // A choice has no `readonly` either.
        let fixed = self.is_read_only.then(|| {
            let value = value.clone().unwrap_or_default();
            view! { <input type="hidden" name=self.sent_as.clone() value=value/> }
        });
        let none = (value.is_none() || !self.required).then(|| {
            view! { <option value="">{texts.say("field-none")}</option> }
        });
        let options = self
            .options
            .into_iter()
            .map(|(option, words)| {
                let selected = value.as_ref() == Some(&option);
                view! { <option value=option selected=selected>{words}</option> }
            })
            .collect_view();
        view! {
            {fixed}
            <select
                class="input"
                id=self.id
                name=(!self.is_read_only).then_some(self.sent_as)
                required=self.required
                disabled=self.disabled || self.is_read_only
                autocomplete=self.autocomplete
                aria-invalid=invalid
                aria-describedby=describedby
                autofocus=manner.focus
            >
                {none}
                {options}
            </select>
        }
        .html()
    }

    fn hint(&self, texts: Texts, manner: Manner) -> Option<String> {
        let ours = match self.role {
            Role::Code => Some(texts.say("hint-code")),
            Role::TotpCode => Some(texts.say("hint-totp-code")),
            Role::BackupCode => Some(texts.say("hint-backup-code")),
            Role::NewPassword => {
                let min = manner.password_min_length.to_string();
                Some(texts.say_with("hint-new-password", &[("min", &min)]))
            }
            Role::DateTime => {
                let offset = self.zone.as_deref().filter(|zone| *zone != "Z");
                let offset = offset.unwrap_or_default();
                Some(texts.say_with("hint-date-time", &[("offset", offset)]))
            }
            Role::Identifier
            | Role::LoginName
            | Role::CurrentPassword
            | Role::KeyName
            | Role::RecoveryAddress
            | Role::RecoveryContact
            | Role::NewEmail
            | Role::Email
            | Role::Phone
            | Role::Url
            | Role::Number(_)
            | Role::Date
            | Role::Checkbox
            | Role::Choice
            | Role::Text => None,
        };
        let hints: Vec<String> = self.own_hint.clone().into_iter().chain(ours).collect();
        (!hints.is_empty()).then(|| hints.join(" "))
    }
}

impl Role {
    fn of(flow: &Flow, node: &Node, input: &Input) -> Option<Self> {
        let is_recovery = flow.kind == FlowKind::Recovery;
        match (input.name.as_str(), input.kind) {
            (_, InputKind::Hidden | InputKind::Submit | InputKind::Button) => return None,
            ("identifier", _) if names_email(node) => return Some(Self::Identifier),
            ("identifier", _) => return Some(Self::LoginName),
            ("code", _) => return Some(Self::Code),
            ("totp_code", _) => return Some(Self::TotpCode),
            ("lookup_secret", _) => return Some(Self::BackupCode),
            ("webauthn_register_displayname", _) => return Some(Self::KeyName),
            ("recovery_address", InputKind::Text) => return Some(Self::RecoveryContact),
            ("recovery_address" | "recovery_confirm_address" | "email", InputKind::Email)
                if is_recovery =>
            {
                return Some(Self::RecoveryAddress);
            }
            _ => {}
        }
        let number = Number {
            is_whole: input.details.is_whole,
            is_signed: input.details.is_signed,
        };
        let last = last_part(&input.name);
        Some(match input.kind {
            InputKind::Hidden | InputKind::Submit | InputKind::Button => return None,
            InputKind::Password if flow.kind == FlowKind::Login => Self::CurrentPassword,
            InputKind::Password => Self::NewPassword,
            // What somebody signs up with is what a manager should keep as the sign-in name.
            InputKind::Email if flow.kind == FlowKind::Registration && is_account(flow, input) => {
                Self::NewEmail
            }
            InputKind::Email => Self::Email,
            InputKind::Tel => Self::Phone,
            InputKind::Url => Self::Url,
            InputKind::Date => Self::Date,
            InputKind::DatetimeLocal => Self::DateTime,
            InputKind::Checkbox => Self::Checkbox,
            InputKind::Text | InputKind::Number if !input.details.options.is_empty() => {
                Self::Choice
            }
            InputKind::Number => Self::Number(number),
            // A schema need not say the format of what its name says well enough.
            InputKind::Text if is_phone_name(&last) => Self::Phone,
            InputKind::Text => Self::Text,
        })
    }

    /// Ids stay the same for ever: password managers remember them.
    fn id(self, name: &str) -> String {
        match self {
            Self::CurrentPassword => "current-password".to_owned(),
            Self::NewPassword => "new-password".to_owned(),
            Self::KeyName => "key-name".to_owned(),
            Self::RecoveryAddress | Self::RecoveryContact => "email".to_owned(),
            Self::Identifier
            | Self::LoginName
            | Self::Code
            | Self::TotpCode
            | Self::BackupCode
            | Self::NewEmail
            | Self::Email
            | Self::Phone
            | Self::Url
            | Self::Number(_)
            | Self::Date
            | Self::DateTime
            | Self::Checkbox
            | Self::Choice
            | Self::Text => name.replace(|c: char| !c.is_alphanumeric(), "-"),
        }
    }

    /// Whether the value must never stand in a page.
    fn is_secret(self) -> bool {
        match self {
            Self::CurrentPassword | Self::NewPassword | Self::TotpCode | Self::BackupCode => true,
            // The code from a mail link stands in the field, so that one press is enough.
            Self::Code
            | Self::Identifier
            | Self::LoginName
            | Self::KeyName
            | Self::RecoveryAddress
            | Self::RecoveryContact
            | Self::NewEmail
            | Self::Email
            | Self::Phone
            | Self::Url
            | Self::Number(_)
            | Self::Date
            | Self::DateTime
            | Self::Checkbox
            | Self::Choice
            | Self::Text => false,
        }
    }

    /// Whether it is for the name of a trait to say what it holds.
    fn is_plain(self) -> bool {
        matches!(self, Self::Text | Self::Date | Self::Choice)
    }

    fn look(self) -> Look {
        const WORDS: Look = Look {
            kind: "text",
            autocomplete: None,
            inputmode: None,
            enterkeyhint: "next",
            autocapitalize: None,
            dir: None,
        };
        const LETTERS: Look = Look {
            autocapitalize: Some("none"),
            ..WORDS
        };
        const ADDRESS: Look = Look {
            kind: "email",
            inputmode: Some("email"),
            dir: Some("ltr"),
            ..LETTERS
        };
        const CODE: Look = Look {
            autocomplete: Some("one-time-code"),
            inputmode: Some("numeric"),
            enterkeyhint: "go",
            dir: Some("ltr"),
            ..LETTERS
        };
        const PASSWORD: Look = Look {
            kind: "password",
            enterkeyhint: "go",
            ..LETTERS
        };
        match self {
            Self::Identifier => Look {
                autocomplete: Some("username webauthn"),
                ..ADDRESS
            },
            Self::LoginName => Look {
                autocomplete: Some("username webauthn"),
                dir: Some("ltr"),
                ..LETTERS
            },
            Self::CurrentPassword => Look {
                autocomplete: Some("current-password"),
                ..PASSWORD
            },
            Self::NewPassword => Look {
                autocomplete: Some("new-password"),
                ..PASSWORD
            },
            Self::Code | Self::TotpCode => CODE,
            Self::BackupCode => Look {
                autocomplete: Some("off"),
                inputmode: None,
                ..CODE
            },
            Self::KeyName => Look {
                autocomplete: Some("off"),
                enterkeyhint: "done",
                ..LETTERS
            },
            Self::RecoveryAddress => Look {
                autocomplete: Some("username"),
                enterkeyhint: "go",
                ..ADDRESS
            },
            Self::RecoveryContact => Look {
                autocomplete: Some("username"),
                enterkeyhint: "go",
                dir: Some("ltr"),
                ..LETTERS
            },
            Self::NewEmail => Look {
                autocomplete: Some("username"),
                ..ADDRESS
            },
            Self::Email => Look {
                autocomplete: Some("email"),
                ..ADDRESS
            },
            Self::Phone => Look {
                kind: "tel",
                autocomplete: Some("tel"),
                inputmode: Some("tel"),
                dir: Some("ltr"),
                ..LETTERS
            },
            Self::Url => Look {
                kind: "url",
                autocomplete: Some("url"),
                inputmode: Some("url"),
                dir: Some("ltr"),
                ..LETTERS
            },
            // Not `type=number`: that loses what it cannot read, such as the digits of Japanese input methods, and
            // turns at the mouse wheel. The keys of a phone for digits have no minus.
            Self::Number(Number {
                is_whole,
                is_signed,
            }) => Look {
                inputmode: match (is_signed, is_whole) {
                    (true, _) => None,
                    (false, true) => Some("numeric"),
                    (false, false) => Some("decimal"),
                },
                ..LETTERS
            },
            Self::Date => Look {
                kind: "date",
                ..LETTERS
            },
            Self::DateTime => Look {
                kind: "datetime-local",
                ..LETTERS
            },
            Self::Checkbox => Look {
                kind: "checkbox",
                ..WORDS
            },
            Self::Choice | Self::Text => WORDS,
        }
    }
}

/// Shows what is typed into a password field, and hides it again. The script does it, with the words that stand here.
fn show_password(texts: Texts, field: &str) -> impl IntoView + use<> {
    let (show, show_named) = (texts.say("password-show"), texts.say("password-show-named"));
    view! {
        <button
            class="btn needs-js"
            type="button"
            aria-controls=field.to_owned()
            aria-label=show_named.clone()
            data-show=show
            data-show-named=show_named
            data-shown=texts.say("password-shown")
            data-hide=texts.say("password-hide")
            data-hide-named=texts.say("password-hide-named")
            data-hidden=texts.say("password-hidden")
        >
            {show.clone()}
        </button>
    }
}

impl Words {
    fn draw(&self, texts: Texts) -> Html {
        match self {
            Self::Plain(words) => words.clone().html(),
            // In the same place, the form would be gone.
            Self::Link { words, href } => view! {
                <a href=href.clone() target="_blank" rel="noopener noreferrer">
                    {words.clone()} " " <span class="vh">{texts.say("field-new-tab")}</span>
                </a>
            }
            .html(),
        }
    }
}

/// The words alone.
fn plain(parts: &[Words]) -> String {
    let words = |part: &Words| match part {
        Words::Plain(words) | Words::Link { words, .. } => words.clone(),
    };
    parts.iter().map(words).collect()
}

/// Whether the sign-in name is an address. Kratos 26.2 says which trait it is; 1.3.1 gives its title and no other sign,
/// and forgets that where it was asked for a code, which goes to addresses.
fn names_email(node: &Node) -> bool {
    let Some(label) = &node.label else {
        let typed = node.input().and_then(|input| input.value.as_deref());
        return typed.is_none_or(|typed| Channel::of(typed) == Channel::Mail);
    };
    let (name, title) = (of_label(label, "name"), of_label(label, "title"));
    let is_mail = last_part(&name) == "email" || title.contains("mail") || title.contains("メール");
    is_mail && !names_phone(node)
}

/// Whether the sign-in name is a phone number, or may be one.
fn names_phone(node: &Node) -> bool {
    let says = |label: &Message| {
        let (name, title) = (of_label(label, "name"), of_label(label, "title"));
        is_phone_name(&last_part(&name)) || title.contains("phone") || title.contains("電話")
    };
    node.label.as_ref().is_some_and(says)
}

fn of_label(label: &Message, key: &str) -> String {
    label.context_text(key).unwrap_or_default().to_lowercase()
}

fn is_phone_name(last_part: &str) -> bool {
    matches!(last_part, "phone" | "phonenumber" | "tel" | "mobile")
}

/// Whether the sign-in name is a phone number and nothing else.
fn names_phone_alone(node: &Node) -> bool {
    let has_mail = |label: &Message| {
        let title = of_label(label, "title");
        title.contains("mail") || title.contains("メール")
    };
    names_phone(node) && !node.label.as_ref().is_some_and(has_mail)
}

/// Whether a phone number is what a person signs up with, so that a password manager keeps it as the sign-in name.
fn names_account(flow: &Flow, role: Role) -> bool {
    let is_other =
        |input: &Input| input.kind == InputKind::Email || input.name == "traits.username";
    role == Role::Phone
        && flow.kind == FlowKind::Registration
        && flow.has("password")
        && !flow.inputs().any(|(_, input)| is_other(input))
}

/// What Kratos says about a sign-in name, in words that fit one that is no mail address.
pub(super) fn about_sign_in(texts: Texts, flow: &Flow, message: &Message) -> Option<Told> {
    if flow.kind != FlowKind::Login {
        return None;
    }
    let (node, input) = flow.inputs().find(|(_, it)| it.name == "identifier")?;
    let is_mail = match (input.kind, &input.value) {
        (InputKind::Hidden, Some(value)) => Channel::of(value) == Channel::Mail,
        (InputKind::Hidden, None) => true,
        _ => names_email(node),
    };
    let is_phone = || input.value.as_deref().map(Channel::of) == Some(Channel::Phone);
    let text = match message.id {
        _ if is_mail => return None,
        MessageId::WRONG_PASSWORD if input.kind == InputKind::Hidden => {
            texts.say("login-wrong-password")
        }
        MessageId::WRONG_PASSWORD => {
            let label = plain(&label(texts, flow, node, input, Role::LoginName));
            texts.say_with("login-wrong", &[("label", &label)])
        }
        MessageId::NO_CODE_ACCOUNT | MessageId::ACCOUNT_NOT_FOUND => texts.say("login-unknown"),
        MessageId::ADDRESS_NOT_VERIFIED if is_phone() => texts.say("login-unverified-phone"),
        _ => return None,
    };
    Some(Told::ours(text))
}

fn label(texts: Texts, flow: &Flow, node: &Node, input: &Input, role: Role) -> Vec<Words> {
    if role == Role::Identifier {
        return vec![Words::Plain(texts.say("trait-email"))];
    }
    if role == Role::LoginName && names_phone_alone(node) {
        return vec![Words::Plain(texts.say("trait-phone"))];
    }
    if role == Role::NewPassword && flow.kind == FlowKind::Settings {
        return vec![Words::Plain(texts.say("settings-password-new"))];
    }
    let mut parts = own_label(texts, flow, node, input);
    let words = plain(&parts);
    let of_others = flow.inputs().filter(|(_, other)| {
        other.name.starts_with("traits.")
            && other.kind.is_typed_into()
            && sent_as(other) != sent_as(input)
    });
    let group = group(texts, input).filter(|_| {
        of_others
            .into_iter()
            .any(|(node, other)| plain(&own_label(texts, flow, node, other)) == words)
    });
    if let Some(group) = group {
        let both = [("group", &*group), ("label", &*words)];
        parts = vec![Words::Plain(texts.say_with("field-in-group", &both))];
    }
    let number = match &input.details.in_list {
        Some(InList::Item { number, .. }) => *number,
        Some(InList::More { after }) => after + 1,
        None => return parts,
    };
    let both = [("label", &*plain(&parts)), ("number", &*number.to_string())];
    vec![Words::Plain(texts.say_with("field-in-list", &both))]
}

/// What a field is called, for itself. A trait is known by its name, because its title is in the one language of the
/// schema.
fn own_label(texts: Texts, flow: &Flow, node: &Node, input: &Input) -> Vec<Words> {
    let name = sent_as(input);
    let of_list = flow.inputs().find(|(_, other)| other.name == name);
    let label = of_list.map_or(node, |(node, _)| node).label.as_ref();
    // The sign-in name is one of the traits: Kratos 26.2 says which, 1.3.1 only what its title is.
    let context = |key: &str| label.filter(|_| name == "identifier")?.context_text(key);
    let title = || Some(format!("trait-{}", slug(context("title")?)));
    let key = trait_key(context("name").unwrap_or(name)).or_else(title);
    let of_trait = key.and_then(|key| {
        let text = texts.try_say(&key, None)?;
        Some(linked(&text, |name| texts.try_attribute(&key, name)))
    });
    of_trait.unwrap_or_else(|| {
        let words = match (&input.details.title, label) {
            (Some(title), _) => title.clone(),
            (None, Some(label)) => tell(texts, label, None).text,
            (None, None) if name == "identifier" => texts.say("account"),
            (None, None) => name.strip_prefix("traits.").unwrap_or(name).to_owned(),
        };
        vec![Words::Plain(words)]
    })
}

/// What the object is called that a trait is a part of, if it is one.
fn group(texts: Texts, input: &Input) -> Option<String> {
    let (group, _) = sent_as(input).strip_prefix("traits.")?.rsplit_once('.')?;
    texts
        .try_say(&format!("trait-{}", slug(group)), None)
        .or_else(|| input.details.within.clone())
        .or_else(|| Some(group.to_owned()))
}

/// The values of a choice, with their words: the catalogue's, or those of the schema, or else the values themselves.
fn options(texts: Texts, key: Option<&str>, input: &Input) -> Vec<(String, String)> {
    let known = &input.details.options;
    // What was chosen before the schema changed, or typed, is shown as well: it is what Kratos has.
    let is_other = |value: &&String| known.iter().all(|choice| choice.value != **value);
    let other = input.value.as_ref().filter(is_other);
    let words = |value: &str, title: Option<&str>| {
        let said = key.and_then(|key| texts.try_attribute(key, &format!("option-{}", slug(value))));
        said.unwrap_or_else(|| title.unwrap_or(value).to_owned())
    };
    let known = known.iter();
    let all = known.map(|choice| (&choice.value, choice.title.as_deref()));
    all.chain(other.map(|value| (value, None)))
        .map(|(value, title)| (value.clone(), words(value, title)))
        .collect()
}

/// Reads `<name>words</name>` in a text of the catalogue: a link to the address that goes by this name. Where there is
/// none the words are only words.
fn linked(text: &str, address: impl Fn(&str) -> Option<String>) -> Vec<Words> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, name, words, after)) = next_link(rest) {
        parts.push(Words::Plain(before.to_owned()));
        let words = words.to_owned();
        parts.push(match address(name).filter(|href| is_page(href)) {
            Some(href) => Words::Link { words, href },
            None => Words::Plain(words),
        });
        rest = after;
    }
    parts.push(Words::Plain(rest.to_owned()));
    parts
}

/// What stands before the next link, its name, its words, and the rest.
fn next_link(text: &str) -> Option<(&str, &str, &str, &str)> {
    let (before, rest) = text.split_once('<')?;
    let (name, rest) = rest.split_once('>')?;
    let (words, after) = rest.split_once(&format!("</{name}>"))?;
    Some((before, name, words, after))
}

/// Whether this is the address of a page: of another site, or a path of this one.
fn is_page(href: &str) -> bool {
    let is_path = href.starts_with('/') && !href.starts_with("//");
    is_path || Url::parse(href).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

fn is_continued(input: &Input) -> bool {
    match &input.details.in_list {
        Some(InList::Item { number, .. }) => *number > 1,
        Some(InList::More { after }) => *after > 0,
        None => false,
    }
}

/// The name that Kratos takes the value back under: an item's is that of its list.
fn sent_as(input: &Input) -> &str {
    match &input.details.in_list {
        Some(InList::Item { list, .. }) => list,
        Some(InList::More { .. }) | None => &input.name,
    }
}

/// The key of a trait's texts.
fn trait_key(name: &str) -> Option<String> {
    Some(format!("trait-{}", slug(name.strip_prefix("traits.")?)))
}

/// A name as a part of a key, which can be of ASCII letters only: others are told by their number, `氏名` is `u6c0fu540d`.
fn slug(name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => slug.push(c.to_ascii_lowercase()),
            c if c.is_alphanumeric() => {
                // A string takes all that is written to it.
                let _ = write!(slug, "u{:x}", u32::from(c));
            }
            _ => slug.push('-'),
        }
    }
    slug
}

/// The last part of a trait's name, in small letters and without what people put between words.
fn last_part(name: &str) -> String {
    joined(name.rsplit('.').next().unwrap_or(name))
}

fn joined(name: &str) -> String {
    let letters = name.chars().filter(|c| !matches!(c, '.' | '_' | '-'));
    letters.flat_map(char::to_lowercase).collect()
}

/// What browsers know a trait as.
#[derive(Debug, Clone, Copy)]
struct Known {
    /// <https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#autofill-field>
    autocomplete: &'static str,
    autocapitalize: Option<&'static str>,
}

/// What browsers know a trait as, by its name, and by whether people sign in with it.
fn known(flow: &Flow, input: &Input) -> Option<Known> {
    const ACCOUNT: &str = "username";
    let name = input.name.strip_prefix("traits.")?;
    if flow.kind == FlowKind::Registration && is_account(flow, input) {
        return autofill(ACCOUNT);
    }
    // The name of what else somebody describes is not the name of the person.
    let last = Some(last_part(name)).filter(|last| last != "name");
    let known = autofill(&joined(name)).or_else(|| autofill(&last?));
    known.filter(|known| known.autocomplete != ACCOUNT || is_account(flow, input))
}

/// Whether a password manager is to keep the value of this field as the name of the account. Of several that people sign in
/// with it is one that is there for certain.
fn is_account(flow: &Flow, input: &Input) -> bool {
    let is_name = |input: &Input| input.name == "traits.username";
    let signs_in = |input: &Input| {
        let may = input.kind == InputKind::Email || is_name(input);
        input.details.is_identifier.unwrap_or(may)
    };
    let fields = flow.inputs().map(|(_, input)| input);
    let names = fields.filter(|it| it.name.starts_with("traits.") && it.kind.is_typed_into());
    let fallback = |it: &Input| it.kind == InputKind::Email || is_name(it);
    let rank = |it: &&Input| (!signs_in(it), !it.required, !is_name(it));
    let account = names
        .filter(|it| signs_in(it) || fallback(it))
        .min_by_key(rank);
    account.is_some_and(|account| sent_as(account) == sent_as(input)) && !is_continued(input)
}

fn autofill(name: &str) -> Option<Known> {
    let (autocomplete, autocapitalize) = match name {
        "name" | "fullname" | "displayname" => ("name", Some("words")),
        "first" | "firstname" | "given" | "givenname" => ("given-name", Some("words")),
        "last" | "lastname" | "family" | "familyname" | "surname" => ("family-name", Some("words")),
        "middle" | "middlename" => ("additional-name", Some("words")),
        "nick" | "nickname" => ("nickname", Some("words")),
        "username" => ("username", Some("none")),
        "birthdate" | "birthday" | "dateofbirth" | "dob" | "bday" => ("bday", None),
        "gender" | "sex" => ("sex", None),
        "language" | "locale" => ("language", None),
        "company" | "companyname" | "organization" | "organisation" => {
            ("organization", Some("words"))
        }
        "jobtitle" => ("organization-title", Some("words")),
        "address" | "street" | "streetaddress" | "address1" | "addressline1" => {
            ("address-line1", Some("words"))
        }
        "address2" | "addressline2" => ("address-line2", Some("words")),
        "city" | "locality" | "town" => ("address-level2", Some("words")),
        "state" | "province" | "prefecture" | "region" => ("address-level1", Some("words")),
        "postcode" | "postalcode" | "zip" | "zipcode" => ("postal-code", Some("characters")),
        "country" => ("country-name", Some("words")),
        "countrycode" => ("country", Some("characters")),
        _ => return None,
    };
    Some(Known {
        autocomplete,
        autocapitalize,
    })
}
