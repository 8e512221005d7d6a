//! Genkan: the self-service front door for Ory Kratos. This is the map of the crate.
//!
//! A request comes in at [`server`], which has the table of everything that is not a page; the table of pages is in
//! [`app`]. A page or a form is one of the [`flows`] or [`pages`]; they ask [`kratos`], draw with [`ui`] and answer
//! with a `Reply`, which [`hypermedia`] turns into HTTP. `ARCHITECTURE.md` walks through three requests.
//!
//! Imports point one way, and `tests/all/architecture.rs` keeps it so: `main → server → app → flows, pages → ui → i18n`.

/// The table "path → page".
pub mod app;
/// The files in the program: style, scripts, icon.
pub mod assets;
/// Reloads the page after each build of `cargo leptos watch`.
pub mod auto_reload;
/// The path below which Genkan is served.
pub mod base;
/// What is an operator's own on the pages.
pub mod brand;
/// Every setting.
pub mod config;
/// Where a browser may be sent.
pub mod destination;
/// Whether Kratos is set up for this Genkan.
pub mod doctor;
/// Why a request can fail.
pub mod error;
/// The errands: login, registration, verification, recovery, settings, logout.
pub mod flows;
/// Who asks, behind proxies.
pub mod forwarded;
/// Every screen in every state, with no Kratos.
pub mod gallery;
/// The client for Ory Hydra's consents.
pub mod hydra;
/// `Reply` → HTTP, for htmx, plain forms and pages.
pub mod hypermedia;
/// Languages and texts.
pub mod i18n;
/// The client for Kratos.
pub mod kratos;
/// How often the same may be asked for.
pub mod limit;
/// TCP and TLS: listener, connection limits, shutdown.
pub mod net;
/// An origin as the operator names it.
pub mod origin;
/// Pages that are no flow.
pub mod pages;
/// Kratos' own paths that browsers reach through Genkan.
pub mod proxy;
/// The router and its layers: all HTTP policy.
pub mod server;
/// What is counted for monitoring.
pub mod telemetry;
/// Light or dark.
pub mod theme;
/// Where the time of a request went.
pub mod trace;
/// Values into markup.
pub mod ui;
/// What one request brings and takes away.
pub mod visit;
