//! Ory Hydra's admin API, as far as sign-ins, consents, devices and sign-outs need it:
//! <https://www.ory.sh/docs/hydra/reference/api>.
//!
//! Asked only where `HYDRA_ADMIN_URL` is set. A challenge is good for as long as Hydra says, also after it was answered: what
//! is final is the address that Hydra answers with, which counts once.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use reqwest::header::AUTHORIZATION;
use reqwest::{Method, StatusCode};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use url::Url;

use crate::config::Config;

const PATIENCE: Duration = Duration::from_secs(10);
/// More than any application has to say of itself.
const MAX_ANSWER: usize = 2 * 1024 * 1024;

/// Where Hydra keeps what it asks.
#[derive(Debug, Clone, Copy)]
struct Question {
    path: &'static str,
    /// Names the challenge, here and in the address that Hydra sends browsers to.
    parameter: &'static str,
}

/// The parameter that names what an application wants to be allowed.
pub const CONSENT_CHALLENGE: &str = "consent_challenge";
/// The parameter that names whose sign-out is asked for.
pub const LOGOUT_CHALLENGE: &str = "logout_challenge";

/// The parameter that names the sign-in that an application waits for.
const LOGIN_CHALLENGE: &str = "login_challenge";
/// The parameter that names the sign-in of a device.
pub const DEVICE_CHALLENGE: &str = "device_challenge";

const LOGIN: Question = Question {
    path: "admin/oauth2/auth/requests/login",
    parameter: LOGIN_CHALLENGE,
};
const DEVICE: Question = Question {
    path: "admin/oauth2/auth/requests/device",
    parameter: DEVICE_CHALLENGE,
};
/// Where Hydra ends its own sign-ins.
const SIGN_INS: &str = "admin/oauth2/auth/sessions/login";

const CONSENT: Question = Question {
    path: "admin/oauth2/auth/requests/consent",
    parameter: CONSENT_CHALLENGE,
};
const LOGOUT: Question = Question {
    path: "admin/oauth2/auth/requests/logout",
    parameter: LOGOUT_CHALLENGE,
};

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
    /// Hydra's own sign-in of the browser.
    #[serde(default)]
    pub login_session_id: Option<String>,
}

/// A sign-in that an application waits for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Login {
    pub client: Application,
    /// Hydra's own sign-in of the browser.
    #[serde(default)]
    pub session_id: Option<String>,
}

/// Which of Hydra's own sign-ins to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignIns<'a> {
    /// That of one browser, by Hydra's id.
    Of(&'a str),
    /// All of a person, by the id of the identity.
    All(&'a str),
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
    #[serde(default)]
    skip_logout_consent: Option<bool>,
}

/// A sign-out that somebody began elsewhere
/// (<https://openid.net/specs/openid-connect-rpinitiated-1_0.html>).
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct SignOut {
    /// Who is to be signed out: the id of an identity.
    pub subject: String,
    /// Who asks for it. `None` where nobody can say: without a token of theirs.
    #[serde(default)]
    pub client: Option<Application>,
}

/// Why Hydra has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The challenge is none, or too old.
    #[error("Hydra knows no such challenge")]
    Unknown,
    /// The request lacks something, or what was typed is wrong.
    #[error("Hydra finds the request wrong")]
    Refused,
    /// The challenge was answered before. Hydra names the way on, if it is an address of the web.
    #[error("the challenge was answered before")]
    Used(Option<Url>),
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
            .no_proxy()
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
        read(&self.ask(CONSENT, None, challenge, None).await?)
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
        self.answer(Verb::Accept, challenge, consent, &body).await
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
        self.answer(Verb::Reject, challenge, consent, &body).await
    }

    /// Whose sign-out is asked for with a challenge, and by whom.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn sign_out(&self, challenge: &str) -> Result<SignOut, Fault> {
        read(&self.ask(LOGOUT, None, challenge, None).await?)
    }

    /// Signs out of all applications. The way on is Hydra's, which ends where the application wants.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn accept_sign_out(&self, challenge: &str) -> Result<Url, Fault> {
        let answer = self.ask(LOGOUT, Some(Verb::Accept), challenge, None).await;
        // What was asked says nothing of Hydra's own origin.
        on_the_web(read(&answer?)?)
    }

    /// Returns the sign-in that an application waits for.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn login(&self, challenge: &str) -> Result<Login, Fault> {
        read(&self.ask(LOGIN, None, challenge, None).await?)
    }

    /// Accepts the code that a device shows, and returns the way on, which is Hydra's.
    ///
    /// # Errors
    /// [`Fault::Refused`] where no device waits with this code; see [`Fault`].
    pub async fn accept_device(&self, challenge: &str, code: &str) -> Result<Url, Fault> {
        let body = json!({"user_code": code});
        let answer = self.ask(DEVICE, Some(Verb::Accept), challenge, Some(&body));
        on_the_web(read(&answer.await?)?)
    }

    /// Ends Hydra's own sign-ins, so that the next application asks for a sign-in again.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn end_sign_ins(&self, which: SignIns<'_>) -> Result<(), Fault> {
        let (name, value) = match which {
            SignIns::Of(id) => ("sid", id),
            SignIns::All(subject) => ("subject", subject),
        };
        let url = self.url(SIGN_INS, None, (name, value));
        self.send(self.http.request(Method::DELETE, url)).await?;
        Ok(())
    }

    /// Leaves everybody signed in. The challenge is none from then on.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn reject_sign_out(&self, challenge: &str) -> Result<(), Fault> {
        let answer = self.ask(LOGOUT, Some(Verb::Reject), challenge, None).await;
        answer.map(|_| ())
    }

    /// The way on, which is Hydra's own: it leads nowhere else than where the application began.
    async fn answer(
        &self,
        verb: Verb,
        challenge: &str,
        consent: &Consent,
        body: &Value,
    ) -> Result<Url, Fault> {
        let answer = self.ask(CONSENT, Some(verb), challenge, Some(body)).await?;
        let Answered { redirect_to } = read(&answer)?;
        if redirect_to.origin() == consent.request_url.origin() {
            Ok(redirect_to)
        } else {
            Err(Fault::Broken("a way on to another origin".to_owned()))
        }
    }

    /// Reads a question, or answers it.
    async fn ask(
        &self,
        question: Question,
        verb: Option<Verb>,
        challenge: &str,
        body: Option<&Value>,
    ) -> Result<Bytes, Fault> {
        let url = self.url(question.path, verb, (question.parameter, challenge));
        let method = match verb {
            Some(Verb::Accept | Verb::Reject) => Method::PUT,
            None => Method::GET,
        };
        let mut request = self.http.request(method, url);
        if let Some(body) = body {
            let content = ("content-type", "application/json");
            request = request.header(content.0, content.1).body(body.to_string());
        }
        self.send(request).await
    }

    fn url(&self, path: &str, verb: Option<Verb>, parameter: (&str, &str)) -> Url {
        let mut url = self.admin.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty();
            segments.extend(path.split('/'));
            segments.extend(verb.map(Verb::name));
        }
        let (name, value) = parameter;
        url.query_pairs_mut().append_pair(name, value);
        url
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Bytes, Fault> {
        // Without the address, which holds the challenge.
        let unreachable =
            |error: reqwest::Error| Fault::Unreachable(error.without_url().to_string());
        let answer = request.send().await.map_err(unreachable)?;
        let status = answer.status();
        let body = Limited::new(reqwest::Body::from(answer), MAX_ANSWER)
            .collect()
            .await;
        let body = body.map_err(|_| Fault::Broken("an answer without measure".to_owned()))?;
        let body = body.to_bytes();
        match status {
            status if status.is_success() => Ok(body),
            StatusCode::BAD_REQUEST => Err(Fault::Refused),
            StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND => Err(Fault::Unknown),
            StatusCode::GONE => Err(Fault::Used(read(&body).and_then(on_the_web).ok())),
            status => Err(Fault::Broken(status.to_string())),
        }
    }
}

/// The way on, where a browser can go there.
fn on_the_web(Answered { redirect_to }: Answered) -> Result<Url, Fault> {
    if matches!(redirect_to.scheme(), "http" | "https") {
        Ok(redirect_to)
    } else {
        Err(Fault::Broken("a way on that no browser can go".to_owned()))
    }
}

fn read<T: DeserializeOwned>(answer: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(answer).map_err(|error| Fault::Broken(error.to_string()))
}

/// An answer to a question.
#[derive(Debug, Clone, Copy)]
enum Verb {
    Accept,
    Reject,
}

impl Verb {
    fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
        }
    }
}

impl SignOut {
    /// Whether nobody needs to be asked: the operator says so of the application.
    pub fn goes_without_saying(&self) -> bool {
        let client = self.client.as_ref();
        client.is_some_and(|client| client.skip_logout_consent == Some(true))
    }
}

impl Consent {
    /// What the application wants to be allowed, by OAuth2's names.
    pub fn scopes(&self) -> &[String] {
        self.requested_scope.as_deref().unwrap_or_default()
    }

    /// Returns the address with which the application began, for another sign-in, if it is one of
    /// the web.
    pub fn beginning(&self) -> Option<&Url> {
        let url = &self.request_url;
        matches!(url.scheme(), "http" | "https").then_some(url)
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
