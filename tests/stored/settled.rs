//! A card's record says that its rule fired; the commit that removes the card says so in its place.

use cuewire::model::ask::{Change, Store};
use cuewire::model::time::Millis;
use cuewire::pipeline::input::Input;
use cuewire::views::protocol::{CardAction, Request};

use crate::browser::{Browser, Records, Stored, status, wait};

fn trigger(interaction: &str) -> String {
    format!("trigger-{interaction}-negative-sentiment-1")
}

/// Kills the worker after each commit that a scene writes, and each time before the next is begun.
fn at_each_commit(scene: impl Fn(&mut Browser), look: impl Fn(Browser, usize)) {
    for commits in 0.. {
        let mut browser = Browser::start(Stored::set_up(""));
        browser.hangs = true;
        scene(&mut browser);
        let mut done = 0;
        while done < commits && !browser.hung.is_empty() {
            let (id, changes) = browser.hung.remove(0);
            browser.stored.apply(changes);
            browser.feed(Input::Committed(id));
            done += 1;
        }
        let is_last = done < commits;
        browser.hangs = false;
        browser.hung.clear();
        browser.restart();
        look(browser, done);
        if is_last {
            return;
        }
    }
}

#[test]
fn an_accepted_card_is_one_record() {
    let mut browser = Browser::start(Stored::set_up(""));
    browser.silent = true;
    browser.hangs = true;
    browser.plea("i-1", "Billing");
    let (_, changes) = browser.hung.remove(0);
    let put = |change: &Change| match change {
        Change::Put(Store::Journal, key, _) if key != "meta" && key != "open" => Some(key.clone()),
        _ => None,
    };
    let keys: Vec<String> = changes.iter().filter_map(put).collect();
    assert!(keys.len() == 1 && keys[0].starts_with("card/"), "{keys:?}");
}

#[test]
fn a_settled_card_leaves_in_the_commit_that_writes_what_fired() {
    let mut browser = Browser::start(Stored::set_up(""));
    browser.silent = true;
    browser.plea("i-1", "Billing");
    browser.hangs = true;
    browser.answer();
    let (_, changes) = browser.hung.remove(0);
    let removed = changes.iter().any(|change| matches!(change, Change::Delete(_, key) if key.starts_with("card/")));
    let written = changes.iter().any(|change| matches!(change, Change::Put(_, key, _) if key.starts_with("fired/")));
    assert!(removed && written, "{changes:?}");
}

#[test]
fn wherever_a_worker_is_killed_an_interaction_fires_once() {
    at_each_commit(
        |browser| {
            browser.plea("i-1", "Billing");
            browser.plea("i-2", "Billing");
        },
        |mut browser, commits| {
            browser.pass(Millis::from_secs(30));
            for _ in 0..2 {
                browser.plea("i-1", "Billing");
                browser.plea("i-2", "Billing");
                browser.pass(Millis::from_secs(30));
                browser.restart();
            }
            for interaction in ["i-1", "i-2"] {
                let id = trigger(interaction);
                let posts = browser.cards().into_iter().filter(|card| **card == *id).count();
                assert!((1..=2).contains(&posts), "{posts} posts of {id} after {commits} commits");
            }
            assert_eq!((browser.stored.keys("card/").len(), browser.stored.keys("fired/").len()), (0, 2));
        },
    );
}

#[test]
fn a_card_that_waits_or_is_given_up_keeps_its_rule_from_firing_after_a_restart() {
    for answer in [503, 400] {
        let mut browser = Browser::start(Stored::set_up(""));
        browser.answers.push_back(status(answer));
        browser.plea("i-1", "Billing");
        assert_eq!(browser.stored.keys("fired/").len(), 0, "the card says so");
        browser.restart();
        let triggers = browser.pipeline().status().triggers;
        browser.plea("i-1", "Billing");
        assert_eq!(browser.pipeline().status().triggers, triggers, "{answer}");
    }
}

/// The card of `i-1` expired while the server had another card wait.
fn unreached() -> Browser {
    let mut browser = Browser::start(Stored::set_up(r#","cardTtlMinutes":1"#));
    browser.answers.push_back(wait(429, 120));
    browser.plea("i-0", "Billing");
    browser.plea("i-1", "Billing");
    browser.pass(Millis::from_secs(90));
    assert_eq!((browser.cards(), browser.pipeline().status().given_up), (vec![&*trigger("i-0")], 2));
    browser
}

#[test]
fn a_card_that_no_server_had_in_time_makes_its_interaction_due_again_after_a_restart() {
    let mut browser = unreached();
    browser.restart();
    browser.plea("i-1", "Billing");
    browser.pass(Millis::from_mins(10));
    assert_eq!(browser.cards(), [trigger("i-0"), trigger("i-1")]);
    browser.restart();
    browser.plea("i-1", "Billing");
    browser.plea("i-0", "Billing");
    browser.pass(Millis::from_mins(10));
    assert_eq!(browser.cards().len(), 2);
}

#[test]
fn a_card_that_no_server_had_leaves_its_interaction_due_although_a_person_drops_it() {
    let mut browser = unreached();
    browser.ask(Request::Cards { action: CardAction::Drop, card: None });
    assert_eq!((browser.stored.keys("card/").len(), browser.stored.keys("fired/").len()), (0, 2));
    browser.restart();
    let triggers = browser.pipeline().status().triggers;
    browser.plea("i-1", "Billing");
    browser.plea("i-0", "Billing");
    assert_eq!(browser.pipeline().status().triggers, triggers + 1);
}

#[test]
fn a_card_due_once_more_that_died_with_its_worker_before_it_was_durable_is_due_again() {
    let mut browser = unreached();
    browser.ask(Request::Cards { action: CardAction::Drop, card: None });
    browser.hangs = true;
    browser.plea("i-1", "Billing");
    assert_eq!((browser.pipeline().status().not_durable, browser.cards().len()), (1, 1));
    browser.hangs = false;
    browser.hung.clear();
    for _ in 0..3 {
        browser.restart();
        browser.plea("i-1", "Billing");
        browser.pass(Millis::from_mins(10));
        assert_eq!(browser.cards(), [trigger("i-0"), trigger("i-1")]);
    }
}

#[test]
fn an_interaction_that_talks_while_its_card_waits_is_remembered_as_long_as_it_talks() {
    let mut browser = Browser::start(Stored::set_up(r#","rememberHours":1,"cardTtlMinutes":1440"#));
    browser.answers.extend(std::iter::repeat_n(status(503), 1_000));
    browser.plea("i-1", "Billing");
    for _ in 0..12 {
        browser.pass(Millis::from_mins(15));
        while !browser.is_streaming() {
            browser.pass(Millis::from_secs(1));
        }
        browser.plea("i-1", "Billing");
    }
    browser.answers.clear();
    browser.pass(Millis::from_mins(2));
    browser.restart();
    let triggers = browser.pipeline().status().triggers;
    browser.plea("i-1", "Billing");
    assert_eq!(browser.pipeline().status().triggers, triggers);
    let posts = browser.posts.len();
    browser.pass(Millis::from_mins(30));
    assert_eq!(browser.posts.len(), posts);
}
