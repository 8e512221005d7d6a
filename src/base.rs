//! The path below which Genkan is served, where it shares its origin with others: added where addresses go out, taken away
//! where they come in. Everywhere else paths are without it.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// `/auth`, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base(Arc<str>);

impl Default for Base {
    fn default() -> Self {
        Self(Arc::from(""))
    }
}

impl Base {
    /// Whether there is none.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// A path as browsers have to know it.
    pub fn at(&self, path: &str) -> String {
        [&*self.0, path].concat()
    }

    /// A path, with or without a query, as Genkan knows it. `None` where it is not below the base.
    pub fn strip<'a>(&self, path: &'a str) -> Option<&'a str> {
        let rest = path.strip_prefix(&*self.0)?;
        match rest.as_bytes().first() {
            None => Some("/"),
            Some(b'/') => Some(rest),
            Some(_) => None,
        }
    }
}

impl FromStr for Base {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let path = text.strip_prefix('/').unwrap_or(text);
        if path.is_empty() {
            return Ok(Self::default());
        }
        let path = path.strip_suffix('/').unwrap_or(path);
        let is_right = path
            .split('/')
            .all(|part| !matches!(part, "" | "." | "..") && part.bytes().all(is_plain));
        if is_right {
            Ok(Self(format!("/{path}").into()))
        } else {
            Err("a path of letters, digits and -._~ is needed, like /auth".to_owned())
        }
    }
}

impl fmt::Display for Base {
    /// With a slash at the end, as in an address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.0)
    }
}
