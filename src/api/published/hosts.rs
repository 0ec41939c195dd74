//! Where the published service is: found by discovery, never guessed, and vouched for before anything is sent there.

use thiserror::Error;

use crate::model::address::{AddressError, Base};
use crate::model::json::{FromJson, ToJson};

/// The registrable domains of the service that is published, with its government and sovereign installations.
const DOMAINS: [&str; 6] = [
    "niceincontact.com",
    "nice-incontact.com",
    "nicecxone-gov.com",
    "nicecxone-sov1.uk",
    "nicecxone-sov1.eu",
    "nicecxone-sov1.au",
];

/// Where the published service is, found by discovery, never guessed. A base ends without a slash; where a person signs
/// in and where tokens come from are as the issuer writes them.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
pub struct Hosts {
    /// Where a person signs in.
    pub authorization: String,
    /// Where tokens come from.
    pub token: String,
    /// Queues, contacts and messages.
    pub api: String,
    /// Digital contacts; none where the tenant has none.
    pub digital: Option<String>,
    /// Where an access key signs in.
    pub hub: Option<String>,
    /// The tenant's id.
    pub tenant: Option<String>,
}

/// Why an address of a discovery answer is not used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HostFault {
    /// No plain address.
    #[error("{field} is not a plain address")]
    NotAnAddress {
        /// Of the answer.
        field: &'static str,
    },
    /// Not encrypted.
    #[error("{field} is not encrypted")]
    NotEncrypted {
        /// Of the answer.
        field: &'static str,
    },
    /// Neither the published service nor the host that a person entered: a token would go to a stranger.
    #[error("{field} names {host}, for which nobody vouches")]
    NotVouched {
        /// Of the answer.
        field: &'static str,
        /// The host.
        host: String,
    },
}

/// Reads an address of a discovery answer.
///
/// A host of the published service's own domains is vouched for, and so is the issuer's, which a person entered. This
/// machine is vouched for where the issuer is on it, which only development builds accept.
///
/// # Errors
///
/// Says what is wrong with the address.
pub fn vouched(issuer: &Base, field: &'static str, address: &str) -> Result<Base, HostFault> {
    let base = Base::parse(address, issuer.is_local()).map_err(|error| match error {
        AddressError::NotAUrl => HostFault::NotAnAddress { field },
        AddressError::NeedsHttps => HostFault::NotEncrypted { field },
    })?;
    let known = is_published(base.host()) || base.host() == issuer.host() || (base.is_local() && issuer.is_local());
    if known { Ok(base) } else { Err(HostFault::NotVouched { field, host: base.host().to_owned() }) }
}

/// Whether a host is the published service's.
pub fn is_published(host: &str) -> bool {
    DOMAINS.iter().any(|domain| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(issuer: &str, address: &str) -> Result<String, HostFault> {
        let issuer = Base::parse(issuer, true).unwrap();
        vouched(&issuer, "api_endpoint", address).map(|base| base.http().to_owned())
    }

    const NICE: &str = "https://cxone.niceincontact.com";

    #[test]
    fn hosts_of_the_published_domains_are_vouched_for() {
        for address in [
            "https://api-na1.niceincontact.com",
            "https://na1.nice-incontact.com",
            "https://api-de-na2.nicecxone-gov.com",
            "https://api-l1.nicecxone-sov1.uk",
            "https://niceincontact.com",
            "https://CXONE.NiceInContact.com/auth",
        ] {
            assert_eq!(judged(NICE, address), Ok(address.to_ascii_lowercase()));
        }
    }

    #[test]
    fn another_registrable_domain_is_refused_by_name() {
        for host in [
            "evil.example",
            "evilniceincontact.com",
            "niceincontact.com.evil.example",
            "niceincontact.co",
            "api-na1.niceincontact.com.au",
            "com",
            "localhost",
            "127.0.0.1",
        ] {
            let refused = HostFault::NotVouched { field: "api_endpoint", host: host.to_owned() };
            assert_eq!(judged(NICE, &format!("https://{host}/api")), Err(refused), "{host}");
        }
    }

    #[test]
    fn what_is_no_plain_encrypted_address_is_refused() {
        let field = "api_endpoint";
        for address in ["", "api-na1.niceincontact.com", "https://x@niceincontact.com", "https://niceincontact.com?x"] {
            assert_eq!(judged(NICE, address), Err(HostFault::NotAnAddress { field }), "{address}");
        }
        assert_eq!(judged(NICE, "http://api-na1.niceincontact.com"), Err(HostFault::NotEncrypted { field }));
        assert_eq!(judged(NICE, "http://127.0.0.1:8080"), Err(HostFault::NotEncrypted { field }));
    }

    #[test]
    fn an_issuer_that_a_person_entered_vouches_for_its_own_host_alone() {
        let gateway = "https://gate.example/issuer";
        assert_eq!(judged(gateway, "https://gate.example:8443/api"), Ok("https://gate.example:8443/api".to_owned()));
        assert!(judged(gateway, "https://api.gate.example").is_err());
        assert!(judged(gateway, "https://api-na1.niceincontact.com").is_ok());
    }

    #[test]
    fn this_machine_is_vouched_for_where_the_issuer_is_on_it() {
        let simulator = "http://127.0.0.1:9000/issuer";
        assert_eq!(judged(simulator, "http://127.0.0.1:9000/api"), Ok("http://127.0.0.1:9000/api".to_owned()));
        assert!(judged(simulator, "http://localhost:9001").is_ok());
        assert!(judged(simulator, "http://10.0.0.1/api").is_err());
        assert!(judged(simulator, "https://evil.example").is_err());
    }
}
