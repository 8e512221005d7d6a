//! Compares URLs, and removes from them what may be secret.

use url::Url;

use crate::config::Config;

/// Returns the URL of one of Genkan's pages.
pub(super) fn page(config: &Config, name: &str) -> Url {
    let mut url = config.public();
    url.set_path(&config.base().at(&format!("/{name}")));
    url
}

/// Returns a URL without its query and fragment.
pub(super) fn without_query(mut url: Url) -> Url {
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// Returns a URL without user and password.
pub(super) fn without_user(mut url: Url) -> Url {
    // Neither fails for http and https.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// Returns a URL without the parts that may be secret.
pub(super) fn redacted(url: Url) -> Url {
    without_user(without_query(url))
}

/// Returns true if two URLs are equal except for a slash at the end.
pub(super) fn is_same(one: &Url, other: &Url) -> bool {
    one.as_str().trim_end_matches('/') == other.as_str().trim_end_matches('/')
}

/// Returns true if a URL is that of a page, with any query.
pub(super) fn is_at(url: &Url, page: &Url) -> bool {
    is_same(&without_query(url.clone()), page)
}
