//! Cards of a service that sends them to persons: who reads the card, and whether it may have arrived.
//!
//! **The reader is durable before the request goes out.** Such a service cannot tell a repeat, so a card that may have
//! arrived is looked for at its reader before it is sent again.

use super::Entry;
use crate::api::poll::Readers;
use crate::journal::turn::Turn;
use crate::journal::{Journal, Mark};
use crate::model::card::reader::Reader;
use crate::model::time::Millis;

/// The next step of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Send it.
    Send(Option<Reader>),
    /// Look for it at its reader.
    LookFor(Reader),
    /// Make its reader durable.
    Address(Reader),
    /// Wait until somebody talks to the customer.
    SetAside,
}

impl Entry {
    /// The next step of a card that has a reader.
    pub fn next_step(&self, readers: Readers<'_>, now: Millis) -> Step {
        if let Some(reader) = self.stored.reader.filter(|_| self.is_unsure) {
            return Step::LookFor(reader);
        }
        match readers.of(&self.stored.card.interaction, now) {
            None => Step::SetAside,
            // For a team, any agent of it can tell.
            Some(Reader::Team { team, .. }) if self.is_for_team(team) => Step::Send(self.stored.reader),
            reader if reader == self.stored.reader => Step::Send(reader),
            Some(reader) => Step::Address(reader),
        }
    }

    fn is_for_team(&self, team: u64) -> bool {
        matches!(self.stored.reader, Some(Reader::Team { team: known, .. }) if known == team)
    }

    /// Who reads it, where that is known at once. The commit that accepts the card also writes this.
    pub fn accept_for(&mut self, reader: Reader, journal: &mut Journal) {
        self.stored.reader = Some(reader);
        self.accepting_with = Some(self.store(Mark::New, journal));
    }

    /// Another reader. The card waits until that is durable.
    pub fn address(&mut self, reader: Reader, journal: &mut Journal) {
        journal.next_group();
        self.stored.reader = Some(reader);
        self.is_readdressed = true;
        self.accepting_with = Some(self.store(Mark::Open, journal));
    }

    /// Waits until somebody talks to the customer; only its time to live goes on.
    pub fn set_aside(&mut self, is_aside: bool) {
        self.is_aside = is_aside;
    }

    /// Whether it waits for somebody to talk to the customer.
    pub fn is_aside(&self) -> bool {
        self.is_aside && self.is_waiting() && self.accepting_with.is_none()
    }

    /// The request may have arrived, or may not.
    pub fn lose_sight(&mut self) {
        if self.stored.reader.is_some() {
            self.is_unsure = true;
            self.stored.reached = true;
        }
    }

    /// Its reader does not have it, so it may be sent.
    pub fn is_missing(&mut self, turn: &mut Turn<'_>) {
        self.requeue();
        self.is_unsure = false;
        self.stored.not_before = turn.now;
    }

    /// The service has refused it for its reader, so it has not arrived.
    pub fn was_refused(&mut self) {
        self.is_unsure = false;
    }
}
