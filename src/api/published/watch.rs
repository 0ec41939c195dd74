//! What the published service is asked again and again, and what is remembered from one answer to the next.

use serde::Deserialize;

use super::{acd, time};
use crate::api::Access;
use crate::api::poll::{Budget, Each, Moment, Needs, Poll, Poller, Want};
use crate::model::event::Rejection;
use crate::model::http::{HttpRequest, Outcome};
use crate::model::time::Millis;

/// No limit is published; NICE's own desktop makes more.
static ACD: Budget = Budget { name: "acd", requests: 30, per: Millis::from_mins(1) };

static POLLS: [Poll; 1] =
    [Poll { name: "server-time", every: Millis::from_mins(30), spread: Millis::from_mins(3), budget: &ACD }];

/// What was learnt so far.
#[derive(Debug, Default)]
pub struct Watch {
    /// How far the server's clock is from this one's, and which of both is ahead.
    ahead: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ServerTime {
    #[serde(alias = "serverTime")]
    server_time: String,
}

impl Poller for Watch {
    fn polls(&self) -> &'static [Poll] {
        &POLLS
    }

    fn wants(&self, _: usize, needs: &Needs) -> Want {
        if *needs == Needs::default() { Want::Never } else { Want::InTurn }
    }

    fn request(&mut self, _: usize, access: &Access<'_>, _: Moment) -> Option<HttpRequest> {
        acd::get(access, "/server-time")
    }

    fn read(&mut self, _: usize, outcome: &Outcome, at: Moment, _: &mut Each<'_>) -> Result<(), Rejection> {
        let answer: ServerTime = serde_json::from_str(outcome.body()).map_err(|_| Rejection::NotJson)?;
        let server = time::parse(&answer.server_time).ok_or(Rejection::WrongShape)?;
        self.ahead = server.0.cast_signed().saturating_sub(at.wall.0.cast_signed());
        Ok(())
    }

    fn server_time(&self, wall: Millis) -> Millis {
        Millis(wall.0.saturating_add_signed(self.ahead))
    }
}
