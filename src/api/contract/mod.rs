//! The remote service as it speaks: every remote path and field name is in here, and nowhere else.

pub mod card;
pub mod event;
pub mod message;
mod scan;
pub mod shape;
pub mod stream;
pub mod token;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

/// The scope that the stream needs.
pub const SCOPE_STREAM: &str = "interactions:read";

/// The scope that cards need.
pub const SCOPE_CARDS: &str = "agentassist:write";

/// All that is not *unreserved* (RFC 3986 §2.3): what is encoded in one path segment or one query value.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
