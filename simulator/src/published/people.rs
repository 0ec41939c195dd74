//! Who works at the simulated tenant, how each signs in, and what each may do.

/// The tenant.
pub const TENANT: &str = "11eb660f-4c6d-34a0-8733-0242ac110002";
/// Its number.
pub const BUSINESS_UNIT: u64 = 4_598_301;
/// The one public client: a code flow with PKCE and no secret.
pub const PUBLIC_CLIENT: &str = "cuewire-public";

/// The rights of a person's role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct May {
    /// Sees skills and contacts.
    pub view: bool,
    /// Sees only every other skill.
    pub narrow: bool,
    /// Sees digital contacts.
    pub digital: bool,
    /// Sends and takes back agent messages.
    pub message: bool,
    /// Signals a contact's script.
    pub signal: bool,
}

const EVERYTHING: May = May { view: true, narrow: false, digital: true, message: true, signal: true };

/// Somebody who can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// The name and password of a person.
    pub user: &'static str,
    /// First name.
    pub given: &'static str,
    /// Surname.
    pub family: &'static str,
    /// The user's UUID.
    pub uuid: &'static str,
    /// The number as an agent.
    pub agent: u64,
    /// Access key.
    pub key: &'static str,
    /// The rights of the role.
    pub may: May,
}

/// The password of everybody.
pub const PASSWORD: &str = "cuewire-demo-password";
/// The secret of every access key.
pub const KEY_SECRET: &str = "DEMOSECRETDEMOSECRETDEMOSECRETDEMOSECRETDEMOSE====";

/// Everybody.
pub const PEOPLE: [Person; 6] = [
    Person {
        user: "supervisor@cuewire.example",
        given: "Sam",
        family: "Ortega",
        uuid: "11ec1a2b-0000-4000-8000-000000000001",
        agent: 39_000_001,
        key: "SUPERVISORKEYSUPERVISORKEYSUPERVISORKEYSUPERVI====",
        may: EVERYTHING,
    },
    Person {
        user: "observer@cuewire.example",
        given: "Olga",
        family: "Brandt",
        uuid: "11ec1a2b-0000-4000-8000-000000000002",
        agent: 39_000_002,
        key: "OBSERVERKEYOBSERVERKEYOBSERVERKEYOBSERVERKEYOB====",
        may: May { message: false, signal: false, ..EVERYTHING },
    },
    Person {
        user: "voice@cuewire.example",
        given: "Victor",
        family: "Nunes",
        uuid: "11ec1a2b-0000-4000-8000-000000000003",
        agent: 39_000_003,
        key: "VOICEKEYVOICEKEYVOICEKEYVOICEKEYVOICEKEYVOICEK====",
        may: May { digital: false, ..EVERYTHING },
    },
    Person {
        user: "narrow@cuewire.example",
        given: "Nadia",
        family: "Haddad",
        uuid: "11ec1a2b-0000-4000-8000-000000000004",
        agent: 39_000_004,
        key: "NARROWKEYNARROWKEYNARROWKEYNARROWKEYNARROWKEYN====",
        may: May { narrow: true, ..EVERYTHING },
    },
    Person {
        user: "nobody@cuewire.example",
        given: "Noel",
        family: "Quist",
        uuid: "11ec1a2b-0000-4000-8000-000000000005",
        agent: 39_000_005,
        key: "NOBODYKEYNOBODYKEYNOBODYKEYNOBODYKEYNOBODYKEYN====",
        may: May { view: false, narrow: false, digital: false, message: false, signal: false },
    },
    Person {
        user: "second@cuewire.example",
        given: "Sofia",
        family: "Lund",
        uuid: "11ec1a2b-0000-4000-8000-000000000006",
        agent: 39_000_006,
        key: "SECONDKEYSECONDKEYSECONDKEYSECONDKEYSECONDKEYS====",
        may: EVERYTHING,
    },
];

impl Person {
    /// The person with this name and password.
    #[must_use]
    pub fn by_password(user: &str, password: &str) -> Option<&'static Self> {
        PEOPLE.iter().find(|person| person.user.eq_ignore_ascii_case(user.trim()) && password == PASSWORD)
    }

    /// The person with this access key.
    #[must_use]
    pub fn by_key(key: &str, secret: &str) -> Option<&'static Self> {
        PEOPLE.iter().find(|person| person.key == key && secret == KEY_SECRET)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_as_long_as_real_ones_and_need_their_equals_signs_encoded() {
        for person in PEOPLE {
            assert_eq!(person.key.len(), 50, "{}", person.user);
            assert!(person.key.ends_with("===="));
            assert_eq!(Person::by_key(person.key, KEY_SECRET).map(|found| found.user), Some(person.user));
            assert_eq!(Person::by_key(person.key, "wrong"), None);
        }
        assert_eq!(KEY_SECRET.len(), 50);
    }
}
