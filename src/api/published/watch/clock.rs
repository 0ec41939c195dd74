//! The server's clock beside this one's.

use serde_json::Value;

use crate::api::published::row::Row;
use crate::model::event::Rejection;
use crate::model::json;
use crate::model::time::{Millis, Moment};

/// An instant that is told in passing may be older than its answer by so much.
const PASSING: Millis = Millis::from_mins(1);

/// How far the server's clock is from the wall clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct ServerClock {
    /// Milliseconds; negative where the server is behind. Absent until the server has said, or will not say.
    ahead: Option<i64>,
    /// The server has said.
    is_told: bool,
}

impl ServerClock {
    /// Whether instants of the server can be told.
    pub fn is_known(self) -> bool {
        self.ahead.is_some()
    }

    /// Whether the server has said.
    pub fn is_told(self) -> bool {
        self.is_told
    }

    /// The server's clock showed `server` at this instant of the wall clock.
    pub fn set(&mut self, server: Millis, wall: Millis) {
        self.ahead = Some(server.0.cast_signed().saturating_sub(wall.0.cast_signed()));
        self.is_told = true;
    }

    /// The `Date` of an answer, which counts where the server has not said otherwise: it is late by its second.
    pub fn set_by_date(&mut self, date: Option<Millis>, wall: Millis) {
        if let Some(date) = date.filter(|_| !self.is_told) {
            self.set(date, wall);
        }
    }

    /// An answer says in passing what the server's clock shows. Only a clock that was set since is corrected by that.
    pub fn correct(&mut self, server: Millis, wall: Millis) {
        if !self.is_told || server.0.abs_diff(self.at(wall).0) > PASSING.0 {
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

/// Reads what the server says of its clock, in either envelope. `None` where the answer names no instant.
///
/// # Errors
///
/// Says why the answer is no object.
pub fn read(body: &str) -> Result<Option<Millis>, Rejection> {
    let json: Value = json::read(body).ok_or(Rejection::NotJson)?;
    let top = Row::of(&json).ok_or(Rejection::WrongShape)?;
    Ok(top.row(&["resultSet"]).unwrap_or(top).instant(&["serverTime"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_time_is_read_under_a_name_of_any_case_and_in_both_envelopes() {
        for body in [
            r#"{"ServerTime":"2021-07-21T13:38:15.3560573Z"}"#,
            r#"{"servertime":"2021-07-21T13:38:15.356"}"#,
            r#"{"resultSet":{"serverTime":"1626874695356"}}"#,
        ] {
            assert_eq!(read(body), Ok(Some(Millis(1_626_874_695_356))), "{body}");
        }
        assert_eq!(read(r#"{"ServerTime":null}"#), Ok(None));
        assert_eq!(read("No known way to render data"), Err(Rejection::NotJson));
    }

    #[test]
    fn a_server_that_will_not_tell_its_time_tells_it_by_the_date_of_its_answers() {
        let (mut clock, wall) = (ServerClock::default(), Millis(1_000_000));
        clock.assume();
        assert_eq!(clock.at(wall), wall);
        clock.set_by_date(None, wall);
        assert_eq!(clock.at(wall), wall);
        clock.set_by_date(Some(Millis(700_000)), wall);
        assert_eq!(clock.at(wall), Millis(700_000));
        clock.set_by_date(Some(Millis(800_000)), wall);
        assert_eq!(clock.at(wall), Millis(700_000), "it was told");
        clock.set(Millis(1_300_000), wall);
        assert_eq!(clock.at(wall), Millis(1_300_000));
    }

    #[test]
    fn a_clock_that_was_only_assumed_is_corrected_by_little() {
        let (mut clock, wall) = (ServerClock::default(), Millis(1_000_000));
        clock.assume();
        clock.correct(Millis(1_030_000), wall);
        assert_eq!(clock.at(wall), Millis(1_030_000));
        clock.correct(Millis(1_060_000), wall);
        assert_eq!(clock.at(wall), Millis(1_030_000), "in passing, an instant may be old by a minute");
    }
}
