//! The one backoff: `d = min(30 s, 1 s · 2^attempt)`, then uniform in `[d, 1.5 d]`.

use crate::model::random::Random;
use crate::model::time::Millis;

const FIRST: Millis = Millis(1_000);

/// The longest base delay of the stream and of cards, before jitter.
pub const CAP: Millis = Millis(30_000);

/// The delay before the next try, `attempt` counted from 0.
pub fn delay(attempt: u32, random: &mut Random) -> Millis {
    delay_up_to(CAP, attempt, random)
}

/// [`delay`] with a cap of the caller's.
pub fn delay_up_to(cap: Millis, attempt: u32, random: &mut Random) -> Millis {
    let base = FIRST.0.checked_shl(attempt.min(32)).map_or(cap.0, |delay| delay.min(cap.0));
    Millis(random.between(base, base + base / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_delay_lies_between_its_base_and_half_as_much_again() {
        let mut random = Random::new(1);
        for (attempt, base) in [(0, 1_000), (1, 2_000), (4, 16_000), (5, 30_000), (31, 30_000), (u32::MAX, 30_000)] {
            for _ in 0..200 {
                let delay = delay(attempt, &mut random).0;
                assert!((base..=base + base / 2).contains(&delay), "attempt {attempt}: {delay}");
            }
        }
    }

    #[test]
    fn the_jitter_reaches_both_ends() {
        let mut random = Random::new(2);
        let delays: Vec<u64> = (0..2_000).map(|_| delay(0, &mut random).0).collect();
        assert!(delays.iter().any(|delay| *delay < 1_010) && delays.iter().any(|delay| *delay > 1_490));
    }
}
