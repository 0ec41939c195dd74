//! Discovery: the issuer says where tokens come from, and its tenant's configuration says where all else is.
//!
//! Two requests without a token. `GET {issuer}/.well-known/openid-configuration` is OpenID Connect Discovery; the
//! tenant's configuration stands beside it.

use percent_encoding::utf8_percent_encode;
use serde_json::Value;
use thiserror::Error;

use super::hosts::{HostFault, Hosts, is_published, vouched};
use crate::api::contract::SEGMENT;
use crate::model::address::Base;
use crate::model::http::{HttpRequest, Method};
use crate::model::json::{self, FromJson, ToJson};

/// The area whose digital host is in the government domain, as NICE's agent SDK has it.
const GOVERNMENT_AREA: &str = "na2";

/// The domain of that host.
const GOVERNMENT_DOMAIN: &str = "nicecxone-gov.com";

/// Where a person signs in and where tokens come from.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
pub struct Endpoints {
    /// Where a person signs in.
    pub authorization: String,
    /// Where tokens come from.
    pub token: String,
}

/// Why a discovery answer cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DiscoveryFault {
    /// Not JSON, or no object.
    #[error("the answer is not a JSON object")]
    NotAnObject,
    /// A field that is needed.
    #[error("the answer lacks {0}")]
    Lacks(&'static str),
    /// The issuer names its methods, and S256 is not among them.
    #[error("the issuer does not take S256")]
    NoS256,
    /// An address that is not used.
    #[error(transparent)]
    Host(#[from] HostFault),
}

impl DiscoveryFault {
    /// The stable name by which pages find their words.
    pub fn name(&self) -> &'static str {
        match self {
            DiscoveryFault::NotAnObject => "notAnObject",
            DiscoveryFault::Lacks(_) => "lacks",
            DiscoveryFault::NoS256 => "noS256",
            DiscoveryFault::Host(HostFault::NotAnAddress { .. }) => "notAnAddress",
            DiscoveryFault::Host(HostFault::NotEncrypted { .. }) => "notEncrypted",
            DiscoveryFault::Host(HostFault::NotVouched { .. }) => "notVouched",
        }
    }

    /// The field or the host that it is about; empty where it is the answer as a whole.
    pub fn about(&self) -> &str {
        match self {
            DiscoveryFault::NotAnObject | DiscoveryFault::NoS256 => "",
            DiscoveryFault::Lacks(field) => field,
            DiscoveryFault::Host(HostFault::NotAnAddress { field } | HostFault::NotEncrypted { field }) => field,
            DiscoveryFault::Host(HostFault::NotVouched { host, .. }) => host,
        }
    }
}

/// Asks the issuer where people sign in and where tokens come from.
pub fn issuer_request(issuer: &Base) -> HttpRequest {
    get(format!("{}/.well-known/openid-configuration", issuer.http()))
}

/// Asks where a tenant's hosts are.
pub fn tenant_request(issuer: &Base, tenant: &str) -> HttpRequest {
    let tenant = utf8_percent_encode(tenant, SEGMENT);
    get(format!("{}/.well-known/cxone-configuration?tenantId={tenant}", issuer.http()))
}

fn get(url: String) -> HttpRequest {
    let headers = vec![("Accept", "application/json".to_owned())];
    HttpRequest { method: Method::Get, url, headers, body: String::new() }
}

#[derive(FromJson)]
struct IssuerAnswer {
    authorization_endpoint: Option<Value>,
    token_endpoint: Option<Value>,
    code_challenge_methods_supported: Option<Value>,
}

/// Reads the answer to [`issuer_request`].
///
/// # Errors
///
/// Says why the answer cannot be used.
pub fn read_issuer(issuer: &Base, body: &str) -> Result<Endpoints, DiscoveryFault> {
    let answer: IssuerAnswer = json::read(body).ok_or(DiscoveryFault::NotAnObject)?;
    // These are whole addresses, where a slash at the end may matter.
    let address = |field, value| {
        let text = text(field, value)?;
        let slash = if text.ends_with('/') { "/" } else { "" };
        Ok::<_, DiscoveryFault>(format!("{}{slash}", vouched(issuer, field, text)?.http()))
    };
    if let Some(Value::Array(methods)) = &answer.code_challenge_methods_supported
        && !methods.iter().any(|method| method == "S256")
    {
        return Err(DiscoveryFault::NoS256);
    }
    Ok(Endpoints {
        authorization: address("authorization_endpoint", answer.authorization_endpoint.as_ref())?,
        token: address("token_endpoint", answer.token_endpoint.as_ref())?,
    })
}

#[derive(FromJson)]
struct TenantAnswer {
    area: Option<Value>,
    domain: Option<Value>,
    #[serde(rename = "uhDomain")]
    hub_domain: Option<Value>,
    auth_endpoint: Option<Value>,
    api_endpoint: Option<Value>,
}

/// Reads the answer to [`tenant_request`].
///
/// # Errors
///
/// Says why the answer cannot be used.
pub fn read_tenant(issuer: &Base, known: &Endpoints, tenant: &str, body: &str) -> Result<Hosts, DiscoveryFault> {
    let answer: TenantAnswer = json::read(body).ok_or(DiscoveryFault::NotAnObject)?;
    let api = vouched(issuer, "api_endpoint", text("api_endpoint", answer.api_endpoint.as_ref())?)?;
    let hub = answer.auth_endpoint.as_ref().and_then(Value::as_str).filter(|address| !address.is_empty());
    let hub = hub.map(|address| vouched(issuer, "auth_endpoint", address)).transpose()?;
    Ok(Hosts {
        authorization: known.authorization.clone(),
        token: known.token.clone(),
        digital: digital(issuer, (&api, hub.as_ref()), &answer)?,
        api: api.http().to_owned(),
        hub: hub.map(|hub| hub.http().to_owned()),
        tenant: Some(tenant.to_owned()),
    })
}

/// The host of digital contacts, as NICE's agent SDK makes it of the answer's area and domain. A gateway or a simulator
/// has paths in place of hosts: `…/api` stands beside `…/api-de`, and without such a path all is at one address.
fn digital(
    issuer: &Base,
    (api, hub): (&Base, Option<&Base>),
    answer: &TenantAnswer,
) -> Result<Option<String>, DiscoveryFault> {
    if !is_published(api.host()) {
        let beside = api.http().strip_suffix("/api").map(|before| format!("{before}/api-de"));
        return Ok(Some(beside.unwrap_or_else(|| api.http().to_owned())));
    }
    let Some(domain) = said(answer.domain.as_ref()) else { return Ok(None) };
    let told = said(answer.area.as_ref()).or_else(|| {
        let hub_domain = said(answer.hub_domain.as_ref())?;
        Some(area_of((api, hub?), (&domain, &hub_domain))?.to_owned())
    });
    let Some(area) = told else { return Ok(None) };
    let domain = if area == GOVERNMENT_AREA { GOVERNMENT_DOMAIN } else { &*domain };
    Ok(Some(vouched(issuer, "domain", &format!("https://api-de-{area}.{domain}"))?.http().to_owned()))
}

/// The area of an answer that leaves it out, which the answer may. NICE makes `api-{area}.{domain}` and
/// `{area}.{uhDomain}` of the area, so both hosts must name the same one; otherwise this would be a guess.
fn area_of<'a>((api, hub): (&'a Base, &Base), (domain, hub_domain): (&str, &str)) -> Option<&'a str> {
    let before = |host: &'a str, domain: &str| host.strip_suffix(domain)?.strip_suffix('.');
    let area = before(api.host(), domain)?.strip_prefix("api-")?;
    (!area.contains('.') && hub.host() == format!("{area}.{hub_domain}")).then_some(area)
}

fn said(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_ascii_lowercase)
}

fn text<'a>(field: &'static str, value: Option<&'a Value>) -> Result<&'a str, DiscoveryFault> {
    value.and_then(Value::as_str).filter(|text| !text.is_empty()).ok_or(DiscoveryFault::Lacks(field))
}

#[cfg(test)]
#[path = "discovery/tests.rs"]
mod tests;
