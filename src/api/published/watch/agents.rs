//! Which agent is which user: digital cases name users, messages go to agents.

use super::cursor::{Cursor, Turned};
use crate::api::published::row::{Page, Row};
use crate::model::event::Rejection;
use crate::model::http::Outcome;
use crate::model::sorted::{SortedMap, SortedSet};
use crate::model::time::Millis;

/// Agents remembered; beyond, new ones are not.
const LIMIT: usize = 20_000;

/// A user whom the list lacks is looked for again after so long; one who is new is looked for at once.
const AGAIN: Millis = Millis::from_mins(10);

/// Agents by user.
#[derive(Debug, Default)]
pub struct Agents {
    by_user: SortedMap<String, u64>,
    pub cursor: Cursor,
    /// For whom the list was last asked for, and when.
    sought: SortedSet<String>,
    sought_at: Millis,
}

impl Agents {
    /// Notes that the list is asked for because of these users.
    pub fn seek(&mut self, users: SortedSet<String>, now: Millis) {
        (self.sought, self.sought_at) = (users, now);
    }

    /// When the list is asked for again because of these users: an agent who has just logged in has customers already.
    pub fn not_before<'a>(&self, mut users: impl Iterator<Item = &'a str>) -> Millis {
        let is_new = users.any(|user| !self.sought.contains(user));
        if is_new { Millis::ZERO } else { self.sought_at.plus(AGAIN) }
    }

    pub fn query(&mut self, now: Millis) -> String {
        self.cursor.query(now, |_| Millis::ZERO)
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
        let _: Turned = self.cursor.turn(&page, &["agentId"]);
        Ok(())
    }

    /// The agent that a user is.
    pub fn of(&self, user: &str) -> Option<u64> {
        self.by_user.get(&user.to_ascii_lowercase()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_whom_the_list_lacks_is_asked_for_rarely_and_a_new_one_at_once() {
        let mut agents = Agents::default();
        assert_eq!(agents.not_before(["u-1"].into_iter()), Millis::ZERO);
        agents.seek(SortedSet::from_iter(["u-1".to_owned()]), Millis(5_000));
        assert_eq!(agents.not_before(["u-1"].into_iter()), Millis(605_000));
        assert_eq!(agents.not_before(["u-1", "u-2"].into_iter()), Millis::ZERO);
    }
}
