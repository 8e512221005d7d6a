//! Genkan from outside, over HTTP, with a Kratos that replays what a real one answered. One file per flow.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod application;
mod architecture;
mod auto_reload;
mod base;
mod budget;
mod catalogue;
mod closed;
mod config;
mod confirm;
mod consent;
mod cookies;
mod device;
mod errand;
mod errors;
mod features;
mod fields;
mod foreign;
mod gallery;
mod garbage;
mod headers;
mod injection;
mod language;
mod limit;
mod login;
mod logout;
mod look;
mod mail;
mod outcome;
mod proxy;
mod recordings;
mod recovery;
mod redirects;
mod registration;
mod restart;
#[cfg(target_os = "linux")]
mod schedule;
mod sessions;
mod settings;
mod smuggling;
mod support;
mod telemetry;
mod tls;
mod trace;
mod unknown;
mod verification;
mod visit;
