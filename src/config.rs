//! Every setting, from a flag or the environment. Names are those of Ory's reference UI where it
//! has one.

mod parsers;
mod reading;
mod validation;
mod warnings;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use http::HeaderValue;
use ipnet::IpNet;
use tracing_subscriber::filter::Targets;
use url::Url;

use self::parsers::{
    bearer, http_url, integer, ip, list, log, origin, path, port, socket, text, threads,
};
pub use self::reading::ConfigErrors;
use crate::base::Base;
use crate::brand::{Address, Brand, File};
use crate::forwarded::network;
use crate::i18n::{Catalogue, Locale};
use crate::limit::{Rate, Rates};
use crate::net::connections::ConnectionLimiter;
use crate::net::tls::CertificateFiles;
use crate::origin::ReturnOrigin;

/// The items of one setting. clap treats a `Vec` as one value an item, and stops at the first
/// invalid one; it does not see through an alias.
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
    #[arg(long, env, value_parser = list(text), default_value = "", hide_default_value = true)]
    pub trusted_client_ids: List<String>,

    /// For so many seconds a consent is remembered, if somebody wants that. 0 is for ever.
    #[arg(long, env, value_parser = integer::<u64>(u64::MAX), default_value_t = 3600)]
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
    #[arg(long, env, value_parser = integer::<u16>(u16::MAX), default_value_t = 8)]
    pub password_min_length: u16,

    /// For so many seconds after a code was mailed no other is sent for the same errand. 0 sends at once.
    #[arg(long, env, value_parser = integer::<u16>(u16::MAX), default_value_t = 30)]
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
    #[arg(long, env, value_parser = integer::<usize>(usize::MAX), default_value_t = 512)]
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
    /// Returns the number of threads that render pages.
    pub fn threads(&self) -> usize {
        let of_cores = || thread::available_parallelism().map_or(1, |cores| cores.get() / 4);
        self.threads.unwrap_or_else(of_cores).max(1)
    }

    /// Returns the path below which Genkan is served.
    pub fn base(&self) -> Base {
        let base = self.base_path.clone();
        base.or_else(|| self.public_url.path().parse().ok())
            .unwrap_or_default()
    }

    /// Returns the URL at which browsers find Genkan, with its base path.
    pub fn public(&self) -> Url {
        let mut public = self.public_url.clone();
        public.set_path(&self.base().to_string());
        public
    }

    /// Returns the URL of Kratos' public API.
    ///
    /// # Errors
    /// Returns a message for the operator if neither of its settings is set.
    pub fn kratos_url(&self) -> Result<Url, String> {
        self.kratos_public_url
            .clone()
            .or_else(|| self.ory_sdk_url.clone())
            .ok_or_else(|| {
                "KRATOS_PUBLIC_URL is not set: \
                 set it to the URL of Kratos' public API, e.g. http://127.0.0.1:4433"
                    .to_owned()
            })
    }

    /// Returns the certificate for TLS, or `None` if Genkan serves plain HTTP.
    ///
    /// # Errors
    /// Returns a message for the operator if only one of certificate and key is set.
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

    /// Returns the built-in texts, overridden by those of the operator.
    ///
    /// # Errors
    /// Returns an error for each file in `LOCALES_DIR` that cannot be used.
    pub fn catalogue(&self) -> Result<&'static Catalogue, ConfigErrors> {
        let Some(folder) = &self.locales_dir else {
            return Ok(Catalogue::embedded());
        };
        Catalogue::with(folder).map_err(|errors| {
            let errors = errors.into_iter();
            ConfigErrors(errors.map(|it| format!("LOCALES_DIR: {it}")).collect())
        })
    }

    /// Reads the operator's own style, images and links.
    ///
    /// # Errors
    /// Returns a message for the operator if a file cannot be used.
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
        read("BRAND_CSS", self.brand_css.as_deref(), File::style)
    }

    fn logo(&self) -> Result<Option<File>, String> {
        read("LOGO", self.logo.as_deref(), File::logo)
    }

    fn icon(&self) -> Result<Option<File>, String> {
        read("FAVICON", self.favicon.as_deref(), File::icon)
    }

    /// Turns off all rate limits.
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

    /// Returns the rate limits.
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

    /// Returns true if browsers use TLS, so that cookies can be `Secure`.
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
    path: Option<&Path>,
    read: impl Fn(&Path) -> Result<File, String>,
) -> Result<Option<File>, String> {
    let file = path.map(read).transpose();
    file.map_err(|error| format!("{setting}: {error}"))
}
