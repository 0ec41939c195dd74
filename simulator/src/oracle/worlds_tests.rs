//! Cards that are due by rules of any kind, and cards that may be.

use std::sync::Arc;

use rule_oracle::{Card, Desk, Durable, Evaluator, Message, RuleSet, Zones};

use super::*;
use crate::clock::{SECOND, millis};
use crate::options::Options;
use crate::random::Random;
use crate::report::{Due, Report};
use crate::traffic::Generator;

const READ_WITHIN: Micros = SECOND / 2;

fn given(set: &str) -> Given {
    let zones = Zones::from([("UTC".to_owned(), 0)]);
    let set = Arc::new(RuleSet::parse(set).expect("rules"));
    Given { set, zones: Arc::new(zones), read_within: READ_WITHIN, started: 1_771_320_600_000 }
}

fn oracle(rules: &str) -> Oracle {
    let set = format!(r#"{{"version":1,"rules":[{rules}]}}"#);
    Oracle::new(Rules::default(), 2 * SECOND).judging(given(&set))
}

const LOW: &str = r#""when":{"compare":{"field":"sentimentScore","operator":"below","value":-0.5}}"#;

fn held(once: &str) -> String {
    format!(r#"{{"id":"held",{LOW},"holdSeconds":10,"once":"{once}"}}"#)
}

fn said(id: &str, score: f64) -> Seen {
    let frame = format!(r#"{{"id":"{id}","type":"sentiment","sentiment":{{"score":{score}}}}}"#);
    Seen::read(frame.as_bytes()).expect("an event")
}

fn last(oracle: &mut Oracle) -> Report {
    oracle.report(200 * SECOND, SECOND, true)
}

#[test]
fn a_hold_is_due_at_its_end_and_not_before() {
    let mut oracle = oracle(&held("rule"));
    oracle.heard(1, 1, Some(&said("a", -0.9)), SECOND);
    assert_eq!(oracle.report(8 * SECOND, 60 * SECOND, false).due, 0);
    assert!(oracle.settled(8 * SECOND));
    assert_eq!(oracle.report(14 * SECOND, 60 * SECOND, false).waiting, 1);
    assert_eq!(last(&mut oracle).missed_ids, ["trigger-a-held-1"]);
    oracle.card("a", "trigger-a-held-1", Acceptance::First, 11 * SECOND);
    let report = last(&mut oracle);
    assert_eq!((report.due, report.delivered, report.missed, report.not_due), (1, 1, 0, 0));
    assert_eq!(report.due_by_rule.get("held"), Some(&1));
}

#[test]
fn a_value_that_leaves_as_the_hold_ends_makes_its_card_uncertain() {
    for (after, due, possible) in [(9 * SECOND, 0, 0), (10 * SECOND, 0, 1), (11 * SECOND, 1, 1)] {
        let mut oracle = oracle(&held("rule"));
        oracle.heard(1, 1, Some(&said("a", -0.9)), SECOND);
        oracle.heard(1, 2, Some(&said("a", 0.9)), SECOND + after);
        assert_eq!((last(&mut oracle).due, oracle.due(200 * SECOND).len()), (due, possible), "after {after}");
    }
}

#[test]
fn every_episode_has_a_card_of_its_own_and_any_other_card_is_not_due() {
    let mut oracle = oracle(&format!(r#"{{"id":"low",{LOW},"once":"episode"}}"#));
    for (number, score) in (1..).zip([-0.9, 0.1, -0.9]) {
        oracle.heard(1, number, Some(&said("a", score)), number * SECOND);
    }
    for episode in [1, 2, 3] {
        oracle.card("a", &format!("trigger-a-low-{episode}"), Acceptance::First, 5 * SECOND);
    }
    let report = last(&mut oracle);
    assert_eq!((report.due, report.delivered, report.not_due), (2, 2, 1));
    assert_eq!(report.not_due_ids, ["trigger-a-low-3"]);
}

#[test]
fn a_hold_goes_on_with_the_next_client_and_a_window_may_not() {
    let mean = r#"{"id":"mean","once":"rule","when":{"compare":{"field":"sentimentScore",
        "window":{"figure":"count","seconds":60},"operator":"atLeast","value":2}}}"#;
    let mut oracle = oracle(&format!("{},{mean}", held("rule")));
    oracle.heard(1, 1, Some(&said("a", -0.9)), SECOND);
    oracle.closed(1, Ending::Abnormal, 5 * SECOND, 5 * SECOND);
    oracle.heard(2, 2, Some(&said("a", -0.9)), 6 * SECOND);
    let report = last(&mut oracle);
    assert_eq!((report.due, &*report.missed_ids), (1, &["trigger-a-held-1".to_owned()][..]));
    let due = oracle.due(200 * SECOND);
    let certain: Vec<(&str, bool)> =
        due.iter().map(|due| (due.rule.as_deref().unwrap_or_default(), due.certain)).collect();
    assert_eq!(certain, [("mean", false), ("held", true)]);
}

#[test]
fn the_last_frame_of_a_connection_that_died_may_be_unread() {
    let mut oracle = oracle(&format!(r#"{{"id":"low",{LOW}}}"#));
    oracle.heard(1, 1, Some(&said("early", -0.9)), SECOND);
    oracle.heard(1, 2, Some(&said("late", -0.9)), 9 * SECOND);
    oracle.closed(1, Ending::Abnormal, 9 * SECOND, 10 * SECOND);
    let report = last(&mut oracle);
    assert_eq!((report.due, report.uncertain), (1, 1));
    assert_eq!(report.missed_ids, ["trigger-early-low-1"]);
}

#[test]
fn worlds_that_differ_in_the_rule_agree_on_one_card_for_the_interaction() {
    let second =
        r#"{"id":"not-low","when":{"not":{"compare":{"field":"sentimentScore","operator":"below","value":0}}}}"#;
    let mut oracle = oracle(&format!(r#"{{"id":"low",{LOW}}},{second}"#));
    oracle.heard(1, 1, Some(&said("a", -0.9)), 9 * SECOND);
    oracle.closed(1, Ending::Abnormal, 9 * SECOND, 10 * SECOND);
    oracle.heard(2, 2, Some(&said("a", 0.9)), 12 * SECOND);
    let report = last(&mut oracle);
    assert_eq!((report.due, &*report.missed_ids), (1, &["a".to_owned()][..]));
    oracle.card("a", "trigger-a-not-low-1", Acceptance::First, 13 * SECOND);
    assert_eq!(last(&mut oracle).missed, 0);
    oracle.card("a", "trigger-a-low-1", Acceptance::First, 13 * SECOND);
    assert_eq!(last(&mut oracle).duplicated, 1);
}

#[test]
fn a_reset_forgives_cards_of_before_whenever_they_come() {
    let mut oracle = oracle(&held("rule"));
    oracle.heard(1, 1, Some(&said("a", -0.9)), SECOND);
    oracle.reset(20 * SECOND);
    oracle.heard(1, 2, Some(&said("b", -0.9)), 21 * SECOND);
    oracle.card("a", "trigger-a-held-1", Acceptance::First, 22 * SECOND);
    let report = last(&mut oracle);
    assert_eq!((report.missed, report.not_due), (1, 0));
    assert_eq!(report.missed_ids, ["trigger-b-held-1"]);
}

/// A client that reads late, loses the last frames, and knows after its end what was written.
struct Client {
    desk: Desk,
    luck: Random,
    now: Micros,
    forgets: bool,
    cards: Vec<Card>,
}

impl Client {
    fn dies(&mut self, given: &Given, at: Micros) {
        self.cards.extend(self.desk.pass(given.started + millis(at)));
        let durable = if self.forgets { Durable::default() } else { self.desk.durable() };
        self.desk.restart(durable);
    }

    fn reads(&mut self, given: &Given, at: Micros, seen: &Seen) {
        self.now = self.now.max(at + self.luck.whole(0, READ_WITHIN));
        let message = Arc::new(Message::new(seen.json.clone()));
        self.cards.extend(self.desk.hear(given.started + millis(self.now), &message));
    }
}

/// Connections that die every few seconds under a client; what the oracle says of it at the end.
fn judge(seed: u64, forgets: bool) -> (Report, Vec<Due>) {
    let given = given(include_str!("../../rules/rich.json"));
    let mut oracle = Oracle::new(Rules::default(), 2 * SECOND).judging(given.clone());
    let evaluator = Evaluator::new(given.set.clone(), given.zones.clone(), |_| 0);
    let luck = Random::seeded(seed);
    let mut client = Client { desk: Desk::new(evaluator), luck, now: 0, forgets, cards: Vec::new() };
    let seed = seed.to_string();
    let words = ["--seed", &seed, "--rate", "20", "--concurrent", "100", "--due-per-minute", "30"];
    let options = Options::from_args(words).expect("options");
    let (mut link, mut ends, mut lost) = (1, 8 * SECOND, false);
    for (number, frame) in (1..).zip(Generator::new(&options.traffic).take(800)) {
        let seen = Seen::read(&frame.bytes).expect("an event");
        if frame.at >= ends {
            oracle.closed(link, Ending::Abnormal, ends, ends);
            if client.luck.chance(0.6) {
                client.dies(&given, ends);
            }
            (link, lost) = (link + 1, false);
            ends = frame.at + client.luck.whole(1, 15) * SECOND;
        }
        oracle.heard(link, number, Some(&seen), frame.at);
        lost |= frame.at + 2 * SECOND > ends && client.luck.chance(0.05);
        if !lost {
            client.reads(&given, frame.at, &seen);
        }
    }
    oracle.closed(link, Ending::Abnormal, ends, ends);
    let end = 80 * SECOND;
    client.cards.extend(client.desk.pass(given.started + millis(end)));
    for card in client.cards {
        oracle.card(&card.interaction, &card.id(), Acceptance::First, end);
    }
    (oracle.report(end, SECOND, true), oracle.due(end))
}

#[test]
fn an_honest_client_is_never_accused() {
    for seed in 0..3 {
        let (report, due) = judge(seed, false);
        let wrong = [report.missed_ids, report.not_due_ids, report.duplicated_ids].concat();
        assert_eq!(wrong, Vec::<String>::new(), "seed {seed}");
        let certain = due.iter().filter(|due| due.certain).count();
        assert!(certain > 40 && report.delivered > 60, "{certain} of {} are certain", due.len());
    }
}

#[test]
fn a_client_that_forgets_at_its_end_what_it_held_is_found_out() {
    let (report, _) = judge(0, true);
    assert!(report.missed > 0 && report.not_due + report.duplicated + report.repeats > 0, "{report}");
}
