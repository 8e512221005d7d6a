//! Values into markup: the frame of a page, the panel in it, forms from nodes, one field, one message.
//!
//! Knows neither reqwest nor axum, and never waits: everything is there before a component draws.

mod confirm;
mod credential;
mod device;
mod device_code;
mod field;
mod form;
mod html;
mod layout;
mod message;
mod panel;
mod shell;
mod time;

pub use confirm::confirm;
pub use device::{other_device, this_device};
pub use device_code::{DeviceCode, device_code};
pub use form::{FlowForms, button_form, form_around, plain_form_around};
pub use html::{Draw, Html};
pub use layout::{Frame, Screen, document, error, error_lead, fragment, hand_off};
pub use message::{Told, set_apart, tell};
pub use panel::{Notice, Panel, Problem};
pub use shell::{Shell, Shells};
pub use time::{date_time, minutes_until, wait};
