//! Who reads a card, where a service sends cards to persons instead of interactions.

use crate::model::json::{FromJson, ToJson};

/// The reader of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToJson, FromJson)]
#[serde(rename_all = "camelCase")]
pub enum Reader {
    /// The agent who talks to the customer.
    Agent(u64),
    /// A team, because no agent talks to the customer yet.
    Team {
        /// The team.
        team: u64,
        /// One of its agents, who is asked whether the card has arrived.
        agent: u64,
    },
}

impl Reader {
    /// The agent whose messages tell whether a card has arrived.
    pub fn witness(self) -> u64 {
        match self {
            Reader::Agent(agent) | Reader::Team { agent, .. } => agent,
        }
    }
}
