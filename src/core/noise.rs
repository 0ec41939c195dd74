//! Noise control: what keeps a trigger from becoming a card, besides a pause.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::journal::Journal;
use super::settings::{Settings, TimeOfDay};
use super::time::Millis;

/// Key of the record of what was spent.
pub const SPENT_KEY: &str = "spent";

const HOUR: Millis = Millis::from_mins(60);

/// Queues whose budget is tracked at once; those beyond share one.
const QUEUES: usize = 200;

/// Why a trigger was kept back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// A person snoozed its queue or rule.
    Snooze,
    /// It is a quiet hour.
    QuietHours,
    /// The interaction has had its cards.
    InteractionBudget,
    /// The queue has had its cards of this hour.
    QueueBudget,
}

impl Kept {
    /// The name in the activity log.
    pub fn name(self) -> &'static str {
        match self {
            Kept::Snooze => "snooze",
            Kept::QuietHours => "quietHours",
            Kept::InteractionBudget => "interactionBudget",
            Kept::QueueBudget => "queueBudget",
        }
    }
}

/// When cards were accepted for each queue within the last hour; outlives the worker while a budget is set.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Spent(BTreeMap<String, Vec<Millis>>);

impl Spent {
    /// Whether settings keep a trigger back now. `fired` is how many cards its interaction has had.
    pub fn keeps(
        &self,
        settings: &Settings,
        queue: Option<&str>,
        fired: u32,
        now: Millis,
        local: TimeOfDay,
    ) -> Option<Kept> {
        if settings.quiet_hours.is_some_and(|hours| hours.contains(local)) {
            return Some(Kept::QuietHours);
        }
        if settings.cards_per_interaction.is_some_and(|most| fired >= most) {
            return Some(Kept::InteractionBudget);
        }
        let spent = || {
            let times = self.0.get(queue.unwrap_or_default()).map(Vec::as_slice).unwrap_or_default();
            times.iter().filter(|time| time.plus(HOUR) > now).count()
        };
        settings.cards_per_queue_hour.filter(|most| spent() >= *most as usize).map(|_| Kept::QueueBudget)
    }

    /// As it is to be taken up now: nothing was spent later, and what a wrong clock dated so ends within the hour.
    pub fn taken_up(mut self, now: Millis) -> Spent {
        self.0.values_mut().flatten().for_each(|time| *time = (*time).min(now));
        self
    }

    /// A card was accepted.
    pub fn spend(&mut self, settings: &Settings, queue: Option<&str>, now: Millis, journal: &mut Journal) {
        if settings.cards_per_queue_hour.is_none() {
            return;
        }
        for times in self.0.values_mut() {
            times.retain(|time| time.plus(HOUR) > now);
        }
        self.0.retain(|_, times| !times.is_empty());
        let queue = queue.filter(|queue| self.0.len() < QUEUES || self.0.contains_key(*queue)).unwrap_or_default();
        self.0.entry(queue.to_owned()).or_default().push(now);
        journal.put(SPENT_KEY.to_owned(), self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::settings;

    fn settings(fields: &str) -> Settings {
        let text = format!(r#"{{"organization":"acme","clientId":"c",{fields}}}"#);
        settings::parse(&text, false).unwrap().settings
    }

    const NOON: &str = "12:00";

    fn at(text: &str) -> TimeOfDay {
        TimeOfDay::parse(text).unwrap()
    }

    #[test]
    fn a_queue_gets_no_more_than_its_cards_an_hour() {
        let settings = settings(r#""cardsPerQueueHour":2"#);
        let (mut spent, mut journal) = (Spent::default(), Journal::default());
        for minute in [0, 10] {
            assert_eq!(spent.keeps(&settings, Some("a"), 0, Millis::from_mins(minute), at(NOON)), None);
            spent.spend(&settings, Some("a"), Millis::from_mins(minute), &mut journal);
        }
        let keeps = |minute| spent.keeps(&settings, Some("a"), 0, Millis::from_mins(minute), at(NOON));
        assert_eq!(keeps(59), Some(Kept::QueueBudget));
        assert_eq!(keeps(60), None);
        assert_eq!(spent.keeps(&settings, Some("b"), 0, Millis::from_mins(59), at(NOON)), None);
    }

    #[test]
    fn quiet_hours_and_the_interaction_budget_keep_triggers_back() {
        let settings = settings(r#""quietHoursFrom":"22:00","quietHoursTo":"06:00","cardsPerInteraction":1"#);
        let spent = Spent::default();
        assert_eq!(spent.keeps(&settings, None, 0, Millis(0), at("23:00")), Some(Kept::QuietHours));
        assert_eq!(spent.keeps(&settings, None, 1, Millis(0), at(NOON)), Some(Kept::InteractionBudget));
        assert_eq!(spent.keeps(&settings, None, 0, Millis(0), at(NOON)), None);
    }
}
