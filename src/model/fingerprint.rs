//! The digest of an interaction's id, and the connection beside it.

mod sip;
pub mod table;

/// Public: a digest hides nothing from who can guess an id.
const KEY: [u64; 2] = [0x6375_6577_6972_6531, 0x696e_7465_7261_6374];

/// A 128-bit digest of an interaction id, the same on every machine.
///
/// The journal outlives the card by the memory's span, and the id is the customer's: what stays behind can answer "did
/// this one fire before?" and nothing else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(u128);

impl Fingerprint {
    /// Digests an interaction id.
    pub fn of(interaction: &str) -> Fingerprint {
        Fingerprint(sip::digest(KEY, interaction.as_bytes()))
    }

    /// Half of its bits, where a recording must stay small: among a million interactions two meet once in 10⁷ recordings.
    pub const fn half(self) -> u64 {
        self.0 as u64
    }

    /// Its bytes, in the order of its digits.
    pub fn bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// The fingerprint with these bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Fingerprint {
        Fingerprint(u128::from_be_bytes(bytes))
    }

    /// Reads what [`std::fmt::Display`] wrote: 32 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Fingerprint> {
        let plain = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        plain.then(|| u128::from_str_radix(text, 16).ok().map(Fingerprint)).flatten()
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:032x}", self.0)
    }
}

/// One interaction of one connection. Two organisations may have interactions with the same id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// The base address it was heard at.
    pub connection: Fingerprint,
    /// The interaction's id.
    pub interaction: Fingerprint,
}

/// Names the connection of what version 1 stored, because its keys named none: it counts for every connection.
const ANY: &str = "any";

impl Subject {
    /// An interaction by its id.
    pub fn of(connection: Fingerprint, interaction: &str) -> Subject {
        Subject { connection, interaction: Fingerprint::of(interaction) }
    }

    /// The same interaction where its connection is not known. No address has the fingerprint zero.
    pub fn anywhere(interaction: Fingerprint) -> Subject {
        Subject { connection: Fingerprint::default(), interaction }
    }

    /// Whether its connection is not known.
    pub fn is_anywhere(&self) -> bool {
        self.connection == Fingerprint::default()
    }

    /// Reads what [`std::fmt::Display`] wrote.
    pub fn parse(text: &str) -> Option<Subject> {
        let (connection, interaction) = text.split_once('/')?;
        let interaction = Fingerprint::parse(interaction)?;
        match connection {
            ANY => Some(Subject::anywhere(interaction)),
            connection => Some(Subject { connection: Fingerprint::parse(connection)?, interaction }),
        }
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.is_anywhere() {
            true => write!(formatter, "{ANY}/{}", self.interaction),
            false => write!(formatter, "{}/{}", self.connection, self.interaction),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_reads_back_what_it_writes() {
        let interaction = Fingerprint::of("i-1");
        for subject in [Subject::of(Fingerprint::of("https://acme.cxone.com"), "i-1"), Subject::anywhere(interaction)] {
            assert_eq!(Subject::parse(&subject.to_string()), Some(subject));
        }
        assert_eq!(Subject::anywhere(interaction).to_string(), format!("any/{interaction}"));
        assert_eq!(Subject::parse(&interaction.to_string()), None);
    }

    #[test]
    fn a_fingerprint_reads_back_what_it_writes() {
        let fingerprint = Fingerprint::of("a/b?c#d%e f😀");
        assert_eq!(Fingerprint::parse(&fingerprint.to_string()), Some(fingerprint));
        assert_eq!(Fingerprint::parse("+0000000000000000000000000000001"), None);
    }

    #[test]
    fn stored_memory_stays_readable_because_the_digest_never_changes() {
        assert_eq!(Fingerprint::of("i-1").to_string(), "cd731e53e8324b0c172e2e2b964c08dd");
    }

    #[cfg(not(target_arch = "wasm32"))]
    #[test]
    fn a_text_of_any_length_has_the_digest_that_other_code_computes() {
        let text: String = (0..200_u8).map(|at| char::from(b'!' + at % 90)).collect();
        for length in 0..text.len() {
            let other = siphasher::sip128::SipHasher24::new_with_keys(KEY[0], KEY[1]);
            let expected = other.hash(&text.as_bytes()[..length]).as_u128();
            assert_eq!(Fingerprint::of(&text[..length]).0, expected, "{length}");
        }
    }
}
