//! What the service remembers of its clients: tokens, cards, requests, a rate, and who listens to the stream.

pub mod audience;
pub mod cards;
pub mod rate_limit;
pub mod requests;
pub mod tokens;
