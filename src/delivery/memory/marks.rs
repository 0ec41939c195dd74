//! Which rules an interaction is marked with. A mark costs no allocation while a person has at most 64 rules.

/// A set of rules by their numbers, or every rule there is and will be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Marks {
    /// A damaged record no longer tells which ones.
    Every,
    /// One bit for each of the first 64.
    Few(u64),
    /// One bit for each, in words of 64.
    Many(Box<Words>),
}

/// Boxed as one pointer; otherwise each remembered interaction grows by a word.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Words(Vec<u64>);

impl Default for Marks {
    fn default() -> Marks {
        Marks::Few(0)
    }
}

impl Marks {
    pub fn is_empty(&self) -> bool {
        match self {
            Marks::Every => false,
            Marks::Few(bits) => *bits == 0,
            Marks::Many(words) => words.0.iter().all(|bits| *bits == 0),
        }
    }

    pub fn is_every(&self) -> bool {
        *self == Marks::Every
    }

    pub fn has(&self, rule: usize) -> bool {
        let (word, bit) = place(rule);
        match self {
            Marks::Every => true,
            Marks::Few(bits) => word == 0 && bits & bit != 0,
            Marks::Many(words) => words.0.get(word).is_some_and(|bits| bits & bit != 0),
        }
    }

    pub fn insert(&mut self, rule: usize) {
        let (word, bit) = place(rule);
        match self {
            Marks::Every => {}
            Marks::Few(bits) if word == 0 => *bits |= bit,
            Marks::Few(bits) => {
                let mut words = vec![0; word + 1];
                (words[0], words[word]) = (*bits, bit);
                *self = Marks::Many(Box::new(Words(words)));
            }
            Marks::Many(words) => {
                words.0.resize(words.0.len().max(word + 1), 0);
                words.0[word] |= bit;
            }
        }
    }

    /// Every rule stays every rule: nobody knows which others there are.
    pub fn remove(&mut self, rule: usize) {
        let (word, bit) = place(rule);
        match self {
            Marks::Every => {}
            Marks::Few(bits) if word == 0 => *bits &= !bit,
            Marks::Few(_) => {}
            Marks::Many(words) => words.0.get_mut(word).into_iter().for_each(|bits| *bits &= !bit),
        }
    }
}

fn place(rule: usize) -> (usize, u64) {
    (rule / 64, 1 << (rule % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_has_a_mark_of_its_own_however_many_there_are() {
        let mut marks = Marks::default();
        for rule in (0..300).step_by(3) {
            marks.insert(rule);
            assert!(!marks.is_empty());
        }
        for rule in 0..300 {
            assert_eq!(marks.has(rule), rule % 3 == 0, "{rule}");
        }
        for rule in 0..300 {
            marks.remove(rule);
        }
        assert!(marks.is_empty());
    }

    #[test]
    fn what_is_marked_with_every_rule_stays_so() {
        let mut marks = Marks::Every;
        marks.insert(7);
        marks.remove(7);
        assert!(marks.is_every() && marks.has(7) && marks.has(1_000));
    }
}
