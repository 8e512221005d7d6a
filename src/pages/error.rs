//! `/error`: what Kratos (or an OAuth2 server) could only tell by sending the browser here.

use crate::destination::{Destination, Page};
use crate::error::Error;
use crate::hypermedia::Reply;
use crate::kratos::{Outcome, Problem};
use crate::limit::Limit;
use crate::visit::{Flash, Visit};

/// The page `/error?id=`. Whatever stands behind the id, people see our words and the right status. Whose account is
/// switched off reads so where they came from, as after a password.
///
/// # Errors
/// In all other cases: an error is all there is to show.
pub async fn open(visit: Visit) -> Result<Reply, Error> {
    // Kratos' ids are UUIDs, and `stub:500` for trying the page out.
    let id = visit
        .parameter("id")
        .filter(|id| id.starts_with("stub:") && id.len() < 16 || uuid::Uuid::try_parse(id).is_ok());
    let Some(id) = id else {
        let of_oauth2 = visit.parameter("error").is_some();
        return Err(if of_oauth2 {
            Error::ApplicationLost
        } else {
            Error::NotFound
        });
    };
    visit.count_here(Limit::Flows)?;
    let is_of_provider = visit.parameter("from") == Some("provider");
    let answer = visit.kratos().problem(id, visit.browser()).await?;
    let outcome = visit.hear(answer);
    if let Outcome::Problem(problem) = outcome {
        match problem {
            Problem::AccountDisabled => {
                visit.set_flash(Flash::AccountDisabled);
                Ok(Reply::go(Destination::Page(Page::Login)))
            }
            Problem::Csrf | Problem::Status(_) if is_of_provider => Err(Error::ProviderFailed),
            Problem::Csrf => Err(Error::CookiesNeeded),
            Problem::Status(status) => Err(Error::Reported(status)),
        }
    } else if outcome == Outcome::Unknown {
        Err(Error::NotFound)
    } else {
        Err(Error::KratosBroken)
    }
}
