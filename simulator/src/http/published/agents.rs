//! `agents`, which joins numbers to users, and `agents/states`.

use axum::response::Response;
use serde_json::{Map, Value, json};

use super::acd::{self, List};
use super::{Call, Refusal};
use crate::published::people::Person;
use crate::published::tenant::everybody;
use crate::published::time;

const FIELDS: [&str; 10] = [
    "agentId",
    "userID",
    "userName",
    "firstName",
    "lastName",
    "emailAddress",
    "isActive",
    "teamId",
    "teamName",
    "profileId",
];

/// `GET …/agents`.
pub fn agents(call: &Call<'_>, person: &Person) -> Result<Response, Refusal> {
    let sees = acd::may_see(call, person)?;
    let (page, fields) = (acd::page(call)?, acd::fields(call, &FIELDS)?);
    let all = everybody(&call.published.tenant.lock());
    let rows: Vec<Value> = all
        .iter()
        .filter(|_| sees)
        .map(|agent| {
            json!({
                "agentId": agent.id,
                "userID": agent.uuid,
                "userName": format!("{}.{}@cuewire.example", agent.given, agent.family),
                "firstName": agent.given,
                "lastName": agent.family,
                "emailAddress": null,
                "isActive": true,
                "teamId": agent.team,
                "teamName": format!("Team {}", agent.team - 7_000),
                "profileId": 1,
            })
        })
        .collect();
    let list = List {
        name: "agents",
        total: rows.len(),
        rows: rows.into_iter().skip(page.skip).take(page.top).map(|row| acd::only(row, fields.as_ref())).collect(),
        beside: Map::new(),
        nothing_new: None,
        wrapped: false,
    };
    Ok(acd::list(call, page, list))
}

/// `GET …/agents/states`.
pub fn states(call: &Call<'_>, person: &Person) -> Result<Response, Refusal> {
    let sees = acd::may_see(call, person)?;
    let page = acd::page(call)?;
    let tenant = call.published.tenant.lock();
    let rows: Vec<Value> = tenant
        .agents()
        .iter()
        .enumerate()
        .filter(|_| sees)
        .map(|(place, agent)| {
            let talk = tenant.contacts().find(|contact| contact.open() && contact.agent == Some(place));
            json!({
                "agentId": agent.id,
                "agentStateName": if talk.is_some() { "InboundContact" } else { "Available" },
                "contactId": talk.map(|contact| contact.id()),
                "isACW": false,
                "openContacts": agent.load,
                "outStateDescription": null,
                "skillId": talk.map(|contact| tenant.skills()[contact.skill].id),
                "teamId": agent.team,
                "startDate": talk.and_then(|contact| contact.agent_since).map(|at| time::three_decimals(call.unix_at(at))),
                "firstName": agent.given,
                "lastName": agent.family,
            })
        })
        .collect();
    drop(tenant);
    let list = List {
        name: "agentStates",
        total: rows.len(),
        rows: rows.into_iter().skip(page.skip).take(page.top).collect(),
        beside: Map::new(),
        nothing_new: None,
        wrapped: false,
    };
    Ok(acd::list(call, page, list))
}
