//! The tenant as the agent desktop draws it: queues, desks, and the messages that each agent has.

use serde_json::{Value, json};

use super::Published;
use super::contact::{At, Contact, Label};
use super::inbox::{Inbox, Signal, Stored};
use super::tenant::{Agent, Tenant};
use crate::rules::Rules;

/// Desks that are drawn.
const MOST_DESKS: usize = 24;
/// Messages drawn on one desk.
const MOST_MESSAGES: usize = 4;
/// Moods kept of one contact.
const TRACE: usize = 24;

impl Published {
    /// The whole of it, in the shape that the desktop reads.
    #[must_use]
    pub fn view(&self, rules: &Rules, now: At) -> Value {
        let tenant = self.tenant.lock();
        let inbox = self.inbox.lock();
        let queues: Vec<Value> = (0..tenant.skills().len()).map(|place| queue(&tenant, place, now)).collect();
        let desks: Vec<Value> = tenant
            .agents()
            .iter()
            .take(MOST_DESKS)
            .enumerate()
            .map(|(place, agent)| desk(&tenant, (place, agent), &inbox, now))
            .collect();
        json!({
            "sentimentThreshold": rules.sentiment_threshold,
            "waitThresholdMs": rules.wait_threshold_ms,
            "inProgress": tenant.contacts().filter(|contact| contact.open()).count(),
            "queues": queues,
            "desks": desks,
        })
    }
}

fn queue(tenant: &Tenant, place: usize, now: At) -> Value {
    let of_skill = || tenant.contacts().filter(|contact| contact.skill == place && contact.open());
    json!({
        "name": tenant.skills()[place].name,
        "waiting": of_skill().filter(|contact| contact.waits()).count(),
        "talking": of_skill().filter(|contact| contact.agent.is_some()).count(),
        "longestMs": tenant.earliest(place).map_or(0, |queued| (now - queued) / 1_000),
    })
}

fn desk(tenant: &Tenant, (place, agent): (usize, &Agent), inbox: &Inbox, now: At) -> Value {
    let newest = tenant.contacts().filter(|contact| contact.open() && contact.agent == Some(place));
    let talk =
        newest.max_by_key(|contact| contact.changed.max(contact.spoke)).map(|contact| talk(tenant, contact, now));
    let is_mine = |message: &&Stored| message.shown(now) && message.reaches(agent.id, agent.team);
    let mine = inbox.messages().iter().rev().filter(is_mine);
    let shown: Vec<Value> = mine
        .take(MOST_MESSAGES)
        .map(|message| {
            json!({
                "n": message.id,
                "subject": message.subject,
                "text": message.text,
                "atMs": message.start.max(message.at) / 1_000,
                "untilMs": message.until / 1_000,
            })
        })
        .collect();
    json!({
        "agent": format!("{} {}", agent.given, agent.family),
        "interaction": talk,
        "card": null,
        "messages": shown,
        "signals": signals(tenant, place, inbox.signals()),
    })
}

/// The panels that scripts show for signals: of the contacts that an agent has, the newest first.
fn signals(tenant: &Tenant, place: usize, signals: &[Signal]) -> Vec<Value> {
    let has = |signal: &Signal| {
        let contact = Contact::of_id(signal.contact).and_then(|number| tenant.contact(number));
        contact.is_some_and(|contact| contact.open() && contact.agent == Some(place))
    };
    let mine = signals.iter().enumerate().rev().filter(|(_, signal)| has(signal));
    mine.take(MOST_MESSAGES)
        .map(|(n, signal)| {
            json!({
                "n": n,
                "contact": signal.contact.to_string(),
                "severity": signal.values.get("p3"),
                "title": signal.values.get("p4"),
                "text": signal.values.get("p5"),
                "atMs": signal.at / 1_000,
            })
        })
        .collect()
}

fn talk(tenant: &Tenant, contact: &Contact, now: At) -> Value {
    let value = |label: Label| match label {
        Label::Positive => 1,
        Label::Neutral => 0,
        Label::Negative => -1,
    };
    let mut trace: Vec<i32> = contact.inbound().filter_map(|message| message.label).map(value).take(TRACE).collect();
    trace.reverse();
    json!({
        "id": contact.id().to_string(),
        "queue": tenant.skills()[contact.skill].name,
        "step": "sentiment",
        "waitMs": (contact.agent_since.unwrap_or(now) - contact.started) / 1_000,
        "trace": trace,
        "forMs": (now - contact.started) / 1_000,
    })
}
