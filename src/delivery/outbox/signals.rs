//! Signals to the scripts of contacts: one for a card that the service took, and never a second.
//!
//! **The removal of the card's record is the mark of its signal.** Nothing tells a repeated signal from the first, so a
//! signal goes out only once no later worker knows the card. A worker that is killed in between loses the signal.
//!
//! No signal is repeated, whatever answers it. A signal interrupts the script that it reaches, and the agent has the
//! card already.

use super::Entry;
use crate::api::{self, Meaning, Token};
use crate::journal::turn::Turn;
use crate::model::ask::RequestId;
use crate::model::http::Outcome;
use crate::model::time::Millis;
use crate::settings::Settings;

/// Signals that may wait at once. The log says of further ones that no answer is known.
const LIMIT: usize = 100;

/// The span from one answer to the next signal: polls need the other half of the budget.
const SPAN: Millis = Millis::from_secs(4);

/// A signal without an answer by then is given up, its outcome unknown.
const TIMEOUT: Millis = Millis::from_secs(15);

/// Cards whose signals are due, in the order in which they left.
#[derive(Debug, Default)]
pub struct Signals {
    waiting: Vec<Entry>,
    /// The request of the first, where it is under way.
    under_way: Option<RequestId>,
    /// When the request under way is given up, or the next may be made.
    due: Millis,
}

impl Signals {
    /// The signal of a card that has left is due, where one belongs to it.
    pub(super) fn take(&mut self, entry: Entry) {
        if entry.has_signal() && self.waiting.len() < LIMIT {
            self.waiting.push(entry);
        }
    }

    /// When the next step is due, where the budget has room from `room_at` on.
    pub fn due(&self, room_at: Millis) -> Option<Millis> {
        let is_free = self.under_way.is_none();
        (!self.waiting.is_empty()).then(|| if is_free { self.due.max(room_at) } else { self.due })
    }

    /// Gives up the request under way, and sends the next signal whose card is still worth it. Says whether a request
    /// was made.
    pub fn send(&mut self, settings: &Settings, token: &Token, turn: &mut Turn<'_>) -> bool {
        if let Some(id) = self.under_way.take() {
            turn.effects.abort(id);
            self.waiting.remove(0);
        }
        while let Some(entry) = self.waiting.first_mut() {
            let base = settings.base();
            if settings.signal_script && entry.expires_at() > turn.now && entry.service() == base.connection() {
                if let Some(request) = api::of(base).signal(&token.access(base), entry.card()) {
                    let id = RequestId::Card(turn.next_id());
                    self.under_way = Some(id);
                    self.due = turn.now.plus(TIMEOUT);
                    turn.effects.poll(id, request);
                    return true;
                }
                entry.note_signal(None, turn.journal);
            }
            self.waiting.remove(0);
        }
        false
    }

    /// Takes an answer. Says whether it is a signal's.
    pub fn done(&mut self, id: RequestId, outcome: &Outcome, turn: &mut Turn<'_>) -> bool {
        if self.under_way != Some(id) {
            return false;
        }
        self.under_way = None;
        // A page in place of an answer says nothing about the signal.
        let status = if Meaning::of(outcome) == Meaning::Page { 0 } else { outcome.status() };
        self.due = turn.now.plus(if status == 429 { outcome.wait(turn.wall) } else { SPAN });
        self.waiting.remove(0).note_signal(Some(status), turn.journal);
        true
    }
}
