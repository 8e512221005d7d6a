//! Checks that the clocks of Kratos and of this machine agree: codes are valid for minutes only.

use http::HeaderMap;
use http::header::DATE;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use crate::doctor::report::Check;

/// Maximum difference of the clocks in seconds.
const MAX_CLOCK_SKEW: i64 = 30;

/// Checks the `Date` of a response.
pub(in crate::doctor) fn running(headers: &HeaderMap) -> Check {
    let id = "clock";
    let date = headers
        .get(DATE)
        .and_then(|date| date.to_str().ok())
        .and_then(|date| DateTimeParser::new().parse_timestamp(date).ok());
    match date.map(|date| date.as_second() - Timestamp::now().as_second()) {
        Some(skew) if skew.abs() > MAX_CLOCK_SKEW => Check::wrong(
            id,
            format!("the clock of Kratos is {skew} seconds off the clock of this machine"),
            "synchronize both by NTP: codes and flows expire early or late otherwise",
        ),
        Some(_) => Check::right(id, "the clocks agree"),
        None => Check::unknown(id, "the clock of Kratos: its responses have no date"),
    }
}
