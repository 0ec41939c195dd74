//! The queues and the hours of a rule.

use serde_json::Value;

use super::comparison::fits;
use super::message::seen;

/// Minutes ahead of UTC, by zone; the host's own under the empty name.
pub const ZONES: [(&str, u64); 2] = [("", 0), ("Europe/Berlin", 60)];

pub fn hears(spec: &Value, event: &Value) -> bool {
    let names = |key: &str| -> Vec<String> {
        let names = spec["queues"][key].as_array().cloned().unwrap_or_default();
        names.iter().map(|name| name.as_str().unwrap().trim().to_lowercase()).collect()
    };
    let (include, exclude) = (names("include"), names("exclude"));
    let Some(queue) = seen("queue", event).and_then(Value::as_str) else { return include.is_empty() };
    let queue = queue.trim().to_lowercase();
    let any = |patterns: &[String]| patterns.iter().any(|pattern| fits(pattern.as_bytes(), queue.as_bytes()));
    !any(&exclude) && (include.is_empty() || any(&include))
}

/// Whether a rule's schedule is open; unknown where nobody knows the time in its zone.
pub fn is_open(spec: &Value, at: u64) -> Option<bool> {
    let schedule = &spec["schedule"];
    if !schedule.is_object() {
        return Some(true);
    }
    let zone = schedule["zone"].as_str().unwrap_or_default();
    let ahead = ZONES.iter().find(|(name, _)| *name == zone)?.1;
    let week = ["thu", "fri", "sat", "sun", "mon", "tue", "wed"];
    let minutes = |key: &str| {
        let time = schedule[key].as_str().unwrap_or("00:00");
        time[..2].parse::<u64>().unwrap() * 60 + time[3..].parse::<u64>().unwrap()
    };
    let (from, to) = (minutes("from"), minutes("to"));
    let length = if to > from { to - from } else { to + 1_440 - from };
    let now = at / 60_000 + ahead;
    let begins_on = |day: u64| {
        let name = week[(day % 7) as usize];
        schedule["days"].as_array().is_none_or(|days| days.iter().any(|one| one == name))
    };
    // The minute is open if some period of today or yesterday began at most its length ago.
    let today = now / 1_440;
    Some([today, today - 1].into_iter().any(|day| {
        let begin = day * 1_440 + from;
        begins_on(day) && begin <= now && now < begin + length
    }))
}
