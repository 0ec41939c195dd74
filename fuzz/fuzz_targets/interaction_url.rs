//! See `cuewire_fuzz::interaction_url`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cuewire_fuzz::interaction_url::check(data));
