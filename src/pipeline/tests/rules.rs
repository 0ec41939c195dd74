//! Rules that a person saved, through the whole pipeline.

use super::*;
use crate::model::ask::{Change, Store};
use crate::model::history::{End, Entry, Trigger};
use crate::rules::text;
use serde_json::{Value, json};

/// A rule that is true below this score, with further keys.
fn below(id: &str, score: f64, more: Value) -> Value {
    let when = json!({ "compare": { "field": "sentimentScore", "operator": "below", "value": score } });
    let mut rule = json!({ "id": id, "name": id, "once": "rule", "when": when });
    let keys = more.as_object().cloned().unwrap_or_default();
    rule.as_object_mut().expect("an object").extend(keys);
    rule
}

fn with(rules: &[Value]) -> String {
    format!(r#""rules":{}"#, json!({ "version": 1, "rules": rules }))
}

fn hear(rig: &mut Rig, id: &str, score: f64) {
    rig.frame(&json!({ "id": id, "sentiment": { "score": score } }).to_string());
}

/// Makes everything durable. Returns what was logged.
fn entries(rig: &mut Rig) -> Vec<Entry> {
    rig.host.wall = rig.host.wall.plus(Millis::from_secs(2));
    rig.feed(Input::Tick);
    let mut found = Vec::new();
    while !rig.host.commits.is_empty() {
        let (id, changes) = rig.host.commits.remove(0);
        found.extend(changes.into_iter().filter_map(|change| match change {
            Change::Put(Store::History, _, text) => serde_json::from_str(&text).ok(),
            _ => None,
        }));
        rig.feed(Input::Committed(id));
    }
    found
}

/// The triggers of these.
fn logged(rig: &mut Rig) -> Vec<Trigger> {
    let trigger = |entry| match entry {
        Entry::Trigger(trigger) => Some(*trigger),
        _ => None,
    };
    entries(rig).into_iter().filter_map(trigger).collect()
}

fn ask(rig: &mut Rig, request: Request) -> Reply {
    rig.feed(Input::Command(CommandId(7), request));
    rig.host.replies.pop().expect("it is answered").1
}

fn rules_of(rig: &mut Rig) -> String {
    match ask(rig, Request::Rules) {
        Reply::Rules(view) => view.text,
        other => panic!("{other:?}"),
    }
}

/// Saves rules; the browser stores them.
fn save(rig: &mut Rig, text: Option<&str>) {
    let text = text.map(str::to_owned);
    rig.feed(Input::Command(CommandId(8), Request::SaveRules { text, check_only: false }));
    assert!(rig.host.replies.is_empty(), "nothing is answered before it is stored");
    let (id, settings, secret) = rig.host.saves.remove(0);
    assert_eq!(secret, crate::pipeline::effect::SecretChange::Keep);
    rig.host.stored.save(settings, secret);
    rig.feed(Input::SettingsStored(id, Ok(())));
    assert_eq!(rig.host.replies.pop(), Some((CommandId(8), Reply::Done)));
}

#[test]
fn the_card_is_the_rules_own() {
    let card =
        json!({ "severity": "error", "card": { "title": "Look", "content": "{reason}!", "reason": "At {score}" } });
    let mut rig = Rig::streaming(&with(&[below("unhappy", -0.2, card)]));
    rig.commit();
    hear(&mut rig, "i-1", -0.3);
    rig.commit();
    let (_, request) = rig.host.posts.pop().expect("a card");
    let body: Value = serde_json::from_str(&request.body).expect("JSON");
    assert_eq!(body["cardId"], "trigger-i-1-unhappy-1");
    let posted = request.body;
    assert!(["error", "Look", "At -0.30!"].iter().all(|part| posted.contains(part)), "{posted}");
}

#[test]
fn a_rule_that_is_only_tried_is_logged_once_and_holds_up_no_card() {
    let tried = below("tried", -0.2, json!({ "mode": "shadow", "once": "interaction" }));
    let mut rig = Rig::streaming(&with(&[tried, below("live", -0.5, json!({ "once": "interaction" }))]));
    logged(&mut rig);
    hear(&mut rig, "i-1", -0.3);
    let scope = Some(crate::model::scope::Scope::Queue("Sales".to_owned()));
    rig.feed(Input::Command(CommandId(3), Request::Pause { scope: scope.clone(), minutes: None, note: None }));
    rig.feed(Input::Command(CommandId(3), Request::Resume { scope }));
    hear(&mut rig, "i-1", -0.4);
    let told: Vec<_> = logged(&mut rig).into_iter().map(|trigger| (trigger.rule, trigger.end)).collect();
    assert_eq!(told, [("tried".to_owned(), Some(End::Shadow))]);
    let status = rig.pipeline().status();
    assert_eq!((status.triggers, status.suppressed, status.cards.len()), (0, 0, 0));
    drop(status);
    hear(&mut rig, "i-1", -0.9);
    assert_eq!(rig.pipeline().status().triggers, 1, "the live rule knows nothing of the one that is tried");
}

#[test]
fn a_critical_rule_mutes_lesser_ones_until_it_clears() {
    let critical = json!({ "severity": "error", "once": "episode" });
    let rules = [below("critical", -0.8, critical), below("lesser", -0.2, json!({}))];
    let mut rig = Rig::streaming(&with(&rules));
    logged(&mut rig);
    for score in [-0.9, -0.85] {
        hear(&mut rig, "i-1", score);
    }
    let status = rig.pipeline().status();
    assert_eq!((status.triggers, status.suppressed), (1, 1), "told once");
    drop(status);
    hear(&mut rig, "i-1", -0.3);
    assert_eq!(rig.pipeline().status().triggers, 2);
    let muted = End::Suppressed { by: "inhibition".to_owned() };
    assert!(logged(&mut rig).iter().any(|trigger| trigger.rule == "lesser" && trigger.end == Some(muted.clone())));
}

#[test]
fn a_rule_that_becomes_true_counts_for_its_queue_whether_or_not_a_card_is_due() {
    let is = |value: &str| json!({ "compare": { "field": "type", "operator": "is", "value": value } });
    let many = json!({ "compare": { "field": "queueTriggersPerMinute", "operator": "above", "value": 0 } });
    let held = below("held", -0.2, json!({ "once": "interaction", "holdSeconds": 5 }));
    let moved = json!({ "id": "moved", "name": "Moved", "once": "interaction", "when": is("transfer") });
    let crowded =
        json!({ "id": "crowded", "name": "Crowded", "once": "rule", "when": { "all": [many, is("sentiment")] } });
    let mut rig = Rig::streaming(&with(&[held, moved, crowded]));
    let said = |id: &str, step: &str, queue: &str| {
        json!({ "id": id, "type": step, "sentiment": { "score": -0.1 }, "routing": { "queueName": queue } }).to_string()
    };
    rig.frame(r#"{"id":"a","sentiment":{"score":-0.5},"routing":{"queueName":"Billing"}}"#);
    rig.host.wall = rig.host.wall.plus(Millis::from_secs(5));
    // The hold of Billing ends at the very instant at which Sales hears of the interaction.
    rig.frame(&said("a", "transfer", "Sales"));
    assert_eq!(rig.pipeline().status().triggers, 1, "one card for the interaction");
    rig.frame(&said("d", "sentiment", "Support"));
    assert_eq!(rig.pipeline().status().triggers, 1, "no rule became true in Support");
    for (at, (id, queue)) in [("b", "Sales"), ("c", "Billing")].into_iter().enumerate() {
        rig.frame(&said(id, "sentiment", queue));
        assert_eq!(rig.pipeline().status().triggers, at as u64 + 2, "{queue}");
    }
}

#[test]
fn the_host_is_asked_for_the_zones_of_rules_whenever_local_time_is_told() {
    let schedule = json!({ "schedule": { "from": "10:00", "to": "11:00", "zone": "Europe/Berlin" } });
    let mut rig = Rig::streaming(&with(&[below("by-day", -0.2, schedule)]));
    assert_eq!(std::mem::take(&mut rig.host.zones), ["Europe/Berlin"]);
    rig.feed(Input::LocalOffset(0));
    assert_eq!(std::mem::take(&mut rig.host.zones), ["Europe/Berlin"]);
    hear(&mut rig, "i-1", -0.9);
    assert_eq!(rig.pipeline().status().triggers, 0, "a zone that nobody told is no data");
    rig.feed(Input::ZoneOffsets(vec![("Europe/Berlin".to_owned(), 60)]));
    hear(&mut rig, "i-1", -0.9);
    assert_eq!(rig.pipeline().status().triggers, 1, "09:30 UTC is 10:30 there");
    rig.feed(Input::ZoneOffsets(vec![("Europe/Berlin".to_owned(), 120)]));
    hear(&mut rig, "i-2", -0.9);
    assert_eq!(rig.pipeline().status().triggers, 1, "and 11:30 in summer");
}

#[test]
fn the_rules_page_begins_with_the_two_that_ship_as_they_are_set() {
    let mut rig = Rig::streaming(r#""sentimentThreshold":-0.25,"minimumConfidence":0.6,"includeQueues":["Billing"]"#);
    let set = text::parse(&rules_of(&mut rig)).expect("it reads back");
    let unnamed = |rule: &std::sync::Arc<crate::rules::Rule>| crate::rules::Rule { name: None, ..(**rule).clone() };
    let told: Vec<_> = set.compile().iter().map(unnamed).collect();
    let in_force: Vec<_> = rig.pipeline().evaluator.rules().map(|rule| (**rule).clone()).collect();
    assert_eq!(told, in_force);
    assert_eq!(told.iter().map(|rule| &*rule.id).collect::<Vec<_>>(), ["negative-sentiment", "long-wait"]);
}

#[test]
fn a_profile_that_is_not_set_up_shows_rules_and_asks_for_a_connection_before_they_are_saved() {
    let mut rig = Rig { runner: Runner::default(), host: Memory::default(), conn: None, answers: true };
    rig.feed(Input::Started(Box::new(Start { settings: None, secret: None, ..start(ACME) })));
    let text = rules_of(&mut rig);
    assert_eq!(text::parse(&text).map(|set| set.rules.len()), Ok(2));
    let answer = ask(&mut rig, Request::SaveRules { text: Some(text), check_only: false });
    assert_eq!(answer, Reply::NotSetUp);
    assert!(rig.host.saves.is_empty(), "there is nothing to save them in");
}

#[test]
fn rules_are_saved_and_removed_beside_the_other_settings() {
    let mut rig = Rig::streaming(r#""sentimentThreshold":-0.25"#);
    let mine = json!({ "version": 1, "rules": [below("mine", -0.2, json!({}))] }).to_string();
    save(&mut rig, Some(&mine));
    let ids = |rig: &Rig| rig.pipeline().evaluator.rules().map(|rule| rule.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&rig), ["mine"]);
    let stored = rig.host.stored.settings.clone().expect("settings");
    assert!(stored.contains("-0.25") && stored.contains("mine"), "{stored}");
    let text = rules_of(&mut rig);
    save(&mut rig, Some(&text));
    assert_eq!(rules_of(&mut rig), text, "what a page is told can be saved as it is");
    save(&mut rig, None);
    assert_eq!(ids(&rig), ["negative-sentiment", "long-wait"]);
    assert!(!rig.host.stored.settings.clone().expect("settings").contains("mine"));
    let changed: Vec<_> = entries(&mut rig)
        .into_iter()
        .filter_map(|entry| match entry {
            Entry::Settings { changed, .. } => Some(changed),
            _ => None,
        })
        .collect();
    let rules = vec!["rules".to_owned()];
    assert_eq!(changed, [rules.clone(), Vec::new(), rules], "saved, saved as it was, and removed");
}

#[test]
fn rules_that_do_not_read_are_rejected_whole_with_places_and_codes() {
    let mut rig = Rig::streaming(r#""dryRun":true"#);
    let wrong = r#"{"version":1,"rules":[{"id":"a b","name":"A","when":{}}]}"#;
    for check_only in [true, false] {
        let request = Request::SaveRules { text: Some(wrong.to_owned()), check_only };
        let Reply::RulesRejected(errors) = ask(&mut rig, request) else { panic!("they are wrong") };
        assert!(errors.iter().any(|error| error.at == "/rules/0/id" && error.code == "notAnId"), "{errors:?}");
    }
    let text = format!(r#"{{"organization":"acme","clientId":"c","rules":{wrong}}}"#);
    for check_only in [true, false] {
        let Reply::Rejected(errors) = ask(&mut rig, Request::Save { text: text.clone(), check_only }) else {
            panic!("they are wrong")
        };
        let first = &errors[0];
        assert_eq!((&*first.field, &*first.code), ("rules", "notRules"));
        assert!(errors.iter().any(|error| error.values[..2] == ["/rules/0/id", "notAnId"]), "{errors:?}");
    }
    assert!(rig.host.saves.is_empty(), "nothing is stored");
    assert_eq!(ask(&mut rig, Request::SaveRules { text: Some("null".to_owned()), check_only: true }), Reply::Done);
}

#[test]
fn rules_are_saved_in_the_settings_that_are_stored_by_then() {
    let mut rig = Rig::streaming(r#""dryRun":true"#);
    let text = r#"{"organization":"acme","clientId":"c","dryRun":true,"sentimentThreshold":-0.125}"#.to_owned();
    rig.feed(Input::Command(CommandId(1), Request::Save { text, check_only: false }));
    let mine = json!({ "version": 1, "rules": [below("mine", -0.2, json!({}))] }).to_string();
    rig.feed(Input::Command(CommandId(2), Request::SaveRules { text: Some(mine), check_only: false }));
    for id in [1, 2] {
        let (order, settings, _) = rig.host.saves.remove(0);
        assert_eq!(order, CommandId(id));
        rig.host.stored.settings = settings;
        rig.feed(Input::SettingsStored(order, Ok(())));
    }
    let stored = rig.host.stored.settings.clone().expect("settings");
    assert!(stored.contains("-0.125") && stored.contains("mine"), "{stored}");
}

#[test]
fn a_threshold_that_no_rule_reads_is_not_shown_as_in_force() {
    let shown = |settings: &str| {
        let rig = Rig::streaming(settings);
        let dashboard = rig.pipeline().dashboard(rig.host.wall);
        [dashboard.sentiment.in_force, dashboard.wait.in_force]
    };
    assert_eq!(shown(r#""sentimentThreshold":-0.6"#), [true, true]);
    assert_eq!(shown(&with(&[below("unhappy", -0.6, json!({}))])), [false, false]);
}
