//! A card that yields to others: answers about the destination or the token are no try of the card.

use super::{Entry, Phase};
use crate::journal::turn::Turn;
use crate::journal::{Journal, Mark};
use crate::model::random::backoff;

/// 429 answers to one card in a row until the card yields to others: then the answers are about this card.
const REFUSALS_TO_YIELD: u32 = 3;

impl Entry {
    /// Back to the queue after a 429, which is about the destination. A card that always gets a 429 yields to others.
    pub fn refused_for_now(&mut self, turn: &mut Turn<'_>) {
        self.phase = Phase::Waiting;
        self.token_retried = false;
        self.refusals += 1;
        if self.refusals >= REFUSALS_TO_YIELD {
            self.refusals = 0;
            self.yield_to_others(turn);
        }
    }

    /// Whether nothing but refusals by 429 made it yield. Such refusals may be chance, so the card has its turn again.
    pub fn has_made_way(&self) -> bool {
        self.stored.yields > 0 && self.stored.tries == 0 && !self.stored.hangs && !self.is_rejected
    }

    /// Notes that a 401 is being answered with a fresh token. Says whether it is the first in a row.
    pub fn retry_with_fresh_token(&mut self, turn: &mut Turn<'_>) -> bool {
        self.phase = Phase::Waiting;
        let first = !std::mem::replace(&mut self.token_retried, true);
        if !first {
            self.token_retried = false;
            self.is_rejected = true;
            self.yield_to_others(turn);
        }
        first
    }

    /// Notes that the service took the request and refused its message.
    pub fn turn_down(&mut self) {
        self.turned_down = self.turned_down.saturating_add(1);
    }

    /// How often that was, since this worker began or a person took the card back.
    pub fn turned_down(&self) -> u32 {
        self.turned_down
    }

    /// Notes that its request hangs. The next worker tries others first, because this worker may die before the answer.
    pub fn note_hanging(&mut self, journal: &mut Journal) {
        if self.sending().is_some() {
            self.stored.hangs = true;
            journal.next_group();
            self.store(Mark::Open, journal);
        }
    }

    /// Its request is over: its end says where the card belongs.
    pub fn end_request(&mut self) {
        self.stored.hangs = false;
    }

    fn yield_to_others(&mut self, turn: &mut Turn<'_>) {
        let delay = backoff::delay(self.stored.yields, turn.random);
        self.stored.yields = self.stored.yields.saturating_add(1);
        self.stored.not_before = turn.now.plus(delay);
        turn.journal.next_group();
        self.store(Mark::Open, turn.journal);
    }
}
