//! The rules that an event can touch, as bits: a rule that it cannot touch costs nothing.

use std::cell::RefCell;
use std::sync::Arc;

use crate::model::sorted::SortedMap;
use crate::rules::Rule;

/// Queue names whose rules are remembered; beyond, all are looked up again.
const QUEUES: usize = 256;

/// Rules by their place in the plan, a bit each.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// The places for which this holds.
    pub fn of(places: usize, holds: impl Fn(usize) -> bool) -> Bits {
        let mut bits = vec![0_u64; places.div_ceil(64)];
        (0..places).filter(|place| holds(*place)).for_each(|place| bits[place / 64] |= 1 << (place % 64));
        Bits(bits)
    }

    /// Empties it, for rules of this number.
    pub fn clear(&mut self, rules: usize) {
        self.0.clear();
        self.0.resize(rules.div_ceil(64), 0);
    }

    pub fn add(&mut self, other: &Bits) {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own |= other);
    }

    pub fn keep(&mut self, other: &Bits) {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own &= other);
    }

    #[cfg(test)]
    pub fn has(&self, place: usize) -> bool {
        self.0.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    /// The first place from `from` on.
    pub fn next(&self, from: usize) -> Option<usize> {
        let mut at = from / 64;
        let mut word = self.0.get(at)? & (u64::MAX << (from % 64));
        while word == 0 {
            at += 1;
            word = *self.0.get(at)?;
        }
        Some(at * 64 + word.trailing_zeros() as usize)
    }
}

/// The rules that hear each queue. Names are compared with patterns once.
#[derive(Debug, Default)]
pub(super) struct Hearing {
    rules: Vec<Arc<Rule>>,
    /// Some rule does not hear every queue.
    is_scoped: bool,
    /// The rules that hear an event without a queue.
    nameless: Arc<Bits>,
    queues: RefCell<SortedMap<String, Arc<Bits>>>,
}

impl Hearing {
    pub fn of(rules: Vec<Arc<Rule>>) -> Hearing {
        let is_scoped = rules.iter().any(|rule| !rule.queues.hear_all());
        Hearing { is_scoped, nameless: Arc::new(hearing(&rules, None)), rules, queues: RefCell::default() }
    }

    /// The rules that hear a queue.
    pub fn rules(&self, queue: Option<&str>) -> Arc<Bits> {
        let Some(name) = queue.filter(|_| self.is_scoped) else { return Arc::clone(&self.nameless) };
        let mut queues = self.queues.borrow_mut();
        if let Some(known) = queues.get(name) {
            return Arc::clone(known);
        }
        if queues.len() >= QUEUES {
            queues.clear();
        }
        let found = Arc::new(hearing(&self.rules, queue));
        queues.insert(name.to_owned(), Arc::clone(&found));
        found
    }
}

fn hearing(rules: &[Arc<Rule>], queue: Option<&str>) -> Bits {
    Bits::of(rules.len(), |at| rules[at].queues.hear(queue))
}
