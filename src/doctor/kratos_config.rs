//! Reads Kratos' own configuration from its config.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Kratos' configuration, merged from the files of its `-c` flags.
#[derive(Debug, Clone)]
pub(super) struct KratosConfig(Value);

impl KratosConfig {
    /// Reads YAML or JSON files and merges them in order, as Kratos does: objects key by key, other
    /// values as a whole.
    ///
    /// # Errors
    /// Returns a message for the operator that quotes no part of the file.
    pub(super) fn read(paths: &[PathBuf]) -> Result<Self, String> {
        let mut merged = empty();
        for path in paths {
            merge(&mut merged, read(path)?);
        }
        Ok(Self(merged))
    }

    fn at(&self, key: &str) -> Option<&Value> {
        let pointer = format!("/{}", key.replace('.', "/"));
        self.0.pointer(&pointer).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.at(key)?.as_str()
    }

    pub(super) fn number(&self, key: &str) -> Option<u64> {
        self.at(key)?.as_u64()
    }

    /// Returns a flag, or the default if the files do not set it.
    pub(super) fn flag(&self, key: &str, default: bool) -> bool {
        self.at(key).and_then(Value::as_bool).unwrap_or(default)
    }

    /// Returns the items of a list, or `None` if there is no list.
    pub(super) fn list(&self, key: &str) -> Option<&[Value]> {
        Some(self.at(key)?.as_array()?.as_slice())
    }

    /// Returns the strings of a list.
    pub(super) fn texts(&self, key: &str) -> Option<Vec<&str>> {
        let list = self.list(key)?.iter();
        Some(list.filter_map(Value::as_str).collect())
    }

    /// Returns every string with a name at any depth below a key, each with its full key.
    pub(super) fn all_below(&self, key: &str, name: &str) -> Vec<(String, &str)> {
        let mut found = Vec::new();
        if let Some(value) = self.at(key) {
            collect(value, key, name, &mut found);
        }
        found
    }
}

fn collect<'a>(value: &'a Value, key: &str, name: &str, found: &mut Vec<(String, &'a str)>) {
    for (part, value) in value.as_object().into_iter().flatten() {
        let key = format!("{key}.{part}");
        match value.as_str() {
            Some(text) if part == name => found.push((key, text)),
            Some(_) | None => collect(value, &key, name, found),
        }
    }
}

fn read(path: &Path) -> Result<Value, String> {
    let path_text = path.display();
    let text = fs::read_to_string(path).map_err(|error| format!("{path_text}: {error}"))?;
    if text.trim().is_empty() {
        return Ok(empty());
    }
    // Without snippet: the file contains secrets.
    let options = serde_saphyr::options! { with_snippet: false };
    let value: Value = serde_saphyr::from_str_with_options(&text, options).map_err(|error| {
        let line = error.location().map(|it| format!(", line {}", it.line()));
        format!(
            "{path_text}{}: the file is not valid YAML",
            line.unwrap_or_default()
        )
    })?;
    match value {
        Value::Object(_) => Ok(value),
        // A file with comments only.
        Value::Null => Ok(empty()),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Err(format!(
            "{path_text}: the file is not a configuration of Kratos"
        )),
    }
}

fn empty() -> Value {
    Value::Object(serde_json::Map::new())
}

fn merge(base: &mut Value, over: Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                merge(base.entry(key).or_insert(Value::Null), value);
            }
        }
        (base, over) => *base = over,
    }
}

#[cfg(test)]
impl KratosConfig {
    pub(super) fn of(texts: &[&str]) -> Self {
        let mut merged = empty();
        for text in texts {
            merge(&mut merged, serde_saphyr::from_str(text).unwrap());
        }
        Self(merged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_files_override_keys_and_whole_lists() {
        let one = "a: {b: 1, c: [x, y]}\nd: text\nflag: true\n";
        let config = KratosConfig::of(&[one, "a: {c: [z], e: 15m}\n", "{\"d\": \"json\"}"]);
        assert_eq!(config.number("a.b"), Some(1));
        assert_eq!(config.texts("a.c"), Some(vec!["z"]));
        assert_eq!(config.text("a.e"), Some("15m"));
        assert_eq!(config.text("d"), Some("json"));
        assert!(config.flag("flag", false));
        assert!(config.flag("a.none", true));
        assert_eq!(config.text("a.b.c"), None);
    }

    #[test]
    fn a_name_is_found_at_any_depth() {
        let config = KratosConfig::of(&["a: {url: one, b: {c: {url: two}}, other: three}"]);
        let found = config.all_below("a", "url");
        let expected = [("a.b.c.url".to_owned(), "two"), ("a.url".to_owned(), "one")];
        assert!(expected.iter().all(|it| found.contains(it)) && found.len() == 2);
    }

    #[test]
    fn the_error_about_a_file_does_not_quote_it() {
        let folder = std::env::temp_dir().join(format!("genkan-doctor-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("kratos.yml");
        for text in [
            "dsn: s3cret\nsecrets:\n  cookie: [s3cret\nx: y",
            "s3cret",
            "- s3cret",
        ] {
            fs::write(&path, text).unwrap();
            let error = KratosConfig::read(std::slice::from_ref(&path)).unwrap_err();
            assert!(
                error.contains("kratos.yml") && !error.contains("s3cret"),
                "{error}"
            );
        }
        assert!(KratosConfig::read(&[folder.join("nothing")]).is_err());
        fs::write(&path, "# nothing\n").unwrap();
        assert!(KratosConfig::read(&[path]).is_ok());
        fs::remove_dir_all(folder).unwrap();
    }
}
