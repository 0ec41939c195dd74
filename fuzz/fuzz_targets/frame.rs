//! See `cuewire_fuzz::frame`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cuewire_fuzz::frame::check(data));
