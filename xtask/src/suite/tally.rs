//! What one suite did.

/// Counts of one suite, with a word on what was counted where the count alone says little.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tests, or checks, that held.
    pub passed: usize,
    /// Those that did not.
    pub failed: usize,
    /// Those that said why they were not run.
    pub skipped: usize,
    /// What was looked at, or why it failed.
    pub note: String,
}

impl Tally {
    /// One failure with its reason.
    pub fn failure(note: impl Into<String>) -> Self {
        Self { failed: 1, note: note.into(), ..Self::default() }
    }

    /// One check over `looked_at` things, called `unit`. Looking at nothing is no pass.
    pub fn check(success: bool, looked_at: usize, unit: &str) -> Self {
        let held = usize::from(success && looked_at > 0);
        Self { passed: held, failed: 1 - held, skipped: 0, note: format!("{looked_at} {unit}") }
    }

    /// Both together.
    pub fn and(self, other: Self) -> Self {
        let notes: Vec<_> = [self.note, other.note].into_iter().filter(|note| !note.is_empty()).collect();
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
            note: notes.join("; "),
        }
    }

    /// A program's exit code outweighs its counts: one that ended badly has failed.
    pub fn with_exit(mut self, success: bool) -> Self {
        if !success && self.failed == 0 {
            self.failed = 1;
            self.note = "ended with an error".into();
        }
        self
    }

    /// A suite that ran nothing showed nothing.
    pub fn or_failure_if_nothing_ran(self) -> Self {
        if self.passed + self.failed == 0 { Self { failed: 1, note: "ran nothing".into(), ..self } } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_that_ran_nothing_has_failed() {
        let skipped_all = Tally { skipped: 3, ..Tally::default() };
        assert_eq!(skipped_all.or_failure_if_nothing_ran().failed, 1);
        assert_eq!(Tally::check(true, 0, "files").failed, 1);
    }

    #[test]
    fn a_bad_exit_is_a_failure_whatever_was_counted() {
        let counted = Tally { passed: 7, ..Tally::default() };
        assert_eq!(counted.clone().with_exit(false).failed, 1);
        assert_eq!(counted.clone().with_exit(true), counted);
    }
}
