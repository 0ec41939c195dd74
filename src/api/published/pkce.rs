//! Proof Key for Code Exchange (RFC 7636): what a sign-in keeps to itself until its code comes back.

use sha2::{Digest, Sha256};

use crate::model::http::Secret;

/// Random bytes of the host. The core has no randomness of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Entropy(pub [u8; 32]);

impl std::fmt::Debug for Entropy {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Entropy")
    }
}

/// The proof of one sign-in. No two sign-ins share one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pkce {
    /// Shows at the token endpoint that who redeems the code is who asked for it.
    pub verifier: Secret,
    /// Comes back with the code: an answer with another state belongs to another sign-in.
    pub state: Secret,
    /// Comes back in the id token.
    pub nonce: Secret,
}

impl Pkce {
    /// The proof of the sign-in with this number.
    pub fn of(entropy: Entropy, number: u64) -> Pkce {
        let draw = |purpose: &str| {
            let mut hash = Sha256::new();
            hash.update(entropy.0);
            hash.update(number.to_be_bytes());
            hash.update(purpose);
            Secret(base64url(&hash.finalize()))
        };
        Pkce { verifier: draw("verifier"), state: draw("state"), nonce: draw("nonce") }
    }

    /// The S256 of the verifier, which goes to the authorization endpoint.
    pub fn challenge(&self) -> String {
        base64url(&Sha256::digest(self.verifier.0.as_bytes()))
    }
}

/// The alphabet of base64url (RFC 4648 §5).
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Bytes as base64url without padding.
fn base64url(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        text.extend((0..=chunk.len()).map(|at| char::from(ALPHABET[(bits >> (18 - 6 * at)) as usize & 63])));
    }
    text
}

/// The bytes of base64url text, with or without padding; none where a character does not belong.
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut bits, mut held) = (0_u32, 0);
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'-' | b'+' => 62,
            b'_' | b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standards_example() {
        // RFC 7636, appendix B.
        let verifier = Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned());
        let proof = Pkce { verifier, ..Pkce::of(Entropy([0; 32]), 0) };
        assert_eq!(proof.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn no_two_sign_ins_share_anything() {
        let [one, other] = [1, 2].map(|number| Pkce::of(Entropy([7; 32]), number));
        let elsewhere = Pkce::of(Entropy([8; 32]), 1);
        let all: Vec<_> =
            [&one, &other, &elsewhere].into_iter().flat_map(|it| [&it.verifier, &it.state, &it.nonce]).collect();
        for (at, secret) in all.iter().enumerate() {
            assert!(!all[..at].contains(secret));
            assert_eq!(secret.0.len(), 43, "256 bits, the least that the standard accepts");
        }
        assert_eq!(one, Pkce::of(Entropy([7; 32]), 1));
    }

    #[test]
    fn base64url_reads_what_it_writes() {
        for bytes in [&b""[..], b"f", b"fo", b"foo", b"foob", &[0xff, 0xfe, 0xfb, 0x00]] {
            assert_eq!(from_base64url(&base64url(bytes)).as_deref(), Some(bytes));
        }
        assert_eq!(base64url(b"foob"), "Zm9vYg");
        assert_eq!(from_base64url("Zm9vYg==").as_deref(), Some(&b"foob"[..]));
        assert_eq!(from_base64url("_-8").as_deref(), Some(&[0xff, 0xef][..]));
        assert_eq!(from_base64url("Zm9v Yg"), None);
    }

    #[test]
    fn nothing_of_a_proof_is_printed() {
        let proof = Pkce::of(Entropy([7; 32]), 1);
        let printed = format!("{proof:?} {:?}", Entropy([7; 32]));
        assert!(!printed.contains(&proof.verifier.0) && !printed.contains(&proof.state.0) && !printed.contains('7'));
    }
}
