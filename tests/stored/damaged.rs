//! Records that are not what was written.

use cuewire::journal::{RecordFault, VERSION, decode, encode};
use cuewire::model::time::Millis;
use serde_json::{Value, json};

use crate::browser::{Browser, Records, START, Stored};
use crate::versions::past;
use crate::words::words;

const HOLD: &str = "hold/https://acme.cxone.com";

fn card(interaction: &str) -> String {
    format!("card/{}/negative-sentiment", past::subject(interaction))
}

fn fired(interaction: &str) -> String {
    format!("fired/{}", past::subject(interaction))
}

fn spent() -> String {
    format!("spent/{}", past::connection())
}

fn trigger(interaction: &str) -> String {
    format!("trigger-{interaction}-negative-sentiment-1")
}

/// One key of each kind of record.
fn one_of_each() -> Vec<String> {
    let plain = [HOLD, "pauses", "meta"].map(str::to_owned).into_iter().chain([spent()]);
    [card("i-limited"), card("i-refused"), fired("i-2")].into_iter().chain(plain).collect()
}

/// The ways in which a record can be wrong.
fn damages(text: &str) -> Vec<(&'static str, String)> {
    let (sum, json) = text[2..].split_once(':').unwrap();
    let other = if sum == "00000000" { "00000001" } else { "00000000" };
    vec![
        ("truncated", text[..text.len() / 2].to_owned()),
        ("one character short", text[..text.len() - 1].to_owned()),
        ("empty", String::new()),
        ("not JSON", "the disk was here".to_owned()),
        ("whole JSON without its frame", json.to_owned()),
        ("whole JSON under a wrong checksum", format!("{VERSION}:{other}:{json}")),
        ("a right checksum of another shape", encode(&"nothing of ours")),
        ("a newer version that the checksum does not bear out", format!("{}:{sum}:{json}", VERSION + 1)),
    ]
}

/// The view of a browser after it read the storage.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    outbox: Vec<String>,
    pauses: usize,
    delivered: u64,
    budget_is_kept: bool,
    fires_again: Vec<&'static str>,
    sends_during_the_wait: bool,
    posted: Vec<String>,
}

fn see(browser: &mut Browser) -> Seen {
    let dashboard = browser.pipeline().dashboard(browser.wall);
    let pauses = dashboard.pauses.len();
    let delivered = dashboard.status.delivered;
    let outbox = dashboard.outbox.into_iter().map(|card| card.card_id).collect();
    let triggers = |browser: &Browser| browser.pipeline().status().triggers;
    let mut fires = |interaction, queue| {
        let before = triggers(browser);
        browser.plea(interaction, queue);
        triggers(browser) > before
    };
    let fires_again = ["i-limited", "i-refused", "i-2", "i-3", "i-ended"];
    let fires_again = fires_again.into_iter().filter(|interaction| fires(interaction, "Support")).collect();
    let budget_is_kept = !fires("i-one-more", "Billing");
    browser.pass(Millis::from_secs(9));
    let sends_during_the_wait = !browser.posts.is_empty();
    browser.pass(Millis::from_mins(2));
    let mut posted: Vec<String> = browser.cards().into_iter().map(str::to_owned).collect();
    posted.sort_unstable();
    Seen { outbox, pauses, delivered, budget_is_kept, fires_again, sends_during_the_wait, posted }
}

/// The one change that damage to this record makes.
fn without(key: &str, intact: &Seen) -> Seen {
    let mut seen = intact.clone();
    let mut add = |interaction: &str| {
        seen.posted.push(trigger(interaction));
        seen.posted.sort_unstable();
        seen.posted.dedup();
    };
    if key == card("i-limited") || key == card("i-refused") {
        // The rule is free to fire once more, under the same cardId.
        let interaction = if key == card("i-limited") { "i-limited" } else { "i-refused" };
        add(interaction);
        seen.outbox.retain(|card| *card != trigger(interaction));
        seen.fires_again.push(interaction);
    } else if key == HOLD {
        // Nobody knows any more how long the server asked to wait: the cards wait for 5 s, as after a 429 that does not
        // say.
        seen.sends_during_the_wait = true;
    } else if key == "pauses" {
        seen.pauses = 0;
    } else if key == spent() {
        add("i-one-more");
        seen.budget_is_kept = false;
    } else if key == "meta" {
        seen.delivered = 0;
    }
    seen
}

#[test]
fn a_damaged_record_of_any_kind_is_set_aside_and_shown_and_the_others_load() {
    let day = past::day();
    let intact = see(&mut Browser::start_at(day.stored.clone(), day.wall));
    assert_eq!(intact.posted.len(), 3);
    for key in one_of_each() {
        for (how, text) in damages(&day.stored.journal[&key]) {
            let mut stored = day.stored.clone();
            stored.journal.insert(key.clone(), text.clone());
            let mut browser = Browser::start_at(stored, day.wall);
            assert_eq!(
                words(&browser.pipeline(), "storageDamaged"),
                [
                    "1 stored records could not be read and were set aside.",
                    "Nothing to do: Cuewire continues without them. An interaction among them may get a second card."
                ],
                "{key} {how}"
            );
            let aside = format!("aside/{}-{key}", day.wall.0);
            assert_eq!(browser.stored.journal.get(&aside), Some(&text), "{key} {how}");
            assert_eq!(see(&mut browser), without(&key, &intact), "{key} {how}");
            browser.restart();
            assert!(!browser.wrong().contains(&"storageDamaged".to_owned()), "{key} {how}: told once");
            assert_eq!(browser.stored.journal.get(&aside), Some(&text), "{key} {how}: kept for whoever looks into it");
        }
    }
}

#[test]
fn no_bit_of_a_record_can_turn_unnoticed() {
    let day = past::day();
    for key in one_of_each() {
        let text = &day.stored.journal[&key];
        assert!(decode::<Value>(text).is_ok());
        for at in 0..text.len() {
            // The eighth bit makes text of one-byte characters no text any more.
            for bit in 0..7 {
                assert_eq!(decode::<Value>(&turned(text, at, bit)), Err(RecordFault::Damaged), "{key}, {at}, {bit}");
            }
        }
    }
}

#[test]
fn a_bit_turned_at_any_byte_of_any_record_leaves_the_others_and_is_told() {
    let day = past::day();
    let other = card("i-last");
    for key in one_of_each() {
        let text = &day.stored.journal[&key];
        let mut stored = Stored { marker: true, ..Stored::set_up("") };
        stored.journal.insert(other.clone(), day.stored.journal[&other].clone());
        for at in 0..text.len() {
            let turned = turned(text, at, at % 7);
            stored.journal.insert(key.clone(), turned.clone());
            let mut browser = Browser::start_at(stored.clone(), day.wall);
            if key == HOLD {
                assert_eq!(browser.wrong(), ["rateLimited", "storageDamaged"], "{key}, {at}");
                browser.pass(Millis::from_secs(5));
            }
            assert!(browser.wrong().contains(&"storageDamaged".to_owned()), "{key}, {at}: {:?}", browser.wrong());
            assert_eq!(browser.stored.journal[&format!("aside/{}-{key}", day.wall.0)], turned);
            assert_eq!(browser.cards(), [trigger("i-last")], "{key}, {at}");
        }
    }
}

fn turned(text: &str, at: usize, bit: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    bytes[at] ^= 1 << bit;
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_journal_damaged_throughout_is_set_aside_whole_and_no_interaction_that_fired_is_forgotten() {
    let day = past::day();
    let mut stored = day.stored.clone();
    let ours: Vec<String> = stored.journal.keys().filter(|key| !key.starts_with("aside/")).cloned().collect();
    for key in &ours {
        stored.journal.get_mut(key).unwrap().pop();
    }
    let mut browser = Browser::start_at(stored, day.wall);
    let told = words(&browser.pipeline(), "storageDamaged");
    assert_eq!(told[0], format!("{} stored records could not be read and were set aside.", ours.len()));
    browser.plea("i-2", "Support");
    browser.pass(Millis::from_mins(1));
    assert_eq!(browser.cards(), Vec::<&str>::new());
    browser.plea("i-new", "Billing");
    assert_eq!(browser.cards(), [trigger("i-new")]);
}

#[test]
fn a_damaged_record_is_found_again_until_it_is_durably_set_aside() {
    let day = past::day();
    let mut stored = day.stored.clone();
    stored.journal.get_mut(&card("i-limited")).unwrap().pop();
    let damaged = stored.journal.clone();
    let mut browser = Browser::start_at(stored, day.wall);
    browser.stored.journal = damaged;
    for _ in 0..3 {
        browser.capacity = Some(0);
        browser.restart();
        assert!(browser.wrong().contains(&"storageDamaged".to_owned()));
        assert!(browser.stored.journal.contains_key(&card("i-limited")), "it does not go before it is set aside");
    }
}

#[test]
fn of_more_than_fifty_records_set_aside_the_oldest_go() {
    let mut stored = Stored { marker: true, ..Stored::set_up("") };
    for number in 0..60 {
        stored.journal.insert(format!("aside/{}-card/x", START.0 + number), "damaged".to_owned());
    }
    let browser = Browser::start(stored);
    let kept = browser.stored.keys("aside/");
    assert_eq!((kept.len(), &*kept[0]), (50, &*format!("aside/{}-card/x", START.0 + 10)));
}

#[test]
fn a_record_under_another_cards_key_is_damaged() {
    let day = past::day();
    let mut stored = day.stored.clone();
    let text = stored.journal[&card("i-last")].clone();
    stored.journal.insert(card("i-limited"), text);
    let mut browser = Browser::start_at(stored, day.wall);
    assert_eq!(browser.wrong(), ["rateLimited", "storageDamaged"]);
    browser.pass(Millis::from_mins(2));
    assert_eq!(browser.cards(), [trigger("i-last"), trigger("i-ended")]);
}

#[test]
fn fields_that_nobody_knows_are_no_damage() {
    let day = past::day();
    let mut stored = day.stored.clone();
    for key in [card("i-limited"), fired("i-2"), HOLD.to_owned(), "meta".to_owned()] {
        stored.change(&key, |record| record["added"] = json!("later"));
    }
    let mut browser = Browser::start_at(stored, day.wall);
    let intact = see(&mut Browser::start_at(day.host.stored, day.host.wall));
    assert_eq!((browser.wrong(), see(&mut browser)), (vec!["rateLimited".to_owned()], intact));
}
