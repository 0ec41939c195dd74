//! Where the service is: an organisation's own address, or one that replaces it.

use std::net::{Ipv4Addr, Ipv6Addr};

use thiserror::Error;

/// The longest address, in bytes.
const ADDRESS_LIMIT: usize = 500;

/// One DNS label: letters, digits and inner hyphens, at most 63, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization(String);

impl Organization {
    /// Reads a label; upper case becomes lower, as in DNS.
    pub fn parse(text: &str) -> Option<Organization> {
        is_label(text).then(|| Organization(text.to_ascii_lowercase()))
    }

    /// The label.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which service is spoken at an address. `crate::api` has one module for each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ServiceKind {
    /// The contract of the default connection.
    #[default]
    Contract,
    /// The service that NICE publishes: polls in place of a stream, and messages to agents in place of cards.
    Published,
    /// The test double.
    #[cfg(test)]
    Double,
}

/// Why an address cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AddressError {
    /// Not scheme, host and maybe port and path, or one that a browser would write differently.
    #[error("not a plain address")]
    NotAUrl,
    /// Not encrypted, and not this machine or not a development build.
    #[error("not encrypted")]
    NeedsHttps,
}

/// Scheme, host, maybe a port and a path prefix; never a trailing slash, a query or user information. And which service
/// is spoken there.
///
/// An address that a browser would silently rewrite (dot segments, numbers as hosts, empty segments) is refused, so
/// that the address that was read is the address that is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    service: ServiceKind,
    /// Names the connection.
    name: String,
    http: String,
    ws: String,
    host: String,
}

impl Base {
    /// The organisation's own address.
    pub fn of(organization: &Organization) -> Base {
        Base::build(true, format!("{}.cxone.com", organization.0), None, "")
    }

    /// The issuer of the published service.
    pub fn published() -> Base {
        let issuer = "cxone.niceincontact.com".to_owned();
        Base::build(true, issuer, None, "").speaking(ServiceKind::Published)
    }

    /// Reads a service address: `https` (or `wss`) for any host; `http` (or `ws`) for this machine alone, where
    /// `loopback_allowed`.
    pub fn parse(text: &str, loopback_allowed: bool) -> Result<Base, AddressError> {
        if text.len() > ADDRESS_LIMIT {
            return Err(AddressError::NotAUrl);
        }
        let (scheme, rest) = text.split_once("://").ok_or(AddressError::NotAUrl)?;
        let (secure, default_port) = match &*scheme.to_ascii_lowercase() {
            "https" | "wss" => (true, 443),
            "http" | "ws" => (false, 80),
            _ => return Err(AddressError::NotAUrl),
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = split_port(authority).ok_or(AddressError::NotAUrl)?;
        let (host, loopback) = read_host(host).ok_or(AddressError::NotAUrl)?;
        let path = path.strip_suffix('/').unwrap_or(path);
        if !path.is_empty() && !path[1..].split('/').all(is_segment) {
            return Err(AddressError::NotAUrl);
        }
        let plain_is_fine = loopback && loopback_allowed;
        if !secure && !plain_is_fine {
            return Err(AddressError::NeedsHttps);
        }
        Ok(Base::build(secure, host, port.filter(|port| *port != default_port), path))
    }

    fn build(secure: bool, host: String, port: Option<u16>, path: &str) -> Base {
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let s = if secure { "s" } else { "" };
        let http = format!("http{s}://{host}{port}{path}");
        Base {
            service: ServiceKind::default(),
            name: http.clone(),
            http,
            ws: format!("ws{s}://{host}{port}{path}"),
            host,
        }
    }

    /// The same address, where another service is spoken.
    pub fn speaking(self, service: ServiceKind) -> Base {
        let base = Base { service, ..self };
        Base { name: base.issuer(), ..base }
    }

    /// The same address for one tenant. All tenants of the published service share one address, and two that have an
    /// interaction with the same id must never meet.
    pub fn of_tenant(self, tenant: &str) -> Base {
        Base { name: format!("{} {tenant}", self.issuer()), ..self }
    }

    /// Names the service at its address, whichever tenant's.
    pub fn issuer(&self) -> String {
        match self.service {
            ServiceKind::Published => format!("published {}", self.http),
            _ => self.http.clone(),
        }
    }

    /// The service that is spoken there.
    pub fn service(&self) -> ServiceKind {
        self.service
    }

    /// Names the connection, in keys and records: two services at one address are two connections. The contract's name
    /// is its address, because earlier versions stored that.
    pub fn connection(&self) -> &str {
        &self.name
    }

    /// For requests, without a slash at its end.
    pub fn http(&self) -> &str {
        &self.http
    }

    /// Scheme, host and maybe port.
    pub fn origin(&self) -> &str {
        origin_of(&self.http)
    }

    /// The same for sockets.
    pub fn ws(&self) -> &str {
        &self.ws
    }

    /// Whether it is on this machine.
    pub fn is_local(&self) -> bool {
        read_host(&self.host).is_some_and(|(_, is_local)| is_local)
    }

    /// The host alone, without a port; an IPv6 address stands in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }
}

/// Scheme, host and maybe port of an absolute address.
pub fn origin_of(url: &str) -> &str {
    let authority = url.find("://").map_or(0, |at| at + 3);
    let end = url[authority..].find(['/', '?', '#']).map_or(url.len(), |at| authority + at);
    &url[..end]
}

fn is_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    (1..=63).contains(&bytes.len())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// The host of an absolute address, without its port.
pub fn host_of(url: &str) -> &str {
    let origin = origin_of(url);
    let authority = origin.find("://").map_or(origin, |at| &origin[at + 3..]);
    split_port(authority).map_or(authority, |(host, _)| host)
}

/// The host in lower case, and whether it is this machine.
fn read_host(text: &str) -> Option<(String, bool)> {
    if let Some(inner) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        let address: Ipv6Addr = inner.parse().ok()?;
        // Browsers write an embedded IPv4 address in hexadecimal; nobody needs one here.
        let plain = address.to_ipv4_mapped().is_none() && !address.to_string().contains('.');
        return plain.then(|| (format!("[{address}]"), address.is_loopback()));
    }
    if text.len() > 253 || !text.split('.').all(is_label) {
        return None;
    }
    // A host whose last label is a number is an IPv4 address to a browser, however it is written (URL Standard, "ends
    // in a number").
    let last = text.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let hexadecimal = last.strip_prefix("0x").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if hexadecimal || last.bytes().all(|byte| byte.is_ascii_digit()) {
        let address: Ipv4Addr = text.parse().ok()?;
        return Some((address.to_string(), address.is_loopback()));
    }
    let host = text.to_ascii_lowercase();
    let loopback = host == "localhost";
    Some((host, loopback))
}

fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let host_end = authority.rfind(']').map_or(0, |end| end + 1);
    let Some(colon) = authority[host_end..].find(':') else { return Some((authority, None)) };
    let (host, port) = (&authority[..host_end + colon], &authority[host_end + colon + 1..]);
    let plain = (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit());
    let port = plain.then(|| port.parse::<u16>().ok()).flatten().filter(|port| *port != 0)?;
    Some((host, Some(port)))
}

/// Whether a path segment is not empty, holds only what RFC 3986 lets it hold, and is no dot segment in any spelling.
fn is_segment(text: &str) -> bool {
    let bytes = text.as_bytes();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte);
    let escapes_are_whole = || {
        bytes
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'%')
            .all(|(at, _)| bytes.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)))
    };
    let undotted = text.to_ascii_lowercase().replace("%2e", ".");
    !text.is_empty()
        && bytes.iter().all(|byte| allowed(*byte) || *byte == b'%')
        && escapes_are_whole()
        && undotted != "."
        && undotted != ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> Result<String, AddressError> {
        Base::parse(text, true).map(|base| base.http().to_owned())
    }

    #[test]
    fn an_organisation_is_one_label() {
        let longest = "a".repeat(63);
        for name in ["acme", "a", "A-1", "0", "x--y", &longest] {
            assert!(Organization::parse(name).is_some(), "{name}");
        }
        let too_long = "a".repeat(64);
        for name in ["", "-a", "a-", "a.b", "a b", "ä", "a/b", "a_b", "a:1", "evil.com#", &too_long] {
            assert!(Organization::parse(name).is_none(), "{name}");
        }
        let base = Base::of(&Organization::parse("Acme").unwrap());
        assert_eq!((base.http(), base.ws()), ("https://acme.cxone.com", "wss://acme.cxone.com"));
        assert_eq!(base.host(), "acme.cxone.com");
    }

    #[test]
    fn an_address_keeps_its_port_and_path_and_loses_its_last_slash() {
        let base = Base::parse("HTTPS://Gate.Example.com:8443/cx/one/", false).unwrap();
        assert_eq!(base.http(), "https://gate.example.com:8443/cx/one");
        assert_eq!(base.ws(), "wss://gate.example.com:8443/cx/one");
        assert_eq!(base.host(), "gate.example.com");
        assert_eq!(self::base("https://a.example:443/"), Ok("https://a.example".to_owned()));
        assert_eq!(self::base("wss://a.example/~x/%7Ey"), Ok("https://a.example/~x/%7Ey".to_owned()));
    }

    #[test]
    fn plain_http_is_for_this_machine_in_development_builds() {
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "127.255.3.4", "[::1]:80", "[0:0:0:0:0:0:0:1]"] {
            assert!(Base::parse(&format!("http://{host}"), true).is_ok(), "{host}");
            assert!(Base::parse(&format!("ws://{host}/x"), true).is_ok(), "{host}");
            assert_eq!(Base::parse(&format!("http://{host}"), false), Err(AddressError::NeedsHttps));
            assert!(Base::parse(&format!("https://{host}"), false).is_ok(), "{host}");
        }
        for host in ["localhost.evil.com", "evil-localhost", "128.0.0.1", "10.0.0.1", "[::2]", "x127.0.0.1.example"] {
            assert_eq!(Base::parse(&format!("http://{host}"), true), Err(AddressError::NeedsHttps), "{host}");
        }
        assert_eq!(self::base("ws://127.0.0.1:80/"), Ok("http://127.0.0.1".to_owned()));
    }

    #[test]
    fn what_is_no_plain_address_is_refused() {
        let too_long = format!("https://a/{}", "x".repeat(500));
        for text in [
            "",
            "acme.example",
            "//acme.example",
            "ftp://a.example",
            "javascript://a.example",
            "https://",
            "https:///x",
            "https://user@a.example",
            "https://user:pw@a.example",
            "https://a.example?x",
            "https://a.example/x?y",
            "https://a.example#x",
            "https://a.example/x#y",
            "https://a..example",
            "https://a.example.",
            "https://a example",
            "https://a.example/a b",
            "https://ä.example",
            "https://a_b.example",
            "https://a.example:0",
            "https://a.example:65536",
            "https://a.example:+80",
            "https://a.example:",
            "https://a.example:80:80",
            "https://a.example\\x",
            "https://a.example/\\x",
            "https://[::1",
            "https://::1",
            "https://[::1]x",
            "https://[fe80::1%25eth0]",
            "https://[::ffff:127.0.0.1]",
            "https://2130706433",
            "https://0x7f.1",
            "https://127.1",
            "https://127.0.0.01",
            "https://256.0.0.1",
            "https://a.example//x",
            "https://a.example/x//",
            "https://a.example/..",
            "https://a.example/./x",
            "https://a.example/x/%2E%2e",
            "https://a.example/%zz",
            "https://a.example/%4",
            "https://a.example/\u{0}",
            &too_long,
        ] {
            assert_eq!(base(text), Err(AddressError::NotAUrl), "{text}");
        }
    }
}
