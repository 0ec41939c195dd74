//! Signals to scripts: one for a card at most, only after its message was taken by an answer that a client has.

use std::collections::{BTreeSet, HashMap};

use super::Judge;
use super::stored::marker;
use crate::published::inbox::Signal;

/// Looks that a card may have.
const SEVERITIES: [&str; 4] = ["info", "warning", "success", "error"];

/// The signals that came, and the messages that one may follow.
#[derive(Debug, Default)]
pub struct Signals {
    /// Markers of messages whose answers a client has.
    taken: BTreeSet<String>,
    /// Signals by the key that they name.
    by_key: HashMap<String, u32>,
    /// Signals whose key had one before.
    pub twice: u64,
    /// Signals for no message that a client knows to be taken.
    pub unasked: u64,
    /// Signals with other values than those of a card, or to a contact that is due none.
    pub wrong: u64,
}

impl Signals {
    /// The tally starts again from zero; what is known stays.
    pub fn begun_again(self) -> Self {
        Self { twice: 0, unasked: 0, wrong: 0, ..self }
    }
}

impl Judge {
    /// A client has the answer that its messages were taken.
    pub fn told_stored(&mut self, subjects: &[String]) {
        self.signals.taken.extend(subjects.iter().filter_map(|subject| marker(subject)));
    }

    /// A signal came to the script of a contact.
    pub fn signalled(&mut self, number: u64, signal: &Signal) {
        let value = |name: &str| signal.values.get(name).and_then(|value| value.as_str()).unwrap_or_default();
        let key = value("p2");
        let times = self.signals.by_key.entry(key.to_owned()).or_default();
        *times += 1;
        self.signals.twice += u64::from(*times > 1);
        self.signals.unasked += u64::from(!self.signals.taken.contains(key));
        let is_whole = value("p1") == "cuewire"
            && SEVERITIES.contains(&value("p3"))
            && ["p4", "p5", "p6"].iter().all(|name| !value(name).is_empty());
        let is_due = self.watched.get(&number).is_some_and(|watch| !watch.rules.or(watch.maybe).is_empty());
        self.signals.wrong += u64::from(!is_whole || !is_due && !self.forgiven.contains(&number));
    }
}
