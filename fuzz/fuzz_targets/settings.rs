//! See `cuewire_fuzz::settings`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cuewire_fuzz::settings::check(data));
