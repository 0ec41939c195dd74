//! How fast cards may go to a server that limits their rate: learnt from what it takes and refuses (429).
//!
//! A server that never refuses is not paced; only the window of requests in flight opens step by step. A refusal brackets
//! the server's rate, in whatever way it counts (a token bucket, a fixed or a sliding window):
//!
//! - it is at least what was taken since the refusal before, the wait included: a bucket cannot have gained more;
//! - it is at most the pace at which the refusal came.
//!
//! The window falls back to one request. After the wait, cards go at a pace within the bracket that rises to its upper end, stays there, and, long unrefused,
//! tries more. Each refusal narrows the bracket, and each plateau is longer than the one before. A refusal that came
//! while cards were due one by one, or that would make the limit less than 0.7 cards/s, says little (a server may refuse for
//! other reasons than the rate): the pace that follows it doubles within two cards.
//!
//! The tests drive this against models of servers in virtual time. At R cards/s and up to 20 ms there and back, N cards
//! that are due at once are all taken within 1.10 × N/R (plus one wait where N/R is 20 s or less), and under 5 % of the
//! requests are refused where N is at least 40; fewer cards cannot do with that, for one or two refusals are needed to
//! learn anything. From 80 ms on, requests in flight together are refused together: up to 1.30 × N/R, and 5 % from 120
//! cards on. Where a server saves up nothing (a bucket of one card), each refusal costs its whole wait: up to 2.5 × N/R.
//!
//! What was learnt and how far the rise has come are noted with the commit that closes a card, so that a worker that lives
//! for seconds takes part in one rise instead of beginning its own: killed each 3 to 5 s, they need up to 1.25 × N/R.

use serde::{Deserialize, Serialize};

use super::time::Millis;

/// The most requests in flight at once.
pub const MOST_IN_FLIGHT: u32 = 4;

/// So many cards taken open the window by one.
const CARDS_PER_STEP: u32 = 3;

/// Before any refusal, the window also needs so much time to open by one: a server that answers fast is not asked four
/// times at once when its limit is met.
const TIME_PER_STEP: Millis = Millis(150);

/// A pause of this length starts a new spell: what came before says nothing about the server's present allowance.
const PAUSE: Millis = Millis(1_000);

/// After so long without a refusal, the bracket is forgotten.
const FORGET: Millis = Millis::from_secs(3_600);

/// Timers fire late; up to so much is made good, so that the pace is kept on average.
const LATENESS: f64 = 25.0;

/// A longer wait than this is a penalty, not the time in which the server counts.
const LONGEST_COUNTED_WAIT: Millis = Millis::from_secs(60);

/// The slowest pace, in cards per millisecond: one in ten seconds.
const SLOWEST: f64 = 0.000_1;

/// A limit below this, in cards per millisecond, is less likely than a refusal for another reason.
const UNLIKELY: f64 = 0.000_7;

/// No browser sends faster.
const FASTEST: f64 = 100.0;

/// A pace that has grown to less than so many milliseconds between two requests is none any more.
const SHORTEST_GAP: f64 = 1.0;

/// The rise to the upper end takes at least so many milliseconds, and at most …
const SHORTEST_RISE: f64 = 8_000.0;

/// … so many; in between, twice as long as it took from the latest wait to the refusal.
const LONGEST_RISE: f64 = 30_000.0;

/// It takes at least so many cards, too, so that few of them are refused where the pace is slow.
const CARDS_PER_RISE: f64 = 30.0;

/// Where the pace is so slow that it is hardly the server's, fewer do.
const CARDS_PER_SLOW_RISE: f64 = 10.0;

/// Refusals with nothing taken between slow the pace; more than so many make it no slower.
const MOST_FRUITLESS: u32 = 3;

/// How far below the upper end of the bracket the plateau lies: room for jitter.
const MARGIN: f64 = 0.98;

/// A worker that comes after a longer time than this finds a server that may have changed its mind.
const LONGEST_INTERRUPTION: Millis = Millis::from_mins(1);

/// What was learnt, how far the rise has come, and the wait in force. It survives the worker: see [`Pace::resume`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Pace {
    hold_until: Millis,
    bracket: Option<Bracket>,
    progress: Progress,
    spell: Spell,
    /// Milliseconds; the next request is due then. Fractions matter: at 100 cards/s they are a tenth of the pace.
    due: f64,
    /// When something last happened, as far as this knows.
    as_of: Millis,
    /// Nothing was sent yet since it was read back.
    #[serde(skip)]
    resumed: bool,
}

/// What the server's rate lies between, in cards per millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bracket {
    low: f64,
    high: f64,
    /// How long the rise to the upper end takes, in milliseconds; the plateau is as long again.
    rise: f64,
    /// The lower end lies between two refusals, so that nothing the server had saved up before is in it.
    measured: bool,
    /// What the first refusal showed of the server.
    shown: Shown,
    /// When it was last narrowed.
    at: Millis,
}

/// What the first refusal showed of the way in which the server counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Shown {
    /// It takes several at once.
    Bursts,
    /// It took one and refused the second, which says next to nothing about its rate.
    Nothing,
    /// As [`Shown::Nothing`]; the rate was found by trying since.
    Spacing,
    /// It refused while cards came due one by one: whatever it counts, it was not asked for all that it takes.
    Little,
}

/// How far the pace has risen since the last refusal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Progress {
    /// The time in which cards were sent.
    sending: Millis,
    /// Requests that the pace held back.
    held_back: u32,
}

/// What happened since the last refusal or pause.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spell {
    /// When it began: at the refusal, or with the first request after a pause.
    from: Millis,
    /// Whether it began with a refusal; the wait after it counts then.
    refused: bool,
    /// Its first request.
    first_sent: Millis,
    last_sent: Millis,
    sent: u32,
    /// Requests that had waited for the pace, or for an answer to the one before.
    pressed: u32,
    accepted: u32,
    /// Those taken in the spell that the refusal ended.
    #[serde(skip)]
    accepted_before: u32,
    /// Requests that may have been taken without a worker's living to hear of it.
    unheard: u32,
    /// The time in which cards would have been sent, had a worker been there.
    idle: Millis,
    /// Refusals with nothing taken between.
    fruitless: u32,
}

impl Pace {
    /// The earliest instant at which the next request may start.
    pub fn next_send(&self, _now: Millis) -> Millis {
        self.hold_until.max(Millis(self.due.ceil() as u64))
    }

    /// How many requests may be in flight: 1 to [`MOST_IN_FLIGHT`].
    pub fn window(&self) -> u32 {
        let by_cards = self.spell.accepted / CARDS_PER_STEP;
        let by_time = self.spell.last_sent.since(self.spell.first_sent).0 / TIME_PER_STEP.0;
        let open = if self.bracket.is_none() { u64::from(by_cards).min(by_time) } else { u64::from(by_cards) };
        1 + u32::try_from(open).unwrap_or(MOST_IN_FLIGHT).min(MOST_IN_FLIGHT - 1)
    }

    /// Until when the server asked to wait; zero where it never did.
    pub fn hold_until(&self) -> Millis {
        self.hold_until
    }

    /// Whether the server has shown anything of its rate.
    pub fn has_learnt(&self) -> bool {
        self.bracket.is_some()
    }

    /// Goes on with what was read back; no wait lasts longer than `longest_wait`.
    ///
    /// It was written when an answer came, so requests may have been sent since: those unanswered then may have been
    /// taken. The time without a worker counts as the server's, which may save up meanwhile, but not as one in which cards were
    /// sent: it is in the span that the lower end is told from, and in nothing else.
    pub fn resume(&mut self, now: Millis, longest_wait: Millis) {
        if self.as_of > now {
            // Written by a clock that was ahead of this one: it says how long after it things were, but not when it was.
            let ahead = self.as_of.since(now);
            self.hold_until = self.hold_until.since(ahead);
            self.due -= ahead.0 as f64;
            self.spell = Spell { fruitless: self.spell.fruitless, ..Spell::default() };
        }
        self.as_of = self.as_of.min(now);
        self.hold_until = self.hold_until.min(now.plus(longest_wait));
        self.bracket = self.bracket.filter(Bracket::is_possible).filter(|bracket| now.since(bracket.at) < FORGET);
        if let Some(bracket) = &mut self.bracket {
            bracket.at = bracket.at.min(now);
        }
        self.spell.fruitless = self.spell.fruitless.min(MOST_FRUITLESS);
        if !self.spell.is_possible(self.as_of) {
            self.spell = Spell { fruitless: self.spell.fruitless, ..Spell::default() };
        }
        // Answers may have come to what an earlier spell sent.
        self.spell.accepted = self.spell.accepted.min(self.spell.sent);
        self.spell.unheard = self.spell.sent.saturating_sub(self.spell.accepted);
        let latest_due = (self.hold_until.0 as f64).max(now.0 as f64 + self.gap());
        self.due = if self.due.is_finite() { self.due.clamp(0.0, latest_due) } else { latest_due };
        self.resumed = true;
    }

    /// A request starts.
    pub fn on_sent(&mut self, now: Millis) {
        let instant = now.0 as f64;
        let gap = self.gap();
        let held_back = instant < self.due + gap.max(1.0);
        let since_last = now.since(self.spell.last_sent);
        let mut idle = Millis::ZERO;
        let ended = if std::mem::take(&mut self.resumed) {
            idle = now.since(self.as_of.max(self.next_send(now)));
            idle > LONGEST_INTERRUPTION
        } else {
            self.spell.sent > 0 && since_last > PAUSE.max(Millis(2 * gap as u64)) && !held_back
        };
        if ended || self.spell.from == Millis::ZERO {
            self.spell = Spell { from: now, fruitless: self.spell.fruitless, ..Spell::default() };
            self.progress = Progress::default();
            self.bracket = self.bracket.filter(|bracket| now.since(bracket.at) < FORGET);
            idle = Millis::ZERO;
        }
        if self.spell.sent == 0 {
            self.spell.first_sent = now;
        } else {
            self.progress.sending = self.progress.sending.plus(since_last.since(idle));
        }
        self.spell.idle = self.spell.idle.plus(idle);
        self.spell.last_sent = now;
        self.spell.sent = self.spell.sent.saturating_add(1);
        let held_back = held_back && self.bracket.is_some();
        self.spell.pressed = self.spell.pressed.saturating_add(u32::from(held_back || self.as_of == now));
        self.progress.held_back = self.progress.held_back.saturating_add(u32::from(held_back));
        self.bracket = self.bracket.filter(|bracket| !bracket.grows() || self.gap() >= SHORTEST_GAP);
        self.due = self.due.max(instant - LATENESS) + self.gap();
        self.as_of = now;
    }

    /// The server took a card, or had it.
    pub fn on_accepted(&mut self, now: Millis) {
        self.as_of = self.as_of.max(now);
        if self.spell.sent > 0 {
            self.spell.accepted = self.spell.accepted.saturating_add(1);
            self.spell.fruitless = self.spell.fruitless.saturating_sub(1);
        } else if let Some(bracket) = self.bracket.as_mut().filter(|_| self.spell.accepted_before > 0) {
            // It was taken before the refusal, and its answer overtaken.
            let more = 1.0 + 1.0 / f64::from(self.spell.accepted_before);
            self.spell.accepted_before = self.spell.accepted_before.saturating_add(1);
            bracket.low *= more;
            bracket.high = if bracket.measured { bracket.high.max(bracket.low) } else { bracket.high * more };
        }
    }

    /// The server refused one (429) and asks to wait. A shorter wait never shortens one in force.
    pub fn on_limited(&mut self, now: Millis, wait: Millis) {
        self.as_of = self.as_of.max(now);
        self.hold_until = self.hold_until.max(now.plus(wait));
        // Those that were in flight together are refused together: one refusal.
        if self.spell.sent > 0 {
            let fruitless = if self.spell.accepted == 0 {
                (self.spell.fruitless + 1).min(MOST_FRUITLESS)
            } else {
                self.bracket = Some(self.narrowed(now, wait));
                0
            };
            let accepted_before = self.spell.accepted;
            self.spell = Spell { from: now, refused: true, fruitless, accepted_before, ..Spell::default() };
            self.progress = Progress::default();
        }
        self.due = self.hold_until.0 as f64;
    }

    /// The bracket after a refusal in a spell in which cards were taken.
    fn narrowed(&self, now: Millis, wait: Millis) -> Bracket {
        let spell = &self.spell;
        let accepted = f64::from(spell.accepted);
        let wait = wait.min(LONGEST_COUNTED_WAIT).0 as f64;
        let sending = now.since(spell.first_sent).0.max(1) as f64;
        let waited = if spell.refused { spell.first_sent.since(spell.from).0 as f64 } else { wait };
        let span = sending + waited;
        let low = (accepted / span).max(SLOWEST);
        let Some(before) = &self.bracket else {
            let shown = match spell.accepted {
                _ if !spell.was_pressed() => Shown::Little,
                1 => Shown::Nothing,
                _ => Shown::Bursts,
            };
            let high = low.max(accepted / sending.max(wait));
            return Bracket { low, high, rise: SHORTEST_RISE, measured: spell.refused, shown, at: now };
        };
        let refused_at = (1.0 / self.gap()).min(FASTEST);
        // The upper end of one that grows is where it began, and says nothing once it has grown.
        let begun = before.grows() && before.shown != Shown::Nothing;
        let mut high = if begun { refused_at } else { before.high.min(refused_at) };
        if before.shown == Shown::Bursts && spell.refused && spell.was_pressed() {
            // What was saved up during the wait let the pace be too high for a while; half a card for what a whole
            // number leaves out.
            let most = accepted + f64::from(spell.unheard) + 0.5;
            high = high.min((1.25 * low).max(most / (span - spell.idle.0 as f64).max(1.0)));
        }
        let kept = if before.measured && spell.refused { low.max(before.low) } else { low };
        // Ends that have crossed say that the server's rate has changed.
        let (low, high) = if kept <= high { (kept, high) } else { (low, low.max(refused_at)) };
        let shown = match before.shown {
            Shown::Little if !spell.was_pressed() => Shown::Little,
            Shown::Little | Shown::Bursts => Shown::Bursts,
            Shown::Nothing | Shown::Spacing => Shown::Spacing,
        };
        let rise = (2.0 * self.progress.sending.0 as f64).clamp(SHORTEST_RISE, LONGEST_RISE);
        Bracket { low, high, rise, measured: spell.refused, shown, at: now }
    }

    /// Milliseconds between two requests at present; none while the server has refused nothing.
    fn gap(&self) -> f64 {
        let Some(bracket) = &self.bracket else { return 0.0 };
        let start = (bracket.low + 2.0 * bracket.high) / 3.0 * MARGIN;
        let Progress { sending, held_back } = self.progress;
        let rate = if bracket.grows() {
            (0..held_back.min(40)).fold(start, |rate, _| rate * 1.5)
        } else {
            let cards = if bracket.is_unlikely() { CARDS_PER_SLOW_RISE } else { CARDS_PER_RISE };
            let rises = (sending.0 as f64 / bracket.rise).min(f64::from(held_back) / cards);
            let beyond = (rises - 2.0).max(0.0);
            let plateau = start + (bracket.high * MARGIN - start).max(0.0) * rises.min(1.0);
            plateau * (1.0 + 0.1 * beyond * beyond * beyond)
        };
        f64::from(1 + self.spell.fruitless) / rate.max(SLOWEST)
    }
}

impl Bracket {
    /// Whether it says so little that each card that waits for the pace makes it faster by half.
    fn grows(&self) -> bool {
        match self.shown {
            Shown::Nothing | Shown::Little => true,
            Shown::Bursts => self.is_unlikely() && !self.measured,
            Shown::Spacing => false,
        }
    }

    /// Whether it is so slow that what refused may well have been something else than a limit.
    fn is_unlikely(&self) -> bool {
        self.high < UNLIKELY
    }

    /// Whether it can have been learnt from any server: what was read back is believed no further.
    fn is_possible(&self) -> bool {
        (SLOWEST..=FASTEST).contains(&self.low)
            && (self.low..=FASTEST).contains(&self.high)
            && (SHORTEST_RISE..=LONGEST_RISE).contains(&self.rise)
    }
}

impl Spell {
    /// Whether cards waited most of the time, so that it was the server and not want of cards that set the rate.
    fn was_pressed(&self) -> bool {
        self.pressed.saturating_mul(2) >= self.sent
    }

    /// Whether it can have happened until then.
    fn is_possible(&self, until: Millis) -> bool {
        let order = [self.from, self.first_sent, self.last_sent, until];
        let (sent, unsent) = (self.sent > 0, self.first_sent == Millis::ZERO && self.last_sent == Millis::ZERO);
        self.idle <= until.since(self.from) && if sent { order.is_sorted() } else { unsent && self.from <= until }
    }
}

#[cfg(test)]
#[path = "pace/bench.rs"]
mod bench;
#[cfg(test)]
#[path = "pace/tests.rs"]
mod tests;
