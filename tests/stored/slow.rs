//! Storage that does not answer, answers late, or can no longer be written.

use cuewire::delivery::outbox::CardName;
use cuewire::model::diagnosis::Tone;
use cuewire::model::fingerprint::Fingerprint;
use cuewire::model::time::Millis;
use cuewire::pipeline::effect::Effect;
use cuewire::views::protocol::{CardAction, Reply, Request};
use cuewire::views::status::State;

use crate::browser::{Browser, Records, Stored};
use crate::words::words;

fn trigger(interaction: &str) -> String {
    format!("trigger-{interaction}-negative-sentiment-1")
}

fn named(interaction: &str) -> CardName {
    CardName::new(Fingerprint::of("https://acme.cxone.com"), trigger(interaction))
}

fn hanging() -> Browser {
    let mut browser = Browser::start(Stored::set_up(""));
    browser.plea("i-1", "Billing");
    browser.hangs = true;
    browser.plea("i-2", "Billing");
    browser
}

const PAUSE: Request = Request::Pause { scope: None, minutes: Some(5), note: None };

#[test]
fn a_commit_that_hangs_is_told_within_ten_seconds_and_as_danger_if_it_lasts() {
    let mut browser = hanging();
    browser.pass(Millis(9_999));
    assert_eq!(browser.wrong(), Vec::<String>::new());
    browser.pass(Millis(1));
    assert_eq!(
        words(&browser.pipeline(), "storageSlow"),
        [
            "The browser’s storage has not answered for 10.",
            "Cuewire retries automatically. If it lasts, close programs that use the disk, then restart the browser."
        ]
    );
    browser.pass(Millis::from_secs(10));
    let status = browser.pipeline().status();
    assert_eq!((status.state, status.diagnosis.unwrap().tone), (State::NeedsAttention, Tone::Danger));
}

#[test]
fn a_commit_that_succeeds_late_is_believed_and_its_card_goes_out_once() {
    let mut browser = hanging();
    browser.pass(Millis::from_secs(50));
    assert_eq!(browser.cards(), [trigger("i-1")], "not durable, not sent");
    browser.unhang();
    assert_eq!((browser.wrong(), browser.cards()), (vec![], vec![&*trigger("i-1"), &*trigger("i-2")]));
    browser.pass(Millis::from_mins(5));
    assert_eq!(browser.cards().len(), 2);
}

#[test]
fn an_hour_of_a_hanging_commit_asks_for_few_commits_and_keeps_each_change_once() {
    let mut browser = hanging();
    for number in 0..900 {
        browser.plea(&format!("i-more-{number}"), "Billing");
        browser.pass(Millis::from_secs(4));
    }
    let changes: usize = browser.hung.iter().map(|(_, changes)| changes.len()).sum();
    assert!(browser.hung.len() <= 4 && changes <= 40, "{changes} changes in {} commits", browser.hung.len());
    assert_eq!(browser.posts.len(), 1);
}

#[test]
fn where_nothing_helps_the_engine_is_restarted_and_says_so() {
    let mut browser = hanging();
    browser.pass(Millis::from_mins(3));
    assert!(matches!(browser.ended[..], [Effect::Restart]), "{:?}", browser.ended);
    browser.hangs = false;
    browser.restart();
    assert_eq!(browser.wrong(), ["triggersUnsaved"], "the first commit that is written ends the trouble with storage");
    browser.plea("i-2", "Billing");
    assert_eq!(browser.cards(), [trigger("i-1"), trigger("i-2")], "what was lost is due again");
}

#[test]
fn a_restart_that_does_not_help_stays_told_and_is_not_repeated_soon() {
    let mut browser = hanging();
    browser.pass(Millis::from_mins(3));
    browser.hung.clear();
    browser.restart();
    assert_eq!(
        words(&browser.pipeline(), "engineRestarted")[0],
        "Cuewire restarted its engine because the browser’s storage had not answered for 160."
    );
    browser.plea("i-3", "Billing");
    browser.pass(Millis::from_mins(9));
    assert_eq!(browser.ended.len(), 1);
    assert_eq!(browser.pipeline().status().state, State::NeedsAttention);
}

#[test]
fn what_a_person_asks_for_is_answered_once_it_is_durable() {
    let mut browser = Browser::start(Stored::set_up(""));
    browser.answers.push_back(crate::browser::status(400));
    browser.plea("i-1", "Billing");
    let orders = [
        PAUSE,
        Request::Resume { scope: None },
        Request::Cards { action: CardAction::TryAgain, card: None },
        Request::Cards { action: CardAction::Drop, card: Some(named("i-1")) },
    ];
    for order in orders {
        (browser.hangs, browser.silent) = (true, true);
        let before = browser.replies.len();
        browser.command(order.clone());
        assert_eq!(browser.replies.len(), before, "{order:?} is not durable yet");
        browser.unhang();
        assert_eq!(browser.answered()[before..], [Reply::Done], "{order:?}");
    }
}

#[test]
fn what_a_person_asks_for_while_storage_hangs_or_refuses_is_answered_with_what_is_wrong() {
    let mut hangs = hanging();
    hangs.command(PAUSE);
    hangs.pass(Millis::from_secs(10));
    assert!(
        matches!(&hangs.answered()[..], [Reply::NotStored(wrong)] if wrong.code == "storageSlow"),
        "{:?}",
        hangs.answered()
    );
    let mut refuses = Browser::start(Stored::set_up(""));
    refuses.broken = true;
    refuses.command(PAUSE);
    refuses.pass(Millis::from_secs(5));
    let [Reply::NotStored(wrong)] = &refuses.answered()[..] else { panic!("{:?}", refuses.answered()) };
    assert_eq!(wrong.code, "storageFailing");
}

#[test]
fn what_changes_nothing_is_answered_at_once() {
    let mut browser = hanging();
    assert_eq!(browser.ask(Request::Resume { scope: None }), Reply::Done);
}

#[test]
fn clear_all_data_deletes_a_database_that_cannot_be_written_and_goes_on() {
    let mut browser = Browser::start(Stored::set_up(""));
    browser.plea("i-1", "Billing");
    browser.broken = true;
    browser.plea("i-2", "Billing");
    browser.pass(Millis::from_mins(1));
    assert_eq!(browser.wrong(), ["storageFailing"]);
    browser.command(Request::Clear);
    browser.pass(Millis::from_secs(5));
    assert!(matches!(browser.answered()[..], [Reply::Cleared(_)]), "{:?}", browser.answered());
    assert_eq!((browser.broken, browser.wrong()), (false, vec![]));
    assert_eq!(browser.stored.journal.keys().collect::<Vec<_>>(), ["meta", "open"]);
}

#[test]
fn clear_all_data_that_fails_even_so_is_told() {
    let mut browser = Browser::start(Stored::set_up(""));
    browser.hangs = true;
    browser.command(Request::Clear);
    browser.pass(Millis::from_secs(10));
    assert!(matches!(&browser.answered()[..], [Reply::NotStored(wrong)] if wrong.code == "storageSlow"));
}

#[test]
fn a_burst_is_written_in_bounded_batches_and_the_first_card_waits_for_none_of_the_others() {
    let mut browser = Browser::start(Stored::set_up(""));
    browser.silent = true;
    browser.hangs = true;
    for number in 0..1_000 {
        browser.plea(&format!("i-{number}"), "Billing");
    }
    let mut sizes = Vec::new();
    while !browser.hung.is_empty() {
        let (id, changes) = browser.hung.remove(0);
        sizes.push(changes.len());
        browser.stored.apply(changes);
        browser.feed(cuewire::pipeline::input::Input::Committed(id));
    }
    assert_eq!(browser.posts.first().map(|post| &*post.card), Some(&*trigger("i-0")));
    assert!(sizes[0] < 8, "the first commit is the first card's: {sizes:?}");
    let grown = sizes.windows(2).all(|pair| pair[1] <= (2 * pair[0]).max(260));
    assert!(grown && sizes.iter().all(|size| *size <= 1_030) && sizes.len() <= 14, "{sizes:?}");
    assert_eq!(browser.pipeline().status().not_durable, 0);
}
