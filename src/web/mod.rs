//! The browser: its `ports`, the driver that they share, and what the driver is made of. No file decides anything.
//!
//! Everything here runs in a worker without a window: no global but what every worker has is touched.

pub mod clock;
pub mod driver;
#[cfg(feature = "engine")]
pub mod engine;
pub mod error;
pub mod host;
pub mod permissions;
pub mod ports;
pub mod stream;
pub mod timer;
#[cfg(feature = "workbench")]
pub mod workbench;
