//! Times in which polls were not answered: gaps, and never silence.

use super::*;
use crate::model::history::{Gap, GapCause};

impl Worker {
    /// Answers every poll for so long: well, or with this status.
    fn goes_on(&mut self, span: Millis, status: Option<u16>) {
        let end = self.host.wall.plus(span);
        loop {
            while let Some((id, _)) = self.host.commits.pop() {
                self.feed(Input::Committed(id));
            }
            match (self.host.polls.is_empty(), status) {
                (false, None) => drop(self.serve_one("", "", "")),
                (false, Some(status)) => drop(self.answer(status, "")),
                (true, _) => {
                    let due = self.host.due.expect("a poll is due");
                    if due > end {
                        break;
                    }
                    self.host.wall = self.host.wall.max(due);
                    self.feed(Input::Tick);
                }
            }
        }
        self.host.wall = end;
        self.feed(Input::Tick);
    }

    fn gaps(&self) -> Vec<Gap> {
        self.runner.pipeline().status().gaps
    }
}

const MINUTE: Millis = Millis::from_mins(1);

#[test]
fn polls_that_fail_for_long_are_a_gap_from_the_last_answer_until_they_are_answered_again() {
    let mut worker = Worker::watching();
    worker.goes_on(Millis::from_mins(3), None);
    assert_eq!(worker.gaps(), []);
    let (failing, before) = (worker.host.wall, worker.host.recording.len());
    worker.goes_on(Millis::from_secs(30), Some(503));
    assert_eq!(worker.gaps(), [], "what fails for a moment comes a moment later");
    worker.goes_on(MINUTE, Some(503));
    let [Gap { from, until: None, cause: GapCause::Silent }] = worker.gaps()[..] else { panic!("{:?}", worker.gaps()) };
    assert!(from.0.abs_diff(failing.0) <= 30_000, "{from:?} {failing:?}");
    assert!(worker.host.recording.len() > before, "what was heard until then is stored");
    let (_, chunk) = worker.host.recording.last_key_value().expect("a chunk");
    let until = crate::recording::read(chunk).expect("it is whole").until;
    assert!(until <= from, "no chunk covers the gap: {until:?} {from:?}");
    worker.goes_on(Millis::from_mins(3), None);
    let [Gap { until: Some(until), .. }] = worker.gaps()[..] else { panic!("{:?}", worker.gaps()) };
    assert!(until > failing.plus(MINUTE));
    let status = worker.runner.pipeline().status();
    assert_eq!(status.state, State::Watching, "{:?}", status.diagnoses);
}

#[test]
fn a_machine_that_slept_did_not_hear_although_the_first_answer_comes_at_once() {
    let mut worker = Worker::watching();
    worker.goes_on(MINUTE, None);
    worker.wait_for_a_poll();
    let asleep = worker.host.wall;
    worker.host.wall = asleep.plus(Millis::from_mins(30));
    worker.serve("", "", "");
    worker.goes_on(MINUTE, None);
    let [Gap { from, until: Some(until), cause: GapCause::Silent }] = worker.gaps()[..] else {
        panic!("{:?}", worker.gaps())
    };
    assert!(asleep.since(from) <= Millis::from_secs(30) && until.since(asleep) >= Millis::from_mins(30));
}

#[test]
fn a_worker_that_was_ended_while_it_watched_leaves_a_gap() {
    let mut worker = Worker::watching();
    worker.goes_on(MINUTE, None);
    let ended = worker.host.wall;
    let settings = r#"{"service":"published","clientId":"c","serviceAddress":"https://acme.cxone.com"}"#;
    worker.host.stored.settings = Some(settings.to_owned());
    worker.host.wall = ended.plus(Millis::from_mins(5));
    worker.start(ACME);
    worker.goes_on(MINUTE, None);
    let [Gap { from, until: Some(until), cause: GapCause::Restart }] = worker.gaps()[..] else {
        panic!("{:?}", worker.gaps())
    };
    assert!(ended.since(from) <= Millis::from_secs(10) && until.since(ended) >= Millis::from_mins(5));
}

#[test]
fn a_pause_is_a_gap_of_a_person() {
    let mut worker = Worker::watching();
    worker.goes_on(MINUTE, None);
    worker.feed(Input::Command(CommandId(7), Request::Pause { scope: None, minutes: Some(5), note: None }));
    let [Gap { until: None, cause: GapCause::Person, .. }] = worker.gaps()[..] else { panic!("{:?}", worker.gaps()) };
    assert!(worker.host.polls.is_empty());
}

#[test]
fn what_failed_before_nothing_needed_it_any_more_does_not_count_once_it_is_needed_again() {
    let mut worker = Worker::watching();
    let case = |count: u32| format!(r#"{{"id":"c-1","contactId":502,"inboundCount":{count}}}"#);
    let goes_on = |worker: &mut Worker, count: u32, status: u16| {
        let end = worker.host.wall.plus(MINUTE);
        while worker.host.wall < end {
            worker.wait_for_a_poll();
            match worker.host.polls[0].1.url.ends_with("/messages") {
                true if status != 200 => drop(worker.answer(status, "")),
                _ => drop(worker.serve_one("", "", &case(count))),
            }
            assert!(worker.runner.pipeline().is_hearing(worker.host.wall), "{count} {status}");
        }
    };
    worker.serve("", "", &case(1));
    goes_on(&mut worker, 2, 404);
    goes_on(&mut worker, 2, 200);
    goes_on(&mut worker, 3, 200);
}
