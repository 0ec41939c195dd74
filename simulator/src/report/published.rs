//! What a report says of the published service alone.

use std::collections::BTreeMap;

use serde::Serialize;

/// The part that only the published service has.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// Agent messages that were stored.
    pub stored: u64,
    /// Of those, messages whose marker was stored before.
    pub stored_twice: u64,
    /// Messages to an agent whom the contact had left, after an answer had said so.
    pub wrong_agent: u64,
    /// Messages to an agent whom the contact had left, before an answer could say so: delivered all the same.
    pub former_agent: u64,
    /// Messages that were over as they were stored: nobody sees them.
    pub over_when_stored: u64,
    /// Messages to somebody who signs in here, such as those of a connection test.
    pub tests: u64,
    /// Digital contacts in trouble that a list showed and whose messages were never read.
    pub unread: u64,
    /// Signals to scripts.
    pub signals: u64,
    /// Of those, signals of a card that had one before.
    pub signals_twice: u64,
    /// Signals for no message that a client knew to be taken.
    pub signals_unasked: u64,
    /// Signals with other values than those of a card, or to a contact that is due none.
    pub signals_wrong: u64,
    /// Requests by endpoint.
    pub endpoints: BTreeMap<String, Count>,
}

/// Requests of one endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Count {
    /// How many requests came.
    pub requests: u64,
    /// How many an hour, at the pace since the first request of any kind.
    pub per_hour: f64,
    /// The most in any one minute.
    pub busiest_minute: u64,
}
