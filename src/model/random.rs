//! Randomness as data: a small generator, seeded once at start.

pub mod backoff;

use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// SplitMix64: one word of state, good enough for jitter, never for secrets.
#[derive(Debug, Clone)]
pub struct Random(SplitMix64);

impl Default for Random {
    fn default() -> Random {
        Random::new(0)
    }
}

impl Random {
    /// A generator that gives the same numbers for the same seed, everywhere.
    pub fn new(seed: u64) -> Random {
        Random(SplitMix64::seed_from_u64(seed))
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
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
