//! Firings of rules that are only tried, so that the log has each once. Never stored, and it holds up no card.

use crate::model::sorted::SortedSet;

use crate::model::fingerprint::Fingerprint;

/// Firings remembered; beyond, all are forgotten, because a line told twice harms nothing.
const LIMIT: usize = 20_000;

/// Each firing by its interaction and by what names rule and episode.
#[derive(Debug, Default)]
pub struct Tried(SortedSet<(Fingerprint, String)>);

impl Tried {
    /// Whether that was told.
    pub fn has(&self, interaction: Fingerprint, occurrence: &str) -> bool {
        self.0.contains(&(interaction, occurrence.to_owned()))
    }

    /// Remembers that the log has it.
    pub fn tell(&mut self, interaction: Fingerprint, occurrence: &str) {
        if self.0.len() >= LIMIT {
            self.0.clear();
        }
        self.0.insert((interaction, occurrence.to_owned()));
    }
}
