//! A table by digests. Each event looks into three of them, so that a look-up is in line and most often two reads.

use super::Fingerprint;

/// A digest, or a mark that is as good as one.
pub trait Key: Copy + Eq + Default {
    /// Bits that differ between nearly all keys.
    fn bits(self) -> u64;
}

impl Key for Fingerprint {
    #[inline(always)]
    fn bits(self) -> u64 {
        self.half()
    }
}

impl Key for u64 {
    #[inline(always)]
    fn bits(self) -> u64 {
        self ^ self >> 32
    }
}

/// Values by digest. At most half of the places are taken, and a value stands at the place that its key's low bits say
/// or behind.
#[derive(Debug)]
pub struct Table<K, V> {
    /// The high bits of the key at each place and a bit more, or zero where there is none.
    tags: Vec<u32>,
    entries: Vec<(K, V)>,
    len: usize,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Table<K, V> {
        Table { tags: Vec::new(), entries: Vec::new(), len: 0 }
    }
}

impl<K: Key, V: Default> Table<K, V> {
    /// A table with room for a number of values.
    pub fn with_capacity(values: usize) -> Table<K, V> {
        let mut table = Table::default();
        table.resize((2 * values).next_power_of_two());
        table
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All values.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.tags.iter().zip(&self.entries).filter(|(tag, _)| **tag != 0).map(|(_, (_, value))| value)
    }

    /// The value of a key.
    #[inline(always)]
    pub fn get(&self, key: K) -> Option<&V> {
        let at = self.find(key)?;
        let entries = &*self.entries;
        Some(&entries[at].1)
    }

    /// The value of a key, which may change.
    #[inline(always)]
    pub fn get_mut(&mut self, key: K) -> Option<&mut V> {
        let at = self.find(key)?;
        let entries = &mut *self.entries;
        Some(&mut entries[at].1)
    }

    /// Gives a key a value.
    pub fn insert(&mut self, key: K, value: V) {
        if let Some(known) = self.get_mut(key) {
            *known = value;
            return;
        }
        if 2 * (self.len + 1) > self.tags.len() {
            self.resize((2 * self.tags.len()).max(16));
        }
        self.put(key, value);
    }

    /// Takes the value of a key.
    pub fn remove(&mut self, key: K) -> Option<V> {
        let mut gap = self.find(key)?;
        let (_, value) = std::mem::take(&mut self.entries[gap]);
        self.tags[gap] = 0;
        self.len -= 1;
        let mask = self.tags.len() - 1;
        let mut at = gap;
        loop {
            at = (at + 1) & mask;
            if self.tags[at] == 0 {
                return Some(value);
            }
            // An entry moves up to the gap unless it would stand before the place that its key says.
            let place = self.entries[at].0.bits() as usize & mask;
            if at.wrapping_sub(place) & mask >= at.wrapping_sub(gap) & mask {
                self.entries.swap(gap, at);
                self.tags.swap(gap, at);
                gap = at;
            }
        }
    }

    /// Removes all values, and keeps the room.
    pub fn clear(&mut self) {
        if self.len > 0 {
            self.tags.fill(0);
            self.entries.fill_with(Default::default);
            self.len = 0;
        }
    }

    #[inline(always)]
    fn find(&self, key: K) -> Option<usize> {
        let (tag, mut at) = (tag(key), key.bits() as usize);
        // Slices, because looking into a vector is a call.
        let (tags, entries) = (&*self.tags, &*self.entries);
        let mask = tags.len().checked_sub(1)?;
        loop {
            at &= mask;
            let found = tags[at];
            if found == tag && entries[at].0 == key {
                return Some(at);
            }
            if found == 0 {
                return None;
            }
            at += 1;
        }
    }

    /// Puts a value where its key is not yet.
    fn put(&mut self, key: K, value: V) {
        let mask = self.tags.len() - 1;
        let mut at = key.bits() as usize & mask;
        while self.tags[at] != 0 {
            at = (at + 1) & mask;
        }
        (self.tags[at], self.entries[at]) = (tag(key), (key, value));
        self.len += 1;
    }

    fn resize(&mut self, places: usize) {
        let tags = std::mem::replace(&mut self.tags, vec![0; places]);
        let fresh = std::iter::repeat_with(Default::default).take(places).collect();
        let entries = std::mem::replace(&mut self.entries, fresh);
        self.len = 0;
        for (_, (key, value)) in tags.into_iter().zip(entries).filter(|(tag, _)| *tag != 0) {
            self.put(key, value);
        }
    }
}

#[inline(always)]
fn tag(key: impl Key) -> u32 {
    (key.bits() >> 32) as u32 | 1
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    /// Few places and fewer tags, so that keys meet.
    fn key() -> impl Strategy<Value = u64> {
        (0..4_u64, 0..40_u64).prop_map(|(high, low)| (high << 60) | (low * 8))
    }

    proptest! {
        #[test]
        fn a_table_does_what_the_map_of_the_library_does(calls in prop::collection::vec((0..10_u8, key(), any::<u32>()), 0..300)) {
            let (mut table, mut model) = (Table::default(), HashMap::new());
            for (call, key, value) in calls {
                match call {
                    0..6 => {
                        table.insert(key, value);
                        model.insert(key, value);
                    }
                    6..9 => prop_assert_eq!(table.remove(key), model.remove(&key)),
                    _ if value % 16 == 0 => {
                        table.clear();
                        model.clear();
                    }
                    _ => prop_assert_eq!(table.get_mut(key).copied(), model.get(&key).copied()),
                }
                prop_assert_eq!(table.len(), model.len());
                prop_assert!(model.iter().all(|(key, value)| table.get(*key) == Some(value)));
            }
            prop_assert_eq!(table.values().count(), model.len());
        }
    }

    #[test]
    fn a_table_with_room_finds_the_key_zero_too() {
        let mut table = Table::with_capacity(100);
        assert_eq!((table.get(0_u64), table.is_empty()), (None, true));
        table.insert(0_u64, 7);
        assert_eq!(table.get(0), Some(&7));
        assert_eq!((table.remove(0), table.get(0)), (Some(7), None));
    }
}
