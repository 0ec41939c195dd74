//! Cuewire watches a CXone interaction stream and posts Agent Assist cards.
//!
//! The crate has two halves. [`core`], [`wire`] and [`protocol`] are plain Rust that runs anywhere and decides
//! everything; `web` exists on `wasm32` only and is the thin adapter to the browser.
//!
//! **A card is durable before it is sent, and closed only after its answer is durable.**

pub mod core;
pub mod protocol;
pub mod wire;

#[cfg(target_arch = "wasm32")]
pub mod web;
