//! Kratos' own configuration, read from its files.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The files of Kratos' `-c`, merged.
#[derive(Debug, Clone)]
pub(super) struct Files(Value);

impl Files {
    /// Reads the files and merges them in their order, as Kratos does: objects key by key, all else as a whole. Kratos takes
    /// YAML and JSON, which is YAML too.
    ///
    /// # Errors
    /// A sentence for the operator, with no part of the file in it.
    pub(super) fn read(paths: &[PathBuf]) -> Result<Self, String> {
        let mut merged = nothing();
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

    /// Whether a flag is set; `unset` where the files do not say.
    pub(super) fn flag(&self, key: &str, unset: bool) -> bool {
        self.at(key).and_then(Value::as_bool).unwrap_or(unset)
    }

    /// The items of a list, or `None` where there is no list.
    pub(super) fn list(&self, key: &str) -> Option<&[Value]> {
        Some(self.at(key)?.as_array()?.as_slice())
    }

    /// The texts of a list.
    pub(super) fn texts(&self, key: &str) -> Option<Vec<&str>> {
        let list = self.list(key)?.iter();
        Some(list.filter_map(Value::as_str).collect())
    }

    /// Every text under a name, however deep below a key, with its whole key.
    pub(super) fn all_below(&self, key: &str, name: &str) -> Vec<(String, &str)> {
        let mut found = Vec::new();
        if let Some(value) = self.at(key) {
            gather(value, key, name, &mut found);
        }
        found
    }
}

fn gather<'a>(value: &'a Value, key: &str, name: &str, found: &mut Vec<(String, &'a str)>) {
    for (part, value) in value.as_object().into_iter().flatten() {
        let key = format!("{key}.{part}");
        match value.as_str() {
            Some(text) if part == name => found.push((key, text)),
            Some(_) | None => gather(value, &key, name, found),
        }
    }
}

fn read(path: &Path) -> Result<Value, String> {
    let place = path.display();
    let text = fs::read_to_string(path).map_err(|error| format!("{place}: {error}"))?;
    if text.trim().is_empty() {
        return Ok(nothing());
    }
    // What the parser says may have a part of the file in it, and the file has secrets.
    let options = serde_saphyr::options! { with_snippet: false };
    let value: Value = serde_saphyr::from_str_with_options(&text, options).map_err(|error| {
        let line = error.location().map(|it| format!(", line {}", it.line()));
        format!("{place}{}: this is not YAML", line.unwrap_or_default())
    })?;
    match value {
        Value::Object(_) => Ok(value),
        // Nothing but comments.
        Value::Null => Ok(nothing()),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(format!("{place}: this is no configuration of Kratos"))
        }
    }
}

fn nothing() -> Value {
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
impl Files {
    pub(super) fn of(texts: &[&str]) -> Self {
        let mut merged = nothing();
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
    fn later_files_win_key_by_key_and_lists_as_a_whole() {
        let one = "a: {b: 1, c: [x, y]}\nd: text\nflag: true\n";
        let files = Files::of(&[one, "a: {c: [z], e: 15m}\n", "{\"d\": \"json\"}"]);
        assert_eq!(files.number("a.b"), Some(1));
        assert_eq!(files.texts("a.c"), Some(vec!["z"]));
        assert_eq!(files.text("a.e"), Some("15m"));
        assert_eq!(files.text("d"), Some("json"));
        assert!(files.flag("flag", false));
        assert!(files.flag("a.none", true));
        assert_eq!(files.text("a.b.c"), None);
    }

    #[test]
    fn a_name_is_found_at_any_depth() {
        let files = Files::of(&["a: {url: one, b: {c: {url: two}}, other: three}"]);
        let found = files.all_below("a", "url");
        let expected = [("a.b.c.url".to_owned(), "two"), ("a.url".to_owned(), "one")];
        assert!(expected.iter().all(|it| found.contains(it)) && found.len() == 2);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_told_without_what_is_in_it() {
        let folder = std::env::temp_dir().join(format!("genkan-doctor-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("kratos.yml");
        for text in [
            "dsn: s3cret\nsecrets:\n  cookie: [s3cret\nx: y",
            "s3cret",
            "- s3cret",
        ] {
            fs::write(&path, text).unwrap();
            let told = Files::read(std::slice::from_ref(&path)).unwrap_err();
            assert!(
                told.contains("kratos.yml") && !told.contains("s3cret"),
                "{told}"
            );
        }
        assert!(Files::read(&[folder.join("nothing")]).is_err());
        fs::write(&path, "# nothing\n").unwrap();
        assert!(Files::read(&[path]).is_ok());
        fs::remove_dir_all(folder).unwrap();
    }
}
