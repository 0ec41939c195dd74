//! Names by number. Each event looks for a name or two among few that nearly all events share, so that telling names apart
//! must cost less than a search in order.

/// Names in the order of their numbers, which begin at 0.
#[derive(Debug, Default)]
pub struct Names {
    names: Vec<Box<str>>,
    /// The hash of each: nearly every name that is another differs in its hash.
    hashes: Vec<u32>,
}

impl Names {
    /// No names, and room for some.
    pub fn with_capacity(names: usize) -> Names {
        Names { names: Vec::with_capacity(names), hashes: Vec::with_capacity(names) }
    }

    /// The number of a name.
    pub fn find(&self, name: &str) -> Option<usize> {
        let wanted = hash(name);
        self.hashes.iter().zip(&self.names).position(|(hash, known)| *hash == wanted && **known == *name)
    }

    /// Takes a name that is not known. Gives its number.
    pub fn add(&mut self, name: &str) -> usize {
        self.hashes.push(hash(name));
        self.names.push(name.into());
        self.names.len() - 1
    }

    /// Whether this is the name with that number.
    pub fn is(&self, number: usize, name: &str) -> bool {
        self.names.get(number).is_some_and(|known| **known == *name)
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
    }
}

/// FNV-1a of a short name, 32 bits; of a longer one all bytes, eight at once. Queues of one centre often begin and end
/// alike. Whoever chooses names that meet makes a search slower, and nothing else.
#[inline(always)]
fn hash(name: &str) -> u32 {
    let bytes = name.as_bytes();
    if let Some(last) = bytes.last_chunk() {
        // 2⁶⁴ divided by the golden ratio: Fibonacci hashing.
        let join = |hash: u64, word: u64| (hash.rotate_left(29) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let (words, _) = bytes.as_chunks();
        let hash = words.iter().fold(bytes.len() as u64, |hash, word| join(hash, u64::from_le_bytes(*word)));
        return (join(hash, u64::from_le_bytes(*last)) >> 32) as u32;
    }
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
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
        let names = (0..1_000).map(|number| hash(&format!("Customer service {number:04} (international)")));
        assert_eq!(names.collect::<std::collections::BTreeSet<u32>>().len(), 1_000);
    }

    #[test]
    fn names_of_one_hash_are_told_apart() {
        let (one, other) = ("fibecu", "rerasi");
        assert_eq!(hash(one), hash(other));
        let mut names = Names::default();
        names.add(one);
        assert_eq!(names.find(other), None);
        assert_eq!((names.add(other), names.find(one), names.find(other)), (1, Some(0), Some(1)));
    }
}
