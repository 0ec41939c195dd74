//! The digital service: contacts with their assignees, and messages with the customer's mood.

use axum::response::Response;
use serde_json::{Value, json};

use super::acd::plain;
use super::{Call, Refusal, Told, json_answer, limited, telling};
use crate::published::contact::{Contact, Label, Media, Message};
use crate::published::people::Person;
use crate::published::switches::Switch;
use crate::published::tenant::Tenant;
use crate::published::time;

/// How the token of a next page begins.
const SCROLL: &str = "after-";

/// Lets a request in, or answers it.
pub fn enter(call: &Call<'_>) -> Result<&'static Person, Refusal> {
    if let Some(refusal) = limited(call, true) {
        return Err(Box::new(refusal));
    }
    let person = call.bearer().ok_or_else(|| refuse(call, 401, "Invalid or expired token"))?;
    call.published.counts.lock().look(call.now);
    if !person.may.digital && call.switches.is(Switch::MissingPermission, "403") {
        return Err(refuse(call, 403, "The user may not see digital contacts"));
    }
    Ok(person)
}

/// An error, in the form that this tenant has.
pub fn refuse(call: &Call<'_>, status: u16, words: &str) -> Refusal {
    if call.switches.is(Switch::DigitalErrorBody, "empty") {
        return Box::new(plain(status, ""));
    }
    let errors = json!([{ "message": words, "errorCode": status }]);
    Box::new(json_answer(status, &json!({ "errors": errors, "uid": "simulated" })))
}

/// Whether a person sees a digital contact.
fn visible(person: &Person, contact: &Contact) -> bool {
    contact.media == Media::Digital && person.may.digital && Tenant::sees(person.may, contact.skill)
}

/// `GET /dfo/3.0/contacts`.
pub fn cases(call: &Call<'_>) -> Result<Response, Refusal> {
    let person = enter(call)?;
    let after = match call.query.one("scrollToken") {
        None => 0,
        Some(token) => token
            .strip_prefix(SCROLL)
            .and_then(|number| number.parse::<u64>().ok())
            .ok_or_else(|| refuse(call, 400, "Invalid scrollToken"))?,
    };
    let most: usize = call.switches.value(Switch::ScrollPage).parse().unwrap_or(25);
    let (asked, queues) = (call.query.all("status"), call.query.all("routingQueueId"));
    let tenant = call.published.tenant.lock();
    let fits = |contact: &&Contact| {
        visible(person, contact)
            && (asked.is_empty() || asked.contains(&status(contact)))
            && (queues.is_empty() || queues.contains(&queue_id(&tenant, contact).as_str()))
    };
    let hits = tenant.contacts().filter(fits).count();
    let shown: Vec<&Contact> = tenant.contacts_after(after).filter(fits).take(most).collect();
    let last = shown.last().map(|contact| contact.number);
    let more = last.is_some_and(|last| tenant.contacts_after(last).any(|contact| fits(&contact)));
    let told = shown.iter().map(|contact| (contact.number, contact.agent)).collect();
    let rows: Vec<Value> = shown.iter().map(|contact| row(call, &tenant, contact)).collect();
    let mut body = json!({ "hits": hits, "data": rows });
    let goes_on = more || (last.is_some() && call.switches.is(Switch::ScrollEnd, "empty-page"));
    if let Some(last) = last.filter(|_| goes_on) {
        body["scrollToken"] = format!("{SCROLL}{last}").into();
    }
    drop(shown);
    drop(tenant);
    Ok(telling(Told::Cases(told), json_answer(200, &body)))
}

/// `GET /dfo/3.0/contacts/{id}`.
pub fn case(call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let person = enter(call)?;
    let tenant = call.published.tenant.lock();
    let contact = find(&tenant, id).filter(|contact| visible(person, contact));
    let body = contact.map(|contact| (contact.number, contact.agent, row(call, &tenant, contact)));
    drop(tenant);
    let (number, agent, row) = body.ok_or_else(|| refuse(call, 404, "Contact not found"))?;
    Ok(telling(Told::Cases(vec![(number, agent)]), json_answer(200, &row)))
}

/// `GET /dfo/3.0/contacts/{id}/messages`, or `GET /dfo/3.0/messages?contactNumber=…`.
pub fn messages(call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let person = enter(call)?;
    let tenant = call.published.tenant.lock();
    let found = find(&tenant, id).filter(|contact| visible(person, contact)).cloned();
    drop(tenant);
    let contact = found.ok_or_else(|| refuse(call, 404, "Contact not found"))?;
    let direction = call.query.one("direction");
    let fits = |message: &&Message| direction.is_none_or(|asked| asked == side(message));
    let mut rows: Vec<Value> =
        contact.messages.iter().filter(fits).map(|message| message_row(call, &contact, message)).collect();
    if call.switches.is(Switch::DigitalOrder, "newest-first") {
        rows.reverse();
    }
    let body = json!({ "hits": rows.len(), "data": rows });
    Ok(telling(Told::Messages(contact.number), json_answer(200, &body)))
}

fn find<'a>(tenant: &'a Tenant, id: &str) -> Option<&'a Contact> {
    tenant.contact(Contact::of_case(id.parse().ok()?)?)
}

fn status(contact: &Contact) -> &'static str {
    match contact {
        contact if !contact.open() => "closed",
        contact if contact.agent.is_some() => "open",
        _ => "new",
    }
}

fn side(message: &Message) -> &'static str {
    if message.label.is_some() { "inbound" } else { "outbound" }
}

fn queue_id(tenant: &Tenant, contact: &Contact) -> String {
    format!("11ec1a2b-0002-4000-8000-{:012x}", tenant.skills()[contact.skill].id)
}

fn row(call: &Call<'_>, tenant: &Tenant, contact: &Contact) -> Value {
    let skill = &tenant.skills()[contact.skill];
    let iso = |at| time::three_decimals(call.unix_at(at));
    let assignee = contact.agent.map(|place| {
        let agent = &tenant.agents()[place];
        json!({ "id": 5_000 + place, "incontactId": agent.uuid, "firstName": agent.given, "surname": agent.family })
    });
    let (inbox, owner) = match call.switches.value(Switch::Assignee) {
        "owner" => (None, assignee),
        _ => (assignee, None),
    };
    let id = match call.switches.value(Switch::DigitalContactId) {
        "number" => contact.id().into(),
        "null-on-some" if contact.number.is_multiple_of(3) => Value::Null,
        _ => contact.id().to_string().into(),
    };
    let count = |side: &str| contact.messages.iter().filter(|message| self::side(message) == side).count();
    let felt = |label: Label| contact.inbound().filter(|message| message.label == Some(label)).count();
    let mut row = json!({
        "id": contact.case().to_string(),
        "contactId": id,
        "interactionId": format!("11ec1a2b-0003-4000-8000-{:012x}", contact.number),
        "channelId": "chat_simulated",
        "direction": "inbound",
        "createdAt": iso(contact.started),
        "status": status(contact),
        "statusUpdatedAt": iso(contact.status_changed),
        "routingQueueId": queue_id(tenant, contact),
        "skillId": skill.id,
        "skillName": skill.name,
        "outboundCount": count("outbound"),
        "inboxAssigneeUser": inbox,
        "ownerAssigneeUser": owner,
        "endUser": {
            "id": format!("customer-{}", contact.number),
            "sentimentStatistics": {
                "positive": felt(Label::Positive),
                "neutral": felt(Label::Neutral),
                "negative": felt(Label::Negative),
            },
        },
    });
    if call.switches.is(Switch::InboundCount, "given") {
        row["inboundCount"] = count("inbound").into();
    }
    row
}

fn message_row(call: &Call<'_>, contact: &Contact, message: &Message) -> Value {
    let at = call.unix_at(message.at);
    let to_the_second = time::three_decimals(at - at.rem_euclid(1_000_000));
    let mut row = json!({
        "id": format!("message-{}", message.number),
        "direction": side(message),
        "createdAt": to_the_second,
        "createdAtWithMilliseconds": time::three_decimals(at),
        "messageContent": { "type": "TEXT", "payload": { "text": "A message that nobody wrote." } },
        "contactNumber": contact.case().to_string(),
        "threadId": format!("thread-{}", contact.number),
    });
    if let Some(label) = message.shown(&call.switches, call.now as i64) {
        row["sentiment"] = label.name().into();
    }
    row
}
