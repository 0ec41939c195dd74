//! Another service through the whole pipeline: the seam carries a GET, a poll and a frame to send.

use super::*;
use crate::model::address::ServiceKind;
use crate::model::http::{Method, Secret};
use crate::settings;

/// A worker that speaks the double. Its key is given, and its socket opens.
struct Worker {
    runner: Runner,
    host: Memory,
}

impl Worker {
    fn listening() -> Worker {
        let host = Memory { wall: Millis(1_771_320_600_000), ..Memory::default() };
        let mut worker = Worker { runner: Runner::default(), host };
        worker.feed(Input::Started(Stored::default().start(1)));
        let settings = settings::parse(ACME, false).expect("they are whole").settings;
        worker.runner.pipeline_mut().use_profile(settings.speaking(ServiceKind::Double), Secret("s".to_owned()));
        worker.feed(Input::Tick);
        worker.sign_in();
        worker
    }

    fn feed(&mut self, input: Input<'_>) {
        self.runner.feed(input, &mut self.host);
    }

    /// The key is given, and the socket opens.
    fn sign_in(&mut self) {
        let (id, request) = self.host.tokens.pop().expect("a key is asked for");
        assert_eq!((&*request.url, &*request.body), ("https://acme.cxone.com/key", "c s"));
        self.answer(id, 200, "k-1");
        self.open();
    }

    /// The socket that is opening opens.
    fn open(&mut self) {
        if let Some((conn, _)) = self.host.opening.pop() {
            self.feed(Input::StreamOpened(conn));
        }
    }

    fn answer(&mut self, id: RequestId, status: u16, body: &str) {
        let answer = Answer { status, body: body.to_owned(), ..Answer::default() };
        self.feed(Input::HttpDone(id, Outcome::Answer(answer)));
    }

    /// Answers the poll under way.
    fn answer_poll(&mut self, status: u16, body: &str) {
        let (id, request) = self.host.polls.pop().expect("a poll is under way");
        assert_eq!((request.method, &*request.url), (Method::Get, "https://acme.cxone.com/calls"));
        assert_eq!((&*request.headers, &*request.body), (&[("X-Key", "k-1".to_owned())][..], ""));
        self.answer(id, status, body);
    }

    /// The seconds until the next poll, at most an hour.
    fn seconds_to_poll(&mut self) -> u64 {
        let from = self.host.wall;
        while self.host.polls.is_empty() {
            self.host.wall = self.host.wall.max(self.host.due.expect("a poll is due"));
            assert!(self.host.wall.since(from) < Millis::from_mins(60), "no poll for an hour");
            self.feed(Input::Tick);
            self.open(); // Its stream says nothing, and is replaced.
        }
        self.host.wall.since(from).0 / 1_000
    }
}

#[test]
fn a_service_that_waits_for_a_frame_is_sent_one_when_its_socket_opens() {
    let mut worker = Worker::listening();
    let conn = worker.host.sockets[0];
    assert_eq!(worker.host.sent, [(conn, Secret("hello k-1".to_owned()))]);
    worker.feed(Input::Frame(conn, b"welcome"));
    worker.feed(Input::Frame(conn, b"i-1 5"));
    worker.feed(Input::Frame(conn, b"?"));
    let status = worker.runner.pipeline().status();
    let rejected = status.rejected.iter().map(|count| (&*count.name, count.count)).collect::<Vec<_>>();
    assert_eq!((status.events, rejected), (1, vec![("wrongShape", 1)]), "an answer to the greeting is neither");
}

#[test]
fn what_a_poll_hears_has_its_card_at_the_address_of_its_service() {
    let mut worker = Worker::listening();
    worker.answer_poll(200, "i-1 125000\ni-2 5");
    while let Some((id, _)) = worker.host.commits.pop() {
        worker.feed(Input::Committed(id));
    }
    let (_, card) = worker.host.posts.pop().expect("a card is sent");
    assert_eq!((card.method, &*card.url), (Method::Post, "https://acme.cxone.com/notes/i-1"));
    assert_eq!(worker.runner.pipeline().status().events, 2);
}

#[test]
fn a_poll_is_repeated_at_its_own_pace_also_where_nothing_is_new() {
    let mut worker = Worker::listening();
    for (status, body) in [(200, "i-1 5"), (304, ""), (200, "")] {
        worker.answer_poll(status, body);
        assert_eq!(worker.seconds_to_poll(), 10, "after {status}");
    }
    worker.host.wall = worker.host.wall.plus(Millis::from_secs(4));
    worker.answer_poll(200, "");
    assert_eq!(worker.seconds_to_poll(), 6, "counted from the request");
}

#[test]
fn polls_back_off_from_a_server_in_trouble_and_wait_as_long_as_they_are_told() {
    let mut worker = Worker::listening();
    let mut waits = Vec::new();
    for _ in 0..9 {
        worker.answer_poll(503, "");
        waits.push(worker.seconds_to_poll());
    }
    assert!(waits.is_sorted_by(|one, other| one <= other || *one >= 120), "{waits:?}");
    assert!(waits[0] == 10 && (120..=180).contains(&waits[8]), "{waits:?}");
    let (id, _) = worker.host.polls.pop().expect("a poll is under way");
    let told = Answer { status: 429, retry_after: Some("600".to_owned()), ..Answer::default() };
    worker.feed(Input::HttpDone(id, Outcome::Answer(told)));
    worker.feed(Input::Command(CommandId(1), Request::Cards { action: CardAction::TryAgain, card: None }));
    assert_eq!(worker.seconds_to_poll(), 600, "a person who tries again does not end the wait");
}

#[test]
fn a_poll_that_hangs_is_given_up_and_asked_again() {
    let mut worker = Worker::listening();
    let (id, _) = worker.host.polls.pop().expect("a poll is under way");
    assert_eq!(worker.seconds_to_poll(), 25, "15 s until it is given up, and 10 s");
    assert!(worker.host.effects.contains(&Effect::Abort(id)));
    worker.answer(id, 200, "i-1 5");
    assert_eq!(worker.runner.pipeline().status().events, 0, "an answer under an old id is ignored");
}

#[test]
fn a_poll_whose_key_ended_asks_once_with_a_fresh_one() {
    let mut worker = Worker::listening();
    worker.host.wall = worker.host.wall.plus(Millis::from_secs(2));
    worker.answer_poll(401, "");
    worker.sign_in();
    worker.answer_poll(401, "");
    assert!(worker.host.tokens.is_empty() && worker.host.polls.is_empty(), "a second 401 backs off");
}

#[test]
fn a_pause_stops_the_polls_and_its_end_resumes_them() {
    let mut worker = Worker::listening();
    let pause = Request::Pause { scope: None, minutes: None, note: None };
    worker.feed(Input::Command(CommandId(1), pause));
    assert!(worker.host.polls.is_empty(), "the poll under way is aborted");
    while let Some((id, _)) = worker.host.commits.pop() {
        worker.feed(Input::Committed(id));
    }
    assert_eq!(worker.host.due, None, "nothing is due");
    worker.feed(Input::Command(CommandId(2), Request::Resume { scope: None }));
    assert_eq!(worker.seconds_to_poll(), 0);
}
