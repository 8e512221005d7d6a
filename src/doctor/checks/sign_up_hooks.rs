//! Checks the hooks after a sign-up: whether it signs in, and whether it asks for the e-mailed
//! code.

use super::Setup;
use crate::doctor::report::Check;

const AFTER: &str = "selfservice.flows.registration.after";
const VERIFICATION: &str = "show_verification_ui";

/// Returns true if this version needs a hook to show the form for an e-mailed code: 25.4 and later.
fn needs_verification_hook(version: &str) -> bool {
    let major = version.trim_start_matches('v').split('.').next();
    let major = major.and_then(|major| major.parse::<u16>().ok());
    major.is_some_and(|major| major >= 25)
}

/// Returns what a running Kratos does not show: no API lists its hooks.
pub(in crate::doctor) fn hidden(version: &str) -> Option<Check> {
    needs_verification_hook(version).then(|| {
        let message = format!(
            "whether a sign-up with Kratos {version} asks for its e-mailed code: \
             {AFTER}.METHOD.hooks needs `hook: {VERIFICATION}`; --kratos-config reads it"
        );
        Check::unknown(AFTER, message)
    })
}

/// Checks the hooks of each method that can sign up.
pub(in crate::doctor) fn configured(setup: &Setup<'_>, version: Option<&str>) -> Vec<Check> {
    if !setup.is_enabled("registration") {
        return Vec::new();
    }
    // An unknown version may need the hook.
    let needs_hook = !version.is_some_and(|it| it.starts_with("v0.") || it.starts_with("v1."));
    let needs_hook = needs_hook && setup.is_enabled("verification");
    let methods = ["password", "code", "oidc", "passkey", "webauthn"].into_iter();
    let methods = methods.filter(|method| can_sign_up(setup, method));
    methods
        .flat_map(|method| {
            let verification = needs_hook.then(|| verification(setup, method));
            [Some(session(setup, method)), verification]
        })
        .flatten()
        .collect()
}

fn can_sign_up(setup: &Setup<'_>, method: &str) -> bool {
    let key = format!("selfservice.methods.{method}");
    let flag = |name: &str, default| setup.files.flag(&format!("{key}.{name}"), default);
    match method {
        "password" => flag("enabled", true),
        "code" => flag("passwordless_enabled", false),
        "webauthn" => flag("enabled", false) && flag("config.passwordless", false),
        "oidc" => {
            let providers = setup.files.list(&format!("{key}.config.providers"));
            flag("enabled", false) && providers.is_some_and(|it| !it.is_empty())
        }
        _ => flag("enabled", false),
    }
}

fn session(setup: &Setup<'_>, method: &str) -> Check {
    let key = format!("{AFTER}.{method}.hooks");
    let id = format!("{key} session");
    if has_hook(setup, method, "session") {
        return Check::right(id, format!("{key} has session"));
    }
    Check::doubtful(
        id,
        format!("{key} has no session: users have to sign in after a sign-up"),
        "add `- hook: session`, unless that is intended",
    )
}

fn verification(setup: &Setup<'_>, method: &str) -> Check {
    const FLAG: &str = "feature_flags.legacy_continue_with_verification_ui";
    let key = format!("{AFTER}.{method}.hooks");
    let id = format!("{key} {VERIFICATION}");
    if has_hook(setup, method, VERIFICATION) || setup.files.flag(FLAG, false) {
        return Check::right(id, format!("{key} has {VERIFICATION}"));
    }
    Check::doubtful(
        id,
        format!(
            "{key} has no {VERIFICATION}: a code is e-mailed, but no page asks for it \
             (Kratos 25.4 and newer)"
        ),
        format!("add `- hook: {VERIFICATION}`"),
    )
}

/// Returns true if a method has a hook. The hooks of all methods apply if it has none of its own.
fn has_hook(setup: &Setup<'_>, method: &str, name: &str) -> bool {
    let hooks = |key: &str| setup.files.list(key).filter(|hooks| !hooks.is_empty());
    let hooks = hooks(&format!("{AFTER}.{method}.hooks"))
        .or_else(|| hooks(&format!("{AFTER}.hooks")))
        .unwrap_or_default();
    hooks.iter().any(|hook| hook["hook"] == name)
}

#[cfg(test)]
mod tests {
    use super::needs_verification_hook;

    #[test]
    fn versions_that_are_named_after_years_need_the_hook() {
        for (version, needs) in [
            ("v26.2.0", true),
            ("v25.4.0", true),
            ("v1.3.1", false),
            ("master", false),
            ("", false),
        ] {
            assert_eq!(needs_verification_hook(version), needs, "{version}");
        }
    }
}
