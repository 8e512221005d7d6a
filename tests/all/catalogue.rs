//! The texts: complete in both languages, for all that Kratos can say and all that Genkan does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{Entry, Resource};
use fluent_syntax::{parser, serializer};

const LANGUAGES: [&str; 2] = ["en", "ja"];

/// The variables of each key of one file.
type Catalogue = BTreeMap<String, BTreeSet<String>>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|it| it == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn names(language: &str) -> Vec<String> {
    let paths = files(&root().join("locales").join(language), "ftl");
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    paths.iter().map(name).collect()
}

fn parse(language: &str, name: &str) -> Resource<String> {
    let path = root().join("locales").join(language).join(name);
    let text = fs::read_to_string(&path).unwrap();
    parser::parse(text).unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", path.display()))
}

fn read(language: &str, name: &str) -> Catalogue {
    let mut keys = Catalogue::new();
    for entry in parse(language, name).body {
        let Entry::Message(message) = entry else {
            continue;
        };
        let key = message.id.name.clone();
        assert!(
            message.value.is_some(),
            "{language}/{name}: {key} says nothing"
        );
        let body = vec![Entry::Message(message)];
        let text = serializer::serialize(&Resource { body });
        let earlier = keys.insert(key.clone(), variables(&text));
        assert_eq!(earlier, None, "{language}/{name}: {key} is there twice");
    }
    keys
}

fn variables(text: &str) -> BTreeSet<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let name = |rest: &str| rest.chars().take_while(|c| is_name(*c)).collect();
    text.split('$').skip(1).map(name).collect()
}

/// Each id of Kratos' messages with the values that come with it.
fn messages() -> BTreeMap<String, BTreeSet<String>> {
    let path = root().join("tests/recordings/kratos-messages.tsv");
    let text = fs::read_to_string(path).unwrap();
    let message = |line: &str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let values = columns[4].split(',').map(str::trim).map(str::to_owned);
        (
            columns[0].to_owned(),
            values.filter(|it| !it.is_empty()).collect(),
        )
    };
    text.lines().skip(1).map(message).collect()
}

#[test]
fn every_line_of_the_catalogues_can_be_read() {
    for language in LANGUAGES {
        for name in names(language) {
            for entry in parse(language, &name).body {
                assert!(
                    !matches!(entry, Entry::Junk { .. }),
                    "{language}/{name}: {entry:?}"
                );
            }
        }
    }
}

#[test]
fn both_languages_have_the_same_files_keys_and_values() {
    assert_eq!(names("en"), names("ja"));
    for name in names("en") {
        let (en, ja) = (read("en", &name), read("ja", &name));
        let keys = |catalogue: &Catalogue| catalogue.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&en), keys(&ja), "{name}");
        for (key, values) in en {
            // Only English has small letters.
            let plain = |values: &BTreeSet<String>| -> BTreeSet<String> {
                let one = |value: &String| value.replace("label_lower", "label");
                values.iter().map(one).collect()
            };
            assert_eq!(plain(&values), plain(&ja[&key]), "{key} of {name}");
        }
    }
}

#[test]
fn every_message_of_kratos_has_its_text() {
    let ids = messages();
    assert!(ids.len() > 150, "{}", ids.len());
    for language in LANGUAGES {
        let catalogue = read(language, "kratos.ftl");
        for id in ids.keys() {
            assert!(
                catalogue.contains_key(&format!("kratos-{id}")),
                "{language}: {id}"
            );
        }
    }
}

#[test]
fn every_text_for_a_message_belongs_to_one() {
    let ids = messages();
    for language in LANGUAGES {
        for key in read(language, "kratos.ftl").keys() {
            let id = key.split('-').nth(1).unwrap();
            assert!(ids.contains_key(id), "{language}: {key}");
        }
    }
}

#[test]
fn a_text_wants_no_value_that_kratos_does_not_send() {
    let ids = messages();
    for language in LANGUAGES {
        for (key, wanted) in read(language, "kratos.ftl") {
            let id = key.split('-').nth(1).unwrap();
            let is_at_field = !key.ends_with("-form");
            for value in wanted {
                let ours = match value.as_str() {
                    "label" | "label_lower" => is_at_field,
                    "minutes" => id == "1060001",
                    _ => false,
                };
                assert!(
                    ours || ids[id].contains(&value),
                    "{language}: {key} wants {value}"
                );
            }
        }
    }
}

#[test]
fn what_is_said_of_a_field_can_be_said_of_a_whole_form_too() {
    for language in LANGUAGES {
        let catalogue = read(language, "kratos.ftl");
        for (key, wanted) in &catalogue {
            if wanted.iter().any(|value| value.starts_with("label")) {
                let form = format!("{key}-form");
                assert!(catalogue.contains_key(&form), "{language}: {form}");
            }
        }
    }
}

#[test]
fn every_text_that_the_program_says_is_there() {
    for language in LANGUAGES {
        let mut catalogue = read(language, "ui.ftl");
        catalogue.extend(read(language, "kratos.ftl"));
        let mut asked = 0;
        for (place, key, is_said) in literals() {
            let stem = key.split('-').next().unwrap();
            // A table of keys holds no `say`; what begins like a text and is hyphenated is one.
            let is_key = is_said || (key.contains('-') && SCREENS.contains(&stem));
            if is_key {
                asked += 1;
                assert!(catalogue.contains_key(&key), "{language}: {key} of {place}");
            }
        }
        assert!(asked > 80, "{asked}");
    }
}

#[test]
fn every_text_is_said_somewhere() {
    let said: BTreeSet<String> = literals().into_iter().map(|(_, key, _)| key).collect();
    for key in read("en", "ui.ftl").into_keys() {
        // Named by the identity schema.
        let is_trait = key.starts_with("trait-");
        // Named by applications.
        let is_scope = key.starts_with("consent-scope-");
        let is_said = is_trait || is_scope || said.contains(&key);
        assert!(is_said, "nobody says {key}");
    }
}

/// What the keys of whole screens begin with.
const SCREENS: [&str; 9] = [
    "flash",
    "error",
    "login",
    "registration",
    "recovery",
    "verification",
    "settings",
    "sessions",
    "welcome",
];

/// Every word in quotes in the sources that could be a key, where it stands, and whether it is said right there.
fn literals() -> Vec<(String, String, bool)> {
    let mut found = Vec::new();
    // The gallery's names of states look like keys, and it says nothing.
    let mut sources = files(&root().join("src"), "rs");
    sources.retain(|path| !path.starts_with(root().join("src/gallery")));
    for path in sources {
        let text = fs::read_to_string(&path).unwrap();
        let lines = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let text: String = lines.flat_map(|line| [line, "\n"]).collect();
        let parts: Vec<&str> = text.split('"').collect();
        for pair in parts.windows(2) {
            let (before, word) = (pair[0].trim_end(), pair[1]);
            let is_key = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            // Of markup. The keys of an enum are attributes of its variants.
            let is_attribute = before.ends_with('=') && !before.ends_with("serialize =");
            if word.is_empty() || !word.chars().all(is_key) || is_attribute {
                continue;
            }
            let is_said = ["say(", "say_with(", "try_say("]
                .iter()
                .any(|call| before.ends_with(call));
            found.push((path.display().to_string(), word.to_owned(), is_said));
        }
    }
    found
}
