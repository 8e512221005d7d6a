//! The checks, one file for each topic. `running` functions ask the running Kratos, `configured`
//! functions read its files.

pub(super) mod base_url;
pub(super) mod clock;
pub(super) mod cookies;
pub(super) mod courier;
pub(super) mod forms;
pub(super) mod hydra;
pub(super) mod kratos_api;
pub(super) mod passkeys;
pub(super) mod passwords;
pub(super) mod public_url;
pub(super) mod return_urls;
pub(super) mod secrets;
pub(super) mod sign_up_hooks;
pub(super) mod ui_urls;

use url::Url;

use super::kratos_config::KratosConfig;
use super::urls::redacted;
use crate::config::Config;

/// Genkan's settings and the files of Kratos' configuration.
pub(super) struct Setup<'a> {
    pub(super) config: &'a Config,
    pub(super) files: &'a KratosConfig,
}

impl Setup<'_> {
    /// Returns the URL of a key, without what may be secret.
    fn url(&self, key: &str) -> Option<Url> {
        let url = self.files.text(key)?.parse().ok();
        url.map(redacted)
    }

    /// Returns true if a flow is enabled, with Kratos' defaults.
    fn is_enabled(&self, flow: &str) -> bool {
        let default = !["recovery", "verification"].contains(&flow);
        let key = format!("selfservice.flows.{flow}.enabled");
        self.files.flag(&key, default)
    }
}
