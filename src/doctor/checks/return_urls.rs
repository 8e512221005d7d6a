//! Checks where users end up after a flow, and the origins that `return_to` may lead to.

use std::fmt::Display;

use url::Url;

use super::Setup;
use crate::config::Config;
use crate::doctor::probe::{Probe, error_member};
use crate::doctor::report::Check;
use crate::doctor::urls::{page, redacted};
use crate::origin::ReturnOrigin;

const RETURN_URL: &str = "selfservice.default_browser_return_url";
const ALLOWED: &str = "selfservice.allowed_return_urls";

fn allowed_key(origin: &impl Display) -> String {
    format!("{ALLOWED} {origin}")
}

/// Checks that a running Kratos allows each origin that Genkan allows.
pub(in crate::doctor) async fn running(probe: &Probe<'_>) -> Vec<Check> {
    let public = probe.config.public();
    let mut expected = vec![(root(&public).to_string(), public)];
    for origin in &probe.config.allowed_return_origins {
        expected.extend(origin.example().map(|url| (origin.to_string(), url)));
    }
    let mut checks = Vec::new();
    for (origin, url) in expected {
        match probe.begin_login(&[("return_to", url.as_str())]).await {
            Ok(response) => {
                let error = error_member(&response, "id");
                let is_forbidden =
                    error.as_deref() == Some("self_service_flow_return_to_forbidden");
                checks.push(allowed(&origin, !is_forbidden));
            }
            Err(check) => {
                checks.push(check);
                break;
            }
        }
    }
    checks
}

/// Returns what a running Kratos does not show.
pub(in crate::doctor) fn hidden(config: &Config) -> Check {
    let welcome = page(config, "welcome");
    let message = format!(
        "{RETURN_URL}: it has to be {welcome} or an application of yours; \
         --kratos-config reads it"
    );
    Check::unknown(RETURN_URL, message)
}

/// Checks the URLs in the files that end a flow that no application began.
pub(in crate::doctor) fn configured(setup: &Setup<'_>) -> Vec<Check> {
    let mut checks = Vec::new();
    if setup.files.text(RETURN_URL).is_none() {
        let fix = format!("set it to {}", page(setup.config, "welcome"));
        checks.push(Check::wrong(
            RETURN_URL,
            format!("{RETURN_URL} is not set"),
            fix,
        ));
    }
    let all = setup
        .files
        .all_below("selfservice", "default_browser_return_url");
    checks.extend(
        all.into_iter()
            .map(|(key, text)| return_url(setup.config, &key, text)),
    );
    checks
}

fn return_url(config: &Config, key: &str, text: &str) -> Check {
    let welcome = page(config, "welcome");
    // Kratos resolves a path against `serve.public.base_url`.
    let Ok(url) = config.public().join(text) else {
        return Check::wrong(
            key,
            format!("{key} is not a URL"),
            format!("set it to {welcome}"),
        );
    };
    let is_allowed = origins(config).any(|it| it.covers(&url));
    let url = redacted(url);
    if is_allowed {
        return Check::right(key, format!("{key} is {url}"));
    }
    Check::wrong(
        key,
        format!("{key} is {url}: users end up there, not at Genkan"),
        format!(
            "set it to {welcome}, or to an application of yours \
             whose origin is in ALLOWED_RETURN_ORIGINS"
        ),
    )
}

/// Checks that the files allow each origin that Genkan allows, and no other.
pub(in crate::doctor) fn configured_origins(setup: &Setup<'_>) -> Vec<Check> {
    let listed = setup.files.texts(ALLOWED).unwrap_or_default();
    let listed: Vec<Url> = listed.iter().filter_map(|it| it.parse().ok()).collect();
    let own = origins(setup.config).map(|origin| {
        let example = origin.example();
        let is_listed = |url: &Url| listed.iter().any(|it| covers(it, url));
        allowed(&origin, example.is_some_and(|url| is_listed(&url)))
    });
    let mut checks: Vec<Check> = own.collect();
    let others = listed.iter().filter(|url| is_extra(setup.config, url));
    checks.extend(others.map(|url| {
        Check::doubtful(
            allowed_key(url),
            format!("{ALLOWED} has {url}, but Genkan sends no browser there"),
            "add its origin to ALLOWED_RETURN_ORIGINS, or remove it",
        )
    }));
    checks
}

fn allowed(origin: &impl Display, is_allowed: bool) -> Check {
    let key = allowed_key(origin);
    if is_allowed {
        Check::right(key, format!("{ALLOWED} has {origin}"))
    } else {
        let message = format!("{ALLOWED} has not {origin}");
        Check::wrong(key, message, format!("add {origin} to {ALLOWED}"))
    }
}

/// Returns true for a web URL that Genkan does not allow. An example stands for a pattern.
fn is_extra(config: &Config, url: &Url) -> bool {
    let example = ReturnOrigin::try_from(url.clone()).ok();
    let example = example.and_then(|it| it.example());
    let is_own = example.is_some_and(|url| origins(config).any(|it| it.covers(&url)));
    ["http", "https"].contains(&url.scheme()) && !is_own
}

/// Returns true if Kratos allows an origin. Kratos also compares the beginning of the path.
fn covers(allowed: &Url, origin: &Url) -> bool {
    let allowed_origin = ReturnOrigin::try_from(allowed.clone());
    allowed_origin.is_ok_and(|it| it.covers(origin)) && allowed.path() == "/"
}

/// Returns Genkan's own origin, and those that it may redirect to.
fn origins(config: &Config) -> impl Iterator<Item = ReturnOrigin> {
    let own = ReturnOrigin::Exactly(root(&config.public()));
    let others = config.allowed_return_origins.iter().cloned();
    [own].into_iter().chain(others)
}

fn root(url: &Url) -> Url {
    let mut root = url.clone();
    root.set_path("/");
    root
}
