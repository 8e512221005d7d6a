//! What a real Kratos answered once. The files are `tests/recordings/VERSION/NAME.json`.

use std::fs;
use std::path::{Path, PathBuf};

use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

/// One request and its answer.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    pub(crate) name: String,
    file: Value,
}

impl Recording {
    /// `NAME` of 1.3.1, or `26.2/NAME`.
    pub(crate) fn read(name: &str) -> Self {
        let name = if name.contains('/') {
            name.to_owned()
        } else {
            format!("1.3.1/{name}")
        };
        let path = folder().join(format!("{name}.json"));
        let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let file = serde_json::from_slice(&text).unwrap();
        Self { name, file }
    }

    /// All of one version, by name.
    pub(crate) fn all(version: &str) -> Vec<Self> {
        let mut names: Vec<String> = fs::read_dir(folder().join(version))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
            .iter()
            .map(|name| Self::read(&format!("{version}/{name}")))
            .collect()
    }

    /// The name without the version.
    pub(crate) fn case(&self) -> &str {
        self.name.split_once('/').unwrap().1
    }

    /// Whether this is an answer of its own. One file holds a bare body.
    pub(crate) fn has_answer(&self) -> bool {
        self.file.get("response").is_some()
    }

    pub(crate) fn method(&self) -> &str {
        self.file["request"]["method"].as_str().unwrap()
    }

    /// Without its query.
    pub(crate) fn path(&self) -> &str {
        let target = self.file["request"]["path"].as_str().unwrap();
        target.split('?').next().unwrap()
    }

    /// What the request wanted: `application/json`, `text/html`, or nothing said.
    pub(crate) fn accept(&self) -> &str {
        self.file["request"]["headers"]["Accept"]
            .as_str()
            .unwrap_or_default()
    }

    pub(crate) fn status(&self) -> u16 {
        let status = self.file["response"]["status"].as_u64().unwrap();
        u16::try_from(status).unwrap()
    }

    /// Without what belongs to that one transfer.
    pub(crate) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for pair in self.file["response"]["headers"].as_array().unwrap() {
            let name: HeaderName = pair[0].as_str().unwrap().parse().unwrap();
            if matches!(
                name.as_str(),
                "content-length" | "transfer-encoding" | "date"
            ) {
                continue;
            }
            headers.append(
                name,
                HeaderValue::from_str(pair[1].as_str().unwrap()).unwrap(),
            );
        }
        headers
    }

    /// The cookies that came with it, in order.
    pub(crate) fn set_cookies(&self) -> Vec<String> {
        let headers = self.headers();
        let lines = headers.get_all(SET_COOKIE).iter();
        lines
            .map(|line| line.to_str().unwrap().to_owned())
            .collect()
    }

    /// The body; text where it was no JSON.
    pub(crate) fn body(&self) -> &Value {
        &self.file["response"]["json"]
    }

    pub(crate) fn body_mut(&mut self) -> &mut Value {
        &mut self.file["response"]["json"]
    }

    /// The id of the flow in the body.
    pub(crate) fn id(&self) -> String {
        self.body()["id"].as_str().unwrap().to_owned()
    }

    /// The id of the flow that the request was about.
    pub(crate) fn asked_id(&self) -> String {
        self.asked().unwrap()
    }

    /// The same, where the request named a flow at all.
    pub(crate) fn asked(&self) -> Option<String> {
        let target = self.file["request"]["path"].as_str().unwrap();
        let (_, query) = target.split_once('?')?;
        let (_, id) = form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| matches!(name.as_ref(), "flow" | "id"))?;
        Some(id.into_owned())
    }

    /// The node of this name or id.
    pub(crate) fn node_mut(&mut self, name: &str) -> &mut Value {
        self.body_mut()["ui"]["nodes"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .find(|node| {
                ["name", "id"]
                    .iter()
                    .any(|key| node["attributes"][key] == name)
            })
            .unwrap()
    }
}

pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings")
}
