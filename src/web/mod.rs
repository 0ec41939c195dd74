//! The browser adapter: runs the effects of [`crate::core`] and feeds back what comes of them. It decides nothing.
//!
//! Everything here runs in a worker without a window: no global but what every worker has is touched.

pub mod clock;
pub mod driver;
pub mod engine;
pub mod error;
pub mod frame;
pub mod host;
pub mod http;
pub mod permissions;
pub mod socket;
pub mod timer;
