//! Events to come, the earliest first. Events of one instant happen in the order in which they were planned.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

#[derive(Debug)]
pub struct Agenda<E> {
    queue: BinaryHeap<Reverse<(u64, u64, E)>>,
    planned: u64,
}

impl<E: Ord> Default for Agenda<E> {
    fn default() -> Agenda<E> {
        Agenda { queue: BinaryHeap::new(), planned: 0 }
    }
}

impl<E: Ord> Agenda<E> {
    pub fn plan(&mut self, at: u64, event: E) {
        self.planned += 1;
        self.queue.push(Reverse((at, self.planned, event)));
    }

    /// The instant of the next event.
    pub fn next_at(&self) -> Option<u64> {
        self.queue.peek().map(|Reverse((at, ..))| *at)
    }

    pub fn next(&mut self) -> Option<(u64, E)> {
        self.queue.pop().map(|Reverse((at, _, event))| (at, event))
    }
}
