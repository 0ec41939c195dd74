//! Events of stories that are still to come, in the order of their time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use crate::event::Event;

/// Events that are still to come; those of one moment in the order in which they were added.
#[derive(Debug, Default)]
pub(super) struct Upcoming {
    order: BinaryHeap<Reverse<(i64, u64)>>,
    events: HashMap<u64, Event>,
    told: u64,
}

impl Upcoming {
    /// Adds an event that comes `at` milliseconds after the start.
    pub fn add(&mut self, at: f64, event: Event) {
        self.order.push(Reverse((at as i64, self.told)));
        self.events.insert(self.told, event);
        self.told += 1;
    }

    /// When the next event comes.
    pub fn next_at(&self) -> Option<f64> {
        self.order.peek().map(|Reverse((at, _))| *at as f64)
    }

    /// The next event.
    pub fn pop(&mut self) -> Option<Event> {
        let Reverse((_, number)) = self.order.pop()?;
        self.events.remove(&number)
    }
}
