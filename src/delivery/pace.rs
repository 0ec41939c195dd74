//! How fast cards go to a server that refuses some of them with 429.
//!
//! The measure is a plain client: the client holds the destination for `Retry-After`, falls back to one request in
//! flight, and opens again as cards are taken. A pace may save refusals, but it may never cost time. So nothing is
//! believed that the plain client would not have shown, and each belief is tried again within seconds:
//!
//! - A refusal counts as one of our rate only if cards waited behind it all the time since the refusal before. Only
//!   then would the server have refused because of us.
//! - Two such refusals in a row after about the same number of cards suggest a limit ([`quota`], [`spacing`]). A third
//!   cycle tests it: the next card after that number must be refused.
//! - A confirmed limit is kept by waiting instead of being refused, and is tested again each 3.5 to 7 s.
//! - A server whose refusals follow no number of cards gets four requests at once again after three cards taken. The
//!   plain client needs nine, and a refusal that comes anyway costs no less later.
//! - A few more cards taken than the limit allows refute the limit at once. So does a first test without a refusal, a gap
//!   that the server refuses after it took the gap, and a limit of a few cards that comes too early twice. Each
//!   refutation asks for one more agreeing cycle the next time, because a server that refuses at random agrees with
//!   itself now and then.
//! - Three cycles in a row that end in the widest window suggest that the server takes fewer requests at once
//!   ([`ceiling`]). A refusal below that number refutes this.
//!
//! `pace/tests.rs` holds this against the plain client in virtual time, for every kind of server in the contract.
//!
//! Everything learnt is stored with the commit that closes a card, because a worker may live for seconds only.

mod ceiling;
mod quota;
mod spacing;

use self::ceiling::Ceiling;
use self::quota::Quota;
use self::spacing::Spacing;
use crate::model::json::{FromJson, ToJson};
use crate::model::time::Millis;

/// The most requests in flight at once, those that hang not counted.
pub const MOST_IN_FLIGHT: u32 = 4;

/// Cards taken that open the window by one request.
const CARDS_PER_STEP: u32 = 3;

/// Busy cycles in a row that do not agree: refusals do not depend on our rate, so a narrow window spares none.
const DISORDER: u32 = 2;

/// Busy cycles in a row that the widest window ended: fewer requests side by side may be taken.
const CROWDED: u32 = 3;

/// A server that took fewer cards and refused none is not known yet: its first refusal shall hit one request.
const KNOWN_AFTER: u32 = 12;

/// Such a server gets its next request when the one before is answered, or when its turn has come. The turns come this
/// long apart from the first request on: a server that answers slowly is not served one by one, and neither is a fast
/// one where this worker is kept busy.
const FIRST_SPACING: Millis = Millis(10);

/// The agreeing cycles that suggest a limit where none was refuted before.
const AGREEING: u32 = 2;

/// Cycles that take no more cards than this agree by chance so often that one more must agree.
const LIKELY_BY_CHANCE: u32 = 4;

/// The most further cycles that refuted limits ask for.
const MOST_DOUBT: u32 = 3;

/// A server that takes more cards in one go refuses so rarely that waiting saves nothing, and a wait may cost time.
const LARGEST_QUOTA: u32 = 25;

/// Refusals in a row with nothing taken between that may be of one card.
const FRUITLESS: u32 = 3;

/// The first backoff of refusals in a row with nothing taken between; it doubles.
const FIRST_BACKOFF: Millis = Millis::from_secs(1);

/// The longest such backoff: a server that recovers must not find us asleep.
const LONGEST_BACKOFF: Millis = Millis::from_secs(5);

/// The limit of a server as far as it is known, and the wait that the server asked for. A new worker resumes both: see
/// [`Pace::resume`].
#[derive(Debug, Clone, Default, PartialEq, ToJson, FromJson)]
#[serde(default, rename_all = "camelCase")]
pub struct Pace {
    hold_until: Millis,
    /// Refusals in a row with nothing taken between.
    fruitless: u32,
    cycle: Cycle,
    /// Busy cycles in a row that took about the same number of cards.
    agreeing: Agreement,
    /// Busy cycles in a row that took another number of cards than the one before, up to [`DISORDER`].
    disorder: u32,
    /// Busy cycles in a row whose refusal came in the widest window.
    crowded: u32,
    /// Limits that were refuted since one was confirmed.
    doubt: u32,
    limit: Option<Limit>,
    ceiling: Ceiling,
}

/// A limit of the server, as far as its refusals show it.
#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
#[serde(rename_all = "camelCase")]
enum Limit {
    Quota(Quota),
    Spacing(Spacing),
}

/// The requests and answers since the last refusal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ToJson, FromJson)]
#[serde(default, rename_all = "camelCase")]
struct Cycle {
    /// When the refusal was that began it; zero for the first one.
    refused_at: Millis,
    first_sent: Millis,
    sent: u32,
    accepted: u32,
    /// A request of it did not wait for us.
    slack: bool,
    /// A worker died in it, or something else than the limit stopped the cards: it says nothing of a rate.
    interrupted: bool,
    /// The widest window in which a request of it was sent.
    widest: u32,
}

/// Busy cycles in a row that took about the same number of cards.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ToJson, FromJson)]
#[serde(default, rename_all = "camelCase")]
struct Agreement {
    cycles: u32,
    latest: u32,
    fewest: u32,
}

impl Agreement {
    /// Whether many more cards go before the next refusal would come, so that the window need not open step by step.
    fn is_far_from_refusal(&self, accepted: u32) -> bool {
        self.latest > LARGEST_QUOTA && accepted.saturating_add(MOST_IN_FLIGHT) < self.latest
    }

    /// Whether the next refusal would come about now. It is asked for with one request, not with several: those that
    /// are in flight already must be answered before.
    fn expects_refusal_after(&self, accepted: u32) -> bool {
        let ahead = if self.latest > LARGEST_QUOTA { MOST_IN_FLIGHT } else { 1 };
        self.latest > 2 && accepted.saturating_add(ahead) >= self.latest && accepted <= self.latest.saturating_add(1)
    }

    fn add(&mut self, cards: u32) {
        let agrees = self.latest.abs_diff(cards) <= self.latest.max(cards) / 4;
        let (cycles, fewest) = if self.cycles > 0 && agrees { (self.cycles, self.fewest) } else { (0, cards) };
        *self = Agreement { cycles: cycles.saturating_add(1), latest: cards, fewest: fewest.min(cards) };
    }
}

impl Pace {
    /// The earliest instant at which the next request may start, beside those `in_flight`.
    pub fn next_send(&self, now: Millis, in_flight: usize) -> Millis {
        let allowed = match &self.limit {
            Some(Limit::Quota(quota)) => quota.next_send(now),
            Some(Limit::Spacing(spacing)) => spacing.next_send(),
            None if !self.is_known() && in_flight > 0 => self.cycle.next_turn(),
            None => Millis::ZERO,
        };
        self.hold_until.max(allowed)
    }

    /// How many requests may be in flight: 1 to [`MOST_IN_FLIGHT`].
    pub fn window(&self) -> u32 {
        let single = match &self.limit {
            Some(Limit::Quota(quota)) => quota.wants_single_requests(),
            Some(Limit::Spacing(_)) => true,
            None => self.agreeing.expects_refusal_after(self.cycle.accepted),
        };
        let far = !self.was_refused() || self.agreeing.is_far_from_refusal(self.cycle.accepted);
        let far = far || self.disorder >= DISORDER && self.cycle.accepted >= CARDS_PER_STEP;
        let opened = if far { MOST_IN_FLIGHT } else { 1 + self.cycle.accepted / CARDS_PER_STEP };
        if single { 1 } else { opened.min(self.ceiling.most()) }
    }

    /// Until when the server asked to wait; zero where it never did.
    pub fn hold_until(&self) -> Millis {
        self.hold_until
    }

    /// Nothing is sent before then.
    pub fn wait_until(&mut self, at: Millis) {
        self.hold_until = self.hold_until.max(at);
    }

    /// Something else than the limit stops the cards: how long the cycle lasts says nothing of the limit.
    pub fn interrupt(&mut self) {
        self.cycle.interrupted = true;
    }

    /// Whether the server has refused a card that this remembers.
    pub fn was_refused(&self) -> bool {
        self.cycle.refused_at > Millis::ZERO
    }

    /// Whether it is known how the server takes several requests at once.
    fn is_known(&self) -> bool {
        self.was_refused() || self.cycle.accepted >= KNOWN_AFTER
    }

    /// Whether nothing was taken since the latest refusal.
    pub fn was_refused_last(&self) -> bool {
        self.was_refused() && self.cycle.accepted == 0
    }

    /// Whether nothing was sent since the latest refusal.
    fn was_refused_now(&self) -> bool {
        self.cycle.sent == 0
    }

    /// Whether [`FRUITLESS`] refusals followed each other with nothing taken between: they may be of one card.
    pub fn is_fruitless(&self) -> bool {
        self.fruitless >= FRUITLESS
    }

    /// Goes on with what was read back; no wait lasts longer than `longest_wait`.
    pub fn resume(&mut self, now: Millis, longest_wait: Millis) {
        self.hold_until = self.hold_until.min(now.plus(longest_wait));
        self.cycle.refused_at = self.cycle.refused_at.min(now);
        self.cycle.first_sent = self.cycle.first_sent.min(now);
        self.cycle.interrupted = true;
        self.doubt = self.doubt.min(MOST_DOUBT);
        self.disorder = self.disorder.min(DISORDER);
        self.ceiling.resume(now);
        self.limit = self.limit.take().and_then(|limit| match limit {
            Limit::Quota(quota) => quota.resumed(now).map(Limit::Quota),
            Limit::Spacing(spacing) => spacing.resumed(now).map(Limit::Spacing),
        });
    }

    /// A request starts. `pressed` says that its card waited for us, or that others wait behind it.
    pub fn on_sent(&mut self, now: Millis, pressed: bool) {
        if self.cycle.sent == 0 {
            self.cycle.first_sent = now;
        }
        self.cycle.slack |= !pressed;
        self.cycle.sent = self.cycle.sent.saturating_add(1);
        self.cycle.widest = self.cycle.widest.max(self.window());
        let refuted = match &mut self.limit {
            Some(Limit::Quota(quota)) => quota.on_sent(now),
            Some(Limit::Spacing(spacing)) => spacing.on_sent(now),
            None => false,
        };
        if refuted {
            self.refute(now);
        }
    }

    /// The server took a card, or had it.
    pub fn on_accepted(&mut self, now: Millis) {
        self.cycle.accepted = self.cycle.accepted.saturating_add(1);
        self.fruitless = 0;
        self.ceiling.on_accepted(now);
        let refuted = match &mut self.limit {
            Some(Limit::Quota(quota)) => quota.on_accepted(),
            Some(Limit::Spacing(spacing)) => spacing.on_accepted(now),
            None => false,
        };
        if refuted {
            self.refute(now);
        }
    }

    /// The server refused one (429) and asks to wait. A shorter wait never shortens the one that lasts.
    pub fn on_limited(&mut self, now: Millis, wait: Millis) {
        // Requests that were in flight together are refused together: one refusal.
        let first = self.cycle.sent > 0;
        if first {
            self.fruitless = if self.cycle.accepted == 0 { self.fruitless.saturating_add(1) } else { 1 };
        }
        self.hold_until = self.hold_until.max(now.plus(wait.max(self.backoff())));
        if first {
            let cycle = std::mem::replace(&mut self.cycle, Cycle { refused_at: now, ..Cycle::default() });
            self.ceiling.on_refused(now, self.hold_until, cycle.widest);
            self.learn(&cycle, now, wait);
        }
    }

    fn backoff(&self) -> Millis {
        match self.fruitless {
            0 | 1 => Millis::ZERO,
            times => Millis(FIRST_BACKOFF.0 << (times - 2).min(8)).min(LONGEST_BACKOFF),
        }
    }

    /// Learns from a cycle that a refusal ended.
    fn learn(&mut self, cycle: &Cycle, now: Millis, wait: Millis) {
        let busy = !cycle.slack && !cycle.interrupted && cycle.accepted > 0;
        match &mut self.limit {
            // The limit may be exceeded only by what a dead worker sent.
            Some(Limit::Quota(quota)) if cycle.interrupted => quota.begin_span(),
            Some(Limit::Spacing(spacing)) if cycle.accepted > 0 => {
                if spacing.on_refused(self.hold_until) && !cycle.interrupted {
                    self.refute(now);
                }
            }
            Some(Limit::Quota(quota)) if busy && quota.predicted() && !quota.is_too_large() => {
                quota.confirm(cycle.accepted, cycle.rate(now), now, self.hold_until);
                self.doubt = self.doubt.saturating_sub(1);
            }
            Some(_) => self.refute(now),
            None if busy => self.suspect(cycle, wait),
            None => self.agreeing = Agreement::default(),
        }
    }

    /// Notes how many cards a busy cycle took; enough cycles that agree suggest a limit.
    fn suspect(&mut self, cycle: &Cycle, wait: Millis) {
        let is_first = self.agreeing.cycles == 0;
        self.agreeing.add(cycle.accepted);
        self.crowded = if cycle.widest == MOST_IN_FLIGHT { self.crowded.saturating_add(1) } else { 0 };
        if self.crowded >= CROWDED {
            self.ceiling.lower(MOST_IN_FLIGHT - 1, self.hold_until);
        }
        if self.agreeing.cycles > 1 {
            self.disorder = 0;
        } else if !is_first {
            self.disorder = (self.disorder + 1).min(DISORDER);
        }
        let chance = u32::from(self.agreeing.fewest <= LIKELY_BY_CHANCE);
        let suffices = self.agreeing.cycles >= (AGREEING + chance).saturating_add(self.doubt);
        if suffices && self.agreeing.fewest <= LARGEST_QUOTA {
            let cards = std::mem::take(&mut self.agreeing).fewest;
            self.limit = Some(match cards {
                1 => Limit::Spacing(Spacing::suspected(wait)),
                _ => {
                    // As long as the cycles took: a shorter span is measured later, over more cards.
                    let span = self.hold_until.since(cycle.first_sent);
                    Limit::Quota(Quota::suspected(cards, span))
                }
            });
        }
    }

    fn refute(&mut self, now: Millis) {
        let untested = matches!(&self.limit, Some(Limit::Quota(quota)) if !quota.is_confirmed());
        if untested && !self.was_refused_now() {
            // The server takes more cards one by one, so it refused requests side by side.
            self.ceiling.lower(1, now);
        }
        self.limit = None;
        self.agreeing = Agreement::default();
        self.doubt = (self.doubt + 1).min(MOST_DOUBT);
    }
}

impl Cycle {
    /// When the next request to an unknown server goes out beside others.
    fn next_turn(&self) -> Millis {
        self.first_sent.plus(Millis(FIRST_SPACING.0 * u64::from(self.sent)))
    }

    /// Cards taken per millisecond from one refusal to the next: a bucket cannot have gained more or less.
    fn rate(&self, now: Millis) -> Option<f64> {
        let span = now.since(self.refused_at).0.max(1);
        (self.refused_at > Millis::ZERO && self.accepted > 0).then(|| f64::from(self.accepted) / span as f64)
    }
}

#[cfg(test)]
#[path = "pace/bench.rs"]
mod bench;
#[cfg(test)]
#[path = "pace/tests.rs"]
mod tests;
