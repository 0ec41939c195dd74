//! The contract of a CXone organisation as a real server on loopback.
//!
//! The simulator shares no code with its clients. Read in this order: [`Simulator`] starts and ends it, [`world`] is what
//! its parts share, [`http`] answers requests, [`stream`] feeds clients, [`traffic`] makes or replays events, [`faults`]
//! spoils things on purpose, and [`oracle`] knows which cards are due. [`published`] is the other service: what NICE
//! publishes, polled.

pub mod clock;
pub mod event;
pub mod faults;
pub mod floor;
pub mod http;
pub mod options;
pub mod oracle;
pub mod player;
pub mod published;
pub mod random;
pub mod report;
pub mod rules;
pub mod service;
pub mod simulator;
pub mod stream;
pub mod traffic;
pub mod world;

pub use options::Options;
pub use report::Report;
pub use simulator::Simulator;
