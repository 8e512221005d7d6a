//! The two languages and their texts: Fluent catalogues from `locales/`, embedded, and those of the operator, read once.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::LazyLock;
use std::{fmt, fs, io};

use fluent_bundle::FluentResource;
use fluent_bundle::concurrent::FluentBundle;
pub use fluent_bundle::{FluentArgs, FluentValue};
use fluent_syntax::ast::{Entry, Pattern};
use fluent_syntax::parser::ParserError;
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

    /// Whether people say the name of the family before their own.
    pub fn puts_family_name_first(self) -> bool {
        match self {
            Self::Ja => true,
            Self::En => false,
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

/// The texts of both languages.
pub struct Catalogue {
    ja: Bundle,
    en: Bundle,
}

impl Catalogue {
    /// The texts in the program.
    pub fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<Catalogue> = LazyLock::new(|| Catalogue {
            ja: bundle(Locale::Ja),
            en: bundle(Locale::En),
        });
        &EMBEDDED
    }

    /// The texts in the program, and over them those in the files `ja/*.ftl` and `en/*.ftl` of a folder. They are kept
    /// until the process ends, so this is for its start.
    ///
    /// # Errors
    /// Sentences for the operator, where the folder has no texts or some of them cannot be read.
    pub fn with(folder: &Path) -> Result<&'static Self, Vec<String>> {
        if !Locale::ALL.iter().any(|it| folder.join(it.tag()).is_dir()) {
            return Err(vec![format!(
                "{}: has neither ja/ nor en/",
                folder.display()
            )]);
        }
        let mut faults = Vec::new();
        let mut bundle = |locale: Locale| {
            let mut bundle = bundle(locale);
            match files(&folder.join(locale.tag())) {
                Ok(paths) => {
                    for path in paths {
                        match read(&path) {
                            Ok(texts) => bundle.add_resource_overriding(texts),
                            Err(wrong) => faults.extend(wrong),
                        }
                    }
                }
                Err(fault) => faults.push(fault),
            }
            bundle
        };
        let all = Self {
            ja: bundle(Locale::Ja),
            en: bundle(Locale::En),
        };
        if faults.is_empty() {
            Ok(Box::leak(Box::new(all)))
        } else {
            Err(faults)
        }
    }

    /// Finds what of such a folder is never used: folders of no language, files in no such folder, and unknown keys.
    pub fn unused(folder: &Path) -> Vec<String> {
        let is_of_language = |path: &Path| {
            let name = path.file_name().and_then(OsStr::to_str);
            name.is_some_and(|name| name.parse::<Locale>().is_ok())
        };
        let mut unused = Vec::new();
        for path in visible(folder) {
            let place = path.display();
            if path.is_dir() && is_of_language(&path) {
                let (texts, others): (Vec<_>, Vec<_>) = visible(&path)
                    .into_iter()
                    .partition(|path| is_catalogue(path));
                let place = |path: PathBuf| path.display().to_string();
                let others = others.into_iter().map(place);
                unused.extend(others.map(|it| format!("{it} is not read: it is not *.ftl")));
                unused.extend(texts.iter().flat_map(|path| unknown_keys(path)));
            } else if path.is_dir() {
                unused.push(format!("{place} is not read: the languages are ja and en"));
            } else if is_catalogue(&path) {
                unused.push(format!("{place} is not read: texts belong into ja/ or en/"));
            }
        }
        unused
    }

    fn of(&self, locale: Locale) -> &Bundle {
        match locale {
            Locale::Ja => &self.ja,
            Locale::En => &self.en,
        }
    }
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Catalogue")
    }
}

/// The texts in the program for one language.
fn bundle(locale: Locale) -> Bundle {
    let language: LanguageIdentifier = locale.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // The marks around each value, made for mixed writing directions, would show in titles and attributes.
    bundle.set_use_isolating(false);
    let files = match locale {
        Locale::Ja => [
            include_str!("../locales/ja/ui.ftl"),
            include_str!("../locales/ja/kratos.ftl"),
        ],
        Locale::En => [
            include_str!("../locales/en/ui.ftl"),
            include_str!("../locales/en/kratos.ftl"),
        ],
    };
    for file in files {
        // A test reads the same files and fails on whatever is passed over here.
        let resource = FluentResource::try_new(file.to_owned()).unwrap_or_else(|(rest, _)| rest);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// The catalogues in a folder, in the order of their names. None where there is no such folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.and_then(Iterator::collect::<Result<Vec<_>, _>>),
    };
    let mut paths: Vec<PathBuf> = entries
        .map_err(|error| format!("{}: {error}", folder.display()))?
        .into_iter()
        .map(|entry| entry.path())
        .filter(|path| is_catalogue(path))
        .collect();
    paths.sort();
    Ok(paths)
}

/// One catalogue of the operator's, or all that is wrong in it.
fn read(path: &Path) -> Result<FluentResource, Vec<String>> {
    let place = path.display();
    let text = fs::read_to_string(path).map_err(|error| vec![format!("{place}: {error}")])?;
    let resource = FluentResource::try_new(text).map_err(|(rest, errors)| {
        let line_of = |at| {
            let before = rest.source().bytes().take(at);
            before.filter(|byte| *byte == b'\n').count() + 1
        };
        let said = |error: &ParserError| {
            let line = line_of(error.pos.start);
            format!("{place}, line {line}: {error}")
        };
        errors.iter().map(said).collect::<Vec<String>>()
    })?;
    Ok(resource)
}

/// Finds the keys of one catalogue that no screen asks for. One that cannot be read is for [`read`] to tell.
fn unknown_keys(path: &Path) -> Vec<String> {
    let Some(resource) = read(path).ok() else {
        return Vec::new();
    };
    let keys = resource.entries().filter_map(|entry| match entry {
        Entry::Message(message) => Some(message.id.name),
        Entry::Term(_)
        | Entry::Comment(_)
        | Entry::GroupComment(_)
        | Entry::ResourceComment(_)
        | Entry::Junk { .. } => None,
    });
    let unknown = keys.filter(|key| !is_known(key));
    unknown
        .map(|key| format!("{}: no text has the key {key}", path.display()))
        .collect()
}

/// Whether a screen may ask for a key. Some belong to what Genkan does not know: traits, scopes, and messages of web hooks.
fn is_known(key: &str) -> bool {
    let of_message = key
        .strip_prefix("kratos-")
        .map(|it| it.trim_end_matches("-form"));
    // Both languages have the same.
    Catalogue::embedded().of(Locale::En).has_message(key)
        || ["trait-", "consent-scope-"]
            .iter()
            .any(|start| key.starts_with(start))
        || of_message.is_some_and(|id| id.parse::<i64>().is_ok())
}

/// What is in a folder, in the order of names. Kubernetes keeps the files of a volume in hidden folders.
fn visible(folder: &Path) -> Vec<PathBuf> {
    let is_visible = |path: &PathBuf| {
        let name = path.file_name().and_then(OsStr::to_str);
        name.is_none_or(|name| !name.starts_with('.'))
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(is_visible)
        .collect();
    paths.sort();
    paths
}

fn is_catalogue(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "ftl")
}

/// The texts of one language.
#[derive(Debug, Clone, Copy)]
pub struct Texts {
    locale: Locale,
    catalogue: &'static Catalogue,
}

impl Texts {
    pub fn new(locale: Locale, catalogue: &'static Catalogue) -> Self {
        Self { locale, catalogue }
    }

    pub fn locale(self) -> Locale {
        self.locale
    }

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

    /// A text with a number in it, which may want another form of its words.
    pub fn say_number(self, key: &str, name: &'static str, number: u64) -> String {
        let mut args = FluentArgs::with_capacity(1);
        args.set(name, number);
        self.try_say(key, Some(&args))
            .unwrap_or_else(|| key.to_owned())
    }

    /// A text, if the catalogue has the key and every value that the text wants is given.
    pub fn try_say(self, key: &str, args: Option<&FluentArgs>) -> Option<String> {
        self.find(|bundle| {
            let message = bundle.get_message(key)?;
            format(bundle, message.value()?, args)
        })
    }

    /// What else the catalogue says under a key: a Fluent attribute, such as the address that a label links to.
    pub fn try_attribute(self, key: &str, name: &str) -> Option<String> {
        self.find(|bundle| {
            let attribute = bundle.get_message(key)?.get_attribute(name)?;
            format(bundle, attribute.value(), None)
        })
    }

    /// Looks into the operator's texts, then into our own, because theirs may say only a part or want other values.
    fn find(self, look: impl Fn(&'static Bundle) -> Option<String>) -> Option<String> {
        look(self.catalogue.of(self.locale)).or_else(|| look(Catalogue::embedded().of(self.locale)))
    }
}

fn format(bundle: &Bundle, pattern: &Pattern<&str>, args: Option<&FluentArgs>) -> Option<String> {
    let mut errors = Vec::new();
    let text: Cow<str> = bundle.format_pattern(pattern, args, &mut errors);
    errors.is_empty().then(|| text.into_owned())
}
