//! Triggers that a person marks as handled, through the whole pipeline.

use super::*;
use crate::delivery::outbox::CardState;
use crate::journal::{CARD_PREFIX, HANDLED_PREFIX};
use crate::model::ask::{Change, Store};
use crate::model::history::{End, Entry, Pointed};

/// One rule with episodes, which a critical one may mute.
const EPISODES: &str = r#""yourName":"Ada","rules":{"version":1,"rules":[{"id":"unhappy","name":"Unhappy",
    "once":"episode","when":{"compare":{"field":"sentimentScore","operator":"below","value":-0.5}}}]}"#;

fn hear(rig: &mut Rig, score: f64) {
    rig.frame(&format!(r#"{{"id":"i-1","sentiment":{{"score":{score}}}}}"#));
}

/// Makes everything durable. Returns the changes.
fn changes(rig: &mut Rig) -> Vec<Change> {
    let mut changes = Vec::new();
    for _ in 0..2 {
        while !rig.host.commits.is_empty() {
            let (id, written) = rig.host.commits.remove(0);
            changes.extend(written);
            rig.feed(Input::Committed(id));
        }
        rig.host.wall = rig.host.wall.plus(Millis::from_secs(2));
        rig.feed(Input::Tick);
    }
    changes
}

fn entries(changes: &[Change]) -> Vec<Entry> {
    let entry = |change: &Change| match change {
        Change::Put(Store::History, _, text) => serde_json::from_str(text).ok(),
        _ => None,
    };
    changes.iter().filter_map(entry).collect()
}

/// How the triggers among these ended.
fn ends(changes: &[Change]) -> Vec<Option<End>> {
    let end = |entry| match entry {
        Entry::Trigger(trigger) => Some(trigger.end),
        _ => None,
    };
    entries(changes).into_iter().filter_map(end).collect()
}

fn by_handled() -> Option<End> {
    Some(End::Suppressed { by: "handled".to_owned() })
}

/// The newest card's trigger.
fn newest(rig: &Rig) -> Pointed {
    let card = rig.pipeline().status().cards[0].clone();
    Pointed { entry: card.entry, interaction: card.interaction, rule: card.rule }
}

fn handle(rig: &mut Rig, trigger: Pointed, note: &str) {
    rig.feed(Input::Command(CommandId(5), Request::Handle { trigger, note: Some(note.to_owned()) }));
}

fn unhandle(rig: &mut Rig, entry: u64) {
    rig.feed(Input::Command(CommandId(6), Request::Unhandle { entry }));
}

/// Answers every post with this status.
fn answer_posts(rig: &mut Rig, status: u16) -> usize {
    let mut posts = 0;
    while let Some((id, _)) = rig.host.posts.pop() {
        posts += 1;
        rig.feed(Input::HttpDone(id, Outcome::Answer(Answer { status, ..Answer::default() })));
        rig.commit();
    }
    posts
}

#[test]
fn a_card_that_no_server_has_is_withdrawn_and_its_rule_stays_quiet_until_it_clears() {
    let mut rig = Rig::streaming(EPISODES);
    changes(&mut rig);
    hear(&mut rig, -0.9);
    rig.commit();
    assert_eq!(answer_posts(&mut rig, 503), 1, "the card waits for another try");
    let trigger = newest(&rig);
    handle(&mut rig, trigger.clone(), "called back");
    assert!(rig.host.replies.is_empty(), "nothing is answered before it is durable");
    let written = changes(&mut rig);
    assert_eq!(rig.host.replies.pop(), Some((CommandId(5), Reply::Done)));
    assert_eq!(ends(&written), [by_handled()]);
    let card = rig.pipeline().status().cards[0].clone();
    let seen = card.handled.expect("the card says so");
    assert_eq!(
        (card.state, seen.by.as_deref(), seen.note.as_deref()),
        (CardState::Withdrawn, Some("Ada"), Some("called back"))
    );
    let said = entries(&written).into_iter().find_map(|entry| match entry {
        Entry::Handled { trigger, by, note, .. } => Some((trigger, by, note)),
        _ => None,
    });
    assert_eq!(said, Some((trigger, Some("Ada".to_owned()), Some("called back".to_owned()))));
    hear(&mut rig, -0.8);
    assert_eq!(changes(&mut rig), [], "quiet while the rule fires");
    hear(&mut rig, 0.5);
    hear(&mut rig, -0.9);
    rig.commit();
    assert_eq!(rig.host.posts.len(), 1, "the next episode has its card");
    assert!(rig.pipeline().dashboard(rig.host.wall).handled.is_empty());
}

#[test]
fn a_mark_outlives_the_worker_and_ends_as_the_rule_clears() {
    let mut rig = Rig::streaming(EPISODES);
    changes(&mut rig);
    // A pause keeps the trigger back, so it would be due as the pause ends.
    let scope = Some(crate::model::scope::Scope::Rule("unhappy".to_owned()));
    rig.feed(Input::Command(CommandId(1), Request::Pause { scope: scope.clone(), minutes: None, note: None }));
    hear(&mut rig, -0.9);
    let mut records = changes(&mut rig);
    let number = rig.pipeline().status().log_entries;
    handle(&mut rig, Pointed { entry: number, interaction: "i-1".to_owned(), rule: "unhappy".to_owned() }, "");
    records.extend(changes(&mut rig));
    rig.feed(Input::Command(CommandId(1), Request::Resume { scope }));
    records.extend(changes(&mut rig));
    let mut stored = std::collections::BTreeMap::new();
    for change in records {
        match change {
            Change::Put(Store::Journal, key, text) => drop(stored.insert(key, text)),
            Change::Delete(Store::Journal, key) => drop(stored.remove(&key)),
            _ => {}
        }
    }
    let mut next = Rig::started(EPISODES, Ok(stored.into_iter().collect()));
    changes(&mut next);
    assert_eq!(next.pipeline().dashboard(next.host.wall).handled.len(), 1);
    hear(&mut next, -0.9);
    assert_eq!(ends(&changes(&mut next)), [by_handled()], "logged with its reason");
    hear(&mut next, 0.9);
    let cleared = changes(&mut next);
    let removes = |change: &&Change| matches!(change, Change::Delete(_, key) if key.starts_with(HANDLED_PREFIX));
    assert_eq!(cleared.iter().filter(removes).count(), 1);
    hear(&mut next, -0.9);
    assert_eq!(next.pipeline().status().triggers, 1);
}

#[test]
fn a_mark_that_is_taken_back_makes_the_card_due_again_under_the_same_id() {
    let mut rig = Rig::streaming(r#""keepRecording":"off""#);
    changes(&mut rig);
    hear(&mut rig, -0.9);
    rig.commit();
    answer_posts(&mut rig, 503);
    let (trigger, first) = (newest(&rig), rig.pipeline().status().cards[0].card_id.clone());
    handle(&mut rig, trigger.clone(), "");
    changes(&mut rig);
    hear(&mut rig, -0.9);
    assert_eq!(rig.pipeline().status().waiting, 0);
    unhandle(&mut rig, trigger.entry);
    let undone = entries(&changes(&mut rig));
    assert!(undone.iter().any(|entry| matches!(entry, Entry::Unhandled { .. })), "{undone:?}");
    assert_eq!(rig.pipeline().status().cards[0].handled, None);
    hear(&mut rig, -0.9);
    let status = rig.pipeline().status();
    assert_eq!((status.waiting, &*status.cards[0].card_id), (1, &*first));
}

#[test]
fn a_rule_without_a_memory_is_quiet_until_an_event_says_that_it_clears() {
    let rule = |id: &str, score: f64| {
        format!(
            r#"{{"id":"{id}","name":"{id}","once":"rule",
            "when":{{"compare":{{"field":"sentimentScore","operator":"below","value":{score}}}}}}}"#
        )
    };
    let mut rig =
        Rig::streaming(&format!(r#""rules":{{"version":1,"rules":[{},{}]}}"#, rule("a", -0.5), rule("b", -0.8)));
    changes(&mut rig);
    for (id, entry) in [("a", 91), ("b", 92)] {
        let trigger = Pointed { entry, interaction: "i-1".to_owned(), rule: id.to_owned() };
        handle(&mut rig, trigger, "on the phone with them");
    }
    hear(&mut rig, -0.9);
    assert_eq!(ends(&changes(&mut rig)), [by_handled(), by_handled()]);
    rig.frame(r#"{"id":"i-1","routing":{"queueName":"Sales"}}"#);
    hear(&mut rig, -0.9);
    assert_eq!(ends(&changes(&mut rig)), [], "an event without the data clears nothing, and the log says it once");
    hear(&mut rig, -0.6);
    hear(&mut rig, -0.9);
    assert_eq!(rig.pipeline().status().cards.iter().map(|card| &*card.rule).collect::<Vec<_>>(), ["b"]);
}

#[test]
fn the_end_of_an_interaction_ends_its_marks() {
    let mut rig = Rig::streaming(EPISODES);
    changes(&mut rig);
    hear(&mut rig, -0.9);
    let trigger = newest(&rig);
    handle(&mut rig, trigger, "");
    assert_eq!(rig.pipeline().dashboard(rig.host.wall).handled.len(), 1);
    rig.frame(r#"{"id":"i-1","type":"disposition"}"#);
    assert_eq!(rig.pipeline().dashboard(rig.host.wall).handled.len(), 0);
}

#[test]
fn a_trigger_that_has_cleared_is_noted_in_the_log_and_keeps_nothing_quiet() {
    let mut rig = Rig::streaming(EPISODES);
    changes(&mut rig);
    hear(&mut rig, -0.9);
    rig.commit();
    answer_posts(&mut rig, 201);
    hear(&mut rig, 0.9);
    changes(&mut rig);
    let trigger = newest(&rig);
    handle(&mut rig, trigger, "late");
    let written = changes(&mut rig);
    assert!(entries(&written).iter().any(|entry| matches!(entry, Entry::Handled { .. })));
    let is_mark = |change: &Change| matches!(change, Change::Put(_, key, _) if key.starts_with(HANDLED_PREFIX));
    assert!(!written.iter().any(is_mark));
    hear(&mut rig, -0.9);
    rig.commit();
    assert_eq!(rig.host.posts.len(), 1);
}

#[test]
fn clearing_everything_removes_marks_and_whatever_a_page_sends_is_bounded() {
    let mut rig = Rig::streaming(EPISODES);
    changes(&mut rig);
    let long = "é".repeat(5_000);
    handle(&mut rig, Pointed { entry: u64::MAX, interaction: long.clone(), rule: long.clone() }, &long);
    let written = changes(&mut rig);
    assert!(written.iter().all(|change| match change {
        Change::Put(_, _, text) => text.len() < 8_000,
        _ => true,
    }));
    hear(&mut rig, -0.9);
    let trigger = newest(&rig);
    handle(&mut rig, trigger, "");
    rig.feed(Input::Command(CommandId(1), Request::Clear));
    assert_eq!(rig.pipeline().dashboard(rig.host.wall).handled.len(), 0);
}

#[test]
fn an_interaction_that_talks_writes_its_mark_seldom() {
    let mut rig = Rig::streaming(EPISODES);
    changes(&mut rig);
    hear(&mut rig, -0.9);
    rig.commit();
    answer_posts(&mut rig, 201);
    let trigger = newest(&rig);
    handle(&mut rig, trigger, "");
    let mut written = changes(&mut rig);
    for _ in 0..240 {
        rig.host.wall = rig.host.wall.plus(Millis::from_secs(60));
        hear(&mut rig, -0.9);
        written.extend(changes(&mut rig));
    }
    let marks = |change: &&Change| matches!(change, Change::Put(_, key, _) if key.starts_with(HANDLED_PREFIX));
    assert!((2..=5).contains(&written.iter().filter(marks).count()));
    assert!(!written.iter().any(|change| matches!(change, Change::Put(_, key, _) if key.starts_with(CARD_PREFIX))));
}
