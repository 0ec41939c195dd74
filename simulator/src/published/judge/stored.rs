//! Which contact a stored message is for. A message does not name one.

use super::watch::Watch;
use super::{At, Judge};
use crate::published::inbox::{Addressee, Stored};
use crate::published::people::PEOPLE;
use crate::published::tenant::Tenant;

impl Judge {
    /// A fault answered a message to an agent with what ends it: a client gives it up.
    pub fn refused(&mut self, tenant: &Tenant, to: Addressee, now: At) {
        let chosen = self.best(tenant, to, now, |watch| watch.cards == 0);
        if let Some(watch) = chosen.and_then(|number| self.watched.get_mut(&number)) {
            watch.refusals += 1;
        }
    }

    /// A message was stored.
    pub fn stored(&mut self, tenant: &Tenant, message: &Stored) {
        self.strays.stored += 1;
        if let Addressee::Agent(id) = message.to
            && PEOPLE.iter().any(|person| person.agent == id)
        {
            self.strays.tests += 1;
            return;
        }
        let marker = marker(&message.subject).unwrap_or_else(|| format!("{}\n{}", message.subject, message.text));
        let times = self.markers.entry(marker).or_default();
        *times += 1;
        if *times > 1 {
            self.strays.twice += 1;
            self.twice.push(message.subject.clone());
            return;
        }
        if message.until <= message.at {
            self.strays.over += 1;
            return;
        }
        self.assign(tenant, message);
    }

    /// Finds the contact that a message is for. A message names no contact, so an agent's message goes to the contact
    /// that has been due to that agent longest.
    fn assign(&mut self, tenant: &Tenant, message: &Stored) {
        let once = self.rules.once_per;
        let (to, now) = (message.to, message.at);
        let chosen = self
            .best(tenant, to, now, |watch| watch.cards < watch.most(once))
            .or_else(|| self.best(tenant, to, now, |watch| watch.cards > 0));
        let Some(number) = chosen else {
            self.strays.wrong_agent += u64::from(self.left_this_agent(tenant, to));
            if !self.left_this_agent(tenant, to) && !self.forgives(tenant, to) {
                self.unasked.push(message.subject.clone());
            }
            return;
        };
        let Some(watch) = self.watched.get_mut(&number) else { return };
        if watch.cards >= watch.most(once) {
            self.strays.surplus += 1;
            self.twice.push(message.subject.clone());
            return;
        }
        watch.cards += 1;
        if let Addressee::Agent(id) = to {
            let present = watch.agent.and_then(|place| tenant.agents().get(place)).map(|agent| agent.id);
            self.strays.former_agent += u64::from(present != Some(id));
        }
        if watch.delivered_at.is_none() {
            watch.delivered_at = Some(now);
            let known = watch.known().or(watch.heard).unwrap_or(now);
            self.latency.saturating_record(u64::try_from(now - known).unwrap_or(0).max(1));
        }
    }

    /// The contact that qualifies longest among those that a message to somebody may be for.
    fn best(&self, tenant: &Tenant, to: Addressee, now: At, fits: impl Fn(&Watch) -> bool) -> Option<u64> {
        let fair = |watch: &Watch| match to {
            Addressee::Agent(id) => tenant.agent_place(id).is_some_and(|place| watch.reachable_at(place, now)),
            Addressee::Team(id) => watch.agent.is_none_or(|place| tenant.agents()[place].team == id),
            Addressee::Everyone => true,
            Addressee::Station(_) => false,
        };
        let all = self.watched.iter().filter(|(_, watch)| !watch.rules.or(watch.maybe).is_empty());
        let all = all.filter(|(_, watch)| fits(watch) && fair(watch));
        all.min_by_key(|(_, watch)| watch.heard.unwrap_or(At::MAX)).map(|(number, _)| *number)
    }

    /// Whether a contact that is due left this agent, and a client was told so.
    fn left_this_agent(&self, tenant: &Tenant, to: Addressee) -> bool {
        let Addressee::Agent(id) = to else { return false };
        let Some(place) = tenant.agent_place(id) else { return true };
        let due = self.watched.values().filter(|watch| watch.heard.is_some() && watch.cards == 0);
        due.into_iter().any(|watch| watch.former.iter().any(|former| former.agent == place))
    }

    /// Whether a message may belong to what was due before the tally started again.
    fn forgives(&self, tenant: &Tenant, to: Addressee) -> bool {
        let Addressee::Agent(id) = to else { return !self.forgiven.is_empty() };
        let place = tenant.agent_place(id);
        self.forgiven.iter().any(|number| tenant.contact(*number).is_none_or(|contact| contact.agent == place))
    }
}

/// The marker of a card in a subject: the word behind the last `#`.
pub(super) fn marker(subject: &str) -> Option<String> {
    let word = subject.rsplit_once('#')?.1.split_whitespace().next()?;
    (word.len() >= 4 && word.chars().all(char::is_alphanumeric)).then(|| word.to_owned())
}
