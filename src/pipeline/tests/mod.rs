//! What fuzzing and the simulation found.

mod secret;

use super::*;
use crate::model::ask::{CommitId, RequestId, SocketId};
use crate::model::diagnosis::Tone;
use crate::model::fingerprint::Fingerprint;
use crate::model::history::Trigger;
use crate::model::http::{Answer, Outcome};
use crate::pipeline::effect::Effect;
use crate::pipeline::input::Start;
use crate::views::protocol::Request;

/// What a worker reads that has a secret and nothing else.
fn start() -> Start {
    Start {
        journal: Ok(Vec::new()),
        marker: false,
        settings: None,
        secret: Some("s".to_owned()),
        token: None,
        vitals: None,
        seed: 1,
        loopback_allowed: false,
    }
}

/// A running pipeline and its clock.
struct Rig {
    pipeline: Pipeline,
    wall: Millis,
    conn: Option<SocketId>,
    /// Whether the server gives tokens.
    answers: bool,
    /// Everything that was to be done so far.
    effects: Vec<Effect>,
}

impl Rig {
    /// Streams, with these settings.
    fn streaming(settings: &str) -> Rig {
        Rig::started(settings, Ok(Vec::new()))
    }

    fn started(settings: &str, journal: Result<Vec<(String, String)>, String>) -> Rig {
        let settings = Some(format!(r#"{{"organization":"acme","clientId":"c",{settings}}}"#));
        let start = Start { journal, settings, ..start() };
        let mut rig = Rig {
            pipeline: Pipeline::new(),
            wall: Millis(1_771_320_600_000),
            conn: None,
            answers: true,
            effects: Vec::new(),
        };
        rig.feed(Input::Started(Box::new(start)));
        rig
    }

    /// Feeds one input; tokens are given and sockets open.
    fn feed(&mut self, input: Input<'_>) {
        let mut effects = Effects::default();
        self.pipeline.handle(self.wall, input, &mut effects);
        let effects: Vec<Effect> = effects.drain().collect();
        self.effects.extend(effects.iter().cloned());
        for effect in effects {
            match effect {
                Effect::RequestToken { id, .. } if self.answers => self.answer(id, r#"{"access_token":"t"}"#),
                Effect::OpenStream { conn, .. } => {
                    self.conn = Some(conn);
                    self.feed(Input::StreamOpened(conn));
                }
                _ => {}
            }
        }
    }

    fn answer(&mut self, id: RequestId, body: &str) {
        let answer = Answer { status: 200, body: body.to_owned(), ..Answer::default() };
        self.feed(Input::HttpDone(id, Outcome::Answer(answer)));
    }

    fn frame(&mut self, frame: &str) {
        self.feed(Input::Frame(self.conn.expect("it streams"), frame.as_bytes()));
    }

    /// Goes on to the next deadline; fails where that is due still after a few ticks.
    fn tick(&mut self) {
        self.wall = self.wall.max(self.pipeline.next_deadline().expect("something is due some time"));
        for _ in 0..4 {
            self.feed(Input::Tick);
            if self.pipeline.next_deadline().is_none_or(|at| at > self.wall) {
                return;
            }
        }
        panic!("it spins");
    }
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
fn a_second_clear_holds_although_the_first_one_failed() {
    let mut rig = Rig::streaming(r#""dryRun":true"#);
    rig.feed(Input::Command(CommandId(1), Request::Clear));
    rig.feed(Input::Command(CommandId(2), Request::Clear));
    rig.feed(Input::SettingsStored(CommandId(1), Err("no".to_owned())));
    assert!(rig.pipeline.profile.is_none(), "what is to be cleared came into force again");
    rig.feed(Input::SettingsStored(CommandId(2), Ok(())));
    assert!(rig.pipeline.profile.is_none());
}

#[test]
fn two_clears_that_fail_leave_what_was_in_force() {
    let mut rig = Rig::streaming(r#""dryRun":true"#);
    rig.feed(Input::Command(CommandId(1), Request::Clear));
    rig.feed(Input::Command(CommandId(2), Request::Clear));
    for id in [1, 2] {
        rig.feed(Input::SettingsStored(CommandId(id), Err("no".to_owned())));
    }
    assert!(rig.pipeline.profile.as_ref().is_some_and(|profile| profile.settings.dry_run));
}

#[test]
fn something_is_due_while_settings_are_being_stored() {
    let mut rig = Rig::started(r#""dryRun":true"#, Ok(Vec::new()));
    rig.feed(Input::Command(CommandId(1), Request::Pause { scope: None, minutes: None, note: None }));
    for id in 1..10 {
        rig.feed(Input::Committed(CommitId(id)));
    }
    assert_eq!(rig.pipeline.next_deadline(), None, "paused, and nothing is due");
    let text = r#"{"organization":"acme","clientId":"c","dryRun":false}"#.to_owned();
    rig.feed(Input::Command(CommandId(2), Request::Save { text, check_only: false }));
    assert!(rig.pipeline.next_deadline().is_some_and(|due| due > rig.wall));
}

#[test]
fn settings_that_came_into_force_while_everything_was_read_are_not_undone_by_what_was_read() {
    let mut rig = Rig::started(r#""dryRun":true"#, Err("unreadable".to_owned()));
    rig.tick();
    let text = r#"{"organization":"bravo","clientId":"c","clientSecret":"s"}"#.to_owned();
    rig.feed(Input::Command(CommandId(1), Request::Save { text, check_only: false }));
    rig.feed(Input::SettingsStored(CommandId(1), Ok(())));
    let old = r#"{"organization":"acme","clientId":"c"}"#.to_owned();
    let start = Start { journal: Ok(Vec::new()), settings: Some(old), ..start() };
    rig.feed(Input::Started(Box::new(start)));
    assert_eq!(rig.pipeline.status().organization, "bravo.cxone.com");
}

#[test]
fn what_quiet_hours_kept_back_is_due_once_they_are_over() {
    let mut rig = Rig::streaming(r#""quietHoursFrom":"09:00","quietHoursTo":"10:00""#);
    assert_eq!(rig.wall, Millis(1_771_320_600_000), "09:30 UTC");
    let frame = r#"{"id":"i-1","sentiment":{"score":-0.9}}"#;
    rig.frame(frame);
    rig.frame(frame);
    assert_eq!((rig.pipeline.status().suppressed, rig.pipeline.status().triggers), (1, 0), "told once");
    let over = rig.wall.plus(Millis::from_mins(31));
    while rig.wall < over {
        rig.tick();
    }
    for _ in 0..2 {
        rig.frame(frame);
    }
    assert_eq!((rig.pipeline.status().suppressed, rig.pipeline.status().triggers), (1, 1), "and due once");
}

/// As [`Rig::feed`], and gives the effects; commits are durable at once.
fn effects_of(rig: &mut Rig, input: Input<'_>) -> Vec<Effect> {
    let mut effects = Effects::default();
    rig.pipeline.handle(rig.wall, input, &mut effects);
    let effects: Vec<Effect> = effects.drain().collect();
    let mut all = Vec::new();
    for effect in effects {
        if let Effect::Commit { id, .. } = effect {
            all.extend(effects_of(rig, Input::Committed(id)));
        }
        all.push(effect);
    }
    all
}

fn reloads(effects: &[Effect]) -> bool {
    effects.contains(&Effect::Reload)
}

#[test]
fn an_update_waits_until_nothing_is_in_flight_or_being_written() {
    let mut rig = Rig::started(r#""dryRun":false"#, Ok(Vec::new()));
    for id in 1..5 {
        rig.feed(Input::Committed(CommitId(id)));
    }
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
    rig.wall = rig.wall.plus(Millis::from_secs(1));
    after = effects_of(&mut rig, Input::Tick);
    assert!(reloads(&after), "{after:?}");
    assert!(!reloads(&effects_of(&mut rig, Input::Tick)), "asked for once");
}

#[test]
fn an_update_waits_no_longer_than_an_hour() {
    let mut rig = Rig::streaming(r#""dryRun":true"#);
    rig.feed(Input::PagesOpen(1));
    assert!(!reloads(&effects_of(&mut rig, Input::UpdateAvailable)), "somebody looks");
    let due = rig.wall.plus(Millis::from_mins(60));
    assert!(rig.pipeline.next_deadline().is_some_and(|at| at <= due));
    rig.wall = due;
    assert!(reloads(&effects_of(&mut rig, Input::Tick)));
    assert!(!reloads(&effects_of(&mut rig, Input::Tick)), "and is not asked for again at once");
}

#[test]
fn a_pause_in_which_the_worker_died_is_no_outage() {
    let pause = Request::Pause { scope: None, minutes: Some(60), note: None };
    let mut rig = Rig::streaming(r#""dryRun":true"#);
    for id in 1..5 {
        rig.feed(Input::Committed(CommitId(id)));
    }
    let vitals = rig.pipeline.vitals(rig.wall);
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
    let settings = Some(r#"{"organization":"acme","clientId":"c","dryRun":true}"#.to_owned());
    let start = Start { journal: Ok(records), settings, vitals: Some(vitals), marker: true, ..start() };
    rig.pipeline = Pipeline::new();
    rig.wall = rig.wall.plus(Millis::from_mins(30));
    rig.feed(Input::Started(Box::new(start)));
    let status = rig.pipeline.status();
    assert_eq!(status.diagnoses.len(), 0, "{:?}", status.diagnoses);
    assert!(status.gaps.iter().all(|gap| gap.cause == crate::model::history::GapCause::Person), "{:?}", status.gaps);
    assert_eq!(status.gaps.len(), 1);
}

/// Feeds a frame, commits what the pipeline asks for, and answers each post with this status. Counts the posts.
fn posts_of(rig: &mut Rig, frame: &str, status: u16) -> usize {
    let mut effects = Effects::default();
    let conn = rig.conn.expect("it streams");
    rig.pipeline.handle(rig.wall, Input::Frame(conn, frame.as_bytes()), &mut effects);
    let mut posts = 0;
    while !effects.is_empty() {
        let round: Vec<Effect> = effects.drain().collect();
        for effect in round {
            match effect {
                Effect::Commit { id, .. } => rig.pipeline.handle(rig.wall, Input::Committed(id), &mut effects),
                Effect::PostCard { id, .. } => {
                    posts += 1;
                    let answer = Answer { status, ..Answer::default() };
                    let outcome = Outcome::Answer(answer);
                    rig.pipeline.handle(rig.wall, Input::HttpDone(id, outcome), &mut effects);
                }
                _ => {}
            }
        }
    }
    posts
}

#[test]
fn a_card_that_the_disposition_itself_triggered_counts_as_ended_after_its_first_try() {
    let frame = r#"{"id":"i-1","type":"disposition","sentiment":{"score":-0.9}}"#;
    for (ends, given_up) in [(true, 1), (false, 0)] {
        let mut rig = Rig::streaming(&format!(r#""endAtDisposition":{ends}"#));
        for id in 1..10 {
            rig.feed(Input::Committed(CommitId(id)));
        }
        assert_eq!(posts_of(&mut rig, frame, 503), 1, "the first try is made in any case");
        let status = rig.pipeline.status();
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
        "trigger": Trigger::default(),
    });
    let key = format!("card/{}/long-wait", Fingerprint::of(&interaction));
    (key, crate::journal::encode(&record))
}

#[test]
fn a_queue_of_cards_that_is_full_is_shown_with_the_trigger_that_finds_it_so() {
    let at = Millis(1_771_320_600_000);
    let cards = (0..crate::delivery::outbox::LIMIT).map(|number| stored_card(number, at)).collect();
    let mut rig = Rig::started(r#""sentimentThreshold":-0.5"#, Ok(cards));
    rig.wall = rig.wall.plus(Millis::from_secs(1));
    rig.feed(Input::Tick);
    assert_eq!(rig.pipeline.toolbar.shown().text, "999+");
    rig.frame(r#"{"id":"one-more","sentiment":{"score":-0.9}}"#);
    let badge = rig.pipeline.toolbar.shown();
    assert_eq!((&*badge.text, badge.tone), ("!", Tone::Danger));
}
