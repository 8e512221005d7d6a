//! The public API of Ory Kratos, as a browser-flow client behind a server sees it.
//!
//! [`client`] asks, [`outcome`] is the one place where a status and a body become a meaning, and the rest are the
//! things an answer can hold: a [`flow`] with its [`node`]s, [`message`]s and [`ceremony`]s, or a [`session`].
//! Everything here is tolerant: what a newer Kratos adds becomes `Unknown` or is left out, never an error, and
//! [`unknown`] says so once.
//!
//! Knows neither leptos nor axum.

mod ceremony;
mod client;
mod flow;
mod form;
mod message;
mod node;
mod outcome;
mod schema;
mod session;
mod spelling;
mod trace;
mod unknown;
mod value;
mod whole;
mod wishes;

pub use ceremony::{Ceremony, CeremonyKind, is_part};
pub use client::{
    ANTI_CSRF, Answer, Browser, Client, GENKAN, Health, Relayed, Unreachable, calls, is_of_genkan,
};
pub use flow::{Flow, FlowId, FlowKind, Level, Provider, State, Submission};
pub use form::{Form, Traits, Unreadable};
pub use message::{Message, MessageId, MessageKind};
pub use node::{Anchor, Attributes, Group, Image, Input, InputKind, Node, Text};
pub use outcome::{Ask, Head, Next, Outcome, Problem, ToConfirm, read};
pub use schema::{Choice, Details, InList};
pub use session::{
    Address, Channel, Device, Identity, Method, MethodKind, Session, SessionId, Sessions,
};
pub use spelling::{is_telephone_number, lower_case};
pub use unknown::Unknown;
pub use value::{Language, LocalTime};
