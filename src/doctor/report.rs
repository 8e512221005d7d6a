//! What was looked at, in order.

use std::fmt;

/// What the doctor found.
#[derive(Debug, Default)]
pub struct Report(Vec<Finding>);

#[derive(Debug)]
struct Finding {
    /// The key of Kratos' configuration that it is about, where it is about one.
    key: Option<String>,
    told: Told,
}

#[derive(Debug)]
enum Told {
    Right(String),
    Wrong {
        what: String,
        mend: String,
    },
    /// It may be meant so.
    Doubtful {
        what: String,
        mend: Option<String>,
    },
    /// It could not be seen, and why.
    Unknown(String),
}

/// What a configuration file says of one key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Right(String),
    Wrong { what: String, mend: String },
    Doubtful { what: String, mend: String },
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_right(&self) -> bool {
        let is_wrong = |finding: &Finding| matches!(finding.told, Told::Wrong { .. });
        !self.0.iter().any(is_wrong)
    }

    pub(super) fn right(&mut self, what: impl Into<String>) {
        self.push(None, Told::Right(what.into()));
    }

    pub(super) fn wrong(&mut self, what: impl Into<String>, mend: impl Into<String>) {
        let (what, mend) = (what.into(), mend.into());
        self.push(None, Told::Wrong { what, mend });
    }

    pub(super) fn unknown(&mut self, what: impl Into<String>) {
        self.push(None, Told::Unknown(what.into()));
    }

    pub(super) fn doubtful(&mut self, what: impl Into<String>) {
        let what = what.into();
        self.push(None, Told::Doubtful { what, mend: None });
    }

    /// Makes the findings since `start` those of a key.
    pub(super) fn about(&mut self, start: usize, key: &str) {
        for finding in self.0.iter_mut().skip(start) {
            finding.key.get_or_insert_with(|| key.to_owned());
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds what the files say of a key. Where the running Kratos has shown it already, only a difference is added.
    pub(super) fn of_files(&mut self, key: &str, verdict: Verdict) {
        let told = match (self.shown(key), verdict) {
            (Some(true), Verdict::Right(_)) | (Some(false), Verdict::Wrong { .. }) => return,
            (Some(true), Verdict::Wrong { what, .. }) => Told::Doubtful {
                what: format!("{what}: so say the files, but the Kratos that runs has it right"),
                mend: Some("see whether one of its variables wins over the files".to_owned()),
            },
            (Some(false), Verdict::Right(what)) => Told::Doubtful {
                what: format!("{what}: so say the files, but the Kratos that runs differs"),
                mend: Some(
                    "see whether it has read them, or one of its variables wins over them"
                        .to_owned(),
                ),
            },
            (None, Verdict::Right(what)) => Told::Right(what),
            (None, Verdict::Wrong { what, mend }) => Told::Wrong { what, mend },
            (_, Verdict::Doubtful { what, mend }) => Told::Doubtful {
                what,
                mend: Some(mend),
            },
        };
        let is_settled = |finding: &Finding| {
            finding.key.as_deref() == Some(key) && matches!(finding.told, Told::Unknown(_))
        };
        self.0.retain(|finding| !is_settled(finding));
        self.push(Some(key.to_owned()), told);
    }

    /// Whether Kratos has a key right, as far as it has shown it.
    fn shown(&self, key: &str) -> Option<bool> {
        let about = self.0.iter().filter(|it| it.key.as_deref() == Some(key));
        let known = about.filter_map(|finding| match finding.told {
            Told::Right(_) => Some(true),
            Told::Wrong { .. } => Some(false),
            Told::Doubtful { .. } | Told::Unknown(_) => None,
        });
        known.reduce(|one, other| one && other)
    }

    fn push(&mut self, key: Option<String>, told: Told) {
        self.0.push(Finding { key, told });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Finding { told, .. } in &self.0 {
            match told {
                Told::Right(what) => writeln!(f, "  right    {what}")?,
                Told::Unknown(what) => writeln!(f, "  unknown  {what}")?,
                Told::Doubtful { what, mend: None } => writeln!(f, "  doubtful {what}")?,
                Told::Doubtful {
                    what,
                    mend: Some(mend),
                } => writeln!(f, "  doubtful {what}\n           → {mend}")?,
                Told::Wrong { what, mend } => {
                    writeln!(f, "  WRONG    {what}\n           → {mend}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn right() -> Verdict {
        Verdict::Right("key is a".to_owned())
    }

    fn wrong() -> Verdict {
        Verdict::Wrong {
            what: "key is b".to_owned(),
            mend: "set it to a".to_owned(),
        }
    }

    #[test]
    fn the_files_tell_what_kratos_does_not_show() {
        let mut report = Report::default();
        report.unknown("key: Kratos does not show it");
        report.about(0, "key");
        report.of_files("key", right());
        assert_eq!(report.to_string(), "  right    key is a\n");
        report.of_files("other", wrong());
        assert!(!report.is_right());
    }

    #[test]
    fn what_kratos_shows_is_told_once_and_files_that_differ_are_told() {
        for (is_shown_right, verdict, lines) in [
            (true, right(), 1),
            (true, wrong(), 3),
            (false, right(), 4),
            (false, wrong(), 2),
        ] {
            let mut report = Report::default();
            if is_shown_right {
                report.right("key is a");
            } else {
                report.wrong("key is b", "set it to a");
            }
            report.about(0, "key");
            report.of_files("key", verdict);
            let told = report.to_string();
            assert_eq!(told.lines().count(), lines, "{told}");
            assert_eq!(report.is_right(), is_shown_right, "{told}");
        }
    }
}
