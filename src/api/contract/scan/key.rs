//! The key of a member, as numbers: telling keys apart takes a few instructions then, and no call for each name.

/// The longest key that the scan distinguishes.
const LONGEST: usize = 16;

/// A key. Two keys of at most [`LONGEST`] bytes are equal if their bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    length: usize,
    /// The first eight bytes.
    head: u64,
    /// The eight bytes after those.
    tail: u64,
}

impl Key {
    /// The key of a name.
    pub const fn of(name: &str) -> Key {
        assert!(name.len() <= LONGEST, "the end of a longer name would not count");
        Key::new(filled_up(name.as_bytes()), name.len())
    }

    /// The key of `length` bytes at a place.
    #[inline(always)]
    pub fn at(bytes: &[u8], first: usize, length: usize) -> Key {
        if first + LONGEST > bytes.len() {
            return Key::new(filled_up(&bytes[first..]), length);
        }
        // SAFETY: sixteen bytes are there, and a read may be unaligned.
        Key::new(unsafe { bytes.as_ptr().add(first).cast::<[u8; LONGEST]>().read_unaligned() }, length)
    }

    #[inline(always)]
    const fn new(block: [u8; LONGEST], length: usize) -> Key {
        let both = u128::from_le_bytes(block);
        let (head, tail) = (both as u64, (both >> 64) as u64);
        Key { length, head: start(head, length), tail: start(tail, length.saturating_sub(8)) }
    }
}

/// The first bytes of a word; the others are zero.
#[inline(always)]
const fn start(word: u64, bytes: usize) -> u64 {
    if bytes >= 8 { word } else { word & ((1 << (8 * bytes)) - 1) }
}

/// Near the end of a message there are fewer bytes.
#[cold]
const fn filled_up(rest: &[u8]) -> [u8; LONGEST] {
    let (mut block, mut at) = ([0; LONGEST], 0);
    while at < rest.len() {
        block[at] = rest[at];
        at += 1;
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_equal_where_their_bytes_are_wherever_they_stand() {
        let names =
            ["", "i", "id", "type", "routing", "identity", "sentiment", "confident", "confidence", "queueWaitTimeMs"];
        for name in names {
            for (before, after) in [("", ""), ("\"", "\""), ("{\"", "\":\"some text that is long\"")] {
                let text = format!("{before}{name}{after}");
                let key = Key::at(text.as_bytes(), before.len(), name.len());
                for other in names {
                    assert_eq!(key == Key::of(other), name == other, "{name} {other}");
                }
            }
        }
    }

    #[test]
    fn a_key_that_begins_like_a_name_is_another() {
        let long = "queueWaitTimeMs1 and more";
        for length in [14, 16, 25] {
            assert_ne!(Key::at(long.as_bytes(), 0, length), Key::of("queueWaitTimeMs"), "{length}");
        }
    }
}
