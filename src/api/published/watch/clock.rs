//! The server's clock beside this one's.

use crate::model::time::{Millis, Moment};

/// An instant that is told in passing may be older than its answer by so much.
const PASSING: Millis = Millis::from_mins(1);

/// How far the server's clock is from the wall clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct ServerClock {
    /// Milliseconds; negative where the server is behind. Absent until the server has said, or will not say.
    ahead: Option<i64>,
}

impl ServerClock {
    /// Whether instants of the server can be told.
    pub fn is_known(self) -> bool {
        self.ahead.is_some()
    }

    /// The server's clock showed `server` at this instant of the wall clock.
    pub fn set(&mut self, server: Millis, wall: Millis) {
        self.ahead = Some(server.0.cast_signed().saturating_sub(wall.0.cast_signed()));
    }

    /// An answer says in passing what the server's clock shows. Only a clock that was set since is corrected by that.
    pub fn correct(&mut self, server: Millis, wall: Millis) {
        if server.0.abs_diff(self.at(wall).0) > PASSING.0 {
            self.set(server, wall);
        }
    }

    /// The server does not say: both clocks are taken to agree, otherwise nothing else would ever be asked.
    pub fn assume(&mut self) {
        self.ahead.get_or_insert(0);
    }

    /// What the server's clock shows.
    pub fn at(self, wall: Millis) -> Millis {
        Millis(wall.0.saturating_add_signed(self.ahead.unwrap_or_default()))
    }

    /// An instant of the server in time that only goes forward; one that lies ahead is now.
    pub fn to_now(self, server: Millis, at: Moment) -> Millis {
        at.now.since(self.at(at.wall).since(server))
    }
}
