//! Digital cases and what their customers wrote: the one published source of the sentiment of customers of others.

use super::clock::ServerClock;
use super::contacts::FRESH;
use super::sentiment::{self, Reading};
use crate::api::published::row::{Page, Row};
use crate::model::event::Rejection;
use crate::model::http::Outcome;
use crate::model::sorted::SortedMap;
use crate::model::time::{Millis, Moment};

/// A case is over once it is absent for longer: two lists in a row lack it, or four during which others came or went.
const ABSENT: u8 = 8;

/// The weight of a list without a case. A list counts from the one that had the case last.
const WHOLE: u8 = 4;
const SHIFTED: u8 = 2;

/// Cases remembered; beyond, new ones are not.
const LIMIT: usize = 20_000;

/// One page of the list costs so much time, because half of the budget is for messages.
const PER_PAGE: Millis = Millis(1_200);

/// More pages are given up.
const PAGES: u32 = 400;

/// A label may come after its message. So long after a reading without one the messages are read again.
const LATER: Millis = Millis::from_secs(30);

/// The most reads of one case in a row.
const AGAIN: u8 = 4;

/// A case as it was last read.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Case {
    /// The contact, where the case names one.
    pub contact: Option<u64>,
    pub queue: Option<String>,
    /// The user who has it, by the id that sign-in knows.
    pub user: Option<String>,
    /// Since when it waits for somebody, by the server's clock.
    pub waits_since: Option<Millis>,
    /// When it began, by the server's clock.
    pub created: Option<Millis>,
    /// The case is read for the first time.
    pub is_new: bool,
    /// The field that changes when a message comes.
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
    /// The list that had it last.
    pass: u64,
    /// When its row was last read.
    seen_at: Millis,
    /// How often the customer was unhappy, where the row counts that.
    unhappy: Option<u64>,
    /// Its messages are to be read.
    unread: Option<Unread>,
}

/// Messages that are to be read, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Unread {
    urgency: Urgency,
    /// The smallest is read first: the newest of those that have a new message, the oldest of all others.
    order: i64,
    /// Since when.
    since: Millis,
}

/// Why messages are to be read. The budget may not be enough for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Urgency {
    /// The customer was unhappy once more, or wrote again and was unhappy when last read.
    Unhappier,
    /// The customer wrote, and an agent has the case.
    Wrote,
    /// The customer wrote, and nobody has the case yet, or nothing says that the customer is unhappy.
    WroteCalmly,
    /// Never read, and the customer was unhappy before.
    NewAndUnhappy,
    /// Never read, or to be read again for a label that comes late.
    Else,
}

/// A change of a case.
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
    /// Names the list under way.
    pass: u64,
    begun: Millis,
    /// How many cases the first page of the list counted.
    first_total: Option<u64>,
    /// The list is not asked for before.
    pub not_before: Millis,
    /// When a page was last read.
    read_at: Option<Millis>,
    /// Since when pages are read without a long gap.
    steady_since: Millis,
    /// Whose messages are to be read next.
    next: Option<String>,
    /// Whose messages are asked for. Another may be next before they come.
    asked: Option<String>,
    /// Counts the orders to read messages.
    orders: i64,
}

impl Cases {
    /// Whether the list goes on with another page.
    pub fn goes_on(&self) -> bool {
        self.scroll.is_some()
    }

    pub fn query(&mut self, now: Millis) -> String {
        if self.scroll.is_none() {
            (self.begun, self.pages, self.seen) = (now, 0, 0);
            self.pass += 1;
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
        let mut brings_news = false;
        for row in page.rows.iter().filter_map(Row::of) {
            brings_news |= !self.is_in_pass(&row);
            changes.extend(self.take(&row, now));
        }
        self.pages += 1;
        self.seen += page.rows.len() as u64;
        if self.pages == 1 {
            self.first_total = page.total;
        }
        // A count of as many rows as the page has may be of the page alone, unless the page is shorter than the first.
        let counts_page_alone = |total: u64| total == page.rows.len() as u64 && Some(total) >= self.first_total;
        let has_more = page.total.is_none_or(|total| self.seen < total || counts_page_alone(total));
        if page.scroll.is_some() && has_more && brings_news && self.pages < PAGES {
            self.scroll = page.scroll;
            self.choose_next();
            return Ok((changes, false));
        }
        self.not_before = self.begun.plus(Millis(PER_PAGE.0 * u64::from(self.pages)));
        if outcome.status() != 304 {
            let is_steady = self.pages == 1 || page.rows.is_empty() || page.total == self.first_total;
            self.forget_absent(if is_steady { WHOLE } else { SHIFTED }, &mut changes);
        }
        self.choose_next();
        Ok((changes, true))
    }

    /// Whether the list under way had this case already.
    fn is_in_pass(&self, row: &Row<'_>) -> bool {
        row.text(&["id"]).and_then(|id| self.cases.get(&id)).is_some_and(|case| case.pass == self.pass)
    }

    fn take(&mut self, row: &Row<'_>, now: Millis) -> Option<Change> {
        let id = row.text(&["id"])?;
        if !self.cases.contains_key(&id) && self.cases.len() >= LIMIT {
            return None;
        }
        // Some servers write nobody as an object that says nothing.
        let user = |name| row.row(&[name]).filter(|user| !user.is_blank());
        let assignee = user("inboxAssigneeUser").or(user("ownerAssigneeUser"));
        let updated = row.instant(&["statusUpdatedAt"]);
        let waits = assignee.is_none() && row.text(&["routingQueueId"]).is_some();
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
        (case.absent, case.pass, case.seen_at) = (0, self.pass, self.read_at.unwrap_or_default());
        (case.is_new, case.created) = (is_new, row.instant(&["createdAt"]).or(case.created));
        case.counts = counts;
        let unhappy = unhappy_of(row);
        let is_unhappier = unhappy > case.unhappy && !is_new && case.unhappy.is_some();
        let has_news = case.mark != mark && mark.as_deref() != Some("0");
        if case.mark != mark || is_unhappier {
            case.read_again = 0;
        }
        (case.mark, case.unhappy) = (mark, unhappy);
        let was_unhappy = case.level.is_some_and(|level| level < 0.0);
        let urgency = match (is_unhappier || was_unhappy, unhappy) {
            (true, _) => Urgency::Unhappier,
            (_, Some(1..)) if is_new => Urgency::NewAndUnhappy,
            _ if is_new => Urgency::Else,
            (_, None) if case.user.is_some() => Urgency::Wrote,
            _ => Urgency::WroteCalmly,
        };
        if has_news || is_unhappier {
            self.orders += 1;
            case.is_to_be_read(urgency, self.orders, now);
        }
        (is_new || before != (case.user.clone(), case.waits_since.is_some())).then_some(Change::Moved(id))
    }

    fn forget_absent(&mut self, counts: u8, changes: &mut Vec<Change>) {
        let by_contact = &mut self.by_contact;
        self.cases.retain(|id, case| {
            case.absent += counts;
            let is_over = case.absent > ABSENT;
            if is_over {
                case.contact.map(|contact| by_contact.remove(&contact));
                changes.push(Change::Ended(id.clone(), case.contact));
            }
            !is_over
        });
    }

    /// The list under way is given up: the service does not know any more where it went on.
    pub fn restart(&mut self) {
        self.scroll = None;
    }

    /// Whose messages are to be read next.
    pub fn unread(&self) -> Option<&str> {
        self.next.as_deref()
    }

    /// Asks for the messages of the case that is next.
    pub fn ask_messages(&mut self) -> Option<&str> {
        self.asked.clone_from(&self.next);
        self.asked.as_deref()
    }

    /// Reads the messages of the case that was asked for. The case where its level is another, or a message came.
    pub fn read_messages(&mut self, outcome: &Outcome, now: Millis) -> Result<Option<String>, Rejection> {
        // Messages of an answer that was cut were not read, and nothing else would ask for them again.
        let page = Page::read(outcome.body(), "data").inspect_err(|_| self.postpone_messages())?;
        let Some(id) = self.take_unread() else { return Ok(None) };
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

    /// The messages of a case may not be read now; the others come first.
    pub fn postpone_messages(&mut self) {
        self.orders += 1;
        let order = self.orders;
        if let Some(case) = self.asked.take().and_then(|id| self.cases.get_mut(&id)) {
            case.unread = case.unread.map(|unread| Unread { urgency: Urgency::Else, order, ..unread });
        }
        self.choose_next();
    }

    fn take_unread(&mut self) -> Option<String> {
        let id = self.asked.take()?;
        if let Some(case) = self.cases.get_mut(&id) {
            case.unread = None;
        }
        self.choose_next();
        Some(id)
    }

    /// Messages that had no label are read once more.
    pub fn read_again(&mut self, now: Millis) {
        for case in self.cases.values_mut() {
            if case.read_again_at.take_if(|at| *at <= now).is_some() {
                self.orders += 1;
                case.is_to_be_read(Urgency::Else, self.orders, now);
            }
        }
        self.choose_next();
    }

    fn choose_next(&mut self) {
        let unread = self.cases.iter().filter_map(|(id, case)| Some((case.unread?, id)));
        self.next = unread.min().map(|(_, id)| id.clone());
    }

    /// How many customers wrote to an agent who are not read yet, and since when the first of them waits.
    pub fn behind(&self) -> Option<(usize, Millis)> {
        let wrote = || {
            let unread = self.cases.values().filter_map(|case| case.unread);
            unread.filter(|unread| unread.urgency <= Urgency::Wrote).map(|unread| unread.since)
        };
        wrote().min().map(|since| (wrote().count(), since))
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

    /// How long one list takes.
    pub fn round(&self) -> Millis {
        self.not_before.since(self.begun)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Case)> {
        self.cases.iter().map(|(id, case)| (id.as_str(), case))
    }
}

impl Case {
    /// Its messages are to be read, where nothing more urgent has said so before.
    fn is_to_be_read(&mut self, urgency: Urgency, order: i64, now: Millis) {
        let order = if urgency <= Urgency::WroteCalmly { -order } else { order };
        let since = self.unread.filter(|unread| unread.urgency <= Urgency::Wrote).map_or(now, |unread| unread.since);
        let unread = Unread { urgency, order, since };
        let is_newer = |before: Urgency| urgency == before && urgency <= Urgency::WroteCalmly;
        if self.unread.is_none_or(|before| urgency < before.urgency || is_newer(before.urgency)) {
            self.unread = Some(unread);
        }
    }

    /// How long it waits for somebody.
    pub fn wait(&self, clock: ServerClock, at: Moment) -> Option<Millis> {
        self.waits_since.map(|since| clock.at(at.wall).since(since))
    }
}

/// How often the service found a customer unhappy, ever. That says whom to read first, and nothing of a level.
fn unhappy_of(row: &Row<'_>) -> Option<u64> {
    row.row(&["endUser"])?.row(&["sentimentStatistics"])?.number(&["negative"])
}

/// How an interaction is named: by its contact, or by its case where the service names no contact.
pub fn interaction(id: &str, contact: Option<u64>) -> String {
    contact.map_or_else(|| format!("digital-{id}"), |contact| contact.to_string())
}

#[cfg(test)]
#[path = "digital_tests.rs"]
mod tests;
