//! Which agent is which user: digital cases name users, messages go to agents.

use std::collections::BTreeMap;

use super::cursor::{Cursor, Turned};
use crate::api::published::row::{Page, Row};
use crate::model::event::Rejection;
use crate::model::http::Outcome;
use crate::model::time::Millis;

/// Agents remembered; beyond, new ones are not.
const LIMIT: usize = 20_000;

/// Agents by user.
#[derive(Debug, Default)]
pub struct Agents {
    by_user: BTreeMap<String, u64>,
    pub cursor: Cursor,
}

impl Agents {
    pub fn query(&mut self, now: Millis) -> String {
        format!("fields=agentId,userID&{}", self.cursor.query(now, |_| Millis::ZERO))
    }

    /// Reads a page.
    pub fn read(&mut self, outcome: &Outcome) -> Result<(), Rejection> {
        let page = Page::read(outcome.body(), "agents")?;
        for row in page.rows.iter().filter_map(Row::of) {
            if let (Some(agent), Some(user)) = (row.id(&["agentId"]), row.text(&["userID", "userId"]))
                && self.by_user.len() < LIMIT
            {
                self.by_user.insert(user.to_ascii_lowercase(), agent);
            }
        }
        let _: Turned = self.cursor.turn(&page);
        Ok(())
    }

    /// The agent that a user is.
    pub fn of(&self, user: &str) -> Option<u64> {
        self.by_user.get(&user.to_ascii_lowercase()).copied()
    }
}
