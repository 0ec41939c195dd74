//! A browser as far as the pipeline sees it: stores that outlive the worker, a server, and a clock that a test moves.

use std::collections::{BTreeMap, VecDeque};

use cuewire::journal::{decode, encode};
use cuewire::model::ask::{Change, CommitFailure, CommitId, RequestId, SocketId, Store};
use cuewire::model::http::{Answer, Outcome, Secret};
use cuewire::model::time::Millis;
use cuewire::pipeline::Pipeline;
use cuewire::pipeline::effect::{CommandId, Effect, Effects, SecretChange};
use cuewire::pipeline::input::{Input, Start};
use cuewire::views::protocol::{Badge, Notice, Reply, Request};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// When every browser starts: 2026-02-17 09:30 UTC.
pub const START: Millis = Millis(1_771_320_600_000);

/// What outlives the worker.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stored {
    /// In IndexedDB.
    pub journal: BTreeMap<String, String>,
    /// In IndexedDB.
    pub history: BTreeMap<String, String>,
    /// In `storage.local`.
    pub marker: bool,
    /// In `storage.local`.
    pub settings: Option<String>,
    /// In `storage.local`.
    pub secret: Option<String>,
    /// In `storage.session`.
    pub token: Option<String>,
    /// In `storage.session`.
    pub vitals: Option<String>,
}

impl Stored {
    /// A profile in which only settings were saved.
    pub fn set_up(settings: &str) -> Stored {
        Stored {
            settings: Some(format!(r#"{{"organization":"acme","clientId":"supervisor"{settings}}}"#)),
            secret: Some("hush".to_owned()),
            ..Stored::default()
        }
    }

    /// The keys of the journal that start so.
    pub fn keys(&self, prefix: &str) -> Vec<String> {
        self.journal.keys().filter(|key| key.starts_with(prefix)).cloned().collect()
    }

    /// What a record holds.
    pub fn record(&self, key: &str) -> Value {
        decode(&self.journal[key]).unwrap()
    }

    /// Changes a record and seals it again.
    pub fn change(&mut self, key: &str, change: impl FnOnce(&mut Value)) {
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

/// The browser and the worker in it.
pub struct Browser {
    /// What is stored.
    pub stored: Stored,
    /// Wall clock.
    pub wall: Millis,
    /// The worker's pipeline.
    pub pipeline: Pipeline,
    /// Cards posted, oldest first.
    pub posts: Vec<Post>,
    /// What the server answers to the next cards; 201 after that.
    pub answers: VecDeque<Answer>,
    /// The server keeps its answers to itself.
    pub silent: bool,
    /// Bytes there is room for; a full store refuses a batch that writes, and takes one that only removes.
    pub capacity: Option<usize>,
    /// Commits asked for, whether or not there was room.
    pub commits: usize,
    /// Answers to commands, oldest first.
    pub replies: Vec<Reply>,
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
    /// The stream's upgrade is refused.
    pub refuses_stream: bool,
    /// Notifications, oldest first.
    pub notices: Vec<Notice>,
    /// On the toolbar button.
    pub badge: Badge,
    conn: Option<SocketId>,
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
            stored,
            wall,
            pipeline: Pipeline::new(),
            posts: Vec::new(),
            answers: VecDeque::new(),
            silent: false,
            capacity: None,
            commits: 0,
            replies: Vec::new(),
            hangs: false,
            hung: Vec::new(),
            broken: false,
            ended: Vec::new(),
            token_status: 200,
            refuses_stream: false,
            notices: Vec::new(),
            badge: Badge::default(),
            conn: None,
            open: Vec::new(),
            commands: 0,
        };
        browser.restart();
        browser
    }

    /// Kills the worker and starts the next.
    pub fn restart(&mut self) {
        self.pipeline = Pipeline::new();
        self.conn = None;
        self.open.clear();
        let stored = self.stored.clone();
        self.feed(Input::Started(Box::new(Start {
            journal: Ok(stored.journal.into_iter().collect()),
            marker: stored.marker,
            settings: stored.settings,
            secret: stored.secret,
            token: stored.token,
            vitals: stored.vitals,
            seed: 1,
            loopback_allowed: false,
        })));
    }

    /// Feeds one input and does all that follows from it at once.
    pub fn feed(&mut self, input: Input<'_>) {
        let mut effects = Effects::default();
        self.pipeline.handle(self.wall, input, &mut effects);
        let effects: Vec<Effect> = effects.drain().collect();
        effects.into_iter().for_each(|effect| self.perform(effect));
    }

    /// A message of the stream.
    pub fn hear(&mut self, frame: &str) {
        let conn = self.conn.expect("the stream is open");
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
        let conn = self.conn.take().expect("the stream is open");
        self.feed(Input::StreamClosed(conn, code));
    }

    /// Whether there is a socket.
    pub fn is_streaming(&self) -> bool {
        self.conn.is_some()
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
        self.replies.get(before).cloned().expect("it is answered")
    }

    /// Time passes, with a tick whenever one is due.
    pub fn pass(&mut self, span: Millis) {
        let end = self.wall.plus(span);
        for _ in 0..10_000 {
            let Some(due) = self.pipeline.next_deadline().filter(|due| *due <= end) else { break };
            self.wall = self.wall.max(due);
            self.feed(Input::Tick);
        }
        self.wall = end;
        self.feed(Input::Tick);
        let due = self.pipeline.next_deadline();
        assert!(due.is_none_or(|due| due > end), "still due at {due:?}");
    }

    /// The cards posted, by their identities.
    pub fn cards(&self) -> Vec<&str> {
        self.posts.iter().map(|post| &*post.card).collect()
    }

    /// The codes of what is wrong, newest first; that the worker was restarted is calm and left out.
    pub fn wrong(&self) -> Vec<String> {
        let codes = self.pipeline.status().diagnoses.into_iter().map(|diagnosis| diagnosis.code);
        codes.filter(|code| code != "workerRestarted").collect()
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::RequestToken { id, .. } => {
                let body = r#"{"access_token":"t","expires_in":86400}"#.to_owned();
                let answer = Answer { status: self.token_status, body, ..Answer::default() };
                self.feed(Input::HttpDone(id, Outcome::Answer(answer)));
            }
            Effect::OpenStream { conn, .. } if self.refuses_stream => self.feed(Input::StreamClosed(conn, 1006)),
            Effect::OpenStream { conn, .. } => {
                self.conn = Some(conn);
                self.feed(Input::StreamOpened(conn));
            }
            Effect::CloseStream(conn) => self.conn = self.conn.filter(|open| *open != conn),
            Effect::PostCard { id, request } => {
                let body: Value = serde_json::from_str(&request.body).unwrap();
                let (host, _) = request.url.split_once("/api/").unwrap();
                let card = body["cardId"].as_str().unwrap().to_owned();
                self.posts.push(Post { at: self.wall, card, host: host.to_owned() });
                self.open.push(id);
                if !self.silent {
                    self.answer();
                }
            }
            Effect::Commit { id, changes } => {
                self.commits += 1;
                if self.hangs {
                    self.hung.push((id, changes));
                } else if self.broken {
                    self.feed(Input::CommitFailed(id, CommitFailure::Other("the disk is on fire".to_owned())));
                } else if self.has_room(&changes) {
                    changes.into_iter().for_each(|change| self.apply(change));
                    self.feed(Input::Committed(id));
                } else {
                    self.feed(Input::CommitFailed(id, CommitFailure::QuotaExceeded));
                }
            }
            Effect::StoreMarker => self.stored.marker = true,
            Effect::StoreSettings { id, settings, secret } => {
                self.stored.settings = settings;
                match secret {
                    SecretChange::Keep => {}
                    SecretChange::OnDevice(Secret(secret)) | SecretChange::InSession(Secret(secret)) => {
                        self.stored.secret = Some(secret);
                    }
                    SecretChange::Forget => self.stored.secret = None,
                }
                self.feed(Input::SettingsStored(id, Ok(())));
            }
            Effect::StoreToken(token) => self.stored.token = token.map(|Secret(token)| token),
            Effect::KeepAlive { vitals } => self.stored.vitals = Some(vitals),
            Effect::Reply(_, reply) => self.replies.push(*reply),
            Effect::DeleteStorage => {
                self.stored.journal.clear();
                self.stored.history.clear();
                self.broken = false;
            }
            Effect::Restart | Effect::Reload => self.ended.push(effect),
            Effect::ShowBadge(badge) => self.badge = badge,
            Effect::Notify(notice) => self.notices.push(notice),
            Effect::Abort(_) | Effect::Load | Effect::Publish | Effect::ReopenStorage => {}
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
        let sizes = |records: &BTreeMap<String, String>| records.iter().map(|(key, text)| key.len() + text.len()).sum();
        let (journal, history): (usize, usize) = (sizes(&self.stored.journal), sizes(&self.stored.history));
        journal + history
    }

    /// Storage does at last what hung.
    pub fn unhang(&mut self) {
        self.hangs = false;
        for (id, changes) in std::mem::take(&mut self.hung) {
            changes.into_iter().for_each(|change| self.apply(change));
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

    /// Writes one change.
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Put(store, key, text) => drop(self.records(store).insert(key, text)),
            Change::Delete(store, key) => drop(self.records(store).remove(&key)),
            Change::DeleteThrough(store, last) => self.records(store).retain(|key, _| *key > last),
            Change::Clear(store) => self.records(store).clear(),
        }
    }

    fn records(&mut self, store: Store) -> &mut BTreeMap<String, String> {
        match store {
            Store::Journal => &mut self.stored.journal,
            Store::History => &mut self.stored.history,
        }
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
