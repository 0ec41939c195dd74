//! Everything the pipeline asks of the world.

use crate::model::ask::{Ask, Change, CommitId, RequestId, SocketId};
use crate::model::http::{HttpRequest, Secret};
use crate::recording::{Chunk, Key};
use crate::views::protocol::{Badge, Notice, Reply};

/// Names one message from a page; chosen by the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(pub u64);

/// Names one read of what fired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecallId(pub u64);

/// One thing to do. The shell does it and feeds the result back; it decides nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Ask for a token.
    RequestToken {
        /// Comes back with [`crate::pipeline::input::Input::HttpDone`].
        id: RequestId,
        /// The request.
        request: HttpRequest,
    },
    /// Open the window in which a person signs in.
    OpenWindow {
        /// Comes back with [`crate::pipeline::input::Input::WindowEnded`].
        id: RequestId,
        /// Where to; of this sign-in alone.
        address: Secret,
    },
    /// Post a card.
    PostCard {
        /// Comes back with [`crate::pipeline::input::Input::HttpDone`].
        id: RequestId,
        /// The request.
        request: HttpRequest,
    },
    /// Ask the service what is new.
    Poll {
        /// Comes back with [`crate::pipeline::input::Input::HttpDone`].
        id: RequestId,
        /// The request.
        request: HttpRequest,
    },
    /// Give a request up; its outcome is no longer awaited.
    Abort(RequestId),
    /// Open a socket.
    OpenStream {
        /// Comes back with everything the socket says.
        conn: SocketId,
        /// Where to; holds the token.
        url: Secret,
    },
    /// Send a frame on an open socket. Nothing comes back: a socket that cannot send closes.
    SendFrame {
        /// The socket.
        conn: SocketId,
        /// The frame to send; may hold the token.
        frame: Secret,
    },
    /// Close a socket and stop listening to it.
    CloseStream(SocketId),
    /// Write all changes durably, or none.
    Commit {
        /// Comes back with `Committed` or `CommitFailed`.
        id: CommitId,
        /// Applied in order.
        changes: Vec<Change>,
    },
    /// Read entries of the activity log, newest first.
    ReadHistory {
        /// Comes back with `HistoryRead`.
        id: CommandId,
        /// Entries before this key; the newest if absent.
        before: Option<String>,
        /// How many.
        limit: u32,
    },
    /// Read records of what fired, in the order of their keys.
    Recall {
        /// Comes back with [`crate::pipeline::input::Input::Recalled`].
        id: RecallId,
        /// Records after this key.
        after: String,
        /// How many at most. Fewer may come; none at all is the end.
        limit: u32,
    },
    /// Say how far these IANA zones are ahead of UTC now. Comes back with
    /// [`crate::pipeline::input::Input::ZoneOffsets`].
    TellOffsets(Vec<String>),
    /// Read the storage again, and start again with its contents.
    Load,
    /// Store a piece of the recording. Comes back with [`crate::pipeline::input::Input::Recorded`].
    Record(Chunk),
    /// Remove the recording up to this piece; all of it where absent.
    ForgetRecording(Option<Key>),
    /// Say what is recorded. Comes back with [`crate::pipeline::input::Input::RecordingListed`].
    ListRecording,
    /// Close the database and open it again before the next commit. A commit that still waits for the database to open
    /// is never begun; one that has begun may still succeed.
    ReopenStorage,
    /// Delete the database before the next commit, because it cannot be written and a person wants everything gone.
    DeleteStorage,
    /// Replace the engine by a fresh one that reads everything stored.
    Restart,
    /// Load the extension again, because the browser holds an update ready.
    Reload,
    /// Remember that a journal was written, outside the journal.
    StoreMarker,
    /// Store the settings; answered by `SettingsStored`.
    StoreSettings {
        /// The command that asked for it.
        id: CommandId,
        /// The settings, as JSON without the secret; `None` removes them.
        settings: Option<String>,
        /// The fate of the secret.
        secret: SecretChange,
    },
    /// Keep the token for the next worker of this browser session, or forget it.
    StoreToken(Option<Secret>),
    /// An extension API call that keeps the worker alive; what it stores outlives the worker, not the browser.
    KeepAlive {
        /// For the next start.
        vitals: String,
    },
    /// Show this on the toolbar button.
    ShowBadge(Badge),
    /// Show a desktop notification.
    Notify(Notice),
    /// Tell open pages that there is something new to ask for.
    Publish,
    /// Answer a page.
    Reply(CommandId, Box<Reply>),
}

/// The fate of the stored secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretChange {
    /// Leave it.
    Keep,
    /// On this device.
    OnDevice(Secret),
    /// Until the browser closes.
    InSession(Secret),
    /// Remove it everywhere.
    Forget,
}

/// Collects effects in the order they must be started in.
#[derive(Debug, Default)]
pub struct Effects(Vec<Effect>);

impl Effects {
    /// Adds one.
    pub fn push(&mut self, effect: Effect) {
        self.0.push(effect);
    }

    /// Takes all of them out, oldest first.
    pub fn drain(&mut self) -> std::vec::Drain<'_, Effect> {
        self.0.drain(..)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Ask for Effects {
    fn request_token(&mut self, id: RequestId, request: HttpRequest) {
        self.push(Effect::RequestToken { id, request });
    }

    fn open_window(&mut self, id: RequestId, address: Secret) {
        self.push(Effect::OpenWindow { id, address });
    }

    fn post_card(&mut self, id: RequestId, request: HttpRequest) {
        self.push(Effect::PostCard { id, request });
    }

    fn poll(&mut self, id: RequestId, request: HttpRequest) {
        self.push(Effect::Poll { id, request });
    }

    fn abort(&mut self, id: RequestId) {
        self.push(Effect::Abort(id));
    }

    fn open_stream(&mut self, conn: SocketId, url: Secret) {
        self.push(Effect::OpenStream { conn, url });
    }

    fn send_frame(&mut self, conn: SocketId, frame: Secret) {
        self.push(Effect::SendFrame { conn, frame });
    }

    fn close_stream(&mut self, conn: SocketId) {
        self.push(Effect::CloseStream(conn));
    }

    fn commit(&mut self, id: CommitId, changes: Vec<Change>) {
        self.push(Effect::Commit { id, changes });
    }

    fn reopen_storage(&mut self) {
        self.push(Effect::ReopenStorage);
    }

    fn delete_storage(&mut self) {
        self.push(Effect::DeleteStorage);
    }

    fn store_marker(&mut self) {
        self.push(Effect::StoreMarker);
    }

    fn store_token(&mut self, token: Option<Secret>) {
        self.push(Effect::StoreToken(token));
    }
}
