//! Made-up traffic: many stories at once, merged in order of their own time and sent at an even rate.
//!
//! Story time is not wall time: it runs as fast as the asked-for rate needs, so that one seed gives one sequence at any
//! rate.

use super::interaction::{chosen_fate, tell};
use super::upcoming::Upcoming;
use super::{Source, Timed};
use crate::clock::SECOND;
use crate::event::Event;
use crate::options::{Frames, TrafficOptions};
use crate::random::Random;

const USUAL_QUEUES: [&str; 10] =
    ["billing", "sales", "support", "returns", "retention", "technical", "orders", "claims", "vip", "after hours"];
/// Parts of odd ids: everything that has a meaning in an address, and more.
const ODD: [&str; 15] = ["/", "?", "#", "%", " ", "🙂", "%2F", "+", "&=", "é", "..", "\\", "\"", "\t", "日本"];
/// Events in a story, and milliseconds it lasts, on average: they turn a rate of events into a rate of arrivals.
const EVENTS_IN_A_STORY: f64 = 9.6;
const STORY_MS: f64 = 128_000.0;

/// Makes up events for ever, or for as long as asked.
#[derive(Debug)]
pub struct Generator {
    random: Random,
    queues: Vec<String>,
    due_share: f64,
    odd_ids: f64,
    frame_bytes: usize,
    frames: Frames,
    micros_per_event: f64,
    most: Option<u64>,
    arrival_gap_ms: f64,
    next_arrival_ms: f64,
    upcoming: Upcoming,
    sent: u64,
}

impl Generator {
    /// Traffic as the options ask for.
    #[must_use]
    pub fn new(options: &TrafficOptions) -> Self {
        let concurrent = match options.concurrent {
            0 => (options.rate * 1.3).clamp(24.0, 2_000.0),
            fixed => fixed as f64,
        };
        let arrivals_per_minute = options.rate / EVENTS_IN_A_STORY * 60.0;
        let due_share = options.due_per_minute.map_or(options.due_share, |due| (due / arrivals_per_minute).min(1.0));
        Self {
            random: Random::seeded(options.seed),
            queues: queue_names(&options.queues),
            due_share,
            odd_ids: options.odd_ids,
            frame_bytes: options.frame_bytes,
            frames: options.frames,
            micros_per_event: SECOND as f64 / options.rate,
            most: (options.seconds > 0.0).then(|| (options.seconds * options.rate).round() as u64),
            arrival_gap_ms: STORY_MS / concurrent,
            next_arrival_ms: 0.0,
            upcoming: Upcoming::default(),
            sent: 0,
        }
    }

    /// As a source of traffic.
    #[must_use]
    pub fn source(self) -> Source {
        Box::new(self.map(Ok))
    }

    fn arrive(&mut self) {
        let start = self.next_arrival_ms;
        self.next_arrival_ms += self.random.exponential(self.arrival_gap_ms);
        let (id, fate) = (self.new_id(), chosen_fate(&mut self.random, self.due_share));
        for (after, event) in tell(&mut self.random, id, &self.queues, fate) {
            self.upcoming.add(start + after, event);
        }
    }

    fn new_id(&mut self) -> String {
        let (high, low) = (self.random.bits(), self.random.bits());
        if !self.random.chance(self.odd_ids) {
            return format!("{high:016x}{low:016x}");
        }
        let mut id = format!("{:04x}", high & 0xffff);
        for _ in 0..self.random.whole(1, 4) {
            let odd = *self.random.pick::<&str>(&ODD);
            id.push_str(odd);
            id.push_str(&format!("{:03x}", self.random.bits() & 0xfff));
        }
        // Now and then the longest id that is allowed.
        if low.is_multiple_of(16) {
            id.push_str(&"x".repeat(crate::event::LONGEST_ID - id.len()));
        }
        id
    }

    fn frame(&mut self, event: &Event) -> Timed {
        let mut text = serde_json::to_string(event).unwrap_or_default();
        pad(&mut text, self.frame_bytes, &mut self.random);
        let binary = match self.frames {
            Frames::Text => false,
            Frames::Binary => true,
            Frames::Mixed => self.random.chance(0.5),
        };
        Timed { at: (self.sent as f64 * self.micros_per_event) as u64, bytes: text.into_bytes(), binary }
    }
}

impl Iterator for Generator {
    type Item = Timed;

    fn next(&mut self) -> Option<Timed> {
        if self.most.is_some_and(|most| self.sent >= most) {
            return None;
        }
        while self.upcoming.next_at().is_none_or(|at| at >= self.next_arrival_ms) {
            self.arrive();
        }
        let event = self.upcoming.pop()?;
        let frame = self.frame(&event);
        self.sent += 1;
        Some(frame)
    }
}

/// Makes an event longer with fields that no client knows.
fn pad(text: &mut String, bytes: usize, random: &mut Random) {
    const HEAD: &str = r#","attributes":["#;
    if text.len() + HEAD.len() + 4 > bytes {
        return;
    }
    text.pop();
    text.push_str(HEAD);
    // Room for the two brackets at the end; each entry is a quoted word and its comma.
    while bytes - text.len() - 2 > 40 {
        text.push_str(&format!(r#""{:016x}","#, random.bits()));
    }
    text.push('"');
    while text.len() + 3 < bytes {
        text.push('.');
    }
    text.push_str(r#""]}"#);
}

/// The queues that `--queues` means: names, or how many of the usual ones.
#[must_use]
pub fn queue_names(asked: &str) -> Vec<String> {
    let named = |names: &mut dyn Iterator<Item = &str>| -> Vec<String> {
        names.map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
    };
    let names = match asked.trim().parse::<usize>() {
        Ok(count) => named(&mut USUAL_QUEUES.into_iter().take(count)),
        Err(_) => named(&mut asked.split(',')),
    };
    if names.is_empty() { vec![USUAL_QUEUES[0].to_owned()] } else { names }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::event::Seen;
    use crate::options::Options;
    use crate::rules::Rules;
    use crate::traffic::interaction::Fate;

    fn traffic(arguments: &[&str]) -> Generator {
        Generator::new(&Options::from_args(arguments.iter().copied()).expect("options").traffic)
    }

    #[test]
    fn the_same_seed_gives_the_same_traffic_and_another_seed_another() {
        let take = |seed: &str| traffic(&["--seed", seed, "--frames", "mixed"]).take(3_000).collect::<Vec<_>>();
        assert_eq!(take("7"), take("7"));
        assert_ne!(take("7"), take("8"));
    }

    #[test]
    fn traffic_of_a_seed_never_changes() {
        let bytes: Vec<u8> = traffic(&["--seed", "7"]).take(2_000).flat_map(|frame| frame.bytes).collect();
        let fingerprint = bytes
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
        assert_eq!(fingerprint, FINGERPRINT_OF_SEED_7, "a change here makes every recorded seed mean something else");
    }
    const FINGERPRINT_OF_SEED_7: u64 = 13_292_028_898_458_025_469;

    #[test]
    fn a_story_has_about_as_many_events_as_arrivals_are_reckoned_with() {
        let mut random = Random::seeded(3);
        let stories: Vec<_> =
            (0..4_000).map(|_| tell(&mut random, "a".into(), &queue_names("6"), Fate::Calm)).collect();
        let events = stories.iter().map(Vec::len).sum::<usize>() as f64 / stories.len() as f64;
        let length =
            stories.iter().filter_map(|story| story.last()).map(|(at, _)| at).sum::<f64>() / stories.len() as f64;
        assert!((events / EVENTS_IN_A_STORY - 1.0).abs() < 0.05, "{events} events");
        assert!((length / STORY_MS - 1.0).abs() < 0.05, "{length} ms");
    }

    #[test]
    fn about_the_asked_share_of_interactions_is_due_and_each_more_than_once() {
        let rules = Rules::default();
        let (mut all, mut due, mut qualifying) = (HashSet::new(), HashSet::new(), 0);
        for frame in traffic(&["--due-share", "0.1"]).take(60_000) {
            let seen = Seen::read(&frame.bytes).expect("an event");
            all.insert(seen.id.clone());
            if !rules.judge(&seen).is_empty() {
                qualifying += 1;
                due.insert(seen.id);
            }
        }
        let share = due.len() as f64 / all.len() as f64;
        assert!((0.07..0.13).contains(&share), "{share}");
        assert!(qualifying > 2 * due.len());
    }

    #[test]
    fn traffic_comes_as_near_to_the_thresholds_as_can_be() {
        let seen: Vec<Seen> = traffic(&[]).take(20_000).filter_map(|frame| Seen::read(&frame.bytes)).collect();
        assert!(seen.iter().any(|event| event.score == Some(-0.5)));
        assert!(seen.iter().any(|event| event.wait_ms == Some(120_000.0)));
        assert!(seen.iter().any(|event| event.score.is_none() && event.confidence.is_some()));
        assert!(seen.iter().any(|event| event.id.len() == crate::event::LONGEST_ID));
        assert!(ODD.iter().all(|odd| seen.iter().any(|event| event.id.contains(odd))));
        assert!(seen.iter().all(|event| !event.debatable));
    }

    #[test]
    fn events_come_at_the_asked_rate_and_end_when_asked() {
        let frames: Vec<Timed> = traffic(&["--rate", "50", "--seconds", "3"]).collect();
        assert_eq!(frames.len(), 150);
        assert_eq!(frames[50].at, SECOND);
    }

    #[test]
    fn frames_are_padded_to_the_asked_size_and_still_read() {
        for size in ["400", "777", "8192"] {
            for frame in traffic(&["--frame-bytes", size, "--odd-ids", "0"]).take(200) {
                assert_eq!(frame.bytes.len().to_string(), size);
                assert!(Seen::read(&frame.bytes).is_some());
            }
        }
    }

    #[test]
    fn queues_are_named_or_counted() {
        assert_eq!(queue_names("a, b c,,d"), ["a", "b c", "d"]);
        assert_eq!(queue_names("2"), ["billing", "sales"]);
    }
}
