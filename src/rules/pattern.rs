//! Queue names as people write them in the settings: `*` fits any text, and upper and lower case are the same.

use std::borrow::Cow;

use wildmatch::WildMatchPattern;

use super::field::TEXT_LIMIT;

/// One name, with `*` as wildcard. The library's second wildcard is a capital, because a folded pattern holds none.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern(WildMatchPattern<'*', 'A'>);

impl Pattern {
    /// Reads a pattern; white space around it does not count.
    pub fn new(text: &str) -> Pattern {
        Pattern::of_whole(text.trim())
    }

    /// Reads a pattern with the white space around it.
    pub(super) fn of_whole(text: &str) -> Pattern {
        Pattern(WildMatchPattern::new_case_insensitive(&folded(text).collect::<String>()))
    }

    /// Whether the whole name fits. A name over 1 024 bytes fits `*` alone.
    pub fn matches(&self, name: &str) -> bool {
        let name = name.trim();
        if name.len() > TEXT_LIMIT {
            return self.0.pattern_chars() == ['*'];
        }
        self.fits(name)
    }

    /// Whether the whole text fits. The library compares character by character, so the one capital whose lower case is
    /// two characters is written as those two.
    pub(super) fn fits(&self, text: &str) -> bool {
        let text = match text.contains(DOTTED_I) {
            true => Cow::Owned(text.replace(DOTTED_I, "i\u{307}")),
            false => Cow::Borrowed(text),
        };
        self.0.matches(&text)
    }
}

const DOTTED_I: char = '\u{130}';

/// The characters of a text in lower case.
pub(super) fn folded(text: &str) -> impl DoubleEndedIterator<Item = char> + Clone {
    text.chars().flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        Pattern::new(pattern).matches(name)
    }

    #[test]
    fn a_name_without_wildcard_matches_itself_in_any_case() {
        assert!(matches("Billing", "billing") && matches(" billing ", "BILLING") && matches("ÜBER", "über"));
        assert!(!matches("Billing", "Billing 2") && !matches("Billing", "Bill") && !matches("Billing", ""));
    }

    #[test]
    fn a_star_stands_for_anything_and_for_nothing() {
        for (pattern, name) in [
            ("*", ""),
            ("*", "x"),
            ("Sales*", "Sales"),
            ("Sales*", "sales EMEA"),
            ("*EMEA", "Sales EMEA"),
            ("*al*E*", "Sales EMEA"),
            ("a**b", "ab"),
            ("*aab", "aaaab"),
            ("*a*b*", "xaxbx"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("Sales*", "Presales"), ("*EMEA", "EMEA 2"), ("a*b*c", "acb"), ("*ab", "aba"), ("", "x")]
        {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn a_star_is_the_only_wildcard() {
        assert!(!matches("b?g", "bag") && !matches("bAg", "bog") && matches("B?G", "b?g") && matches("a", "A"));
    }

    #[test]
    fn one_capital_alone_has_a_lower_case_of_two_characters() {
        let all = (0..=u32::from(char::MAX)).filter_map(char::from_u32);
        assert!(all.filter(|character| character.to_lowercase().count() > 1).eq([DOTTED_I]));
        assert!(matches("\u{130}stanbul", "i\u{307}STANBUL") && matches("i*", "\u{130}stanbul"));
        assert!(!matches("istanbul", "\u{130}stanbul"));
    }

    #[test]
    fn many_stars_do_not_blow_up() {
        assert!(!matches(&"*a".repeat(100), &format!("{}b", "a".repeat(1_000))));
        assert!(!matches("*a", &"a".repeat(2_000)));
        assert!(matches("*", &"a".repeat(2_000)));
    }
}
