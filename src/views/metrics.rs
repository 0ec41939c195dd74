//! The figures of the dashboard: series, histograms, queues, latency. Counting costs no allocation once an interaction
//! is known.

use std::ops::Range;

use hdrhistogram::Histogram;

use crate::delivery::outbox::Delivery;
use crate::model::event::{Event, text};
use crate::model::fingerprint::Fingerprint;
use crate::model::fingerprint::table::Table;
use crate::model::names::Names;
use crate::model::sorted;
use crate::model::time::Millis;
use crate::views::dashboard::{Bin, Figures, Latency, QueueRow, Series};

/// Bins of the sentiment histogram, 0.05 wide.
const SENTIMENT_BINS: usize = 40;
/// Bins of the wait histogram, 10 s wide; the last one takes all that is longer.
const WAIT_BINS: usize = 61;
const WAIT_BIN_MS: f64 = 10_000.0;

/// Queues told apart; those beyond share one row without a name.
const QUEUES: usize = 64;
/// Interactions followed at once; those beyond count in no queue.
const INTERACTIONS: usize = 20_000;

const SECONDS: usize = 300;
const MINUTES: usize = 1_440;

/// The kinds of counts in a slot of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// An event was heard.
    Event,
    /// A rule became true.
    Trigger,
    /// A card was delivered.
    Delivered,
}

/// The figures since the worker started; the series go on from what an earlier one left.
#[derive(Debug)]
pub struct Metrics {
    seconds: Ring,
    minutes: Ring,
    sentiment: [u32; SENTIMENT_BINS],
    wait: [u32; WAIT_BINS],
    queues: Queues,
    live: Table<Fingerprint, Live>,
    durable: Option<Box<Histogram<u32>>>,
    answered: Option<Box<Histogram<u32>>>,
    total: Option<Box<Histogram<u32>>>,
}

impl Default for Metrics {
    fn default() -> Metrics {
        Metrics {
            seconds: Ring::new(1_000, SECONDS),
            minutes: Ring::new(60_000, MINUTES),
            sentiment: [0; SENTIMENT_BINS],
            wait: [0; WAIT_BINS],
            queues: Queues::default(),
            live: Table::default(),
            durable: None,
            answered: None,
            total: None,
        }
    }
}

/// The queues, each under the number of its name.
#[derive(Debug, Default)]
struct Queues {
    names: Names,
    rows: Vec<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    name: String,
    interactions: u64,
    events: u64,
    sentiment_sum: f64,
    sentiment_count: u64,
    triggers: u64,
}

#[derive(Debug, Default)]
struct Live {
    queue: usize,
    waiting: bool,
    wait_ms: f64,
}

impl Metrics {
    /// Counts one thing.
    #[inline(always)]
    pub fn count(&mut self, what: Counted, wall: Millis) {
        self.seconds.count(what, wall);
        self.minutes.count(what, wall);
    }

    /// Counts what an event says.
    pub fn event(&mut self, event: &Event<'_>, interaction: Fingerprint, wall: Millis) {
        self.count(Counted::Event, wall);
        if let Some(score) = event.sentiment_score {
            let bin = ((score + 1.0) * (SENTIMENT_BINS as f64 / 2.0)) as usize;
            self.sentiment[bin.min(SENTIMENT_BINS - 1)] += 1;
        }
        if let Some(wait) = event.queue_wait_ms {
            self.wait[((wait / WAIT_BIN_MS) as usize).min(WAIT_BINS - 1)] += 1;
        }
        let mut live = self.live.get_mut(interaction);
        let known = live.as_ref().map(|live| live.queue);
        let queue = match (text(&event.queue), known) {
            (Some(name), known) => self.queues.of(name, known),
            (None, Some(known)) => known,
            (None, None) => return,
        };
        let rows = &mut *self.queues.rows;
        let row = &mut rows[queue];
        row.events += 1;
        if let Some(score) = event.sentiment_score {
            row.sentiment_sum += score;
            row.sentiment_count += 1;
        }
        if event.ends_interaction {
            if self.live.remove(interaction).is_none() {
                row.interactions += 1;
            }
            return;
        }
        if let Some(live) = &mut live {
            live.queue = queue;
            live.waiting &= !event.ends_wait;
            live.wait_ms = event.queue_wait_ms.unwrap_or(live.wait_ms);
            return;
        }
        row.interactions += 1;
        if self.live.len() < INTERACTIONS {
            let (waiting, wait_ms) = (!event.ends_wait, event.queue_wait_ms.unwrap_or_default());
            self.live.insert(interaction, Live { queue, waiting, wait_ms });
        }
    }

    /// Counts a trigger.
    pub fn trigger(&mut self, queue: Option<&str>, wall: Millis) {
        self.count(Counted::Trigger, wall);
        if let Some(queue) = queue {
            let queue = self.queues.of(queue, None);
            self.queues.rows[queue].triggers += 1;
        }
    }

    /// A card became durable so long after its event.
    pub fn durable_after(&mut self, span: Millis) {
        record(&mut self.durable, span);
    }

    /// A card was delivered.
    pub fn delivered_after(&mut self, delivery: Delivery) {
        if let Some(span) = delivery.since_durable {
            record(&mut self.answered, span);
        }
        record(&mut self.total, delivery.since_event);
    }

    /// The figures of the dashboard.
    pub fn figures(&self, wall: Millis) -> Figures {
        let shown = |histogram: &Option<Box<Histogram<u32>>>| histogram.as_deref().map(latency);
        Figures {
            events_per_second: self.events_per_second(wall),
            by_second: self.seconds.series(wall),
            by_minute: self.minutes.series(wall),
            queues: self.queues(),
            durable: shown(&self.durable),
            answered: shown(&self.answered),
            total: shown(&self.total),
        }
    }

    /// Events in the last full ten seconds, per second.
    fn events_per_second(&self, wall: Millis) -> f64 {
        let series = self.seconds.series(wall);
        let full = series.events.len().saturating_sub(1);
        series.events[full.saturating_sub(10)..full].iter().map(|count| f64::from(*count)).sum::<f64>() / 10.0
    }

    /// How often each sentiment was heard.
    pub fn sentiment(&self) -> Vec<Bin> {
        let width = 2.0 / SENTIMENT_BINS as f64;
        bins(&self.sentiment, |bin| bin as f64 * width - 1.0)
    }

    /// How often each wait was heard, in seconds.
    pub fn wait(&self) -> Vec<Bin> {
        bins(&self.wait, |bin| bin as f64 * WAIT_BIN_MS / 1_000.0)
    }

    /// The queues, those with the most events first.
    fn queues(&self) -> Vec<QueueRow> {
        let mut rows: Vec<QueueRow> = (self.queues.rows.iter().enumerate())
            .map(|(at, queue)| {
                let waits = self.live.values().filter(|live| live.queue == at && live.waiting);
                QueueRow {
                    name: queue.name.clone(),
                    interactions: queue.interactions,
                    events: queue.events,
                    live: self.live.values().filter(|live| live.queue == at).count() as u64,
                    longest_wait_ms: waits.map(|live| live.wait_ms).fold(0.0, f64::max),
                    mean_sentiment: (queue.sentiment_count > 0)
                        .then(|| queue.sentiment_sum / queue.sentiment_count as f64),
                    triggers: queue.triggers,
                }
            })
            .collect();
        sorted::sort_by(&mut rows, |a, b| b.events.cmp(&a.events).then_with(|| a.name.cmp(&b.name)));
        rows
    }

    /// The minutes with anything in them, for the next worker.
    pub fn stored_minutes(&self, wall: Millis) -> Vec<(u64, [u32; 3])> {
        self.minutes.stored(wall)
    }

    /// Takes up the minutes an earlier worker left, but for those that are yet to come: after them, nothing would
    /// count.
    pub fn restore_minutes(&mut self, stored: &[(u64, [u32; 3])], wall: Millis) {
        self.minutes.restore(stored, wall);
    }
}

impl Queues {
    /// The row of a queue. Nearly every event names the queue that its interaction is in, whose row needs no search.
    #[inline(always)]
    fn of(&mut self, name: &str, known: Option<usize>) -> usize {
        if let Some(at) = known
            && self.names.is(at, name)
        {
            return at;
        }
        match self.names.find(name) {
            Some(at) => at,
            None => self.add(name),
        }
    }

    #[inline(never)]
    fn add(&mut self, name: &str) -> usize {
        let name = if self.rows.len() < QUEUES - 1 { name } else { "" };
        self.names.find(name).unwrap_or_else(|| {
            self.rows.push(Queue { name: name.to_owned(), ..Queue::default() });
            self.names.add(name)
        })
    }
}

/// Counts by slots of equal length, the newest of them.
#[derive(Debug)]
struct Ring {
    slot_ms: u64,
    /// Empty until something is counted.
    slots: Vec<[u32; 3]>,
    length: usize,
    newest: u64,
    /// The place of the slot that was counted last, and the time that the slot covers: another event of that time
    /// needs no division.
    last: (usize, Range<u64>),
}

impl Ring {
    fn new(slot_ms: u64, length: usize) -> Ring {
        Ring { slot_ms, slots: Vec::new(), length, newest: 0, last: (0, 0..0) }
    }

    #[inline(always)]
    fn count(&mut self, what: Counted, wall: Millis) {
        let slots = &mut *self.slots;
        if self.last.1.start <= wall.0 && wall.0 < self.last.1.end {
            let count = &mut slots[self.last.0][what as usize];
            *count = count.saturating_add(1);
        } else {
            self.count_elsewhere(what, wall);
        }
    }

    #[inline(never)]
    fn count_elsewhere(&mut self, what: Counted, wall: Millis) {
        let slot = wall.0 / self.slot_ms;
        self.add(slot, what as usize, 1);
        if slot == self.newest {
            let begins = slot * self.slot_ms;
            self.last = ((slot % self.length as u64) as usize, begins..begins.saturating_add(self.slot_ms));
        }
    }

    fn add(&mut self, slot: u64, what: usize, count: u32) {
        if self.slots.is_empty() {
            self.slots = vec![[0; 3]; self.length];
            self.newest = slot;
        }
        if slot > self.newest {
            for skipped in (self.newest + 1..=slot).rev().take(self.length) {
                self.slots[(skipped % self.length as u64) as usize] = [0; 3];
            }
            (self.newest, self.last) = (slot, (0, 0..0));
        }
        // A clock set back counts into the newest slot: what is older is no longer known.
        let slot = if slot.saturating_add(self.length as u64) <= self.newest { self.newest } else { slot };
        let counts = &mut self.slots[(slot % self.length as u64) as usize];
        counts[what] = counts[what].saturating_add(count);
    }

    fn get(&self, slot: u64) -> [u32; 3] {
        let known =
            !self.slots.is_empty() && slot <= self.newest && slot.saturating_add(self.length as u64) > self.newest;
        if known { self.slots[(slot % self.length as u64) as usize] } else { [0; 3] }
    }

    fn series(&self, wall: Millis) -> Series {
        let last = wall.0 / self.slot_ms;
        let first = (last + 1).saturating_sub(self.length as u64);
        let column = |what: Counted| (first..=last).map(|slot| self.get(slot)[what as usize]).collect();
        Series {
            from: Millis(first * self.slot_ms),
            step_ms: self.slot_ms as u32,
            events: column(Counted::Event),
            triggers: column(Counted::Trigger),
            delivered: column(Counted::Delivered),
        }
    }

    fn stored(&self, wall: Millis) -> Vec<(u64, [u32; 3])> {
        let last = wall.0 / self.slot_ms;
        let slots = (last + 1).saturating_sub(self.length as u64)..=last;
        slots.map(|slot| (slot, self.get(slot))).filter(|(_, counts)| *counts != [0; 3]).collect()
    }

    fn restore(&mut self, stored: &[(u64, [u32; 3])], wall: Millis) {
        let last = wall.0 / self.slot_ms;
        for (slot, counts) in stored.iter().filter(|(slot, _)| *slot <= last).take(self.length) {
            for (what, count) in counts.iter().enumerate() {
                self.add(*slot, what, *count);
            }
        }
    }
}

fn record(histogram: &mut Option<Box<Histogram<u32>>>, span: Millis) {
    // Up to a day, to two digits: these bounds are valid, so there always is a histogram.
    if histogram.is_none() {
        *histogram = Histogram::new_with_bounds(1, 86_400_000, 2).ok().map(Box::new);
    }
    if let Some(histogram) = histogram {
        histogram.saturating_record(span.0.max(1));
    }
}

fn latency(histogram: &Histogram<u32>) -> Latency {
    Latency {
        count: histogram.len(),
        p50_ms: histogram.value_at_quantile(0.50),
        p95_ms: histogram.value_at_quantile(0.95),
        p99_ms: histogram.value_at_quantile(0.99),
        max_ms: histogram.max(),
    }
}

fn bins(counts: &[u32], start: impl Fn(usize) -> f64) -> Vec<Bin> {
    counts.iter().enumerate().map(|(bin, count)| Bin { from: start(bin), count: *count }).collect()
}

#[cfg(test)]
mod tests;
