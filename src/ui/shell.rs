//! What stands around every screen of one language and theme: document, header, footer.
//!
//! Drawn once, when the program starts, and cut where each page has something of its own (docs/performance.md).

use html_escape::{encode_double_quoted_attribute_to_string, encode_text_to_string};
use leptos::hydration::AutoReload;
use leptos::prelude::*;
use uuid::Uuid;

use crate::assets::{self, Asset};
use crate::auto_reload;
use crate::base::Base;
use crate::brand::{Address, Brand};
use crate::i18n::{Catalogue, Locale, Texts};
use crate::theme::Theme;

use super::html::{Draw, Html};
use super::layout::Frame;

/// The settings of htmx 4: nothing is stored, nothing of another origin is asked, a broken answer is not shown.
const HTMX: &str = r#"{"history":false,"includeIndicatorCSS":false,"defaultSettleDelay":0,"defaultTimeout":15000,"mode":"same-origin","noSwap":[204,304,"5xx"],"extensions":"hx-csp"}"#;

/// What titles and queries may take, in bytes, before a page has to be copied.
const OWN: usize = 1024;

/// What differs from page to page, and stands in a shell as a mark until it is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hole {
    Title,
    /// That of the scripts.
    Nonce,
    Panel,
    /// The query without a language, before another one.
    QueryButLanguage,
    QueryButTheme,
}

impl Hole {
    const ALL: [Self; 5] = [
        Self::Title,
        Self::Nonce,
        Self::Panel,
        Self::QueryButLanguage,
        Self::QueryButTheme,
    ];

    /// Tells it from the others, where a shell is cut.
    fn letter(self) -> char {
        match self {
            Self::Title => 't',
            Self::Nonce => 'n',
            Self::Panel => 'p',
            Self::QueryButLanguage => 'l',
            Self::QueryButTheme => 'c',
        }
    }

    /// What it is by the letter that stands first, and what comes after that.
    fn at_start(text: &str) -> Option<(Self, &str)> {
        let mut holes = Self::ALL.into_iter();
        holes.find_map(|hole| Some((hole, text.strip_prefix(hole.letter())?)))
    }
}

/// The shells of all languages and themes.
#[derive(Debug)]
pub struct Shells(Vec<(Locale, Theme, Shell)>);

impl Shells {
    /// Draws them all. `service` is the name of the service.
    pub fn new(catalogue: &'static Catalogue, base: &Base, service: &str, brand: &Brand) -> Self {
        // Stands where a page has something of its own. Nobody can have written it into a text or an address.
        let mark = Uuid::new_v4().simple().to_string();
        let locales = Locale::ALL.into_iter();
        let ways = locales.flat_map(|locale| Theme::all().map(move |theme| (locale, theme)));
        let drawn = ways.map(|(locale, theme)| {
            let texts = Texts::new(locale, catalogue);
            let plan = Plan {
                texts,
                theme,
                base,
                service,
                brand,
                mark: &mark,
            };
            let shell = Shell::cut(&plan.document().markup(), &mark);
            (locale, theme, shell)
        });
        Self(drawn.collect())
    }

    pub fn of(&self, locale: Locale, theme: Theme) -> &Shell {
        let mut shells = self.0.iter();
        let found = shells.find(|(its, look, _)| (*its, *look) == (locale, theme));
        // There is one of each.
        &found.unwrap_or(&self.0[0]).2
    }
}

/// The markup around the screens of one language and theme.
#[derive(Debug)]
pub struct Shell {
    start: String,
    /// What comes next, and the markup after it.
    rest: Vec<(Hole, String)>,
    length: usize,
}

impl Shell {
    fn cut(markup: &str, mark: &str) -> Self {
        let mut parts = markup.split(mark);
        Self {
            start: parts.next().unwrap_or_default().to_owned(),
            rest: parts
                .filter_map(Hole::at_start)
                .map(|(hole, markup)| (hole, markup.to_owned()))
                .collect(),
            length: markup.len(),
        }
    }

    /// A whole page.
    pub(super) fn around(&self, frame: &Frame, title: &str, panel: Html) -> String {
        let mut page = String::with_capacity(self.length + panel.html_len() + OWN);
        let mut panel = Some(panel);
        let but_theme = frame.query_but("theme");
        page.push_str(&self.start);
        for (hole, markup) in &self.rest {
            // As leptos does it, in texts and in attributes (`tachys/src/view/strings.rs`, `html/attribute/value.rs`).
            match hole {
                Hole::Title => {
                    encode_text_to_string(title, &mut page);
                }
                Hole::Nonce => {
                    encode_double_quoted_attribute_to_string(frame.nonce, &mut page);
                }
                Hole::Panel => panel.take().draw_into(&mut page),
                Hole::QueryButLanguage => {
                    encode_double_quoted_attribute_to_string(frame.query_but("lang"), &mut page);
                }
                Hole::QueryButTheme => {
                    encode_double_quoted_attribute_to_string(&but_theme, &mut page);
                }
            }
            page.push_str(markup);
        }
        page
    }
}

/// What a shell is drawn from.
struct Plan<'a> {
    texts: Texts,
    theme: Theme,
    base: &'a Base,
    service: &'a str,
    brand: &'a Brand,
    mark: &'a str,
}

impl Plan<'_> {
    /// Where the shell is to be cut.
    fn hole(&self, hole: Hole) -> String {
        format!("{}{}", self.mark, hole.letter())
    }

    fn document(&self) -> impl IntoView + use<> {
        let Self {
            texts,
            theme,
            base,
            service,
            brand,
            mark: _,
        } = *self;
        let shown_theme = match theme {
            Theme::Auto => None,
            Theme::Light | Theme::Dark => Some(theme.name()),
        };
        let icon = match &brand.icon {
            Some(icon) => (&*icon.path, icon.content_type),
            None => (assets::ICON.path, assets::ICON.content_type),
        };
        let icon = view! { <link rel="icon" href=base.at(icon.0) type=icon.1/> };
        let style = brand
            .style
            .as_ref()
            .map(|style| view! { <link rel="stylesheet" href=base.at(&style.path)/> });
        let name = match &brand.logo {
            Some(logo) => view! { <img src=base.at(&logo.path) alt=service.to_owned()/> }.html(),
            None => service.to_owned().html(),
        };
        let script = |asset: &'static Asset| {
            view! { <script nonce=self.hole(Hole::Nonce) src=base.at(asset.path) defer></script> }
        };
        let reload = auto_reload::options()
            .map(|options| view! { <AutoReload options attr:nonce=self.hole(Hole::Nonce)/> });
        view! {
            <!DOCTYPE html>
            <html lang=texts.locale().tag() dir="ltr" data-theme=shown_theme>
                <head>
                    <meta charset="utf-8"/>
                    <meta name="viewport" content="width=device-width, initial-scale=1"/>
                    <meta name="color-scheme" content=theme.color_scheme()/>
                    <meta name="htmx-config" content=HTMX/>
                    <title>{self.hole(Hole::Title)}</title>
                    {icon}
                    <link rel="stylesheet" href=base.at(assets::STYLE.path)/>
                    {style}
                    {script(&assets::HTMX)}
                    {script(&assets::UI)}
                    {reload}
                </head>
                <body class="shell">
                    <a class="skip" href="#main">{texts.say("skip")}</a>
                    <header>
                        <a class="brand" href=base.at("/")>{name}</a>
                    </header>
                    <main id="main" tabindex="-1" data-testid="app-express">
                        {self.hole(Hole::Panel)}
                        <p id="net-error" class="net-error" role="alert" hidden>
                            <span data-default=texts.say("net-error")>{texts.say("net-error")}</span> <code dir="ltr"></code>
                        </p>
                    </main>
                    <div id="live" class="vh" role="status" data-waiting=texts.say("sending")></div>
                    <footer>{self.about()} {self.languages()} {self.themes()}</footer>
                </body>
            </html>
        }
    }

    /// The same page with another value of one parameter. Only a query, so that no link of the frame looks like one to a page.
    fn same_page(&self, rest: Hole, name: &str, value: &str) -> String {
        format!("?{}{name}={value}", self.hole(rest))
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
                let to = self.same_page(Hole::QueryButLanguage, "lang", tag);
                view! { <a href=to lang=tag hreflang=tag>{name}</a> }
            })
            .collect_view();
        view! { <p class="picker">{links}</p> }
    }

    /// Light, dark, or as the system has it.
    fn themes(&self) -> impl IntoView + use<> {
        let texts = self.texts;
        let links = Theme::all()
            .map(|theme| {
                let words = match theme {
                    Theme::Auto => "theme-auto",
                    Theme::Light => "theme-light",
                    Theme::Dark => "theme-dark",
                };
                let current = (theme == self.theme).then_some("true");
                let to = self.same_page(Hole::QueryButTheme, "theme", theme.name());
                view! { <a href=to aria-current=current>{texts.say(words)}</a> }
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
pub(super) fn link(to: &Address, words: String) -> Html {
    let rel = match to {
        Address::Own(_) => None,
        Address::Web(_) => Some("noreferrer"),
    };
    view! { <a href=to.to_string() rel=rel>{words}</a> }.html()
}
