//! The core's needs of its host, one trait per role. [`crate::shell::memory`] has them all in memory.
//!
//! A port does one thing and reports the outcome as an [`crate::pipeline::input::Input`] under the same id.

#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use crate::model::ask::{Change, CommitId, RequestId, SocketId};
use crate::model::http::{HttpRequest, Secret};
use crate::model::json::ToJson;
use crate::model::time::Millis;
use crate::pipeline::effect::{CommandId, Effect, RecallId, SecretChange};
use crate::recording::{Chunk, Key};
use crate::views::protocol::{Badge, Notice, Reply};

/// Requests to the service.
pub trait Http {
    /// Sends a request for a token.
    fn request_token(&mut self, id: RequestId, request: HttpRequest);
    /// Sends a card.
    fn post_card(&mut self, id: RequestId, request: HttpRequest);
    /// Sends a request for what is new.
    fn poll(&mut self, id: RequestId, request: HttpRequest);
    /// Gives a request up; nobody awaits its outcome.
    fn abort(&mut self, id: RequestId);
}

/// Sockets.
pub trait Stream {
    /// Opens a socket. The address holds the token.
    fn open_stream(&mut self, conn: SocketId, url: Secret);
    /// Sends a frame on an open socket. The frame may hold the token.
    fn send_frame(&mut self, conn: SocketId, frame: Secret);
    /// Closes a socket and stops listening to it.
    fn close_stream(&mut self, conn: SocketId);
}

/// Everything that outlives the worker.
pub trait Storage {
    /// Writes all changes durably, in order, or none.
    fn commit(&mut self, id: CommitId, changes: Vec<Change>);
    /// Reads at most `limit` entries of the activity log, newest first: those before a key, or the newest.
    fn read_history(&mut self, id: CommandId, before: Option<String>, limit: u32);
    /// Reads at most `limit` records of what fired: those after a key, in the order of the keys. None is the end.
    fn recall(&mut self, id: RecallId, after: String, limit: u32);
    /// Closes the database and opens it again before the next commit.
    fn reopen_storage(&mut self);
    /// Deletes the database before the next commit.
    fn delete_storage(&mut self);
    /// Remembers, outside the journal, that there is one.
    fn store_marker(&mut self);
    /// Stores the settings (none: removes them) and the secret together.
    fn store_settings(&mut self, id: CommandId, settings: Option<String>, secret: SecretChange);
    /// Keeps the token until the browser closes, or forgets it.
    fn store_token(&mut self, token: Option<Secret>);
    /// Keeps the vitals until the browser closes, by a call that also keeps the worker alive.
    fn keep_alive(&mut self, vitals: String);
}

/// The recording of what was heard, apart from all else that is stored: nothing waits for it.
pub trait Recording {
    /// Stores a piece of it.
    fn record(&mut self, chunk: Chunk);
    /// Removes all up to this piece; everything where absent.
    fn forget_recording(&mut self, through: Option<Key>);
    /// Reports the stored keys.
    fn list_recording(&mut self);
}

/// Everything that people see.
pub trait Pages {
    /// Answers a page.
    fn reply(&mut self, id: CommandId, reply: Reply);
    /// Tells open pages that there is something new to ask for.
    fn publish(&mut self);
    /// Opens the window in which a person signs in, and reports where it ended.
    fn open_window(&mut self, id: RequestId, address: Secret);
    /// Shows the badge on the toolbar button.
    fn show_badge(&mut self, badge: Badge);
    /// Shows a desktop notification.
    fn notify(&mut self, notice: Notice);
}

/// The wall clock and its one timer.
pub trait Timer {
    /// The wall clock.
    fn wall(&self) -> Millis;
    /// Reports `Tick` at this instant; replaces the deadline before. `None` means that nothing is due.
    fn arm(&mut self, due: Option<Millis>);
    /// Reports how many minutes these IANA zones are ahead of UTC now; one that the host does not know is left out.
    fn tell_offsets(&mut self, zones: Vec<String>);
}

/// The life of the worker.
pub trait Worker {
    /// Reads the storage again, and reports its contents as `Started`.
    fn load(&mut self);
    /// Replaces the engine by a fresh one.
    fn restart(&mut self);
    /// Loads the extension again.
    fn reload(&mut self);
    /// Sets what must bring a dead worker back.
    fn guard(&mut self, guard: Guard);
    /// Whether the worker lives to begin this effect. A simulated one may die between two effects; the rest is dropped.
    fn begins(&mut self, _effect: &Effect) -> bool {
        true
    }
}

/// All roles together.
pub trait Ports: Http + Stream + Storage + Recording + Pages + Timer + Worker {}

impl<Host: Http + Stream + Storage + Recording + Pages + Timer + Worker> Ports for Host {}

/// The things that must bring a dead worker back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub enum Guard {
    /// Nothing is due.
    None,
    /// Something is due, later than the alarm rings.
    #[default]
    Alarm,
    /// Something is due before the alarm would ring.
    Watch,
}

/// A deadline sooner than this needs a timer, because the alarm rings only twice a minute.
const WATCHED: Millis = Millis::from_mins(1);

impl Guard {
    /// The guard of a deadline.
    pub fn of(due: Option<Millis>, wall: Millis) -> Guard {
        match due {
            None => Guard::None,
            Some(at) if at.since(wall) < WATCHED => Guard::Watch,
            Some(_) => Guard::Alarm,
        }
    }
}
