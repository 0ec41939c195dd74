//! What may be written, and what must be.

use cuewire::core::effect::{Change, Store};

use crate::ledger::{Card, Form};
use crate::limits::{REFUSALS, count_in_minute};
use crate::plan::{HOSTS, MARK, RULES};
use crate::tally::Check;
use crate::trace::Trace;
use crate::world::World;

/// What a memory record says where it was damaged, and no longer tells which rules fired.
const EVERY_RULE: &str = "[\"*\"]";

/// A batch of so many changes may leave some for the next.
const FULL: usize = 200;

impl World {
    /// A commit is asked for.
    pub(crate) fn judge_commit(&mut self, serial: u64, changes: &[Change]) {
        self.ledger.committed = true;
        let idle = self.ledger.idle;
        self.check(Check::IdleWrites, !idle, || format!("a write that nothing asks for: {:?}", changes.first()));
        let whole = changes.iter().any(|change| matches!(change, Change::Put(Store::Journal, key, _) if key == "meta"));
        let repeats = self.repeats(changes);
        // What came due goes into the next batch; one that hangs or was refused is asked for again as it is.
        if whole && !repeats && changes.len() < FULL {
            for at in 0..self.ledger.must.len() {
                let held = changes.iter().any(|change| match change {
                    Change::Put(Store::Journal, key, _) | Change::Delete(Store::Journal, key) => {
                        *key == self.ledger.must[at]
                    }
                    _ => false,
                });
                let key = self.ledger.must[at].clone();
                let check = if key.starts_with("hold/") { Check::WaitKept } else { Check::NoneMissed };
                self.check(check, held, || format!("{key} came due and is not written"));
            }
        }
        self.ledger.clock = changes.iter().find_map(|change| match change {
            Change::Put(Store::Journal, key, text) if key == "meta" => Some(number_after(text, "\"clock\":")),
            _ => None,
        });
        self.ledger.clock_at = self.perceived();
        for change in changes {
            match change {
                Change::Put(store, key, text) => {
                    self.check(Check::SecretKept, !text.contains(MARK), || format!("a secret in {key}: {text}"));
                    if *store == Store::Journal {
                        self.judge_put(serial, key, text);
                    }
                }
                Change::Delete(Store::Journal, key) => self.judge_delete(key),
                Change::Clear(Store::Journal) => {
                    let meant = self.ledger.clearing;
                    self.check(Check::CardKept, meant, || "the journal is cleared, and nobody asked".to_owned());
                }
                _ => {}
            }
        }
        for card in std::mem::take(&mut self.ledger.fired_now) {
            self.ledger.cards[card].fired = true;
        }
    }

    /// Whether it is the batch that was asked for last, of which nobody said that it is durable.
    fn repeats(&mut self, changes: &[Change]) -> bool {
        let written = |change: &Change| match change {
            Change::Put(_, key, _) | Change::Delete(_, key) if key != "meta" && key != "open" => Some(key.clone()),
            _ => None,
        };
        let keys: Vec<String> = changes.iter().filter_map(written).collect();
        let before = self.ledger.asked.replace(keys);
        before.is_some() && before == self.ledger.asked
    }

    fn judge_put(&mut self, serial: u64, key: &str, text: &str) {
        if let Some(service) = key.strip_prefix("hold/") {
            let host = HOSTS.iter().position(|host| *host == service);
            for hold in self.ledger.holds.iter_mut().filter(|hold| !hold.durable && Some(hold.host) == host) {
                hold.serial = Some(serial);
            }
        } else if key.starts_with("fired/") {
            let interaction = self.interactions.iter().position(|interaction| interaction.memory_key == key);
            let seen = number_after(text, "\"seen\":");
            // It was gathered while something else was being written: it is as old as the core's own clock says.
            let age = self.ledger.clock.map_or(0, |clock| clock.saturating_sub(seen));
            let perceived = self.perceived().saturating_sub(age);
            if let Some(heard) = interaction.and_then(|at| self.ledger.heard.get_mut(at))
                && heard.seen.0 != seen
            {
                let slack = self.plan.setup.remember / 16;
                let since = seen.saturating_sub(heard.seen.0);
                // As it was last read or written, and nothing new in it: that is done sixteen times a span.
                let mut rules = Trace::new(false);
                rules.bytes(
                    text.split("\"rules\"")
                        .nth(1)
                        .and_then(|text| text.split("\"seen\"").next())
                        .unwrap_or_default()
                        .as_bytes(),
                );
                rules.bytes(text.split("\"lost\"").nth(1).unwrap_or_default().as_bytes());
                let refreshed = heard.rules == rules.hash() && heard.seen.0 > 0;
                heard.rules = rules.hash();
                heard.seen = (seen, perceived);
                if refreshed && !self.clock_was_odd {
                    self.check(Check::IdleWrites, since >= slack, || format!("{key} written anew after {since} ms"));
                }
            }
            if let Some(at) = interaction {
                self.judge_fired(at, text);
            }
        } else if key.starts_with("card/") {
            let Some(at) = self.card_of(key) else {
                return self.fail(Check::Qualified, || format!("a card of no interaction: {key}"));
            };
            self.judge_card(at, text);
        }
    }

    /// Which rules of an interaction have fired, by its record: one leaves it only once its memory has lapsed.
    fn judge_fired(&mut self, at: usize, text: &str) {
        for (rule, name) in RULES.iter().enumerate() {
            let key = self.interactions[at].keys[rule].clone();
            if text.contains(name) {
                let card = self.card_of(&key);
                self.ledger.fired_now.extend(card);
                continue;
            }
            let known = self.ledger.cards.iter().position(|card| card.interaction == at && card.rule == rule);
            if let Some(card) = known.filter(|card| self.ledger.cards[*card].fired && !text.contains(EVERY_RULE)) {
                let lapsed = self.interactions[at].lapsed != [0; 2];
                self.check(Check::OneCardId, lapsed, || format!("{name} no longer fired for interaction {at}: {text}"));
                self.ledger.cards[card].fired = false;
            }
        }
    }

    fn judge_card(&mut self, at: usize, text: &str) {
        let sequence = number_after(text, "\"sequence\":");
        let given_up = !text.contains("\"givenUp\":null");
        if sequence != self.ledger.cards[at].sequence {
            self.judge_acceptance(at, sequence, text);
        }
        let was = std::mem::replace(&mut self.ledger.cards[at].given_up, given_up);
        if given_up && !was {
            self.judge_giving_up(at, text);
        } else if was && !given_up {
            let perceived = self.perceived();
            let card = &mut self.ledger.cards[at];
            card.accepted_at = perceived;
            card.due_at = card.again_at;
            (card.failures, card.failed_here) = (0, 0);
        }
    }

    /// A rule became true and a card is accepted for it.
    fn judge_acceptance(&mut self, at: usize, sequence: u64, text: &str) {
        let Card { interaction, rule, .. } = self.ledger.cards[at];
        let perceived = self.perceived();
        let qualified = self.interactions[interaction].qualified[rule];
        self.check(Check::Qualified, qualified, || format!("interaction {interaction} did not qualify by rule {rule}"));
        let service = format!("\"service\":\"{}\"", HOSTS[self.interactions[interaction].host]);
        self.check(Check::RightHost, text.contains(&service), || format!("accepted for another host: {text}"));
        let Some(setup) = self.worker.setup.map(|setup| self.setups[setup].clone()) else {
            return self.fail(Check::Qualified, || "accepted without settings".to_owned());
        };
        let left = &mut self.interactions[interaction].lapsed[rule];
        let lapsed = *left > 0;
        *left = left.saturating_sub(1);
        let fired_before = self.ledger.cards.iter().enumerate().any(|(other, card)| {
            card.interaction == interaction
                && card.fired
                && !lapsed
                && if other == at { !card.may_return } else { !setup.per_rule }
        });
        self.check(Check::OneCardId, !fired_before, || {
            format!("interaction {interaction} fired before, and again by rule {rule}")
        });
        let due_at = std::mem::take(&mut self.interactions[interaction].due_at[rule]);
        let card = &mut self.ledger.cards[at];
        // What the server took of an earlier acceptance may be taken again: memory of it has ended.
        card.lost += u32::from(card.accepted_at > 0);
        card.sequence = sequence;
        card.due_at = due_at;
        card.again_at = 0;
        card.accepted_at = perceived;
        card.delivered_in = None;
        card.fired = true;
        (card.forbidden, card.refused) = (false, None);
        (card.failures, card.failed_here, card.not_before) = (0, 0, 0);
        card.given_up = false;
    }

    fn judge_giving_up(&mut self, at: usize, text: &str) {
        self.tally.given_up += 1;
        let perceived = self.perceived();
        let ttl = self.plan.setup.ttl;
        let card = &self.ledger.cards[at];
        let why = text_after(text, "\"givenUp\":{\"why\":\"");
        let holds = match why {
            "expired" => perceived >= card.due_at + ttl,
            "forbidden" => card.forbidden,
            "refused" => card.refused.is_some_and(|status| {
                number_after(text, "\"status\":") == u64::from(status) || text.contains(&format!("\"status\":{status}"))
            }),
            "triesUsedUp" => self.plan.setup.tries.is_some_and(|most| card.failures >= most),
            "interactionEnded" => {
                self.plan.setup.end_at_disposition && self.interactions[card.interaction].ended && card.failures > 0
            }
            _ => false,
        };
        let failures = card.failures;
        self.check(Check::GivenUpForReason, holds, || format!("given up as {why}; {failures} failures: {text}"));
    }

    fn judge_delete(&mut self, key: &str) {
        if key.starts_with("fired/") {
            return self.judge_forgetting(key);
        }
        let Some(at) = self.card_of(key) else { return };
        let card = &self.ledger.cards[at];
        let settled = card.delivered_in == Some(self.worker.life)
            || card.dropped
            || card.given_up
            || self.ledger.clearing
            || card.form.is_none()
            // Given up, and its room needed before that was ever written.
            || card.refused.is_some()
            || card.forbidden
            || self.perceived() >= card.due_at + self.plan.setup.ttl
            || self.plan.setup.tries.is_some_and(|most| card.failures >= most)
            || self.plan.setup.end_at_disposition && self.interactions[card.interaction].ended && card.failures > 0;
        self.check(Check::CardKept, settled, || format!("{key} is removed, and was not settled"));
    }

    /// That an interaction fired is forgotten.
    fn judge_forgetting(&mut self, key: &str) {
        let Some(at) = self.interactions.iter().position(|interaction| interaction.memory_key == key) else { return };
        let remember = self.plan.setup.remember;
        let heard = self.ledger.heard.get(at).map_or(0, |heard| heard.at);
        let over = self.interactions[at].lapsed != [0; 2] || self.perceived() >= heard + remember;
        self.check(Check::OneCardId, over || self.ledger.clearing, || {
            format!("interaction {at} is forgotten too early")
        });
        if let Some(heard) = self.ledger.heard.get_mut(at) {
            heard.rules = 0;
        }
        for card in self.ledger.cards.iter_mut().filter(|card| card.interaction == at) {
            card.fired = false;
        }
    }

    /// The storage has written a commit.
    pub(crate) fn note_durable(&mut self, serial: u64, changes: &[Change]) {
        let (clock, clock_at) = (self.ledger.clock, self.ledger.clock_at);
        for change in changes {
            match change {
                Change::Put(Store::Journal, key, text) => {
                    if key == "meta" {
                        (self.ledger.expect_damage, self.ledger.expect_loss) = (false, false);
                    }
                    self.ledger.must.retain(|other| other != key);
                    if let Some(at) = self.card_of(key) {
                        let given_up = !text.contains("\"givenUp\":null");
                        let form = if given_up { Form::GivenUp } else { Form::Open };
                        let card = &mut self.ledger.cards[at];
                        card.may_return = false;
                        card.durable_sequence = number_after(text, "\"sequence\":");
                        card.durable_tries = number_after(text, "\"tries\":") as u32;
                        let wait = number_after(text, "\"notBefore\":").saturating_sub(clock.unwrap_or(u64::MAX));
                        card.durable_not_before = clock_at + wait;
                        if card.durable_sequence == card.sequence {
                            card.durable_due_at = card.due_at;
                        }
                        if card.form.replace(form).is_none() {
                            self.tally.accepted += 1;
                        }
                        self.tally.checks[Check::CardKept as usize] += 1;
                    } else if key.starts_with("fired/") {
                        let seen = number_after(text, "\"seen\":");
                        let written = self.interactions.iter().position(|interaction| interaction.memory_key == *key);
                        if let Some(heard) = written.and_then(|at| self.ledger.heard.get_mut(at))
                            && heard.seen.0 == seen
                        {
                            heard.written = heard.seen.1;
                            heard.durable_seen = seen;
                        }
                        for at in 0..self.ledger.cards.len() {
                            let card = &mut self.ledger.cards[at];
                            if self.interactions[card.interaction].memory_key == *key {
                                let every = card.fired && text.contains(EVERY_RULE);
                                card.fired_durable = text.contains(RULES[card.rule]) || every;
                            }
                        }
                    }
                }
                Change::Delete(Store::Journal, key) => {
                    self.ledger.must.retain(|other| other != key);
                    for card in &mut self.ledger.cards {
                        card.fired_durable &= self.interactions[card.interaction].memory_key != *key;
                    }
                    if let Some(at) = self.card_of(key) {
                        let card = &mut self.ledger.cards[at];
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

    pub(crate) fn note_refused(&mut self, serial: u64) {
        let perceived = self.perceived();
        let allowed = REFUSALS + 3 * self.allowance(perceived);
        let count = count_in_minute(&mut self.ledger.refusal_times, perceived);
        self.check(Check::CommitRate, count <= allowed, || format!("{count} refused commits in a minute"));
        for hold in self.ledger.holds.iter_mut().filter(|hold| hold.serial == Some(serial)) {
            hold.serial = None;
        }
    }

    /// The card that the journal keeps under a key.
    fn card_of(&mut self, key: &str) -> Option<usize> {
        if !key.starts_with("card/") {
            return None;
        }
        let (interaction, rule) = self.interactions.iter().enumerate().find_map(|(at, interaction)| {
            interaction.keys.iter().position(|other| other == key).map(|rule| (at, rule))
        })?;
        let known = self.ledger.cards.iter().position(|card| card.interaction == interaction && card.rule == rule);
        Some(known.unwrap_or_else(|| {
            self.ledger.cards.push(Card {
                interaction,
                rule,
                sequence: 0,
                durable_sequence: 0,
                durable_tries: 0,
                durable_not_before: 0,
                durable_due_at: 0,
                form: None,
                given_up: false,
                accepted_at: 0,
                due_at: 0,
                again_at: 0,
                delivered_in: None,
                lost: 0,
                dropped: false,
                forbidden: false,
                refused: None,
                failures: 0,
                failed_here: 0,
                not_before: 0,
                tries: Vec::new(),
                may_return: false,
                fired: false,
                fired_durable: false,
            });
            self.ledger.cards.len() - 1
        }))
    }
}

/// The whole number after a mark; zero where there is none.
pub fn number_after(text: &str, mark: &str) -> u64 {
    let Some(at) = text.find(mark) else { return 0 };
    let digits = &text[at + mark.len()..];
    let end = digits.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().unwrap_or(0)
}

fn text_after<'t>(text: &'t str, mark: &str) -> &'t str {
    let Some(at) = text.find(mark) else { return "" };
    let rest = &text[at + mark.len()..];
    &rest[..rest.find('"').unwrap_or(rest.len())]
}
