//! In time: a card is tried while the server takes cards, and trouble that lasts is shown.
//!
//! The world's server judges, never the core. Time counts while the server would take any card and a worker is there.
//! A disturbance starts it again from zero.

use cuewire::model::diagnosis::Tone;
use cuewire::views::protocol::Notice;
use cuewire::views::status::State as Shown;

use crate::plan::limit::Limit;
use crate::tally::{Check, Fault};
use crate::world::World;
use crate::world::card::{Form, UNSENT};
use crate::world::event::Event;
use crate::world::server::Stuck;
use crate::world::worker::State;

/// How often time is looked at.
pub const TICK: u64 = 2_000;

/// A card is taken within so much time in a row in which the server would have taken it: a backoff may last 45 s.
const WITHIN: u64 = 60_000 + TICK;

/// The same where nothing was wrong for so long before that no backoff can be left …
const CALM: u64 = 90_000;

/// … and no other cards fail meanwhile.
const SOON: u64 = 10_000;

/// The longest backoff.
const BACKOFF: u64 = 45_000;

/// The most stuck cards that are tried before a card that is not stuck, while one card at a time is tried.
const TROUBLED: u64 = 16;

/// And so much later where the clock was set.
const ODD: u64 = 120_000;

/// A hold is tried again after this at the latest.
const HELD: u64 = 300_000;

/// The first try of a hold.
const FIRST_TRY: u64 = 15_000;

/// Trouble that lasts so long is shown as such.
const LASTS: u64 = 330_000;

/// A worker that ends sooner may have told the next one nothing.
const BRIEF: u64 = 30_000;

/// The notification of a trouble may be older than the trouble by this time.
const HOUR: u64 = 3_600_000;

/// A worker finds the trouble of the one before within this time.
const GROWN: u64 = 90_000;

/// A commit unanswered for so long is shown.
const HANGS: u64 = 10_000 + TICK;

/// The number of due cards at which the trouble is the server's.
const DUE: usize = 6;

/// The number of rejected frames that must be shown as trouble.
const FRAMES: u32 = 50;

/// Whether a fault changes more than the fate of one card or one frame.
const fn disturbs(fault: Fault) -> bool {
    use Fault::*;
    matches!(fault, Sleep | ClockForward | ClockBack)
        || matches!(fault, CommitRefused | CommitVanished | CommitUnanswered | CommitLate | CommitSlow | StorageHangs)
        || matches!(fault, QuotaFull | Emptied | RecordDamaged | Unreadable | Newer | SettingsRefused)
        || matches!(fault, RequestLost | RequestHangs | AnswerLost | AnswerSlow | Delayed | Outage | NotPermitted)
        || matches!(fault, TokenRefused | TokenFails | TokenLimited | TokenGarbage | TokenOddLife | TokenRevoked)
        || matches!(fault, LimitedSeconds | LimitedDate | LimitedOldDate | LimitedAsctime | LimitedDateNoDate)
        || matches!(fault, LimitedUnsaid | LimitedInvalid | LimitedHuge | LimitedZero)
        || matches!(
            fault,
            CardFails | CardFailsWithWait | CardTimesOut | CardUnauthorized | CardForbidden | CardRefused
        )
        || matches!(
            fault,
            ServerPortal | ServerRedirects | CardRedirected | Pause | Resume | Save | SaveOtherHost | Clear
        )
}

/// Who is at fault where nothing is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Now {
    /// Whatever came would be taken.
    Willing,
    /// No worker is there, which is no excuse: it comes back.
    Nobody,
    Unwilling,
}

impl World {
    /// A fault has happened.
    pub(crate) fn note_disturbance(&mut self, fault: Fault) {
        self.time.disturbed |= disturbs(fault);
    }

    /// A card was answered, or was not: `failed` says with what that tells of others.
    pub(crate) fn note_try(&mut self, card: usize, host: usize, status: u16) {
        let now = self.now;
        let time = &mut self.time;
        if matches!(status, 401 | 403 | UNSENT) || time.bad[host].is_some() {
            time.bad[host] = Some((time.bad[host].map_or(now, |(first, _)| first), now));
        }
        match status {
            200..=299 | 409 => (time.good[host], time.failing[host]) = (true, [None; 2]),
            401 | 403 | 429 | UNSENT => {}
            _ => {
                let failing = &mut time.failing[host];
                if !failing.contains(&Some(card)) {
                    *failing = [failing[1], Some(card)];
                }
            }
        }
    }

    /// How long a hold may last until its next try.
    pub(crate) fn hold_of(&self, host: usize) -> u64 {
        self.time.bad[host].map_or(0, |(first, last)| (last - first + FIRST_TRY).min(HELD) * 3 / 2)
    }

    /// A commit is durable, and with it that a card was taken.
    pub(crate) fn note_hold_over(&mut self) {
        for host in 0..2 {
            if std::mem::take(&mut self.time.good[host]) && self.time.bad[host].take().is_some() {
                self.time.since[host] = self.time.willing[host]; // Cards that waited for the hold go now.
            }
        }
    }

    /// The worker is gone, and with it what it had not written.
    pub(crate) fn note_hold_forgotten(&mut self) {
        self.time.good = [false; 2];
        if self.worker.born + BRIEF > self.now {
            self.forget_troubles();
        }
    }

    /// Nobody can know any more since when a trouble lasts.
    pub(crate) fn forget_troubles(&mut self) {
        (self.time.stalled, self.time.refused, self.time.gibberish) = ([None; 2], None, None);
    }

    /// The server took a card.
    pub(crate) fn note_taken(&mut self, card: usize, host: usize) {
        self.ledger.cards[card].served = true;
        self.time.stalled[host] = None;
        self.time.taken_at[host] = self.now;
    }

    /// A frame of the present socket was heard.
    pub(crate) fn note_frame(&mut self, understood: bool) {
        self.time.gibberish = match self.time.gibberish {
            _ if understood => None,
            // The time counts from the frame that makes the trouble certain.
            Some((since, frames)) => Some((if frames < FRAMES { self.now } else { since }, frames + 1)),
            None => Some((self.now, 1)),
        };
    }

    /// The stream was refused, or opened.
    pub(crate) fn note_refusal(&mut self, refused: bool) {
        self.time.refused = if refused { self.time.refused.or(Some(self.now)) } else { None };
    }

    /// Something is shown on the desktop.
    pub(crate) fn note_notice(&mut self, notice: &Notice) {
        if matches!(notice, Notice::Trouble { .. }) {
            self.time.notified = Some(self.now);
        }
    }

    fn server_now(&self, host: usize) -> Now {
        let server = &self.servers[host];
        let until = [
            self.asleep_until,
            self.time.late_until,
            self.down_until,
            self.forbidden_until,
            self.storage.unreadable_until,
            self.storage.hung_until,
            server.limited_until,
            server.unauthorized_until,
            server.busy_until,
        ];
        let world = until.into_iter().all(|until| self.now >= until)
            && self.storage.capacity.is_none()
            && self.storage.ours.is_none()
            && self.statuses.is_empty()
            && self.spell_of(host).is_none()
            && !server.odd_token
            && !self.ledger.paused
            && !self.ledger.clearing;
        match self.worker.state {
            _ if !world => Now::Unwilling,
            // A worker that still reads what fired is not there yet.
            State::Alive if self.worker.running && self.worker.recalling.is_some() => Now::Nobody,
            State::Alive if self.worker.running => Now::Willing,
            State::Alive => Now::Unwilling,
            _ => Now::Nobody,
        }
    }

    /// Time goes on.
    pub(crate) fn judge_time(&mut self) {
        self.after(TICK, Event::Judges);
        let disturbed = std::mem::take(&mut self.time.disturbed);
        if disturbed {
            self.time.refused = None; // Troubles that take turns are each shown by themselves.
        }
        let host = self.worker.setup.map(|setup| self.setups[setup].host);
        for other in 0..2 {
            let now = if Some(other) == host { self.server_now(other) } else { Now::Unwilling };
            // The settings of a worker are forgotten with the worker.
            let gone = self.worker.state != State::Alive && host.is_none();
            match now {
                Now::Willing => self.time.willing[other] += TICK,
                Now::Unwilling if gone => {}
                Now::Unwilling => self.time.since[other] = self.time.willing[other],
                Now::Nobody => {}
            }
            if disturbed {
                self.time.since[other] = self.time.willing[other];
            }
        }
        let Some(host) = host else { return };
        let (mut due, mut others) = (0, 0);
        for card in 0..self.ledger.cards.len() {
            let facts = &self.ledger.cards[card];
            if facts.form != Some(Form::Open) || facts.served || facts.dropped {
                continue;
            }
            if facts.host != host {
                continue;
            }
            due += 1;
            if self.trouble_of(card, host).is_some() {
                self.ledger.cards[card].willing_from = self.time.willing[host];
                others += 1;
                continue;
            }
            self.judge_wait(card, host);
        }
        self.time.troubled[host] = others;
        // A card that has a trouble of its own is shown as a card.
        self.judge_silence(host, due - others as usize);
    }

    /// A card waits, or waited until its time was over.
    pub(crate) fn judge_wait(&mut self, card: usize, host: usize) {
        let time = &self.time;
        let from = self.ledger.cards[card].willing_from.max(time.since[host]);
        let waited = time.willing[host].saturating_sub(from);
        if waited < SOON {
            return;
        }
        let calm = self.ledger.cards[card].willing_from >= time.since[host] + CALM;
        let alone = time.failing[host].iter().flatten().count() < 2;
        let hold = self.hold_of(host);
        // Refusals in a row back off as well.
        let fresh = self.ledger.cards[card].failures == 0 && matches!(self.plan.limit, Limit::None);
        // Slow storage gets time for a commit, and a clock that was set makes storage look slow.
        let odd = if self.clock_was_odd || !self.ledger.commits.is_empty() { ODD } else { 0 };
        let at_most = match calm && alone && fresh && hold == 0 {
            true => SOON,
            // The core tries one card at a time, and each stuck card may come first.
            false if !alone || hold > 0 => WITHIN + hold + (BACKOFF + hold) * time.troubled[host].min(TROUBLED),
            false => WITHIN,
        } + odd;
        let hanging = self.interactions.iter().filter(|other| matches!(other.stuck, Some((Stuck::Hangs, _)))).count();
        let backlog = self.plan.limit.time_for_a_card() * self.ledger.cards.len() as u64 + 1_000 * hanging as u64;
        let late = waited > at_most + backlog && self.waits_longer();
        if late {
            self.time.since[host] = self.time.willing[host]; // The time counts from the end of that wait.
        }
        self.check(Check::InTime, late || waited <= at_most + backlog, || {
            format!(
                "card {card} was not taken for {waited} ms in which it would have been; at most {at_most} + {backlog}"
            )
        });
    }

    /// A clock that was set back while nobody looked makes a wait longer, never shorter.
    pub(crate) fn waits_longer(&self) -> bool {
        self.clock_went_back
            && self.worker.runner.pipeline().status().diagnoses.iter().any(|wrong| wrong.code == "rateLimited")
    }

    /// A worker has read the journal. Where nobody knows how late it is, every wait may begin over.
    pub(crate) fn note_reading(&mut self) {
        self.time.disturbed |= self.clock_went_back;
    }

    /// A person who has cards tried again knows of the trouble. The trouble begins again.
    pub(crate) fn note_tried_again(&mut self) {
        self.time.stalled = [None; 2];
    }

    /// Trouble that lasts is shown, whatever it is.
    fn judge_silence(&mut self, host: usize, due: usize) {
        let paused = self.ledger.paused || self.asleep_until > self.now;
        if due < DUE || paused {
            self.time.stalled[host] = None;
        } else if self.time.stalled[host].is_none() {
            self.time.stalled[host] = Some(self.now);
        }
        let now = self.now;
        let there = self.worker.state == State::Alive && self.worker.running;
        let grown = there && self.worker.born + GROWN <= now;
        if !there || paused || !self.worker.punctual || self.clock_was_odd {
            return;
        }
        let since = |at: Option<u64>| at.is_some_and(|at| at + LASTS <= now);
        let stalled = grown && since(self.time.stalled[host]);
        let gibberish = grown && self.time.gibberish.is_some_and(|(at, frames)| frames >= FRAMES && at + LASTS <= now);
        let refused = grown && since(self.time.refused);
        let hung = self.ledger.commits.first().is_some_and(|(_, at)| at + HANGS <= now);
        if !stalled && !gibberish && !refused && !hung {
            return;
        }
        let status = self.worker.runner.pipeline().status();
        let shown = status.state == Shown::NeedsAttention
            || status.diagnosis.as_ref().is_some_and(|wrong| wrong.tone == Tone::Danger);
        let slow = status.diagnoses.iter().any(|wrong| wrong.code == "storageSlow");
        self.check(Check::Told, !hung || slow, || "a commit hangs, and nobody is told".to_owned());
        self.check(Check::Told, shown || !(stalled || gibberish || refused), || {
            let state = status.state;
            format!("stalled {stalled}, not understood {gibberish}, refused {refused}, and it shows {state:?}")
        });
        let began = [stalled.then_some(self.time.taken_at[host]), self.time.refused.filter(|_| refused)];
        let began = began.into_iter().chain([self.time.gibberish.map(|(at, _)| at).filter(|_| gibberish)]).flatten();
        let wanted = self.worker.setup.is_some_and(|setup| self.setups[setup].notify);
        if let Some(began) = began.min().filter(|_| wanted) {
            let notified = self.time.notified.is_some_and(|at| at + HOUR >= began);
            self.check(Check::Told, notified, || "trouble that lasts, and no notification".to_owned());
        }
    }
}
