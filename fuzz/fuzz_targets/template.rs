//! See `cuewire_fuzz::template`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cuewire_fuzz::template::check(data));
