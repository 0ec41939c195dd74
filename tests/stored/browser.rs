//! A browser as far as the pipeline sees it: stores that outlive the worker, a server, and a clock that a test moves.

use std::cell::Ref;
use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};

use cuewire::journal::{decode, encode};
use cuewire::model::ask::{Change, CommitFailure, CommitId, RequestId};
use cuewire::model::http::{Answer, HttpRequest, Outcome};
use cuewire::model::time::Millis;
use cuewire::pipeline::Pipeline;
use cuewire::pipeline::effect::{CommandId, Effect};
use cuewire::pipeline::input::Input;
use cuewire::shell::Runner;
use cuewire::shell::memory::Memory;
pub use cuewire::shell::memory::Stored;
use cuewire::views::protocol::{Reply, Request};
use serde_json::Value;

/// When every browser starts: 2026-02-17 09:30 UTC.
pub const START: Millis = Millis(1_771_320_600_000);

/// Questions that tests ask of stored state.
pub trait Records {
    /// A profile in which only settings were saved.
    fn set_up(settings: &str) -> Self;
    /// The keys of the journal that start so.
    fn keys(&self, prefix: &str) -> Vec<String>;
    /// The content of a record.
    fn record(&self, key: &str) -> Value;
    /// Changes a record and seals it again.
    fn change(&mut self, key: &str, change: impl FnOnce(&mut Value));
}

impl Records for Stored {
    fn set_up(settings: &str) -> Stored {
        Stored::with_settings(format!(r#"{{"organization":"acme","clientId":"supervisor"{settings}}}"#), "hush")
    }

    fn keys(&self, prefix: &str) -> Vec<String> {
        self.journal.keys().filter(|key| key.starts_with(prefix)).cloned().collect()
    }

    fn record(&self, key: &str) -> Value {
        decode(&self.journal[key]).unwrap()
    }

    fn change(&mut self, key: &str, change: impl FnOnce(&mut Value)) {
        let mut record = self.record(key);
        change(&mut record);
        self.journal.insert(key.to_owned(), encode(&record));
    }
}

/// A card that was posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// When, wall clock.
    pub at: Millis,
    /// The card's identity.
    pub card: String,
    /// The base address.
    pub host: String,
}

/// The browser and the worker in it: a host in memory that answers at once.
pub struct Browser {
    pub host: Memory,
    runner: Runner,
    /// Cards posted, oldest first.
    pub posts: Vec<Post>,
    /// The server's answers to the next cards; 201 after that.
    pub answers: VecDeque<Answer>,
    /// The server keeps its answers to itself.
    pub silent: bool,
    /// Bytes there is room for; a full store refuses a batch that writes, and takes one that only removes.
    pub capacity: Option<usize>,
    /// Commits asked for, whether or not there was room.
    pub commits: usize,
    /// The memory of firings is not read until the test says so.
    pub recalls_wait: bool,
    /// Commits are never answered.
    pub hangs: bool,
    /// Commits that were not answered, oldest first.
    pub hung: Vec<(CommitId, Vec<Change>)>,
    /// The database takes nothing until it is deleted.
    pub broken: bool,
    /// The worker or the extension was to start again.
    pub ended: Vec<Effect>,
    /// Status of every answer of the token endpoint.
    pub token_status: u16,
    /// The token endpoint keeps its answers to itself.
    pub tokens_wait: bool,
    /// The stream's upgrade is refused.
    pub refuses_stream: bool,
    /// Posted and not answered.
    pub open: Vec<RequestId>,
    commands: u64,
}

impl Browser {
    /// Starts a worker.
    pub fn start(stored: Stored) -> Browser {
        Browser::start_at(stored, START)
    }

    /// Starts a worker at this time.
    pub fn start_at(stored: Stored, wall: Millis) -> Browser {
        let mut browser = Browser {
            host: Memory { stored, wall, ..Memory::default() },
            runner: Runner::default(),
            posts: Vec::new(),
            answers: VecDeque::new(),
            silent: false,
            capacity: None,
            commits: 0,
            recalls_wait: false,
            hangs: false,
            hung: Vec::new(),
            broken: false,
            ended: Vec::new(),
            token_status: 200,
            tokens_wait: false,
            refuses_stream: false,
            open: Vec::new(),
            commands: 0,
        };
        browser.restart();
        browser
    }

    /// Kills the worker and starts the next.
    pub fn restart(&mut self) {
        self.runner = Runner::default();
        self.host.kill();
        self.open.clear();
        let start = self.stored.quick_start(1);
        self.feed(Input::Started(start));
    }

    /// The worker's pipeline.
    pub fn pipeline(&self) -> Ref<'_, Pipeline> {
        self.runner.pipeline()
    }

    /// Feeds one input and does all that follows from it at once.
    pub fn feed(&mut self, input: Input<'_>) {
        self.runner.feed(input, &mut self.host);
        for effect in std::mem::take(&mut self.host.effects) {
            match effect {
                Effect::DeleteStorage => self.broken = false,
                Effect::Restart | Effect::Reload => self.ended.push(effect),
                _ => {}
            }
        }
        self.answer_all();
    }

    /// Reads what fired, piece by piece.
    pub fn recall(&mut self) {
        self.recalls_wait = false;
        self.answer_all();
    }

    /// Answers what was asked for, unless the test has that wait.
    fn answer_all(&mut self) {
        if !self.recalls_wait {
            for (id, after, limit) in std::mem::take(&mut self.host.recalls) {
                let records = self.stored.fired(&after, limit.min(3));
                self.feed(Input::Recalled(id, Ok(records)));
            }
        }
        if !self.tokens_wait {
            for (id, _) in std::mem::take(&mut self.host.tokens) {
                let body = r#"{"access_token":"t","expires_in":86400}"#.to_owned();
                let answer = Answer { status: self.token_status, body, ..Answer::default() };
                self.feed(Input::HttpDone(id, Outcome::Answer(answer)));
            }
        }
        for (conn, _) in std::mem::take(&mut self.host.opening) {
            match self.refuses_stream {
                true => self.feed(Input::StreamClosed(conn, 1006)),
                false => self.feed(Input::StreamOpened(conn)),
            }
        }
        for (id, request) in std::mem::take(&mut self.host.posts) {
            self.note_post(id, &request);
            if !self.silent {
                self.answer();
            }
        }
        for (id, changes) in std::mem::take(&mut self.host.commits) {
            self.commit(id, changes);
        }
        for (id, before, limit) in std::mem::take(&mut self.host.reads) {
            let read = self.stored.newest(before.as_deref(), limit);
            self.feed(Input::HistoryRead(id, Ok(read)));
        }
        for (id, settings, secret) in std::mem::take(&mut self.host.saves) {
            self.stored.save(settings, secret);
            self.feed(Input::SettingsStored(id, Ok(())));
        }
    }

    /// A message of the stream.
    pub fn hear(&mut self, frame: &str) {
        let conn = *self.sockets.last().expect("the stream is open");
        self.feed(Input::Frame(conn, frame.as_bytes()));
    }

    /// A customer of this queue is unhappy.
    pub fn plea(&mut self, interaction: &str, queue: &str) {
        self.hear(&format!(
            r#"{{"id":"{interaction}","sentiment":{{"score":-0.9,"confidence":0.8}},"routing":{{"queueName":"{queue}"}}}}"#
        ));
    }

    /// The socket closes.
    pub fn drop_stream(&mut self, code: u16) {
        let conn = self.host.sockets.pop().expect("the stream is open");
        self.feed(Input::StreamClosed(conn, code));
    }

    /// Whether there is a socket.
    pub fn is_streaming(&self) -> bool {
        !self.sockets.is_empty()
    }

    /// A person asks for something, and may have to wait.
    pub fn command(&mut self, request: Request) {
        self.commands += 1;
        self.feed(Input::Command(CommandId(self.commands), request));
    }

    /// A person asks for something that is answered at once.
    pub fn ask(&mut self, request: Request) -> Reply {
        let before = self.replies.len();
        self.command(request);
        self.replies.get(before).map(|(_, reply)| reply.clone()).expect("it is answered")
    }

    /// Time passes, with a tick whenever one is due.
    pub fn pass(&mut self, span: Millis) {
        let end = self.wall.plus(span);
        for _ in 0..10_000 {
            let Some(due) = self.due.filter(|due| *due <= end) else { break };
            self.wall = self.wall.max(due);
            self.feed(Input::Tick);
        }
        self.wall = end;
        self.feed(Input::Tick);
        assert!(self.due.is_none_or(|due| due > end), "still due at {:?}", self.due);
    }

    /// Answers to commands, oldest first.
    pub fn answered(&self) -> Vec<Reply> {
        self.replies.iter().map(|(_, reply)| reply.clone()).collect()
    }

    /// The cards posted, by their identities.
    pub fn cards(&self) -> Vec<&str> {
        self.posts.iter().map(|post| &*post.card).collect()
    }

    /// The codes of what is wrong, newest first; that the worker was restarted is calm and left out.
    pub fn wrong(&self) -> Vec<String> {
        let codes = self.pipeline().status().diagnoses.into_iter().map(|diagnosis| diagnosis.code);
        codes.filter(|code| code != "workerRestarted").collect()
    }

    fn note_post(&mut self, id: RequestId, request: &HttpRequest) {
        let body: Value = serde_json::from_str(&request.body).unwrap();
        let (host, _) = request.url.split_once("/api/").unwrap();
        let card = body["cardId"].as_str().unwrap().to_owned();
        self.posts.push(Post { at: self.wall, card, host: host.to_owned() });
        self.open.push(id);
    }

    fn commit(&mut self, id: CommitId, changes: Vec<Change>) {
        self.commits += 1;
        if self.hangs {
            self.hung.push((id, changes));
        } else if self.broken {
            self.feed(Input::CommitFailed(id, CommitFailure::Other("the disk is on fire".to_owned())));
        } else if self.has_room(&changes) {
            self.stored.apply(changes);
            self.feed(Input::Committed(id));
        } else {
            self.feed(Input::CommitFailed(id, CommitFailure::QuotaExceeded));
        }
    }

    /// The server answers the oldest post.
    pub fn answer(&mut self) {
        let id = self.open.remove(0);
        let answer = self.answers.pop_front().unwrap_or(Answer { status: 201, ..Answer::default() });
        self.feed(Input::HttpDone(id, Outcome::Answer(answer)));
    }

    /// Bytes stored.
    pub fn used(&self) -> usize {
        let records = self.stored.journal.iter().chain(&self.stored.history);
        records.map(|(key, text)| key.len() + text.len()).sum()
    }

    /// Storage does at last what hung.
    pub fn unhang(&mut self) {
        self.hangs = false;
        for (id, changes) in std::mem::take(&mut self.hung) {
            self.stored.apply(changes);
            self.feed(Input::Committed(id));
        }
    }

    fn has_room(&self, changes: &[Change]) -> bool {
        let writes = changes.iter().map(|change| match change {
            Change::Put(_, key, text) => key.len() + text.len(),
            _ => 0,
        });
        let writes: usize = writes.sum();
        writes == 0 || self.capacity.is_none_or(|capacity| self.used() + writes <= capacity)
    }
}

impl Deref for Browser {
    type Target = Memory;

    fn deref(&self) -> &Memory {
        &self.host
    }
}

impl DerefMut for Browser {
    fn deref_mut(&mut self) -> &mut Memory {
        &mut self.host
    }
}

/// An answer of the card endpoint.
pub fn status(status: u16) -> Answer {
    Answer { status, ..Answer::default() }
}

/// As [`status`], with a wait in seconds.
pub fn wait(status: u16, seconds: u64) -> Answer {
    Answer { status, retry_after: Some(seconds.to_string()), ..Answer::default() }
}
