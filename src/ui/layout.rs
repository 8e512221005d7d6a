//! What stands around every screen: document, header, footer.

use leptos::prelude::*;
use url::Url;

use crate::assets::{self, Asset};
use crate::error::Error;
use crate::i18n::{Locale, Texts};

use super::panel::Panel;

/// What the frame of a page needs to know of the request.
#[derive(Debug, Clone)]
pub struct Frame {
    pub texts: Texts,
    /// `light` or `dark`, where somebody chose.
    pub theme: Option<&'static str>,
    /// The name of the service.
    pub service: String,
    pub nonce: String,
    pub request_id: String,
    /// The query of the page, so that another language keeps the flow.
    pub query: Vec<(String, String)>,
}

/// One screen: the same panel as a whole page and as a fragment.
#[derive(Debug)]
pub struct Screen {
    /// The words of the heading, which are also those of the title.
    pub title: String,
    /// Whether the screen tells of an error of the reader's, which the title then says first.
    pub failed: bool,
    pub panel: AnyView,
}

/// The settings of htmx 4: nothing is stored, nothing of another origin is asked, a broken answer is not shown.
const HTMX: &str = r#"{"history":false,"includeIndicatorCSS":false,"defaultSettleDelay":0,"defaultTimeout":15000,"mode":"same-origin","noSwap":[204,304,"5xx"],"extensions":"hx-csp"}"#;

impl Frame {
    fn title(&self, screen: &Screen) -> String {
        let key = if screen.failed {
            "title-failed"
        } else {
            "title"
        };
        self.texts
            .say_with(key, &[("page", &screen.title), ("service", &self.service)])
    }

    /// The same page in another language. Only a query, so that no link of the frame looks like one to a page.
    fn in_language(&self, locale: Locale) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (key, value) in self.query.iter().filter(|(key, _)| key != "lang") {
            query.append_pair(key, value);
        }
        query.append_pair("lang", locale.tag());
        format!("?{}", query.finish())
    }
}

/// A screen as a whole page.
pub fn document(frame: &Frame, screen: Screen) -> impl IntoView + use<> {
    let texts = frame.texts;
    let title = frame.title(&screen);
    let languages = Locale::ALL
        .into_iter()
        .filter(|locale| *locale != texts.locale())
        .map(|locale| {
            view! {
                <a href=frame.in_language(locale) lang=locale.tag() hreflang=locale.tag()>
                    {locale.name()}
                </a>
            }
        })
        .collect_view();
    let script = |asset: &'static Asset| {
        view! { <script nonce=frame.nonce.clone() src=asset.path defer></script> }
    };
    view! {
        <!DOCTYPE html>
        <html lang=texts.locale().tag() dir="ltr" data-theme=frame.theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="htmx-config" content=HTMX/>
                <title>{title}</title>
                <link rel="icon" href=assets::ICON.path type="image/svg+xml"/>
                <link rel="stylesheet" href=assets::STYLE.path/>
                {script(&assets::HTMX)}
                {script(&assets::HX_CSP)}
                {script(&assets::UI)}
            </head>
            <body class="shell">
                <a class="skip" href="#main">{texts.say("skip")}</a>
                <header>
                    <a class="brand" href="/">{frame.service.clone()}</a>
                </header>
                <main id="main" tabindex="-1" data-testid="app-express">
                    {screen.panel}
                    <p id="net-error" class="net-error" role="alert" hidden>
                        <span data-default=texts.say("net-error")>{texts.say("net-error")}</span> <code dir="ltr"></code>
                    </p>
                </main>
                <div id="live" class="vh" role="status" data-waiting=texts.say("sending")></div>
                <footer>{languages}</footer>
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
    let (title, lead) = error.text();
    let body = view! {
        <p data-testid="ui/error/message">{texts.say(lead)}</p>
        <p class="hint">
            {texts.say("error-reference")} " " <code dir="ltr">{frame.request_id.clone()}</code>
        </p>
        <nav class="links" aria-label=texts.say("links")>
            <a href="/login">{texts.say("go-to-login")}</a>
        </nav>
    };
    Panel::new(texts.say(title), body.into_any()).into_screen(texts)
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
    Panel::new(texts.say("hand-off"), body.into_any()).into_screen(texts)
}
