//! A rule that must be true for a while, through the whole pipeline.

use super::*;
use crate::journal::{CARD_PREFIX, TRACKS_PREFIX};
use crate::model::ask::{Change, Store};

const UNHAPPY: &str = r#"{"id":"i-1","sentiment":{"score":-0.9}}"#;

/// One rule, which must be true for 20 s.
const HELD: &str = r#""rules":{"version":1,"rules":[{"id":"unhappy","name":"Unhappy","holdSeconds":20,"once":"rule",
    "when":{"compare":{"field":"sentimentScore","operator":"below","value":-0.5}}}]}"#;

/// Hears a frame. Returns the changes to the journal.
fn heard(rig: &mut Rig, frame: &str) -> Vec<Change> {
    rig.frame(frame);
    committed(rig)
}

/// Makes everything durable. Returns the changes.
fn committed(rig: &mut Rig) -> Vec<Change> {
    let mut changes = Vec::new();
    while !rig.host.commits.is_empty() {
        let (id, written) = rig.host.commits.remove(0);
        changes.extend(written);
        rig.feed(Input::Committed(id));
    }
    changes
}

/// How many records whose keys start so were written, and how many removed.
fn of(changes: &[Change], prefix: &str) -> (usize, usize) {
    let puts = |change: &&Change| matches!(change, Change::Put(_, key, _) if key.starts_with(prefix));
    let deletes = |change: &&Change| matches!(change, Change::Delete(_, key) if key.starts_with(prefix));
    (changes.iter().filter(puts).count(), changes.iter().filter(deletes).count())
}

#[test]
fn a_hold_that_ends_without_an_event_has_its_card() {
    let mut rig = Rig::streaming(HELD);
    rig.commit();
    let begun = heard(&mut rig, UNHAPPY);
    assert_eq!((of(&begun, TRACKS_PREFIX), of(&begun, CARD_PREFIX)), ((1, 0), (0, 0)));
    let end = rig.host.wall.plus(Millis::from_secs(20));
    let mut changes = Vec::new();
    while rig.host.wall < end {
        rig.tick();
        changes.extend(committed(&mut rig));
    }
    assert_eq!(rig.host.wall, end, "it is woken at the very end of the hold");
    assert_eq!(of(&changes, CARD_PREFIX), (1, 0));
    assert_eq!(rig.pipeline().status().cards[0].card_id, "trigger-i-1-unhappy-1");
}

#[test]
fn a_value_that_leaves_its_window_in_silence_begins_a_hold_that_has_its_card_on_time() {
    let mean = r#""field":"sentimentScore","operator":"above","value":-0.05,"window":{"figure":"mean","seconds":5}"#;
    let mut rig = Rig::streaming(&format!(
        r#""rules":{{"version":1,"rules":[{{"id":"calm","name":"Calm","holdSeconds":2,"once":"rule",
        "when":{{"compare":{{{mean}}}}}}}]}}"#
    ));
    rig.commit();
    let begin = rig.host.wall;
    heard(&mut rig, &UNHAPPY.replace("-0.9", "-0.1"));
    rig.host.wall = begin.plus(Millis(1_500));
    heard(&mut rig, &UNHAPPY.replace("-0.9", "0.0"));
    while rig.pipeline().status().cards.is_empty() {
        rig.tick();
        committed(&mut rig);
    }
    assert_eq!(rig.host.wall.since(begin), Millis(7_000), "5 s until the value leaves, and 2 s of hold");
}

#[test]
fn a_hold_that_is_broken_leaves_no_record() {
    let mut rig = Rig::streaming(HELD);
    rig.commit();
    heard(&mut rig, UNHAPPY);
    let broken = heard(&mut rig, &UNHAPPY.replace("-0.9", "0.9"));
    assert_eq!(of(&broken, TRACKS_PREFIX), (0, 1));
    assert_eq!(rig.pipeline().evaluator.next_deadline(), None);
}

#[test]
fn a_running_hold_is_read_back_after_a_restart() {
    let mut rig = Rig::streaming(HELD);
    rig.commit();
    let written = heard(&mut rig, UNHAPPY).into_iter().filter_map(|change| match change {
        Change::Put(Store::Journal, key, text) => Some((key, text)),
        _ => None,
    });
    let records: Vec<_> = written.collect();
    let key = records.iter().map(|(key, _)| key).find(|key| key.starts_with(TRACKS_PREFIX)).expect("its record");
    let subject = crate::pipeline::start::subject_of(key).expect("its key reads back");
    let before = rig.pipeline().evaluator.stored(subject).map(<[_]>::to_vec);
    assert!(before.is_some());
    let next = Rig::started(HELD, Ok(records.clone()));
    assert_eq!(next.pipeline().evaluator.stored(subject).map(<[_]>::to_vec), before);
}

/// The same rule from noon to eight by the browser's own clock.
const OFFICE: &str = r#""rules":{"version":1,"rules":[{"id":"unhappy","name":"Unhappy","holdSeconds":20,"once":"rule",
    "schedule":{"from":"12:00","to":"20:00"},
    "when":{"compare":{"field":"sentimentScore","operator":"below","value":-0.5}}}]}"#;

#[test]
fn a_worker_that_starts_far_from_utc_keeps_what_is_held_within_office_hours() {
    // The time is 9:30 UTC.
    for (minutes_ahead, is_open) in [(149, false), (150, true), (629, true), (630, false), (0, false), (-480, false)] {
        let mut rig = Rig::streaming(OFFICE);
        let local = Stored { local_offset: minutes_ahead, ..Stored::default() };
        rig.commit();
        rig.feed(Input::LocalOffset(minutes_ahead));
        let records: Vec<_> = heard(&mut rig, UNHAPPY)
            .into_iter()
            .filter_map(|change| match change {
                Change::Put(Store::Journal, key, text) => Some((key, text)),
                _ => None,
            })
            .collect();
        let held = || records.iter().filter(|(key, _)| key.starts_with(TRACKS_PREFIX)).count();
        assert_eq!(held(), usize::from(is_open), "{minutes_ahead} min ahead");
        let settings = format!(r#"{{"organization":"acme","clientId":"c",{OFFICE}}}"#);
        let journal = Ok(records.clone());
        let next = Stored { settings: Some(settings), secret: Some("s".to_owned()), ..local };
        rig.restart(Start { journal, ..*next.start(1) });
        assert_eq!(rig.pipeline().evaluator.next_deadline().is_some(), is_open, "{minutes_ahead} min ahead");
    }
}

#[test]
fn a_hold_of_one_queue_hears_events_that_leave_the_queue_out_after_a_restart() {
    let held = HELD.replace(r#""once":"rule","#, r#""once":"rule","queues":{"include":["billing"]},"#);
    let mut rig = Rig::streaming(&held);
    rig.commit();
    let unhappy = UNHAPPY.replace("}}", r#"},"routing":{"queueName":"Billing"}}"#);
    let records = heard(&mut rig, &unhappy).into_iter().filter_map(|change| match change {
        Change::Put(Store::Journal, key, text) => Some((key, text)),
        _ => None,
    });
    let mut next = Rig::started(&held, Ok(records.collect()));
    next.commit();
    let broken = heard(&mut next, &UNHAPPY.replace("-0.9", "0.9"));
    assert_eq!(of(&broken, TRACKS_PREFIX), (0, 1), "the customer calmed down");
}
