//! The ledger after a commit that the storage wrote or refused.

use cuewire::model::ask::{Change, Store};

use crate::checks::limits::{REFUSALS, count_in_minute};
use crate::plan::RULES;
use crate::records::{EVERY_RULE, GIVEN_UP, number_after, says_fired};
use crate::tally::Check;
use crate::world::World;
use crate::world::card::{Card, Form};
use crate::world::interaction::Interaction;

impl World {
    /// The storage has written a commit.
    pub(crate) fn note_durable(&mut self, serial: u64, changes: &[Change]) {
        let (clock, clock_at) = (self.ledger.clock, self.ledger.clock_at);
        self.note_spent(serial);
        self.note_hold_over();
        for change in changes {
            match change {
                Change::Put(Store::Journal, key, text) => {
                    if key == "meta" {
                        (self.ledger.expect_damage, self.ledger.expect_loss) = (false, false);
                    }
                    self.ledger.must.retain(|other| other != key);
                    if let Some(at) = self.card_of(key) {
                        let given_up = text.contains(GIVEN_UP);
                        let form = if given_up { Form::GivenUp } else { Form::Open };
                        let willing = self.time.willing[self.ledger.cards[at].host];
                        let card = &mut self.ledger.cards[at];
                        card.may_return = false;
                        card.fired_durable = true;
                        card.durable_reached = text.contains("\"reached\":true");
                        card.durable_sequence = number_after(text, "\"sequence\":");
                        card.durable_tries = number_after(text, "\"tries\":") as u32;
                        let wait = number_after(text, "\"notBefore\":").saturating_sub(clock.unwrap_or(u64::MAX));
                        card.durable_not_before = clock_at + wait;
                        if card.durable_sequence == card.sequence {
                            card.durable_due_at = card.due_at;
                            card.unreached_before = None;
                        }
                        let before = card.form.replace(form);
                        if before.is_none() {
                            self.tally.accepted += 1;
                        }
                        if before != Some(Form::Open) {
                            card.willing_from = willing;
                        }
                        self.tally.checks[Check::CardKept as usize] += 1;
                        let interaction = self.ledger.cards[at].interaction;
                        let age = clock.map_or(0, |clock| clock.saturating_sub(number_after(text, "\"acceptedAt\":")));
                        if let Some(heard) = self.ledger.heard.get_mut(interaction) {
                            heard.written = heard.written.max(clock_at.saturating_sub(age));
                        }
                    } else if key.starts_with("fired/") {
                        let seen = number_after(text, "\"seen\":");
                        let written = self.interactions.of_memory(key);
                        if let Some(heard) = written.and_then(|at| self.ledger.heard.get_mut(at))
                            && heard.seen.0 == seen
                        {
                            heard.written = heard.seen.1;
                            heard.durable_seen = seen;
                        }
                        for at in
                            written.map(|at| self.interactions[at].cards).unwrap_or_default().into_iter().flatten()
                        {
                            let card = &mut self.ledger.cards[at];
                            let every = card.fired && text.contains(EVERY_RULE);
                            let said = self.interactions[card.interaction].was_old && card.fired_durable;
                            card.fired_durable =
                                text.contains(RULES[card.rule]) || every || said || card.form.is_some();
                        }
                    }
                }
                Change::Delete(Store::Journal, key) => {
                    self.ledger.must.retain(|other| other != key);
                    let forgotten = self.interactions.of_memory(key).map(|at| self.interactions[at].cards);
                    for at in forgotten.unwrap_or_default().into_iter().flatten() {
                        self.ledger.cards[at].fired_durable = self.ledger.cards[at].form.is_some() || self.is_told(at);
                    }
                    if let Some(at) = self.card_of(key).filter(|at| !self.is_stored(*at)) {
                        let told = self.is_told(at);
                        let card = &mut self.ledger.cards[at];
                        card.fired_durable = told;
                        card.form = None;
                        card.delivered_in = None;
                        card.dropped = false;
                    }
                }
                Change::Clear(Store::Journal) => {
                    self.storage.ours = None;
                    self.note_cleared();
                }
                _ => {}
            }
        }
        for hold in self.ledger.holds.iter_mut().filter(|hold| hold.serial == Some(serial)) {
            hold.durable = true;
        }
    }

    /// Whether a record says that a card's rule fired.
    fn is_told(&self, card: usize) -> bool {
        let Card { interaction, rule, .. } = self.ledger.cards[card];
        let Interaction { memory_key, old_memory_keys, .. } = &self.interactions[interaction];
        let mut keys = old_memory_keys.iter().chain([memory_key]);
        keys.any(|key| self.storage.memory_of(key).is_some_and(|text| says_fired(&text, rule)))
    }

    /// Whether a card has a record, under any of its keys.
    fn is_stored(&self, card: usize) -> bool {
        let Card { interaction, rule, .. } = self.ledger.cards[card];
        let Interaction { keys, old_keys, .. } = &self.interactions[interaction];
        [&keys[rule], &old_keys[rule]].into_iter().any(|key| self.storage.journal.contains_key(key))
    }

    pub(crate) fn note_refused(&mut self, serial: u64) {
        let perceived = self.perceived();
        let allowed = REFUSALS + 3 * self.allowance(perceived);
        let count = count_in_minute(&mut self.ledger.refusal_times, perceived);
        self.check(Check::CommitRate, count <= allowed, || format!("{count} refused commits in a minute"));
        for hold in self.ledger.holds.iter_mut().filter(|hold| hold.serial == Some(serial)) {
            hold.serial = None;
        }
    }
}
