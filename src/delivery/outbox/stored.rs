//! A card's record in the journal.

use crate::journal::{CARD_PREFIX, COUNT_LIMIT};
use crate::model::card::Card;
use crate::model::card::reader::Reader;
use crate::model::fingerprint::{Fingerprint, Subject};
use crate::model::history::{self, Course, GivenUp, Trigger};
use crate::model::http::retry_after::CAP as LONGEST_WAIT;
use crate::model::json::{FromJson, ToJson};
use crate::model::time::Millis;

/// A request arrives within this time, or not at all.
const ARRIVAL: Millis = Millis::from_secs(2);

/// No setting lets a card live longer.
const LONGEST_TIME_TO_LIVE: Millis = Millis::from_mins(24 * 60);

/// The stored form of an entry.
#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
#[serde(rename_all = "camelCase")]
pub struct StoredCard {
    pub(super) sequence: u64,
    pub(super) log: u64,
    /// The base address it was accepted for; it goes nowhere else.
    pub(super) service: String,
    pub(super) accepted_at: Millis,
    pub(super) expires_at: Millis,
    pub(super) not_before: Millis,
    pub(super) tries: u32,
    /// How often it made way for others although it was no try.
    #[serde(default)]
    pub(super) yields: u32,
    /// A server may have taken it.
    #[serde(default)]
    pub(super) reached: bool,
    /// A request of it had no answer for a second.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) hangs: bool,
    /// The interaction's disposition was heard.
    #[serde(default)]
    pub(super) ended: bool,
    /// Who reads it, where the service sends cards to persons. With a reader it may have been sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reader: Option<Reader>,
    pub(super) card: Card,
    /// The part of the log entry beyond the card.
    pub(super) trigger: Course,
}

impl StoredCard {
    /// Where the journal keeps it.
    pub fn key(&self) -> String {
        key(self.subject(), &self.card.occurrence())
    }

    /// Where version 1 kept it, which named no connection.
    pub fn old_key(&self) -> String {
        format!("{CARD_PREFIX}{}/{}", self.subject().interaction, self.card.occurrence())
    }

    /// The interaction, of the connection that the card was accepted for.
    pub fn subject(&self) -> Subject {
        Subject::of(Fingerprint::of(&self.service), &self.card.interaction)
    }

    /// Names the rule and the episode.
    pub fn occurrence(&self) -> String {
        self.card.occurrence().into_owned()
    }

    /// Whether the card may still be sent.
    pub fn is_open(&self) -> bool {
        self.given_up().is_none()
    }

    /// Why it was given up, where it was.
    pub(super) fn given_up(&self) -> Option<&GivenUp> {
        self.trigger.given_up()
    }

    /// Its entry of the activity log.
    pub(super) fn log_entry(&self) -> history::Entry {
        history::Entry::Trigger(Box::new(Trigger::of(&self.card, self.trigger.clone())))
    }

    /// Whether it expired before any server had a chance to take it, so that its rule may fire once more.
    pub fn is_unreached(&self) -> bool {
        self.given_up() == Some(&GivenUp::Expired) && !self.reached && self.reader.is_none()
    }

    /// Whether its numbers and times can be real: numbers count from 1, and times come from a clock.
    pub fn is_plausible(&self) -> bool {
        [self.sequence, self.log, self.accepted_at.0].iter().all(|count| *count < COUNT_LIMIT)
    }

    /// The card as a new worker continues with it. No stored wait exceeds our longest one, whatever the clock was.
    pub(super) fn taken_up(self, now: Millis) -> StoredCard {
        // A request of the worker that was killed may still be under way.
        let look_at = self.reader.map_or(Millis::ZERO, |_| now.plus(ARRIVAL));
        StoredCard {
            expires_at: self.expires_at.min(now.plus(LONGEST_TIME_TO_LIVE)),
            not_before: self.not_before.min(now.plus(LONGEST_WAIT)).max(look_at),
            ..self
        }
    }

    /// When it was accepted.
    pub fn accepted_at(&self) -> Millis {
        self.accepted_at
    }
}

/// The journal key of a card: it names the interaction by its fingerprint, so that even a damaged record tells whose it was.
pub fn key(subject: Subject, occurrence: &str) -> String {
    format!("{CARD_PREFIX}{subject}/{occurrence}")
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}
