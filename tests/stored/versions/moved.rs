//! Records of version 1, and how they move to the keys of version 2, which name the connection.

use cuewire::delivery::outbox::{CardName, CardState, CardView};
use cuewire::journal::VERSION;
use cuewire::model::ask::Change;
use cuewire::model::fingerprint::Fingerprint;
use cuewire::model::time::Millis;
use cuewire::pipeline::input::Input;
use cuewire::views::protocol::{CardAction, Request};

use crate::browser::{Browser, Records, Stored, status};
use crate::versions::golden::golden;
use crate::versions::past::{self, Past};

const ACME: &str = "https://acme.cxone.com";
const BRAVO: &str = "https://bravo.cxone.com";

fn trigger(interaction: &str) -> String {
    format!("trigger-{interaction}-negative-sentiment-1")
}

fn first() -> Past {
    golden(1, "day")
}

/// How many parts the keys of cards have: version 1 names no connection.
fn parts(stored: &Stored) -> Vec<usize> {
    stored.keys("card/").iter().map(|key| key.split('/').count()).collect()
}

/// A worker that starts with what version 1 stored, and whose commits are not answered.
fn hanging() -> Browser {
    let Past { at, stored, .. } = first();
    let mut browser = Browser::start_at(Stored::default(), at);
    (browser.stored, browser.hangs) = (stored, true);
    browser.restart();
    browser
}

#[test]
fn cards_of_version_1_move_with_the_first_batch_that_is_written_anyway() {
    let Past { at, stored, .. } = first();
    assert!(parts(&stored).iter().all(|parts| *parts == 3));
    let mut browser = Browser::start_at(stored, at);
    browser.silent = true;
    browser.plea("i-new", "Support");
    browser.pass(Millis::from_secs(1));
    assert!(parts(&browser.stored).iter().all(|parts| *parts == 4), "{:?}", browser.stored.keys("card/"));
    assert_eq!(browser.stored.keys("card/").len(), 6);
    browser.restart();
    assert!(!browser.wrong().contains(&"storageIncomplete".to_owned()));
}

#[test]
fn wherever_a_worker_is_killed_while_cards_move_each_goes_out() {
    for commits in 0..10 {
        let mut browser = hanging();
        browser.plea("i-new", "Support");
        for _ in 0..commits {
            if browser.hung.is_empty() {
                browser.pass(Millis::from_secs(1));
            }
            if browser.hung.is_empty() {
                break;
            }
            let (id, changes) = browser.hung.remove(0);
            browser.stored.apply(changes);
            browser.feed(Input::Committed(id));
        }
        (browser.hangs, browser.hung) = (false, Vec::new());
        browser.restart();
        assert!(!browser.wrong().contains(&"storageIncomplete".to_owned()), "after {commits} commits");
        browser.plea("i-new", "Support");
        browser.pass(Millis::from_mins(2));
        let mut cards = browser.cards();
        cards.sort_unstable();
        cards.dedup();
        assert_eq!(cards, ["i-ended", "i-last", "i-limited", "i-new"].map(trigger), "after {commits} commits");
        let waiting = browser.stored.keys("card/").len();
        assert_eq!(waiting, 2, "the given-up one, and the other service's");
    }
}

#[test]
fn no_batch_removes_an_old_record_without_the_new_one() {
    let mut browser = hanging();
    browser.silent = true;
    browser.plea("i-new", "Support");
    browser.pass(Millis::from_secs(2));
    let mut moved = 0;
    while !browser.hung.is_empty() {
        let (id, changes) = browser.hung.remove(0);
        let has = |suffix: &str| {
            changes.iter().any(|change| matches!(change, Change::Put(_, key, _) if key.ends_with(suffix) && key.len() > suffix.len() + 5))
        };
        for change in &changes {
            if let Change::Delete(_, key) = change
                && let Some(rest) = key.strip_prefix("card/")
            {
                assert!(has(&format!("/{rest}")), "{key} goes alone");
                moved += 1;
            }
        }
        browser.stored.apply(changes);
        browser.feed(Input::Committed(id));
    }
    assert_eq!(moved, 5);
}

#[test]
fn a_full_store_keeps_the_cards_of_version_1() {
    let Past { at, stored, .. } = first();
    let mut browser = Browser::start_at(stored, at);
    browser.capacity = Some(0);
    browser.silent = true;
    browser.plea("i-new", "Support");
    browser.pass(Millis::from_mins(1));
    browser.restart();
    let waiting = browser.pipeline().status().waiting;
    assert_eq!((browser.stored.keys("card/").len(), waiting), (4, 4), "only the given-up one made room");
    assert!(!browser.wrong().contains(&"storageIncomplete".to_owned()));
}

#[test]
fn what_fired_in_version_1_counts_for_every_organisation_until_it_lapses() {
    let Past { at, mut stored, .. } = first();
    let settings = stored.settings.as_ref().unwrap().replace("acme", "bravo");
    stored.settings = Some(settings);
    let mut browser = Browser::start_at(stored, at);
    let triggers = browser.pipeline().status().triggers;
    browser.plea("i-2", "Support");
    assert_eq!(browser.pipeline().status().triggers, triggers);
    browser.wall = browser.wall.plus(Millis::from_mins(27 * 60));
    browser.pass(Millis::from_secs(30));
    browser.plea("i-2", "Support");
    assert_eq!(browser.pipeline().status().triggers, triggers + 1);
}

#[test]
fn a_record_of_version_1_that_is_written_again_names_that_its_connection_is_not_known() {
    let Past { at, stored, .. } = first();
    let mut browser = Browser::start_at(stored, at);
    let old = format!("fired/{}", past::subject("i-2").split('/').nth(1).unwrap());
    assert!(browser.stored.journal.contains_key(&old));
    browser.wall = browser.wall.plus(Millis::from_mins(3 * 60));
    browser.pass(Millis::from_secs(30));
    browser.plea("i-2", "Support");
    browser.pass(Millis::from_secs(5));
    assert!(!browser.stored.journal.contains_key(&old));
    assert!(browser.stored.journal.contains_key(&old.replace("fired/", "fired/any/")));
    browser.restart();
    let triggers = browser.pipeline().status().triggers;
    browser.plea("i-2", "Support");
    assert_eq!(browser.pipeline().status().triggers, triggers);
}

#[test]
fn two_organisations_with_the_same_interaction_ids_never_meet() {
    let mut browser = Browser::start(Stored::set_up(r#","cardsPerQueueHour":1"#));
    browser.plea("i-1", "Billing");
    assert_eq!(browser.posts.last().map(|post| &*post.host), Some(ACME));
    browser.stored.settings = browser.stored.settings.take().map(|text| text.replace("acme", "bravo"));
    browser.stored.token = None;
    browser.restart();
    browser.plea("i-1", "Billing");
    browser.plea("i-1", "Billing");
    assert_eq!(browser.cards(), [trigger("i-1"), trigger("i-1")], "each organisation has its card and its budget");
    assert_eq!(browser.posts.last().map(|post| &*post.host), Some(BRAVO));
    assert_eq!((browser.stored.keys("fired/").len(), browser.stored.keys("spent/").len()), (2, 2));
    assert_eq!(VERSION, 2);
}

/// A card of this id waits for each of two organisations, because both servers fail.
fn waiting_twice(interaction: &str) -> Browser {
    let mut browser = Browser::start(Stored::set_up(""));
    browser.answers.extend([status(404), status(404)]);
    browser.plea(interaction, "Billing");
    browser.stored.settings = browser.stored.settings.take().map(|text| text.replace("acme", "bravo"));
    browser.stored.token = None;
    browser.restart();
    browser.plea(interaction, "Billing");
    assert_eq!(states(&browser), [(ACME, "givenUp"), (BRAVO, "givenUp")]);
    browser
}

/// For which organisation each card of the outbox is, and how it stands.
fn states(browser: &Browser) -> Vec<(&'static str, &'static str)> {
    let outbox = browser.pipeline().dashboard(browser.wall).outbox;
    let state = |card: &CardView| if matches!(card.state, CardState::GivenUp { .. }) { "givenUp" } else { "open" };
    let base = |card: &CardView| if card.connection == Fingerprint::of(ACME).to_string() { ACME } else { BRAVO };
    outbox.iter().map(|card| (base(card), state(card))).collect()
}

#[test]
fn a_card_is_dropped_without_the_card_of_the_same_id_of_another_organisation() {
    let mut browser = waiting_twice("i-1");
    let card = CardName::new(Fingerprint::of(BRAVO), trigger("i-1"));
    browser.ask(Request::Cards { action: CardAction::Drop, card: Some(card) });
    assert_eq!(states(&browser), [(ACME, "givenUp")]);
}

#[test]
fn a_card_is_tried_again_without_the_card_of_the_same_id_of_another_organisation() {
    let mut browser = waiting_twice("i-1");
    let posts = browser.posts.len();
    let card = CardName::new(Fingerprint::of(ACME), trigger("i-1"));
    browser.ask(Request::Cards { action: CardAction::TryAgain, card: Some(card) });
    assert_eq!(states(&browser), [(ACME, "open"), (BRAVO, "givenUp")]);
    assert_eq!(browser.posts.len(), posts, "the card waits until its own organisation is saved again");
}

#[test]
fn the_newest_cards_show_each_card_of_one_id_as_its_own_organisation_has_it() {
    let mut browser = Browser::start(Stored::set_up(""));
    browser.answers.extend([status(404), status(200)]);
    browser.plea("i-1", "Billing");
    let bravo = browser.stored.settings.as_ref().unwrap().replace("acme", "bravo");
    let text = bravo.replacen('{', r#"{"clientSecret":"hush","#, 1);
    browser.ask(Request::Save { text, check_only: false });
    browser.pass(Millis::from_secs(1));
    browser.plea("i-1", "Billing");
    let cards = browser.pipeline().status().cards;
    let given_up = |card: &CardView| matches!(card.state, CardState::GivenUp { .. });
    assert_eq!(cards.iter().map(given_up).collect::<Vec<_>>(), [false, true], "{cards:?}");
}
