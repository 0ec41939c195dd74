//! The ports of [`crate::shell::ports`] in a browser, one file each: what they do, they do to the [`Driver`].
//!
//! [`Driver`]: crate::web::driver::Driver

pub mod http;
mod pages;
mod storage;
mod stream;
mod timer;
