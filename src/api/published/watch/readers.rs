//! Who gets the card of an interaction: the agent who has it, or else a team.

use super::Watch;
use crate::model::card::reader::Reader;
use crate::model::sorted::SortedMap;
use crate::model::time::Millis;

impl Watch {
    pub(super) fn find_reader(&self, interaction: &str, or_team: bool, now: Millis) -> Option<Reader> {
        let contact = interaction.parse().ok();
        let case = match (contact, interaction.strip_prefix("digital-")) {
            (Some(contact), _) => self.cases.of_contact(contact),
            (None, case) => self.cases.get(case?),
        };
        let user = case.filter(|case| self.cases.is_fresh(case, now)).and_then(|case| case.user.as_deref());
        let agent_of_case = user.and_then(|user| self.agents.of(user));
        let contact = contact.and_then(|contact| self.contacts.get_fresh(contact, now));
        if let Some(agent) = contact.and_then(|contact| contact.agent).or(agent_of_case) {
            return Some(Reader::Agent(agent));
        }
        let skill = contact.filter(|_| or_team)?.skill?;
        self.team_of(skill)
    }

    /// The team that has most contacts of a skill, because the service names no team of a skill.
    fn team_of(&self, skill: u64) -> Option<Reader> {
        let mut teams: SortedMap<u64, (usize, u64)> = SortedMap::new();
        for contact in self.contacts.talking().filter(|contact| contact.skill == Some(skill)) {
            if let (Some(team), Some(agent)) = (contact.team, contact.agent) {
                teams.entry(team).or_insert((0, agent)).0 += 1;
            }
        }
        let (team, (_, agent)) =
            teams.into_iter().max_by_key(|(team, (contacts, _))| (*contacts, std::cmp::Reverse(*team)))?;
        Some(Reader::Team { team, agent })
    }
}
