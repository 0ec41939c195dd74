//! Servers that limit a rate which others share, and servers that refuse at random.

use crate::dice::Dice;

/// Others change how much they ask for this often.
const SHIFT: u64 = 20_000;

/// One card in the unit of the meter, which each millisecond adds to.
const CARD: u64 = 1_000_000;

/// How a server says how long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// Whole seconds, rounded up.
    Up,
    /// Whole seconds, rounded down: mostly 0.
    Down,
    /// A date that has passed.
    Past,
}

/// A limit that all cards share, and that others may use, too.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    pub per_second: u64,
    /// The size of a bucket; fixed windows of ten seconds where absent.
    pub burst: Option<u64>,
    /// The most that others take of it, in thousandths.
    pub others: u64,
    pub says: Says,
}

/// The limit of a server.
#[derive(Debug, Clone, Copy)]
pub enum Limit {
    None,
    Rate(Rate),
    /// Refuses this share of requests in thousandths, and asks for a wait of a second.
    Random(u32),
}

/// The state of a limit.
#[derive(Debug, Default)]
pub struct Meter {
    level: Option<u64>,
    at: u64,
    window: u64,
    taken: u64,
}

const WINDOW: u64 = 10_000;

/// The backoff of refusals in a row, and the requests around it.
const BACKED_OFF: u64 = 1_000 + 3 * 100;

impl Limit {
    pub fn draw(dice: &mut Dice, crowded: bool) -> Limit {
        let slowest = if crowded { 5 } else { 1 };
        match dice.below(8) {
            0..4 => Limit::None,
            4 | 5 => Limit::Random(dice.pick(&[10, 30, 50, 100])),
            _ => Limit::Rate(Rate {
                per_second: dice.pick(&[slowest, 5, 20, 50]),
                burst: dice.pick(&[None, Some(1), Some(5), Some(50)]),
                others: dice.pick(&[0, 0, 500]),
                says: dice.pick(&[Says::Up, Says::Up, Says::Down, Says::Past]),
            }),
        }
    }

    /// How long each card may take on average, with what refusals cost.
    pub fn time_for_a_card(self) -> u64 {
        match self {
            Limit::None => 100,
            Limit::Random(share) => 100 + 6 * u64::from(share),
            Limit::Rate(rate) => {
                let left = rate.per_second * (1_000 - rate.others);
                // A bucket that saves up nothing punishes everyone who is a moment early, and the network makes gaps
                // between two cards shorter.
                let spaced = if rate.burst == Some(1) { 6 } else { 2 };
                let rated = 100 + spaced * 1_000_000 / left;
                // Two refusals that ask for no wait back off for a second: one card for that and three round trips.
                let unsaid = rate.burst == Some(1) && rate.says != Says::Up;
                if unsaid { rated.max(BACKED_OFF) } else { rated }
            }
        }
    }
}

impl Meter {
    /// Counts a card. Says how long to wait where the limit is reached.
    pub fn ask(&mut self, rate: Rate, now: u64) -> Option<u64> {
        let others = rate.others * (now / SHIFT % 3) / 2;
        let left = rate.per_second * (1_000 - others);
        let Some(burst) = rate.burst else {
            let window = now / WINDOW;
            if window != self.window {
                (self.window, self.taken) = (window, 0);
            }
            if self.taken * 1_000 >= left * (WINDOW / 1_000) {
                return Some((window + 1) * WINDOW - now);
            }
            self.taken += 1;
            return None;
        };
        let full = burst * CARD;
        let level = (self.level.unwrap_or(full) + (now - self.at) * left).min(full);
        self.at = now;
        self.level = Some(level);
        if level < CARD {
            return Some((CARD - level).div_ceil(left));
        }
        self.level = Some(level - CARD);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_what_it_saved_and_then_its_rate() {
        let rate = Rate { per_second: 5, burst: Some(3), others: 0, says: Says::Up };
        let mut meter = Meter::default();
        let waits: Vec<Option<u64>> = (0..4).map(|_| meter.ask(rate, 0)).collect();
        assert_eq!(waits, [None, None, None, Some(200)]);
        assert_eq!((meter.ask(rate, 199), meter.ask(rate, 200)), (Some(1), None));
    }

    #[test]
    fn a_window_is_full_until_the_next_begins() {
        let rate = Rate { per_second: 1, burst: None, others: 0, says: Says::Up };
        let mut meter = Meter::default();
        assert!((0..10).all(|_| meter.ask(rate, 3_000).is_none()));
        assert_eq!((meter.ask(rate, 3_000), meter.ask(rate, 10_000)), (Some(7_000), None));
    }
}
