//! Where the published service is.

use serde::{Deserialize, Serialize};

/// Where the published service is, found by discovery, never guessed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hosts {
    /// The page where a person signs in.
    pub authorization: String,
    /// Gives tokens.
    pub token: String,
    /// Skills, contacts and messages to agents.
    pub api: String,
    /// Digital contacts, where the tenant has them.
    pub digital: Option<String>,
    /// Takes access keys.
    pub hub: Option<String>,
    /// The organisation's id.
    pub tenant: Option<String>,
}
