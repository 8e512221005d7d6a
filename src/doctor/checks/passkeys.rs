//! Checks passkeys and security keys. They belong to a host, and Kratos accepts them from the
//! origins that it lists.

use super::Setup;
use crate::doctor::report::Check;

/// Checks the relying party of each enabled method.
pub(in crate::doctor) fn configured(setup: &Setup<'_>) -> Vec<Check> {
    let methods = ["passkey", "webauthn"].into_iter().filter(|method| {
        let key = format!("selfservice.methods.{method}.enabled");
        setup.files.flag(&key, false)
    });
    methods
        .map(|method| format!("selfservice.methods.{method}.config.rp"))
        .flat_map(|rp| [id(setup, &rp), origins(setup, &rp)])
        .collect()
}

fn id(setup: &Setup<'_>, rp: &str) -> Check {
    let key = format!("{rp}.id");
    let host = setup.config.public_url.host_str().unwrap_or_default();
    let id = setup.files.text(&key).unwrap_or_default();
    if host == id || (!id.is_empty() && host.ends_with(&format!(".{id}"))) {
        return Check::right(&*key, format!("{key} is {id}"));
    }
    Check::wrong(
        &*key,
        format!("{key} is \"{id}\", but browsers are at {host}: no key works there"),
        format!("set it to {host} or one of its parent domains"),
    )
}

fn origins(setup: &Setup<'_>, rp: &str) -> Check {
    let key = format!("{rp}.origins");
    let origin = setup.config.public_url.origin().ascii_serialization();
    let listed = setup.files.texts(&key).unwrap_or_else(|| {
        let single = setup.files.text(&format!("{rp}.origin"));
        single.into_iter().collect()
    });
    let base = setup.url("serve.public.base_url");
    let scheme = base.map_or("https".to_owned(), |base| base.scheme().to_owned());
    let id = setup.files.text(&format!("{rp}.id")).unwrap_or_default();
    // Kratos' default.
    let default = format!("{scheme}://{id}");
    let is_listed = listed.iter().any(|it| it.trim_end_matches('/') == origin)
        || (listed.is_empty() && default == origin);
    if is_listed {
        return Check::right(&*key, format!("{key} has {origin}"));
    }
    Check::wrong(
        &*key,
        format!("{key} has not {origin}: Kratos accepts no key from there"),
        format!("add {origin}"),
    )
}
