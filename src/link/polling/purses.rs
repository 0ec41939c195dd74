//! The requests that polls and signals spend, and how the next worker knows of them.

use super::Polling;
use super::budget::{Purse, Spending};
use crate::model::time::Millis;

impl Polling {
    /// The requests spent, for the next worker.
    pub fn spending(&self) -> Vec<Spending> {
        if self.poller.is_none() {
            self.spent_before.clone()
        } else {
            self.purses.iter().map(Purse::spending).collect()
        }
    }

    /// Whether the polls that are due now, and these signals, are more requests than the next worker would count.
    pub fn outspends(&self, signals: usize, now: Millis) -> bool {
        (0..self.purses.len()).any(|place| self.purses[place].outspends(self.due(place, signals, now), now))
    }

    /// Has the next worker count the requests that are due, and some more.
    pub fn reserve(&mut self, now: Millis) {
        for place in 0..self.purses.len() {
            let due = self.due(place, 1, now);
            self.purses[place].reserve(due, now);
        }
    }

    /// The requests of a purse that are due now. Signals are paid from the first.
    fn due(&self, purse: usize, signals: usize, now: Millis) -> usize {
        let is_due = |place: usize| self.due_at(place).is_some_and(|at| at <= now);
        let of_purse = |place: &usize| self.purses[purse].is_for(self.rounds[*place].poll.budget);
        let polls = (0..self.rounds.len()).filter(of_purse).filter(|place| is_due(*place)).count();
        polls + if purse == 0 { signals } else { 0 }
    }

    /// From when a signal may be sent: it is paid from the budget of the first poll, whose interface takes it. `None`
    /// while no polls are made.
    pub fn room_at(&self) -> Option<Millis> {
        let purse = self.purses.first().filter(|_| self.is_on())?;
        Some(purse.room_at().max(self.held_until))
    }

    /// A signal was sent.
    pub fn spend(&mut self, now: Millis) {
        if let Some(purse) = self.purses.first_mut() {
            purse.spend(now);
        }
    }
}
