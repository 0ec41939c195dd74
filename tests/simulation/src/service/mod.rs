//! The network and the service: requests on their way, answers by the contract and against it, and the stream.

mod answers;
pub(crate) mod page;
mod stream;
mod wire;
