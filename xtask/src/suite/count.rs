//! Reading a test runner's own count from its output.

use super::tally::Tally;

/// Every `test result: ok. 5 passed; 0 failed; 1 ignored; …` line, added up (cargo test and wasm-bindgen's runner).
pub fn rust(lines: &[String]) -> Tally {
    let mut tally = Tally::default();
    for line in lines.iter().filter_map(|line| line.trim().strip_prefix("test result:")) {
        tally.passed += before(line, "passed");
        tally.failed += before(line, "failed");
        tally.skipped += before(line, "ignored");
    }
    tally
}

/// The closing `ℹ pass 5` lines of node's runner. What was cancelled has not passed.
pub fn node(lines: &[String]) -> Tally {
    let of = |word: &str| -> usize {
        let prefix = format!("ℹ {word} ");
        lines.iter().filter_map(|line| line.trim().strip_prefix(&prefix)?.trim().parse::<usize>().ok()).sum()
    };
    Tally {
        passed: of("pass"),
        failed: of("fail") + of("cancelled"),
        skipped: of("skipped") + of("todo"),
        note: String::new(),
    }
}

/// The number right before `word`.
pub fn before(line: &str, word: &str) -> usize {
    let words: Vec<_> = line.split([' ', ';', ',', '.']).filter(|word| !word.is_empty()).collect();
    words.windows(2).find(|pair| pair[1] == word).and_then(|pair| pair[0].parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn every_binary_of_cargo_test_is_added() {
        let text = "running 3 tests\n\
                    test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
                    test result: FAILED. 10 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.20s";
        assert_eq!(rust(&lines(text)), Tally { passed: 13, failed: 2, skipped: 1, note: String::new() });
    }

    #[test]
    fn nodes_closing_lines_are_read_and_a_cancelled_test_has_not_passed() {
        let text = "▶ tests 9\nℹ tests 9\nℹ suites 1\nℹ pass 5\nℹ fail 1\nℹ cancelled 1\nℹ skipped 2\nℹ todo 0";
        assert_eq!(node(&lines(text)), Tally { passed: 5, failed: 2, skipped: 2, note: String::new() });
    }

    #[test]
    fn output_without_a_count_counts_nothing() {
        assert_eq!(rust(&lines("no tests to run!")), Tally::default());
        assert_eq!(node(&[]), Tally::default());
    }
}
