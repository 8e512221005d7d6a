//! The two languages and their texts: Fluent catalogues from `locales/`, embedded, read once.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use fluent_bundle::FluentResource;
use fluent_bundle::concurrent::FluentBundle;
pub use fluent_bundle::{FluentArgs, FluentValue};
use unic_langid::LanguageIdentifier;

/// A language that Genkan speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locale {
    Ja,
    En,
}

impl Locale {
    pub const ALL: [Self; 2] = [Self::Ja, Self::En];

    /// The BCP 47 tag, also the value of `?lang=` and of the cookie.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }

    /// The language's own name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ja => "日本語",
            Self::En => "English",
        }
    }

    /// The first language of an `Accept-Language` header that there is.
    pub fn accepted(header: &str) -> Option<Self> {
        // The parser leaves the weights out, so the parts are put in their order first.
        let mut parts: Vec<(f32, &str)> = header
            .split(',')
            .map(|part| {
                let weight = part
                    .split_once("q=")
                    .and_then(|(_, weight)| weight.trim().parse().ok());
                (weight.unwrap_or(1.0), part)
            })
            .filter(|(weight, _)| *weight > 0.0)
            .collect();
        parts.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        parts
            .iter()
            .flat_map(|(_, part)| fluent_langneg::parse_accepted_languages(part))
            .find_map(|wanted| wanted.language.as_str().parse().ok())
    }

    fn bundle(self) -> &'static Bundle {
        static JA: LazyLock<Bundle> = LazyLock::new(|| {
            let ui = include_str!("../locales/ja/ui.ftl");
            read(Locale::Ja, [ui, include_str!("../locales/ja/kratos.ftl")])
        });
        static EN: LazyLock<Bundle> = LazyLock::new(|| {
            let ui = include_str!("../locales/en/ui.ftl");
            read(Locale::En, [ui, include_str!("../locales/en/kratos.ftl")])
        });
        match self {
            Self::Ja => &JA,
            Self::En => &EN,
        }
    }
}

impl FromStr for Locale {
    type Err = String;

    fn from_str(tag: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|locale| locale.tag() == tag)
            .ok_or_else(|| "one of ja, en".to_owned())
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

type Bundle = FluentBundle<FluentResource>;

fn read<const N: usize>(locale: Locale, files: [&str; N]) -> Bundle {
    let language: LanguageIdentifier = locale.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // The marks around each value, made for mixed writing directions, would show in titles and attributes.
    bundle.set_use_isolating(false);
    for file in files {
        // A test reads the same files and fails on whatever is passed over here.
        let resource = FluentResource::try_new(file.to_owned()).unwrap_or_else(|(rest, _)| rest);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// The texts of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Texts(pub Locale);

impl Texts {
    /// A text without values in it. The key itself where there is none, which a test keeps from happening.
    pub fn say(self, key: &str) -> String {
        self.try_say(key, None).unwrap_or_else(|| key.to_owned())
    }

    /// A text with values in it.
    pub fn say_with(self, key: &str, values: &[(&'static str, &str)]) -> String {
        let mut args = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            args.set(*name, *value);
        }
        self.try_say(key, Some(&args))
            .unwrap_or_else(|| key.to_owned())
    }

    /// A text that holds one value, as what stands before and after it, so that the value can have markup of its own.
    pub fn say_around(self, key: &str, name: &'static str) -> (String, String) {
        const MARK: &str = "\u{e000}";
        let text = self.say_with(key, &[(name, MARK)]);
        match text.split_once(MARK) {
            Some((before, after)) => (before.to_owned(), after.to_owned()),
            None => (text, String::new()),
        }
    }

    /// A text, if the catalogue has the key and every value that the text wants is given.
    pub fn try_say(self, key: &str, args: Option<&FluentArgs>) -> Option<String> {
        let bundle = self.0.bundle();
        let pattern = bundle.get_message(key)?.value()?;
        let mut errors = Vec::new();
        let text: Cow<str> = bundle.format_pattern(pattern, args, &mut errors);
        errors.is_empty().then(|| text.into_owned())
    }
}
