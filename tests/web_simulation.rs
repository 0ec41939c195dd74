//! The same seeds give the same trace in a browser as natively: what was simulated a million times is what runs there.
#![cfg(target_arch = "wasm32")]

use cuewire_simulation::trace::Trace;
use cuewire_simulation::{COMMITTED_SEEDS, simulate};
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Seeds in one step, because a page that is busy for long answers no driver.
const AT_ONCE: u64 = 10;

#[wasm_bindgen_test]
async fn the_first_seeds_have_the_hash_that_was_found_natively() {
    let mut all = Trace::new(false);
    for seed in COMMITTED_SEEDS {
        all.number(simulate(seed, false).hash);
        if seed % AT_ONCE == 0 {
            TimeoutFuture::new(0).await;
        }
    }
    assert_eq!(format!("{:016x}", all.hash()), include_str!("simulation/HASH").trim());
}
