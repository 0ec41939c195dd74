//! A storage that hangs, refuses or answers late.

use super::*;
use crate::pipeline::effect::{Effect, Effects};

/// A journal, what it asks for, and a clock.
struct Rig {
    journal: Journal,
    ids: u64,
    now: Millis,
    random: Random,
    commits: Vec<(CommitId, Vec<Change>)>,
    reopened: u32,
    deleted: u32,
    stalls: Vec<Stall>,
}

impl Rig {
    fn new() -> Rig {
        Rig {
            journal: Journal::new(Meta::default(), true),
            ids: 0,
            now: Millis::from_secs(1_000),
            random: Random::new(1),
            commits: Vec::new(),
            reopened: 0,
            deleted: 0,
            stalls: Vec::new(),
        }
    }

    fn put(&mut self, key: &str) -> Batch {
        let batch = self.journal.put(key.to_owned(), &1_u64);
        self.flush();
        batch
    }

    fn flush(&mut self) {
        let mut effects = Effects::default();
        self.stalls.extend(self.journal.flush(self.now, &mut self.ids, &mut effects));
        for effect in effects.drain() {
            match effect {
                Effect::Commit { id, changes } => self.commits.push((id, changes)),
                Effect::ReopenStorage => self.reopened += 1,
                Effect::DeleteStorage => self.deleted += 1,
                other => panic!("{other:?}"),
            }
        }
    }

    /// Lets time pass, and looks whenever something is due.
    fn pass(&mut self, seconds: u64) {
        let end = self.now.plus(Millis::from_secs(seconds));
        while let Some(due) = self.journal.next_deadline().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.flush();
            assert!(self.journal.next_deadline().is_none_or(|due| due > self.now), "it spins");
        }
        self.now = end;
    }

    fn commit(&mut self, at: usize) -> bool {
        let committed = self.journal.committed(self.commits[at].0, self.now, &mut Effects::default());
        self.flush();
        committed
    }

    fn refuse(&mut self, at: usize, why: &CommitFailure) -> Option<Diagnosis> {
        let wrong = self.journal.failed(self.commits[at].0, why, self.now, &mut self.random);
        self.flush();
        wrong
    }

    fn keys(&self, at: usize) -> Vec<&str> {
        let puts = self.commits[at].1.iter().filter_map(|change| match change {
            Change::Put(_, key, _) => Some(&**key),
            _ => None,
        });
        puts.filter(|key| ![OPEN_KEY, META_KEY].contains(key)).collect()
    }
}

fn other() -> CommitFailure {
    CommitFailure::Other("the disk is on fire".to_owned())
}

#[test]
fn a_commit_that_nobody_answers_is_told_after_ten_seconds() {
    let mut rig = Rig::new();
    rig.put("a");
    rig.pass(9);
    assert!(rig.stalls.is_empty() && !rig.journal.is_stuck());
    rig.pass(1);
    assert_eq!((rig.stalls.len(), rig.stalls[0].unanswered), (1, Millis::from_secs(10)));
    assert!(rig.journal.is_stuck());
}

#[test]
fn each_change_is_kept_once_however_long_a_commit_hangs() {
    let mut rig = Rig::new();
    rig.put("a");
    for second in 0..3_600 {
        rig.put(&format!("later/{second}"));
        rig.put("again");
        rig.pass(1);
    }
    assert!(rig.commits.len() <= MOST_COMMITS_AN_HOUR, "{} commits", rig.commits.len());
    let changes: usize = rig.commits.iter().map(|(_, changes)| changes.len()).sum();
    assert!(changes <= 3 * rig.commits.len(), "{changes} changes in {} commits", rig.commits.len());
    assert!(rig.reopened > 0, "the database is opened again");
    assert_eq!(rig.journal.waiting().0, 3_601, "what came later waits, each change once");
}

/// A batch is begun four times.
const MOST_COMMITS_AN_HOUR: usize = 4;

#[test]
fn a_late_success_of_any_try_is_believed() {
    for answered in 0..3 {
        let mut rig = Rig::new();
        let (first, second) = (rig.put("a"), rig.put("b"));
        rig.pass(45);
        assert_eq!(rig.commits.len(), 3);
        assert!(rig.commit(answered), "try {answered}");
        assert!(rig.journal.is_durable(first) && !rig.journal.is_durable(second) && !rig.journal.is_stuck());
        assert_eq!(rig.keys(3), ["b"], "the next batch is under way");
        assert!(rig.commit(3) && rig.journal.is_idle());
        assert!(!rig.commit((answered + 1) % 3), "what the other tries say is no news");
    }
}

#[test]
fn commits_that_succeed_after_35_seconds_get_on() {
    let mut rig = Rig::new();
    let batches: Vec<Batch> = (0..10).map(|number| rig.put(&format!("{number}"))).collect();
    for number in 10..20 {
        let newest = rig.commits.len() - 1;
        rig.pass(35);
        // The storage has done the first try only; what was begun after it adds to its work.
        assert!(rig.commit(newest), "{number}");
        rig.put(&format!("{number}"));
    }
    assert!(batches.iter().all(|batch| rig.journal.is_durable(*batch)));
    assert!(rig.commits.len() <= 13, "{} commits for eleven batches", rig.commits.len());
}

#[test]
fn the_engine_is_restarted_where_a_database_opened_again_does_not_help_and_not_again_soon() {
    let mut rig = Rig::new();
    rig.put("a");
    rig.pass(119);
    assert!(rig.stalls.iter().all(|stall| !stall.restart));
    rig.pass(60);
    assert_eq!(rig.stalls.iter().filter(|stall| stall.restart).count(), 1);
    let mut next = Rig::new();
    next.journal.keep_engine_after_restart(next.now);
    next.put("a");
    next.pass(590);
    assert!(next.stalls.iter().all(|stall| !stall.restart), "{:?}", next.stalls);
    next.pass(120);
    assert_eq!(next.stalls.iter().filter(|stall| stall.restart).count(), 1);
}

#[test]
fn a_refusal_of_an_older_try_says_nothing_about_the_newest() {
    let mut rig = Rig::new();
    let batch = rig.put("a");
    rig.pass(25);
    assert_eq!(rig.commits.len(), 2);
    assert_eq!(rig.refuse(0, &other()), None);
    assert!(!rig.journal.is_failing());
    assert!(rig.commit(1) && rig.journal.is_durable(batch));
}

#[test]
fn a_refused_batch_is_tried_again_as_it_was() {
    let mut rig = Rig::new();
    rig.put("a");
    assert!(matches!(rig.refuse(0, &other()), Some(Diagnosis::StorageFailing { .. })));
    rig.put("b");
    rig.pass(2);
    assert_eq!((rig.keys(1), rig.reopened), (vec!["a"], 0));
    rig.refuse(1, &other());
    rig.pass(4);
    assert_eq!((rig.keys(2), rig.reopened), (vec!["a"], 1), "refused twice, the database is opened again");
    assert!(rig.commit(2));
    assert_eq!(rig.keys(3), ["b"]);
}

#[test]
fn a_clear_waits_for_no_commit_that_hangs_or_was_refused() {
    let mut hanging = Rig::new();
    hanging.put("a");
    hanging.pass(12);
    hanging.journal.clear();
    hanging.flush();
    assert_eq!((hanging.commits.len(), hanging.reopened), (2, 1));
    assert!(hanging.commits[1].1.contains(&Change::Clear(Store::Journal)) && hanging.keys(1).is_empty());
    let mut refused = Rig::new();
    refused.put("a");
    refused.refuse(0, &other());
    refused.journal.clear();
    refused.flush();
    assert!(refused.commits[1].1.contains(&Change::Clear(Store::Journal)));
}

#[test]
fn a_database_that_cannot_be_written_is_deleted_where_all_in_it_is_to_go() {
    let mut rig = Rig::new();
    let batch = rig.journal.clear();
    rig.flush();
    rig.refuse(0, &other());
    assert_eq!(rig.deleted, 0);
    rig.pass(2);
    assert_eq!((rig.commits.len(), rig.deleted), (2, 1));
    assert!(rig.commit(1) && rig.journal.is_durable(batch));
    rig.put("a");
    rig.refuse(2, &other());
    rig.pass(2);
    assert_eq!((rig.commits.len(), rig.deleted), (4, 1), "and never otherwise");
}

#[test]
fn the_count_of_open_cards_is_that_of_the_batch_and_names_those_that_wait() {
    let mut rig = Rig::new();
    for number in 0..300 {
        rig.journal.next_group();
        rig.journal.put_card(format!("{CARD_PREFIX}{number}"), &1_u64, Mark::New);
    }
    let counted = |rig: &Rig, at: usize| -> Option<OpenCards> {
        rig.commits[at].1.iter().find_map(|change| match change {
            Change::Put(_, key, text) if key == OPEN_KEY => decode(text).ok(),
            _ => None,
        })
    };
    rig.flush();
    assert_eq!(counted(&rig, 0), Some(OpenCards { stored: 256, unsaved: 44 }));
    assert_eq!(rig.journal.unsaved(), 300);
    rig.commit(0);
    assert_eq!(counted(&rig, 1), Some(OpenCards { stored: 300, unsaved: 0 }));
    rig.commit(1);
    rig.put("no card");
    assert_eq!(counted(&rig, 2), None, "it is not written where nothing changed");
    rig.commit(2);
    rig.journal.delete(format!("{CARD_PREFIX}7"));
    rig.flush();
    assert_eq!(counted(&rig, 3), Some(OpenCards { stored: 299, unsaved: 0 }));
}

#[test]
fn a_batch_that_makes_room_removes_the_count_because_it_cannot_rewrite_it() {
    let mut rig = Rig::new();
    rig.journal.put_card(format!("{CARD_PREFIX}1"), &1_u64, Mark::New);
    rig.flush();
    rig.commit(0);
    rig.journal.delete(format!("{CARD_PREFIX}1"));
    rig.put("a");
    assert_eq!(rig.refuse(1, &CommitFailure::QuotaExceeded), Some(Diagnosis::StorageFull));
    rig.pass(2);
    assert!(rig.commits[2].1.contains(&Change::Delete(Store::Journal, OPEN_KEY.to_owned())), "{:?}", rig.commits[2]);
    assert!(rig.commits[2].1.iter().all(|change| !matches!(change, Change::Put(..))));
}

#[test]
fn after_damage_to_the_record_about_it_the_history_is_counted_from_there() {
    let mut rig = Rig::new();
    rig.journal.meta = Meta::after_damage(Millis(1_771_320_600_000));
    let first = rig.journal.meta.history;
    for _ in 0..100 {
        rig.journal.log(&1_u64);
        rig.journal.trim_history(100, rig.now, Millis::from_mins(60));
    }
    assert_eq!(rig.journal.meta.history_removed, 0, "what is older is unknown, and stays");
    rig.journal.log(&1_u64);
    rig.journal.trim_history(100, rig.now, Millis::from_mins(60));
    assert_eq!(rig.journal.meta.history_removed, first + 11, "the log is full by what is newer alone");
}

/// The history entries that a commit writes.
fn logged(rig: &Rig, at: usize) -> usize {
    let is_entry = |change: &&Change| matches!(change, Change::Put(Store::History, ..));
    rig.commits.get(at).map_or(0, |(_, changes)| changes.iter().filter(is_entry).count())
}

#[test]
fn no_card_waits_for_an_entry_of_the_history() {
    let mut rig = Rig::new();
    let number = rig.journal.log_card(&1_u64);
    rig.put("card/1/r");
    assert_eq!(logged(&rig, 0), 0, "the card goes first");
    rig.commit(0);
    rig.journal.relog_card(number, &2_u64);
    rig.journal.log_card(&3_u64);
    rig.put("card/2/r");
    rig.commit(1);
    assert_eq!((rig.commits.len(), logged(&rig, 1)), (2, 0));
    rig.pass(1);
    assert_eq!((rig.commits.len(), logged(&rig, 2)), (3, 2), "each entry once, in one commit");
    rig.commit(2);
    assert_eq!(rig.journal.next_deadline(), None);
}

#[test]
fn an_entry_of_the_history_is_written_at_once_while_somebody_looks() {
    let mut rig = Rig::new();
    rig.journal.is_watched = true;
    rig.journal.log_card(&1_u64);
    rig.put("card/1/r");
    rig.commit(0);
    assert_eq!(logged(&rig, 1), 1);
}

#[test]
fn entries_of_the_history_are_written_although_cards_never_pause() {
    let mut rig = Rig::new();
    rig.journal.log_card(&1_u64);
    for number in 0..60 {
        rig.put(&format!("card/{number}/r"));
        rig.commit(number);
        rig.now = rig.now.plus(Millis(100));
    }
    let written: usize = (0..60).map(|at| logged(&rig, at)).sum();
    assert_eq!(written, 1, "after five seconds at the latest");
}
