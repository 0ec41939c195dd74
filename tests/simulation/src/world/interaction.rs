//! The stream's frames: events of interactions, near misses, and frames that are no events.

use std::collections::BTreeMap;

use crate::dice::Dice;
use crate::plan::{HOSTS, RULES};
use crate::world::server::Stuck;
use cuewire::delivery::outbox::CardName;
use cuewire::delivery::{memory, outbox};
use cuewire::model::fingerprint::{Fingerprint, Subject};

/// One interaction, and what the simulation itself knows of it.
#[derive(Debug)]
pub struct Interaction {
    /// Its id.
    pub id: String,
    /// Where it is.
    pub host: usize,
    /// The interaction of the other organisation with the same id.
    pub twin: Option<usize>,
    /// Where the journal keeps its cards, by rule; and where version 1 did.
    pub keys: [String; 2],
    pub old_keys: [String; 2],
    /// Where the journal keeps that it fired.
    pub memory_key: String,
    /// Where version 1 did, and where the journal keeps that since.
    pub old_memory_keys: [String; 2],
    /// The interaction was stored as by version 1.
    pub was_old: bool,
    /// The `cardId` of each rule's card.
    pub card_ids: [String; 2],
    /// Rules that a worker heard come true.
    pub qualified: [bool; 2],
    /// When the present worker first heard it come true, by rule.
    pub due_at: [u64; 2],
    /// The interaction was not heard for so long that its firings are forgotten.
    pub lapsed: [u8; 2],
    /// The record of what fired was damaged: nobody knows any more which rules may fire.
    pub blurred: bool,
    /// The life in which it came due while nobody can tell from outside whether it may fire.
    pub gray_in: u32,
    /// Rules that were true while neither pause nor quiet hour held, in this life.
    pub may_fire: [bool; 2],
    /// Its end was heard.
    pub ended: bool,
    /// The trouble of its cards, and until when.
    pub stuck: Option<(Stuck, u64)>,
    /// Its card by each rule, as the ledger counts them.
    pub cards: [Option<usize>; 2],
}

/// All interactions; each is found by its id and by the keys of its records.
#[derive(Debug, Default)]
pub struct Interactions {
    pub all: Vec<Interaction>,
    pub by_id: BTreeMap<(usize, String), usize>,
    pub by_memory: BTreeMap<String, usize>,
    pub by_key: BTreeMap<String, (usize, usize)>,
}

impl Interactions {
    pub fn push(&mut self, interaction: Interaction) {
        let at = self.all.len();
        self.by_id.insert((interaction.host, interaction.id.clone()), at);
        self.by_memory.insert(interaction.memory_key.clone(), at);
        // Records of version 1 are of interactions that have no twin.
        for key in &interaction.old_memory_keys {
            self.by_memory.entry(key.clone()).or_insert(at);
        }
        for (rule, key) in interaction.keys.iter().enumerate() {
            self.by_key.insert(key.clone(), (at, rule));
        }
        for (rule, key) in interaction.old_keys.iter().enumerate() {
            self.by_key.entry(key.clone()).or_insert((at, rule));
        }
        self.all.push(interaction);
    }

    pub fn of_id(&self, host: usize, id: &str) -> Option<usize> {
        self.by_id.get(&(host, id.to_owned())).copied()
    }

    /// Whose memory a record is.
    pub fn of_memory(&self, key: &str) -> Option<usize> {
        self.by_memory.get(key).copied()
    }

    /// Whose card a record is, and by which rule.
    pub fn of_card(&self, key: &str) -> Option<(usize, usize)> {
        self.by_key.get(key).copied()
    }
}

impl std::ops::Deref for Interactions {
    type Target = [Interaction];

    fn deref(&self) -> &[Interaction] {
        &self.all
    }
}

impl std::ops::DerefMut for Interactions {
    fn deref_mut(&mut self) -> &mut [Interaction] {
        &mut self.all
    }
}

/// Ids as customers' systems make them: all of them must be one path segment.
const ODD_IDS: [&str; 6] = ["a/b?c#d", "é😀", "%2e%2e", "x y", "..x", "\u{1f}ctl"];

impl Interaction {
    /// A new one; every few have an odd id.
    pub fn new(number: usize, host: usize, odd: bool, dice: &mut Dice) -> Interaction {
        let id = match dice.below(if odd { 12 } else { 0 }) {
            0 if odd => format!("{}-{number}", dice.pick(&ODD_IDS)),
            _ => format!("i-{number}"),
        };
        Interaction::with_id(id, host)
    }

    /// How a page names the card of a rule.
    pub fn name_of(&self, rule: usize) -> CardName {
        CardName::new(Fingerprint::of(HOSTS[self.host]), self.card_ids[rule].clone())
    }

    /// One with this id.
    pub fn with_id(id: String, host: usize) -> Interaction {
        let subject = Subject::of(Fingerprint::of(HOSTS[host]), &id);
        let digest = subject.interaction;
        Interaction {
            host,
            twin: None,
            keys: RULES.map(|rule| outbox::key(subject, rule)),
            old_keys: RULES.map(|rule| format!("card/{digest}/{rule}")),
            memory_key: memory::key(subject),
            old_memory_keys: [format!("fired/{digest}"), memory::key(Subject::anywhere(digest))],
            was_old: false,
            card_ids: RULES.map(|rule| format!("trigger-{id}-{rule}-1")),
            qualified: [false; 2],
            due_at: [0; 2],
            lapsed: [0; 2],
            blurred: false,
            gray_in: 0,
            may_fire: [false; 2],
            ended: false,
            stuck: None,
            cards: [None; 2],
            id,
        }
    }
}
