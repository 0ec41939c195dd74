//! The activity log as pages read it: page by page, newest first.

use crate::model::json;
use crate::model::json::{FromJson, ToJson};
#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use crate::journal::history_number;
use crate::model::history::Entry;

/// The most entries of one page, because the worker sends no card while it reads them.
pub const PAGE_LIMIT: u32 = 500;

/// The most bytes of one page, as they are stored; the first entry is taken whatever its size.
const PAGE_BYTES: usize = 1024 * 1024;

/// Entries that follow each other. An empty page is the end of the log.
#[derive(Debug, Clone, Default, PartialEq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct LogPage {
    /// Newest first; fewer than asked for where they are long.
    pub entries: Vec<Logged>,
    /// The entries up to this number are removed.
    pub removed: u64,
}

/// One entry with its number.
#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Logged {
    /// Grows with each entry; names the entry in a card's view and in a notification.
    pub number: u64,
    /// Absent where it cannot be read.
    pub entry: Option<Entry>,
}

impl LogPage {
    /// A page of stored entries, newest first. Entries of earlier versions are converted as they are read.
    pub fn read(stored: &[(String, String)], removed: u64) -> LogPage {
        let mut bytes = 0;
        let fits = |(_, text): &&(String, String)| {
            let first = bytes == 0;
            bytes += text.len().max(1);
            first || bytes <= PAGE_BYTES
        };
        let entries = stored.iter().take_while(fits).filter_map(|(key, text)| {
            let number = history_number(key)?;
            Some(Logged { number, entry: json::read(text) })
        });
        LogPage { entries: entries.collect(), removed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(number: u64, text: &str) -> (String, String) {
        (crate::journal::history_key(number), text.to_owned())
    }

    #[test]
    fn an_entry_that_cannot_be_read_keeps_its_place_and_harms_no_other() {
        let texts =
            [r#"{"kind":"started","at":7}"#, r#"{"kind":"sung","at":7}"#, "{", "", r#"{"kind":"started","at":8}"#];
        let all: Vec<_> = (1..=5).rev().zip(texts).map(|(number, text)| stored(number, text)).collect();
        let page = LogPage::read(&all, 0);
        let readable = page.entries.iter().map(|one| (one.number, one.entry.is_some())).collect::<Vec<_>>();
        assert_eq!(readable, [(5, true), (4, false), (3, false), (2, false), (1, true)]);
    }

    #[test]
    fn a_page_ends_before_it_is_too_long_for_a_message_but_is_never_empty() {
        let long = format!(r#"{{"kind":"settings","at":1,"changed":["{}"]}}"#, "x".repeat(700_000));
        let all: Vec<_> = (1..=3).rev().map(|number| stored(number, &long)).collect();
        assert_eq!(LogPage::read(&all, 0).entries.len(), 1);
        let longer = [stored(9, &"x".repeat(2_000_000)), stored(8, "{}")];
        assert_eq!(LogPage::read(&longer, 0).entries.iter().map(|one| one.number).collect::<Vec<_>>(), [9]);
    }
}
