//! Digital cases and what their customers wrote: the one published source of the sentiment of customers of others.

use std::collections::VecDeque;

use super::clock::ServerClock;
use super::contacts::FRESH;
use super::sentiment::{self, Reading};
use crate::api::published::row::{Page, Row};
use crate::model::event::Rejection;
use crate::model::http::Outcome;
use crate::model::sorted::SortedMap;
use crate::model::time::{Millis, Moment};

/// A case is over once this many whole lists in a row lack it.
const ABSENT: u8 = 2;

/// Cases remembered; beyond, new ones are not.
const LIMIT: usize = 20_000;

/// One page of the list costs so much time, because half of the budget is for messages.
const PER_PAGE: Millis = Millis::from_secs(6);

/// More pages are given up.
const PAGES: u32 = 400;

/// A label may come after its message. So long after a reading without one the messages are read again.
const LATER: Millis = Millis::from_secs(30);

/// The most reads of one case in a row.
const AGAIN: u8 = 4;

/// What was read last of a case.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Case {
    /// The contact, where the case names one.
    pub contact: Option<u64>,
    pub queue: Option<String>,
    /// The user who has it, by the id that sign-in knows.
    pub user: Option<String>,
    /// Since when it waits for somebody, by the server's clock.
    pub waits_since: Option<Millis>,
    /// What tells that a message came.
    mark: Option<String>,
    /// Whether the mark counts messages, so that a message never goes without another mark.
    counts: bool,
    /// The customer's newest message that was read.
    newest: Option<String>,
    /// −1 … 1, of the newest messages.
    pub level: Option<f64>,
    read_again_at: Option<Millis>,
    read_again: u8,
    absent: u8,
    /// When its row was last read.
    seen_at: Millis,
    /// Its messages are to be read.
    is_unread: bool,
}

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Another person has it, or it waits, or it is heard of for the first time.
    Moved(String),
    /// Over, with the contact that it named.
    Ended(String, Option<u64>),
}

/// All cases by number.
#[derive(Debug, Default)]
pub struct Cases {
    cases: SortedMap<String, Case>,
    /// The case of each contact that cases name.
    by_contact: SortedMap<u64, String>,
    scroll: Option<String>,
    seen: u64,
    pages: u32,
    begun: Millis,
    /// The list is not asked for before.
    pub not_before: Millis,
    /// When a page was last read.
    read_at: Option<Millis>,
    /// Since when pages are read without a long gap.
    steady_since: Millis,
    /// Whose messages are to be read: first those that have a new one, then those that were never read.
    unread: VecDeque<String>,
}

impl Cases {
    /// Whether the list goes on with another page.
    pub fn goes_on(&self) -> bool {
        self.scroll.is_some()
    }

    pub fn query(&mut self, now: Millis) -> String {
        if self.scroll.is_none() {
            (self.begun, self.pages, self.seen) = (now, 0, 0);
        }
        let statuses = ["new", "open", "pending", "escalated"].map(|status| format!("status%5B%5D={status}"));
        let scroll = self.scroll.as_ref().map(|token| format!("&scrollToken={}", super::encoded(token)));
        format!("{}{}", statuses.join("&"), scroll.unwrap_or_default())
    }

    /// Reads a page of the list. Says what changed, and whether the list was read to its end.
    pub fn read(&mut self, outcome: &Outcome, now: Millis) -> Result<(Vec<Change>, bool), Rejection> {
        self.scroll = None;
        let page = Page::read(outcome.body(), "data")?;
        if !self.are_fresh(now) {
            self.steady_since = now;
        }
        self.read_at = Some(now);
        let mut changes = Vec::new();
        for row in page.rows.iter().filter_map(Row::of) {
            changes.extend(self.take(&row));
        }
        self.pages += 1;
        self.seen += page.rows.len() as u64;
        let has_more = !page.rows.is_empty() && page.total.is_none_or(|total| self.seen < total);
        if page.scroll.is_some() && has_more && self.pages < PAGES {
            self.scroll = page.scroll;
            return Ok((changes, false));
        }
        self.not_before = self.begun.plus(Millis(PER_PAGE.0 * u64::from(self.pages)));
        if outcome.status() != 304 {
            self.forget_absent(&mut changes);
        }
        Ok((changes, true))
    }

    fn take(&mut self, row: &Row<'_>) -> Option<Change> {
        let id = row.text(&["id"])?;
        if !self.cases.contains_key(&id) && self.cases.len() >= LIMIT {
            return None;
        }
        let assignee = row.row(&["inboxAssigneeUser"]).or(row.row(&["ownerAssigneeUser"]));
        let updated = row.instant(&["statusUpdatedAt"]);
        let waits = assignee.is_none() && row.get(&["routingQueueId"]).is_some();
        let count = row.text(&["inboundCount"]);
        let (counts, mark) = (count.is_some(), count.or_else(|| row.text(&["statusUpdatedAt"])));
        let is_new = !self.cases.contains_key(&id);
        let case = self.cases.entry(id.clone()).or_default();
        let before = (case.user.clone(), case.waits_since.is_some());
        // The number of a contact that was told once stays: an interaction keeps its name.
        case.contact = if is_new { row.id(&["contactId"]) } else { case.contact };
        if let Some(contact) = case.contact.filter(|_| is_new) {
            self.by_contact.insert(contact, id.clone());
        }
        case.queue = row.text(&["skillName"]).or_else(|| row.text(&["routingQueueId"]));
        case.user = assignee.and_then(|user| user.text(&["incontactId"]));
        case.waits_since = updated.filter(|_| waits);
        (case.absent, case.seen_at) = (0, self.read_at.unwrap_or_default());
        case.counts = counts;
        if case.mark != mark {
            case.read_again = 0;
            if mark.as_deref() != Some("0") {
                match (is_new, std::mem::replace(&mut case.is_unread, true)) {
                    (true, false) => self.unread.push_back(id.clone()),
                    (false, false) => self.unread.push_front(id.clone()),
                    (_, true) => {}
                }
            }
            case.mark = mark;
        }
        (is_new || before != (case.user.clone(), case.waits_since.is_some())).then_some(Change::Moved(id))
    }

    fn forget_absent(&mut self, changes: &mut Vec<Change>) {
        let (unread, by_contact) = (&mut self.unread, &mut self.by_contact);
        self.cases.retain(|id, case| {
            case.absent += 1;
            let is_over = case.absent > ABSENT;
            if is_over {
                unread.retain(|other| other != id);
                case.contact.map(|contact| by_contact.remove(&contact));
                changes.push(Change::Ended(id.clone(), case.contact));
            }
            !is_over
        });
    }

    /// Whose messages are to be read next.
    pub fn unread(&self) -> Option<&str> {
        self.unread.front().map(String::as_str)
    }

    /// Reads the messages of the case that is to be read. The case where its level is another, or a message came.
    pub fn read_messages(&mut self, outcome: &Outcome, now: Millis) -> Result<Option<String>, Rejection> {
        let Some(id) = self.take_unread() else { return Ok(None) };
        let page = Page::read(outcome.body(), "data")?;
        let Some(case) = self.cases.get_mut(&id) else { return Ok(None) };
        let Reading { level, newest, is_whole } = sentiment::read(page.rows.iter().filter_map(Row::of));
        let is_news = case.level != level || case.newest != newest;
        let again = (!is_whole || case.newest == newest) && case.read_again < AGAIN;
        case.read_again += u8::from(again);
        case.read_again_at = (again || !case.counts).then(|| now.plus(LATER));
        (case.level, case.newest) = (level, newest);
        Ok(level.filter(|_| is_news).map(|_| id))
    }

    /// The messages of a case cannot be read; the others can.
    pub fn skip_messages(&mut self) {
        self.take_unread();
    }

    fn take_unread(&mut self) -> Option<String> {
        let id = self.unread.pop_front()?;
        if let Some(case) = self.cases.get_mut(&id) {
            case.is_unread = false;
        }
        Some(id)
    }

    /// Messages that had no label are read once more.
    pub fn read_again(&mut self, now: Millis) {
        for (id, case) in self.cases.iter_mut() {
            if case.read_again_at.take_if(|at| *at <= now).is_some() && !std::mem::replace(&mut case.is_unread, true) {
                self.unread.push_back(id.clone());
            }
        }
    }

    pub fn get(&self, id: &str) -> Option<&Case> {
        self.cases.get(id)
    }

    /// The case that names this contact.
    pub fn of_contact(&self, contact: u64) -> Option<&Case> {
        self.cases.get(self.by_contact.get(&contact)?)
    }

    /// Whether the list was answered lately. A long one has its pages more rarely.
    fn are_fresh(&self, now: Millis) -> bool {
        self.read_at.is_some_and(|at| now.since(at.max(self.not_before)) <= FRESH)
    }

    /// Whether it is known who has a case: its row was read, and pages came without a long gap since.
    pub fn is_fresh(&self, case: &Case, now: Millis) -> bool {
        self.are_fresh(now) && case.seen_at >= self.steady_since
    }

    /// Whether there is any.
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Case)> {
        self.cases.iter().map(|(id, case)| (id.as_str(), case))
    }
}

impl Case {
    /// How long it waits for somebody.
    pub fn wait(&self, clock: ServerClock, at: Moment) -> Option<Millis> {
        self.waits_since.map(|since| clock.at(at.wall).since(since))
    }
}

/// How an interaction is named: by its contact, or by its case where the service names no contact.
pub fn interaction(id: &str, contact: Option<u64>) -> String {
    contact.map_or_else(|| format!("digital-{id}"), |contact| contact.to_string())
}

#[cfg(test)]
#[path = "digital_tests.rs"]
mod tests;
