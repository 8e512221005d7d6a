//! Values that a form and Kratos write differently, and the language that Genkan adds to each form.

use jiff::civil::{DateTime, DateTimeRound};
use jiff::{RoundMode, Unit};

/// What is in here Kratos hands on to the templates of mails and to web hooks, and forgets.
pub(super) const TRANSIENT_PAYLOAD: &str = "transient_payload";

/// The language of a page, by its BCP 47 tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Language(pub &'static str);

impl Language {
    /// The field that tells the templates of mails. Kratos reads its value as JSON, in forms as well.
    pub fn for_mails(self) -> (&'static str, String) {
        let payload = serde_json::json!({ "lang": self.0 });
        (TRANSIENT_PAYLOAD, payload.to_string())
    }
}

/// A date and a time as `<input type=datetime-local>` has it: without its zone. Kratos wants RFC 3339, with one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalTime {
    pub clock: String,
    /// `Z`, or an offset such as `+09:00`.
    pub zone: String,
}

impl LocalTime {
    /// Reads either form. Where there is no zone it is UTC, because the server does not know where the person is.
    pub fn parse(text: &str) -> Option<Self> {
        let start = text.len().saturating_sub("+00:00".len());
        let (clock, zone) = match text.strip_suffix('Z') {
            Some(clock) => (clock, "Z"),
            None => match text.split_at_checked(start) {
                Some((clock, zone)) if is_zone(zone) => (clock, zone),
                Some(_) | None => (text, "Z"),
            },
        };
        // Browsers know no more than thousandths of a second.
        let thousandths = DateTimeRound::new()
            .smallest(Unit::Millisecond)
            .mode(RoundMode::Trunc);
        let clock: DateTime = clock.parse().ok()?;
        Some(Self {
            clock: clock.round(thousandths).ok()?.to_string(),
            zone: zone.to_owned(),
        })
    }

    pub(super) fn rfc3339(&self) -> String {
        format!("{}{}", self.clock, self.zone)
    }
}

fn is_zone(text: &str) -> bool {
    text == "Z"
        || match text.as_bytes() {
            [b'+' | b'-', a, b, b':', c, d] => [a, b, c, d].iter().all(|it| it.is_ascii_digit()),
            _ => false,
        }
}
