//! The functional core: no IO, no clock, no randomness, no browser.
//!
//! [`pipeline::Pipeline`] is the only entry: inputs in, effects out, time as an argument.

pub mod alerts;
pub mod backoff;
pub mod card;
pub mod dashboard;
pub mod destination;
pub mod diagnosis;
pub mod dispatch;
pub mod effect;
pub mod event;
pub mod fingerprint;
pub mod frames;
pub mod history;
pub mod input;
pub mod journal;
pub mod metrics;
pub mod noise;
pub mod outbox;
pub mod pace;
pub mod pauses;
pub mod pipeline;
pub mod probe;
pub mod quiet;
pub mod random;
pub mod session;
pub mod settings;
pub mod status;
pub mod stream;
pub mod time;
pub mod toolbar;
pub mod trigger;
pub mod trouble;
pub mod turn;
