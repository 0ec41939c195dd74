//! Rules that a person saved outlive the worker, and so does what they hold.

use cuewire::model::time::Millis;
use cuewire::views::protocol::{Reply, Request};

use crate::browser::{Browser, Records, Stored};

/// One rule, which must be true for 20 s.
const HELD: &str = r#"{"version":1,"rules":[{"id":"unhappy","name":"Unhappy","holdSeconds":20,"once":"rule",
    "when":{"compare":{"field":"sentimentScore","operator":"below","value":-0.5}}}]}"#;

fn rules(browser: &mut Browser) -> String {
    match browser.ask(Request::Rules) {
        Reply::Rules(view) => view.text,
        other => panic!("{other:?}"),
    }
}

fn with_held_rule() -> Browser {
    let mut browser = Browser::start(Stored::set_up(""));
    let save = Request::SaveRules { text: Some(HELD.to_owned()), check_only: false };
    assert_eq!(browser.ask(save), Reply::Done);
    browser
}

#[test]
fn saved_rules_are_in_force_after_a_restart() {
    let mut browser = with_held_rule();
    let saved = rules(&mut browser);
    assert!(saved.contains("unhappy"), "{saved}");
    browser.restart();
    assert_eq!(rules(&mut browser), saved);
    assert_eq!(browser.wrong(), Vec::<String>::new());
    assert_eq!(browser.stored.secret.as_deref(), Some("hush"), "the secret stays");
}

#[test]
fn a_hold_that_runs_as_the_worker_is_killed_has_its_card_in_time() {
    let mut browser = with_held_rule();
    browser.plea("i-1", "Billing");
    browser.pass(Millis::from_secs(5));
    let end = browser.wall.plus(Millis::from_secs(15));
    browser.restart();
    browser.pass(Millis::from_secs(14));
    assert_eq!(browser.cards(), Vec::<&str>::new());
    browser.pass(Millis::from_secs(1));
    assert_eq!(browser.cards(), ["trigger-i-1-unhappy-1"]);
    assert_eq!(browser.posts[0].at, end);
    browser.restart();
    browser.plea("i-1", "Billing");
    browser.pass(Millis::from_secs(60));
    assert_eq!(browser.cards().len(), 1, "and no second one");
}

#[test]
fn settings_without_rules_have_the_two_that_ship() {
    let mut browser = Browser::start(Stored::set_up(""));
    let text = rules(&mut browser);
    assert!(text.contains("negative-sentiment") && text.contains("long-wait"), "{text}");
    browser.plea("i-1", "Billing");
    browser.pass(Millis::from_secs(1));
    assert_eq!(browser.cards(), ["trigger-i-1-negative-sentiment-1"]);
}

#[test]
fn stored_rules_that_cannot_be_read_are_told_and_nothing_runs() {
    for wrong in [r#"{"version":9,"rules":[]}"#, r#"{"version":1,"rules":[{}]}"#, "7"] {
        let browser = Browser::start(Stored::set_up(&format!(r#","rules":{wrong}"#)));
        let diagnoses = browser.pipeline().status().diagnoses;
        assert_eq!(browser.wrong(), ["settingsUnreadable"], "{wrong}");
        assert!(format!("{diagnoses:?}").contains("rules"), "{diagnoses:?}");
        assert!(!browser.is_streaming());
    }
}
