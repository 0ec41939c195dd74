//! The words that every floor shares.

pub mod address;
pub mod ask;
pub mod card;
pub mod checksum;
pub mod diagnosis;
pub mod event;
pub mod fingerprint;
pub mod history;
pub mod http;
pub mod json;
pub mod names;
pub mod random;
pub mod scope;
pub mod sorted;
pub mod time;
