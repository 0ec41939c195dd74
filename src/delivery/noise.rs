//! Noise control: what keeps a trigger from becoming a card, besides a pause.

use crate::model::json::{FromJson, IntoName, ToJson};
use crate::model::sorted::SortedMap;

use crate::journal::{Journal, OLD_SPENT_BY_OTHERS_KEY, OLD_SPENT_KEY, SPENT_PREFIX};
use crate::model::fingerprint::Fingerprint;
use crate::model::time::Millis;
use crate::settings::{Settings, TimeOfDay};

const HOUR: Millis = Millis::from_mins(60);

/// Queues with a budget of their own at once. Queues beyond share one budget; otherwise the record grows without bound.
const QUEUES: usize = 200;

/// Why a trigger was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoName)]
#[serde(rename_all = "camelCase")]
pub enum Kept {
    /// A person snoozed its queue or rule.
    Snooze,
    /// A person marked the rule as handled for this interaction.
    Handled,
    /// A critical rule fires for the same interaction.
    Inhibition,
    /// The card of another interaction already speaks for the queue.
    Group,
    /// The hour is quiet.
    QuietHours,
    /// The interaction has had its cards.
    InteractionBudget,
    /// The queue has had its cards of this hour.
    QueueBudget,
}

impl Kept {
    /// The name in the activity log.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// When cards were accepted for each queue of each connection within the last hour; outlives the worker while a budget
/// is set.
#[derive(Debug, Clone, Default)]
pub struct Spent {
    connections: SortedMap<Fingerprint, Budgets>,
    /// The record of version 1. Its keys named no connection, so it counts for every connection until its hour is over.
    old: Budgets,
}

/// When cards were accepted for each queue of one connection: the stored form.
#[derive(Debug, Clone, Default, PartialEq, Eq, ToJson, FromJson)]
#[serde(rename_all = "camelCase", default)]
pub struct Budgets {
    queues: SortedMap<String, Vec<Millis>>,
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
        let own = self.connections.get(&connection(settings)).map_or(0, |budgets| budgets.spent(queue, now));
        (own + self.old.spent(queue, now) >= most as usize).then_some(Kept::QueueBudget)
    }

    /// Goes on from what was stored of a connection.
    pub fn restore(&mut self, connection: Fingerprint, stored: Budgets, now: Millis) {
        self.connections.insert(connection, stored.taken_up(now));
    }

    /// Goes on from what version 1 stored of the queues.
    pub fn restore_old_queues(&mut self, queues: SortedMap<String, Vec<Millis>>, now: Millis) {
        self.old.queues = Budgets { queues, ..Budgets::default() }.taken_up(now).queues;
    }

    /// The same for what version 1 stored of all further queues.
    pub fn restore_old_others(&mut self, others: Vec<Millis>, now: Millis) {
        self.old.others = Budgets { others, ..Budgets::default() }.taken_up(now).others;
    }

    /// A card was accepted.
    pub fn spend(&mut self, settings: &Settings, queue: Option<&str>, now: Millis, journal: &mut Journal) {
        if settings.cards_per_queue_hour.is_none() {
            return;
        }
        if self.old != Budgets::default() && !self.old.is_live(now) {
            self.old = Budgets::default();
            journal.delete(OLD_SPENT_KEY.to_owned());
            journal.delete(OLD_SPENT_BY_OTHERS_KEY.to_owned());
        }
        let connection = connection(settings);
        let budgets = self.connections.entry(connection).or_default();
        budgets.spend(queue, now);
        journal.put(format!("{SPENT_PREFIX}{connection}"), budgets);
    }
}

impl Budgets {
    /// Nothing was spent later than now: what a wrong clock dated so ends within the hour.
    fn taken_up(mut self, now: Millis) -> Budgets {
        self.queues.values_mut().flatten().chain(&mut self.others).for_each(|time| *time = (*time).min(now));
        self
    }

    fn is_live(&self, now: Millis) -> bool {
        self.queues.values().chain([&self.others]).any(|times| is_live(times, now))
    }

    /// How many cards of the last hour count for a queue.
    fn spent(&self, queue: Option<&str>, now: Millis) -> usize {
        let times = if self.is_other(queue, now) {
            &self.others[..]
        } else {
            self.queues.get(queue.unwrap_or_default()).map(Vec::as_slice).unwrap_or_default()
        };
        within_the_hour(times, now).count()
    }

    fn spend(&mut self, queue: Option<&str>, now: Millis) {
        if self.is_other(queue, now) {
            self.others.retain(|time| time.plus(HOUR) > now);
            self.others.push(now);
            return;
        }
        for times in self.queues.values_mut() {
            times.retain(|time| time.plus(HOUR) > now);
        }
        self.queues.retain(|_, times| !times.is_empty());
        self.queues.entry(queue.unwrap_or_default().to_owned()).or_default().push(now);
    }

    /// Whether a queue has no budget of its own. While any queue has spent from the shared budget, every further queue
    /// does, because nobody knows any more which one it was.
    fn is_other(&self, queue: Option<&str>, now: Millis) -> bool {
        let own = self.queues.get(queue.unwrap_or_default());
        if own.is_some_and(|times| is_live(times, now)) {
            return false;
        }
        is_live(&self.others, now)
            || self.queues.len() >= QUEUES && self.queues.values().filter(|times| is_live(times, now)).count() >= QUEUES
    }
}

fn connection(settings: &Settings) -> Fingerprint {
    Fingerprint::of(settings.base().connection())
}

fn is_live(times: &[Millis], now: Millis) -> bool {
    within_the_hour(times, now).next().is_some()
}

fn within_the_hour(times: &[Millis], now: Millis) -> impl Iterator<Item = &Millis> {
    times.iter().filter(move |time| time.plus(HOUR) > now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings;
    use std::collections::BTreeMap;

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
            let budgets = spent.connections.values().next().unwrap();
            assert!(budgets.queues.len() <= QUEUES && budgets.others.len() <= 2);
        }
        let queues: std::collections::BTreeSet<&String> = accepted.keys().map(|(queue, _)| queue).collect();
        assert!(queues.len() > QUEUES, "further queues get cards, too");
    }

    #[test]
    fn queues_of_two_organisations_have_budgets_of_their_own_beside_what_version_1_stored() {
        let acme = settings(r#""cardsPerQueueHour":2"#);
        let bravo = r#"{"organization":"bravo","clientId":"c","cardsPerQueueHour":2}"#;
        let bravo = settings::parse(bravo, false).unwrap().settings;
        let (mut spent, mut journal) = (Spent::default(), Journal::default());
        spent.restore_old_queues(SortedMap::from_iter([("a".to_owned(), vec![Millis(0)])]), Millis(0));
        spent.spend(&acme, Some("a"), Millis::from_mins(1), &mut journal);
        let keeps =
            |settings: &Settings, minute| spent.keeps(settings, Some("a"), 0, Millis::from_mins(minute), at(NOON));
        assert_eq!((keeps(&acme, 2), keeps(&bravo, 2)), (Some(Kept::QueueBudget), None));
        assert_eq!(keeps(&acme, 60), None, "what version 1 stored is an hour old");
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
