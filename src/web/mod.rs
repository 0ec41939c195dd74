//! The browser: one file for each port of [`crate::shell::ports`], and what they share. No file decides anything.
//!
//! Everything here runs in a worker without a window: no global but what every worker has is touched.

pub mod clock;
pub mod driver;
#[cfg(feature = "engine")]
pub mod engine;
pub mod error;
pub mod host;
pub mod http;
pub mod pages;
pub mod permissions;
pub mod storage;
pub mod stream;
pub mod timer;
#[cfg(feature = "workbench")]
pub mod workbench;
