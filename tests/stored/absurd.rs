//! Records with the right checksum that say what nobody can have meant: a clock that was years ahead, a count at its
//! end.

use cuewire::journal::Meta;
use cuewire::model::time::Millis;
use serde_json::{Value, json};

use crate::browser::{Browser, Records, START, Stored, status};
use crate::versions::past;

const HOLD: &str = "hold/https://acme.cxone.com";
const HOUR: Millis = Millis::from_mins(60);
const DAY: Millis = Millis::from_mins(24 * 60);

/// A browser whose server fails for the first card; it waits.
fn with_a_card(fields: &str) -> Browser {
    let mut browser = Browser::start(Stored::set_up(fields));
    browser.answers.push_back(status(503));
    browser.plea("i-1", "Billing");
    assert_eq!(browser.cards(), ["trigger-i-1-negative-sentiment-1"]);
    browser
}

/// A browser whose server took the first card.
fn with_a_card_delivered() -> Browser {
    let mut browser = Browser::start(Stored::set_up(""));
    browser.plea("i-1", "Billing");
    assert_eq!(browser.pipeline().status().delivered, 1);
    browser
}

/// Changes a record and starts the next worker.
fn restarted_with(browser: &mut Browser, prefix: &str, field: &str, value: Value) {
    let key = browser.stored.keys(prefix).remove(0);
    browser.stored.change(&key, |record| {
        let field = field.split('.').fold(record, |record, name| record.get_mut(name).unwrap());
        *field = value;
    });
    browser.restart();
}

#[test]
fn a_stored_wait_lasts_no_longer_than_an_hour() {
    let mut browser = with_a_card(r#","cardTtlMinutes":120"#);
    browser.stored.journal.insert(HOLD.to_owned(), cuewire::journal::encode(&json!({"pace": {}})));
    browser.stored.change(HOLD, |hold| hold["pace"]["holdUntil"] = json!(u64::MAX));
    browser.restart();
    let told = &browser.pipeline().status().diagnoses[0];
    assert_eq!((&*told.code, &told.values), ("rateLimited", &vec![START.plus(HOUR).0.to_string()]));
    browser.pass(Millis(HOUR.0 - 1));
    assert_eq!(browser.posts.len(), 1);
    browser.pass(Millis::from_secs(1));
    assert_eq!((browser.posts.len(), browser.wrong()), (2, vec![]));
}

#[test]
fn a_stored_card_expires_within_the_longest_time_to_live() {
    let mut browser = with_a_card("");
    restarted_with(&mut browser, "card/", "expiresAt", json!(u64::MAX));
    // Nobody answers: it is tried for a day, and then it is over.
    browser.answers.extend(std::iter::repeat_n(status(503), 10_000));
    let half = Millis(DAY.0 / 2);
    for (passed, waiting) in [(half, 1), (half, 0)] {
        browser.wall = browser.wall.plus(passed);
        browser.pass(Millis::ZERO);
        assert_eq!(browser.pipeline().status().waiting, waiting);
    }
    assert_eq!(browser.wrong()[0], "cardExpired");
}

#[test]
fn a_stored_card_is_tried_again_within_the_longest_wait() {
    let mut browser = with_a_card(r#","cardTtlMinutes":120"#);
    restarted_with(&mut browser, "card/", "notBefore", json!(u64::MAX));
    browser.pass(Millis(HOUR.0 - 1));
    assert_eq!(browser.posts.len(), 1);
    browser.pass(Millis(1));
    assert_eq!(browser.posts.len(), 2);
}

#[test]
fn a_card_whose_numbers_no_counting_comes_to_is_set_aside_and_time_does_not_follow_it() {
    for field in ["sequence", "log", "acceptedAt"] {
        let mut browser = with_a_card("");
        // Without the record about the journal, the newest instant of the others says what time it is.
        browser.stored.journal.remove("meta");
        restarted_with(&mut browser, "card/", field, json!(u64::MAX));
        assert_eq!(browser.wrong(), ["storageDamaged"], "{field}");
        // The rule is free to fire again, under the same cardId; and what fires is not expired at once.
        browser.plea("i-1", "Billing");
        browser.plea("i-2", "Billing");
        let [again, other] = ["i-1", "i-2"].map(|id| format!("trigger-{id}-negative-sentiment-1"));
        assert_eq!(browser.cards()[1..], [&again, &other], "{field}");
        browser.restart();
        assert_eq!(browser.wrong(), Vec::<String>::new(), "{field}");
    }
}

#[test]
fn an_interaction_seen_in_a_time_to_come_neither_turns_the_clock_nor_fires_again() {
    let mut browser = with_a_card_delivered();
    browser.answers.push_back(status(503));
    browser.plea("i-2", "Billing");
    browser.stored.journal.remove("meta");
    restarted_with(&mut browser, "fired/", "seen", json!(u64::MAX));
    browser.pass(Millis::from_secs(5));
    browser.plea("i-1", "Billing");
    assert_eq!((browser.posts.len(), browser.pipeline().status().delivered), (3, 1), "its card is sent, and no other");
}

#[test]
fn an_interaction_seen_in_a_time_to_come_is_forgotten_in_its_time() {
    let mut browser = with_a_card_delivered();
    restarted_with(&mut browser, "fired/", "seen", json!(u64::MAX));
    browser.pass(Millis(2 * HOUR.0));
    browser.plea("i-1", "Billing");
    let key = browser.stored.keys("fired/").remove(0);
    assert_eq!(browser.stored.record(&key)["seen"], json!(browser.wall), "the record is put right");
    browser.wall = browser.wall.plus(Millis(25 * HOUR.0));
    browser.pass(Millis::from_secs(5));
    assert_eq!(browser.pipeline().status().triggers, 1);
    browser.plea("i-1", "Billing");
    assert_eq!(browser.pipeline().status().triggers, 2, "a day after it was last seen");
}

#[test]
fn what_a_queue_spent_in_a_time_to_come_counts_for_an_hour() {
    let mut browser = with_a_card(r#","cardsPerQueueHour":1"#);
    restarted_with(&mut browser, "spent/", "queues.Billing", json!([u64::MAX]));
    browser.plea("i-2", "Billing");
    browser.pass(HOUR);
    assert_eq!(browser.posts.len(), 2, "the first, twice");
    browser.plea("i-3", "Billing");
    assert_eq!(browser.posts.len(), 3);
}

#[test]
fn a_pause_without_an_end_in_sight_is_shown_and_ends_when_a_person_says_so() {
    let mut browser = with_a_card("");
    browser.ask(cuewire::views::protocol::Request::Pause { scope: None, minutes: Some(1), note: None });
    let key = "pauses";
    browser.stored.change(key, |pauses| pauses[0]["until"] = json!(u64::MAX));
    browser.restart();
    browser.pass(Millis::from_mins(5));
    assert_eq!((browser.posts.len(), browser.pipeline().dashboard(browser.wall).pauses.len()), (1, 1));
    browser.ask(cuewire::views::protocol::Request::Resume { scope: None });
    assert_eq!(browser.posts.len(), 2);
}

#[test]
fn a_log_mark_beyond_the_log_is_no_record_of_ours() {
    let meta = Meta { clock: START, history: 5, ..Meta::default() };
    assert!(Meta { history_marks: vec![(5, START)], ..meta.clone() }.is_plausible());
    assert!(!Meta { history_marks: vec![(6, START)], ..meta.clone() }.is_plausible());
    assert!(!Meta { history_marks: vec![(5, START.plus(Millis(1)))], ..meta }.is_plausible());
}

#[test]
fn a_wall_clock_that_was_years_ahead_for_a_while_does_not_keep_the_log_for_years() {
    let mut browser = Browser::start(Stored::set_up(""));
    browser.wall = START.plus(Millis(20 * 365 * DAY.0));
    browser.pass(Millis::from_secs(10));
    browser.plea("i-ahead", "Billing");
    browser.wall = START.plus(HOUR);
    let mut newest = 0;
    for day in 0..21 {
        for hour in 0..4 {
            browser.plea(&format!("i-{day}-{hour}"), "Billing");
            browser.wall = browser.wall.plus(Millis(6 * HOUR.0));
            browser.pass(Millis::from_secs(10));
        }
        newest = browser.stored.history.len();
    }
    let about = |id: &str| browser.stored.history.values().any(|text| text.contains(&format!("\"{id}\"")));
    assert!(about("i-20-3") && about("i-15-0"), "of the last seven days, all");
    assert!(!about("i-12-0") && !about("i-ahead"), "of {newest} entries, none is older");
}

#[test]
fn minutes_that_are_yet_to_come_are_not_taken_up() {
    let mut browser = with_a_card("");
    browser.stored.vitals = Some(format!(r#"{{"events":{0},"suppressed":{0},"minutes":[[{0},[1,1,1]]]}}"#, u64::MAX));
    browser.restart();
    browser.plea("i-2", "Billing");
    let dashboard = browser.pipeline().dashboard(browser.wall);
    assert_eq!(dashboard.figures.by_minute.events.iter().sum::<u32>(), 1);
    assert_eq!(dashboard.status.events, u64::MAX, "a count stays at its end");
}

#[test]
fn no_number_in_any_record_stops_the_rest_or_sends_a_card_twice() {
    let numbers = [json!(-1), json!(0.5), json!(1e308), json!(u32::MAX), json!(1_u64 << 53), json!(u64::MAX)];
    for past in [past::day(), past::stopped()] {
        let fired = past.stored.keys("fired/");
        let one_of_a_kind =
            |key: &&String| !key.starts_with("aside/") && !fired.iter().skip(1).any(|other| other == *key);
        for key in past.stored.journal.keys().filter(one_of_a_kind) {
            let record = past.stored.record(key);
            for path in numbers_of(&record) {
                for number in &numbers {
                    let mut stored = past.stored.clone();
                    stored.change(key, |record| *record.pointer_mut(&path).unwrap() = number.clone());
                    lives_on(Browser::start_at(stored, past.wall), &format!("{key} {path} {number}"));
                }
            }
        }
    }
}

/// Whatever a number was, time goes on, nothing is sent twice, and after a day nothing waits any more.
fn lives_on(mut browser: Browser, what: &str) {
    browser.ask(cuewire::views::protocol::Request::Resume { scope: None });
    browser.ask(cuewire::views::protocol::Request::Cards {
        action: cuewire::views::protocol::CardAction::TryAgain,
        card: None,
    });
    browser.plea("i-fresh", "Fresh");
    browser.pass(Millis::from_mins(1));
    browser.wall = browser.wall.plus(DAY);
    browser.pass(Millis::from_mins(2));
    browser.restart();
    browser.pass(Millis::from_secs(1));
    let mut cards = browser.cards();
    let posts = cards.len();
    cards.sort_unstable();
    cards.dedup();
    assert_eq!((cards.len(), browser.pipeline().status().waiting), (posts, 0), "{what}");
    assert!(!browser.wrong().contains(&"storageDamaged".to_owned()), "{what}: what is damaged is damaged once");
}

/// Where the numbers of a record are; of a list, in the first two places.
fn numbers_of(record: &Value) -> Vec<String> {
    let inner = |name: String, value: &Value| -> Vec<String> {
        numbers_of(value).into_iter().map(|path| format!("/{name}{path}")).collect()
    };
    match record {
        Value::Number(_) => vec![String::new()],
        Value::Object(fields) => fields.iter().flat_map(|(name, value)| inner(name.clone(), value)).collect(),
        Value::Array(items) => {
            items.iter().take(2).enumerate().flat_map(|(at, item)| inner(at.to_string(), item)).collect()
        }
        _ => Vec::new(),
    }
}
