//! An hour of a large tenant, to count what the service is asked.

use std::collections::BTreeMap;

use cuewire::model::ask::RequestId;
use serde_json::json;

use super::World;
use super::draw::{Habits, LONG_WAIT, Plan};
use super::talk::{Kind, Talk};
use super::trouble::Part;
use crate::dice::Dice;
use crate::trace::Trace;

const HOUR: u64 = 3_600_000;

/// Contacts that are open at any time.
pub const OPEN: u64 = 5_000;

/// Agents of the tenant.
pub const AGENTS: u64 = 500;

/// How long a conversation takes.
const TALK: u64 = 360_000;

/// What an hour came to.
#[derive(Debug, Default)]
pub struct Hour {
    /// Requests for each part of the service.
    pub asked: BTreeMap<String, usize>,
    /// The most polls of skills, contacts and agents in any minute.
    pub busiest_minute: usize,
    /// The most polls of digital contacts in any hour.
    pub busiest_hour: usize,
    /// Conversations that came to be due while an agent had them.
    pub due: usize,
    /// Messages, and how long after its conversation was due each came, in milliseconds, sorted.
    pub late: Vec<u64>,
    /// What was not as it must be.
    pub violation: Option<String>,
}

/// Runs the hour, after a start of ten minutes.
pub fn hour(seed: u64) -> Hour {
    let start = HOUR / 6;
    let mut dice = Dice::new(seed);
    let plan = plan(&mut dice, start + HOUR);
    let mut world = World::new(plan, dice, Trace::new(false));
    world.run();
    let mut hour = Hour { violation: world.violation.as_ref().map(ToString::to_string), ..Hour::default() };
    let polls: Vec<(u64, Part)> = world.sent.iter().filter_map(|sent| Some((sent.at, sent.part?))).collect();
    for (_, part) in polls.iter().filter(|(at, _)| *at >= start) {
        *hour.asked.entry(format!("{part:?}")).or_default() += 1;
    }
    let of = |is_digital: bool| -> Vec<u64> {
        let sent = world.sent.iter().filter(|sent| matches!(sent.id, RequestId::Poll(_)));
        sent.filter(|sent| matches!(sent.part, Some(Part::Cases | Part::Texts)) == is_digital)
            .map(|sent| sent.at)
            .collect()
    };
    hour.busiest_minute = busiest(&of(false), 60_000);
    hour.busiest_hour = busiest(&of(true), HOUR);
    let due: Vec<(&Talk, u64)> = world
        .tenant
        .talks
        .iter()
        .filter_map(|talk| Some((talk, due_at(talk)?)))
        .filter(|(_, at)| *at >= start)
        .collect();
    hour.due = due.len();
    let told: BTreeMap<String, u64> = world
        .tenant
        .inbox
        .letters
        .iter()
        .filter_map(|letter| Some((world.accepted.get(&letter.marker)?.interaction.clone(), letter.at)))
        .collect();
    hour.late = due.iter().filter_map(|(talk, at)| Some(told.get(&talk.name())?.saturating_sub(*at))).collect();
    hour.late.sort_unstable();
    hour
}

/// The most in any such span.
fn busiest(at: &[u64], span: u64) -> usize {
    let within = |first: usize| at[first..].iter().take_while(|one| **one < at[first] + span).count();
    (0..at.len()).map(within).max().unwrap_or(0)
}

/// When a message is due that an agent can read.
fn due_at(talk: &Talk) -> Option<u64> {
    let (answered, _) = *talk.agents.first()?;
    let angry = talk.says.iter().find(|(_, label)| *label == "negative").map(|(at, _)| *at);
    let waited = (answered > talk.from + LONG_WAIT).then_some(answered);
    [angry, waited].into_iter().flatten().min().map(|at| at.max(answered))
}

/// A fifth by voice, half of it in the queue; every 100th waits for long, every 50th customer who writes gets angry.
fn plan(dice: &mut Dice, end: u64) -> Plan {
    let step = TALK / OPEN;
    let talks = (0..(end + TALK) / step).map(|number| {
        let from = number * step;
        let is_voice = number % 5 == 0;
        let waits = match (is_voice, number % 500 == 0) {
            (_, true) => LONG_WAIT + 60_000,
            (true, _) => dice.below(TALK / 3),
            _ => dice.below(40_000),
        };
        let says = (1..4).map(|text| {
            let label = if number % 50 == 1 && text == 2 { "negative" } else { "neutral" };
            (from + text * 80_000, label)
        });
        Talk {
            id: 10_000 + number,
            kind: if is_voice { Kind::Voice } else { Kind::Case },
            began: from,
            from,
            agents: vec![(from + waits, 1_000 + number % AGENTS)],
            until: from + TALK,
            gone: Vec::new(),
            says: if is_voice { Vec::new() } else { says.collect() },
        }
    });
    let habits = Habits { page: 100, nothing_new: 204, lives: 3_600, ..Habits::default() };
    Plan {
        settings: json!({ "service": "published", "clientId": "c" }),
        secret: "",
        is_person: true,
        habits,
        talks: talks.collect(),
        stuck: Vec::new(),
        strikes: 0,
        kills: Vec::new(),
        jumps: Vec::new(),
        revoked: Vec::new(),
        patience: 1_000,
        calm_from: u64::MAX / 2,
        end,
        time_to_live: 600_000,
        agents: 1_000..1_000 + AGENTS,
    }
}
