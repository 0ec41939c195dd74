//! A running pipeline, for targets that want to see what an input comes to.

use cuewire::model::ask::{RequestId, SocketId};
use cuewire::model::http::{Answer, Outcome};
use cuewire::model::time::Millis;
use cuewire::pipeline::Pipeline;
use cuewire::pipeline::effect::{Effect, Effects};
use cuewire::pipeline::input::{Input, Start};

use crate::timed;

/// The client secret of every rig. It must turn up nowhere but in a token request.
pub const SECRET: &str = "hush/Hush+hush=1";

/// Settings that can run.
pub const SETTINGS: &str = r#"{"organization":"acme","clientId":"client"}"#;

/// When every rig starts.
pub const START: Millis = Millis(1_771_320_600_000);

/// A pipeline, its clock and what it asked for since that was last looked at.
pub struct Rig {
    /// The pipeline.
    pub pipeline: Pipeline,
    /// Wall clock.
    pub wall: Millis,
    /// Oldest first.
    pub effects: Vec<Effect>,
    conn: Option<SocketId>,
}

impl Rig {
    /// A pipeline that has been told nothing yet.
    pub fn new() -> Rig {
        Rig { pipeline: Pipeline::new(), wall: START, effects: Vec::new(), conn: None }
    }

    /// A pipeline that runs with an empty journal.
    pub fn started() -> Rig {
        let mut rig = Rig::new();
        rig.feed(Input::Started(Box::new(start(Vec::new()))));
        rig
    }

    /// Feeds one input.
    pub fn feed(&mut self, input: Input<'_>) {
        let mut effects = Effects::default();
        timed("handling an input", || self.pipeline.handle(self.wall, input, &mut effects));
        self.effects.extend(effects.drain());
    }

    /// A request was answered with this status and body.
    pub fn answer(&mut self, id: RequestId, status: u16, body: &str) {
        let answer = Answer { status, body: body.to_owned(), ..Answer::default() };
        self.feed(Input::HttpDone(id, Outcome::Answer(answer)));
    }

    /// Gets a token and opens the stream.
    pub fn run_until_streaming(&mut self) {
        for _ in 0..8 {
            for effect in std::mem::take(&mut self.effects) {
                match effect {
                    Effect::RequestToken { id, .. } => self.answer(id, 200, r#"{"access_token":"t"}"#),
                    Effect::OpenStream { conn, .. } => {
                        self.conn = Some(conn);
                        self.feed(Input::StreamOpened(conn));
                    }
                    Effect::Commit { id, .. } => self.feed(Input::Committed(id)),
                    _ => {}
                }
            }
        }
    }

    /// Storage commits what was asked for, and what follows from that.
    pub fn commit(&mut self) {
        let mut at = 0;
        while at < self.effects.len() {
            if let Effect::Commit { id, .. } = self.effects[at] {
                self.feed(Input::Committed(id));
            }
            at += 1;
            assert!(at < 10_000, "each commit asks for another");
        }
    }

    /// A frame comes over the open stream.
    pub fn frame(&mut self, bytes: &[u8]) {
        if let Some(conn) = self.conn {
            self.feed(Input::Frame(conn, bytes));
        }
    }
}

impl Default for Rig {
    fn default() -> Rig {
        Rig::new()
    }
}

/// A start with these journal records, complete settings and nothing else.
pub fn start(journal: Vec<(String, String)>) -> Start {
    Start {
        journal: Ok(journal),
        marker: false,
        settings: Some(SETTINGS.to_owned()),
        secret: Some(SECRET.to_owned()),
        token: None,
        vitals: None,
        seed: 1,
        loopback_allowed: false,
    }
}
