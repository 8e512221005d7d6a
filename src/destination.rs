//! Where a browser may be sent: own pages as values, everything else only after a check.

mod application;

use std::fmt;

use percent_encoding::percent_decode_str;
use strum::{EnumIter, EnumString, IntoEnumIterator, IntoStaticStr};
use url::{Origin, Position, Url};

use crate::base::Base;
use crate::kratos::{FlowId, FlowKind};
use crate::origin::ReturnOrigin;

/// As much of an origin as is logged: a scheme, a host name of 253 letters (RFC 1035) and a port fit.
const MAX_ORIGIN: usize = 270;

pub use self::application::{LOGIN_CHALLENGE, is_possible};

/// A place to go to, which is safe in `Location` and `HX-Redirect`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    Page(Page),
    Flow(FlowPage),
    /// The same with the challenge of the application that waits for the end of the flow.
    FlowFor {
        page: FlowPage,
        login_challenge: String,
    },
    /// A new flow for the application that waits. Kratos may accept its challenge at once, which
    /// only a browser can follow back to the application.
    Begin {
        kind: FlowKind,
        /// What Kratos is told about the flow, the challenge among it.
        query: String,
    },
    /// A sign-in that leads back to `return_to`, as browsers have to know it.
    SignIn {
        return_to: String,
        why: Why,
    },
    /// A path of ours with its query, checked.
    Own(String),
    /// Another origin, from Kratos itself or from the operator's list.
    Outside(Url),
}

/// Why somebody has to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    NobodyIsHere,
    SecondFactor,
    /// The sign-in is too old for what somebody wants to do.
    Again,
}

/// The pages that need nothing to be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    Welcome,
    Sessions,
    Logout,
    Login,
    Settings(Option<Section>),
    Start(FlowKind),
}

/// A part of the settings, on a page of its own. Named as Kratos names the group, in the order of the
/// menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, EnumIter)]
#[strum(serialize_all = "snake_case")]
pub enum Section {
    Profile,
    Password,
    Passkey,
    Webauthn,
    Totp,
    LookupSecret,
    Oidc,
}

/// A second factor, of which a page shows one at a time. Named as Kratos names the group. The one that
/// most people have at hand goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, EnumIter)]
#[strum(serialize_all = "snake_case")]
pub enum Factor {
    Totp,
    Webauthn,
    Code,
    LookupSecret,
}

/// The page of one flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlowPage {
    pub kind: FlowKind,
    pub id: FlowId,
    /// This flow takes the place of one that failed. When it fails too, the reason is told instead of trying again:
    /// without cookies no flow ever works.
    pub again: bool,
    pub section: Option<Section>,
    pub factor: Option<Factor>,
}

impl Section {
    /// Returns all of them, in their order.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }

    /// Returns the value of `?section=`.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Parses the value of `?section=`.
    pub fn from_name(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

impl Factor {
    /// Returns all of them, in their order.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }

    /// Returns the value of `?factor=`.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Parses the value of `?factor=`.
    pub fn from_name(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

impl FlowPage {
    pub fn new(kind: FlowKind, id: FlowId) -> Self {
        Self {
            kind,
            id,
            again: false,
            section: None,
            factor: None,
        }
    }

    /// The route that takes this flow's forms.
    pub fn fragment(&self) -> String {
        format!("/fragments{self}")
    }
}

impl fmt::Display for FlowPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}?flow={}", self.kind.name(), self.id)?;
        if let Some(section) = self.section {
            write!(f, "&section={}", section.name())?;
        }
        if let Some(factor) = self.factor {
            write!(f, "&factor={}", factor.name())?;
        }
        if self.again {
            f.write_str("&again=1")?;
        }
        Ok(())
    }
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Welcome => f.write_str("/welcome"),
            Self::Sessions => f.write_str("/sessions"),
            Self::Logout => f.write_str("/logout"),
            Self::Login => f.write_str("/login"),
            Self::Settings(None) => f.write_str("/settings"),
            Self::Settings(Some(section)) => write!(f, "/settings?section={}", section.name()),
            Self::Start(kind) => write!(f, "/{}", kind.name()),
        }
    }
}

impl Destination {
    /// As it goes into `Location` and into links.
    pub fn under(&self, base: &Base) -> String {
        match self {
            Self::Page(page) => base.at(&page.to_string()),
            Self::Flow(page) => base.at(&page.to_string()),
            Self::FlowFor {
                page,
                login_challenge,
            } => {
                let mut path = page.to_string();
                path.push('&');
                let end = path.len();
                let mut query = form_urlencoded::Serializer::for_suffix(path, end);
                query.append_pair(LOGIN_CHALLENGE, login_challenge);
                base.at(&query.finish())
            }
            Self::Begin { kind, query } => {
                base.at(&format!("/self-service/{}/browser?{query}", kind.name()))
            }
            Self::SignIn { return_to, why } => {
                let mut query = form_urlencoded::Serializer::new(String::new());
                match why {
                    Why::NobodyIsHere => {}
                    Why::SecondFactor => {
                        query.append_pair("aal", "aal2");
                    }
                    Why::Again => {
                        query.append_pair("refresh", "true");
                    }
                }
                query.append_pair("return_to", return_to);
                base.at(&format!("/login?{}", query.finish()))
            }
            Self::Own(path) => base.at(path),
            Self::Outside(url) => url.to_string(),
        }
    }
}

/// The origins that a browser may be sent to.
#[derive(Debug, Clone)]
pub struct Origins {
    /// Genkan's own address, with its base.
    public: Url,
    base: Base,
    /// Where answers of Kratos point when they mean Kratos itself.
    kratos: Url,
    allowed: Vec<ReturnOrigin>,
}

impl Origins {
    pub fn new(origin: &Url, base: Base, kratos: Option<Url>, allowed: &[ReturnOrigin]) -> Self {
        let mut public = origin.clone();
        public.set_path(&base.to_string());
        Self {
            kratos: kratos.unwrap_or_else(|| public.clone()),
            public,
            base,
            allowed: allowed.to_vec(),
        }
    }

    /// Below what Genkan is served.
    pub fn base(&self) -> &Base {
        &self.base
    }

    /// A `return_to` that somebody wrote into a link, as an absolute address for Kratos.
    ///
    /// Parsed as browsers parse (WHATWG), because what counts is where the browser would end. `None` for anything
    /// that is not on our origin or on the operator's list, or that would press a button of Kratos' (a sign-out link).
    pub fn return_to(&self, text: &str) -> Option<Url> {
        let url = self.parse(text)?;
        match self.place(&url) {
            Place::Own(path) => self.is_harmless(path, &url).then_some(url),
            // What else there is on our origin is the operator's too.
            Place::Beside => self.is_harmless(url.path(), &url).then_some(url),
            Place::Listed => Some(url),
            Place::Elsewhere => None,
        }
    }

    /// The origin that an address leads to, for the log: at most as long as a host name is, and of ASCII letters.
    pub fn origin_of(&self, text: &str) -> String {
        let url = self.public.join(text).ok();
        let origin = url.map(|url| match url.origin() {
            origin @ Origin::Tuple(..) => origin.ascii_serialization(),
            Origin::Opaque(_) => format!("{}:", url.scheme()),
        });
        let origin = origin.unwrap_or_else(|| "none".to_owned());
        origin.chars().take(MAX_ORIGIN).collect()
    }

    /// An address that Kratos itself answered with. It may lead anywhere (an identity provider), but only by http(s),
    /// and on our own origin only to what a browser may open.
    pub fn from_kratos(&self, text: &str) -> Option<Destination> {
        let url = self.parse(text)?;
        match self.place(&url) {
            Place::Own(path) => (self.is_harmless(path, &url) || is_callback(path)).then(|| {
                let rest = &url[Position::AfterPath..];
                Destination::Own([path, rest].concat())
            }),
            Place::Beside if !self.is_harmless(url.path(), &url) => None,
            Place::Beside | Place::Listed | Place::Elsewhere => Some(Destination::Outside(url)),
        }
    }

    fn parse(&self, text: &str) -> Option<Url> {
        let url = self.public.join(text).ok()?;
        let is_web = matches!(url.scheme(), "http" | "https");
        (is_web && url.username().is_empty() && url.password().is_none()).then_some(url)
    }

    fn place<'a>(&self, url: &'a Url) -> Place<'a> {
        let origin = url.origin();
        if origin == self.public.origin() {
            self.base
                .strip(url.path())
                .map_or(Place::Beside, Place::Own)
        } else if origin == self.kratos.origin() {
            Place::Own(url.path())
        } else if self.allowed.iter().any(|allowed| allowed.covers(url)) {
            Place::Listed
        } else {
            Place::Elsewhere
        }
    }

    /// Whether opening this path of ours does no more than show a page. Of Kratos' own paths only those that start a
    /// flow do, and the one that goes on with a change after somebody has signed in again.
    fn is_harmless(&self, path: &str, url: &Url) -> bool {
        if let Some(rest) = path.strip_prefix("/self-service/") {
            let starts_a_flow = rest
                .strip_suffix("/browser")
                .is_some_and(|name| FlowKind::from_name(name).is_some());
            let goes_on = rest == "settings"
                && url.query_pairs().all(|(key, value)| match &*key {
                    "flow" => FlowId::parse(&value).is_some(),
                    "section" => Section::from_name(&value).is_some(),
                    _ => false,
                });
            return starts_a_flow || goes_on;
        }
        // Another server on the way may read what is encoded before it looks at the path, a backslash as a slash, and all
        // letters as small ones.
        let read = percent_decode_str(url.path())
            .decode_utf8_lossy()
            .replace('\\', "/")
            .to_lowercase();
        let base = self.base.at("").to_lowercase();
        let below = read.strip_prefix(&base).unwrap_or(&read);
        let is_hidden = |path: &str| {
            ["/self-service", "/fragments", "/.well-known"]
                .iter()
                .any(|hidden| path.starts_with(hidden))
        };
        !read.contains("//")
            && !is_hidden(&read)
            && !is_hidden(below)
            && !read.contains("/../")
            && !read.contains("/./")
    }
}

enum Place<'a> {
    /// This path of ours.
    Own(&'a str),
    /// On our origin, but not below our base.
    Beside,
    Listed,
    Elsewhere,
}

/// Where Kratos turns a provider's posted answer into a GET: cookies that are Lax come along only then.
fn is_callback(path: &str) -> bool {
    path.starts_with("/self-service/methods/oidc/callback")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins() -> Origins {
        let url = |text| Url::parse(text).expect("a url of the test");
        let allowed = ["https://app.example", "https://*.apps.example"]
            .map(|text| ReturnOrigin::try_from(url(text)).expect("an origin of the test"));
        Origins::new(&url("https://id.example/"), Base::default(), None, &allowed)
    }

    fn below(base: &str) -> Origins {
        let origin = Url::parse("https://id.example/").expect("a url of the test");
        Origins::new(&origin, base.parse().expect("a base"), None, &[])
    }

    #[test]
    fn below_a_base_an_own_page_is_told_from_another_application() {
        let origins = below("/auth");
        for (text, to) in [
            (
                "/auth/sessions?x=y",
                Some("https://id.example/auth/sessions?x=y"),
            ),
            ("sessions", Some("https://id.example/auth/sessions")),
            ("/shop/", Some("https://id.example/shop/")),
            ("/authors", Some("https://id.example/authors")),
            ("/auth", Some("https://id.example/auth")),
            (
                "/auth/self-service/login/browser",
                Some("https://id.example/auth/self-service/login/browser"),
            ),
            ("/auth/self-service/logout?token=x", None),
            ("/self-service/logout?token=x", None),
            ("/%61uth/self-service/logout?token=x", None),
            ("/AUTH/fragments/logout", None),
            ("/auth/%66ragments/logout", None),
            ("/auth//evil.example", None),
            ("//evil.example/auth/", None),
        ] {
            let place = origins.return_to(text);
            assert_eq!(place.as_ref().map(Url::as_str), to, "{text}");
        }
    }

    #[test]
    fn below_a_base_kratos_leads_to_own_pages_by_paths_without_it() {
        let origins = below("/auth/");
        for (text, to, shown) in [
            (
                "https://id.example/auth/login?flow=x",
                Destination::Own("/login?flow=x".to_owned()),
                "/auth/login?flow=x",
            ),
            (
                "https://id.example/auth",
                Destination::Own("/".to_owned()),
                "/auth/",
            ),
        ] {
            let place = origins.from_kratos(text);
            assert_eq!(place.as_ref(), Some(&to));
            assert_eq!(to.under(origins.base()), shown);
        }
        let beside = origins
            .from_kratos("https://id.example/shop?x=y")
            .map(|to| to.under(origins.base()));
        assert_eq!(beside.as_deref(), Some("https://id.example/shop?x=y"));
        let sign_in = Destination::SignIn {
            return_to: "/auth/sessions".to_owned(),
            why: Why::NobodyIsHere,
        };
        assert_eq!(
            sign_in.under(origins.base()),
            "/auth/login?return_to=%2Fauth%2Fsessions"
        );
    }

    #[test]
    fn a_return_to_may_lead_to_an_own_page_or_a_listed_origin() {
        for text in [
            "/settings",
            "settings?section=profile",
            "https://id.example/welcome",
            "https://app.example/x?y=z",
            "https://id.example/self-service/login/browser?aal=aal2",
            "https://id.example/self-service/settings?flow=00000000-0000-4000-8000-000000000000",
        ] {
            assert!(origins().return_to(text).is_some(), "{text}");
        }
    }

    #[test]
    fn subdomains_are_those_that_kratos_takes() {
        for (text, is_taken) in [
            ("https://shop.apps.example/cart?x=1#there", true),
            ("https://deep.shop.apps.example/", true),
            ("https://SHOP.Apps.Example/", true),
            ("https://shop.apps.example:443/", true),
            ("https://apps.example/", false),
            ("https://evilapps.example/", false),
            ("https://.apps.example/", false),
            ("https://shop.apps.example:8443/", false),
            ("http://shop.apps.example/", false),
            ("https://shop.apps.example.evil.example/", false),
            ("https://evil.example/.apps.example", false),
            ("https://evil.example\\.apps.example/", false),
            ("https://evil.example#.apps.example", false),
            ("https://x@shop.apps.example/", false),
        ] {
            assert_eq!(origins().return_to(text).is_some(), is_taken, "{text}");
        }
    }

    #[test]
    fn the_log_tells_an_origin_and_no_more() {
        for (text, origin) in [
            (
                "https://user:secret@evil.example:8443/a?token=x",
                "https://evil.example:8443",
            ),
            ("//evil.example/a", "https://evil.example"),
            ("javascript:alert(1)", "javascript:"),
            ("https://", "none"),
        ] {
            assert_eq!(origins().origin_of(text), origin, "{text}");
        }
        let long = format!("https://{}.example/", "a.".repeat(5000));
        assert!(origins().origin_of(&long).len() <= MAX_ORIGIN);
    }

    #[test]
    fn a_hostile_return_to_leads_nowhere() {
        for text in [
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "http:/evil.example",
            "http:evil.example",
            "https:evil.example:443",
            "https://evil.example",
            "https://id.example@evil.example/",
            "https://user:pass@id.example/",
            "https://id.example.evil.example/",
            "javascript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "https://id.example/self-service/logout?token=x",
            "https://id.example/self-service/./logout?token=x",
            "/welcome/..//self-service/logout",
            "/self-service%2Flogout",
            "/self-service/recovery?flow=x&token=y",
            "/fragments/logout",
            " //evil.example",
            "\t//evil.example",
        ] {
            let place = origins().return_to(text);
            let stays = place
                .as_ref()
                .is_some_and(|url| url.origin() == origins().public.origin());
            assert!(
                place.is_none() || (stays && !text.contains("self-service")),
                "{text} → {place:?}"
            );
        }
    }

    #[test]
    fn an_answer_of_kratos_may_leave_but_only_by_http() {
        let provider = "https://provider.example/auth?client_id=x";
        assert!(matches!(
            origins().from_kratos(provider),
            Some(Destination::Outside(_))
        ));
        assert_eq!(origins().from_kratos("javascript:alert(1)"), None);
        assert_eq!(
            origins().from_kratos("https://id.example/login?flow=x"),
            Some(Destination::Own("/login?flow=x".to_owned()))
        );
    }
}
