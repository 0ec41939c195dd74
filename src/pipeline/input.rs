//! Everything that can happen to the pipeline.

use crate::link::probe::Grounds;
use crate::model::ask::{CommitFailure, CommitId, RequestId, SocketId};
use crate::model::http::{Outcome, Secret};
use crate::pipeline::effect::{CommandId, RecallId};
use crate::recording::Key;
use crate::views::protocol::Request;

/// One thing that happened. Failures are inputs like any other.
#[derive(Debug)]
pub enum Input<'a> {
    /// The worker started and has read what it stored before, but perhaps not yet what fired.
    Started(Box<Start>),
    /// A person, through a page.
    Command(CommandId, Request),
    /// Nothing but the passing of time.
    Tick,
    /// The browser found the network again, or lost it. A hint only: loopback works offline.
    OnlineChanged(bool),
    /// The socket's open event.
    StreamOpened(SocketId),
    /// One message of the stream, as its UTF-8 bytes.
    Frame(SocketId, &'a [u8]),
    /// The socket closed, or never opened.
    StreamClosed(SocketId, u16),
    /// The browser does not allow the socket's address: it was not opened, or was closed because the permission ended.
    StreamNotPermitted(SocketId),
    /// The browser allows an origin (scheme, host and port) that it refused before.
    Permitted(String),
    /// A request was answered, or was not.
    HttpDone(RequestId, Outcome),
    /// The sign-in window ended at an address, or is gone without one (with the browser's words).
    WindowEnded(RequestId, Result<Secret, String>),
    /// Where sign-in windows of this host end, and random bytes for them.
    Windows(Grounds),
    /// The commit is durable.
    Committed(CommitId),
    /// The commit was refused; nothing of it was written.
    CommitFailed(CommitId, CommitFailure),
    /// A piece of the recording is stored, or not.
    Recorded(Key, bool),
    /// The keys of what is recorded; none where they cannot be read.
    RecordingListed(Vec<String>),
    /// How many minutes local time is ahead of UTC.
    LocalOffset(i32),
    /// How many minutes each IANA zone is ahead of UTC now, without the zones that the host does not know.
    ZoneOffsets(Vec<(String, i32)>),
    /// How many pages are open that want to hear of news.
    PagesOpen(u32),
    /// The browser holds an update of the extension ready.
    UpdateAvailable,
    /// Entries of the activity log with their keys, newest first, or why they cannot be read.
    HistoryRead(CommandId, Result<Vec<(String, String)>, String>),
    /// Records of what fired with their keys, or why they cannot be read. None is the end.
    Recalled(RecallId, Result<Vec<(String, String)>, String>),
    /// The settings are stored, or not (with the reason).
    SettingsStored(CommandId, Result<(), String>),
}

/// The data that the shell read at start.
pub struct Start {
    /// The journal's records, or why it cannot be read.
    pub journal: Result<Vec<(String, String)>, String>,
    /// The records of what fired are not among them, because they may be many: the pipeline asks for them.
    pub fired_later: bool,
    /// Whether a journal has ever been written in this profile.
    pub marker: bool,
    /// The settings as stored.
    pub settings: Option<String>,
    /// The client secret as stored, wherever that was.
    pub secret: Option<String>,
    /// The token as [`crate::pipeline::effect::Effect::StoreToken`] gave it.
    pub token: Option<String>,
    /// The vitals of the last [`crate::pipeline::effect::Effect::KeepAlive`].
    pub vitals: Option<String>,
    /// Seed of all jitter.
    pub seed: u64,
    /// Minutes that local time is ahead of UTC: rules with hours are judged from the very start.
    pub local_offset: i32,
    /// A development build accepts plain `http` to this machine.
    pub loopback_allowed: bool,
}

impl std::fmt::Debug for Start {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Start").field("marker", &self.marker).field("seed", &self.seed).finish_non_exhaustive()
    }
}
