//! `/error`: what Kratos (or an OAuth2 server) could only tell by sending the browser here.

use crate::error::Error;
use crate::hypermedia::Reply;
use crate::kratos::Outcome;
use crate::visit::Visit;

/// The page `/error?id=`. Whatever stands behind the id, people see our words and the right status.
///
/// # Errors
/// Always: an error is all there is to show.
pub async fn open() -> Result<Reply, Error> {
    let visit = Visit::current()?;
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
    let answer = visit.kratos().problem(id, visit.browser()).await?;
    let outcome = visit.hear(answer);
    Err(if let Outcome::Problem(problem) = outcome {
        if problem.is_csrf {
            Error::CookiesNeeded
        } else {
            Error::Reported(problem.status)
        }
    } else if outcome == Outcome::Unknown {
        Error::NotFound
    } else {
        Error::KratosBroken
    })
}
