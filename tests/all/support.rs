//! A fake Kratos that replays recordings, a real Genkan before it, and a browser that keeps cookies and looks at pages.

mod browser;
mod kratos;
mod recording;
mod trial;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser;
use genkan::config::Config;
use genkan::i18n::{Catalogue, Locale, Texts};
use genkan::net;
use genkan::server;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

pub(crate) use browser::{Browser, HOWS, How, Page};
pub(crate) use kratos::{Answer, Kratos, NO_FLOW, Received};
pub(crate) use recording::Recording;
pub(crate) use trial::always;

/// Where browsers find Genkan, as the recordings have it.
pub(crate) const PUBLIC: &str = "http://127.0.0.1:3000";
/// What the Kratos of the recordings (1.3.1) believed to be its own address.
pub(crate) const KRATOS: &str = "http://127.0.0.1:4533";

/// Returns an address of this machine that no program listens on.
pub(crate) fn free_address() -> SocketAddr {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    free.local_addr().unwrap()
}

/// Waits until a program that was started listens on its address.
pub(crate) async fn listening(address: SocketAddr) {
    for _ in 0..600 {
        if TcpStream::connect(address).await.is_ok() {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("no program listens on {address}");
}

/// A fake Kratos that answers nothing yet, and a browser on the Genkan before it.
pub(crate) async fn site() -> (Kratos, Browser) {
    site_with(&[]).await
}

/// The same, with settings of its own.
pub(crate) async fn site_with(settings: &[(&str, &str)]) -> (Kratos, Browser) {
    let kratos = Kratos::start().await;
    let address = genkan(kratos.url(), settings).await;
    (kratos, Browser::new(address))
}

/// For who sends more than any person would.
pub(crate) const UNLIMITED: [(&str, &str); 8] = [
    ("--limit-flows", "0"),
    ("--limit-attempts", "0"),
    ("--limit-sends", "0"),
    ("--limit-account-attempts", "0"),
    ("--limit-account-sends", "0"),
    ("--limit-account-sends-everywhere", "0"),
    ("--limit-second-factors", "0"),
    ("--resend-cool-down", "0"),
];

/// The same without limits.
pub(crate) async fn site_without_limits() -> (Kratos, Browser) {
    site_with(&UNLIMITED).await
}

/// The same with a Hydra, which the same stand-in plays.
pub(crate) async fn site_with_hydra(settings: &[(&str, &str)]) -> (Kratos, Browser) {
    let kratos = Kratos::start().await;
    let mut all = vec![("--hydra-admin-url", kratos.url())];
    all.extend(settings);
    let address = genkan(kratos.url(), &all).await;
    (kratos, Browser::new(address))
}

/// A browser on a Genkan whose Kratos does not listen.
pub(crate) async fn site_without_kratos() -> Browser {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    Browser::new(genkan(&nobody, &[]).await)
}

/// A browser on a Genkan that takes itself for Kratos.
pub(crate) async fn site_that_asks_itself() -> Browser {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let itself = format!("http://{}", listener.local_addr().unwrap());
    Browser::new(genkan_on(listener, &itself, &[]))
}

/// Starts a Genkan and says where it listens.
async fn genkan(kratos: &str, settings: &[(&str, &str)]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    genkan_on(listener, kratos, settings)
}

fn genkan_on(listener: TcpListener, kratos: &str, settings: &[(&str, &str)]) -> SocketAddr {
    let address = listener.local_addr().unwrap();
    let config = config(kratos, settings);
    let limiter = config.connection_limiter();
    let router = server::router(config).unwrap();
    let stop = std::future::pending();
    tokio::spawn(async move { net::serve(listener, router, None, limiter, stop).await });
    address
}

/// The configuration of the tests, with settings of its own.
pub(crate) fn config(kratos: &str, settings: &[(&str, &str)]) -> Config {
    let mut all = vec![
        ("--kratos-public-url", kratos),
        ("--kratos-browser-url", KRATOS),
        ("--public-url", PUBLIC),
        ("--default-lang", "ja"),
    ];
    for (name, value) in settings {
        all.retain(|(known, _)| known != name);
        all.push((name, value));
    }
    let arguments = all.iter().flat_map(|(name, value)| [*name, *value]);
    Config::parse_from(["genkan"].into_iter().chain(arguments))
}

/// A folder with an operator's texts.
pub(crate) fn locales(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("locales")
        .join(name);
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(&root).unwrap();
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

/// A text of the English catalogue. The tests hold on to what is said, not to its wording.
pub(crate) fn say(key: &str) -> String {
    say_with(key, &[])
}

pub(crate) fn say_with(key: &str, values: &[(&'static str, &str)]) -> String {
    said(Locale::En, key, values)
}

pub(crate) fn said(locale: Locale, key: &str, values: &[(&'static str, &str)]) -> String {
    let text = Texts::new(locale, Catalogue::embedded()).say_with(key, values);
    assert_ne!(text, key, "the catalogue has no {key}");
    text
}

/// The page of a flow.
pub(crate) fn page_of(kind: &str, id: &str) -> String {
    format!("/{kind}?flow={id}")
}

/// Where the forms of that page go.
pub(crate) fn fragment_of(kind: &str, id: &str) -> String {
    format!("/fragments/{kind}?flow={id}")
}
