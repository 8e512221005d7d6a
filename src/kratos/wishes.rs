//! What an OAuth2 client asks of a sign-in, as Hydra's login request has it
//! (<https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest>).

use serde_json::Value;
use url::Url;

/// No account has a longer name.
const MAX_HINT: usize = 320;
/// No client speaks so many languages.
const MAX_LOCALES: usize = 320;

/// The parameters of a client that change how a sign-in looks. None of them is trusted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Wishes {
    /// The account that is expected.
    pub(super) login_hint: Option<String>,
    /// The languages, the best first, as in `Accept-Language`.
    pub(super) ui_locales: Option<String>,
}

impl Wishes {
    /// Reads a login request. Where it lacks a parameter, the address with which the client began
    /// has it.
    pub(super) fn of(request: Option<&Value>) -> Self {
        let Some(request) = request else {
            return Self::default();
        };
        let context = &request["oidc_context"];
        let began = request["request_url"].as_str();
        let began = began.and_then(|url| Url::parse(url).ok());
        let asked = |wanted: &str| {
            let mut pairs = began.as_ref()?.query_pairs();
            let (_, value) = pairs.find(|(name, _)| name == wanted)?;
            Some(value.into_owned())
        };
        let hint = context["login_hint"].as_str().map(str::to_owned);
        let locales = context["ui_locales"].as_array().map(|locales| {
            let tags: Vec<&str> = locales.iter().filter_map(Value::as_str).collect();
            tags.join(",")
        });
        let fits = |text: &String, max: usize| {
            !text.is_empty() && text.len() <= max && !text.contains(char::is_control)
        };
        Self {
            login_hint: hint
                .or_else(|| asked("login_hint"))
                .filter(|it| fits(it, MAX_HINT)),
            ui_locales: locales
                .or_else(|| asked("ui_locales").map(|locales| locales.replace(' ', ",")))
                .filter(|it| fits(it, MAX_LOCALES)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const BEGAN: &str = "https://hydra.example/oauth2/auth?login_hint=a%40x.test&ui_locales=fr+ja";

    fn wishes(hint: &str, locales: &str) -> Wishes {
        Wishes {
            login_hint: Some(hint.to_owned()),
            ui_locales: Some(locales.to_owned()),
        }
    }

    #[test]
    fn the_context_of_hydra_goes_before_the_address_of_the_client() {
        let context = json!({"login_hint": "b@x.test", "ui_locales": ["de", "en"]});
        let request = json!({"oidc_context": context, "request_url": BEGAN});
        assert_eq!(Wishes::of(Some(&request)), wishes("b@x.test", "de,en"));
    }

    #[test]
    fn without_a_context_the_address_of_the_client_says_it() {
        for context in [json!(null), json!({})] {
            let request = json!({"oidc_context": context, "request_url": BEGAN});
            assert_eq!(Wishes::of(Some(&request)), wishes("a@x.test", "fr,ja"));
        }
    }

    #[test]
    fn what_is_odd_is_no_wish() {
        for request in [
            json!(null),
            json!("x"),
            json!({"oidc_context": {"login_hint": 1, "ui_locales": "ja"}}),
            json!({"oidc_context": {"login_hint": "a\nb", "ui_locales": []}}),
            json!({"oidc_context": {"login_hint": "a".repeat(400)}}),
            json!({"request_url": "no address"}),
        ] {
            assert_eq!(Wishes::of(Some(&request)), Wishes::default(), "{request}");
        }
        assert_eq!(Wishes::of(None), Wishes::default());
    }
}
