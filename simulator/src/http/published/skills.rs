//! `skills/activity`: a row for each queue, with since when the longest waits.

use axum::response::Response;
use serde_json::{Map, Value, json};

use super::acd::{self, List, Page};
use super::{Call, Refusal, Told, telling};
use crate::published::contact::Contact;
use crate::published::people::{BUSINESS_UNIT, Person};
use crate::published::switches::Switch;
use crate::published::tenant::Tenant;
use crate::published::time;

const FIELDS: [&str; 31] = [
    "serverTime",
    "businessUnitId",
    "agentsACW",
    "agentsAvailable",
    "agentsIdle",
    "agentsLoggedIn",
    "agentsUnavailable",
    "agentsWorking",
    "campaignId",
    "campaignName",
    "contactsActive",
    "earliestQueueTime",
    "emailFromAddress",
    "isActive",
    "inSLA",
    "outSLA",
    "isNaturalCalling",
    "isOutbound",
    "mediaTypeId",
    "mediaTypeName",
    "queueCount",
    "serviceLevel",
    "serviceLevelGoal",
    "serviceLevelThreshold",
    "skillId",
    "skillName",
    "skillQueueCount",
    "personalQueueCount",
    "parkedCount",
    "divisionNo",
    "lastPollTime",
];

/// Answers for all skills, or for one.
pub fn activity(call: &Call<'_>, person: &Person, one: Option<&str>) -> Result<Response, Refusal> {
    let sees = acd::may_see(call, person)?;
    let (page, since, fields) = (acd::page(call)?, acd::updated_since(call)?, acd::fields(call, &FIELDS)?);
    let media = match call.query.one("mediaTypeId") {
        None => None,
        Some(text) => Some(text.parse::<u32>().map_err(|_| acd::refuse(call, 400, "Invalid MediaTypeId"))?),
    };
    let tenant = call.published.tenant.lock();
    let ages = call.switches.is(Switch::AgeingQueue, "returns");
    let mut told = Vec::new();
    let mut rows = Vec::new();
    for (place, skill) in tenant.skills().iter().enumerate().filter(|_| sees) {
        let earliest = tenant.earliest(place);
        let asked = Tenant::sees(person.may, place)
            && one.is_none_or(|id| id == skill.id.to_string())
            && media.is_none_or(|media| media == skill.media.id_and_name().0)
            && since.is_none_or(|since| skill.changed >= since || (ages && earliest.is_some()));
        if asked {
            told.push((place, earliest));
            rows.push(acd::only(row(call, &tenant, place), fields.as_ref()));
        }
    }
    drop(tenant);
    Ok(answered(call, page, rows, told))
}

fn answered(call: &Call<'_>, page: Page, rows: Vec<Value>, told: Vec<(usize, Option<i64>)>) -> Response {
    let total = rows.len();
    let list = List {
        name: "skillActivity",
        total,
        rows: rows.into_iter().skip(page.skip).take(page.top).collect(),
        beside: Map::new(),
        nothing_new: Some(Switch::NothingNewSkills),
        wrapped: true,
    };
    let told = told.into_iter().skip(page.skip).take(page.top).collect();
    telling(Told::Skills(told), acd::list(call, page, list))
}

fn row(call: &Call<'_>, tenant: &Tenant, place: usize) -> Value {
    let skill = &tenant.skills()[place];
    let of_skill = || tenant.contacts().filter(|contact| contact.skill == place && contact.open());
    let waiting = of_skill().filter(|contact| contact.waits()).count();
    let talking = of_skill().filter(|contact| contact.agent.is_some()).count();
    let busy = tenant.agents().iter().filter(|agent| agent.load > 0).count();
    let (media, media_name) = skill.media.id_and_name();
    let earliest = match tenant.earliest(place) {
        Some(queued) => time::three_decimals(call.unix_at(queued)).into(),
        None if call.switches.is(Switch::EmptyQueueTime, "N/A") => "N/A".into(),
        None => Value::Null,
    };
    json!({
        "serverTime": time::seven_decimals(call.unix),
        "businessUnitId": BUSINESS_UNIT,
        "agentsACW": 0,
        "agentsAvailable": tenant.agents().len() - busy,
        "agentsIdle": 0,
        "agentsLoggedIn": tenant.agents().len(),
        "agentsUnavailable": 0,
        "agentsWorking": busy,
        "campaignId": 900_001,
        "campaignName": "Simulated",
        "contactsActive": of_skill().filter(|contact| active(contact)).count(),
        "earliestQueueTime": earliest,
        "emailFromAddress": null,
        "isActive": true,
        "inSLA": talking,
        "outSLA": waiting,
        "isNaturalCalling": false,
        "isOutbound": false,
        "mediaTypeId": media,
        "mediaTypeName": media_name,
        "queueCount": waiting,
        "serviceLevel": 100 * talking / (talking + waiting).max(1),
        "serviceLevelGoal": 80,
        "serviceLevelThreshold": 30,
        "skillId": skill.id,
        "skillName": skill.name,
        "skillQueueCount": waiting,
        "personalQueueCount": 0,
        "parkedCount": 0,
        "divisionNo": 1,
    })
}

fn active(contact: &Contact) -> bool {
    contact.agent.is_some()
}
