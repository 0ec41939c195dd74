//! Queues, which the service calls skills: since when the one that waits longest has waited.

use super::clock::ServerClock;
use super::cursor::{Cursor, Turned};
use crate::api::published::row::{Page, Row};
use crate::model::event::Rejection;
use crate::model::http::Outcome;
use crate::model::sorted::SortedMap;
use crate::model::time::{Millis, Moment};

/// Everything is read again so often, in case a change was lost.
const WHOLE: Millis = Millis::from_mins(5);

/// Skills remembered; beyond, new ones are not.
const LIMIT: usize = 5_000;

/// All skills by id.
#[derive(Debug, Default)]
pub struct Skills {
    skills: SortedMap<u64, Skill>,
    pub cursor: Cursor,
    /// The server's clock in the last answer that named it.
    pub server_time: Option<Millis>,
    /// When the list was last read to its end.
    read_at: Option<Millis>,
}

/// A skill as it was last read. A skill that does not come back has not changed, and who waits there waits on.
#[derive(Debug)]
struct Skill {
    name: Option<String>,
    /// Contacts in the queue.
    waiting: u64,
    /// Since when the longest of them waits, where the service says so.
    since: Option<Millis>,
}

impl Skills {
    pub fn query(&mut self, now: Millis) -> String {
        self.cursor.query(now, |_| WHOLE)
    }

    /// Reads a page. Says whether the list was read to its end.
    pub fn read(&mut self, outcome: &Outcome, clock: ServerClock, at: Moment) -> Result<bool, Rejection> {
        let page = Page::read(outcome.body(), "skillActivity")?;
        for row in page.rows.iter().filter_map(Row::of) {
            let Some(id) = row.id(&["skillId", "skillNo"]) else { continue };
            if self.skills.len() >= LIMIT && !self.skills.contains_key(&id) {
                continue;
            }
            // The wait is the difference of two instants of the server, so no clock of ours can be wrong about it.
            let server = row.instant(&["serverTime"]);
            self.server_time = self.server_time.max(server);
            let since = row.instant(&["earliestQueueTime"]).map(|earliest| match server {
                Some(server) => at.now.since(server.since(earliest)),
                None => clock.to_now(earliest, at),
            });
            let waiting = row.number(&["queueCount"]).unwrap_or(u64::from(since.is_some()));
            self.skills.insert(id, Skill { name: row.text(&["skillName"]), waiting, since });
        }
        let is_over = self.cursor.turn(&page, &["skillId", "skillNo"]) != Turned::Next;
        if is_over {
            self.read_at = Some(at.now);
        }
        Ok(is_over)
    }

    /// The longest wait in a skill's queue: zero where nobody waits, and `None` where that is not known now.
    pub fn longest_wait(&self, skill: u64, now: Millis, fresh_for: Millis) -> Option<Millis> {
        self.read_at.filter(|at| now.since(*at) <= fresh_for)?;
        match self.skills.get(&skill)? {
            Skill { waiting: 0, .. } => Some(Millis::ZERO),
            Skill { since, .. } => since.map(|since| now.since(since)),
        }
    }

    /// A skill's name.
    pub fn name(&self, skill: u64) -> Option<&str> {
        self.skills.get(&skill)?.name.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::http::Answer;

    const FRESH: Millis = Millis::from_secs(30);

    fn read(skills: &mut Skills, status: u16, body: &str, now: u64) {
        let at = Moment { now: Millis(now), wall: Millis(now) };
        skills.query(at.now);
        let answer = Answer { status, body: body.to_owned(), ..Answer::default() };
        assert_eq!(skills.read(&Outcome::Answer(answer), ServerClock::default(), at), Ok(true));
    }

    #[test]
    fn a_queue_that_does_not_come_back_goes_on_ageing() {
        let mut skills = Skills::default();
        let body = r#"{"totalRecords":1,"lastPollTime":"T","skillActivity":[{"skillId":7,"skillName":"Billing",
            "queueCount":2,
            "serverTime":"2026-02-17T09:30:40.0000000Z","earliestQueueTime":"2026-02-17T09:30:00.000Z"}]}"#;
        read(&mut skills, 200, body, 1_000_000);
        assert_eq!(
            skills.longest_wait(7, Millis(1_000_000), FRESH),
            Some(Millis(40_000)),
            "by the server's clock alone"
        );
        for (status, body, now) in
            [(304, "", 1_010_000), (204, "", 1_020_000), (200, r#"{"skillActivity":[]}"#, 1_030_000)]
        {
            read(&mut skills, status, body, now);
            assert_eq!(skills.longest_wait(7, Millis(now), FRESH), Some(Millis(now - 960_000)), "after {status}");
        }
        assert_eq!(skills.longest_wait(7, Millis(1_060_001), FRESH), None, "unanswered for too long, nobody knows");
        assert_eq!((skills.name(7), skills.longest_wait(8, Millis(1_030_000), FRESH)), (Some("Billing"), None));
    }

    #[test]
    fn an_empty_queue_has_no_wait_however_its_earliest_time_is_written() {
        for earliest in ["null", "\"N/A\"", "\"2026-02-17T09:30:00.000Z\""] {
            let mut skills = Skills::default();
            let body = format!(
                r#"{{"resultSet":{{"skillActivity":[{{"skillId":"7","queueCount":0,
                "earliestQueueTime":{earliest}}}]}}}}"#
            );
            read(&mut skills, 200, &body, 5_000);
            assert_eq!(skills.longest_wait(7, Millis(5_000), FRESH), Some(Millis::ZERO));
        }
    }
}
