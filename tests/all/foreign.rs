//! No other site can have a browser change anything here: every route is guarded, also the ones that are yet to be written.

use std::collections::BTreeSet;

use genkan::server;
use http::Method;
use server_fn::axum::server_fn_paths;

use crate::support::{
    Answer, HOWS, How, Page, Recording, config, fragment_of, say, site, site_with_hydra,
};

/// What a browser says of a post that comes from elsewhere.
pub(crate) const FOREIGN: [&[(&str, &str)]; 13] = [
    &[
        ("origin", "https://evil.test"),
        ("sec-fetch-site", "cross-site"),
    ],
    &[
        ("origin", "http://localhost:3000"),
        ("sec-fetch-site", "same-site"),
    ],
    &[("origin", "null"), ("sec-fetch-site", "cross-site")],
    &[("origin", ""), ("sec-fetch-site", "cross-site")],
    // Browsers that do not say where a request comes from say its origin.
    &[("origin", "https://evil.test"), ("sec-fetch-site", "")],
    &[("origin", "null"), ("sec-fetch-site", "")],
    &[("origin", "http://127.0.0.1:3001"), ("sec-fetch-site", "")],
    // Another scheme is another site, and no site says which one this is.
    &[("origin", "https://127.0.0.1:3000"), ("sec-fetch-site", "")],
    &[
        ("host", "evil.test"),
        ("origin", "http://evil.test"),
        ("sec-fetch-site", ""),
    ],
    // What one header says does not make the other good.
    &[("origin", "https://evil.test"), ("sec-fetch-site", "none")],
    &[
        ("origin", "https://evil.test"),
        ("sec-fetch-site", "same-origin"),
    ],
    &[("origin", "null"), ("sec-fetch-site", "none")],
    // Where there is neither, the page that it comes from has to do.
    &[
        ("origin", ""),
        ("sec-fetch-site", ""),
        ("referer", "https://evil.test/x"),
    ],
];

/// The exception: some identity providers post their answer from their own site. What it is worth is for Kratos to say,
/// which knows by a cookie whom it sent there.
const CALLBACKS: [&str; 3] = [
    "/self-service/methods/oidc/callback",
    "/self-service/methods/oidc/callback/x",
    "/self-service/methods/oidc/organization/x/callback/x",
];

/// The paths of all routes, as the router itself tells them, with something in the place of each parameter.
fn routes() -> BTreeSet<String> {
    let router = server::router(config("http://127.0.0.1:9", &[])).unwrap();
    let told = format!("{router:?}");
    let paths = told.split("RouteId(").filter_map(|part| {
        let (_, rest) = part.split_once("): \"")?;
        let (path, _) = rest.split_once('"')?;
        path.starts_with('/').then(|| {
            let segments = path.split('/').map(|segment| match segment {
                "{flow}" => "login",
                segment if segment.starts_with('{') => "x",
                segment => segment,
            });
            segments.collect::<Vec<_>>().join("/")
        })
    });
    paths.collect()
}

/// The guard is around the whole router, so that a path that takes no posts is guarded like one that does. A route that is
/// added outside of it is found here.
#[tokio::test]
async fn a_post_from_elsewhere_is_refused_on_every_route_there_is() {
    let routes = routes();
    let taking_forms: Vec<&str> = server_fn_paths().map(|(path, _)| path).collect();
    assert!(taking_forms.len() > 7, "{taking_forms:?}");
    for path in taking_forms.iter().copied().chain(CALLBACKS) {
        assert!(routes.contains(path), "{path} is not in {routes:?}");
    }
    let (kratos, browser) = site_with_hydra(&[]).await;
    browser.keep("ory_kratos_session", "s");
    for path in &routes {
        for headers in FOREIGN {
            for how in HOWS {
                let page = browser.post_with(how, path, &[("a", "b")], headers).await;
                if CALLBACKS.contains(&&**path) {
                    assert_ne!(page.status, 403, "{path}");
                } else {
                    is_refused(&page, how, path);
                }
            }
        }
    }
    let to_others = |path: &str| !CALLBACKS.contains(&path);
    let asked = kratos.received();
    assert!(!asked.is_empty(), "the answer of a provider is passed on");
    assert!(asked.iter().all(|it| !to_others(&it.path)), "{asked:?}");
}

/// The same for all that is not there, and for every method that is not for reading.
#[tokio::test]
async fn whatever_changes_something_is_refused_from_elsewhere() {
    let (kratos, browser) = site().await;
    let mut paths = routes();
    paths.extend(["/nothing", "/self-service/login", "/fragments/x"].map(str::to_owned));
    for path in paths.iter().filter(|path| !CALLBACKS.contains(&&***path)) {
        for method in ["POST", "PUT", "PATCH", "DELETE", "PURGE"] {
            let method: Method = method.parse().unwrap();
            let page = browser.ask(method.clone(), path, FOREIGN[0]).await;
            assert_eq!(page.status, 403, "{method} {path}");
        }
    }
    assert!(kratos.received().is_empty());
}

/// Where the guard lets a post through, it is not because it lets all through.
#[tokio::test]
async fn a_post_from_here_is_not_refused() {
    for (path, _) in server_fn_paths() {
        let (_, browser) = site_with_hydra(&[]).await;
        for how in HOWS {
            let page = browser.post(how, path, &[("a", "b")]).await;
            assert_ne!(page.status, 403, "{path}: {}", page.body);
        }
    }
}

/// The second guard is Kratos': its token goes to it as it came, and Genkan has none to add.
#[tokio::test]
async fn a_token_that_is_missing_or_anothers_is_for_kratos_to_refuse() {
    let forms: [&[(&str, &str)]; 2] = [
        &[("method", "password"), ("password", "x")],
        &[
            ("method", "password"),
            ("password", "x"),
            ("csrf_token", "anothers"),
        ],
    ];
    for form in forms {
        for how in HOWS {
            let (kratos, browser) = site().await;
            kratos.on("POST /self-service/login", "login_submit_403_csrf");
            kratos.on("GET /self-service/login/browser", "login_init_200_unified");
            let id = Recording::read("login_submit_403_csrf").asked_id();
            let page = browser.post(how, &fragment_of("login", &id), form).await;
            let new = Recording::read("login_init_200_unified").id();
            assert_eq!(page.leads(how), format!("/login?flow={new}&again=1"));
            let told: Vec<_> = form
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect();
            assert_eq!(kratos.posted().form(), told);
        }
    }
}

/// What an identity provider posts is passed on to the callback, whoever posts it, and to nothing else.
#[tokio::test]
async fn only_callbacks_are_open_to_other_sites() {
    let (kratos, browser) = site().await;
    for path in CALLBACKS {
        let to = Answer::redirect("/login?flow=x");
        kratos.on(&format!("POST {path}"), to);
        let page = browser
            .post_with(How::Plain, path, &[("code", "1")], FOREIGN[0])
            .await;
        assert_eq!(page.redirects(), "/login?flow=x", "{path}");
        assert_eq!(kratos.received().pop().unwrap().path, path);
    }
    let before = kratos.received().len();
    for path in [
        "/self-service/methods/oidc/",
        "/self-service/methods/oidc/x",
        "/self-service/methods/oidc/callback/../../../logout",
        "/self-service/methods/oidc/callback/..%2f..%2f..%2flogout",
    ] {
        let page = browser
            .post_with(How::Plain, path, &[("code", "1")], FOREIGN[0])
            .await;
        assert!(matches!(page.status, 403 | 404), "{path}: {}", page.status);
    }
    assert_eq!(kratos.received().len(), before);
}

#[track_caller]
fn is_refused(page: &Page, how: How, path: &str) {
    assert_eq!(page.status, 403, "{path}");
    match how {
        How::Htmx => page.is_fragment(403),
        How::Plain => page.is_document(403),
    };
    assert_eq!(page.h1(), say("error-origin"), "{path}");
}
