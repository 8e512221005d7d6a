//! Every setting, from a flag or the environment. Names are those of Ory's reference UI where it has one.

mod reading;
mod warnings;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;
use std::{fmt, thread};

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{Parser, Subcommand, ValueEnum};
use http::{HeaderName, HeaderValue};
use ipnet::IpNet;
use percent_encoding::percent_decode_str;
use tracing_subscriber::filter::{LevelFilter, ParseError, Targets};
use url::{Host, Url};

use crate::base::Base;
use crate::brand::{Address, Brand, File, has_user};
use crate::forwarded::network;
use crate::i18n::{Catalogue, Locale};
use crate::limit::{Rate, Rates};
use crate::net::connections::ConnectionLimiter;
use crate::net::tls::{self, CertificateFiles};
use crate::origin::ReturnOrigin;

pub use self::reading::Faults;

/// More cores than any machine has.
const MAX_THREADS: usize = 1024;

/// What one setting names several of. By another name than `Vec`, for which clap would take each item for a value of its own
/// and stop at the first that is wrong.
type List<T> = Vec<T>;

/// Genkan, the self-service front door for Ory Kratos.
#[derive(Debug, Clone, Parser)]
#[command(version, about)]
pub struct Config {
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Where Kratos' public API listens for Genkan, e.g. `http://kratos:4433`.
    #[arg(long, env, value_parser = http_url)]
    pub kratos_public_url: Option<Url>,

    /// The same under another name, as the reference UI has it. Used where the first is not set.
    #[arg(long, env, value_parser = http_url)]
    pub ory_sdk_url: Option<Url>,

    /// Kratos' admin API, for `genkan doctor` alone: pages never ask there.
    #[arg(long, env, value_parser = http_url)]
    pub kratos_admin_url: Option<Url>,

    /// Where browsers believe Kratos' public API to be: its `serve.public.base_url`. Genkan's own address if not set.
    #[arg(long, env, value_parser = http_url)]
    pub kratos_browser_url: Option<Url>,

    /// Where Ory Hydra's admin API listens, where applications sign in by it: turns the consent screen on, and the sign-outs that they begin.
    #[arg(long, env, value_parser = http_url)]
    pub hydra_admin_url: Option<Url>,

    /// What the admin APIs of Kratos and Hydra want to hear before they answer, as on the Ory Network: a bearer's token.
    #[arg(long, env, value_parser = bearer)]
    pub ory_admin_api_token: Option<HeaderValue>,

    /// Applications of your own, comma-separated ids of Hydra's clients: nobody is asked for a consent to these.
    #[arg(long, env, value_parser = list(said), default_value = "", hide_default_value = true)]
    pub trusted_client_ids: List<String>,

    /// For so many seconds a consent is remembered, if somebody wants that. 0 is for ever.
    #[arg(long, env, value_parser = number::<u64>, default_value_t = 3600)]
    pub remember_consent_session_for_seconds: u64,

    /// Where browsers find Genkan.
    #[arg(long, env, value_parser = http_url, default_value = "http://localhost:3000")]
    pub public_url: Url,

    /// The path below which Genkan is served, where it shares its origin with others, e.g. `/auth`. That of `PUBLIC_URL` if not
    /// set.
    #[arg(long, env)]
    pub base_path: Option<Base>,

    /// The address to listen on.
    #[arg(long, env, value_parser = ip, default_value = "127.0.0.1")]
    pub host: IpAddr,

    /// The port to listen on.
    #[arg(long, env, value_parser = port, default_value_t = 3000)]
    pub port: u16,

    /// How many threads draw pages. One for four cores if not set: Kratos takes four times as much.
    #[arg(long, env, value_parser = threads)]
    pub threads: Option<usize>,

    /// A certificate with its chain, as PEM, for browsers that come to Genkan itself. Read anew when it changes.
    #[arg(long, env, value_parser = path())]
    pub tls_cert_path: Option<PathBuf>,

    /// The key of that certificate, as PEM.
    #[arg(long, env, value_parser = path())]
    pub tls_key_path: Option<PathBuf>,

    /// The name of the service, in titles and at the top of each page.
    #[arg(long, env, default_value = "Genkan")]
    pub project_name: String,

    /// The language of those whose browser asks for none that there is: ja or en.
    #[arg(long, env, default_value = "ja")]
    pub default_lang: Locale,

    /// A folder with your own texts, `ja/*.ftl` and `en/*.ftl`. They go before those in the program, key by key.
    #[arg(long, env, value_parser = path())]
    pub locales_dir: Option<PathBuf>,

    /// Your own style sheet (.css), after Genkan's. What stands in `@layer brand` wins over all of it.
    #[arg(long, env, value_parser = path())]
    pub brand_css: Option<PathBuf>,

    /// Your logo (.svg, .png, .webp), in place of the name at the top of each page.
    #[arg(long, env, value_parser = path())]
    pub logo: Option<PathBuf>,

    /// Your icon for the browser's tabs (.svg, .png, .webp, .ico).
    #[arg(long, env, value_parser = path())]
    pub favicon: Option<PathBuf>,

    /// Your privacy notice, linked at the foot of each page: an address, or a path on Genkan's origin.
    #[arg(long, env)]
    pub privacy_url: Option<Address>,

    /// Your terms of service, linked in the same way.
    #[arg(long, env)]
    pub terms_url: Option<Address>,

    /// Where people find help, linked in the same way and from errors.
    #[arg(long, env)]
    pub help_url: Option<Address>,

    /// Further origins that a `return_to` may lead to, comma-separated, e.g. `https://app.example`, or `https://*.apps.example` for
    /// all subdomains.
    #[arg(long, env, value_parser = list(origin), default_value = "", hide_default_value = true)]
    pub allowed_return_origins: List<ReturnOrigin>,

    /// The name of Kratos' session cookie (`session.cookie.name`).
    #[arg(long, env, default_value = "ory_kratos_session")]
    pub session_cookie: String,

    /// The shortest password Kratos takes (`password.config.min_password_length`); said beside the field.
    #[arg(long, env, value_parser = number::<u16>, default_value_t = 8)]
    pub password_min_length: u16,

    /// For so many seconds after a code was mailed no other is sent for the same errand. 0 sends at once.
    #[arg(long, env, value_parser = number::<u16>, default_value_t = 30)]
    pub resend_cool_down: u16,

    /// The proxies in front of Genkan, comma-separated addresses and networks, e.g. `10.0.0.0/8`: only what they say in
    /// X-Forwarded-For about where a browser is gets believed.
    #[arg(long, env, value_parser = list(network), default_value = "", hide_default_value = true)]
    pub trusted_proxies: List<IpNet>,

    /// For one address: new flows, and looks at the error page. `300/m` is 300 at once, and as many in a minute; `s` and `h`
    /// are seconds and hours, `0` is no limit.
    #[arg(long, env, default_value = "300/m")]
    pub limit_flows: Rate,

    /// For one address: all forms of flows, and links from mails.
    #[arg(long, env, default_value = "120/m")]
    pub limit_attempts: Rate,

    /// For one address: codes and links that are mailed.
    #[arg(long, env, default_value = "60/m")]
    pub limit_sends: Rate,

    /// For one address and one account: passwords, and codes that are typed.
    #[arg(long, env, default_value = "10/m")]
    pub limit_account_attempts: Rate,

    /// For one address and one account: codes and links that are mailed.
    #[arg(long, env, default_value = "20/h")]
    pub limit_account_sends: Rate,

    /// For one account, from wherever they are asked for: codes and links that are mailed.
    #[arg(long, env, default_value = "200/h")]
    pub limit_account_sends_everywhere: Rate,

    /// For one session and one account: codes of an authenticator app, and backup codes.
    #[arg(long, env, default_value = "30/h")]
    pub limit_second_factors: Rate,

    /// For one address that is not one of `TRUSTED_PROXIES`: connections that are open at once. For one more the connection that
    /// has been silent longest is closed. 0 is no limit.
    #[arg(long, env, value_parser = number::<usize>, default_value_t = 512)]
    pub limit_connections: usize,

    /// Where Prometheus asks for what is counted, at `/metrics`, e.g. `127.0.0.1:9464`. Nothing is counted if it is not set.
    #[arg(long, env, value_parser = socket)]
    pub metrics_address: Option<SocketAddr>,

    /// Where a collector takes OpenTelemetry's traces by OTLP over HTTP, e.g. `http://127.0.0.1:4318`. No trace if it is not set.
    #[arg(long, env, value_parser = http_url)]
    pub otel_exporter_otlp_endpoint: Option<Url>,

    /// The name of Genkan in traces.
    #[arg(long, env, default_value = "genkan")]
    pub otel_service_name: String,

    /// How the log is written: as lines for people (`text`), or as JSON for machines (`json`).
    #[arg(long, env, default_value = "text")]
    pub log_format: LogFormat,

    /// What is logged: `error`, `warn`, `info`, `debug` or `trace`, also for each part of the program, as in `warn,genkan=debug`.
    #[arg(long, env, value_parser = log, default_value = "info")]
    pub rust_log: Targets,

    /// For development: the mail catcher, linked from the screens that wait for a code.
    #[arg(long, env, value_parser = http_url)]
    pub mail_catcher_url: Option<Url>,

    /// What is doubtful about all this, in sentences for the operator.
    #[arg(skip)]
    pub warnings: Vec<String>,
}

/// How a line of the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// What the program can do besides serving.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Says whether all settings are right, and ends. What it finds is what keeps Genkan from starting.
    CheckConfig,
    /// Looks whether Kratos is set up for this Genkan, and says which of its keys to change. Ends with 1 where one is wrong.
    Doctor {
        /// Kratos' own configuration (YAML or JSON), for what Kratos does not show. Given several times, in the order of
        /// Kratos' `-c`, later files win.
        #[arg(long, value_parser = path())]
        kratos_config: Vec<PathBuf>,
    },
    /// Asks the Genkan that listens on HOST and PORT whether it is ready, for container health checks.
    Health,
    /// Serves every screen in every state, with no Kratos, at /gallery. For designers, translators and tests, never for
    /// production.
    Gallery {
        /// Where the recordings of a checkout are.
        #[arg(long, default_value = "tests/recordings")]
        recordings: PathBuf,
    },
}

impl Config {
    /// What is wrong although each value could be read, each with the settings that it is about.
    fn faults(&self) -> Vec<(&'static [&'static str], String)> {
        let mut faults: Vec<(&[&str], String)> = Vec::new();
        // What is shown needs no Kratos, and what asks for health knows where.
        if self.command.as_ref().is_none_or(Command::needs_kratos) {
            const ABOUT: [&str; 4] = ["KRATOS_PUBLIC_URL", "ORY_SDK_URL", "HOST", "PORT"];
            match self.kratos_url() {
                Ok(kratos) if self.is_own(&kratos) => {
                    let name = if self.kratos_public_url.is_some() {
                        "KRATOS_PUBLIC_URL"
                    } else {
                        "ORY_SDK_URL"
                    };
                    let fault = "this is where Genkan itself listens (HOST and PORT), not Kratos";
                    faults.push((&ABOUT, format!("{name}: {fault}")));
                }
                Ok(_) => {}
                Err(fault) => faults.push((&ABOUT[..2], fault)),
            }
        }
        for (about, address, beyond) in [
            (
                &["PUBLIC_URL"],
                Some(&self.public_url),
                beyond_path as fn(&Url) -> Option<&'static str>,
            ),
            (
                &["KRATOS_BROWSER_URL"],
                self.kratos_browser_url.as_ref(),
                beyond_path,
            ),
            (
                &["OTEL_EXPORTER_OTLP_ENDPOINT"],
                self.otel_exporter_otlp_endpoint.as_ref(),
                beyond_path,
            ),
            (
                &["KRATOS_PUBLIC_URL"],
                self.kratos_public_url.as_ref(),
                beyond_host,
            ),
            (&["ORY_SDK_URL"], self.ory_sdk_url.as_ref(), beyond_host),
            (
                &["KRATOS_ADMIN_URL"],
                self.kratos_admin_url.as_ref(),
                beyond_host,
            ),
            (
                &["HYDRA_ADMIN_URL"],
                self.hydra_admin_url.as_ref(),
                beyond_host,
            ),
            (
                &["MAIL_CATCHER_URL"],
                self.mail_catcher_url.as_ref(),
                user_of,
            ),
        ] {
            if let Some(part) = address.and_then(beyond) {
                let fault = format!("{}: an address without {part} is needed", about[0]);
                faults.push((about, fault));
            }
        }
        match (&self.base_path, self.public_url.path().parse::<Base>()) {
            (_, Err(fault)) => faults.push((&["PUBLIC_URL"], format!("PUBLIC_URL: {fault}"))),
            (Some(base), Ok(path)) if path != Base::default() && path != *base => faults.push((
                &["BASE_PATH", "PUBLIC_URL"],
                format!("BASE_PATH is {base}, but the path of PUBLIC_URL is {path}"),
            )),
            (Some(_) | None, Ok(_)) => {}
        }
        let is_taken = |metrics: SocketAddr| {
            metrics.port() == self.port && self.port != 0 && is_shared(metrics.ip(), self.host)
        };
        if self.metrics_address.is_some_and(is_taken) {
            let fault = "METRICS_ADDRESS is where HOST and PORT are: one of its own is needed";
            let about = &["METRICS_ADDRESS", "HOST", "PORT"];
            faults.push((about, fault.to_owned()));
        }
        if HeaderName::try_from(&self.session_cookie).is_err() {
            let fault = "SESSION_COOKIE: this is no name of a cookie, as ory_kratos_session is one";
            faults.push((&["SESSION_COOKIE"], fault.to_owned()));
        }
        if self.tls_cert_path.is_some() && !self.is_https() {
            let fault = "PUBLIC_URL is not https, but TLS_CERT_PATH is set";
            faults.push((&["PUBLIC_URL"], fault.to_owned()));
        }
        const TLS: [&str; 2] = ["TLS_CERT_PATH", "TLS_KEY_PATH"];
        match self.certificate() {
            Ok(None) => {}
            Ok(Some(files)) => {
                let found = files.read().err().into_iter().flatten();
                faults.extend(found.map(|fault| (&TLS[..], fault)));
            }
            Err(fault) => {
                faults.push((&TLS, fault));
                let (certificate, key) = (&self.tls_cert_path, &self.tls_key_path);
                let alone = tls::check_single(certificate.as_deref(), key.as_deref());
                faults.extend(alone.map(|fault| (&TLS[..], fault)));
            }
        }
        let texts = self.catalogue().err().into_iter().flat_map(|it| it.0);
        faults.extend(texts.map(|fault| (&["LOCALES_DIR"][..], fault)));
        faults.extend(self.style().err().map(|it| (&["BRAND_CSS"][..], it)));
        faults.extend(self.logo().err().map(|it| (&["LOGO"][..], it)));
        faults.extend(self.icon().err().map(|it| (&["FAVICON"][..], it)));
        faults
    }

    /// Whether an address is the one that Genkan listens on, as far as that can be seen without asking for names.
    fn is_own(&self, address: &Url) -> bool {
        let own = self.host.to_canonical();
        let is_at = |host: IpAddr| {
            // Who asks for no address in particular is led to this machine.
            let host = match host.to_canonical() {
                IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
                IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
                host => host,
            };
            own == host || (host.is_loopback() && is_all_of(own, host))
        };
        let is_here = match address.host() {
            Some(Host::Ipv4(host)) => is_at(host.into()),
            Some(Host::Ipv6(host)) => is_at(host.into()),
            Some(Host::Domain(name)) => {
                name.trim_end_matches('.') == "localhost"
                    && (is_at(Ipv4Addr::LOCALHOST.into()) || is_at(Ipv6Addr::LOCALHOST.into()))
            }
            None => false,
        };
        is_here && address.port_or_known_default() == Some(self.port)
    }

    /// How many threads draw pages.
    pub fn threads(&self) -> usize {
        let of_cores = || thread::available_parallelism().map_or(1, |cores| cores.get() / 4);
        self.threads.unwrap_or_else(of_cores).max(1)
    }

    /// Below what Genkan is served.
    pub fn base(&self) -> Base {
        let said = self.base_path.clone();
        said.or_else(|| self.public_url.path().parse().ok())
            .unwrap_or_default()
    }

    /// Where browsers find Genkan, with its base.
    pub fn public(&self) -> Url {
        let mut public = self.public_url.clone();
        public.set_path(&self.base().to_string());
        public
    }

    /// Where Kratos listens for Genkan.
    ///
    /// # Errors
    /// A sentence for the operator, where it is set under neither name.
    pub fn kratos_url(&self) -> Result<Url, String> {
        self.kratos_public_url
            .clone()
            .or_else(|| self.ory_sdk_url.clone())
            .ok_or_else(|| {
                "KRATOS_PUBLIC_URL is not set: the address of Kratos' public API, e.g. http://127.0.0.1:4433"
                    .to_owned()
            })
    }

    /// The certificate to serve with.
    ///
    /// # Errors
    /// A sentence for the operator, where it is set without its key, or the key without it.
    pub fn certificate(&self) -> Result<Option<CertificateFiles>, String> {
        match (&self.tls_cert_path, &self.tls_key_path) {
            (Some(certificate), Some(key)) => Ok(Some(CertificateFiles {
                certificate: certificate.clone(),
                key: key.clone(),
            })),
            (None, None) => Ok(None),
            (Some(_), None) => Err("TLS_KEY_PATH is not set, but TLS_CERT_PATH is".to_owned()),
            (None, Some(_)) => Err("TLS_CERT_PATH is not set, but TLS_KEY_PATH is".to_owned()),
        }
    }

    /// The texts: those in the program, and the operator's over them.
    ///
    /// # Errors
    /// What of theirs cannot be read.
    pub fn catalogue(&self) -> Result<&'static Catalogue, Faults> {
        let Some(folder) = &self.locales_dir else {
            return Ok(Catalogue::embedded());
        };
        let told = |fault| format!("LOCALES_DIR: {fault}");
        Catalogue::with(folder).map_err(|faults| Faults(faults.into_iter().map(told).collect()))
    }

    /// What is the operator's own on the pages.
    ///
    /// # Errors
    /// A sentence for the operator, where a file of theirs cannot be read.
    pub fn brand(&self) -> Result<Brand, String> {
        Ok(Brand {
            style: self.style()?,
            logo: self.logo()?,
            icon: self.icon()?,
            privacy: self.privacy_url.clone(),
            terms: self.terms_url.clone(),
            help: self.help_url.clone(),
        })
    }

    fn style(&self) -> Result<Option<File>, String> {
        read("BRAND_CSS", &self.brand_css, File::style)
    }

    fn logo(&self) -> Result<Option<File>, String> {
        read("LOGO", &self.logo, File::logo)
    }

    fn icon(&self) -> Result<Option<File>, String> {
        read("FAVICON", &self.favicon, File::icon)
    }

    /// Lets everybody ask for as much as they like.
    pub fn lift_limits(&mut self) {
        for limit in [
            &mut self.limit_flows,
            &mut self.limit_attempts,
            &mut self.limit_sends,
            &mut self.limit_account_attempts,
            &mut self.limit_account_sends,
            &mut self.limit_account_sends_everywhere,
            &mut self.limit_second_factors,
        ] {
            *limit = Rate::NONE;
        }
    }

    /// Returns a limiter for the connections of one listener.
    pub fn connection_limiter(&self) -> ConnectionLimiter {
        ConnectionLimiter::new(self.limit_connections, self.trusted_proxies.clone())
    }

    /// How much is too much.
    pub fn rates(&self) -> Rates {
        Rates {
            flows: self.limit_flows,
            attempts: self.limit_attempts,
            sends: self.limit_sends,
            account_attempts: self.limit_account_attempts,
            account_sends: self.limit_account_sends,
            account_sends_everywhere: self.limit_account_sends_everywhere,
            second_factors: self.limit_second_factors,
            cool_down: Duration::from_secs(self.resend_cool_down.into()),
        }
    }

    /// Whether browsers come over TLS, so that cookies can be Secure.
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}

impl Command {
    fn needs_kratos(&self) -> bool {
        match self {
            Self::CheckConfig | Self::Doctor { .. } => true,
            Self::Health | Self::Gallery { .. } => false,
        }
    }
}

fn read(
    setting: &str,
    file: &Option<PathBuf>,
    read: impl Fn(&Path) -> Result<File, String>,
) -> Result<Option<File>, String> {
    let file = file.as_deref().map(read).transpose();
    file.map_err(|error| format!("{setting}: {error}"))
}

/// Whether who listens at one address is heard at the other.
fn is_shared(one: IpAddr, other: IpAddr) -> bool {
    let (one, other) = (one.to_canonical(), other.to_canonical());
    one == other || is_all_of(one, other) || is_all_of(other, one)
}

/// Whether `all` stands for every address, also for `one`. `::` stands for those of IPv4 too.
fn is_all_of(all: IpAddr, one: IpAddr) -> bool {
    all.is_unspecified() && (all.is_ipv6() || one.to_canonical().is_ipv4())
}

/// What an address has besides where it leads to.
fn beyond_path(url: &Url) -> Option<&'static str> {
    user_of(url).or_else(|| beyond_host(url))
}

fn user_of(url: &Url) -> Option<&'static str> {
    has_user(url).then_some("a user")
}

/// The same of an address that may have a user in it.
fn beyond_host(url: &Url) -> Option<&'static str> {
    if url.query().is_some() {
        Some("a query")
    } else if url.fragment().is_some() {
        Some("a fragment")
    } else {
        None
    }
}

/// Reads items between commas, and tells of all that cannot be read.
fn list<T, E: fmt::Display>(
    read: impl Fn(&str) -> Result<T, E> + Clone,
) -> impl Fn(&str) -> Result<List<T>, String> + Clone {
    move |text| {
        if text.is_empty() {
            return Ok(Vec::new());
        }
        let items = text.split(',').enumerate().map(|(index, item)| {
            let number = index + 1;
            match item.trim() {
                "" => Err(format!("item {number}: there is nothing")),
                item => read(item).map_err(|fault| format!("item {number}: {fault}")),
            }
        });
        let (items, faults): (Vec<_>, Vec<_>) = items.partition(Result::is_ok);
        if faults.is_empty() {
            Ok(items.into_iter().flatten().collect())
        } else {
            let faults: Vec<String> = faults.into_iter().filter_map(Result::err).collect();
            Err(faults.join("; "))
        }
    }
}

fn said(text: &str) -> Result<String, String> {
    Ok(text.to_owned())
}

fn ip(text: &str) -> Result<IpAddr, &'static str> {
    text.parse()
        .map_err(|_| "an IP address is needed, e.g. 127.0.0.1 or ::")
}

fn port(text: &str) -> Result<u16, &'static str> {
    text.parse()
        .map_err(|_| "a number from 0 to 65535 is needed")
}

fn number<T: FromStr>(text: &str) -> Result<T, &'static str> {
    text.parse()
        .map_err(|_| "a number of 0 or more is needed, and not a very large one")
}

/// The path of a file. What is in a key's file, where somebody set that in place of its path, is never said.
fn path() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| {
        let text = path.to_string_lossy();
        if text.contains('\n') || text.contains("-----BEGIN") {
            Err("the path of a file is needed, not what stands in it")
        } else if text.contains("://") {
            Err("the path of a file is needed, not an address")
        } else {
            Ok(path)
        }
    })
}

fn socket(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse()
        .map_err(|_| "an IP address with a port is needed, e.g. 127.0.0.1:9464")
}

/// What is logged. A word alone would be a part of the program for [`Targets`]: a level that is misspelt, and no log at all.
fn log(text: &str) -> Result<Targets, String> {
    let items: Vec<&str> = text.split(',').map(str::trim).collect();
    let is_clear = |item: &&str| match item.split_once('=') {
        Some((part, _)) => !part.is_empty() && !part.contains([' ', ';']),
        None => !item.is_empty() && item.parse::<LevelFilter>().is_ok(),
    };
    if items.iter().all(is_clear) {
        let targets = items.join(",").parse();
        targets.map_err(|error: ParseError| error.to_string())
    } else {
        Err(
            "a level (off, error, warn, info, debug, trace) is needed, alone or for a part as in genkan=debug"
                .to_owned(),
        )
    }
}

/// How many threads a machine could have a use for.
fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(threads @ 1..=MAX_THREADS) => Ok(threads),
        Ok(_) | Err(_) => Err(format!("a number from 1 to {MAX_THREADS} is needed")),
    }
}

/// The header that brings a token.
fn bearer(token: &str) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
        .map_err(|_| "a token is one line of letters, digits and signs".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

fn http_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text)
        .map_err(|error| format!("an address is needed, as https://id.example is one ({error})"))?;
    // What Kratos is told of it would be nothing at all.
    let is_text = |part: &str| percent_decode_str(part).decode_utf8().is_ok();
    if ![url.username(), url.password().unwrap_or_default()]
        .into_iter()
        .all(is_text)
    {
        return Err("its user is not written in UTF-8".to_owned());
    }
    match url.scheme() {
        "http" | "https" => Ok(url),
        // It may be what stands before the colon of a password.
        _ => Err("the address is neither http nor https".to_owned()),
    }
}

/// An address that has nothing but an origin.
fn origin(text: &str) -> Result<ReturnOrigin, String> {
    let url = http_url(text)?;
    let origin = url.origin().ascii_serialization();
    if url.path() != "/" || beyond_path(&url).is_some() {
        // Without what may be a password.
        Err(format!("the origin is {origin} and no more"))
    } else {
        ReturnOrigin::try_from(url).map_err(|fault| format!("{origin}: {fault}"))
    }
}
