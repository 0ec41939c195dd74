//! The worker is born and dies, its commits become durable or are lost, and a person signs in.

use cuewire::api::published::pkce::Entropy;
use cuewire::link::probe::Grounds;
use cuewire::model::ask::{Change, CommitId};
use cuewire::model::fingerprint::Fingerprint;
use cuewire::model::http::Secret;
use cuewire::pipeline::effect::CommandId;
use cuewire::pipeline::input::Input;
use cuewire::shell::Runner;
use cuewire::views::protocol::Request;
use serde_json::Value;

use super::signin::REDIRECT;
use super::{Accepted, Event, World};
use crate::plan::MARK;
use crate::tally::{Check, Fault};

impl World {
    pub(super) fn wake(&mut self) {
        if self.alive {
            return;
        }
        self.life += 1;
        (self.alive, self.born_at) = (true, self.now);
        self.runner = Runner::default();
        let seed = self.dice.roll();
        self.feed(Input::Started(self.host.stored.start(seed)));
        let mut entropy = [0; 32];
        entropy.chunks_mut(8).for_each(|part| part.copy_from_slice(&self.dice.roll().to_be_bytes()));
        self.feed(Input::Windows(Grounds { redirect: REDIRECT.to_owned(), entropy: Entropy(entropy) }));
    }

    /// The worker is gone. A commit under way is durable or lost, and so is a request that has left.
    pub(super) fn die(&mut self) {
        if !self.alive {
            return;
        }
        self.tally.kills_survived += 1;
        self.tally.faults[Fault::KilledBetweenEffects as usize] += 1;
        (self.alive, self.tick_at) = (false, None);
        self.forbidden.clear();
        self.host.end_worker();
        for place in self.commits.under_way(self.life) {
            if self.dice.chance(500) {
                self.become_durable(place);
            }
        }
        let life = self.life;
        self.commits.lose(life);
        for place in 0..self.sent.len() {
            self.sent[place].is_lost |= self.sent[place].life == life && self.dice.chance(500);
        }
        let again = self.dice.pick(&[30, 100, 700, 3_000, 15_000, 30_000]);
        self.soon(again, Event::Wakes);
    }

    pub(super) fn begin_commit(&mut self, id: CommitId, changes: Vec<Change>) {
        let secret = changes.iter().find_map(|change| match change {
            Change::Put(_, key, text) if text.contains(MARK) => Some(key.clone()),
            _ => None,
        });
        self.check(Check::SecretKept, secret.is_none(), || format!("a secret in {secret:?}"));
        self.trace.line(|| {
            let names: Vec<String> = changes
                .iter()
                .map(|change| match change {
                    Change::Put(_, key, text) => format!("put {key} {text}"),
                    other => format!("{other:?}"),
                })
                .collect();
            names.join("\n                ")
        });
        let place = self.commits.begin(id, self.life, changes, ());
        self.soon(60, Event::Durable(place));
    }

    pub(super) fn become_durable(&mut self, place: usize) {
        let Some((changes, ())) = self.commits.take(place) else { return };
        for change in &changes {
            if let Change::Put(_, key, text) = change
                && key.starts_with("card/")
            {
                self.note_card(text);
            }
        }
        self.host.stored.apply(changes);
        self.soon(20, Event::Committed(place));
    }

    fn note_card(&mut self, text: &str) {
        let record: Value = cuewire::journal::decode(text).unwrap_or_default();
        let word = |key: &str| record["card"][key].as_str().unwrap_or_default().to_owned();
        let (marker, interaction) = (marker_of(&word("cardId")), word("interaction"));
        if !self.accepted.contains_key(&marker) {
            self.tally.accepted += 1;
            self.accepted.insert(marker, Accepted { interaction, at: self.now, is_excused: false });
        }
    }

    /// The person is told that somebody must sign in, and takes some time to do so.
    pub(super) fn plan_sign_in(&mut self) {
        if self.plan.is_person && !std::mem::replace(&mut self.signs_in, true) {
            self.soon(self.plan.patience, Event::SignsIn);
        }
    }

    pub(super) fn sign_in(&mut self) {
        self.signs_in = false;
        self.feed(Input::Command(CommandId(1), Request::SignIn));
    }

    pub(super) fn end_window(&mut self, place: usize) {
        let (life, id, address) = self.windows[place].clone();
        if !self.lives(life) {
            return;
        }
        let is_calm = self.now >= self.plan.calm_from;
        let ended = if !is_calm && self.plan.strikes > 0 && self.dice.chance(150) {
            Err("The user did not approve access.".to_owned())
        } else {
            Ok(Secret(self.tenant.accounts.at_window(&address)))
        };
        self.feed(Input::WindowEnded(id, ended));
    }
}

/// The marker of a card.
pub(super) fn marker_of(card_id: &str) -> String {
    Fingerprint::of(card_id).to_string()[..8].to_owned()
}
