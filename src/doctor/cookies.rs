//! Whether browsers at Genkan's address keep a cookie of Kratos', and send it.

use url::Url;

use crate::config::Config;

/// What is known of a cookie.
#[derive(Debug, Default)]
pub(super) struct Cookie<'a> {
    pub domain: Option<&'a str>,
    pub path: Option<&'a str>,
    pub same_site: Option<&'a str>,
    /// `None` where it is not known.
    pub is_secure: Option<bool>,
}

impl<'a> Cookie<'a> {
    /// Reads a `Set-Cookie` header.
    pub(super) fn of_header(header: &'a str) -> Self {
        let attribute = |name: &str| {
            header.split(';').skip(1).find_map(|part| {
                let (known, value) = part.split_once('=').unwrap_or((part, ""));
                let is_it = known.trim().eq_ignore_ascii_case(name);
                is_it.then_some(value.trim())
            })
        };
        Self {
            domain: attribute("Domain"),
            path: attribute("Path"),
            same_site: attribute("SameSite"),
            is_secure: Some(attribute("Secure").is_some()),
        }
    }

    /// Finds what keeps browsers from sending it, each with what to change. `whose` are the cookies, in words.
    pub(super) fn faults(&self, whose: &str, config: &Config) -> Vec<(String, &'static str)> {
        let public = config.public();
        let host = public.host_str().unwrap_or_default();
        let found = [
            self.domain_fault(whose, host),
            self.domain_of_kratos_fault(host, config),
            self.path_fault(whose, &public),
            self.secure_fault(whose, &public, config.is_https()),
            self.same_site_fault(whose),
        ];
        found.into_iter().flatten().collect()
    }

    fn domain(&self) -> Option<String> {
        let domain = self.domain.filter(|it| !it.is_empty());
        domain.map(|it| it.trim_start_matches('.').to_ascii_lowercase())
    }

    fn domain_fault(&self, whose: &str, host: &str) -> Option<(String, &'static str)> {
        let domain = self.domain().filter(|domain| !is_in(host, domain))?;
        Some((
            format!("{whose} for the domain {domain}, and Genkan is at {host}"),
            "leave cookies.domain and session.cookie.domain out, or set them to Genkan's host or a parent of it",
        ))
    }

    /// Browsers go to Kratos itself after a provider and with links in mails.
    fn domain_of_kratos_fault(
        &self,
        host: &str,
        config: &Config,
    ) -> Option<(String, &'static str)> {
        let kratos = config.kratos_browser_url.as_ref().and_then(Url::host_str)?;
        // Without a domain it is for one host alone (RFC 6265 §5.3).
        let domain = self.domain();
        let is_sent = domain.map_or(kratos == host, |domain| is_in(kratos, &domain));
        (!is_sent).then(|| {
            (
                format!("cookies from {host} are not sent to {kratos}, where browsers find Kratos (KRATOS_BROWSER_URL)"),
                "set cookies.domain and session.cookie.domain to a domain above both; where there is none, set serve.public.base_url to PUBLIC_URL and leave KRATOS_BROWSER_URL out",
            )
        })
    }

    /// RFC 6265 §5.1.4. Genkan's own path ends with a slash.
    fn path_fault(&self, whose: &str, public: &Url) -> Option<(String, &'static str)> {
        let is_above = |path: &&str| {
            let below = public.path().strip_prefix(path.trim_end_matches('/'));
            below.is_some_and(|below| below.starts_with('/'))
        };
        let path = self.path.filter(|path| !is_above(path))?;
        Some((
            format!("{whose} for the path {path}"),
            "set cookies.path and session.cookie.path to /",
        ))
    }

    fn secure_fault(
        &self,
        whose: &str,
        public: &Url,
        is_https: bool,
    ) -> Option<(String, &'static str)> {
        let is_secure = self.is_secure?;
        let host = public.host_str().unwrap_or_default();
        let is_local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        if is_https && !is_secure {
            Some((
                format!("{whose} not Secure, although Genkan is at https"),
                "start Kratos without --dev",
            ))
        } else if !is_https && is_secure && !is_local {
            Some((
                format!("{whose} Secure, and browsers do not keep those at {public}"),
                "set PUBLIC_URL to an https address; for development alone start Kratos with --dev",
            ))
        } else {
            None
        }
    }

    fn same_site_fault(&self, whose: &str) -> Option<(String, &'static str)> {
        const MEND: &str = "set cookies.same_site and session.cookie.same_site to Lax";
        match self.same_site?.to_ascii_lowercase().as_str() {
            "strict" => Some((
                format!(
                    "{whose} SameSite=Strict: browsers do not send them after a link in a mail or a provider"
                ),
                MEND,
            )),
            "none" if self.is_secure == Some(false) => Some((
                format!("{whose} SameSite=None and not Secure: browsers do not keep them"),
                MEND,
            )),
            _ => None,
        }
    }
}

fn is_in(host: &str, domain: &str) -> bool {
    host == domain || host.ends_with(&format!(".{domain}"))
}
