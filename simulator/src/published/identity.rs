//! Who signed in: browsers that are remembered, codes that wait for their exchange, and tokens that are good.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};

use super::people::Person;
use crate::clock::{Micros, SECOND};

/// The request of a sign-in, kept with its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The client.
    pub client: String,
    /// Where the code was sent.
    pub redirect: String,
    /// The S256 challenge.
    pub challenge: String,
    /// The nonce that the id_token must repeat.
    pub nonce: Option<String>,
}

#[derive(Debug)]
struct Code {
    asked: Asked,
    person: &'static Person,
    expires: Micros,
}

#[derive(Debug)]
struct Access {
    person: &'static Person,
    expires: Micros,
    family: u64,
}

#[derive(Debug, Clone)]
struct Refresh {
    person: &'static Person,
    client: Option<String>,
    expires: Micros,
    family: u64,
}

/// For whom, through which client, and how long tokens are given out.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Who signed in.
    pub person: &'static Person,
    /// The client that may refresh; none for the user hub.
    pub client: Option<String>,
    /// Seconds that the access token lives.
    pub access_seconds: u64,
    /// Seconds that the refresh token lives.
    pub refresh_seconds: u64,
}

/// Tokens that were given out together.
#[derive(Debug, Clone)]
pub struct Pair {
    /// Opens the API.
    pub access: String,
    /// Gets the next pair.
    pub refresh: String,
}

/// How a refresh token is treated once it was used.
#[derive(Debug, Clone, Copy)]
pub struct Rotation {
    /// The old token can be used no more.
    pub old_dies: bool,
    /// Using it again ends every token that followed from it.
    pub reuse_ends_all: bool,
}

/// All of it.
#[derive(Debug, Default)]
pub struct Identity {
    sessions: HashMap<String, &'static Person>,
    codes: HashMap<String, Code>,
    access: HashMap<String, Access>,
    refresh: HashMap<String, Refresh>,
    used: HashMap<String, u64>,
    families: u64,
    drawn: u64,
    entropy: RandomState,
}

impl Identity {
    /// Thirty-two letters that nobody guesses.
    fn secret(&mut self) -> String {
        self.drawn += 1;
        let words: Vec<u8> =
            (0_u8..2).flat_map(|part| self.entropy.hash_one((self.drawn, part)).to_be_bytes()).collect();
        HEXLOWER.encode(&words)
    }

    /// Remembers a browser; gives its cookie.
    pub fn remember(&mut self, person: &'static Person) -> String {
        let cookie = self.secret();
        self.sessions.insert(cookie.clone(), person);
        cookie
    }

    /// Who signed in at this browser.
    #[must_use]
    pub fn remembered(&self, cookie: &str) -> Option<&'static Person> {
        self.sessions.get(cookie).copied()
    }

    /// Forgets a browser.
    pub fn forget(&mut self, cookie: &str) {
        self.sessions.remove(cookie);
    }

    /// Gives out a code.
    pub fn code(&mut self, asked: Asked, person: &'static Person, expires: Micros) -> String {
        let code = self.secret();
        self.codes.insert(code.clone(), Code { asked, person, expires });
        code
    }

    /// Takes a code, which is gone by that. Gives who signed in and what was asked for, or what is wrong.
    ///
    /// # Errors
    /// Why the code buys nothing.
    pub fn redeem(
        &mut self,
        code: &str,
        verifier: &str,
        asked: (&str, &str),
        now: Micros,
    ) -> Result<(&'static Person, Asked), &'static str> {
        let found = self.codes.remove(code).ok_or("the code is unknown, or was used")?;
        let (client, redirect) = asked;
        if found.expires <= now {
            return Err("the code is too old");
        }
        if found.asked.client != client {
            return Err("the code belongs to another client");
        }
        if found.asked.redirect != redirect {
            return Err("redirect_uri is not the one that the code was sent to");
        }
        if challenge_of(verifier) != found.asked.challenge {
            return Err("code_verifier does not fit code_challenge");
        }
        Ok((found.person, found.asked))
    }

    /// Gives out a pair of tokens for a new sign-in. `access` makes the access token's text out of a secret.
    pub fn issue(&mut self, grant: &Grant, now: Micros, access: impl FnOnce(String) -> String) -> Pair {
        self.families += 1;
        self.issue_in(self.families, grant, now, access)
    }

    fn issue_in(&mut self, family: u64, grant: &Grant, now: Micros, access: impl FnOnce(String) -> String) -> Pair {
        let pair = Pair { access: access(self.secret()), refresh: self.secret() };
        let expires = now + grant.access_seconds * SECOND;
        self.access.retain(|_, token| token.expires > now);
        self.access.insert(pair.access.clone(), Access { person: grant.person, expires, family });
        let expires = now + grant.refresh_seconds * SECOND;
        let refresh = Refresh { person: grant.person, client: grant.client.clone(), expires, family };
        self.refresh.insert(pair.refresh.clone(), refresh);
        pair
    }

    /// Takes a refresh token. Gives who signed in, the client, and what [`Self::follow`] needs for the next pair.
    ///
    /// # Errors
    /// Why it buys nothing.
    pub fn renew(
        &mut self,
        token: &str,
        client: Option<&str>,
        rotation: Rotation,
        now: Micros,
    ) -> Result<(&'static Person, Option<String>, u64), &'static str> {
        if let Some(family) = self.used.get(token).copied()
            && rotation.old_dies
        {
            if rotation.reuse_ends_all {
                self.end_family(family);
            }
            return Err("the refresh token was used before");
        }
        let found = self.refresh.get(token).cloned().ok_or("the refresh token is unknown or was revoked")?;
        if found.expires <= now {
            return Err("the refresh token is too old");
        }
        // NICE's own client leaves client_id out, so only another client is refused.
        if let (Some(of), Some(client)) = (&found.client, client)
            && of != client
        {
            return Err("the refresh token belongs to another client");
        }
        self.used.insert(token.to_owned(), found.family);
        if rotation.old_dies {
            self.refresh.remove(token);
        }
        Ok((found.person, found.client, found.family))
    }

    /// The pair that follows a refresh.
    pub fn follow(&mut self, family: u64, grant: &Grant, now: Micros, access: impl FnOnce(String) -> String) -> Pair {
        self.issue_in(family, grant, now, access)
    }

    fn end_family(&mut self, family: u64) {
        self.access.retain(|_, token| token.family != family);
        self.refresh.retain(|_, token| token.family != family);
    }

    /// Whose access token this is.
    #[must_use]
    pub fn bearer(&self, token: &str, now: Micros) -> Option<&'static Person> {
        self.access.get(token).filter(|access| access.expires > now).map(|access| access.person)
    }

    /// Ends every access token; says how many.
    pub fn revoke_access(&mut self) -> usize {
        let count = self.access.len();
        self.access.clear();
        count
    }

    /// Ends every refresh token and forgets every browser; says how many tokens.
    pub fn revoke_refresh(&mut self) -> usize {
        let count = self.refresh.len();
        self.refresh.clear();
        self.sessions.clear();
        count
    }
}

/// The S256 challenge of a verifier (RFC 7636, section 4.2).
#[must_use]
pub fn challenge_of(verifier: &str) -> String {
    BASE64URL_NOPAD.encode(&Sha256::digest(verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published::people::PEOPLE;

    const OLD_DIES: Rotation = Rotation { old_dies: true, reuse_ends_all: false };

    fn asked(verifier: &str) -> Asked {
        Asked { client: "c".into(), redirect: "r".into(), challenge: challenge_of(verifier), nonce: None }
    }

    fn grant() -> Grant {
        Grant { person: &PEOPLE[0], client: Some("c".into()), access_seconds: 10, refresh_seconds: 20 }
    }

    #[test]
    fn the_challenge_is_that_of_the_standards_example() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge_of(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_code_is_good_once_for_its_client_its_address_and_its_verifier() {
        let mut identity = Identity::default();
        let mut code = || identity.code(asked("v"), &PEOPLE[0], SECOND);
        let codes: Vec<String> = (0..6).map(|_| code()).collect();
        assert!(identity.redeem(&codes[0], "v", ("c", "r"), 0).is_ok());
        assert!(identity.redeem(&codes[0], "v", ("c", "r"), 0).is_err(), "used");
        assert!(identity.redeem(&codes[1], "w", ("c", "r"), 0).is_err(), "wrong verifier");
        assert!(identity.redeem(&codes[1], "v", ("c", "r"), 0).is_err(), "a wrong try uses it up");
        assert!(identity.redeem(&codes[2], "v", ("d", "r"), 0).is_err(), "another client");
        assert!(identity.redeem(&codes[3], "v", ("c", "r/"), 0).is_err(), "another address");
        assert!(identity.redeem(&codes[4], "v", ("c", "r"), SECOND).is_err(), "too old");
    }

    #[test]
    fn a_refresh_token_is_good_once() {
        let mut identity = Identity::default();
        let first = identity.issue(&grant(), 0, |secret| secret);
        let (person, client, family) = identity.renew(&first.refresh, None, OLD_DIES, 0).expect("renewed");
        assert_eq!((person.user, client.as_deref()), (PEOPLE[0].user, Some("c")));
        let second = identity.follow(family, &grant(), 0, |secret| secret);
        assert!(identity.renew(&first.refresh, None, OLD_DIES, 0).is_err());
        assert!(identity.bearer(&second.access, 0).is_some());
        assert!(identity.renew(&second.refresh, Some("other"), OLD_DIES, 0).is_err());
        assert!(identity.renew(&second.refresh, Some("c"), OLD_DIES, 20 * SECOND).is_err(), "too old");
    }

    #[test]
    fn a_server_may_end_everything_when_an_old_refresh_token_returns() {
        let mut identity = Identity::default();
        let strict = Rotation { old_dies: true, reuse_ends_all: true };
        let first = identity.issue(&grant(), 0, |secret| secret);
        let (_, _, family) = identity.renew(&first.refresh, None, strict, 0).expect("renewed");
        let second = identity.follow(family, &grant(), 0, |secret| secret);
        assert!(identity.renew(&first.refresh, None, strict, 0).is_err());
        assert!(identity.bearer(&second.access, 0).is_none());
        assert!(identity.renew(&second.refresh, None, strict, 0).is_err());
    }

    #[test]
    fn an_access_token_expires_and_can_be_revoked() {
        let mut identity = Identity::default();
        let pair = identity.issue(&grant(), 0, |secret| secret);
        assert!(identity.bearer(&pair.access, 9 * SECOND).is_some());
        assert!(identity.bearer(&pair.access, 10 * SECOND).is_none());
        assert_eq!(identity.revoke_access(), 1);
        assert!(identity.bearer(&pair.access, 0).is_none());
        assert!(identity.renew(&pair.refresh, None, OLD_DIES, 0).is_ok(), "only a new sign-in is spared");
    }
}
