//! Calls the running Kratos for the checks, and reads its responses.

use std::error::Error as StdError;
use std::net::{IpAddr, Ipv4Addr};

use http::header::LOCATION;
use http::{HeaderValue, Method};
use serde_json::Value;
use url::Url;

use super::report::Check;
use crate::config::Config;
use crate::kratos::{Browser, Client, Language, Relayed};

/// The fix for an error that only Kratos can explain.
pub(super) const SEE_LOG: &str = "see Kratos' log";

/// A client of the Kratos that is checked.
pub(super) struct Probe<'a> {
    pub(super) config: &'a Config,
    pub(super) kratos: Client,
}

impl<'a> Probe<'a> {
    /// Returns a client for the Kratos of the settings.
    ///
    /// # Errors
    /// Returns an error if Kratos' URL is not set, or TLS cannot be set up.
    pub(super) fn new(config: &'a Config) -> Result<Self, Box<dyn StdError>> {
        let kratos = Client::new(config.kratos_url()?, &config.public_url)?;
        Ok(Self { config, kratos })
    }

    /// Returns a client for an admin API.
    ///
    /// # Errors
    /// Returns an error if TLS cannot be set up.
    pub(super) fn admin(&self, url: &Url) -> Result<Client, Box<dyn StdError>> {
        let token = self.config.ory_admin_api_token.as_ref();
        Client::of_admin(url.clone(), &self.config.public_url, token)
    }

    /// Begins a login flow as Genkan does, for JSON.
    ///
    /// # Errors
    /// Returns a failed check if Kratos does not respond.
    pub(super) async fn begin_login(&self, query: &[(&str, &str)]) -> Result<Relayed, Check> {
        let path = ["self-service", "login", "browser"];
        self.get(&path, query, "application/json").await
    }

    /// Begins a flow as a browser does, for a redirect.
    ///
    /// # Errors
    /// Returns a failed check if Kratos does not respond.
    pub(super) async fn navigate(
        &self,
        flow: &str,
        query: &[(&str, &str)],
    ) -> Result<Relayed, Check> {
        let path = ["self-service", flow, "browser"];
        self.get(&path, query, "text/html").await
    }

    async fn get(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        accept: &'static str,
    ) -> Result<Relayed, Check> {
        let accept = HeaderValue::from_static(accept);
        let browser = browser(None);
        let response = self
            .kratos
            .relay(Method::GET, path, query, Some(&accept), None, &browser);
        let response = response.await;
        response.map_err(|error| Check::wrong("kratos", error.to_string(), SEE_LOG))
    }
}

/// The parts of a flow that show how Kratos is configured.
#[derive(Debug)]
pub(super) struct FlowProbe {
    pub(super) action: Url,
    pub(super) csrf_token: Option<String>,
    /// True if the form has more than the anti-CSRF token.
    pub(super) has_fields: bool,
}

impl FlowProbe {
    /// Parses a response. Returns `None` if it is not a flow.
    pub(super) fn parse(response: &Relayed) -> Option<Self> {
        const CSRF_TOKEN: &str = "csrf_token";
        let body: Value = serde_json::from_slice(&response.body).ok()?;
        let action = body.pointer("/ui/action")?.as_str()?.parse().ok()?;
        let nodes = body.pointer("/ui/nodes")?.as_array()?.iter();
        let (tokens, fields): (Vec<_>, Vec<_>) = nodes
            .map(|node| &node["attributes"])
            .partition(|attributes| attributes["name"] == CSRF_TOKEN);
        let csrf_token = tokens.into_iter().find_map(|it| it["value"].as_str());
        Some(Self {
            action,
            csrf_token: csrf_token.map(str::to_owned),
            has_fields: !fields.is_empty(),
        })
    }
}

/// Calls an API for JSON. Returns `None` if there is no response.
pub(super) async fn get_json(
    client: &Client,
    path: &[&str],
    query: &[(&str, &str)],
) -> Option<Relayed> {
    let accept = HeaderValue::from_static("application/json");
    let browser = browser(None);
    let response = client.relay(Method::GET, path, query, Some(&accept), None, &browser);
    response.await.ok()
}

/// Returns a member of Kratos' error, such as its `id` or `reason`.
pub(super) fn error_member(response: &Relayed, member: &str) -> Option<String> {
    let body: Value = serde_json::from_slice(&response.body).ok()?;
    Some(body["error"][member].as_str()?.to_owned())
}

/// Returns the URL that a response redirects to.
pub(super) fn location(response: &Relayed) -> Option<Url> {
    let location = response.headers.get(LOCATION)?;
    location.to_str().ok()?.parse().ok()
}

/// Returns a browser on this machine with these cookies.
pub(super) fn browser(cookies: Option<HeaderValue>) -> Browser {
    Browser {
        cookies,
        has_one_anti_csrf: false,
        user_agent: Some(HeaderValue::from_static("genkan doctor")),
        accept_language: None,
        traceparent: None,
        tracestate: None,
        request_id: None,
        language: Language("en"),
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
    }
}
