//! How people write codes and addresses, and how Kratos wants them.

use unicode_normalization::UnicodeNormalization;

use crate::kratos::Submission;

/// What people type, as it is meant: full-width characters and stray spaces of Japanese input in codes and addresses
/// become plain ones. Passwords stay as they are. `None` where a value holds what no keyboard types.
pub(super) fn normalised(form: &Submission) -> Option<Submission> {
    let mut pairs = Vec::with_capacity(form.0.len());
    for (name, value) in &form.0 {
        let is_odd =
            |c: char| c == char::REPLACEMENT_CHARACTER || (c.is_control() && !c.is_whitespace());
        if value.chars().any(is_odd) || name.chars().any(is_odd) {
            return None;
        }
        let value = match Spelling::of(name) {
            Spelling::Code => value
                .nfkc()
                .filter(|c| {
                    !c.is_whitespace()
                        && !matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}')
                })
                .collect(),
            Spelling::Address => value.nfkc().collect::<String>().trim().to_owned(),
            // Browsers send line breaks in a spelling of their own (HTML, "constructing the entry list").
            Spelling::AsTyped => value.replace("\r\n", "\n"),
        };
        pairs.push((name.clone(), value));
    }
    Some(Submission(pairs))
}

/// How freely a value may be written.
pub(super) enum Spelling {
    Code,
    Address,
    AsTyped,
}

impl Spelling {
    pub(super) fn of(name: &str) -> Self {
        let is_trait = name.starts_with("traits.");
        let last = name.rsplit('.').next().unwrap_or(name);
        match last {
            // A trait may have that name too, and any spelling.
            "code" | "totp_code" | "lookup_secret" if !is_trait => Self::Code,
            "identifier"
            | "email"
            | "recovery_address"
            | "recovery_confirm_address"
            | "phone"
            | "tel" => Self::Address,
            "mail" | "e_mail" | "e-mail" if is_trait => Self::Address,
            _ if is_trait && last.to_ascii_lowercase().ends_with("email") => Self::Address,
            _ => Self::AsTyped,
        }
    }
}
