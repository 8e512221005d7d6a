//! The reload of pages after a build: only in a program that `cargo leptos watch` started.

use std::process::{Child, Command};

use crate::support::{Browser, Page, free_address, listening};

/// The variables that cargo-leptos 0.3 sets for the program, with a port of its own.
const WATCH: [(&str, &str); 8] = [
    ("LEPTOS_OUTPUT_NAME", "genkan"),
    ("LEPTOS_SITE_ROOT", "target/site"),
    ("LEPTOS_SITE_PKG_DIR", "pkg"),
    ("LEPTOS_SITE_ADDR", "127.0.0.1:3000"),
    ("LEPTOS_RELOAD_PORT", "3009"),
    ("LEPTOS_BIN_DIR", "."),
    ("LEPTOS_HASH_FILES", "false"),
    ("LEPTOS_WATCH", "true"),
];

struct Program {
    child: Child,
    browser: Browser,
}

impl Program {
    async fn start(variables: &[(&str, &str)]) -> Self {
        let address = free_address();
        let child = Command::new(env!("CARGO_BIN_EXE_genkan"))
            .env_clear()
            .env("KRATOS_PUBLIC_URL", "http://127.0.0.1:1")
            .env("PUBLIC_URL", "http://genkan.localhost:3000")
            .env("PORT", address.port().to_string())
            .env("RUST_LOG", "off")
            .envs(variables.iter().copied())
            .spawn()
            .unwrap();
        listening(address).await;
        let browser = Browser::new(address);
        Self { child, browser }
    }

    /// The error page, which needs no Kratos.
    async fn page(&self) -> Page {
        self.browser.get("/no-such-page").await
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Returns the sources of `connect-src`, and the nonce of scripts.
fn policy(page: &Page) -> (String, String) {
    let policy = page.header("content-security-policy").unwrap();
    let directive = |name: &str| {
        let mut directives = policy.split("; ");
        let found = directives.find_map(|directive| directive.strip_prefix(name));
        found.unwrap().trim().to_owned()
    };
    let nonce = directive("script-src").replace("'nonce-", "");
    (directive("connect-src"), nonce.replace('\'', ""))
}

#[tokio::test]
async fn a_watched_program_reloads_its_pages() {
    let program = Program::start(&WATCH).await;
    let page = program.page().await;
    let (connect, nonce) = policy(&page);
    assert_eq!(connect, "'self' ws://genkan.localhost:3009");
    let scripts = page.texts("script:not([src])");
    assert_eq!(scripts.len(), 1);
    assert!(scripts[0].contains("/live_reload"), "{}", scripts[0]);
    assert!(scripts[0].contains("3009"), "{}", scripts[0]);
    // Without the nonce of this very page the script would not run.
    assert_eq!(page.attr("script:not([src])", "nonce"), Some(nonce));
    let (_, next) = policy(&program.page().await);
    assert_ne!(page.attr("script:not([src])", "nonce"), Some(next));
}

#[tokio::test]
async fn a_program_that_nothing_watches_has_neither_the_script_nor_the_websocket() {
    // Also not if the rest of cargo-leptos' environment is there, as in `cargo leptos serve`.
    for variables in [&[][..], &WATCH[..7]] {
        let program = Program::start(variables).await;
        let page = program.page().await;
        assert_eq!(policy(&page).0, "'self'");
        assert_eq!(page.count("script:not([src])"), 0);
        assert!(!page.body.contains("live_reload"));
    }
}
