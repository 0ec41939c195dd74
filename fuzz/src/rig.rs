//! A running pipeline, for targets that look at the effects of an input.

use cuewire::model::ask::RequestId;
use cuewire::model::http::{Answer, Outcome};
use cuewire::model::time::Millis;
use cuewire::pipeline::effect::Effect;
use cuewire::pipeline::input::{Input, Start};
use cuewire::shell::Runner;
use cuewire::shell::memory::Memory;

use crate::timed;

/// The client secret of every rig. It must turn up nowhere but in a token request.
pub const SECRET: &str = "hush/Hush+hush=1";

/// Settings that can run.
pub const SETTINGS: &str = r#"{"organization":"acme","clientId":"client"}"#;

/// When every rig starts.
pub const START: Millis = Millis(1_771_320_600_000);

/// The runner of every host, over a host in memory.
#[derive(Default)]
pub struct Rig {
    /// The runner.
    pub runner: Runner,
    /// Its host: the clock, the storage, and the requests that wait for an answer.
    pub host: Memory,
}

impl Rig {
    /// A pipeline that has been told nothing yet.
    pub fn new() -> Rig {
        Rig { host: Memory { wall: START, ..Memory::default() }, ..Rig::default() }
    }

    /// A pipeline that runs with an empty journal.
    pub fn started() -> Rig {
        let mut rig = Rig::new();
        rig.feed(Input::Started(Box::new(start(Vec::new()))));
        rig
    }

    /// Feeds one input.
    pub fn feed(&mut self, input: Input<'_>) {
        timed("handling an input", || self.runner.feed(input, &mut self.host));
    }

    /// Takes the effects since they were last taken.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.host.effects)
    }

    /// A request was answered with this status and body.
    pub fn answer(&mut self, id: RequestId, status: u16, body: &str) {
        let answer = Answer { status, body: body.to_owned(), ..Answer::default() };
        self.feed(Input::HttpDone(id, Outcome::Answer(answer)));
    }

    /// Gets a token and opens the stream.
    pub fn run_until_streaming(&mut self) {
        for _ in 0..8 {
            for effect in self.take_effects() {
                match effect {
                    Effect::RequestToken { id, .. } => self.answer(id, 200, r#"{"access_token":"t"}"#),
                    Effect::OpenStream { conn, .. } => self.feed(Input::StreamOpened(conn)),
                    Effect::Commit { id, .. } => self.feed(Input::Committed(id)),
                    _ => {}
                }
            }
        }
    }

    /// Storage commits what was asked for, and what follows from that.
    pub fn commit(&mut self) {
        let mut at = 0;
        while at < self.host.effects.len() {
            if let Effect::Commit { id, .. } = self.host.effects[at] {
                self.feed(Input::Committed(id));
            }
            at += 1;
            assert!(at < 10_000, "each commit asks for another");
        }
    }

    /// A frame comes over the open stream.
    pub fn frame(&mut self, bytes: &[u8]) {
        if let Some(conn) = self.host.sockets.last().copied() {
            self.feed(Input::Frame(conn, bytes));
        }
    }
}

/// A start with these journal records, complete settings and nothing else.
pub fn start(journal: Vec<(String, String)>) -> Start {
    Start {
        journal: Ok(journal),
        fired_later: false,
        marker: false,
        settings: Some(SETTINGS.to_owned()),
        secret: Some(SECRET.to_owned()),
        token: None,
        vitals: None,
        seed: 1,
        local_offset: 0,
        loopback_allowed: false,
    }
}
