use std::collections::BTreeMap;

use super::*;
use crate::model::ask::{Ask, Change, CommitId, RequestId, SocketId, Store};
use crate::model::fingerprint::{Fingerprint, Subject};
use crate::model::http::{HttpRequest, Secret};
use crate::rules::Once;

const NOW: Millis = Millis(1_771_320_600_000);
const HOUR: Millis = Millis::from_mins(60);
const DAY: Millis = Millis::from_mins(24 * 60);

/// Notes the changes of the newest commit.
#[derive(Debug, Default)]
struct Written(Vec<(CommitId, Vec<Change>)>);

impl Ask for Written {
    fn request_token(&mut self, _: RequestId, _: HttpRequest) {}
    fn post_card(&mut self, _: RequestId, _: HttpRequest) {}
    fn poll(&mut self, _: RequestId, _: HttpRequest) {}
    fn open_window(&mut self, _: RequestId, _: Secret) {}
    fn abort(&mut self, _: RequestId) {}
    fn open_stream(&mut self, _: SocketId, _: Secret) {}
    fn send_frame(&mut self, _: SocketId, _: Secret) {}
    fn close_stream(&mut self, _: SocketId) {}
    fn commit(&mut self, id: CommitId, changes: Vec<Change>) {
        self.0.push((id, changes));
    }
    fn reopen_storage(&mut self) {}
    fn delete_storage(&mut self) {}
    fn store_marker(&mut self) {}
    fn store_token(&mut self, _: Option<Secret>) {}
}

/// A memory, its journal, and the stored records.
#[derive(Default)]
struct Rig {
    memory: Memory,
    journal: Journal,
    ids: u64,
    now: Millis,
    stored: BTreeMap<String, String>,
}

/// The interaction of one bucket with this number.
fn subject(number: u16) -> Subject {
    let mut bytes = [0xa7; 16];
    bytes[1..3].copy_from_slice(&number.to_be_bytes());
    let interaction = Fingerprint::from_bytes(bytes);
    Subject { connection: Fingerprint::of("https://acme.cxone.com"), interaction }
}

impl Rig {
    fn new() -> Rig {
        Rig { now: NOW, ..Rig::default() }
    }

    /// A rule fires for an interaction, and its card is settled.
    fn fire(&mut self, number: u16, rule: &str) {
        self.memory.see(subject(number), self.now, &mut self.journal);
        self.memory.carry(subject(number), rule, self.now);
        self.journal.next_group();
        self.memory.settle(subject(number), rule, self.now, &mut self.journal);
        self.journal.next_group();
    }

    fn fold(&mut self) {
        self.memory.fold(self.now, &mut self.journal);
    }

    /// Has all that waits written.
    fn write(&mut self) {
        loop {
            let mut written = Written::default();
            self.journal.flush(self.now, &mut self.ids, &mut written);
            let Some((id, changes)) = written.0.pop() else { return };
            for change in changes {
                match change {
                    Change::Put(Store::Journal, key, text) if key.starts_with("fired/") => {
                        self.stored.insert(key, text);
                    }
                    Change::Delete(Store::Journal, key) => drop(self.stored.remove(&key)),
                    _ => {}
                }
            }
            self.journal.committed(id, self.now, &mut Written::default());
        }
    }

    /// The next worker reads the stored records in this order.
    fn restart(&mut self, newest_first: bool) {
        let mut records: Vec<_> = self.stored.clone().into_iter().collect();
        if newest_first {
            records.reverse();
        }
        (self.memory, self.journal) = (Memory::default(), Journal::default());
        for (key, text) in records {
            match Subject::parse(key.trim_start_matches("fired/")) {
                Some(subject) => self.memory.restore(subject, &crate::journal::decode(&text).unwrap(), self.now),
                None => self.memory.restore_bucket(Place::parse(&key).unwrap(), &text, self.now).unwrap(),
            }
        }
    }

    fn has_fired(&mut self, number: u16, rule: &str) -> bool {
        self.memory.see(subject(number), self.now, &mut self.journal);
        self.memory.has_fired(subject(number), rule, Once::Rule)
    }

    fn keys(&self) -> Vec<&str> {
        self.stored.keys().map(|key| key.rsplit('/').next().unwrap()).collect()
    }
}

#[test]
fn records_of_interactions_become_lines_of_one_record_and_say_the_same() {
    let mut rig = Rig::new();
    for number in 0..40 {
        rig.fire(number, if number % 2 == 0 { "a" } else { "b" });
    }
    rig.write();
    assert_eq!(rig.stored.len(), 40);
    rig.fold();
    rig.write();
    assert_eq!(rig.keys(), ["a7"]);
    for newest_first in [false, true] {
        rig.restart(newest_first);
        for number in 0..40 {
            let told = ["a", "b"].map(|rule| rig.has_fired(number, rule));
            assert_eq!(told, [number % 2 == 0, number % 2 == 1], "{number}");
        }
        assert!(!rig.has_fired(40, "a"));
    }
}

#[test]
fn a_record_counts_instead_of_a_line_in_whatever_order_they_are_read() {
    for newest_first in [false, true] {
        let mut rig = Rig::new();
        for number in 0..40 {
            rig.fire(number, "a");
        }
        rig.write();
        rig.fold();
        rig.write();
        rig.fire(7, "b");
        rig.write();
        assert_eq!(rig.stored.len(), 2);
        rig.restart(newest_first);
        assert!(rig.has_fired(7, "a") && rig.has_fired(7, "b") && !rig.has_fired(8, "b"));
    }
}

#[test]
fn one_commit_writes_a_bucket_and_removes_the_records_it_stands_for() {
    let mut rig = Rig::new();
    rig.fire(1, "a");
    rig.fire(2, "a");
    rig.write();
    rig.fold();
    let mut written = Written::default();
    rig.journal.flush(rig.now, &mut rig.ids, &mut written);
    let fired = |change: &&Change| match change {
        Change::Put(_, key, _) | Change::Delete(_, key) => key.starts_with("fired/"),
        _ => false,
    };
    assert_eq!(written.0[0].1.iter().filter(fired).count(), 3);
}

#[test]
fn a_large_bucket_is_written_again_once_for_many_records() {
    let mut rig = Rig::new();
    for number in 0..320 {
        rig.fire(number, "a");
    }
    rig.fold();
    rig.write();
    assert_eq!(rig.stored.len(), 1);
    for number in 320..339 {
        rig.fire(number, "a");
        rig.fold();
        rig.write();
    }
    assert_eq!(rig.stored.len(), 20, "19 records, and 339 lines are not worth it yet");
    rig.fire(339, "a");
    rig.fire(340, "a");
    rig.fold();
    rig.write();
    assert_eq!(rig.stored.len(), 1);
}

#[test]
fn an_interaction_that_is_forgotten_does_not_come_back_from_its_bucket() {
    let mut rig = Rig::new();
    for number in 0..40 {
        rig.fire(number, "a");
    }
    rig.fold();
    rig.write();
    rig.now = NOW.plus(DAY);
    assert!(!rig.has_fired(3, "a"));
    rig.write();
    assert_eq!(rig.stored.len(), 2, "a record without rules stands for it");
    for newest_first in [false, true] {
        rig.restart(newest_first);
        assert!(!rig.has_fired(3, "a") && rig.has_fired(4, "a"));
    }
    rig.write();
    let before = rig.stored.clone();
    assert!(!rig.has_fired(3, "a"));
    rig.write();
    assert_eq!(rig.stored, before, "and each of its events writes nothing");
    rig.fire(3, "b");
    rig.fold();
    rig.write();
    rig.restart(false);
    assert!(rig.has_fired(3, "b") && !rig.has_fired(3, "a"));
}

#[test]
fn lines_that_lapse_go_without_a_write_of_their_own() {
    let mut rig = Rig::new();
    for number in 0..40 {
        rig.fire(number, "a");
    }
    rig.fold();
    rig.write();
    rig.restart(false);
    rig.now = NOW.plus(DAY).plus(HOUR);
    rig.memory.sweep(rig.now, &mut rig.journal);
    assert_eq!(rig.memory.len(), 40, "another worker would remember them a little longer");
    rig.now = NOW.plus(DAY).plus(HOUR).plus(HOUR);
    rig.memory.sweep(rig.now, &mut rig.journal);
    assert_eq!((rig.memory.len(), rig.journal.has_changes()), (0, false));
    for number in 40..42 {
        rig.fire(number, "a");
    }
    rig.fold();
    rig.write();
    rig.restart(false);
    assert_eq!(rig.memory.len(), 2, "the next fold leaves them out");
}

#[test]
fn an_interaction_whose_line_is_damaged_does_not_fire_again_and_the_others_are_as_they_were() {
    let mut rig = Rig::new();
    for number in 0..40 {
        rig.fire(number, "a");
    }
    rig.fold();
    rig.write();
    let place = Place::of(subject(0));
    let text = rig.stored[&place.key()].clone();
    // The state of the last line.
    let at = text.len() - 2 - 8;
    let damaged = format!("{}f{}", &text[..at], &text[at + 1..]);
    (rig.memory, rig.journal) = (Memory::default(), Journal::default());
    assert_eq!(rig.memory.restore_bucket(place, &damaged, rig.now), Err(RecordFault::Damaged));
    rig.memory.salvage_bucket(place, &damaged, rig.now, &mut rig.journal);
    rig.write();
    rig.restart(false);
    assert!(rig.has_fired(39, "a") && rig.has_fired(39, "b"), "nobody knows which rules fired");
    assert!(rig.has_fired(38, "a") && !rig.has_fired(38, "b"));
}

#[test]
fn an_interaction_with_a_damaged_record_is_remembered_as_long_as_its_last_card_says() {
    let mut rig = Rig::new();
    rig.memory.restore_unknown(subject(1), NOW, &mut rig.journal);
    rig.write();
    rig.now = NOW.plus(HOUR);
    rig.fire(1, "a");
    rig.write();
    // From the damage on, a worker remembers for a day and a slack of an hour and a half; from the card on, an hour more.
    rig.now = NOW.plus(DAY).plus(HOUR).plus(HOUR);
    rig.restart(false);
    assert!(rig.has_fired(1, "a") && rig.has_fired(1, "b"));
}

#[test]
fn a_quarter_of_a_million_records_end_as_256_and_two_thousand() {
    let mut rig = Rig::new();
    let of = |number: u32| Subject::of(Fingerprint::of("https://acme.cxone.com"), &format!("i-{number}"));
    for number in 0..20_000 {
        rig.memory.carry(of(number), "a", NOW);
        rig.memory.settle(of(number), "a", NOW, &mut rig.journal);
        rig.journal.next_group();
        if number % 10 == 0 {
            rig.fold();
        }
    }
    rig.write();
    for _ in 0..400 {
        rig.fold();
    }
    rig.write();
    assert!(rig.stored.len() <= 256 + MOST_SINGLES, "{}", rig.stored.len());
    rig.restart(false);
    assert_eq!(rig.memory.len(), 20_000);
}
