//! The arithmetic of the tally.

use super::*;
use crate::clock::SECOND;
use crate::report::{DueBy, Report};

const MS: Micros = 1_000;

fn negative(id: &str) -> Seen {
    Seen::read(
        format!(r#"{{"id":"{id}","type":"sentiment","sentiment":{{"score":-0.9,"confidence":0.9}}}}"#).as_bytes(),
    )
    .expect("an event")
}

fn long_wait(id: &str) -> Seen {
    Seen::read(
        format!(r#"{{"id":"{id}","type":"waiting","routing":{{"queueWaitTimeMs":130000,"queueName":"q"}}}}"#)
            .as_bytes(),
    )
    .expect("an event")
}

fn oracle(once_per: OncePer) -> Oracle {
    Oracle::new(Rules { once_per, ..Rules::default() }, 2 * SECOND)
}

fn last(oracle: &mut Oracle) -> Report {
    oracle.report(100 * SECOND, SECOND, true)
}

#[test]
fn a_due_card_that_never_comes_is_missed_and_one_that_comes_is_not() {
    let mut oracle = oracle(OncePer::Interaction);
    oracle.heard(1, 1, Some(&negative("a")), MS);
    oracle.heard(1, 2, Some(&negative("b")), 2 * MS);
    oracle.card("a", "card", Acceptance::First, 5 * MS);
    let report = last(&mut oracle);
    assert_eq!((report.due, report.delivered, report.missed, report.duplicated), (2, 1, 1, 0));
    assert_eq!(report.missed_ids, ["b"]);
    assert!(!report.ok && !oracle.settled(0));
}

#[test]
fn an_event_without_a_queue_is_of_the_one_that_its_interaction_named_last() {
    let included = Rules { include_queues: vec!["billing".to_owned()], ..Rules::default() };
    let mut oracle = Oracle::new(included, 2 * SECOND);
    let named = |id: &str, queue: &str| Seen { queue: Some(queue.to_owned()), score: None, ..negative(id) };
    oracle.heard(1, 1, Some(&named("a", "billing")), MS);
    oracle.heard(1, 2, Some(&named("b", "sales")), MS);
    oracle.heard(1, 3, Some(&negative("a")), MS);
    oracle.heard(1, 4, Some(&negative("b")), MS);
    assert_eq!(last(&mut oracle).missed_ids, ["a"]);
    oracle.heard(2, 5, Some(&named("c", "billing")), MS);
    oracle.heard(3, 6, Some(&negative("c")), MS);
    let report = last(&mut oracle);
    assert_eq!(report.missed_ids, ["a"], "a client that was away when c named its queue cannot know it");
    oracle.card("c", "card", Acceptance::First, 2 * MS);
    let report = last(&mut oracle);
    assert_eq!((report.due, report.delivered), (2, 1));
}

#[test]
fn what_is_young_waits_before_it_counts_as_missed() {
    let mut oracle = oracle(OncePer::Interaction);
    oracle.heard(1, 1, Some(&negative("a")), 10 * SECOND);
    let young = oracle.report(11 * SECOND, 5 * SECOND, false);
    assert_eq!((young.waiting, young.missed, young.ok), (1, 0, true));
    let old = oracle.report(16 * SECOND, 5 * SECOND, false);
    assert_eq!((old.waiting, old.missed, old.ok), (0, 1, false));
}

#[test]
fn a_card_that_a_fault_refused_is_given_up_by_contract_unless_it_comes_all_the_same() {
    let mut oracle = oracle(OncePer::Interaction);
    for (number, id) in [(1, "refused"), (2, "tried again"), (3, "missed")] {
        oracle.heard(1, number, Some(&negative(id)), number * MS);
    }
    oracle.refused("refused", None);
    oracle.refused("refused", None);
    oracle.refused("tried again", None);
    oracle.refused("never heard of", None);
    oracle.card("tried again", "card", Acceptance::First, 5 * MS);
    let report = last(&mut oracle);
    assert_eq!((report.due, report.delivered, report.refused, report.missed), (3, 1, 1, 1));
    assert_eq!(report.missed_ids, ["missed"]);
    oracle.card("missed", "card", Acceptance::First, 6 * MS);
    assert!(oracle.settled(0) && last(&mut oracle).ok);
}

#[test]
fn a_second_card_id_for_one_interaction_is_a_duplicate_and_the_same_card_id_is_a_repeat() {
    let mut oracle = oracle(OncePer::Interaction);
    oracle.heard(1, 1, Some(&negative("a")), MS);
    oracle.heard(1, 2, Some(&long_wait("a")), 2 * MS);
    oracle.card("a", "card", Acceptance::First, 3 * MS);
    oracle.card("a", "card", Acceptance::Repeat, 4 * MS);
    assert!(last(&mut oracle).ok);
    oracle.card("a", "card", Acceptance::First, 5 * MS);
    let report = last(&mut oracle);
    assert_eq!((report.due, report.delivered, report.duplicated, report.repeats), (1, 1, 1, 1));
    assert_eq!(report.due_by, DueBy { sentiment: 1, wait: 1, both: 1 });
}

#[test]
fn a_server_that_ignores_card_ids_shows_its_second_card_as_a_duplicate() {
    let mut oracle = oracle(OncePer::Interaction);
    oracle.heard(1, 1, Some(&negative("a")), MS);
    oracle.card("a", "card", Acceptance::First, 3 * MS);
    oracle.card("a", "card", Acceptance::SecondCard, 4 * MS);
    assert_eq!(last(&mut oracle).duplicated, 1);
}

#[test]
fn once_per_rule_expects_a_card_for_each_rule() {
    let mut oracle = oracle(OncePer::Rule);
    oracle.heard(1, 1, Some(&negative("a")), MS);
    oracle.heard(1, 2, Some(&long_wait("a")), 2 * MS);
    oracle.heard(1, 3, Some(&negative("a")), 3 * MS);
    oracle.card("a", "card", Acceptance::First, 4 * MS);
    assert_eq!(last(&mut oracle).missed, 1);
    oracle.card("a", "card", Acceptance::First, 5 * MS);
    assert!(last(&mut oracle).ok);
    oracle.card("a", "card", Acceptance::First, 6 * MS);
    assert_eq!(last(&mut oracle).duplicated, 1);
}

#[test]
fn what_was_sent_just_before_a_connection_died_is_uncertain_and_not_missed() {
    let mut oracle = oracle(OncePer::Interaction);
    oracle.heard(1, 1, Some(&negative("early")), SECOND);
    oracle.heard(1, 2, Some(&negative("late")), 9 * SECOND);
    oracle.heard(1, 3, Some(&negative("late but delivered")), 9 * SECOND);
    oracle.card("late but delivered", "card", Acceptance::First, 9 * SECOND + MS);
    oracle.closed(1, Ending::Abnormal, 9 * SECOND, 10 * SECOND);
    let report = last(&mut oracle);
    assert_eq!((report.due, report.delivered, report.missed), (2, 1, 1));
    assert_eq!((report.uncertain, report.uncertain_delivered), (1, 1));
    assert_eq!(report.missed_ids, ["early"]);
}

#[test]
fn what_was_never_handed_to_the_network_is_uncertain_however_old() {
    let mut oracle = oracle(OncePer::Interaction);
    oracle.heard(1, 1, Some(&negative("a")), 2 * SECOND);
    oracle.closed(1, Ending::Abnormal, SECOND, 60 * SECOND);
    assert_eq!(last(&mut oracle).uncertain, 1);
}

#[test]
fn a_clean_close_leaves_everything_before_it_certain() {
    let mut oracle = oracle(OncePer::Interaction);
    oracle.heard(1, 1, Some(&negative("a")), 9 * SECOND);
    oracle.closed(1, Ending::Clean, 9 * SECOND, 9 * SECOND + MS);
    assert_eq!(last(&mut oracle).missed, 1);
}

#[test]
fn a_later_event_that_was_heard_makes_an_uncertain_interaction_due() {
    let mut oracle = oracle(OncePer::Interaction);
    oracle.heard(1, 1, Some(&negative("a")), 9 * SECOND);
    oracle.closed(1, Ending::Abnormal, 9 * SECOND, 10 * SECOND);
    oracle.heard(2, 2, Some(&negative("a")), 12 * SECOND);
    oracle.card("a", "card", Acceptance::First, 12 * SECOND + 7 * MS);
    let report = last(&mut oracle);
    assert_eq!((report.due, report.delivered, report.uncertain), (1, 1, 0));
    assert!((report.latency_ms.max - 7.0).abs() < 0.1, "counted from the hearing that was certain");
}

#[test]
fn cards_nobody_asked_for_are_counted_apart() {
    let mut oracle = oracle(OncePer::Interaction);
    oracle.card("stranger", "card", Acceptance::First, MS);
    let report = last(&mut oracle);
    assert_eq!((report.due, report.delivered, report.not_due), (0, 0, 1));
    assert_eq!(report.not_due_ids, ["stranger"]);
}

#[test]
fn a_frame_that_went_to_two_clients_is_one_event_and_two_hearings() {
    let mut oracle = oracle(OncePer::Interaction);
    oracle.heard(1, 1, Some(&negative("a")), 9 * SECOND);
    oracle.heard(2, 1, Some(&negative("a")), 9 * SECOND);
    oracle.heard(1, 2, None, 9 * SECOND);
    oracle.closed(1, Ending::Abnormal, 9 * SECOND, 10 * SECOND);
    let report = last(&mut oracle);
    assert_eq!((report.events_sent, report.garbage_sent, report.due, report.missed), (1, 1, 1, 1));
}

#[test]
fn a_reset_forgives_what_was_due_before_it() {
    let mut oracle = oracle(OncePer::Interaction);
    oracle.heard(1, 1, Some(&negative("old")), MS);
    oracle.reset(SECOND);
    oracle.card("old", "card", Acceptance::First, 2 * SECOND);
    oracle.heard(1, 2, Some(&negative("old")), 2 * SECOND);
    oracle.heard(1, 3, Some(&negative("new")), 2 * SECOND);
    let report = last(&mut oracle);
    assert_eq!((report.due, report.missed, report.not_due, report.events_sent), (1, 1, 0, 2));
}
