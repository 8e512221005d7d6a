//! A button that asks first.

use leptos::prelude::*;

/// Asks without a script: opened, it says what will happen, and has the button that does it.
pub fn confirm(
    ask: impl IntoView + 'static,
    what: String,
    button: impl IntoView + 'static,
) -> impl IntoView {
    view! {
        <details class="confirm">
            <summary class="btn">{ask}</summary>
            <p>{what}</p>
            {button}
        </details>
    }
}
