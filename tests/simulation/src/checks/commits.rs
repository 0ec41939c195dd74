//! Checks of commits: the records that may be written, and those that must be.

use cuewire::model::ask::{Change, Store};

use crate::plan::{HOSTS, MARK, RULES, queue_of};
use crate::records::buckets::{LINE_MARK, has_no_rules};
use crate::records::{EVERY_RULE, GIVEN_UP, number_after, text_after};
use crate::tally::Check;
use crate::trace::Trace;
use crate::world::World;
use crate::world::card::Card;
use crate::world::storage::mark_of;

/// The most records that one commit writes: a batch of a burst that has doubled twice, the states that ride on it, and
/// the record about the journal.
const CHANGES: usize = 1_100;
const BYTES: usize = 1_100 * 1024;

/// A batch with this number of changes may leave some for the next.
const FULL: usize = 200;

/// The circumstances in which a record is written.
#[derive(Debug, Clone, Copy)]
struct Asked {
    serial: u64,
    repeats: bool,
    /// A card of the record's interaction goes.
    settles: bool,
}

impl World {
    /// A commit is asked for.
    pub(crate) fn judge_commit(&mut self, serial: u64, changes: &[Change]) {
        self.ledger.committed = true;
        let bytes: usize = changes
            .iter()
            .map(|change| if let Change::Put(_, key, text) = change { key.len() + text.len() } else { 0 })
            .sum();
        // Deletes do not count, because the core forgets what fired in one batch.
        let count = changes.iter().filter(|change| matches!(change, Change::Put(..))).count();
        self.check(Check::CommitSize, count <= CHANGES && bytes <= BYTES, || {
            format!("a commit of {count} changes and {bytes} bytes")
        });
        let whole = changes.iter().any(|change| matches!(change, Change::Put(Store::Journal, key, _) if key == "meta"));
        let repeats = self.repeats(changes);
        let full = changes.len() >= FULL;
        let revived = self.storage.revived(changes);
        let changes = &*self.storage.unfold(changes);
        // Entries of the history about cards are written a little later than the cards, and each text once.
        let news = repeats || changes.iter().any(|change| self.is_news_of_history(change));
        let late = news && !changes.iter().any(is_of_journal);
        let idle = self.ledger.idle && !late;
        self.check(Check::IdleWrites, !idle, || format!("a write that nothing asks for: {:?}", changes.first()));
        // The batch says itself whether cards wait for the next; what else is left fills it.
        let partial = full
            || changes.iter().any(|change| {
                matches!(change, Change::Put(Store::Journal, key, text) if key == "open" && number_after(text, "\"unsaved\":") > 0)
            });
        // A card that came due goes into the next batch. A batch that hangs or was refused is asked for again
        // unchanged.
        if whole && !repeats && !partial {
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
        self.judge_revived(&revived);
        for change in changes {
            match change {
                Change::Put(store, key, text) => {
                    self.check(Check::SecretKept, !text.contains(MARK), || format!("a secret in {key}: {text}"));
                    if *store == Store::Journal {
                        let settles = key.starts_with("fired/") && self.settles(key, changes);
                        self.judge_put(Asked { serial, repeats, settles }, key, text);
                    }
                }
                Change::Delete(Store::Journal, key) if self.is_move(key, changes) => {}
                Change::Delete(Store::Journal, key) => self.judge_delete(key),
                Change::Clear(Store::Journal) => {
                    let meant = self.ledger.clearing || repeats;
                    self.check(Check::CardKept, meant, || "the journal is cleared, and nobody asked".to_owned());
                }
                _ => {}
            }
        }
        self.judge_settled(changes, whole);
        for card in std::mem::take(&mut self.ledger.fired_now) {
            self.ledger.cards[card].fired = true;
        }
    }

    /// Whether it is an entry of the history that is not stored like that.
    fn is_news_of_history(&self, change: &Change) -> bool {
        match change {
            Change::Put(Store::History, key, text) => self.storage.history.get(key) != Some(&mark_of(text)),
            _ => false,
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
        let repeats = before.is_some() && before == self.ledger.asked;
        if !repeats {
            self.ledger.batch_from = self.ledger.last_commit;
        }
        repeats
    }

    /// Whether a commit writes what fired because a card goes, or went ahead where there was no room.
    fn settles(&self, memory_key: &str, changes: &[Change]) -> bool {
        let Some(at) = self.interactions.of_memory(memory_key) else { return false };
        let is_of_card = |key: &str| self.interactions.of_card(key).is_some_and(|(of, _)| of == at);
        let goes = |change: &Change| matches!(change, Change::Delete(Store::Journal, key) if is_of_card(key));
        self.ledger.must.iter().any(|key| key == memory_key) || changes.iter().any(goes)
    }

    fn judge_put(&mut self, asked: Asked, key: &str, text: &str) {
        let Asked { serial, repeats, settles } = asked;
        if key == "pauses" {
            self.note_pauses(text);
        }
        if let Some(service) = key.strip_prefix("hold/") {
            let host = HOSTS.iter().position(|host| *host == service);
            for hold in self.ledger.holds.iter_mut().filter(|hold| !hold.durable && Some(hold.host) == host) {
                // A batch that is asked for again holds what it held at first, and no newer wait.
                hold.asked |= !repeats;
                hold.serial = hold.asked.then_some(serial);
            }
        } else if key.starts_with("fired/") {
            let interaction = self.interactions.of_memory(key);
            let seen = number_after(text, "\"seen\":");
            // The record was gathered while something else was being written: it is as old as the core's own clock
            // says.
            let age = self.ledger.clock.map_or(0, |clock| clock.saturating_sub(seen));
            let (present, ttl) = (self.perceived(), self.plan.setup.ttl);
            let perceived = present.saturating_sub(age);
            // A card that expires before any server had it makes its interaction come due again.
            let cards = interaction.map(|at| self.interactions[at].cards).unwrap_or_default();
            let again = cards.into_iter().flatten().map(|card| &self.ledger.cards[card]).any(|card| {
                card.accepted_at == present || card.unreached || !card.reached && present >= card.due_at + ttl
            });
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
                let was_old = interaction.is_some_and(|at| self.interactions[at].was_old);
                // A bucket is written for other interactions, and says when these were seen beside.
                let beside = text.starts_with(LINE_MARK);
                // A card says by itself when its interaction was seen. As the card goes, the record must say so, also
                // where a damaged record has every rule marked already.
                if refreshed && !settles && !beside && !again && !was_old && !self.clock_was_odd {
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
            self.judge_card(serial, at, text);
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
            let known = self.interactions[at].cards[rule];
            // Otherwise the record of its card says so, or that of version 1.
            let was_old = self.interactions[at].was_old;
            let known = known.filter(|card| !self.ledger.cards[*card].written && !was_old);
            if let Some(card) = known.filter(|card| self.ledger.cards[*card].fired && !text.contains(EVERY_RULE)) {
                // A settlement that comes after so long forgets instead. Where the bucket has a line, a record without
                // rules says so.
                let lapsed = self.interactions[at].lapsed != [0; 2];
                let over = lapsed || has_no_rules(text) && self.is_over(at);
                self.check(Check::OneCardId, over, || format!("{name} no longer fired for interaction {at}: {text}"));
                self.ledger.cards[card].fired = false;
            }
        }
    }

    fn judge_card(&mut self, serial: u64, at: usize, text: &str) {
        let sequence = number_after(text, "\"sequence\":");
        let given_up = text.contains(GIVEN_UP);
        if sequence != self.ledger.cards[at].sequence {
            self.judge_acceptance(serial, at, sequence, text);
        }
        self.ledger.cards[at].written = true;
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
    fn judge_acceptance(&mut self, serial: u64, at: usize, sequence: u64, text: &str) {
        let Card { interaction, rule, .. } = self.ledger.cards[at];
        let perceived = self.perceived();
        let qualified = self.interactions[interaction].qualified[rule];
        self.check(Check::Qualified, qualified, || format!("interaction {interaction} did not qualify by rule {rule}"));
        let Some(setup) = self.worker.setup.map(|setup| self.setups[setup].clone()) else {
            return self.fail(Check::Qualified, || "accepted without settings".to_owned());
        };
        // The card may be accepted before settings that lead elsewhere, and written after them.
        let home = self.interactions[interaction].host;
        let host = HOSTS.iter().position(|host| *host == text_after(text, "\"service\":\""));
        let right = host == Some(home);
        self.check(Check::RightHost, right, || format!("accepted for another host: {text}"));
        let left = &mut self.interactions[interaction].lapsed[rule];
        let lapsed = *left > 0;
        *left = left.saturating_sub(1);
        // The card may expire and be due again while the storage hangs.
        let is_unreached =
            |card: &Card| card.unreached || !card.reached && perceived >= card.due_at + self.plan.setup.ttl;
        let own = &self.ledger.cards[at];
        let unreached_before = is_unreached(own);
        let fired_before = self.interactions[interaction].cards.into_iter().flatten().any(|other| {
            let card = &self.ledger.cards[other];
            // A card that comes once more was judged beside all before it as it came first. What had fired then may be
            // forgotten, and its card still be there because it was given up.
            let judged = card.place < own.place && (own.may_return || unreached_before);
            let excused = if other == at { card.may_return } else { setup.per_rule || judged };
            card.fired && !lapsed && !excused && !is_unreached(card)
        });
        self.check(Check::OneCardId, !fired_before, || {
            format!("interaction {interaction} fired before, and again by rule {rule}")
        });
        let due_at = std::mem::take(&mut self.interactions[interaction].due_at[rule]);
        self.ledger.acceptances += 1;
        let place = self.ledger.acceptances;
        let card = &mut self.ledger.cards[at];
        card.place = place;
        card.host = host.unwrap_or(home);
        // A card that the server took of an earlier acceptance may be taken again: memory of it has ended.
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
        (card.reached, card.unreached, card.unreached_before) = (false, false, Some(unreached_before));
        card.served = false;
        card.queue = queue_of(text_after(text, "\"queue\":\""));
        self.judge_noise(serial, at, &setup, due_at, lapsed);
    }
}

/// Whether it changes a record that the promise rests on.
fn is_of_journal(change: &Change) -> bool {
    match change {
        Change::Put(Store::Journal, key, _) | Change::Delete(Store::Journal, key) => key != "meta" && key != "open",
        _ => false,
    }
}
