//! A host in memory: stores that outlive the worker, and lists of what waits for an answer.

use std::collections::BTreeMap;

use super::ports::{Guard, Http, Pages, Recording, Storage, Stream, Timer, Worker};
use crate::journal::FIRED_PREFIX;
use crate::model::ask::{Change, CommitId, RequestId, SocketId, Store};
use crate::model::http::{HttpRequest, Secret};
use crate::model::json::{FromJson, ToJson};
use crate::model::time::Millis;
use crate::pipeline::effect::{CommandId, Effect, RecallId, SecretChange};
use crate::pipeline::input::Start;
use crate::recording::{Chunk, Key};
use crate::views::protocol::{Badge, Notice, Reply};

/// Everything that outlives a worker.
#[derive(Debug, Clone, Default, PartialEq, ToJson, FromJson)]
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
    /// Minutes that local time is ahead of UTC, as the browser tells it to each worker.
    #[serde(skip)]
    pub local_offset: i32,
}

impl Stored {
    /// A profile in which only these settings and a secret were saved.
    pub fn with_settings(settings: impl Into<String>, secret: &str) -> Stored {
        Stored { settings: Some(settings.into()), secret: Some(secret.to_owned()), ..Stored::default() }
    }

    /// The start of the next worker.
    pub fn start(&self, seed: u64) -> Box<Start> {
        let stored = self.clone();
        Box::new(Start {
            journal: Ok(stored.journal.into_iter().collect()),
            fired_later: false,
            marker: stored.marker,
            settings: stored.settings,
            secret: stored.secret,
            token: stored.token,
            vitals: stored.vitals,
            seed,
            local_offset: self.local_offset,
            loopback_allowed: false,
        })
    }

    /// The start of the next worker, which asks for what fired.
    pub fn quick_start(&self, seed: u64) -> Box<Start> {
        let mut start = self.start(seed);
        start.journal = start
            .journal
            .map(|records| records.into_iter().filter(|(key, _)| !key.starts_with(FIRED_PREFIX)).collect());
        start.fired_later = true;
        start
    }

    /// The first `limit` records of what fired, after a key.
    pub fn fired(&self, after: &str, limit: u32) -> Vec<(String, String)> {
        let later = self.journal.iter().filter(|(key, _)| key.starts_with(FIRED_PREFIX) && &***key > after);
        later.take(limit as usize).map(|(key, text)| (key.clone(), text.clone())).collect()
    }

    /// Writes the changes of a commit.
    pub fn apply(&mut self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::Put(store, key, text) => drop(self.records(store).insert(key, text)),
                Change::Delete(store, key) => drop(self.records(store).remove(&key)),
                Change::DeleteThrough(store, last) => self.records(store).retain(|key, _| *key > last),
                Change::Clear(store) => self.records(store).clear(),
            }
        }
    }

    /// The newest `limit` entries of the activity log, newest first: those before a key, or all.
    pub fn newest(&self, before: Option<&str>, limit: u32) -> Vec<(String, String)> {
        let older = self.history.iter().rev().filter(|(key, _)| before.is_none_or(|before| &***key < before));
        older.take(limit as usize).map(|(key, text)| (key.clone(), text.clone())).collect()
    }

    /// Writes settings and secret.
    pub fn save(&mut self, settings: Option<String>, secret: SecretChange) {
        self.settings = settings;
        match secret {
            SecretChange::Keep => {}
            SecretChange::OnDevice(secret) | SecretChange::InSession(secret) => self.secret = Some(secret.0),
            SecretChange::Forget => self.secret = None,
        }
    }

    fn records(&mut self, store: Store) -> &mut BTreeMap<String, String> {
        match store {
            Store::Journal => &mut self.journal,
            Store::History => &mut self.history,
        }
    }
}

/// The host. Each list is oldest first; who answers takes the entry out.
#[derive(Debug, Default)]
pub struct Memory {
    /// The stored state, which outlives the worker. Commits and settings reach it when somebody answers them.
    pub stored: Stored,
    /// The wall clock.
    pub wall: Millis,
    /// Every effect, until somebody takes them.
    pub effects: Vec<Effect>,
    /// Token requests without an answer.
    pub tokens: Vec<(RequestId, HttpRequest)>,
    /// Sign-in windows that are open, with their addresses.
    pub windows: Vec<(RequestId, Secret)>,
    /// Cards without an answer.
    pub posts: Vec<(RequestId, HttpRequest)>,
    /// Polls without an answer.
    pub polls: Vec<(RequestId, HttpRequest)>,
    /// Sockets that neither opened nor failed, with their addresses.
    pub opening: Vec<(SocketId, Secret)>,
    /// All sockets that the worker did not close.
    pub sockets: Vec<SocketId>,
    /// Frames that the worker sent.
    pub sent: Vec<(SocketId, Secret)>,
    /// Commits without an answer.
    pub commits: Vec<(CommitId, Vec<Change>)>,
    /// Reads of the activity log without an answer.
    pub reads: Vec<(CommandId, Option<String>, u32)>,
    /// Reads of what fired without an answer.
    pub recalls: Vec<(RecallId, String, u32)>,
    /// Settings that are not stored yet.
    pub saves: Vec<(CommandId, Option<String>, SecretChange)>,
    /// Zones whose time nobody told.
    pub zones: Vec<String>,
    /// The recording, which outlives the worker.
    pub recording: BTreeMap<String, Vec<u8>>,
    /// Answers to pages.
    pub replies: Vec<(CommandId, Reply)>,
    /// Notifications.
    pub notices: Vec<Notice>,
    /// On the toolbar button.
    pub badge: Badge,
    /// The ways in which a dead worker comes back.
    pub guard: Guard,
    /// The one deadline.
    pub due: Option<Millis>,
}

impl Memory {
    /// Forgets what dies with the worker.
    pub fn kill(&mut self) {
        self.tokens.clear();
        self.windows.clear();
        self.posts.clear();
        self.polls.clear();
        self.opening.clear();
        self.sockets.clear();
        self.commits.clear();
        self.reads.clear();
        self.recalls.clear();
        self.saves.clear();
        self.zones.clear();
    }
}

impl Http for Memory {
    fn request_token(&mut self, id: RequestId, request: HttpRequest) {
        self.tokens.push((id, request));
    }

    fn post_card(&mut self, id: RequestId, request: HttpRequest) {
        self.posts.push((id, request));
    }

    fn poll(&mut self, id: RequestId, request: HttpRequest) {
        self.polls.push((id, request));
    }

    fn abort(&mut self, id: RequestId) {
        for requests in [&mut self.tokens, &mut self.posts, &mut self.polls] {
            requests.retain(|(other, _)| *other != id);
        }
    }
}

impl Stream for Memory {
    fn open_stream(&mut self, conn: SocketId, url: Secret) {
        self.opening.push((conn, url));
        self.sockets.push(conn);
    }

    fn send_frame(&mut self, conn: SocketId, frame: Secret) {
        self.sent.push((conn, frame));
    }

    fn close_stream(&mut self, conn: SocketId) {
        self.opening.retain(|(other, _)| *other != conn);
        self.sockets.retain(|other| *other != conn);
    }
}

impl Storage for Memory {
    fn commit(&mut self, id: CommitId, changes: Vec<Change>) {
        self.commits.push((id, changes));
    }

    fn read_history(&mut self, id: CommandId, before: Option<String>, limit: u32) {
        self.reads.push((id, before, limit));
    }

    fn recall(&mut self, id: RecallId, after: String, limit: u32) {
        self.recalls.push((id, after, limit));
    }

    fn reopen_storage(&mut self) {}

    fn delete_storage(&mut self) {
        self.stored.journal.clear();
        self.stored.history.clear();
    }

    fn store_marker(&mut self) {
        self.stored.marker = true;
    }

    fn store_settings(&mut self, id: CommandId, settings: Option<String>, secret: SecretChange) {
        self.saves.push((id, settings, secret));
    }

    fn store_token(&mut self, token: Option<Secret>) {
        self.stored.token = token.map(|token| token.0);
    }

    fn keep_alive(&mut self, vitals: String) {
        self.stored.vitals = Some(vitals);
    }
}

impl Recording for Memory {
    fn record(&mut self, chunk: Chunk) {
        self.recording.insert(chunk.key.to_string(), chunk.bytes);
    }

    fn forget_recording(&mut self, through: Option<Key>) {
        let last = through.map(|key| key.to_string());
        self.recording.retain(|key, _| last.as_ref().is_some_and(|last| key > last));
    }

    /// The driver of the host answers with the keys of [`Memory::recording`].
    fn list_recording(&mut self) {}
}

impl Pages for Memory {
    fn reply(&mut self, id: CommandId, reply: Reply) {
        self.replies.push((id, reply));
    }

    fn publish(&mut self) {}

    fn open_window(&mut self, id: RequestId, address: Secret) {
        self.windows.push((id, address));
    }

    fn show_badge(&mut self, badge: Badge) {
        self.badge = badge;
    }

    fn notify(&mut self, notice: Notice) {
        self.notices.push(notice);
    }
}

impl Timer for Memory {
    fn wall(&self) -> Millis {
        self.wall
    }

    fn arm(&mut self, due: Option<Millis>) {
        self.due = due;
    }

    fn tell_offsets(&mut self, zones: Vec<String>) {
        self.zones = zones;
    }
}

impl Worker for Memory {
    fn load(&mut self) {}

    fn restart(&mut self) {}

    fn reload(&mut self) {}

    fn guard(&mut self, guard: Guard) {
        self.guard = guard;
    }

    fn begins(&mut self, effect: &Effect) -> bool {
        self.effects.push(effect.clone());
        true
    }
}
