//! Journals that past versions stored, and the journal of this one. See `tests/golden/README.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use cuewire::delivery::outbox::CardState;
use cuewire::journal::VERSION;
use cuewire::model::history;
use cuewire::model::history::GivenUp;
use cuewire::model::scope::Scope;
use cuewire::model::time::Millis;
use cuewire::views::protocol::{Reply, Request};
use serde_json::Value;

use crate::browser::{Browser, Records};
use crate::versions::past::{self, CHATS, Past};
use crate::versions::shapes::{kinds, paths, shapes};

/// Lives through a past.
type Live = fn() -> Browser;

/// Each past that there is a file of, and the first version that has it.
const PASTS: [(&str, u32, Live); 6] = [
    ("day", 1, past::day),
    ("stopped", 1, past::stopped),
    ("counted", 1, past::counted),
    ("handled", 2, past::handled),
    ("grouped", 2, past::grouped),
    ("packed", 2, past::packed),
];

pub fn file(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "golden", name].iter().collect()
}

pub fn read(name: &str) -> String {
    let path = file(name);
    std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}; see its README.md", path.display()))
}

pub fn golden(version: u32, past: &str) -> Past {
    serde_json::from_str(&read(&format!("journal-v{version}-{past}.json"))).unwrap()
}

/// A browser that goes on with a past, in this version.
fn resume(past: Past) -> Browser {
    Browser::start_at(past.stored, past.at)
}

fn trigger(interaction: &str) -> String {
    format!("trigger-{interaction}-negative-sentiment-1")
}

#[test]
fn every_version_has_its_golden_files() {
    for (name, since, live) in PASTS {
        let path = file(&format!("journal-v{VERSION}-{name}.json"));
        if std::env::var_os("CUEWIRE_WRITE_GOLDEN").is_some() && !path.exists() {
            let browser = live();
            let past = Past { version: VERSION, at: browser.wall, stored: browser.host.stored };
            std::fs::write(&path, format!("{}\n", serde_json::to_string_pretty(&past).unwrap())).unwrap();
        }
        for version in since..=VERSION {
            let past = golden(version, name);
            assert_eq!(past.version, version);
            let prefix = format!("{version}:");
            assert!(past.stored.journal.values().all(|text| text.starts_with(&prefix)), "{name} of version {version}");
        }
    }
}

#[test]
fn cards_of_a_past_version_wait_out_what_was_asked_then_go_out_once_each_in_order() {
    for version in 1..=VERSION {
        let past = golden(version, "day");
        let hold: Value = past.stored.record("hold/https://acme.cxone.com");
        let held_until = Millis(hold["pace"]["holdUntil"].as_u64().unwrap());
        assert!(held_until > past.at, "the wait lasts when the file ends");
        let mut browser = resume(past);
        assert_eq!(browser.wrong(), ["rateLimited"], "nothing is set aside, lost or unreadable");
        assert_eq!(browser.pipeline().status().diagnoses[0].values, [held_until.0.to_string()]);
        browser.pass(Millis::from_mins(2));
        // The one that was tried before comes after those that were not.
        assert_eq!(browser.cards(), ["i-limited", "i-last", "i-ended"].map(trigger));
        assert!(browser.posts.iter().all(|post| post.host == "https://acme.cxone.com"));
        assert!(browser.posts[0].at >= held_until, "{:?}", browser.posts);
        assert_eq!(browser.stored.keys("card/").len(), 2, "the given-up one, and the other service's");
        browser.restart();
        browser.pass(Millis::from_mins(20));
        assert_eq!(browser.cards().len(), 3, "and no second time");
    }
}

#[test]
fn the_outbox_of_a_past_version_is_shown_as_it_was() {
    for version in 1..=VERSION {
        let past = golden(version, "day");
        let at = past.at;
        let browser = resume(past);
        let dashboard = browser.pipeline().dashboard(at);
        let shown: Vec<_> =
            dashboard.outbox.iter().map(|card| (&*card.card_id, card.tries, card.state.clone())).collect();
        let refused = GivenUp::Refused { status: 404, excerpt: String::new() };
        let expected = [
            (trigger("i-gate"), 1, CardState::Waiting),
            (trigger("i-ended"), 1, CardState::Waiting),
            (trigger("i-limited"), 0, CardState::Waiting),
            (trigger("i-last"), 0, CardState::Waiting),
            (trigger("i-refused"), 0, CardState::GivenUp { why: refused }),
        ];
        assert_eq!(shown, expected.each_ref().map(|(id, tries, state)| (&**id, *tries, state.clone())));
        let status = dashboard.status;
        assert_eq!((status.triggers, status.delivered), (11 + CHATS as u64, 3 + CHATS as u64));
        assert_eq!((status.events, status.suppressed), (13 + CHATS as u64, 2), "what the session kept goes on");
        let minutes: f64 = dashboard.figures.by_minute.events.iter().map(|count| f64::from(*count)).sum();
        assert_eq!(minutes, f64::from(13 + CHATS as u32));
    }
}

#[test]
fn what_fired_in_a_past_version_does_not_fire_again() {
    for version in 1..=VERSION {
        let mut browser = resume(golden(version, "day"));
        let before = browser.pipeline().status();
        let fired = ["i-refused", "i-dropped", "i-1", "i-2", "i-3", "i-ended", "i-limited", "i-last"];
        let chats = (0..CHATS).map(|number| format!("i-chat-{number}"));
        for interaction in fired.into_iter().map(str::to_owned).chain(chats) {
            browser.plea(&interaction, "Support");
        }
        let after = browser.pipeline().status();
        assert_eq!(
            (after.triggers, after.waiting, after.suppressed),
            (before.triggers, before.waiting, before.suppressed)
        );
        // The keys of version 1 name no connection, so what fired anywhere counts here.
        browser.plea("i-gate", "Support");
        let other_organisation = u64::from(version > 1);
        assert_eq!(browser.pipeline().status().triggers, before.triggers + other_organisation, "version {version}");
        let before = browser.pipeline().status();
        // Its card was damaged before it was settled: it may fire once more, under the same cardId.
        browser.plea("i-damaged", "Support");
        browser.plea("i-damaged", "Support");
        assert_eq!(browser.pipeline().status().triggers, before.triggers + 1);
        browser.pass(Millis::from_mins(2));
        let again = browser.cards().into_iter().filter(|card| *card == trigger("i-damaged")).count();
        assert_eq!(again, 1);
    }
}

#[test]
fn pauses_and_budgets_of_a_past_version_are_kept() {
    for version in 1..=VERSION {
        let mut browser = resume(golden(version, "day"));
        let pauses = browser.pipeline().dashboard(browser.wall).pauses;
        let scopes: Vec<_> = pauses.iter().map(|pause| (pause.scope.clone(), pause.note.as_deref())).collect();
        let (queue, rule) = (Scope::Queue("Retail".to_owned()), Scope::Rule("long-wait".to_owned()));
        assert_eq!(scopes, [(Some(queue), Some("until Monday")), (Some(rule), None)]);
        let triggers = browser.pipeline().status().triggers;
        browser.plea("i-new-1", "Retail");
        browser.plea("i-new-2", "Billing");
        browser.hear(r#"{"id":"i-new-3","routing":{"queueWaitTimeMs":130000}}"#);
        let status = browser.pipeline().status();
        assert_eq!((status.triggers, status.suppressed), (triggers, 2 + 3), "a queue, a budget, a rule");
        browser.pass(Millis::from_mins(61));
        browser.plea("i-new-4", "Billing");
        assert_eq!(browser.pipeline().status().triggers, triggers + 1, "the hour of the budget is over");
    }
}

#[test]
fn what_held_dispatch_in_a_past_version_holds_it_still_and_heals_by_itself() {
    for version in 1..=VERSION {
        let mut browser = resume(golden(version, "stopped"));
        assert_eq!(browser.wrong(), ["signInRejected"]);
        let pauses = browser.pipeline().dashboard(browser.wall).pauses;
        assert_eq!((pauses.len(), pauses[0].note.as_deref()), (1, Some("fire drill")));
        assert!(!browser.is_streaming());
        browser.pass(Millis(1));
        assert_eq!(browser.cards(), Vec::<&str>::new(), "held");
        browser.pass(Millis::from_mins(6));
        assert!(browser.is_streaming(), "the pause ends by itself");
        assert_eq!(browser.cards(), [trigger("i-1")], "and so does the hold");
        assert_eq!(browser.wrong(), Vec::<String>::new());
    }
}

#[test]
fn the_cards_that_a_past_version_counted_are_found_or_missed() {
    for version in 1..=VERSION {
        let whole = golden(version, "counted");
        assert_eq!(resume(golden(version, "counted")).wrong(), Vec::<String>::new());
        let mut stored = whole.stored;
        stored.journal.retain(|key, _| !key.starts_with("card/"));
        assert_eq!(Browser::start_at(stored, whole.at).wrong(), ["storageIncomplete"]);
    }
}

#[test]
fn what_a_person_handled_in_a_past_version_stays_quiet_until_it_clears() {
    for version in 2..=VERSION {
        let mut browser = resume(golden(version, "handled"));
        let handled = browser.pipeline().dashboard(browser.wall).handled;
        let notes: Vec<_> = handled.iter().map(|mark| (mark.by.as_deref(), mark.note.as_deref())).collect();
        assert_eq!(notes, [(Some("Ada"), None), (Some("Ada"), Some("called back"))]);
        let triggers = browser.pipeline().status().triggers;
        browser.plea("i-1", "Billing");
        assert_eq!(browser.pipeline().status().triggers, triggers);
        browser.hear(r#"{"id":"i-1","sentiment":{"score":0.5}}"#);
        assert_eq!(browser.pipeline().dashboard(browser.wall).handled.len(), 1);
    }
}

#[test]
fn a_card_that_stood_for_a_queue_in_a_past_version_stands_for_it_still() {
    for version in 2..=VERSION {
        let mut browser = resume(golden(version, "grouped"));
        let triggers = browser.pipeline().status().triggers;
        for interaction in ["i-4", "i-5"] {
            past::waits(&mut browser, interaction);
        }
        let status = browser.pipeline().status();
        assert_eq!((status.triggers, status.suppressed), (triggers, 2));
    }
}

#[test]
fn the_activity_log_of_a_past_version_is_read_and_goes_on() {
    for version in 1..=VERSION {
        let past = golden(version, "day");
        let old = past.stored.history.clone();
        let mut kinds = BTreeSet::new();
        for text in old.values() {
            let entry: history::Entry = serde_json::from_str(text).unwrap();
            kinds.extend(shapes(&serde_json::to_value(&entry).unwrap()).remove("kind"));
            let (was, is): (Value, Value) =
                (serde_json::from_str(text).unwrap(), serde_json::to_value(&entry).unwrap());
            let was = match &is["evidence"] {
                Value::Array(evidence) => was_evidence(was, evidence),
                _ => was,
            };
            assert!(paths(&was).is_subset(&paths(&is)), "nothing of {was} is left out of {is}");
        }
        assert_eq!(kinds.len(), 6, "every kind of entry: {kinds:?}");
        let mut browser = resume(past);
        browser.pass(Millis::from_mins(2));
        assert!(browser.stored.history.len() > old.len());
        assert!(old.keys().all(|key| browser.stored.history.contains_key(key)));
        let settled: history::Entry = serde_json::from_str(&browser.stored.history[last_of(&old, "i-last")]).unwrap();
        let history::Entry::Trigger(settled) = settled else { panic!("{settled:?}") };
        assert_eq!(settled.end, Some(history::End::Delivered));
    }
}

#[test]
fn pages_read_the_activity_log_of_a_past_version_whole_and_with_evidence() {
    for version in 1..=VERSION {
        let past = golden(version, "day");
        let kept = past.stored.history.len();
        let mut browser = resume(past);
        let (mut before, mut read, mut triggers) = (None, 0, 0);
        loop {
            let Reply::Log(page) = browser.ask(Request::Log { before, limit: 7 }) else { panic!("no page") };
            let Some(last) = page.entries.last() else { break };
            before = Some(last.number);
            read += page.entries.len();
            for one in &page.entries {
                let entry = one.entry.as_ref().expect("every entry can be read");
                let history::Entry::Trigger(trigger) = entry else { continue };
                triggers += 1;
                let first = trigger.evidence.first().expect("every trigger has evidence");
                assert_eq!((&first.rule, first.verdict), (&trigger.rule, Some(true)), "{trigger:?}");
            }
        }
        assert!(read >= kept && triggers > CHATS, "{read} of {kept}, {triggers} triggers");
    }
}

/// A trigger without its fixed fields, each of which the evidence must say.
fn was_evidence(mut was: Value, evidence: &[Value]) -> Value {
    let fixed = [
        ("score", "sentimentScore", "seen"),
        ("confidence", "sentimentConfidence", "seen"),
        ("waitMs", "queueWaitMs", "seen"),
        ("sentimentThreshold", "sentimentScore", "threshold"),
        ("waitThresholdMs", "queueWaitMs", "threshold"),
    ];
    for (name, field, part) in fixed {
        let Some(value) = was.as_object_mut().and_then(|was| was.remove(name)) else { continue };
        let said = evidence.iter().find(|one| one["field"] == field).and_then(|one| one[part].as_f64());
        assert_eq!(said, value.as_f64(), "{name} in {evidence:?}");
    }
    was
}

#[test]
fn what_a_past_version_set_aside_stays_and_is_not_told_again() {
    for version in 1..=VERSION {
        let past = golden(version, "day");
        let aside: Vec<_> =
            past.stored.journal.clone().into_iter().filter(|(key, _)| key.starts_with("aside/")).collect();
        assert_eq!(aside.len(), 2);
        let mut browser = resume(past);
        browser.pass(Millis::from_mins(2));
        assert!(aside.iter().all(|(key, text)| browser.stored.journal.get(key) == Some(text)));
        assert!(!browser.wrong().contains(&"storageDamaged".to_owned()));
    }
}

#[test]
fn what_a_bucket_of_a_past_version_says_does_not_fire_again() {
    for version in 2..=VERSION {
        let past = golden(version, "packed");
        let is_bucket = |key: &&String| key.starts_with("fired/") && key.rsplit('/').next().unwrap().len() == 2;
        assert_eq!(past.stored.journal.keys().filter(is_bucket).count(), 1);
        let mut browser = resume(past);
        assert_eq!(browser.wrong(), Vec::<String>::new());
        for interaction in past::neighbours().take(past::PACKED) {
            browser.plea(&interaction, "Billing");
        }
        assert_eq!(browser.cards(), Vec::<&str>::new());
        browser.plea(&past::neighbours().nth(past::PACKED).unwrap(), "Billing");
        assert_eq!(browser.cards().len(), 1, "one more of the same bucket");
    }
}

#[test]
fn what_is_written_now_has_every_record_and_every_field_of_the_golden_file_of_its_version() {
    let names = |kinds: &BTreeMap<String, BTreeSet<String>>| kinds.keys().cloned().collect::<BTreeSet<_>>();
    let known: BTreeSet<String> =
        PASTS.iter().flat_map(|(name, ..)| names(&kinds(&golden(VERSION, name).stored))).collect();
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (kind, fields) in PASTS.iter().flat_map(|(_, _, live)| kinds(&live().stored)) {
        all.entry(kind).or_default().extend(fields);
    }
    for (name, _, live) in PASTS {
        let (then, now) = (kinds(&golden(VERSION, name).stored), kinds(&live().stored));
        let new: Vec<_> = names(&now).difference(&known).cloned().collect();
        assert!(new.is_empty(), "{name}: {new:?} is a new kind of record and needs a new golden file");
        let gone: Vec<_> = names(&then).difference(&names(&all)).cloned().collect();
        assert!(gone.is_empty(), "{name}: lacks {gone:?}");
        for (kind, fields) in &then {
            // A pace may be learnt again in another form; only its wait must last.
            let may_go = |field: &&String| field.starts_with("pace.") && *field != "pace.holdUntil";
            let gone: Vec<_> = fields.difference(&all[kind]).filter(|field| !may_go(field)).collect();
            assert!(gone.is_empty(), "{name}: {kind} lacks {gone:?}: write a new version, and its golden file");
        }
    }
}

#[test]
fn settings_stored_by_a_past_version_are_used() {
    for version in 1..=VERSION {
        let browser = resume(golden(version, "day"));
        assert_eq!(browser.pipeline().status().organization, "acme.cxone.com");
        assert!(!browser.wrong().iter().any(|code| code.starts_with("settings")));
    }
}

/// The key of the newest entry about an interaction.
fn last_of<'k>(entries: &'k BTreeMap<String, String>, interaction: &str) -> &'k str {
    let about = format!(r#""interaction":"{interaction}""#);
    entries.iter().rev().find(|(_, text)| text.contains(&about)).map(|(key, _)| &**key).unwrap()
}
