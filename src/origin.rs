//! An origin as the operator names it, or all subdomains of one.

use std::fmt;

use url::Url;

/// An origin that a `return_to` may lead to, or all subdomains of one: `https://*.apps.example`, as Kratos takes it in
/// `selfservice.allowed_return_urls` (1.3.1, `x/http_secure_redirect.go`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReturnOrigin {
    Exactly(Url),
    Below {
        scheme: String,
        /// The domain, with the dot before it.
        suffix: String,
        port: Option<u16>,
    },
}

impl ReturnOrigin {
    /// Tells whether an address has this origin. With `*.` the domain itself has it not: Kratos compares the end of the host.
    pub fn covers(&self, url: &Url) -> bool {
        match self {
            Self::Exactly(allowed) => allowed.origin() == url.origin(),
            Self::Below {
                scheme,
                suffix,
                port,
            } => {
                let below = url.domain().and_then(|it| it.strip_suffix(&**suffix));
                url.scheme() == scheme
                    && url.port_or_known_default() == *port
                    && below.is_some_and(|below| !below.is_empty())
            }
        }
    }

    /// Gives an address that has this origin.
    pub fn example(&self) -> Option<Url> {
        match self {
            Self::Exactly(url) => Some(url.clone()),
            Self::Below { .. } => Url::parse(&self.to_string().replace('*', "genkan")).ok(),
        }
    }
}

impl fmt::Display for ReturnOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(url) => url.fmt(f),
            Self::Below {
                scheme,
                suffix,
                port,
            } => {
                write!(f, "{scheme}://*{suffix}")?;
                let is_default =
                    matches!((&**scheme, port), ("http", Some(80)) | ("https", Some(443)));
                match port {
                    Some(port) if !is_default => write!(f, ":{port}/"),
                    Some(_) | None => f.write_str("/"),
                }
            }
        }
    }
}

impl TryFrom<Url> for ReturnOrigin {
    type Error = &'static str;

    /// Reads the host of an origin.
    ///
    /// # Errors
    /// A sentence for the operator, where `*` stands for more than the subdomains of a domain.
    fn try_from(url: Url) -> Result<Self, Self::Error> {
        let Some(host) = url.host_str().filter(|host| host.contains('*')) else {
            return Ok(Self::Exactly(url));
        };
        let domain = host.strip_prefix("*.").filter(|it| !it.contains('*'));
        let domain =
            domain.ok_or("a * stands for subdomains only, as in https://*.apps.example")?;
        // A browser would be sent to anybody's site below `*.com`.
        if !domain.trim_end_matches('.').contains('.') {
            return Err(
                "a * stands below a domain of two parts or more, as in https://*.apps.example",
            );
        }
        Ok(Self::Below {
            suffix: format!(".{domain}"),
            scheme: url.scheme().to_owned(),
            port: url.port_or_known_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_stands_for_subdomains_only_below_a_domain() {
        for (text, shown) in [
            ("https://*.apps.example", Some("https://*.apps.example/")),
            (
                "http://*.apps.example:8080",
                Some("http://*.apps.example:8080/"),
            ),
            ("https://%2A.apps.example", Some("https://*.apps.example/")),
            ("https://app.example", Some("https://app.example/")),
            ("https://*.example", None),
            ("https://*.example.", None),
            ("https://*", None),
            ("https://*apps.example", None),
            ("https://a.*.example", None),
            ("https://*.*.apps.example", None),
        ] {
            let url = Url::parse(text).expect("a url of the test");
            let origin = ReturnOrigin::try_from(url).ok();
            let written = origin.as_ref().map(ToString::to_string);
            assert_eq!(written.as_deref(), shown, "{text}");
            if let Some(origin) = origin {
                let example = origin.example().expect("an example");
                assert!(origin.covers(&example), "{example}");
            }
        }
    }
}
