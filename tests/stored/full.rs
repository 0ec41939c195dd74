//! A store without room.

use cuewire::delivery::outbox::CardState;
use cuewire::model::diagnosis::Tone;
use cuewire::model::time::Millis;
use cuewire::views::status::State;

use crate::browser::{Browser, Records, Stored, status};
use crate::words::words;

fn trigger(interaction: &str) -> String {
    format!("trigger-{interaction}-negative-sentiment-1")
}

/// Ten cards were delivered, one waits, six were given up, and one more waits; now the store is full to the last byte.
fn full() -> Browser {
    let mut browser = Browser::start(Stored::set_up(""));
    browser.answers.extend([[201; 10].as_slice(), &[503], &[400; 6], &[503]].concat().into_iter().map(status));
    for number in 0..18 {
        browser.plea(&format!("i-{number}"), "Billing");
    }
    let shown = browser.pipeline().status();
    assert_eq!((shown.delivered, shown.given_up, shown.waiting), (10, 6, 2));
    browser.capacity = Some(browser.used());
    browser
}

#[test]
fn history_and_settled_records_make_room_before_anything_else() {
    let mut browser = full();
    let (history, fired) = (browser.stored.history.len(), browser.stored.keys("fired/"));
    browser.plea("i-new", "Billing");
    assert_eq!(browser.wrong(), ["storageFull", "cardRefused"]);
    browser.silent = true;
    browser.pass(Millis::from_secs(2));
    assert!(browser.stored.history.len() <= history / 2 + 1, "{} of {history} are left", browser.stored.history.len());
    assert!(!browser.stored.history.contains_key("0000000000000001"), "the oldest go");
    let outbox = browser.pipeline().dashboard(browser.wall).outbox.into_iter().map(|card| card.card_id);
    let left = ["i-10", "i-17", "i-new", "i-14", "i-15", "i-16"].map(trigger);
    assert_eq!(outbox.collect::<Vec<_>>(), left, "the older half of the given-up cards went, and none that waits");
    assert!(fired.iter().all(|key| browser.stored.journal.contains_key(key)), "what fired is never forgotten for room");
    // There was room enough: the card is durable and out, and the message ends.
    assert_eq!(browser.wrong(), ["cardRefused"]);
    assert_eq!(browser.cards()[18..].iter().filter(|card| **card == trigger("i-new")).count(), 1);
    assert_eq!(browser.pipeline().status().not_durable, 0);
}

#[test]
fn a_trigger_that_cannot_be_made_durable_is_shown_as_such_and_not_sent() {
    let mut browser = full();
    browser.capacity = Some(0);
    browser.plea("i-new", "Billing");
    let before = browser.posts.len();
    browser.pass(Millis::from_mins(5));
    let status = browser.pipeline().status();
    assert_eq!(status.not_durable, 1);
    assert_eq!((&*status.cards[0].card_id, &status.cards[0].state), (&*trigger("i-new"), &CardState::Accepting));
    assert_eq!((status.state, status.diagnosis.unwrap().tone), (State::NeedsAttention, Tone::Danger));
    assert_eq!(
        words(&browser.pipeline(), "storageFull"),
        [
            "The browser has no room left to store cards.",
            "Free some disk space. Until then Cuewire sends no card, because it stores each card first."
        ]
    );
    assert!(!browser.cards()[before..].contains(&&*trigger("i-new")));
}

#[test]
fn an_accepted_card_is_never_dropped_for_room() {
    let mut browser = full();
    browser.capacity = Some(0);
    browser.silent = true;
    // However often it is refused, and however many more become due.
    for number in 20..60 {
        browser.plea(&format!("i-{number}"), "Billing");
        browser.pass(Millis::from_secs(5));
    }
    assert!(browser.commits > 40);
    assert_eq!((browser.stored.keys("card/").len(), browser.stored.history.len()), (2, 0));
    browser.restart();
    let waiting: Vec<String> =
        browser.pipeline().dashboard(browser.wall).outbox.into_iter().map(|card| card.card_id).collect();
    assert_eq!(waiting, ["i-10", "i-17"].map(trigger));
}

#[test]
fn once_there_is_room_again_a_trigger_is_made_durable_and_goes_out_once() {
    let mut browser = full();
    browser.capacity = Some(0);
    browser.plea("i-new", "Billing");
    browser.pass(Millis::from_mins(3));
    browser.capacity = None;
    browser.pass(Millis::from_mins(2));
    let status = browser.pipeline().status();
    assert_eq!(
        (status.not_durable, status.waiting, browser.wrong()),
        (0, 0, vec![]),
        "the refused card is minutes past"
    );
    browser.plea("i-new", "Billing");
    browser.restart();
    browser.plea("i-new", "Billing");
    browser.pass(Millis::from_mins(2));
    assert_eq!(browser.cards().into_iter().filter(|card| *card == trigger("i-new")).count(), 1);
}

#[test]
fn a_trigger_that_died_with_its_worker_before_it_was_durable_fires_at_the_next_event() {
    let mut browser = full();
    browser.capacity = Some(0);
    browser.plea("i-new", "Billing");
    browser.pass(Millis::from_secs(10));
    browser.restart();
    assert_eq!(browser.pipeline().status().not_durable, 0);
    browser.capacity = None;
    for _ in 0..3 {
        browser.plea("i-new", "Billing");
        browser.pass(Millis::from_mins(1));
    }
    assert_eq!(browser.cards().into_iter().filter(|card| *card == trigger("i-new")).count(), 1);
}

#[test]
fn a_card_settled_while_there_is_no_room_is_not_sent_again() {
    let mut browser = full();
    browser.capacity = Some(0);
    browser.pass(Millis::from_mins(1));
    let sent = browser.posts.len();
    assert_eq!((sent, browser.stored.keys("card/").len()), (20, 0), "a removal needs no room");
    browser.restart();
    browser.pass(Millis::from_mins(2));
    assert_eq!(browser.posts.len(), sent);
}

#[test]
fn a_refused_commit_is_tried_again_after_a_growing_delay() {
    let mut browser = full();
    browser.capacity = Some(0);
    browser.plea("i-new", "Billing");
    let before = browser.commits;
    browser.pass(Millis::from_mins(10));
    // Half a minute apart in the end, and one batch to make room beside each.
    let tries = browser.commits - before;
    assert!((10..=60).contains(&tries), "{tries}");
}
