//! The key of a member, as numbers: telling keys apart takes a few instructions then, and no call for each name.

use super::stop::BLOCK;

/// A name with the quote that ends it, as the sixteen bytes where a key begins have it.
#[derive(Debug, Clone, Copy)]
pub struct Name {
    /// How many bytes there are, the quote with them.
    pub length: usize,
    words: [u64; 2],
    masks: [u64; 2],
}

impl Name {
    /// The name of a key.
    pub const fn of(name: &str) -> Name {
        assert!(name.len() < BLOCK, "the end of a longer name would not count");
        let (mut block, mut mask, mut at) = ([0; BLOCK], [0; BLOCK], 0);
        while at < name.len() {
            (block[at], mask[at]) = (name.as_bytes()[at], 0xff);
            at += 1;
        }
        (block[at], mask[at]) = (b'"', 0xff);
        Name { length: at + 1, words: words(block), masks: words(mask) }
    }
}

/// The sixteen bytes where a key begins.
#[derive(Debug, Clone, Copy)]
pub struct Start([u64; 2]);

impl Start {
    /// The bytes at a place of a message that has at least sixteen bytes. Those after its end are zero.
    #[inline(always)]
    pub fn at(bytes: &[u8], first: usize) -> Option<Start> {
        if first + BLOCK > bytes.len() {
            return Start::near_the_end(bytes, first);
        }
        // SAFETY: sixteen bytes are there, and a read may be unaligned.
        Some(Start(words(unsafe { bytes.as_ptr().add(first).cast::<[u8; BLOCK]>().read_unaligned() })))
    }

    #[cold]
    #[inline(never)]
    fn near_the_end(bytes: &[u8], first: usize) -> Option<Start> {
        let last = u128::from_le_bytes(*bytes.last_chunk()?);
        let both = last.unbounded_shr(8 * (first + BLOCK - bytes.len()) as u32);
        Some(Start(words(both.to_le_bytes())))
    }

    /// Whether the key is this name.
    #[inline(always)]
    pub fn is(self, name: Name) -> bool {
        let Start([head, tail]) = self;
        head & name.masks[0] == name.words[0] && (name.length <= 8 || tail & name.masks[1] == name.words[1])
    }
}

const fn words(block: [u8; BLOCK]) -> [u64; 2] {
    let both = u128::from_le_bytes(block);
    [both as u64, (both >> 64) as u64]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_name_where_all_bytes_are_wherever_it_stands() {
        let names =
            ["", "i", "id", "type", "routing", "identity", "sentiment", "confident", "confidence", "queueWaitTimeMs"];
        for name in names {
            for (before, after) in [("sixteen bytes at least: \"", "\""), ("{\"", "\":\"some text that is long\"")] {
                let text = format!("{before}{name}{after}");
                let start = Start::at(text.as_bytes(), before.len()).expect("it is long enough");
                for other in names {
                    assert_eq!(start.is(Name::of(other)), name == other, "{name} {other}");
                }
            }
        }
    }

    #[test]
    fn a_key_that_goes_on_after_a_name_is_another() {
        for (key, name) in [("queueWaitTimeMs1 and more\"", "queueWaitTimeMs"), ("identities are many\"", "id")] {
            assert!(!Start::at(key.as_bytes(), 0).expect("it is long enough").is(Name::of(name)), "{key}");
        }
    }

    #[test]
    fn a_key_at_the_end_of_a_message_is_no_name() {
        let text = "sixteen bytes at least, id";
        for first in 0..=text.len() {
            assert!(!Start::at(text.as_bytes(), first).expect("it is long enough").is(Name::of("id")), "{first}");
        }
    }
}
