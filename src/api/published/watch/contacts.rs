//! Contacts that are going on: in which skill, and who talks to whom.

use super::clock::ServerClock;
use super::cursor::{Cursor, Kind, Turned};
use crate::api::published::row::{Page, Row};
use crate::model::event::Rejection;
use crate::model::http::Outcome;
use crate::model::sorted::SortedMap;
use crate::model::time::{Millis, Moment};

/// A list of one page is read whole each time. Of a longer one only changes are asked for, and its pages beside them,
/// one at a time: a list that is read at once would hide for minutes who was answered.
const NOT_AT_ONCE: Millis = Millis::from_mins(24 * 60);

/// Who talks to whom is not known any more once lists were unanswered for so long: three cadences and some.
pub const FRESH: Millis = Millis::from_secs(50);

/// A contact is over once it is absent for longer: two whole lists in a row lack it, or eight that may have holes.
const ABSENT: u8 = 8;

/// The weight of a list without a contact. A whole list counts from the one that had the contact last.
const WHOLE: u8 = 4;

/// The name of a contact's id.
const KEY: [&str; 1] = ["contactId"];

/// The media type of digital contacts.
const DIGITAL: u64 = 9;

/// The names of a contact's medium in words, in newer and older versions.
const MEDIUM_NAMES: [&str; 2] = ["mediaTypeName", "mediaType"];

/// Contacts remembered; beyond, new ones are not.
const LIMIT: usize = 20_000;

/// Where a contact stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Before its queue or after its agent, in a menu or a script.
    Elsewhere,
    /// In the queue.
    Queued,
    /// With an agent.
    Talking,
}

/// A contact as it was last read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    pub stage: Stage,
    pub skill: Option<u64>,
    pub skill_name: Option<String>,
    pub agent: Option<u64>,
    pub team: Option<u64>,
    pub is_outbound: Option<bool>,
    /// A chat, a message: the digital service knows it as a case.
    pub is_digital: bool,
    /// When it began, by the server's clock.
    pub began: Option<Millis>,
    /// The contact was not in the queue until then.
    out_until: Option<Millis>,
    absent: u8,
    /// When its row was last read.
    seen_at: Millis,
}

/// A change of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Another stage, skill or agent, or heard of for the first time.
    Moved(u64),
    /// Over.
    Ended(u64),
}

/// All contacts by id.
#[derive(Debug, Default)]
pub struct Contacts {
    contacts: SortedMap<u64, Contact>,
    /// When a page was last read.
    read_at: Option<Millis>,
    /// Since when pages are read without a long gap.
    steady_since: Millis,
    /// Changes, and a short list as a whole.
    pub cursor: Cursor,
    /// The whole of a long list.
    pub sweep: Cursor,
}

/// Which list a page is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// The rows that changed; all rows where the list is short.
    Changes,
    /// All, a page at a time.
    Sweep,
}

impl Contacts {
    pub fn query(&mut self, now: Millis) -> String {
        self.cursor.query(now, |pages| if pages <= 1 { Millis::ZERO } else { NOT_AT_ONCE })
    }

    pub fn sweep_query(&mut self, now: Millis) -> String {
        self.sweep.query(now, |_| Millis::ZERO)
    }

    /// Whether rows came that do not say when their contacts began: an older version has other names for its fields.
    pub fn lacks_fields(&self) -> bool {
        !self.contacts.is_empty() && self.contacts.values().all(|contact| contact.began.is_none())
    }

    /// Whether pages of the whole list are asked for one at a time.
    pub fn sweeps(&self) -> bool {
        self.cursor.is_long()
    }

    /// Reads a page. Says what changed, and whether the list was read to its end.
    pub fn read(&mut self, list: List, outcome: &Outcome, now: Millis) -> Result<(Vec<Change>, bool), Rejection> {
        let page = Page::read(outcome.body(), "activeContacts")?;
        if self.read_at.is_none_or(|at| now.since(at) > FRESH) {
            self.steady_since = now;
        }
        self.read_at = Some(now);
        let mut changes = Vec::new();
        for row in page.rows.iter().filter_map(Row::of) {
            let Some(id) = row.id(&KEY) else { continue };
            match self.take(id, &row) {
                Some(change) => changes.push(change),
                None => continue,
            }
        }
        let turned = match list {
            List::Changes => self.cursor.turn(&page, &KEY),
            List::Sweep => self.sweep.turn(&page, &KEY),
        };
        self.cursor.note_length(&self.sweep);
        match turned {
            Turned::Next => return Ok((changes, false)),
            Turned::End(Kind::Whole) if outcome.status() != 304 => self.forget_absent(WHOLE, &mut changes),
            Turned::End(Kind::Holed) => self.forget_absent(1, &mut changes),
            // An absent row has not changed, in whichever form the service says so.
            Turned::End(_) => {}
        }
        Ok((changes, true))
    }

    fn take(&mut self, id: u64, row: &Row<'_>) -> Option<Change> {
        let before = self.contacts.get(&id);
        if before.is_none() && self.contacts.len() >= LIMIT {
            return None;
        }
        let agent = row.id(&["agentId"]);
        let stage = stage(row, agent);
        if is_over(row) {
            return self.contacts.remove(&id).map(|_| Change::Ended(id));
        }
        let out_until = match before {
            Some(contact) if contact.stage == Stage::Queued => contact.out_until,
            _ => self.cursor.known_until,
        };
        let contact = Contact {
            stage,
            skill: row.id(&["skillId"]),
            skill_name: row.text(&["skillName"]),
            agent: agent.filter(|_| stage == Stage::Talking),
            team: row.id(&["teamId"]),
            // A row without a medium takes nobody's away: a conversation has one name for ever.
            is_digital: is_digital(row).or(before.map(|contact| contact.is_digital)).unwrap_or_default(),
            is_outbound: row.flag(&["isOutbound"]),
            began: row.instant(&["contactStartDate", "contactStart"]).or(before.and_then(|contact| contact.began)),
            out_until,
            absent: 0,
            seen_at: self.read_at.unwrap_or_default(),
        };
        let is_same = before
            .is_some_and(|old| (old.stage, old.skill, old.agent) == (contact.stage, contact.skill, contact.agent));
        self.contacts.insert(id, contact);
        (!is_same).then_some(Change::Moved(id))
    }

    /// A whole list was read. Contacts that it has were marked as present when they were read.
    fn forget_absent(&mut self, counts: u8, changes: &mut Vec<Change>) {
        self.contacts.retain(|id, contact| {
            contact.absent += counts;
            let is_over = contact.absent > ABSENT;
            if is_over {
                changes.push(Change::Ended(*id));
            }
            !is_over
        });
    }

    /// Contacts with an agent.
    pub fn talking(&self) -> impl Iterator<Item = &Contact> {
        self.contacts.values().filter(|contact| contact.agent.is_some())
    }

    pub fn get(&self, id: u64) -> Option<&Contact> {
        self.contacts.get(&id)
    }

    /// A contact whose agent is known: pages came without a long gap, and since then either its row or a whole list.
    pub fn get_fresh(&self, id: u64, now: Millis) -> Option<&Contact> {
        self.read_at.filter(|at| now.since(*at) <= FRESH)?;
        let is_whole = self.cursor.known_until.is_some_and(|at| at >= self.steady_since);
        self.get(id).filter(|contact| is_whole || contact.seen_at >= self.steady_since)
    }

    /// The contacts in a queue.
    pub fn queued(&self) -> impl Iterator<Item = (u64, &Contact)> {
        self.contacts.iter().filter(|(_, contact)| contact.stage == Stage::Queued).map(|(id, contact)| (*id, contact))
    }
}

impl Contact {
    /// How long it may have been in the queue: never less than it was, because a wait that is too short makes a card
    /// late. `longest` is the longest wait in its skill.
    pub fn wait(&self, longest: Option<Millis>, clock: ServerClock, at: Moment) -> Option<Millis> {
        let age = self.began.map(|began| clock.at(at.wall).since(began));
        let since_out = self.out_until.map(|out| at.now.since(out));
        // The longest wait alone may be of another contact.
        age.or(since_out)?;
        [longest, age, since_out].into_iter().flatten().min()
    }
}

/// The state's name or category decides, because its numbers are not published. A name that nobody knows says less than
/// its category.
fn stage(row: &Row<'_>, agent: Option<u64>) -> Stage {
    let (name, category) = (state(row), words(row, &["contactStateCategory", "stateCategory"]));
    let is_known = ["undefined", "active"].contains(&&*name);
    match (&*name, &*category) {
        ("inqueue" | "queued", _) => Stage::Queued,
        (name, _) if name.contains("prequeue") || name.contains("postqueue") => Stage::Elsewhere,
        (_, "inqueue" | "queued") if !is_known => Stage::Queued,
        (_, category) if category.contains("prequeue") || category.contains("postqueue") => Stage::Elsewhere,
        _ if agent.is_some() => Stage::Talking,
        // The row has no state and no agent: the skill's queue says whether anyone waits.
        ("", "") => Stage::Queued,
        _ => Stage::Elsewhere,
    }
}

fn state(row: &Row<'_>) -> String {
    words(row, &["stateName", "state"])
}

/// The letters alone: *In Queue* is *InQueue*.
fn words(row: &Row<'_>, names: &[&str]) -> String {
    let text = row.text(names).unwrap_or_default();
    text.chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Whether a row says that its contact is digital, by number or by name; either may be missing. `None` where it says
/// nothing of its medium.
fn is_digital(row: &Row<'_>) -> Option<bool> {
    let (name, number) = (words(row, &MEDIUM_NAMES), row.number(&["mediaTypeId", "mediaType"]));
    let says = number.is_some() || !name.is_empty();
    says.then_some(number == Some(DIGITAL) || name == "digital")
}

fn is_over(row: &Row<'_>) -> bool {
    ["endcontact", "ended"].contains(&&*state(row))
}

#[cfg(test)]
#[path = "contacts_tests.rs"]
mod tests;
