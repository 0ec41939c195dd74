//! The verdict of one suite, in its runner's own words.

use crate::command::Transcript;

/// Whether everything held, and the lines in which the runner says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether everything held.
    pub held: bool,
    /// The runner's closing lines, or why the suite failed.
    pub said: Vec<String>,
}

impl Verdict {
    /// The verdict of a checker, which counts nothing.
    pub fn check(held: bool) -> Self {
        Self { held, said: Vec::new() }
    }

    /// One failure with its reason.
    pub fn failure(why: impl Into<String>) -> Self {
        Self { held: false, said: vec![why.into()] }
    }

    /// The verdict of a runner whose closing lines begin with one of these. A runner that closes without such a line ran
    /// nothing, and nothing was shown to work.
    pub fn of(transcript: &Transcript, beginnings: &[&str]) -> Self {
        let is_closing = |line: &&str| beginnings.iter().any(|beginning| line.starts_with(beginning));
        let said: Vec<_> =
            transcript.lines.iter().map(|line| line.trim()).filter(is_closing).map(str::to_owned).collect();
        if said.is_empty() { Self::failure("ran nothing") } else { Self { held: transcript.success, said } }
    }

    /// Both together.
    pub fn and(mut self, other: Self) -> Self {
        self.said.extend(other.said);
        Self { held: self.held && other.held, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transcript(success: bool, text: &str) -> Transcript {
        Transcript { success, lines: text.lines().map(str::to_owned).collect() }
    }

    #[test]
    fn a_runner_is_quoted_and_its_exit_decides() {
        let text = "PASS one\n     Summary [ 0.1s] 3 tests run: 3 passed, 0 skipped\nwarning: slow";
        let said = vec!["Summary [ 0.1s] 3 tests run: 3 passed, 0 skipped".to_owned()];
        assert_eq!(Verdict::of(&transcript(true, text), &["Summary ["]), Verdict { held: true, said: said.clone() });
        assert_eq!(Verdict::of(&transcript(false, text), &["Summary ["]), Verdict { held: false, said });
    }

    #[test]
    fn a_runner_that_ran_nothing_has_failed() {
        assert!(!Verdict::of(&transcript(true, "no tests to run!"), &["test result:"]).held);
    }

    #[test]
    fn one_of_two_that_failed_fails_both() {
        assert!(!Verdict::check(true).and(Verdict::failure("why")).held);
        assert!(Verdict::check(true).and(Verdict::check(true)).held);
    }
}
