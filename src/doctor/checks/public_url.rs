//! Checks that `PUBLIC_URL` leads to Genkan.

use std::error::Error as StdError;

use crate::config::Config;
use crate::doctor::report::Check;
use crate::kratos::Client;

/// Checks what responds at `PUBLIC_URL`.
///
/// # Errors
/// Returns an error if TLS cannot be set up.
pub(in crate::doctor) async fn running(config: &Config) -> Result<Check, Box<dyn StdError>> {
    const ID: &str = "PUBLIC_URL";
    let public = config.public();
    let client = Client::of_this_machine(public.clone())?;
    Ok(match client.health("alive").await {
        Some(health) if health.is_genkan => {
            Check::right(ID, format!("Genkan responds at {public}"))
        }
        Some(_) => Check::wrong(
            ID,
            format!("the server at {public} is not Genkan"),
            "route that URL to Genkan, or set PUBLIC_URL to Genkan's own URL",
        ),
        None => Check::unknown(
            ID,
            format!(
                "whether browsers find Genkan at {public}: \
                 it does not respond to this machine, or is not started"
            ),
        ),
    })
}
