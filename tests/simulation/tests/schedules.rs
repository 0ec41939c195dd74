//! What `cargo test` runs of the simulation: some thousands of schedules, every crash point of some scripts, and the hash
//! that the browser must find too. `cargo xtask simulate` runs as many as are asked for.

use cuewire_simulation::{combined_hash, crash_points, simulate};

#[test]
fn every_check_holds_on_thousands_of_bad_days() {
    for seed in 0..2_000 {
        let outcome = simulate(seed, false);
        assert_eq!(outcome.violation, None, "seed {seed}");
    }
}

#[test]
fn a_worker_killed_between_any_two_effects_of_a_delivery_loses_nothing() {
    for script in crash_points::SCRIPTS.iter().filter(|script| script.name.contains("settle")) {
        let cuts = crash_points::cut(script);
        assert!(cuts.violations.is_empty(), "{}: {:?}", script.name, cuts.violations.first());
        assert!(cuts.runs > 700 && cuts.kills > 1_500, "{}: {} runs, {} kills", script.name, cuts.runs, cuts.kills);
    }
}

#[test]
fn a_seed_gives_the_same_trace_every_time() {
    for seed in [1, 77, 4_711] {
        assert_eq!(simulate(seed, false).hash, simulate(seed, false).hash, "seed {seed}");
    }
}

#[test]
fn the_first_thousand_seeds_have_the_hash_that_browsers_find_too() {
    let committed = include_str!("../HASH").trim();
    let found = format!("{:016x}", combined_hash(0..1_000));
    assert_eq!(found, committed, "behaviour changed: write the new hash to tests/simulation/HASH");
}
