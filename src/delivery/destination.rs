//! Where cards go: whether it takes them at present, and how fast.

use crate::delivery::outbox::{End, Next};
use crate::delivery::pace::Pace;
use crate::journal::turn::Turn;
use crate::journal::{HOLD_PREFIX, Journal};
use crate::model::fingerprint::Fingerprint;
use crate::model::http::retry_after::{CAP as LONGEST_WAIT, UNSTATED};
use crate::model::json::{FromJson, ToJson};
use crate::model::random::backoff;
use crate::model::time::Millis;

/// Different cards that fail in a row until the server itself counts as failing.
const FAILURES_TO_PROBE: u32 = 5;

/// Cards that fail for this long, with nothing taken between, are no trouble of their own any more.
const LONG: Millis = Millis::from_mins(2);

/// The base delay before the first probe of a failing server, which doubles: part of a server may be well.
const FIRST_PROBE: Millis = Millis(125);

/// Probes after which the delay is a second: one of many cards may be the one that the server takes.
const QUICK_PROBES: u32 = 3;

/// Different interactions answered 403 in a row until dispatch is held. Three more for each that a success followed:
/// the server then takes other interactions, so that its 403 were not about the permission.
const FORBIDDEN_TO_HOLD: usize = 3;

/// The most such interactions in a row until dispatch is held: a permission that is gone costs no more cards.
const MOST_FORBIDDEN: usize = 12;

/// 403 answers further apart than this are about their interactions, not about the permission.
const FORBIDDEN_SPAN: Millis = Millis::from_mins(10);

/// A held dispatch tries one card after this time; the time doubles with each try.
const FIRST_TRY: Millis = Millis::from_secs(15);

/// The longest time between two tries of a held dispatch.
const LONGEST_TRY: Millis = Millis::from_mins(5);

/// After trouble the newest and the oldest card go in turn, until the server has taken this many in a row. Otherwise
/// good cards would wait behind a row of cards that each have a trouble of their own.
const WARY: u32 = 8;

/// A card that made way after refusals has its turn again after this number of taken cards; twice as many after each
/// turn that was refused, because a card in lasting trouble costs the others a wait.
const TURN: u32 = 16;

/// Refused turns that still double that number.
const MOST_DOUBLINGS: u32 = 4;

/// Why dispatch is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToJson, FromJson)]
#[serde(rename_all = "camelCase")]
pub enum HoldReason {
    /// A fresh token was answered 401.
    SignInRejected,
    /// Three interactions in a row were answered 403.
    MissingPermission,
    /// The browser does not let us reach the host.
    HostNotPermitted,
}

/// A hold heals by itself: one card is tried now and then, and a success ends the hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hold {
    reason: HoldReason,
    tries: u32,
    try_at: Millis,
}

/// The stored form: a wait and a hold outlive the worker. Absent fields are those of earlier versions.
#[derive(Debug, Clone, Default, PartialEq, ToJson, FromJson)]
#[serde(rename_all = "camelCase", default)]
pub struct StoredHold {
    pause: Option<HoldReason>,
    tries: u32,
    try_at: Millis,
    /// The interactions answered 403, and when; without a name once a success followed.
    forbidden: Vec<(String, Millis)>,
    failing_since: Option<Millis>,
    wary: u32,
    pace: Pace,
}

/// The destination's state.
#[derive(Debug, Default)]
pub struct Destination {
    /// Its base address.
    service: String,
    hold: Option<Hold>,
    /// Cards that failed for the first time since the last success.
    failures: u32,
    /// Since when nothing went well, where something failed.
    failing_since: Option<Millis>,
    probes: u32,
    probe_at: Millis,
    forbidden: Vec<(String, Millis)>,
    /// Cards that the server has to take in a row until cards go in the order accepted again.
    wary: u32,
    /// The end of the cards that were never tried from which the latest card came, while that is so.
    latest: Option<End>,
    /// Cards taken since a card that made way had its turn.
    since_turn: u32,
    /// Such turns since one went well.
    turns: u32,
    /// The newest token with which this worker had a card taken.
    taken_with: Option<u64>,
    pace: Pace,
}

impl Destination {
    /// A destination that was never used.
    pub fn new(service: &str) -> Destination {
        Destination { service: service.to_owned(), ..Destination::default() }
    }

    /// A destination whose record is damaged. Its server may have asked to wait for an unknown time, so dispatch waits as
    /// after a 429 without `Retry-After`.
    pub fn after_damage(service: &str, now: Millis) -> Destination {
        let mut destination = Destination::new(service);
        destination.pace.wait_until(now.plus(UNSTATED));
        destination
    }

    /// Goes on from what was stored.
    pub fn restore(service: &str, stored: StoredHold, now: Millis) -> Destination {
        let StoredHold { pause, tries, try_at, mut forbidden, failing_since, wary, mut pace } = stored;
        let failing_since = failing_since.map(|at| at.min(now));
        // No server is obeyed for longer: a later end was written by a clock that nobody knows any more.
        pace.resume(now, LONGEST_WAIT);
        let try_at = if try_at == Millis::ZERO { now.plus(FIRST_TRY) } else { try_at.min(now.plus(LONGEST_TRY)) };
        let hold = pause.map(|reason| Hold { reason, tries, try_at });
        forbidden.iter_mut().for_each(|(_, at)| *at = (*at).min(now));
        let wary = wary.min(WARY);
        Destination { hold, forbidden, failing_since, wary, pace, ..Destination::new(service) }
    }

    /// Its base address.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// How many requests may be in flight now, those that hang not counted.
    pub fn window(&self) -> u32 {
        if self.hold.is_some() || self.is_failing() { 1 } else { self.pace.window() }
    }

    /// The earliest instant of the next request beside those `in_flight`, as far as the destination goes.
    pub fn next_send(&self, now: Millis, in_flight: usize) -> Millis {
        let try_at = self.hold.map_or(Millis::ZERO, |hold| hold.try_at);
        let probe_at = if self.is_failing() { self.probe_at } else { Millis::ZERO };
        self.pace.next_send(now, in_flight).max(try_at).max(probe_at)
    }

    /// From which end of the cards that were never tried the next one goes.
    pub fn next_end(&self) -> End {
        match self.wary > 0 {
            false if self.is_turn() => End::MadeWay,
            true if self.latest != Some(End::Newest) => End::Newest,
            _ => End::Oldest,
        }
    }

    /// Why dispatch is held.
    pub fn hold_reason(&self) -> Option<HoldReason> {
        self.hold.map(|hold| hold.reason)
    }

    /// Until when the server asked to wait, if it did.
    pub fn hold_until(&self) -> Millis {
        self.pace.hold_until()
    }

    /// Whether the server itself fails, and not only single cards.
    pub fn is_failing(&self) -> bool {
        self.failures >= FAILURES_TO_PROBE
    }

    /// Whether the latest refusal was followed by no card taken.
    pub fn was_refused_last(&self) -> bool {
        self.pace.was_refused_last()
    }

    /// Whether nothing has gone well for so long that a person should know, be it that only some cards are due.
    pub fn has_failed_for_long(&self, now: Millis) -> bool {
        self.failing_since.is_some_and(|since| now.since(since) >= LONG)
    }

    /// A request started for a card.
    pub fn sent(&mut self, now: Millis, next: &Next, journal: &mut Journal) {
        self.pace.on_sent(now, next.pressed);
        if self.is_turn() {
            self.turns += u32::from(next.made_way && self.turns < MOST_DOUBLINGS);
            self.since_turn = 0;
        }
        self.latest = Some(self.next_end()).filter(|_| self.wary > 0);
        if let Some(hold) = &mut self.hold {
            // Stored before the answer, because a worker that dies now must not try again at once.
            hold.tries = hold.tries.saturating_add(1);
            // The browser is asked for nothing, so asking it does not grow rarer.
            let doublings = if hold.reason == HoldReason::HostNotPermitted { 0 } else { hold.tries.min(8) };
            hold.try_at = now.plus(Millis(FIRST_TRY.0 << doublings).min(LONGEST_TRY));
            self.store(journal);
        }
    }

    /// A card was taken: the server is well, and so are sign-in and permission. What was learnt of the pace goes with the
    /// commit that closes the card, because a worker that lives for seconds would otherwise learn nothing.
    pub fn accepted(&mut self, generation: u64, now: Millis, journal: &mut Journal) {
        let mut healed = self.well() | self.hold.take().is_some();
        for (interaction, _) in self.forbidden.iter_mut().filter(|(interaction, _)| !interaction.is_empty()) {
            interaction.clear();
            healed = true;
        }
        if self.wary > 0 {
            self.wary -= 1;
            healed |= self.wary == 0;
        }
        self.since_turn = self.since_turn.saturating_add(1);
        self.taken_with = self.taken_with.max(Some(generation));
        self.pace.on_accepted(now);
        if healed || self.pace.was_refused() {
            self.store(journal);
        }
    }

    /// A card that had made way was taken: its refusals were chance.
    pub fn turn_went_well(&mut self) {
        self.turns = 0;
    }

    /// The server asks to wait.
    pub fn limited(&mut self, now: Millis, wait: Millis, journal: &mut Journal) {
        self.well();
        self.try_again_soon(now);
        self.pace.on_limited(now, wait);
        if self.pace.is_fruitless() {
            self.wary = WARY;
        }
        self.store(journal);
    }

    /// The server failed, or the outcome is unknown. A card that failed before says nothing new about the server:
    /// `first` says that it is this card's first failure.
    pub fn failed(&mut self, first: bool, turn: &mut Turn<'_>) {
        let now = turn.now;
        self.try_again_soon(now);
        if self.failing_since.is_none() || self.hold.is_some() {
            // Stored with the card's record, because a worker may live for seconds only.
            self.failing_since.get_or_insert(now);
            self.store(turn.journal);
        }
        self.failures = self.failures.saturating_add(u32::from(first));
        if first && (self.is_failing() || self.wary > 0) {
            self.wary = WARY;
        }
        if self.is_failing() {
            let base = Millis(FIRST_PROBE.0 << self.probes.min(QUICK_PROBES));
            self.probe_at = now.plus(backoff::delay_up_to(base, self.probes, turn.random));
            self.probes = self.probes.saturating_add(1);
            self.pace.interrupt();
        }
    }

    /// A card was refused for good, which says that the server is well.
    pub fn refused(&mut self, journal: &mut Journal) {
        if self.well() {
            self.store(journal);
        }
    }

    /// An interaction was answered 403. Says whether that holds dispatch.
    pub fn forbidden(&mut self, interaction: &str, now: Millis, journal: &mut Journal) -> bool {
        self.well();
        let interaction = Fingerprint::of(interaction).to_string();
        self.forbidden.retain(|(other, at)| *other != interaction && now.since(*at) <= FORBIDDEN_SPAN);
        self.forbidden.push((interaction, now));
        let in_a_row = self.forbidden.iter().rev().take_while(|(interaction, _)| !interaction.is_empty()).count();
        let followed = self.forbidden.len() - in_a_row;
        if in_a_row >= (FORBIDDEN_TO_HOLD * (1 + followed)).min(MOST_FORBIDDEN) {
            self.hold_for(HoldReason::MissingPermission, now);
        }
        if self.forbidden.len() > 2 * MOST_FORBIDDEN {
            self.forbidden.remove(0);
        }
        if self.wary > 0 {
            self.wary = WARY;
        }
        self.store(journal);
        self.hold_reason() == Some(HoldReason::MissingPermission)
    }

    /// A token was rejected, and one try with a fresh one is due: that try does not wait for the hold. A request that was
    /// in flight as the hold began is no try of it, and hastens none.
    pub fn try_with_fresh_token(&mut self, now: Millis) {
        if let Some(hold) = self.hold.as_mut().filter(|hold| hold.tries > 0) {
            hold.try_at = now;
            hold.tries = hold.tries.saturating_sub(1);
        }
    }

    /// Whether a card was taken with a token of this generation: a 401 is then a trouble of its card alone.
    pub fn has_taken_with(&self, generation: u64) -> bool {
        self.taken_with >= Some(generation)
    }

    /// A fresh token was rejected.
    pub fn sign_in_rejected(&mut self, now: Millis, journal: &mut Journal) {
        self.well();
        self.hold_for(HoldReason::SignInRejected, now);
        self.store(journal);
    }

    /// The browser did not let a request reach the host.
    pub fn not_permitted(&mut self, now: Millis, journal: &mut Journal) {
        self.hold_for(HoldReason::HostNotPermitted, now);
        self.store(journal);
    }

    /// The browser lets requests reach the host again.
    pub fn permitted(&mut self, journal: &mut Journal) {
        if self.hold.take_if(|hold| hold.reason == HoldReason::HostNotPermitted).is_some() {
            self.store(journal);
        }
    }

    /// No card is left: a rejected sign-in holds nothing once its next try was due, because no card made that try. Nothing
    /// is stored, because no event asks for that, and the next worker finds the same.
    pub fn end_idle_hold(&mut self, now: Millis) {
        self.hold.take_if(|hold| hold.reason == HoldReason::SignInRejected && hold.try_at <= now);
    }

    /// A person changed something or wants it tried again. A wait the server asked for stays.
    pub fn resume(&mut self, journal: &mut Journal) {
        (self.failures, self.probes) = (0, 0); // Whether the server is well again shows in its answers.
        if self.hold.take().is_some() | !std::mem::take(&mut self.forbidden).is_empty() {
            self.store(journal);
        }
    }

    /// The try of a held dispatch showed nothing about the hold, so the next one need not wait for minutes.
    fn try_again_soon(&mut self, now: Millis) {
        if let Some(hold) = &mut self.hold {
            hold.tries = hold.tries.saturating_sub(1);
            hold.try_at = hold.try_at.min(now.plus(FIRST_TRY));
        }
    }

    /// The server answers as it should. Says whether it had failed before.
    fn well(&mut self) -> bool {
        self.failures = 0;
        self.probes = 0;
        self.failing_since.take().is_some()
    }

    /// Whether a card that made way has its turn.
    fn is_turn(&self) -> bool {
        self.since_turn >= TURN << self.turns
    }

    fn hold_for(&mut self, reason: HoldReason, now: Millis) {
        self.pace.interrupt();
        if reason != HoldReason::HostNotPermitted {
            self.wary = WARY;
        }
        match &mut self.hold {
            Some(hold) => hold.reason = reason,
            None => self.hold = Some(Hold { reason, tries: 0, try_at: now.plus(FIRST_TRY) }),
        }
    }

    fn store(&self, journal: &mut Journal) {
        let stored = StoredHold {
            pause: self.hold_reason(),
            tries: self.hold.map_or(0, |hold| hold.tries),
            try_at: self.hold.map_or(Millis::ZERO, |hold| hold.try_at),
            forbidden: self.forbidden.clone(),
            failing_since: self.failing_since,
            wary: self.wary,
            pace: self.pace.clone(),
        };
        journal.put(format!("{HOLD_PREFIX}{}", self.service), &stored);
    }
}
