//! Checks that the secrets are set, and are not those of a sample configuration.

use super::Setup;
use crate::doctor::report::Check;

/// Parts of the secrets in the sample configurations of Kratos and Genkan.
const SAMPLES: [&str; 4] = ["development-only", "change-me", "not-secure", "insecure"];

/// Checks each secret in the files.
pub(in crate::doctor) fn configured(setup: &Setup<'_>) -> Vec<Check> {
    let names = ["default", "cookie", "cipher"].into_iter();
    let samples = names.filter_map(|name| sample(setup, name));
    samples.chain(missing(setup)).collect()
}

fn sample(setup: &Setup<'_>, name: &str) -> Option<Check> {
    const FIX: &str = "set it to a random value of your own";
    let key = format!("secrets.{name}");
    let secrets = setup.files.texts(&key)?;
    let is_sample = |secret: &&str| {
        let secret = secret.to_ascii_lowercase();
        SAMPLES.iter().any(|sample| secret.contains(sample))
    };
    let message = format!("{key} is that of a sample, which is public");
    if secrets.is_empty() {
        None
    } else if !secrets.iter().any(is_sample) {
        Some(Check::right(
            &*key,
            format!("{key} is not that of a sample"),
        ))
    } else if setup.config.is_https() {
        Some(Check::wrong(key, message, FIX))
    } else {
        Some(Check::doubtful(key, message, FIX))
    }
}

fn missing(setup: &Setup<'_>) -> Option<Check> {
    let has = |name: &str| setup.files.list(&format!("secrets.{name}")).is_some();
    let key = "secrets.cookie";
    (!has("cookie") && !has("default")).then(|| {
        Check::doubtful(
            key,
            format!(
                "{key} is in none of the files: Kratos generates one at each start, \
                 which ends all sessions"
            ),
            "set it, or SECRETS_COOKIE_0",
        )
    })
}
