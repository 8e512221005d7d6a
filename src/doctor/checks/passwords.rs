//! Checks the settings of passwords: their length, and for how long one stays confirmed.

use jiff::SignedDuration;

use super::Setup;
use crate::doctor::report::Check;

/// A user cannot finish a change in less time after confirming the password.
const MIN_PRIVILEGED: SignedDuration = SignedDuration::from_secs(60);
/// After more time, another person may use the browser.
const MAX_PRIVILEGED: SignedDuration = SignedDuration::from_hours(24);

/// Checks that Kratos and Genkan agree on the minimum length of a password.
pub(in crate::doctor) fn length(setup: &Setup<'_>) -> Check {
    let key = "selfservice.methods.password.config.min_password_length";
    let kratos = setup.files.number(key).unwrap_or(8);
    let genkan = setup.config.password_min_length;
    if kratos == u64::from(genkan) {
        Check::right(key, format!("{key} is PASSWORD_MIN_LENGTH: {genkan}"))
    } else {
        Check::wrong(
            key,
            format!("{key} is {kratos}, but PASSWORD_MIN_LENGTH is {genkan}"),
            format!("set PASSWORD_MIN_LENGTH to {kratos}"),
        )
    }
}

/// Checks the time in which settings can be changed without entering the password again.
pub(in crate::doctor) fn privileged_session(setup: &Setup<'_>) -> Check {
    const FIX: &str = "set it to some minutes, e.g. 15m";
    let key = "selfservice.flows.settings.privileged_session_max_age";
    let text = setup.files.text(key).unwrap_or("1h");
    let reason = match text.parse::<SignedDuration>() {
        Err(_) => {
            return Check::wrong(
                key,
                format!("{key} is not a duration"),
                "set it to e.g. 15m",
            );
        }
        Ok(age) if age < MIN_PRIVILEGED => {
            "users have to enter the password again before they are done"
        }
        Ok(age) if age > MAX_PRIVILEGED => {
            "another person at an open browser can change the password"
        }
        Ok(_) => return Check::right(key, format!("{key} is {text}")),
    };
    Check::doubtful(key, format!("{key} is {text}: {reason}"), FIX)
}
