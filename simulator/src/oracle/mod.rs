//! Knows from the traffic which cards are due, and holds what arrived against it.
//!
//! An interaction is due a card when a client *heard* an event that makes a rule true: the frame was written to a stream
//! socket that was open and not silenced. What was written shortly before a connection died may or may not have been read;
//! such a hearing is *uncertain*, and so is one of a frame on which the contract leaves room (a value out of range).
//! An interaction with nothing but uncertain hearings may get its card and need not.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use hdrhistogram::Histogram;
use rule_oracle::Message;

use crate::clock::Micros;
use crate::event::Seen;
use crate::report::new_histogram;
use crate::rules::{OncePer, RuleSet, Rules};

mod fate;
mod judged;
mod report;
#[cfg(test)]
mod tests;
mod worlds;
#[cfg(test)]
mod worlds_tests;

pub use fate::{Acceptance, Ending};
pub use worlds::Given;

use self::judged::Judged;
use self::worlds::Worlds;

/// Hearings kept per interaction; later ones make nothing more due.
const MOST_HEARINGS: usize = 24;

#[derive(Debug)]
struct Hearing {
    connection: u64,
    at: Micros,
    rules: RuleSet,
    certain: bool,
}

#[derive(Debug, Default)]
struct Watch {
    hearings: Vec<Hearing>,
    rules: RuleSet,
    cards: u32,
    refusals: u32,
    delivered_at: Option<Micros>,
}

/// The tally. All times are given, none is read.
#[derive(Debug)]
pub struct Oracle {
    rules: Rules,
    /// In place of these, where a rule set was given.
    judged: Option<Judged>,
    uncertain_within: Micros,
    watched: HashMap<String, Watch>,
    interactions: HashSet<u64>,
    /// The queue that each interaction named last, and over which connection; only where queues are filtered.
    queues: HashMap<String, (String, u64)>,
    hasher: RandomState,
    forgiven: HashSet<String>,
    unasked: HashMap<String, u32>,
    last_frame: u64,
    events: u64,
    garbage: u64,
    repeats: u64,
    second_cards: u64,
    latency: Histogram<u64>,
    since: Micros,
}

impl Oracle {
    /// Nothing heard yet. `uncertain_within` is how long before the death of a connection a frame counts as maybe unread.
    #[must_use]
    pub fn new(rules: Rules, uncertain_within: Micros) -> Self {
        Self {
            rules,
            judged: None,
            uncertain_within,
            watched: HashMap::new(),
            interactions: HashSet::new(),
            queues: HashMap::new(),
            hasher: RandomState::new(),
            forgiven: HashSet::new(),
            unasked: HashMap::new(),
            last_frame: 0,
            events: 0,
            garbage: 0,
            repeats: 0,
            second_cards: 0,
            latency: new_histogram(),
            since: 0,
        }
    }

    /// The same for a rule set in place of thresholds.
    #[must_use]
    pub fn judging(self, given: Given) -> Self {
        Self { judged: Some(Judged::new(Worlds::new(given))), ..self }
    }

    /// The settings it judges by.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// A frame goes out on a connection now. `seen` is what a client can read from it; frames are numbered from 1 in the
    /// order they were sent, so that one that goes to several connections is counted once.
    pub fn heard(&mut self, connection: u64, number: u64, seen: Option<&Seen>, at: Micros) {
        let first_time = number > self.last_frame;
        self.last_frame = self.last_frame.max(number);
        let Some(event) = seen else {
            self.garbage += u64::from(first_time);
            return;
        };
        self.events += u64::from(first_time);
        self.interactions.insert(self.hasher.hash_one(&event.id));
        if let Some(judged) = &mut self.judged {
            let message = Message::new(event.json.clone());
            return judged.worlds.heard(connection, number, message, event.debatable, at);
        }
        let (rules, certain) = self.judge(connection, event);
        if rules.is_empty() || self.forgiven.contains(&event.id) {
            return;
        }
        if !self.watched.contains_key(&event.id) {
            self.watched.insert(event.id.clone(), Watch::default());
        }
        let Some(watch) = self.watched.get_mut(&event.id) else { return };
        watch.rules = watch.rules.or(rules);
        if watch.hearings.len() < MOST_HEARINGS {
            watch.hearings.push(Hearing { connection, at, rules, certain });
        }
    }

    /// Which rules an event makes true, and whether every right client knows so. An event that names no queue belongs to
    /// the one that its interaction named last; a client knows that one where it came over the same connection.
    fn judge(&mut self, connection: u64, event: &Seen) -> (RuleSet, bool) {
        let alone = self.rules.judge(event);
        if !self.rules.filters_queues() {
            return (alone, !event.debatable);
        }
        if let Some(queue) = &event.queue {
            self.queues.insert(event.id.clone(), (queue.clone(), connection));
            return (alone, !event.debatable);
        }
        let Some((queue, named_over)) = self.queues.get(&event.id) else { return (alone, !event.debatable) };
        let within = self.rules.judge(&Seen { queue: Some(queue.clone()), ..event.clone() });
        if *named_over == connection || within == alone {
            (within, !event.debatable)
        } else {
            (within.or(alone), false)
        }
    }

    /// A connection ended. `flushed_until` is when the last frame was known to be handed to the network.
    pub fn closed(&mut self, connection: u64, ending: Ending, flushed_until: Micros, at: Micros) {
        let read_until = match ending {
            Ending::Clean => flushed_until,
            Ending::Abnormal => flushed_until.min(at.saturating_sub(self.uncertain_within)),
        };
        if let Some(judged) = &mut self.judged {
            return judged.worlds.closed(connection, ending, read_until, at);
        }
        for hearing in self.watched.values_mut().flat_map(|watch| &mut watch.hearings) {
            if hearing.connection == connection && hearing.at > read_until {
                hearing.certain = false;
            }
        }
    }

    /// A card was accepted for an interaction.
    pub fn card(&mut self, interaction: &str, card_id: &str, acceptance: Acceptance, at: Micros) {
        if let Some(judged) = &mut self.judged {
            judged.card(interaction, card_id, acceptance, at);
            self.repeats += u64::from(acceptance == Acceptance::Repeat);
            self.second_cards += u64::from(acceptance == Acceptance::SecondCard);
            return;
        }
        match acceptance {
            Acceptance::Repeat => {
                self.repeats += 1;
                return;
            }
            Acceptance::SecondCard => self.second_cards += 1,
            Acceptance::First => {}
        }
        if let Some(watch) = self.watched.get_mut(interaction) {
            watch.cards += 1;
            if watch.delivered_at.is_none() {
                watch.delivered_at = Some(at);
                let heard_at = watch.heard_at();
                self.latency.saturating_record(at.saturating_sub(heard_at).max(1));
            }
        } else if !self.forgiven.contains(interaction) {
            *self.unasked.entry(interaction.to_owned()).or_default() += 1;
        }
    }

    /// A fault answered a card request with what ends a card by contract: 403, another final 4xx, a redirect.
    pub fn refused(&mut self, interaction: &str, card_id: Option<&str>) {
        if let (Some(judged), Some(card_id)) = (&mut self.judged, card_id) {
            judged.refused(card_id);
        }
        if let Some(watch) = self.watched.get_mut(interaction) {
            watch.refusals += 1;
        }
    }

    /// Starts the tally again from zero. It leaves out interactions that were due before, because their cards may
    /// still come.
    pub fn reset(&mut self, at: Micros) {
        let before = std::mem::replace(self, Self::new(self.rules.clone(), self.uncertain_within));
        self.judged = before.judged;
        if let Some(judged) = &mut self.judged {
            judged.reset(at);
        }
        self.forgiven = before.forgiven;
        self.forgiven.extend(before.watched.into_keys());
        self.last_frame = before.last_frame;
        self.since = at;
    }

    /// Whether nothing that is certainly due is still to come.
    #[must_use]
    pub fn settled(&mut self, now: Micros) -> bool {
        if let Some(judged) = &mut self.judged {
            return judged.settled(now);
        }
        self.watched.values().all(|watch| watch.cards + watch.refusals >= watch.least(self.rules.once_per))
    }
}

impl Watch {
    /// The hearing that latency counts from: the first certain one, else the first.
    fn heard_at(&self) -> Micros {
        self.hearings.iter().find(|hearing| hearing.certain).or(self.hearings.first()).map_or(0, |hearing| hearing.at)
    }

    fn certain(&self) -> bool {
        self.hearings.iter().any(|hearing| hearing.certain)
    }

    /// The fewest cards a right client sends.
    fn least(&self, once_per: OncePer) -> u32 {
        match once_per {
            OncePer::Interaction => u32::from(self.certain()),
            // One event may make two rules true; whether that is one card that says both or two is the client's choice.
            OncePer::Rule => {
                let mut fired = RuleSet::default();
                let mut cards = 0;
                for hearing in self.hearings.iter().filter(|hearing| hearing.certain) {
                    cards += u32::from(!hearing.rules.without(fired).is_empty());
                    fired = fired.or(hearing.rules);
                }
                cards
            }
        }
    }

    /// The most cards a right client sends.
    fn most(&self, once_per: OncePer) -> u32 {
        match once_per {
            OncePer::Interaction => 1,
            OncePer::Rule => self.rules.len(),
        }
    }
}
