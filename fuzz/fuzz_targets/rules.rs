//! See `cuewire_fuzz::rules`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cuewire_fuzz::rules::check(data));
