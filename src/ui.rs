//! Values into markup: the frame of a page, the panel in it, forms from nodes, one field, one message.
//!
//! Knows neither reqwest nor axum, and never waits: everything is there before a component draws.

mod credential;
mod field;
mod form;
mod layout;
mod message;
mod panel;
mod time;

pub use form::{FlowForms, button_form};
pub use layout::{Frame, Screen, document, error, fragment, hand_off};
pub use message::{Told, tell};
pub use panel::{Notice, Panel, Problem};
pub use time::{date_time, minutes_until};
