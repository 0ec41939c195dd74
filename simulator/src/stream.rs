//! The stream's clients: who listens, and how frames reach them.

mod audience;
mod connection;

pub use audience::{Audience, Frame, Order};
pub use connection::serve;
