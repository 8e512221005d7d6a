//! Light or dark.

use strum::{EnumIter, EnumString, IntoEnumIterator, IntoStaticStr};

/// The colours of the pages, as somebody chose them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, EnumString, IntoStaticStr, EnumIter)]
#[strum(serialize_all = "lowercase")]
pub enum Theme {
    /// Those of the browser or the system.
    #[default]
    Auto,
    Light,
    Dark,
}

impl Theme {
    /// Returns all of them, in their order.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }

    /// Returns the value of `?theme=`, of the cookie and of `data-theme`.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Parses the value of `?theme=` and of the cookie.
    pub fn from_name(name: &str) -> Option<Self> {
        name.parse().ok()
    }

    /// What CSS calls it, <https://drafts.csswg.org/css-color-adjust-1/#color-scheme-prop>.
    pub fn color_scheme(self) -> &'static str {
        match self {
            Self::Auto => "light dark",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}
