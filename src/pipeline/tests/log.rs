//! The activity log, as pages read it.

use super::*;
use crate::journal::history_key;
use crate::model::history::Entry;
use crate::views::log::LogPage;
use crate::views::protocol::Reply;

/// A pipeline whose store holds these numbers, with an entry that says when.
fn rig(numbers: &[u64]) -> Rig {
    let mut rig = Rig::streaming(r#""dryRun":true"#);
    let stored = |number: &u64| (history_key(*number), format!(r#"{{"kind":"started","at":{number}}}"#));
    rig.host.stored.history = numbers.iter().map(stored).collect();
    rig
}

/// The page's answer, with the store answering.
fn page(rig: &mut Rig, before: Option<u64>, limit: u32) -> LogPage {
    rig.feed(Input::Command(CommandId(7), Request::Log { before, limit }));
    let (id, before, limit) = rig.host.reads.pop().expect("the store is asked");
    let read = rig.host.stored.newest(before.as_deref(), limit);
    rig.feed(Input::HistoryRead(id, Ok(read)));
    match rig.host.replies.pop() {
        Some((CommandId(7), Reply::Log(page))) => page,
        other => panic!("{other:?}"),
    }
}

fn numbers(page: &LogPage) -> Vec<u64> {
    page.entries.iter().map(|one| one.number).collect()
}

#[test]
fn pages_follow_each_other_from_the_newest_to_an_empty_one_across_any_hole() {
    let mut rig = rig(&[1, 2, 3, 10, 2_000_000]);
    assert_eq!(numbers(&page(&mut rig, None, 2)), [2_000_000, 10]);
    assert_eq!(numbers(&page(&mut rig, Some(10), 2)), [3, 2]);
    assert_eq!(numbers(&page(&mut rig, Some(2), 2)), [1]);
    assert_eq!(numbers(&page(&mut rig, Some(1), 2)), Vec::<u64>::new());
    let entry = page(&mut rig, Some(4), 1).entries.remove(0).entry;
    assert_eq!(entry, Some(Entry::Started { at: Millis(3) }));
}

#[test]
fn no_page_is_longer_than_its_bound() {
    let all: Vec<u64> = (1..=600).collect();
    let mut rig = rig(&all);
    assert_eq!(page(&mut rig, None, u32::MAX).entries.len(), 500);
}

#[test]
fn reading_the_log_is_no_news_and_writes_nothing() {
    let mut rig = rig(&[1]);
    rig.feed(Input::PagesOpen(1));
    rig.commit();
    rig.tick();
    rig.commit();
    rig.host.wall = rig.host.wall.plus(Millis(300));
    rig.feed(Input::Tick);
    rig.host.effects.clear();
    page(&mut rig, None, 10);
    let told = rig.host.effects.iter().filter(|effect| matches!(effect, Effect::Publish | Effect::Commit { .. }));
    assert_eq!(told.count(), 0, "{:?}", rig.host.effects);
}

#[test]
fn a_log_that_cannot_be_read_says_why() {
    let mut rig = rig(&[]);
    rig.feed(Input::Command(CommandId(7), Request::Log { before: None, limit: 1 }));
    rig.feed(Input::HistoryRead(CommandId(7), Err("no disk".to_owned())));
    assert_eq!(rig.host.replies.pop(), Some((CommandId(7), Reply::Failed("no disk".to_owned()))));
}

#[test]
fn a_log_is_read_although_the_journal_cannot_be() {
    let mut rig = Rig::started(r#""dryRun":true"#, Err("damaged".to_owned()));
    rig.host.stored.history.insert(history_key(1), r#"{"kind":"started","at":1}"#.to_owned());
    assert_eq!(numbers(&page(&mut rig, None, 1)), [1]);
}
