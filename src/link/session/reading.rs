//! The meaning of an answer on the way to a token: a step further, or a fault.

use crate::api::entry::{EntryFault, Known, Step, Visitor};
use crate::api::published::discovery::DiscoveryFault;
use crate::api::published::hosts::HostFault;
use crate::api::{self, Client, Meaning};
use crate::link::session::Session;
use crate::model::address::{Base, host_of};
use crate::model::diagnosis::Diagnosis;
use crate::model::http::{Outcome, Secret};
use crate::settings::{Settings, Way};

/// One request on the way: which step it is, and which host was asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The step.
    pub step: Step,
    /// For people.
    pub host: String,
}

impl Asked {
    /// Of a request to this address.
    pub fn of(step: Step, url: &str) -> Asked {
        Asked { step, host: host_of(url).to_owned() }
    }
}

/// Who goes the way that the settings say.
pub fn visitor<'a>(settings: &'a Settings, secret: &'a Secret) -> Visitor<'a> {
    Visitor {
        client: Client { id: settings.client(), secret },
        is_person: settings.way() == Way::Nice,
        tenant: settings.tenant_id.as_deref().filter(|_| settings.way() != Way::Stream),
    }
}

impl Session {
    /// Takes what an answer says, or says what is wrong with the answer.
    pub fn read(
        &self,
        asked: &Asked,
        outcome: &Outcome,
        (settings, secret): (&Settings, &Secret),
        known: &mut Known,
    ) -> Result<(), Diagnosis> {
        let (base, visitor) = (settings.base(), visitor(settings, secret));
        let (service, status) = (api::of(base), outcome.status());
        let (host, excerpt) = (|| asked.host.clone(), || self.excerpt(outcome.body()));
        match (service.meaning(outcome), asked.step) {
            // The reader says what is wrong with a page.
            (Meaning::Done | Meaning::Page, _) => service
                .read(base, visitor, (asked.step, outcome.body()), known)
                .map_err(|fault| self.fault(fault, host())),
            (Meaning::NotPermitted, _) => Err(Diagnosis::PermissionMissing { host: host() }),
            (Meaning::Unreachable | Meaning::Unsendable, _) => Err(Diagnosis::Unreachable { host: host() }),
            (Meaning::BadRequest | Meaning::Refused, Step::Tenant) => Err(Diagnosis::TenantUnknown { host: host() }),
            (_, Step::Issuer | Step::Tenant) => Err(Diagnosis::DiscoveryFailing { host: host(), status }),
            (meaning, Step::Token) => Err(match (settings.way(), meaning) {
                (Way::Stream, Meaning::BadRequest | Meaning::Unauthorized) => {
                    Diagnosis::CredentialsRejected { status, excerpt: excerpt() }
                }
                (Way::AccessKey, meaning) if is_refusal(meaning) => {
                    Diagnosis::AccessKeyRefused { status, excerpt: excerpt() }
                }
                (Way::Nice, meaning) if is_refusal(meaning) => Diagnosis::SignInRefused { excerpt: excerpt() },
                _ => Diagnosis::TokenUnavailable { status, excerpt: excerpt() },
            }),
        }
    }

    /// The diagnosis of a fault; `host` gave the answer.
    pub fn fault(&self, fault: EntryFault, host: String) -> Diagnosis {
        match fault {
            EntryFault::Token(fault) => Diagnosis::TokenUnusable { why: fault.name() },
            EntryFault::Discovery(DiscoveryFault::Host(HostFault::NotVouched { host, .. })) => {
                Diagnosis::HostNotVouched { host }
            }
            EntryFault::Discovery(fault) => {
                let (why, about) = (fault.name(), fault.about().to_owned());
                Diagnosis::DiscoveryUnusable { host, why, about }
            }
            EntryFault::NoTenant => Diagnosis::TenantUnknown { host },
            EntryFault::OfAnother => Diagnosis::SignInMixedUp,
            EntryFault::Denied(why) => Diagnosis::SignInDenied { excerpt: self.excerpt(&why) },
            EntryFault::Refused(why) => Diagnosis::SignInRefused { excerpt: self.excerpt(&why) },
        }
    }
}

/// Whether a token request is refused, so that the same one is of no use soon.
fn is_refusal(meaning: Meaning) -> bool {
    matches!(meaning, Meaning::BadRequest | Meaning::Unauthorized | Meaning::Forbidden)
}

/// Whom a person may ask about a base that is stuck before any request.
pub(super) fn host(base: &Base) -> String {
    base.host().to_owned()
}
