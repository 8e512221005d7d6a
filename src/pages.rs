//! Pages that are no flow.

pub mod consent;
pub mod device;
pub mod error;
pub mod sessions;
pub mod welcome;

use crate::destination::{Destination, Why};
use crate::error::Error;
use crate::kratos::{Outcome, Session};
use crate::visit::Visit;

/// Who is here, as far as a page may know.
enum Presence {
    SignedIn(Box<Session>),
    /// The second factor is missing.
    Halfway,
    Nobody,
}

impl Presence {
    async fn of(visit: &Visit) -> Result<Self, Error> {
        let answer = visit.kratos().whoami(visit.browser()).await?;
        let outcome = visit.hear(answer);
        if let Outcome::Session(session) = outcome {
            Ok(Self::SignedIn(session))
        } else if outcome == Outcome::SecondFactorNeeded {
            Ok(Self::Halfway)
        } else if outcome == Outcome::SignInNeeded {
            Ok(Self::Nobody)
        } else {
            Err(Error::KratosBroken)
        }
    }
}

/// The session that a page needs, or the way to one and back.
async fn session(visit: &Visit) -> Result<Result<Box<Session>, Destination>, Error> {
    let sign_in = |why| Destination::SignIn {
        return_to: visit.at(visit.path()),
        why,
    };
    Ok(match Presence::of(visit).await? {
        Presence::SignedIn(session) => Ok(session),
        Presence::Halfway => Err(sign_in(Why::SecondFactor)),
        Presence::Nobody => Err(sign_in(Why::NobodyIsHere)),
    })
}
