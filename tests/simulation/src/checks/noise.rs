//! Triggers that must not become cards: of a paused rule, in a quiet hour, over a budget.

use crate::plan::{RULES, Setup, queue_name};
use crate::tally::Check;
use crate::world::World;
use crate::world::ledger::{Pausing, Spent};
use crate::world::wish::Wish;

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

impl Setup {
    /// Whether it is a quiet hour, as the wall clock shows it in UTC.
    pub fn is_quiet(&self, wall: u64) -> bool {
        let minute = wall / MINUTE % 1_440;
        self.quiet.is_some_and(|(from, until)| match from <= until {
            true => (from..until).contains(&minute),
            false => minute >= from || minute < until,
        })
    }
}

impl World {
    /// A person pauses a rule, or ends that.
    pub(crate) fn note_pausing(&mut self, wish: &Wish) {
        let perceived = self.perceived();
        match wish {
            Wish::Pause(minutes, Some(rule)) => {
                let span = minutes.map(|minutes| u64::from(minutes) * MINUTE);
                let surely = span.map_or(u64::MAX, |span| perceived + span);
                self.ledger.pausing[*rule] = Pausing { surely, maybe: true, written: false };
            }
            Wish::Resume(Some(rule)) => self.ledger.pausing[*rule].surely = 0,
            Wish::Clear => {
                self.ledger.pausing = Default::default();
                self.ledger.spent.clear();
                self.ledger.commits.clear();
            }
            _ => {}
        }
    }

    /// A worker reads which rules are paused.
    pub(crate) fn read_pausing(&mut self, pauses: Option<&String>) {
        for (rule, name) in RULES.iter().enumerate() {
            let mark = format!("\"name\":\"{name}\"}},\"until\":");
            let until = pauses.and_then(|text| text.split(&mark).nth(1));
            self.ledger.pausing[rule] = match until {
                None => Pausing::default(),
                Some(text) if text.starts_with("null") => Pausing { surely: u64::MAX, maybe: true, written: true },
                Some(_) => Pausing { surely: 0, maybe: true, written: true },
            };
        }
    }

    /// The record of pauses is written.
    pub(crate) fn note_pauses(&mut self, text: &str) {
        for (rule, name) in RULES.iter().enumerate() {
            let pausing = &mut self.ledger.pausing[rule];
            if text.contains(name) {
                pausing.written = true;
            } else if pausing.written || pausing.surely == 0 {
                *pausing = Pausing::default();
            }
        }
    }

    pub(crate) fn any_rule_paused(&self) -> bool {
        self.ledger.pausing.iter().any(|pausing| pausing.maybe)
    }

    /// An event that rules are true of was heard: which of them may become a card, and whether anyone outside can tell.
    pub(crate) fn note_noise(&mut self, at: usize, fulfils: [bool; 2], setup: &Setup) -> bool {
        let perceived = self.perceived();
        let quiet = setup.is_quiet(self.wall());
        for rule in (0..2).filter(|rule| fulfils[*rule]) {
            let paused = perceived < self.ledger.pausing[rule].surely;
            self.interactions[at].may_fire[rule] |= !quiet && !paused && !setup.dry_run;
        }
        let budgets = setup.per_interaction.is_some() && setup.per_rule || setup.per_queue.is_some();
        let paused = (0..2).any(|rule| fulfils[rule] && self.ledger.pausing[rule].maybe);
        quiet || budgets || paused
    }

    /// A card is accepted: nothing forbade that.
    pub(crate) fn judge_noise(&mut self, serial: u64, card: usize, setup: &Setup, due_at: u64, lapsed: bool) {
        let perceived = self.perceived();
        let (interaction, rule, queue) =
            (self.ledger.cards[card].interaction, self.ledger.cards[card].rule, self.ledger.cards[card].queue);
        let host = self.ledger.cards[card].host;
        let loud = self.interactions[interaction].may_fire[rule];
        self.check(Check::NoiseKept, loud, || format!("interaction {interaction} was only due while it was quiet"));
        let cards = self.interactions[interaction].cards.into_iter().flatten();
        let damaged =
            self.interactions[interaction].blurred || cards.into_iter().any(|card| self.ledger.cards[card].may_return);
        if let Some(most) = setup.per_interaction.filter(|_| !lapsed && !damaged) {
            let fired = self.interactions[interaction].cards.into_iter().flatten();
            let others = fired.filter(|other| *other != card).map(|other| &self.ledger.cards[other]);
            let count = others.filter(|other| other.fired && other.reached).count() + 1;
            self.check(Check::NoiseKept, count <= most as usize, || {
                format!("{count} cards for interaction {interaction}, at most {most}")
            });
        }
        if let Some(most) = setup.per_queue {
            let ledger = &mut self.ledger;
            ledger.spent.retain(|spent| spent.at + HOUR > perceived);
            ledger.spent.push(Spent { host, queue, at: due_at, serial, durable: false });
            let count = ledger.spent.iter().filter(|spent| (spent.host, spent.queue) == (host, queue)).count();
            let known = !self.clock_went_back;
            let name = queue.map(queue_name);
            self.check(Check::NoiseKept, !known || count <= most as usize, || {
                format!("{count} cards from queue {name:?} within an hour, at most {most}")
            });
        }
    }

    pub(crate) fn note_spent(&mut self, serial: u64) {
        for spent in self.ledger.spent.iter_mut().filter(|spent| spent.serial == serial) {
            spent.durable = true;
        }
    }

    pub(crate) fn forget_unspent(&mut self) {
        self.ledger.spent.retain(|spent| spent.durable);
    }
}
