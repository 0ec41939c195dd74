//! Requests that were made lately, against how many may be.

use std::collections::VecDeque;

use crate::api::poll::Budget;
use crate::model::json::{FromJson, ToJson};
use crate::model::time::Millis;

/// The most groups of requests that the next worker hears of.
const GROUPS: u64 = 60;

/// The spending of a worker, for the next worker: the limit is the service's, whichever worker asks.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
pub struct Spending {
    /// Of the budget with this name.
    of: String,
    /// How many requests were made until when, and after the group before.
    until: Vec<(Millis, usize)>,
}

/// One budget, and what was spent of it.
#[derive(Debug)]
pub(super) struct Purse {
    budget: &'static Budget,
    /// When each request was made, the oldest first; older ones than the budget's span are forgotten.
    spent: VecDeque<Millis>,
}

impl Purse {
    pub fn new(budget: &'static Budget) -> Purse {
        Purse { budget, spent: VecDeque::new() }
    }

    /// Requests spent, in groups: each counts as if all of it had been made when its last request was.
    pub fn spending(&self) -> Spending {
        let span = self.budget.per.0 / GROUPS;
        let mut until: Vec<(Millis, usize)> = Vec::new();
        let mut group = None;
        for at in &self.spent {
            match until.last_mut().filter(|_| group == Some(at.0 / span)) {
                Some(last) => *last = (*at, last.1 + 1),
                None => until.push((*at, 1)),
            }
            group = Some(at.0 / span);
        }
        Spending { of: self.budget.name.to_owned(), until }
    }

    /// Takes over what the worker before spent.
    pub fn take_over(&mut self, spending: &[Spending], now: Millis) {
        for (at, count) in spending.iter().filter(|one| one.of == self.budget.name).flat_map(|one| &one.until) {
            let at = (*at).min(now);
            let fresh = at.plus(self.budget.per) > now && self.spent.len() < self.budget.requests;
            let room = self.budget.requests - self.spent.len().min(self.budget.requests);
            self.spent.extend(std::iter::repeat_n(at, if fresh { (*count).min(room) } else { 0 }));
        }
    }

    pub fn is_for(&self, budget: &Budget) -> bool {
        self.budget == budget
    }

    /// From when one more request may be made.
    pub fn room_at(&self) -> Millis {
        let full = self.spent.len().checked_sub(self.budget.requests);
        full.and_then(|excess| self.spent.get(excess)).map_or(Millis::ZERO, |at| at.plus(self.budget.per))
    }

    pub fn spend(&mut self, now: Millis) {
        while self.spent.front().is_some_and(|at| at.plus(self.budget.per) <= now) {
            self.spent.pop_front();
        }
        self.spent.push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static TWO_A_SECOND: Budget = Budget { name: "two", requests: 2, per: Millis::from_secs(1) };

    #[test]
    fn no_span_holds_more_requests_than_its_budget() {
        let mut purse = Purse::new(&TWO_A_SECOND);
        assert_eq!(purse.room_at(), Millis::ZERO);
        purse.spend(Millis(5_000));
        assert_eq!(purse.room_at(), Millis::ZERO);
        purse.spend(Millis(5_400));
        assert_eq!(purse.room_at(), Millis(6_000), "until the first of the two is a second old");
        purse.spend(Millis(6_000));
        assert_eq!(purse.room_at(), Millis(6_400));
        purse.spend(Millis(90_000));
        assert_eq!((purse.room_at(), purse.spent.len()), (Millis::ZERO, 1), "older ones are forgotten");
    }

    static SIXTY_A_MINUTE: Budget = Budget { name: "sixty", requests: 60, per: Millis::from_mins(1) };

    #[test]
    fn the_next_worker_has_no_budget_of_its_own() {
        let mut purse = Purse::new(&SIXTY_A_MINUTE);
        (0..60).for_each(|request| purse.spend(Millis(100_000 + request * 50)));
        let spending = [purse.spending()];
        assert_eq!(spending[0].until.len(), 3, "in groups of a second");
        let mut next = Purse::new(&SIXTY_A_MINUTE);
        next.take_over(&spending, Millis(110_000));
        assert_eq!(next.room_at(), Millis(160_950), "a group counts as made when its last request was");
        let mut later = Purse::new(&SIXTY_A_MINUTE);
        later.take_over(&spending, Millis(170_000));
        assert_eq!(later.room_at(), Millis::ZERO, "what is older than the span is forgotten");
        let mut before = Purse::new(&SIXTY_A_MINUTE);
        before.take_over(&spending, Millis(50_000));
        assert_eq!(before.room_at(), Millis(110_000), "a clock that was set back makes nobody wait for longer");
        let mut other = Purse::new(&TWO_A_SECOND);
        other.take_over(&spending, Millis(110_000));
        assert_eq!(other.room_at(), Millis::ZERO, "another budget is not touched");
    }
}
