//! Where cards go: whether it takes them at present, and how fast.

use serde::{Deserialize, Serialize};

use super::backoff;
use super::journal::{HOLD_PREFIX, Journal};
use super::pace::Pace;
use super::random::Random;
use super::time::Millis;
use crate::wire::retry_after::CAP as LONGEST_WAIT;

/// So many failures in a row hold the destination: one probe at a time.
const FAILURES_TO_HOLD: u32 = 5;

/// So many 403 in a row with no success between pause dispatch.
const FORBIDDEN_TO_PAUSE: u32 = 3;

/// Requests under way at once, at most.
pub const IN_FLIGHT: u32 = 4;

/// Why nothing is sent until a person acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Pause {
    /// A fresh token was answered 401.
    SignInRejected,
    /// Three interactions in a row were forbidden.
    MissingPermission,
}

/// The stored form: a wait outlives the worker that was told of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StoredHold {
    pause: Option<Pause>,
    pace: Pace,
}

/// The destination's state.
#[derive(Debug, Default)]
pub struct Destination {
    /// Its base address.
    service: String,
    pause: Option<Pause>,
    failures: u32,
    probe_at: Millis,
    forbidden: u32,
    pace: Pace,
}

impl Destination {
    /// One of which nothing is known.
    pub fn new(service: &str) -> Destination {
        Destination { service: service.to_owned(), ..Destination::default() }
    }

    /// Goes on from what was stored.
    pub fn restore(service: &str, stored: StoredHold, now: Millis) -> Destination {
        let mut pace = stored.pace;
        // No server is obeyed for longer: a later end was written by a clock that nobody knows any more.
        pace.resume(now, LONGEST_WAIT);
        Destination { pause: stored.pause, pace, ..Destination::new(service) }
    }

    /// Its base address.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// How many requests may be under way now.
    pub fn window(&self) -> u32 {
        if self.is_held() { 1 } else { self.pace.window().min(IN_FLIGHT) }
    }

    /// The earliest instant of the next request, as far as the destination goes; `None` while paused.
    pub fn next_send(&self, now: Millis) -> Option<Millis> {
        let probe_at = if self.is_held() { self.probe_at } else { Millis::ZERO };
        self.pause.is_none().then(|| self.pace.next_send(now).max(probe_at))
    }

    /// Why nothing is sent until a person acts.
    pub fn pause(&self) -> Option<Pause> {
        self.pause
    }

    /// Until when the server asked to wait, if it did.
    pub fn hold_until(&self) -> Millis {
        self.pace.hold_until()
    }

    /// Whether it keeps failing.
    pub fn is_held(&self) -> bool {
        self.failures >= FAILURES_TO_HOLD
    }

    /// A request started.
    pub fn sent(&mut self, now: Millis) {
        self.pace.on_sent(now);
    }

    /// A card was taken. How far the pace has come is noted with the commit that closes the card, where there is
    /// anything to note: a worker that lives for seconds would otherwise begin each rise anew.
    pub fn accepted(&mut self, now: Millis, journal: &mut Journal) {
        self.failures = 0;
        self.forbidden = 0;
        self.pace.on_accepted(now);
        if self.pace.has_learnt() {
            self.store(journal);
        }
    }

    /// The server asks to wait.
    pub fn limited(&mut self, now: Millis, wait: Millis, journal: &mut Journal) {
        self.failures = 0;
        self.pace.on_limited(now, wait);
        self.store(journal);
    }

    /// The server failed, or the outcome is unknown.
    pub fn failed(&mut self, now: Millis, random: &mut Random) {
        self.failures = self.failures.saturating_add(1);
        if self.is_held() {
            self.probe_at = now.plus(backoff::delay(self.failures - FAILURES_TO_HOLD, random));
        }
    }

    /// A card was refused for good, which says that the server is well.
    pub fn refused(&mut self) {
        self.failures = 0;
    }

    /// An interaction was forbidden. Says whether that pauses dispatch.
    pub fn forbidden(&mut self, journal: &mut Journal) -> bool {
        self.failures = 0;
        self.forbidden += 1;
        if self.forbidden >= FORBIDDEN_TO_PAUSE {
            self.pause_for(Pause::MissingPermission, journal);
        }
        self.forbidden >= FORBIDDEN_TO_PAUSE
    }

    /// A fresh token was rejected.
    pub fn sign_in_rejected(&mut self, journal: &mut Journal) {
        self.failures = 0;
        self.pause_for(Pause::SignInRejected, journal);
    }

    /// A person changed something or wants it tried again. A wait the server asked for stays.
    pub fn resume(&mut self, journal: &mut Journal) {
        self.failures = 0;
        self.forbidden = 0;
        if self.pause.take().is_some() {
            self.store(journal);
        }
    }

    fn pause_for(&mut self, pause: Pause, journal: &mut Journal) {
        self.pause = Some(pause);
        self.store(journal);
    }

    fn store(&self, journal: &mut Journal) {
        journal
            .put(format!("{HOLD_PREFIX}{}", self.service), &StoredHold { pause: self.pause, pace: self.pace.clone() });
    }
}
