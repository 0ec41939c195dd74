//! Noise control: what keeps a trigger from becoming a card, besides a pause.

use std::collections::BTreeMap;

use crate::journal::{Journal, SPENT_KEY};
use crate::model::time::Millis;
use crate::settings::{Settings, TimeOfDay};

/// Key of the record of what all further queues have spent together.
pub const SPENT_BY_OTHERS_KEY: &str = "spentByOthers";

const HOUR: Millis = Millis::from_mins(60);

/// Queues with a budget of their own at once. Queues beyond share one budget; otherwise the record grows without bound.
const QUEUES: usize = 200;

/// Why a trigger was kept back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// A person snoozed its queue or rule.
    Snooze,
    /// A critical rule fires for the same interaction.
    Inhibition,
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
            Kept::Inhibition => "inhibition",
            Kept::QuietHours => "quietHours",
            Kept::InteractionBudget => "interactionBudget",
            Kept::QueueBudget => "queueBudget",
        }
    }
}

/// When cards were accepted for each queue within the last hour; outlives the worker while a budget is set.
#[derive(Debug, Clone, Default)]
pub struct Spent {
    queues: BTreeMap<String, Vec<Millis>>,
    /// Of all queues that came while [`QUEUES`] others had a budget of their own.
    others: Vec<Millis>,
}

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
        if settings.quiet_hours().is_some_and(|hours| hours.contains(local)) {
            return Some(Kept::QuietHours);
        }
        if settings.cards_per_interaction.is_some_and(|most| fired >= most) {
            return Some(Kept::InteractionBudget);
        }
        let most = settings.cards_per_queue_hour?;
        let times = if self.is_other(queue, now) {
            &self.others[..]
        } else {
            self.queues.get(queue.unwrap_or_default()).map(Vec::as_slice).unwrap_or_default()
        };
        (within_the_hour(times, now).count() >= most as usize).then_some(Kept::QueueBudget)
    }

    /// Goes on from what was stored of the queues. Nothing was spent later than now: what a wrong clock dated so ends
    /// within the hour.
    pub fn restore_queues(&mut self, mut stored: BTreeMap<String, Vec<Millis>>, now: Millis) {
        stored.values_mut().flatten().for_each(|time| *time = (*time).min(now));
        self.queues = stored;
    }

    /// The same for what was stored of all further queues.
    pub fn restore_others(&mut self, mut stored: Vec<Millis>, now: Millis) {
        stored.iter_mut().for_each(|time| *time = (*time).min(now));
        self.others = stored;
    }

    /// A card was accepted.
    pub fn spend(&mut self, settings: &Settings, queue: Option<&str>, now: Millis, journal: &mut Journal) {
        if settings.cards_per_queue_hour.is_none() {
            return;
        }
        if self.is_other(queue, now) {
            self.others.retain(|time| time.plus(HOUR) > now);
            self.others.push(now);
            journal.put(SPENT_BY_OTHERS_KEY.to_owned(), &self.others);
            return;
        }
        for times in self.queues.values_mut() {
            times.retain(|time| time.plus(HOUR) > now);
        }
        self.queues.retain(|_, times| !times.is_empty());
        self.queues.entry(queue.unwrap_or_default().to_owned()).or_default().push(now);
        journal.put(SPENT_KEY.to_owned(), &self.queues);
    }

    /// Whether a queue has no budget of its own. While any queue has spent from the shared budget, every further queue
    /// does, because nobody knows any more which one it was.
    fn is_other(&self, queue: Option<&str>, now: Millis) -> bool {
        let is_live = |times: &[Millis]| within_the_hour(times, now).next().is_some();
        let own = self.queues.get(queue.unwrap_or_default());
        if own.is_some_and(|times| is_live(times)) {
            return false;
        }
        is_live(&self.others)
            || self.queues.len() >= QUEUES && self.queues.values().filter(|times| is_live(times)).count() >= QUEUES
    }
}

fn within_the_hour(times: &[Millis], now: Millis) -> impl Iterator<Item = &Millis> {
    times.iter().filter(move |time| time.plus(HOUR) > now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings;

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
    fn however_many_queues_there_are_each_gets_no_more_than_its_cards_an_hour() {
        let settings = settings(r#""cardsPerQueueHour":2"#);
        let (mut spent, mut journal) = (Spent::default(), Journal::default());
        let mut accepted: BTreeMap<(String, u64), u32> = BTreeMap::new();
        for minute in 0..240 {
            for number in 0..3 * QUEUES {
                // Every queue asks again and again; the first ones fall silent after an hour and leave their place.
                if minute > 60 && number < QUEUES / 2 || number % 7 != (minute % 7) as usize {
                    continue;
                }
                let (queue, now) = (format!("queue-{number}"), Millis::from_mins(minute));
                if spent.keeps(&settings, Some(&queue), 0, now, at(NOON)).is_none() {
                    spent.spend(&settings, Some(&queue), now, &mut journal);
                    *accepted.entry((queue.clone(), minute)).or_default() += 1;
                }
                let hour = accepted.range((queue.clone(), (minute + 1).saturating_sub(60))..=(queue.clone(), minute));
                let cards: u32 = hour.map(|(_, cards)| cards).sum();
                assert!(cards <= 2, "{queue} had {cards} cards within the hour before minute {minute}");
            }
            assert!(spent.queues.len() <= QUEUES && spent.others.len() <= 2);
        }
        let queues: std::collections::BTreeSet<&String> = accepted.keys().map(|(queue, _)| queue).collect();
        assert!(queues.len() > QUEUES, "further queues get cards, too");
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
