//! Checks Ory Hydra, which applications sign in with.

use http::StatusCode;
use url::Url;

use super::Setup;
use crate::doctor::probe::{Probe, error_member, get_json};
use crate::doctor::report::Check;
use crate::doctor::urls::without_user;
use crate::kratos::Client;

const ADMIN_URL: &str = "HYDRA_ADMIN_URL";
const KEY: &str = "oauth2_provider.url";

/// Checks that Hydra's admin API accepts Genkan's requests.
///
/// # Errors
/// Returns a failed check if Hydra is not ready there: Kratos cannot reach it either.
pub(in crate::doctor) async fn admin_api(client: &Client, url: &Url) -> Result<Check, Check> {
    const FIX: &str =
        "set HYDRA_ADMIN_URL to Hydra's admin API (often port 4445), or remove the setting";
    let url = without_user(url.clone());
    if !client.is_ready().await {
        let message = format!("no Hydra that is ready responds at {url}");
        return Err(Check::wrong(ADMIN_URL, message, FIX));
    }
    // Kratos and Hydra's public API are ready too, but lack this path.
    let clients = get_json(client, &["admin", "clients"], &[("page_size", "1")]).await;
    Ok(match clients.map(|response| response.status) {
        Some(StatusCode::OK) => Check::right(ADMIN_URL, format!("Hydra is ready at {url}")),
        Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => Check::wrong(
            ADMIN_URL,
            format!("{url} rejects Genkan's requests"),
            "set ORY_ADMIN_API_TOKEN to the token that the proxy of Hydra's admin API expects",
        ),
        Some(status) if status.is_server_error() => Check::wrong(
            ADMIN_URL,
            format!("Hydra fails at {url} ({status})"),
            "see Hydra's log",
        ),
        Some(_) | None => Check::wrong(ADMIN_URL, format!("{url} is not Hydra's admin API"), FIX),
    })
}

/// Checks that Kratos asks Hydra about the sign-ins that applications begin.
pub(in crate::doctor) async fn running(probe: &Probe<'_>) -> Check {
    const FIX: &str = "set oauth2_provider.url in Kratos to Hydra's admin API";
    let path = ["self-service", "login", "browser"];
    // Kratos has to ask Hydra to find that this challenge does not exist.
    let challenge = [("login_challenge", "genkan-doctor")];
    let response = get_json(&probe.kratos, &path, &challenge).await;
    let status = response.as_ref().map(|it| it.status);
    let reason = response.and_then(|it| error_member(&it, "reason"));
    let reason = reason.unwrap_or_default();
    if reason.contains("oauth2_provider.url") {
        Check::wrong(
            "hydra",
            "Kratos does not know Hydra: applications cannot begin a sign-in",
            FIX,
        )
    } else if status.is_some_and(|status| status.is_server_error()) {
        Check::wrong(
            "hydra",
            format!("Kratos does not reach Hydra ({reason})"),
            format!("{FIX}, and see Kratos' log"),
        )
    } else if status.is_some_and(|status| status.is_client_error()) {
        Check::right("hydra", "Kratos reaches the Hydra of oauth2_provider.url")
    } else {
        Check::unknown(
            "hydra",
            "whether Kratos reaches Hydra: it does not reject an invalid challenge",
        )
    }
}

/// Checks that Kratos and Genkan agree on whether there is a Hydra. Returns `None` without Hydra.
pub(in crate::doctor) fn configured(setup: &Setup<'_>) -> Option<Check> {
    match (setup.files.text(KEY), &setup.config.hydra_admin_url) {
        (None, None) => None,
        (Some(_), Some(_)) => Some(Check::right(
            KEY,
            format!("{KEY} and HYDRA_ADMIN_URL are set"),
        )),
        (Some(_), None) => Some(Check::doubtful(
            KEY,
            format!("{KEY} is set, but HYDRA_ADMIN_URL is not: Genkan has no consent screen"),
            "set HYDRA_ADMIN_URL, unless another program asks for consent",
        )),
        (None, Some(_)) => Some(Check::wrong(
            KEY,
            format!("{KEY} is not set, but HYDRA_ADMIN_URL is"),
            format!("set {KEY} to Hydra's admin API"),
        )),
    }
}
