//! A Kratos that answers what a real one answered once. It changes nothing and checks nothing.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use std::{fs, io};

use axum::Router;
use axum::extract::{Request, State as Shared};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::header::{CONTENT_TYPE, COOKIE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::states::{Said, State};

/// What the Kratos of the recordings (1.3.1) believed to be its own address.
pub(super) const RECORDED_KRATOS: &str = "http://127.0.0.1:4533";
/// What is said where a state does not say otherwise.
const SIGN_IN: &str = "1.3.1/login_init_200_unified";
const SCHEMAS: &str = "1.3.1/schemas_200";
/// What applications ask for, at the admin API of Ory Hydra, which hears nothing of sessions.
const CONSENT: &str = "made/consent";
const SIGN_OUT: &str = "hydra-admin/logout_get_200";
/// So long after a recovery a new password can be set, whenever the recording was made.
const PRIVILEGED: Duration = Duration::from_secs(15 * 60 + 30);

const PICTURE: &str = "data:image/png;base64,";
const BROWSERS: [&str; 4] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
];

/// The folder `tests/recordings`: `VERSION/NAME.json`, each one request and its answer.
#[derive(Debug)]
pub(super) struct Recordings(PathBuf);

/// A recorded answer.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Recordings {
    /// # Errors
    /// A sentence for who started the gallery, where the folder is not there.
    pub(super) fn open(folder: PathBuf) -> Result<Self, String> {
        if folder.is_dir() {
            Ok(Self(folder))
        } else {
            let folder = folder.display();
            Err(format!(
                "{folder}: no such folder. The gallery needs the recordings of a checkout"
            ))
        }
    }

    /// Reads one, each time anew: somebody may be working on it.
    ///
    /// # Errors
    /// A sentence with the name of the file.
    pub(super) fn read(&self, name: &str) -> Result<Recorded, String> {
        let path = self.0.join(format!("{name}.json"));
        let fault = |error: io::Error| format!("{}: {error}", path.display());
        let text = fs::read(&path).map_err(fault)?;
        let mut file: Value = serde_json::from_slice(&text).map_err(|it| fault(it.into()))?;
        let response = &mut file["response"];
        let status = response["status"]
            .as_u64()
            .and_then(|it| u16::try_from(it).ok());
        let mut body = response["json"].take();
        renew(&mut body);
        name_browsers(&mut body);
        Ok(Recorded {
            status: status.unwrap_or(500),
            body,
        })
    }
}

/// What the recordings leave out: times that only mean something as long as they are still to come, and a picture for an
/// authenticator app (this one is none).
#[expect(
    clippy::disallowed_methods,
    reason = "not what the program shows, but what is put before it"
)]
fn renew(body: &mut Value) {
    match body {
        Value::Array(items) => items.iter_mut().for_each(renew),
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), value.as_str()) {
                    ("privileged_session_expires_at", Some(_)) => {
                        let until = jiff::Timestamp::try_from(SystemTime::now() + PRIVILEGED);
                        *value = until.map_or(Value::Null, |until| json!(until.to_string()));
                    }
                    ("src", Some(src)) if src.starts_with(PICTURE) => {
                        let picture =
                            BASE64_STANDARD.encode(include_bytes!("../../public/gallery-qr.png"));
                        *value = json!(format!("{PICTURE}{picture}"));
                    }
                    _ => renew(value),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Gives each of several sessions another browser: the recordings know only the program that made them.
fn name_browsers(body: &mut Value) {
    let sessions = match body {
        Value::Array(items) => items.as_mut_slice(),
        one => std::slice::from_mut(one),
    };
    for (session, browser) in sessions.iter_mut().zip(BROWSERS.iter().cycle()) {
        let devices = session.get_mut("devices").and_then(Value::as_array_mut);
        for device in devices.into_iter().flatten() {
            device["user_agent"] = json!(browser);
        }
    }
}

/// What the routes know.
#[derive(Debug, Clone)]
struct Replay {
    recordings: Arc<Recordings>,
    session_cookie: String,
}

/// All that Genkan asks a Kratos.
pub(super) fn router(recordings: Arc<Recordings>, session_cookie: String) -> Router {
    Router::new().fallback(answer).with_state(Replay {
        recordings,
        session_cookie,
    })
}

async fn answer(Shared(replay): Shared<Replay>, request: Request) -> Response {
    let path = request.uri().path();
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let Some(state) = replay.state(request.headers()) else {
        return match *parts {
            ["schemas"] => replay.say(Said::Recorded(SCHEMAS)),
            ["admin", "oauth2", "auth", "requests", "consent"] => {
                replay.say(Said::Recorded(CONSENT))
            }
            ["admin", "oauth2", "auth", "requests", "logout"] => {
                replay.say(Said::Recorded(SIGN_OUT))
            }
            // What providers there are.
            ["self-service", "login", "browser"] => replay.say(Said::Recorded(SIGN_IN)),
            _ => nobody(),
        };
    };
    let said = match *parts {
        ["sessions", "whoami"] => state.session.map(Said::Recorded),
        ["sessions"] => state.sessions.map(Said::Recorded),
        ["self-service", _, "flows"] => return replay.flow(state),
        _ => state.answer,
    };
    said.map_or_else(nobody, |said| replay.say(said))
}

impl Replay {
    /// The state whose name the browser brings as its session.
    fn state(&self, headers: &HeaderMap) -> Option<&'static State> {
        let cookies = headers.get(COOKIE)?.to_str().ok()?;
        cookies
            .split("; ")
            .filter_map(|cookie| cookie.split_once('='))
            .filter(|(name, _)| *name == self.session_cookie)
            .find_map(|(_, name)| State::find(name))
    }

    fn say(&self, said: Said) -> Response {
        match said {
            Said::Recorded(name) => match self.recordings.read(name) {
                Ok(recorded) => json_of(recorded.status, recorded.body.to_string()),
                Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error).into_response(),
            },
            Said::Made(status, body) => {
                let mut response = json_of(status, body.to_owned());
                if status == StatusCode::TOO_MANY_REQUESTS {
                    let headers = response.headers_mut();
                    headers.insert(RETRY_AFTER, HeaderValue::from_static("30"));
                }
                response
            }
        }
    }

    /// The flow of a state. It is read, whatever it was an answer to.
    fn flow(&self, state: &State) -> Response {
        let Some(flow) = state.flow() else {
            return nobody();
        };
        match self.recordings.read(flow) {
            Ok(recorded) => json_of(200, recorded.body.to_string()),
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error).into_response(),
        }
    }
}

fn nobody() -> Response {
    let body = json!({"error": {"id": "session_inactive", "code": 401}});
    json_of(401, body.to_string())
}

fn json_of(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = HeaderValue::from_static("application/json");
    (status, [(CONTENT_TYPE, json)], body).into_response()
}
