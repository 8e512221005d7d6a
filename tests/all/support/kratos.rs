//! A Kratos that answers what it is told to, and keeps what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::recording::Recording;

/// A fake Kratos on a port of its own. What it has no answer for is a 501, which Genkan takes for a broken Kratos.
#[derive(Debug, Clone)]
pub(crate) struct Kratos {
    url: String,
    script: Arc<Mutex<Script>>,
}

#[derive(Debug, Default)]
struct Script {
    rules: Vec<Rule>,
    received: Vec<Received>,
}

#[derive(Debug)]
struct Rule {
    method: Method,
    path: String,
    /// The parameters that the request has to have, among others.
    query: Vec<(String, String)>,
    answers: VecDeque<Answer>,
}

/// The id of no flow.
pub(crate) const NO_FLOW: &str = "00000000-0000-0000-0000-000000000000";

/// What a flow looks like that a test says nothing about but where its forms are posted.
const FIRST_FORMS: [(&str, &str); 5] = [
    ("/self-service/login", "login_init_200_unified"),
    (
        "/self-service/registration",
        "registration_init_200_legacy_one_step",
    ),
    ("/self-service/recovery", "recovery_init_200"),
    ("/self-service/verification", "verification_init_200"),
    ("/self-service/settings", "settings_init_200"),
];

impl Script {
    /// The flow of an id that no rule is about: as another one of its kind, or as Kratos begins it.
    fn any_flow(&self, received: &Received) -> Option<Answer> {
        let id = received.parameter("id").filter(|id| *id != NO_FLOW)?;
        let posted = received.path.strip_suffix("/flows")?;
        let is_of_kind = |rule: &&Rule| rule.method == Method::GET && rule.path == received.path;
        let rule = self.rules.iter().rev().find(is_of_kind);
        let (known, answer) = match rule {
            Some(rule) => {
                let (_, known) = rule.query.iter().find(|(name, _)| name == "id")?;
                (known.clone(), rule.answers.front()?.clone())
            }
            None => {
                let is_posted = |rule: &Rule| rule.method == Method::POST && rule.path == posted;
                let (_, name) = FIRST_FORMS.iter().find(|(path, _)| *path == posted)?;
                let flow = Recording::read(name);
                self.rules.iter().any(is_posted).then_some(())?;
                (flow.id(), Answer::from(flow))
            }
        };
        let Answer::Said {
            status,
            headers,
            body,
        } = answer
        else {
            return None;
        };
        let body = String::from_utf8(body.to_vec()).ok()?.replace(&known, id);
        Some(Answer::Said {
            status,
            headers,
            body: Bytes::from(body),
        })
    }
}

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether it is for a flow that there cannot be.
    fn asks_what_is_on(&self) -> bool {
        self.path.ends_with("/flows") && self.parameter("id") == Some(NO_FLOW)
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let (_, value) = self.query.iter().find(|(key, _)| key == name)?;
        Some(value)
    }

    /// The posted pairs, in order.
    pub(crate) fn pairs(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// The same, without the last, which Genkan adds.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        let mut pairs = self.pairs();
        let ours = pairs.pop();
        assert_eq!(
            ours.map(|(name, _)| name).as_deref(),
            Some("transient_payload")
        );
        pairs
    }

    /// The posted values of one name, in order.
    pub(crate) fn values(&self, name: &str) -> Vec<String> {
        let pairs = self.pairs().into_iter();
        pairs
            .filter_map(|(key, value)| (key == name).then_some(value))
            .collect()
    }
}

/// What Kratos does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Said {
        status: u16,
        headers: HeaderMap,
        body: Bytes,
    },
    /// Nothing, for longer than anybody waits.
    Silence,
    /// The beginning of an answer, and then the end of the connection.
    Torn,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json; charset=utf-8", &body.to_string())
    }

    pub(crate) fn text(status: u16, content_type: &'static str, body: &str) -> Self {
        Self::bytes(status, content_type, body.to_owned().into_bytes())
    }

    pub(crate) fn bytes(status: u16, content_type: &'static str, body: Vec<u8>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        Self::Said {
            status,
            headers,
            body: Bytes::from(body),
        }
    }

    /// A redirect, as a browser's own form gets it.
    pub(crate) fn redirect(to: &str) -> Self {
        Self::text(303, "text/html", "").with(LOCATION, to)
    }

    /// An error with no more to it than a status.
    pub(crate) fn error(status: u16) -> Self {
        Self::json(
            status,
            &json!({"error": {"code": status, "message": "made up"}}),
        )
    }

    /// What a limiter in front of Kratos says.
    pub(crate) fn too_many(seconds: &'static str) -> Self {
        Self::text(429, "text/plain", "slow down").with(RETRY_AFTER, seconds)
    }

    pub(crate) fn with(self, name: HeaderName, value: &str) -> Self {
        self.with_value(name, HeaderValue::from_str(value).unwrap())
    }

    pub(crate) fn with_value(mut self, name: HeaderName, value: HeaderValue) -> Self {
        if let Self::Said { headers, .. } = &mut self {
            headers.append(name, value);
        }
        self
    }

    pub(crate) fn with_cookie(self, cookie: &str) -> Self {
        self.with(SET_COOKIE, cookie)
    }
}

impl From<&Recording> for Answer {
    fn from(recording: &Recording) -> Self {
        let body = match recording.body() {
            Value::String(text) => text.clone(),
            json => json.to_string(),
        };
        Self::Said {
            status: recording.status(),
            headers: recording.headers(),
            body: Bytes::from(body),
        }
    }
}

impl From<Recording> for Answer {
    fn from(recording: Recording) -> Self {
        Self::from(&recording)
    }
}

/// A recording by its name.
impl From<&str> for Answer {
    fn from(name: &str) -> Self {
        Self::from(Recording::read(name))
    }
}

impl Kratos {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::default();
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&script));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, script }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Answers `route` ("GET /path?name=value") from now on.
    pub(crate) fn on(&self, route: &str, answer: impl Into<Answer>) -> &Self {
        self.on_each(route, [answer.into()])
    }

    /// Answers with each of these in turn, and then always with the last.
    pub(crate) fn on_each(&self, route: &str, answers: impl IntoIterator<Item = Answer>) -> &Self {
        let (method, target) = route.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let rule = Rule {
            method: method.parse().unwrap(),
            path: path.to_owned(),
            query: pairs(query),
            answers: answers.into_iter().collect(),
        };
        self.script.lock().unwrap().rules.push(rule);
        self
    }

    /// Has the flow of a recording, to be read. Says its id.
    pub(crate) fn has_flow(&self, kind: &str, recording: &str) -> String {
        self.has(kind, &Recording::read(recording))
    }

    pub(crate) fn has(&self, kind: &str, recording: &Recording) -> String {
        let id = recording.id();
        self.on(
            &format!("GET /self-service/{kind}/flows?id={id}"),
            recording,
        );
        id
    }

    /// Everything that was asked, in order, but for what [`Kratos::is_asked_what_is_on`] tells.
    pub(crate) fn received(&self) -> Vec<Received> {
        let mut all = self.script.lock().unwrap().received.clone();
        all.retain(|request| !request.asks_what_is_on());
        all
    }

    /// How often it was asked which flows are on, which is part of no browser's request.
    pub(crate) fn is_asked_what_is_on(&self) -> usize {
        let script = self.script.lock().unwrap();
        let all = script.received.iter();
        all.filter(|request| request.asks_what_is_on()).count()
    }

    /// What was asked of one route, in order.
    pub(crate) fn received_on(&self, method: &Method, path: &str) -> Vec<Received> {
        let all = self.received().into_iter();
        all.filter(|request| request.method == *method && request.path == path)
            .collect()
    }

    /// Answers nothing and has heard nothing, as in the beginning.
    pub(crate) fn forget(&self) {
        *self.script.lock().unwrap() = Script::default();
    }

    /// The one form that was posted.
    pub(crate) fn posted(&self) -> Received {
        let mut posts: Vec<_> = self.received();
        posts.retain(|request| request.method == Method::POST);
        assert_eq!(posts.len(), 1, "{posts:?}");
        posts.remove(0)
    }

    /// The one flow that was started.
    pub(crate) fn started(&self) -> Received {
        let mut starts: Vec<_> = self.received();
        starts.retain(|request| request.path.ends_with("/browser"));
        assert_eq!(starts.len(), 1, "{starts:?}");
        starts.remove(0)
    }
}

async fn answer(State(script): State<Arc<Mutex<Script>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let received = Received {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: pairs(parts.uri.query().unwrap_or_default()),
        headers: parts.headers,
        body: body.collect().await.unwrap().to_bytes(),
    };
    let answer = {
        let mut script = script.lock().unwrap();
        let fits = |rule: &&mut Rule| {
            rule.method == received.method
                && rule.path == received.path
                && rule.query.iter().all(|pair| received.query.contains(pair))
        };
        let rule = script.rules.iter_mut().rev().find(fits);
        let answer = rule.map(|rule| match rule.answers.len() {
            0 | 1 => rule.answers[0].clone(),
            _ => rule.answers.pop_front().unwrap(),
        });
        let answer = answer.or_else(|| script.any_flow(&received));
        script.received.push(received);
        answer
    };
    let answer = answer.unwrap_or_else(|| Answer::text(501, "text/plain", "not in the script"));
    let mut response = Response::new(Body::empty());
    match answer {
        Answer::Said {
            status,
            headers,
            body,
        } => {
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            *response.headers_mut() = headers;
            *response.body_mut() = Body::from(body);
        }
        Answer::Silence => std::future::pending().await,
        Answer::Torn => {
            *response.body_mut() = Body::new(Limited::new(Full::from(vec![b'{'; 64]), 16));
        }
    }
    response
}

fn pairs(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}
