//! The tenant's skills, agents and contacts, moved by the same events that a stream would carry.

use std::collections::{BTreeMap, HashMap};

use super::contact::{At, Contact, Label, Media};
use super::people::{May, PEOPLE, Person};
use crate::clock::SECOND;
use crate::event::Seen;
use crate::floor::AGENTS;

#[cfg(test)]
mod tests;

/// An ended contact is remembered for so long: deltas may still show its end.
const REMEMBERED: At = 300 * SECOND as At;
/// A wait that an event names moves the queue time only if it differs by more.
const SAME_WAIT: At = 2 * SECOND as At;

/// A skill, which is a queue.
#[derive(Debug, Clone)]
pub struct Skill {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// How its contacts talk.
    pub media: Media,
    /// When its figures last changed.
    pub changed: At,
}

/// An agent.
#[derive(Debug, Clone)]
pub struct Agent {
    /// The number.
    pub id: u64,
    /// The user's UUID.
    pub uuid: String,
    /// First name.
    pub given: String,
    /// Surname.
    pub family: String,
    /// The team.
    pub team: u64,
    /// Contacts that the agent has.
    pub load: usize,
}

/// All of it.
#[derive(Debug)]
pub struct Tenant {
    skills: Vec<Skill>,
    agents: Vec<Agent>,
    contacts: BTreeMap<u64, Contact>,
    numbers: HashMap<String, u64>,
    arrived: u64,
    said: u64,
    swept: At,
}

impl Tenant {
    /// A tenant with these queues and this many agents.
    #[must_use]
    pub fn new(queues: &[String], agents: usize) -> Self {
        let mut tenant = Self {
            skills: Vec::new(),
            agents: (0..agents.max(1)).map(agent).collect(),
            contacts: BTreeMap::new(),
            numbers: HashMap::new(),
            arrived: 0,
            said: 0,
            swept: 0,
        };
        for queue in queues {
            tenant.skill_named(queue, 0);
        }
        tenant
    }

    /// Its skills.
    #[must_use]
    pub fn skills(&self) -> &[Skill] {
        &self.skills
    }

    /// Its agents.
    #[must_use]
    pub fn agents(&self) -> &[Agent] {
        &self.agents
    }

    /// Every contact that is open or ended lately, in the order of arrival.
    pub fn contacts(&self) -> impl Iterator<Item = &Contact> {
        self.contacts.values()
    }

    /// The same from one number on.
    pub fn contacts_after(&self, number: u64) -> impl Iterator<Item = &Contact> {
        self.contacts.range(number + 1..).map(|(_, contact)| contact)
    }

    /// One contact.
    #[must_use]
    pub fn contact(&self, number: u64) -> Option<&Contact> {
        self.contacts.get(&number)
    }

    /// The place of the agent with this number.
    #[must_use]
    pub fn agent_place(&self, id: u64) -> Option<usize> {
        self.agents.iter().position(|agent| agent.id == id)
    }

    /// Whether a person sees a skill.
    #[must_use]
    pub fn sees(may: May, skill: usize) -> bool {
        may.view && (!may.narrow || (skill / 2).is_multiple_of(2))
    }

    /// Since when the longest waits in a skill.
    #[must_use]
    pub fn earliest(&self, skill: usize) -> Option<At> {
        self.contacts().filter(|contact| contact.skill == skill && contact.waits()).filter_map(|one| one.queued).min()
    }

    /// An event of the traffic happened. Gives the number of its contact.
    pub fn event(&mut self, seen: &Seen, at: At) -> u64 {
        self.sweep(at);
        let number = self.contact_of(seen, at);
        let step = seen.step.as_deref().unwrap_or_default();
        self.follow_queue(number, seen, at);
        match step {
            "queued" | "waiting" => self.wait(number, seen.wait_ms, at),
            "disposition" => self.end(number, at),
            _ => {
                self.seat(number, step == "transfer", at);
                let Some(contact) = self.contacts.get_mut(&number) else { return number };
                if step == "hold" {
                    contact.changed = at;
                    contact.held += 1;
                }
                if contact.media == Media::Digital
                    && let Some(score) = seen.score
                {
                    contact.say(self.said + 1, at - SECOND as At / 2, None);
                    contact.say(self.said + 2, at, Some(Label::of(score)));
                    self.said += 2;
                }
            }
        }
        number
    }

    /// Ends a share of the open contacts at once. Gives their numbers.
    pub fn vanish(&mut self, share: f64, at: At) -> Vec<u64> {
        let gone = self.share_of(share, |contact| contact.open());
        for number in &gone {
            self.end(*number, at);
        }
        gone
    }

    /// Gives a share of the contacts that have an agent to another one. Gives their numbers.
    pub fn change_agents(&mut self, share: f64, at: At) -> Vec<u64> {
        let moved = self.share_of(share, |contact| contact.open() && contact.agent.is_some());
        for number in &moved {
            self.seat(*number, true, at);
        }
        moved
    }

    /// A share of the contacts that fit, spread evenly; at least one if any fits and the share is not zero.
    fn share_of(&self, share: f64, fits: impl Fn(&Contact) -> bool) -> Vec<u64> {
        let all: Vec<u64> = self.contacts().filter(|contact| fits(contact)).map(|contact| contact.number).collect();
        let most = (all.len() as f64 * share.clamp(0.0, 1.0)).ceil() as usize;
        if most == 0 {
            return Vec::new();
        }
        (0..most).map(|place| all[place * all.len() / most]).collect()
    }

    fn skill_named(&mut self, name: &str, at: At) -> usize {
        if let Some(place) = self.skills.iter().position(|skill| skill.name == name) {
            return place;
        }
        let place = self.skills.len();
        let media = match place % 6 {
            5 => Media::Chat,
            place if place.is_multiple_of(2) => Media::Digital,
            _ => Media::Phone,
        };
        self.skills.push(Skill { id: 4_100_001 + place as u64, name: name.to_owned(), media, changed: at });
        place
    }

    fn contact_of(&mut self, seen: &Seen, at: At) -> u64 {
        if let Some(number) = self.numbers.get(&seen.id) {
            return *number;
        }
        let skill = match &seen.queue {
            Some(name) => self.skill_named(name, at),
            None => 0,
        };
        let media = self.skills.get(skill).map_or(Media::Phone, |skill| skill.media);
        self.arrived += 1;
        let began = at - seen.wait_ms.map_or(0, micros);
        self.contacts.insert(self.arrived, Contact::new(self.arrived, &seen.id, (skill, media), began));
        self.numbers.insert(seen.id.clone(), self.arrived);
        self.touch(self.arrived, at);
        self.arrived
    }

    /// A contact goes to the queue that its event names, unless that talks by other media.
    fn follow_queue(&mut self, number: u64, seen: &Seen, at: At) {
        let Some(name) = &seen.queue else { return };
        let skill = self.skill_named(name, at);
        let media = self.skills[skill].media;
        let moves = self.contacts.get(&number).is_some_and(|contact| contact.skill != skill && contact.media == media);
        if moves {
            self.touch(number, at);
            if let Some(contact) = self.contacts.get_mut(&number) {
                contact.skill = skill;
            }
            self.touch(number, at);
        }
    }

    fn wait(&mut self, number: u64, wait_ms: Option<f64>, at: At) {
        self.leave_agent(number);
        let Some(contact) = self.contacts.get_mut(&number) else { return };
        let said = at - wait_ms.map_or(0, micros);
        let new = contact.queued.is_none();
        let moved = contact.queued.is_none_or(|queued| wait_ms.is_some() && (queued - said).abs() > SAME_WAIT);
        if moved {
            contact.queued = Some(said);
            contact.started = contact.started.min(said);
            if new {
                contact.status_changed = said;
            }
            self.touch(number, at);
        }
    }

    fn seat(&mut self, number: u64, to_another: bool, at: At) {
        let before = self.contacts.get(&number).and_then(|contact| contact.agent);
        if before.is_some() && !to_another {
            return;
        }
        let free = (0..self.agents.len()).filter(|place| Some(*place) != before || self.agents.len() == 1);
        let Some(chosen) = free.min_by_key(|place| self.agents[*place].load) else { return };
        self.leave_agent(number);
        self.agents[chosen].load += 1;
        if let Some(contact) = self.contacts.get_mut(&number) {
            contact.transferred |= before.is_some();
            contact.agent = Some(chosen);
            contact.agent_since = Some(at);
            contact.queued = None;
            contact.status_changed = at;
        }
        self.touch(number, at);
    }

    fn leave_agent(&mut self, number: u64) {
        let Some(contact) = self.contacts.get_mut(&number) else { return };
        if let Some(agent) = contact.agent.take() {
            contact.agent_since = None;
            self.agents[agent].load -= 1;
        }
    }

    fn end(&mut self, number: u64, at: At) {
        let Some(contact) = self.contacts.get_mut(&number) else { return };
        if contact.ended.is_some() {
            return;
        }
        contact.ended = Some(at);
        contact.status_changed = at;
        self.numbers.remove(&contact.key);
        if let Some(agent) = contact.agent {
            self.agents[agent].load -= 1;
        }
        self.touch(number, at);
    }

    /// Marks a contact and its skill as changed.
    fn touch(&mut self, number: u64, at: At) {
        let Some(contact) = self.contacts.get_mut(&number) else { return };
        contact.changed = at;
        if let Some(skill) = self.skills.get_mut(contact.skill) {
            skill.changed = at;
        }
    }

    /// Forgets what ended long ago.
    fn sweep(&mut self, at: At) {
        if at - self.swept < REMEMBERED / 10 {
            return;
        }
        self.swept = at;
        self.contacts.retain(|_, contact| contact.ended.is_none_or(|ended| at - ended < REMEMBERED));
    }
}

fn micros(ms: f64) -> At {
    (ms.clamp(0.0, 1e12) * 1_000.0) as At
}

/// The agent at a place. Every fourth has a number above what 31 bits hold.
fn agent(place: usize) -> Agent {
    let id = if place % 4 == 3 { 3_926_070_000 } else { 39_260_700 } + place as u64;
    let named = AGENTS.get(place).and_then(|name| name.split_once(' '));
    let (given, family) =
        named.map_or_else(|| ("Agent".to_owned(), (place + 1).to_string()), |(one, two)| (one.into(), two.into()));
    let uuid = format!("11ec1a2b-0001-4000-8000-{place:012x}");
    Agent { id, uuid, given, family, team: 7_001 + (place % 3) as u64, load: 0 }
}

/// Everybody with an agent's number: the agents, and the people who sign in.
pub fn everybody(tenant: &Tenant) -> Vec<Agent> {
    let person = |person: &Person| Agent {
        id: person.agent,
        uuid: person.uuid.to_owned(),
        given: person.given.to_owned(),
        family: person.family.to_owned(),
        team: 7_000,
        load: 0,
    };
    tenant.agents.iter().cloned().chain(PEOPLE.iter().map(person)).collect()
}
