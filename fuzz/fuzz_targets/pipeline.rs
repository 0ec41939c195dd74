//! See `cuewire_fuzz::pipeline`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cuewire_fuzz::pipeline::check(data));
