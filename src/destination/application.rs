//! The way back to an application that sent a browser here to sign in by Ory Hydra.
//!
//! Only sign-ins and sign-ups know Hydra's challenge at Kratos. The other flows carry it in their
//! `return_to`.

use url::Url;

use crate::kratos::FlowKind;

use super::{Destination, Origins};

/// The parameter that names the sign-in that an application waits for.
pub const LOGIN_CHALLENGE: &str = "login_challenge";
/// Where Kratos takes a challenge: it accepts it for the session of the browser, or asks for a
/// sign-in.
const START: &str = "/self-service/login/browser";
/// Challenges of Hydra are over a kilobyte long.
const MAX_CHALLENGE: usize = 8192;

impl Destination {
    /// Returns the place at Kratos from which a browser goes back to the application.
    pub fn application(challenge: &str) -> Self {
        Self::Own(start(challenge))
    }

    /// Tells whether Kratos may answer this path of ours with a redirect to another site.
    pub fn may_lead_away(&self) -> bool {
        match self {
            Self::Own(path) => path.starts_with("/self-service/") && path.contains(LOGIN_CHALLENGE),
            Self::Outside(_) | Self::Begin { .. } => true,
            Self::Page(_) | Self::Flow(_) | Self::FlowFor { .. } | Self::SignIn { .. } => false,
        }
    }
}

impl Origins {
    /// Returns the challenge that a `return_to` leads back with, where it leads to an application.
    pub fn application_in(&self, return_to: &str) -> Option<String> {
        let url = self.return_to(return_to)?;
        let Destination::Own(path) = self.from_kratos(url.as_str())? else {
            return None;
        };
        path.strip_prefix(START)
            .is_some_and(|rest| rest.starts_with('?'))
            .then_some(())?;
        challenge_of(&url)
    }

    /// Returns the challenge that a page of ours carries on, to which a `return_to` leads back.
    pub fn application_behind(&self, return_to: &str) -> Option<String> {
        let url = self.return_to(return_to)?;
        let Destination::Own(_) = self.from_kratos(url.as_str())? else {
            return None;
        };
        challenge_of(&url)
    }

    /// Returns the absolute address of [`Destination::application`], as Kratos takes a `return_to`.
    pub fn way_to_application(&self, challenge: &str) -> String {
        let path = self.base.at(&start(challenge));
        self.public.join(&path).map_or(path, String::from)
    }

    /// Returns a place as an absolute address.
    pub fn absolute(&self, to: &Destination) -> Option<Url> {
        self.public.join(&to.under(&self.base)).ok()
    }

    /// Returns the challenge among the parameters of a new flow.
    pub fn application_among(&self, query: &[(&str, String)]) -> Option<String> {
        let value = |wanted: &str| {
            let (_, value) = query.iter().find(|(name, _)| *name == wanted)?;
            Some(value.as_str())
        };
        value(LOGIN_CHALLENGE)
            .filter(|challenge| is_possible(challenge))
            .map(str::to_owned)
            .or_else(|| self.application_in(value("return_to")?))
    }

    /// Rewrites the parameters of a new flow of this kind so that the challenge among them is not
    /// lost.
    pub fn keep_application<'a>(
        &self,
        kind: FlowKind,
        mut query: Vec<(&'a str, String)>,
    ) -> Vec<(&'a str, String)> {
        let Some(challenge) = self.application_among(&query) else {
            return query;
        };
        query.retain(|(name, value)| {
            let is_way_back = *name == "return_to" && self.application_in(value).is_some();
            *name != LOGIN_CHALLENGE && !is_way_back
        });
        match kind {
            FlowKind::Login | FlowKind::Registration => query.push((LOGIN_CHALLENGE, challenge)),
            FlowKind::Recovery | FlowKind::Verification | FlowKind::Settings => {
                query.retain(|(name, _)| *name != "return_to");
                query.push(("return_to", self.way_to_application(&challenge)));
            }
        }
        query
    }
}

/// Tells whether this can be a challenge.
pub fn is_possible(challenge: &str) -> bool {
    !challenge.is_empty() && challenge.len() < MAX_CHALLENGE
}

fn start(challenge: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair(LOGIN_CHALLENGE, challenge)
        .finish();
    format!("{START}?{query}")
}

fn challenge_of(url: &Url) -> Option<String> {
    let (_, challenge) = url
        .query_pairs()
        .find(|(name, _)| name == LOGIN_CHALLENGE)?;
    is_possible(&challenge).then(|| challenge.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Base;

    const WAY: &str = "https://id.example/self-service/login/browser?login_challenge=c%3D%3D";

    fn origins(base: &str) -> Origins {
        let public = Url::parse("https://id.example/").expect("a url of the test");
        let base: Base = base.parse().expect("a base of the test");
        Origins::new(&public, base, None, &[])
    }

    #[test]
    fn a_challenge_goes_there_and_back_also_below_a_base() {
        for base in ["", "/auth"] {
            let origins = origins(base);
            let way = origins.way_to_application("c==");
            assert_eq!(way.contains("/auth/self-service"), base == "/auth");
            assert_eq!(origins.application_in(&way).as_deref(), Some("c=="));
            let to = Destination::application("c==");
            assert!(way.ends_with(&to.under(origins.base())));
            assert!(to.may_lead_away());
        }
    }

    #[test]
    fn only_an_own_page_carries_a_challenge_on() {
        for (text, challenge) in [
            ("/settings?flow=x&login_challenge=c", Some("c")),
            ("https://id.example/settings?login_challenge=c", Some("c")),
            ("/settings?flow=x", None),
            ("https://evil.example/settings?login_challenge=c", None),
            ("/fragments/logout?login_challenge=c", None),
        ] {
            let found = origins("").application_behind(text);
            assert_eq!(found.as_deref(), challenge, "{text}");
        }
    }

    #[test]
    fn only_an_own_sign_in_with_a_challenge_is_a_way_to_an_application() {
        let long = format!(
            "/self-service/login/browser?login_challenge={}",
            "c".repeat(9000)
        );
        for text in [
            "/self-service/login/browser",
            "/self-service/login/browser?login_challenge=",
            "/self-service/login/browserx?login_challenge=c",
            "/self-service/registration/browser?login_challenge=c",
            "/welcome?login_challenge=c",
            "https://evil.example/self-service/login/browser?login_challenge=c",
            "//evil.example/self-service/login/browser?login_challenge=c",
            &long,
        ] {
            assert_eq!(origins("").application_in(text), None, "{text}");
        }
    }

    #[test]
    fn each_kind_of_flow_carries_the_challenge_as_kratos_keeps_it() {
        let by_name = (LOGIN_CHALLENGE, "c==".to_owned());
        let by_return = ("return_to", WAY.to_owned());
        for kind in FlowKind::all() {
            let kept = match kind {
                FlowKind::Login | FlowKind::Registration => &by_name,
                FlowKind::Recovery | FlowKind::Verification | FlowKind::Settings => &by_return,
            };
            for given in [&by_name, &by_return] {
                let query = vec![("identity_schema", "x".to_owned()), given.clone()];
                let query = origins("").keep_application(kind, query);
                let expected = [("identity_schema", "x".to_owned()), kept.clone()];
                assert_eq!(query, expected, "{kind:?}");
            }
        }
    }

    #[test]
    fn without_a_challenge_nothing_is_rewritten() {
        let query = vec![("return_to", "/settings".to_owned())];
        for kind in FlowKind::all() {
            assert_eq!(origins("").keep_application(kind, query.clone()), query);
        }
    }
}
