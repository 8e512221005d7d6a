//! The field for the code that another device shows.

use leptos::prelude::*;

use crate::i18n::Texts;

use super::html::{Draw, Html};

/// What the field is drawn from.
pub struct DeviceCode {
    /// The name, and the id.
    pub name: &'static str,
    pub label: String,
    pub value: Option<String>,
    pub error: Option<String>,
}

/// Draws the field. It takes the focus while nothing is wrong and nothing is filled in.
pub fn device_code(texts: Texts, field: DeviceCode) -> Html {
    let DeviceCode {
        name,
        label,
        value,
        error,
    } = field;
    let error_id = error.is_some().then(|| format!("{name}-error"));
    let takes_focus = error.is_none() && value.is_none();
    let invalid = error.is_some().then_some("true");
    let error = error.map(|text| {
        view! {
            <p class="error" id=error_id.clone()>
                <span class="vh">{texts.say("error-prefix")}</span>
                {text}
            </p>
        }
    });
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                class="input code"
                id=name
                name=name
                type="text"
                value=value
                required
                autocomplete="off"
                enterkeyhint="go"
                autocapitalize="none"
                spellcheck="false"
                dir="ltr"
                aria-invalid=invalid
                aria-describedby=error_id.clone()
                autofocus=takes_focus
            />
            {error}
        </div>
    }
    .html()
}
