//! Why a request can fail, with the status it has and the texts it is told in.

use http::StatusCode;
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

/// A cause. What led to it is logged where it is found; a person sees the words of [`Error::text`] and a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Error {
    #[error("Kratos could not be reached")]
    KratosUnreachable,
    #[error("Kratos answered with something that is no answer")]
    KratosBroken,
    #[error("there is no such page")]
    NotFound,
    #[error("the anti-CSRF cookie does not come back")]
    CookiesNeeded,
    #[error("the request comes from another site")]
    ForeignOrigin,
    #[error("the form is too large")]
    TooLarge,
    #[error("the address is too long")]
    LongAddress,
    #[error("the form cannot be read")]
    Unreadable,
    #[error("the flow is switched off")]
    Closed,
    /// With the seconds to wait, if they are known.
    #[error("too many requests")]
    TooMany(Option<u64>),
    #[error("the way back to the application is lost")]
    ApplicationLost,
    #[error("Hydra could not be reached")]
    HydraUnreachable,
    #[error("what an identity provider sent back leads nowhere")]
    ProviderFailed,
    #[error("the request is wrong")]
    BadRequest,
    #[error("the browser asks for a page that nobody wants to see yet")]
    Prefetch,
    /// Or so somebody says: a `Via` can be made up.
    #[error("Genkan asks itself: KRATOS_PUBLIC_URL (or ORY_SDK_URL) leads here, not to Kratos")]
    Loop,
    #[error("an error that Kratos reported with status {0}")]
    Reported(u16),
    #[error("a fault in Genkan")]
    Internal,
}

impl Error {
    /// The HTTP status.
    pub fn status(self) -> StatusCode {
        match self {
            Self::KratosUnreachable | Self::HydraUnreachable | Self::Prefetch => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::KratosBroken => StatusCode::BAD_GATEWAY,
            Self::Loop => StatusCode::LOOP_DETECTED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::CookiesNeeded | Self::ForeignOrigin | Self::Closed => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::LongAddress => StatusCode::URI_TOO_LONG,
            Self::Unreadable | Self::ApplicationLost | Self::ProviderFailed | Self::BadRequest => {
                StatusCode::BAD_REQUEST
            }
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Reported(status) => StatusCode::from_u16(status)
                .ok()
                .filter(|status| status.is_client_error() || status.is_server_error())
                .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// Whether the form is worth keeping: changed, or later, it can be sent again.
    pub fn spares_form(self) -> bool {
        match self {
            Self::KratosUnreachable
            | Self::HydraUnreachable
            | Self::KratosBroken
            | Self::ForeignOrigin
            | Self::TooLarge
            | Self::Unreadable
            | Self::TooMany(_)
            | Self::BadRequest
            | Self::Internal => true,
            Self::NotFound
            | Self::CookiesNeeded
            | Self::LongAddress
            | Self::Closed
            | Self::ApplicationLost
            | Self::ProviderFailed
            | Self::Prefetch
            | Self::Loop
            | Self::Reported(_) => false,
        }
    }

    /// `Retry-After` in seconds.
    pub fn retry_after(self) -> Option<u64> {
        match self {
            Self::TooMany(seconds) => seconds,
            Self::KratosUnreachable
            | Self::HydraUnreachable
            | Self::KratosBroken
            | Self::NotFound
            | Self::CookiesNeeded
            | Self::ForeignOrigin
            | Self::TooLarge
            | Self::LongAddress
            | Self::Unreadable
            | Self::Closed
            | Self::ApplicationLost
            | Self::ProviderFailed
            | Self::BadRequest
            | Self::Prefetch
            | Self::Loop
            | Self::Reported(_)
            | Self::Internal => None,
        }
    }

    /// The keys of the heading and of the sentence below it.
    pub fn text(self) -> (&'static str, &'static str) {
        match self {
            Self::NotFound | Self::Reported(404 | 410) => {
                ("error-not-found", "error-not-found-lead")
            }
            Self::CookiesNeeded => ("error-cookies", "error-cookies-lead"),
            Self::ForeignOrigin => ("error-origin", "error-origin-lead"),
            Self::TooLarge => ("error-input", "error-too-large-lead"),
            Self::LongAddress => ("error-address", "error-address-lead"),
            Self::Unreadable | Self::BadRequest => ("error-input", "error-input-lead"),
            Self::Closed => ("error-closed", "error-closed-lead"),
            Self::TooMany(_) => ("error-too-many", "error-too-many-lead"),
            Self::ApplicationLost => ("error-application", "error-application-lead"),
            Self::ProviderFailed => ("error-provider", "error-provider-lead"),
            Self::KratosUnreachable
            | Self::HydraUnreachable
            | Self::KratosBroken
            | Self::Prefetch
            | Self::Loop
            | Self::Reported(_)
            | Self::Internal => ("error-service", "error-service-lead"),
        }
    }
}

/// Server functions ask for it. Their errors never leave as JSON: the fragment protocol shows them as a panel.
impl FromServerFnError for Error {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self::Internal
    }
}

impl From<crate::hydra::Fault> for Error {
    fn from(fault: crate::hydra::Fault) -> Self {
        tracing::warn!(%fault, "Hydra has no answer");
        match fault {
            crate::hydra::Fault::Unknown
            | crate::hydra::Fault::Refused
            | crate::hydra::Fault::Used(_) => Self::ApplicationLost,
            crate::hydra::Fault::Unreachable(_) => Self::HydraUnreachable,
            crate::hydra::Fault::Broken(_) => Self::KratosBroken,
        }
    }
}

impl From<crate::kratos::Unreachable> for Error {
    fn from(error: crate::kratos::Unreachable) -> Self {
        tracing::error!(%error, "Kratos is not reachable");
        Self::KratosUnreachable
    }
}
