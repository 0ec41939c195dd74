use super::*;
use crate::model::card::Card;
use crate::model::history::Course;

const SERVICE: &str = "https://acme.cxone.com";

/// A card of its own interaction that may be sent from `not_before`, after this number of tries.
fn stored(sequence: u64, not_before: u64, tries: u32) -> StoredCard {
    let json = serde_json::json!({
        "sequence": sequence, "log": sequence, "service": SERVICE, "acceptedAt": 1, "expiresAt": 600_001,
        "notBefore": not_before, "tries": tries, "givenUp": null,
        "card": Card { interaction: format!("i-{sequence}"), ..card() }, "trigger": Course::default(),
    });
    serde_json::from_value(json).unwrap()
}

fn card() -> Card {
    serde_json::from_value(serde_json::json!({
        "cardId": "c", "kind": "warning", "title": "t", "content": "c", "interaction": "i", "rule": "r", "reason": "r",
        "queue": null, "timestamp": 1,
    }))
    .unwrap()
}

/// The cards in the order in which they would be sent at that time.
fn order(outbox: &mut Outbox, now: u64) -> Vec<u64> {
    outbox.release(SERVICE, Millis(now));
    let mut order = Vec::new();
    while let Some(Next { sequence, .. }) = outbox.next(SERVICE, End::Oldest, Millis(now)) {
        order.push(sequence);
        outbox.take(sequence);
    }
    order
}

#[test]
fn cards_never_tried_go_first_then_those_with_the_fewest_tries() {
    let mut outbox = Outbox::default();
    for (sequence, not_before, tries) in [(1, 10, 2), (2, 10, 1), (3, 10, 0), (4, 10, 0), (5, 10, 1), (6, 99, 0)] {
        outbox.restore(stored(sequence, not_before, tries), Millis(5));
    }
    assert_eq!(outbox.next_due(SERVICE).map(|(at, _)| at), Some(Millis(10)));
    assert!(order(&mut outbox, 9).is_empty());
    assert_eq!(order(&mut outbox, 50), [3, 4, 2, 5, 1], "the sixth is not due yet");
}

#[test]
fn after_trouble_the_newest_card_that_was_never_tried_may_go_first() {
    let mut outbox = Outbox::default();
    for (sequence, tries) in [(1, 1), (2, 0), (3, 0), (4, 2)] {
        outbox.restore(stored(sequence, 0, tries), Millis(0));
    }
    outbox.release(SERVICE, Millis(10));
    let newest = |outbox: &Outbox| outbox.next(SERVICE, End::Newest, Millis(10)).map(|next| next.sequence);
    assert_eq!(newest(&outbox), Some(3));
    outbox.take(3);
    outbox.take(2);
    assert_eq!(newest(&outbox), Some(1), "where all were tried, the one with the fewest tries");
}

#[test]
fn a_card_that_waited_for_us_or_has_others_behind_it_is_pressed() {
    let mut outbox = Outbox::default();
    outbox.restore(stored(1, 10, 0), Millis(5));
    outbox.release(SERVICE, Millis(10));
    let pressed = |outbox: &Outbox, now| outbox.next(SERVICE, End::Oldest, Millis(now)).map(|next| next.pressed);
    assert_eq!(pressed(&outbox, 10), Some(false), "it has just come due, alone");
    assert_eq!(pressed(&outbox, 11), Some(true), "it waited");
    outbox.restore(stored(2, 10, 0), Millis(5));
    outbox.release(SERVICE, Millis(10));
    assert_eq!(pressed(&outbox, 10), Some(true), "another waits behind it");
}

#[test]
fn two_records_with_one_sequence_are_both_kept() {
    let mut outbox = Outbox::default();
    assert_eq!(outbox.restore(stored(7, 10, 0), Millis(5)), 7);
    assert_eq!(outbox.restore(stored(7, 10, 0), Millis(5)), 8);
    assert_eq!((outbox.open(), order(&mut outbox, 10)), (2, vec![7, 8]));
}

#[test]
fn a_card_of_another_service_is_not_sent_to_this_one() {
    let mut outbox = Outbox::default();
    outbox.restore(stored(1, 10, 0), Millis(5));
    outbox.release("https://bravo.cxone.com", Millis(10));
    assert_eq!(outbox.next("https://bravo.cxone.com", End::Oldest, Millis(10)), None);
    assert_eq!(outbox.next_due("https://bravo.cxone.com"), None);
    assert_eq!(outbox.next_expiry(), Some(Millis(600_001)), "it expires all the same");
}
