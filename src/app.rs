//! The table of pages: which path shows what. Fragments, assets and Kratos' own paths are in [`crate::server`].

use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{SsrMode, path};

use crate::error::Error;
use crate::flows::{login, logout, recovery, registration, settings, verification};
use crate::hypermedia::page;
use crate::pages::{consent, error, sessions, welcome};

/// All pages. Each is rendered whole on the server, when all it needs is there.
#[component]
pub fn App() -> impl IntoView {
    view! {
        <Router>
            <FlatRoutes fallback=|| page(async { Err(Error::NotFound) })>
                <Route path=path!("/login") view=|| page(login::open()) ssr=SsrMode::Async/>
                <Route path=path!("/registration") view=|| page(registration::open()) ssr=SsrMode::Async/>
                <Route path=path!("/verification") view=|| page(verification::open()) ssr=SsrMode::Async/>
                <Route path=path!("/recovery") view=|| page(recovery::open()) ssr=SsrMode::Async/>
                <Route path=path!("/settings") view=|| page(settings::open()) ssr=SsrMode::Async/>
                <Route path=path!("/logout") view=|| page(logout::open()) ssr=SsrMode::Async/>
                <Route path=path!("/sessions") view=|| page(sessions::open()) ssr=SsrMode::Async/>
                <Route path=path!("/consent") view=|| page(consent::open()) ssr=SsrMode::Async/>
                <Route path=path!("/welcome") view=|| page(welcome::open()) ssr=SsrMode::Async/>
                <Route path=path!("/error") view=|| page(error::open()) ssr=SsrMode::Async/>
            </FlatRoutes>
        </Router>
    }
}
