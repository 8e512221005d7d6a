//! Checks `selfservice.flows.*.ui_url`: the pages that Kratos sends browsers to.

use url::Url;

use super::Setup;
use crate::config::Config;
use crate::doctor::probe::{Probe, location};
use crate::doctor::report::Check;
use crate::doctor::urls::{is_at, page, without_query};
use crate::kratos::FlowKind;

/// An origin that no operator allows.
const FORBIDDEN: &str = "https://genkan-doctor.invalid/";

fn key(flow: &str) -> String {
    format!("selfservice.flows.{flow}.ui_url")
}

/// Checks where a running Kratos sends a browser that begins a flow.
pub(in crate::doctor) async fn running(probe: &Probe<'_>, kind: FlowKind) -> Check {
    let name = kind.name();
    let key = key(name);
    let response = match probe.navigate(name, &[]).await {
        Ok(response) => response,
        Err(check) => return check,
    };
    let Some(url) = location(&response) else {
        let status = response.status;
        let message = format!("{key}: Kratos responds with {status}, so the flow may be disabled");
        return Check::unknown(key, message);
    };
    let is_sign_in = || url.path().ends_with("/self-service/login/browser");
    let expected = page(probe.config, name);
    if is_page(probe.config, name, &url) {
        Check::right(&*key, format!("{key} is {expected}"))
    } else if is_at(&url, &page(probe.config, "error")) {
        Check::unknown(&*key, format!("{key}: the flow is disabled"))
    } else if kind == FlowKind::Settings && is_sign_in() {
        Check::unknown(
            &*key,
            format!("{key}: Kratos shows it to signed-in users only"),
        )
    } else {
        wrong(&key, &without_query(url), &expected)
    }
}

/// Checks where a running Kratos sends a browser after an error.
pub(in crate::doctor) async fn running_error(probe: &Probe<'_>) -> Check {
    let key = key("error");
    let response = match probe.navigate("login", &[("return_to", FORBIDDEN)]).await {
        Ok(response) => response,
        Err(check) => return check,
    };
    let expected = page(probe.config, "error");
    match location(&response) {
        Some(url) if is_at(&url, &expected) => Check::right(&*key, format!("{key} is {expected}")),
        Some(url) if is_at(&url, &page(probe.config, "login")) => Check::wrong(
            key,
            format!("a return_to may lead to any site: Kratos allowed {FORBIDDEN}"),
            "list only your own origins in selfservice.allowed_return_urls",
        ),
        Some(url) => wrong(&key, &without_query(url), &expected),
        None => Check::unknown(&*key, format!("{key}: Kratos does not redirect there")),
    }
}

/// Checks the page of each enabled flow in the files.
pub(in crate::doctor) fn configured(setup: &Setup<'_>) -> Vec<Check> {
    let flows = FlowKind::all().map(FlowKind::name);
    let pages = flows.chain(["error"]);
    let pages = pages.filter(|name| setup.is_enabled(name));
    pages.map(|name| configured_page(setup, name)).collect()
}

fn configured_page(setup: &Setup<'_>, name: &str) -> Check {
    let key = key(name);
    let expected = page(setup.config, name);
    match setup.url(&key) {
        Some(url) if is_page(setup.config, name, &url) => {
            Check::right(&*key, format!("{key} is {expected}"))
        }
        Some(url) => wrong(&key, &url, &expected),
        None => Check::wrong(
            &*key,
            format!("{key} is not set"),
            format!("set it to {expected}"),
        ),
    }
}

fn wrong(key: &str, url: &Url, expected: &Url) -> Check {
    let message = format!("{key} is {url}");
    Check::wrong(key, message, format!("set it to {expected}"))
}

/// Returns true if a URL is the page of a flow. Verification has a second path.
fn is_page(config: &Config, name: &str, url: &Url) -> bool {
    let has_alias = name == FlowKind::Verification.name();
    is_at(url, &page(config, name)) || (has_alias && is_at(url, &page(config, "verify")))
}
