//! From firing to what people see: the same evidence, and the same entry of the log.

use super::*;
use crate::journal::history_key;
use crate::model::ask::{Change, Store};
use crate::model::history;
use crate::model::history::evidence::{Evidence, Value};
use crate::rules::{LONG_WAIT, NEGATIVE_SENTIMENT};
use crate::views::dashboard::Side;
use crate::views::protocol::Notice;

const BOTH: &str = r#"{"id":"i-1","sentiment":{"score":-0.9},"routing":{"queueWaitTimeMs":125000}}"#;

/// The log entry of a number, once it was written.
fn logged(rig: &mut Rig, number: u64) -> history::Trigger {
    for _ in 0..10 {
        let written = rig.host.effects.iter().find_map(|effect| match effect {
            Effect::Commit { changes, .. } => changes.iter().find_map(|change| match change {
                Change::Put(Store::History, key, text) if *key == history_key(number) => Some(text),
                _ => None,
            }),
            _ => None,
        });
        if let Some(text) = written {
            let history::Entry::Trigger(trigger) = serde_json::from_str(text).unwrap() else { panic!("{text}") };
            return *trigger;
        }
        rig.commit();
        rig.tick();
    }
    panic!("entry {number} was not written");
}

fn fields(evidence: &[Evidence]) -> Vec<(&str, &str, Option<bool>)> {
    evidence.iter().map(|one| (&*one.rule, &*one.field, one.verdict)).collect()
}

#[test]
fn cards_notification_and_log_name_one_entry_and_say_the_same_evidence() {
    for dry_run in [true, false] {
        let mut rig = Rig::streaming(&format!(r#""notify":true,"oncePer":"rule","dryRun":{dry_run}"#));
        rig.frame(BOTH);
        let cards = rig.pipeline().status().cards;
        assert_eq!(cards.iter().map(|card| &*card.rule).collect::<Vec<_>>(), [LONG_WAIT, NEGATIVE_SENTIMENT]);
        let Some(Notice::Triggers { count: 2, card, rule }) = rig.host.notices.pop() else { panic!("no notification") };
        assert_eq!((card.entry, &*rule.id), (cards[0].entry, LONG_WAIT), "the newest of two");
        assert_eq!(fields(&card.evidence), [(LONG_WAIT, "queueWaitMs", Some(true))], "a card says what its rule saw");
        for card in cards {
            let trigger = logged(&mut rig, card.entry);
            assert_eq!(trigger.rule, card.rule);
            let own = (&*card.rule, &*card.evidence[0].field, Some(true));
            assert_eq!(fields(&trigger.evidence)[0], own, "first for the rule, then for others");
            assert_eq!(trigger.evidence.len(), 2);
        }
    }
}

#[test]
fn evidence_says_what_was_seen_and_what_was_asked_for() {
    let mut rig = Rig::streaming(r#""minimumConfidence":0.8"#);
    rig.frame(r#"{"id":"i-1","sentiment":{"score":-0.9,"confidence":0.8}}"#);
    let entry = rig.pipeline().status().cards[0].entry;
    let evidence = logged(&mut rig, entry).evidence;
    assert_eq!(
        fields(&evidence),
        [
            (NEGATIVE_SENTIMENT, "sentimentScore", Some(true)),
            (NEGATIVE_SENTIMENT, "sentimentConfidence", Some(true)),
            (LONG_WAIT, "queueWaitMs", None),
        ]
    );
    let threshold = evidence.iter().map(|one| one.threshold.clone()).collect::<Vec<_>>();
    assert_eq!(threshold, [-0.5, 0.8, 120_000.0].map(|number| Some(Value::Number(number))));
    assert_eq!((&evidence[0].seen, &evidence[2].seen), (&Some(Value::Number(-0.9)), &None));
}

#[test]
fn pages_hear_of_the_rules_in_force_and_of_the_side_on_which_a_card_is_due() {
    let rig = Rig::streaming(r#""sentimentThreshold":-0.3"#);
    let dashboard = rig.pipeline().dashboard(rig.host.wall);
    let ids: Vec<_> = dashboard.status.rules.iter().map(|rule| &*rule.id).collect();
    assert_eq!(ids, [NEGATIVE_SENTIMENT, LONG_WAIT]);
    let (sentiment, wait) = (dashboard.sentiment, dashboard.wait);
    assert_eq!((&*sentiment.rule, sentiment.threshold, sentiment.due), (NEGATIVE_SENTIMENT, -0.3, Side::Below));
    assert_eq!((&*wait.rule, wait.threshold, wait.due), (LONG_WAIT, 120.0, Side::Above));
}
