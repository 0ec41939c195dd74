//! A host that keeps what it is asked for, and lets the worker die before any effect.

use cuewire::model::ask::{Change, CommitId, RequestId, SocketId};
use cuewire::model::http::{HttpRequest, Secret};
use cuewire::model::time::Millis;
use cuewire::pipeline::effect::{CommandId, Effect, RecallId, SecretChange};
use cuewire::recording::{Chunk, Key};
use cuewire::shell::memory::Stored;
use cuewire::shell::ports::{Guard, Http, Pages, Recording, Storage, Stream, Timer, Worker};
use cuewire::views::protocol::{Badge, Notice, Reply};

/// A request of the worker that nobody has answered.
#[derive(Debug)]
pub enum Asked {
    Token(RequestId, HttpRequest),
    Card(RequestId),
    Poll(RequestId, HttpRequest),
    Window(RequestId, Secret),
    Open(SocketId),
    Close(SocketId),
    Commit(CommitId, Vec<Change>),
    Zones(Vec<String>),
}

#[derive(Debug, Default)]
pub struct Host {
    /// The stored data, which outlives the worker.
    pub stored: Stored,
    /// Pieces of the recording, in order.
    pub recording: Vec<Chunk>,
    pub wall: u64,
    pub due: Option<u64>,
    pub asked: Vec<Asked>,
    /// Effects begun, over all lives.
    pub begun: u64,
    /// The worker dies before the effect with this number.
    pub cut: Option<u64>,
    /// The worker died at the cut.
    pub is_dead: bool,
}

impl Host {
    /// The worker is gone, and nobody waits for its requests.
    pub fn end_worker(&mut self) {
        self.due = None;
        self.asked.clear();
        (self.cut, self.is_dead) = (None, false);
    }
}

impl Http for Host {
    fn request_token(&mut self, id: RequestId, request: HttpRequest) {
        self.asked.push(Asked::Token(id, request));
    }

    fn post_card(&mut self, id: RequestId, _: HttpRequest) {
        self.asked.push(Asked::Card(id));
    }

    fn poll(&mut self, id: RequestId, request: HttpRequest) {
        self.asked.push(Asked::Poll(id, request));
    }

    fn abort(&mut self, _: RequestId) {}
}

impl Stream for Host {
    fn open_stream(&mut self, conn: SocketId, _: Secret) {
        self.asked.push(Asked::Open(conn));
    }

    fn send_frame(&mut self, _: SocketId, _: Secret) {}

    fn close_stream(&mut self, conn: SocketId) {
        self.asked.push(Asked::Close(conn));
    }
}

impl Storage for Host {
    fn commit(&mut self, id: CommitId, changes: Vec<Change>) {
        self.asked.push(Asked::Commit(id, changes));
    }

    fn read_history(&mut self, _: CommandId, _: Option<String>, _: u32) {}

    /// The worker of this host reads everything at the start.
    fn recall(&mut self, _: RecallId, _: String, _: u32) {}

    fn reopen_storage(&mut self) {}

    fn delete_storage(&mut self) {}

    fn store_marker(&mut self) {
        self.stored.marker = true;
    }

    fn store_settings(&mut self, _: CommandId, _: Option<String>, _: SecretChange) {}

    fn store_token(&mut self, token: Option<Secret>) {
        self.stored.token = token.map(|token| token.0);
    }

    fn keep_alive(&mut self, vitals: String) {
        self.stored.vitals = Some(vitals);
    }
}

impl Recording for Host {
    fn record(&mut self, chunk: Chunk) {
        self.recording.push(chunk);
    }

    fn forget_recording(&mut self, _: Option<Key>) {}

    fn list_recording(&mut self) {}
}

impl Pages for Host {
    fn reply(&mut self, _: CommandId, _: Reply) {}

    fn publish(&mut self) {}

    fn show_badge(&mut self, _: Badge) {}

    fn notify(&mut self, _: Notice) {}

    fn open_window(&mut self, id: RequestId, address: Secret) {
        self.asked.push(Asked::Window(id, address));
    }
}

impl Timer for Host {
    fn wall(&self) -> Millis {
        Millis(self.wall)
    }

    fn arm(&mut self, due: Option<Millis>) {
        self.due = due.map(|due| due.0);
    }

    fn tell_offsets(&mut self, zones: Vec<String>) {
        self.asked.push(Asked::Zones(zones));
    }
}

impl Worker for Host {
    fn load(&mut self) {}

    fn restart(&mut self) {}

    fn reload(&mut self) {}

    fn guard(&mut self, _: Guard) {}

    fn begins(&mut self, _: &Effect) -> bool {
        self.begun += 1;
        self.is_dead |= self.cut == Some(self.begun);
        !self.is_dead
    }
}
