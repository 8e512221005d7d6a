//! Ory Hydra's admin API, as far as a consent needs it: <https://www.ory.sh/docs/hydra/reference/api>.
//!
//! Asked only where `HYDRA_ADMIN_URL` is set. A challenge is good for as long as Hydra says, also after it was answered: what
//! is final is the address that Hydra answers with, which counts once.

use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use reqwest::header::AUTHORIZATION;
use reqwest::{Method, StatusCode};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use url::Url;

use crate::config::Config;

const PATIENCE: Duration = Duration::from_secs(10);
/// More than any application has to say of itself.
const MAX_ANSWER: usize = 2 * 1024 * 1024;
const REQUESTS: &str = "admin/oauth2/auth/requests/consent";

/// Where Hydra is.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    admin: Url,
    /// How long a consent that is to be remembered is good for. 0 is for ever.
    remember_for: Duration,
    /// The ids of the operator's own applications.
    trusted: Vec<String>,
}

/// What an application asks somebody for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Consent {
    /// Who is asked: the id of an identity.
    pub subject: String,
    pub client: Application,
    #[serde(default)]
    requested_scope: Option<Vec<String>>,
    #[serde(default)]
    requested_access_token_audience: Option<Vec<String>>,
    /// Whether the same was granted before, and remembered.
    #[serde(default)]
    skip: Option<bool>,
    /// Where the application began, on Hydra's public origin.
    #[serde(deserialize_with = "url")]
    request_url: Url,
}

/// Who asks. Whatever an application says of itself: only ever shown as text.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Application {
    #[serde(rename = "client_id")]
    id: String,
    #[serde(default, rename = "client_name")]
    name: Option<String>,
    #[serde(default)]
    client_uri: Option<String>,
    #[serde(default)]
    policy_uri: Option<String>,
    #[serde(default)]
    tos_uri: Option<String>,
    #[serde(default)]
    skip_consent: Option<bool>,
}

/// Why Hydra has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The challenge is none, or too old.
    #[error("Hydra knows no such challenge")]
    Unknown,
    #[error("Hydra could not be reached: {0}")]
    Unreachable(String),
    #[error("Hydra answered with something that is no answer: {0}")]
    Broken(String),
}

#[derive(Deserialize)]
struct Answered {
    #[serde(deserialize_with = "url")]
    redirect_to: Url,
}

impl Client {
    /// A client for the Hydra of a configuration, or none where it has none.
    ///
    /// # Errors
    /// Where no TLS can be set up.
    pub fn new(config: &Config) -> Result<Option<Self>, Box<dyn std::error::Error>> {
        let Some(admin) = config.hydra_admin_url.clone() else {
            return Ok(None);
        };
        // Err means that another client was there first, with the same provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let token = config.ory_admin_api_token.clone();
        let headers = token.map(|value| (AUTHORIZATION, value));
        let http = reqwest::Client::builder()
            .default_headers(headers.into_iter().collect())
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()?;
        Ok(Some(Self {
            http,
            admin,
            remember_for: Duration::from_secs(config.remember_consent_session_for_seconds),
            trusted: config.trusted_client_ids.clone(),
        }))
    }

    /// What is asked for with a challenge.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn consent(&self, challenge: &str) -> Result<Consent, Fault> {
        self.ask(Method::GET, REQUESTS, challenge, None).await
    }

    /// Whether nobody needs to be asked: it was granted before, or the application is the operator's own.
    pub fn goes_without_saying(&self, consent: &Consent) -> bool {
        consent.skip == Some(true)
            || consent.client.skip_consent == Some(true)
            || self.trusted.contains(&consent.client.id)
    }

    /// Grants all that is asked for, with what is to be told of the person.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn accept(
        &self,
        challenge: &str,
        consent: &Consent,
        claims: Map<String, Value>,
        remember: bool,
    ) -> Result<Url, Fault> {
        let body = json!({
            "grant_scope": consent.scopes(),
            "grant_access_token_audience": consent.requested_access_token_audience,
            "remember": remember,
            "remember_for": self.remember_for.as_secs(),
            "session": {"id_token": claims},
        });
        self.answer("accept", challenge, consent, &body).await
    }

    /// Refuses.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn reject(&self, challenge: &str, consent: &Consent) -> Result<Url, Fault> {
        let body = json!({
            "error": "access_denied",
            "error_description": "The resource owner denied the request",
            "status_code": StatusCode::FORBIDDEN.as_u16(),
        });
        self.answer("reject", challenge, consent, &body).await
    }

    /// The way on, which is Hydra's own: it leads nowhere else than where the application began.
    async fn answer(
        &self,
        verb: &str,
        challenge: &str,
        consent: &Consent,
        body: &Value,
    ) -> Result<Url, Fault> {
        let path = format!("{REQUESTS}/{verb}");
        let Answered { redirect_to } = self.ask(Method::PUT, &path, challenge, Some(body)).await?;
        if redirect_to.origin() == consent.request_url.origin() {
            Ok(redirect_to)
        } else {
            Err(Fault::Broken("a way on to another origin".to_owned()))
        }
    }

    async fn ask<T: for<'de> Deserialize<'de>>(
        &self,
        method: Method,
        path: &str,
        challenge: &str,
        body: Option<&Value>,
    ) -> Result<T, Fault> {
        let mut url = self.admin.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.split('/'));
        }
        url.query_pairs_mut()
            .append_pair("consent_challenge", challenge);
        let mut request = self.http.request(method, url);
        if let Some(body) = body {
            let content = ("content-type", "application/json");
            request = request.header(content.0, content.1).body(body.to_string());
        }
        // Without the address, which holds the challenge.
        let unreachable =
            |error: reqwest::Error| Fault::Unreachable(error.without_url().to_string());
        let answer = request.send().await.map_err(unreachable)?;
        let status = answer.status();
        if matches!(
            status,
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND
        ) {
            return Err(Fault::Unknown);
        }
        if !status.is_success() {
            return Err(Fault::Broken(status.to_string()));
        }
        let body = Limited::new(reqwest::Body::from(answer), MAX_ANSWER)
            .collect()
            .await;
        let body = body.map_err(|_| Fault::Broken("an answer without measure".to_owned()))?;
        let body = body.to_bytes();
        serde_json::from_slice(&body).map_err(|error| Fault::Broken(error.to_string()))
    }
}

impl Consent {
    /// What the application wants to be allowed, by OAuth2's names.
    pub fn scopes(&self) -> &[String] {
        self.requested_scope.as_deref().unwrap_or_default()
    }
}

impl Application {
    /// The name that it goes by, or its id.
    pub fn name(&self) -> &str {
        let name = self.name.as_deref().map(str::trim);
        name.filter(|name| !name.is_empty()).unwrap_or(&self.id)
    }

    /// The host of its site.
    pub fn host(&self) -> Option<String> {
        Some(http(self.client_uri.as_deref())?.host_str()?.to_owned())
    }

    /// Its privacy notice.
    pub fn policy(&self) -> Option<Url> {
        http(self.policy_uri.as_deref())
    }

    /// Its terms of service.
    pub fn terms(&self) -> Option<Url> {
        http(self.tos_uri.as_deref())
    }
}

fn url<'de, D: Deserializer<'de>>(from: D) -> Result<Url, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map_err(D::Error::custom)
}

/// An address that a link may lead to.
fn http(text: Option<&str>) -> Option<Url> {
    let url = Url::parse(text?).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(url)
}
