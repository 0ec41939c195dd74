//! From firings to cards: once for an interaction, a rule or an episode; none while a critical rule mutes it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::evaluator::{Evaluator, Fired, Records};
use crate::message::Message;
use crate::spec::Once;

/// A card that is due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Card {
    /// When it became due.
    pub at: u64,
    /// For whom.
    pub interaction: String,
    /// Its rule.
    pub rule: String,
    /// Which of its rule's cards for the interaction.
    pub episode: u32,
    /// The card must come. Another interaction may have the card of a queue, and that card mutes nothing here.
    pub must_come: bool,
}

impl Card {
    /// Its identity by the contract.
    #[must_use]
    pub fn id(&self) -> String {
        format!("trigger-{}-{}-{}", self.interaction, self.rule, self.episode)
    }
}

/// The state that outlives a worker: holds of rules, and interactions that have a card.
#[derive(Debug, Clone, Default)]
pub struct Durable {
    records: Records,
    cards: Cards,
}

#[derive(Debug, Clone, Default)]
struct Cards {
    known: BTreeSet<(String, usize, u32)>,
    interactions: BTreeSet<String>,
    /// Interactions that may have the card of a queue.
    maybe: BTreeSet<String>,
}

/// An evaluator, and the memory of what has a card.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The rules.
    pub evaluator: Evaluator,
    cards: Cards,
    /// The queue that each interaction named last, as this worker heard.
    queues: BTreeMap<String, String>,
}

impl Desk {
    /// Nothing has a card.
    #[must_use]
    pub fn new(evaluator: Evaluator) -> Self {
        Self { evaluator, cards: Cards::default(), queues: BTreeMap::new() }
    }

    /// Takes a message at an instant, after all that time has brought until then.
    pub fn hear(&mut self, now: u64, message: &Arc<Message>) -> Vec<Card> {
        let mut due = self.pass(now);
        let message = match (message.queue(), self.queues.get(message.id())) {
            (Some(queue), _) => {
                self.queues.insert(message.id().to_owned(), queue.to_owned());
                message.clone()
            }
            (None, Some(queue)) => Arc::new(message.in_queue(queue)),
            (None, None) => message.clone(),
        };
        let mut fired = Vec::new();
        let (cards, set) = (&self.cards, self.evaluator.set().clone());
        let wanted = |rule: usize, episode: u32| {
            !set.rules[rule].live || !cards.holds(message.id(), rule, episode, set.rules[rule].once)
        };
        self.evaluator.hear(now, &message, wanted, &mut fired);
        due.extend(self.accept(fired));
        due
    }

    /// Lets time pass.
    pub fn pass(&mut self, now: u64) -> Vec<Card> {
        let mut fired = Vec::new();
        self.evaluator.pass(now, &mut fired);
        self.accept(fired)
    }

    /// The state that outlives the worker, as it is now.
    #[must_use]
    pub fn durable(&self) -> Durable {
        Durable { records: self.evaluator.records().clone(), cards: self.cards.clone() }
    }

    /// The worker ended, and another goes on from this.
    pub fn restart(&mut self, durable: Durable) {
        self.evaluator.restart(durable.records);
        self.cards = durable.cards;
        // Of a queue that was named before, only the event of a hold still knows.
        let held =
            self.evaluator.held().filter_map(|message| Some((message.id().to_owned(), message.queue()?.to_owned())));
        self.queues = held.collect();
    }

    fn accept(&mut self, fired: Vec<Fired>) -> Vec<Card> {
        let set = self.evaluator.set().clone();
        let mut due = Vec::new();
        for Fired { at, rule, interaction, episode, muted_by } in fired {
            let spec = &set.rules[rule];
            if !spec.live || self.cards.holds(&interaction, rule, episode, spec.once) {
                continue;
            }
            if let Some(critical) = muted_by {
                if set.rules[critical].is_about_a_queue {
                    due.push(Card { at, interaction, rule: spec.id.clone(), episode, must_come: false });
                }
                continue;
            }
            self.cards.known.insert((interaction.clone(), rule, episode));
            let is_free = spec.once != Once::Interaction || !self.cards.maybe.contains(&interaction);
            let must_come = !spec.is_about_a_queue && is_free;
            match spec.is_about_a_queue {
                true => self.cards.maybe.insert(interaction.clone()),
                false => self.cards.interactions.insert(interaction.clone()),
            };
            due.push(Card { at, interaction, rule: spec.id.clone(), episode, must_come });
        }
        due
    }
}

impl Cards {
    fn holds(&self, interaction: &str, rule: usize, episode: u32, once: Once) -> bool {
        once == Once::Interaction && self.interactions.contains(interaction)
            || self.known.contains(&(interaction.to_owned(), rule, episode))
    }
}
