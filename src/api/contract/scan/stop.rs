//! Where a run of bytes ends: a string at its quote, at an escape or at a control character, and digits at any other byte.

pub use self::block::{Joined, digits, stop};

/// Bytes that are looked at together.
pub const BLOCK: usize = 16;

/// Fewer bytes than a block are left: one after the other.
#[cold]
#[inline(never)]
fn walk(bytes: &[u8], mut at: usize, goes_on: fn(u8) -> bool) -> usize {
    while bytes.get(at).is_some_and(|byte| goes_on(*byte)) {
        at += 1;
    }
    at
}

fn is_plain(byte: u8) -> bool {
    !matches!(byte, b'"' | b'\\' | 0..=0x1f)
}

/// Sixteen bytes at once by SIMD (Chrome 91, Firefox 89).
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod block {
    use super::{BLOCK, is_plain, walk};
    use core::arch::wasm32::{i8x16_bitmask, i8x16_eq, u8x16_le, u8x16_splat, u8x16_sub, v128, v128_load, v128_or};

    /// Bytes joined by *or*.
    #[derive(Clone, Copy)]
    pub struct Joined(v128);

    impl Joined {
        /// The last block of a message. [`stop`] does not join bytes of a block that is not whole.
        #[inline(always)]
        pub fn last(block: &[u8; BLOCK]) -> Joined {
            Joined(load(block, 0))
        }

        /// Whether one of the bytes is not ASCII.
        #[inline(always)]
        pub fn is_not_ascii(self) -> bool {
            i8x16_bitmask(self.0) != 0
        }
    }

    /// The first place from `at` on that holds `"`, `\` or a byte below 0x20; the end of the bytes if there is none. Every
    /// byte passed is joined to `seen` but for the last of all, and perhaps others.
    #[inline(always)]
    pub fn stop(bytes: &[u8], mut at: usize, seen: &mut Joined) -> usize {
        while at + BLOCK <= bytes.len() {
            let block = load(bytes, at);
            seen.0 = v128_or(seen.0, block);
            let quotes = i8x16_eq(block, u8x16_splat(b'"'));
            let escapes = i8x16_eq(block, u8x16_splat(b'\\'));
            let controls = u8x16_le(block, u8x16_splat(0x1f));
            let stops = i8x16_bitmask(v128_or(v128_or(quotes, escapes), controls));
            if stops != 0 {
                return at + stops.trailing_zeros() as usize;
            }
            at += BLOCK;
        }
        walk(bytes, at, is_plain)
    }

    /// The first place from `at` on that holds no digit.
    #[inline(always)]
    pub fn digits(bytes: &[u8], mut at: usize) -> usize {
        while at + BLOCK <= bytes.len() {
            let others = u8x16_le(u8x16_splat(10), u8x16_sub(load(bytes, at), u8x16_splat(b'0')));
            let others = i8x16_bitmask(others);
            if others != 0 {
                return at + others.trailing_zeros() as usize;
            }
            at += BLOCK;
        }
        walk(bytes, at, |byte| byte.is_ascii_digit())
    }

    /// A block that lies within the bytes.
    #[inline(always)]
    fn load(bytes: &[u8], at: usize) -> v128 {
        debug_assert!(at + BLOCK <= bytes.len());
        // SAFETY: every caller made sure that sixteen bytes are there, and a load may be unaligned.
        unsafe { v128_load(bytes.as_ptr().add(at).cast::<v128>()) }
    }
}

/// Eight bytes at once in one register.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod block {
    use super::{BLOCK, is_plain, walk};

    const BYTES: usize = 8;

    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;

    /// Bytes joined by *or*.
    #[derive(Clone, Copy)]
    pub struct Joined(u64);

    impl Joined {
        /// The last block of a message. [`stop`] does not join bytes of a block that is not whole.
        #[inline(always)]
        pub fn last(block: &[u8; BLOCK]) -> Joined {
            Joined(block.iter().fold(0, |joined, byte| joined | u64::from(*byte)))
        }

        /// Whether one of the bytes is not ASCII.
        #[inline(always)]
        pub fn is_not_ascii(self) -> bool {
            self.0 & HIGH != 0
        }
    }

    /// The first place from `at` on that holds `"`, `\` or a byte below 0x20; the end of the bytes if there is none. Every
    /// byte passed is joined to `seen` but for the last of all, and perhaps others.
    #[inline(always)]
    pub fn stop(bytes: &[u8], mut at: usize, seen: &mut Joined) -> usize {
        while let Some(block) = bytes.get(at..at + BYTES) {
            let mut eight = [0; BYTES];
            eight.copy_from_slice(block);
            let eight = u64::from_le_bytes(eight);
            seen.0 |= eight;
            let stops = stops(eight);
            if stops != 0 {
                return at + stops.trailing_zeros() as usize / 8;
            }
            at += BYTES;
        }
        walk(bytes, at, is_plain)
    }

    /// The stops as the high bits of bytes, exact up to the first.
    #[inline(always)]
    fn stops(bytes: u64) -> u64 {
        let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
        let below = bytes.wrapping_sub(ONES * 0x20) & !bytes & HIGH;
        zero(bytes ^ (ONES * u64::from(b'"'))) | zero(bytes ^ (ONES * u64::from(b'\\'))) | below
    }

    /// The first place from `at` on that holds no digit.
    #[inline(always)]
    pub fn digits(bytes: &[u8], mut at: usize) -> usize {
        while let Some(b'0'..=b'9') = bytes.get(at) {
            at += 1;
        }
        at
    }
}
