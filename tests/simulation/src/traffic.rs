//! The stream's frames: events of interactions, near misses, and frames that are no events.

use std::collections::BTreeMap;

use crate::dice::Dice;
use crate::plan::{HOSTS, QUEUES, RULES, Setup, queue_name};
use crate::sticky::Stuck;
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
    all: Vec<Interaction>,
    by_id: BTreeMap<(usize, String), usize>,
    by_memory: BTreeMap<String, usize>,
    by_key: BTreeMap<String, (usize, usize)>,
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

/// One message of the stream.
#[derive(Debug, Clone)]
pub struct Utterance {
    /// Which interaction; none where it is garbage.
    pub interaction: Option<usize>,
    /// Thousandths.
    pub score: Option<i64>,
    /// Thousandths.
    pub confidence: Option<i64>,
    /// Milliseconds.
    pub wait: Option<u64>,
    /// Which of [`QUEUES`].
    pub queue: Option<usize>,
    /// The interaction's end.
    pub last: bool,
    /// The bytes that the socket carries.
    pub bytes: Vec<u8>,
}

impl Utterance {
    /// Which rules are true of it in this queue: worked out here, in whole numbers, and not by the core.
    pub fn fulfils(&self, queue: Option<usize>, setup: &Setup) -> [bool; 2] {
        let heard = match queue {
            Some(queue) => setup.exclude != Some(queue) && setup.include.is_none_or(|only| only == queue),
            None => setup.include.is_none(),
        };
        let sure = setup.confidence == 0 || self.confidence.is_some_and(|confidence| confidence >= setup.confidence);
        let negative = self.score.is_some_and(|score| score < setup.sentiment);
        let long = self.wait.is_some_and(|wait| wait > setup.wait * 1_000);
        [heard && sure && negative, heard && long]
    }

    /// Something about an interaction. Often at a threshold, seldom far from it.
    pub fn draw(at: usize, id: &str, setup: &Setup, dice: &mut Dice) -> Utterance {
        let near = |dice: &mut Dice, middle: i64, span: i64| {
            (middle + dice.below(2 * span as u64 + 1) as i64 - span, dice.chance(200))
        };
        let score = dice.chance(600).then(|| match near(dice, setup.sentiment, 400) {
            (_, true) => setup.sentiment.clamp(-1_000, 1_000),
            (score, false) => score.clamp(-1_000, 1_000),
        });
        let confidence = dice.chance(600).then(|| dice.pick(&[0, 499, 500, 501, 1_000]));
        let wait = dice.chance(400).then(|| match near(dice, setup.wait as i64 * 1_000, 2_000) {
            (_, true) => setup.wait * 1_000,
            (wait, false) => wait.max(0) as u64,
        });
        let queue = dice.chance(600).then(|| dice.below(QUEUES.len() as u64) as usize);
        Utterance::write(at, id, (score, confidence, wait, queue, dice.chance(40)), dice)
    }

    /// Something that certainly is due a card.
    pub fn plea(at: usize, id: &str, setup: &Setup, dice: &mut Dice) -> Utterance {
        Utterance::plea_from(setup.include.unwrap_or(0), at, id, setup, dice)
    }

    /// The same from a queue.
    pub fn plea_from(queue: usize, at: usize, id: &str, setup: &Setup, dice: &mut Dice) -> Utterance {
        let score = (setup.sentiment > -1_000).then_some(-1_000);
        Utterance::write(at, id, (score, Some(1_000), Some(setup.wait * 1_000 + 1), Some(queue), false), dice)
    }

    fn write(
        at: usize,
        id: &str,
        (score, confidence, wait, queue, last): (Option<i64>, Option<i64>, Option<u64>, Option<usize>, bool),
        dice: &mut Dice,
    ) -> Utterance {
        let mut text = String::with_capacity(160);
        text.push_str("{\"id\":\"");
        for character in id.chars() {
            match character {
                character if (character as u32) < 0x20 => text.push_str(&format!("\\u{:04x}", character as u32)),
                '"' | '\\' => text.extend(['\\', character]),
                character => text.push(character),
            }
        }
        text.push_str(if last { "\",\"type\":\"disposition\"" } else { "\",\"type\":\"transfer\"" });
        if score.is_some() || confidence.is_some() || dice.chance(100) {
            let value = |number: Option<i64>| number.map_or("null".to_owned(), decimal);
            text.push_str(&format!(
                ",\"sentiment\":{{\"score\":{},\"confidence\":{}}}",
                value(score),
                value(confidence)
            ));
        }
        if wait.is_some() || queue.is_some() {
            let name = queue.map_or("null".to_owned(), |queue| format!("\"{}\"", queue_name(queue)));
            let wait = wait.map_or("null".to_owned(), |wait| wait.to_string());
            text.push_str(&format!(",\"routing\":{{\"queueName\":{name},\"queueWaitTimeMs\":{wait},\"x\":[1]}}"));
        }
        text.push('}');
        Utterance { interaction: Some(at), score, confidence, wait, queue, last, bytes: text.into_bytes() }
    }

    /// Something that is no event.
    pub fn garbage(dice: &mut Dice) -> Utterance {
        let bytes = match dice.below(10) {
            0 => b"{\"id\":\"x\"".to_vec(),
            1 => vec![0xff, 0xfe, 0x7b],
            2 => b"[]".to_vec(),
            3 => b"{\"id\":\"\",\"sentiment\":{\"score\":-1}}".to_vec(),
            4 => b"{\"id\":\"..\",\"sentiment\":{\"score\":-1}}".to_vec(),
            5 => b"{\"id\":\"x\",\"sentiment\":{\"score\":-1e999}}".to_vec(),
            6 => b"{\"id\":\"x\",\"sentiment\":{\"score\":\"-1\"}}".to_vec(),
            7 => [vec![b'['; 70], vec![b']'; 70]].concat(),
            8 => format!("{{\"id\":\"{}\",\"sentiment\":{{\"score\":-1}}}}", "x".repeat(1_025)).into_bytes(),
            _ => b"".to_vec(),
        };
        Utterance { interaction: None, score: None, confidence: None, wait: None, queue: None, last: false, bytes }
    }
}

fn decimal(thousandths: i64) -> String {
    let sign = if thousandths < 0 { "-" } else { "" };
    let number = thousandths.unsigned_abs();
    format!("{sign}{}.{:03}", number / 1_000, number % 1_000)
}
