//! The parts that the worlds share: what is to happen, and a worker with the commits that it asked for.

pub(crate) mod agenda;
pub(crate) mod commits;
pub(crate) mod host;
pub(crate) mod http_date;
