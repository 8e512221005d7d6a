//! Parses single values. No error quotes its value: it may be a secret that belongs elsewhere.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{PathBufValueParser, TypedValueParser};
use http::HeaderValue;
use percent_encoding::percent_decode_str;
use tracing_subscriber::filter::{LevelFilter, ParseError, Targets};
use url::Url;

use super::List;
use super::validation::extra_part;
use crate::origin::ReturnOrigin;

/// Maximum number of threads, which is more than any machine has cores.
const MAX_THREADS: usize = 1024;

/// Returns a parser for items between commas. Its error names all invalid items by their numbers.
pub(super) fn list<T, E: fmt::Display>(
    parse: impl Fn(&str) -> Result<T, E> + Clone,
) -> impl Fn(&str) -> Result<List<T>, String> + Clone {
    move |text| {
        if text.is_empty() {
            return Ok(Vec::new());
        }
        let items = text.split(',').enumerate().map(|(index, item)| {
            let number = index + 1;
            match item.trim() {
                "" => Err(format!("item {number}: the item is empty")),
                item => parse(item).map_err(|error| format!("item {number}: {error}")),
            }
        });
        let (items, errors): (Vec<_>, Vec<_>) = items.partition(Result::is_ok);
        if errors.is_empty() {
            Ok(items.into_iter().flatten().collect())
        } else {
            let errors: Vec<String> = errors.into_iter().filter_map(Result::err).collect();
            Err(errors.join("; "))
        }
    }
}

pub(super) fn text(text: &str) -> Result<String, String> {
    Ok(text.to_owned())
}

pub(super) fn ip(text: &str) -> Result<IpAddr, &'static str> {
    text.parse()
        .map_err(|_| "expected an IP address, e.g. 127.0.0.1 or ::")
}

pub(super) fn port(text: &str) -> Result<u16, &'static str> {
    text.parse()
        .map_err(|_| "expected an integer from 0 to 65535")
}

/// Returns a parser for an integer from 0 to `max`, which is the maximum of its type.
pub(super) fn integer<T: FromStr>(
    max: impl fmt::Display + Clone,
) -> impl Fn(&str) -> Result<T, String> + Clone {
    move |text| {
        text.parse()
            .map_err(|_| format!("expected an integer from 0 to {max}"))
    }
}

/// Parses the path of a file. The content of a key file is not accepted, and never quoted.
pub(super) fn path() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| {
        let text = path.to_string_lossy();
        if text.contains('\n') || text.contains("-----BEGIN") {
            Err("expected the path of a file, not its content")
        } else if text.contains("://") {
            Err("expected the path of a file, not a URL")
        } else {
            Ok(path)
        }
    })
}

pub(super) fn socket(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse()
        .map_err(|_| "expected an IP address with a port, e.g. 127.0.0.1:9464")
}

/// Parses a log filter. [`Targets`] would take a misspelled level for a module, and log nothing.
pub(super) fn log(text: &str) -> Result<Targets, String> {
    let items: Vec<&str> = text.split(',').map(str::trim).collect();
    let is_valid = |item: &&str| match item.split_once('=') {
        Some((module, _)) => !module.is_empty() && !module.contains([' ', ';']),
        None => !item.is_empty() && item.parse::<LevelFilter>().is_ok(),
    };
    if items.iter().all(is_valid) {
        let targets = items.join(",").parse();
        targets.map_err(|error: ParseError| error.to_string())
    } else {
        let levels = "off, error, warn, info, debug, trace";
        Err(format!(
            "expected a level ({levels}), alone or for a module as in genkan=debug"
        ))
    }
}

pub(super) fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(threads @ 1..=MAX_THREADS) => Ok(threads),
        Ok(_) | Err(_) => Err(format!("expected an integer from 1 to {MAX_THREADS}")),
    }
}

/// Parses a bearer token into the value of an `Authorization` header.
pub(super) fn bearer(token: &str) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
        .map_err(|_| "expected one line of printable characters".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

pub(super) fn http_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text)
        .map_err(|error| format!("expected a URL such as https://id.example ({error})"))?;
    // A user that is not valid UTF-8 would not reach Kratos at all.
    let is_text = |part: &str| percent_decode_str(part).decode_utf8().is_ok();
    if ![url.username(), url.password().unwrap_or_default()]
        .into_iter()
        .all(is_text)
    {
        return Err("the user in the URL is not valid UTF-8".to_owned());
    }
    match url.scheme() {
        "http" | "https" => Ok(url),
        // The scheme is not quoted: it may be the part of a password before a colon.
        _ => Err("the URL is neither http nor https".to_owned()),
    }
}

/// Parses a URL that consists of an origin only.
pub(super) fn origin(text: &str) -> Result<ReturnOrigin, String> {
    let url = http_url(text)?;
    let origin = url.origin().ascii_serialization();
    if url.path() != "/" || extra_part(&url).is_some() {
        // The rest is not quoted: it may have a password in it.
        Err(format!("expected an origin only, such as {origin}"))
    } else {
        ReturnOrigin::try_from(url).map_err(|error| format!("{origin}: {error}"))
    }
}
