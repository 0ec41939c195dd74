//! Turns what polls learnt into the events of a stream. A field that the service does not say stays absent.

use std::borrow::Cow;

use super::contacts::{self, Contact, Stage};
use super::digital::{self, interaction};
use super::{Watch, digital::Case};
use crate::api::poll::{Each, Legacy};
use crate::model::event::Event;

use crate::model::time::{Millis, Moment};

/// The longest name of a queue, in bytes, as events promise.
const QUEUE_LIMIT: usize = 1_024;

/// A longest wait that was read longer ago says nothing of now.
const FRESH: Millis = Millis::from_secs(35);

impl Watch {
    /// Reports each wait. Time alone makes a wait longer, so waits are reported although nothing is new.
    pub(super) fn tell_waits(&self, at: Moment, each: &mut Each<'_>) {
        for (id, contact) in self.contacts.queued().filter(|(id, contact)| !self.is_told_as_case(*id, contact)) {
            if let Some(wait) = self.wait(contact, at) {
                each(&Event { queue_wait_ms: Some(wait.0 as f64), ..self.of_contact(id, contact, Some("waiting")) });
            }
        }
    }

    /// Tells what became of contacts.
    pub(super) fn tell_contacts(&self, changes: &[contacts::Change], at: Moment, each: &mut Each<'_>) {
        for change in changes {
            match *change {
                contacts::Change::Moved(id) => {
                    let Some(contact) = self.contacts.get(id) else { continue };
                    if self.is_told_as_case(id, contact) {
                        continue;
                    }
                    let kind = match contact.stage {
                        Stage::Queued => "queued",
                        Stage::Talking => "connect",
                        Stage::Elsewhere => "routing",
                    };
                    let wait = self.wait(contact, at).filter(|_| contact.stage == Stage::Queued);
                    let queue_wait_ms = wait.map(|wait| wait.0 as f64);
                    let ends_wait = contact.stage != Stage::Queued;
                    each(&Event { queue_wait_ms, ends_wait, ..self.of_contact(id, contact, Some(kind)) });
                }
                // Its case says when a digital conversation is over.
                contacts::Change::Ended(id) if self.cases.of_contact(id).is_some() => {}
                contacts::Change::Ended(id) => each(&over(id.to_string())),
            }
        }
    }

    /// Tells what became of digital cases, and how long those wait that nobody has.
    pub(super) fn tell_cases(&self, changes: &[digital::Change], at: Moment, each: &mut Each<'_>) {
        for change in changes {
            match change {
                digital::Change::Moved(id) => {
                    let Some(case) = self.cases.get(id) else { continue };
                    if self.is_told_as_contact(case) {
                        // Until now nothing said which name the contact has.
                        let contact = case.contact.filter(|_| case.is_new);
                        let moved = contact.map(contacts::Change::Moved);
                        self.tell_contacts(moved.as_slice(), at, each);
                    } else if case.user.is_some() {
                        each(&Event { ends_wait: true, ..of_case(id, case, Some("connect")) });
                    } else if case.waits_since.is_some() {
                        each(&of_case(id, case, Some("queued")));
                    }
                }
                digital::Change::Ended(_, Some(contact)) if self.contacts.get(*contact).is_some() => {}
                digital::Change::Ended(id, contact) => each(&over(interaction(id, *contact))),
            }
        }
        for (id, case) in self.cases.iter().filter(|(_, case)| !self.is_told_as_contact(case)) {
            if let Some(wait) = case.wait(self.clock, at) {
                each(&Event { queue_wait_ms: Some(wait.0 as f64), ..of_case(id, case, Some("waiting")) });
            }
        }
    }

    /// Tells the customer's sentiment in a case.
    pub(super) fn tell_sentiment(&self, id: &str, each: &mut Each<'_>) {
        let is_told = |case: &&Case| case.contact.is_some() || !self.has_name_of_contact(case.created);
        if let Some(case) = self.cases.get(id).filter(is_told) {
            each(&Event { sentiment_score: case.level, ..of_case(id, case, None) });
        }
    }

    /// The users of cases whose agent is not known.
    pub(super) fn users_without_agent(&self) -> impl Iterator<Item = &str> {
        let users = self.cases.iter().filter_map(|(_, case)| case.user.as_deref());
        users.filter(|user| self.agents.of(user).is_none())
    }

    fn wait(&self, contact: &Contact, at: Moment) -> Option<Millis> {
        let longest = contact.skill.and_then(|skill| self.skills.longest_wait(skill, at.now, FRESH));
        contact.wait(longest, self.clock, at)
    }

    /// A case that names no contact is listed as a contact too, under a number that nothing joins with the case: told as
    /// both, one conversation would have two cards. So a digital contact waits until the list of cases has been read.
    fn is_told_as_case(&self, id: u64, contact: &Contact) -> bool {
        contact.is_digital && !self.has_name_of_contact(contact.began) && self.cases.of_contact(id).is_none()
    }

    fn is_told_as_contact(&self, case: &Case) -> bool {
        let is_listed = |contact| self.contacts.get(contact).is_some();
        case.contact.map_or_else(|| self.has_name_of_contact(case.created), is_listed)
    }

    /// Whether a digital conversation that began then has the name of its contact, because no case joins the two.
    fn has_name_of_contact(&self, began: Option<Millis>) -> bool {
        let is_older = |before: Millis| began.is_none_or(|began| began < before);
        let of_contact = self.names.is_some_and(|Legacy::NamesOfContacts { before }| before.is_none_or(is_older));
        of_contact || self.has_no_digital || self.needs_no_cases
    }

    fn of_contact<'a>(&'a self, id: u64, contact: &'a Contact, kind: Option<&'static str>) -> Event<'a> {
        let named = || contact.skill.and_then(|skill| self.skills.name(skill));
        let direction = contact.is_outbound.map(|is_outbound| if is_outbound { "outbound" } else { "inbound" });
        let queue = queue(contact.skill_name.as_deref().or_else(named));
        Event { queue, direction: direction.map(Cow::Borrowed), ..bare(id.to_string(), kind) }
    }
}

fn of_case<'a>(id: &str, case: &'a Case, kind: Option<&'static str>) -> Event<'a> {
    Event { queue: queue(case.queue.as_deref()), ..bare(interaction(id, case.contact), kind) }
}

/// A name that is too long for a queue is none.
fn queue(name: Option<&str>) -> Option<Cow<'_, str>> {
    name.filter(|name| name.len() <= QUEUE_LIMIT).map(Cow::Borrowed)
}

fn over(interaction: String) -> Event<'static> {
    Event { ends_wait: true, ends_interaction: true, ..bare(interaction, Some("disposition")) }
}

fn bare<'a>(interaction: String, kind: Option<&'static str>) -> Event<'a> {
    Event { kind: kind.map(Cow::Borrowed), ..Event::of(Cow::Owned(interaction)) }
}
