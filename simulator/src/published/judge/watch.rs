//! The judge's knowledge of one contact: who has it, what answers told of it, and which messages it got.

use super::{AFTERMATH, At};
use crate::clock::SECOND;
use crate::rules::{OncePer, RuleSet};

/// A message that was under way when an answer named another agent may still arrive.
const UNDER_WAY: At = 3 * SECOND as At;
/// Agents remembered whom a contact left.
const MOST_FORMER: usize = 8;

/// An agent whom a contact left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Former {
    pub(super) agent: usize,
    left: At,
    /// When an answer first named another agent, or none.
    pub(super) told: Option<At>,
}

#[derive(Debug, Default)]
pub(super) struct Watch {
    pub(super) agent: Option<usize>,
    pub(super) ended: Option<At>,
    pub(super) former: Vec<Former>,
    /// When an answer named the present agent.
    pub(super) agent_told: Option<At>,
    /// When an answer last showed that the contact waits.
    pub(super) told_waiting: Option<At>,
    /// Since when lists show the contact while its labels are low, unread.
    pub(super) listed_low: Option<At>,
    /// When an answer made a rule certainly true.
    pub(super) heard: Option<At>,
    pub(super) rules: RuleSet,
    /// Rules that some right client may take for true.
    pub(super) maybe: RuleSet,
    /// The contact had its time of notice.
    pub(super) certain: bool,
    pub(super) cards: u32,
    pub(super) refusals: u32,
    pub(super) delivered_at: Option<At>,
}

impl Watch {
    /// The contact left this agent.
    pub(super) fn leave(&mut self, agent: usize, now: At) {
        if self.former.len() == MOST_FORMER {
            self.former.remove(0);
        }
        self.former.push(Former { agent, left: now, told: None });
        self.agent_told = None;
    }

    /// Since when a client knows both that it qualifies and who has it.
    pub(super) fn known(&self) -> Option<At> {
        Some(self.heard?.max(self.agent_told?))
    }

    /// Whether a message to an agent is right now: the present one, or one whom it left without a client knowing.
    pub(super) fn reachable_at(&self, agent: usize, now: At) -> bool {
        if self.ended.is_some_and(|ended| now - ended > AFTERMATH) {
            return false;
        }
        let fair = |former: &Former| {
            former.agent == agent
                && former.told.is_none_or(|told| now <= told + UNDER_WAY)
                && now - former.left <= AFTERMATH
        };
        self.agent == Some(agent) || self.former.iter().any(fair)
    }

    /// The most messages a right client sends.
    pub(super) fn most(&self, once_per: OncePer) -> u32 {
        match once_per {
            OncePer::Interaction => 1,
            OncePer::Rule => self.rules.or(self.maybe).len(),
        }
    }
}
