//! Finds what an operator may not have meant, although Genkan can start with it.

use std::iter;
use std::path::Path;

use clap::CommandFactory;
use ipnet::IpNet;
use strsim::osa_distance;
use url::Host;

use super::Config;
use crate::i18n::Catalogue;

/// How many letters of a name may be wrong.
const TYPOS: usize = 2;
/// Of shorter names too many others are near: `HOST` and `HOME`.
const SHORTEST: usize = 6;

impl Config {
    /// Finds doubtful settings. Each warning begins with the name of its variable and has no value of another one.
    ///
    /// `is_given` tells by its id whether a setting has no default value. `variables` are the names in the environment.
    pub(super) fn find_warnings(
        &self,
        is_given: impl Fn(&str) -> bool,
        variables: impl Iterator<Item = String>,
    ) -> Vec<String> {
        let is_port_alone = is_given("port")
            && !is_given("public_url")
            && Some(self.port) != self.public_url.port();
        let own = [
            is_port_alone.then(|| self.port_alone()),
            trust_in_everybody(&self.trusted_proxies),
            self.certificate_of_another(),
            self.mail_catcher_in_public(),
        ];
        let texts = self.locales_dir.as_deref().map(texts);
        let own = own.into_iter().flatten();
        own.chain(misspelt(variables))
            .chain(texts.into_iter().flatten())
            .collect()
    }

    fn port_alone(&self) -> String {
        let (port, public) = (self.port, &self.public_url);
        format!("PORT is {port}, but PUBLIC_URL is not set: links and redirects lead to {public}")
    }

    fn certificate_of_another(&self) -> Option<String> {
        let host = match self.public_url.host()? {
            Host::Domain(name) => name.to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        let is_for = self.certificate().ok()??.is_for(&host)?;
        (!is_for).then(|| {
            format!("TLS_CERT_PATH: the certificate is not for {host}, the host of PUBLIC_URL")
        })
    }

    fn mail_catcher_in_public(&self) -> Option<String> {
        (self.is_https() && self.mail_catcher_url.is_some()).then(|| {
            "MAIL_CATCHER_URL is for development, but PUBLIC_URL is https: \
             every visitor sees the link to the mails"
                .to_owned()
        })
    }
}

fn trust_in_everybody(proxies: &[IpNet]) -> Option<String> {
    let all = IpNet::aggregate(&proxies.to_vec());
    let all = all.iter().find(|network| network.prefix_len() == 0)?;
    Some(format!(
        "TRUSTED_PROXIES: {all} is every address, so that each client can choose the address \
         by which it is counted"
    ))
}

/// Finds names that are nearly one of ours.
fn misspelt(variables: impl Iterator<Item = String>) -> impl Iterator<Item = String> {
    let command = Config::command();
    let commands = iter::once(&command).chain(command.get_subcommands());
    let settings = commands.flat_map(clap::Command::get_arguments);
    let known: Vec<String> = settings
        .filter_map(|setting| Some(setting.get_env()?.to_str()?.to_owned()))
        .collect();
    variables.filter_map(move |variable| {
        let meant = meant(&variable, &known)?;
        let variable = variable.escape_default();
        Some(format!(
            "{variable} is not a setting of Genkan; is {meant} meant?"
        ))
    })
}

/// Finds the setting that a name nearly is.
fn meant<'a>(variable: &str, known: &'a [String]) -> Option<&'a str> {
    if variable.len() < SHORTEST || known.iter().any(|name| name == variable) {
        return None;
    }
    let variable = variable.to_ascii_uppercase();
    let distance = |name: &String| {
        let as_it_is = osa_distance(&variable, name);
        as_it_is.min(osa_distance(&singular(&variable), &singular(name)))
    };
    let near = known.iter().filter(|name| name.len() >= SHORTEST);
    let near = near.map(|name| (distance(name), name));
    let (distance, name) = near.min()?;
    (distance <= TYPOS).then_some(name)
}

fn singular(name: &str) -> String {
    match name.strip_suffix("IES") {
        Some(stem) => format!("{stem}Y"),
        None => name.strip_suffix('S').unwrap_or(name).to_owned(),
    }
}

fn texts(folder: &Path) -> impl Iterator<Item = String> {
    let unused = Catalogue::unused(folder).into_iter();
    unused.map(|fault| format!("LOCALES_DIR: {fault}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(variable: &str) -> Vec<String> {
        misspelt(iter::once(variable.to_owned())).collect()
    }

    #[test]
    fn a_name_within_two_letters_of_a_setting_is_told() {
        for (variable, setting) in [
            ("TRUSTED_PROXY", "TRUSTED_PROXIES"),
            ("PUBLIC_URI", "PUBLIC_URL"),
            ("PUBILC_URL", "PUBLIC_URL"),
            ("public_url", "PUBLIC_URL"),
            ("KRATOS_PUBLIC_ULR", "KRATOS_PUBLIC_URL"),
            ("LIMIT_SEND", "LIMIT_SENDS"),
            ("LOCALE_DIR", "LOCALES_DIR"),
            ("ALLOWED_RETURN_ORIGIN", "ALLOWED_RETURN_ORIGINS"),
            ("THREAD", "THREADS"),
        ] {
            let told = told(variable);
            assert_eq!(told.len(), 1, "{variable}");
            assert!(
                told[0].ends_with(&format!("is {setting} meant?")),
                "{told:?}"
            );
        }
    }

    #[test]
    fn no_other_name_is_told() {
        for variable in [
            // Of systems and of shells.
            "HOME",
            "HOSTS",
            "PATH",
            "PORTS",
            "LOGO_",
            "LOGNAME",
            "HOSTNAME",
            "DISPLAY",
            "LANG",
            "SHLVL",
            "EDITOR",
            "TERM",
            "XDG_DATA_DIRS",
            "LC_ALL",
            // Of Kubernetes, for services with these names.
            "KRATOS_PUBLIC_PORT",
            "KRATOS_ADMIN_PORT",
            "HYDRA_ADMIN_PORT",
            "KRATOS_PUBLIC_SERVICE_HOST",
            "GENKAN_PORT",
            "KUBERNETES_PORT",
            // Of the reference UI, which moving leaves in place.
            "COOKIE_SECRET",
            "CSRF_COOKIE_NAME",
            "CSRF_COOKIE_SECRET",
            "BASE_URL",
            "JWKS_URL",
            "SECURITY_MODE",
            "NODE_ENV",
            // Of libraries.
            "RUST_BACKTRACE",
            "RUST_LOG_STYLE",
            "OTEL_EXPORTER_OTLP_HEADERS",
            "OTEL_TRACES_SAMPLER",
            "LISTEN_FDS",
            "LISTEN_PID",
            "HTTP_PROXY",
            "SSL_CERT_DIR",
            // Of Genkan.
            "PUBLIC_URL",
            "HOST",
            "TRUSTED_PROXIES",
        ] {
            assert_eq!(told(variable), Vec::<String>::new());
        }
    }

    #[test]
    fn networks_that_are_all_addresses_together_are_told() {
        let told = |networks: &[&str]| {
            let networks: Vec<IpNet> = networks.iter().map(|it| it.parse().unwrap()).collect();
            trust_in_everybody(&networks).is_some()
        };
        assert!(told(&["0.0.0.0/0"]));
        assert!(told(&["10.0.0.0/8", "::/0"]));
        assert!(told(&["0.0.0.0/1", "128.0.0.0/1"]));
        assert!(!told(&["10.0.0.0/8", "192.0.2.7/32"]));
        assert!(!told(&[]));
    }
}
