//! An empty journal.

use cuewire::model::time::Millis;
use cuewire::views::status::State;

use crate::browser::{Browser, Records, Stored};
use crate::words::words;

#[test]
fn a_journal_that_is_empty_although_a_marker_says_it_was_not_is_reported_as_loss() {
    let mut browser = Browser::start(Stored::set_up(""));
    browser.plea("i-1", "Billing");
    assert!(browser.stored.marker, "what was written is noted outside the journal");
    browser.stored.journal.clear();
    browser.stored.history.clear();
    browser.restart();
    assert_eq!(browser.wrong(), ["storageLost"]);
    assert_eq!(
        words(&browser.pipeline(), "storageLost"),
        [
            "The data that Cuewire stored is gone.",
            "Nothing to do: Cuewire starts over. An interaction that already had a card may get another."
        ]
    );
    // The worker does go on: the stream is open, and a card goes out.
    assert_eq!(browser.pipeline().status().state, State::Streaming);
    browser.plea("i-2", "Billing");
    assert_eq!(browser.cards(), ["trigger-i-1-negative-sentiment-1", "trigger-i-2-negative-sentiment-1"]);
}

#[test]
fn a_loss_without_settings_is_no_fresh_install_either() {
    let browser = Browser::start(Stored { marker: true, ..Stored::default() });
    assert_eq!(browser.wrong(), ["storageLost"]);
}

#[test]
fn a_journal_that_was_never_written_is_a_fresh_install() {
    let nothing = Browser::start(Stored::default());
    assert_eq!((nothing.wrong(), nothing.pipeline().status().state), (vec![], State::NotSetUp));
    let set_up = Browser::start(Stored::set_up(""));
    assert_eq!((set_up.wrong(), set_up.pipeline().status().state), (vec![], State::Streaming));
}

#[test]
fn a_worker_that_was_killed_before_its_first_commit_reports_no_loss() {
    let mut browser = Browser::start(Stored::default());
    browser.stored = Stored::set_up("");
    browser.capacity = Some(0);
    browser.restart();
    assert!(!browser.stored.marker, "nothing was written");
    browser.capacity = None;
    browser.restart();
    assert_eq!(browser.wrong(), Vec::<String>::new());
}

#[test]
fn a_single_card_that_is_gone_is_reported_with_their_number() {
    let mut browser = Browser::start(Stored::set_up(""));
    browser.silent = true;
    for interaction in ["i-1", "i-2", "i-3"] {
        browser.plea(interaction, "Billing");
    }
    let whole = browser.stored.clone();
    browser.restart();
    assert_eq!(browser.wrong(), Vec::<String>::new(), "all are there");
    for gone in whole.keys("card/") {
        browser.stored = whole.clone();
        browser.stored.journal.remove(&gone);
        browser.restart();
        assert_eq!(
            words(&browser.pipeline(), "storageIncomplete"),
            [
                "1 waiting cards are missing from what Cuewire stored.",
                "Nothing to do: Cuewire continues. A missing card is not sent, because its interaction counts as served."
            ]
        );
    }
    // The next batch counts again, which ends the report.
    browser.plea("i-4", "Billing");
    browser.restart();
    assert_eq!(browser.wrong(), Vec::<String>::new());
}

#[test]
fn cards_that_are_given_up_settled_or_damaged_are_not_missing() {
    let mut browser = Browser::start(Stored::set_up(""));
    browser.answers.extend([400, 201, 503].map(crate::browser::status));
    for interaction in ["i-1", "i-2", "i-3"] {
        browser.plea(interaction, "Billing");
    }
    let open = browser.stored.keys("card/");
    assert_eq!(open.len(), 2);
    browser.restart();
    assert!(!browser.wrong().contains(&"storageIncomplete".to_owned()));
    for key in open {
        browser.stored.journal.get_mut(&key).unwrap().pop();
    }
    browser.restart();
    assert_eq!(browser.wrong(), ["storageDamaged"]);
}

#[test]
fn triggers_that_were_not_stored_before_the_end_are_reported_with_their_number() {
    let mut browser = Browser::start(Stored::set_up(""));
    browser.hangs = true;
    for number in 0..300 {
        browser.plea(&format!("i-{number}"), "Billing");
    }
    // Storage does the first batches, and the browser is killed before the last.
    for _ in 0..2 {
        let (id, changes) = browser.hung.remove(0);
        browser.stored.apply(changes);
        browser.feed(cuewire::pipeline::input::Input::Committed(id));
    }
    let stored = browser.stored.keys("card/").len();
    assert!((250..265).contains(&stored), "a card is one record: {stored}");
    browser.hangs = false;
    browser.restart();
    assert_eq!(
        words(&browser.pipeline(), "triggersUnsaved"),
        [
            &format!("At least {} triggers were lost: Cuewire ended before they were stored.", 300 - stored),
            "Nothing to do: an interaction that continues gets its card at its next event."
        ]
    );
}

#[test]
fn a_damaged_record_about_the_journal_leaves_the_activity_log_as_it_is() {
    let mut browser = Browser::start(Stored::set_up(r#","historyEntries":100"#));
    for number in 0..60 {
        browser.plea(&format!("i-{number}"), "Billing");
    }
    browser.pass(Millis::from_secs(2));
    let old = browser.stored.history.clone();
    browser.stored.journal.get_mut("meta").unwrap().pop();
    browser.restart();
    assert_eq!(browser.wrong(), ["storageDamaged"]);
    browser.plea("i-new", "Billing");
    browser.pass(Millis::from_secs(2));
    assert!(old.keys().all(|key| browser.stored.history.contains_key(key)), "no entry is removed");
    assert!(browser.stored.history.len() > old.len(), "and it goes on");
}
