//! The cards that came, compared with those that rules of any kind make due.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::fate::Acceptance;
use super::worlds::{Verdict, Worlds};

use crate::clock::{Micros, millis};
use crate::report::{Due, MOST_NAMED, Report, latency_of, new_histogram};

/// The worlds that may be, and the cards that came.
#[derive(Debug)]
pub struct Judged {
    /// The cards that are due.
    pub worlds: Worlds,
    came: BTreeMap<String, Came>,
    /// How often a fault refused a card for good.
    refused: HashMap<String, u32>,
    /// Interactions from before the tally started again.
    forgiven: HashSet<String>,
}

#[derive(Debug)]
struct Came {
    interaction: String,
    at: Micros,
    /// Of one `cardId`; more than one only of a server that ignores it.
    cards: u32,
}

impl Judged {
    /// Nothing came.
    pub fn new(worlds: Worlds) -> Self {
        Self { worlds, came: BTreeMap::new(), refused: HashMap::new(), forgiven: HashSet::new() }
    }

    /// A card was accepted.
    pub fn card(&mut self, interaction: &str, card_id: &str, acceptance: Acceptance, at: Micros) {
        if acceptance != Acceptance::Repeat {
            let fresh = || Came { interaction: interaction.to_owned(), at, cards: 0 };
            self.came.entry(card_id.to_owned()).or_insert_with(fresh).cards += 1;
        }
    }

    /// A fault refused a card for good.
    pub fn refused(&mut self, card_id: &str) {
        *self.refused.entry(card_id.to_owned()).or_default() += 1;
    }

    /// Starts the tally again from zero.
    pub fn reset(&mut self, now: Micros) {
        self.worlds.settle(now);
        self.forgiven.extend(self.worlds.interactions(now));
        self.forgiven.extend(std::mem::take(&mut self.came).into_values().map(|came| came.interaction));
        self.refused.clear();
    }

    /// Whether nothing that is certainly due is still to come.
    pub fn settled(&mut self, now: Micros) -> bool {
        let mut report = Report::default();
        self.fill(&mut report, now, Micros::MAX);
        report.waiting == 0
    }

    /// Adds the cards that are due and those that came. A due card that did not come within `patience` is missed.
    pub fn fill(&mut self, report: &mut Report, now: Micros, patience: Micros) {
        self.worlds.settle(now);
        let verdict = self.worlds.verdict(now);
        let mut latency = new_histogram();
        let mut interactions: HashMap<&str, Tally> = HashMap::new();
        for (id, card) in verdict.cards.iter().filter(|(_, card)| !self.forgiven.contains(&card.interaction)) {
            let came = self.came.get(id);
            let tally = interactions.entry(&card.interaction).or_default();
            tally.came += u32::from(came.is_some());
            tally.certain += u32::from(card.certain);
            tally.refused += u32::from(came.is_none() && self.refused.contains_key(id));
            tally.due_at = tally.due_at.max(card.until);
            if card.certain && came.is_none() && !self.refused.contains_key(id) {
                tally.lacking.push(id);
            }
            if let Some(came) = came {
                *report.due_by_rule.entry(card.rule.clone()).or_default() += 1;
                let since = if card.until <= came.at { card.until } else { card.from };
                latency.saturating_record(came.at.saturating_sub(since).max(1));
            }
        }
        for (interaction, tally) in &interactions {
            let (least, most) = verdict.counts.get(*interaction).copied().unwrap_or_default();
            tally.add_to(report, interaction, (least, most), now, patience);
        }
        self.add_strange(report, &verdict);
        report.latency_ms = latency_of(&latency);
    }

    /// Cards that no world has, and second cards of one `cardId`.
    fn add_strange(&self, report: &mut Report, verdict: &Verdict) {
        for (id, came) in self.came.iter().filter(|(_, came)| !self.forgiven.contains(&came.interaction)) {
            if !verdict.cards.contains_key(id) {
                report.not_due += 1;
                named(&mut report.not_due_ids, id);
            }
            if came.cards > 1 {
                report.duplicated += u64::from(came.cards - 1);
                named(&mut report.duplicated_ids, id);
            }
        }
    }

    /// Every card that is or may be due, oldest first.
    pub fn due(&mut self, now: Micros) -> Vec<Due> {
        let verdict = self.worlds.verdict(now);
        let cards = verdict.cards.into_iter().filter(|(_, card)| !self.forgiven.contains(&card.interaction));
        let mut due: Vec<Due> = cards
            .map(|(id, card)| Due {
                certain: card.certain,
                sentiment: false,
                wait: false,
                heard_at_ms: millis(card.from),
                cards: self.came.get(&id).map_or(0, |came| came.cards),
                refusals: self.refused.get(&id).copied().unwrap_or_default(),
                delivered_at_ms: self.came.get(&id).map(|came| millis(came.at)),
                rule: Some(card.rule),
                card_id: Some(id),
                interaction: card.interaction,
            })
            .collect();
        due.sort_by(|one, other| (one.heard_at_ms, &one.card_id).cmp(&(other.heard_at_ms, &other.card_id)));
        due
    }
}

/// One interaction.
#[derive(Debug, Default)]
struct Tally<'v> {
    /// Cards that came and may be due.
    came: u32,
    /// Cards of every world.
    certain: u32,
    refused: u32,
    due_at: Micros,
    /// Cards of every world that did not come.
    lacking: Vec<&'v str>,
}

impl Tally<'_> {
    fn add_to(&self, report: &mut Report, id: &str, (least, most): (u32, u32), now: Micros, patience: Micros) {
        let surplus = self.came.saturating_sub(most);
        let delivered = self.came - surplus;
        // Worlds may differ in which rule was first, and agree that there is a card.
        let unnamed = least.saturating_sub(delivered + self.refused + self.lacking.len() as u32);
        let outstanding = self.lacking.len() as u32 + unnamed;
        report.due += u64::from(delivered + self.refused + outstanding);
        report.delivered += u64::from(delivered);
        report.refused += u64::from(self.refused);
        if now.saturating_sub(self.due_at) > patience {
            report.missed += u64::from(outstanding);
            if outstanding > 0 {
                named(&mut report.missed_ids, self.lacking.first().copied().unwrap_or(id));
            }
        } else {
            report.waiting += u64::from(outstanding);
        }
        report.duplicated += u64::from(surplus);
        if surplus > 0 {
            named(&mut report.duplicated_ids, id);
        }
        if least == 0 && self.certain == 0 {
            report.uncertain += u64::from(self.came == 0);
            report.uncertain_delivered += u64::from(self.came > 0);
        }
    }
}

fn named(ids: &mut Vec<String>, id: &str) {
    if ids.len() < MOST_NAMED {
        ids.push(id.to_owned());
    }
}
