//! The wall clock, local time and the seed of all jitter.

use crate::model::time::Millis;
use wasm_bindgen::prelude::*;

/// Wall-clock time.
pub fn wall() -> Millis {
    // Dates before 1970 and beyond the year 10 000 saturate; the core's own clock never goes back.
    Millis(js_sys::Date::now() as u64)
}

/// How many minutes local time is ahead of UTC.
pub fn local_offset() -> i32 {
    // `getTimezoneOffset` counts the other way round.
    -(js_sys::Date::new_0().get_timezone_offset() as i32)
}

/// Sixty-four bits that no other browser has.
pub fn seed() -> u64 {
    let bytes = js_sys::Uint8Array::new_with_length(8);
    get_random_values(&bytes);
    let mut seed = [0; 8];
    bytes.copy_to(&mut seed);
    u64::from_le_bytes(seed)
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn get_random_values(bytes: &js_sys::Uint8Array);
}
