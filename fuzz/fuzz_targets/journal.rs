//! See `cuewire_fuzz::journal`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cuewire_fuzz::journal::check(data));
