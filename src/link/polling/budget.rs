//! Requests that were made lately, against how many may be.

use std::collections::VecDeque;

use crate::api::poll::Budget;
use crate::model::time::Millis;

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
}
