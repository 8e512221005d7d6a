//! Checks that Kratos has a way to sign in, and accepts a form with the cookies that came with it.

use form_urlencoded::Serializer;
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue, Method};

use crate::doctor::probe::{FlowProbe, Probe, SEE_LOG, browser, error_member};
use crate::doctor::report::Check;
use crate::kratos::Relayed;

const METHODS: &str = "selfservice.methods";
const CSRF: &str = "csrf";

/// Parses the login flow that all other checks of a form need.
///
/// # Errors
/// Returns a failed check if the response is not a flow.
pub(in crate::doctor) fn login_flow(response: &Relayed) -> Result<FlowProbe, Check> {
    FlowProbe::parse(response).ok_or_else(|| {
        Check::wrong(
            METHODS,
            format!(
                "Kratos begins no sign-in (its response is {})",
                response.status
            ),
            format!("{SEE_LOG}; `selfservice.methods` needs an enabled method"),
        )
    })
}

/// Checks that the login form has fields. Returns `None` if it has.
pub(in crate::doctor) fn methods(flow: &FlowProbe) -> Option<Check> {
    (!flow.has_fields).then(|| {
        Check::wrong(
            METHODS,
            "Kratos has no way to sign in: its form is empty",
            "enable a method in `selfservice.methods`",
        )
    })
}

/// Sends a login form as a browser would, with an account that does not exist.
pub(in crate::doctor) async fn running(
    probe: &Probe<'_>,
    flow: &FlowProbe,
    headers: &HeaderMap,
) -> Check {
    let id = flow.action.query_pairs().find(|(name, _)| name == "flow");
    let (Some(token), Some((_, id))) = (&flow.csrf_token, id) else {
        return Check::unknown(CSRF, "whether forms are accepted: the flow has no token");
    };
    let body = Serializer::new(String::new())
        .append_pair("csrf_token", token)
        .append_pair("method", "password")
        .append_pair("identifier", "genkan-doctor@example.invalid")
        .append_pair("password", "no account has this one")
        .finish();
    let content_type = HeaderValue::from_static("application/x-www-form-urlencoded");
    let accept = HeaderValue::from_static("application/json");
    let response = probe
        .kratos
        .relay(
            Method::POST,
            &["self-service", "login"],
            &[("flow", &id)],
            Some(&accept),
            Some((content_type, body.into())),
            &browser(cookies(headers)),
        )
        .await;
    match response {
        Ok(response) => accepted(&response),
        Err(error) => Check::wrong(CSRF, error.to_string(), SEE_LOG),
    }
}

fn accepted(response: &Relayed) -> Check {
    let error = error_member(response, "id");
    if error.as_deref() == Some("security_csrf_violation") {
        Check::wrong(
            CSRF,
            "Kratos rejects its own form (security_csrf_violation)",
            "check the proxies between Genkan and Kratos: cookies have to pass both ways; \
             several instances of Kratos need the same secrets.cookie",
        )
    } else if response.status.is_server_error() {
        let status = response.status;
        Check::wrong(
            CSRF,
            format!("Kratos fails to process a form ({status})"),
            SEE_LOG,
        )
    } else {
        Check::right(
            CSRF,
            "Kratos accepts forms (its anti-CSRF cookie passes both ways)",
        )
    }
}

/// Returns the cookies of a response as a browser sends them back.
fn cookies(headers: &HeaderMap) -> Option<HeaderValue> {
    let cookies = headers.get_all(SET_COOKIE).iter();
    let pairs: Vec<&str> = cookies
        .filter_map(|cookie| cookie.to_str().ok()?.split(';').next())
        .collect();
    HeaderValue::from_str(&pairs.join("; ")).ok()
}
