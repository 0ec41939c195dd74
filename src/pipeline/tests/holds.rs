//! A rule that must be true for a while, through the whole pipeline. No setting asks for one yet.

use std::sync::Arc;

use super::*;
use crate::journal::{CARD_PREFIX, TRACKS_PREFIX};
use crate::model::ask::{Change, Store};
use crate::model::card::CardTemplate;
use crate::rules::{Condition, Field, Mode, Once, Operator, Queues, Rule};

const UNHAPPY: &str = r#"{"id":"i-1","sentiment":{"score":-0.9}}"#;

/// A pipeline that streams with one rule, which must be true for 20 s. It is driven without a runner, which lends its
/// pipeline for reading only.
struct Holding {
    pipeline: Pipeline,
    wall: Millis,
    socket: Option<SocketId>,
}

impl Holding {
    fn streaming() -> Holding {
        let mut holding = Holding { pipeline: Pipeline::new(), wall: Millis(1_771_320_600_000), socket: None };
        holding.feed(Input::Started(Box::new(start(ACME))));
        let rule = Rule {
            id: "unhappy".to_owned(),
            name: None,
            mode: Mode::Live,
            condition: Condition::number(Field::SentimentScore, Operator::Below, -0.5),
            hold: Millis::from_secs(20),
            clears: None,
            keep_firing: Millis::ZERO,
            cooldown: Millis::ZERO,
            once: Once::Rule,
            queues: Queues::default(),
            schedule: None,
            reason: "Unhappy ({score})".to_owned(),
            card: CardTemplate::default(),
        };
        holding.pipeline.evaluator.adopt(Fingerprint::of("https://acme.cxone.com"), vec![Arc::new(rule)]);
        holding
    }

    /// Feeds one input and all that follows from it. Returns the changes to the journal.
    fn feed(&mut self, input: Input<'_>) -> Vec<Change> {
        let mut effects = Effects::default();
        self.pipeline.handle(self.wall, input, &mut effects);
        let mut written = Vec::new();
        for effect in effects.drain() {
            written.extend(match effect {
                Effect::RequestToken { id, .. } => {
                    let body = r#"{"access_token":"t"}"#.to_owned();
                    let answer = Answer { status: 200, body, ..Answer::default() };
                    self.feed(Input::HttpDone(id, Outcome::Answer(answer)))
                }
                Effect::OpenStream { conn, .. } => {
                    self.socket = Some(conn);
                    self.feed(Input::StreamOpened(conn))
                }
                Effect::Commit { id, changes } => [changes, self.feed(Input::Committed(id))].concat(),
                _ => Vec::new(),
            });
        }
        written
    }

    fn frame(&mut self, frame: &str) -> Vec<Change> {
        self.feed(Input::Frame(self.socket.expect("it streams"), frame.as_bytes()))
    }
}

/// How many records whose keys start so were written, and how many removed.
fn of(changes: &[Change], prefix: &str) -> (usize, usize) {
    let puts = |change: &&Change| matches!(change, Change::Put(_, key, _) if key.starts_with(prefix));
    let deletes = |change: &&Change| matches!(change, Change::Delete(_, key) if key.starts_with(prefix));
    (changes.iter().filter(puts).count(), changes.iter().filter(deletes).count())
}

#[test]
fn a_hold_that_ends_without_an_event_has_its_card() {
    let mut holding = Holding::streaming();
    let begun = holding.frame(UNHAPPY);
    assert_eq!((of(&begun, TRACKS_PREFIX), of(&begun, CARD_PREFIX)), ((1, 0), (0, 0)));
    let end = holding.wall.plus(Millis::from_secs(20));
    let mut changes = Vec::new();
    while holding.wall < end {
        holding.wall = holding.wall.max(holding.pipeline.next_deadline().expect("the hold ends"));
        changes.extend(holding.feed(Input::Tick));
    }
    assert_eq!(holding.wall, end, "it is woken at the very end of the hold");
    assert_eq!(of(&changes, CARD_PREFIX), (1, 0));
    assert_eq!(holding.pipeline.status().cards[0].card_id, "trigger-i-1-unhappy-1");
}

#[test]
fn a_hold_that_is_broken_leaves_no_record() {
    let mut holding = Holding::streaming();
    holding.frame(UNHAPPY);
    let broken = holding.frame(&UNHAPPY.replace("-0.9", "0.9"));
    assert_eq!(of(&broken, TRACKS_PREFIX), (0, 1));
    assert_eq!(holding.pipeline.evaluator.next_deadline(), None);
}

#[test]
fn a_running_hold_is_read_back_after_a_restart() {
    let mut holding = Holding::streaming();
    let written = holding.frame(UNHAPPY).into_iter().filter_map(|change| match change {
        Change::Put(Store::Journal, key, text) => Some((key, text)),
        _ => None,
    });
    let records: Vec<_> = written.collect();
    let key = records.iter().map(|(key, _)| key).find(|key| key.starts_with(TRACKS_PREFIX)).expect("its record");
    let subject = crate::pipeline::start::subject_of(key).expect("its key reads back");
    let before = holding.pipeline.evaluator.stored(subject).map(<[_]>::to_vec);
    assert!(before.is_some());
    let next = Rig::started(r#""sentimentThreshold":-1"#, Ok(records.clone()));
    assert_eq!(next.pipeline().evaluator.stored(subject).map(<[_]>::to_vec), before);
}
