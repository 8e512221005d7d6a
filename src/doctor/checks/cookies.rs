//! Checks that browsers at Genkan's URL keep Kratos' cookies, and send them.

use http::HeaderMap;
use http::header::SET_COOKIE;
use url::Url;

use super::Setup;
use crate::config::Config;
use crate::doctor::report::Check;
use crate::kratos::ANTI_CSRF;

const COOKIES: &str = "cookies";
const SESSION: &str = "session.cookie";

/// Finds the anti-CSRF cookie in a response. A proxy may add cookies of its own before it.
///
/// # Errors
/// Returns a failed check if there is none.
pub(in crate::doctor) fn find_csrf(headers: &HeaderMap) -> Result<&str, Check> {
    let mut cookies = headers.get_all(SET_COOKIE).iter();
    let cookie = cookies.find_map(|it| {
        let cookie = it.to_str().ok()?;
        cookie.starts_with(ANTI_CSRF).then_some(cookie)
    });
    cookie.ok_or_else(|| {
        Check::wrong(
            COOKIES,
            "Kratos sends no anti-CSRF cookie with a new flow",
            "check the proxies between Genkan and Kratos: they have to let Set-Cookie pass",
        )
    })
}

/// Checks the attributes of the anti-CSRF cookie.
pub(in crate::doctor) fn running(config: &Config, cookie: &str) -> Vec<Check> {
    let message = format!(
        "browsers at {} keep Kratos' anti-CSRF cookie",
        config.public()
    );
    Cookie::parse(cookie).checks(COOKIES, "cookies are", message, config)
}

/// Returns what a running Kratos does not show without a session.
pub(in crate::doctor) fn hidden(config: &Config) -> [Check; 2] {
    const FIX: &str = "--kratos-config reads it";
    let name = &config.session_cookie;
    [
        Check::unknown(
            format!("{SESSION}.name"),
            format!("{SESSION}.name: SESSION_COOKIE is {name}; {FIX}"),
        ),
        Check::unknown(
            SESSION,
            format!("{SESSION}.domain, path and same_site, if they differ from cookies: {FIX}"),
        ),
    ]
}

/// Checks that Kratos and Genkan agree on the name of the session cookie.
pub(in crate::doctor) fn session_name(setup: &Setup<'_>) -> Check {
    let key = format!("{SESSION}.name");
    let genkan = &setup.config.session_cookie;
    let kratos = setup.files.text(&key).unwrap_or("ory_kratos_session");
    if kratos == genkan {
        return Check::right(&*key, format!("{key} is SESSION_COOKIE: {genkan}"));
    }
    Check::wrong(
        &*key,
        format!("{key} is {kratos}, but SESSION_COOKIE is {genkan}"),
        format!("set SESSION_COOKIE to {kratos}"),
    )
}

/// Checks the attributes of the session cookie in the files.
pub(in crate::doctor) fn session(setup: &Setup<'_>) -> Vec<Check> {
    let own = |name: &str| setup.files.text(&format!("{SESSION}.{name}"));
    let shared = |name: &str| setup.files.text(&format!("{COOKIES}.{name}"));
    let cookie = Cookie {
        domain: own("domain").or_else(|| shared("domain")),
        path: own("path").or_else(|| shared("path")),
        same_site: own("same_site").or_else(|| shared("same_site")),
        is_secure: None,
    };
    let attributes = ["domain", "path", "same_site"];
    let has_own = attributes.iter().any(|it| own(it).is_some());
    let mut checks = Vec::new();
    if !has_own {
        let message = format!("{SESSION}.domain, path and same_site are those of {COOKIES}");
        checks.push(Check::right(SESSION, message));
    }
    // Without attributes of its own, it has those of the cookies that a running Kratos shows.
    let key = if has_own { SESSION } else { COOKIES };
    let message = format!("browsers at {} keep session cookies", setup.config.public());
    checks.extend(cookie.checks(key, "session cookies are", message, setup.config));
    checks
}

/// What is wrong with a cookie, and how to fix it.
type Fault = (String, &'static str);

/// The attributes of a cookie.
#[derive(Debug, Default)]
struct Cookie<'a> {
    domain: Option<&'a str>,
    path: Option<&'a str>,
    same_site: Option<&'a str>,
    /// `None` if it is not known.
    is_secure: Option<bool>,
}

impl<'a> Cookie<'a> {
    /// Parses a `Set-Cookie` header.
    fn parse(header: &'a str) -> Self {
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

    /// Returns a check for each reason why browsers do not send the cookie, or one with a message
    /// that they do. `subject` begins the sentence.
    fn checks(&self, key: &str, subject: &str, message: String, config: &Config) -> Vec<Check> {
        let faults = self.faults(subject, config);
        if faults.is_empty() {
            return vec![Check::right(key, message)];
        }
        let faults = faults.into_iter();
        faults
            .map(|(message, fix)| Check::wrong(key, message, fix))
            .collect()
    }

    fn faults(&self, subject: &str, config: &Config) -> Vec<Fault> {
        let public = config.public();
        let host = public.host_str().unwrap_or_default();
        let found = [
            self.domain_fault(subject, host),
            self.kratos_domain_fault(host, config),
            self.path_fault(subject, &public),
            self.secure_fault(subject, &public, config.is_https()),
            self.same_site_fault(subject),
        ];
        found.into_iter().flatten().collect()
    }

    fn domain(&self) -> Option<String> {
        let domain = self.domain.filter(|it| !it.is_empty());
        domain.map(|it| it.trim_start_matches('.').to_ascii_lowercase())
    }

    fn domain_fault(&self, subject: &str, host: &str) -> Option<Fault> {
        let domain = self.domain().filter(|domain| !is_in(host, domain))?;
        Some((
            format!("{subject} for the domain {domain}, but Genkan is at {host}"),
            "remove cookies.domain and session.cookie.domain, \
             or set them to Genkan's host or one of its parent domains",
        ))
    }

    /// Providers and links in e-mails send browsers to Kratos itself.
    fn kratos_domain_fault(&self, host: &str, config: &Config) -> Option<Fault> {
        let kratos = config.kratos_browser_url.as_ref().and_then(Url::host_str)?;
        // Without a domain, a cookie is for one host only (RFC 6265 §5.3).
        let domain = self.domain();
        let is_sent = domain.map_or(kratos == host, |domain| is_in(kratos, &domain));
        (!is_sent).then(|| {
            (
                format!(
                    "cookies from {host} are not sent to {kratos}, \
                     the host of KRATOS_BROWSER_URL"
                ),
                "set cookies.domain and session.cookie.domain to a parent domain of both; \
                 if there is none, set serve.public.base_url to PUBLIC_URL \
                 and remove KRATOS_BROWSER_URL",
            )
        })
    }

    /// Compares the paths (RFC 6265 §5.1.4). Genkan's own path ends with a slash.
    fn path_fault(&self, subject: &str, public: &Url) -> Option<Fault> {
        let is_above = |path: &&str| {
            let below = public.path().strip_prefix(path.trim_end_matches('/'));
            below.is_some_and(|below| below.starts_with('/'))
        };
        let path = self.path.filter(|path| !is_above(path))?;
        Some((
            format!("{subject} for the path {path}"),
            "set cookies.path and session.cookie.path to /",
        ))
    }

    fn secure_fault(&self, subject: &str, public: &Url, is_https: bool) -> Option<Fault> {
        let is_secure = self.is_secure?;
        let host = public.host_str().unwrap_or_default();
        let is_local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        if is_https && !is_secure {
            Some((
                format!("{subject} not Secure, although PUBLIC_URL is https"),
                "start Kratos without --dev",
            ))
        } else if !is_https && is_secure && !is_local {
            Some((
                format!("{subject} Secure, but browsers do not keep such cookies at {public}"),
                "set PUBLIC_URL to an https URL; for development only, start Kratos with --dev",
            ))
        } else {
            None
        }
    }

    fn same_site_fault(&self, subject: &str) -> Option<Fault> {
        const FIX: &str = "set cookies.same_site and session.cookie.same_site to Lax";
        match self.same_site?.to_ascii_lowercase().as_str() {
            "strict" => Some((
                format!(
                    "{subject} SameSite=Strict: \
                     browsers do not send them after a link in an e-mail or a provider"
                ),
                FIX,
            )),
            "none" if self.is_secure == Some(false) => Some((
                format!("{subject} SameSite=None and not Secure: browsers do not keep them"),
                FIX,
            )),
            _ => None,
        }
    }
}

fn is_in(host: &str, domain: &str) -> bool {
    host == domain || host.ends_with(&format!(".{domain}"))
}
