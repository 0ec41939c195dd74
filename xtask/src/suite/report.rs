//! The closing table of a test run.

use super::tally::Tally;
use std::fmt;
use std::time::Duration;

/// What each suite did, in the order they ran.
#[derive(Default)]
pub struct Report {
    rows: Vec<(String, Tally, Duration)>,
}

impl Report {
    /// Adds a suite.
    pub fn add(&mut self, suite: String, tally: Tally, took: Duration) {
        self.rows.push((suite, tally, took));
    }

    /// Whether anything failed, or nothing at all was run.
    pub fn failed(&self) -> bool {
        self.rows.is_empty() || self.sum(|tally| tally.failed) > 0
    }

    fn sum(&self, of: impl Fn(&Tally) -> usize) -> usize {
        self.rows.iter().map(|(_, tally, _)| of(tally)).sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "suite          passed  failed  skipped  seconds  note")?;
        for (suite, Tally { passed, failed, skipped, note }, took) in &self.rows {
            let seconds = took.as_secs_f64();
            let line = format!("{suite:<13} {passed:>7} {failed:>7} {skipped:>8} {seconds:>8.1}  {note}");
            writeln!(f, "{}", line.trim_end())?;
        }
        let skipped = self.sum(|tally| tally.skipped);
        write!(f, "\n{} passed, {} failed", self.sum(|tally| tally.passed), self.sum(|tally| tally.failed))?;
        if skipped > 0 { write!(f, ", {skipped} skipped") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(tallies: &[Tally]) -> Report {
        let mut report = Report::default();
        for tally in tallies {
            report.add("suite".into(), tally.clone(), Duration::from_secs(1));
        }
        report
    }

    #[test]
    fn the_last_line_is_the_plain_sum() {
        let passed = Tally { passed: 2, ..Tally::default() };
        let text = report(&[passed.clone(), passed.clone()]).to_string();
        assert_eq!(text.lines().last(), Some("4 passed, 0 failed"));
        let mixed = Tally { passed: 1, failed: 2, skipped: 3, note: String::new() };
        assert_eq!(report(&[passed, mixed]).to_string().lines().last(), Some("3 passed, 2 failed, 3 skipped"));
    }

    #[test]
    fn one_failure_or_no_suite_at_all_fails_the_run() {
        assert!(report(&[]).failed());
        assert!(report(&[Tally { passed: 9, ..Tally::default() }, Tally::failure("no")]).failed());
        assert!(!report(&[Tally { passed: 9, ..Tally::default() }]).failed());
    }
}
