//! `contacts/active`: who talks to whom in which skill; and the names of contact states.

use axum::response::Response;
use serde_json::{Map, Value, json};

use super::acd::{self, List};
use super::{Call, Refusal, Told, json_answer, telling};
use crate::published::contact::{Contact, Media};
use crate::published::people::{BUSINESS_UNIT, Person};
use crate::published::switches::Switch;
use crate::published::tenant::Tenant;
use crate::published::time;

const FIELDS: [&str; 47] = [
    "contactId",
    "masterContactId",
    "contactStartDate",
    "contactStart",
    "agentStartDate",
    "lastUpdateTime",
    "agentId",
    "firstName",
    "lastName",
    "targetAgentId",
    "teamId",
    "teamName",
    "skillId",
    "skillName",
    "campaignId",
    "campaignName",
    "mediaTypeId",
    "mediaTypeName",
    "mediaType",
    "mediaSubTypeId",
    "mediaSubTypeName",
    "stateId",
    "stateName",
    "state",
    "contactStateCategory",
    "digitalContactStateId",
    "digitalContactStateName",
    "fromAddress",
    "toAddress",
    "fromAddr",
    "toAddr",
    "pointOfContactId",
    "pointOfContactName",
    "holdCount",
    "isLogged",
    "isOutbound",
    "isTakeover",
    "routingAttribute",
    "highProficiency",
    "lowProficiency",
    "transferIndicatorId",
    "transferIndicatorName",
    "businessUnitId",
    "mediaSubType",
    "skill",
    "agent",
    "lastPollTime",
];

/// Contact states: number, name, category.
const STATES: [(u32, &str, &str); 6] = [
    (1, "Undefined", "Undefined"),
    (2, "PreQueue", "Pre Queue"),
    (3, "InQueue", "In Queue"),
    (4, "Active", "With Agent"),
    (5, "PostQueue", "Post Queue"),
    (6, "EndContact", "Ended"),
];

/// Answers for the contacts that a person sees.
pub fn active(call: &Call<'_>, person: &Person) -> Result<Response, Refusal> {
    let sees = acd::may_see(call, person)?;
    let (page, since, fields) = (acd::page(call)?, acd::updated_since(call)?, acd::fields(call, &FIELDS)?);
    let ends = since.is_some() && call.switches.is(Switch::DeltasShowEnd, "yes");
    let digital = call.switches.is(Switch::DigitalInActive, "yes");
    let tenant = call.published.tenant.lock();
    let asked: Vec<&Contact> = tenant
        .contacts()
        .filter(|contact| sees && Tenant::sees(person.may, contact.skill))
        .filter(|contact| contact.open() || ends)
        .filter(|contact| digital || contact.media != Media::Digital)
        .filter(|contact| since.is_none_or(|since| contact.row_changed(&call.switches) >= since))
        .filter(|contact| fits(call, &tenant, contact))
        .collect();
    let total = asked.len();
    let shown: Vec<&Contact> = asked.into_iter().skip(page.skip).take(page.top).collect();
    let told = shown.iter().map(|contact| (contact.number, contact.agent)).collect();
    let rows = shown.iter().map(|contact| acd::only(row(call, &tenant, contact), fields.as_ref())).collect();
    drop(shown);
    drop(tenant);
    let beside = Map::from_iter([("businessUnitId".to_owned(), BUSINESS_UNIT.into())]);
    let list = List {
        name: "activeContacts",
        total,
        rows,
        beside,
        nothing_new: Some(Switch::NothingNewContacts),
        wrapped: true,
    };
    Ok(telling(Told::Contacts(told), acd::list(call, page, list)))
}

/// Whether a contact fits what else the query asks for.
fn fits(call: &Call<'_>, tenant: &Tenant, contact: &Contact) -> bool {
    let agent = contact.agent.map(|place| &tenant.agents()[place]);
    let is = |name: &str, value: Option<u64>| {
        call.query.one(name).is_none_or(|asked| value.is_some_and(|value| asked == value.to_string()))
    };
    is("contactId", Some(contact.id()))
        && is("skillId", tenant.skills().get(contact.skill).map(|skill| skill.id))
        && is("mediaTypeId", Some(contact.media.id_and_name().0.into()))
        && is("agentId", agent.map(|agent| agent.id))
        && is("teamId", agent.map(|agent| agent.team))
        && is("stateId", Some(state(call, contact).0.into()))
}

/// The state of a contact, by this tenant's numbers.
fn state(call: &Call<'_>, contact: &Contact) -> (u32, &'static str, &'static str) {
    let place = match contact {
        contact if !contact.open() => 5,
        contact if contact.agent.is_some() => 3,
        contact if contact.queued.is_some() => 2,
        _ => 1,
    };
    numbered(call, place)
}

fn numbered(call: &Call<'_>, place: usize) -> (u32, &'static str, &'static str) {
    let (id, name, category) = STATES[place];
    (if call.switches.is(Switch::StateIds, "seen") { id } else { 40 - id }, name, category)
}

/// `GET …/contact-state-descriptions`.
pub fn states(call: &Call<'_>) -> Response {
    let rows: Vec<Value> = (0..STATES.len())
        .map(|place| numbered(call, place))
        .map(|(id, name, category)| {
            json!({ "ContactStateId": id, "ContactStateDescription": name, "ContactStateCategory": category })
        })
        .collect();
    json_answer(200, &json!({ "contactStateDescriptions": rows }))
}

fn row(call: &Call<'_>, tenant: &Tenant, contact: &Contact) -> Value {
    let skill = &tenant.skills()[contact.skill];
    let agent = contact.agent.map(|place| &tenant.agents()[place]);
    let (state, state_name, category) = state(call, contact);
    let (media, media_name) = contact.media.id_and_name();
    let started = call.unix_at(contact.started);
    let start = match call.switches.value(Switch::ContactStart) {
        "number" => (started / 1_000_000).into(),
        _ => Value::from(time::three_decimals(started)),
    };
    let transferred = u8::from(contact.transferred);
    let mut row = json!({
        "contactId": contact.id(),
        "masterContactId": contact.id(),
        "contactStartDate": start,
        "agentStartDate": contact.agent_since.map(|at| time::three_decimals(call.unix_at(at))),
        "lastUpdateTime": time::three_decimals(call.unix_at(contact.row_changed(&call.switches))),
        "firstName": agent.map(|agent| &agent.given),
        "lastName": agent.map(|agent| &agent.family),
        "targetAgentId": null,
        "teamId": agent.map(|agent| agent.team),
        "teamName": agent.map(|agent| format!("Team {}", agent.team - 7_000)),
        "skillId": skill.id,
        "skillName": skill.name,
        "campaignId": 900_001,
        "campaignName": "Simulated",
        "mediaTypeId": media,
        "mediaTypeName": media_name,
        "mediaSubTypeId": 0,
        "mediaSubTypeName": null,
        "stateId": state,
        "stateName": state_name,
        "contactStateCategory": category,
        "digitalContactStateId": (contact.media == Media::Digital).then_some(1),
        "digitalContactStateName": (contact.media == Media::Digital).then_some("Open"),
        "fromAddress": format!("customer-{}@example.com", contact.number),
        "toAddress": "service@example.com",
        "pointOfContactId": 1,
        "pointOfContactName": "Main",
        "holdCount": contact.held,
        "isLogged": false,
        "isOutbound": false,
        "isTakeover": false,
        "routingAttribute": null,
        "highProficiency": 1,
        "lowProficiency": 20,
        "transferIndicatorId": transferred * 2,
        "transferIndicatorName": if transferred == 0 { "None" } else { "ReAgent" },
    });
    match (agent, call.switches.value(Switch::NoAgent)) {
        (Some(agent), _) => row["agentId"] = agent.id.into(),
        (None, "absent") => {}
        (None, "null") => row["agentId"] = Value::Null,
        (None, _) => row["agentId"] = 0.into(),
    }
    if call.switches.is(Switch::ContactNames, "v23") {
        old_names(&mut row);
    }
    row
}

/// The names that version 23 has.
fn old_names(row: &mut Value) {
    let Some(fields) = row.as_object_mut() else { return };
    for (new, old) in [
        ("contactStartDate", "contactStart"),
        ("stateName", "state"),
        ("mediaTypeName", "mediaType"),
        ("fromAddress", "fromAddr"),
        ("toAddress", "toAddr"),
    ] {
        if let Some(value) = fields.remove(new) {
            fields.insert(old.to_owned(), value);
        }
    }
}
