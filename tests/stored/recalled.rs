//! The memory of firings is read after the stream is asked for.

use cuewire::model::scope::Scope;
use cuewire::model::time::Millis;
use cuewire::pipeline::input::Input;
use cuewire::views::protocol::{CardAction, Reply, Request};
use cuewire::views::status::State;

use crate::browser::{Browser, Records, Stored, status};

fn trigger(interaction: &str) -> String {
    format!("trigger-{interaction}-negative-sentiment-1")
}

/// `i-1` to `i-9` have fired; the card of `i-given-up` was given up. The next worker does not know yet what fired.
fn starting() -> Browser {
    let mut browser = Browser::start(Stored::set_up(""));
    (1..=9).for_each(|number| browser.plea(&format!("i-{number}"), "Billing"));
    browser.answers.push_back(status(404));
    browser.plea("i-given-up", "Billing");
    browser.pass(Millis::from_secs(10));
    browser.posts.clear();
    browser.commits = 0;
    browser.recalls_wait = true;
    browser.restart();
    browser
}

#[test]
fn the_stream_opens_before_what_fired_is_read() {
    let browser = starting();
    assert!(browser.is_streaming() && browser.pipeline().status().streaming_since.is_some());
    assert_eq!(browser.recalls.len(), 1);
}

#[test]
fn an_event_that_comes_before_what_fired_is_known_is_judged_by_it() {
    let mut browser = starting();
    for interaction in ["i-1", "i-new", "i-9"] {
        browser.plea(interaction, "Billing");
    }
    browser.pass(Millis::from_secs(5));
    assert_eq!((browser.posts.len(), browser.commits), (0, 0), "nothing is sent and nothing is written");
    browser.recall();
    assert_eq!(browser.cards(), [trigger("i-new")]);
}

#[test]
fn an_event_that_waited_counts_from_when_it_was_heard() {
    let mut browser = starting();
    browser.plea("i-new", "Billing");
    let heard = browser.wall;
    browser.pass(Millis::from_secs(5));
    browser.recall();
    let shown = browser.pipeline().dashboard(browser.wall).status.cards;
    assert_eq!(shown[0].at, heard);
}

#[test]
fn a_card_of_the_outbox_waits_until_what_fired_is_known() {
    let mut browser = starting();
    browser.recall();
    browser.silent = true;
    browser.plea("i-new", "Billing");
    browser.posts.clear();
    browser.silent = false;
    browser.recalls_wait = true;
    browser.restart();
    browser.pass(Millis::from_secs(5));
    assert!(browser.posts.is_empty());
    browser.recall();
    assert_eq!(browser.cards(), [trigger("i-new")]);
}

#[test]
fn a_worker_killed_before_what_fired_is_known_loses_nothing_that_is_stored() {
    let mut browser = starting();
    let before = browser.stored.journal.clone();
    browser.plea("i-1", "Billing");
    browser.pass(Millis::from_secs(5));
    browser.restart();
    assert_eq!(browser.stored.journal, before);
    browser.recall();
    (1..=9).for_each(|number| browser.plea(&format!("i-{number}"), "Billing"));
    assert!(browser.posts.is_empty(), "and nothing fires again");
}

#[test]
fn where_what_fired_cannot_be_read_nothing_is_heard_until_it_can() {
    let mut browser = starting();
    browser.plea("i-1", "Billing");
    let (id, ..) = browser.recalls.remove(0);
    browser.feed(Input::Recalled(id, Err("Internal error".to_owned())));
    assert!(!browser.is_streaming());
    assert_eq!(browser.wrong(), ["storageFailing"]);
    assert_eq!(browser.ask(Request::Pause { scope: None, minutes: None, note: None }), Reply::Unusable);
    browser.pass(Millis::from_secs(5));
    let start = browser.stored.quick_start(2);
    browser.feed(Input::Started(start));
    browser.recall();
    assert!(browser.is_streaming());
    browser.plea("i-1", "Billing");
    browser.plea("i-new", "Billing");
    assert_eq!(browser.cards(), [trigger("i-new")]);
}

#[test]
fn who_waits_for_what_is_to_be_written_is_told_that_what_fired_cannot_be_read() {
    let mut browser = starting();
    browser.command(Request::Cards { action: CardAction::TryAgain, card: None });
    assert!(browser.answered().is_empty());
    browser.pass(Millis::from_secs(30));
    let why = match browser.answered().last() {
        Some(Reply::NotStored(trouble)) => trouble.code.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(why, "storageFailing");
}

/// A worker has asked for a token, and what fired cannot be read.
fn asking() -> Browser {
    let mut browser = Browser::start(Stored::set_up(""));
    browser.stored.token = None;
    (browser.recalls_wait, browser.tokens_wait) = (true, true);
    browser.restart();
    let (id, ..) = browser.recalls.remove(0);
    browser.feed(Input::Recalled(id, Err("Internal error".to_owned())));
    browser.pass(Millis::from_secs(5));
    browser
}

#[test]
fn a_token_is_asked_for_once_although_what_fired_must_be_read_again() {
    let mut browser = asking();
    let asked: Vec<_> = browser.tokens.iter().map(|(id, _)| *id).collect();
    let start = browser.stored.quick_start(2);
    browser.feed(Input::Started(start));
    assert_eq!(browser.tokens.iter().map(|(id, _)| *id).collect::<Vec<_>>(), asked);
    browser.tokens_wait = false;
    browser.recall();
    assert!(browser.is_streaming(), "the one answer serves");
}

#[test]
fn a_token_that_comes_while_nothing_can_be_read_serves_afterwards() {
    let mut browser = asking();
    let start = browser.stored.quick_start(2);
    browser.tokens_wait = false;
    browser.feed(Input::Tick);
    assert!(browser.stored.token.is_some());
    browser.tokens_wait = true;
    browser.feed(Input::Started(start));
    assert!(browser.tokens.is_empty() && browser.is_streaming(), "what was read before is older");
}

#[test]
fn a_token_for_other_settings_is_given_up() {
    let mut browser = asking();
    let asked = browser.tokens[0].0;
    browser.stored.settings = Some(r#"{"organization":"acme","clientId":"another"}"#.to_owned());
    let start = browser.stored.quick_start(2);
    browser.feed(Input::Started(start));
    assert_eq!(browser.tokens.len(), 1);
    assert_ne!(browser.tokens[0].0, asked);
}

#[test]
fn what_was_heard_while_what_fired_could_not_be_read_is_judged_once_it_can() {
    let mut browser = starting();
    browser.plea("i-1", "Billing");
    browser.plea("i-new", "Billing");
    let heard = browser.wall;
    browser.pass(Millis::from_secs(30));
    assert_eq!(browser.wrong(), ["storageFailing"]);
    let start = browser.stored.quick_start(2);
    browser.feed(Input::Started(start));
    browser.recall();
    assert_eq!(browser.cards(), [trigger("i-new")]);
    assert_eq!(browser.pipeline().status().cards[0].at, heard);
}

#[test]
fn what_fired_is_not_waited_for_for_ever() {
    let mut browser = starting();
    browser.pass(Millis::from_secs(30));
    assert!(!browser.is_streaming());
    assert_eq!(browser.wrong(), ["storageFailing"]);
}

#[test]
fn cards_are_dropped_once_what_fired_is_known_and_cleared_at_once() {
    let mut browser = starting();
    browser.command(Request::Cards { action: CardAction::Drop, card: None });
    assert_eq!(browser.stored.keys("card/").len(), 1);
    browser.recall();
    assert_eq!(browser.answered().last(), Some(&Reply::Done));
    assert_eq!(browser.stored.keys("card/").len(), 0);
    browser.recalls_wait = true;
    browser.restart();
    assert!(matches!(browser.ask(Request::Clear), Reply::Cleared(_)));
    assert!(browser.stored.keys("fired/").is_empty());
    browser.recall();
    assert_eq!(browser.pipeline().status().diagnoses.len(), 0, "what was read is of no interest");
}

fn pause(scope: Option<Scope>, minutes: Option<u32>) -> Request {
    Request::Pause { scope, minutes, note: None }
}

#[test]
fn an_event_is_judged_by_the_pauses_of_its_own_moment() {
    let mut browser = starting();
    browser.plea("i-before", "Billing");
    browser.command(pause(Some(Scope::Queue("Billing".to_owned())), None));
    browser.plea("i-within", "Billing");
    browser.command(Request::Resume { scope: Some(Scope::Queue("Billing".to_owned())) });
    browser.plea("i-after", "Billing");
    browser.recall();
    assert_eq!(browser.cards(), [trigger("i-before"), trigger("i-after")]);
    assert_eq!(browser.answered(), [Reply::Done, Reply::Done]);
}

#[test]
fn a_pause_that_ends_before_what_fired_is_known_covers_no_event_after_its_end() {
    let mut browser = starting();
    browser.recall();
    browser.command(pause(Some(Scope::Queue("Billing".to_owned())), Some(1)));
    browser.recalls_wait = true;
    browser.pass(Millis::from_secs(50));
    browser.restart();
    browser.plea("i-within", "Billing");
    browser.pass(Millis::from_secs(15));
    browser.plea("i-after", "Billing");
    browser.recall();
    assert_eq!(browser.cards(), [trigger("i-after")]);
}

#[test]
fn a_pause_of_everything_closes_the_stream_before_what_fired_is_known() {
    let mut browser = starting();
    browser.plea("i-before", "Billing");
    browser.command(pause(None, Some(1)));
    assert!(!browser.is_streaming());
    assert!(matches!(browser.pipeline().status().state, State::Paused { until: Some(_) }));
    assert!(browser.answered().is_empty(), "it would not outlive the worker yet");
    browser.recall();
    assert_eq!(browser.answered(), [Reply::Done]);
    browser.pass(Millis::from_secs(61));
    assert!(browser.is_streaming());
    assert_eq!(browser.cards(), [trigger("i-before")]);
}

#[test]
fn an_event_is_judged_by_the_settings_of_its_own_moment() {
    let mut browser = starting();
    browser.plea("i-before", "Billing");
    let text = r#"{"organization":"acme","clientId":"supervisor","sentimentThreshold":-1}"#.to_owned();
    browser.command(Request::Save { text, check_only: false });
    browser.recall();
    assert_eq!(browser.answered(), [Reply::Done]);
    browser.plea("i-after", "Billing");
    assert_eq!(browser.cards(), [trigger("i-before")]);
}
