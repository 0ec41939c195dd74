//! The reads of a connection test that has a token: the smallest of each kind that Cuewire needs later.

use super::super::acd;
use crate::api::entry::{Check, Checked};

/// In the order of the test.
pub static CHECKS: [Check; 5] = [
    Check { what: Checked::Time, request: |access, _| acd::get(access, "/server-time") },
    Check { what: Checked::Queues, request: |access, _| acd::get(access, "/skills/activity?top=1") },
    Check { what: Checked::Contacts, request: |access, _| acd::get(access, "/contacts/active?top=1") },
    Check { what: Checked::Digital, request: |access, _| acd::get_digital(access, "/contacts?status%5B%5D=new") },
    Check { what: Checked::Messages, request: |access, agent| acd::get(access, &messages(agent?)?) },
];

/// The messages of one agent; none where an id is no number, because it would name another resource.
fn messages(agent: &str) -> Option<String> {
    let plain = !agent.is_empty() && agent.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| format!("/agents/{agent}/messages"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Access, Hosts};
    use crate::model::address::Base;
    use crate::model::http::{Method, Secret};

    #[test]
    fn a_test_reads_one_of_each_and_writes_nothing() {
        let hosts = Hosts {
            authorization: "https://a".to_owned(),
            token: "https://t".to_owned(),
            api: "https://api".to_owned(),
            digital: None,
            hub: None,
            tenant: None,
        };
        let (base, token) = (Base::published(), Secret("t-1".to_owned()));
        let access = Access { base: &base, hosts: Some(&hosts), token: &token };
        let asked = |agent| {
            let requests = CHECKS.iter().map(move |check| (check.request)(&access, agent));
            requests.map(|request| request.map(|request| (request.method, request.url))).collect::<Vec<_>>()
        };
        let get = |path: &str| Some((Method::Get, format!("https://api/inContactAPI/services/v31.0{path}")));
        let reads = [get("/server-time"), get("/skills/activity?top=1"), get("/contacts/active?top=1"), None];
        assert_eq!(asked(Some("42")), [&reads[..], &[get("/agents/42/messages")]].concat());
        assert_eq!(asked(Some("../42")), [&reads[..], &[None]].concat(), "no id that names another resource");
        assert_eq!(asked(None)[4], None);
    }
}
