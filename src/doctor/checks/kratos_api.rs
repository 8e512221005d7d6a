//! Checks that `KRATOS_PUBLIC_URL` is Kratos' public API, and that this version was tested.

use http::StatusCode;
use http::header::LOCATION;
use serde::Deserialize;

use crate::doctor::probe::{Probe, get_json};
use crate::doctor::report::Check;
use crate::doctor::urls::without_user;
use crate::kratos::Client;

/// The versions of Kratos that Genkan is tested with.
const TESTED_VERSIONS: [&str; 2] = ["v1.3.1", "v26.2.0"];

/// Checks that Kratos' public API is ready at its URL.
///
/// # Errors
/// Returns the failed check: no other check of the running Kratos makes sense then.
pub(in crate::doctor) async fn public(probe: &Probe<'_>) -> Result<Check, Check> {
    const ID: &str = "KRATOS_PUBLIC_URL";
    let url = probe.config.kratos_url();
    let url = url.map_err(|error| Check::wrong(ID, error, "set KRATOS_PUBLIC_URL"))?;
    let url = without_user(url);
    let is_ready = probe.kratos.is_ready().await;
    let whoami = get_json(&probe.kratos, &["sessions", "whoami"], &[]).await;
    let status = whoami.as_ref().map(|response| response.status);
    // The admin API redirects every unknown path to one below /admin.
    let location = whoami.as_ref().and_then(|it| it.headers.get(LOCATION));
    let is_admin = location.is_some_and(|it| it.as_bytes().starts_with(b"/admin/"));
    if is_ready && status == Some(StatusCode::UNAUTHORIZED) {
        Ok(Check::right(ID, format!("Kratos is ready at {url}")))
    } else if is_ready || is_admin {
        Err(Check::wrong(
            ID,
            format!("{url} is not Kratos' public API"),
            "set KRATOS_PUBLIC_URL to the public API \
             (`serve.public`, often port 4433; 4434 is the admin API)",
        ))
    } else {
        Err(Check::wrong(
            ID,
            format!("Kratos does not respond at {url}, or is not ready"),
            "set KRATOS_PUBLIC_URL to Kratos' public API (`serve.public`), \
             and check that Kratos runs",
        ))
    }
}

#[derive(Deserialize)]
struct Version {
    version: String,
}

/// Returns Kratos' version from its admin API.
pub(in crate::doctor) async fn read_version(admin: &Client) -> Option<String> {
    let response = get_json(admin, &["admin", "version"], &[]).await?;
    let version: Version = serde_json::from_slice(&response.body).ok()?;
    Some(version.version)
}

/// Checks that Genkan is tested with this version of Kratos.
pub(in crate::doctor) fn version(version: &str) -> Check {
    let id = "version";
    if TESTED_VERSIONS.contains(&version) {
        Check::right(id, format!("Kratos is {version}"))
    } else {
        let tested = TESTED_VERSIONS.join(" and ");
        Check::unknown(
            id,
            format!("Kratos reports version {version}; Genkan is tested with {tested}"),
        )
    }
}
