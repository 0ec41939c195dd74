//! The tenant's skills, agents and contacts, moved by the same events that a stream would carry.

use std::collections::{BTreeMap, HashMap};

use super::contact::{At, Contact, Label, Media};
use super::people::{May, PEOPLE, Person};
use crate::clock::SECOND;
use crate::event::Seen;
use crate::floor::AGENTS;

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
    /// A tenant with these queues, and so many agents.
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

    /// The contact that the stream calls so.
    #[must_use]
    pub fn named(&self, key: &str) -> Option<&Contact> {
        self.contact(*self.numbers.get(key)?)
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

#[cfg(test)]
mod tests {
    use super::*;

    const S: At = SECOND as At;

    fn tenant() -> Tenant {
        Tenant::new(&["billing".to_owned(), "sales".to_owned()], 2)
    }

    fn happen(tenant: &mut Tenant, json: &str, at: At) -> Contact {
        let number = tenant.event(&Seen::read(json.as_bytes()).expect("an event"), at);
        tenant.contact(number).expect("a contact").clone()
    }

    #[test]
    fn a_contact_waits_gets_an_agent_and_ends() {
        let mut tenant = tenant();
        let queued = r#"{"id":"a","type":"waiting","routing":{"queueName":"sales","queueWaitTimeMs":30000}}"#;
        let contact = happen(&mut tenant, queued, 40 * S);
        assert!(contact.waits() && contact.media == Media::Phone);
        assert_eq!(tenant.earliest(1), Some(10 * S));
        let contact = happen(&mut tenant, r#"{"id":"a","type":"connect"}"#, 50 * S);
        assert_eq!((contact.agent, contact.agent_since, contact.queued), (Some(0), Some(50 * S), None));
        assert_eq!((tenant.agents()[0].load, tenant.earliest(1)), (1, None));
        let contact = happen(&mut tenant, r#"{"id":"a","type":"disposition"}"#, 60 * S);
        assert_eq!((contact.ended, tenant.agents()[0].load), (Some(60 * S), 0));
        let again = happen(&mut tenant, r#"{"id":"a","type":"connect"}"#, 70 * S);
        assert_ne!(again.number, contact.number, "an id that comes back is another contact");
    }

    #[test]
    fn a_wait_that_only_goes_on_changes_nothing() {
        let mut tenant = tenant();
        let waits =
            |ms| format!(r#"{{"id":"a","type":"waiting","routing":{{"queueName":"sales","queueWaitTimeMs":{ms}}}}}"#);
        happen(&mut tenant, &waits(0), 10 * S);
        let later = happen(&mut tenant, &waits(20_000), 30 * S);
        assert_eq!((later.changed, tenant.skills()[1].changed), (10 * S, 10 * S));
    }

    #[test]
    fn a_transfer_goes_to_another_agent_and_stays_with_its_media() {
        let mut tenant = tenant();
        happen(&mut tenant, r#"{"id":"a","type":"connect","routing":{"queueName":"billing"}}"#, 0);
        let moved = happen(&mut tenant, r#"{"id":"a","type":"transfer","routing":{"queueName":"sales"}}"#, S);
        assert_eq!((moved.agent, moved.skill, moved.media), (Some(1), 0, Media::Digital));
        assert!(moved.transferred);
        assert_eq!(tenant.change_agents(1.0, 2 * S), [1]);
        assert_eq!(tenant.contact(1).and_then(|contact| contact.agent), Some(0));
        assert_eq!(tenant.vanish(1.0, 3 * S), [1]);
        assert!(tenant.agents().iter().all(|agent| agent.load == 0));
    }

    #[test]
    fn only_digital_contacts_have_messages_with_labels() {
        let mut tenant = tenant();
        let unhappy = |id: &str, queue: &str| {
            format!(
                r#"{{"id":"{id}","type":"sentiment","sentiment":{{"score":-0.9}},"routing":{{"queueName":"{queue}"}}}}"#
            )
        };
        let digital = happen(&mut tenant, &unhappy("a", "billing"), 0);
        assert_eq!(digital.inbound().next().and_then(|message| message.label), Some(Label::Negative));
        assert!(happen(&mut tenant, &unhappy("b", "sales"), 0).messages.is_empty());
    }

    #[test]
    fn what_ended_long_ago_is_forgotten() {
        let mut tenant = tenant();
        happen(&mut tenant, r#"{"id":"a","type":"disposition"}"#, 0);
        happen(&mut tenant, r#"{"id":"b","type":"connect"}"#, 400 * S);
        assert_eq!(tenant.contacts().map(|contact| contact.key.as_str()).collect::<Vec<_>>(), ["b"]);
    }
}
