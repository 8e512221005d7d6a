//! Asking Kratos: one pooled HTTP client, JSON in, [`Outcome`] out, every `Set-Cookie` handed on.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::header::{
    self, ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName,
    HeaderValue, LOCATION, RETRY_AFTER, SET_COOKIE, USER_AGENT,
};
use http::{Method, StatusCode};
use metrics::{counter, histogram};
use reqwest::Request;
use tokio::sync::Mutex;
use url::Url;

use super::flow::{Flow, FlowId, FlowKind};
use super::form::{Form, Traits};
use super::outcome::{self, Ask, Head, Outcome, ToConfirm};
use super::schema::{self, Schema};
use super::session::SessionId;
use super::trace::Asked;
use super::value::Language;

/// A form is a few kilobytes; more than this is not Kratos, or not well.
const MAX_ANSWER: usize = 2 * 1024 * 1024;
/// More sign-ins than anybody looks through.
const MAX_SESSIONS: &str = "100";
/// Hashing takes up to three seconds, a look-up of leaked passwords that fails much longer; htmx waits 15.
const PATIENCE: Duration = Duration::from_secs(14);
const PATIENCE_CONNECT: Duration = Duration::from_secs(2);
/// Pages can be drawn without what is configuration.
const PATIENCE_CONFIGURATION: Duration = Duration::from_secs(1);
/// How long what is configuration, or the lack of it, is good for.
const CONFIGURATION_AGE: Duration = Duration::from_secs(5 * 60);

/// The id of no flow.
const NO_FLOW: &str = "00000000-0000-0000-0000-000000000000";

/// How the name of Kratos' anti-CSRF cookie begins.
pub const ANTI_CSRF: &str = "csrf_token_";
/// Says of a request for Kratos that it came through Genkan, as RFC 9110 §7.6.3 has it.
const VIA: HeaderValue = HeaderValue::from_static("1.1 genkan");
/// By what name a Genkan is called there.
const NAME: &[u8] = b"genkan";

const TOTAL: HeaderName = HeaderName::from_static("x-total-count");
const CLIENT: HeaderName = HeaderName::from_static("true-client-ip");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
/// Marks the answers to health probes that come from a Genkan: other programs have the same paths.
pub const GENKAN: HeaderName = HeaderName::from_static("x-genkan");

/// What Kratos is asked where the answer goes to the browser as it is, as answers are counted.
const RELAY: &str = "relay";

/// Lists what Kratos is asked, as answers are counted.
pub fn calls() -> impl Iterator<Item = &'static str> {
    let kind = FlowKind::Login;
    let asked = [
        Ask::Init(kind),
        Ask::Get(kind),
        Ask::Submit(kind),
        Ask::Whoami,
        Ask::Sessions,
        Ask::Revoke,
        Ask::LogoutInit,
        Ask::LogoutSubmit,
        Ask::Problem,
    ];
    asked.map(Ask::name).into_iter().chain([RELAY])
}

/// What of a browser's request Kratos may see. Nothing else of it is ever passed on.
#[derive(Debug, Clone)]
pub struct Browser {
    /// Kratos' own cookies, as one header. `None` where the browser sent none of them.
    pub cookies: Option<HeaderValue>,
    /// Whether there is one cookie by which Kratos can tell that a form comes from the browser that it was made for.
    pub has_one_anti_csrf: bool,
    pub user_agent: Option<HeaderValue>,
    pub accept_language: Option<HeaderValue>,
    /// W3C trace context.
    pub traceparent: Option<HeaderValue>,
    pub tracestate: Option<HeaderValue>,
    /// The number of the request in Genkan's log. Kratos does not see it.
    pub request_id: Option<HeaderValue>,
    /// The language of the page, in which its mails are to be.
    pub language: Language,
    /// The address of the browser, as Genkan believes it.
    pub address: IpAddr,
}

/// Whether a request is one that a Genkan made for a Kratos, and not for a browser.
pub fn is_of_genkan(headers: &HeaderMap) -> bool {
    let fields = headers.get_all(header::VIA).iter();
    let mut ways = fields.flat_map(|it| it.as_bytes().split(|byte| *byte == b','));
    ways.any(|way| {
        // A protocol, whose name not everybody leaves out, and who was asked by it. A comment may follow.
        let mut words = way
            .split(u8::is_ascii_whitespace)
            .filter(|it| !it.is_empty());
        words
            .nth(1)
            .is_some_and(|name| name.eq_ignore_ascii_case(NAME))
    })
}

/// What Kratos answered, and the cookies that go back to the browser, as they came and in order.
#[derive(Debug)]
pub struct Answer {
    pub outcome: Outcome,
    /// The addresses that this step has left to be confirmed.
    pub to_confirm: Vec<ToConfirm>,
    pub set_cookies: Vec<HeaderValue>,
}

/// An answer that goes to the browser as it is.
#[derive(Debug)]
pub struct Relayed {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: bytes::Bytes,
}

/// The answer to a health probe.
#[derive(Debug, Clone, Copy)]
pub struct Health {
    pub is_well: bool,
    /// Whether it comes from a Genkan, and not from another program with the same paths.
    pub is_genkan: bool,
}

/// Kratos could not be asked, did not answer in time, or answered without end.
#[derive(Debug, thiserror::Error)]
#[error("Kratos did not answer: {0}")]
pub struct Unreachable(String);

/// The public API of one Kratos.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    /// Where Kratos listens for Genkan, without a user.
    internal: Url,
    /// What it wants to hear: from the user in its address, or a token.
    authorization: Option<HeaderValue>,
    /// Where browsers believe Kratos to be: Genkan's own origin. Goes into the forwarding headers.
    public_host: HeaderValue,
    public_proto: HeaderValue,
    schemas: Arc<Mutex<Configured<Schema>>>,
    sign_in: Arc<Mutex<Configured<Flow>>>,
    switched_off: Arc<Mutex<Configured<FlowKind>>>,
}

/// A part of Kratos' configuration as last read. It is the same for everybody.
#[derive(Debug)]
struct Configured<T> {
    known: Arc<[T]>,
    read: Option<Instant>,
}

impl<T> Default for Configured<T> {
    fn default() -> Self {
        Self {
            known: Arc::from([]),
            read: None,
        }
    }
}

impl<T> Configured<T> {
    /// What is known, which is read first where that was not done lately. Who comes meanwhile waits here, at most as long
    /// as the one who asks.
    async fn get(
        this: &Mutex<Self>,
        read: impl Future<Output = Result<Vec<T>, Unreachable>>,
    ) -> Arc<[T]> {
        let mut this = this.lock().await;
        if this.read.is_none_or(|at| at.elapsed() > CONFIGURATION_AGE) {
            match read.await {
                Ok(known) => this.known = known.into(),
                Err(error) => tracing::warn!(%error, "Kratos' configuration cannot be read"),
            }
            this.read = Some(Instant::now());
        }
        Arc::clone(&this.known)
    }
}

fn http() -> reqwest::ClientBuilder {
    // Err means that another client was there first, with the same provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // What reqwest would try again is HTTP/2's alone, and for that it copies every request.
    let never = reqwest::retry::never().max_retries_per_request(0);
    reqwest::Client::builder()
        .retry(never)
        // Passwords go nowhere else, whatever HTTP_PROXY says.
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(PATIENCE_CONNECT)
        .timeout(PATIENCE)
}

impl Client {
    /// A client for the Kratos at `internal`, for browsers that come to `public`.
    ///
    /// # Errors
    /// Where no TLS can be set up, or `public` has a host that no header can hold.
    pub fn new(internal: Url, public: &Url) -> Result<Self, Box<dyn std::error::Error>> {
        Self::over(http().build()?, internal, public, None)
    }

    /// A client for what listens on this machine, under whatever name its certificate has.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn of_this_machine(url: Url) -> Result<Self, Box<dyn std::error::Error>> {
        let http = http().tls_danger_accept_invalid_certs(true).build()?;
        let public = url.clone();
        Self::over(http, url, &public, None)
    }

    /// A client for an admin API, which may want to hear an `Authorization`.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn of_admin(
        admin: Url,
        public: &Url,
        authorization: Option<&HeaderValue>,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        Self::over(http().build()?, admin, public, authorization)
    }

    fn over(
        http: reqwest::Client,
        internal: Url,
        public: &Url,
        authorization: Option<&HeaderValue>,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        // reqwest makes a header of a user in an address, here once for all requests.
        let request = http.get(internal).build()?;
        let of_user = request.headers().get(AUTHORIZATION);
        let authorization = of_user.or(authorization).cloned();
        let internal = request.url().clone();
        let authority = &public[url::Position::BeforeHost..url::Position::AfterPort];
        Ok(Self {
            http,
            internal,
            authorization,
            public_host: HeaderValue::from_str(authority)?,
            public_proto: HeaderValue::from_str(public.scheme())?,
            schemas: Arc::default(),
            sign_in: Arc::default(),
            switched_off: Arc::default(),
        })
    }

    /// Starts a flow. `query` is what Kratos is told about it, already checked by the caller.
    ///
    /// # Errors
    /// [`Unreachable`], as every method here.
    pub async fn init(
        &self,
        kind: FlowKind,
        query: &[(&str, &str)],
        browser: &Browser,
    ) -> Result<Answer, Unreachable> {
        let path = ["self-service", kind.name(), "browser"];
        self.ask(Ask::Init(kind), Method::GET, &path, query, None, browser)
            .await
    }

    /// Reads a flow.
    pub async fn get(
        &self,
        kind: FlowKind,
        id: FlowId,
        browser: &Browser,
    ) -> Result<Answer, Unreachable> {
        let path = ["self-service", kind.name(), "flows"];
        let query = [("id", &*id.to_string())];
        let answer = self
            .ask(Ask::Get(kind), Method::GET, &path, &query, None, browser)
            .await?;
        Ok(self.explained(answer).await)
    }

    /// Posts a form.
    pub async fn submit(
        &self,
        id: FlowId,
        form: &Form,
        browser: &Browser,
    ) -> Result<Answer, Unreachable> {
        let path = ["self-service", form.kind.name()];
        let query = [("flow", &*id.to_string())];
        let ask = Ask::Submit(form.kind);
        let answer = self
            .ask(ask, Method::POST, &path, &query, Some(form), browser)
            .await?;
        Ok(self.explained(answer).await)
    }

    /// Posts a form as a browser does. Kratos answers with the address to go on to, not with what
    /// happened. Kratos 1.3.1 tells only a browser the way back to an OAuth2 client.
    pub async fn submit_as_browser(
        &self,
        id: FlowId,
        form: &Form,
        browser: &Browser,
    ) -> Result<Answer, Unreachable> {
        let path = ["self-service", form.kind.name()];
        let query = [("flow", &*id.to_string())];
        let mut headers = self.headers(browser);
        headers.insert(ACCEPT, HeaderValue::from_static("text/html"));
        let ask = Ask::Submit(form.kind);
        let asked = Asked::begin(ask.name(), &mut headers);
        let question = Question::new(ask.name(), &Method::POST, &path, browser);
        let mut request = Request::new(Method::POST, self.url(&path, &query));
        *request.headers_mut() = headers;
        fill(&mut request, form, browser.language);
        timed(question, asked, self.hear(ask, request)).await
    }

    /// The form of a sign-in that nobody has begun, or none where Kratos does not tell: with it Kratos names every way
    /// there is.
    pub async fn sign_in(&self, browser: &Browser) -> Arc<[Flow]> {
        Configured::get(&self.sign_in, self.read_sign_in(browser)).await
    }

    async fn read_sign_in(&self, browser: &Browser) -> Result<Vec<Flow>, Unreachable> {
        let nobody = Browser {
            cookies: None,
            ..browser.clone()
        };
        let answer = self.init(FlowKind::Login, &[], &nobody).await?;
        if let Outcome::Form { flow, .. } = answer.outcome {
            Ok(vec![*flow])
        } else {
            Err(Unreachable("no form to sign in".to_owned()))
        }
    }

    /// The flows that Kratos has switched off. None of them where Kratos does not tell.
    pub async fn switched_off(&self) -> Arc<[FlowKind]> {
        Configured::get(&self.switched_off, self.read_switched_off()).await
    }

    /// Reads a flow of each kind that no flow has as its id: Kratos says first whether the kind is on, and makes nothing.
    async fn read_switched_off(&self) -> Result<Vec<FlowKind>, Unreachable> {
        use FlowKind::{Recovery, Registration, Verification};
        let (registration, recovery, verification) = tokio::try_join!(
            self.is_switched_off(Registration),
            self.is_switched_off(Recovery),
            self.is_switched_off(Verification),
        )?;
        let all = [
            (Registration, registration),
            (Recovery, recovery),
            (Verification, verification),
        ];
        let off = all.into_iter().filter(|(_, is_off)| *is_off);
        Ok(off.map(|(kind, _)| kind).collect())
    }

    async fn is_switched_off(&self, kind: FlowKind) -> Result<bool, Unreachable> {
        let path = ["self-service", kind.name(), "flows"];
        let request = self.in_nobodys_name(&path, &[("id", NO_FLOW)]);
        let request = request.header(ACCEPT, "application/json");
        let answer = request.timeout(PATIENCE_CONFIGURATION).send().await?;
        let head = Head {
            status: answer.status().as_u16(),
            ..Head::default()
        };
        let body = whole(answer).await?;
        Ok(outcome::read(Ask::Get(kind), &head, &body) == Outcome::Closed)
    }

    /// Who is signed in.
    pub async fn whoami(&self, browser: &Browser) -> Result<Answer, Unreachable> {
        let path = ["sessions", "whoami"];
        self.ask(Ask::Whoami, Method::GET, &path, &[], None, browser)
            .await
    }

    /// The sessions of this person on other devices: the latest hundred.
    ///
    /// Kratos counts pages from 0 in one place and from 1 in another, so that its second page is its first once more.
    pub async fn sessions(&self, browser: &Browser) -> Result<Answer, Unreachable> {
        let query = [("page_size", MAX_SESSIONS)];
        self.ask(
            Ask::Sessions,
            Method::GET,
            &["sessions"],
            &query,
            None,
            browser,
        )
        .await
    }

    /// Ends the session of another device. Kratos refuses to end that of this one.
    pub async fn revoke(&self, id: SessionId, browser: &Browser) -> Result<Answer, Unreachable> {
        let path = ["sessions", &*id.to_string()];
        self.ask(Ask::Revoke, Method::DELETE, &path, &[], None, browser)
            .await
    }

    /// Ends the sessions of all other devices.
    pub async fn revoke_others(&self, browser: &Browser) -> Result<Answer, Unreachable> {
        let path = ["sessions"];
        self.ask(Ask::Revoke, Method::DELETE, &path, &[], None, browser)
            .await
    }

    /// The token for a sign-out.
    pub async fn logout_init(&self, browser: &Browser) -> Result<Answer, Unreachable> {
        let path = ["self-service", "logout", "browser"];
        self.ask(Ask::LogoutInit, Method::GET, &path, &[], None, browser)
            .await
    }

    /// Signs out.
    pub async fn logout(&self, token: &str, browser: &Browser) -> Result<Answer, Unreachable> {
        let path = ["self-service", "logout"];
        let query = [("token", token)];
        self.ask(Ask::LogoutSubmit, Method::GET, &path, &query, None, browser)
            .await
    }

    /// The error that Kratos keeps under an id.
    pub async fn problem(&self, id: &str, browser: &Browser) -> Result<Answer, Unreachable> {
        let path = ["self-service", "errors"];
        self.ask(
            Ask::Problem,
            Method::GET,
            &path,
            &[("id", id)],
            None,
            browser,
        )
        .await
    }

    /// Whether Kratos says that it is ready to serve.
    pub async fn is_ready(&self) -> bool {
        self.health("ready").await.is_some_and(|it| it.is_well)
    }

    /// Asks a health path, `alive` or `ready`. `None` where there is no answer.
    pub async fn health(&self, what: &str) -> Option<Health> {
        let asked = self.in_nobodys_name(&["health", what], &[]);
        let answer = asked.timeout(PATIENCE_CONNECT).send().await.ok()?;
        Some(Health {
            is_well: answer.status().is_success(),
            is_genkan: answer.headers().contains_key(GENKAN),
        })
    }

    /// A question that no browser has asked.
    fn in_nobodys_name(&self, path: &[&str], query: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let authorization = self.authorization.iter().cloned();
        let headers = authorization.map(|value| (AUTHORIZATION, value)).collect();
        self.http.get(self.url(path, query)).headers(headers)
    }

    /// Hands a browser's own request on, and Kratos' answer back as it is. `accept` is the browser's.
    pub async fn relay(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        accept: Option<&HeaderValue>,
        body: Option<(HeaderValue, bytes::Bytes)>,
        browser: &Browser,
    ) -> Result<Relayed, Unreachable> {
        let mut headers = self.headers(browser);
        if let Some(accept) = accept {
            headers.insert(ACCEPT, accept.clone());
        }
        headers.insert(header::VIA, VIA);
        let asked = Asked::begin(RELAY, &mut headers);
        let question = Question::new(RELAY, &method, path, browser);
        let mut request = self
            .http
            .request(method, self.url(path, query))
            .headers(headers);
        if let Some((content_type, body)) = body {
            request = request.header(CONTENT_TYPE, content_type).body(body);
        }
        let relayed = async {
            let mut answer = request.send().await?;
            let status = answer.status();
            let headers = std::mem::take(answer.headers_mut());
            let body = whole(answer).await?.into();
            let relayed = Relayed {
                status,
                headers,
                body,
            };
            Ok((status, relayed))
        };
        timed(question, asked, relayed).await
    }

    async fn ask(
        &self,
        ask: Ask,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        form: Option<&Form>,
        browser: &Browser,
    ) -> Result<Answer, Unreachable> {
        let mut headers = self.headers(browser);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let asked = Asked::begin(ask.name(), &mut headers);
        let question = Question::new(ask.name(), &method, path, browser);
        let mut request = Request::new(method, self.url(path, query));
        *request.headers_mut() = headers;
        if let Some(form) = form {
            fill(&mut request, form, browser.language);
        }
        timed(question, asked, self.hear(ask, request)).await
    }

    async fn hear(&self, ask: Ask, request: Request) -> Result<(StatusCode, Answer), Unreachable> {
        let answer = self.http.execute(request).await?;
        let status = answer.status();
        let headers = answer.headers();
        let set_cookies = headers.get_all(SET_COOKIE).iter().cloned().collect();
        let head = Head {
            status: status.as_u16(),
            location: text(headers, LOCATION),
            retry_after: text(headers, RETRY_AFTER).and_then(|seconds| seconds.parse().ok()),
            total: text(headers, TOTAL).and_then(|count| count.parse().ok()),
        };
        let body = whole(answer).await?;
        let outcome = outcome::read(ask, &head, &body);
        if let Outcome::Broken(status) = outcome
            && !is_failure(status)
        {
            tracing::warn!(kratos.status = status, ?ask, "Kratos answered out of turn");
        }
        let answer = Answer {
            outcome,
            to_confirm: outcome::to_confirm(ask, &body),
            set_cookies,
        };
        Ok((status, answer))
    }

    /// The answer, with what the identity schema says about the traits of its form.
    async fn explained(&self, mut answer: Answer) -> Answer {
        if let Outcome::Form { flow, .. } = &mut answer.outcome {
            schema::gather_lists(flow);
            if schema::is_worth_asking(flow) {
                let schemas = Configured::get(&self.schemas, self.read_schemas()).await;
                schema::explain(flow, &schemas);
            }
        }
        answer
    }

    /// What is known of the traits that a form of a flow may hold.
    pub async fn traits(&self, flow: &Flow) -> Traits {
        if !matches!(flow.kind, FlowKind::Registration | FlowKind::Settings) {
            return Traits::default();
        }
        let schemas = Configured::get(&self.schemas, self.read_schemas()).await;
        schema::traits(flow, &schemas)
    }

    async fn read_schemas(&self) -> Result<Vec<Schema>, Unreachable> {
        let request = self.in_nobodys_name(&["schemas"], &[]);
        let answer = request.timeout(PATIENCE_CONFIGURATION).send().await?;
        let body = whole(answer.error_for_status()?).await?;
        let list = serde_json::from_slice(&body).map_err(|it| Unreachable(it.to_string()))?;
        Ok(Schema::read_all(&list))
    }

    fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.internal.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// The headers Kratos sees: the browser's, where it may, what Genkan itself has to say, and the forwarding ones made anew,
    /// because Kratos believes them all.
    fn headers(&self, browser: &Browser) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(10);
        let known = [
            (COOKIE, &browser.cookies),
            (USER_AGENT, &browser.user_agent),
            (ACCEPT_LANGUAGE, &browser.accept_language),
            (TRACEPARENT, &browser.traceparent),
            (TRACESTATE, &browser.tracestate),
            (AUTHORIZATION, &self.authorization),
        ];
        for (name, value) in known {
            if let Some(value) = value {
                headers.insert(name, value.clone());
            }
        }
        if let Ok(address) = HeaderValue::from_str(&browser.address.to_string()) {
            headers.insert(CLIENT, address.clone());
            headers.insert(FORWARDED_FOR, address);
        }
        headers.insert(FORWARDED_HOST, self.public_host.clone());
        headers.insert(FORWARDED_PROTO, self.public_proto.clone());
        headers
    }
}

/// What Kratos is asked, as the log may have it.
struct Question<'a> {
    call: &'static str,
    method: Method,
    path: &'a [&'a str],
    request_id: Option<&'a HeaderValue>,
}

impl<'a> Question<'a> {
    fn new(call: &'static str, method: &Method, path: &'a [&'a str], browser: &'a Browser) -> Self {
        Self {
            call,
            method: method.clone(),
            path,
            request_id: browser.request_id.as_ref(),
        }
    }

    /// Logs that Kratos answered with a 5xx.
    fn failed(&self, status: StatusCode) {
        let request_id = self.request_id.and_then(|id| id.to_str().ok());
        tracing::error!(
            kratos.status = status.as_u16(),
            method = %self.method,
            path = pattern(self.path),
            request.id = request_id,
            "Kratos failed"
        );
    }
}

/// A path without what belongs to one person: ids have digits, Kratos' own names have none.
fn pattern(path: &[&str]) -> String {
    let is_name = |part: &str| {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || b"-_.".contains(&byte);
        part.bytes().all(is_plain)
    };
    let parts = path
        .iter()
        .map(|part| if is_name(part) { part } else { "{}" });
    parts.flat_map(|part| ["/", part]).collect()
}

fn is_failure(status: u16) -> bool {
    (500..600).contains(&status)
}

/// Puts a form into a request as a form: Kratos then reads dotted names and numbers by the identity schema.
fn fill(request: &mut Request, form: &Form, language: Language) {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form.pairs(language))
        .finish();
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert(CONTENT_TYPE, kind);
    *request.body_mut() = Some(body.into());
}

/// Counts what Kratos was asked, how long it took, and whether it failed: by no answer, or by one that says so.
async fn timed<T>(
    question: Question<'_>,
    asked: Asked,
    answer: impl Future<Output = Result<(StatusCode, T), Unreachable>>,
) -> Result<T, Unreachable> {
    let began = Instant::now();
    let answer = answer.await;
    let failure = match &answer {
        Ok((status, _)) if status.is_server_error() => {
            question.failed(*status);
            Some("Kratos failed")
        }
        Ok(_) => None,
        Err(_) => Some("Kratos did not answer"),
    };
    asked.end(failure);
    let call = question.call;
    histogram!("genkan_kratos_duration_seconds", "call" => call).record(began.elapsed());
    if failure.is_some() {
        counter!("genkan_kratos_errors_total", "call" => call).increment(1);
    }
    answer.map(|(_, answer)| answer)
}

/// The body, as long as it is of a size that a form can have.
async fn whole(mut answer: reqwest::Response) -> Result<Vec<u8>, Unreachable> {
    let mut body = Vec::with_capacity(8 * 1024);
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(Unreachable(format!("more than {MAX_ANSWER} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

impl From<reqwest::Error> for Unreachable {
    /// Without the address, which may hold a flow id or a token.
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let mut said = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            said.push_str(": ");
            said.push_str(&inner.to_string());
            cause = inner.source();
        }
        Self(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_has_the_pattern_of_a_path_and_no_id() {
        let id = "9f425a8d-7efc-4768-8f23-7647a74fdf13";
        for (path, expected) in [
            (["sessions", id].as_slice(), "/sessions/{}"),
            (&["self-service", "login"], "/self-service/login"),
            (
                &[".well-known", "ory", "webauthn.js"],
                "/.well-known/ory/webauthn.js",
            ),
            (&["callback", "Evil\nline"], "/callback/{}"),
            (&[], ""),
        ] {
            assert_eq!(pattern(path), expected);
        }
    }
}
