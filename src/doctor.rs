//! `genkan doctor`: whether Kratos is set up for this Genkan, as its answers show it, and which key to change where it is
//! not. Changes nothing but that Kratos keeps a few flows more, and one failed sign-in of nobody.

mod cookies;
mod files;
mod report;
mod wiring;

use std::error::Error as StdError;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use http::header::{DATE, LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use serde::Deserialize;
use url::Url;

use self::cookies::Cookie;
use self::files::Files;
pub use self::report::Report;
use self::wiring::{COOKIES, RETURN_URL, SESSION, allowed, ui_url};
use crate::config::Config;
use crate::kratos::{ANTI_CSRF, Browser, Client, FlowKind, Language, Relayed};

/// The versions of Kratos that were tried.
const TRIED: [&str; 2] = ["v1.3.1", "v26.2.0"];
/// How far apart the clocks may be, in seconds. Codes are good for minutes.
const APART: i64 = 30;
/// For how long a mail may wait, in seconds.
const WAIT: i64 = 5 * 60;
/// An origin that no operator allows.
const NOWHERE: &str = "https://genkan-doctor.invalid/";

/// Whether this version of Kratos names the form for a mailed code only where a hook says so: 25.4 and later, which are named
/// after years.
fn needs_verification_hook(version: &str) -> bool {
    let major = version.trim_start_matches('v').split('.').next();
    let major = major.and_then(|major| major.parse::<u16>().ok());
    major.is_some_and(|major| major >= 25)
}

/// A flow, as far as it tells of the wiring.
#[derive(Debug, Deserialize)]
struct Sketch {
    ui: Ui,
}

#[derive(Debug, Deserialize)]
struct Ui {
    action: Url,
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    attributes: Attributes,
}

#[derive(Debug, Deserialize)]
struct Attributes {
    name: Option<String>,
    value: Option<serde_json::Value>,
}

/// An error of Kratos'.
#[derive(Debug, Deserialize)]
struct Refusal {
    error: Reason,
}

#[derive(Debug, Deserialize)]
struct Reason {
    /// For programs.
    id: Option<String>,
    /// For people.
    reason: Option<String>,
}

/// A mail that Kratos keeps.
#[derive(Debug, Deserialize)]
struct Mail {
    created_at: String,
}

#[derive(Debug, Deserialize)]
struct Version {
    version: String,
}

/// Whoever examines, and what at.
struct Doctor<'a> {
    config: &'a Config,
    kratos: Client,
    /// The version of the Kratos that runs, where it tells.
    version: Option<String>,
    report: Report,
}

/// Looks at everything that can be seen from here. `kratos_config` are the files of Kratos' `-c`, if they are at hand.
///
/// # Errors
/// Where the address of Kratos is missing, no TLS can be set up, or a file cannot be read. Faults of Kratos are in
/// the report.
pub async fn examine(
    config: &Config,
    kratos_config: &[PathBuf],
) -> Result<Report, Box<dyn StdError>> {
    let files = Files::read(kratos_config).map_err(|fault| format!("--kratos-config: {fault}"))?;
    let mut doctor = Doctor {
        config,
        kratos: Client::new(config.kratos_url()?, &config.public_url)?,
        version: None,
        report: Report::default(),
    };
    if doctor.kratos_is_there().await {
        doctor.base_url_and_form().await;
        for kind in FlowKind::all() {
            let start = doctor.report.len();
            doctor.ui_url(kind).await;
            doctor.report.about(start, &ui_url(kind.name()));
        }
        doctor.error_url().await;
        doctor.return_urls().await;
    }
    doctor.not_shown();
    doctor.behind_kratos().await?;
    doctor.hydra().await?;
    doctor.genkan().await?;
    if kratos_config.is_empty() {
        doctor.verification_hook();
    } else {
        let version = doctor.version.as_deref();
        wiring::examine(config, &files, version, &mut doctor.report);
    }
    for warning in &config.warnings {
        doctor.report.doubtful(warning);
    }
    Ok(doctor.report)
}

impl Doctor<'_> {
    async fn kratos_is_there(&mut self) -> bool {
        let Some(address) = self.config.kratos_url().ok() else {
            return false;
        };
        let address = without_user(address);
        let is_ready = self.kratos.is_ready().await;
        let whoami = ask(&self.kratos, &["sessions", "whoami"], &[]).await;
        let status = whoami.as_ref().map(|answer| answer.status);
        let is_public = is_ready && status == Some(StatusCode::UNAUTHORIZED);
        // The admin API leads on to below /admin, whatever it is asked.
        let leads_to = whoami
            .as_ref()
            .and_then(|answer| answer.headers.get(LOCATION));
        let is_admin = leads_to.is_some_and(|it| it.as_bytes().starts_with(b"/admin/"));
        let is_other = is_ready || is_admin;
        if is_public {
            self.report.right(format!("Kratos is ready at {address}"));
        } else if is_other {
            self.report.wrong(
                format!("{address} is not Kratos' public API"),
                "set KRATOS_PUBLIC_URL to it (`serve.public`, often port 4433; 4434 is the admin API)",
            );
        } else {
            self.report.wrong(
                format!("nobody at {address} says that Kratos is ready"),
                "set KRATOS_PUBLIC_URL to Kratos' public API (`serve.public`), and see whether Kratos runs",
            );
        }
        is_public
    }

    /// Where forms lead to, which cookies come, whether a form with them is taken, and what time it is there.
    async fn base_url_and_form(&mut self) {
        let Some(answer) = self.init(FlowKind::Login, &[]).await else {
            return;
        };
        let Some(flow) = sketch(&answer) else {
            let status = answer.status;
            self.report.wrong(
                format!("Kratos begins no sign-in (it answers {status})"),
                "see Kratos' log; `selfservice.methods` has to have a method that is enabled",
            );
            return;
        };
        let is_asked = |node: &Node| node.attributes.name.as_deref() != Some("csrf_token");
        if !flow.ui.nodes.iter().any(is_asked) {
            self.report.wrong(
                "Kratos has no way to sign in: its form is empty",
                "enable a method in `selfservice.methods`",
            );
        }
        let start = self.report.len();
        self.base_url(&flow.ui.action);
        self.report.about(start, "serve.public.base_url");
        self.clock(&answer.headers);
        // Others may come from what stands before Kratos.
        let mut cookies = answer.headers.get_all(SET_COOKIE).iter();
        let its_own = cookies.find_map(|it| {
            let cookie = it.to_str().ok()?;
            cookie.starts_with(ANTI_CSRF).then_some(cookie)
        });
        let Some(cookie) = its_own else {
            self.report.wrong(
                "Kratos sends no anti-CSRF cookie with a new flow",
                "see what stands between Genkan and Kratos: it has to let Set-Cookie pass",
            );
            return;
        };
        self.cookie(cookie);
        self.form(&flow, &answer.headers).await;
    }

    fn base_url(&mut self, action: &Url) {
        let browser = self.config.kratos_browser_url.as_ref();
        let public = self.config.public();
        let expected = browser.unwrap_or(&public);
        let base = base_of(action);
        if is_same(&base, expected) {
            self.report
                .right(format!("serve.public.base_url is {base}"));
            return;
        }
        let name = if browser.is_some() {
            "KRATOS_BROWSER_URL"
        } else {
            "PUBLIC_URL"
        };
        self.report.wrong(
            format!("serve.public.base_url is {base}, but {name} is {expected}"),
            format!(
                "set serve.public.base_url to {public}, so that browsers reach Kratos' paths through Genkan; or, where they reach Kratos by itself, KRATOS_BROWSER_URL to {base}",
            ),
        );
    }

    /// Whether browsers at Genkan's address keep the anti-CSRF cookie, and send it.
    fn cookie(&mut self, cookie: &str) {
        let start = self.report.len();
        let faults = Cookie::of_header(cookie).faults("cookies are", self.config);
        if faults.is_empty() {
            let public = self.config.public();
            self.report.right(format!(
                "browsers at {public} keep Kratos' anti-CSRF cookie"
            ));
        }
        for (what, mend) in faults {
            self.report.wrong(what, mend);
        }
        self.report.about(start, COOKIES);
    }

    fn clock(&mut self, headers: &HeaderMap) {
        let there = headers
            .get(DATE)
            .and_then(|date| date.to_str().ok())
            .and_then(|date| DateTimeParser::new().parse_timestamp(date).ok());
        match there.map(|there| there.as_second() - Timestamp::now().as_second()) {
            Some(apart) if apart.abs() > APART => self.report.wrong(
                format!("the clock of Kratos is {apart} seconds from the one here"),
                "set both by NTP: codes and flows end early or late otherwise",
            ),
            Some(_) => self.report.right("the clocks agree"),
            None => self.report.unknown("the clock of Kratos: it sends no date"),
        }
    }

    /// Sends a form as a browser would, with the cookies that came with it.
    async fn form(&mut self, flow: &Sketch, headers: &HeaderMap) {
        let token = flow.ui.nodes.iter().find_map(|node| {
            let attributes = &node.attributes;
            let is_token = attributes.name.as_deref() == Some("csrf_token");
            is_token.then_some(attributes.value.as_ref()?.as_str()?)
        });
        let id = flow
            .ui
            .action
            .query_pairs()
            .find(|(name, _)| name == "flow");
        let (Some(token), Some((_, id))) = (token, id) else {
            self.report
                .unknown("whether forms are taken: the flow has no token");
            return;
        };
        let cookies = headers.get_all(SET_COOKIE).iter();
        let pairs: Vec<&str> = cookies
            .filter_map(|cookie| cookie.to_str().ok()?.split(';').next())
            .collect();
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("csrf_token", token)
            .append_pair("method", "password")
            .append_pair("identifier", "genkan-doctor@example.invalid")
            .append_pair("password", "nobody has this one")
            .finish();
        let content_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        let cookies = HeaderValue::from_str(&pairs.join("; ")).ok();
        let answer = self
            .kratos
            .relay(
                Method::POST,
                &["self-service", "login"],
                &[("flow", &id)],
                Some(&HeaderValue::from_static("application/json")),
                Some((content_type, body.into())),
                &browser(cookies),
            )
            .await;
        let refused = answer.as_ref().ok().and_then(refusal).and_then(|it| it.id);
        match answer {
            Ok(_) if refused.as_deref() == Some("security_csrf_violation") => self.report.wrong(
                "Kratos does not know its own form again (security_csrf_violation)",
                "see what stands between Genkan and Kratos: cookies have to pass both ways; several Kratos need the same secrets.cookie",
            ),
            Ok(answer) if answer.status.is_server_error() => self.report.wrong(
                format!("Kratos fails at a form ({})", answer.status),
                "see Kratos' log",
            ),
            Ok(_) => self.report.right("Kratos takes forms (its anti-CSRF cookie goes both ways)"),
            Err(error) => self.report.wrong(error.to_string(), "see Kratos' log"),
        }
    }

    /// Where Kratos sends a browser that begins a flow.
    async fn ui_url(&mut self, kind: FlowKind) {
        let name = kind.name();
        let key = ui_url(name);
        let path = ["self-service", name, "browser"];
        let Some(answer) = self.get(&path, &[], false).await else {
            return;
        };
        let Some(shown) = location(&answer) else {
            let status = answer.status;
            self.report.unknown(format!(
                "{key}: Kratos answers {status}, so the flow may be off"
            ));
            return;
        };
        let expected = self.page(name);
        let is_alias = kind == FlowKind::Verification && is_at(&shown, &self.page("verify"));
        if is_at(&shown, &expected) || is_alias {
            self.report.right(format!("{key} is {expected}"));
        } else if is_at(&shown, &self.page("error")) {
            self.report.unknown(format!("{key}: the flow is off"));
        } else if kind == FlowKind::Settings
            && shown.path().ends_with("/self-service/login/browser")
        {
            self.report
                .unknown(format!("{key}: Kratos tells only who is signed in"));
        } else {
            let shown = plain(shown);
            self.report
                .wrong(format!("{key} is {shown}"), format!("set it to {expected}"));
        }
    }

    async fn error_url(&mut self) {
        let path = ["self-service", "login", "browser"];
        let Some(answer) = self.get(&path, &[("return_to", NOWHERE)], false).await else {
            return;
        };
        let expected = self.page("error");
        let start = self.report.len();
        match location(&answer) {
            Some(shown) if is_at(&shown, &expected) => {
                self.report
                    .right(format!("selfservice.flows.error.ui_url is {expected}"));
            }
            Some(shown) if is_at(&shown, &self.page("login")) => self.report.wrong(
                format!("a return_to may lead to any site: Kratos allowed {NOWHERE}"),
                "have selfservice.allowed_return_urls name your own origins only",
            ),
            Some(shown) => self.report.wrong(
                format!("selfservice.flows.error.ui_url is {}", plain(shown)),
                format!("set it to {expected}"),
            ),
            None => self
                .report
                .unknown("selfservice.flows.error.ui_url: Kratos does not lead there"),
        }
        self.report.about(start, &ui_url("error"));
    }

    /// Whether Kratos lets people come back to where Genkan lets them.
    async fn return_urls(&mut self) {
        let public = self.config.public();
        let mut wanted = vec![(root(&public).to_string(), public)];
        for origin in &self.config.allowed_return_origins {
            wanted.extend(origin.example().map(|url| (origin.to_string(), url)));
        }
        for (origin, url) in wanted {
            let (start, key) = (self.report.len(), allowed(&origin));
            let query = [("return_to", url.as_str())];
            let Some(answer) = self.init(FlowKind::Login, &query).await else {
                return;
            };
            let what = format!("selfservice.allowed_return_urls has {origin}");
            let refused = refusal(&answer).and_then(|it| it.id);
            if refused.as_deref() == Some("self_service_flow_return_to_forbidden") {
                self.report.wrong(
                    what.replace(" has ", " has not "),
                    format!("add {origin} to selfservice.allowed_return_urls"),
                );
            } else {
                self.report.right(what);
            }
            self.report.about(start, &key);
        }
    }

    /// What Kratos does not show without a session.
    fn not_shown(&mut self) {
        const FILES: &str = "--kratos-config reads it";
        let start = self.report.len();
        let name = &self.config.session_cookie;
        self.report
            .unknown(format!("{SESSION}.name: SESSION_COOKIE is {name}; {FILES}"));
        self.report.about(start, &format!("{SESSION}.name"));
        let start = self.report.len();
        self.report.unknown(format!(
            "{SESSION}.domain, path and same_site, where they are not those of cookies: {FILES}"
        ));
        self.report.about(start, SESSION);
        self.report.about(start, COOKIES);
        let start = self.report.len();
        self.report.unknown(format!(
            "{RETURN_URL}: it has to be {}, or an application of yours, or people land at what was there before; {FILES}",
            self.page("welcome")
        ));
        self.report.about(start, RETURN_URL);
    }

    fn admin(&self, admin: &Url) -> Result<Client, Box<dyn StdError>> {
        let token = self.config.ory_admin_api_token.as_ref();
        Client::of_admin(admin.clone(), &self.config.public_url, token)
    }

    /// Whether a sign-up needs a hook to show the form for its code. No API of Kratos tells its hooks.
    fn verification_hook(&mut self) {
        let version = self.version.as_deref();
        if let Some(version) = version.filter(|version| needs_verification_hook(version)) {
            self.report.unknown(format!(
                "whether a sign-up with Kratos {version} goes on to its mailed code: \
                 selfservice.flows.registration.after.METHOD.hooks needs `hook: show_verification_ui`; \
                 --kratos-config reads it"
            ));
        }
    }

    /// What only the admin API knows: the version, and whether mails go out.
    async fn behind_kratos(&mut self) -> Result<(), Box<dyn StdError>> {
        let Some(admin) = &self.config.kratos_admin_url else {
            self.report.unknown("the version of Kratos, and whether its mails go out: set KRATOS_ADMIN_URL (only the doctor asks there)");
            return Ok(());
        };
        let client = self.admin(admin)?;
        let admin = without_user(admin.clone());
        let version = ask(&client, &["admin", "version"], &[]).await;
        let version =
            version.and_then(|answer| serde_json::from_slice::<Version>(&answer.body).ok());
        let Some(Version { version }) = version else {
            self.report.wrong(
                format!("nobody at {admin} tells Kratos' version"),
                "set KRATOS_ADMIN_URL to Kratos' admin API (`serve.admin`), and let Genkan reach it",
            );
            return Ok(());
        };
        self.version = Some(version.clone());
        if TRIED.contains(&version.as_str()) {
            self.report.right(format!("Kratos is {version}"));
        } else {
            self.report.unknown(format!(
                "Kratos says that it is {version}; tried were {}",
                TRIED.join(" and ")
            ));
        }
        match mails(&client, "abandoned").await {
            Some(mails) if mails.is_empty() => self.report.right("no mail was given up"),
            Some(_) => self.report.wrong(
                "Kratos gave up mails that it could not deliver",
                "set courier.smtp.connection_uri to a mail server that takes them, and see Kratos' log",
            ),
            None => self.report.unknown("whether mails go out: Kratos does not list them"),
        }
        let (queued, begun) = (
            mails(&client, "queued").await,
            mails(&client, "processing").await,
        );
        let waiting = queued.zip(begun);
        let now = Timestamp::now();
        let is_late = |mail: &&Mail| {
            let created = mail.created_at.parse::<Timestamp>();
            created.is_ok_and(|it| now.as_second() - it.as_second() > WAIT)
        };
        match waiting.map(|(queued, begun)| queued.iter().chain(&begun).filter(is_late).count()) {
            Some(0) => self.report.right("no mail waits for long"),
            Some(late) => self.report.wrong(
                format!("mails wait for more than {} minutes ({late} of them)", WAIT / 60),
                "start one Kratos with --watch-courier, or `kratos courier watch`; where one runs, see its log",
            ),
            None => self.report.unknown("whether mails wait: Kratos does not list them"),
        }
        Ok(())
    }

    async fn hydra(&mut self) -> Result<(), Box<dyn StdError>> {
        let Some(admin) = &self.config.hydra_admin_url else {
            return Ok(());
        };
        let client = self.admin(admin)?;
        let admin = without_user(admin.clone());
        let mend = "set HYDRA_ADMIN_URL to Hydra's admin API (often port 4445), or leave it out";
        if !client.is_ready().await {
            self.report
                .wrong(format!("nobody at {admin} says that Hydra is ready"), mend);
            return Ok(());
        }
        // Its public API, and Kratos, are ready too, but do not know this.
        let clients = ask(&client, &["admin", "clients"], &[("page_size", "1")]).await;
        match clients.map(|answer| answer.status) {
            Some(StatusCode::OK) => self.report.right(format!("Hydra is ready at {admin}")),
            Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => self.report.wrong(
                format!("{admin} does not let Genkan in"),
                "set ORY_ADMIN_API_TOKEN to what stands before Hydra's admin API wants to hear",
            ),
            Some(status) if status.is_server_error() => self.report.wrong(
                format!("Hydra fails at {admin} ({status})"),
                "see Hydra's log",
            ),
            Some(_) | None => self
                .report
                .wrong(format!("{admin} is not Hydra's admin API"), mend),
        }
        self.hydra_behind_kratos().await;
        Ok(())
    }

    /// Whether Kratos asks Hydra about the sign-ins that applications begin.
    async fn hydra_behind_kratos(&mut self) {
        // What it says of a challenge that nobody gave out.
        let challenge = [("login_challenge", "genkan-doctor")];
        let asked = ask(
            &self.kratos,
            &["self-service", "login", "browser"],
            &challenge,
        )
        .await;
        let status = asked.as_ref().map(|answer| answer.status);
        let reason = asked.as_ref().and_then(refusal).and_then(|it| it.reason);
        let reason = reason.unwrap_or_default();
        let mend = "set oauth2_provider.url in Kratos to Hydra's admin API";
        if reason.contains("oauth2_provider.url") {
            self.report.wrong(
                "Kratos does not know of Hydra: it takes no sign-in that an application begins",
                mend,
            );
        } else if status.is_some_and(|status| status.is_server_error()) {
            self.report.wrong(
                format!("Kratos does not reach Hydra ({reason})"),
                format!("{mend}, and see Kratos' log"),
            );
        } else if status.is_some_and(|status| status.is_client_error()) {
            self.report
                .right("Kratos reaches the Hydra of oauth2_provider.url");
        } else {
            self.report
                .unknown("whether Kratos reaches Hydra: it says nothing of a made-up challenge");
        }
    }

    /// Whether browsers may find Genkan where it says it is.
    async fn genkan(&mut self) -> Result<(), Box<dyn StdError>> {
        let public = &self.config.public();
        let client = Client::of_this_machine(public.clone())?;
        match client.health("alive").await {
            Some(health) if health.is_genkan => {
                self.report.right(format!("Genkan answers at {public}"));
            }
            Some(_) => self.report.wrong(
                format!("what answers at {public} is not Genkan"),
                "have that address lead to Genkan, or set PUBLIC_URL to the address of Genkan",
            ),
            None => self.report.unknown(format!(
                "whether browsers find Genkan at {public}: it does not answer here, or is not started"
            )),
        }
        Ok(())
    }

    /// Begins a flow as Genkan does.
    async fn init(&mut self, kind: FlowKind, query: &[(&str, &str)]) -> Option<Relayed> {
        self.get(&["self-service", kind.name(), "browser"], query, true)
            .await
    }

    async fn get(&mut self, path: &[&str], query: &[(&str, &str)], json: bool) -> Option<Relayed> {
        let accept = if json {
            "application/json"
        } else {
            "text/html"
        };
        let accept = HeaderValue::from_static(accept);
        let answer = self
            .kratos
            .relay(
                Method::GET,
                path,
                query,
                Some(&accept),
                None,
                &browser(None),
            )
            .await;
        answer
            .map_err(|error| self.report.wrong(error.to_string(), "see Kratos' log"))
            .ok()
    }

    /// The address of a page of Genkan's.
    fn page(&self, name: &str) -> Url {
        page(self.config, name)
    }
}

/// The address of a page of Genkan's.
fn page(config: &Config, name: &str) -> Url {
    let mut url = config.public();
    url.set_path(&config.base().at(&format!("/{name}")));
    url
}

fn root(url: &Url) -> Url {
    let mut root = url.clone();
    root.set_path("/");
    root
}

/// The newest mails of a status.
async fn mails(client: &Client, status: &str) -> Option<Vec<Mail>> {
    let path = ["admin", "courier", "messages"];
    let answer = ask(client, &path, &[("status", status), ("page_size", "250")]).await?;
    serde_json::from_slice(&answer.body).ok()
}

async fn ask(client: &Client, path: &[&str], query: &[(&str, &str)]) -> Option<Relayed> {
    let accept = HeaderValue::from_static("application/json");
    let browser = browser(None);
    let asked = client.relay(Method::GET, path, query, Some(&accept), None, &browser);
    asked.await.ok()
}

/// One that is on this machine and has been nowhere.
fn browser(cookies: Option<HeaderValue>) -> Browser {
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

fn sketch(answer: &Relayed) -> Option<Sketch> {
    serde_json::from_slice(&answer.body).ok()
}

/// Why Kratos refused.
fn refusal(answer: &Relayed) -> Option<Reason> {
    let refusal: Refusal = serde_json::from_slice(&answer.body).ok()?;
    Some(refusal.error)
}

fn location(answer: &Relayed) -> Option<Url> {
    let location = answer.headers.get(LOCATION)?;
    location.to_str().ok()?.parse().ok()
}

/// What stands before Kratos' own path.
fn base_of(action: &Url) -> Url {
    let mut base = plain(action.clone());
    let own = base.path().find("/self-service/");
    let path = base.path()[..own.unwrap_or_default()].to_owned() + "/";
    base.set_path(&path);
    base
}

fn plain(mut url: Url) -> Url {
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// But for the slash at the end, which makes no difference.
fn is_same(one: &Url, other: &Url) -> bool {
    one.as_str().trim_end_matches('/') == other.as_str().trim_end_matches('/')
}

fn is_at(shown: &Url, page: &Url) -> bool {
    is_same(&plain(shown.clone()), page)
}

/// An address as it may be shown. Neither can fail: it is http or https.
fn without_user(mut address: Url) -> Url {
    let _ = address.set_username("");
    let _ = address.set_password(None);
    address
}

#[cfg(test)]
mod tests {
    use super::needs_verification_hook;

    #[test]
    fn versions_that_are_named_after_years_need_the_hook() {
        for (version, needs) in [
            ("v26.2.0", true),
            ("v25.4.0", true),
            ("v1.3.1", false),
            ("master", false),
            ("", false),
        ] {
            assert_eq!(needs_verification_hook(version), needs, "{version}");
        }
    }
}
