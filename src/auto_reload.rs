//! Reloads the page in the browser after each build of `cargo leptos watch`.
//!
//! The script is leptos' own (`leptos::hydration::AutoReload`). It needs a nonce and a websocket in
//! the policy of pages, so both depend on [`options`].

use std::env;

use leptos::config::{LeptosOptions, get_configuration};
use url::Url;

/// Returns the settings that `cargo leptos watch` passes in the environment (`LEPTOS_…`), or `None`
/// if the program was started in another way.
///
/// Always `None` in a release build, so that no environment variable can widen the policy there.
pub fn options() -> Option<LeptosOptions> {
    let is_watched = cfg!(debug_assertions) && env::var_os("LEPTOS_WATCH").is_some();
    let configuration = is_watched.then(|| get_configuration(None))?;
    configuration.ok().map(|file| file.leptos_options)
}

/// Returns the websocket of `cargo leptos watch` as a source for `connect-src`, or `None` like
/// [`options`].
///
/// The script connects to the host of the page, which is that of `PUBLIC_URL`. A source with `ws`
/// also allows `wss` ([CSP 3](https://www.w3.org/TR/CSP3/#match-schemes)).
pub fn websocket(public_url: &Url) -> Option<String> {
    let options = options()?;
    let port = options.reload_external_port.unwrap_or(options.reload_port);
    Some(format!("ws://{}:{port}", public_url.host_str()?))
}
