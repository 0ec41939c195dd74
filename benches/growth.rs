//! The cost of an event that is due nothing, as more is remembered, heard and ruled: each curve is meant to be flat.
//!
//! `cargo bench --bench growth` measures; `node tests/e2e/bench/plot.mjs` draws each curve from what it measured.
#![allow(clippy::unwrap_used, reason = "a bench that lacks an effect measures nothing")]
#![allow(missing_docs, reason = "the macros of criterion write no docs")]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use cuewire::delivery::memory::key;
use cuewire::model::fingerprint::{Fingerprint, Subject};
use cuewire::model::http::{Answer, Outcome};
use cuewire::model::time::Millis;
use cuewire::pipeline::input::Input;
use cuewire::shell::Runner;
use cuewire::shell::memory::{Memory, Stored};
use std::fmt::Write;
use std::time::Duration;

const NOW: u64 = 1_760_000_000_000;
/// Interactions that talk at a time, whatever else grows.
const TALKING: usize = 500;

/// The quantity that grows.
struct Load {
    remembered: usize,
    queues: usize,
    rules: usize,
    /// Makes this number of rules.
    kind: fn(usize) -> String,
    /// Events in a millisecond.
    pace: u64,
}

const USUAL: Load = Load { remembered: 1_000, queues: 12, rules: 2, kind: plain_rules, pace: 4 };

/// A worker whose stream is open, and events that make nothing due.
struct Worker {
    runner: Runner,
    host: Memory,
    frames: Vec<String>,
    heard: u64,
    pace: u64,
}

impl Worker {
    fn under(load: &Load) -> Worker {
        let settings = format!(r#"{{"organization":"acme","clientId":"client","rules":{}}}"#, (load.kind)(load.rules));
        let mut stored = Stored::with_settings(settings, "secret");
        stored.marker = true;
        for number in 0..load.remembered {
            let subject = Subject::anywhere(Fingerprint::of(&format!("interaction-{number}")));
            stored.journal.insert(key(subject), record(&format!(r#"{{"rules":["other"],"seen":{NOW}}}"#)));
        }
        let host = Memory { wall: Millis(NOW), ..Memory::default() };
        let mut worker =
            Worker { runner: Runner::default(), host, frames: frames(load.queues), heard: 0, pace: load.pace };
        worker.feed(Input::Started(stored.start(1)));
        worker.commit();
        let body = r#"{"access_token":"t","expires_in":3600}"#.to_owned();
        let (token, _) = worker.host.tokens.pop().unwrap();
        worker.feed(Input::HttpDone(token, Outcome::Answer(Answer { status: 200, body, ..Answer::default() })));
        worker.feed(Input::StreamOpened(worker.host.sockets[0]));
        for _ in 0..2 * worker.frames.len() {
            worker.hear();
        }
        assert!(worker.host.posts.is_empty(), "an event made something due");
        assert_eq!(worker.runner.pipeline().status().events, worker.heard, "an event was not understood");
        worker
    }

    fn feed(&mut self, input: Input<'_>) {
        self.runner.feed(input, &mut self.host);
    }

    fn hear(&mut self) {
        let index = self.heard as usize % self.frames.len();
        self.heard += 1;
        self.host.wall = Millis(NOW + self.heard / self.pace);
        let frame = Input::Frame(self.host.sockets[0], self.frames[index].as_bytes());
        self.runner.feed(frame, &mut self.host);
        self.host.effects.clear();
        self.commit();
    }

    /// The memory is refreshed now and then, and that is one commit.
    fn commit(&mut self) {
        while let Some((commit, _)) = self.host.commits.pop() {
            self.feed(Input::Committed(commit));
        }
    }
}

/// A record as version 1 stored it, which named no connection.
fn record(json: &str) -> String {
    format!("1:{:08x}:{json}", crc32fast::hash(format!("1:{json}").as_bytes()))
}

/// Rules that read the fields of each event and never fire.
fn plain_rules(count: usize) -> String {
    let mut text = r#"{"version":1,"rules":["#.to_owned();
    for number in 0..count {
        let comma = if number > 0 { "," } else { "" };
        let (field, operator) = if number % 2 == 0 { ("sentimentScore", "below") } else { ("queueWaitMs", "above") };
        let value = if number % 2 == 0 { -0.9 } else { 130_000.0 + number as f64 };
        write!(
            text,
            r#"{comma}{{"id":"rule-{number}","name":"Rule {number}","when":{{"compare":{{"field":"{field}","operator":"{operator}","value":{value}}}}},"card":{{"reason":"Rule {number}"}}}}"#,
        )
        .unwrap();
    }
    text + "]}"
}

/// Rules as supervisors write them, each kind in turn: thresholds, holds with hysteresis, windows, queues, scopes.
/// Holds begin and end, windows move, and nothing fires.
fn real_rules(count: usize) -> String {
    let rule = |number: usize| {
        let level = |low: f64| low - (number / 10) as f64 / 100.0;
        let below = |value: f64| compare("sentimentScore", "below", value, "");
        let window = |figure: &str, span: &str, operator: &str, value: f64| {
            compare("sentimentScore", operator, value, &format!(r#","window":{{"figure":"{figure}",{span}}}"#))
        };
        let both = |one: &str, other: &str| format!(r#"{{"all":[{one},{other}]}}"#);
        let waits = |value: f64| compare("queueWaitMs", "above", value, "");
        let (when, more) = match number % 10 {
            0 => (below(level(-0.9)), String::new()),
            1 => (both(&below(level(-0.7)), &compare("sentimentConfidence", "atLeast", 0.6, "")), String::new()),
            2 => (waits(130_000.0), r#","holdSeconds":30"#.to_owned()),
            3 => {
                let clears = compare("sentimentScore", "above", level(0.1), "");
                (below(level(-0.2)), format!(r#","holdSeconds":86400,"clears":{clears}"#))
            }
            4 => (window("mean", r#""seconds":60"#, "below", level(-0.6)), String::new()),
            5 => (window("change", r#""values":5"#, "below", level(-1.6)), String::new()),
            6 => (both(&window("slope", r#""seconds":120"#, "below", level(-20.0)), &waits(130_000.0)), String::new()),
            7 => (window("min", r#""seconds":300"#, "above", 0.99), r#","severity":"info""#.to_owned()),
            8 => (compare("queueWaiting", "above", 500.0, ""), r#","cooldownSeconds":600"#.to_owned()),
            _ => (below(level(-0.9)), r#","schedule":{"from":"08:00","to":"18:00"}"#.to_owned()),
        };
        let queues = match number % 3 {
            0 => String::new(),
            1 => format!(r#","queues":{{"include":["queue {}","queue {}"]}}"#, number % 12, (number + 5) % 12),
            _ => r#","queues":{"exclude":["queue 1*"]}"#.to_owned(),
        };
        format!(r#"{{"id":"rule-{number}","name":"Rule","once":"episode","when":{when}{more}{queues}}}"#)
    };
    format!(r#"{{"version":1,"rules":[{}]}}"#, (0..count).map(rule).collect::<Vec<_>>().join(","))
}

fn compare(field: &str, operator: &str, value: f64, window: &str) -> String {
    format!(r#"{{"compare":{{"field":"{field}","operator":"{operator}","value":{value}{window}}}}}"#)
}

fn frames(queues: usize) -> Vec<String> {
    let frame = |index: usize| {
        // An interaction stays in its queue.
        let interaction = index % TALKING.max(queues);
        let queue = interaction % queues;
        // A mood stays about where it is.
        let score = (interaction * 37 % 140 + index % 5) as f64 / 100.0 - 0.45;
        let wait = (index * 37) % 110_000;
        format!(
            r#"{{"type":"transfer","id":"interaction-{interaction}","sentiment":{{"score":{score:.2},"confidence":0.9}},"routing":{{"queueWaitTimeMs":{wait},"queueName":"queue {queue}"}},"participant":{{"direction":"inbound"}}}}"#,
        )
    };
    (0..2_000).map(frame).collect()
}

fn curve(criterion: &mut Criterion, name: &str, sizes: &[usize], load: fn(usize) -> Load) {
    let mut group = criterion.benchmark_group(name);
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1)).sample_size(30);
    for &size in sizes {
        let mut worker = Worker::under(&load(size));
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| bencher.iter(|| worker.hear()));
    }
    group.finish();
}

fn growth(criterion: &mut Criterion) {
    // More than 250 000 are never remembered: those seen longest ago are forgotten first.
    curve(criterion, "remembered", &[1_000, 10_000, 100_000, 250_000, 1_000_000], |remembered| Load {
        remembered,
        ..USUAL
    });
    curve(criterion, "queues", &[1, 10, 100, 1_000], |queues| Load { queues, ..USUAL });
    curve(criterion, "rules", &[1, 3, 10, 30, 100], |rules| Load { rules, ..USUAL });
    // 1 000 events/s: 5 % of a core are 50 µs an event.
    curve(criterion, "real rules", &[1, 10, 30, 100], |rules| Load { rules, kind: real_rules, pace: 1, ..USUAL });
}

criterion_group!(benches, growth);
criterion_main!(benches);
