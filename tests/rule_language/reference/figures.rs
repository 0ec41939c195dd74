//! Figures of windows and queues, each computed from the whole list of past events.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Reference;
use super::message::{id, seen};

pub const QUEUE_FIGURES: [&str; 5] =
    ["queueWaiting", "queueLongestWaitMs", "queueMeanSentiment", "queueArrivalsPerMinute", "queueTriggersPerMinute"];

impl Reference<'_> {
    /// The numbers that an interaction's past events said in a field, since it ended last.
    pub(super) fn values(&self, field: &str, interaction: &str) -> Vec<(u64, f64)> {
        let mut values = Vec::new();
        for (place, (at, event)) in self.past.iter().enumerate().filter(|(_, (_, event))| id(event) == interaction) {
            if let Some(number) = seen(field, event).and_then(Value::as_f64) {
                values.push((*at, number));
            }
            if self.is_over(place) {
                values.clear();
            }
        }
        values
    }

    /// Whether an event ended its interaction. Rules still see the event that ends it.
    fn is_over(&self, place: usize) -> bool {
        self.past[place].1["type"] == "disposition" && self.hearing != Some(place)
    }

    pub(super) fn figure(&self, window: &Value, field: &str, interaction: &str, at: u64) -> Option<f64> {
        let mut values = self.values(field, interaction);
        match (window["values"].as_u64(), window["seconds"].as_u64()) {
            (Some(newest), _) => {
                let skipped = values.len().saturating_sub(usize::try_from(newest).unwrap());
                values.drain(..skipped);
            }
            (_, seconds) => values.retain(|(heard, _)| heard + 1_000 * seconds.unwrap() > at),
        }
        let (oldest, newest) = (*values.first()?, *values.last()?);
        let count = values.len() as f64;
        let mean = values.iter().map(|(_, value)| value).sum::<f64>() / count;
        match window["figure"].as_str().unwrap() {
            "mean" => Some(mean),
            "min" => values.iter().map(|(_, value)| *value).min_by(f64::total_cmp),
            "max" => values.iter().map(|(_, value)| *value).max_by(f64::total_cmp),
            "count" => Some(count),
            "change" => Some(newest.1 - oldest.1),
            "slope" => {
                let minutes: Vec<f64> = values.iter().map(|(heard, _)| *heard as f64 / 60_000.0).collect();
                let middle = minutes.iter().sum::<f64>() / count;
                let spread: f64 = minutes.iter().map(|minute| (minute - middle).powi(2)).sum();
                let both: f64 = minutes.iter().zip(&values).map(|(minute, it)| (minute - middle) * (it.1 - mean)).sum();
                (values.iter().any(|(heard, _)| *heard != oldest.0)).then(|| both / spread)
            }
            other => panic!("{other}"),
        }
    }

    /// The queue that an event names, or the one that its interaction named last.
    pub(super) fn queue_of(&self, event: usize) -> Option<String> {
        let message = &self.past[event].1;
        let named = |message: &Value| seen("queue", message).and_then(Value::as_str).map(|it| it.trim().to_lowercase());
        let before = || {
            let mut last = None;
            for (place, (_, other)) in self.past.iter().enumerate().filter(|(_, (_, it))| id(it) == id(message)) {
                last = named(other).or(last);
                if self.is_over(place) {
                    last = None;
                }
            }
            last
        };
        named(message).or_else(before)
    }

    pub(super) fn queue_figure(&self, figure: &str, event: usize, at: u64) -> Option<f64> {
        let queue = self.queue_of(event)?;
        // Where each interaction is, and since when it waits.
        let mut places: BTreeMap<String, (String, Option<u64>)> = BTreeMap::new();
        let (mut arrivals, mut scores, mut known) = (0, Vec::new(), false);
        for (place, (heard, message)) in self.past.iter().enumerate() {
            let before = places.remove(&id(message));
            let named = seen("queue", message).and_then(Value::as_str).map(|it| it.trim().to_lowercase());
            let Some(here) = named.or_else(|| before.as_ref().map(|(queue, _)| queue.clone())) else { continue };
            let stayed = before.filter(|(queue, _)| *queue == here);
            if here == queue {
                known = true;
                arrivals += u64::from(stayed.is_none() && heard + 60_000 > at);
                let score = seen("sentimentScore", message).and_then(Value::as_f64);
                scores.extend(score.filter(|_| heard + 300_000 > at));
            }
            let waited = seen("queueWaitMs", message).and_then(Value::as_f64).unwrap_or_default() as u64;
            let since = match message["type"].as_str() {
                Some("queued" | "waiting") => {
                    let since = stayed.and_then(|(_, since)| since).unwrap_or(*heard);
                    Some(since.min(heard - waited))
                }
                Some(_) => None,
                None => stayed.and_then(|(_, since)| since),
            };
            if !self.is_over(place) {
                places.insert(id(message), (here, since));
            }
        }
        if !known {
            return None;
        }
        let waiting: Vec<u64> = places.values().filter(|(here, _)| *here == queue).filter_map(|(_, it)| *it).collect();
        match figure {
            "queueWaiting" => Some(waiting.len() as f64),
            "queueLongestWaitMs" => waiting.iter().map(|since| (at - since) as f64).max_by(f64::total_cmp),
            "queueMeanSentiment" => (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64),
            "queueArrivalsPerMinute" => Some(arrivals as f64),
            "queueTriggersPerMinute" => {
                Some(self.triggers.iter().filter(|(when, of)| *of == queue && when + 60_000 > at).count() as f64)
            }
            other => panic!("{other}"),
        }
    }
}
