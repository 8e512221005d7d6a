//! Checks `serve.public.base_url`, from which Kratos builds the URLs of its forms.

use url::Url;

use super::Setup;
use crate::config::Config;
use crate::doctor::report::Check;
use crate::doctor::urls::{is_same, without_query};

const KEY: &str = "serve.public.base_url";

/// Checks the URL that the form of a running Kratos is sent to.
pub(in crate::doctor) fn running(config: &Config, action: &Url) -> Check {
    let browser = config.kratos_browser_url.as_ref();
    let public = config.public();
    let expected = browser.unwrap_or(&public);
    let base = base_of(action);
    if is_same(&base, expected) {
        return Check::right(KEY, format!("{KEY} is {base}"));
    }
    let name = match browser {
        Some(_) => "KRATOS_BROWSER_URL",
        None => "PUBLIC_URL",
    };
    Check::wrong(
        KEY,
        format!("{KEY} is {base}, but {name} is {expected}"),
        format!(
            "set {KEY} to {public}, so that browsers reach Kratos' paths through Genkan; \
             or set KRATOS_BROWSER_URL to {base}, if browsers reach Kratos there"
        ),
    )
}

/// Checks the URL in the files.
pub(in crate::doctor) fn configured(setup: &Setup<'_>) -> Check {
    let public = setup.config.public();
    let expected = setup.config.kratos_browser_url.as_ref().unwrap_or(&public);
    let fix = format!("set it to {expected}");
    match setup.url(KEY) {
        Some(base) if is_same(&base, expected) => Check::right(KEY, format!("{KEY} is {base}")),
        Some(base) => {
            let message = format!("{KEY} is {base}, but browsers find Kratos at {expected}");
            Check::wrong(KEY, message, fix)
        }
        None => Check::wrong(KEY, format!("{KEY} is not set"), fix),
    }
}

/// Returns what comes before Kratos' own path.
fn base_of(action: &Url) -> Url {
    let mut base = without_query(action.clone());
    let own = base.path().find("/self-service/");
    let path = base.path()[..own.unwrap_or_default()].to_owned() + "/";
    base.set_path(&path);
    base
}
