//! The map.

use std::borrow::Borrow;
use std::ops::RangeFrom;

/// Entries of a leaf: more make insertions slower, fewer make look-ups slower.
const FULL: usize = 64;

/// Where an entry is: its leaf, and its place there.
type Place = (usize, usize);

/// A map in the order of its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortedMap<K, V> {
    /// None is empty.
    leaves: Vec<Vec<(K, V)>>,
    len: usize,
}

/// The place of a key, with or without a value.
pub struct Entry<'m, K, V> {
    map: &'m mut SortedMap<K, V>,
    key: K,
}

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> SortedMap<K, V> {
        SortedMap::new()
    }
}

impl<K, V> SortedMap<K, V> {
    /// Without entries.
    pub const fn new() -> SortedMap<K, V> {
        SortedMap { leaves: Vec::new(), len: 0 }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        *self = SortedMap::new();
    }

    /// The entry with the least key.
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        self.leaves.first()?.first().map(|(key, value)| (key, value))
    }

    /// The entry with the greatest key.
    pub fn last_key_value(&self) -> Option<(&K, &V)> {
        self.leaves.last()?.last().map(|(key, value)| (key, value))
    }

    /// Takes the entry with the least key.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        (self.len > 0).then(|| self.take((0, 0)))
    }

    /// All entries in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.leaves.iter().flatten().map(|(key, value)| (key, value))
    }

    /// All entries in order, with values that may change.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = (&K, &mut V)> {
        self.leaves.iter_mut().flatten().map(|(key, value)| (&*key, value))
    }

    /// All keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// All values in the order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// All values in the order of their keys, which may change.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut V> {
        self.iter_mut().map(|(_, value)| value)
    }

    /// Keeps the entries that are wanted.
    pub fn retain(&mut self, mut wanted: impl FnMut(&K, &mut V) -> bool) {
        for leaf in &mut self.leaves {
            leaf.retain_mut(|(key, value)| wanted(key, value));
        }
        self.leaves.retain(|leaf| !leaf.is_empty());
        self.len = self.leaves.iter().map(Vec::len).sum();
    }

    /// Takes the entries whose value goes, in order.
    pub fn extract(&mut self, mut goes: impl FnMut(&V) -> bool) -> Vec<(K, V)> {
        let mut gone = Vec::new();
        for leaf in &mut self.leaves {
            gone.extend(leaf.extract_if(.., |(_, value)| goes(value)));
        }
        self.retain(|_, _| true);
        gone
    }

    fn take(&mut self, (leaf, at): Place) -> (K, V) {
        self.len -= 1;
        let taken = self.leaves[leaf].remove(at);
        let left = self.leaves[leaf].len();
        if left == 0 {
            self.leaves.remove(leaf);
        } else if leaf + 1 < self.leaves.len() && left + self.leaves[leaf + 1].len() <= FULL / 2 {
            // Otherwise removals at random would leave many leaves of few entries each.
            let next = self.leaves.remove(leaf + 1);
            self.leaves[leaf].extend(next);
        }
        taken
    }

    /// Puts an entry where its key is not found. Gives the place that it has.
    fn put(&mut self, (mut leaf, mut at): Place, entry: (K, V)) -> Place {
        self.len += 1;
        match self.leaves.get(leaf).map(Vec::len) {
            None => self.leaves.push(Vec::new()),
            // Keys that only grow, as sequence numbers do, leave full leaves behind.
            Some(FULL) if at == FULL && leaf + 1 == self.leaves.len() => {
                self.leaves.push(Vec::new());
                (leaf, at) = (leaf + 1, 0);
            }
            Some(FULL) => {
                let upper = self.leaves[leaf].split_off(FULL / 2);
                self.leaves.insert(leaf + 1, upper);
                if at > FULL / 2 {
                    (leaf, at) = (leaf + 1, at - FULL / 2);
                }
            }
            Some(_) => {}
        }
        self.leaves[leaf].insert(at, entry);
        (leaf, at)
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let (leaf, at) = self.find(key).ok()?;
        Some(&self.leaves[leaf][at].1)
    }

    /// The value of a key, which may change.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let (leaf, at) = self.find(key).ok()?;
        Some(&mut self.leaves[leaf][at].1)
    }

    /// Whether there is an entry with this key.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    /// Gives a key a value, and returns the value before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(&key) {
            Ok((leaf, at)) => Some(std::mem::replace(&mut self.leaves[leaf][at].1, value)),
            Err(place) => {
                self.put(place, (key, value));
                None
            }
        }
    }

    /// Removes an entry, and returns its value.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let place = self.find(key).ok()?;
        Some(self.take(place).1)
    }

    /// The place of a key.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        Entry { map: self, key }
    }

    /// The entries from a key on.
    pub fn range(&self, from: RangeFrom<K>) -> impl Iterator<Item = (&K, &V)> {
        let (leaf, at) = self.find(&from.start).unwrap_or_else(|place| place);
        self.leaves[leaf.min(self.leaves.len())..].iter().flatten().skip(at).map(|(key, value)| (key, value))
    }

    /// The last entry before a key.
    pub fn last_before<Q: Ord + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        let (leaf, at) = self.find(key).unwrap_or_else(|place| place);
        let before = match at.checked_sub(1) {
            Some(at) => self.leaves.get(leaf)?.get(at),
            None => self.leaves.get(leaf.checked_sub(1)?)?.last(),
        };
        before.map(|(key, value)| (key, value))
    }

    /// Takes the entries from a key on.
    pub fn split_off<Q: Ord + ?Sized>(&mut self, from: &Q) -> SortedMap<K, V>
    where
        K: Borrow<Q>,
    {
        let (leaf, at) = self.find(from).unwrap_or_else(|place| place);
        let cut = self.leaves.get_mut(leaf).map(|leaf| leaf.split_off(at));
        let mut leaves: Vec<_> = cut.into_iter().chain(self.leaves.drain(self.leaves.len().min(leaf + 1)..)).collect();
        for leaves in [&mut self.leaves, &mut leaves] {
            leaves.retain(|leaf| !leaf.is_empty());
        }
        let len = leaves.iter().map(Vec::len).sum();
        self.len -= len;
        SortedMap { leaves, len }
    }

    /// Where a key is, or where it would be.
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<Place, Place>
    where
        K: Borrow<Q>,
    {
        let after = self.leaves.partition_point(|leaf| leaf.first().is_some_and(|(first, _)| first.borrow() <= key));
        let leaf = after.saturating_sub(1);
        let Some(entries) = self.leaves.get(leaf) else { return Err((0, 0)) };
        let found = entries.binary_search_by(|(each, _)| each.borrow().cmp(key));
        found.map(|at| (leaf, at)).map_err(|at| (leaf, at))
    }
}

impl<'m, K: Ord, V> Entry<'m, K, V> {
    /// The value, made where there is none.
    pub fn or_insert_with(self, make: impl FnOnce() -> V) -> &'m mut V {
        let Entry { map, key } = self;
        let place = map.find(&key);
        let (leaf, at) = place.unwrap_or_else(|place| map.put(place, (key, make())));
        &mut map.leaves[leaf][at].1
    }

    /// The value, or this one where there is none.
    pub fn or_insert(self, value: V) -> &'m mut V {
        self.or_insert_with(|| value)
    }

    /// The value, or the default where there is none.
    pub fn or_default(self) -> &'m mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }
}

impl<K, V> IntoIterator for SortedMap<K, V> {
    type Item = (K, V);
    type IntoIter = std::iter::Flatten<std::vec::IntoIter<Vec<(K, V)>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.leaves.into_iter().flatten()
    }
}

impl<K: Ord, V> Extend<(K, V)> for SortedMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for SortedMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> SortedMap<K, V> {
        let mut map = SortedMap::new();
        map.extend(entries);
        map
    }
}
