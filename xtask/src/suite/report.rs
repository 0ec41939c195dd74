//! The closing table of a test run.

use super::Suite;
use super::verdict::Verdict;
use std::fmt;
use std::time::Duration;

/// The results of all suites.
#[derive(Default)]
pub struct Report {
    rows: Vec<(Suite, Verdict, Duration)>,
}

impl Report {
    /// Adds a suite. The table has the order of [`Suite`], whichever suite ended first.
    pub fn add(&mut self, suite: Suite, verdict: Verdict, took: Duration) {
        self.rows.push((suite, verdict, took));
        self.rows.sort_by_key(|(suite, ..)| *suite as usize);
    }

    /// Whether anything failed, or nothing at all was run.
    pub fn failed(&self) -> bool {
        self.rows.is_empty() || self.failures() > 0
    }

    fn failures(&self) -> usize {
        self.rows.iter().filter(|(_, verdict, _)| !verdict.held).count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "suite         seconds")?;
        for (suite, Verdict { held, said }, took) in &self.rows {
            let word = if *held { "held" } else { "FAILED" };
            writeln!(f, "{:<13} {:>7.1}  {word}", suite.name(), took.as_secs_f64())?;
            said.iter().try_for_each(|line| writeln!(f, "    {line}"))?;
        }
        write!(f, "\nsuites: {} passed, {} failed", self.rows.len() - self.failures(), self.failures())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(verdicts: &[Verdict]) -> Report {
        let mut report = Report::default();
        verdicts.iter().for_each(|verdict| report.add(Suite::Lint, verdict.clone(), Duration::from_secs(1)));
        report
    }

    #[test]
    fn the_last_line_counts_the_suites() {
        let text = report(&[Verdict::check(true), Verdict::check(true), Verdict::failure("why")]).to_string();
        assert_eq!(text.lines().last(), Some("suites: 2 passed, 1 failed"));
    }

    #[test]
    fn one_failure_or_no_suite_at_all_fails_the_run() {
        assert!(report(&[]).failed());
        assert!(report(&[Verdict::check(true), Verdict::failure("no")]).failed());
        assert!(!report(&[Verdict::check(true)]).failed());
    }
}
