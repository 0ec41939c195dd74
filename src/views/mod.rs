//! The views of pages, toolbar and notifications, as data.

pub mod alerts;
pub mod dashboard;
pub mod log;
pub mod metrics;
pub mod protocol;
pub mod status;
pub mod toolbar;
pub mod trouble;
