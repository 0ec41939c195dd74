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

/// A level below it is due: the setting's default.
const ANGRY: f64 = -0.5;

/// Contacts that are open at any time.
pub const OPEN: u64 = 5_000;

/// Agents of the tenant.
pub const AGENTS: u64 = 500;

/// Of these, calls, and how long one takes.
const CALLS: u64 = 500;
const CALL: u64 = 360_000;

/// How long a digital case is open, and how often its customer writes.
const CASE: u64 = 3 * HOUR;
const WRITES: u64 = HOUR / 3;

/// The counts of one hour.
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
    /// Messages in the hour that were due for no such reason.
    pub undue: Vec<String>,
    /// The violations.
    pub violation: Option<String>,
}

/// Runs the hour, after a start of ten minutes. `statistics` says whether the list of cases counts unhappy customers.
pub fn hour(seed: u64, statistics: bool) -> Hour {
    let start = HOUR / 6;
    let mut dice = Dice::new(seed);
    let plan = plan(&mut dice, start + HOUR, statistics);
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
        .filter(|(_, at)| (start..start + HOUR).contains(at))
        .collect();
    hour.due = due.len();
    let told: BTreeMap<String, u64> = world
        .tenant
        .inbox
        .letters
        .iter()
        .filter_map(|letter| Some((world.accepted.get(&letter.marker)?.interaction.clone(), letter.at)))
        .collect();
    let undue = world.tenant.talks.iter().filter(|talk| due_at(talk).is_none());
    hour.undue = undue
        .filter_map(|talk| told.get(&talk.name()).filter(|at| **at >= start).map(|at| format!("at {at}: {talk:?}")))
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
    let angry = (0..talk.says.len()).find(|last| level(&talk.says[..=*last]) < ANGRY).map(|last| talk.says[last].0);
    let waited = (answered > talk.from + LONG_WAIT).then_some(answered);
    [angry, waited].into_iter().flatten().min().map(|at| at.max(answered))
}

/// What the newest three messages of a customer come to, −1 … 1: half for the last, then three and two tenths.
fn level(says: &[(u64, &str)]) -> f64 {
    let newest = || says.iter().rev().zip([0.5, 0.3, 0.2]);
    let sum: f64 = newest().map(|((_, label), weight)| if *label == "negative" { -weight } else { 0.0 }).sum();
    sum / newest().map(|(_, weight)| weight).sum::<f64>()
}

/// A tenth by voice, for some minutes each; digital cases stay open for hours. Every 100th caller waits for long, and
/// every 50th message is angry. Half of the angry customers are so once more.
fn plan(dice: &mut Dice, end: u64, statistics: bool) -> Plan {
    let mut talks = Vec::new();
    let mut add = |dice: &mut Dice, from: u64, until: u64, kind: Kind| {
        let number = talks.len() as u64;
        let waits = match (kind, number.is_multiple_of(100)) {
            (Kind::Voice, true) => LONG_WAIT + 60_000,
            (Kind::Voice, false) => dice.below(LONG_WAIT * 3 / 4),
            _ => dice.below(40_000),
        };
        let mut says = Vec::new();
        let mut at = from + dice.below(WRITES);
        while kind != Kind::Voice && at < until {
            let again = says.last().is_some_and(|(_, label)| *label == "negative") && dice.chance(500);
            says.push((at, if again || dice.chance(20) { "negative" } else { "neutral" }));
            at += WRITES;
        }
        let agents = vec![(from + waits, 1_000 + number % AGENTS)];
        talks.push(Talk { id: 10_000 + number, kind, began: from, from, agents, until, gone: Vec::new(), says });
    };
    for number in 0..(end + CALL) * CALLS / CALL {
        let from = number * CALL / CALLS;
        add(dice, from, from + CALL, Kind::Voice);
    }
    for number in 0..OPEN - CALLS {
        add(dice, 0, (number + 1) * CASE / (OPEN - CALLS), Kind::Case);
    }
    for number in 0..end * (OPEN - CALLS) / CASE {
        let from = number * CASE / (OPEN - CALLS);
        add(dice, from, from + CASE, Kind::Case);
    }
    let habits = Habits { page: 100, nothing_new: 204, lives: 3_600, statistics, ..Habits::default() };
    Plan {
        settings: json!({ "service": "published", "clientId": "c" }),
        secret: "",
        is_person: true,
        habits,
        talks,
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
