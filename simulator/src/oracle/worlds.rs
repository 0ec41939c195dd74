//! Rules of any kind: which cards are due in every possible world, and which in some.
//!
//! A server does not know all that decides: when a client read a frame, whether it read the last ones before its
//! connection died, and whether the client behind the next connection still knows what the one before had heard. A few
//! worlds each take these for one thing or another and run [`rule_oracle`]. **A card of every world is due, a card of
//! none is not due, and any other may come and need not.**

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use rule_oracle::{Card, Desk, Evaluator, Message, RuleSet, Zones};

use super::fate::Ending;
use crate::clock::{Micros, SECOND, millis};
use crate::random::Random;

/// How many worlds. One in twelve is one extreme throughout, another one the other; the rest is a matter of luck.
const WORLDS: u64 = 48;

/// Whatever is older has been read, or its connection has ended.
const FINAL_AFTER: Micros = 15 * SECOND;

/// The rules, and what no one but the client knows.
#[derive(Debug, Clone)]
pub struct Given {
    /// The rules.
    pub set: Arc<RuleSet>,
    /// How far each zone is ahead of UTC.
    pub zones: Arc<Zones>,
    /// A client reads a frame within so long.
    pub read_within: Micros,
    /// Milliseconds since 1970 as the simulator started.
    pub started: u64,
}

/// All of them.
#[derive(Debug)]
pub struct Worlds {
    given: Given,
    links: BTreeMap<u64, Option<Closing>>,
    /// Frames by number of which more may become known.
    recent: BTreeMap<u64, Sent>,
    /// As they are after all that is final.
    worlds: Vec<World>,
    /// As they are after all that was sent.
    told: Vec<World>,
    /// Interactions that must be judged again, because more became known of a recent frame.
    stale: bool,
}

#[derive(Debug, Clone, Copy)]
struct Closing {
    /// Everything until then was read.
    read_until: Micros,
    at: Micros,
    ending: Ending,
}

#[derive(Debug, Clone)]
struct Sent {
    at: Micros,
    message: Arc<Message>,
    debatable: bool,
    links: Vec<u64>,
}

/// The assumption of one world.
#[derive(Debug, Clone)]
struct World {
    number: u64,
    desk: Desk,
    cards: Vec<Card>,
    link: Option<u64>,
    now: Micros,
}

/// A card that is due, or may be.
#[derive(Debug, Clone)]
pub struct Possible {
    /// For whom.
    pub interaction: String,
    /// Its rule.
    pub rule: String,
    /// The card is due whatever happened.
    pub certain: bool,
    /// When it came due at the earliest and at the latest.
    pub from: Micros,
    /// The latest.
    pub until: Micros,
}

/// Every card that may be, by `cardId`; and how many an interaction has at least and at most.
#[derive(Debug, Default)]
pub struct Verdict {
    /// By `cardId`.
    pub cards: BTreeMap<String, Possible>,
    /// By interaction.
    pub counts: BTreeMap<String, (u32, u32)>,
}

impl Worlds {
    /// Nothing was sent.
    pub fn new(given: Given) -> Self {
        let turn = |id: &str| id.bytes().take(16).fold(0, |turn, byte| turn << 8 | u128::from(byte));
        let desk = Desk::new(Evaluator::new(given.set.clone(), given.zones.clone(), turn));
        let worlds: Vec<World> = (0..WORLDS).map(|number| World::new(number, desk.clone())).collect();
        Self { given, links: BTreeMap::new(), recent: BTreeMap::new(), told: worlds.clone(), worlds, stale: false }
    }

    /// An event goes out on a connection.
    pub fn heard(&mut self, link: u64, number: u64, message: Message, debatable: bool, at: Micros) {
        self.links.entry(link).or_default();
        let fresh = || Sent { at, message: Arc::new(message), debatable, links: Vec::new() };
        let is_new = self.recent.last_key_value().is_none_or(|(newest, _)| *newest < number);
        let sent = self.recent.entry(number).or_insert_with(fresh);
        sent.links.push(link);
        match is_new && !self.stale {
            true => self.told.iter_mut().for_each(|world| world.hear(number, sent, &self.links, &self.given)),
            false => self.stale = true,
        }
        self.settle(at);
    }

    /// A connection ended.
    pub fn closed(&mut self, link: u64, ending: Ending, read_until: Micros, at: Micros) {
        self.links.insert(link, Some(Closing { read_until, at, ending }));
        self.stale = true;
    }

    /// A frame that is old enough is taken for good.
    pub fn settle(&mut self, now: Micros) {
        while let Some(oldest) = self.recent.first_entry().filter(|sent| sent.get().at + FINAL_AFTER < now) {
            let (number, sent) = oldest.remove_entry();
            for world in &mut self.worlds {
                world.hear(number, &sent, &self.links, &self.given);
            }
        }
    }

    /// The cards that are due by now.
    pub fn verdict(&mut self, now: Micros) -> Verdict {
        self.tell_anew();
        let mut verdict = Verdict::default();
        let given = &self.given;
        let sure_until = now.saturating_sub(2 * given.read_within);
        let mut in_worlds: BTreeMap<String, u64> = BTreeMap::new();
        for (at, world) in self.told.iter().enumerate() {
            let soon = now + given.read_within;
            let due = world.desk.evaluator.next().is_some_and(|next| next <= given.started + millis(soon));
            let mut passed = due.then(|| world.clone());
            passed.iter_mut().for_each(|world| world.pass(soon, given));
            let world = passed.as_ref().unwrap_or(world);
            let mut counts: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
            for card in &world.cards {
                let due = card.at.saturating_sub(given.started) * 1_000;
                let is_sure = due <= sure_until && card.must_come;
                let count = counts.entry(&card.interaction).or_default();
                *count = (count.0 + u32::from(is_sure), count.1 + 1);
                *in_worlds.entry(card.id()).or_default() += u64::from(is_sure);
                let possible = verdict.cards.entry(card.id()).or_insert_with(|| Possible {
                    interaction: card.interaction.clone(),
                    rule: card.rule.clone(),
                    certain: false,
                    from: due,
                    until: due,
                });
                (possible.from, possible.until) = (possible.from.min(due), possible.until.max(due));
            }
            for (interaction, known) in &mut verdict.counts {
                known.0 = known.0.min(counts.get(&**interaction).map_or(0, |count| count.0));
            }
            for (interaction, (least, most)) in counts {
                let least = if at == 0 { least } else { 0 };
                let known = verdict.counts.entry(interaction.to_owned()).or_insert((least, 0));
                known.1 = known.1.max(most);
            }
        }
        for (id, card) in &mut verdict.cards {
            card.certain = in_worlds.get(id) == Some(&WORLDS);
        }
        verdict
    }

    fn tell_anew(&mut self) {
        if std::mem::take(&mut self.stale) {
            self.told.clone_from(&self.worlds);
            for (number, sent) in &self.recent {
                self.told.iter_mut().for_each(|world| world.hear(*number, sent, &self.links, &self.given));
            }
        }
    }

    /// Interactions that have, or may have, a card by now.
    pub fn interactions(&mut self, now: Micros) -> HashSet<String> {
        self.verdict(now).counts.into_keys().collect()
    }
}

impl World {
    fn new(number: u64, desk: Desk) -> Self {
        Self { number, desk, cards: Vec::new(), link: None, now: 0 }
    }

    /// The luck of this world in one matter.
    fn luck(&self, of: &str, number: u64) -> Random {
        let matter = of.bytes().fold(number, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
        Random::seeded(self.number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ matter.wrapping_mul(0xff51_afd7_ed55_8ccd))
    }

    fn hear(&mut self, number: u64, sent: &Sent, links: &BTreeMap<u64, Option<Closing>>, given: &Given) {
        let over = |link: &&u64| self.reads(**link, sent.at, links.get(link).copied().flatten());
        let Some(link) = sent.links.iter().rev().find(over).copied() else { return };
        if sent.debatable && self.luck("debatable", number).chance(0.5) {
            return;
        }
        let at = (sent.at + self.delay(number, given.read_within)).max(self.now);
        if let Some(before) = self.link.replace(link).filter(|before| *before != link) {
            self.reconnect(before, at, links, given);
        }
        self.now = at;
        self.cards.extend(self.desk.hear(given.started + millis(at), &sent.message));
    }

    /// Whether the client read what was sent then: in the order of sending, up to some point before the end.
    fn reads(&self, link: u64, at: Micros, closing: Option<Closing>) -> bool {
        let Some(Closing { read_until, at: closed, .. }) = closing else { return true };
        let mut luck = self.luck("end", link);
        let until = match (self.number % 12, luck.whole(0, 2)) {
            (0, _) | (2.., 0) => read_until,
            (1, _) | (2.., 1) => closed,
            _ => read_until + (closed.saturating_sub(read_until) as f64 * luck.unit()) as Micros,
        };
        at <= until
    }

    fn delay(&self, number: u64, most: Micros) -> Micros {
        let mut luck = self.luck("delay", number);
        match (self.number, luck.whole(0, 9)) {
            (0, _) | (_, 0..=2) => 0,
            (_, 3..=4) => most,
            (_, 5..=7) => luck.whole(0, 30_000.min(most)),
            _ => luck.whole(0, most),
        }
    }

    /// Another connection: maybe of a client that knows only what was written down.
    fn reconnect(&mut self, before: u64, at: Micros, links: &BTreeMap<u64, Option<Closing>>, given: &Given) {
        let closing = links.get(&before).copied().flatten();
        let is_clean = closing.is_some_and(|closing| closing.ending == Ending::Clean);
        let restarts = match self.number % 8 {
            0 => false,
            1 => true,
            _ => self.luck("restart", before).chance(if is_clean { 0.2 } else { 0.7 }),
        };
        if restarts {
            self.pass(closing.map_or(at, |closing| closing.at).min(at), given);
            self.desk.restart(self.desk.durable());
        }
    }

    fn pass(&mut self, at: Micros, given: &Given) {
        self.now = self.now.max(at);
        self.cards.extend(self.desk.pass(given.started + millis(self.now)));
    }
}
