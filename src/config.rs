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

    /// URL of Kratos' public API as Genkan reaches it, e.g. `http://kratos:4433`.
    #[arg(long, env, value_parser = http_url)]
    pub kratos_public_url: Option<Url>,

    /// Another name for `KRATOS_PUBLIC_URL`, as in Ory's reference UI. Used if `KRATOS_PUBLIC_URL`
    /// is not set.
    #[arg(long, env, value_parser = http_url)]
    pub ory_sdk_url: Option<Url>,

    /// URL of Kratos' admin API. Only `genkan doctor` uses it.
    #[arg(long, env, value_parser = http_url)]
    pub kratos_admin_url: Option<Url>,

    /// URL of Kratos' public API as browsers reach it: its `serve.public.base_url`. Defaults to
    /// `PUBLIC_URL`, because Genkan proxies Kratos' paths.
    #[arg(long, env, value_parser = http_url)]
    pub kratos_browser_url: Option<Url>,

    /// URL of Ory Hydra's admin API. Turns on the consent screen, and the sign-out that
    /// applications begin.
    #[arg(long, env, value_parser = http_url)]
    pub hydra_admin_url: Option<Url>,

    /// Bearer token for the admin APIs of Kratos and Hydra, as on the Ory Network.
    #[arg(long, env, value_parser = bearer)]
    pub ory_admin_api_token: Option<HeaderValue>,

    /// Your own applications, as comma-separated client ids of Hydra. Users are not asked for
    /// consent to these.
    #[arg(long, env, value_parser = list(text), default_value = "", hide_default_value = true)]
    pub trusted_client_ids: List<String>,

    /// Lifetime of a remembered consent in seconds; 0 means forever.
    #[arg(long, env, value_parser = integer::<u64>(u64::MAX), default_value_t = 3600)]
    pub remember_consent_session_for_seconds: u64,

    /// URL at which browsers find Genkan.
    #[arg(long, env, value_parser = http_url, default_value = "http://localhost:3000")]
    pub public_url: Url,

    /// Path below which Genkan is served if it shares its origin with other applications, e.g.
    /// `/auth`. Defaults to the path of `PUBLIC_URL`.
    #[arg(long, env)]
    pub base_path: Option<Base>,

    /// IP address to listen on.
    #[arg(long, env, value_parser = ip, default_value = "127.0.0.1")]
    pub host: IpAddr,

    /// Port to listen on.
    #[arg(long, env, value_parser = port, default_value_t = 3000)]
    pub port: u16,

    /// Number of threads that render pages. Defaults to a quarter of the CPU cores, because Kratos
    /// needs four times as much CPU time.
    #[arg(long, env, value_parser = threads)]
    pub threads: Option<usize>,

    /// Certificate with its chain (PEM), if Genkan itself serves TLS. Reloaded when the file
    /// changes.
    #[arg(long, env, value_parser = path())]
    pub tls_cert_path: Option<PathBuf>,

    /// Private key of the certificate (PEM).
    #[arg(long, env, value_parser = path())]
    pub tls_key_path: Option<PathBuf>,

    /// Name of your service, in titles and at the top of each page.
    #[arg(long, env, default_value = "Genkan")]
    pub project_name: String,

    /// Language for browsers that prefer none of the available ones: ja or en.
    #[arg(long, env, default_value = "ja")]
    pub default_lang: Locale,

    /// Folder with your own texts, `ja/*.ftl` and `en/*.ftl`. Each of them overrides the built-in
    /// text with the same key.
    #[arg(long, env, value_parser = path())]
    pub locales_dir: Option<PathBuf>,

    /// Your own style sheet (.css). It is loaded after Genkan's; rules in `@layer brand` override
    /// all others.
    #[arg(long, env, value_parser = path())]
    pub brand_css: Option<PathBuf>,

    /// Your logo (.svg, .png, .webp). It replaces the name at the top of each page.
    #[arg(long, env, value_parser = path())]
    pub logo: Option<PathBuf>,

    /// Your icon for browser tabs (.svg, .png, .webp, .ico).
    #[arg(long, env, value_parser = path())]
    pub favicon: Option<PathBuf>,

    /// Your privacy notice, linked in the footer of each page: a URL, or a path on Genkan's origin.
    #[arg(long, env)]
    pub privacy_url: Option<Address>,

    /// Your terms of service, linked in the footer of each page.
    #[arg(long, env)]
    pub terms_url: Option<Address>,

    /// Your help page, linked in the footer of each page and from errors.
    #[arg(long, env)]
    pub help_url: Option<Address>,

    /// Other origins that `return_to` may lead to, comma-separated, e.g. `https://app.example`, or
    /// `https://*.apps.example` for all subdomains.
    #[arg(long, env, value_parser = list(origin), default_value = "", hide_default_value = true)]
    pub allowed_return_origins: List<ReturnOrigin>,

    /// Name of Kratos' session cookie (`session.cookie.name`).
    #[arg(long, env, default_value = "ory_kratos_session")]
    pub session_cookie: String,

    /// Minimum password length in Kratos (`password.config.min_password_length`). The password
    /// field shows it.
    #[arg(long, env, value_parser = integer::<u16>(u16::MAX), default_value_t = 8)]
    pub password_min_length: u16,

    /// Minimum time in seconds between two codes that are sent for the same kind of flow; 0 turns
    /// it off.
    #[arg(long, env, value_parser = integer::<u16>(u16::MAX), default_value_t = 30)]
    pub resend_cool_down: u16,

    /// Proxies in front of Genkan, as comma-separated addresses and networks, e.g. `10.0.0.0/8`.
    /// Genkan accepts X-Forwarded-For only from these.
    #[arg(long, env, value_parser = list(network), default_value = "", hide_default_value = true)]
    pub trusted_proxies: List<IpNet>,

    /// Rate limit for one address: new flows and views of the error page. `300/m` allows 300 at
    /// once, refilled within a minute; `s` and `h` are seconds and hours; `0` means no limit.
    #[arg(long, env, default_value = "300/m")]
    pub limit_flows: Rate,

    /// Rate limit for one address: submitted forms of flows, and links from e-mails.
    #[arg(long, env, default_value = "120/m")]
    pub limit_attempts: Rate,

    /// Rate limit for one address: codes and links that are sent.
    #[arg(long, env, default_value = "60/m")]
    pub limit_sends: Rate,

    /// Rate limit for one address and one account: submitted passwords and codes.
    #[arg(long, env, default_value = "10/m")]
    pub limit_account_attempts: Rate,

    /// Rate limit for one address and one account: codes and links that are sent.
    #[arg(long, env, default_value = "20/h")]
    pub limit_account_sends: Rate,

    /// Rate limit for one account from all addresses: codes and links that are sent.
    #[arg(long, env, default_value = "200/h")]
    pub limit_account_sends_everywhere: Rate,

    /// Rate limit for one session and one account: codes of an authenticator app, and backup codes.
    #[arg(long, env, default_value = "30/h")]
    pub limit_second_factors: Rate,

    /// Maximum number of open connections for one address that is not in `TRUSTED_PROXIES`. A new
    /// connection above the limit closes the one that was idle longest; 0 means no limit.
    #[arg(long, env, value_parser = integer::<usize>(usize::MAX), default_value_t = 512)]
    pub limit_connections: usize,

    /// Address on which Prometheus finds `/metrics`, e.g. `127.0.0.1:9464`. Metrics are off if it
    /// is not set.
    #[arg(long, env, value_parser = socket)]
    pub metrics_address: Option<SocketAddr>,

    /// URL of an OpenTelemetry collector that accepts OTLP over HTTP, e.g. `http://127.0.0.1:4318`.
    /// Traces are off if it is not set.
    #[arg(long, env, value_parser = http_url)]
    pub otel_exporter_otlp_endpoint: Option<Url>,

    /// Service name in traces.
    #[arg(long, env, default_value = "genkan")]
    pub otel_service_name: String,

    /// Log format: lines for people (`text`), or one JSON object a line (`json`).
    #[arg(long, env, default_value = "text")]
    pub log_format: LogFormat,

    /// Log level: `off`, `error`, `warn`, `info`, `debug` or `trace`, also for single modules as in
    /// `warn,genkan=debug`.
    #[arg(long, env, value_parser = log, default_value = "info")]
    pub rust_log: Targets,

    /// For development only: URL of the mail catcher, linked from the screens that wait for a code.
    #[arg(long, env, value_parser = http_url)]
    pub mail_catcher_url: Option<Url>,

    /// Warnings about doubtful settings, for the operator.
    #[arg(skip)]
    pub warnings: Vec<String>,
}

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// The commands besides serving.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Checks all settings, and exits. Reports the same errors as a start of Genkan.
    CheckConfig,
    /// Checks that Kratos is configured for this Genkan, and names the keys to change. Exits with 1
    /// if one is wrong.
    Doctor {
        /// Kratos' own configuration file (YAML or JSON), for settings that Kratos does not show.
        /// Repeat it for each `-c` flag of Kratos, in the same order.
        #[arg(long, value_parser = path())]
        kratos_config: Vec<PathBuf>,
    },
    /// Checks that the Genkan on HOST and PORT is ready, for container health checks.
    Health,
    /// Serves every screen in every state at /gallery, without Kratos. For designers, translators
    /// and tests; not for production.
    Gallery {
        /// Folder of the recordings in a checkout.
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
