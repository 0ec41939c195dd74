//! Where a run of bytes ends: a string at its quote, at an escape or at a control character, and digits at any other byte.

pub use self::block::{Joined, Marks, Window, digits, stop, stop_within};

/// Bytes that are looked at together.
pub const BLOCK: usize = 16;

/// Sixteen bytes at once by SIMD (Chrome 91, Firefox 89).
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod block {
    use super::BLOCK;
    use core::arch::wasm32::{
        i8x16_bitmask, i8x16_eq, i8x16_splat, u8x16_max, u8x16_sub, v128, v128_and, v128_load, v128_or,
    };
    use std::hint::black_box;

    /// What bytes are compared with, in memory: Chromium builds a constant of sixteen bytes again for each comparison,
    /// in three instructions.
    pub struct Marks {
        quote: [u8; BLOCK],
        escape: [u8; BLOCK],
        /// The bits that a control character has none of.
        printed: [u8; BLOCK],
        zero: [u8; BLOCK],
        nine: [u8; BLOCK],
    }

    static MARKS: Marks = Marks {
        quote: [b'"'; BLOCK],
        escape: [b'\\'; BLOCK],
        printed: [0xe0; BLOCK],
        zero: [b'0'; BLOCK],
        nine: [9; BLOCK],
    };

    impl Marks {
        /// The marks; the compiler must not know which ones.
        #[inline(always)]
        pub fn get() -> &'static Marks {
            black_box(&MARKS)
        }

        /// The bytes that end a run of plain ones, as bits.
        #[inline(always)]
        fn stops(&self, block: v128) -> u32 {
            let quotes = i8x16_eq(block, load(&self.quote, 0));
            let escapes = i8x16_eq(block, load(&self.escape, 0));
            let controls = i8x16_eq(v128_and(block, load(&self.printed, 0)), i8x16_splat(0));
            u32::from(i8x16_bitmask(v128_or(v128_or(quotes, escapes), controls)))
        }
    }

    /// Bytes joined by *or*.
    #[derive(Clone, Copy)]
    pub struct Joined(v128);

    impl Joined {
        /// The last block of a message, where there is one. [`stop`] does not join bytes of a block that is not whole.
        #[inline(always)]
        pub fn last(bytes: &[u8]) -> Option<Joined> {
            Some(Joined(load(bytes, bytes.len().checked_sub(BLOCK)?)))
        }

        /// Whether one of the bytes is not ASCII.
        #[inline(always)]
        pub fn is_not_ascii(self) -> bool {
            i8x16_bitmask(self.0) != 0
        }
    }

    /// The first place from `at` on that holds `"`, `\` or a byte below 0x20; the end of the bytes if there is none. Every
    /// byte passed is joined to `seen` but for the last of all, and perhaps others. There are sixteen bytes at least.
    #[inline(always)]
    pub fn stop(bytes: &[u8], mut at: usize, marks: &Marks, seen: &mut Joined) -> usize {
        while at + BLOCK <= bytes.len() {
            let block = load(bytes, at);
            seen.0 = v128_or(seen.0, block);
            let stops = marks.stops(block);
            if stops != 0 {
                return at + stops.trailing_zeros() as usize;
            }
            at += BLOCK;
        }
        rest(bytes, at, marks)
    }

    /// Bytes that a window shows.
    const WIDTH: usize = 64;

    /// The stops of some bytes as bits. Short strings that follow each other end in one window, which is quicker than
    /// a load for each: the next load waits until the place of the last stop is known.
    #[derive(Clone, Copy, Default)]
    pub struct Window {
        first: usize,
        stops: u64,
    }

    /// As [`stop`], with a window that goes from string to string.
    #[inline(always)]
    pub fn stop_within(bytes: &[u8], mut at: usize, marks: &Marks, seen: &mut Joined, window: &mut Window) -> usize {
        let inside = at - window.first;
        if inside < WIDTH {
            let stops = window.stops >> inside;
            if stops != 0 {
                return at + stops.trailing_zeros() as usize;
            }
        }
        while at + WIDTH <= bytes.len() {
            let (a, b) = (load(bytes, at), load(bytes, at + BLOCK));
            let (c, d) = (load(bytes, at + 2 * BLOCK), load(bytes, at + 3 * BLOCK));
            seen.0 = v128_or(v128_or(seen.0, v128_or(a, b)), v128_or(c, d));
            let low = marks.stops(a) | marks.stops(b) << 16;
            let high = marks.stops(c) | marks.stops(d) << 16;
            let stops = u64::from(low) | u64::from(high) << 32;
            if stops != 0 {
                *window = Window { first: at, stops };
                return at + stops.trailing_zeros() as usize;
            }
            at += WIDTH;
        }
        stop(bytes, at, marks, seen)
    }

    /// Fewer bytes than a block are left: the last block without those before `at`.
    #[inline(never)]
    fn rest(bytes: &[u8], at: usize, marks: &Marks) -> usize {
        let Some(first) = bytes.len().checked_sub(BLOCK) else { return bytes.len() };
        let stops = marks.stops(load(bytes, first)).unbounded_shr((at - first) as u32);
        (at + stops.trailing_zeros() as usize).min(bytes.len())
    }

    /// The first place from `at` on that holds no digit.
    #[inline(always)]
    pub fn digits(bytes: &[u8], mut at: usize, marks: &Marks) -> usize {
        let nine = load(&marks.nine, 0);
        while at + BLOCK <= bytes.len() {
            let digits = i8x16_eq(u8x16_max(u8x16_sub(load(bytes, at), load(&marks.zero, 0)), nine), nine);
            let others = !u32::from(i8x16_bitmask(digits));
            if others != 0xffff_0000 {
                return at + others.trailing_zeros() as usize;
            }
            at += BLOCK;
        }
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
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
    use super::BLOCK;

    const BYTES: usize = 8;

    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;

    /// What bytes are compared with: constants here.
    pub struct Marks;

    impl Marks {
        /// The marks.
        pub fn get() -> &'static Marks {
            &Marks
        }
    }

    /// Bytes joined by *or*.
    #[derive(Clone, Copy)]
    pub struct Joined(u64);

    impl Joined {
        /// The last block of a message, where there is one. [`stop`] does not join bytes of a block that is not whole.
        #[inline(always)]
        pub fn last(bytes: &[u8]) -> Option<Joined> {
            let block = bytes.last_chunk::<BLOCK>()?;
            Some(Joined(block.iter().fold(0, |joined, byte| joined | u64::from(*byte))))
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
    pub fn stop(bytes: &[u8], mut at: usize, _: &Marks, seen: &mut Joined) -> usize {
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
        while bytes.get(at).is_some_and(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1f)) {
            at += 1;
        }
        at
    }

    /// Shows nothing here.
    #[derive(Clone, Copy, Default)]
    pub struct Window {}

    /// As [`stop`].
    #[inline(always)]
    pub fn stop_within(bytes: &[u8], at: usize, marks: &Marks, seen: &mut Joined, _: &mut Window) -> usize {
        stop(bytes, at, marks, seen)
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
    pub fn digits(bytes: &[u8], mut at: usize, _: &Marks) -> usize {
        while let Some(b'0'..=b'9') = bytes.get(at) {
            at += 1;
        }
        at
    }
}
