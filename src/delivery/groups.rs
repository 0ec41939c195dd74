//! Which cards stand for the trouble of a whole queue, by connection. Outlives the worker.

use crate::delivery::outbox::Outbox;
use crate::journal::{GROUPS_PREFIX, Journal};
use crate::model::fingerprint::{Fingerprint, Subject};
use crate::model::sorted::SortedMap;
use crate::model::time::Millis;
use crate::rules::Firing;
use crate::rules::window::{Group, Groups};

/// The groups of every connection.
#[derive(Debug, Default)]
pub struct Grouped(SortedMap<Fingerprint, Groups>);

impl Grouped {
    /// Goes on from what was stored of a connection.
    pub fn restore(&mut self, connection: Fingerprint, stored: Groups, now: Millis) {
        self.0.insert(connection, stored.restored(now));
    }

    /// Whether the card of another interaction covers this firing. A card that was given up covers none: the
    /// next interaction has one.
    pub fn keeps(&self, connection: Fingerprint, firing: &Firing, outbox: &Outbox) -> bool {
        let group = self.0.get(&connection).and_then(|groups| groups.of(firing));
        group.is_some_and(|group| {
            let carrier = Fingerprint::parse(&group.carrier).unwrap_or_default();
            !outbox.has_given_up(Subject { connection, interaction: carrier }, &group.occurrence)
        })
    }

    /// Whether the critical rule that mutes a firing has its card at another interaction.
    pub fn frees(&self, connection: Fingerprint, firing: &Firing) -> bool {
        self.0.get(&connection).is_some_and(|groups| groups.frees(firing))
    }

    /// A firing has its card. Call this in the same group of changes.
    pub fn begin(&mut self, connection: Fingerprint, firing: &Firing, occurrence: &str, journal: &mut Journal) {
        let groups = self.0.entry(connection).or_default();
        if groups.begin(firing, occurrence, firing.at) {
            journal.put(key(connection), groups);
        }
    }

    /// Ends groups of a queue that has calmed.
    pub fn end(
        &mut self,
        connection: Fingerprint,
        queue: Option<&str>,
        now: Millis,
        has_calmed: impl Fn(&Group) -> bool,
        journal: &mut Journal,
    ) {
        let Some(groups) = self.0.get_mut(&connection) else { return };
        if !groups.end(queue, now, has_calmed) {
            return;
        }
        match groups.is_empty() {
            true => journal.delete(key(connection)),
            false => journal.put(key(connection), groups),
        };
    }
}

fn key(connection: Fingerprint) -> String {
    format!("{GROUPS_PREFIX}{connection}")
}
