//! A text of rules.

use std::collections::BTreeSet;

use cuewire::api::contract::event;
use cuewire::api::extras;
use cuewire::model::event::Event;
use cuewire::model::event::pointer::Pointer;
use cuewire::model::fingerprint::{Fingerprint, Subject};
use cuewire::model::json;
use cuewire::model::time::Millis;
use cuewire::rules::text::{RuleError, RuleSet, parse, run};
use cuewire::rules::{Evaluator, Firing, Mode};
use serde_json::Value;

use crate::{grown, timed};

/// Every code that a mistake may have: the words are found by it.
const CODES: [&str; 25] = [
    "notJson",
    "wrongType",
    "required",
    "unknown",
    "duplicate",
    "sameId",
    "notAnId",
    "badChoice",
    "tooLow",
    "tooHigh",
    "wholeNumber",
    "tooLong",
    "tooMany",
    "tooDeep",
    "empty",
    "controlCharacter",
    "notAField",
    "notOfNumbers",
    "wrongOperator",
    "notWanted",
    "eitherValuesOrSeconds",
    "notATime",
    "notAZone",
    "newerVersion",
    "notSorted",
];

const CONNECTION: &str = "https://acme.cxone.com";

/// A Monday.
const START: u64 = 4 * 24 * 3_600_000 + 9 * 3_600_000;

/// Frames of two interactions, each with its time after the frame before, in milliseconds.
const FRAMES: [(u64, &str); 12] = [
    (0, r#"{"id":"a","type":"queued","routing":{"queueName":"billing","queueWaitTimeMs":0},"vip":true}"#),
    (500, r#"{"id":"b","type":"waiting","routing":{"queueName":"Sales","queueWaitTimeMs":130000},"n":2}"#),
    (0, r#"{"id":"a","type":"connect","participant":{"direction":"inbound"}}"#),
    (1_000, r#"{"id":"a","sentiment":{"score":-0.9,"confidence":0.7}}"#),
    (4_000, r#"{"id":"a","sentiment":{"score":-1},"n":"two","vip":null}"#),
    (30_000, r#"{"id":"b","type":"sentiment","sentiment":{"score":0.5,"confidence":0.2},"n":[1]}"#),
    (60_000, r#"{"id":"a","type":"transfer","routing":{"queueName":"sales"}}"#),
    (1, r#"{"id":"a","sentiment":{"score":0.9,"confidence":1},"vip":false}"#),
    (3_600_000, r#"{"id":"b","type":"disposition","sentiment":{"score":-0.2}}"#),
    (0, r#"{"id":"b","type":"queued","routing":{"queueName":"billing"}}"#),
    (86_400_000, r#"{"id":"a","sentiment":{"score":-0.6,"confidence":0.5}}"#),
    (2_000, r#"{"id":"a","type":"disposition"}"#),
];

/// Checks one input: a text, or one that [`grown`] makes.
pub fn check(data: &[u8]) {
    let large = grown(data);
    let Ok(text) = std::str::from_utf8(large.as_deref().unwrap_or(data)) else { return };
    match timed("reading rules", || parse(text)) {
        Ok(set) => accepted(&set),
        Err(errors) => rejected(text, &errors),
    }
}

fn accepted(set: &RuleSet) {
    let written = set.to_json();
    assert_eq!(parse(&written).as_ref(), Ok(set), "what is written is read the same: {written}");
    let dense = json::write(set);
    assert_eq!(parse(&dense).as_ref(), Ok(set), "{dense}");
    for rule in set.rules.iter().take(2) {
        let differing = run(rule, read);
        assert!(differing.len() <= rule.examples.len());
    }
    let mut worker = start(set);
    let mut now = START;
    for (place, (after, frame)) in FRAMES.iter().enumerate() {
        now += after;
        let due = worker.next_deadline();
        look(&worker.tick(Millis(now)), now);
        assert!(worker.next_deadline().is_none_or(|next| next.0 > now), "{due:?} is over, and due again");
        let event = read(frame.as_bytes(), worker.pointers()).expect("one of ours");
        look(&worker.observe(Millis(now), &event, |_, _| true), now);
        if place % 4 == 3 {
            worker = restarted(set, &worker, now);
        }
    }
    let limit = worker.bytes_per_interaction();
    assert!(limit < 16 * 1024 * 1024, "an interaction takes {limit} bytes");
}

/// Reads a message as the service does.
fn read<'f>(frame: &'f [u8], pointers: &[Pointer]) -> Option<Event<'f>> {
    let mut event = event::parse(frame).ok()?;
    event.extra = extras::read(frame, pointers);
    Some(event)
}

fn look(firings: &[Firing], now: u64) {
    for firing in firings {
        assert!(firing.at.0 <= now && firing.episode > 0, "{firing:?}");
        assert!(firing.rule.mode == Mode::Shadow || !firing.reason().is_empty() || firing.rule.reason.is_empty());
        assert!(firing.evidence.len() <= cuewire::rules::EVIDENCE_LIMIT);
    }
}

fn start(set: &RuleSet) -> Evaluator {
    let mut worker = Evaluator::default();
    worker.adopt(Fingerprint::of(CONNECTION), set.compile());
    let zones: Vec<String> = worker.zones().into_iter().map(str::to_owned).collect();
    for (zone, minutes) in zones.iter().zip([0, 330, -480, 765].into_iter().cycle()) {
        worker.set_offset(zone, minutes);
    }
    worker
}

/// The next worker, which goes on from what was written of this one.
fn restarted(set: &RuleSet, before: &Evaluator, now: u64) -> Evaluator {
    let mut after = start(set);
    for interaction in ["a", "b"] {
        let subject = Subject::of(Fingerprint::of(CONNECTION), interaction);
        let Some(stored) = before.stored(subject) else { continue };
        let text = json::write(&stored);
        let tracks: Vec<_> = json::read(&text).expect("what is written can be read");
        assert_eq!(tracks, stored, "{text}");
        after.restore(subject, tracks, Millis(now));
    }
    after
}

fn rejected(text: &str, errors: &[RuleError]) {
    assert!(!errors.is_empty(), "refused without a reason");
    let json = serde_json::from_str::<Value>(text).ok();
    // Of a key that occurs twice the last counts here, and the first is named there.
    let is_told_twice = errors.iter().any(|error| error.code == "duplicate");
    for error in errors {
        assert!(CODES.contains(&&*error.code), "{error:?}");
        assert!(error.at.is_empty() || error.at.starts_with('/'), "{error:?} names no place");
        if let (Some(json), false) = (&json, is_told_twice) {
            let parent = error.at.rsplit_once('/').map_or("", |(parent, _)| parent);
            assert!(json.pointer(&error.at).or(json.pointer(parent)).is_some(), "{error:?} names no place in {text}");
        }
    }
    let places: BTreeSet<_> = errors.iter().map(|error| (&error.at, &error.code, &error.values)).collect();
    assert!(is_told_twice || places.len() == errors.len(), "a mistake is named twice: {errors:?}");
}
