//! Finds settings that are valid but probably not what the operator meant.

use std::iter;
use std::path::Path;

use clap::CommandFactory;
use ipnet::IpNet;
use strsim::osa_distance;
use url::Host;

use super::Config;
use crate::i18n::Catalogue;

/// Maximum number of wrong letters in a name.
const MAX_TYPOS: usize = 2;
/// Minimum length of a name. Shorter names are too similar to others: `HOST` and `HOME`.
const MIN_LENGTH: usize = 6;

impl Config {
    /// Returns a warning for each doubtful setting. It begins with the name of its variable.
    ///
    /// `is_given` returns true for the id of a setting that the operator set. `variables` are the
    /// names in the environment.
    pub(super) fn find_warnings(
        &self,
        is_given: impl Fn(&str) -> bool,
        variables: impl Iterator<Item = String>,
    ) -> Vec<String> {
        let is_port_alone = is_given("port")
            && !is_given("public_url")
            && Some(self.port) != self.public_url.port();
        let own = [
            is_port_alone.then(|| self.port_without_public_url()),
            every_address_is_trusted(&self.trusted_proxies),
            self.certificate_for_another_host(),
            self.public_mail_catcher(),
        ];
        let unused = self.locales_dir.as_deref().map(unused_texts);
        let own = own.into_iter().flatten();
        own.chain(misspelled(variables))
            .chain(unused.into_iter().flatten())
            .collect()
    }

    fn port_without_public_url(&self) -> String {
        let (port, public) = (self.port, &self.public_url);
        format!("PORT is {port}, but PUBLIC_URL is not set: links and redirects point to {public}")
    }

    fn certificate_for_another_host(&self) -> Option<String> {
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

    fn public_mail_catcher(&self) -> Option<String> {
        (self.is_https() && self.mail_catcher_url.is_some()).then(|| {
            "MAIL_CATCHER_URL is for development, but PUBLIC_URL is https: \
             every user sees the link to the mails"
                .to_owned()
        })
    }
}

fn every_address_is_trusted(proxies: &[IpNet]) -> Option<String> {
    let all = IpNet::aggregate(&proxies.to_vec());
    let all = all.iter().find(|network| network.prefix_len() == 0)?;
    Some(format!(
        "TRUSTED_PROXIES: {all} is every address: \
         each client can choose the address that its requests are counted for"
    ))
}

/// Returns a warning for each variable that is spelled almost like a setting.
pub(super) fn misspelled(variables: impl Iterator<Item = String>) -> impl Iterator<Item = String> {
    let command = Config::command();
    let commands = iter::once(&command).chain(command.get_subcommands());
    let settings = commands.flat_map(clap::Command::get_arguments);
    let known: Vec<String> = settings
        .filter_map(|setting| Some(setting.get_env()?.to_str()?.to_owned()))
        .collect();
    variables.filter_map(move |variable| {
        let similar = similar(&variable, &known)?;
        let variable = variable.escape_default();
        Some(format!(
            "{variable} is not a setting of Genkan; did you mean {similar}?"
        ))
    })
}

/// Returns the setting that a name is almost spelled like.
fn similar<'a>(variable: &str, known: &'a [String]) -> Option<&'a str> {
    if variable.len() < MIN_LENGTH || known.iter().any(|name| name == variable) {
        return None;
    }
    let variable = variable.to_ascii_uppercase();
    let distance = |name: &String| {
        let as_it_is = osa_distance(&variable, name);
        as_it_is.min(osa_distance(&singular(&variable), &singular(name)))
    };
    let near = known.iter().filter(|name| name.len() >= MIN_LENGTH);
    let near = near.map(|name| (distance(name), name));
    let (distance, name) = near.min()?;
    (distance <= MAX_TYPOS).then_some(name)
}

fn singular(name: &str) -> String {
    match name.strip_suffix("IES") {
        Some(stem) => format!("{stem}Y"),
        None => name.strip_suffix('S').unwrap_or(name).to_owned(),
    }
}

fn unused_texts(folder: &Path) -> impl Iterator<Item = String> {
    let unused = Catalogue::unused(folder).into_iter();
    unused.map(|warning| format!("LOCALES_DIR: {warning}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warnings(variable: &str) -> Vec<String> {
        misspelled(iter::once(variable.to_owned())).collect()
    }

    #[test]
    fn a_name_within_two_letters_of_a_setting_gives_a_warning() {
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
            let warnings = warnings(variable);
            assert_eq!(warnings.len(), 1, "{variable}");
            assert!(
                warnings[0].ends_with(&format!("did you mean {setting}?")),
                "{warnings:?}"
            );
        }
    }

    #[test]
    fn no_other_name_gives_a_warning() {
        for variable in [
            // Of operating systems and shells.
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
            // Set by Kubernetes for services with these names.
            "KRATOS_PUBLIC_PORT",
            "KRATOS_ADMIN_PORT",
            "HYDRA_ADMIN_PORT",
            "KRATOS_PUBLIC_SERVICE_HOST",
            "GENKAN_PORT",
            "KUBERNETES_PORT",
            // Of the reference UI; they may stay in place after a migration.
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
            assert_eq!(warnings(variable), Vec::<String>::new());
        }
    }

    #[test]
    fn networks_that_together_include_every_address_give_a_warning() {
        let warns = |networks: &[&str]| {
            let networks: Vec<IpNet> = networks.iter().map(|it| it.parse().unwrap()).collect();
            every_address_is_trusted(&networks).is_some()
        };
        assert!(warns(&["0.0.0.0/0"]));
        assert!(warns(&["10.0.0.0/8", "::/0"]));
        assert!(warns(&["0.0.0.0/1", "128.0.0.0/1"]));
        assert!(!warns(&["10.0.0.0/8", "192.0.2.7/32"]));
        assert!(!warns(&[]));
    }
}
