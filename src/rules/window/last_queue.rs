//! The queue of an event that names none: its interaction's last.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use crate::model::event::Event;
use crate::model::fingerprint::{Digest, Fingerprint};

/// Interactions in one generation. Two generations are kept, at about 60 bytes an interaction: some 1.2 MB.
const GENERATION: usize = 10_000;

/// Remembers the queue that each interaction named last, as long as this worker lives. Interactions beyond two
/// generations are forgotten, those unheard for longest first.
#[derive(Debug, Default)]
pub struct LastQueues {
    connection: Fingerprint,
    young: HashMap<Fingerprint, Arc<str>, BuildHasherDefault<Digest>>,
    old: HashMap<Fingerprint, Arc<str>, BuildHasherDefault<Digest>>,
    /// Each name once.
    names: HashSet<Arc<str>>,
}

impl LastQueues {
    /// Hears this connection from now on. Another connection's interactions are forgotten.
    pub fn adopt(&mut self, connection: Fingerprint) {
        if self.connection != connection {
            *self = LastQueues { connection, ..LastQueues::default() };
        }
    }

    /// Takes an event. Returns the queue that it belongs to without naming it.
    pub fn hear(&mut self, interaction: Fingerprint, event: &Event<'_>) -> Option<Arc<str>> {
        let Some(name) = event.queue.as_deref() else { return self.last(interaction) };
        // Nearly every event names the queue that its interaction is in.
        if self.young.get(&interaction).is_some_and(|last| &**last == name) {
            return None;
        }
        if self.last(interaction).is_none_or(|last| &*last != name) {
            let name = self.name(name);
            self.remember(interaction, name);
        }
        None
    }

    fn last(&mut self, interaction: Fingerprint) -> Option<Arc<str>> {
        if let Some(name) = self.young.get(&interaction) {
            return Some(Arc::clone(name));
        }
        let name = self.old.remove(&interaction)?;
        self.remember(interaction, Arc::clone(&name));
        Some(name)
    }

    fn remember(&mut self, interaction: Fingerprint, name: Arc<str>) {
        if self.young.len() >= GENERATION && !self.young.contains_key(&interaction) {
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
            self.names.retain(|name| Arc::strong_count(name) > 1);
        }
        self.young.insert(interaction, name);
    }

    fn name(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.names.get(name) {
            return Arc::clone(known);
        }
        let name: Arc<str> = name.into();
        self.names.insert(Arc::clone(&name));
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::contract::event::parse;

    fn hear(queues: &mut LastQueues, frame: &str) -> Option<String> {
        let event = parse(frame.as_bytes()).expect("an event");
        queues.hear(Fingerprint::of(&event.id), &event).map(|name| name.to_string())
    }

    #[test]
    fn an_event_without_a_queue_belongs_to_the_one_that_its_interaction_named_last() {
        let mut queues = LastQueues::default();
        let named = |id: &str, queue: &str| format!(r#"{{"id":"{id}","routing":{{"queueName":"{queue}"}}}}"#);
        assert_eq!(hear(&mut queues, r#"{"id":"a"}"#), None);
        assert_eq!(hear(&mut queues, &named("a", "Billing")), None);
        assert_eq!(hear(&mut queues, &named("b", "Sales")), None);
        assert_eq!(hear(&mut queues, r#"{"id":"a"}"#).as_deref(), Some("Billing"));
        assert_eq!(hear(&mut queues, &named("a", "Retention")), None);
        assert_eq!(hear(&mut queues, r#"{"id":"a","type":"disposition"}"#).as_deref(), Some("Retention"));
        assert_eq!(hear(&mut queues, r#"{"id":"b"}"#).as_deref(), Some("Sales"));
    }

    #[test]
    fn the_interactions_unheard_for_longest_are_forgotten_first() {
        let mut queues = LastQueues::default();
        for id in 0..3 * GENERATION {
            hear(&mut queues, &format!(r#"{{"id":"{id}","routing":{{"queueName":"q{id}"}}}}"#));
            assert_eq!(hear(&mut queues, r#"{"id":"0"}"#).as_deref(), Some("q0"));
        }
        assert_eq!(hear(&mut queues, r#"{"id":"1"}"#), None);
        let newest = 3 * GENERATION - 1;
        assert_eq!(hear(&mut queues, &format!(r#"{{"id":"{newest}"}}"#)), Some(format!("q{newest}")));
        assert!(queues.names.len() <= 2 * GENERATION + 1, "{}", queues.names.len());
    }
}
