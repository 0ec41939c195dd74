//! The end of a card and of its memory: given up, removed, forgotten.

use cuewire::model::ask::{Change, Store};

use crate::records::{number_after, says_fired, text_after};
use crate::tally::Check;
use crate::world::World;
use crate::world::card::Card;

impl World {
    pub(crate) fn judge_giving_up(&mut self, at: usize, text: &str) {
        self.tally.given_up += 1;
        let perceived = self.perceived();
        let ttl = self.plan.setup.ttl;
        let card = &self.ledger.cards[at];
        let why = text_after(text, "\"is\":\"givenUp\",\"why\":{\"why\":\"");
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
        let host = card.host;
        self.ledger.cards[at].unreached |= why == "expired" && !self.ledger.cards[at].reached;
        if why == "expired" && self.trouble_of(at, host).is_none() && !self.ledger.cards[at].served {
            self.judge_wait(at, host);
        }
        self.check(Check::GivenUpForReason, holds, || format!("given up as {why}; {failures} failures: {text}"));
    }

    pub(crate) fn judge_delete(&mut self, key: &str) {
        if key.starts_with("fired/") {
            return self.judge_forgetting(key);
        }
        if key == "pauses" {
            self.ledger.pausing = Default::default();
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
        self.ledger.cards[at].written = false;
        self.check(Check::CardKept, settled, || format!("{key} is removed, and was not settled"));
    }

    /// The commit that removes a card writes that its rule fired. Where there is no room a removal goes first, and the
    /// next whole commit holds the rest.
    pub(crate) fn judge_settled(&mut self, changes: &[Change], whole: bool) {
        for change in changes {
            let Change::Delete(Store::Journal, key) = change else { continue };
            let Some((at, rule)) = self.interactions.of_card(key).filter(|_| !self.is_move(key, changes)) else {
                continue;
            };
            let memory_key = self.interactions[at].memory_key.clone();
            // The key of a damaged card of version 1 names no connection, and neither does what follows from it.
            let [oldest_key, any_key] = self.interactions[at].old_memory_keys.clone();
            // Version 1 wrote that a rule fired as its card was accepted. Such a record says it until it is moved.
            let stays =
                |key: &str| !changes.iter().any(|change| matches!(change, Change::Delete(_, gone) if gone == key));
            let known = self.storage.memory_of(&oldest_key).is_some_and(|text| says_fired(&text, rule));
            let lapsed = self.is_over(at);
            let told = changes.iter().any(|change| match change {
                Change::Put(Store::Journal, key, text) if *key == memory_key || *key == any_key => {
                    says_fired(text, rule)
                }
                _ => false,
            });
            if lapsed || told || known && stays(&oldest_key) || self.ledger.clearing {
                continue;
            }
            self.check(Check::OneCardId, !whole, || format!("{key} is removed, and nothing says that its rule fired"));
            if !self.ledger.must.contains(&memory_key) {
                self.ledger.must.push(memory_key);
            }
        }
    }

    /// Whether a commit removes a record of version 1 because it writes the one of version 2.
    pub(crate) fn is_move(&self, key: &str, changes: &[Change]) -> bool {
        let of_card = self.interactions.of_card(key).map(|(at, rule)| (&self.interactions[at], rule));
        let of_memory = self.interactions.of_memory(key).map(|at| &self.interactions[at]);
        let card = of_card.filter(|(one, rule)| one.old_keys[*rule] == key).map(|(one, rule)| &one.keys[rule]);
        let memory = of_memory.filter(|one| one.old_memory_keys[0] == key).map(|one| &one.old_memory_keys[1]);
        let new = card.or(memory);
        new.is_some_and(|new| changes.iter().any(|change| matches!(change, Change::Put(_, put, _) if put == new)))
    }

    /// A line is only left to itself once nobody who reads it remembers its interaction.
    pub(crate) fn judge_revived(&mut self, revived: &[(String, u64)]) {
        let remember = self.plan.setup.remember;
        for (key, seen) in revived {
            let over = self.ledger.clock.is_none_or(|clock| seen + remember / 16 + remember <= clock);
            self.check(Check::NoneMissed, over || self.ledger.clearing, || {
                format!("{key} goes, and its bucket still remembers it")
            });
        }
    }

    /// Whether an interaction was not heard for so long that what fired may be forgotten.
    pub(crate) fn is_over(&self, at: usize) -> bool {
        let heard = self.ledger.heard.get(at).map_or(0, |heard| heard.at);
        self.interactions[at].lapsed != [0; 2] || self.perceived() >= heard + self.plan.setup.remember
    }

    /// The core forgets that an interaction fired.
    fn judge_forgetting(&mut self, key: &str) {
        let Some(at) = self.interactions.of_memory(key) else { return };
        let over = self.is_over(at);
        self.check(Check::OneCardId, over || self.ledger.clearing, || {
            format!("interaction {at} is forgotten too early")
        });
        if let Some(heard) = self.ledger.heard.get_mut(at) {
            heard.rules = 0;
        }
        // Records of version 1 lie beside later ones.
        let cards = if self.interactions[at].was_old { [None; 2] } else { self.interactions[at].cards };
        for card in cards.into_iter().flatten() {
            self.ledger.cards[card].fired = false;
        }
    }

    /// The card that the journal keeps under a key.
    pub(crate) fn card_of(&mut self, key: &str) -> Option<usize> {
        let (interaction, rule) = self.interactions.of_card(key)?;
        let known = self.interactions[interaction].cards[rule];
        Some(known.unwrap_or_else(|| {
            self.ledger.cards.push(Card {
                interaction,
                rule,
                host: self.interactions[interaction].host,
                sequence: 0,
                durable_sequence: 0,
                place: 0,
                durable_tries: 0,
                durable_not_before: 0,
                durable_due_at: 0,
                form: None,
                written: false,
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
                reached: false,
                durable_reached: false,
                unreached: false,
                unreached_before: None,
                queue: None,
                served: false,
                willing_from: 0,
            });
            let at = self.ledger.cards.len() - 1;
            self.interactions[interaction].cards[rule] = Some(at);
            at
        }))
    }
}
