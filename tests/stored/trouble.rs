//! Trouble that lasts.

use cuewire::model::diagnosis::{DiagnosisView, Tone};
use cuewire::model::time::Millis;
use cuewire::views::protocol::{Notice, Request};
use cuewire::views::status::State;

use crate::browser::{Browser, Records, Stored, status, wait};

const KILL_EACH: Millis = Millis::from_secs(30);

fn telling(settings: &str) -> Browser {
    Browser::start(Stored::set_up(&format!(r#","notify":true{settings}"#)))
}

/// The notifications about trouble: the code, or `over`.
fn told(browser: &Browser) -> Vec<&str> {
    let told = browser.notices.iter().filter_map(|notice| match notice {
        Notice::Trouble { diagnosis } => Some(&*diagnosis.code),
        Notice::TroubleOver => Some("over"),
        Notice::Triggers { .. } => None,
    });
    told.collect()
}

fn shown(browser: &Browser) -> DiagnosisView {
    browser.pipeline().status().diagnosis.expect("something is wrong")
}

fn state(browser: &Browser) -> State {
    browser.pipeline().status().state
}

/// As time passes for a worker that is killed again and again.
fn pass_killed(browser: &mut Browser, span: Millis) {
    for _ in 0..span.0 / KILL_EACH.0 {
        browser.pass(KILL_EACH);
        browser.restart();
    }
}

/// Cards come due, one each 20 s, and other customers are calm.
fn pleas(browser: &mut Browser, span: Millis) {
    for _ in 0..span.0 / 20_000 {
        let id = format!("i-{}", browser.wall.0);
        browser.plea(&id, "Sales");
        for _ in 0..4 {
            browser.pass(Millis::from_secs(5));
            browser.hear(r#"{"id":"calm"}"#);
        }
    }
}

#[test]
fn a_stream_that_is_refused_for_minutes_needs_attention_and_is_told_once() {
    let mut browser = telling("");
    browser.refuses_stream = true;
    browser.drop_stream(1006);
    browser.pass(Millis::from_secs(90));
    assert_eq!((shown(&browser).tone, told(&browser)), (Tone::Attention, vec![]), "it may heal by itself");
    browser.pass(Millis::from_mins(60));
    assert_eq!((state(&browser), &*browser.badge.text), (State::NeedsAttention, "!"));
    assert_eq!((shown(&browser).tone, browser.badge.tone), (Tone::Danger, Tone::Danger));
    assert_eq!(told(&browser), ["streamRefused"]);
    let lasted = browser.wall.since(shown(&browser).since);
    assert!(lasted > Millis::from_mins(60), "it says since when: {lasted:?}");
}

#[test]
fn the_notification_goes_with_the_trouble_and_a_new_spell_is_told_again() {
    let mut browser = telling("");
    browser.refuses_stream = true;
    browser.drop_stream(1006);
    browser.pass(Millis::from_mins(10));
    browser.refuses_stream = false;
    browser.pass(Millis::from_mins(3));
    assert_eq!((state(&browser), told(&browser)), (State::Streaming, vec!["streamRefused", "over"]));
    browser.refuses_stream = true;
    browser.drop_stream(1006);
    browser.pass(Millis::from_mins(10));
    assert_eq!(told(&browser), ["streamRefused", "over", "streamRefused"]);
}

#[test]
fn a_worker_that_is_killed_each_30_s_tells_of_lasting_trouble_all_the_same_and_once() {
    let mut browser = telling("");
    browser.refuses_stream = true;
    browser.restart();
    pass_killed(&mut browser, Millis::from_mins(2));
    assert_eq!(told(&browser), Vec::<&str>::new());
    pass_killed(&mut browser, Millis::from_mins(30));
    browser.pass(Millis::from_secs(20));
    assert_eq!((state(&browser), told(&browser)), (State::NeedsAttention, vec!["streamRefused"]));
    browser.refuses_stream = false;
    browser.restart();
    pass_killed(&mut browser, Millis::from_mins(3));
    assert_eq!(told(&browser), ["streamRefused", "over"]);
}

#[test]
fn credentials_refused_for_seconds_need_attention_at_once_and_are_not_told() {
    let mut browser = telling("");
    browser.token_status = 401;
    browser.stored.token = None;
    browser.restart();
    assert_eq!((state(&browser), &*browser.badge.text), (State::NeedsAttention, "!"));
    browser.pass(Millis::from_secs(20));
    browser.token_status = 200;
    browser.pass(Millis::from_mins(10));
    assert_eq!((state(&browser), told(&browser)), (State::Streaming, vec![]));
    browser.token_status = 401;
    browser.stored.token = None;
    browser.restart();
    browser.pass(Millis::from_mins(3));
    assert_eq!(told(&browser), ["credentialsRejected"]);
}

#[test]
fn who_wants_no_notifications_gets_none_and_sees_the_badge() {
    let mut browser = Browser::start(Stored::set_up(""));
    browser.refuses_stream = true;
    browser.drop_stream(1006);
    browser.pass(Millis::from_mins(10));
    assert_eq!((&*browser.badge.text, browser.badge.tone, browser.notices.len()), ("!", Tone::Danger, 0));
}

#[test]
fn frames_that_nobody_understands_are_said_with_their_reason_until_they_are_understood() {
    let mut browser = telling("");
    for _ in 0..30 {
        browser.hear(r#"{"kind":"ping"}"#);
        browser.pass(Millis::from_secs(10));
    }
    assert_eq!(
        (shown(&browser).code.as_str(), shown(&browser).values),
        ("eventsNotUnderstood", vec!["missingId".to_owned()])
    );
    assert_eq!(
        (state(&browser), &*browser.badge.text, told(&browser)),
        (State::NeedsAttention, "!", vec!["eventsNotUnderstood"])
    );
    for _ in 0..10 {
        browser.hear(r#"{"id":"i-1"}"#);
    }
    assert_eq!((state(&browser), browser.wrong()), (State::Streaming, vec![]));
    assert_eq!((&*browser.badge.text, browser.badge.tone), ("", Tone::Calm));
    browser.pass(Millis::from_mins(1));
    assert_eq!(told(&browser), ["eventsNotUnderstood", "over"]);
}

#[test]
fn frames_that_nobody_understands_are_told_although_the_worker_is_killed_each_30_s() {
    let mut browser = telling("");
    for _ in 0..20 {
        for _ in 0..3 {
            browser.hear("no event");
            browser.pass(Millis::from_secs(10));
        }
        browser.restart();
    }
    assert_eq!((state(&browser), told(&browser)), (State::NeedsAttention, vec!["eventsNotUnderstood"]));
}

#[test]
fn a_secret_that_is_gone_is_told_once_in_a_session_of_the_browser() {
    let mut browser = telling("");
    browser.stored.secret = None;
    browser.restart();
    assert_eq!((state(&browser), told(&browser)), (State::NeedsAttention, vec!["secretMissing"]));
    browser.restart();
    browser.pass(Millis::from_mins(60));
    assert_eq!(told(&browser), ["secretMissing"]);
    browser.stored.vitals = None;
    browser.restart();
    assert_eq!(told(&browser), ["secretMissing"; 2], "the browser was closed in between");
}

#[test]
fn settings_that_cannot_be_read_are_told_where_they_asked_for_it() {
    for (notify, expected) in [("true", vec!["settingsUnreadable"]), ("false", vec![])] {
        let mut stored = Stored::set_up("");
        stored.settings = Some(format!(r#"{{"organization":"acme", "notify": {notify}, "clientId":"#));
        let browser = Browser::start(stored);
        assert_eq!((state(&browser), &*browser.badge.text), (State::NeedsAttention, "!"));
        assert_eq!(told(&browser), expected, "notify: {notify}");
    }
}

#[test]
fn cards_that_keep_expiring_need_attention_until_cards_go_through_again() {
    let mut browser = telling(r#","cardTtlMinutes":0.5"#);
    browser.silent = true;
    pleas(&mut browser, Millis::from_mins(8));
    let expired = |browser: &Browser| {
        let all = browser.pipeline().status().diagnoses;
        all.into_iter().find(|wrong| wrong.code == "cardExpired").map(|wrong| wrong.tone)
    };
    assert_eq!((state(&browser), expired(&browser)), (State::NeedsAttention, Some(Tone::Danger)));
    browser.silent = false;
    while !browser.open.is_empty() {
        browser.answer();
    }
    pleas(&mut browser, Millis::from_mins(4));
    assert_eq!((state(&browser), expired(&browser)), (State::Streaming, None));
}

#[test]
fn one_card_that_expired_is_shown_for_a_while_and_told_to_nobody() {
    let mut browser = telling(r#","cardTtlMinutes":0.5"#);
    browser.answers.extend([status(503), status(503), status(503), status(503), status(503), status(503)]);
    browser.plea("i-1", "Sales");
    browser.pass(Millis::from_secs(40));
    assert_eq!((&*shown(&browser).code, shown(&browser).tone), ("cardExpired", Tone::Attention));
    browser.answers.clear();
    pleas(&mut browser, Millis::from_mins(2));
    assert_eq!((browser.wrong(), told(&browser)), (vec![], vec![]));
}

#[test]
fn a_rate_limit_that_lets_cards_through_is_no_danger_however_long_it_lasts() {
    let mut browser = telling("");
    for _ in 0..40 {
        browser.answers.push_back(wait(429, 20));
        pleas(&mut browser, Millis::from_mins(1));
        assert_eq!(state(&browser), State::Streaming);
    }
    assert_eq!(told(&browser), Vec::<&str>::new());
}

#[test]
fn a_rate_limit_that_lets_no_card_through_for_minutes_is_told() {
    let mut browser = telling("");
    browser.answers.push_back(wait(429, 1_800));
    pleas(&mut browser, Millis::from_mins(6));
    assert_eq!(told(&browser), ["rateLimited"], "{:?}", browser.wrong());
}

#[test]
fn nothing_gets_worse_while_a_person_has_paused_everything() {
    let mut browser = telling("");
    browser.token_status = 503;
    browser.stored.token = None;
    browser.restart();
    browser.pass(Millis::from_secs(30));
    browser.ask(Request::Pause { scope: None, minutes: None, note: None });
    browser.pass(Millis::from_mins(60));
    assert_eq!((state(&browser), told(&browser)), (State::Paused { until: None }, vec![]));
    assert_eq!((&*browser.badge.text, browser.badge.tone), ("II", Tone::Attention));
    assert_eq!(browser.pipeline().next_deadline(), None, "nothing is due");
    browser.ask(Request::Resume { scope: None });
    browser.pass(Millis::from_mins(3));
    assert_eq!(told(&browser), ["tokenUnavailable"]);
}

#[test]
fn lasting_trouble_gets_no_younger_by_a_worker_that_starts_during_a_pause() {
    let mut browser = telling("");
    for _ in 0..30 {
        browser.hear("no event");
        browser.pass(Millis::from_secs(10));
    }
    assert_eq!(shown(&browser).tone, Tone::Danger);
    browser.ask(Request::Pause { scope: None, minutes: Some(5), note: None });
    browser.pass(Millis::from_mins(4));
    browser.restart();
    browser.pass(Millis::from_secs(90));
    assert_eq!((state(&browser), shown(&browser).tone), (State::NeedsAttention, Tone::Danger), "the pause is over");
    assert_eq!(told(&browser), ["eventsNotUnderstood"], "and it is the same trouble");
}

#[test]
fn clearing_everything_takes_the_notification_back() {
    let mut browser = telling("");
    browser.refuses_stream = true;
    browser.drop_stream(1006);
    browser.pass(Millis::from_mins(10));
    browser.ask(Request::Clear);
    assert_eq!((state(&browser), told(&browser)), (State::NotSetUp, vec!["streamRefused", "over"]));
}

#[test]
fn a_day_without_trouble_writes_nothing_about_trouble() {
    let mut browser = telling("");
    browser.plea("i-1", "Sales");
    browser.pass(Millis::from_mins(30));
    let vitals = browser.stored.vitals.clone().unwrap();
    assert!(!vitals.contains("trouble") && !vitals.contains("frames"), "{vitals}");
    assert_eq!(told(&browser), Vec::<&str>::new());
}

#[test]
fn the_figures_of_a_span_begin_with_it() {
    let mut browser = Browser::start(Stored::set_up(""));
    browser.plea("i-1", "Sales");
    browser.plea("i-2", "Sales");
    let begun = browser.wall;
    browser.pass(Millis::from_secs(20));
    browser.restart();
    let session = browser.pipeline().status();
    assert_eq!((session.counted.since, session.counted.triggers, session.counted.delivered), (begun, 2, 2));
    assert_eq!((session.events, session.triggers), (2, 2));
    browser.stored.vitals = None; // The browser is closed and opened again.
    browser.restart();
    browser.plea("i-3", "Sales");
    let next = browser.pipeline().status();
    assert_eq!((next.counted.since, next.counted.triggers, next.counted.delivered), (browser.wall, 1, 1));
    assert_eq!((next.events, next.triggers, next.delivered), (1, 3, 3));
}
