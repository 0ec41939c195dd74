//! Queue names as people write them in the settings: `*` stands for anything, upper and lower case are the same.

use super::field::TEXT_LIMIT;

/// One name, with `*` as wildcard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<char>);

impl Pattern {
    /// Reads a pattern; white space around it does not count.
    pub fn new(text: &str) -> Pattern {
        let mut characters: Vec<char> = folded(text.trim()).collect();
        characters.dedup_by(|a, b| (*a, *b) == ('*', '*'));
        Pattern(characters)
    }

    /// Whether the whole name fits. A name over 1 024 bytes fits `*` alone.
    pub fn matches(&self, name: &str) -> bool {
        let name = name.trim();
        if name.len() > TEXT_LIMIT {
            return self.0 == ['*'];
        }
        fits(self.0.iter().copied(), folded(name))
    }
}

/// The characters of a text in lower case.
pub(super) fn folded(text: &str) -> impl DoubleEndedIterator<Item = char> + Clone {
    text.chars().flat_map(char::to_lowercase)
}

/// Whether a text fits a pattern.
///
/// When something does not fit, only the latest `*` takes one character more: an earlier one never has to, so the time is
/// at most pattern × text, and nothing is allocated.
pub(super) fn fits(
    mut pattern: impl Iterator<Item = char> + Clone,
    mut text: impl Iterator<Item = char> + Clone,
) -> bool {
    let mut retry = None;
    loop {
        let wanted = pattern.next();
        if wanted == Some('*') {
            retry = Some((pattern.clone(), text.clone()));
            continue;
        }
        match (text.next(), wanted) {
            (None, None) => return true,
            (Some(character), Some(wanted)) if character == wanted => {}
            (None, Some(_)) => return false,
            (Some(_), _) => match &mut retry {
                None => return false,
                Some((after_star, from)) => {
                    if from.next().is_none() {
                        return false;
                    }
                    pattern = after_star.clone();
                    text = from.clone();
                }
            },
        }
    }
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
    fn many_stars_do_not_blow_up() {
        assert!(!matches(&"*a".repeat(100), &format!("{}b", "a".repeat(1_000))));
        assert!(!matches("*a", &"a".repeat(2_000)));
        assert!(matches("*", &"a".repeat(2_000)));
    }
}
