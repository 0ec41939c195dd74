//! Requests to the interface of skills, contacts and agents.

use crate::api::Access;
use crate::model::http::{HttpRequest, Method};

/// A version that NICE documents, and that clients in the field use.
const VERSION: u32 = 31;

/// Reads below the interface's address; `None` where discovery has not named its host.
pub fn get(access: &Access<'_>, path: &str) -> Option<HttpRequest> {
    request(access, Method::Get, path, String::new())
}

/// A request below the interface's address. Without `Accept` some versions answer in words.
pub fn request(access: &Access<'_>, method: Method, path: &str, body: String) -> Option<HttpRequest> {
    let hosts = access.hosts?;
    Some(HttpRequest {
        method,
        url: format!("{}/inContactAPI/services/v{VERSION}.0{path}", hosts.api),
        headers: vec![
            ("Authorization", format!("Bearer {}", access.token.0)),
            ("Content-Type", "application/json".to_owned()),
            ("Accept", "application/json".to_owned()),
        ],
        body,
    })
}

/// Reads below the address of digital cases; `None` where discovery has named none.
pub fn get_digital(access: &Access<'_>, path: &str) -> Option<HttpRequest> {
    let digital = access.hosts?.digital.as_ref()?;
    Some(HttpRequest {
        method: Method::Get,
        url: format!("{digital}/dfo/3.0{path}"),
        headers: vec![
            ("Authorization", format!("Bearer {}", access.token.0)),
            ("Accept", "application/json".to_owned()),
        ],
        body: String::new(),
    })
}
