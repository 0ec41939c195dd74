//! Records that a newer version has written.

use cuewire::journal::VERSION;
use cuewire::model::ask::{CommitFailure, CommitId, RequestId, SocketId};
use cuewire::model::http::{Answer, Failure, Outcome};
use cuewire::model::scope::Scope;
use cuewire::model::time::Millis;
use cuewire::pipeline::input::Input;
use cuewire::views::protocol::{CardAction, Reply, Request};
use cuewire::views::status::State;

use crate::browser::{Browser, Stored};
use crate::versions::past;
use crate::words::words;

/// The record as a newer version may write it: another version, another shape, a right checksum.
fn newer(text: &str) -> String {
    let json = format!(r#"{{"wrapped":{}}}"#, text.splitn(3, ':').nth(2).unwrap());
    let version = VERSION + 1;
    format!("{version}:{:08x}:{json}", crc32fast::hash(format!("{version}:{json}").as_bytes()))
}

/// A day's records, of which those whose key starts so are of a newer version.
fn upgraded(prefix: &str) -> (Stored, Millis) {
    let day = past::day();
    let mut stored = day.host.stored;
    for (key, text) in &mut stored.journal {
        if key.starts_with(prefix) && !key.starts_with("aside/") {
            *text = newer(text);
        }
    }
    (stored, day.host.wall)
}

/// Everything that can happen but for *Clear all data*.
fn live_on(browser: &mut Browser) {
    let settings = r#"{"organization":"acme","clientId":"supervisor","clientSecret":"new"}"#.to_owned();
    let requests = [
        Request::Status,
        Request::Dashboard,
        Request::Settings,
        Request::Save { text: settings.clone(), check_only: true },
        Request::Save { text: settings.clone(), check_only: false },
        Request::Save { text: settings.replace("acme", "other"), check_only: false },
        Request::Pause { scope: None, minutes: Some(1), note: None },
        Request::Pause { scope: Some(Scope::Queue("Billing".to_owned())), minutes: None, note: None },
        Request::Resume { scope: None },
        Request::Cards { action: CardAction::TryAgain, card: None },
        Request::Cards { action: CardAction::Drop, card: None },
        Request::Test { text: settings, interaction: None },
    ];
    for request in requests {
        browser.ask(request);
        browser.pass(Millis::from_mins(1));
    }
    let id = 1;
    for input in [
        Input::Tick,
        Input::OnlineChanged(true),
        Input::LocalOffset(60),
        Input::PagesOpen(1),
        Input::StreamOpened(SocketId::Stream(id)),
        Input::Frame(SocketId::Stream(id), br#"{"id":"i-new","sentiment":{"score":-0.9}}"#),
        Input::StreamClosed(SocketId::Stream(id), 1006),
        Input::HttpDone(RequestId::Card(id), Outcome::Answer(Answer { status: 201, ..Answer::default() })),
        Input::HttpDone(RequestId::Card(id), Outcome::Failed(Failure::Network)),
        Input::Committed(CommitId(id)),
        Input::CommitFailed(CommitId(id), CommitFailure::QuotaExceeded),
    ] {
        browser.feed(input);
    }
    browser.pass(Millis::from_mins(2 * 24 * 60));
    browser.restart();
    browser.pass(Millis::from_mins(10));
}

#[test]
fn what_a_newer_version_has_written_is_left_untouched_whatever_happens() {
    for prefix in ["card/", "fired/", "hold/", "pauses", "spent", "meta", ""] {
        let (stored, wall) = upgraded(prefix);
        let (journal, history) = (stored.journal.clone(), stored.history.clone());
        let mut browser = Browser::start_at(stored, wall);
        live_on(&mut browser);
        assert_eq!(browser.commits, 0, "{prefix}: nothing is written or removed");
        assert_eq!((&browser.stored.journal, &browser.stored.history), (&journal, &history));
        assert_eq!(browser.cards(), Vec::<&str>::new(), "{prefix}: what was sent before is not known");
    }
}

#[test]
fn a_newer_version_is_named_with_the_one_thing_to_do() {
    let (stored, wall) = upgraded("meta");
    let mut browser = Browser::start_at(stored, wall);
    for _ in 0..2 {
        assert_eq!(
            words(&browser.pipeline(), "storageNewer"),
            ["The stored data was written by a newer version (3).", "Update Cuewire."]
        );
        let status = browser.pipeline().status();
        assert_eq!(status.state, State::NeedsAttention);
        assert_eq!(status.diagnosis.map(|shown| shown.code).as_deref(), Some("storageNewer"), "the one that is shown");
        live_on(&mut browser);
    }
    let reply = browser.ask(Request::Pause { scope: None, minutes: None, note: None });
    assert_eq!(reply, Reply::Unusable);
}

#[test]
fn damage_beside_a_newer_record_is_not_set_aside_by_us() {
    let (mut stored, wall) = upgraded("spent");
    stored.journal.get_mut("pauses").unwrap().pop();
    let journal = stored.journal.clone();
    let mut browser = Browser::start_at(stored, wall);
    live_on(&mut browser);
    assert_eq!((browser.commits, &browser.stored.journal), (0, &journal));
}

#[test]
fn after_the_update_the_cards_go_out_once_each() {
    let (stored, wall) = upgraded("");
    let mut browser = Browser::start_at(stored, wall);
    browser.pass(Millis::from_secs(1));
    // The update reads what it wrote itself; here that is what we read.
    browser.stored = past::day().host.stored;
    browser.restart();
    browser.pass(Millis::from_mins(2));
    assert_eq!(browser.cards().len(), 3);
}

#[test]
fn a_person_who_clears_all_data_is_obeyed() {
    let (stored, wall) = upgraded("");
    let mut browser = Browser::start_at(stored, wall);
    browser.ask(Request::Clear);
    assert_eq!(browser.stored.history.len(), 0);
    assert_eq!(browser.stored.journal.keys().collect::<Vec<_>>(), ["meta", "open"]);
    assert_eq!((browser.wrong(), browser.pipeline().status().state), (vec![], State::NotSetUp));
}
