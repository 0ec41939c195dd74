use crate::delivery::outbox::key;
use crate::journal::encode;
use crate::model::ask::{Change, Store};
use crate::model::card::card_id;
use crate::pipeline::effect::Effect;
use crate::pipeline::input::Input;
use crate::shell::Runner;
use crate::shell::memory::{Memory, Stored};

use super::*;

const WALL: Millis = Millis(1_771_320_600_000);

fn started(journal: Vec<(String, String)>) -> (Runner, Vec<Effect>) {
    let stored = Stored {
        journal: journal.into_iter().collect(),
        marker: true,
        vitals: Some(format!(r#"{{"events":{0},"minutes":[[{0},[1,1,1]]]}}"#, u64::MAX)),
        ..Stored::with_settings(r#"{"organization":"acme","clientId":"c"}"#, "s")
    };
    let (runner, mut host) = (Runner::default(), Memory { wall: WALL, ..Memory::default() });
    runner.feed(Input::Started(stored.start(1)), &mut host);
    (runner, host.effects)
}

fn puts(effects: &[Effect]) -> Vec<(&str, &str)> {
    let changes = effects.iter().filter_map(|effect| match effect {
        Effect::Commit { changes, .. } => Some(changes),
        _ => None,
    });
    let put = |change| match change {
        &Change::Put(Store::Journal, ref key, ref text) => Some((&**key, &**text)),
        _ => None,
    };
    changes.flatten().filter_map(put).collect()
}

fn card(interaction: &str, sequence: u64) -> (String, String) {
    let record = serde_json::json!({
        "sequence": sequence, "log": 1, "service": "https://acme.cxone.com", "acceptedAt": WALL,
        "expiresAt": WALL.plus(Millis::from_mins(5)), "notBefore": WALL, "tries": u32::MAX, "givenUp": null,
        "card": {
            "cardId": card_id(interaction, "long-wait", 1), "kind": "warning", "title": "T", "content": "C",
            "interaction": interaction, "rule": "long-wait", "reason": "R", "queue": null, "timestamp": WALL,
        },
        "trigger": {
            "at": WALL, "interaction": interaction, "rule": "long-wait", "reason": "R", "queue": null, "score": null,
            "confidence": null, "waitMs": 130_000.0, "sentimentThreshold": -0.5, "waitThresholdMs": 120_000,
            "durableAt": null, "tries": [], "end": null, "endedAt": null,
        },
    });
    let subject = Subject::of(Fingerprint::of("https://acme.cxone.com"), interaction);
    (key(subject, "long-wait"), encode(&record))
}

#[test]
fn a_damaged_record_about_the_journal_is_set_aside_before_it_is_written_anew() {
    let absurd = encode(&Meta { sequence: u64::MAX, ..Meta::default() });
    for text in ["1:00000000:{}".to_owned(), absurd] {
        let (runner, effects) = started(vec![(META_KEY.to_owned(), text.clone())]);
        assert_eq!(runner.pipeline().status().diagnoses[0].code, "storageDamaged");
        let kept = format!("{ASIDE_PREFIX}{}-{META_KEY}", WALL.0);
        assert!(puts(&effects).contains(&(&*kept, &*text)), "{effects:?}");
    }
}

#[test]
fn cards_of_the_same_number_are_both_kept() {
    let (runner, _) = started(vec![card("i-1", 7), card("i-2", 7)]);
    let status = runner.pipeline().status();
    assert_eq!((status.waiting, status.diagnoses.len()), (2, 0));
    assert_eq!(runner.pipeline().dashboard(WALL).outbox.len(), 2);
}

#[test]
fn a_card_of_an_absurd_number_is_set_aside() {
    let (runner, _) = started(vec![card("i-1", u64::MAX)]);
    assert_eq!(
        (runner.pipeline().status().waiting, &*runner.pipeline().status().diagnoses[0].code),
        (0, "storageDamaged")
    );
}
