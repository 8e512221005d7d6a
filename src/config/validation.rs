//! Checks settings against each other and against the files that they name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::HeaderName;
use url::{Host, Url};

use super::Config;
use crate::base::Base;
use crate::brand::has_user;
use crate::net::tls;

/// An error, with the names of the settings that it depends on.
type Conflict = (&'static [&'static str], String);

impl Config {
    /// Returns an error for each conflict between valid values.
    pub(super) fn conflicts(&self) -> Vec<Conflict> {
        let addresses = [
            self.kratos_conflict(),
            self.base_path_conflict(),
            self.metrics_conflict(),
        ];
        let addresses = addresses.into_iter().flatten();
        addresses
            .chain(self.url_conflicts())
            .chain(self.cookie_conflict())
            .chain(self.tls_conflicts())
            .chain(self.file_conflicts())
            .collect()
    }

    /// Checks that Kratos has a URL, and that it is not Genkan's own.
    fn kratos_conflict(&self) -> Option<Conflict> {
        const SETTINGS: [&str; 4] = ["KRATOS_PUBLIC_URL", "ORY_SDK_URL", "HOST", "PORT"];
        // The gallery and the health check do not call Kratos.
        if !self.command.as_ref().is_none_or(|it| it.needs_kratos()) {
            return None;
        }
        match self.kratos_url() {
            Ok(kratos) if self.is_own(&kratos) => {
                let name = SETTINGS[usize::from(self.kratos_public_url.is_none())];
                let error =
                    "this is the address that Genkan listens on (HOST and PORT), not Kratos";
                Some((&SETTINGS, format!("{name}: {error}")))
            }
            Ok(_) => None,
            Err(error) => Some((&SETTINGS[..2], error)),
        }
    }

    fn url_conflicts(&self) -> impl Iterator<Item = Conflict> {
        type Check = fn(&Url) -> Option<&'static str>;
        let urls: [(&[&str; 1], Option<&Url>, Check); 8] = [
            (&["PUBLIC_URL"], Some(&self.public_url), extra_part),
            (
                &["KRATOS_BROWSER_URL"],
                self.kratos_browser_url.as_ref(),
                extra_part,
            ),
            (
                &["OTEL_EXPORTER_OTLP_ENDPOINT"],
                self.otel_exporter_otlp_endpoint.as_ref(),
                extra_part,
            ),
            (
                &["KRATOS_PUBLIC_URL"],
                self.kratos_public_url.as_ref(),
                query_or_fragment,
            ),
            (
                &["ORY_SDK_URL"],
                self.ory_sdk_url.as_ref(),
                query_or_fragment,
            ),
            (
                &["KRATOS_ADMIN_URL"],
                self.kratos_admin_url.as_ref(),
                query_or_fragment,
            ),
            (
                &["HYDRA_ADMIN_URL"],
                self.hydra_admin_url.as_ref(),
                query_or_fragment,
            ),
            (&["MAIL_CATCHER_URL"], self.mail_catcher_url.as_ref(), user),
        ];
        urls.into_iter().filter_map(|(name, url, extra)| {
            let part = extra(url?)?;
            Some((
                &name[..],
                format!("{}: expected a URL without {part}", name[0]),
            ))
        })
    }

    fn base_path_conflict(&self) -> Option<Conflict> {
        match (&self.base_path, self.public_url.path().parse::<Base>()) {
            (_, Err(error)) => Some((&["PUBLIC_URL"], format!("PUBLIC_URL: {error}"))),
            (Some(base), Ok(path)) if path != Base::default() && path != *base => Some((
                &["BASE_PATH", "PUBLIC_URL"],
                format!("BASE_PATH is {base}, but the path of PUBLIC_URL is {path}"),
            )),
            (Some(_) | None, Ok(_)) => None,
        }
    }

    fn metrics_conflict(&self) -> Option<Conflict> {
        let metrics = self.metrics_address?;
        let is_taken =
            metrics.port() == self.port && self.port != 0 && is_shared(metrics.ip(), self.host);
        is_taken.then(|| {
            let error = "METRICS_ADDRESS is the same as HOST and PORT: use another port";
            (&["METRICS_ADDRESS", "HOST", "PORT"][..], error.to_owned())
        })
    }

    fn cookie_conflict(&self) -> Option<Conflict> {
        HeaderName::try_from(&self.session_cookie).err().map(|_| {
            let error = "SESSION_COOKIE: expected a cookie name such as ory_kratos_session";
            (&["SESSION_COOKIE"][..], error.to_owned())
        })
    }

    fn tls_conflicts(&self) -> Vec<Conflict> {
        const FILES: &[&str] = &["TLS_CERT_PATH", "TLS_KEY_PATH"];
        let mut conflicts: Vec<Conflict> = Vec::new();
        if self.tls_cert_path.is_some() && !self.is_https() {
            let error = "PUBLIC_URL is not https, but TLS_CERT_PATH is set";
            conflicts.push((&["PUBLIC_URL"], error.to_owned()));
        }
        match self.certificate() {
            Ok(None) => {}
            Ok(Some(files)) => {
                let errors = files.read().err().into_iter().flatten();
                conflicts.extend(errors.map(|error| (FILES, error)));
            }
            Err(error) => {
                conflicts.push((FILES, error));
                let (certificate, key) = (&self.tls_cert_path, &self.tls_key_path);
                let single = tls::check_single(certificate.as_deref(), key.as_deref());
                conflicts.extend(single.map(|error| (FILES, error)));
            }
        }
        conflicts
    }

    /// Reads the operator's own texts, style and images.
    fn file_conflicts(&self) -> impl Iterator<Item = Conflict> {
        let texts = self.catalogue().err().into_iter().flat_map(|it| it.0);
        let brand: [(&'static [&'static str], _); 3] = [
            (&["BRAND_CSS"], self.style().err()),
            (&["LOGO"], self.logo().err()),
            (&["FAVICON"], self.icon().err()),
        ];
        let brand = brand.into_iter();
        texts
            .map(|error| (&["LOCALES_DIR"][..], error))
            .chain(brand.filter_map(|(name, error)| Some((name, error?))))
    }

    /// Returns true if Genkan listens on this URL, as far as that is known without resolving names.
    fn is_own(&self, url: &Url) -> bool {
        let own = self.host.to_canonical();
        let is_at = |host: IpAddr| {
            // A connection to the unspecified address reaches this machine.
            let host = match host.to_canonical() {
                IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
                IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
                host => host,
            };
            own == host || (host.is_loopback() && includes(own, host))
        };
        let is_here = match url.host() {
            Some(Host::Ipv4(host)) => is_at(host.into()),
            Some(Host::Ipv6(host)) => is_at(host.into()),
            Some(Host::Domain(name)) => {
                name.trim_end_matches('.') == "localhost"
                    && (is_at(Ipv4Addr::LOCALHOST.into()) || is_at(Ipv6Addr::LOCALHOST.into()))
            }
            None => false,
        };
        is_here && url.port_or_known_default() == Some(self.port)
    }
}

/// Returns true if listeners on these two addresses would share connections.
fn is_shared(one: IpAddr, other: IpAddr) -> bool {
    let (one, other) = (one.to_canonical(), other.to_canonical());
    one == other || includes(one, other) || includes(other, one)
}

/// Returns true if `all` is an unspecified address that includes `one`. `::` includes IPv4.
fn includes(all: IpAddr, one: IpAddr) -> bool {
    all.is_unspecified() && (all.is_ipv6() || one.to_canonical().is_ipv4())
}

/// Returns the first part of a URL besides its scheme, host, port and path.
pub(super) fn extra_part(url: &Url) -> Option<&'static str> {
    user(url).or_else(|| query_or_fragment(url))
}

fn user(url: &Url) -> Option<&'static str> {
    has_user(url).then_some("a user")
}

fn query_or_fragment(url: &Url) -> Option<&'static str> {
    if url.query().is_some() {
        Some("a query")
    } else if url.fragment().is_some() {
        Some("a fragment")
    } else {
        None
    }
}
