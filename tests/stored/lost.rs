//! An empty journal.

use cuewire::core::status::State;

use crate::browser::{Browser, Stored};
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
        words(&browser.pipeline, "storageLost"),
        [
            "What Cuewire kept is gone.",
            "Nothing to do: it goes on from here. Interactions that got a card before may get one again."
        ]
    );
    // It does go on: the stream is open, and a card goes out.
    assert_eq!(browser.pipeline.status().state, State::Streaming);
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
    assert_eq!((nothing.wrong(), nothing.pipeline.status().state), (vec![], State::NotSetUp));
    let set_up = Browser::start(Stored::set_up(""));
    assert_eq!((set_up.wrong(), set_up.pipeline.status().state), (vec![], State::Streaming));
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
