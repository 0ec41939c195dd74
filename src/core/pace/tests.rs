use super::bench::{Fate, Limit, Report, SECOND, Server, World};
use super::*;

const BUCKET: Limit = Limit::Bucket(1.0);
const STRICT: Limit = Limit::Bucket(0.0);

const HOUR: Millis = Millis::from_secs(3_600);

/// Runs `needed` seconds' worth of cards, all due at once; latency and lateness are milliseconds.
fn run(limit: Limit, rate: u64, needed: u64, latency: u64, lateness: u64) -> Report {
    let cards = usize::try_from(rate * needed).unwrap();
    let mut world = World::new(Server::new(limit, rate as f64), latency * 1_000, lateness * 1_000);
    let report = world.run(cards, 10 * needed + 100);
    assert_eq!(report.accepted.len(), cards, "{limit:?} {rate}/s, {needed} s, latency {latency} ms");
    report
}

/// Every model and rate; gives the runs in which `is_fine` does not hold.
fn misses(latencies: &[(u64, u64)], is_fine: impl Fn(f64, f64, &Report) -> bool) -> Vec<String> {
    let mut misses = Vec::new();
    for limit in [BUCKET, Limit::Bucket(2.0), Limit::Fixed, Limit::Sliding] {
        for rate in [1, 2, 5, 10, 20, 50, 100] {
            for needed in [10, 20, 30, 60] {
                for &(latency, lateness) in latencies.iter().filter(|(latency, _)| rate * latency <= 1_000) {
                    let report = run(limit, rate, needed, latency, lateness);
                    if !is_fine(needed as f64, (rate * needed) as f64, &report) {
                        misses.push(format!(
                            "{limit:?} {rate}/s, {needed} s, {latency} ms, timers {lateness} ms late: {:.1} s, {:.1} % refused",
                            report.seconds,
                            report.refused_share() * 100.0
                        ));
                    }
                }
            }
        }
    }
    misses
}

#[test]
fn all_cards_are_taken_in_about_the_time_the_limit_needs_and_few_are_refused() {
    let misses = misses(&[(2, 0), (2, 4), (2, 10), (20, 0), (20, 4), (20, 10)], |needed, cards, report| {
        let one_wait = if needed <= 20.0 { 1.0 } else { 0.0 };
        report.seconds <= 1.10 * needed + one_wait && (cards < 40.0 || report.refused_share() < 0.05)
    });
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}

#[test]
fn far_servers_take_a_little_longer() {
    let misses = misses(&[(80, 4), (200, 4)], |needed, cards, report| {
        let share = if cards < 120.0 { 0.25 } else { 0.05 };
        report.seconds <= 1.30 * needed && report.refused_share() < share
    });
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}

#[test]
fn a_server_that_saves_up_nothing_is_found_out_by_trying() {
    for rate in [1, 2, 5, 10, 20, 50, 100] {
        for needed in [10, 60] {
            let report = run(STRICT, rate, needed, 2, 4);
            assert!(report.seconds <= 2.5 * needed as f64, "{rate}/s, {needed} s: {:.1} s", report.seconds);
        }
    }
}

#[test]
fn a_server_without_a_limit_is_not_held_back() {
    let mut world = World::new(Server::new(BUCKET, 1e9), 20_000, 4_000);
    let report = world.run(1_000, 60);
    assert_eq!(report.accepted.len(), 1_000);
    assert!(report.seconds < 1_000.0 * 0.030 / 4.0 + 1.0, "{}", report.seconds);
}

#[test]
fn after_a_wait_cards_go_one_by_one_and_not_as_a_burst() {
    let report = run(BUCKET, 20, 10, 20, 0);
    let resumed = report.refused[0] + 1.0;
    let after: Vec<f64> = report.sent.iter().copied().filter(|at| *at >= resumed).collect();
    let in_the_first_second = after.iter().filter(|at| **at < resumed + 1.0).count();
    assert!((10..=25).contains(&in_the_first_second), "{in_the_first_second}");
    assert!(after.windows(2).take(10).all(|pair| pair[1] - pair[0] > 0.02), "{after:?}");
}

#[test]
fn a_spell_of_refusals_is_probed_with_one_request_at_a_time_and_gone_on_from_when_it_ends() {
    let mut world = World::new(Server::new(BUCKET, 10.0), 20_000, 4_000);
    let learnt = world.run(100, 100);
    world.server.closed = vec![(world.now, world.now + 30 * SECOND, 1)];
    let report = world.run(200, 200);
    assert!(learnt.seconds < 11.0 && report.accepted.len() == 200);
    let during = report.sent.iter().filter(|at| **at < 30.0).count();
    assert!((20..=33).contains(&during), "{during} probes in 30 s of refusals with a wait of 1 s each");
    assert!(report.seconds < 30.0 + 22.0 + 3.0, "{}", report.seconds);
}

#[test]
fn a_first_spell_of_refusals_says_nothing_about_the_rate() {
    let mut world = World::new(Server::new(BUCKET, 20.0), 20_000, 4_000);
    world.server.closed = vec![(world.now, world.now + 10 * SECOND, 1)];
    let report = world.run(200, 200);
    assert!(report.seconds < 10.0 + 11.0 + 2.0, "{}", report.seconds);
}

#[test]
fn a_server_that_comes_to_allow_far_more_is_used_better_by_and_by() {
    let mut world = World::new(Server::new(BUCKET, 2.0), 20_000, 4_000);
    world.run(40, 100);
    world.server.rate = 50.0;
    let report = world.run(20_000, 400);
    let rate_in =
        |from: f64| report.accepted.iter().filter(|at| (from..from + 20.0).contains(*at)).count() as f64 / 20.0;
    assert!(rate_in(100.0) > 4.0, "{} cards/s after 100 s", rate_in(100.0));
    assert!(rate_in(300.0) > 40.0, "{} cards/s after 300 s", rate_in(300.0));
}

#[test]
fn a_server_that_comes_to_allow_far_less_is_spared() {
    let mut world = World::new(Server::new(BUCKET, 50.0), 20_000, 4_000);
    world.run(1_000, 100);
    world.server.rate = 2.0;
    let report = world.run(200, 400);
    assert!(report.seconds < 1.2 * 100.0, "{}", report.seconds);
    assert!(report.refused.len() < 20, "{}", report.refused.len());
}

#[test]
fn a_wait_is_never_shortened_and_an_hour_is_an_hour() {
    let mut pace = Pace::default();
    pace.on_sent(Millis(1_000));
    pace.on_sent(Millis(1_001));
    pace.on_limited(Millis(1_100), HOUR);
    pace.on_limited(Millis(1_200), Millis::from_secs(5));
    assert_eq!(pace.hold_until(), Millis(1_100).plus(HOUR));
    assert_eq!(pace.next_send(Millis(1_200)), pace.hold_until());
    assert_eq!(pace.window(), 1);
}

#[test]
fn a_penalty_of_an_hour_does_not_make_the_pace_as_slow() {
    let mut pace = Pace::default();
    for at in 0..20 {
        pace.on_sent(Millis(1_000 + at));
        pace.on_accepted(Millis(1_001 + at));
    }
    pace.on_sent(Millis(1_030));
    pace.on_limited(Millis(1_031), HOUR);
    let resumed = pace.next_send(Millis(1_031));
    pace.on_sent(resumed);
    assert!(pace.next_send(resumed).since(resumed) < Millis(5_000));
}

#[test]
fn refusals_of_requests_in_flight_together_count_as_one() {
    let run = |refusals: u64| {
        let mut pace = Pace::default();
        for at in 0..20 {
            pace.on_sent(Millis(1_000 + at * 20));
            pace.on_accepted(Millis(1_010 + at * 20));
        }
        (0..4).for_each(|at| pace.on_sent(Millis(1_400 + at)));
        (0..refusals).for_each(|_| pace.on_limited(Millis(1_410), Millis(1_000)));
        pace
    };
    assert_eq!(run(1), run(4));
}

#[test]
fn the_wait_and_the_pace_outlive_the_worker() {
    let mut world = World::new(Server::new(BUCKET, 5.0), 20_000, 4_000);
    world.run(100, 100);
    let json = serde_json::to_string(&world.pace).unwrap();
    let hold = world.pace.hold_until();
    world.pace = serde_json::from_str(&json).unwrap();
    assert_eq!(world.pace.hold_until(), hold);
    let report = world.run(100, 100);
    assert!(report.seconds < 22.0 && report.refused.len() < 5, "{} {}", report.seconds, report.refused.len());
    assert_eq!(serde_json::from_str::<Pace>("{}").unwrap(), Pace::default());
}

#[test]
fn what_was_learnt_is_forgotten_after_an_hour_without_a_refusal() {
    let mut world = World::new(Server::new(BUCKET, 5.0), 20_000, 4_000);
    world.run(100, 100);
    world.now += 7_200 * SECOND;
    world.server.rate = 1e9;
    assert!(world.run(100, 100).seconds < 3.0);
}

#[test]
fn any_order_of_calls_at_any_instant_is_survived() {
    let mut random = crate::core::random::Random::new(3);
    for _ in 0..2_000 {
        let mut pace = Pace::default();
        for _ in 0..30 {
            let now = Millis(random.next_u64() >> random.between(0, 63));
            match random.between(0, 2) {
                0 => pace.on_sent(now),
                1 => pace.on_accepted(now),
                _ => pace.on_limited(now, Millis(random.next_u64() >> random.between(0, 63))),
            }
            assert!((1..=MOST_IN_FLIGHT).contains(&pace.window()));
            assert!(pace.next_send(now) >= pace.hold_until());
        }
    }
}

/// A worker that lives for 3 to 5 s, and the next one is there as soon as it is measured to be in the browser.
fn mortal(seed: u64) -> Option<Fate> {
    Some(Fate::new((3.0, 5.0), (0.05, 0.3), seed))
}

#[test]
fn a_worker_killed_every_few_seconds_goes_on_where_the_one_before_was() {
    let mut misses = Vec::new();
    for limit in [BUCKET, Limit::Bucket(2.0), Limit::Fixed, Limit::Sliding] {
        for (rate, needed) in [1, 2, 5, 10, 20, 50, 100].into_iter().flat_map(|rate| [(rate, 20), (rate, 60)]) {
            for (seed, latency) in [(1, 2), (2, 20), (3, 20)] {
                let cards = rate * needed;
                let mut world = World::new(Server::new(limit, rate as f64), latency * 1_000, 4_000);
                world.fate = mortal(seed);
                let report = world.run(cards, 1_000);
                let (time, share) = (report.seconds / needed as f64, report.refused_share());
                if report.accepted.len() < cards || time > 1.25 || cards >= 100 && share >= 0.05 {
                    misses.push(format!("{limit:?} {rate}/s, {needed} s, seed {seed}: {time:.3}, {share:.3} refused"));
                }
            }
        }
    }
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}

/// One that has learnt its pace and is on its way up.
fn learnt() -> Pace {
    let mut world = World::new(Server::new(BUCKET, 5.0), 20_000, 4_000);
    world.run(100, 100);
    world.pace
}

#[test]
fn the_time_without_a_worker_is_no_time_in_which_cards_were_sent() {
    let pace = learnt();
    let after = |gap: Millis| {
        let mut next = pace.clone();
        let now = next.next_send(Millis::ZERO).plus(gap);
        next.resume(now, HOUR);
        next.on_sent(now);
        next
    };
    let (at_once, late, far_later) =
        (after(Millis::from_secs(1)), after(Millis::from_secs(30)), after(Millis::from_secs(90)));
    assert_eq!((at_once.progress, at_once.gap()), (late.progress, late.gap()));
    assert_eq!(late.spell.idle, Millis::from_secs(30));
    assert_eq!((far_later.progress.sending, far_later.spell.accepted), (Millis::ZERO, 0), "that is a pause");
    assert!(at_once.progress.sending > pace.progress.sending && far_later.bracket == pace.bracket);
}

#[test]
fn a_wait_goes_on_in_the_next_worker_and_is_no_idle_time() {
    let mut pace = learnt();
    let at = pace.as_of;
    pace.on_limited(at, Millis::from_secs(20));
    pace.resume(at.plus(Millis::from_secs(5)), HOUR);
    assert_eq!(pace.next_send(Millis::ZERO), at.plus(Millis::from_secs(20)));
    for late in [Millis::ZERO, Millis::from_secs(3)] {
        let mut next = pace.clone();
        next.on_sent(at.plus(Millis::from_secs(20)).plus(late));
        assert_eq!((next.spell.idle, next.spell.refused), (late, true));
    }
}

#[test]
fn what_was_written_by_a_clock_far_ahead_holds_nothing_up_for_longer_than_it_would_have() {
    let mut pace = learnt();
    let at = pace.as_of;
    pace.on_limited(at, Millis::from_secs(20));
    let now = Millis(5_000_000);
    let mut next = pace.clone();
    next.resume(now, HOUR);
    assert_eq!(next.next_send(now), now.plus(Millis::from_secs(20)));
    assert!(next.bracket.is_some_and(|bracket| bracket.at <= now), "it is forgotten in time");
    next.on_sent(next.next_send(now));
    assert!(next.next_send(now) < now.plus(Millis::from_secs(40)));
    pace.on_limited(at, Millis::from_mins(60 * 24 * 365));
    pace.resume(at, HOUR);
    assert_eq!(pace.next_send(at), at.plus(HOUR));
}

#[test]
fn records_of_any_content_are_survived_and_absurd_ones_not_believed() {
    let now = Millis(1_000_000);
    let due = |json: &str| {
        let mut pace: Pace = serde_json::from_str(json).unwrap();
        pace.resume(now, HOUR);
        pace.on_sent(now);
        pace.on_accepted(now);
        assert_eq!(serde_json::from_str::<Pace>(&serde_json::to_string(&pace).unwrap()).unwrap().due, pace.due);
        pace.next_send(now).since(now)
    };
    let bracket = |low: &str, high: &str, rise: &str| {
        format!(r#""bracket":{{"low":{low},"high":{high},"rise":{rise},"measured":true,"shown":"bursts","at":900000}}"#)
    };
    let before_this_version = format!(r#"{{"holdUntil":990000,{}}}"#, bracket("0.01", "0.02", "8e3"));
    assert_eq!(due(&before_this_version), Millis(37), "learnt by an earlier version");
    for (low, high, rise) in
        [("1e308", "1e308", "8e3"), ("0", "0", "8e3"), ("-1", "1", "8e3"), ("1", "0.5", "8e3"), ("1", "1", "0")]
    {
        assert_eq!(due(&format!("{{{}}}", bracket(low, high, rise))), Millis::ZERO, "{low} {high} {rise}");
    }
    for other in [
        r#""due":1e300"#,
        r#""due":-1e300"#,
        r#""holdUntil":18446744073709551615"#,
        r#""asOf":18446744073709551615"#,
        r#""progress":{"sending":18446744073709551615,"heldBack":4294967295}"#,
        r#""spell":{"from":5,"firstSent":3,"lastSent":18446744073709551615,"sent":1,"accepted":4294967295,"fruitless":4294967295}"#,
        r#""spell":{"from":5,"sent":4294967295,"accepted":4294967295,"idle":18446744073709551615}"#,
    ] {
        assert!(
            due(&format!("{{{},{other}}}", bracket("0.01", "0.02", "8e3"))) <= HOUR.plus(Millis::from_secs(40)),
            "{other}"
        );
    }
}

#[test]
fn refusals_that_say_nothing_about_the_rate_do_not_slow_cards_for_long_although_workers_are_killed() {
    let mut misses = Vec::new();
    for (every, seed) in [300, 500, 1_000].into_iter().flat_map(|every| (1..=20).map(move |seed| (every, seed))) {
        let mut random = crate::core::random::Random::new(seed);
        let mut world = World::new(Server::new(BUCKET, 1e9), 5_000, 4_000);
        (world.every, world.fate) = (every * 1_000, Some(Fate::new((0.3, 6.0), (0.1, 0.5), seed)));
        let (mut at, end) = (world.now + 20 * SECOND, world.now + 300 * SECOND);
        while at < end {
            world.server.closed.push((at, at + random.between(SECOND / 2, 4 * SECOND), random.between(1, 5)));
            at += random.between(50, 100) * SECOND;
        }
        let mut took = world.run((300_000 / every) as usize, 1_000).took;
        took.sort_by(f64::total_cmp);
        let (count, late) = (took.len(), took.iter().filter(|took| **took > 6.0).count());
        if (count as u64) < 300_000 / every || late > count / 10 {
            misses.push(format!("{every} ms, seed {seed}: {late} of {count} late, at most {:.1} s", took[count - 1]));
        }
    }
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}

#[test]
fn after_a_refusal_that_said_little_a_limit_is_learnt_as_well_as_ever() {
    for limit in [BUCKET, Limit::Fixed, Limit::Sliding] {
        for rate in [2, 5, 20, 100] {
            let mut world = World::new(Server::new(limit, rate as f64), 5_000, 4_000);
            world.every = SECOND / 2;
            let from = world.now + 5 * SECOND;
            world.server.closed = vec![(from, from + 2 * SECOND, 4)];
            let slow = world.run(60, 100);
            world.every = 0;
            let report = world.run(rate * 30, 100);
            assert!(
                slow.accepted.len() == 60 && report.seconds < 1.25 * 30.0,
                "{limit:?} {rate}/s: {}",
                report.seconds
            );
            assert!(report.refused_share() < 0.05, "{limit:?} {rate}/s: {:?}", report.refused);
        }
    }
}

#[test]
fn a_pace_too_slow_to_be_a_limit_is_left_behind_and_a_limit_as_slow_is_found() {
    for seed in 1..=5 {
        let mut world = World::new(Server::new(BUCKET, 1e9), 5_000, 4_000);
        world.fate = mortal(seed);
        // Two were taken together, and then a wait of 5 s was asked for.
        world.server.closed = vec![(world.now + 7_000, world.now + SECOND, 5)];
        let report = world.run(120, 1_000);
        assert!(report.accepted.len() >= 120 && report.seconds < 25.0, "seed {seed}: {} s", report.seconds);
    }
    for (limit, rate) in [(BUCKET, 0.2), (BUCKET, 0.5), (Limit::Bucket(8.0), 0.5)] {
        let report = World::new(Server::new(limit, rate), 20_000, 4_000).run(60, 1_000);
        assert!(report.seconds < 1.10 * 60.0 / rate, "{limit:?} {rate}/s: {} s", report.seconds);
        assert!(report.refused_share() < 0.10, "{limit:?} {rate}/s: {} refused", report.refused_share());
    }
}
