//! What makes the pages an operator's own: a style sheet, a logo, an icon, and addresses. Read once, at the start.

use std::path::Path;
use std::str::FromStr;
use std::{fmt, fs};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use url::Url;

/// Everything of the operator's on the pages. What is not set is Genkan's own, or is left out.
#[derive(Debug, Clone, Default)]
pub struct Brand {
    /// Comes after Genkan's own sheet.
    pub style: Option<File>,
    /// Stands at the top of each page in place of the name.
    pub logo: Option<File>,
    pub icon: Option<File>,
    pub privacy: Option<Address>,
    pub terms: Option<Address>,
    pub help: Option<Address>,
}

impl Brand {
    /// The file of a path.
    pub fn find(&self, path: &str) -> Option<&File> {
        [&self.style, &self.logo, &self.icon]
            .into_iter()
            .flatten()
            .find(|file| file.path == path)
    }
}

/// A file of the operator's. Browsers may keep it for ever, because its path changes with its content.
#[derive(Debug, Clone)]
pub struct File {
    /// Where browsers find it.
    pub path: String,
    pub content_type: &'static str,
    pub content: Bytes,
}

/// Pictures that every browser shows, by how the names of their files end.
const PICTURES: [(&str, &str); 3] = [
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("webp", "image/webp"),
];

impl File {
    /// Reads a style sheet.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn style(file: &Path) -> Result<Self, String> {
        let css = Self::read("brand", file, &[("css", "text/css; charset=utf-8")])?;
        match std::str::from_utf8(&css.content) {
            Ok(_) => Ok(css),
            Err(_) => Err(format!("{}: is not written in UTF-8", file.display())),
        }
    }

    /// Reads the picture at the top of each page.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn logo(file: &Path) -> Result<Self, String> {
        Self::read("logo", file, &PICTURES)
    }

    /// Reads the picture in the browser's tabs.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn icon(file: &Path) -> Result<Self, String> {
        let [svg, png, webp] = PICTURES;
        let ico = ("ico", "image/x-icon");
        Self::read("favicon", file, &[svg, png, webp, ico])
    }

    fn read(
        name: &str,
        file: &Path,
        kinds: &[(&'static str, &'static str)],
    ) -> Result<Self, String> {
        let ending = file.extension().and_then(|ending| ending.to_str());
        let ending = ending.map(str::to_ascii_lowercase);
        let kind = kinds
            .iter()
            .find(|(known, _)| ending.as_deref() == Some(known));
        let Some((ending, content_type)) = kind else {
            let known: Vec<String> = kinds.iter().map(|(known, _)| format!(".{known}")).collect();
            let known = known.join(", ");
            return Err(format!("{}: has to end in {known}", file.display()));
        };
        let content = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        if content.is_empty() {
            return Err(format!("{}: is empty", file.display()));
        }
        let hash = Sha256::digest(&content)[..6]
            .iter()
            .fold(String::new(), |hash, byte| format!("{hash}{byte:02x}"));
        Ok(Self {
            path: format!("/assets/{name}.{hash}.{ending}"),
            content_type,
            content: Bytes::from(content),
        })
    }
}

/// The address of a page of the operator's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A path beside Genkan, on the same origin.
    Own(String),
    Web(Url),
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // Browsers read a backslash like a slash, and "//" begins the name of a host.
        let is_path = text.starts_with('/') && !text[1..].starts_with(['/', '\\']);
        if is_path {
            return Ok(Self::Own(text.to_owned()));
        }
        match Url::parse(text) {
            Ok(url) if has_user(&url) => Err("an address without a user is needed".to_owned()),
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Self::Web(url)),
            Ok(_) | Err(_) => {
                Err("neither an http or https address nor a path that begins with /".to_owned())
            }
        }
    }
}

/// Whether a user stands in an address, with a password or without one.
pub(crate) fn has_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(path) => f.write_str(path),
            Self::Web(url) => url.fmt(f),
        }
    }
}
