//! Buckets of what fired, told as the records of single interactions that they stand for.
//!
//! A record of its own counts instead of a line. A record without rules stands for nothing: its interaction is forgotten.

use std::collections::BTreeMap;

use cuewire::model::ask::{Change, Store};
use serde_json::{Value, json};

use crate::records::number_after;
use crate::world::storage::Storage;

/// The digits of a line, and where its parts end: interaction, instant, state, checksum.
const LINE: usize = 49;
const ENDS: [usize; 3] = [30, 41, 45];

/// The start of a line's text, as the checks see it.
pub const LINE_MARK: &str = "line:";

/// Whether a key names a bucket.
pub fn is_bucket(key: &str) -> bool {
    key.starts_with("fired/") && key.rsplit('/').next().is_some_and(|last| last.len() == 2)
}

/// The lines of a bucket: the key that the record of each interaction has, and what that would say.
pub fn lines_of(key: &str, text: &str) -> BTreeMap<String, String> {
    let bucket: Value = serde_json::from_str(text.splitn(3, ':').nth(2).unwrap_or_default()).unwrap_or_default();
    let lines = bucket["lines"].as_str().unwrap_or_default().as_bytes();
    let line = |line: &[u8]| {
        let line = std::str::from_utf8(line).ok()?;
        let seen = u64::from_str_radix(line.get(ENDS[0]..ENDS[1])?, 16).ok()?;
        let state = usize::from_str_radix(line.get(ENDS[1]..ENDS[2])?, 16).ok()?;
        let (rules, lost) = (&bucket["states"][state]["rules"], &bucket["states"][state]["lost"]);
        let lost = if lost.is_null() { String::new() } else { format!(",\"lost\":{lost}") };
        let said = format!("{LINE_MARK}{{\"rules\":{rules},\"seen\":{seen}{lost}}}");
        Some((format!("{key}{}", &line[..ENDS[0]]), said))
    };
    lines.chunks(LINE).filter_map(line).collect()
}

/// The bucket of an interaction's record.
fn bucket_of(key: &str) -> Option<&str> {
    let is_single = key.starts_with("fired/") && key.matches('/').count() == 2 && !is_bucket(key);
    key.get(..key.len().checked_sub(ENDS[0])?).filter(|_| is_single)
}

/// Whether a record of what fired says that nothing did.
pub fn has_no_rules(text: &str) -> bool {
    text.contains("\"rules\":[]")
}

impl Storage {
    /// The lines of a stored bucket, where it is whole.
    pub fn lines_in(&self, key: &str) -> BTreeMap<String, String> {
        let text = self.journal.get(key).filter(|_| !self.damaged.iter().any(|damaged| damaged == key));
        text.map(|text| lines_of(key, text)).unwrap_or_default()
    }

    /// The record of an interaction that fired.
    pub fn memory_of(&self, key: &str) -> Option<String> {
        let of_bucket = || self.lines_in(bucket_of(key)?).remove(key);
        self.journal.get(key).cloned().or_else(of_bucket)
    }

    /// When the interactions were seen whose own records go, although their lines stay.
    pub fn revived(&self, changes: &[Change]) -> Vec<(String, u64)> {
        let is_written = |bucket: &str| {
            changes.iter().any(|change| match change {
                Change::Put(Store::Journal, key, _) | Change::Delete(Store::Journal, key) => key == bucket,
                _ => false,
            })
        };
        let revived = |change: &Change| match change {
            Change::Delete(Store::Journal, key) => {
                let bucket = bucket_of(key).filter(|bucket| !is_written(bucket))?;
                let line = self.lines_in(bucket).remove(key)?;
                Some((key.clone(), number_after(&line, "\"seen\":")))
            }
            _ => None,
        };
        changes.iter().filter_map(revived).collect()
    }

    /// The changes as if each interaction had a record of its own.
    pub fn unfold(&self, changes: &[Change]) -> Vec<Change> {
        let mut lines = BTreeMap::new();
        for change in changes {
            if let Change::Put(Store::Journal, key, text) = change
                && is_bucket(key)
            {
                lines.extend(lines_of(key, text));
            }
        }
        // A record written after its interaction's bucket waits beside the bucket, and counts.
        for change in changes {
            if let Change::Put(Store::Journal, key, _) = change {
                lines.remove(key);
            }
        }
        let mut unfolded = Vec::with_capacity(changes.len());
        for change in changes {
            match change {
                Change::Put(Store::Journal, key, _) | Change::Delete(Store::Journal, key) if is_bucket(key) => {
                    let goes = |single: &String| !lines.contains_key(single) && !self.journal.contains_key(single);
                    let gone = self.lines_in(key).into_keys().filter(goes);
                    unfolded.extend(gone.map(|single| Change::Delete(Store::Journal, single)));
                }
                Change::Delete(Store::Journal, key) if key.starts_with("fired/") => {
                    let was_forgotten = self.journal.get(key).is_some_and(|text| has_no_rules(text));
                    if !lines.contains_key(key) && !was_forgotten {
                        unfolded.push(change.clone());
                    }
                }
                Change::Put(Store::Journal, key, text) if key.starts_with("fired/") && has_no_rules(text) => {
                    let line = bucket_of(key).and_then(|bucket| self.lines_in(bucket).remove(key));
                    match line.is_some_and(|line| !has_no_rules(&line)) {
                        true => unfolded.push(Change::Delete(Store::Journal, key.clone())),
                        false => unfolded.push(change.clone()),
                    }
                }
                change => unfolded.push(change.clone()),
            }
        }
        unfolded.extend(lines.into_iter().map(|(key, line)| Change::Put(Store::Journal, key, line)));
        unfolded
    }
}

/// The records in place of whole buckets, as version 2 writes them for single interactions.
pub fn explode(journal: &mut BTreeMap<String, String>, damaged: &[String]) {
    let whole = |key: &&String| is_bucket(key) && !damaged.contains(key);
    for bucket in journal.keys().filter(whole).cloned().collect::<Vec<_>>() {
        let Some(text) = journal.remove(&bucket) else { continue };
        for (key, line) in lines_of(&bucket, &text) {
            let record: Value = serde_json::from_str(&line[LINE_MARK.len()..]).unwrap_or_else(|_| json!({}));
            let json = record.to_string();
            let sum = crc32fast::hash(format!("2:{json}").as_bytes());
            journal.entry(key).or_insert_with(|| format!("2:{sum:08x}:{json}"));
        }
    }
}
