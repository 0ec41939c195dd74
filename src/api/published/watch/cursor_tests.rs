use std::ops::Range;

use super::*;
use serde_json::json;

const EVERY: fn(u32) -> Millis = |_| Millis::from_mins(5);
const KEY: [&str; 1] = ["contactId"];

fn page(ids: Range<u64>, total: Option<u64>, polled_at: &str) -> Page {
    let rows = ids.map(|id| json!({ "contactId": id + 1 })).collect();
    Page { rows, total, polled_at: Some(polled_at.to_owned()), ..Page::default() }
}

#[test]
fn a_whole_list_is_read_to_its_end_and_then_only_what_changed() {
    let mut cursor = Cursor::default();
    assert_eq!(cursor.query(Millis(0), EVERY), "top=100&skip=0");
    let half = cursor.turn(&page(0..50, Some(80), "a b"), &KEY);
    assert_eq!(half, Turned::Next, "a server may give half of what is asked for");
    assert_eq!(cursor.query(Millis(1), EVERY), "top=100&skip=40", "pages overlap");
    assert_eq!(cursor.turn(&page(40..80, Some(80), "later"), &KEY), Turned::End(Kind::Whole));
    assert_eq!(cursor.query(Millis(2), EVERY), "top=100&skip=0&updatedSince=a%20b", "of the first page");
    assert_eq!(cursor.turn(&Page::default(), &KEY), Turned::End(Kind::Changes));
    assert_eq!(cursor.query(Millis(300_000), EVERY), "top=100&skip=0", "and at times whole again");
    assert_eq!(cursor.known_until, Some(Millis(2)));
}

#[test]
fn a_list_without_a_count_ends_with_a_page_that_brings_nothing_new() {
    let mut cursor = Cursor::default();
    cursor.query(Millis(0), EVERY);
    let next = |ids| Page { has_next: true, ..page(ids, None, "a") };
    assert_eq!(cursor.turn(&next(0..100), &KEY), Turned::Next);
    assert_eq!(cursor.turn(&next(90..100), &KEY), Turned::End(Kind::Whole), "although the server names a next page");
}

#[test]
fn a_server_that_never_comes_to_an_end_is_not_asked_for_ever() {
    let mut cursor = Cursor::default();
    cursor.query(Millis(0), EVERY);
    let mut next = |_: &u64| cursor.turn(&page(0..100, Some(u64::MAX), "a"), &KEY) == Turned::Next;
    assert_eq!((0..).take_while(|turn| next(turn)).count(), 399);
}

/// Reads a list of which rows go between two pages. The ids that were read, and the end.
fn read(mut list: Vec<u64>, page_size: usize, goes: impl Fn(usize) -> Range<usize>) -> (Vec<u64>, Kind) {
    let (mut cursor, mut seen) = (Cursor::default(), Vec::new());
    for turn in 0..1_000 {
        let query = cursor.query(Millis(turn), EVERY);
        let skip: usize = query.split("skip=").nth(1).and_then(|text| text.parse().ok()).expect("a whole list");
        let rows: Vec<u64> = list.iter().skip(skip).take(page_size).copied().collect();
        seen.extend(&rows);
        let rows = rows.iter().map(|id| json!({ "contactId": id })).collect();
        let page = Page { rows, total: Some(list.len() as u64), ..Page::default() };
        if let Turned::End(kind) = cursor.turn(&page, &KEY) {
            return (seen, kind);
        }
        let gone = goes(usize::try_from(turn).expect("small"));
        list.drain(gone.start.min(list.len())..gone.end.min(list.len()));
    }
    panic!("the list has no end");
}

#[test]
fn a_row_that_moves_to_a_page_that_was_read_is_read_all_the_same() {
    for page_size in [100, 50, 7, 2] {
        let many: Vec<u64> = (1..=200).collect();
        let (seen, kind) = read(many.clone(), page_size, |turn| 0..usize::from(turn % 8 == 0));
        let left = || many.iter().filter(|id| **id > 100);
        assert!(left().all(|id| seen.contains(id)), "pages of {page_size}");
        assert_eq!(kind, Kind::Whole, "pages of {page_size}");
    }
}

#[test]
fn a_border_at_which_many_rows_went_is_read_again() {
    let many: Vec<u64> = (1..=500).collect();
    let (seen, kind) = read(many, 100, |turn| 0..if turn == 1 { 60 } else { 0 });
    assert_eq!(kind, Kind::Whole);
    assert!((61..=500).all(|id| seen.contains(&id)), "the rows behind the border, too");
}

#[test]
fn a_list_whose_pages_do_not_join_is_not_whole() {
    let many: Vec<u64> = (1..=2_000).collect();
    assert_eq!(read(many, 100, |_| 0..60).1, Kind::Holed);
    let single: Vec<u64> = (1..=9).collect();
    assert_eq!(read(single.clone(), 1, |turn| 0..usize::from(turn == 3)).1, Kind::Whole, "the border was read again");
    assert_eq!(read(single, 1, |_| 0..1).1, Kind::Holed, "pages of a single row tell by their count");
}

#[test]
fn changes_that_may_have_slipped_by_are_asked_for_once_more() {
    let mut cursor = Cursor::default();
    cursor.query(Millis(0), EVERY);
    assert_eq!(cursor.turn(&page(0..1, Some(1), "first"), &KEY), Turned::End(Kind::Whole));
    assert!(cursor.query(Millis(10), EVERY).ends_with("updatedSince=first"));
    assert_eq!(cursor.turn(&page(0..100, Some(300), "second"), &KEY), Turned::Next);
    let mut ids = 500;
    let end = loop {
        cursor.query(Millis(11), EVERY);
        ids += 200;
        if let Turned::End(kind) = cursor.turn(&page(ids..ids + 100, Some(300), "third"), &KEY) {
            break kind;
        }
    };
    assert_eq!((end, cursor.known_until), (Kind::Changes, Some(Millis(0))));
    assert!(cursor.query(Millis(20), EVERY).ends_with("updatedSince=first"), "since the same instant");
}
