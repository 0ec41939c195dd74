//! A backlog of cards, a server with a limit, and a worker that is killed while it sends.

use std::cell::Cell;
use std::rc::Rc;

use crate::rig::{Post, Reply, Rig, START, limited, status};

const CARDS: usize = 300;
const RATE: f64 = 10.0;

/// A bucket of `rate` cards a second, which saves up one second's worth. A test may change the rate.
fn bucket(rate: &Rc<Cell<f64>>) -> impl FnMut(&Post) -> Reply + 'static {
    let rate = rate.clone();
    let (mut tokens, mut since) = (rate.get(), START);
    move |post| {
        tokens = (tokens + (post.at - since) as f64 / 1_000.0 * rate.get()).min(rate.get());
        since = post.at;
        if tokens < 1.0 {
            return limited(1);
        }
        tokens -= 1.0;
        status(201)
    }
}

/// A backlog of cards that are due at once.
fn backlog(cards: usize, rate: &Rc<Cell<f64>>) -> Rig {
    let mut rig = Rig::new("", bucket(rate));
    rig.unhappy((0..cards).map(|number| format!("i-{number}")));
    rig
}

fn refused(rig: &Rig) -> usize {
    rig.posts.len() - rig.taken.len()
}

#[test]
fn the_next_worker_goes_on_with_the_limit_that_was_learnt() {
    let mut rig = backlog(CARDS, &Rc::new(Cell::new(RATE)));
    rig.run_for(12_000);
    let (learnt, taken) = (refused(&rig), rig.taken.len());
    rig.kill();
    rig.run_for(3_000);
    let (after, refused) = ((rig.taken.len() - taken) as f64 / 3.0, refused(&rig) - learnt);
    assert!((0.7 * RATE..=1.4 * RATE).contains(&after), "{after}/s of {RATE}/s");
    assert!(refused <= 8, "{refused} refused in 3 s: two volleys, and not one for each second");
}

#[test]
fn a_limit_that_was_lifted_is_left_behind_by_workers_that_live_for_seconds() {
    let rate = Rc::new(Cell::new(2.0));
    let mut rig = backlog(600, &rate);
    rig.run_for(20_000);
    assert!(rig.taken.len() < 60, "{} taken", rig.taken.len());
    rate.set(1_000.0);
    for life in [2_000, 3_000, 2_500, 2_000] {
        rig.run_for(life);
        rig.kill();
    }
    assert_eq!(rig.taken.len(), 600, "10 s after the limit was lifted");
}

#[test]
fn workers_that_live_for_seconds_deliver_a_backlog_in_about_the_time_that_the_limit_needs() {
    let mut rig = backlog(CARDS, &Rc::new(Cell::new(RATE)));
    for life in [3_000, 4_300, 3_700, 5_000].into_iter().cycle().take(12) {
        rig.run_for(life);
        rig.kill();
    }
    assert_eq!(rig.taken.len(), CARDS);
    let last = rig.taken.values().max().unwrap() - START;
    assert!((last as f64) < 1.25 * 1_000.0 * CARDS as f64 / RATE, "{last} ms");
    let repeats = 4 * 12;
    assert!(refused(&rig) < repeats + rig.posts.len() / 5, "{} of {} refused", refused(&rig), rig.posts.len());
}

#[test]
fn what_is_known_of_the_server_is_written_with_what_is_written_anyway_and_only_where_it_refused() {
    let rate = Rc::new(Cell::new(RATE));
    let mut rig = backlog(5, &rate);
    rig.run_for(1_000);
    assert!(rig.notes.is_empty() && rig.taken.len() == 5, "the server refused nothing");
    let mut rig = backlog(CARDS, &rate);
    rig.run_for(60_000);
    assert_eq!(rig.taken.len(), CARDS);
    let alone = rig.notes.iter().filter(|with_a_card| !**with_a_card).count();
    assert!(alone <= refused(&rig), "{alone} of {} commits for the pace alone", rig.notes.len());
    let (key, hold) = rig.host.stored.journal.iter().find(|(key, _)| key.starts_with("hold/")).unwrap();
    assert!(hold.len() < 700, "{key} takes {} bytes: {hold}", hold.len());
}
