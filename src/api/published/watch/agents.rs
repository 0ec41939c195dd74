//! Which agent is which user: digital cases name users, messages go to agents.

use super::cursor::{Cursor, Turned};
use crate::api::published::row::{Page, Row};
use crate::model::event::Rejection;
use crate::model::http::Outcome;
use crate::model::sorted::{SortedMap, SortedSet};
use crate::model::time::Millis;

/// Agents remembered; beyond, new ones are not.
const LIMIT: usize = 20_000;

/// A user whom the list lacks is looked for again after so long, because an administrator may have made the agent a
/// moment ago; then after twice as long each time. One who is new is looked for at once.
const SOON: Millis = Millis::from_mins(1);

/// Many users of a tenant may be no agents.
const AGAIN: Millis = Millis::from_mins(10);

/// Agents by user.
#[derive(Debug, Default)]
pub struct Agents {
    by_user: SortedMap<String, u64>,
    pub cursor: Cursor,
    /// For whom the list was last asked for, and when.
    sought: SortedSet<String>,
    sought_at: Millis,
    /// How long nobody else is looked for since then.
    pause: Millis,
}

impl Agents {
    /// Notes that the list is asked for because of these users.
    pub fn seek(&mut self, users: SortedSet<String>, now: Millis) {
        let has_new = users.iter().any(|user| !self.sought.contains(user));
        self.pause = if has_new { SOON } else { Millis(AGAIN.0.min(self.pause.0 * 2)) };
        (self.sought, self.sought_at) = (users, now);
    }

    /// The service refused how it was asked (400), so nobody was looked for. Says whether smaller pages are still to be
    /// tried.
    pub fn restart(&mut self) -> bool {
        self.sought = SortedSet::default();
        self.cursor.restart()
    }

    /// When the list is asked for again because of these users: an agent who has just logged in has customers already.
    pub fn not_before<'a>(&self, mut users: impl Iterator<Item = &'a str>) -> Millis {
        let is_new = users.any(|user| !self.sought.contains(user));
        if is_new { Millis::ZERO } else { self.sought_at.plus(self.pause) }
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

    fn users(names: &[&str]) -> SortedSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_user_whom_the_list_lacks_is_asked_for_ever_more_rarely_and_a_new_one_at_once() {
        let mut agents = Agents::default();
        assert_eq!(agents.not_before(["u-1"].into_iter()), Millis::ZERO);
        let mut now = Millis(5_000);
        for minutes in [1, 2, 4, 8, 10, 10] {
            agents.seek(users(&["u-1"]), now);
            let next = agents.not_before(["u-1"].into_iter());
            assert_eq!(next, now.plus(Millis::from_mins(minutes)));
            assert_eq!(agents.not_before(["u-1", "u-2"].into_iter()), Millis::ZERO);
            now = next;
        }
        agents.seek(users(&["u-1", "u-2"]), now);
        assert_eq!(agents.not_before(["u-2"].into_iter()), now.plus(SOON));
    }

    #[test]
    fn a_list_that_was_refused_is_asked_for_again_at_once() {
        let mut agents = Agents::default();
        agents.seek(users(&["u-1"]), Millis(5_000));
        assert!(agents.query(Millis(5_000)).starts_with("top=100&"));
        assert!(agents.restart(), "smaller pages are tried");
        assert_eq!(agents.not_before(["u-1"].into_iter()), Millis::ZERO);
        assert!(agents.query(Millis(6_000)).starts_with("top=50&"));
    }
}
