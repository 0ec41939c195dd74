//! From a firing to a settled card: what fired before, the outbox, dispatch and pace.

pub mod answers;
pub mod destination;
pub mod dispatch;
pub mod groups;
pub mod handled;
pub mod memory;
pub mod noise;
pub mod outbox;
pub mod pace;
pub mod pauses;
pub mod tried;
