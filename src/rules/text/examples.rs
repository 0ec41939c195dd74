//! A rule's own tests: run by the evaluator that ships.

#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use super::spec::{Example, Expected, RuleSpec};
use crate::model::event::Event;
use crate::model::event::pointer::Pointer;
use crate::model::fingerprint::Fingerprint;
use crate::model::json::ToJson;
use crate::model::time::Millis;
use crate::rules::replay::Replay;

/// The first Monday after the epoch: examples count from there, so that a schedule has its days.
const MONDAY: Millis = Millis(4 * 24 * 3_600_000);

/// Time goes on for so long after the last event, because a hold may end in it.
const AFTER: Millis = Millis::from_mins(24 * 60);

/// The difference between an example's expectation and the firings.
#[derive(Debug, Clone, PartialEq, Eq, ToJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
pub struct Difference {
    /// The example's place, counted from 0.
    pub example: usize,
    /// Expected, and did not fire.
    pub missing: Vec<Expected>,
    /// Fired, and was not expected.
    pub unexpected: Vec<Expected>,
    /// Events that no reader took, by their place.
    pub unreadable: Vec<usize>,
}

/// Runs a rule's examples, whether it is enabled or not, and returns those that differ. `read` is the service's reader of
/// a message; it also reads what the message says at the pointers.
pub fn run(rule: &RuleSpec, read: impl for<'f> Fn(&'f [u8], &[Pointer]) -> Option<Event<'f>>) -> Vec<Difference> {
    let differing = |(at, example): (usize, &Example)| {
        let mut fired = Vec::new();
        let mut unreadable = Vec::new();
        let mut replay = Replay::new(Fingerprint::of(""), vec![rule.compile().into()]);
        let zone = rule.schedule.as_ref().and_then(|schedule| schedule.zone.as_deref()).unwrap_or_default();
        replay.evaluator.set_offset(zone, 0);
        let mut note = |firings: Vec<crate::rules::Firing>| {
            fired.extend(firings.into_iter().map(|firing| Expected {
                at_ms: firing.at.since(MONDAY).0,
                interaction: firing.event.id.into_owned(),
                episode: firing.episode,
            }));
        };
        let mut last = MONDAY;
        for (at, heard) in example.events.iter().enumerate() {
            let frame = heard.event.to_string();
            last = MONDAY.plus(Millis(heard.at_ms));
            note(replay.pass(last));
            match read(frame.as_bytes(), replay.evaluator.pointers()) {
                Some(event) => note(replay.hear(last, &event)),
                None => unreadable.push(at),
            }
        }
        note(replay.pass(last.plus(AFTER)));
        let without = |some: &[Expected], others: &[Expected]| {
            let mut left = others.to_vec();
            let mut missing: Vec<Expected> = Vec::new();
            for one in some {
                match left.iter().position(|other| other == one) {
                    Some(at) => drop(left.swap_remove(at)),
                    None => missing.push(one.clone()),
                }
            }
            missing
        };
        let (missing, unexpected) = (without(&example.fires, &fired), without(&fired, &example.fires));
        let differs = !missing.is_empty() || !unexpected.is_empty() || !unreadable.is_empty();
        differs.then_some(Difference { example: at, missing, unexpected, unreadable })
    };
    rule.examples.iter().enumerate().filter_map(differing).collect()
}
