//! Stored records.

use std::collections::{BTreeMap, BTreeSet};

use cuewire::delivery::destination::StoredHold;
use cuewire::delivery::memory::StoredFired;
use cuewire::delivery::noise::Budgets;
use cuewire::delivery::outbox::StoredCard;
use cuewire::delivery::pauses::{PAUSES_KEY, Pauses};
use cuewire::journal::{
    ASIDE_PREFIX, CARD_PREFIX, FIRED_PREFIX, HOLD_PREFIX, META_KEY, Meta, OLD_SPENT_BY_OTHERS_KEY, OLD_SPENT_KEY,
    OPEN_KEY, OpenCards, RecordFault, SPENT_PREFIX, VERSION, decode, encode,
};
use cuewire::model::ask::{Change, Store};
use cuewire::model::fingerprint::{Fingerprint, Subject};
use cuewire::model::json::{FromJson, ToJson};
use cuewire::model::time::Millis;
use cuewire::pipeline::effect::{CommandId, Effect};
use cuewire::pipeline::input::{Input, Start};
use cuewire::views::protocol::{Reply, Request};
use serde_json::Value;

use crate::page_message::reply_is_plain;
use crate::rig::{Rig, start};
use crate::timed;

/// Checks one input: lines `=key json` (a record whose checksum is right), `>key json` (the same from the next version),
/// `!key text` (one as it is), `~vitals json` and `$token json` (what outlives the worker, not the browser).
pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut records: Vec<(String, String)> = Vec::new();
    let (mut vitals, mut token) = (None, None);
    for line in text.lines().take(64) {
        let (key, content) = line.split_once(' ').unwrap_or((line, ""));
        let record = match key.split_at_checked(1) {
            Some(("=", key)) => (key, sealed(VERSION, content)),
            Some((">", key)) => (key, sealed(VERSION + 1, content)),
            Some(("!", key)) => (key, content.to_owned()),
            Some(("~", _)) => {
                vitals = Some(content.to_owned());
                continue;
            }
            Some(("$", _)) => {
                token = Some(content.to_owned());
                continue;
            }
            _ => continue,
        };
        // A store holds each key once.
        if records.iter().all(|(key, _)| key != record.0) {
            records.push((record.0.to_owned(), record.1));
        }
    }
    for (_, text) in &records {
        every_kind(text);
    }
    start_with(records, vitals, token);
}

fn every_kind(text: &str) {
    round_trip::<Meta>(text);
    round_trip::<StoredCard>(text);
    round_trip::<StoredFired>(text);
    round_trip::<StoredHold>(text);
    round_trip::<Pauses>(text);
    round_trip::<BTreeMap<String, Vec<Millis>>>(text);
    round_trip::<Budgets>(text);
    round_trip::<OpenCards>(text);
}

fn round_trip<T: FromJson + ToJson>(text: &str) {
    let Ok(record) = timed("reading a record", || decode::<T>(text)) else { return };
    assert!(is_whole(text), "damaged, and accepted: {text}");
    let written = encode(&record);
    let again = decode::<T>(&written).ok().map(|again| encode(&again));
    assert_eq!(again.as_ref(), Some(&written));
    damaged_is_refused::<T>(&written);
}

/// One bit turned, or the end missing, at a few places that depend on the text.
fn damaged_is_refused<T: FromJson>(written: &str) {
    let bytes = written.as_bytes();
    let seed = checksum(bytes) as usize;
    for step in 0..8 {
        let at = seed.rotate_left(step * 4) % bytes.len();
        let mut turned = bytes.to_vec();
        turned[at] ^= 1 << (step % 8);
        if let Ok(turned) = String::from_utf8(turned) {
            assert!(decode::<T>(&turned).is_err(), "byte {at} of {written}");
        }
        if let Some(cut) = written.get(..at) {
            assert!(decode::<T>(cut).is_err(), "the first {at} bytes of {written}");
        }
    }
}

fn sealed(version: u32, json: &str) -> String {
    format!("{version}:{:08x}:{json}", checksum(format!("{version}:{json}").as_bytes()))
}

/// Whether a record is one that this version or an older one writes, reckoned apart from the core.
fn is_whole(text: &str) -> bool {
    text.splitn(3, ':').nth(2).is_some_and(|json| (1..=VERSION).any(|version| text == sealed(version, json)))
}

/// CRC-32 as in IEEE 802.3, bit by bit.
fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    })
}

fn start_with(records: Vec<(String, String)>, vitals: Option<String>, token: Option<String>) {
    let mut store = records.clone();
    let expected: Vec<_> = records.iter().filter_map(|(key, text)| Some((key, text, fault(key, text)?))).collect();
    let newer = expected.iter().any(|(_, _, fault)| matches!(fault, RecordFault::Newer(_)));
    let damaged: BTreeSet<&String> =
        expected.iter().filter(|(_, _, fault)| *fault == RecordFault::Damaged).map(|(key, _, _)| *key).collect();
    let known = cards(&records);

    let mut rig = Rig::new();
    let first = Start { marker: true, vitals, token, ..start(records.clone()) };
    rig.feed(Input::Started(Box::new(first)));
    rig.feed(Input::Command(CommandId(1), Request::Dashboard));
    let told = rig.host.effects.iter().find_map(|effect| match effect {
        Effect::Reply(_, reply) => match &**reply {
            Reply::Dashboard(dashboard) => Some((reply.clone(), dashboard.status.clone())),
            _ => None,
        },
        _ => None,
    });
    let (reply, status) = told.expect("a dashboard is given at any time");
    reply_is_plain(&reply);
    let code = |code: &str| status.diagnoses.iter().find(|diagnosis| diagnosis.code == code);
    assert_eq!(newer, code("storageNewer").is_some());
    if newer {
        // Left untouched.
        let touches = |effect: &Effect| matches!(effect, Effect::Commit { .. } | Effect::PostCard { .. });
        assert!(!rig.host.effects.iter().any(touches));
        return;
    }
    let whole = |key: &str| key.starts_with(CARD_PREFIX) && !damaged.iter().any(|other| *other == key);
    let cards = store.iter().filter(|(key, _)| whole(key)).count();
    assert_eq!((status.waiting + status.given_up) as usize, cards, "cards that were read");
    match code("storageDamaged") {
        Some(diagnosis) => assert_eq!(diagnosis.values, [damaged.len().to_string()]),
        None => assert!(damaged.is_empty(), "damaged and not told: {damaged:?}"),
    }
    for _ in 0..24 {
        let effects = rig.take_effects();
        if effects.is_empty() {
            let Some(deadline) = rig.host.due else { break };
            rig.host.wall = rig.host.wall.max(deadline);
            rig.feed(Input::Tick);
        }
        for effect in effects {
            match effect {
                Effect::Commit { id, changes } => {
                    set_aside_before_gone(&changes, &store, &damaged);
                    apply(&changes, &mut store);
                    rig.feed(Input::Committed(id));
                }
                Effect::PostCard { id, request } => {
                    let body: Value = serde_json::from_str(&request.body).expect("a card is JSON");
                    let card = body["cardId"].as_str().expect("a card has an identity");
                    assert!(known.contains(card), "{card} was posted and never stored");
                    rig.answer(id, 201, "");
                }
                Effect::RequestToken { id, .. } => rig.answer(id, 200, r#"{"access_token":"t"}"#),
                Effect::OpenStream { conn, .. } => rig.feed(Input::StreamOpened(conn)),
                _ => {}
            }
        }
    }
}

/// What a record under this key is not, reckoned apart from the pipeline.
fn fault(key: &str, text: &str) -> Option<RecordFault> {
    fn read<T: FromJson>(text: &str) -> Option<RecordFault> {
        decode::<T>(text).err()
    }
    match key {
        META_KEY => match decode::<Meta>(text) {
            Ok(meta) => (!meta.is_plausible()).then_some(RecordFault::Damaged),
            Err(fault) => Some(fault),
        },
        _ if key.starts_with(SPENT_PREFIX) => match Fingerprint::parse(&key[SPENT_PREFIX.len()..]) {
            Some(_) => read::<Budgets>(text),
            None => decode::<Budgets>(text).err().or(Some(RecordFault::Damaged)),
        },
        _ if key.starts_with(HOLD_PREFIX) => read::<StoredHold>(text),
        PAUSES_KEY => read::<Pauses>(text),
        OLD_SPENT_KEY => read::<BTreeMap<String, Vec<Millis>>>(text),
        OLD_SPENT_BY_OTHERS_KEY => read::<Vec<Millis>>(text),
        OPEN_KEY => read::<OpenCards>(text),
        _ if key.starts_with(CARD_PREFIX) => match decode::<StoredCard>(text) {
            Ok(card) => {
                let is_at_home = card.key() == key || card.old_key() == key;
                (!is_at_home || !card.is_plausible()).then_some(RecordFault::Damaged)
            }
            Err(fault) => Some(fault),
        },
        _ if key.starts_with(FIRED_PREFIX) => match decode::<StoredFired>(text) {
            Ok(_) => {
                let rest = &key[FIRED_PREFIX.len()..];
                let is_ours = Subject::parse(rest).is_some() || Fingerprint::parse(rest).is_some();
                (!is_ours).then_some(RecordFault::Damaged)
            }
            Err(fault) => Some(fault),
        },
        _ => None,
    }
}

fn cards(records: &[(String, String)]) -> BTreeSet<String> {
    let card = |text: &String| Some(decode::<Value>(text).ok()?["card"]["cardId"].as_str()?.to_owned());
    records.iter().filter(|(key, _)| key.starts_with(CARD_PREFIX)).filter_map(|(_, text)| card(text)).collect()
}

/// A damaged record goes in the batch that keeps its text under another key.
fn set_aside_before_gone(changes: &[Change], store: &[(String, String)], damaged: &BTreeSet<&String>) {
    for change in changes {
        let (Change::Delete(Store::Journal, key) | Change::Put(Store::Journal, key, _)) = change else { continue };
        let Some((_, text)) = store.iter().find(|(other, _)| other == key) else { continue };
        if damaged.contains(key) && fault(key, text) == Some(RecordFault::Damaged) {
            let kept = changes.iter().any(|change| {
                matches!(change, Change::Put(Store::Journal, aside, same)
                    if aside.starts_with(ASIDE_PREFIX) && aside.ends_with(&**key) && same == text)
            });
            assert!(kept, "{key} went without being set aside");
        }
    }
}

fn apply(changes: &[Change], store: &mut Vec<(String, String)>) {
    for change in changes {
        match change {
            Change::Put(Store::Journal, key, text) => {
                store.retain(|(other, _)| other != key);
                store.push((key.clone(), text.clone()));
            }
            Change::Delete(Store::Journal, key) => store.retain(|(other, _)| other != key),
            Change::Clear(Store::Journal) => store.clear(),
            _ => {}
        }
    }
}
