//! How often anything may be asked for, and how long any wait may be.

use cuewire::model::http::Outcome;
use cuewire::views::status::State as Shown;

use crate::tally::Check;
use crate::world::World;

/// At most so many tries of one card in any minute, and one more for each start of the worker and each act of a person.
pub const CARD_TRIES: usize = 18;
/// The same for card requests that the server did not take, for all cards of the outbox together.
pub const CARD_FAILURES: usize = 100;
/// The most posts refused for the rate within 20 s in which none is taken.
pub const RATE_REFUSALS: usize = 40;
/// The same for token requests: a token that lives a second is asked for every second, and never more often.
pub const TOKENS: usize = 60;
/// The same for stream opens: open for the ten seconds that make a stream good, closed, refused twice, and so on.
pub const OPENS: usize = 12;
/// The same for commits that the storage refused.
pub const REFUSALS: usize = 14;

impl World {
    pub(crate) fn look_at_status(&mut self) {
        let status = self.worker.runner.pipeline().status();
        let wall = self.wall();
        if let Shown::Reconnecting { at } = status.state
            && !self.ledger.token_failed
            && !self.clock_was_odd
        {
            let wait = at.0.saturating_sub(wall);
            self.check(Check::RetryBound, wait <= 45_000, || format!("the stream waits {wait} ms"));
        }
        if let Some(until) =
            status.diagnoses.iter().find(|wrong| wrong.code == "rateLimited").map(|wrong| &wrong.values[0])
        {
            let wait = until.parse::<u64>().unwrap_or(u64::MAX).saturating_sub(wall);
            let odd = self.clock_was_odd;
            self.check(Check::WaitBound, odd || wait <= 3_600_000, || format!("a wait of {wait} ms"));
        }
        let records = self.storage.journal.len();
        let bound = 3 * self.interactions.len() * 2 + 40;
        self.check(Check::Bounds, records <= bound, || format!("{records} records"));
    }

    pub(crate) fn count_refusal(&mut self) {
        let perceived = self.perceived();
        let allowed = RATE_REFUSALS + 4 * self.allowance(perceived);
        let times = &mut self.ledger.limited_times;
        times.retain(|at| at + 20_000 > perceived);
        times.push(perceived);
        let count = times.len();
        self.check(Check::RefusalRate, count <= allowed, || format!("{count} posts refused in 20 s"));
    }

    pub(crate) fn count_failure(&mut self) {
        let perceived = self.perceived();
        let allowed = CARD_FAILURES + 2 * self.ledger.cards.len() + self.allowance(perceived);
        let count = count_in_minute(&mut self.ledger.failure_times, perceived);
        self.tally.most[1] = self.tally.most[1].max(count as u64);
        self.check(Check::FailureRate, count <= allowed, || format!("{count} failed card requests in a minute"));
    }

    /// More is allowed in a minute in which the worker started, or a person pressed something.
    pub(crate) fn allowance(&mut self, perceived: u64) -> usize {
        let ledger = &mut self.ledger;
        let fresh = |at: &u64| *at + 60_000 > perceived;
        ledger.starts.retain(fresh);
        ledger.pushes.retain(fresh);
        ledger.starts.len() + 2 * ledger.pushes.len()
    }

    pub(crate) fn note_token_request(&mut self) {
        let perceived = self.perceived();
        let allowed = TOKENS + self.allowance(perceived);
        let count = count_in_minute(&mut self.ledger.token_times, perceived);
        self.tally.most[2] = self.tally.most[2].max(count as u64);
        self.check(Check::TokenRate, count <= allowed, || format!("{count} token requests in a minute"));
    }

    pub(crate) fn note_token_answer(&mut self, outcome: &Outcome) {
        let plain = |status: u16, body: &str| (200..300).contains(&status) && body.contains("3600");
        if !matches!(outcome, Outcome::Answer(answer) if plain(answer.status, &answer.body)) {
            self.ledger.token_failed = true;
            self.note_refusal(false); // A token that fails is a trouble of its own.
        }
    }

    pub(crate) fn note_stream_open(&mut self) {
        let perceived = self.perceived();
        if self.ledger.paused && perceived >= self.ledger.paused_until {
            // A pause that ends by itself ends the backoff as well.
            (self.ledger.stream_not_before, self.ledger.attempt, self.ledger.paused) = (0, 0, false);
        }
        // A clock that jumps makes a stream look old enough to start its backoff over.
        let earliest = if self.clock_was_odd { 0 } else { self.ledger.stream_not_before };
        self.check(Check::StreamBackoff, perceived >= earliest, || {
            format!("the stream reopened {} ms before its backoff", earliest - perceived)
        });
        let paused = self.ledger.paused && perceived < self.ledger.paused_until;
        self.check(Check::PausedIsQuiet, !paused, || "the stream opened while paused".to_owned());
        // A worker that starts counts its tries anew: up to three fall into what is left of the minute.
        let allowed = OPENS + 3 * self.allowance(perceived);
        let count = count_in_minute(&mut self.ledger.open_times, perceived);
        self.tally.most[3] = self.tally.most[3].max((count + OPENS).saturating_sub(allowed) as u64);
        self.check(Check::StreamRate, count <= allowed, || format!("{count} stream opens in a minute"));
    }

    /// The present socket has closed, or was closed.
    pub(crate) fn note_stream_end(&mut self, at: usize) {
        if self.ledger.wished {
            self.ledger.attempt = 0;
            return; // A person closed it, and may have it opened at once.
        }
        let perceived = self.perceived();
        let stable = self.sockets[at].opened && perceived >= self.ledger.opened_at + 10_000;
        if stable {
            self.ledger.attempt = 0;
        }
        let base = 1_000 << self.ledger.attempt.min(5);
        self.ledger.stream_not_before = perceived + base.min(30_000);
        self.ledger.attempt += 1;
    }
}

/// Notes an instant and counts those of the last minute.
pub fn count_in_minute(times: &mut Vec<u64>, now: u64) -> usize {
    times.retain(|at| at + 60_000 > now);
    times.push(now);
    times.len()
}
