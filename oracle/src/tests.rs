//! The oracle by itself; `tests/rule_language` holds it against two other evaluators.

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;

const LOW: &str = r#""when":{"compare":{"field":"sentimentScore","operator":"below","value":-0.5}}"#;

fn desk(rules: &[&str]) -> Desk {
    let rules: Vec<String> = (0..).zip(rules).map(|(at, rest)| format!(r#"{{"id":"rule-{at}",{rest}}}"#)).collect();
    let set = RuleSet::parse(&format!(r#"{{"rules":[{}]}}"#, rules.join(","))).expect("rules");
    Desk::new(Evaluator::new(Arc::new(set), Arc::new(Zones::from([(String::new(), 0)])), |_| 0))
}

fn said(score: f64) -> Arc<Message> {
    message(json!({ "id": "a", "type": "sentiment", "sentiment": { "score": score } }))
}

fn message(json: Value) -> Arc<Message> {
    Arc::new(Message::new(json))
}

fn ids(cards: &[Card]) -> Vec<(u64, String)> {
    cards.iter().map(|card| (card.at, card.id())).collect()
}

#[test]
fn a_hold_ends_at_its_own_instant_however_late_anyone_looks() {
    let mut desk = desk(&[&format!(r#"{LOW},"holdSeconds":5"#)]);
    assert_eq!(desk.hear(1_000, &said(-0.9)), []);
    assert_eq!(ids(&desk.pass(90_000)), [(6_000, "trigger-a-rule-0-1".to_owned())]);
}

#[test]
fn a_hold_outlives_the_worker_and_what_was_not_written_does_not() {
    let mut desk = desk(&[&format!(r#"{LOW},"holdSeconds":5"#)]);
    let nothing = desk.durable();
    desk.hear(1_000, &said(-0.9));
    let written = desk.durable();
    desk.restart(nothing);
    assert_eq!(desk.pass(90_000), []);
    desk.restart(written);
    assert_eq!(ids(&desk.pass(90_000)), [(6_000, "trigger-a-rule-0-1".to_owned())]);
}

#[test]
fn an_interaction_has_one_card_and_a_rule_of_episodes_one_each() {
    let mut desk = desk(&[LOW, &format!(r#"{LOW},"once":"episode""#)]);
    let cards: Vec<Card> =
        [-0.9, -0.9, 0.1, -0.9].iter().zip(1..).flat_map(|(score, at)| desk.hear(at, &said(*score))).collect();
    let expected = [(1, "trigger-a-rule-0-1"), (1, "trigger-a-rule-1-1"), (4, "trigger-a-rule-1-2")];
    assert_eq!(ids(&cards), expected.map(|(at, id)| (at, id.to_owned())));
}

#[test]
fn a_critical_rule_mutes_a_lesser_one_until_it_clears() {
    let critical = r#""severity":"error","once":"rule","when":{"compare":{"field":"/vip","operator":"isTrue"}}"#;
    let mut desk = desk(&[critical, &format!(r#"{LOW},"once":"rule""#)]);
    let vip = |vip: bool| message(json!({ "id": "a", "vip": vip, "sentiment": { "score": -0.9 } }));
    assert_eq!(ids(&desk.hear(1, &vip(true))), [(1, "trigger-a-rule-0-1".to_owned())]);
    assert_eq!(ids(&desk.hear(2, &vip(false))), [(2, "trigger-a-rule-1-1".to_owned())]);
}

#[test]
fn a_schedule_closes_on_its_minute_and_joins_the_next_period() {
    let zones = Zones::from([(String::new(), 0)]);
    let schedule = |text: &str| schedule::Schedule::read(&serde_json::from_str(text).expect("JSON")).expect("hours");
    let minute = |day: u64, minutes: u64| (day * 1_440 + minutes) * 60_000;
    let office = schedule(r#"{"days":["mon"],"from":"09:00","to":"17:00"}"#);
    assert_eq!(office.is_open(minute(4, 540), &zones), Some(true), "the fifth day of 1970 was a Monday");
    assert_eq!(office.closes_from(minute(4, 600), &zones), Some(minute(4, 1_020)));
    let days = schedule(r#"{"days":["mon","tue"]}"#);
    assert_eq!(days.closes_from(minute(4, 600), &zones), Some(minute(6, 0)));
    assert_eq!(office.closes_from(minute(4, 1_020), &zones), Some(minute(4, 1_020)), "what begins as it closes");
    assert_eq!(schedule("{}").closes_from(minute(4, 600), &zones), None, "every day joins the next");
    assert_eq!(schedule(r#"{"zone":"Mars/Olympus"}"#).is_open(minute(4, 600), &zones), None);
}

#[test]
fn a_critical_rule_that_fires_as_its_hours_end_mutes_nothing_after_them() {
    let vip = r#""when":{"compare":{"field":"/vip","operator":"isTrue"}}"#;
    let hours = r#""schedule":{"from":"00:00","to":"00:01"},"severity":"error","once":"rule""#;
    let mut desk = desk(&[&format!(r#"{vip},"holdSeconds":20,{hours}"#), &format!(r#"{LOW},"once":"rule""#)]);
    assert_eq!(desk.hear(40_000, &message(json!({ "id": "a", "vip": true }))), []);
    let cards = [(60_000, "trigger-a-rule-0-1"), (67_000, "trigger-a-rule-1-1")];
    assert_eq!(ids(&desk.hear(67_000, &said(-0.9))), cards.map(|(at, id)| (at, id.to_owned())));
}

#[test]
fn what_cannot_be_a_rule_is_named() {
    for (text, named) in [
        ("{", "EOF"),
        ("{}", "rules"),
        (r#"{"rules":[{"id":"a","when":{"compare":{"field":"mood","operator":"is"}}}]}"#, "mood"),
        (r#"{"rules":[{"id":"a","when":{"compare":{"field":"queue","operator":"resembles"}}}]}"#, "resembles"),
        (r#"{"rules":[{"id":"a","when":{"none":[]}}]}"#, "none"),
        (r#"{"rules":[{"id":"a","once":"day","when":{"all":[]}}]}"#, "day"),
    ] {
        let why = RuleSet::parse(text).expect_err(text);
        assert!(why.contains(named), "{why}");
    }
}
