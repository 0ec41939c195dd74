//! See `cuewire_fuzz::token`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cuewire_fuzz::token::check(data));
