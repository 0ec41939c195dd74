//! Where a run of bytes ends: a string at its quote, at an escape or at a control character, and digits at any other byte.

pub use self::block::{Joined, digits, stop};

/// Sixteen bytes at once by SIMD (Chrome 91, Firefox 89).
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod block {
    use core::arch::wasm32::{
        i8x16_bitmask, i8x16_eq, u8x16_le, u8x16_splat, u8x16_sub, u64x2, v128, v128_load, v128_or,
    };

    const BYTES: usize = 16;

    /// Bytes joined by *or*.
    #[derive(Clone, Copy)]
    pub struct Joined(v128);

    impl Default for Joined {
        fn default() -> Joined {
            Joined(u64x2(0, 0))
        }
    }

    impl Joined {
        /// Whether one of the bytes is not ASCII.
        pub fn is_not_ascii(self) -> bool {
            i8x16_bitmask(self.0) != 0
        }
    }

    /// The first place from `at` on that holds `"`, `\` or a byte below 0x20; the end of the bytes if there is none. Every
    /// byte passed is joined to `seen`, and perhaps others.
    #[inline(always)]
    pub fn stop(bytes: &[u8], at: usize, seen: &mut Joined) -> usize {
        run(bytes, at, |block| {
            seen.0 = v128_or(seen.0, block);
            let quotes = i8x16_eq(block, u8x16_splat(b'"'));
            let escapes = i8x16_eq(block, u8x16_splat(b'\\'));
            let controls = u8x16_le(block, u8x16_splat(0x1f));
            v128_or(v128_or(quotes, escapes), controls)
        })
    }

    /// The first place from `at` on that holds no digit.
    #[inline(always)]
    pub fn digits(bytes: &[u8], at: usize) -> usize {
        let others = |block| u8x16_le(u8x16_splat(10), u8x16_sub(block, u8x16_splat(b'0')));
        run(bytes, at, others)
    }

    /// The first place from `at` on that `ends` marks.
    #[inline(always)]
    fn run(bytes: &[u8], mut at: usize, mut ends: impl FnMut(v128) -> v128) -> usize {
        while at + BYTES <= bytes.len() {
            // SAFETY: sixteen bytes are there, and a load may be unaligned.
            let marks = i8x16_bitmask(ends(unsafe { v128_load(bytes.as_ptr().add(at).cast::<v128>()) }));
            if marks != 0 {
                return at + marks.trailing_zeros() as usize;
            }
            at += BYTES;
        }
        let rest = bytes.len().saturating_sub(at);
        let mut copy = [0; BYTES];
        let block = bytes.last_chunk::<BYTES>().unwrap_or_else(|| {
            copy[BYTES - bytes.len()..].copy_from_slice(bytes);
            &copy
        });
        // SAFETY: as above.
        let marks = i8x16_bitmask(ends(unsafe { v128_load(block.as_ptr().cast::<v128>()) }));
        // The block ends with the bytes; what lies before `at` does not count.
        let marks = u32::from(marks) >> (BYTES - rest);
        at + (marks.trailing_zeros() as usize).min(rest)
    }
}

/// Eight bytes at once in one register.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod block {
    const BYTES: usize = 8;

    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;

    /// Bytes joined by *or*.
    #[derive(Clone, Copy, Default)]
    pub struct Joined(u64);

    impl Joined {
        /// Whether one of the bytes is not ASCII.
        pub fn is_not_ascii(self) -> bool {
            self.0 & HIGH != 0
        }
    }

    /// The first place from `at` on that holds `"`, `\` or a byte below 0x20; the end of the bytes if there is none. Every
    /// byte passed is joined to `seen`.
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
        while let Some(&byte) = bytes.get(at) {
            if matches!(byte, b'"' | b'\\' | 0..=0x1f) {
                break;
            }
            seen.0 |= u64::from(byte);
            at += 1;
        }
        at
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
