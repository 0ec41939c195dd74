//! From events to chunks, and how long these stay.

use std::collections::VecDeque;

use super::chunk::{Chunk, Key};
use super::pack::Pack;
use crate::model::event::Event;
use crate::model::event::said::Said;
use crate::model::fingerprint::Fingerprint;
use crate::model::sorted;
use crate::model::time::Millis;

/// A chunk is full with this many events …
const MOST_EVENTS: u32 = 4_096;
/// … or about this many bytes.
const MOST_BYTES: usize = 64 * 1024;
/// The longest row is four names of 1 024 bytes and its numbers.
const ROOM: usize = MOST_BYTES + 8 * 1024;

/// A chunk is stored this long after its first event at the latest: so much is lost with a worker that is killed.
const AGE: Millis = Millis::from_secs(60);

/// A recording takes no more than this, whatever is heard: about four million events. The oldest go first.
pub const LIMIT: u64 = 64 * 1024 * 1024;

/// Chunks that wait for a storage that fails; beyond, the oldest are lost, which shows as a gap.
const WAITING: usize = 16;

/// How long a recording is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Keep {
    /// Nothing is recorded, and what was goes.
    #[default]
    Off,
    /// 24 hours.
    Day,
    /// Seven days.
    Week,
}

impl Keep {
    fn span(self) -> Option<Millis> {
        match self {
            Keep::Off => None,
            Keep::Day => Some(Millis::from_mins(24 * 60)),
            Keep::Week => Some(Millis::from_mins(7 * 24 * 60)),
        }
    }
}

/// Packs what is heard. Asks for nothing by itself: whoever owns it takes the chunks and the removals.
#[derive(Debug, Default)]
pub struct Recorder {
    keep: Keep,
    /// The stored keys were asked for.
    listed: bool,
    /// A person turned recording off, so all stored chunks go.
    forget: bool,
    pack: Option<Box<Pack>>,
    /// The words that say what rows hold of fields that rules reach by pointer; empty while no rule does.
    legend: Vec<String>,
    /// Where the chunk under way begins, while the stream is heard.
    from: Option<Millis>,
    /// When its first event was heard.
    first: Option<Millis>,
    heard: Millis,
    full: VecDeque<Chunk>,
    /// The chunks that are stored, oldest first.
    stored: VecDeque<Key>,
}

impl Recorder {
    /// Keeps recordings for another span.
    pub fn keep(&mut self, keep: Keep) {
        if keep == Keep::Off {
            let forget = self.forget || self.keep != Keep::Off;
            *self = Recorder { forget, legend: std::mem::take(&mut self.legend), ..Recorder::default() };
        }
        self.keep = keep;
    }

    /// Keeps the fields of another legend from now on. A chunk has one legend.
    pub fn watch(&mut self, legend: Vec<String>) {
        if legend != self.legend {
            if self.first.is_some() {
                self.close(self.heard);
            }
            self.legend = legend;
        }
    }

    /// Whether all that is stored is to go; asked once.
    pub fn is_to_be_forgotten(&mut self) -> bool {
        std::mem::take(&mut self.forget)
    }

    /// Whether what an earlier worker stored is to be listed; asked once.
    pub fn is_to_be_listed(&mut self) -> bool {
        self.from.is_some() && !std::mem::replace(&mut self.listed, true)
    }

    /// Takes the keys of what an earlier worker stored.
    pub fn restore(&mut self, keys: impl IntoIterator<Item = Key>) {
        let mut keys: Vec<Key> = keys.into_iter().chain(self.stored.drain(..)).collect();
        sorted::sort(&mut keys);
        keys.dedup();
        self.stored = keys.into();
    }

    /// The stream is heard from now on.
    pub fn begin(&mut self, now: Millis) {
        if self.keep != Keep::Off && self.from.is_none() {
            let pack = self.pack.get_or_insert_with(|| Box::new(Pack::with_capacity(ROOM, MOST_EVENTS as usize)));
            pack.begin(now);
            (self.from, self.first, self.heard) = (Some(now), None, now);
        }
    }

    /// The stream is no longer heard, perhaps since a while ago; what was recorded since then stays.
    pub fn end(&mut self, at: Millis) {
        let at = at.max(self.heard);
        // A silence that was heard is no gap, so it is stored where it was longer than a moment.
        let silent = self.from.is_some_and(|from| from.plus(AGE) <= at);
        if silent || self.first.is_some() {
            self.close(at);
        }
        (self.from, self.first) = (None, None);
    }

    /// Takes an event, and its values in the fields of the legend. Allocates nothing until its chunk is full.
    pub fn hear(&mut self, now: Millis, interaction: Fingerprint, event: &Event<'_>, said: &[(usize, Said)]) {
        let (Some(pack), true) = (&mut self.pack, self.from.is_some()) else { return };
        pack.push(now, interaction.half(), event, (!self.legend.is_empty()).then_some(said));
        self.first.get_or_insert(now);
        self.heard = now;
        if pack.count() >= MOST_EVENTS || pack.bytes() >= MOST_BYTES {
            self.close(now);
        }
    }

    /// When a chunk is due to be stored.
    pub fn next_deadline(&self) -> Option<Millis> {
        if self.full.is_empty() { self.first.map(|first| first.plus(AGE)) } else { Some(self.heard) }
    }

    /// The chunks to store now.
    pub fn take(&mut self, now: Millis) -> Vec<Chunk> {
        if self.first.is_some_and(|first| first.plus(AGE) <= now) {
            self.close(now);
        }
        self.stored.extend(self.full.iter().map(|chunk| chunk.key));
        self.full.drain(..).collect()
    }

    /// A chunk could not be stored.
    pub fn lost(&mut self, key: Key) {
        self.stored.retain(|stored| *stored != key);
    }

    /// The last chunk that is to go now, with all before it: too old, or too much.
    pub fn outdated(&mut self, now: Millis) -> Option<Key> {
        let oldest = self.keep.span().map(|span| now.since(span));
        let mut bytes = self.bytes();
        let mut last = None;
        while let Some(key) = self.stored.front().copied() {
            if oldest.is_some_and(|oldest| key.from >= oldest) && bytes <= LIMIT {
                break;
            }
            bytes -= u64::from(key.bytes);
            last = self.stored.pop_front();
        }
        last
    }

    /// The bytes that are stored.
    pub fn bytes(&self) -> u64 {
        self.stored.iter().map(|key| u64::from(key.bytes)).sum()
    }

    /// Since when there is something, if there is.
    pub fn since(&self) -> Option<Millis> {
        self.stored.front().map(|key| key.from).or(self.from)
    }

    /// Forgets everything, and removes all stored chunks.
    pub fn clear(&mut self) {
        let legend = std::mem::take(&mut self.legend);
        *self = Recorder { keep: self.keep, forget: true, listed: true, legend, ..Recorder::default() };
    }

    /// Closes the chunk under way; the next begins where it ends.
    fn close(&mut self, now: Millis) {
        let (Some(pack), Some(from)) = (&mut self.pack, self.from) else { return };
        self.full.push_back(Chunk::seal(pack, &self.legend, from, now));
        if self.full.len() > WAITING {
            self.full.pop_front();
        }
        // No two chunks have the same key.
        let from = now.max(from.plus(Millis(1)));
        pack.begin(from);
        (self.from, self.first) = (Some(from), None);
    }
}
