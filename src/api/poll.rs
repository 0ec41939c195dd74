//! Polls: requests that are repeated, because no stream says the same. The contract asks nothing.
//!
//! A [`Poller`] knows what to ask and what an answer says; `link/polling.rs` knows when: cadence, jitter, budget,
//! backoff.

use std::fmt;

use crate::api::Access;
use crate::model::card::reader::Reader;
use crate::model::event::{Event, Rejection};
use crate::model::http::{HttpRequest, Outcome};
use crate::model::json::{FromJson, ToJson};
use crate::model::time::{Millis, Moment};

/// Takes the events of an answer, one after another.
pub type Each<'a> = dyn FnMut(&Event<'_>) + 'a;

/// One request that a service wants repeated.
#[derive(Debug)]
pub struct Poll {
    /// The name of the poll in a diagnosis.
    pub name: &'static str,
    /// The span from one request to the next while the service answers.
    pub every: Millis,
    /// The span may be longer or shorter by so much, because many supervisors ask the same server.
    pub spread: Millis,
    /// The budget that counts its requests.
    pub budget: &'static Budget,
}

/// A limit of requests in any span of this length. Several polls may share one.
#[derive(Debug, PartialEq, Eq)]
pub struct Budget {
    /// Names it.
    pub name: &'static str,
    /// How many.
    pub requests: usize,
    /// In how long.
    pub per: Millis,
}

/// For what polls are made. A poll that nothing needs costs the service nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needs {
    /// Some rule looks at a wait.
    pub waits: bool,
    /// Some rule looks at a step, a queue, or who waits.
    pub steps: bool,
    /// Some rule looks at the customer's sentiment.
    pub sentiment: bool,
    /// A card is on its way, and must find its reader.
    pub cards: bool,
}

/// Who reads cards, as far as polls have told.
#[derive(Debug, Clone, Copy)]
pub struct Readers<'p> {
    /// The facts that polls found.
    pub poller: Option<&'p dyn Poller>,
    /// A team may read a card while no agent talks to the customer.
    pub or_team: bool,
}

impl Readers<'_> {
    /// Who reads the cards of an interaction now.
    pub fn of(&self, interaction: &str, now: Millis) -> Option<Reader> {
        self.poller?.reader(interaction, self.or_team, now)
    }

    /// The time of the server's clock.
    pub fn server_time(&self, wall: Millis) -> Millis {
        self.poller.map_or(wall, |poller| poller.server_time(wall))
    }
}

/// When a poll is to be made next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// Nothing needs it.
    Never,
    /// A cadence after the one before.
    InTurn,
    /// A cadence after the one before, and not before this instant.
    NotBefore(Millis),
    /// Now: the answer before was one page of several.
    AtOnce,
}

/// How a poller told of interactions, for the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToJson, FromJson)]
#[serde(rename_all = "camelCase")]
pub enum Legacy {
    /// Digital conversations have the names of their contacts, because nobody may read cases. Since cases may be read,
    /// only those that began before keep these names, by the server's clock.
    NamesOfContacts {
        /// When cases were first read.
        before: Option<Millis>,
    },
}

/// Conversations that wait long to be read, because a budget is not enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behind {
    /// The name of the poll.
    pub what: &'static str,
    /// How many conversations wait.
    pub waiting: usize,
    /// How long the first of them has.
    pub minutes: u64,
}

/// The polls of one connection, and what it remembers from one to the next. A deterministic state machine.
pub trait Poller {
    /// Every poll there is; the place in this list names it.
    fn polls(&self) -> &'static [Poll];

    /// When a poll is to be made.
    fn wants(&self, poll: usize, needs: &Needs) -> Want;

    /// Takes the needs that hold from now on.
    fn need(&mut self, _needs: &Needs) {}

    /// The names under which interactions were reported. The next poller must keep them.
    fn legacy(&self) -> Option<Legacy> {
        None
    }

    /// Goes on after another poller.
    fn inherit(&mut self, _legacy: Legacy) {}

    /// Asks. `None` where nothing can be asked, because the service has not said where it is.
    fn request(&mut self, poll: usize, access: &Access<'_>, at: Moment) -> Option<HttpRequest>;

    /// Reads an answer that means *done*, event by event.
    ///
    /// # Errors
    ///
    /// Says why the answer cannot be read. What was read before the fault counts.
    fn read(&mut self, poll: usize, outcome: &Outcome, at: Moment, each: &mut Each<'_>) -> Result<(), Rejection>;

    /// Who reads the cards of an interaction now, where the service sends cards to persons and somebody can be told.
    /// `or_team` asks for a team while no agent talks to the customer.
    fn reader(&self, _interaction: &str, _or_team: bool, _now: Millis) -> Option<Reader> {
        None
    }

    /// A request came to nothing. Says whether the next one asks otherwise, and so need not wait.
    fn failed(&mut self, _poll: usize, _outcome: &Outcome, _at: Moment) -> bool {
        false
    }

    /// How long a poll takes for all that it reads, where that is longer than its cadence: a long list in a small budget.
    fn round(&self, _poll: usize) -> Millis {
        Millis::ZERO
    }

    /// The conversations that the budget does not allow to read in time.
    fn behind(&self) -> Option<Behind> {
        None
    }

    /// The server's clock at an instant of the wall clock, as far as is known.
    fn server_time(&self, wall: Millis) -> Millis {
        wall
    }
}

// With `Debug` above the trait, the WebAssembly would hold the text of every poll, where nobody prints them.
impl fmt::Debug for dyn Poller + '_ {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("Poller")
    }
}
