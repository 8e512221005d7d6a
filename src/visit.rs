//! One request: what the browser brings (cookies, language, address) and what it takes away (cookies).

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use base64::{Engine, alphabet};
use http::Method;
use http::header::{ACCEPT_LANGUAGE, COOKIE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use http::request::Parts;
use leptos::prelude::use_context;
use sha2::{Digest, Sha256};
use strum::{EnumIter, EnumString, IntoEnumIterator, IntoStaticStr};
use tower_http::request_id::RequestId;

use crate::base::Base;
use crate::brand::Brand;
use crate::config::Config;
use crate::destination::{LOGIN_CHALLENGE, Origins, is_possible};
use crate::error::Error;
use crate::hydra;
use crate::i18n::{Catalogue, Locale, Texts};
use crate::kratos::{
    self, Answer, Browser, FlowId, FlowKind, Language, Outcome, Submission, ToConfirm,
};
use crate::limit::{Key, Limit, Limits, Wait, neighbourhood};
use crate::telemetry;
use crate::theme::Theme;
use crate::ui::{Shell, Shells};

/// What all requests share.
#[derive(Debug)]
pub struct Site {
    pub config: Config,
    pub catalogue: &'static Catalogue,
    pub brand: Brand,
    pub shells: Shells,
    pub kratos: kratos::Client,
    /// Where applications sign in by Ory Hydra.
    pub hydra: Option<hydra::Client>,
    pub origins: Origins,
    pub limits: Limits,
}

/// One request of one browser. Cheap to clone; the page, the server function and the layers see the same one.
#[derive(Debug, Clone)]
pub struct Visit(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    site: Arc<Site>,
    browser: Browser,
    locale: Locale,
    theme: Theme,
    is_post: bool,
    is_htmx: bool,
    nonce: String,
    request_id: String,
    path: String,
    query: Vec<(String, String)>,
    flash: Option<Flash>,
    /// The flow and the fields of a form that could not be taken, as the browser kept them.
    typed: Option<String>,
    /// The address that somebody gave to sign in or to have a code sent.
    address: Option<String>,
    /// The application that waits for a browser at a provider, as the browser kept it.
    errand: Option<String>,
    /// The flow that a code was mailed for a moment ago. The browser forgets it when the next may be mailed.
    sent: Option<FlowId>,
    /// The addresses that the last step left to be confirmed, as the browser kept them.
    confirmations: Vec<Confirmation>,
    /// Whether the language was chosen here, and not by the browser's settings.
    has_chosen_language: bool,
    /// The name of the application that waits in vain, as Hydra has it.
    application: OnceLock<String>,
    /// Whether the page shows a picture that stands in the page itself.
    has_inline_image: AtomicBool,
    set_cookies: Mutex<Vec<HeaderValue>>,
}

/// An address that a step left to be confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// The verification that waits for it.
    pub flow: FlowId,
    pub address: String,
    pub is_done: bool,
}

/// A second factor that a session is asked for, and what was counted for it.
#[derive(Debug, Clone, Copy)]
pub struct SecondFactor {
    /// This step of this account.
    step: Key,
    account: Key,
    /// Whether a mail was counted for everybody.
    is_counted: bool,
}

/// The form that typed values are kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypedFor {
    Flow(FlowId),
    /// The next flow of this kind: the browser begins it, so its id is not known yet.
    Next(FlowKind),
}

impl fmt::Display for TypedFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flow(id) => id.fmt(f),
            Self::Next(kind) => f.write_str(kind.name()),
        }
    }
}

/// Something to say on the next page, once. Travels as a key in a cookie, never as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
pub enum Flash {
    #[strum(serialize = "flash-signed-out")]
    SignedOut,
    #[strum(serialize = "flash-registered")]
    Registered,
    #[strum(serialize = "flash-link-used")]
    LinkUsed,
    #[strum(serialize = "flash-resent")]
    Resent,
    #[strum(serialize = "flash-timed-out")]
    TimedOut,
    #[strum(serialize = "flash-started-again")]
    StartedAgain,
    #[strum(serialize = "flash-repeat-change")]
    RepeatChange,
    #[strum(serialize = "flash-account-disabled")]
    AccountDisabled,
    /// A new passkey or security key that Kratos could not take.
    #[strum(serialize = "flash-key-refused")]
    KeyRefused,
    #[strum(serialize = "flash-check-input")]
    CheckInput,
    /// A form that names several methods, or several accounts to sign in with.
    #[strum(serialize = "flash-ambiguous")]
    Ambiguous,
    #[strum(serialize = "flash-code-or-address")]
    CodeOrAddress,
    /// The one field of the form was left empty. Said at the field.
    #[strum(serialize = "flash-missing")]
    Missing,
    /// Somebody who is signed in wanted to sign in.
    #[strum(serialize = "flash-signed-in-already")]
    SignedInAlready,
    /// A code was asked for again before the one before could have come.
    #[strum(serialize = "flash-sent-just-now")]
    SentJustNow,
    #[strum(serialize = "flash-device-signed-out")]
    DeviceSignedOut,
    #[strum(serialize = "flash-others-signed-out")]
    OthersSignedOut,
    /// Too much was asked for: the seconds until it may be tried again. Said at once, never in a cookie.
    #[strum(serialize = "error-too-many-lead", disabled)]
    Wait(u64),
    /// Wrong codes were typed until no other was taken.
    #[strum(serialize = "too-often")]
    TooOften,
    /// The link was mailed once more.
    #[strum(serialize = "flash-link-resent")]
    LinkResent,
    /// A change was made, of which the next page itself says nothing.
    #[strum(serialize = "flash-address-saved")]
    AddressSaved,
    /// An address is confirmed, and a sign-in comes next.
    #[strum(serialize = "flash-address-confirmed")]
    AddressConfirmed,
    /// No device waits with the code that was typed. Said at the field.
    #[strum(serialize = "device-code-wrong")]
    DeviceCodeWrong,
    /// A mail to confirm an address is on its way, and no form asks for its code.
    #[strum(serialize = "flash-confirm-address")]
    ConfirmAddress,
    /// The same after a change.
    #[strum(serialize = "flash-confirm-new-address")]
    ConfirmNewAddress,
    /// A change was made. Kratos keeps saying so; this says that nobody has read it yet.
    #[strum(serialize = "settings-saved")]
    Saved,
}

/// The event of a limit that was met, which is logged with more than an [`Event`] has.
pub const LIMITED: &str = "limited";

/// What may be a sign of an attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, EnumIter)]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// Kratos did not take a password, a code or a key, of a sign-in or of a recovery, which signs in too.
    SignInFailed,
    /// A form of another site.
    ForeignOrigin,
}

impl Event {
    /// Returns all of them, in their order.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }

    /// Returns what the log and the metrics call it.
    pub fn name(self) -> &'static str {
        self.into()
    }

    fn words(self) -> &'static str {
        match self {
            Self::SignInFailed => "a sign-in failed",
            Self::ForeignOrigin => "a form of another site was refused",
        }
    }
}

impl Flash {
    /// Returns the key of the text, which is also the value of the cookie.
    pub fn key(self) -> &'static str {
        self.into()
    }

    /// Whether it says that something went wrong.
    pub fn is_error(self) -> bool {
        match self {
            Self::SignedOut
            | Self::Registered
            | Self::Resent
            | Self::SignedInAlready
            | Self::SentJustNow
            | Self::DeviceSignedOut
            | Self::OthersSignedOut
            | Self::LinkResent
            | Self::AddressSaved
            | Self::AddressConfirmed
            | Self::ConfirmAddress
            | Self::ConfirmNewAddress
            | Self::Saved => false,
            Self::TimedOut
            | Self::LinkUsed
            | Self::StartedAgain
            | Self::RepeatChange
            | Self::AccountDisabled
            | Self::KeyRefused
            | Self::CheckInput
            | Self::Ambiguous
            | Self::CodeOrAddress
            | Self::Missing
            | Self::DeviceCodeWrong
            | Self::Wait(_)
            | Self::TooOften => true,
        }
    }

    fn from_key(key: &str) -> Option<Self> {
        key.parse().ok()
    }
}

const LANG_COOKIE: &str = "genkan_lang";
const THEME_COOKIE: &str = "genkan_theme";
pub(crate) const FLASH_COOKIE: &str = "genkan_flash";
const TYPED_COOKIE: &str = "genkan_typed";
const SENT_COOKIE: &str = "genkan_sent";
const ADDRESS_COOKIE: &str = "genkan_address";
const ERRAND_COOKIE: &str = "genkan_errand";
pub(crate) const CONFIRM_COOKIE: &str = "genkan_confirm";
/// In seconds.
const YEAR: u32 = 365 * 24 * 60 * 60;
/// No person has more addresses to confirm after one step.
const MAX_CONFIRMATIONS: usize = 4;
/// No address that mail goes to is longer.
const MAX_ADDRESS: usize = 320;
/// Base64 as Go decodes it: what the last character has beyond the last byte is ignored.
const LENIENT_BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// Browsers keep cookies of 4096 bytes, name and attributes included (RFC 6265, 6.1).
const MAX_TYPED: usize = 3800;
/// As long as Kratos waits for a browser at a provider, in seconds (`continuity.WithLifespan` in
/// `selfservice/strategy/oidc`).
const TIME_AT_PROVIDER: u32 = 30 * 60;

impl Visit {
    /// Reads a request. `address` is the browser's.
    pub fn of(site: Arc<Site>, parts: &Parts, address: IpAddr) -> Self {
        let cookies = Cookies::of(&parts.headers);
        let query: Vec<(String, String)> =
            form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect();
        let parameter = |name: &str| {
            let (_, value) = query.iter().find(|(key, _)| key == name)?;
            Some(value.as_str())
        };
        let asked = parameter("lang").and_then(Locale::accepted);
        let asked_theme = parameter("theme").and_then(Theme::from_name);
        let secure = site.config.is_https();
        let chosen = asked.or_else(|| cookies.own(LANG_COOKIE, secure)?.parse().ok());
        let locale = chosen
            .or_else(|| Locale::accepted(parts.headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?))
            .unwrap_or(site.config.default_lang);
        let header = |name: HeaderName| parts.headers.get(name).cloned();
        let inner = Inner {
            browser: Browser {
                cookies: cookies.of_kratos(&site.config.session_cookie),
                has_one_anti_csrf: cookies.has_one_anti_csrf(),
                user_agent: header(USER_AGENT),
                accept_language: header(ACCEPT_LANGUAGE),
                traceparent: header(HeaderName::from_static("traceparent")),
                tracestate: header(HeaderName::from_static("tracestate")),
                request_id: header(HeaderName::from_static("x-request-id")),
                language: Language(locale.tag()),
                address,
            },
            locale,
            theme: asked_theme
                .or_else(|| Theme::from_name(cookies.own(THEME_COOKIE, secure)?))
                .unwrap_or_default(),
            is_post: parts.method == Method::POST,
            is_htmx: parts.method == Method::POST && parts.headers.contains_key("hx-request"),
            nonce: nonce(),
            request_id: parts
                .extensions
                .get::<RequestId>()
                .and_then(|id| id.header_value().to_str().ok())
                .unwrap_or_default()
                .to_owned(),
            path: site
                .origins
                .base()
                .strip(parts.uri.path())
                .unwrap_or_else(|| parts.uri.path())
                .to_owned(),
            query,
            flash: cookies.own(FLASH_COOKIE, secure).and_then(Flash::from_key),
            typed: cookies.own(TYPED_COOKIE, secure).map(str::to_owned),
            address: cookies.own(ADDRESS_COOKIE, secure).and_then(unpacked),
            errand: cookies.own(ERRAND_COOKIE, secure).map(str::to_owned),
            sent: cookies.own(SENT_COOKIE, secure).and_then(FlowId::parse),
            confirmations: cookies
                .own(CONFIRM_COOKIE, secure)
                .map_or_else(Vec::new, Confirmation::read_all),
            has_chosen_language: chosen.is_some(),
            application: OnceLock::new(),
            has_inline_image: AtomicBool::new(false),
            set_cookies: Mutex::default(),
            site,
        };
        let visit = Self(Arc::new(inner));
        if asked.is_some() {
            visit.set_own_cookie(LANG_COOKIE, locale.tag(), Some(YEAR));
        }
        match asked_theme {
            Some(Theme::Auto) => visit.set_own_cookie(THEME_COOKIE, "", Some(0)),
            Some(theme @ (Theme::Light | Theme::Dark)) => {
                visit.set_own_cookie(THEME_COOKIE, theme.name(), Some(YEAR));
            }
            None => {}
        }
        visit
    }

    /// The request that is being answered.
    ///
    /// # Errors
    /// [`Error::Internal`] where the layer that reads requests is missing.
    pub fn current() -> Result<Self, Error> {
        use_context::<Self>().ok_or(Error::Internal)
    }

    pub fn config(&self) -> &Config {
        &self.0.site.config
    }

    pub fn brand(&self) -> &Brand {
        &self.0.site.brand
    }

    pub fn origins(&self) -> &Origins {
        &self.0.site.origins
    }

    pub fn kratos(&self) -> &kratos::Client {
        &self.0.site.kratos
    }

    pub fn hydra(&self) -> Option<&hydra::Client> {
        self.0.site.hydra.as_ref()
    }

    pub fn limits(&self) -> &Limits {
        &self.0.site.limits
    }

    /// Counts one more under a key of [`Visit::limits`].
    ///
    /// # Errors
    /// [`Error::TooMany`], where it is one too many.
    pub fn count(&self, limit: Limit, key: Key) -> Result<(), Error> {
        let counted = self.limits().count(limit, key);
        counted.map_err(|wait| self.too_many(limit, wait))?;
        telemetry::counted(limit.name());
        Ok(())
    }

    /// Takes back a mail that was counted for an account and not sent.
    pub fn give_back(&self, account: Key) {
        self.limits().give_back(account);
        telemetry::given_back(Limit::AccountSendsEverywhere.name());
    }

    /// Counts mails to these accounts for everybody, all of them or none.
    ///
    /// # Errors
    /// As [`Visit::count`].
    pub fn reserve_mails(&self, accounts: &[Key]) -> Result<(), Error> {
        for (at, account) in accounts.iter().enumerate() {
            let counted = self.count(Limit::AccountSendsEverywhere, *account);
            if counted.is_err() {
                accounts[..at].iter().for_each(|it| self.give_back(*it));
                return counted;
            }
        }
        Ok(())
    }

    /// Counts a mail that Kratos has sent unasked. A limit that it exceeds holds for the next.
    pub fn count_sent(&self, recipient: Key) {
        let here = self.limits().key((recipient, self.neighbourhood()));
        let _ = self.count_here(Limit::Sends);
        let _ = self.count(Limit::AccountSends, here);
        let _ = self.count(Limit::AccountSendsEverywhere, recipient);
    }

    fn too_many(&self, limit: Limit, Wait(seconds): Wait) -> Error {
        telemetry::happened(LIMITED);
        tracing::warn!(
            event = LIMITED,
            limit = limit.name(),
            client = %self.neighbourhood(),
            seconds,
            request.id = self.request_id(),
            "too much was asked for"
        );
        Error::TooMany(Some(seconds))
    }

    /// Counts a new flow. A flow for a second factor may mail a code as soon as it is begun (Kratos
    /// 26.2). For the client's address it counts as a mail, and for everybody if it mailed before.
    /// Returns what was counted of a second factor.
    ///
    /// # Errors
    /// As [`Visit::count`].
    pub fn count_new_flow(&self, is_second_factor: bool) -> Result<Option<SecondFactor>, Error> {
        self.count_here(Limit::Flows)?;
        let Some(session) = self.session().filter(|_| is_second_factor) else {
            return Ok(None);
        };
        let account = self.limits().account(session).unwrap_or(session);
        let step = self.limits().key(("aal2", account));
        let here = self.limits().key((step, self.neighbourhood()));
        self.count(Limit::AccountSends, here)?;
        let is_counted = self.limits().unasked(step).flatten().is_some();
        if is_counted {
            self.count(Limit::AccountSendsEverywhere, account)?;
        }
        Ok(Some(SecondFactor {
            step,
            account,
            is_counted,
        }))
    }

    /// Learns whether a new flow for a second factor has mailed, and counts a mail that was not
    /// counted before. `None`: nothing was begun, or it is not known.
    pub fn learn_new_flow(&self, begun: SecondFactor, is_mailed: Option<bool>) {
        let SecondFactor {
            step,
            account,
            is_counted,
        } = begun;
        if let Some(is_mailed) = is_mailed {
            self.limits()
                .set_unasked(step, is_mailed.then_some(account));
        }
        match (is_mailed, is_counted) {
            // It is sent: a limit that it exceeds holds for the next.
            (Some(true), false) => {
                let _ = self.count(Limit::AccountSendsEverywhere, account);
            }
            (Some(false) | None, true) => self.give_back(account),
            (Some(true), true) | (Some(false) | None, false) => {}
        }
    }

    /// Counts one more for where the browser is.
    ///
    /// # Errors
    /// As [`Visit::count`].
    pub fn count_here(&self, limit: Limit) -> Result<(), Error> {
        let key = self.limits().key(self.neighbourhood());
        self.count(limit, key)
    }

    /// Says in the log what an operator may want to alert on, and where it came from. Nothing of what was sent.
    pub fn report(&self, event: Event) {
        telemetry::happened(event.name());
        tracing::warn!(
            event = event.name(),
            client = %self.neighbourhood(),
            path = self.path(),
            request.id = self.request_id(),
            "{}",
            event.words()
        );
    }

    /// Where the browser is, as far as it is told apart from others.
    pub fn neighbourhood(&self) -> IpAddr {
        neighbourhood(self.browser().address)
    }

    pub fn browser(&self) -> &Browser {
        &self.0.browser
    }

    /// Whether somebody may be signed in. Kratos knows.
    pub fn has_session_cookie(&self) -> bool {
        self.session().is_some()
    }

    /// Tells whether the browser has a session cookie after this answer.
    pub fn will_have_session(&self) -> bool {
        let browser = self.browser_from_now_on();
        let cookies = browser.cookies.as_ref().and_then(|it| it.to_str().ok());
        let mut names = cookies.unwrap_or_default().split("; ");
        names.any(|pair| {
            pair.split_once('=')
                .is_some_and(|(name, _)| name == self.config().session_cookie)
        })
    }

    /// What the session is counted under.
    pub fn session(&self) -> Option<Key> {
        let cookies = self.browser().cookies.as_ref()?.to_str().ok()?;
        let pairs = cookies.split("; ").filter_map(|it| it.split_once('='));
        self.session_among(pairs)
    }

    /// What the session is counted under that an answer of Kratos' begins.
    pub fn session_begun_by(&self, answer: &Answer) -> Option<Key> {
        let cookies = answer.set_cookies.iter().filter_map(|it| it.to_str().ok());
        let pairs = cookies.filter_map(|it| it.split(';').next()?.split_once('='));
        self.session_among(pairs)
    }

    /// Of one session there are several spellings in base64. They count as one.
    fn session_among<'a>(
        &self,
        mut pairs: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Option<Key> {
        let (_, value) = pairs.find(|(name, _)| *name == self.config().session_cookie)?;
        Some(match LENIENT_BASE64.decode(value) {
            Ok(bytes) => self.limits().key(bytes),
            Err(_) => self.limits().key(value),
        })
    }

    /// The browser with the cookies that Kratos has just given it: it comes with those for a flow that takes another's
    /// place, and Kratos may have changed them with the flow that failed.
    pub fn browser_from_now_on(&self) -> Browser {
        self.browser_after(&self.lock())
    }

    /// Returns the browser with the cookies of an answer of Kratos.
    pub fn browser_after(&self, set_cookies: &[HeaderValue]) -> Browser {
        let mut pairs: Vec<(&str, &str)> = Vec::new();
        let old = self.0.browser.cookies.as_ref();
        let old = old.and_then(|it| it.to_str().ok()).unwrap_or_default();
        pairs.extend(old.split("; ").filter_map(|pair| pair.split_once('=')));
        for cookie in set_cookies.iter().filter_map(|it| it.to_str().ok()) {
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            if !is_kratos_cookie(name, &self.config().session_cookie) {
                continue;
            }
            pairs.retain(|(other, _)| *other != name);
            if !attributes.contains("Max-Age=0") {
                pairs.push((name, value));
            }
        }
        Browser {
            cookies: cookie_header(pairs),
            ..self.0.browser.clone()
        }
    }

    pub fn texts(&self) -> Texts {
        Texts::new(self.0.locale, self.0.site.catalogue)
    }

    /// What stands around each screen in this language and theme.
    pub fn shell(&self) -> &Shell {
        self.0.site.shells.of(self.0.locale, self.0.theme)
    }

    /// Whether a form was sent.
    pub fn is_post(&self) -> bool {
        self.0.is_post
    }

    /// Whether htmx asks, and can swap a part of the page.
    pub fn is_htmx(&self) -> bool {
        self.0.is_htmx
    }

    /// The one value that makes a script or an `hx-*` element of this answer run.
    pub fn nonce(&self) -> &str {
        &self.0.nonce
    }

    /// The number to tell the help desk.
    pub fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// A path of ours as browsers have to know it.
    pub fn at(&self, path: &str) -> String {
        self.base().at(path)
    }

    /// Below what Genkan is served.
    pub fn base(&self) -> &Base {
        self.origins().base()
    }

    /// What was asked for, without the base.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    pub fn query(&self) -> &[(String, String)] {
        &self.0.query
    }

    /// The first query parameter of this name that is not empty.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.0
            .query
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// What Kratos may be told about a new flow: the parameters it knows, each checked for what it can be.
    pub fn flow_parameters(&self) -> Vec<(&'static str, String)> {
        const KNOWN_TO_KRATOS: [&str; 8] = [
            "return_to",
            "after_verification_return_to",
            "refresh",
            "aal",
            "via",
            LOGIN_CHALLENGE,
            "organization",
            "identity_schema",
        ];
        let check = |name: &'static str, value: &str| -> Option<String> {
            let fits = match name {
                "return_to" | "after_verification_return_to" => {
                    return self.checked_return_to(value);
                }
                "refresh" => matches!(value, "true" | "false"),
                "aal" => matches!(value, "aal1" | "aal2"),
                "organization" => uuid::Uuid::try_parse(value).is_ok(),
                LOGIN_CHALLENGE => is_possible(value),
                _ => value.len() < 256,
            };
            fits.then(|| value.to_owned())
        };
        KNOWN_TO_KRATOS
            .into_iter()
            .filter_map(|name| Some((name, check(name, self.parameter(name)?)?)))
            .collect()
    }

    /// Returns the challenge of the application that waits for the end of this request's errand.
    pub fn application(&self) -> Option<String> {
        let known = [LOGIN_CHALLENGE, "return_to"].into_iter();
        let known = known.filter_map(|name| Some((name, self.parameter(name)?.to_owned())));
        self.origins().application_among(&known.collect::<Vec<_>>())
    }

    /// Returns [`Error::ApplicationLost`]. Its page names the application if Hydra still knows the
    /// challenge.
    pub async fn application_lost(&self, challenge: Option<&str>) -> Error {
        if let Some((hydra, challenge)) = self.hydra().zip(challenge)
            && let Ok(login) = hydra.login(challenge).await
        {
            self.name_application(login.client.name());
        }
        Error::ApplicationLost
    }

    /// Lets the page of an error name an application.
    pub fn name_application(&self, name: &str) {
        let _ = self.0.application.set(name.to_owned());
    }

    /// Returns the name of the application that waits in vain.
    pub fn application_name(&self) -> Option<&str> {
        self.0.application.get().map(String::as_str)
    }

    /// Returns the language to show instead of this one: the first of `wanted` (as in
    /// `Accept-Language`) that there is, unless
    /// the person has chosen another here.
    pub fn other_language(&self, wanted: &str) -> Option<Locale> {
        let wanted = Locale::accepted(wanted)?;
        (!self.0.has_chosen_language && wanted != self.0.locale).then_some(wanted)
    }

    /// A `return_to` of this request as an absolute address, if it may be gone to.
    pub fn checked_return_to(&self, value: &str) -> Option<String> {
        let checked = self.origins().return_to(value);
        if checked.is_none() {
            let origin = self.origins().origin_of(value);
            tracing::warn!(origin, "a return_to that leads elsewhere was dropped");
        }
        checked.map(Into::into)
    }

    /// The outcome of a question to Kratos; the cookies of its answer go to the browser.
    pub fn hear(&self, answer: Answer) -> Outcome {
        for cookie in answer.set_cookies {
            self.set_cookie_of_kratos(cookie);
        }
        if !answer.to_confirm.is_empty() {
            let all = answer.to_confirm.into_iter().map(Confirmation::from);
            self.set_confirmations(&all.collect::<Vec<_>>());
        }
        answer.outcome
    }

    /// Hands a cookie on as it came, if it is one of Kratos'.
    pub fn set_cookie_of_kratos(&self, cookie: HeaderValue) {
        let name = cookie
            .as_bytes()
            .split(|byte| *byte == b'=')
            .next()
            .and_then(|name| std::str::from_utf8(name).ok())
            .unwrap_or_default();
        if is_kratos_cookie(name.trim(), &self.config().session_cookie) {
            self.push_cookie(cookie);
        } else {
            tracing::warn!("a cookie that is not one of Kratos' was dropped");
        }
    }

    /// Says something on the next page.
    pub fn set_flash(&self, flash: Flash) {
        self.set_own_cookie(FLASH_COOKIE, flash.key(), Some(60));
    }

    /// What an earlier answer wanted said here. Asking ends it: it is said once.
    pub fn take_flash(&self) -> Option<Flash> {
        let flash = self.0.flash?;
        self.set_own_cookie(FLASH_COOKIE, "", Some(0));
        Some(flash)
    }

    /// Lets the browser keep what was typed into a form, for the next page to show it. Never passwords or codes.
    pub fn set_typed(&self, of: TypedFor, typed: &Submission) {
        let of = of.to_string();
        let room = (MAX_TYPED - of.len() - 1) / 4 * 3;
        let pairs = fitting(&typed.0, room);
        if !pairs.is_empty() {
            let text = serde_json::to_string(&pairs).unwrap_or_default();
            let text = format!("{of}&{}", BASE64_URL_SAFE_NO_PAD.encode(text));
            self.set_own_cookie(TYPED_COOKIE, &text, Some(60));
        }
    }

    /// What was typed into this flow's form before, or into that of the flow whose place it takes.
    /// Asking ends it.
    pub fn take_typed(&self, kind: FlowKind, id: FlowId) -> Option<Submission> {
        let (of, typed) = self.0.typed.as_deref()?.split_once('&')?;
        self.set_own_cookie(TYPED_COOKIE, "", Some(0));
        let is_meant = [TypedFor::Flow(id), TypedFor::Next(kind)]
            .iter()
            .any(|known| of == known.to_string());
        if !is_meant {
            return None;
        }
        let pairs = BASE64_URL_SAFE_NO_PAD.decode(typed).ok()?;
        serde_json::from_slice(&pairs).ok().map(Submission)
    }

    /// Lets the browser keep the challenge of the application that waits while it is at a provider.
    /// `state` is the parameter that the provider hands back (RFC 6749, 4.1.1), so that another
    /// sign-in there does not get the challenge.
    pub fn set_errand(&self, state: &str, challenge: &str) {
        let packed: String = form_urlencoded::byte_serialize(challenge.as_bytes()).collect();
        let packed = format!("{}&{packed}", fingerprint(state));
        if packed.len() <= MAX_TYPED {
            self.set_own_cookie(ERRAND_COOKIE, &packed, Some(TIME_AT_PROVIDER));
        } else {
            tracing::warn!("a login challenge is too long for a cookie");
        }
    }

    /// Returns the challenge of the application that sent the browser to a provider with this
    /// `state`. Asking ends it.
    pub fn take_errand(&self, state: &str) -> Option<String> {
        let (of, packed) = self.0.errand.as_deref()?.split_once('&')?;
        if of != fingerprint(state) {
            return None;
        }
        self.set_own_cookie(ERRAND_COOKIE, "", Some(0));
        let (challenge, _) = form_urlencoded::parse(packed.as_bytes()).next()?;
        is_possible(&challenge).then(|| challenge.into_owned())
    }

    /// Lets the browser keep an address for the other forms that ask for it: the sign-in, the recovery, the
    /// verification.
    pub fn set_address(&self, address: &str) {
        if address.len() <= MAX_ADDRESS {
            let packed: String = form_urlencoded::byte_serialize(address.as_bytes()).collect();
            self.set_own_cookie(ADDRESS_COOKIE, &packed, Some(10 * 60));
        }
    }

    /// The address that somebody gave a moment ago.
    pub fn address(&self) -> Option<&str> {
        self.0.address.as_deref()
    }

    /// Forgets it, because it has served.
    pub fn forget_address(&self) {
        if self.0.address.is_some() {
            self.set_own_cookie(ADDRESS_COOKIE, "", Some(0));
        }
    }

    /// The addresses that the last step left to be confirmed, also those that have been since.
    pub fn confirmations(&self) -> &[Confirmation] {
        &self.0.confirmations
    }

    /// The address that a verification is about, where a step of this browser began it.
    pub fn address_to_confirm(&self, flow: FlowId) -> Option<&str> {
        let mut all = self.confirmations().iter();
        all.find(|it| it.flow == flow).map(|it| it.address.as_str())
    }

    /// Remembers that the address of a verification is confirmed.
    pub fn set_confirmed(&self, flow: FlowId) {
        let mut all = self.confirmations().to_vec();
        let waiting = all.iter_mut().find(|it| it.flow == flow && !it.is_done);
        if let Some(confirmation) = waiting {
            confirmation.is_done = true;
            self.set_confirmations(&all);
        }
    }

    /// Forgets them, because the person leaves.
    pub fn forget_confirmations(&self) {
        if !self.confirmations().is_empty() {
            self.set_own_cookie(CONFIRM_COOKIE, "", Some(0));
        }
    }

    /// Kratos keeps a verification for an hour, if it is not told otherwise.
    fn set_confirmations(&self, all: &[Confirmation]) {
        let packed = Confirmation::write_all(all);
        self.set_own_cookie(CONFIRM_COOKIE, &packed, Some(60 * 60));
    }

    /// Remembers that a code was mailed for this flow, as long as nobody should ask for another.
    pub fn set_sent(&self, id: FlowId) {
        let seconds = self.config().resend_cool_down;
        if seconds > 0 {
            self.set_own_cookie(SENT_COOKIE, &id.to_string(), Some(seconds.into()));
        }
        self.limits().begin_cool_down(&[self.limits().key(id)]);
    }

    /// Whether a code was mailed for this flow a moment ago, as the browser has it: another replica may have sent it.
    pub fn was_just_sent(&self, id: FlowId) -> bool {
        self.0.sent == Some(id)
    }

    /// Lets the page show a picture that stands in the page itself, as Kratos sends QR codes.
    pub fn allow_inline_image(&self) {
        self.0.has_inline_image.store(true, Ordering::Relaxed);
    }

    pub fn has_inline_image(&self) -> bool {
        self.0.has_inline_image.load(Ordering::Relaxed)
    }

    /// The cookies for the browser, once.
    pub fn take_set_cookies(&self) -> Vec<HeaderValue> {
        std::mem::take(&mut *self.lock())
    }

    fn set_own_cookie(&self, name: &str, value: &str, seconds: Option<u32>) {
        let secure = self.config().is_https();
        let (prefix, attribute) = if secure {
            ("__Host-", "; Secure")
        } else {
            ("", "")
        };
        let age = seconds.map_or(String::new(), |seconds| format!("; Max-Age={seconds}"));
        let cookie =
            format!("{prefix}{name}={value}; Path=/; HttpOnly; SameSite=Lax{attribute}{age}");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            self.push_cookie(cookie);
        }
    }

    fn push_cookie(&self, cookie: HeaderValue) {
        self.lock().push(cookie);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<HeaderValue>> {
        // A panic elsewhere leaves the list whole.
        self.0
            .set_cookies
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The pairs that have room in a JSON array of so many bytes, in their order. The longest values are what is missing, rather
/// than all.
fn fitting(pairs: &[(String, String)], room: usize) -> Vec<&(String, String)> {
    let mut shortest: Vec<usize> = (0..pairs.len()).collect();
    shortest.sort_by_key(|at| pairs[*at].1.len());
    // The brackets, of which one stands for the comma that the last pair does not have.
    let mut left = room.saturating_sub(1);
    let mut has_room = |at: &usize| {
        // No text becomes shorter as JSON, so what is too long as it is need not be written.
        let (name, value) = &pairs[*at];
        let length = || serde_json::to_vec(&pairs[*at]).map_or(usize::MAX, |it| it.len() + 1);
        let is_long = name.len() + value.len() > left;
        let rest = (!is_long).then(length).and_then(|it| left.checked_sub(it));
        left = rest.unwrap_or(left);
        rest.is_some()
    };
    let mut kept: Vec<usize> = shortest.into_iter().take_while(&mut has_room).collect();
    kept.sort_unstable();
    kept.into_iter().map(|at| &pairs[at]).collect()
}

/// The cookies of a request, as Go reads them: those that it takes for none are left out (`readCookies` in net/http).
struct Cookies<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Cookies<'a> {
    fn of(headers: &'a HeaderMap) -> Self {
        let lines = headers.get_all(COOKIE).iter();
        let pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
        Self(pairs.filter_map(cookie).collect())
    }

    fn own(&self, name: &str, secure: bool) -> Option<&'a str> {
        let is_it = |key: &str| {
            let key = if secure {
                key.strip_prefix("__Host-")
            } else {
                Some(key)
            };
            key == Some(name)
        };
        let found = self.0.iter().find(|(key, _)| is_it(key));
        found.map(|(_, value)| *value)
    }

    /// Kratos' cookies as one header. Of several of one name Kratos takes the first, so no other goes on.
    fn of_kratos(&self, session_cookie: &str) -> Option<HeaderValue> {
        let mut first: Vec<(&str, &str)> = Vec::new();
        let pairs = self.0.iter().copied();
        for (name, value) in pairs.filter(|(name, _)| is_kratos_cookie(name, session_cookie)) {
            if first.iter().all(|(known, _)| *known != name) {
                first.push((name, value));
            }
        }
        cookie_header(first)
    }

    /// Whether the browser has one anti-CSRF cookie. With two of them, of another path or domain, no form passes.
    fn has_one_anti_csrf(&self) -> bool {
        let names = self.0.iter().map(|(name, _)| name);
        names
            .filter(|name| name.starts_with(kratos::ANTI_CSRF))
            .count()
            == 1
    }
}

/// A cookie of a `Cookie` header, if it is one: a token, `=`, and bytes that a value may have, quoted or not
/// (RFC 6265, 4.1.1; a space and a comma pass, as in Go).
fn cookie(pair: &[u8]) -> Option<(&str, &str)> {
    let pair = std::str::from_utf8(pair).ok()?.trim_matches([' ', '\t']);
    let (name, value) = pair.split_once('=')?;
    let name = name.trim_matches([' ', '\t']);
    let unquoted = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    let value = unquoted.unwrap_or(value);
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b';' | b'\\');
    let fits = !name.is_empty() && name.bytes().all(is_token) && value.bytes().all(is_plain);
    fits.then_some((name, value))
}

/// Cookies as one header, if there are any.
fn cookie_header<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<HeaderValue> {
    let mut header = String::new();
    for (name, value) in pairs {
        if !header.is_empty() {
            header.push_str("; ");
        }
        header.extend([name, "=", value]);
    }
    (!header.is_empty())
        .then(|| HeaderValue::try_from(header).ok())
        .flatten()
}

/// Cookies that Kratos sets. The anti-CSRF cookie's name ends in a hash of Kratos' address.
fn is_kratos_cookie(name: &str, session_cookie: &str) -> bool {
    name == session_cookie || name.starts_with(kratos::ANTI_CSRF) || name == "ory_kratos_continuity"
}

impl From<ToConfirm> for Confirmation {
    fn from(ToConfirm { flow, address }: ToConfirm) -> Self {
        Self {
            flow,
            address,
            is_done: false,
        }
    }
}

impl Confirmation {
    /// Marks an address that is confirmed. Neither a mail address nor a phone number begins with it.
    const DONE: &'static str = "!";

    /// Reads what [`Confirmation::write_all`] has written, without what is anything else.
    fn read_all(packed: &str) -> Vec<Self> {
        let pairs = form_urlencoded::parse(packed.as_bytes()).take(MAX_CONFIRMATIONS);
        let read = |(flow, value): (Cow<str>, Cow<str>)| {
            let done = value.strip_prefix(Self::DONE);
            Some(Self {
                flow: FlowId::parse(&flow)?,
                address: done.unwrap_or(&value).to_owned(),
                is_done: done.is_some(),
            })
        };
        let all = pairs.filter_map(read);
        all.filter(Self::is_address).collect()
    }

    fn write_all(all: &[Self]) -> String {
        let mut packed = form_urlencoded::Serializer::new(String::new());
        for it in all
            .iter()
            .filter(|it| it.is_address())
            .take(MAX_CONFIRMATIONS)
        {
            let mark = if it.is_done { Self::DONE } else { "" };
            packed.append_pair(&it.flow.to_string(), &[mark, &it.address].concat());
        }
        packed.finish()
    }

    fn is_address(&self) -> bool {
        !self.address.is_empty() && self.address.len() <= MAX_ADDRESS
    }
}

/// Stands for a text in a cookie, whatever its length is.
fn fingerprint(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

/// What `byte_serialize` has made of a text.
fn unpacked(packed: &str) -> Option<String> {
    let (text, _) = form_urlencoded::parse(packed.as_bytes())
        .into_owned()
        .next()?;
    (!text.is_empty() && text.len() <= MAX_ADDRESS).then_some(text)
}

/// 144 random bits, fresh for each answer. Of a generator that the system's randomness is the seed of: without any there is
/// nothing to serve safely, and the connection ends without an answer.
fn nonce() -> String {
    let bytes: [u8; 18] = rand::random();
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_fits_and_the_longest_values_are_missing() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let pairs = [
            pair("traits.bio", &"x".repeat(50)),
            pair("traits.name", "Taro"),
            pair("traits.odd", "\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}"),
            pair("traits.email", "taro@x.test"),
        ];
        let whole = serde_json::to_string(&pairs).map_or(0, |it| it.len());
        for room in 0..whole + 10 {
            let kept = fitting(&pairs, room);
            let length = serde_json::to_string(&kept).map_or(usize::MAX, |it| it.len());
            assert!(length <= room || kept.is_empty(), "{length} in {room}");
            assert_eq!(kept.len() == pairs.len(), room >= whole, "{room}");
        }
        let names: Vec<&str> = fitting(&pairs, 120).iter().map(|it| &*it.0).collect();
        assert_eq!(names, ["traits.name", "traits.odd", "traits.email"]);
    }
}
