//! Random rule sets and what a stream says under them, from one seed.

use serde_json::{Map, Value, json};

use crate::dice::Dice;

/// Zones that rules name, and how far each is ahead; the browser's own is empty, and nobody knows the last.
pub const ZONES: [(&str, Option<i32>); 4] =
    [("", Some(-90)), ("Europe/Berlin", Some(60)), ("Asia/Kolkata", Some(330)), ("Mars/Olympus", None)];

/// A rule set of one to four rules. Schedules open and close near this minute of the day, in UTC.
pub fn rule_set(dice: &mut Dice, minute: i32) -> Value {
    let rules: Vec<Value> = (0..=dice.below(4)).map(|number| rule(dice, number, minute)).collect();
    json!({ "version": 1, "rules": rules })
}

fn rule(dice: &mut Dice, number: u64, minute: i32) -> Value {
    let mut rule = Map::new();
    let mut put = |key: &str, value: Value| drop(rule.insert(key.to_owned(), value));
    put("id", json!(format!("rule-{number}")));
    put("name", json!("Rule"));
    put("when", about_an_interaction(condition(dice, 0)));
    put("once", json!(dice.pick(&["interaction", "rule", "episode", "episode"])));
    put("severity", json!(dice.pick(&["info", "warning", "success", "error"])));
    put("mode", json!(dice.pick(&["live", "live", "live", "live", "shadow"])));
    put("holdSeconds", json!(dice.pick(&[0.0, 0.0, 0.5, 1.234, 5.0, 20.0])));
    put("keepFiringSeconds", json!(dice.pick(&[0.0, 0.0, 3.0])));
    put("cooldownSeconds", json!(dice.pick(&[0.0, 0.0, 15.0])));
    if dice.chance(300) {
        put("clears", condition(dice, 1));
    }
    if dice.chance(250) {
        let names = |dice: &mut Dice| match dice.below(4) {
            0 => json!([]),
            1 => json!(["billing"]),
            2 => json!(["S*"]),
            _ => json!(["*L*", "x"]),
        };
        put("queues", json!({ "include": names(dice), "exclude": names(dice) }));
    }
    if dice.chance(250) {
        put("schedule", schedule(dice, minute));
    }
    Value::Object(rule)
}

/// A rule that looks at nothing but a queue makes one card for many interactions, which the oracle does not group. Such a
/// rule gets a look at its event, too.
fn about_an_interaction(condition: Value) -> Value {
    if !looks_elsewhere(&condition) {
        return json!({ "all": [condition, { "compare": { "field": "type", "operator": "present" } }] });
    }
    condition
}

fn looks_elsewhere(condition: &Value) -> bool {
    match condition.as_object().and_then(|parts| parts.iter().next()) {
        Some((kind, one)) if kind == "compare" => {
            one["field"].as_str().is_some_and(|field| !field.starts_with("queue") || field == "queueWaitMs")
        }
        Some((kind, one)) if kind == "not" => looks_elsewhere(one),
        Some((_, parts)) => parts.as_array().is_some_and(|parts| parts.iter().any(looks_elsewhere)),
        None => false,
    }
}

fn schedule(dice: &mut Dice, minute: i32) -> Value {
    let (zone, ahead) = dice.pick(&ZONES);
    let near = |dice: &mut Dice| {
        let minute = (minute + ahead.unwrap_or_default() + dice.pick(&[-60, -1, 0, 1, 2, 60])).rem_euclid(1_440);
        format!("{:02}:{:02}", minute / 60, minute % 60)
    };
    let mut schedule = json!({ "from": near(dice), "to": near(dice) });
    if !zone.is_empty() {
        schedule["zone"] = json!(zone);
    }
    if dice.chance(300) {
        schedule["days"] = json!(["mon", "tue"]);
    }
    schedule
}

fn condition(dice: &mut Dice, depth: u32) -> Value {
    let parts = |dice: &mut Dice| -> Vec<Value> { (0..=dice.below(2)).map(|_| condition(dice, depth + 1)).collect() };
    match dice.below(if depth < 3 { 10 } else { 6 }) {
        0..=5 => json!({ "compare": comparison(dice) }),
        6 | 7 => json!({ "all": parts(dice) }),
        8 => json!({ "any": parts(dice) }),
        _ => json!({ "not": condition(dice, depth + 1) }),
    }
}

/// Halfway between what messages say, so that no rounding decides.
fn level(dice: &mut Dice, scale: f64) -> f64 {
    (dice.below(21) as f64 - 10.0) * 0.1 * scale + 0.0537 * scale
}

fn comparison(dice: &mut Dice) -> Value {
    let order = ["below", "atMost", "above", "atLeast"];
    if dice.chance(350) {
        let figure = dice.pick(&["mean", "min", "max", "count", "change", "slope"]);
        let mut window = json!({ "figure": figure });
        match dice.chance(400) {
            true => window["values"] = json!(dice.pick(&[1, 2, 3, 5])),
            false => window["seconds"] = json!(dice.pick(&[1, 2, 5, 10, 30])),
        }
        let scale = match figure {
            "count" => 4.0,
            "slope" => 8.0,
            _ => 1.0,
        };
        let field = dice.pick(&["sentimentScore", "sentimentScore", "/n"]);
        return json!({ "field": field, "window": window, "operator": dice.pick(&order), "value": level(dice, scale) });
    }
    match dice.below(19) {
        0..=4 => json!({ "field": "sentimentScore", "operator": dice.pick(&order), "value": level(dice, 1.0) }),
        5 => json!({ "field": "sentimentConfidence", "operator": "atLeast", "value": 0.5 }),
        6 => json!({ "field": "queueWaitMs", "operator": dice.pick(&order), "value": 2_500 }),
        7 => json!({ "field": "queue", "operator": dice.pick(&["is", "startsWith", "endsWith"]),
            "value": dice.pick(&["BILLING", "s", "g"]) }),
        8 => json!({ "field": "type", "operator": "oneOf", "value": ["Queued", "sentiment"] }),
        9 => json!({ "field": "/vip", "operator": dice.pick(&["isTrue", "isFalse", "present", "absent"]) }),
        10 => json!({ "field": "/n", "operator": dice.pick(&["above", "equals"]), "value": dice.below(3) }),
        11 => json!({ "field": "direction", "operator": dice.pick(&["contains", "matches"]), "value": "in*" }),
        12 => json!({ "field": "queueWaiting", "operator": dice.pick(&order), "value": dice.below(3) }),
        13 => json!({ "field": "queueLongestWaitMs", "operator": dice.pick(&order), "value": dice.below(20_000) }),
        14 => json!({ "field": "queueMeanSentiment", "operator": dice.pick(&order), "value": level(dice, 1.0) }),
        15 => json!({ "field": "queueArrivalsPerMinute", "operator": dice.pick(&order), "value": dice.below(4) }),
        16 => json!({ "field": "queueTriggersPerMinute", "operator": dice.pick(&order), "value": dice.below(4) }),
        _ => about_a_text(dice),
    }
}

fn about_a_text(dice: &mut Dice) -> Value {
    let wanted = dice.pick(&["French", "german", "en", "*e*n*", "fr*", ""]);
    match dice.pick(&["is", "is", "oneOf", "contains", "startsWith", "endsWith", "matches"]) {
        "oneOf" => json!({ "field": "/routing/skill", "operator": "oneOf", "value": [wanted, "spanish"] }),
        operator => json!({ "field": "/routing/skill", "operator": operator, "value": wanted }),
    }
}

/// Messages of three interactions within a span, in order. Many stand on whole half seconds, so that instants meet.
pub fn history(dice: &mut Dice, span: u64) -> Vec<(u64, Value)> {
    let mut history: Vec<(u64, Value)> = (0..5 + dice.below(60))
        .map(|_| {
            let at = dice.below(span / 500) * 500;
            (if dice.chance(250) { at + dice.below(500) } else { at }, message(dice))
        })
        .collect();
    history.sort_by_key(|(at, _)| *at);
    history
}

fn message(dice: &mut Dice) -> Value {
    let mut message = json!({ "id": dice.pick(&["a", "b", "c"]) });
    if dice.chance(800) {
        let steps = ["queued", "waiting", "connect", "sentiment", "sentiment", "sentiment", "transfer", "disposition"];
        message["type"] = json!(dice.pick(&steps));
    }
    if dice.chance(700) {
        message["sentiment"] = json!({ "score": (dice.below(21) as f64 - 10.0) / 10.0 });
        if dice.chance(700) {
            message["sentiment"]["confidence"] = json!(dice.below(11) as f64 / 10.0);
        }
    }
    if dice.chance(600) {
        message["routing"] = json!({ "queueName": dice.pick(&["Billing", "billing", "sales", " Sales "]) });
    }
    if dice.chance(400) {
        message["routing"]["queueWaitTimeMs"] = json!(dice.below(5) * 1_000);
    }
    if dice.chance(500) {
        message["routing"]["skill"] = match dice.below(12) {
            0 => json!(7),
            1 => json!(null),
            _ => json!(dice.pick(&["french", "French", "GERMAN", "Spanish", "", "français"])),
        };
    }
    if dice.chance(400) {
        message["vip"] = match dice.below(4) {
            0 => json!(true),
            1 => json!(false),
            2 => json!(null),
            _ => json!([1]),
        };
    }
    if dice.chance(400) {
        message["n"] = if dice.chance(250) { json!("two") } else { json!(dice.below(3)) };
    }
    if dice.chance(500) {
        message["participant"] = json!({ "direction": dice.pick(&["inbound", "outbound"]) });
    }
    message
}
