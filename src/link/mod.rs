//! The connection to the service: token, stream, silence, polls, connection test.

pub mod frames;
pub mod polling;
pub mod probe;
pub mod quiet;
pub mod session;
pub mod steps;
pub mod stream;
