//! The access tokens that were given out: what each allows, and until when.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use data_encoding::BASE64;

use crate::clock::{Micros, SECOND};

/// Scope that the stream asks for.
pub const STREAM_SCOPE: &str = "interactions:read";
/// Scope that cards ask for.
pub const CARD_SCOPE: &str = "agentassist:write";

#[derive(Debug)]
struct Token {
    expires: Micros,
    scopes: Vec<String>,
}

/// Every token that is still good.
#[derive(Debug, Default)]
pub struct Tokens {
    good: HashMap<String, Token>,
    issued: u64,
    entropy: RandomState,
}

/// Why a bearer is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Never given out, revoked or expired.
    Invalid,
    /// Good, but without the scope.
    OutOfScope,
}

impl Tokens {
    /// Gives out a token. Its text holds `+`, `/` and `=`, which a client has to encode in the stream's address.
    pub fn issue(&mut self, scopes: Vec<String>, seconds: u64, now: Micros) -> String {
        self.issued += 1;
        let words: Vec<u8> =
            (0_u8..4).flat_map(|part| self.entropy.hash_one((self.issued, part)).to_be_bytes()).take(31).collect();
        let token = format!("sim+/{}", BASE64.encode(&words));
        self.good.retain(|_, token| token.expires > now);
        self.good.insert(token.clone(), Token { expires: now + seconds * SECOND, scopes });
        token
    }

    /// Checks a token for a scope.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn check(&self, token: &str, scope: &str, now: Micros) -> Result<(), Refusal> {
        match self.good.get(token) {
            Some(good) if good.expires > now => {
                if good.scopes.iter().any(|granted| granted == scope) {
                    Ok(())
                } else {
                    Err(Refusal::OutOfScope)
                }
            }
            _ => Err(Refusal::Invalid),
        }
    }

    /// Ends every token now; says how many.
    pub fn revoke_all(&mut self) -> usize {
        let count = self.good.len();
        self.good.clear();
        count
    }

    /// How many were given out so far.
    #[must_use]
    pub fn issued(&self) -> u64 {
        self.issued
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_scopes_until_it_expires_or_is_revoked() {
        let mut tokens = Tokens::default();
        let token = tokens.issue(vec![STREAM_SCOPE.into()], 10, 0);
        assert_eq!(tokens.check(&token, STREAM_SCOPE, 9 * SECOND), Ok(()));
        assert_eq!(tokens.check(&token, CARD_SCOPE, 0), Err(Refusal::OutOfScope));
        assert_eq!(tokens.check(&token, STREAM_SCOPE, 10 * SECOND), Err(Refusal::Invalid));
        let other = tokens.issue(vec![CARD_SCOPE.into()], 10, 0);
        assert_ne!(token, other);
        tokens.revoke_all();
        assert_eq!(tokens.check(&other, CARD_SCOPE, 0), Err(Refusal::Invalid));
    }
}
