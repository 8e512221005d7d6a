//! The result of each check, and the report for the operator.

use std::fmt;

/// The result of one check.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Check {
    /// The key of Kratos' configuration that was checked, or another name for what was checked.
    id: String,
    status: Status,
    message: String,
    /// What the operator has to change.
    fix: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Right,
    Wrong,
    /// It works, but is probably not intended.
    Doubtful,
    /// It cannot be seen from here.
    Unknown,
}

impl Check {
    pub(super) fn right(id: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(id, Status::Right, message)
    }

    pub(super) fn wrong(
        id: impl Into<String>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self::new(id, Status::Wrong, message).with_fix(fix)
    }

    pub(super) fn doubtful(
        id: impl Into<String>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self::new(id, Status::Doubtful, message).with_fix(fix)
    }

    pub(super) fn unknown(id: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(id, Status::Unknown, message)
    }

    /// Returns a warning about Genkan's own settings, which says itself what to do.
    pub(super) fn warning(message: impl Into<String>) -> Self {
        Self::new("settings", Status::Doubtful, message)
    }

    fn new(id: impl Into<String>, status: Status, message: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            status,
            message: message.into(),
            fix: None,
        }
    }

    fn with_fix(self, fix: impl Into<String>) -> Self {
        Self {
            fix: Some(fix.into()),
            ..self
        }
    }

    /// Combines what the files say with what the running Kratos shows. Returns `None` if both
    /// agree.
    fn compared_with(self, running: Option<Status>) -> Option<Self> {
        let (difference, fix) = match (running, self.status) {
            (Some(Status::Right), Status::Right) | (Some(Status::Wrong), Status::Wrong) => {
                return None;
            }
            (Some(Status::Right), Status::Wrong) => (
                "so say the files, but the running Kratos has it right",
                "check whether an environment variable overrides the files",
            ),
            (Some(Status::Wrong), Status::Right) => (
                "so say the files, but the running Kratos differs",
                "check whether it has read them, or an environment variable overrides them",
            ),
            _ => return Some(self),
        };
        let message = format!("{}: {difference}", self.message);
        Some(Self::doubtful(self.id, message, fix))
    }
}

/// What the doctor found.
#[derive(Debug)]
pub struct Report(Vec<Check>);

impl Report {
    /// Combines the checks of the running Kratos with those of its files. What the files say
    /// replaces what the running Kratos does not show. If both show it, only a difference is added.
    pub(super) fn new(running: Vec<Check>, configured: Vec<Check>) -> Self {
        let status = |id: &str| {
            let shown = running.iter().filter(|it| it.id == id);
            let shown = shown.map(|it| it.status);
            let shown = shown.filter(|it| matches!(it, Status::Right | Status::Wrong));
            shown.reduce(|one, other| if one == Status::Wrong { one } else { other })
        };
        let ids: Vec<String> = configured.iter().map(|it| it.id.clone()).collect();
        let added: Vec<Check> = configured
            .into_iter()
            .filter_map(|check| {
                let running = status(&check.id);
                check.compared_with(running)
            })
            .collect();
        let is_replaced = |it: &Check| it.status == Status::Unknown && ids.contains(&it.id);
        let kept = running.into_iter().filter(|it| !is_replaced(it));
        Self(kept.chain(added).collect())
    }

    /// Adds checks that neither Kratos nor its files are about.
    pub(super) fn extend(&mut self, checks: impl IntoIterator<Item = Check>) {
        self.0.extend(checks);
    }

    /// Returns true if nothing is wrong.
    pub fn is_right(&self) -> bool {
        !self.0.iter().any(|check| check.status == Status::Wrong)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for check in &self.0 {
            let status = match check.status {
                Status::Right => "right",
                Status::Wrong => "WRONG",
                Status::Doubtful => "doubtful",
                Status::Unknown => "unknown",
            };
            writeln!(f, "  {status:8} {}", check.message)?;
            if let Some(fix) = &check.fix {
                writeln!(f, "           → {fix}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn right() -> Check {
        Check::right("key", "key is a")
    }

    fn wrong() -> Check {
        Check::wrong("key", "key is b", "set it to a")
    }

    #[test]
    fn the_files_tell_what_kratos_does_not_show() {
        let hidden = || vec![Check::unknown("key", "key: Kratos does not show it")];
        let report = Report::new(hidden(), vec![right()]);
        assert_eq!(report.to_string(), "  right    key is a\n");
        let other = Check::wrong("other", "other is b", "set it to a");
        assert!(!Report::new(hidden(), vec![right(), other]).is_right());
    }

    #[test]
    fn a_setting_is_reported_once_and_a_difference_to_the_files_is_reported() {
        for (is_running_right, configured, lines) in [
            (true, right(), 1),
            (true, wrong(), 3),
            (false, right(), 4),
            (false, wrong(), 2),
        ] {
            let running = if is_running_right { right() } else { wrong() };
            let report = Report::new(vec![running], vec![configured]);
            let text = report.to_string();
            assert_eq!(text.lines().count(), lines, "{text}");
            assert_eq!(report.is_right(), is_running_right, "{text}");
        }
    }

    #[test]
    fn every_fault_of_the_files_about_one_setting_is_reported() {
        let report = Report::new(Vec::new(), vec![wrong(), wrong()]);
        assert_eq!(report.to_string().lines().count(), 4, "{report}");
    }
}
