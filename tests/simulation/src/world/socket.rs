//! A socket of the stream.

use cuewire::model::ask::SocketId;

/// One socket.
#[derive(Debug)]
pub struct Socket {
    pub life: u32,
    pub conn: SocketId,
    pub host: usize,
    pub token: String,
    /// The worker has not closed it, and has not heard that it closed.
    pub wanted: bool,
    /// The open event fired.
    pub opened: bool,
    /// The server has it.
    pub served: bool,
    /// Nothing gets through any more, and nobody knows.
    pub half_open: bool,
    /// The last utterance arrives then; no later one overtakes it.
    pub arrives_at: u64,
}
