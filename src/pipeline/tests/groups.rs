//! Rules about a queue: one card for all of its interactions.

use super::*;
use crate::model::ask::{Change, Store};
use crate::model::history::{End, Entry};

/// Three or more wait; and an unhappy customer, whom the queue's card must not hide.
const BUSY: &str = r#""rules":{"version":1,"rules":[
    {"id":"unhappy","name":"Unhappy","once":"rule",
     "when":{"compare":{"field":"sentimentScore","operator":"below","value":-0.5}}},
    {"id":"busy","name":"Busy","once":"episode","severity":"error",
     "when":{"compare":{"field":"queueWaiting","operator":"atLeast","value":3}}}]}"#;

fn says(rig: &mut Rig, id: &str, kind: &str, more: &str) {
    rig.frame(&format!(r#"{{"id":"{id}","type":"{kind}","routing":{{"queueName":"Billing"}}{more}}}"#));
}

/// Makes everything durable, and answers posts. Returns what was posted, and all changes.
fn settle(rig: &mut Rig, status: u16) -> (Vec<String>, Vec<Change>) {
    let (mut posted, mut changes) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        while !rig.host.commits.is_empty() {
            let (id, written) = rig.host.commits.remove(0);
            changes.extend(written);
            rig.feed(Input::Committed(id));
        }
        while let Some((id, request)) = rig.host.posts.pop() {
            posted.push(serde_json::from_str::<serde_json::Value>(&request.body).expect("JSON")["cardId"].to_string());
            rig.feed(Input::HttpDone(id, Outcome::Answer(Answer { status, ..Answer::default() })));
        }
        rig.host.wall = rig.host.wall.plus(Millis::from_secs(2));
        rig.feed(Input::Tick);
    }
    (posted, changes)
}

/// Why the triggers among these were not sent.
fn kept(changes: &[Change]) -> Vec<String> {
    let why = |change: &Change| match change {
        Change::Put(Store::History, _, text) => match serde_json::from_str(text).ok()? {
            Entry::Trigger(trigger) => match trigger.end {
                Some(End::Suppressed { by }) => Some(by),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    };
    changes.iter().filter_map(why).collect()
}

fn fill(rig: &mut Rig, from: usize, until: usize) {
    (from..until).for_each(|number| says(rig, &format!("i-{number}"), "waiting", ""));
}

#[test]
fn a_queue_in_trouble_has_one_card_and_each_other_firing_is_logged_with_its_reason() {
    let mut rig = Rig::streaming(BUSY);
    settle(&mut rig, 201);
    fill(&mut rig, 0, 8);
    let (posted, changes) = settle(&mut rig, 201);
    assert_eq!(posted, [r#""trigger-i-2-busy-1""#]);
    assert_eq!(kept(&changes), ["group"; 5], "the interactions after the third; the first two say nothing more");
    fill(&mut rig, 0, 8);
    assert_eq!(kept(&settle(&mut rig, 201).1), ["group"; 2], "told once each");
}

#[test]
fn an_unhappy_customer_of_a_queue_in_trouble_has_a_card_of_their_own() {
    let mut rig = Rig::streaming(BUSY);
    settle(&mut rig, 201);
    fill(&mut rig, 0, 5);
    settle(&mut rig, 201);
    says(&mut rig, "i-4", "waiting", r#","sentiment":{"score":-0.9}"#);
    assert_eq!(settle(&mut rig, 201).0, [r#""trigger-i-4-unhappy-1""#]);
}

#[test]
fn a_queue_that_calmed_has_a_card_again_when_trouble_comes_back() {
    let mut rig = Rig::streaming(BUSY);
    settle(&mut rig, 201);
    // By then the worker knows everyone who waits.
    rig.host.wall = rig.host.wall.plus(Millis::from_mins(10));
    fill(&mut rig, 0, 4);
    settle(&mut rig, 201);
    (0..4).for_each(|number| says(&mut rig, &format!("i-{number}"), "connect", ""));
    let (_, changes) = settle(&mut rig, 201);
    let removes = |change: &&Change| matches!(change, Change::Delete(_, key) if key.starts_with("groups/"));
    assert_eq!(changes.iter().filter(removes).count(), 1);
    fill(&mut rig, 10, 14);
    assert_eq!(settle(&mut rig, 201).0, [r#""trigger-i-12-busy-1""#]);
}

#[test]
fn a_card_that_was_given_up_stands_for_no_queue() {
    let mut rig = Rig::streaming(BUSY);
    settle(&mut rig, 201);
    fill(&mut rig, 0, 3);
    settle(&mut rig, 404);
    fill(&mut rig, 3, 5);
    assert_eq!(settle(&mut rig, 201).0, [r#""trigger-i-3-busy-1""#]);
}

#[test]
fn a_group_outlives_the_worker_and_lasts_no_longer_than_an_hour() {
    let mut rig = Rig::streaming(BUSY);
    settle(&mut rig, 201);
    fill(&mut rig, 0, 4);
    let (_, changes) = settle(&mut rig, 201);
    let record = |change: &Change| match change {
        Change::Put(Store::Journal, key, text) if key.starts_with("groups/") => Some((key.clone(), text.clone())),
        _ => None,
    };
    let records: Vec<_> = changes.iter().filter_map(record).collect();
    assert_eq!(records.len(), 1);
    let mut next = Rig::started(BUSY, Ok(records));
    settle(&mut next, 201);
    // Waiting interactions become known again bit by bit: a figure that lacks them ends no group.
    fill(&mut next, 20, 22);
    fill(&mut next, 22, 26);
    let (posted, changes) = settle(&mut next, 201);
    assert_eq!((posted.len(), kept(&changes).len()), (0, 4));
    next.host.wall = next.host.wall.plus(Millis::from_mins(61));
    fill(&mut next, 26, 28);
    assert_eq!(settle(&mut next, 201).0.len(), 1);
}

#[test]
fn a_rule_that_also_looks_at_its_interaction_has_a_card_for_each() {
    let mut rig = Rig::streaming(
        r#""rules":{"version":1,"rules":[{"id":"both","name":"Both","once":"rule","when":{"all":[
            {"compare":{"field":"queueWaiting","operator":"atLeast","value":2}},
            {"compare":{"field":"sentimentScore","operator":"below","value":-0.5}}]}}]}"#,
    );
    settle(&mut rig, 201);
    for number in 0..5 {
        says(&mut rig, &format!("i-{number}"), "waiting", r#","sentiment":{"score":-0.9}"#);
    }
    assert_eq!(settle(&mut rig, 201).0.len(), 4);
}
