//! Recordings that past versions stored are tried by the rules of this one. See `tests/golden/README.md`.

use std::borrow::Cow;
use std::sync::Arc;

use cuewire::backtest::{Tape, Trial};
use cuewire::model::event::Event;
use cuewire::model::event::pointer::Pointer;
use cuewire::model::fingerprint::Fingerprint;
use cuewire::model::history::evidence::Value;
use cuewire::model::time::Millis;
use cuewire::recording::{Keep, Recorder, read};
use cuewire::rules::replay::legend::Legend;
use cuewire::rules::{Rule, text};

use crate::versions::golden::file;

const START: Millis = Millis(1_771_320_600_000);

/// Fields with names, which every version records.
const NAMED: &str = r#"[{"id":"unhappy","name":"Unhappy","holdSeconds":5,"once":"rule","when":{"all":[
    {"compare":{"field":"sentimentScore","operator":"below","value":-0.5}},
    {"compare":{"field":"queue","operator":"is","value":"billing"}}]}}]"#;

/// Fields by pointer, which version 2 records.
const POINTED: &str = r#"[
    {"id":"skill","name":"Skill","once":"rule","when":{"all":[
        {"compare":{"field":"/routing/skill","operator":"oneOf","value":["french","italian"]}},
        {"compare":{"field":"/tries","operator":"above","value":2.5}}]}},
    {"id":"vip","name":"Vip","once":"rule","when":{"all":[
        {"compare":{"field":"/vip","operator":"isTrue"}},
        {"compare":{"field":"/tags","operator":"present"}},
        {"compare":{"field":"/routing/skill","operator":"contains","value":"an"}}]}}]"#;

fn rules(list: &str) -> Vec<Arc<Rule>> {
    text::parse(&format!(r#"{{"version":1,"rules":{list}}}"#)).unwrap().compile()
}

/// Two minutes of eight interactions.
fn heard() -> Vec<(Millis, Event<'static>)> {
    let one = |number: u32| {
        let numbers =
            [Some(f64::from(number % 21) / 10.0 - 1.0), Some(0.83), (number.is_multiple_of(3)).then_some(37_250.0)];
        let queue = if number.is_multiple_of(2) { "billing" } else { "Vertrieb Süd" };
        let names = [Some(queue), Some("sentiment"), (number.is_multiple_of(5)).then_some("inbound")];
        let skill = ["French", "german", "SPANISH", "Italian"][number as usize % 4];
        let said = [
            ("/routing/skill", Value::Text(skill.to_owned())),
            ("/tries", Value::Number(f64::from(number % 7) / 2.0)),
            ("/vip", Value::Bool(number.is_multiple_of(3))),
            ("/tags", Value::Texts(Vec::new())),
        ];
        let said = said.into_iter().enumerate().filter(|(at, _)| number as usize % (at + 2) != 1);
        let extra = said.map(|(_, (pointer, value))| (Pointer::parse(pointer).unwrap(), value)).collect();
        let event =
            Event::of(Cow::Owned(format!("i-{}", number % 8))).with(numbers, names.map(|it| it.map(Cow::Borrowed)));
        (START.plus(Millis(u64::from(number) * 1_250)), Event { extra, ends_interaction: number > 90, ..event })
    };
    (0..96).map(one).collect()
}

/// The chunk of a version, written by this build where a new version has no file yet.
fn chunk(version: u8) -> Vec<u8> {
    let path = file(&format!("recording-v{version}.bin"));
    if std::env::var_os("CUEWIRE_WRITE_GOLDEN").is_some() && !path.exists() {
        let legend = if version == 1 { Legend::default() } else { Legend::of(rules(POINTED).iter()) };
        let mut recorder = Recorder::default();
        recorder.keep(Keep::Day);
        recorder.watch(legend.words());
        recorder.begin(START);
        heard()
            .iter()
            .for_each(|(at, event)| recorder.hear(*at, Fingerprint::of(&event.id), event, &legend.said(event)));
        recorder.end(START.plus(Millis::from_mins(2)));
        std::fs::write(&path, &recorder.take(START.plus(Millis::from_mins(2)))[0].bytes).unwrap();
    }
    std::fs::read(&path).unwrap_or_else(|why| panic!("{}: {why}; see its README.md", path.display()))
}

/// When rules fire for which interaction.
fn fired(tape: Tape, list: &str, named: bool) -> Vec<(Millis, String, String)> {
    let outcome = Trial::on(tape).run(rules(list));
    let name = |id: String| if named { format!("{:016x}", Fingerprint::of(&id).half()) } else { id };
    let mut fired: Vec<_> = outcome.fired.into_iter().map(|one| (one.at, one.rule, name(one.interaction))).collect();
    fired.sort();
    fired
}

fn direct() -> Tape {
    let mut tape = Tape::default();
    tape.cover(START, START.plus(Millis::from_mins(2)));
    heard().iter().for_each(|(at, event)| tape.add(*at, event));
    tape
}

fn tape(version: u8) -> Tape {
    let mut tape = Tape::default();
    tape.add_chunk(&chunk(version)).unwrap();
    tape
}

#[test]
fn a_recording_of_any_version_fires_what_its_events_fire() {
    for version in [1, 2] {
        let found = fired(tape(version), NAMED, false);
        assert_eq!(found, fired(direct(), NAMED, true), "version {version}");
        assert!(!found.is_empty());
        assert_eq!(read(&chunk(version)).unwrap().count(), 96);
    }
    let found = fired(tape(2), POINTED, false);
    assert_eq!(found, fired(direct(), POINTED, true));
    assert!(found.iter().any(|(_, rule, _)| rule == "skill") && found.iter().any(|(_, rule, _)| rule == "vip"));
}

#[test]
fn a_recording_of_version_1_lacks_fields_by_pointer_and_says_so() {
    let fields = |version| {
        let lacks = rules(POINTED).iter().flat_map(|rule| tape(version).lacks(rule)).collect::<Vec<_>>();
        lacks.into_iter().map(|lack| (lack.field, lack.since)).collect::<Vec<_>>()
    };
    let never = |field: &str| (field.to_owned(), None);
    let expected = ["/routing/skill", "/tries", "/vip", "/tags", "/routing/skill"].map(never);
    assert_eq!(fields(1), expected);
    assert_eq!(fields(2), []);
}

#[test]
fn the_recordings_hold_no_text_of_a_field_by_pointer() {
    for version in [1, 2] {
        let bytes = chunk(version);
        for text in ["German", "german", "SPANISH", "spanish", "Italian", "italian", "i-1"] {
            assert!(!bytes.windows(text.len()).any(|part| part == text.as_bytes()), "version {version}: {text}");
        }
    }
}
