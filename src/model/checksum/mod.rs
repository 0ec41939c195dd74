//! The checksum of a stored record: CRC-32 as in gzip, eight bytes at a time.

use std::sync::LazyLock;

/// The polynomial of gzip (RFC 1952, section 8), its lowest bit first.
const POLYNOMIAL: u32 = 0xedb8_8320;

/// The share of eight bytes, one table for each. Made at the first use; in the module they would be 8 KB that no
/// compression makes smaller.
static TABLES: LazyLock<[[u32; 256]; 8]> = LazyLock::new(|| {
    let mut tables = [[0; 256]; 8];
    for byte in 0..256 {
        let shift = |sum: u32| if sum & 1 == 1 { sum >> 1 ^ POLYNOMIAL } else { sum >> 1 };
        tables[0][byte as usize] = (0..8).fold(byte, |sum, _| shift(sum));
    }
    for table in 1..8 {
        for byte in 0..256 {
            let before = tables[table - 1][byte];
            tables[table][byte] = before >> 8 ^ tables[0][(before & 0xff) as usize];
        }
    }
    tables
});

/// The checksum of parts, one after another.
pub fn crc32<const PARTS: usize>(parts: [&[u8]; PARTS]) -> u32 {
    !parts.iter().fold(!0, |sum, part| add(sum, part))
}

fn add(mut sum: u32, bytes: &[u8]) -> u32 {
    let tables = &*TABLES;
    let (eights, rest) = bytes.as_chunks::<8>();
    for eight in eights {
        let joined = u64::from_le_bytes(*eight) ^ u64::from(sum);
        sum = (0..8).fold(0, |sum, at| sum ^ tables[7 - at][(joined >> (8 * at) & 0xff) as usize]);
    }
    rest.iter().fold(sum, |sum, byte| sum >> 8 ^ tables[0][((sum ^ u32::from(*byte)) & 0xff) as usize])
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_checksum_of_nine_digits_is_the_published_one() {
        assert_eq!(crc32([b"123456789"]), 0xcbf4_3926);
    }

    proptest! {
        #[test]
        fn it_is_the_checksum_of_gzip(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0..200_usize) {
            let (one, other) = bytes.split_at(cut.min(bytes.len()));
            assert_eq!(crc32([one, other]), crc32fast::hash(&bytes));
        }
    }
}
