//! Randomness as data: a small generator, seeded once at start.

pub mod backoff;

/// SplitMix64 (Steele, Lea and Flood, 2014): one word of state, good enough for jitter, never for secrets.
#[derive(Debug, Clone, Default)]
pub struct Random(u64);

impl Random {
    /// A generator that gives the same numbers for the same seed, everywhere.
    pub const fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A whole number in `low..=high`; the bias of the modulus is below 2⁻³² for the spans used here.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        match high.checked_sub(low) {
            None | Some(0) => low,
            Some(u64::MAX) => self.next_u64(),
            Some(span) => low + self.next_u64() % (span + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_within_their_bounds() {
        let mut random = Random::new(7);
        for _ in 0..1_000 {
            assert!((5..=9).contains(&random.between(5, 9)));
        }
        assert_eq!(random.between(3, 3), 3);
        assert_eq!(random.between(4, 1), 4);
    }
}
