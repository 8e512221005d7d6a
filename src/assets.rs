//! The files in the program: style, scripts, icon. Made ready by `build.rs`.

/// A file that browsers may keep for ever, because its name changes with its content.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Where browsers find it.
    pub path: &'static str,
    pub content_type: &'static str,
    pub plain: &'static [u8],
    pub gzip: &'static [u8],
    pub brotli: &'static [u8],
}

impl Asset {
    /// The asset of a path.
    pub fn find(path: &str) -> Option<&'static Self> {
        ALL.into_iter().find(|asset| asset.path == path)
    }
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));
