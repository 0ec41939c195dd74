//! The queue of an event that names none: its interaction's last.

use std::sync::Arc;

use crate::model::event::{Event, text};
use crate::model::fingerprint::table::Table;
use crate::model::fingerprint::{Fingerprint, Subject};
use crate::model::names::Names;

/// Interactions in one generation, and names. Two generations are kept, at about 60 bytes an interaction: some 1.2 MB.
const GENERATION: usize = 10_000;

/// Remembers the queue that each interaction named last, as long as this worker lives. Interactions beyond two
/// generations are forgotten, those unheard for longest first.
#[derive(Debug, Default)]
pub struct LastQueues {
    connection: Fingerprint,
    young: Generation,
    old: Generation,
}

/// Interactions, each with the number of its queue's name.
#[derive(Debug, Default)]
struct Generation {
    queues: Table<Fingerprint, u32>,
    names: Names,
}

impl LastQueues {
    /// Hears this connection from now on. Another connection's interactions are forgotten.
    pub fn adopt(&mut self, connection: Fingerprint) {
        if self.connection != connection {
            *self = LastQueues { connection, ..LastQueues::default() };
        }
    }

    /// Takes the queue of the event that a stored hold rests on. Otherwise the hold hears no event that leaves the queue
    /// out, and fires although the customer calmed down.
    pub fn restore(&mut self, subject: Subject, held: Option<&Event<'_>>) {
        if let Some(name) =
            held.and_then(|event| event.queue.as_deref()).filter(|_| subject.connection == self.connection)
        {
            self.remember(subject.interaction, name);
        }
    }

    /// Takes an event. Returns the queue that it belongs to without naming it.
    pub fn hear(&mut self, interaction: Fingerprint, event: &Event<'_>) -> Option<Arc<str>> {
        let Some(name) = text(&event.queue) else { return self.last(interaction) };
        let Generation { queues, names } = &mut self.young;
        if let Some(last) = queues.get_mut(interaction) {
            if names.is(*last as usize, name) {
                return None;
            }
            if let Some(number) = names.find(name) {
                *last = number as u32;
                return None;
            }
        }
        self.remember(interaction, name);
        None
    }

    fn last(&mut self, interaction: Fingerprint) -> Option<Arc<str>> {
        if let Some(number) = self.young.queues.get(interaction) {
            return self.young.names.get(*number as usize);
        }
        let number = self.old.queues.remove(interaction)?;
        let name = self.old.names.get(number as usize)?;
        self.remember(interaction, &name);
        Some(name)
    }

    #[inline(never)]
    fn remember(&mut self, interaction: Fingerprint, name: &str) {
        self.old.queues.remove(interaction);
        if self.young.queues.len().max(self.young.names.len()) >= GENERATION {
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.queues.clear();
            self.young.names.clear();
            self.old.queues.remove(interaction);
        }
        let number = self.young.names.number(name);
        self.young.queues.insert(interaction, number as u32);
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
        assert!(queues.young.names.len() <= GENERATION && queues.old.names.len() <= GENERATION);
    }
}
