//! Every setting, from a flag or the environment. Names are those of Ory's reference UI where it has one.

use std::env;
use std::ffi::OsStr;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use ipnet::IpNet;
use url::Url;

use crate::brand::{Address, Brand, File};
use crate::forwarded::network;
use crate::i18n::{Catalogue, Locale};
use crate::limit::{Rate, Rates};

/// Genkan, the self-service front door for Ory Kratos.
#[derive(Debug, Clone, Parser)]
#[command(version, about, args_conflicts_with_subcommands = true)]
pub struct Config {
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Where Kratos' public API listens for Genkan, e.g. `http://kratos:4433`.
    #[arg(long, env, value_parser = http_url)]
    pub kratos_public_url: Option<Url>,

    /// The same under another name, as the reference UI has it. Used where the first is not set.
    #[arg(long, env, value_parser = http_url, hide = true)]
    pub ory_sdk_url: Option<Url>,

    /// Where browsers believe Kratos' public API to be: its `serve.public.base_url`. Genkan's own address if not set.
    #[arg(long, env, value_parser = http_url)]
    pub kratos_browser_url: Option<Url>,

    /// Where Ory Hydra's admin API listens, where applications sign in by it: turns the consent screen on.
    #[arg(long, env, value_parser = http_url)]
    pub hydra_admin_url: Option<Url>,

    /// For so many seconds a consent is remembered, if somebody wants that. 0 is for ever.
    #[arg(long, env, default_value_t = 3600)]
    pub remember_consent_session_for_seconds: u64,

    /// Where browsers find Genkan.
    #[arg(long, env, value_parser = http_url, default_value = "http://localhost:3000")]
    pub public_url: Url,

    /// The address to listen on.
    #[arg(long, env, default_value = "127.0.0.1")]
    pub host: IpAddr,

    /// The port to listen on.
    #[arg(long, env, default_value_t = 3000)]
    pub port: u16,

    /// The name of the service, in titles and at the top of each page.
    #[arg(long, env, default_value = "Genkan")]
    pub project_name: String,

    /// The language of those whose browser asks for none that there is: ja or en.
    #[arg(long, env, default_value = "ja")]
    pub default_lang: Locale,

    /// A folder with your own texts, `ja/*.ftl` and `en/*.ftl`. They go before those in the program, key by key.
    #[arg(long, env)]
    pub locales_dir: Option<PathBuf>,

    /// Your own style sheet (.css), after Genkan's. What stands in `@layer brand` wins over all of it.
    #[arg(long, env)]
    pub brand_css: Option<PathBuf>,

    /// Your logo (.svg, .png, .webp), in place of the name at the top of each page.
    #[arg(long, env)]
    pub logo: Option<PathBuf>,

    /// Your icon for the browser's tabs (.svg, .png, .webp, .ico).
    #[arg(long, env)]
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

    /// Further origins that a `return_to` may lead to, comma-separated, e.g. `https://app.example`.
    #[arg(long, env, value_delimiter = ',', value_parser = http_url)]
    pub allowed_return_origins: Vec<Url>,

    /// The name of Kratos' session cookie (`session.cookie.name`).
    #[arg(long, env, default_value = "ory_kratos_session")]
    pub session_cookie: String,

    /// The shortest password Kratos takes (`password.config.min_password_length`); said beside the field.
    #[arg(long, env, default_value_t = 8)]
    pub password_min_length: u16,

    /// For so many seconds after a code was mailed no other is sent for the same errand. 0 sends at once.
    #[arg(long, env, default_value_t = 30)]
    pub resend_cool_down: u16,

    /// The proxies in front of Genkan, comma-separated addresses and networks, e.g. `10.0.0.0/8`: only what they say in
    /// X-Forwarded-For about where a browser is gets believed.
    #[arg(long, env, value_delimiter = ',', value_parser = network)]
    pub trusted_proxies: Vec<IpNet>,

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

    /// For development: the mail catcher, linked from the screens that wait for a code.
    #[arg(long, env, value_parser = http_url)]
    pub mail_catcher_url: Option<Url>,
}

/// What the program can do besides serving.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
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
    /// Reads the flags and the environment. A variable that is set to nothing counts as not set: that is how compose files
    /// and manifests leave one open. Where something is wrong, or help is asked for, the process ends here.
    pub fn read() -> Self {
        let is_empty = |name: &OsStr| env::var_os(name).is_some_and(|value| value.is_empty());
        let command = Self::command().mut_args(|arg| {
            if arg.get_env().is_some_and(is_empty) {
                arg.env(None)
            } else {
                arg
            }
        });
        Self::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit())
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

    /// The texts: those in the program, and the operator's over them.
    ///
    /// # Errors
    /// A sentence for the operator, where theirs cannot be read.
    pub fn catalogue(&self) -> Result<&'static Catalogue, String> {
        match &self.locales_dir {
            Some(folder) => {
                Catalogue::with(folder).map_err(|error| format!("LOCALES_DIR: {error}"))
            }
            None => Ok(Catalogue::embedded()),
        }
    }

    /// What is the operator's own on the pages.
    ///
    /// # Errors
    /// A sentence for the operator, where a file of theirs cannot be read.
    pub fn brand(&self) -> Result<Brand, String> {
        let read = |setting: &str,
                    read: &dyn Fn(&Path) -> Result<File, String>,
                    file: &Option<PathBuf>| {
            let file = file.as_deref().map(read).transpose();
            file.map_err(|error| format!("{setting}: {error}"))
        };
        Ok(Brand {
            style: read("BRAND_CSS", &File::style, &self.brand_css)?,
            logo: read("LOGO", &|file| File::picture("logo", file), &self.logo)?,
            icon: read(
                "FAVICON",
                &|file| File::picture("favicon", file),
                &self.favicon,
            )?,
            privacy: self.privacy_url.clone(),
            terms: self.terms_url.clone(),
            help: self.help_url.clone(),
        })
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

fn http_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        other => Err(format!("{other} is neither http nor https")),
    }
}
