//! The whole pipeline with a host in memory.

mod double;
mod evidence;
mod found;
mod groups;
mod handled;
mod holds;
mod log;
mod published;
mod rules;
mod secret;

use super::*;
use crate::model::ask::{RequestId, SocketId};
use crate::model::http::{Answer, Outcome};
use crate::pipeline::effect::Effect;
use crate::pipeline::input::Start;
use crate::shell::Runner;
use crate::shell::memory::{Memory, Stored};
use crate::views::protocol::{CardAction, Reply, Request};
use std::cell::Ref;

const ACME: &str = r#"{"organization":"acme","clientId":"c"}"#;

/// The start of a worker with these settings, a secret and nothing else.
fn start(settings: &str) -> Start {
    *Stored::with_settings(settings, "s").start(1)
}

/// A running pipeline and its host, in which sockets open.
struct Rig {
    runner: Runner,
    host: Memory,
    conn: Option<SocketId>,
    /// Whether the server gives tokens.
    answers: bool,
}

impl Rig {
    /// Streams, with these settings.
    fn streaming(settings: &str) -> Rig {
        Rig::started(settings, Ok(Vec::new()))
    }

    fn started(settings: &str, journal: Result<Vec<(String, String)>, String>) -> Rig {
        let start = Start { journal, ..start(&format!(r#"{{"organization":"acme","clientId":"c",{settings}}}"#)) };
        let host = Memory { wall: Millis(1_771_320_600_000), ..Memory::default() };
        let mut rig = Rig { runner: Runner::default(), host, conn: None, answers: true };
        rig.feed(Input::Started(Box::new(start)));
        rig
    }

    /// The worker is killed; the next one starts with this.
    fn restart(&mut self, start: Start) {
        self.runner = Runner::default();
        self.host.kill();
        self.host.effects.clear();
        self.feed(Input::Started(Box::new(start)));
    }

    fn pipeline(&self) -> Ref<'_, Pipeline> {
        self.runner.pipeline()
    }

    /// Feeds one input; tokens are given and sockets open.
    fn feed(&mut self, input: Input<'_>) {
        self.runner.feed(input, &mut self.host);
        if self.answers
            && let Some((id, _)) = self.host.tokens.pop()
        {
            self.answer(id, r#"{"access_token":"t"}"#);
        }
        if let Some((conn, _)) = self.host.opening.pop() {
            self.conn = Some(conn);
            self.feed(Input::StreamOpened(conn));
        }
    }

    /// Makes everything durable, one write after another.
    fn commit(&mut self) {
        while !self.host.commits.is_empty() {
            let (id, _) = self.host.commits.remove(0);
            self.feed(Input::Committed(id));
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
        self.host.wall = self.host.wall.max(self.host.due.expect("something is due some time"));
        for _ in 0..4 {
            self.feed(Input::Tick);
            if self.host.due.is_none_or(|at| at > self.host.wall) {
                return;
            }
        }
        panic!("it spins");
    }
}
