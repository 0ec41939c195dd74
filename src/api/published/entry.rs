//! The way to a token of the published service.
//!
//! | who | way |
//! | --- | --- |
//! | a person | issuer, window, code, tenant |
//! | a person who was here before | refresh |
//! | an access key | issuer, tenant, key |

mod checks;

pub use self::checks::CHECKS;

use super::{discovery, signin};
use crate::api::entry::{EntryFault, Known, Next, SignInWindow, Step, Visitor};
use crate::model::address::Base;
use crate::model::http::Secret;

/// The next step on the way to a token.
pub fn next(base: &Base, visitor: Visitor<'_>, known: &Known) -> Next {
    if has_arrived(known) {
        return Next::Arrived;
    }
    let needs_window = visitor.is_person && known.grant.is_none() && known.refresh.is_none();
    if needs_window && known.window.is_none() {
        return Next::Person;
    }
    let Some(endpoints) = &known.endpoints else {
        return Next::Ask(Step::Issuer, discovery::issuer_request(base));
    };
    if known.grant.is_none() && visitor.is_person {
        return match (&known.window, &known.refresh) {
            (Some(window), _) => at_window(visitor, &endpoints.authorization, &endpoints.token, window),
            (None, Some(refresh)) => {
                Next::Ask(Step::Token, signin::refresh_request(&endpoints.token, visitor.client.id, refresh))
            }
            (None, None) => Next::Person,
        };
    }
    let Some(hosts) = &known.hosts else {
        return match known.tenant.as_deref().or(visitor.tenant) {
            Some(tenant) => Next::Ask(Step::Tenant, discovery::tenant_request(base, tenant)),
            None => Next::Stuck(EntryFault::NoTenant),
        };
    };
    match &hosts.hub {
        Some(hub) => Next::Ask(Step::Token, signin::key_request(hub, visitor.client.id, visitor.client.secret)),
        None => Next::Stuck(discovery::DiscoveryFault::Lacks("auth_endpoint").into()),
    }
}

fn at_window(visitor: Visitor<'_>, authorization: &str, token: &str, window: &SignInWindow) -> Next {
    let at = of(visitor, window);
    match &window.code {
        Some(code) => Next::Ask(Step::Token, signin::code_request(token, at, code, &window.proof)),
        None => Next::Open(Secret(signin::window_address(authorization, at, &window.proof))),
    }
}

fn of<'a>(visitor: Visitor<'a>, window: &'a SignInWindow) -> signin::Window<'a> {
    signin::Window { client_id: visitor.client.id, redirect: &window.redirect, tenant: visitor.tenant }
}

/// Whether the token is there, and where to use it.
pub fn has_arrived(known: &Known) -> bool {
    known.grant.is_some() && known.hosts.is_some()
}

/// Takes what an answer says.
///
/// # Errors
///
/// Says why the answer does not lead on; then nothing is taken.
pub fn read(
    base: &Base,
    visitor: Visitor<'_>,
    (step, body): (Step, &str),
    known: &mut Known,
) -> Result<(), EntryFault> {
    match step {
        Step::Issuer => known.endpoints = Some(discovery::read_issuer(base, body)?),
        Step::Token => {
            let signed = signin::read_token(body)?;
            if known.window.as_ref().is_some_and(|window| signed.claims.are_of_another(&window.proof)) {
                return Err(EntryFault::OfAnother);
            }
            // Of a person the token names the tenant. A key was asked for at the hosts of the tenant that a person typed.
            let asked = known.hosts.as_ref().and_then(|hosts| hosts.tenant.as_ref());
            if !visitor.is_person
                && asked
                    .zip(signed.claims.tenant.as_ref())
                    .is_some_and(|(asked, given)| !asked.eq_ignore_ascii_case(given))
            {
                return Err(EntryFault::NoTenant);
            }
            known.window = None;
            known.grant = Some(signed.grant);
            // Only a person's token is renewed: a key signs in again.
            known.refresh = signed.refresh.or(known.refresh.take()).filter(|_| visitor.is_person);
            known.tenant = signed.claims.tenant.or(known.tenant.take());
            known.agent = signed.claims.agent.or(known.agent.take());
        }
        Step::Tenant => {
            let tenant = known.tenant.as_deref().or(visitor.tenant).ok_or(EntryFault::NoTenant)?;
            let endpoints = known.endpoints.as_ref().ok_or(discovery::DiscoveryFault::Lacks("token_endpoint"))?;
            known.hosts = Some(discovery::read_tenant(base, endpoints, tenant, body)?);
        }
    }
    Ok(())
}

/// Takes the address at which the window ended.
///
/// # Errors
///
/// Says why the address brings no code.
pub fn read_window(address: &str, known: &mut Known) -> Result<(), EntryFault> {
    let window = known.window.as_mut().ok_or(EntryFault::OfAnother)?;
    let code = signin::read_window(address, &window.redirect, &window.proof).map_err(|fault| match fault {
        signin::WindowFault::Stranger => EntryFault::OfAnother,
        signin::WindowFault::Denied(why) => EntryFault::Denied(why),
        fault => EntryFault::Refused(fault.to_string()),
    })?;
    window.code = Some(code);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::pkce::{Entropy, Pkce};
    use super::*;
    use crate::api::Client;
    use crate::model::address::ServiceKind;

    const REDIRECT: &str = "https://x.chromiumapp.org/";
    const ISSUER: &str = r#"{"authorization_endpoint":"https://cxone.niceincontact.com/auth/authorize",
        "token_endpoint":"https://cxone.niceincontact.com/auth/token"}"#;
    const TENANT: &str = r#"{"api_endpoint":"https://api-na1.niceincontact.com",
        "auth_endpoint":"https://na1.nice-incontact.com"}"#;
    /// Its payload is `{"tenantId":"t-1"}`.
    const TOKEN: &str = r#"{"access_token":"e30.eyJ0ZW5hbnRJZCI6InQtMSJ9.s","expires_in":3600,"refresh_token":"r-1"}"#;

    /// Goes the way, and lists what was asked.
    struct Walk {
        known: Known,
        is_person: bool,
        tenant: Option<&'static str>,
        secret: Secret,
        base: Base,
    }

    impl Walk {
        fn of(is_person: bool, tenant: Option<&'static str>) -> Walk {
            let base = Base::published();
            assert_eq!(base.service(), ServiceKind::Published);
            Walk { known: Known::default(), is_person, tenant, secret: Secret("s".to_owned()), base }
        }

        fn visitor(&self) -> Visitor<'_> {
            let client = Client { id: "c", secret: &self.secret };
            Visitor { client, is_person: self.is_person, tenant: self.tenant }
        }

        fn next(&self) -> Next {
            next(&self.base, self.visitor(), &self.known)
        }

        /// Answers the request that is next, which must be of this step.
        fn answer(&mut self, step: Step, body: &str) -> String {
            let Next::Ask(asked, request) = self.next() else { panic!("nothing is asked: {:?}", self.next()) };
            assert_eq!(asked, step);
            let secret = self.secret.clone();
            let client = Client { id: "c", secret: &secret };
            let visitor = Visitor { client, is_person: self.is_person, tenant: self.tenant };
            read(&self.base, visitor, (step, body), &mut self.known).unwrap();
            request.url
        }

        fn open_window(&mut self) {
            let proof = Pkce::of(Entropy([3; 32]), 1);
            self.known.window = Some(SignInWindow { proof, redirect: REDIRECT.to_owned(), code: None });
        }
    }

    #[test]
    fn a_person_goes_by_issuer_window_code_and_tenant() {
        let mut walk = Walk::of(true, None);
        assert_eq!(walk.next(), Next::Person, "nobody is asked before a person wants to sign in");
        walk.open_window();
        walk.answer(Step::Issuer, ISSUER);
        let Next::Open(address) = walk.next() else { panic!("no window") };
        assert!(address.0.starts_with("https://cxone.niceincontact.com/auth/authorize?client_id=c&"));
        let state = walk.known.window.as_ref().unwrap().proof.state.0.clone();
        read_window(&format!("{REDIRECT}?code=k&state={state}"), &mut walk.known).unwrap();
        assert_eq!(walk.answer(Step::Token, TOKEN), "https://cxone.niceincontact.com/auth/token");
        let url = walk.answer(Step::Tenant, TENANT);
        assert!(url.ends_with("/cxone-configuration?tenantId=t-1"), "by the tenant of the token: {url}");
        assert_eq!(walk.next(), Next::Arrived);
        assert_eq!(walk.known.refresh, Some(Secret("r-1".to_owned())));
    }

    #[test]
    fn a_person_who_was_here_goes_by_the_refresh_token_alone() {
        let mut walk = Walk::of(true, None);
        walk.open_window();
        walk.answer(Step::Issuer, ISSUER);
        walk.known.window = None;
        walk.known.refresh = Some(Secret("r-0".to_owned()));
        walk.known.hosts =
            Some(discovery::read_tenant(&walk.base, walk.known.endpoints.as_ref().unwrap(), "t", TENANT).unwrap());
        walk.answer(Step::Token, TOKEN);
        assert_eq!(walk.next(), Next::Arrived);
        assert_eq!(walk.known.refresh, Some(Secret("r-1".to_owned())), "the new one replaces the old");
        walk.known.grant = None;
        walk.answer(Step::Token, r#"{"access_token":"t"}"#);
        assert_eq!(walk.known.refresh, Some(Secret("r-1".to_owned())), "an answer without one leaves it (RFC 6749 §6)");
    }

    #[test]
    fn an_access_key_goes_to_the_hub_that_its_tenants_configuration_names() {
        let mut walk = Walk::of(false, Some("t-9"));
        walk.answer(Step::Issuer, ISSUER);
        assert!(walk.answer(Step::Tenant, TENANT).ends_with("?tenantId=t-9"));
        let url = walk.answer(Step::Token, &TOKEN.replace("eyJ0ZW5hbnRJZCI6InQtMSJ9", "eyJ0ZW5hbnRJZCI6InQtOSJ9"));
        assert_eq!(url, "https://na1.nice-incontact.com/authentication/v1/token/access-key");
        assert_eq!((walk.next(), walk.known.refresh.clone()), (Next::Arrived, None));
    }

    #[test]
    fn a_token_of_another_tenant_is_not_used_at_the_hosts_of_the_tenant_that_was_typed() {
        let mut walk = Walk::of(false, Some("T-1"));
        walk.answer(Step::Issuer, ISSUER);
        walk.answer(Step::Tenant, TENANT);
        walk.answer(Step::Token, TOKEN);
        assert_eq!(walk.next(), Next::Arrived, "a tenant's id is the same in small and in capital letters");
        let mut walk = Walk::of(false, Some("t-9"));
        walk.answer(Step::Issuer, ISSUER);
        walk.answer(Step::Tenant, TENANT);
        let visitor =
            Visitor { client: Client { id: "c", secret: &walk.secret }, is_person: false, tenant: Some("t-9") };
        assert_eq!(read(&walk.base, visitor, (Step::Token, TOKEN), &mut walk.known), Err(EntryFault::NoTenant));
        assert!(walk.known.grant.is_none());
    }

    #[test]
    fn a_tenant_that_nothing_names_and_a_hub_that_discovery_lacks_are_said() {
        let mut walk = Walk::of(false, None);
        walk.answer(Step::Issuer, ISSUER);
        assert_eq!(walk.next(), Next::Stuck(EntryFault::NoTenant));
        let mut walk = Walk::of(false, Some("t"));
        walk.answer(Step::Issuer, ISSUER);
        walk.answer(Step::Tenant, r#"{"api_endpoint":"https://api-na1.niceincontact.com"}"#);
        assert_eq!(walk.next(), Next::Stuck(discovery::DiscoveryFault::Lacks("auth_endpoint").into()));
    }

    #[test]
    fn an_answer_of_another_window_brings_no_code() {
        let mut walk = Walk::of(true, None);
        assert_eq!(read_window(REDIRECT, &mut walk.known), Err(EntryFault::OfAnother));
        walk.open_window();
        let other = format!("{REDIRECT}?code=k&state=another");
        assert_eq!(read_window(&other, &mut walk.known), Err(EntryFault::OfAnother));
        let state = walk.known.window.as_ref().unwrap().proof.state.0.clone();
        let cancelled = format!("{REDIRECT}?error=access_denied&state={state}");
        assert_eq!(read_window(&cancelled, &mut walk.known), Err(EntryFault::Denied("access_denied".to_owned())));
        let refused = format!("{REDIRECT}?error=invalid_scope&state={state}");
        assert_eq!(read_window(&refused, &mut walk.known), Err(EntryFault::Refused("invalid_scope".to_owned())));
        assert!(walk.known.window.unwrap().code.is_none());
    }
}
