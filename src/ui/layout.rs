//! One screen, and what of a page is each request's own. What stands around it is in [`super::shell`].

use std::fmt;

use leptos::prelude::*;
use url::Url;

use crate::base::Base;
use crate::brand::Brand;
use crate::error::Error;
use crate::i18n::Texts;

use super::html::{Draw, Html};
use super::message::set_apart;
use super::panel::Panel;
use super::shell::{Shell, link};
use super::time::wait;

/// The parameter that names the sign-in that an application waits for.
const CHALLENGE: &str = "login_challenge";
/// The parameters of Genkan's pages, which links to the same page carry on. What else a browser sends stays out of its page.
const CARRIED: [&str; 26] = [
    "flow",
    "again",
    "section",
    "factor",
    "resend",
    "instead_of",
    "return_to",
    "after_verification_return_to",
    "refresh",
    "aal",
    "via",
    "login_challenge",
    "consent_challenge",
    "logout_challenge",
    "device_challenge",
    "user_code",
    "recover",
    "organization",
    "identity_schema",
    "id",
    "from",
    "lang",
    "theme",
    // Of links in mails, and of the answers of identity providers.
    "code",
    "token",
    "state",
];
/// How long the query of such a link may be, in bytes. What has no room is left out.
const MAX_CARRIED: usize = 6 * 1024;

/// What the frame of a page needs to know of the request.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    pub shell: &'a Shell,
    pub texts: Texts,
    pub base: &'a Base,
    /// The name of the service.
    pub service: &'a str,
    pub brand: &'a Brand,
    pub nonce: &'a str,
    pub request_id: &'a str,
    /// The query of the page, so that another language or theme keeps the flow.
    pub query: &'a [(String, String)],
    /// The name of the application that waits in vain, where an error is told.
    pub application: Option<&'a str>,
}

/// One screen: the same panel as a whole page and as a fragment.
pub struct Screen {
    /// The words of the heading, which are also those of the title.
    pub title: String,
    /// Whether the screen tells of an error of the reader's, which the title then says first.
    pub failed: bool,
    pub panel: Html,
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut screen = f.debug_struct("Screen");
        screen.field("title", &self.title).finish_non_exhaustive()
    }
}

impl Frame<'_> {
    /// A path of ours as browsers have to know it.
    pub fn at(&self, path: &str) -> String {
        self.base.at(path)
    }

    fn title(&self, screen: &Screen) -> String {
        let key = if screen.failed {
            "title-failed"
        } else {
            "title"
        };
        self.texts
            .say_with(key, &[("page", &screen.title), ("service", self.service)])
    }

    /// The query of the page but for one parameter, for a link that ends in another value of it.
    pub(super) fn query_but(&self, name: &str) -> String {
        let mut query = carried(self.query, Some(name));
        if !query.is_empty() {
            query.push('&');
        }
        query
    }
}

/// The known parameters of a query but for one, each once, as far as there is room.
fn carried(query: &[(String, String)], except: Option<&str>) -> String {
    let mut text = String::new();
    let names = CARRIED.iter().filter(|name| Some(**name) != except);
    for name in names {
        let Some((_, value)) = query.iter().find(|(key, _)| key == name) else {
            continue;
        };
        let end = text.len();
        text.extend((end > 0).then_some('&'));
        text.extend([name, "="]);
        text.extend(form_urlencoded::byte_serialize(value.as_bytes()));
        if text.len() > MAX_CARRIED {
            text.truncate(end);
        }
    }
    text
}

/// A screen as a whole page.
pub fn document(frame: &Frame, screen: Screen) -> String {
    frame
        .shell
        .around(frame, &frame.title(&screen), screen.panel)
}

/// A screen as htmx takes it.
pub fn fragment(frame: &Frame, screen: Screen) -> String {
    let title = frame.title(&screen);
    view! {
        <title>{title}</title>
        {screen.panel}
    }
    .markup()
}

/// The screen of an error. Never Kratos' own words: they are for developers.
pub fn error(frame: &Frame, error: Error) -> Screen {
    let texts = frame.texts;
    let (title, _) = error.text();
    // Only a query, so that it is this very address, also where a form was sent to it: that leads on to the form's page.
    let again = matches!(error, Error::TooMany(_)).then(|| {
        let query = carried(frame.query, None);
        view! { <a href=format!("?{query}")>{texts.say("try-again")}</a> }
    });
    let help = frame.brand.help.as_ref();
    let help = help.map(|to| link(to, texts.say("help")));
    let lead = match frame
        .application
        .filter(|_| error == Error::ApplicationLost)
    {
        Some(name) => {
            let text = texts.say_with("error-application-named", &[("client", name)]);
            view! { {set_apart(&text, Some(name))} }.html()
        }
        None => error_lead(texts, error).html(),
    };
    let body = view! {
        <p data-testid="ui/error/message">{lead}</p>
        <p class="hint">
            {texts.say("error-reference")} " " <code dir="ltr">{frame.request_id.to_owned()}</code>
        </p>
        <nav class="links" aria-label=texts.say("links")>
            {again}
            <a href=frame.at(&sign_in(frame, error))>{texts.say("go-to-login")}</a>
            {help}
        </nav>
    };
    Panel::new(texts.say(title), body.html()).into_screen(texts)
}

/// The sign-in, for the application that waits for it unless that is over.
fn sign_in(frame: &Frame, error: Error) -> String {
    let is_challenge = |(name, value): &&(String, String)| name == CHALLENGE && !value.is_empty();
    let challenge = frame.query.iter().find(is_challenge);
    match challenge.filter(|_| error != Error::ApplicationLost) {
        Some(pair) => {
            let query = form_urlencoded::Serializer::new(String::new())
                .extend_pairs([pair])
                .finish();
            format!("/login?{query}")
        }
        None => "/login".to_owned(),
    }
}

/// What can be done about an error.
pub fn error_lead(texts: Texts, error: Error) -> String {
    match error.retry_after() {
        Some(seconds) => wait(texts, seconds),
        None => texts.say(error.text().1),
    }
}

/// The page between a plain form and another origin. `form-action 'self'` stops a redirect there in most browsers,
/// while a page that is answered directly may lead anywhere. The address is Kratos' own answer to this very form.
pub fn hand_off(frame: &Frame, url: &Url) -> Screen {
    let texts = frame.texts;
    let host = url.host_str().unwrap_or_default();
    let body = view! {
        <meta http-equiv="refresh" content=format!("0;url={url}")/>
        <p>
            <a class="btn primary" href=url.to_string()>
                {texts.say_with("hand-off-continue", &[("host", host)])}
            </a>
        </p>
    };
    Panel::new(texts.say("hand-off"), body.html()).into_screen(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn a_link_carries_the_first_of_each_known_parameter_and_no_other() {
        let query = query(&[
            ("x", "y"),
            ("return_to", "/a b?c=d&e"),
            ("flow", "1"),
            ("lang", "ja"),
            ("flow", "2"),
        ]);
        let rest = "flow=1&return_to=%2Fa+b%3Fc%3Dd%26e";
        assert_eq!(carried(&query, Some("lang")), rest);
        assert_eq!(carried(&query, None), format!("{rest}&lang=ja"));
    }

    #[test]
    fn what_is_too_long_for_a_link_leaves_room_for_the_rest() {
        let long = "\"".repeat(MAX_CARRIED / 3);
        let query = query(&[("flow", "1"), ("return_to", &long), ("lang", "ja")]);
        assert_eq!(carried(&query, None), "flow=1&lang=ja");
        let challenge = "c".repeat(5000);
        let query = [("login_challenge".to_owned(), challenge.clone())];
        assert_eq!(
            carried(&query, None),
            format!("login_challenge={challenge}")
        );
    }
}
