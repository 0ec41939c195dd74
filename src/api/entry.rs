//! The way to a token: one request after another, as data. A service says what is next and reads each answer.

use crate::model::json::IntoName;
use thiserror::Error;

use super::published::discovery::{DiscoveryFault, Endpoints};
use super::published::pkce::Pkce;
use super::{Access, Client, Grant, Hosts, TokenFault};
use crate::model::http::{HttpRequest, Secret};

/// Who is on the way.
#[derive(Debug, Clone, Copy)]
pub struct Visitor<'a> {
    /// The client, with its secret where it has one.
    pub client: Client<'a>,
    /// A person signs in, in a window of the service.
    pub is_person: bool,
    /// Which tenant, where a person named one.
    pub tenant: Option<&'a str>,
}

/// The hosts and tokens that the sign-in has found so far; a renewal continues from them.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The issuer's answer.
    pub endpoints: Option<Endpoints>,
    /// The tenant's configuration.
    pub hosts: Option<Hosts>,
    /// A person is asked to sign in.
    pub window: Option<SignInWindow>,
    /// Renews a token without a person.
    pub refresh: Option<Secret>,
    /// Of whom the token speaks.
    pub tenant: Option<String>,
    /// The agent who the supervisor is, too.
    pub agent: Option<String>,
    /// The token.
    pub grant: Option<Grant>,
}

/// A window in which a person signs in.
#[derive(Debug, Clone)]
pub struct SignInWindow {
    /// Of this sign-in and no other.
    pub proof: Pkce,
    /// Where the window ends.
    pub redirect: String,
    /// The sign-in window's answer.
    pub code: Option<Secret>,
}

/// A request on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Asks the issuer where people sign in and where tokens come from.
    Issuer,
    /// Asks for a token.
    Token,
    /// Asks where the tenant's hosts are.
    Tenant,
}

/// The next step on the way to a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Ask.
    Ask(Step, HttpRequest),
    /// Open the window at this address.
    Open(Secret),
    /// Nothing helps but a person who signs in.
    Person,
    /// Something is lacking that no request brings.
    Stuck(EntryFault),
    /// The token is there, and where to use it.
    Arrived,
}

/// Why an answer does not lead on.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EntryFault {
    /// The token answer cannot be used.
    #[error(transparent)]
    Token(#[from] TokenFault),
    /// The discovery answer cannot be used.
    #[error(transparent)]
    Discovery(#[from] DiscoveryFault),
    /// Neither the token nor the settings say which tenant.
    #[error("nothing says which tenant")]
    NoTenant,
    /// The answer belongs to another sign-in.
    #[error("the answer belongs to another sign-in")]
    OfAnother,
    /// The person, or the service for the person, ended the window without a sign-in.
    #[error("{0}")]
    Denied(String),
    /// The service says why the window brings no code.
    #[error("{0}")]
    Refused(String),
}

/// One read that a connection test makes with its token.
#[derive(Debug)]
pub struct Check {
    /// The resource that is read.
    pub what: Checked,
    /// Asks. `None` where the tenant or its person has nothing of that kind.
    pub request: fn(&Access<'_>, agent: Option<&str>) -> Option<HttpRequest>,
}

/// The resources that a connection test reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoName)]
#[serde(rename_all = "camelCase")]
pub enum Checked {
    /// The service's clock.
    Time,
    /// Skills and their waits.
    Queues,
    /// Who talks to whom.
    Contacts,
    /// Digital contacts.
    Digital,
    /// The person's own messages.
    Messages,
}

impl Checked {
    /// The stable name by which pages find their words.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
