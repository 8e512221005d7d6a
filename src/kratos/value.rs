//! Values on their way between a form and Kratos: traits, where the two write them differently, and what Genkan adds.

use std::collections::HashMap;

use jiff::civil::{DateTime, DateTimeRound};
use jiff::{RoundMode, Unit};
use unicode_normalization::UnicodeNormalization;

use super::flow::Submission;
use super::whole::{WHOLE, Whole};

/// A hidden field of the same name with this at its end says in which zone a field's time is.
pub const ZONE: &str = "@zone";
/// The same, and says that the field holds a number.
pub const NUMBER: &str = "@number";

/// What is in here Kratos hands on to the templates of mails and to web hooks, and forgets.
const TRANSIENT_PAYLOAD: &str = "transient_payload";

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

    fn rfc3339(&self) -> String {
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

impl Submission {
    /// The pairs as Kratos reads them, and the language. What a form says in its place is left out: of two Kratos takes
    /// the first.
    pub(super) fn for_kratos(&self, language: Language) -> Vec<(&str, String)> {
        let is_mark = |name: &str| name.ends_with(ZONE) || name.ends_with(NUMBER);
        // Looked for once: a form may have many fields, and each could have both.
        let mut marks: HashMap<&str, &str> = HashMap::new();
        for (name, value) in &self.0 {
            if is_mark(name) && !value.is_empty() {
                marks.entry(name).or_insert(value);
            }
        }
        let is_ours = |name: &str| name.starts_with(TRANSIENT_PAYLOAD) || name == WHOLE;
        let pairs = self.0.iter().filter(|(name, value)| {
            // An empty number would be 0 to Kratos, and an empty field an item of its list.
            let is_nothing = name.starts_with("traits.") && value.is_empty();
            !is_nothing && !is_mark(name) && !is_ours(name)
        });
        let pairs = pairs.map(|(name, value)| (name.as_str(), spelled(&marks, name, value)));
        let Some(whole) = self.get(WHOLE).and_then(Whole::parse) else {
            return pairs.chain([language.for_mails()]).collect();
        };
        let is_trait = |(name, _): &(&str, String)| name.starts_with("traits.");
        let (traits, others): (Vec<_>, Vec<_>) = pairs.partition(is_trait);
        let traits = whole.with(traits.into_iter());
        let traits = [("traits", traits), language.for_mails()];
        others.into_iter().chain(traits).collect()
    }
}

/// A value as Kratos reads it, by what is said of its field beside it.
fn spelled(marks: &HashMap<&str, &str>, name: &str, value: &str) -> String {
    if marks.is_empty() {
        return value.to_owned();
    }
    let mark = |end: &str| marks.get(&*format!("{name}{end}"));
    if let Some(zone) = mark(ZONE)
        && is_zone(zone)
        && let Some(time) = LocalTime::parse(value)
    {
        let zone = (*zone).to_owned();
        return LocalTime { zone, ..time }.rfc3339();
    }
    if mark(NUMBER).is_some() {
        return number(value);
    }
    value.to_owned()
}

/// A number as Japanese input methods write it, in plain digits. What is none stays as it is, for Kratos to complain.
fn number(value: &str) -> String {
    let plain: String = value.nfkc().collect();
    let plain = plain.trim();
    match plain.strip_prefix(['\u{2212}', '\u{30fc}', '\u{2015}']) {
        Some(rest) => format!("-{rest}"),
        None => plain.to_owned(),
    }
}
