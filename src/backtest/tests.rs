use std::borrow::Cow;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::model::event::Event;
use crate::model::event::pointer::Pointer;
use crate::model::fingerprint::Fingerprint;
use crate::model::history::evidence::Value;
use crate::model::time::Millis;
use crate::recording::{Keep, Recorder};
use crate::rules::replay::Replay;
use crate::rules::replay::legend::Legend;
use crate::rules::{Rule, text};

/// When, which interaction, which rule, which episode, and what muted it.
type Told = (Millis, String, String, u32, Option<String>);

const START: Millis = Millis(1_771_320_600_000);

fn rules(text: &str) -> Vec<Arc<Rule>> {
    text::parse(&format!(r#"{{"version":1,"rules":{text}}}"#)).expect("rules").compile()
}

fn event<'a>(id: &'a str, score: Option<f64>, wait: Option<f64>, queue: Option<&'a str>, ends: bool) -> Event<'a> {
    let said = Event::of(Cow::Borrowed(id)).with([score, None, wait], [queue.map(Cow::Borrowed), None, None]);
    Event { ends_interaction: ends, ..said }
}

/// Rules with everything that makes the order of events matter.
const RULES: &str = r#"[
    {"id":"unhappy","name":"Unhappy","when":{"compare":{"field":"sentimentScore","operator":"below","value":-0.5}},
     "holdSeconds":20,"once":"episode","clears":{"compare":{"field":"sentimentScore","operator":"above","value":0}}},
    {"id":"drop","name":"Drop","once":"rule","when":{"compare":{"field":"sentimentScore","operator":"below","value":-0.4,
     "window":{"figure":"change","values":3}}}},
    {"id":"mean","name":"Mean","once":"interaction","when":{"not":{"compare":{"field":"sentimentScore",
     "operator":"atLeast","value":-0.2,"window":{"figure":"mean","seconds":60}}}}},
    {"id":"wait","name":"Wait","severity":"error","once":"rule","queues":{"include":["billing"]},
     "when":{"any":[{"compare":{"field":"queueWaitMs","operator":"above","value":120000}},
                    {"compare":{"field":"type","operator":"is","value":"x"}}]}},
    {"id":"calm","name":"Calm","mode":"shadow","once":"rule","cooldownSeconds":30,
     "when":{"compare":{"field":"sentimentScore","operator":"above","value":0.9}}}
]"#;

/// Every event in the order of its time, by one evaluator: the obvious way.
fn obvious(heard: &[(Millis, Event<'_>)], rules: Vec<Arc<Rule>>) -> Vec<Told> {
    let mut replay = Replay::new(Fingerprint::default(), rules);
    let mut firings = Vec::new();
    for (at, event) in heard {
        firings.extend(replay.hear(*at, event));
    }
    let end = heard.last().map_or(START, |(at, _)| *at);
    firings.extend(replay.pass(end));
    let mut firings: Vec<_> = firings
        .into_iter()
        .filter(|one| !one.is_shadow() || one.muted_by.is_none())
        .map(|one| (one.at, one.event.id.to_string(), one.rule.id.clone(), one.episode, one.muted_by.clone()))
        .collect();
    firings.sort();
    firings
}

fn told(outcome: &Outcome) -> Vec<Told> {
    let told = |one: &Fired| (one.at, one.interaction.clone(), one.rule.clone(), one.episode, one.muted_by.clone());
    let mut told: Vec<_> = outcome.fired.iter().map(told).collect();
    told.sort();
    told
}

type Said = (u64, u8, Option<i32>, Option<u32>, bool, bool);

fn heard(said: &[Said]) -> Vec<(Millis, String, Event<'static>)> {
    let mut at = START;
    let mut all = Vec::new();
    for (span, id, score, wait, billing, ends) in said {
        at = at.plus(Millis(*span));
        let id = format!("i-{id}");
        let score = score.map(|score| f64::from(score) / 10.0);
        let queue = if *billing { "billing" } else { "sales" };
        all.push((at, id.clone(), event(&id, score, wait.map(f64::from), Some(queue), *ends).kept()));
    }
    all
}

fn said() -> impl Strategy<Value = Vec<Said>> {
    let one = (
        0_u64..15_000,
        0_u8..6,
        prop::option::of(-10_i32..=10),
        prop::option::of(0_u32..200_000),
        any::<bool>(),
        prop::bool::weighted(0.05),
    );
    prop::collection::vec(one, 1..120)
}

proptest! {
    #[test]
    fn a_trial_fires_as_one_evaluator_that_hears_everything(said in said(), queue_rule in any::<bool>()) {
        let said = heard(&said);
        let mut tape = Tape::default();
        said.iter().for_each(|(at, _, event)| tape.add(*at, event));
        let mut all = rules(RULES);
        if queue_rule {
            all.extend(rules(r#"[{"id":"fire","name":"On fire","once":"episode","when":{"compare":
                {"field":"queueWaiting","operator":"above","value":2}}}]"#));
        }
        let events: Vec<(Millis, Event<'_>)> = said.iter().map(|(at, _, event)| (*at, event.clone())).collect();
        let expected = obvious(&events, all.clone());
        let mut trial = Trial::on(tape);
        prop_assert_eq!(told(&trial.run(all.clone())), expected.clone());
        // Remembered outcomes of rules that did not change give the same.
        trial.run(all[1..].to_vec());
        prop_assert_eq!(told(&trial.run(all.clone())), expected);
        for rule in &all {
            let only = obvious(&events, vec![Arc::clone(rule)]);
            prop_assert_eq!(trial.alone(rule).map_or(only.clone(), |outcome| told(&outcome)), only);
        }
    }

    #[test]
    fn a_recording_tells_what_the_events_themselves_tell(said in said()) {
        let said = heard(&said);
        let mut recorder = Recorder::default();
        recorder.keep(Keep::Day);
        recorder.begin(START);
        let end = said.last().map_or(START, |(at, _, _)| *at);
        let mut direct = Tape::default();
        for (at, id, event) in &said {
            recorder.hear(*at, Fingerprint::of(id), event, &[]);
            direct.add(*at, event);
        }
        recorder.end(end);
        let mut tape = Tape::default();
        for chunk in recorder.take(end) {
            tape.add_chunk(&chunk.bytes).expect("a whole chunk");
        }
        let strip = |mut told: Vec<Told>, names: bool| {
            for one in &mut told {
                if names {
                    one.1 = format!("{:016x}", Fingerprint::of(&one.1).half());
                }
            }
            told.sort();
            told
        };
        let recorded = told(&Trial::on(tape).run(rules(RULES)));
        let expected = told(&Trial::on(direct).run(rules(RULES)));
        prop_assert_eq!(strip(recorded, false), strip(expected, true));
    }
}

#[test]
fn a_gap_is_told_and_a_firing_in_it_is_marked() {
    let mut tape = Tape::default();
    let second = |number: u64| START.plus(Millis::from_secs(number));
    tape.cover(second(0), second(10));
    tape.add(second(5), &event("a", Some(-0.9), None, None, false));
    tape.cover(second(60), second(90));
    tape.add(second(80), &event("b", Some(0.5), None, None, false));
    assert_eq!(tape.gaps(), [(second(10), second(60))]);
    let outcome = Trial::on(tape).run(rules(RULES));
    let fired: Vec<_> = outcome.fired.iter().map(|one| (one.at, &*one.rule, one.in_gap)).collect();
    assert_eq!(fired, [(second(5), "mean", false), (second(25), "unhappy", true)]);
}

#[test]
fn two_versions_are_compared_by_interaction() {
    let mut tape = Tape::default();
    for (number, score) in [-0.9, -0.6, -0.3, 0.1].into_iter().enumerate() {
        tape.add(
            START.plus(Millis::from_secs(number as u64)),
            &event(&format!("i-{number}"), Some(score), None, None, false),
        );
    }
    let below = |value: &str| {
        rules(&format!(
            r#"[{{"id":"r","name":"R","when":{{"compare":{{"field":"sentimentScore","operator":"below","value":{value}}}}}}}]"#
        ))
    };
    let mut trial = Trial::on(tape);
    let (strict, loose) = (trial.run(below("-0.8")), trial.run(below("-0.2")));
    assert_eq!(strict.total, Count { firings: 1, interactions: 1, muted: 0, grouped: 0, shadow: 0 });
    assert_eq!(loose.total.interactions, 3);
    let sides = sides(&strict, &loose, 1);
    let counts = [&sides.only_first, &sides.only_second, &sides.both].map(Vec::len);
    assert_eq!(counts, [0, 1, 1], "the newest of each");
    assert!(sides.only_second[0].at > START && sides.only_second[0].interaction != sides.both[0].interaction);
    assert_eq!(compare(&strict, &loose), Compared { only_first: 0, only_second: 2, both: 1 });
}

#[test]
fn a_firing_in_shadow_that_is_muted_is_neither_listed_nor_counted() {
    let mut tape = Tape::default();
    tape.add(START, &event("a", Some(-0.8), None, None, false));
    let below = r#""once":"rule","when":{"compare":{"field":"sentimentScore","operator":"below","value":-0.5}}"#;
    let set = format!(
        r#"[{{"id":"critical","name":"C","severity":"error",{below}}},
            {{"id":"lesser","name":"L",{below}}},{{"id":"watched","name":"W","mode":"shadow",{below}}}]"#
    );
    let outcome = Trial::on(tape).run(rules(&set));
    assert!(outcome.fired.iter().all(|one| !one.shadow));
    assert_eq!(outcome.total, Count { firings: 1, interactions: 1, muted: 1, grouped: 0, shadow: 0 });
}

/// Rules that look at fields by pointer in each way.
const POINTING: &str = r#"[
    {"id":"vip","name":"Vip","once":"rule","when":{"all":[
        {"compare":{"field":"/vip","operator":"isTrue"}},
        {"compare":{"field":"sentimentScore","operator":"below","value":0}}]}},
    {"id":"french","name":"French","once":"episode","holdSeconds":10,
     "when":{"compare":{"field":"/skill","operator":"oneOf","value":["French","German"]}},
     "clears":{"compare":{"field":"/skill","operator":"startsWith","value":"sp"}}},
    {"id":"part","name":"Part","once":"rule","when":{"not":{"any":[
        {"compare":{"field":"/skill","operator":"contains","value":"ENCH"}},
        {"compare":{"field":"/skill","operator":"endsWith","value":"ish"}},
        {"compare":{"field":"/skill","operator":"matches","value":"g*n"}}]}}},
    {"id":"tries","name":"Tries","once":"rule","when":{"all":[
        {"compare":{"field":"/tries","operator":"above","value":1,"window":{"figure":"mean","values":3}}},
        {"compare":{"field":"/skill","operator":"present"}}]}},
    {"id":"none","name":"None","once":"rule","when":{"all":[
        {"compare":{"field":"/tries","operator":"absent"}},{"compare":{"field":"/vip","operator":"isFalse"}}]}}
]"#;

fn extra() -> impl Strategy<Value = Vec<(Pointer, Value)>> {
    let text = |text: &str| Value::Text(text.to_owned());
    let number = |number: u8| Value::Number(f64::from(number) / 2.0);
    let skill = prop::sample::select(vec![
        text("french"),
        text("German"),
        text("SPANISH"),
        text("English"),
        text(""),
        Value::Number(1.0),
        Value::Texts(vec![]),
    ]);
    let (vip, tries) = (any::<bool>().prop_map(Value::Bool), (0_u8..6).prop_map(number));
    let values = (prop::option::of(skill), prop::option::of(vip), prop::option::of(tries));
    values.prop_map(|(skill, vip, tries)| {
        let said = [("/skill", skill), ("/vip", vip), ("/tries", tries)].into_iter();
        said.filter_map(|(at, value)| Some((Pointer::parse(at)?, value?))).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn fields_by_pointer_fire_from_a_recording_and_from_a_file_as_they_fired(
        said in said(),
        extras in prop::collection::vec(extra(), 120),
    ) {
        let mut said = heard(&said);
        said.iter_mut().zip(extras).for_each(|((_, _, event), extra)| event.extra = extra);
        let all = rules(POINTING);
        let legend = Legend::of(all.iter());
        let mut recorder = Recorder::default();
        recorder.keep(Keep::Day);
        recorder.watch(legend.words());
        recorder.begin(START);
        let end = said.last().map_or(START, |(at, _, _)| *at);
        let (mut file, mut tape) = (Tape::default(), Tape::default());
        for (at, id, event) in &said {
            recorder.hear(*at, Fingerprint::of(id), event, &legend.said(event));
            file.add(*at, event);
        }
        recorder.end(end);
        recorder.take(end).iter().for_each(|chunk| tape.add_chunk(&chunk.bytes).expect("a whole chunk"));
        prop_assert!(all.iter().all(|rule| tape.lacks(rule).is_empty()));
        let events: Vec<(Millis, Event<'_>)> = said.iter().map(|(at, _, event)| (*at, event.clone())).collect();
        let named = |told: Vec<Told>| {
            let mut told: Vec<Told> = told;
            told.iter_mut().for_each(|one| one.1 = format!("{:016x}", Fingerprint::of(&one.1).half()));
            told.sort();
            told
        };
        let (mut recorded, mut file) = (Trial::on(tape), Trial::on(file));
        let expected = obvious(&events, all.clone());
        prop_assert_eq!(told(&file.run(all.clone())), expected.clone());
        prop_assert_eq!(told(&recorded.run(all.clone())), named(expected));
        for rule in &all {
            let only = obvious(&events, vec![Arc::clone(rule)]);
            prop_assert_eq!(file.alone(rule).map(|outcome| told(&outcome)), Some(only.clone()));
            prop_assert_eq!(recorded.alone(rule).map(|outcome| told(&outcome)), Some(named(only)));
        }
    }
}

fn skilled(number: u64, skill: &str) -> (Millis, Event<'static>) {
    let extra = vec![(Pointer::parse("/skill").expect("a pointer"), Value::Text(skill.to_owned()))];
    (
        START.plus(Millis::from_secs(number)),
        Event { extra, ..event(&format!("i-{number}"), None, None, None, false).kept() },
    )
}

fn asking(operator: &str, value: &str) -> Vec<Arc<Rule>> {
    rules(&format!(
        r#"[{{"id":"r","name":"R","when":{{"compare":{{"field":"/skill","operator":"{operator}","value":{value}}}}}}}]"#
    ))
}

/// French, German and Spanish, heard before there is a rule, with a rule that asks for the whole text, and with one that
/// asks for a part.
fn recorded() -> Tape {
    let mut recorder = Recorder::default();
    recorder.keep(Keep::Day);
    recorder.begin(START);
    let mut tape = Tape::default();
    for (turn, rules) in [vec![], asking("is", "\"French\""), asking("contains", "\"an\"")].iter().enumerate() {
        let legend = Legend::of(rules.iter());
        recorder.watch(legend.words());
        for (number, skill) in ["French", "German", "Spanish"].into_iter().enumerate() {
            let (at, event) = skilled((turn * 3 + number) as u64, skill);
            recorder.hear(at, Fingerprint::of(&event.id), &event, &legend.said(&event));
        }
    }
    let end = START.plus(Millis::from_secs(20));
    recorder.end(end);
    recorder.take(end).iter().for_each(|chunk| tape.add_chunk(&chunk.bytes).expect("a whole chunk"));
    tape
}

#[test]
fn a_recording_answers_for_any_whole_text_where_a_rule_asked_for_one_and_for_parts_that_rules_asked_for() {
    let mut trial = Trial::on(recorded());
    let mut fired = |operator: &str, value: &str| {
        let outcome = trial.run(asking(operator, value));
        let second = |one: &Fired| one.at.since(START).0 / 1_000;
        let seen = outcome.fired.iter().map(|one| one.evidence[0].seen.clone()).next().flatten();
        (outcome.fired.iter().map(second).collect::<Vec<_>>(), seen)
    };
    let seen = |text: &str| Some(Value::Text(text.to_owned()));
    assert_eq!(fired("is", "\"SPANISH\""), (vec![5], seen("SPANISH")));
    assert_eq!(fired("oneOf", r#"["french","german"]"#), (vec![3, 4], seen("french / german")));
    assert_eq!(fired("contains", "\"AN\""), (vec![7, 8], seen("…AN…")));
    assert_eq!(fired("contains", "\"e\""), (vec![], None), "nobody asked");
}

#[test]
fn a_tape_says_since_when_it_holds_what_a_rule_asks_for() {
    let tape = recorded();
    let lacks = |operator: &str, value: &str| {
        let lacks = tape.lacks(&asking(operator, value)[0]);
        lacks.iter().map(|lack| lack.since.map(|since| since.since(START).0 / 1_000)).collect::<Vec<_>>()
    };
    assert_eq!(lacks("contains", "\"an\""), [Some(5)]);
    assert_eq!(lacks("above", "1"), [Some(2)]);
    assert_eq!(lacks("is", "\"French\""), [None], "no rule asks for it any more");
    assert_eq!(lacks("matches", "\"a*\""), [None]);
    assert!(tape.lacks(&rules(RULES)[0]).is_empty());
    let mut file = Tape::default();
    file.know(&[Pointer::parse("/skill").expect("a pointer")]);
    let (at, event) = skilled(0, "French");
    file.add(at, &event);
    assert!(file.lacks(&asking("matches", "\"a*\"")[0]).is_empty());
    assert_eq!(
        file.lacks(&rules(r#"[{"id":"r","name":"R","when":{"compare":{"field":"/vip","operator":"isTrue"}}}]"#)[0])
            .len(),
        1
    );
}
