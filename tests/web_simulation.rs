//! The same seeds give the same trace in a browser as natively: what was simulated a million times is what runs there.
#![cfg(target_arch = "wasm32")]

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn a_thousand_seeds_have_the_hash_that_was_found_natively() {
    let found = format!("{:016x}", cuewire_simulation::combined_hash(0..1_000));
    assert_eq!(found, include_str!("simulation/HASH").trim());
}
