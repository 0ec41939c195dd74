//! A limit of a number of cards in a span: a token bucket, a fixed window and a sliding window all keep to one.

use std::collections::VecDeque;

use crate::model::json::{FromJson, ToJson};
use crate::model::time::Millis;

/// How soon after a confirmation the limit is tested again: it may have been lifted.
const SHORTEST_TRUST: Millis = Millis(3_500);

/// A limit that has lasted for a minute is tested half as often.
const LONGEST_TRUST: Millis = Millis(7_000);

/// A smaller limit is met card by card: it is tested with one request at a time, so that one request is refused and not
/// several, and each card keeps its distance from the one a span before.
const SMALL: u32 = 10;

/// A limit of so few cards is not corrected card by card.
const FEW: u32 = 5;

/// The longest span that can have been learnt: longer waits are penalties.
const LONGEST_SPAN: Millis = Millis::from_secs(3_600);

/// A number of cards in each span. A span begins with its first card.
#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
#[serde(rename_all = "camelCase")]
pub struct Quota {
    cards: u32,
    span: Millis,
    /// When the present span began.
    from: Millis,
    /// Requests of the present span.
    sent: u32,
    /// When the latest requests started, as many as a small limit allows. A card waits a whole span after the one that
    /// many before it, because a sliding window refuses a burst that is sent faster than the one before.
    #[serde(skip)]
    latest: VecDeque<Millis>,
    /// Cards taken beyond the limit in the present span.
    beyond: u32,
    /// The present span goes on beyond the limit, to test it.
    testing: bool,
    /// From when the limit is to be tested.
    test_at: Millis,
    /// The latest refusal came before the limit was used up.
    #[serde(default)]
    early: bool,
    /// When the first test confirmed the limit.
    confirmed_at: Option<Millis>,
}

impl Quota {
    /// A limit that agreeing cycles suggest; the next span tests it.
    pub fn suspected(cards: u32, span: Millis) -> Quota {
        Quota {
            cards,
            span,
            from: Millis::ZERO,
            sent: 0,
            latest: VecDeque::new(),
            beyond: 0,
            testing: false,
            test_at: Millis::ZERO,
            early: false,
            confirmed_at: None,
        }
    }

    /// The limit as a new worker goes on with it; none where no worker can have learnt it.
    pub fn resumed(mut self, now: Millis) -> Option<Quota> {
        self.from = self.from.min(now);
        self.test_at = self.test_at.min(now.plus(LONGEST_TRUST));
        self.confirmed_at = self.confirmed_at.map(|at| at.min(now));
        let possible = self.cards > 1 && self.cards <= super::LARGEST_QUOTA && self.span <= LONGEST_SPAN;
        possible.then_some(self)
    }

    /// The earliest instant at which the next request may start.
    pub fn next_send(&self, now: Millis) -> Millis {
        let next_span = self.from.plus(self.span);
        if self.testing && now < next_span {
            return Millis::ZERO;
        }
        let by_span = if self.is_used_up() && now < next_span { next_span } else { Millis::ZERO };
        if self.cards > SMALL {
            return by_span;
        }
        let many_before = self.latest.len().checked_sub(self.cards as usize).and_then(|at| self.latest.get(at));
        many_before.map_or(by_span, |at| at.plus(self.span).max(by_span))
    }

    /// Whether the next requests are to go one at a time.
    pub fn wants_single_requests(&self) -> bool {
        self.is_used_up() || self.confirmed_at.is_none() && self.cards <= SMALL
    }

    /// Whether a test has confirmed the limit.
    pub fn is_confirmed(&self) -> bool {
        self.confirmed_at.is_some()
    }

    /// Whether the limit said that a refusal would come about now.
    pub fn predicted(&self) -> bool {
        self.sent > self.cards.saturating_sub(self.tolerance())
    }

    /// Whether two refusals in a row came too early for a limit of a few cards. No smaller number describes the server,
    /// and the plain client loses less by its refusals.
    pub fn is_too_large(&self) -> bool {
        self.cards <= FEW && self.early && !self.is_exceeded()
    }

    /// A request starts. Says whether that refutes a limit whose test went on for a whole span without a refusal.
    pub fn on_sent(&mut self, now: Millis) -> bool {
        let is_over = now >= self.from.plus(self.span);
        let unrefused = is_over && self.sent > 0 && !self.is_confirmed();
        if self.sent == 0 || is_over {
            (self.from, self.sent, self.beyond, self.testing) = (now, 0, 0, false);
        }
        self.latest.push_back(now);
        while self.latest.len() > self.cards.min(SMALL) as usize {
            self.latest.pop_front();
        }
        self.sent = self.sent.saturating_add(1);
        if self.sent == self.cards {
            self.testing = now >= self.test_at;
        }
        unrefused
    }

    /// A card was taken. Says whether that refutes the limit.
    pub fn on_accepted(&mut self) -> bool {
        if self.is_exceeded() {
            self.beyond = self.beyond.saturating_add(1);
        }
        // A bucket saves up a card where the span is a little too long. A confirmed limit may be that of a fixed window
        // whose border lies among these cards, so that two windows take them.
        let most = 1 + self.tolerance();
        self.beyond > if self.is_confirmed() { most.max(self.cards.min(SMALL)) } else { most }
    }

    /// A refusal came that the limit predicted. `accepted` cards were taken since the one before, at this rate.
    pub fn confirm(&mut self, accepted: u32, rate: Option<f64>, now: Millis, hold_until: Millis) {
        let measured = rate.map(|rate| Millis((f64::from(self.cards) / rate) as u64).min(LONGEST_SPAN));
        let step = (self.cards / 20).max(1);
        if !self.is_exceeded() {
            // Too many, or too soon: cards that arrive out of step look the same, but not twice in a row.
            self.span = self.span.max(measured.unwrap_or_default());
            if std::mem::replace(&mut self.early, true) {
                self.cards = (self.cards - step).max(2);
            }
        } else {
            self.early = false;
            if self.beyond > 1 && self.beyond <= 1 + self.tolerance() {
                self.cards += step.min(self.beyond).min(super::LARGEST_QUOTA - self.cards);
            }
            // Our own timers make a span look longer than it is, and a few cards measure it badly.
            if accepted / 3 >= self.cards {
                self.span = self.span.min(measured.unwrap_or(self.span));
            }
        }
        let since = *self.confirmed_at.get_or_insert(now);
        let trust = Millis(now.since(since).0 / 10).clamp(SHORTEST_TRUST, LONGEST_TRUST);
        self.test_at = hold_until.plus(trust);
        self.begin_span();
    }

    /// The next request begins a span. A wait that the server asked for lies between.
    pub fn begin_span(&mut self) {
        self.latest.clear();
        (self.sent, self.beyond, self.testing) = (0, 0, false);
    }

    /// Cards by which a refusal may come sooner or later than the limit says: cards arrive out of step.
    fn tolerance(&self) -> u32 {
        (self.cards / 4).max(1)
    }

    fn is_exceeded(&self) -> bool {
        self.sent > self.cards
    }

    fn is_used_up(&self) -> bool {
        self.sent >= self.cards
    }
}
