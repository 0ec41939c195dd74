//! The published service through the whole pipeline: no stream, polls in its place.

use super::*;
use crate::model::address::ServiceKind;
use crate::model::http::{Method, Secret};
use crate::settings;
use crate::views::status::State;

/// The token of an earlier worker, with what discovery found.
const TOKEN: &str = r#"{"value":"t-1","usableUntil":9999999999999,"service":"published https://acme.cxone.com",
    "client":"c","hosts":{"authorization":"https://sign.example/auth","token":"https://sign.example/token",
    "api":"https://api.example","digital":"https://digital.example","hub":null,"tenant":null}}"#;

/// A worker that speaks the published service and has a token.
struct Worker {
    runner: Runner,
    host: Memory,
}

impl Worker {
    fn watching() -> Worker {
        let host = Memory { wall: Millis(1_771_320_600_000), ..Memory::default() };
        let mut worker = Worker { runner: Runner::default(), host };
        worker.feed(Input::Started(Stored::default().start(1)));
        let settings = settings::parse(ACME, false).expect("they are whole").settings;
        let now = worker.host.wall;
        let mut pipeline = worker.runner.pipeline_mut();
        pipeline.use_profile(settings.speaking(ServiceKind::Published), Secret("s".to_owned()));
        let settings = pipeline.profile.as_ref().expect("it is in force").settings.clone();
        pipeline.session.restore(TOKEN, &settings, now);
        drop(pipeline);
        worker.feed(Input::Tick);
        worker
    }

    fn feed(&mut self, input: Input<'_>) {
        self.runner.feed(input, &mut self.host);
    }

    /// Answers the oldest poll under way and says what it asked.
    fn answer(&mut self, status: u16, body: &str) -> String {
        let (id, request) = self.host.polls.remove(0);
        assert_eq!((request.method, &*request.headers[0].1), (Method::Get, "Bearer t-1"));
        let answer = Answer { status, body: body.to_owned(), ..Answer::default() };
        self.feed(Input::HttpDone(id, Outcome::Answer(answer)));
        request.url
    }
}

#[test]
fn a_service_without_a_stream_opens_no_socket_and_is_watched_once_it_answers() {
    let mut worker = Worker::watching();
    assert!(worker.host.sockets.is_empty());
    assert_eq!(worker.runner.pipeline().status().state, State::Connecting);
    let url = worker.answer(200, r#"{"ServerTime":"2026-02-17T09:35:00.0000000Z"}"#);
    assert_eq!(url, "https://api.example/inContactAPI/services/v31.0/server-time");
    assert_eq!(worker.runner.pipeline().status().state, State::Watching);
    let poller = worker.runner.pipeline_mut().polling.take().expect("it polls");
    assert_eq!(poller.server_time(Millis(0)), Millis(300_000), "the server's clock is five minutes ahead");
}

#[test]
fn the_same_address_spoken_as_another_service_is_another_connection() {
    let settings = settings::parse(ACME, false).expect("they are whole").settings;
    let published = settings.clone().speaking(ServiceKind::Published);
    assert_eq!(settings.base().connection(), settings.base().http());
    assert_eq!(settings.base().http(), published.base().http());
    assert_ne!(settings.base().connection(), published.base().connection());
}
