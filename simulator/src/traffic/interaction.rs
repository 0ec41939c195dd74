//! The story of one made-up interaction: it is queued, waits, is connected, is perhaps transferred, its sentiment drifts, it ends.

use crate::event::{Event, Participant, Routing, Sentiment};
use crate::random::Random;

/// How an interaction turns out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Nothing to see.
    Calm,
    /// Its score goes to exactly −0.5 and no further.
    AlmostNegative,
    /// The customer waits exactly 120 000 ms.
    AlmostLong,
    /// The customer becomes unhappy.
    Negative,
    /// The customer waits too long.
    Long,
    /// Both.
    NegativeAndLong,
}

/// Share of the uneventful interactions that come as near to a threshold as can be.
const NEAR_MISSES: f64 = 0.05;

/// How an interaction turns out, where this share of them becomes due.
pub fn chosen_fate(random: &mut Random, due_share: f64) -> Fate {
    if random.chance(due_share) {
        return match random.whole(0, 19) {
            0 => Fate::NegativeAndLong,
            1..=4 => Fate::Long,
            _ => Fate::Negative,
        };
    }
    match (random.chance(NEAR_MISSES), random.chance(0.5)) {
        (false, _) => Fate::Calm,
        (true, true) => Fate::AlmostNegative,
        (true, false) => Fate::AlmostLong,
    }
}

/// One step of a story: milliseconds since it began, and the event.
pub type Step = (f64, Event);

/// Tells the whole story of an interaction.
pub fn tell(random: &mut Random, id: String, queues: &[String], fate: Fate) -> Vec<Step> {
    let mut story =
        Story { id, direction: "inbound", queue: random.pick(queues).clone(), wait_ms: 0, at: 0.0, steps: Vec::new() };
    let long = matches!(fate, Fate::Long | Fate::NegativeAndLong);
    if !long && fate != Fate::AlmostLong && random.chance(0.12) {
        story.direction = "outbound";
        story.say(random, "connect", None);
    } else {
        story.wait(random, fate, long);
    }
    story.talk(random, queues, fate);
    story.at += random.between(2_000.0, 15_000.0);
    story.say(random, "disposition", None);
    story.steps
}

struct Story {
    id: String,
    direction: &'static str,
    queue: String,
    wait_ms: u64,
    at: f64,
    steps: Vec<Step>,
}

impl Story {
    fn wait(&mut self, random: &mut Random, fate: Fate, long: bool) {
        let whole = match fate {
            Fate::AlmostLong => 120_000,
            _ if long => 120_001 + random.exponential(60_000.0) as u64,
            _ => (random.exponential(25_000.0) as u64).min(119_999),
        };
        self.say(random, "queued", None);
        let mut waited = 0;
        loop {
            waited += random.whole(15_000, 35_000);
            if waited >= whole {
                break;
            }
            self.at += (waited - self.wait_ms) as f64;
            self.wait_ms = waited;
            self.say(random, "waiting", None);
        }
        self.at += (whole - self.wait_ms) as f64;
        self.wait_ms = whole;
        if long || fate == Fate::AlmostLong {
            self.say(random, "waiting", None);
        }
        self.say(random, "connect", None);
    }

    fn talk(&mut self, random: &mut Random, queues: &[String], fate: Fate) {
        let negative = matches!(fate, Fate::Negative | Fate::NegativeAndLong);
        let turns = random.whole(3, 9);
        let target = match fate {
            _ if negative => random.between(-0.95, -0.7),
            Fate::AlmostNegative => -0.6,
            _ => random.between(-0.25, 0.75),
        };
        let mut score: f64 = random.between(-0.1, 0.4);
        for turn in 0..turns {
            self.at += random.between(6_000.0, 25_000.0);
            score = (score + 0.4 * (target - score) + 0.1 * random.normal()).clamp(-1.0, 1.0);
            if negative && turn + 2 >= turns {
                score = score.min(random.between(-0.9, -0.56));
            }
            if !negative {
                score = score.max(-0.5);
            }
            if fate == Fate::AlmostNegative && turn + 1 == turns {
                score = -0.5;
            }
            let said = (score * 10_000.0).round() / 10_000.0;
            let confidence = (random.between(0.08, 0.99) * 100.0).round() / 100.0;
            self.say(random, "sentiment", Some(Sentiment { score: Some(said), confidence: Some(confidence) }));
            if random.chance(0.02) {
                self.at += random.between(500.0, 4_000.0);
                self.queue = random.pick(queues).clone();
                self.say(random, "transfer", None);
            }
            if random.chance(0.015) {
                self.say(random, "hold", None);
                self.at += random.between(3_000.0, 20_000.0);
                self.say(random, "resume", None);
            }
        }
    }

    /// Adds an event; now and then one that leaves something out or says null.
    fn say(&mut self, random: &mut Random, step: &'static str, sentiment: Option<Sentiment>) {
        let routing = match random.whole(0, 99) {
            0 => None,
            1 => Some(None),
            2 => Some(Some(Routing { queue_wait_time_ms: None, queue_name: Some(self.queue.clone()) })),
            _ if self.direction == "outbound" => None,
            _ => Some(Some(Routing { queue_wait_time_ms: Some(self.wait_ms), queue_name: Some(self.queue.clone()) })),
        };
        let sentiment = match (sentiment, random.whole(0, 99)) {
            (None, 0..=4) => Some(None),
            (None, 5..=6) => Some(Some(Sentiment { score: None, confidence: Some(0.9) })),
            (None, _) => None,
            (Some(said), 0..=2) => Some(Some(Sentiment { confidence: None, ..said })),
            (Some(said), _) => Some(Some(said)),
        };
        let participant = match random.whole(0, 99) {
            0 => None,
            1 => Some(None),
            _ => Some(Some(Participant { direction: self.direction })),
        };
        self.steps.push((self.at, Event { id: self.id.clone(), step, participant, sentiment, routing }));
    }
}
