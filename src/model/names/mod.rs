//! Names by number. Each event looks for a name or two among few that nearly all events share, so that telling names apart
//! must cost less than a search in order.

use std::sync::Arc;

/// Names in the order of their numbers, which begin at 0.
#[derive(Debug, Default)]
pub struct Names {
    names: Vec<Arc<str>>,
    /// The hash of each: nearly every name that is another differs in its hash.
    hashes: Vec<u32>,
    /// Each number plus one, at the place that the hash of its name says or behind; at most half of the places are
    /// taken. So a search takes as long among a thousand names as among ten.
    places: Vec<u32>,
}

impl Names {
    /// No names, and room for some.
    pub fn with_capacity(names: usize) -> Names {
        let places = vec![0; (2 * names).next_power_of_two()];
        Names { names: Vec::with_capacity(names), hashes: Vec::with_capacity(names), places }
    }

    /// The number of a name.
    #[inline(always)]
    pub fn find(&self, name: &str) -> Option<usize> {
        let wanted = hash(name) as u32;
        let mut at = wanted as usize;
        // Slices, because looking into a vector is a call.
        let (places, hashes, names) = (&*self.places, &*self.hashes, &*self.names);
        let mask = places.len().checked_sub(1)?;
        loop {
            let number = places[at & mask].checked_sub(1)? as usize;
            if hashes[number] == wanted && same(&names[number], name) {
                return Some(number);
            }
            at += 1;
        }
    }

    /// The name with a number.
    pub fn get(&self, number: usize) -> Option<Arc<str>> {
        self.names.get(number).cloned()
    }

    /// The number of a name, which may be new.
    pub fn number(&mut self, name: &str) -> usize {
        self.find(name).unwrap_or_else(|| self.add(name))
    }

    /// Takes a name that is not known. Gives its number.
    pub fn add(&mut self, name: &str) -> usize {
        self.hashes.push(hash(name) as u32);
        self.names.push(name.into());
        let number = self.names.len() - 1;
        if 2 * self.names.len() > self.places.len() {
            self.places = vec![0; (4 * self.names.len()).next_power_of_two()];
            (0..number).for_each(|number| self.place(number));
        }
        self.place(number);
        number
    }

    /// Gives a number a place.
    fn place(&mut self, number: usize) {
        let mut at = self.hashes[number] as usize;
        let mask = self.places.len() - 1;
        while self.places[at & mask] != 0 {
            at += 1;
        }
        self.places[at & mask] = number as u32 + 1;
    }

    /// Whether this is the name with that number.
    #[inline(always)]
    pub fn is(&self, number: usize, name: &str) -> bool {
        let names = &*self.names;
        number < names.len() && same(&names[number], name)
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is no name.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Forgets all names.
    pub fn clear(&mut self) {
        self.names.clear();
        self.hashes.clear();
        self.places.fill(0);
    }
}

/// Whether two names are the same, eight bytes at once: a comparison in place of a call.
#[inline(always)]
pub fn same(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    while let (Some((word, rest)), Some((other_word, other_rest))) = (word(one), word(other)) {
        if word != other_word {
            return false;
        }
        (one, other) = (rest, other_rest);
    }
    tail(one) == tail(other)
}

/// The first eight bytes and what follows. A pattern, because the calls of the library are not in line.
#[inline(always)]
fn word(bytes: &[u8]) -> Option<(u64, &[u8])> {
    match bytes {
        [a, b, c, d, e, f, g, h, rest @ ..] => Some((u64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h]), rest)),
        _ => None,
    }
}

/// Fewer than eight bytes as a number.
#[inline(always)]
fn tail(mut bytes: &[u8]) -> u64 {
    let mut tail = 0;
    while let [byte, rest @ ..] = bytes {
        (tail, bytes) = (tail << 8 | u64::from(*byte), rest);
    }
    tail
}

/// All bytes, eight at once, because queues of one centre often begin and end alike. Whoever chooses names that meet
/// makes a search slower, and nothing else.
#[inline(always)]
fn hash(name: &str) -> u64 {
    let mut bytes = name.as_bytes();
    // 2⁶⁴ divided by the golden ratio: Fibonacci hashing.
    let join = |hash: u64, word: u64| (hash.rotate_left(29) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut hash = bytes.len() as u64;
    while let Some((word, rest)) = word(bytes) {
        (hash, bytes) = (join(hash, word), rest);
    }
    // The high bits are the best ones, and tables look at the low ones.
    join(hash, tail(bytes)).rotate_left(32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_number_until_all_are_forgotten() {
        let mut names = Names::default();
        assert_eq!([names.add("Billing"), names.add(""), names.add("Sales")], [0, 1, 2]);
        assert_eq!(["Sales", "", "Retention"].map(|name| names.find(name)), [Some(2), Some(1), None]);
        assert!(names.is(0, "Billing") && !names.is(0, "billing") && !names.is(3, ""));
        names.clear();
        assert_eq!((names.find("Billing"), names.is_empty()), (None, true));
    }

    #[test]
    fn queues_that_begin_and_end_alike_have_hashes_of_their_own() {
        let names = (0..1_000).map(|number| hash(&format!("Customer service {number:04} (international)")) as u32);
        assert_eq!(names.collect::<std::collections::BTreeSet<u32>>().len(), 1_000);
    }

    #[test]
    fn names_that_meet_in_one_place_are_told_apart() {
        // In eight places, some of these share one.
        let all = ["Billing", "Sales", "Retention", "Returns in German"];
        let mut names = Names::with_capacity(4);
        for (number, name) in all.into_iter().enumerate() {
            assert_eq!((names.find(name), names.add(name)), (None, number));
        }
        assert_eq!(all.map(|name| names.find(name)), [Some(0), Some(1), Some(2), Some(3)]);
    }

    #[test]
    fn every_name_is_found_however_many_there_are() {
        let name = |number: usize| format!("queue {number}");
        let mut names = Names::default();
        for number in 0..3_000 {
            assert_eq!((names.find(&name(number)), names.add(&name(number))), (None, number));
        }
        assert!((0..3_000).all(|number| names.find(&name(number)) == Some(number)));
    }

    #[test]
    fn names_are_the_same_where_all_of_their_bytes_are() {
        for length in 0..30 {
            let name = "abcdefghijklmnopqrstuvwxyz0123"[..length].to_owned();
            assert!(same(&name, &name.clone()));
            assert!(!same(&name, &format!("{name}x")));
            for at in 0..length {
                let mut other = name.clone();
                other.replace_range(at..=at, "_");
                assert!(!same(&name, &other), "{other}");
            }
        }
    }
}
