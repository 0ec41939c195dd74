//! How long a slider waits for its answer: a day of 500 000 events, 20 rules, one threshold moved bit by bit.
//!
//! `cargo run --release --example slider` prints the time on the processor, because other work on the machine would
//! otherwise count, too.
#![allow(clippy::print_stdout, reason = "the figures are what it is for")]

use std::borrow::Cow;
use std::sync::Arc;

use cuewire::backtest::{Tape, Trial};
use cuewire::model::event::Event;
use cuewire::model::time::Millis;
use cuewire::rules::Rule;
use cuewire::rules::text;

const INTERACTIONS: u64 = 20_000;
const EVENTS_EACH: u64 = 25;
const DAY_MS: u64 = 86_400_000;
const MOVES: u32 = 60;

fn main() {
    let tape = day();
    println!("{} events of {} interactions", tape.events(), tape.interactions());
    let mut trial = Trial::on(tape);
    for (name, from, to) in [("threshold", -0.9, -0.3), ("threshold, most fire", -0.3, 0.9)] {
        let mut spans = Vec::new();
        for step in 0..MOVES {
            let threshold = from + (to - from) * f64::from(step) / f64::from(MOVES);
            let rules = rules(threshold);
            let begun = processor_ms();
            let outcome = trial.alone(&rules[0]).expect("it looks at one interaction");
            spans.push((processor_ms() - begun, outcome.total.firings));
        }
        report(name, spans);
    }
    let begun = processor_ms();
    trial.begin(rules(-0.5));
    let outcome = loop {
        if let Some(outcome) = trial.step() {
            break outcome;
        }
    };
    println!("all 20 rules together: {:.0} ms, {} cards", processor_ms() - begun, outcome.total.firings);
}

fn report(name: &str, mut spans: Vec<(f64, u32)>) {
    spans.sort_by(|one, other| one.0.total_cmp(&other.0));
    let at = |share: usize| spans[(spans.len() * share / 100).min(spans.len() - 1)];
    let ((p50, _), (p95, _), (most, firings)) = (at(50), at(95), at(100));
    println!("{name}: p50 {p50:.1} ms, p95 {p95:.1} ms, longest {most:.1} ms with {firings} firings");
}

/// Milliseconds that this process was on a processor.
fn processor_ms() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanoseconds| nanoseconds.parse::<f64>().ok()).unwrap_or_default() / 1e6
}

fn rules(threshold: f64) -> Vec<Arc<Rule>> {
    let first = format!(
        r#"{{"id":"moved","name":"Moved","holdSeconds":20,"once":"rule",
        "when":{{"compare":{{"field":"sentimentScore","operator":"below","value":{threshold}}}}}}}"#
    );
    let others = (1..20).map(|at| {
        let figure = ["mean", "min", "change", "slope"][at % 4];
        let value = -0.2 - f64::from(at as u32) / 40.0;
        format!(
            r#"{{"id":"r-{at}","name":"R","once":"episode","when":{{"all":[
            {{"compare":{{"field":"sentimentScore","operator":"below","value":{value},
              "window":{{"figure":"{figure}","seconds":{}}}}}}},
            {{"compare":{{"field":"queueWaitMs","operator":"above","value":{}}}}}]}}}}"#,
            60 + at * 10,
            10_000 * at
        )
    });
    let all: Vec<String> = std::iter::once(first).chain(others).collect();
    let text = format!(r#"{{"version":1,"rules":[{}]}}"#, all.join(","));
    text::parse(&text).unwrap_or_else(|wrong| panic!("{wrong:?}")).compile()
}

fn day() -> Tape {
    let mut tape = Tape::default();
    let mut luck = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: u64| {
        luck ^= luck << 13;
        luck ^= luck >> 7;
        luck ^= luck << 17;
        luck % below
    };
    let mut heard: Vec<(u64, u64)> = Vec::new();
    for interaction in 0..INTERACTIONS {
        let begins = next(DAY_MS - 1_000_000);
        heard.extend((0..EVENTS_EACH).map(|step| (begins + step * 20_000, interaction)));
    }
    heard.sort_unstable();
    let queues = ["billing", "sales", "support", "retail"];
    for (at, interaction) in heard {
        let id = format!("{:016x}", interaction.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        // Some customers are unhappy all along, most are not.
        let mood = (interaction * 7_919 % 200) as f64 / 100.0 - 1.0;
        let score = (mood + (next(60) as f64 - 30.0) / 100.0).clamp(-1.0, 1.0);
        let numbers = [Some((score * 100.0).round() / 100.0), Some(0.9), Some(next(200_000) as f64)];
        let queue = Cow::Borrowed(queues[(interaction % 4) as usize]);
        let event = Event::of(Cow::Borrowed(&id)).with(numbers, [Some(queue), None, None]);
        tape.add(Millis(1_771_320_600_000 + at), &event);
    }
    tape
}
