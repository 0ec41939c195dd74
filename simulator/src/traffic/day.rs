//! A day that runs in its own time: each story takes as long as it says, because polls look at real waits.
//!
//! The day begins in the middle, with contacts that are open already. Its talks are longer than in even traffic.

use super::interaction::{chosen_fate, tell};
use super::upcoming::Upcoming;
use super::{Source, Timed, queue_names};
use crate::event::Event;
use crate::options::TrafficOptions;
use crate::random::Random;

/// How many stories are made up to learn how long one takes.
const SAMPLE: u32 = 400;
/// How long the day runs before the start, in mean lengths of a story.
const WARM_UP: f64 = 2.5;

/// Makes up stories for ever, or for as long as asked.
#[derive(Debug)]
pub struct Day {
    random: Random,
    queues: Vec<String>,
    due_share: f64,
    stretch: f64,
    gap_ms: f64,
    next_arrival_ms: f64,
    end_ms: f64,
    upcoming: Upcoming,
    stories: u64,
}

impl Day {
    /// A day with about this many open contacts at any time. Talks take `stretch` times as long as in even traffic.
    #[must_use]
    pub fn new(options: &TrafficOptions, contacts: usize, stretch: f64) -> Self {
        let queues = queue_names(&options.queues);
        let length = mean_length(&queues, options.due_share, stretch);
        let gap_ms = length / contacts.max(1) as f64;
        let per_minute = 60_000.0 / gap_ms;
        Self {
            random: Random::seeded(options.seed),
            queues,
            due_share: options.due_per_minute.map_or(options.due_share, |due| (due / per_minute).min(1.0)),
            stretch,
            gap_ms,
            next_arrival_ms: -WARM_UP * length,
            end_ms: if options.seconds > 0.0 { options.seconds * 1_000.0 } else { f64::INFINITY },
            upcoming: Upcoming::default(),
            stories: 0,
        }
    }

    /// The past before the start: milliseconds since then, below zero, and the events.
    pub fn before_start(&mut self) -> Vec<(f64, Event)> {
        let mut before = Vec::new();
        while let Some((at, event)) = self.next_before(0.0) {
            before.push((at, event));
        }
        before
    }

    /// As a source of traffic.
    #[must_use]
    pub fn source(self) -> Source {
        Box::new(self.map(Ok))
    }

    fn next_before(&mut self, end_ms: f64) -> Option<(f64, Event)> {
        while self.next_arrival_ms < end_ms && self.upcoming.next_at().is_none_or(|at| at >= self.next_arrival_ms) {
            self.arrive();
        }
        let at = self.upcoming.next_at().filter(|at| *at < end_ms)?;
        Some((at, self.upcoming.pop()?))
    }

    fn arrive(&mut self) {
        let start = self.next_arrival_ms;
        self.next_arrival_ms += self.random.exponential(self.gap_ms);
        self.stories += 1;
        let fate = chosen_fate(&mut self.random, self.due_share);
        let story = tell(&mut self.random, format!("day-{}", self.stories), &self.queues, fate);
        for (after, event) in stretched(story, self.stretch) {
            self.upcoming.add(start + after, event);
        }
    }
}

impl Iterator for Day {
    type Item = Timed;

    fn next(&mut self) -> Option<Timed> {
        let (at, event) = self.next_before(self.end_ms)?;
        let bytes = serde_json::to_vec(&event).unwrap_or_default();
        Some(Timed { at: (at.max(0.0) * 1_000.0) as u64, bytes, binary: false })
    }
}

/// The waits of a story as they are, and everything after the connection longer.
fn stretched(story: Vec<(f64, Event)>, stretch: f64) -> Vec<(f64, Event)> {
    let connected = story.iter().find(|(_, event)| event.step == "connect").map_or(0.0, |(at, _)| *at);
    let longer = |at: f64| if at > connected { connected + (at - connected) * stretch } else { at };
    story.into_iter().map(|(at, event)| (longer(at), event)).collect()
}

fn mean_length(queues: &[String], due_share: f64, stretch: f64) -> f64 {
    let mut random = Random::seeded(0);
    let mut sum = 0.0;
    for _ in 0..SAMPLE {
        let fate = chosen_fate(&mut random, due_share);
        let story = stretched(tell(&mut random, String::new(), queues, fate), stretch);
        sum += story.last().map_or(0.0, |(at, _)| *at);
    }
    sum / f64::from(SAMPLE)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::options::Options;

    fn day(contacts: usize, arguments: &[&str]) -> Day {
        Day::new(&Options::from_args(arguments.iter().copied()).expect("options").traffic, contacts, 4.0)
    }

    #[test]
    fn it_begins_with_about_as_many_open_contacts_as_asked_and_keeps_them() {
        let mut day = day(500, &["--seconds", "300"]);
        let mut open = HashSet::new();
        let live = |open: &mut HashSet<String>, event: &Event| match event.step {
            "disposition" => open.remove(&event.id),
            _ => open.insert(event.id.clone()),
        };
        for (at, event) in day.before_start() {
            assert!(at < 0.0);
            live(&mut open, &event);
        }
        assert!((400..600).contains(&open.len()), "{}", open.len());
        let mut last = 0;
        for frame in day {
            assert!(frame.at >= last && frame.at < 300 * 1_000_000);
            last = frame.at;
            let seen = crate::event::Seen::read(&frame.bytes).expect("an event");
            if seen.step.as_deref() == Some("disposition") {
                open.remove(&seen.id)
            } else {
                open.insert(seen.id)
            };
        }
        assert!((400..600).contains(&open.len()), "{}", open.len());
    }

    #[test]
    fn the_same_seed_is_the_same_day() {
        let take = |seed: &str| {
            let mut day = day(50, &["--seed", seed]);
            let before = day.before_start().len();
            (before, day.take(500).collect::<Vec<_>>())
        };
        assert_eq!(take("3"), take("3"));
        assert_ne!(take("3"), take("4"));
    }
}
