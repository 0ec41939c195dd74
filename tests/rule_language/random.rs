//! Random rule sets and random histories, each from one seed.

use cuewire::rules::{Arity, Operator};
use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use serde_json::{Map, Value, json};

use crate::reference::GRID;

/// The parts of the language that a rule set may use.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Fields of events only.
    Plain,
    /// Windows and queues, too.
    Whole,
}

/// Numbers from one seed.
pub struct Random(SplitMix64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(SplitMix64::seed_from_u64(seed))
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0.next_u64() % limit
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize].clone()
    }
}

/// A rule set of one to four rules.
pub fn rule_set(random: &mut Random, scope: Scope) -> Value {
    let rules: Vec<Value> = (0..=random.below(4)).map(|number| rule(random, scope, number)).collect();
    json!({ "version": 1, "rules": rules })
}

fn rule(random: &mut Random, scope: Scope, number: u64) -> Value {
    let mut rule = Map::new();
    let mut put = |key: &str, value: Value| drop(rule.insert(key.to_owned(), value));
    put("id", json!(format!("rule-{number}")));
    put("name", json!("Rule"));
    put("when", condition(random, scope, 0));
    put("once", json!(random.pick(&["interaction", "rule", "episode"])));
    put("severity", json!(random.pick(&["info", "warning", "success", "error"])));
    put("mode", json!(random.pick(&["live", "live", "live", "shadow"])));
    put("holdSeconds", json!(random.pick(&[0.0, 0.0, 0.5, 2.0, 5.0, 20.0])));
    put("keepFiringSeconds", json!(random.pick(&[0.0, 0.0, 3.0])));
    put("cooldownSeconds", json!(random.pick(&[0.0, 0.0, 15.0])));
    if random.chance(25) {
        put("clears", condition(random, scope, 1));
    }
    if random.chance(25) {
        let names = |random: &mut Random| random.pick(&[vec![], vec!["billing"], vec!["S*"], vec!["*L*", "x"]]);
        put("queues", json!({ "include": names(random), "exclude": names(random) }));
    }
    if random.chance(20) {
        let times = ["08:59", "09:00", "09:01", "10:00", "10:01"];
        let mut schedule = json!({ "from": random.pick(&times), "to": random.pick(&times) });
        if random.chance(50) {
            schedule["zone"] = json!(random.pick(&["Europe/Berlin", "Europe/Berlin", "Asia/Tokyo"]));
        }
        if random.chance(50) {
            schedule["days"] = random.pick(&[json!(["mon"]), json!(["sun", "tue"])]);
        }
        put("schedule", schedule);
    }
    Value::Object(rule)
}

fn condition(random: &mut Random, scope: Scope, depth: u32) -> Value {
    let parts = |random: &mut Random| -> Vec<Value> {
        (0..=random.below(2)).map(|_| condition(random, scope, depth + 1)).collect()
    };
    match random.below(if depth < 3 { 10 } else { 6 }) {
        0..=5 => json!({ "compare": comparison(random, scope) }),
        6 | 7 => json!({ "all": parts(random) }),
        8 => json!({ "any": parts(random) }),
        _ => json!({ "not": condition(random, scope, depth + 1) }),
    }
}

fn comparison(random: &mut Random, scope: Scope) -> Value {
    // Halfway between what events say, so that no rounding decides.
    let level = |random: &mut Random, scale: f64| (random.below(21) as f64 - 10.0) * 0.1 * scale + 0.0537 * scale;
    let numbers = operators(Operator::is_of_numbers);
    if scope == Scope::Whole && random.chance(40) {
        if random.chance(60) {
            let figure = random.pick(&["mean", "min", "max", "count", "change", "slope"]);
            let mut window = json!({ "figure": figure });
            match random.chance(40) {
                true => window["values"] = json!(random.pick(&[1, 2, 3, 5])),
                false => window["seconds"] = json!(random.pick(&[1, 2, 5, 10, 30])),
            }
            let scale = match figure {
                "count" => 4.0,
                "slope" => 8.0,
                _ => 1.0,
            };
            let field = random.pick(&["sentimentScore", "sentimentScore", "/n"]);
            let value = level(random, scale);
            return json!({ "field": field, "window": window, "operator": random.pick(&numbers), "value": value });
        }
        let (field, value) = match random.below(5) {
            0 => ("queueWaiting", random.below(3) as f64),
            1 => ("queueLongestWaitMs", random.below(20_000) as f64 + 0.5),
            2 => ("queueMeanSentiment", level(random, 1.0)),
            3 => ("queueArrivalsPerMinute", random.below(4) as f64),
            _ => ("queueTriggersPerMinute", random.below(4) as f64),
        };
        return json!({ "field": field, "operator": random.pick(&numbers), "value": value });
    }
    let texts = operators(|operator| operator.arity() == Arity::One && !operator.is_of_numbers());
    let lists = operators(|operator| operator.arity() == Arity::Several);
    let flags = operators(|operator| operator.arity() == Arity::None);
    match random.below(12) {
        0..=4 => json!({ "field": "sentimentScore", "operator": random.pick(&numbers), "value": level(random, 1.0) }),
        5 => json!({ "field": "sentimentConfidence", "operator": "atLeast", "value": 0.5 }),
        6 => json!({ "field": "queueWaitMs", "operator": random.pick(&numbers), "value": 2_500 }),
        7 => json!({ "field": "queue", "operator": random.pick(&texts), "value": random.pick(&["BILLING", "s", "g"]) }),
        8 => json!({ "field": "type", "operator": random.pick(&lists), "value": ["Queued", "sentiment"] }),
        9 => json!({ "field": "/vip", "operator": random.pick(&flags) }),
        10 => json!({ "field": "/n", "operator": random.pick(&numbers), "value": random.below(3) }),
        _ => json!({ "field": "direction", "operator": random.pick(&texts), "value": random.pick(&["in*", "bound"]) }),
    }
}

/// The names of the operators of a kind. A new operator is drawn by itself.
fn operators(kind: impl Fn(Operator) -> bool) -> Vec<&'static str> {
    Operator::ALL.iter().copied().filter(|operator| kind(*operator)).map(Operator::name).collect()
}

/// Events of three interactions within a span, in order, at multiples of the grid.
pub fn history(random: &mut Random, from: u64, span: u64) -> Vec<(u64, Value)> {
    let count = 5 + random.below(60);
    let mut times: Vec<u64> = (0..count).map(|_| from + random.below(span / GRID) * GRID).collect();
    times.sort_unstable();
    times.into_iter().map(|at| (at, event(random))).collect()
}

fn event(random: &mut Random) -> Value {
    let mut event = json!({ "id": random.pick(&["a", "b", "c"]) });
    if random.chance(80) {
        let steps = ["queued", "waiting", "connect", "sentiment", "sentiment", "sentiment", "transfer", "disposition"];
        event["type"] = json!(random.pick(&steps));
    }
    if random.chance(70) {
        event["sentiment"] = json!({ "score": (random.below(21) as f64 - 10.0) / 10.0 });
        if random.chance(70) {
            event["sentiment"]["confidence"] = json!(random.below(11) as f64 / 10.0);
        }
    }
    if random.chance(60) {
        event["routing"] = json!({ "queueName": random.pick(&["Billing", "billing", "sales", " Sales "]) });
    }
    if random.chance(40) {
        event["routing"]["queueWaitTimeMs"] = json!(random.below(5) * 1_000);
    }
    if random.chance(40) {
        event["vip"] = random.pick(&[json!(true), json!(false), json!(null), json!([1])]);
    }
    if random.chance(40) {
        event["n"] = random.pick(&[json!(0), json!(1), json!(2), json!("two")]);
    }
    if random.chance(50) {
        event["participant"] = json!({ "direction": random.pick(&["inbound", "outbound"]) });
    }
    event
}
