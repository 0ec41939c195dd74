//! See `cuewire_fuzz::page_message`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cuewire_fuzz::page_message::check(data));
