//! The rule language beyond one condition with a hold: windows, queues, schedules, shadow rules, inhibition.

use super::*;
use crate::api::contract::event;
use crate::api::extras;
use crate::rules::text;

const CONNECTION: &str = "https://acme.cxone.com";

/// Rules with these members besides id and name, by id.
fn evaluator(rules: &[(&str, &str)]) -> Evaluator {
    firing_once_per("episode", rules)
}

fn firing_once_per(once: &str, rules: &[(&str, &str)]) -> Evaluator {
    let rules: Vec<String> =
        rules.iter().map(|(id, rest)| format!(r#"{{"id":"{id}","name":"{id}","once":"{once}",{rest}}}"#)).collect();
    let text = format!(r#"{{"version":1,"rules":[{}]}}"#, rules.join(","));
    let mut evaluator = Evaluator::default();
    evaluator.adopt(Fingerprint::of(CONNECTION), text::parse(&text).unwrap().compile());
    evaluator
}

fn hear(evaluator: &mut Evaluator, at: u64, frame: &str) -> Vec<Firing> {
    let mut event = event::parse(frame.as_bytes()).unwrap();
    event.extra = extras::read(frame.as_bytes(), evaluator.pointers());
    evaluator.observe(Millis(at), &event, |_, _| true)
}

fn score(score: f64) -> String {
    format!(r#"{{"id":"i","sentiment":{{"score":{score}}}}}"#)
}

fn names(firings: &[Firing]) -> Vec<(&str, u32, u64)> {
    firings.iter().map(|firing| (&*firing.rule.id, firing.episode, firing.at.0)).collect()
}

/// A worker that ends here and one that goes on from what it stored.
fn restart(before: &Evaluator, mut after: Evaluator, at: u64) -> Evaluator {
    for subject in before.talks.keys() {
        let Some(stored) = before.stored(*subject) else { continue };
        let stored = serde_json::to_string(stored).unwrap();
        after.restore(*subject, serde_json::from_str(&stored).unwrap(), Millis(at));
    }
    after.resume(Millis(at));
    after
}

const LOW: &str = r#""when":{"compare":{"field":"sentimentScore","operator":"below","value":-0.5}}"#;

const LOW_MEAN: &str = r#""when":{"compare":{"field":"sentimentScore","window":{"figure":"mean","seconds":60},
    "operator":"below","value":-0.5}}"#;

#[test]
fn a_rule_reads_a_field_by_pointer_as_what_it_is() {
    let when = r#""when":{"all":[
        {"compare":{"field":"/routing/skill","operator":"startsWith","value":"FR"}},
        {"compare":{"field":"/vip","operator":"isTrue"}},
        {"compare":{"field":"/tries","operator":"atLeast","value":2}},
        {"compare":{"field":"/tags","operator":"present"}},
        {"compare":{"field":"/closed","operator":"absent"}}]}"#;
    let mut evaluator = evaluator(&[("vip", when)]);
    assert_eq!(evaluator.pointers().len(), 5);
    let frame = |vip: &str| {
        format!(r#"{{"id":"i","routing":{{"skill":"fr-1"}},"vip":{vip},"tries":2,"tags":["a"],"closed":null}}"#)
    };
    assert_eq!(hear(&mut evaluator, 0, &frame("\"true\"")), []);
    assert_eq!(hear(&mut evaluator, 1, &frame("false")), []);
    let firings = hear(&mut evaluator, 2, &frame("true"));
    assert_eq!(names(&firings), [("vip", 1, 2)]);
    let seen: Vec<_> = firings[0].evidence.iter().map(|one| (&*one.field, one.verdict)).collect();
    assert_eq!(seen[0], ("/routing/skill", Some(true)));
    assert_eq!(seen[4], ("/closed", Some(true)));
}

#[test]
fn the_rules_that_ship_name_no_pointer_and_remember_nothing() {
    let mut evaluator = evaluator(&[]);
    let card = crate::model::card::CardTemplate::default();
    let presets = crate::rules::Presets {
        sentiment_threshold: -0.5,
        minimum_confidence: 0.5,
        queue_wait_threshold: Millis(1),
        include_queues: &[],
        exclude_queues: &[],
        once: crate::rules::Once::Interaction,
        card,
    };
    evaluator.adopt(Fingerprint::of(CONNECTION), presets.compile());
    assert_eq!((evaluator.pointers().len(), evaluator.bytes_per_interaction()), (0, 0));
    hear(&mut evaluator, 0, &score(-0.9));
    assert!(evaluator.talks.is_empty());
}

#[test]
fn a_value_that_leaves_its_window_makes_a_rule_true_without_an_event() {
    let mut evaluator = evaluator(&[("low", LOW_MEAN)]);
    assert_eq!(hear(&mut evaluator, 0, &score(0.9)), []);
    assert_eq!(hear(&mut evaluator, 50_000, &score(-0.9)), []);
    assert_eq!(evaluator.next_deadline(), Some(Millis(60_000)));
    let firings = evaluator.tick(Millis(90_000));
    assert_eq!(names(&firings), [("low", 1, 60_000)], "at its instant, however late the tick");
    let evidence = &firings[0].evidence[0];
    assert_eq!((evidence.window.as_ref().unwrap().seconds, evidence.incomplete), (Some(60), false));
    assert_eq!(evidence.seen, Some(crate::model::history::evidence::Value::Number(-0.9)));
    assert_eq!(evaluator.tick(Millis(110_000)), [], "the window is empty: no data, so it does not clear");
    assert_eq!(evaluator.next_deadline(), None);
    assert_eq!(hear(&mut evaluator, 111_000, &score(0.9)), []);
    assert_eq!(names(&hear(&mut evaluator, 171_001, &score(-0.9))), [("low", 2, 171_001)]);
}

#[test]
fn a_hold_on_a_window_breaks_at_the_instant_at_which_the_window_turns() {
    let held = format!(r#"{LOW_MEAN},"holdSeconds":30"#);
    let mut evaluator = evaluator(&[("low", &held)]);
    hear(&mut evaluator, 0, &score(-1.0));
    hear(&mut evaluator, 40_000, &score(-0.1));
    assert_eq!(names(&evaluator.tick(Millis(39_999))), []);
    let mut evaluator = self::evaluator(&[("low", &held)]);
    hear(&mut evaluator, 0, &score(-1.0));
    hear(&mut evaluator, 29_000, &score(-0.2));
    assert_eq!(names(&evaluator.tick(Millis(30_000))), [("low", 1, 30_000)], "the mean is -0.6 until 60 s");
    evaluator.tick(Millis(60_000));
    assert!(!evaluator.talks.values().next().unwrap().tracks[0].is_firing(), "the first value left, the mean is -0.2");
}

#[test]
fn windows_of_values_count_what_other_rules_did_not_hear() {
    let mean = r#""queues":{"include":["billing"]},"when":{"compare":{"field":"sentimentScore",
        "window":{"figure":"mean","values":2},"operator":"below","value":-0.5}}"#;
    let mut evaluator = evaluator(&[("low", mean)]);
    hear(&mut evaluator, 0, &score(-0.9));
    let billing = r#"{"id":"i","sentiment":{"score":-0.3},"routing":{"queueName":"Billing"}}"#;
    assert_eq!(names(&hear(&mut evaluator, 1, billing)), [("low", 1, 1)]);
}

#[test]
fn a_window_says_that_it_is_incomplete_since_a_restart() {
    let held = format!(r#"{LOW_MEAN},"holdSeconds":30"#);
    let mut before = evaluator(&[("low", &held)]);
    hear(&mut before, 0, &score(-1.0));
    let mut after = restart(&before, evaluator(&[("low", &held)]), 10_000);
    let firings = after.tick(Millis(30_000));
    assert_eq!(names(&firings), [("low", 1, 30_000)]);
    let evidence = &firings[0].evidence;
    assert_eq!((evidence[0].incomplete, evidence[1].incomplete), (false, true));
    assert_eq!(evidence[1].seen, Some(crate::model::history::evidence::Value::Number(-1.0)), "it was stored");
}

#[test]
fn a_rule_keeps_firing_for_its_time_and_only_then_begins_anew() {
    let keep = format!(r#"{LOW},"keepFiringSeconds":10"#);
    let mut evaluator = evaluator(&[("low", &keep)]);
    assert_eq!(names(&hear(&mut evaluator, 0, &score(-0.9))), [("low", 1, 0)]);
    hear(&mut evaluator, 1_000, &score(0.9));
    assert_eq!(evaluator.next_deadline(), Some(Millis(11_000)));
    assert_eq!(names(&hear(&mut evaluator, 5_000, &score(-0.9))), [("low", 1, 5_000)], "the same episode");
    assert_eq!(evaluator.next_deadline(), None);
    hear(&mut evaluator, 6_000, &score(0.9));
    let mut evaluator = restart(&evaluator, self::evaluator(&[("low", &keep)]), 7_000);
    assert_eq!(evaluator.tick(Millis(16_000)), []);
    assert_eq!(names(&hear(&mut evaluator, 16_000, &score(-0.9))), [("low", 2, 16_000)]);
}

#[test]
fn a_schedule_gates_events_breaks_holds_and_needs_to_know_the_time() {
    const MONDAY_NOON: u64 = (4 * 24 + 12) * 3_600_000;
    let office = format!(r#"{LOW},"holdSeconds":20,"schedule":{{"days":["mon"],"to":"13:00","zone":"Europe/Paris"}}"#);
    let mut evaluator = evaluator(&[("low", &office)]);
    assert_eq!(evaluator.zones().into_iter().collect::<Vec<_>>(), ["Europe/Paris"]);
    hear(&mut evaluator, MONDAY_NOON, &score(-0.9));
    assert_eq!(evaluator.next_deadline(), None, "nobody knows the time in Paris");
    evaluator.set_offset("Europe/Paris", 60);
    hear(&mut evaluator, MONDAY_NOON, &score(-0.9));
    assert_eq!(evaluator.next_deadline(), None, "in Paris it is one");
    hear(&mut evaluator, MONDAY_NOON - 10_000, &score(-0.9));
    assert_eq!(evaluator.next_deadline(), Some(Millis(MONDAY_NOON)), "the schedule closes before the hold ends");
    assert_eq!(evaluator.tick(Millis(MONDAY_NOON + 60_000)), []);
    hear(&mut evaluator, MONDAY_NOON - 20_000, &score(-0.9));
    assert_eq!(names(&evaluator.tick(Millis(MONDAY_NOON))), [("low", 1, MONDAY_NOON)], "the hold ends first");
    evaluator.set_skew(Millis::from_mins(60));
    hear(&mut evaluator, MONDAY_NOON + 600_000, &score(-0.9));
    assert!(evaluator.next_deadline().is_some(), "by the wall clock it is ten past twelve");
}

/// As in Berlin in the night of 25 October 2026: at 1:00 UTC three o'clock becomes two o'clock.
#[test]
fn hours_that_span_a_change_of_clocks_end_by_the_clock_of_their_end() {
    const MIDNIGHT: u64 = 1_792_886_400_000;
    const CHANGE: u64 = MIDNIGHT + 3_600_000;
    let night = format!(
        r#"{LOW},"clears":{{"compare":{{"field":"sentimentScore","operator":"above","value":0}}}},
        "schedule":{{"from":"00:30","to":"06:00","zone":"Europe/Berlin"}}"#
    );
    let beginning = MIDNIGHT - 80 * 60_000;
    let heard = |late: bool| {
        let mut evaluator = evaluator(&[("low", &night)]);
        evaluator.set_offset("Europe/Berlin", 120);
        assert_eq!(names(&hear(&mut evaluator, beginning, &score(-0.9))), [("low", 1, beginning)]);
        match late {
            true => assert!(hear(&mut evaluator, CHANGE, r#"{"id":"other"}"#).is_empty()),
            false => evaluator.set_offset_since("Europe/Berlin", Millis(CHANGE), 60),
        }
        evaluator.set_offset("Europe/Berlin", if late { 60 } else { 120 });
        let ends = evaluator.next_deadline();
        assert_eq!(names(&hear(&mut evaluator, CHANGE + 60_000, &score(-0.9))), [("low", 1, CHANGE + 60_000)]);
        ends
    };
    let six_in_winter = Millis(MIDNIGHT + 5 * 3_600_000);
    assert_eq!([heard(true), heard(false)], [Some(six_in_winter); 2], "the rule fires on, in the same episode");
}

#[test]
fn a_critical_rule_mutes_lesser_ones_until_it_clears() {
    let wait = r#""when":{"compare":{"field":"queueWaitMs","operator":"above","value":5}}"#;
    let critical = format!(r#"{LOW},"severity":"error""#);
    let rules = [("wait", wait), ("critical", &*critical)];
    let mut evaluator = evaluator(&rules);
    let both = r#"{"id":"i","sentiment":{"score":-0.9},"routing":{"queueWaitTimeMs":9}}"#;
    let muted = |firings: &[Firing]| {
        firings.iter().map(|firing| (firing.rule.id.clone(), firing.muted_by.clone())).collect::<Vec<_>>()
    };
    let by = Some("critical".to_owned());
    let firings = hear(&mut evaluator, 0, both);
    assert_eq!(muted(&firings), [("wait".to_owned(), by.clone()), ("critical".to_owned(), None)]);
    let long = r#"{"id":"i","routing":{"queueWaitTimeMs":9}}"#;
    let mut evaluator = restart(&evaluator, self::evaluator(&rules), 1);
    assert_eq!(muted(&hear(&mut evaluator, 1, long)), [("wait".to_owned(), by)]);
    let other = r#"{"id":"j","routing":{"queueWaitTimeMs":9}}"#;
    assert_eq!(muted(&hear(&mut evaluator, 1, other)), [("wait".to_owned(), None)]);
    hear(&mut evaluator, 2, &score(0.9));
    assert_eq!(muted(&hear(&mut evaluator, 3, long)), [("wait".to_owned(), None)]);
}

#[test]
fn a_shadow_rule_fires_marked_and_touches_no_live_one() {
    let shadow = format!(r#"{LOW},"mode":"shadow","severity":"error""#);
    let mut evaluator = evaluator(&[("shadow", &shadow), ("live", LOW)]);
    let firings = hear(&mut evaluator, 0, &score(-0.9));
    let marks: Vec<_> = firings.iter().map(|firing| (firing.is_shadow(), firing.muted_by.is_some())).collect();
    assert_eq!(marks, [(true, false), (false, false)]);
    assert_eq!(firings[1].with.len(), 1, "the live card does not speak of it");
}

#[test]
fn a_rule_on_a_queue_sees_the_queue_with_its_event_and_looks_again_as_its_hold_ends() {
    let fire = r#""when":{"compare":{"field":"queueWaiting","operator":"atLeast","value":2}}"#;
    let held = format!(r#"{fire},"holdSeconds":10"#);
    let mut evaluator = evaluator(&[("now", fire), ("held", &held)]);
    let frame = |id: &str, step: &str| format!(r#"{{"id":"{id}","type":"{step}","routing":{{"queueName":"q"}}}}"#);
    assert_eq!(hear(&mut evaluator, 0, &frame("a", "queued")), []);
    assert_eq!(names(&hear(&mut evaluator, 1_000, &frame("b", "queued"))), [("now", 1, 1_000)]);
    hear(&mut evaluator, 2_000, &frame("a", "connect"));
    assert_eq!(evaluator.tick(Millis(11_000)), [], "one waits by now");
    hear(&mut evaluator, 20_000, &frame("c", "queued"));
    assert_eq!(names(&evaluator.tick(Millis(30_000))), [("held", 1, 30_000)]);
}

#[test]
fn a_rule_looks_again_as_a_value_leaves_its_own_window_and_not_that_of_another_rule() {
    let own = r#""when":{"compare":{"field":"sentimentScore","window":{"figure":"max","seconds":60},
        "operator":"below","value":0}},"clears":{"compare":{"field":"/calm","operator":"absent"}}"#;
    let other = r#""when":{"compare":{"field":"queueWaitMs","window":{"figure":"max","seconds":2},
        "operator":"below","value":0}}"#;
    let both = r#"{"id":"i","sentiment":{"score":-0.5},"routing":{"queueWaitTimeMs":5}}"#;
    let fired = |rules: &[(&str, &str)]| -> Vec<(String, u32, u64)> {
        let mut evaluator = evaluator(rules);
        let mut firings = hear(&mut evaluator, 0, both);
        firings.extend(hear(&mut evaluator, 1_000, r#"{"id":"i","routing":{"queueWaitTimeMs":5}}"#));
        firings.extend(evaluator.tick(Millis(100_000)));
        firings.into_iter().map(|firing| (firing.rule.id.clone(), firing.episode, firing.at.0)).collect()
    };
    assert_eq!(fired(&[("own", own)]), [("own".to_owned(), 1, 0)]);
    assert_eq!(fired(&[("own", own), ("other", other)]), fired(&[("own", own)]), "as if it were alone");
}

#[test]
fn a_queue_counts_each_beginning_of_a_live_rule_once_whether_or_not_a_card_is_due() {
    let many = r#""when":{"compare":{"field":"queueTriggersPerMinute","operator":"atLeast","value":2}}"#;
    let low = r#""when":{"compare":{"field":"sentimentScore","operator":"below","value":0}}"#;
    let mut evaluator = evaluator(&[("low", low), ("many", many)]);
    let mut hear = |at: u64, id: &str, score: f64| {
        let frame = format!(r#"{{"id":"{id}","sentiment":{{"score":{score}}},"routing":{{"queueName":"q"}}}}"#);
        let event = event::parse(frame.as_bytes()).unwrap();
        let wanted = |rule: &Rule, _| rule.id == "many";
        evaluator.observe(Millis(at), &event, wanted).len()
    };
    assert_eq!([hear(0, "a", -0.5), hear(1_000, "a", -0.5), hear(2_000, "a", -0.5)], [0; 3], "one beginning");
    assert_eq!([hear(3_000, "b", -0.5), hear(4_000, "b", -0.5)], [0, 1], "two, and no card of either is due");
}

#[test]
fn an_event_passes_by_where_no_rule_remembers_and_none_is_true() {
    let all = r#""when":{"all":[{"compare":{"field":"queueWaitMs","operator":"atLeast","value":5}},
        {"compare":{"field":"sentimentScore","operator":"below","value":0}}]}"#;
    let not = r#""when":{"not":{"compare":{"field":"sentimentConfidence","operator":"equals","value":0.5}}}"#;
    let events = ["0.1", "-0.1", "0", "-0.0"].into_iter().flat_map(|score| {
        [4, 5, 6].map(|wait| {
            let routing = format!(r#""routing":{{"queueWaitTimeMs":{wait}}}"#);
            format!(r#"{{"id":"i","sentiment":{{"score":{score},"confidence":0.{wait}}},{routing}}}"#)
        })
    });
    let events: Vec<String> = events.chain([r#"{"id":"i"}"#.to_owned()]).collect();
    for rules in [vec![("all", all)], vec![("low", LOW)], vec![("not", not), ("all", all)]] {
        for event in &events {
            let parsed = event::parse(event.as_bytes()).unwrap();
            let evaluator = || firing_once_per("interaction", &rules);
            let passes = evaluator().passes_by(Millis(1), &parsed);
            assert_eq!(passes, hear(&mut evaluator(), 1, event).is_empty(), "{rules:?} {event}");
        }
    }
    let held = format!(r#"{LOW},"holdSeconds":5"#);
    let evaluator = |rules: &[(&str, &str)]| firing_once_per("interaction", rules);
    let calm = event::parse(br#"{"id":"i","type":"connect"}"#).unwrap();
    assert!(!evaluator(&[("held", &held)]).passes_by(Millis(1), &calm), "the rule remembers");
    let end = event::parse(br#"{"id":"i","type":"disposition"}"#).unwrap();
    assert!(!evaluator(&[("low", LOW)]).passes_by(Millis(1), &end), "the interaction ends");
}

#[test]
fn an_event_without_the_fields_of_a_rule_leaves_it_alone() {
    let evaluator = evaluator(&[("low", LOW), ("any", r#""when":{"compare":{"field":"queue","operator":"absent"}}"#)]);
    let event = event::parse(br#"{"id":"i","type":"connect"}"#).unwrap();
    let touched = evaluator.plan.touched_by(&event);
    assert_eq!([touched.has(0), touched.has(1)], [false, true]);
}

#[test]
fn an_event_of_a_queue_that_a_rule_does_not_hear_leaves_it_alone_whatever_the_name_of_the_queue() {
    let billing = format!(r#"{LOW},"queues":{{"include":["bill*"]}}"#);
    let evaluator = evaluator(&[("all", LOW), ("billing", &billing)]);
    let touched = |queue: &str| {
        let frame = format!(r#"{{"id":"i","sentiment":{{"score":0}},"routing":{{{queue}}}}}"#);
        let touched = evaluator.plan.touched_by(&event::parse(frame.as_bytes()).unwrap());
        [touched.has(0), touched.has(1)]
    };
    for _ in 0..2 {
        assert_eq!(touched(r#""queueName":" Billing""#), [true, true]);
        assert_eq!(touched(r#""queueName":"sales""#), [true, false]);
        assert_eq!(touched(""), [true, false]);
    }
}

#[test]
fn a_figure_that_rules_share_follows_each_event_and_each_value_that_leaves() {
    let mean = |value: f64| {
        let compare = format!(r#""operator":"below","value":{value},"window":{{"figure":"mean","seconds":10}}"#);
        format!(r#""when":{{"compare":{{"field":"sentimentScore",{compare}}}}}"#)
    };
    let mut evaluator = evaluator(&[("low", &mean(-0.5)), ("lower", &mean(-0.7))]);
    let mut hear = |at: u64, score: f64| {
        let frame = format!(r#"{{"id":"i","sentiment":{{"score":{score}}}}}"#);
        let firings = evaluator.observe(Millis(at), &event::parse(frame.as_bytes()).unwrap(), |_, _| true);
        firings.iter().map(|firing| (firing.at.0, firing.rule.id.clone())).collect::<Vec<_>>()
    };
    let fired = |at: u64, rule: &str| (at, rule.to_owned());
    assert_eq!(hear(0, -0.4), []);
    assert_eq!(hear(1_000, -0.8), [fired(1_000, "low")]);
    assert_eq!(hear(10_500, -0.7), [fired(10_000, "lower"), fired(10_500, "low")]);
}

#[test]
fn the_memory_of_an_interaction_has_a_bound_that_can_be_told() {
    let evaluator = evaluator(&[("low", LOW_MEAN), ("held", &format!(r#"{LOW},"holdSeconds":5"#))]);
    let bytes = evaluator.bytes_per_interaction();
    assert!((12_000..20_000).contains(&bytes), "{bytes}");
}

#[test]
fn a_hold_waits_until_its_zone_is_told_and_then_ends_at_its_own_instant() {
    let hours = r#","holdSeconds":20,"schedule":{"from":"00:00","to":"00:01","zone":"Europe/Berlin"}"#;
    let rules = format!("{LOW}{hours}");
    let told = |minutes: i32| {
        let mut evaluator = evaluator(&[("hours", &rules)]);
        evaluator.set_offset("Europe/Berlin", minutes);
        evaluator
    };
    let mut before = told(60);
    let midnight_in_berlin = 23 * 3_600_000;
    for (begins, expected) in [(10_000, vec![("hours", 1, midnight_in_berlin + 30_000)]), (50_000, vec![])] {
        hear(&mut before, midnight_in_berlin + begins, &score(-0.9));
        let mut after = restart(&before, evaluator(&[("hours", &rules)]), midnight_in_berlin + 55_000);
        let noon = Millis(midnight_in_berlin + 12 * 3_600_000);
        assert_eq!((after.next_deadline(), names(&after.tick(noon))), (None, vec![]), "nobody knows the hours");
        after.set_offset("Europe/Berlin", 60);
        assert_eq!(names(&after.tick(noon)), expected, "begun {begins} ms after midnight");
        before = told(60);
    }
}

#[test]
fn a_hold_that_followed_its_interaction_to_another_queue_ends_by_that_queue_after_a_restart() {
    let rules =
        [("crowd", r#""when":{"compare":{"field":"queueWaiting","operator":"atLeast","value":1}},"holdSeconds":10"#)];
    let named = |id: &str, step: &str, queue: &str| {
        format!(r#"{{"id":"{id}","type":"{step}","routing":{{"queueName":"{queue}"}}}}"#)
    };
    let mut before = evaluator(&rules);
    hear(&mut before, 1_000, &named("i", "queued", "Billing"));
    let mut written = before.take_changes();
    hear(&mut before, 2_000, &named("i", "queued", "Sales"));
    written.extend(before.take_changes());
    let (subject, tracks) = written.pop().unwrap();
    let mut after = evaluator(&rules);
    after.restore(subject, tracks.unwrap(), Millis(3_000));
    assert_eq!(names(&hear(&mut after, 4_000, &named("j", "connect", "Billing"))), []);
    assert_eq!(names(&after.tick(Millis(20_000))), [("crowd", 1, 11_000)], "nobody waits in the queue of before");
}

#[test]
fn the_event_that_a_hold_rests_on_is_written_again_only_where_the_hold_may_end_otherwise() {
    let low = r#"{"compare":{"field":"sentimentScore","operator":"below","value":-0.5}}"#;
    let crowd = r#"{"compare":{"field":"queueWaiting","operator":"atLeast","value":1}}"#;
    let plain = format!(r#""when":{{"any":[{low},{{"not":{low}}}]}},"holdSeconds":60"#);
    let asked = format!(r#""when":{{"any":[{low},{crowd}]}},"holdSeconds":60"#);
    let says = |queue: &str, score: f64| {
        format!(r#"{{"id":"i","type":"queued","routing":{{"queueName":"{queue}"}},"sentiment":{{"score":{score}}}}}"#)
    };
    let heard = [("Billing", -0.9), ("Billing", -0.8), ("Billing", 0.1), ("Billing", 0.2), ("Sales", 0.2)];
    let written = |rule: &str| {
        let mut evaluator = evaluator(&[("rule", rule)]);
        let mut writes = |at: usize| {
            hear(&mut evaluator, at as u64 * 1_000, &says(heard[at].0, heard[at].1));
            !evaluator.take_changes().is_empty()
        };
        [0, 1, 2, 3, 4].map(&mut writes)
    };
    assert_eq!(written(&plain), [true, false, false, false, true]);
    assert_eq!(written(&asked), [true, false, true, false, true], "the figure asks the event again as the hold ends");
}

#[test]
fn a_hold_that_ends_as_its_hours_end_fires_and_mutes_nothing_after_them() {
    let vip = r#""when":{"compare":{"field":"/vip","operator":"isTrue"}},"holdSeconds":20,"severity":"error",
        "schedule":{"from":"00:00","to":"00:01","zone":"UTC"}"#;
    let mut evaluator = evaluator(&[("vip", vip), ("low", LOW)]);
    evaluator.set_offset("UTC", 0);
    assert_eq!(names(&hear(&mut evaluator, 40_000, r#"{"id":"i","vip":true}"#)), []);
    let firings = hear(&mut evaluator, 67_000, &score(-0.9));
    assert_eq!(names(&firings), [("vip", 1, 60_000), ("low", 1, 67_000)]);
    assert_eq!(firings[1].muted_by, None);
}

#[test]
fn a_window_that_clears_a_rule_outlives_the_worker() {
    let clears = r#""clears":{"compare":{"field":"sentimentScore","window":{"figure":"count","seconds":60},
        "operator":"atLeast","value":3}}"#;
    let rules = format!("{LOW},{clears}");
    let mut before = evaluator(&[("calms", &rules)]);
    hear(&mut before, 1_000, &score(0.1));
    assert_eq!(names(&hear(&mut before, 2_000, &score(-0.9))), [("calms", 1, 2_000)]);
    let mut after = restart(&before, evaluator(&[("calms", &rules)]), 3_000);
    assert_eq!(names(&hear(&mut after, 4_000, &score(0.1))), [], "the third value of the minute clears it");
    assert_eq!(names(&hear(&mut after, 63_500, &score(-0.9))), [("calms", 2, 63_500)]);
}

#[test]
fn a_window_of_values_says_what_a_record_may_lack_until_all_are_heard_again() {
    let newest = r#""when":{"compare":{"field":"sentimentScore","window":{"figure":"max","values":2},
        "operator":"below","value":0}},"cooldownSeconds":60"#;
    let mut before = evaluator(&[("low", newest)]);
    for at in [1, 2, 3] {
        hear(&mut before, at * 1_000, &score(-0.1 * at as f64));
    }
    let mut after = restart(&before, evaluator(&[("low", newest)]), 10_000);
    let incomplete = |firings: &[Firing]| firings.iter().map(|it| it.evidence[0].incomplete).collect::<Vec<_>>();
    assert_eq!(incomplete(&hear(&mut after, 11_000, &score(-0.4))), [true], "the value before it was not written");
    assert_eq!(incomplete(&hear(&mut after, 12_000, &score(-0.5))), [false]);
}

#[test]
fn what_left_a_window_before_the_worker_ended_clears_nothing_that_began_since() {
    let clears = r#""clears":{"compare":{"field":"sentimentScore","window":{"figure":"count","seconds":10},
        "operator":"below","value":2}}"#;
    let mood = r#""when":{"compare":{"field":"sentimentScore","window":{"figure":"min","values":5},
        "operator":"below","value":0}},"holdSeconds":9"#;
    let waits = r#""when":{"compare":{"field":"type","operator":"is","value":"queued"}},"holdSeconds":600"#;
    let rules = [("fires", &*format!("{mood},{clears}")), ("waits", waits)];
    let mut before = evaluator(&rules);
    hear(&mut before, 1_000, r#"{"id":"i","type":"queued","sentiment":{"score":-0.5}}"#);
    hear(&mut before, 2_000, &score(-0.5));
    assert_eq!(names(&before.tick(Millis(10_500))), [("fires", 1, 10_000)]);
    hear(&mut before, 10_900, &score(-0.5));
    let mut after = restart(&before, evaluator(&rules), 10_950);
    assert_eq!(names(&after.tick(Millis(10_960))), []);
    assert_eq!(names(&hear(&mut after, 10_970, &score(-0.5))), [("fires", 1, 10_970)], "the episode goes on");
}
