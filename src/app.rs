//! The table of pages: which path shows what. Fragments, assets and Kratos' own paths are in [`crate::server`].

use axum::Router;
use axum::extract::{Extension, Request};
use axum::routing::{MethodRouter, get};

use crate::error::Error;
use crate::flows::{login, logout, recovery, registration, settings, verification};
use crate::hypermedia::{Reply, to_page, unasked};
use crate::pages::{consent, device, error, sessions, welcome};
use crate::visit::Visit;

/// All pages. Each is drawn whole, when all it needs is there.
pub fn pages<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/login", page(login::open))
        .route("/registration", page(registration::open))
        .route("/verification", page(verification::open))
        .route("/recovery", page(recovery::open))
        .route("/settings", page(settings::open))
        .route("/logout", page(logout::open))
        .route("/sessions", page(sessions::open))
        .route("/consent", page(consent::open))
        .route("/device", page(device::open))
        .route("/device/done", page(device::done))
        .route("/welcome", page(welcome::open))
        .route("/error", page(error::open))
}

fn page<S, Open, Decided>(open: Open) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Open: Fn(Visit) -> Decided + Clone + Send + Sync + 'static,
    Decided: Future<Output = Result<Reply, Error>> + Send,
{
    get(
        async move |Extension(visit): Extension<Visit>, request: Request| match unasked(
            &visit, &request,
        ) {
            Some(answer) => answer,
            None => to_page(&visit, open(visit.clone()).await),
        },
    )
}
