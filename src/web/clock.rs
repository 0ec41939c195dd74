//! The wall clock, local time and the seed of all jitter.

use crate::api::published::pkce::Entropy;
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
    u64::from_le_bytes(random())
}

/// Bytes for sign-ins, which nobody can guess.
pub fn entropy() -> Entropy {
    Entropy(random())
}

fn random<const N: usize>() -> [u8; N] {
    let bytes = js_sys::Uint8Array::new_with_length(N as u32);
    get_random_values(&bytes);
    let mut drawn = [0; N];
    bytes.copy_to(&mut drawn);
    drawn
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn get_random_values(bytes: &js_sys::Uint8Array);
}
