//! Requests that a service wants repeated, because no stream says the same. The contract wants none.

use crate::model::address::Base;
use crate::model::event::{Event, Rejection};
use crate::model::http::{HttpRequest, Secret};
use crate::model::time::Millis;

/// Takes the events of an answer, one after another.
pub type Each<'a> = dyn FnMut(&Event<'_>) + 'a;

/// One request that a service wants repeated.
#[derive(Debug)]
pub struct Poll {
    /// The span from one request to the next while the service answers.
    pub every: Millis,
    /// Asks.
    pub request: fn(&Base, &Secret) -> HttpRequest,
    /// Reads the body of an answer, event by event. What was read before a fault counts.
    pub read: fn(&str, &mut Each<'_>) -> Result<(), Rejection>,
}
