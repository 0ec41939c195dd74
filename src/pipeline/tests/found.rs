//! Findings of fuzzing and the simulation, and what the whole pipeline does with a recording.

use super::*;
use crate::model::diagnosis::Tone;
use crate::model::fingerprint::Fingerprint;
use crate::model::history::Course;

#[test]
fn an_event_without_a_queue_triggers_in_the_queue_that_its_interaction_named_last() {
    let mut rig = Rig::streaming(r#""includeQueues":["Billing"]"#);
    let named = |id: &str, queue: &str| format!(r#"{{"id":"{id}","routing":{{"queueName":"{queue}"}}}}"#);
    for frame in [named("i-1", "Billing"), named("i-2", "Sales")] {
        rig.frame(&frame);
    }
    for id in ["i-1", "i-2", "i-3"] {
        rig.frame(&format!(r#"{{"id":"{id}","sentiment":{{"score":-0.9}}}}"#));
    }
    let cards: Vec<(String, Option<String>)> =
        rig.pipeline().status().cards.iter().map(|card| (card.interaction.clone(), card.queue.clone())).collect();
    assert_eq!(cards, [("i-1".to_owned(), Some("Billing".to_owned()))]);
}

#[test]
fn a_notification_that_nobody_waits_for_any_more_is_not_due_for_ever() {
    for order in [Request::Clear, Request::Status] {
        let mut rig = Rig::streaming(r#""notify":true"#);
        for id in ["i-1", "i-2"] {
            rig.frame(&format!(r#"{{"id":"{id}","sentiment":{{"score":-0.9}}}}"#));
        }
        rig.feed(Input::Command(CommandId(1), order));
        for _ in 0..20 {
            rig.tick();
        }
    }
}

#[test]
fn a_connection_test_times_out_while_the_journal_cannot_be_read() {
    let mut rig = Rig::started(r#""dryRun":true"#, Err("unreadable".to_owned()));
    let text = r#"{"organization":"acme","clientId":"c","clientSecret":"s"}"#.to_owned();
    rig.answers = false;
    rig.feed(Input::Command(CommandId(1), Request::Test { text, interaction: None }));
    for _ in 0..20 {
        rig.tick();
    }
}

#[test]
fn a_page_that_asks_before_everything_is_read_is_told_to_ask_again() {
    let (runner, mut host) = (Runner::default(), Memory::default());
    runner.feed(Input::Command(CommandId(1), Request::Resume { scope: None }), &mut host);
    runner.feed(Input::Command(CommandId(2), Request::Rules), &mut host);
    assert_eq!(host.replies, [1, 2].map(|id| (CommandId(id), Reply::NotReady)));
}

#[test]
fn a_second_clear_holds_although_the_first_one_failed() {
    let mut rig = Rig::streaming(r#""dryRun":true"#);
    rig.feed(Input::Command(CommandId(1), Request::Clear));
    rig.feed(Input::Command(CommandId(2), Request::Clear));
    rig.feed(Input::SettingsStored(CommandId(1), Err("no".to_owned())));
    assert!(rig.pipeline().profile.is_none(), "what is to be cleared came into force again");
    rig.feed(Input::SettingsStored(CommandId(2), Ok(())));
    assert!(rig.pipeline().profile.is_none());
}

#[test]
fn two_clears_that_fail_leave_what_was_in_force() {
    let mut rig = Rig::streaming(r#""dryRun":true"#);
    rig.feed(Input::Command(CommandId(1), Request::Clear));
    rig.feed(Input::Command(CommandId(2), Request::Clear));
    for id in [1, 2] {
        rig.feed(Input::SettingsStored(CommandId(id), Err("no".to_owned())));
    }
    assert!(rig.pipeline().profile.as_ref().is_some_and(|profile| profile.settings.dry_run));
}

#[test]
fn something_is_due_while_settings_are_being_stored() {
    let mut rig = Rig::started(r#""dryRun":true"#, Ok(Vec::new()));
    rig.feed(Input::Command(CommandId(1), Request::Pause { scope: None, minutes: None, note: None }));
    rig.commit();
    assert_eq!(rig.pipeline().next_deadline(), None, "paused, and nothing is due");
    let text = r#"{"organization":"acme","clientId":"c","dryRun":false}"#.to_owned();
    rig.feed(Input::Command(CommandId(2), Request::Save { text, check_only: false }));
    assert!(rig.pipeline().next_deadline().is_some_and(|due| due > rig.host.wall));
}

#[test]
fn settings_that_came_into_force_while_everything_was_read_are_not_undone_by_what_was_read() {
    let mut rig = Rig::started(r#""dryRun":true"#, Err("unreadable".to_owned()));
    rig.tick();
    let text = r#"{"organization":"bravo","clientId":"c","clientSecret":"s"}"#.to_owned();
    rig.feed(Input::Command(CommandId(1), Request::Save { text, check_only: false }));
    rig.feed(Input::SettingsStored(CommandId(1), Ok(())));
    rig.feed(Input::Started(Box::new(start(ACME))));
    assert_eq!(rig.pipeline().status().organization, "bravo.cxone.com");
}

#[test]
fn what_quiet_hours_kept_back_is_due_once_they_are_over() {
    let mut rig = Rig::streaming(r#""quietHoursFrom":"09:00","quietHoursTo":"10:00""#);
    assert_eq!(rig.host.wall, Millis(1_771_320_600_000), "09:30 UTC");
    let frame = r#"{"id":"i-1","sentiment":{"score":-0.9}}"#;
    rig.frame(frame);
    rig.frame(frame);
    assert_eq!((rig.pipeline().status().suppressed, rig.pipeline().status().triggers), (1, 0), "told once");
    let over = rig.host.wall.plus(Millis::from_mins(31));
    while rig.host.wall < over {
        rig.tick();
    }
    for _ in 0..2 {
        rig.frame(frame);
    }
    assert_eq!((rig.pipeline().status().suppressed, rig.pipeline().status().triggers), (1, 1), "and due once");
}

/// As [`Rig::feed`], and gives the effects; commits are durable at once.
fn effects_of(rig: &mut Rig, input: Input<'_>) -> Vec<Effect> {
    rig.host.effects.clear();
    rig.feed(input);
    rig.commit();
    std::mem::take(&mut rig.host.effects)
}

fn reloads(effects: &[Effect]) -> bool {
    effects.contains(&Effect::Reload)
}

#[test]
fn an_update_waits_until_nothing_is_in_flight_or_being_written() {
    let mut rig = Rig::started(r#""dryRun":false"#, Ok(Vec::new()));
    rig.commit();
    let frame = br#"{"id":"i-1","sentiment":{"score":-0.9}}"#;
    let conn = rig.conn.expect("it streams");
    let posted = effects_of(&mut rig, Input::Frame(conn, frame));
    let post = posted.iter().find_map(|effect| match effect {
        Effect::PostCard { id, .. } => Some(*id),
        _ => None,
    });
    assert!(!reloads(&effects_of(&mut rig, Input::UpdateAvailable)), "a card is in flight");
    let answer = Outcome::Answer(Answer { status: 201, ..Answer::default() });
    let mut after = effects_of(&mut rig, Input::HttpDone(post.expect("it is posted"), answer));
    assert!(!reloads(&after), "its entry of the history is not written yet");
    rig.host.wall = rig.host.wall.plus(Millis::from_secs(1));
    after = effects_of(&mut rig, Input::Tick);
    assert!(reloads(&after), "{after:?}");
    assert!(!reloads(&effects_of(&mut rig, Input::Tick)), "asked for once");
}

#[test]
fn an_update_waits_no_longer_than_an_hour() {
    let mut rig = Rig::streaming(r#""dryRun":true"#);
    rig.feed(Input::PagesOpen(1));
    assert!(!reloads(&effects_of(&mut rig, Input::UpdateAvailable)), "somebody looks");
    let due = rig.host.wall.plus(Millis::from_mins(60));
    assert!(rig.pipeline().next_deadline().is_some_and(|at| at <= due));
    rig.host.wall = due;
    assert!(reloads(&effects_of(&mut rig, Input::Tick)));
    assert!(!reloads(&effects_of(&mut rig, Input::Tick)), "and is not asked for again at once");
}

#[test]
fn a_pause_in_which_the_worker_died_is_no_outage() {
    let pause = Request::Pause { scope: None, minutes: Some(60), note: None };
    let mut rig = Rig::streaming(r#""dryRun":true"#);
    rig.commit();
    let vitals = rig.runner.pipeline_mut().vitals(rig.host.wall);
    let stored = effects_of(&mut rig, Input::Command(CommandId(1), pause));
    let records = stored.iter().filter_map(|effect| match effect {
        Effect::Commit { changes, .. } => Some(changes),
        _ => None,
    });
    let records: Vec<(String, String)> = records
        .flatten()
        .filter_map(|change| match change {
            crate::model::ask::Change::Put(crate::model::ask::Store::Journal, key, text) => {
                Some((key.clone(), text.clone()))
            }
            _ => None,
        })
        .collect();
    assert!(records.iter().any(|(key, _)| key == "pauses"));
    // Killed before it could note that it was paused.
    let settings = r#"{"organization":"acme","clientId":"c","dryRun":true}"#;
    rig.host.wall = rig.host.wall.plus(Millis::from_mins(30));
    rig.restart(Start { journal: Ok(records), vitals: Some(vitals), marker: true, ..start(settings) });
    let status = rig.pipeline().status();
    assert_eq!(status.diagnoses.len(), 0, "{:?}", status.diagnoses);
    assert!(status.gaps.iter().all(|gap| gap.cause == crate::model::history::GapCause::Person), "{:?}", status.gaps);
    assert_eq!(status.gaps.len(), 1);
}

/// Feeds a frame, commits what the pipeline asks for, and answers each post with this status. Counts the posts.
fn posts_of(rig: &mut Rig, frame: &str, status: u16) -> usize {
    rig.frame(frame);
    rig.commit();
    let mut posts = 0;
    while let Some((id, _)) = rig.host.posts.pop() {
        posts += 1;
        let answer = Answer { status, ..Answer::default() };
        rig.feed(Input::HttpDone(id, Outcome::Answer(answer)));
        rig.commit();
    }
    posts
}

#[test]
fn a_card_that_the_disposition_itself_triggered_counts_as_ended_after_its_first_try() {
    let frame = r#"{"id":"i-1","type":"disposition","sentiment":{"score":-0.9}}"#;
    for (ends, given_up) in [(true, 1), (false, 0)] {
        let mut rig = Rig::streaming(&format!(r#""endAtDisposition":{ends}"#));
        rig.commit();
        assert_eq!(posts_of(&mut rig, frame, 503), 1, "the first try is made in any case");
        let status = rig.pipeline().status();
        assert_eq!((status.given_up, status.waiting), (given_up, 1 - given_up), "end at disposition: {ends}");
    }
}

/// A card of an earlier worker, as the journal keeps it.
fn stored_card(number: usize, at: Millis) -> (String, String) {
    let interaction = format!("i-{number}");
    let record = serde_json::json!({
        "sequence": number + 1, "log": 0, "service": "https://acme.cxone.com", "acceptedAt": at,
        "expiresAt": at.plus(Millis::from_mins(10)), "notBefore": at, "tries": 0, "givenUp": null, "ended": false,
        "card": {
            "cardId": format!("trigger-{interaction}-long-wait-1"), "kind": "info", "title": "", "content": "",
            "interaction": interaction, "rule": "long-wait", "reason": "", "queue": null, "timestamp": at,
        },
        "trigger": Course::default(),
    });
    let key = format!("card/{}/long-wait", Fingerprint::of(&interaction));
    (key, crate::journal::encode(&record))
}

#[test]
fn a_queue_of_cards_that_is_full_is_shown_with_the_trigger_that_finds_it_so() {
    let at = Millis(1_771_320_600_000);
    let cards = (0..crate::delivery::outbox::LIMIT).map(|number| stored_card(number, at)).collect();
    let mut rig = Rig::started(r#""sentimentThreshold":-0.5"#, Ok(cards));
    rig.host.wall = rig.host.wall.plus(Millis::from_secs(1));
    rig.feed(Input::Tick);
    assert_eq!(rig.pipeline().toolbar.shown().text, "999+");
    rig.frame(r#"{"id":"one-more","sentiment":{"score":-0.9}}"#);
    let pipeline = rig.pipeline();
    let badge = pipeline.toolbar.shown();
    assert_eq!((&*badge.text, badge.tone), ("!", Tone::Danger));
}

#[test]
fn what_is_heard_is_recorded_and_goes_when_recording_is_turned_off() {
    let mut rig = Rig::streaming(r#""keepRecording":"day""#);
    rig.frame(r#"{"id":"i-1","sentiment":{"score":0.25}}"#);
    rig.host.wall = rig.host.wall.plus(Millis::from_secs(61));
    rig.feed(Input::Tick);
    let chunks: Vec<_> =
        rig.host.recording.values().map(|bytes| crate::recording::read(bytes).map(Iterator::count)).collect();
    assert_eq!(chunks, [Ok(1)]);
    let keys = rig.host.recording.keys().cloned().collect();
    rig.restart(Start { settings: Some(ACME.to_owned()), ..start(ACME) });
    rig.feed(Input::RecordingListed(keys));
    assert!(rig.pipeline().status().recording.is_some_and(|recording| recording.bytes > 0));
    let off = r#"{"organization":"acme","clientId":"c","keepRecording":"off"}"#.to_owned();
    rig.feed(Input::Command(CommandId(9), Request::Save { text: off, check_only: false }));
    let (id, ..) = rig.host.saves.remove(0);
    rig.feed(Input::SettingsStored(id, Ok(())));
    assert!(rig.host.recording.is_empty());
    assert_eq!(rig.pipeline().status().recording, None);
}

#[test]
fn fields_that_active_rules_reach_by_pointer_are_recorded_without_their_texts() {
    let rule = |id: &str, field: &str, more: &str| {
        let compare = format!(r#"{{"compare":{{"field":"{field}","operator":"is","value":"Gold"}}}}"#);
        format!(r#"{{"id":"{id}","name":"R","when":{compare},{more}"once":"rule"}}"#)
    };
    let rules = [
        rule("live", "/tier", ""),
        rule("shadow", "/plan", r#""mode":"shadow","#),
        rule("off", "/name", r#""enabled":false,"#),
    ];
    let rules = format!(r#""keepRecording":"day","rules":{{"version":1,"rules":[{}]}}"#, rules.join(","));
    let mut rig = Rig::streaming(&rules);
    rig.frame(r#"{"id":"i-1","tier":"Platinum","plan":"Yearly","name":"Ann"}"#);
    rig.host.wall = rig.host.wall.plus(Millis::from_secs(61));
    rig.feed(Input::Tick);
    let chunk = rig.host.recording.values().next().expect("a chunk");
    let samples = crate::recording::read(chunk).expect("a whole chunk");
    assert_eq!(samples.legend, ["=/tier", "=/plan"]);
    assert_eq!(samples.map(|sample| sample.said.len()).collect::<Vec<_>>(), [2]);
    for text in ["Platinum", "Yearly", "Ann"] {
        assert!(!chunk.windows(text.len()).any(|bytes| bytes == text.as_bytes()), "{text}");
    }
    let two = r#"{"organization":"acme","clientId":"c","keepRecording":"day"}"#.to_owned();
    rig.feed(Input::Command(CommandId(9), Request::Save { text: two, check_only: false }));
    let (id, ..) = rig.host.saves.remove(0);
    rig.feed(Input::SettingsStored(id, Ok(())));
    rig.frame(r#"{"id":"i-1","tier":"Platinum"}"#);
    rig.host.wall = rig.host.wall.plus(Millis::from_secs(61));
    rig.feed(Input::Tick);
    let chunk = rig.host.recording.values().next_back().expect("a chunk");
    assert_eq!(chunk[0], 1, "no rule names a field by pointer any more");
}

#[test]
fn a_piece_of_the_recording_that_cannot_be_stored_is_told_until_one_is_stored_again() {
    let mut rig = Rig::streaming(r#""keepRecording":"day""#);
    let told = |rig: &Rig| {
        let status = rig.pipeline().status();
        status.diagnoses.iter().find(|wrong| wrong.code == "recordingFailing").map(|wrong| wrong.tone)
    };
    let piece = |rig: &mut Rig, is_stored: bool| {
        rig.frame(r#"{"id":"i-1","sentiment":{"score":0.25}}"#);
        rig.host.wall = rig.host.wall.plus(Millis::from_secs(61));
        rig.feed(Input::Tick);
        let key = rig.host.recording.keys().next_back().expect("a piece").clone();
        rig.feed(Input::Recorded(crate::recording::Key::parse(&key).expect("its key"), is_stored));
    };
    piece(&mut rig, false);
    assert_eq!(told(&rig), Some(Tone::Attention));
    rig.host.wall = rig.host.wall.plus(Millis::from_mins(30));
    rig.feed(Input::Tick);
    assert_eq!(told(&rig), Some(Tone::Attention), "no card depends on it");
    piece(&mut rig, true);
    assert_eq!(told(&rig), None);
    piece(&mut rig, false);
    let off = r#"{"organization":"acme","clientId":"c","keepRecording":"off"}"#.to_owned();
    rig.feed(Input::Command(CommandId(9), Request::Save { text: off, check_only: false }));
    let (id, ..) = rig.host.saves.remove(0);
    rig.feed(Input::SettingsStored(id, Ok(())));
    assert_eq!(told(&rig), None, "nobody records any more");
}
