use super::*;

fn key(name: &str) -> Key {
    (Store::Journal, name.to_owned())
}

fn set(queue: &mut Queue, name: &str, text: &str) -> Batch {
    queue.set(key(name), Some(text.to_owned()), Mark::None)
}

/// The records of the next batch, sorted.
fn take(queue: &mut Queue) -> (Batch, Vec<String>) {
    let Taken { through, puts, .. } = queue.take(Batch::default(), true);
    let text = |put: Put| format!("{}={}", put.key.1, put.text.unwrap_or_default());
    let mut texts: Vec<String> = puts.into_iter().map(text).collect();
    texts.sort_unstable();
    (through, texts)
}

#[test]
fn a_batch_takes_whole_groups_oldest_first_up_to_its_bounds() {
    let mut queue = Queue::default();
    let mut batches = Vec::new();
    for number in 0..200 {
        queue.next_group();
        for part in ["card", "fired", "log"] {
            batches.push(set(&mut queue, &format!("{part}/{number:03}"), "x"));
        }
    }
    let (through, first) = take(&mut queue);
    assert_eq!(first.len(), 255, "85 groups of three, and not a part of the next");
    assert!(first.contains(&"log/084=x".to_owned()) && !first.contains(&"card/085=x".to_owned()));
    assert!(batches[..255].iter().all(|batch| *batch <= through) && batches[255] > through);
    let (last, second) = take(&mut queue);
    assert_eq!((second.len(), queue.is_empty()), (345, true));
    assert!(batches.iter().all(|batch| *batch <= last));
}

#[test]
fn batches_double_while_they_leave_groups_behind_and_begin_small_with_the_next_burst() {
    let mut queue = Queue::default();
    for _burst in 0..2 {
        for number in 0..4_000 {
            queue.next_group();
            set(&mut queue, &format!("card/{number:04}"), "x");
        }
        let sizes: Vec<usize> =
            std::iter::from_fn(|| Some(take(&mut queue).1.len()).filter(|size| *size > 0)).collect();
        assert_eq!(sizes, [256, 512, 1_024, 1_024, 1_024, 160]);
    }
    for number in 0..10 {
        queue.next_group();
        set(&mut queue, &format!("heavy/{number}"), &"x".repeat(MOST_BYTES / 2 - 100));
    }
    let sizes: Vec<usize> = std::iter::from_fn(|| Some(take(&mut queue).1.len()).filter(|size| *size > 0)).collect();
    assert_eq!(sizes, [2, 4, 4], "bytes double beside records");
}

#[test]
fn a_group_larger_than_a_batch_is_written_whole() {
    let mut queue = Queue::default();
    let heavy = "x".repeat(MOST_BYTES);
    for number in 0..2 * MOST_RECORDS {
        set(&mut queue, &format!("{number}"), "x");
    }
    queue.next_group();
    set(&mut queue, "heavy", &heavy);
    assert_eq!(take(&mut queue).1.len(), 2 * MOST_RECORDS);
    assert_eq!(take(&mut queue).1.len(), 1);
}

#[test]
fn a_change_to_a_record_that_waits_is_written_once_and_with_all_that_belongs_to_either() {
    let mut queue = Queue::default();
    set(&mut queue, "card/a", "1");
    let first = set(&mut queue, "fired/a", "1");
    for number in 0..300 {
        queue.next_group();
        set(&mut queue, &format!("other/{number:03}"), "x");
    }
    queue.next_group();
    set(&mut queue, "log/a", "2");
    let last = set(&mut queue, "card/a", "2");
    let (through, texts) = take(&mut queue);
    for text in ["card/a=2", "fired/a=1", "log/a=2"] {
        assert!(texts.contains(&text.to_owned()), "{text}");
    }
    assert!(first <= through && last > through, "an earlier number is durable, the newest is not said to be");
    assert_eq!(queue.size().0, 303 - texts.len(), "and no record waits twice");
}

#[test]
fn the_state_of_a_destination_joins_no_groups() {
    let mut queue = Queue::default();
    for number in 0..100 {
        queue.next_group();
        for part in ["card", "fired", "log"] {
            set(&mut queue, &format!("{part}/{number}"), "x");
        }
        set(&mut queue, "hold/https://acme.cxone.com", &number.to_string());
    }
    let (_, texts) = take(&mut queue);
    assert_eq!(texts.len(), 256, "85 groups and the newest state");
    assert!(texts.contains(&"hold/https://acme.cxone.com=99".to_owned()));
}

#[test]
fn what_is_given_back_comes_first_again_and_under_what_changed_meanwhile() {
    let mut queue = Queue::default();
    set(&mut queue, "card/a", "1");
    let first = set(&mut queue, "fired/a", "1");
    let taken = queue.take(Batch::default(), true);
    queue.next_group();
    set(&mut queue, "card/b", "1");
    queue.next_group();
    set(&mut queue, "card/a", "2");
    set(&mut queue, "log/a", "2");
    queue.give_back(taken);
    let (through, texts) = take(&mut queue);
    assert_eq!(texts, ["card/a=2", "card/b=1", "fired/a=1", "log/a=2"]);
    assert!(first <= through && queue.is_empty());
}

#[test]
fn cards_that_were_never_written_are_counted_until_they_are() {
    let mut queue = Queue::default();
    queue.set(key("card/a"), Some("1".to_owned()), Mark::New);
    queue.set(key("card/a"), Some("2".to_owned()), Mark::Open);
    queue.next_group();
    queue.set(key("card/b"), Some("1".to_owned()), Mark::New);
    queue.set(key("card/c"), Some("1".to_owned()), Mark::Open);
    assert_eq!(queue.new_cards(), 2);
    queue.set(key("card/b"), None, Mark::None);
    assert_eq!(queue.new_cards(), 1);
    let taken = queue.take(Batch::default(), true);
    assert_eq!(queue.new_cards(), 0);
    queue.give_back(taken);
    assert_eq!(queue.new_cards(), 1);
    queue.clear();
    assert_eq!(queue.new_cards(), 0);
}

#[test]
fn history_that_is_removed_is_not_written_any_more() {
    let mut queue = Queue::default();
    for number in 1..=3 {
        queue.set((Store::History, history_key(number)), Some("x".to_owned()), Mark::None);
    }
    queue.remove_history_through(2);
    assert_eq!(take(&mut queue).1, [format!("{}=x", history_key(3))]);
}

#[test]
fn where_there_is_no_room_a_removal_waits_for_what_its_group_writes_unless_a_card_is_settled() {
    let mut queue = Queue::default();
    queue.set(key("moved/old"), None, Mark::None);
    set(&mut queue, "moved/new", "1");
    queue.next_group();
    queue.set(key("card/settled"), None, Mark::Settled);
    set(&mut queue, "fired/settled", "1");
    queue.next_group();
    queue.set(key("fired/forgotten"), None, Mark::None);
    let keys = |taken: &Taken| taken.puts.iter().map(|put| put.key.1.clone()).collect::<Vec<_>>();
    let taken = queue.take_removals(Batch::default());
    assert_eq!(keys(&taken), ["card/settled", "fired/forgotten"]);
    queue.give_back(taken);
    let (_, texts) = take(&mut queue);
    assert_eq!(texts, ["card/settled=", "fired/forgotten=", "fired/settled=1", "moved/new=1", "moved/old="]);
}

#[test]
fn a_removal_that_went_ahead_fills_no_place_in_a_later_batch() {
    let mut queue = Queue::default();
    for number in 0..MOST_RECORDS {
        queue.next_group();
        queue.set(key(&format!("card/{number}")), None, Mark::Settled);
        set(&mut queue, &format!("fired/{number}"), "1");
    }
    assert_eq!(queue.take_removals(Batch::default()).puts.len(), MOST_RECORDS);
    assert_eq!(take(&mut queue).1.len(), MOST_RECORDS);
}
