//! One message of Kratos' in the reader's words.

use leptos::prelude::*;
use serde_json::Value;

use crate::i18n::{FluentArgs, FluentValue, Locale, Texts};
use crate::kratos::{Message, MessageId, Unknown};

use super::html::{Draw, Html};
use super::time::minutes_until;

/// The text of a message, and its language where that is not the page's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub text: String,
    pub lang: Option<&'static str>,
}

impl Told {
    pub fn ours(text: String) -> Self {
        Self { text, lang: None }
    }
}

/// Says a message. `label` is that of the field it stands at, if it stands at one.
///
/// An id that no catalogue has, or whose values are missing, is shown as Kratos (or a web hook) wrote it: an
/// operator's own messages must reach people.
pub fn tell(texts: Texts, message: &Message, label: Option<&str>) -> Told {
    let mut args = FluentArgs::new();
    for (key, value) in message.context() {
        if let Some(value) = fluent(value) {
            args.set(key.to_owned(), value);
        }
    }
    if let Some(label) = label {
        args.set("label", label.to_owned());
        let lower = match texts.locale() {
            Locale::En => lower_first(label),
            Locale::Ja => label.to_owned(),
        };
        args.set("label_lower", lower);
    }
    if message.id == MessageId::RECOVERED {
        let minutes = message
            .context_text("privileged_session_expires_at")
            .and_then(minutes_until);
        if let Some(minutes) = minutes {
            args.set("minutes", minutes);
        }
    }
    // No sentence but a value: one of somebody's addresses, as far as Kratos shows it.
    if message.id == MessageId::LABEL_ITSELF && !message.text.is_empty() {
        return Told::ours(message.text.clone());
    }
    let key = format!("kratos-{}", message.id);
    if message.is_too_often() {
        return Told::ours(texts.say("too-often"));
    }
    if message.is_of_provider() {
        return Told::ours(texts.say("provider-failed"));
    }
    let at_form = label
        .is_none()
        .then(|| texts.try_say(&format!("{key}-form"), Some(&args)))
        .flatten();
    match at_form.or_else(|| texts.try_say(&key, Some(&args))) {
        Some(text) => Told::ours(text),
        None => {
            Unknown::Message.warn(&message.id.to_string());
            Told {
                text: message.text.clone(),
                // Kratos' own texts are English; a web hook may write anything, and says not what.
                lang: message.text.is_ascii().then_some("en"),
            }
        }
    }
}

/// A text in which an address or a name stands apart: it may be written in the other direction, or in letters that run into
/// those around it.
pub fn set_apart(text: &str, value: Option<&str>) -> Html {
    match value.and_then(|value| Some((value, text.split_once(value)?))) {
        Some((value, (before, after))) => view! {
            {before.to_owned()}
            <bdi dir=value.contains('@').then_some("ltr")>{value.to_owned()}</bdi>
            {after.to_owned()}
        }
        .html(),
        None => text.to_owned().html(),
    }
}

fn fluent(value: &Value) -> Option<FluentValue<'static>> {
    match value {
        Value::String(text) => Some(FluentValue::from(text.clone())),
        Value::Number(number) => number.as_f64().map(FluentValue::from),
        Value::Bool(truth) => Some(FluentValue::from(truth.to_string())),
        Value::Array(items) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            Some(FluentValue::from(items.join(", ")))
        }
        Value::Null | Value::Object(_) => None,
    }
}

/// "Email address" in the middle of an English sentence. Words all in capitals stay ("ID").
fn lower_first(label: &str) -> String {
    let mut rest = label.chars();
    match (rest.next(), rest.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(rest).collect()
        }
        _ => label.to_owned(),
    }
}
