//! What stands around every screen: document, header, footer.

use std::fmt;

use leptos::prelude::*;
use url::Url;

use crate::assets::{self, Asset};
use crate::base::Base;
use crate::brand::{Address, Brand};
use crate::error::Error;
use crate::i18n::{Locale, Texts};
use crate::theme::Theme;

use super::html::{Draw, Html};
use super::panel::Panel;
use super::time::wait;

/// What the frame of a page needs to know of the request.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    pub texts: Texts,
    pub theme: Theme,
    pub base: &'a Base,
    /// The name of the service.
    pub service: &'a str,
    pub brand: &'a Brand,
    pub nonce: &'a str,
    pub request_id: &'a str,
    /// The query of the page, so that another language or theme keeps the flow.
    pub query: &'a [(String, String)],
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

/// The settings of htmx 4: nothing is stored, nothing of another origin is asked, a broken answer is not shown.
const HTMX: &str = r#"{"history":false,"includeIndicatorCSS":false,"defaultSettleDelay":0,"defaultTimeout":15000,"mode":"same-origin","noSwap":[204,304,"5xx"],"extensions":"hx-csp"}"#;

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

    /// The same page with another value of one parameter. Only a query, so that no link of the frame looks like one to a
    /// page.
    fn with(&self, name: &str, value: &str) -> String {
        let rest = self.query.iter().filter(|(key, _)| key != name);
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(rest)
            .append_pair(name, value)
            .finish();
        format!("?{query}")
    }

    /// The operator's pages.
    fn about(&self) -> Option<impl IntoView + use<>> {
        let Brand {
            privacy,
            terms,
            help,
            ..
        } = self.brand;
        let known = [("privacy", privacy), ("terms", terms), ("help", help)];
        let links: Vec<Html> = known
            .into_iter()
            .filter_map(|(key, to)| Some(link(to.as_ref()?, self.texts.say(key))))
            .collect();
        (!links.is_empty()).then(|| view! { <p class="picker">{links}</p> })
    }

    /// The other languages.
    fn languages(&self) -> impl IntoView + use<> {
        let locales = Locale::ALL.into_iter();
        let links = locales
            .filter(|locale| *locale != self.texts.locale())
            .map(|locale| {
                let (tag, name) = (locale.tag(), locale.name());
                view! { <a href=self.with("lang", tag) lang=tag hreflang=tag>{name}</a> }
            })
            .collect_view();
        view! { <p class="picker">{links}</p> }
    }

    /// Light, dark, or as the system has it.
    fn themes(&self) -> impl IntoView + use<> {
        let texts = self.texts;
        let links = Theme::ALL
            .into_iter()
            .map(|theme| {
                let words = match theme {
                    Theme::Auto => "theme-auto",
                    Theme::Light => "theme-light",
                    Theme::Dark => "theme-dark",
                };
                let current = (theme == self.theme).then_some("true");
                view! {
                    <a href=self.with("theme", theme.name()) aria-current=current>
                        {texts.say(words)}
                    </a>
                }
            })
            .collect_view();
        view! {
            <p class="picker" role="group" aria-labelledby="theme">
                <span id="theme">{texts.say("theme")}</span>
                {links}
            </p>
        }
    }
}

/// A link to a page of the operator's. Another site is not told where somebody comes from.
fn link(to: &Address, words: String) -> Html {
    let rel = match to {
        Address::Own(_) => None,
        Address::Web(_) => Some("noreferrer"),
    };
    view! { <a href=to.to_string() rel=rel>{words}</a> }.html()
}

/// A screen as a whole page.
pub fn document(frame: &Frame, screen: Screen) -> impl IntoView + use<> {
    let texts = frame.texts;
    let title = frame.title(&screen);
    let theme = match frame.theme {
        Theme::Auto => None,
        Theme::Light | Theme::Dark => Some(frame.theme.name()),
    };
    let brand = frame.brand;
    let icon = match &brand.icon {
        Some(icon) => (&*icon.path, icon.content_type),
        None => (assets::ICON.path, assets::ICON.content_type),
    };
    let icon = view! { <link rel="icon" href=frame.at(icon.0) type=icon.1/> };
    let style = brand
        .style
        .as_ref()
        .map(|style| view! { <link rel="stylesheet" href=frame.at(&style.path)/> });
    let name = match &brand.logo {
        Some(logo) => view! { <img src=frame.at(&logo.path) alt=frame.service.to_owned()/> }.html(),
        None => frame.service.to_owned().html(),
    };
    let script = |asset: &'static Asset| {
        view! { <script nonce=frame.nonce.to_owned() src=frame.at(asset.path) defer></script> }
    };
    view! {
        <!DOCTYPE html>
        <html lang=texts.locale().tag() dir="ltr" data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content=frame.theme.color_scheme()/>
                <meta name="htmx-config" content=HTMX/>
                <title>{title}</title>
                {icon}
                <link rel="stylesheet" href=frame.at(assets::STYLE.path)/>
                {style}
                {script(&assets::HTMX)}
                {script(&assets::UI)}
            </head>
            <body class="shell">
                <a class="skip" href="#main">{texts.say("skip")}</a>
                <header>
                    <a class="brand" href=frame.at("/")>{name}</a>
                </header>
                <main id="main" tabindex="-1" data-testid="app-express">
                    {screen.panel}
                    <p id="net-error" class="net-error" role="alert" hidden>
                        <span data-default=texts.say("net-error")>{texts.say("net-error")}</span> <code dir="ltr"></code>
                    </p>
                </main>
                <div id="live" class="vh" role="status" data-waiting=texts.say("sending")></div>
                <footer>{frame.about()} {frame.languages()} {frame.themes()}</footer>
            </body>
        </html>
    }
}

/// A screen as htmx takes it.
pub fn fragment(frame: &Frame, screen: Screen) -> impl IntoView + use<> {
    let title = frame.title(&screen);
    view! {
        <title>{title}</title>
        {screen.panel}
    }
}

/// The screen of an error. Never Kratos' own words: they are for developers.
pub fn error(frame: &Frame, error: Error) -> Screen {
    let texts = frame.texts;
    let (title, _) = error.text();
    // Only a query, so that it is this very address, also where a form was sent to it: that leads on to the form's page.
    let again = matches!(error, Error::TooMany(_)).then(|| {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(frame.query)
            .finish();
        view! { <a href=format!("?{query}")>{texts.say("try-again")}</a> }
    });
    let help = frame.brand.help.as_ref();
    let help = help.map(|to| link(to, texts.say("help")));
    let body = view! {
        <p data-testid="ui/error/message">{error_lead(texts, error)}</p>
        <p class="hint">
            {texts.say("error-reference")} " " <code dir="ltr">{frame.request_id.to_owned()}</code>
        </p>
        <nav class="links" aria-label=texts.say("links")>
            {again}
            <a href=frame.at("/login")>{texts.say("go-to-login")}</a>
            {help}
        </nav>
    };
    Panel::new(texts.say(title), body.html()).into_screen(texts)
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
