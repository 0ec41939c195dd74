//! The real core, a disk, a server that a test writes, and a worker that may be killed, in virtual time.

use std::collections::BTreeMap;

use std::cell::Ref;

use cuewire::model::ask::{Change, CommitId, RequestId, SocketId, Store};
use cuewire::model::http::{Answer, Failure, HttpRequest, Outcome};
use cuewire::model::time::Millis;
use cuewire::pipeline::Pipeline;
use cuewire::pipeline::effect::CommandId;
use cuewire::pipeline::input::Input;
use cuewire::shell::Runner;
use cuewire::shell::memory::{Memory, Stored};
use cuewire::views::protocol::Request;

pub const START: u64 = 1_760_000_000_000;
/// Milliseconds that a commit takes, that a request takes there and back, and that a new worker takes to be there.
const COMMIT: u64 = 8;
const TRIP: u64 = 10;
const COMEBACK: u64 = 100;

/// The server's reply to a card.
pub enum Reply {
    Answer(Answer),
    Redirect,
    Hang,
    /// The browser does not let the request out.
    NotPermitted,
}

/// An answer with this status and nothing else.
pub fn status(status: u16) -> Reply {
    Reply::Answer(Answer { status, ..Answer::default() })
}

/// A 429 that asks for a wait in seconds.
pub fn limited(seconds: u64) -> Reply {
    Reply::Answer(Answer { status: 429, retry_after: Some(seconds.to_string()), ..Answer::default() })
}

/// A request for a card as the server sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    pub at: u64,
    pub interaction: String,
    pub token: String,
}

enum Due {
    Committed(CommitId, Vec<Change>),
    Answered(RequestId, Outcome),
    Opened(SocketId),
}

type Server = Box<dyn FnMut(&Post) -> Reply>;

pub struct Rig {
    runner: Runner,
    pub host: Memory,
    pub now: u64,
    /// Every request for a card.
    pub posts: Vec<Post>,
    /// When each interaction's card was taken.
    pub taken: BTreeMap<String, u64>,
    /// The commits that wrote the destination's record, and whether they wrote a card, too.
    pub notes: Vec<bool>,
    server: Server,
    tokens: u32,
    due: BTreeMap<(u64, u64), Due>,
    serial: u64,
    conn: Option<SocketId>,
}

impl Rig {
    /// Streams, with these further settings (JSON fields, each followed by a comma).
    pub fn new(settings: &str, server: impl FnMut(&Post) -> Reply + 'static) -> Rig {
        let settings = format!(r#"{{{settings}"organization":"acme","clientId":"client"}}"#);
        let stored = Stored::with_settings(settings, "secret");
        let mut rig = Rig {
            runner: Runner::default(),
            host: Memory { stored, ..Memory::default() },
            now: START,
            posts: Vec::new(),
            taken: BTreeMap::new(),
            notes: Vec::new(),
            server: Box::new(server),
            tokens: 0,
            due: BTreeMap::new(),
            serial: 0,
            conn: None,
        };
        rig.start();
        rig.run_for(100);
        rig
    }

    /// Customers of these interactions are unhappy.
    pub fn unhappy(&mut self, interactions: impl IntoIterator<Item = impl std::fmt::Display>) {
        for interaction in interactions {
            let frame = format!(r#"{{"id":"{interaction}","sentiment":{{"score":-0.9}}}}"#);
            let conn = self.conn.unwrap();
            self.feed(Input::Frame(conn, frame.as_bytes()));
        }
    }

    /// A person asks for something.
    pub fn ask(&mut self, request: Request) {
        self.feed(Input::Command(CommandId(1), request));
    }

    /// The worker is killed; the next one is there soon after.
    pub fn kill(&mut self) {
        self.due.clear();
        self.host.kill();
        self.now += COMEBACK;
        self.start();
    }

    pub fn run_for(&mut self, span: u64) {
        self.run_until(self.now + span);
    }

    /// Goes on until then.
    pub fn run_until(&mut self, end: u64) {
        while self.now < end {
            let first = self.due.first_key_value().map(|((at, _), _)| *at);
            let tick = self.host.due.map(|at| at.0.max(self.now));
            let Some(at) = first.into_iter().chain(tick).min().filter(|at| *at <= end) else { break };
            self.now = at;
            if first != Some(at) {
                self.feed(Input::Tick);
                continue;
            }
            match self.due.pop_first().unwrap().1 {
                Due::Committed(id, changes) => {
                    self.note(&changes);
                    self.host.stored.apply(changes);
                    self.feed(Input::Committed(id));
                }
                Due::Answered(id, outcome) => self.feed(Input::HttpDone(id, outcome)),
                Due::Opened(conn) => {
                    self.conn = Some(conn);
                    self.feed(Input::StreamOpened(conn));
                }
            }
        }
        self.now = end;
    }

    /// How long each of these cards took from then on; `None` where it was not taken.
    pub fn took(&self, interaction: impl std::fmt::Display, from: u64) -> Option<u64> {
        self.taken.get(&interaction.to_string()).map(|at| at - from)
    }

    /// The codes of what is wrong with the cards: the stream is silent because no test needs it to speak.
    pub fn wrong(&self) -> Vec<String> {
        let codes = self.pipeline().status().diagnoses.into_iter().map(|wrong| wrong.code);
        codes.filter(|code| !code.starts_with("stream")).collect()
    }

    /// Requests for this interaction's card.
    pub fn posts_of(&self, interaction: &str) -> usize {
        self.posts.iter().filter(|post| post.interaction == interaction).count()
    }

    pub fn pipeline(&self) -> Ref<'_, Pipeline> {
        self.runner.pipeline()
    }

    fn start(&mut self) {
        self.runner = Runner::default();
        self.host.stored.vitals = None;
        let start = self.host.stored.start(1);
        self.feed(Input::Started(start));
    }

    fn feed(&mut self, input: Input<'_>) {
        self.host.wall = Millis(self.now);
        self.runner.feed(input, &mut self.host);
        for (id, _) in std::mem::take(&mut self.host.tokens) {
            self.tokens += 1;
            let body = format!(r#"{{"access_token":"t{}","expires_in":3600}}"#, self.tokens);
            self.later(TRIP, Due::Answered(id, Outcome::Answer(Answer { status: 200, body, ..Answer::default() })));
        }
        for (id, changes) in std::mem::take(&mut self.host.commits) {
            self.later(COMMIT, Due::Committed(id, changes));
        }
        for (id, request) in std::mem::take(&mut self.host.posts) {
            if let Some(outcome) = self.post(&request) {
                self.later(TRIP, Due::Answered(id, outcome));
            }
        }
        for (conn, _) in std::mem::take(&mut self.host.opening) {
            self.later(TRIP, Due::Opened(conn));
        }
    }

    fn later(&mut self, after: u64, due: Due) {
        self.serial += 1;
        self.due.insert((self.now + after, self.serial), due);
    }

    fn post(&mut self, request: &HttpRequest) -> Option<Outcome> {
        let interaction = request.url.rsplit('/').nth(1).unwrap().to_owned();
        let bearer = request.headers.iter().find(|(name, _)| *name == "Authorization").unwrap().1.clone();
        let post = Post { at: self.now, interaction, token: bearer };
        let reply = (self.server)(&post);
        if let Reply::Answer(answer) = &reply
            && answer.status < 300
            && !answer.is_html()
        {
            self.taken.entry(post.interaction.clone()).or_insert(post.at);
        }
        self.posts.push(post);
        match reply {
            Reply::Answer(answer) => Some(Outcome::Answer(answer)),
            Reply::Redirect => Some(Outcome::Redirected),
            Reply::NotPermitted => Some(Outcome::Failed(Failure::NotPermitted)),
            Reply::Hang => None,
        }
    }

    fn note(&mut self, changes: &[Change]) {
        let is_of_card = |change: &Change| match change {
            Change::Put(Store::Journal, key, _) | Change::Delete(Store::Journal, key) => key.starts_with("card/"),
            _ => false,
        };
        let is_note = |change: &Change| matches!(change, Change::Put(_, key, _) if key.starts_with("hold/"));
        if changes.iter().any(is_note) {
            self.notes.push(changes.iter().any(is_of_card));
        }
    }
}
