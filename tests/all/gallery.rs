//! The gallery draws every state in every language, with no Kratos.

use std::fs;
use std::path::Path;

use clap::Parser;
use fluent_syntax::ast::{Entry, PatternElement};
use genkan::config::Config;
use genkan::gallery;
use genkan::i18n::Locale;
use genkan::net;
use tokio::net::TcpListener;

use crate::support::{Browser, PUBLIC, Page};

async fn gallery() -> Browser {
    let config = Config::parse_from(["genkan", "--public-url", PUBLIC]);
    let recordings = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    let limiter = config.connection_limiter();
    let router = gallery::router(config, recordings).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        net::serve(listener, router, None, limiter, std::future::pending()).await
    });
    Browser::new(address)
}

#[tokio::test]
async fn every_state_is_drawn_in_every_language() {
    let browser = gallery().await;
    let states: Vec<String> =
        serde_json::from_str(&browser.get("/gallery/states.json").await.body).unwrap();
    assert!(states.len() > 90, "{}", states.len());
    let mut names = states.clone();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), states.len(), "a name that is there twice");
    for name in &states {
        for locale in Locale::ALL {
            let page = browser.get(&format!("/gallery/{name}?lang={locale}")).await;
            // An error has the status of the error.
            let status = page.status;
            if name.starts_with("error") {
                assert!(status >= 400, "{name}: {status}");
            } else {
                assert_eq!(status, 200, "{name}: {}", page.body);
            }
            page.is_document(status);
            let lang = page.attr("html", "lang");
            assert_eq!(lang.as_deref(), Some(locale.tag()), "{name}");
        }
    }
}

/// Where the snapshots are, from the folder of this file.
const SNAPSHOTS: &str = "../snapshots/gallery";

/// Returns the HTML of a page with one tag a line. Left out is what differs from request to request
/// or is never seen: nonces, the number of the request, the hashes in the names of assets, and the
/// empty comments by which leptos marks where a view ends.
fn normalised(page: &Page) -> String {
    let nonce = page.attr("script[nonce]", "nonce").unwrap_or_default();
    let request = page.header("x-request-id").unwrap();
    let html = page
        .body
        .replace(&nonce, "NONCE")
        .replace(request, "REQUEST")
        .replace("<!>", "");
    let mut lines: Vec<String> = Vec::new();
    for part in html.replace('<', "\n<").replace('>', ">\n").lines() {
        if !part.trim().is_empty() {
            lines.push(without_hash(part.trim()));
        }
    }
    lines.join("\n")
}

/// Leaves the hash out of `/assets/NAME.HASH.EXTENSION`.
fn without_hash(line: &str) -> String {
    let Some((before, rest)) = line.split_once("/assets/") else {
        return line.to_owned();
    };
    let end = rest.find('"').unwrap_or(rest.len());
    let mut parts: Vec<&str> = rest[..end].split('.').collect();
    parts.remove(parts.len() - 2);
    format!("{before}/assets/{}{}", parts.join("."), &rest[end..])
}

/// A change of markup is reviewed as a change of these files: `INSTA_UPDATE=always cargo test` writes
/// them.
#[tokio::test]
async fn the_html_of_every_state_is_that_of_its_snapshot() {
    let browser = gallery().await;
    let states: Vec<String> =
        serde_json::from_str(&browser.get("/gallery/states.json").await.body).unwrap();
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(SNAPSHOTS);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for name in &states {
        let mut pages = String::new();
        for locale in Locale::ALL {
            let page = browser.get(&format!("/gallery/{name}?lang={locale}")).await;
            pages.push_str(&format!(
                "{locale}, {}\n{}\n\n",
                page.status,
                normalised(&page)
            ));
        }
        settings.bind(|| insta::assert_snapshot!(name.as_str(), pages));
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/gallery");
    let files = fs::read_dir(folder).unwrap();
    let mut files: Vec<String> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    let mut wanted: Vec<String> = states.iter().map(|name| format!("{name}.snap")).collect();
    files.sort();
    wanted.sort();
    assert_eq!(files, wanted, "a snapshot without its state");
}

/// Texts that no state has, and why.
const ELSEWHERE: [(&str, &str); 13] = [
    ("help", "a link of the operator's"),
    ("mail-catcher", "a link for development"),
    ("field-new-tab", "a link in the operator's own words"),
    ("trait-", "names of fields, whichever a schema has"),
    (
        "recovery-code-lead-unknown",
        "where Kratos does not say the address",
    ),
    ("sessions-method-code", "a session begun by a mailed code"),
    ("sessions-unknown", "a device that tells nothing"),
    ("sessions-more", "more sessions than are listed"),
    ("flash-missing", "said as an error of the field"),
    ("error-origin", "a form of another site"),
    ("error-too-large-lead", "a form without end"),
    ("error-address", "an address without end"),
    ("error-too-many-lead", "where the wait is not known"),
];

#[tokio::test]
async fn every_text_is_in_some_state() {
    let browser = gallery().await;
    let states = browser.get("/gallery/states.json").await;
    let states: Vec<String> = serde_json::from_str(&states.body).unwrap();
    let mut drawn = String::new();
    for name in &states {
        let page = browser.get(&format!("/gallery/{name}?lang=ja")).await;
        drawn.extend(page.texts("title, body"));
        drawn.push_str(&page.body);
    }

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales/ja/ui.ftl");
    let texts = fluent_syntax::parser::parse(fs::read_to_string(path).unwrap()).unwrap();
    let mut missing = Vec::new();
    for entry in texts.body {
        let Entry::Message(message) = entry else {
            continue;
        };
        let elements = message.value.unwrap().elements.into_iter();
        let longest = elements
            .filter_map(|element| match element {
                PatternElement::TextElement { value } => Some(value),
                PatternElement::Placeable { .. } => None,
            })
            .flat_map(|it| it.split(['<', '>']).map(str::to_owned).collect::<Vec<_>>())
            .max_by_key(String::len);
        if longest.is_some_and(|it| !drawn.contains(it.trim())) {
            missing.push(message.id.name);
        }
    }
    let is_one = |(key, _): &&(&str, &str)| missing.iter().any(|it| it.starts_with(key));
    let needless: Vec<_> = ELSEWHERE.iter().filter(|it| !is_one(it)).collect();
    missing.retain(|it| !ELSEWHERE.iter().any(|(key, _)| it.starts_with(key)));
    assert_eq!((missing, needless), (vec![], vec![]));
}

#[tokio::test]
async fn a_state_has_the_theme_that_is_asked_for_and_can_be_framed() {
    let browser = gallery().await;
    for theme in ["light", "dark"] {
        let page = browser.get(&format!("/gallery/login?theme={theme}")).await;
        assert_eq!(page.attr("html", "data-theme").as_deref(), Some(theme));
        assert_eq!(page.header("x-frame-options"), None);
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-ancestors 'self'"), "{policy}");
    }
}

#[tokio::test]
async fn the_contact_sheet_shows_all_states() {
    let browser = gallery().await;
    let states = browser.get("/gallery/states.json").await;
    let states: Vec<String> = serde_json::from_str(&states.body).unwrap();
    let sheet = browser.get("/gallery?lang=en&theme=dark&width=1280").await;
    assert_eq!(
        sheet.count("iframe[width='1280'][loading=lazy]"),
        states.len()
    );
    let both = browser.get("/gallery").await;
    assert_eq!(both.count("iframe[width='320']"), 2 * states.len());
    let first = format!("/gallery/{}?lang=en&theme=dark", states[0]);
    assert_eq!(sheet.attr("iframe", "src"), Some(first));
    assert_eq!(browser.get("/gallery/nothing-like-it").await.status, 404);
}

#[tokio::test]
async fn without_recordings_the_gallery_says_so() {
    let config = Config::parse_from(["genkan"]);
    let fault = gallery::router(config, "no/such/folder".into()).await;
    assert!(fault.unwrap_err().to_string().contains("no/such/folder"));
}
