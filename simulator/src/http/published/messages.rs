//! Agent messages: sending, reading back, taking back. And signals to a contact's script.

use axum::body::Body;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::acd::{plain, refuse};
use super::{Call, Refusal, json_answer, telling};
use crate::published::Told;
use crate::published::contact::{At, Contact};
use crate::published::inbox::{Addressee, Draft, MOST_ITEMS, Signal, Stored};
use crate::published::people::Person;
use crate::published::switches::Switch;
use crate::published::tenant::everybody;
use crate::published::time;

/// `POST …/agents/messages`.
pub fn send(call: &Call<'_>, person: &'static Person) -> Result<Response, Refusal> {
    if !person.may.message {
        call.published.refused(&addressees(&call.body), call.now as At);
        return Err(refuse(call, 403, "Check Security Profile permissions"));
    }
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let items = body["agentMessages"].as_array().filter(|items| !items.is_empty());
    let items = items.ok_or_else(|| refuse(call, 400, "agentMessages is required"))?;
    if items.len() > MOST_ITEMS {
        return Err(refuse(call, 400, "agentMessages must not have more than 10000 items"));
    }
    let agents = everybody(&call.published.tenant.lock());
    let exists = |draft: &Draft| match draft.to {
        Addressee::Agent(id) => agents.iter().any(|agent| agent.id == id),
        Addressee::Team(id) => agents.iter().any(|agent| agent.team == id),
        Addressee::Everyone | Addressee::Station(_) => true,
    };
    let read = |item: &Value| {
        let draft = Draft::read(item)?;
        let stored = exists(&draft) || call.switches.is(Switch::UnknownAgent, "stored");
        if stored { Ok(draft) } else { Err("Invalid targetId") }
    };
    let drafts: Vec<Result<Draft, &'static str>> = items.iter().map(read).collect();
    let wrong = drafts.iter().find_map(|draft| draft.as_ref().err());
    if let Some(reason) = wrong.filter(|_| call.switches.is(Switch::MessageLimits, "whole")) {
        return Err(refuse(call, 400, reason));
    }
    let errors = drafts.iter().filter(|draft| draft.is_err()).count();
    let subjects = drafts.iter().flatten().map(|draft| draft.subject.clone()).collect();
    let results: Vec<Value> = drafts.into_iter().map(|draft| store(call, person, draft)).collect();
    let status = if errors > 0 { 206 } else { 200 };
    let answer = json_answer(status, &json!({ "errorCount": errors, "agentMessageResults": results }));
    Ok(telling(Told::Stored(subjects), answer))
}

/// Whom the messages of a request are for.
pub fn addressees(body: &[u8]) -> Vec<Addressee> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let items = body["agentMessages"].as_array().into_iter().flatten();
    items.filter_map(|item| Draft::read(item).ok()).map(|draft| draft.to).collect()
}

fn store(call: &Call<'_>, person: &'static Person, draft: Result<Draft, &'static str>) -> Value {
    match draft {
        Ok(draft) => {
            let stored = call.published.store(draft, person, call.now as At, |unix| call.at_unix(unix));
            json!({ "agentMessageId": stored.id, "success": true, "error": "" })
        }
        Err(reason) => json!({ "agentMessageId": 0, "success": false, "error": reason }),
    }
}

/// `GET …/agents/{id}/messages`: what is there for an agent.
pub fn read_back(call: &Call<'_>, person: &Person, agent: &str) -> Result<Response, Refusal> {
    let forbidden = call.switches.is(Switch::ReadBack, "forbidden") && agent != person.agent.to_string();
    if forbidden || !person.may.view {
        return Err(refuse(call, 403, "Security permissions prevent access to data"));
    }
    let agents = everybody(&call.published.tenant.lock());
    let agent = agents.iter().find(|known| agent == known.id.to_string());
    let agent = agent.ok_or_else(|| refuse(call, 404, "Invalid agentId"))?;
    let over = call.switches.is(Switch::ExpiredMessages, "listed");
    let inbox = call.published.inbox.lock();
    let now = call.now as At;
    let there = |message: &&Stored| {
        message.reaches(agent.id, agent.team) && (message.shown(now) || (over && message.deleted.is_none()))
    };
    let rows: Vec<Value> = inbox.messages().iter().filter(there).map(|message| row(call, message)).collect();
    drop(inbox);
    let name = if call.switches.is(Switch::MessageSpelling, "camel") { "messages" } else { "Messages" };
    Ok(json_answer(200, &json!({ name: rows })))
}

fn row(call: &Call<'_>, message: &Stored) -> Value {
    let iso = |at| time::three_decimals(call.unix_at(at));
    let minutes = (message.until - message.start) / 60_000_000;
    if call.switches.is(Switch::MessageSpelling, "camel") {
        return json!({
            "messageId": message.id,
            "messageText": message.text,
            "subject": message.subject,
            "expireTimer": minutes,
            "messageHint": null,
            "indicatorId": 0,
            "validUntil": iso(message.until),
            "startDate": iso(message.start),
        });
    }
    json!({
        "MessageId": message.id,
        "MessageText": message.text,
        "Subject": message.subject,
        "ExpireTimer": minutes,
        "ValidUntil": iso(message.until),
        "start_date": iso(message.start),
    })
}

/// `DELETE …/agents/messages/{id}`.
pub fn take_back(call: &Call<'_>, person: &Person, id: &str) -> Result<Response, Refusal> {
    if !person.may.message {
        return Err(refuse(call, 403, "Check Security Profile permissions"));
    }
    let found = id.parse().is_ok_and(|id| call.published.inbox.lock().delete(id, call.now as At));
    if found { Ok(plain(200, "")) } else { Err(refuse(call, 404, "Message not found")) }
}

/// `POST …/interactions/{contactId}/signal`: values in the query, or as JSON.
pub fn signal(call: &Call<'_>, person: &Person, contact: &str) -> Result<Response, Refusal> {
    if !person.may.signal {
        return Err(refuse(call, 403, "Insufficient permissions"));
    }
    let tenant = call.published.tenant.lock();
    let number = contact.parse().ok().and_then(Contact::of_id);
    let open = number.filter(|number| tenant.contact(*number).is_some_and(Contact::open));
    drop(tenant);
    let is_scriptless = |number: &u64| number % 2 == 1 && call.switches.is(Switch::ScriptlessContacts, "every-other");
    let refuses = open.filter(is_scriptless).is_some() && call.switches.is(Switch::WithoutScript, "404");
    let Some(number) = open.filter(|_| !refuses) else {
        return Err(refuse(call, 404, "Invalid Contact Id"));
    };
    let posted: Map<String, Value> = serde_json::from_slice(&call.body).unwrap_or_default();
    let asked = call.query.pairs().iter().map(|(name, value)| (name.clone(), Value::from(value.clone())));
    let names: Vec<String> = (1..=9).map(|place| format!("p{place}")).collect();
    let values = posted.into_iter().chain(asked).filter(|(name, _)| names.contains(name)).collect();
    let signal = Signal { contact: contact.parse().unwrap_or_default(), values, at: call.now as At };
    call.published.judge.lock().signalled(number, &signal);
    call.published.inbox.lock().signal(signal, call.switches.is(Switch::SignalsAtOnce, "one"));
    let status = call.switches.value(Switch::SignalAnswer).parse().unwrap_or(202_u16);
    let answer = Response::builder().status(status).body(Body::empty());
    Ok(answer.unwrap_or_else(|_| plain(202, "")))
}
