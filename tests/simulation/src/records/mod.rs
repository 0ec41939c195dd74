//! What a stored record says, read by other code than the core's.

pub(crate) mod buckets;

use crate::plan::RULES;

/// The text of a damaged memory record that no longer tells which rules fired.
pub const EVERY_RULE: &str = "[\"*\"]";

/// The mark of a given-up card's record; quotes within a text are escaped.
pub const GIVEN_UP: &str = "\"is\":\"givenUp\"";

/// Whether a record of what fired names a rule.
pub fn says_fired(text: &str, rule: usize) -> bool {
    text.contains(RULES[rule]) || text.contains(EVERY_RULE)
}

/// The whole number after a mark; zero where there is none.
pub fn number_after(text: &str, mark: &str) -> u64 {
    let Some(at) = text.find(mark) else { return 0 };
    let digits = &text[at + mark.len()..];
    let end = digits.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().unwrap_or(0)
}

pub fn text_after<'t>(text: &'t str, mark: &str) -> &'t str {
    let Some(at) = text.find(mark) else { return "" };
    let rest = &text[at + mark.len()..];
    &rest[..rest.find('"').unwrap_or(rest.len())]
}
