//! Points in time, in words.

use icu_datetime::DateTimeFormatter;
use icu_datetime::fieldsets::YMDT;
use icu_datetime::options::TimePrecision;
use icu_locale_core::Locale as IcuLocale;
use icu_time::{DateTime, Time};
use jiff::Timestamp;

use crate::i18n::Texts;

/// A date and a time of day in the reader's language, in UTC, because the server does not know where the reader is.
/// `None` for what is no RFC 3339 time.
pub fn date_time(texts: Texts, rfc3339: &str) -> Option<String> {
    let at = rfc3339.parse::<Timestamp>().ok()?;
    let utc = at.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    let date =
        icu_calendar::Date::try_new_iso(utc.year().into(), utc.month() as u8, utc.day() as u8)
            .ok()?;
    let time = Time::try_new(utc.hour() as u8, utc.minute() as u8, 0, 0).ok()?;
    let locale: IcuLocale = match texts.locale() {
        crate::i18n::Locale::Ja => icu_locale_core::locale!("ja"),
        crate::i18n::Locale::En => icu_locale_core::locale!("en-GB"),
    };
    let formatter = DateTimeFormatter::try_new(
        locale.into(),
        YMDT::long().with_time_precision(TimePrecision::Minute),
    )
    .ok()?;
    let text = formatter.format(&DateTime { date, time }).to_string();
    Some(format!("{text} UTC"))
}

/// Whole minutes from now, at least one. `None` for what is no RFC 3339 time.
pub fn minutes_until(rfc3339: &str) -> Option<i64> {
    let at = rfc3339.parse::<Timestamp>().ok()?;
    let seconds = at.as_second() - Timestamp::now().as_second();
    Some((seconds / 60).max(1))
}

/// When to try again what was asked for too often: seconds as long as they can be counted, then minutes.
pub fn wait(texts: Texts, seconds: u64) -> String {
    let (key, number) = if seconds <= 90 {
        ("error-too-many-seconds", seconds)
    } else {
        ("error-too-many-minutes", seconds.div_ceil(60))
    };
    texts.say_number(key, "number", number)
}
