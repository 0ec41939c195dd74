//! Requests that were made lately, against how many may be.

use std::collections::VecDeque;

use crate::api::poll::Budget;
use crate::model::json::{FromJson, ToJson};
use crate::model::time::Millis;

/// The most groups of requests that the next worker hears of.
const GROUPS: u64 = 60;

/// A worker may make this part of its budget before it tells the next worker again: more than the requests of a full
/// budget between two keep-alive calls.
const RESERVE: usize = 5;

/// The same of a young worker. Otherwise workers that are killed again and again would leave nothing but reserves.
const YOUNG_RESERVE: usize = 15;

/// A worker that has lived for so long will not be killed again and again.
const LONG_LIVED: Millis = Millis::from_secs(30);

/// The spending of a worker, for the next worker: the limit is the service's, whichever worker asks.
#[derive(Debug, Clone, Default, PartialEq, Eq, ToJson, FromJson)]
#[serde(default)]
pub struct Spending {
    /// Of the budget with this name.
    of: String,
    /// How many requests were made until when, and after the group before.
    until: Vec<(Millis, usize)>,
    /// How many more requests the worker may have made since, of which it told nobody.
    reserved: usize,
}

impl Spending {
    /// The same for a worker that goes on: it knows what it made.
    pub(super) fn without_reserve(self) -> Spending {
        Spending { reserved: 0, ..self }
    }
}

/// One budget, and what was spent of it.
#[derive(Debug)]
pub(super) struct Purse {
    budget: &'static Budget,
    /// When each request was made, the oldest first; older ones than the budget's span are forgotten.
    spent: VecDeque<Millis>,
    /// How many more requests the next worker counts already.
    reserved: usize,
    /// The start of the worker.
    since: Millis,
}

impl Purse {
    pub fn new(budget: &'static Budget, now: Millis) -> Purse {
        Purse { budget, spent: VecDeque::new(), reserved: 0, since: now }
    }

    /// Whether the requests that are `due` are more than the next worker would count.
    pub fn outspends(&self, due: usize, now: Millis) -> bool {
        due.min(self.room(now)) > self.reserved
    }

    /// Has the next worker count requests before they are made: those that are due, and some more, so that few requests
    /// need a write of their own. A young worker reserves no more than it may make at once.
    pub fn reserve(&mut self, due: usize, now: Millis) {
        let is_young = now.since(self.since) < LONG_LIVED;
        let (part, most) = if is_young { (YOUNG_RESERVE, self.room(now)) } else { (RESERVE, self.budget.requests) };
        self.reserved = (self.budget.requests / part).max(due).min(most);
    }

    /// How many requests may be made now.
    fn room(&self, now: Millis) -> usize {
        let made = self.spent.iter().filter(|at| at.plus(self.budget.per) > now).count();
        self.budget.requests.saturating_sub(made)
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
        Spending { of: self.budget.name.to_owned(), until, reserved: self.reserved }
    }

    /// Takes over what the worker before spent, and what it may have spent since: until now, for all that is known.
    pub fn take_over(&mut self, spending: &[Spending], now: Millis) {
        let groups = |one: &Spending| one.until.iter().copied().chain([(now, one.reserved)]).collect::<Vec<_>>();
        for (at, count) in spending.iter().filter(|one| one.of == self.budget.name).flat_map(groups) {
            let at = at.min(now);
            let count = if at.plus(self.budget.per) > now { count.min(self.budget.requests) } else { 0 };
            self.spent.extend(std::iter::repeat_n(at, count));
        }
        // The newest decide when there is room again.
        self.spent.drain(..self.spent.len().saturating_sub(self.budget.requests));
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
        self.reserved = self.reserved.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static TWO_A_SECOND: Budget = Budget { name: "two", requests: 2, per: Millis::from_secs(1) };

    #[test]
    fn no_span_holds_more_requests_than_its_budget() {
        let mut purse = Purse::new(&TWO_A_SECOND, Millis::ZERO);
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
        let mut purse = Purse::new(&SIXTY_A_MINUTE, Millis::ZERO);
        (0..60).for_each(|request| purse.spend(Millis(100_000 + request * 50)));
        let spending = [purse.spending()];
        assert_eq!(spending[0].until.len(), 3, "in groups of a second");
        let mut next = Purse::new(&SIXTY_A_MINUTE, Millis::ZERO);
        next.take_over(&spending, Millis(110_000));
        assert_eq!(next.room_at(), Millis(160_950), "a group counts as made when its last request was");
        let mut later = Purse::new(&SIXTY_A_MINUTE, Millis::ZERO);
        later.take_over(&spending, Millis(170_000));
        assert_eq!(later.room_at(), Millis::ZERO, "what is older than the span is forgotten");
        let mut before = Purse::new(&SIXTY_A_MINUTE, Millis::ZERO);
        before.take_over(&spending, Millis(50_000));
        assert_eq!(before.room_at(), Millis(110_000), "a clock that was set back makes nobody wait for longer");
        let mut other = Purse::new(&TWO_A_SECOND, Millis::ZERO);
        other.take_over(&spending, Millis(110_000));
        assert_eq!(other.room_at(), Millis::ZERO, "another budget is not touched");
    }

    #[test]
    fn what_a_killed_worker_did_not_tell_counts_as_spent_and_few_requests_need_a_write() {
        let mut purse = Purse::new(&SIXTY_A_MINUTE, Millis::ZERO);
        let mut told = purse.spending();
        let mut writes = 0;
        for request in 0..60 {
            let now = Millis(100_000 + request * 500);
            if purse.outspends(1, now) {
                purse.reserve(1, now);
                told = purse.spending();
                writes += 1;
            }
            purse.spend(now);
            let mut next = Purse::new(&SIXTY_A_MINUTE, now);
            next.take_over(std::slice::from_ref(&told), now);
            assert!(next.spent.len() as u64 > request, "{} after {request}", next.spent.len());
        }
        assert_eq!(writes, 5, "a fifth of the budget each");
    }

    #[test]
    fn workers_that_are_killed_again_and_again_go_on_asking() {
        let mut told = Spending::default();
        let mut made = Vec::new();
        for worker in 0..150 {
            let now = Millis(100_000 + worker * 2_000);
            let mut purse = Purse::new(&SIXTY_A_MINUTE, now);
            purse.take_over(std::slice::from_ref(&told), now);
            for _ in 0..3 {
                if purse.room_at() > now {
                    break;
                }
                if purse.outspends(1, now) {
                    purse.reserve(1, now);
                    told = purse.spending();
                }
                purse.spend(now);
                made.push(now.0);
            }
        }
        let most = made.iter().map(|at| made.iter().filter(|other| (*at..*at + 60_000).contains(*other)).count()).max();
        assert!(most <= Some(60), "{most:?} in a minute");
        assert!(made.len() >= 150, "half of the budget, in five minutes: {}", made.len());
    }
}
