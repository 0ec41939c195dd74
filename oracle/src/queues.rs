//! Who waits, what was heard and what fired in each queue.

use std::collections::BTreeMap;

use crate::message::{Message, folded};

const MINUTE: u64 = 60_000;
/// How long a score counts for the mean of its queue.
const SCORES: u64 = 5 * MINUTE;
/// Scores, and marks of a minute, that count at most.
const MOST_SCORES: usize = 256;
const MOST_MARKS: usize = 1_000;

#[derive(Debug, Clone, Default)]
pub(crate) struct Queues {
    /// Where each interaction is, and since when it waits.
    places: BTreeMap<String, (String, Option<u64>)>,
    queues: BTreeMap<String, Queue>,
}

#[derive(Debug, Clone, Default)]
struct Queue {
    arrivals: Vec<u64>,
    triggers: Vec<u64>,
    scores: Vec<(u64, f64)>,
}

impl Queues {
    pub fn hear(&mut self, now: u64, message: &Message) {
        let before = self.places.remove(message.id());
        let named = message.queue().map(folded);
        let Some(here) = named.or_else(|| before.as_ref().map(|(queue, _)| queue.clone())) else { return };
        let stayed = before.filter(|(queue, _)| *queue == here);
        let queue = self.queues.entry(here.clone()).or_default();
        if stayed.is_none() {
            newest(&mut queue.arrivals, now, MOST_MARKS);
        }
        if let Some(score) = message.number("/sentiment/score") {
            newest(&mut queue.scores, (now, score), MOST_SCORES);
        }
        let waits_since = stayed.and_then(|(_, since)| since);
        let since = match message.step() {
            Some("queued" | "waiting") => {
                let said = message.number("/routing/queueWaitTimeMs").unwrap_or_default() as u64;
                Some(waits_since.unwrap_or(now).min(now.saturating_sub(said)))
            }
            Some(_) => None,
            None => waits_since,
        };
        self.places.insert(message.id().to_owned(), (here, since));
    }

    /// The interaction is over.
    pub fn end(&mut self, interaction: &str) {
        self.places.remove(interaction);
    }

    /// A live rule fired for it.
    pub fn fired(&mut self, now: u64, message: &Message) {
        if let Some(queue) = self.queue_of(message).and_then(|queue| self.queues.get_mut(&queue)) {
            newest(&mut queue.triggers, now, MOST_MARKS);
        }
    }

    pub fn figure(&self, figure: &str, message: &Message, now: u64) -> Option<f64> {
        let here = self.queue_of(message)?;
        let queue = self.queues.get(&here)?;
        let waiting = || self.places.values().filter(|(queue, _)| *queue == here).filter_map(|(_, since)| *since);
        let lately = |marks: &[u64]| marks.iter().filter(|at| **at + MINUTE > now).count() as f64;
        match figure {
            "queueWaiting" => Some(waiting().count() as f64),
            "queueLongestWaitMs" => waiting().min().map(|since| now.saturating_sub(since) as f64),
            "queueMeanSentiment" => {
                let counted: Vec<f64> =
                    queue.scores.iter().filter(|(at, _)| at + SCORES > now).map(|(_, score)| *score).collect();
                (!counted.is_empty()).then(|| counted.iter().sum::<f64>() / counted.len() as f64)
            }
            "queueArrivalsPerMinute" => Some(lately(&queue.arrivals)),
            _ => Some(lately(&queue.triggers)),
        }
    }

    fn queue_of(&self, message: &Message) -> Option<String> {
        message.queue().map(folded).or_else(|| self.places.get(message.id()).map(|(queue, _)| queue.clone()))
    }
}

fn newest<T>(all: &mut Vec<T>, one: T, most: usize) {
    if all.len() == most {
        all.remove(0);
    }
    all.push(one);
}
