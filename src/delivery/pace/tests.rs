//! The table of the contract (*Pace*), each row beside the plain client.

use super::bench::{Limit, Plain, Report, Run, SECOND, run};
use super::*;

const SEEDS: std::ops::RangeInclusive<u64> = 1..=5;

/// Cards that are due at once at a server that takes 40 ms or less, and nothing kills the worker.
fn backlog(limit: Limit, rate: f64, seconds: u32) -> Run {
    let cards = (rate * f64::from(seconds)) as usize;
    Run { limit, rate, cards, every: 0, latency: 5_000, lateness: 4_000, kills: false, seed: 1 }
}

/// Cards that come due one by one, each 40 ms there and back.
fn traffic(limit: Limit, per_second: u64, seconds: u64) -> Run {
    let (every, cards) = (SECOND / per_second, (per_second * seconds) as usize);
    Run { limit, rate: 1.0, cards, every, latency: 40_000, lateness: 4_000, kills: false, seed: 1 }
}

/// All seeds of a run as one.
fn whole<C: super::bench::Client>(world: Run) -> Report {
    whole_of::<C>(world, SEEDS)
}

fn whole_of<C: super::bench::Client>(world: Run, seeds: std::ops::RangeInclusive<u64>) -> Report {
    let (mut all, count) = (Report::default(), *seeds.end() as f64);
    for seed in seeds {
        let one = run::<C>(Run { seed, ..world });
        all.took.extend(one.took);
        all.makespan += one.makespan / count;
        all.sent += one.sent;
        all.refused += one.refused;
        all.left += one.left;
    }
    all
}

/// At most 1.2 times as late as the plain client, and what a person cannot notice.
fn no_later_than_plain(world: Run) -> Report {
    no_later_than_plain_of(world, SEEDS)
}

fn no_later_than_plain_of(world: Run, seeds: std::ops::RangeInclusive<u64>) -> Report {
    let (ours, plain) = (whole_of::<Pace>(world, seeds.clone()), whole_of::<Plain>(world, seeds));
    for share in [0.5, 0.95] {
        let (ours, plain) = (ours.quantile(share), plain.quantile(share));
        assert!(ours <= 1.2 * plain + 0.05, "{world:?}: {share} {ours:.3} s, the plain client {plain:.3} s");
    }
    let (ours_all, plain_all) = (ours.makespan, plain.makespan);
    assert!(ours_all <= 1.2 * plain_all, "{world:?}: all {ours_all:.1} s, the plain client {plain_all:.1} s");
    ours
}

#[test]
fn a_bucket_or_a_window_is_used_up_and_rarely_refuses() {
    for limit in [Limit::Bucket(1.0), Limit::Fixed, Limit::Sliding] {
        for rate in [5.0, 10.0, 20.0, 50.0] {
            for (seconds, most) in [(15, 0.10), (100, 0.05)] {
                let world = backlog(limit, rate, seconds);
                let report = no_later_than_plain(world);
                let (time, share) = (report.makespan / f64::from(seconds), report.refused_share());
                assert!(time <= 1.10, "{world:?}: {time:.2} × N/R");
                assert!(share < most, "{world:?}: {share:.3} refused");
            }
        }
    }
}

#[test]
fn no_limit_is_served_later_than_by_the_plain_client_however_slow_the_network_is() {
    for limit in [Limit::Bucket(1.0), Limit::Bucket(3.0), Limit::Fixed, Limit::Sliding] {
        for latency in [20_000, 80_000] {
            for rate in [5.0, 20.0, 50.0] {
                no_later_than_plain(Run { latency, ..backlog(limit, rate, 15) });
            }
        }
    }
}

#[test]
fn an_unknown_server_gets_one_request_each_ten_milliseconds_however_late_a_busy_worker_looks() {
    let mut pace = Pace::default();
    pace.on_sent(Millis(1_000), true);
    assert_eq!(pace.next_send(Millis(1_001), 1), Millis(1_010));
    assert_eq!(pace.next_send(Millis(1_001), 0), Millis::ZERO, "the one before was answered");
    for in_flight in 1..4 {
        assert!(pace.next_send(Millis(1_060), in_flight) <= Millis(1_060));
        pace.on_sent(Millis(1_060), true);
    }
    pace.on_sent(Millis(1_060), true);
    pace.on_sent(Millis(1_060), true);
    assert_eq!(pace.next_send(Millis(1_060), 1), Millis(1_060), "the sixth turn came at 1 060");
    pace.on_sent(Millis(1_060), true);
    assert_eq!(pace.next_send(Millis(1_060), 1), Millis(1_070));
}

#[test]
fn a_limit_of_two_cards_is_served_no_later_than_by_the_plain_client_over_a_slow_network() {
    for limit in [Limit::Bucket(1.0), Limit::Fixed, Limit::Sliding] {
        for latency in [5_000, 40_000, 150_000] {
            no_later_than_plain_of(Run { latency, ..backlog(limit, 2.0, 100) }, 1..=10);
        }
    }
}

#[test]
fn a_server_that_refuses_requests_side_by_side_is_served_no_later_than_by_the_plain_client() {
    for most in [1, 2, 3] {
        for latency in [40_000, 100_000, 400_000] {
            no_later_than_plain(Run { latency, cards: 300, ..backlog(Limit::Abreast(most), 1.0, 1) });
        }
    }
}

#[test]
fn a_gap_between_cards_that_a_server_took_and_then_refuses_is_believed_no_longer() {
    // A seed in twenty has three cycles of one card in a row.
    no_later_than_plain_of(traffic(Limit::Random(0.20), 4, 60), 1..=20);
}

#[test]
fn a_server_without_a_limit_is_served_as_soon_as_by_the_plain_client_from_the_first_card_on() {
    for latency in [5_000, 40_000, 200_000, 2_000_000] {
        for cards in [1, 4, 10, 100] {
            let world = Run { latency, cards, ..backlog(Limit::Random(0.0), 1.0, 1) };
            let (ours, plain) = (whole::<Pace>(world), whole::<Plain>(world));
            let all = (ours.makespan, plain.makespan);
            assert!(all.0 <= 1.2 * all.1 + 0.1, "{world:?}: {:.2} s, the plain client {:.2} s", all.0, all.1);
            assert!(ours.quantile(0.5) <= 1.2 * plain.quantile(0.5) + 0.1, "{world:?}");
        }
    }
}

#[test]
fn timers_that_fire_late_do_not_slow_the_pace_from_one_test_of_the_limit_to_the_next() {
    for limit in [Limit::Bucket(1.0), Limit::Fixed, Limit::Sliding] {
        for rate in [5.0, 20.0] {
            let report = no_later_than_plain(Run { lateness: 60_000, ..backlog(limit, rate, 100) });
            let time = report.makespan / 100.0;
            assert!(time <= 1.15, "{limit:?} of {rate} cards/s: {time:.2} × N/R");
        }
    }
}

#[test]
fn a_server_that_saves_up_one_card_is_not_asked_once_a_second_for_ever() {
    for rate in [5.0, 10.0, 20.0, 50.0] {
        for seconds in [15, 100] {
            let report = whole::<Pace>(backlog(Limit::Bucket(0.0), rate, seconds));
            let time = report.makespan / f64::from(seconds);
            assert!(time <= 2.5, "{rate} cards/s for {seconds} s: {time:.2} × N/R");
        }
    }
}

#[test]
fn refusals_that_our_rate_did_not_cause_do_not_slow_us() {
    for (share, per_second) in [(0.01, 8), (0.03, 8), (0.05, 8), (0.10, 4), (0.03, 2)] {
        for kills in [false, true] {
            no_later_than_plain(Run { kills, ..traffic(Limit::Random(share), per_second, 300) });
        }
    }
}

#[test]
fn more_cards_than_a_server_takes_that_refuses_at_random_arrive_no_later_than_by_the_plain_client() {
    // About 7.5 cards a second get through: what a client adds to each refusal adds up. One seed in twenty believes in a
    // limit for a while, so that five say little.
    let world = traffic(Limit::Random(0.10), 8, 300);
    let (ours, plain) = (whole_of::<Pace>(world, 1..=20), whole_of::<Plain>(world, 1..=20));
    for share in [0.5, 0.95] {
        let (ours, plain) = (ours.quantile(share), plain.quantile(share));
        assert!(ours <= plain, "{share}: {ours:.3} s, the plain client {plain:.3} s");
    }
}

#[test]
fn what_others_leave_of_a_bucket_is_used() {
    for rate in [5.0, 20.0] {
        for kills in [false, true] {
            let report = no_later_than_plain(Run { kills, ..backlog(Limit::Shared, rate, 40) });
            let used = f64::from(report.sent - report.refused) / report.left;
            assert!(used >= 0.8, "{rate} cards/s: {used:.2} of what others left");
        }
    }
}

#[test]
fn the_full_pace_is_back_soon_after_a_limit_is_lifted() {
    let world = Run { cards: 300, ..backlog(Limit::Lifted(20), 5.0, 60) };
    let report = no_later_than_plain(world);
    assert!(report.makespan <= 30.0, "all taken after {:.1} s, lifted after 20 s", report.makespan);
}

#[test]
fn a_worker_killed_each_two_to_three_seconds_is_no_more_than_half_as_slow_again() {
    for limit in [Limit::Bucket(1.0), Limit::Fixed, Limit::Sliding, Limit::Bucket(0.0)] {
        for rate in [5.0, 20.0] {
            let world = backlog(limit, rate, 15);
            let (calm, killed) = (whole::<Pace>(world), no_later_than_plain(Run { kills: true, ..world }));
            // Spacing is found by a worker only if it lives long enough; the plain client's time bounds it above.
            if limit != Limit::Bucket(0.0) {
                assert!(
                    killed.makespan <= 1.5 * calm.makespan,
                    "{world:?}: {} s, {} s",
                    killed.makespan,
                    calm.makespan
                );
            }
        }
    }
}

#[test]
fn refusals_in_a_row_back_off_although_the_server_asks_for_no_wait() {
    let (mut pace, mut now, mut posts) = (Pace::default(), Millis::from_secs(1_000), 0);
    let end = now.plus(Millis::from_secs(20));
    while now < end {
        pace.on_sent(now, true);
        pace.on_limited(now, Millis::ZERO);
        now = pace.next_send(now, 0).max(now.plus(Millis(1)));
        posts += 1;
    }
    assert!(posts <= 10, "{posts} posts");
    assert!(pace.hold_until().since(now) <= LONGEST_BACKOFF);
}

#[test]
fn a_shorter_wait_never_shortens_the_one_that_lasts() {
    let mut pace = Pace::default();
    let now = Millis::from_secs(1_000);
    pace.on_sent(now, true);
    pace.on_sent(now, true);
    pace.on_limited(now, Millis::from_secs(7));
    pace.on_limited(now, Millis::from_secs(1));
    assert_eq!(pace.next_send(now, 0), now.plus(Millis::from_secs(7)));
}

#[test]
fn what_was_stored_by_a_clock_that_was_ahead_waits_no_longer_than_any_server_may_ask() {
    let ahead = Millis::from_secs(1_000_000);
    let mut pace = Pace::default();
    for _ in 0..4 {
        pace.on_sent(ahead, true);
        pace.on_accepted(ahead);
        pace.on_sent(ahead, true);
        pace.on_limited(ahead, Millis::from_secs(30));
    }
    let (now, longest) = (Millis::from_secs(1_000), Millis::from_secs(3_600));
    pace.resume(now, longest);
    assert!(pace.next_send(now, 0) <= now.plus(longest));
}

#[test]
fn a_pace_stored_by_the_first_version_still_keeps_its_wait() {
    let stored = r#"{"holdUntil":90000,"bracket":null,"progress":{"sending":5,"heldBack":1},"due":12.5,"asOf":1000}"#;
    let mut pace: Pace = serde_json::from_str(stored).unwrap();
    pace.resume(Millis(60_000), Millis::from_secs(3_600));
    assert_eq!(pace.next_send(Millis(60_000), 0), Millis(90_000));
}

/// Cycles of six cards, each ended by a refusal; `stopped` says that something else stops each for a quarter of a minute.
fn learnt_from_cycles(stopped: bool) -> Option<super::Limit> {
    let (mut pace, mut now) = (Pace::default(), Millis(1_000));
    for _ in 0..12 {
        for card in 0..7 {
            now = now.plus(Millis(50));
            pace.on_sent(now, true);
            match card {
                6 => pace.on_limited(now, Millis(1_000)),
                _ => pace.on_accepted(now),
            }
            if card == 3 && stopped {
                pace.interrupt();
                now = now.plus(Millis::from_secs(15));
            }
        }
        now = now.plus(Millis(1_000));
    }
    pace.limit
}

#[test]
fn a_cycle_in_which_a_sign_in_stopped_the_cards_teaches_no_limit() {
    assert!(matches!(learnt_from_cycles(false), Some(super::Limit::Quota(_))), "cycles that agree suggest one");
    assert!(learnt_from_cycles(true).is_none());
}
