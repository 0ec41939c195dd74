//! The part of the simulation that `cargo test` runs: some schedules, and every crash point of one script. It is built for
//! debugging and so finds what overflows; the suite runs thousands of times as many with a release build.

use cuewire_simulation::{crash_points, simulate};

#[test]
fn every_check_holds_on_dozens_of_bad_days() {
    for seed in 0..50 {
        let outcome = simulate(seed, false);
        assert_eq!(outcome.violation, None, "seed {seed}");
    }
}

#[test]
fn a_worker_killed_between_any_two_effects_of_a_delivery_loses_nothing() {
    let script = &crash_points::SCRIPTS[2];
    let cuts = crash_points::cut(script);
    assert!(cuts.violations.is_empty(), "{}: {:?}", script.name, cuts.violations.first());
    assert!(cuts.runs > 700 && cuts.kills > 1_500, "{}: {} runs, {} kills", script.name, cuts.runs, cuts.kills);
}

#[test]
fn a_seed_gives_the_same_trace_every_time() {
    for seed in [1, 77, 4_711] {
        assert_eq!(simulate(seed, false).hash, simulate(seed, false).hash, "seed {seed}");
    }
}
