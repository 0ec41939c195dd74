//! The verdict on a run, as JSON and as a table a person reads.

mod latency;
mod published;

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use serde::Serialize;

pub use latency::{Latency, latency_of, new_histogram};
pub use published::{Count, Tally};

/// Ids named in a report, per list.
pub const MOST_NAMED: usize = 20;

/// Everything the simulator can say about a run.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Nothing missed and nothing duplicated.
    pub ok: bool,
    /// The run is over: what has not come by now is missed.
    pub last: bool,
    /// Seconds since the start, or the last reset.
    pub seconds: f64,
    /// Events that at least one client heard.
    pub events_sent: u64,
    /// Frames that were no events.
    pub garbage_sent: u64,
    /// Different interactions in them.
    pub interactions: u64,
    /// Interactions (once per rule: cards) due: certainly, or delivered on an uncertain hearing.
    pub due: u64,
    /// Why.
    pub due_by: DueBy,
    /// Cards that came, by rule; only where a rule set was given.
    pub due_by_rule: BTreeMap<String, u64>,
    /// Due cards that arrived.
    pub delivered: u64,
    /// Due cards that a fault refused for good (403, another final 4xx, a redirect) and that did not come: given up by
    /// contract.
    pub refused: u64,
    /// Due cards that may still come.
    pub waiting: u64,
    /// Due cards that did not come.
    pub missed: u64,
    /// Cards too many for an interaction (once per rule: for a rule), second cards of a server that ignores `cardId`
    /// included.
    pub duplicated: u64,
    /// Times a `cardId` came again and made no second card.
    pub repeats: u64,
    /// Interactions that nobody certainly heard of, without a card: not missed.
    pub uncertain: u64,
    /// Interactions that nobody certainly heard of, with a card: counted in `due` and `delivered`.
    pub uncertain_delivered: u64,
    /// Cards for interactions that did not qualify.
    pub not_due: u64,
    /// Card requests before `Retry-After` allowed.
    pub early: u64,
    /// From event sent to card accepted.
    pub latency_ms: Latency,
    /// Requests by kind: `token`, `stream`, `card`, `other`.
    pub requests: BTreeMap<String, u64>,
    /// Answers to card requests by status; `none` where the connection was dropped.
    pub card_answers: BTreeMap<String, u64>,
    /// Card requests answered 429.
    pub rate_limited: u64,
    /// The same as a share of all card requests, 0 … 1.
    pub rate_limited_share: f64,
    /// Cards kept whose answer was then withheld.
    pub lost_answers: u64,
    /// Requests for an id that must never leave the client (`.`, `..`, empty) or for a path outside the contract.
    pub stray_requests: u64,
    /// How often each fault took effect.
    pub faults: BTreeMap<String, u64>,
    /// Stream connections opened.
    pub streams_opened: u64,
    /// Stream connections open now.
    pub streams_open: u64,
    /// The part that only the published service has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<Tally>,
    /// Some of the interactions missed.
    pub missed_ids: Vec<String>,
    /// Some of the interactions with a card too many.
    pub duplicated_ids: Vec<String>,
    /// Some of the interactions with a card they were not due.
    pub not_due_ids: Vec<String>,
}

/// Interactions due, by the rule that was ever true for them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct DueBy {
    /// Negative sentiment.
    pub sentiment: u64,
    /// Long wait.
    pub wait: u64,
    /// Both; counted in each of the others as well.
    pub both: u64,
}

/// One interaction that is, or may be, due.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Due {
    /// The interaction.
    pub interaction: String,
    /// A client certainly heard a qualifying event.
    pub certain: bool,
    /// Negative sentiment was true.
    pub sentiment: bool,
    /// Long wait was true.
    pub wait: bool,
    /// When the first such event was sent, in milliseconds since the start.
    pub heard_at_ms: u64,
    /// Cards that came.
    pub cards: u32,
    /// Times that a fault refused its card for good.
    pub refusals: u32,
    /// When the first came.
    pub delivered_at_ms: Option<u64>,
    /// The rule and the card; only where a rule set was given, which has one entry for each card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// See `rule`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_id: Option<String>,
}

impl Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |name: &str, value: String, note: String| writeln!(out, "  {name:<22}{value:>12}  {note}");
        let counts = |map: &BTreeMap<String, u64>| {
            map.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
        };
        row(
            "events sent",
            self.events_sent.to_string(),
            format!("of {} interactions in {:.1} s", self.interactions, self.seconds),
        )?;
        row("no events", self.garbage_sent.to_string(), "garbage frames".into())?;
        let by = self.due_by;
        let by = match self.due_by_rule.is_empty() {
            true => format!("sentiment {}, wait {}, both {}", by.sentiment, by.wait, by.both),
            false => format!("came: {}", counts(&self.due_by_rule)),
        };
        row("due", self.due.to_string(), by)?;
        row("delivered", self.delivered.to_string(), String::new())?;
        row("refused", self.refused.to_string(), "given up by contract, after a fault's answer".into())?;
        row("waiting", self.waiting.to_string(), String::new())?;
        row("missed", self.missed.to_string(), self.missed_ids.join(" "))?;
        row("duplicated", self.duplicated.to_string(), self.duplicated_ids.join(" "))?;
        row("not due", self.not_due.to_string(), self.not_due_ids.join(" "))?;
        row(
            "uncertain",
            self.uncertain.to_string(),
            format!("and {} delivered all the same", self.uncertain_delivered),
        )?;
        row("repeats", self.repeats.to_string(), "same cardId again".into())?;
        row("early", self.early.to_string(), "before Retry-After allowed".into())?;
        let ms = self.latency_ms;
        row(
            "event to card",
            format!("{:.1} ms", ms.p50),
            format!("p50; p95 {:.1}, p99 {:.1}, most {:.1} ms over {} cards", ms.p95, ms.p99, ms.max, ms.count),
        )?;
        row(
            "answered 429",
            self.rate_limited.to_string(),
            format!("{:.1} % of card requests", self.rate_limited_share * 100.0),
        )?;
        row("lost answers", self.lost_answers.to_string(), String::new())?;
        row("stray requests", self.stray_requests.to_string(), String::new())?;
        row("requests", self.requests.values().sum::<u64>().to_string(), counts(&self.requests))?;
        row("card answers", self.card_answers.values().sum::<u64>().to_string(), counts(&self.card_answers))?;
        row("faults injected", self.faults.values().sum::<u64>().to_string(), counts(&self.faults))?;
        row("streams opened", self.streams_opened.to_string(), format!("{} open now", self.streams_open))?;
        if let Some(tally) = &self.published {
            row(
                "messages stored",
                tally.stored.to_string(),
                format!(
                    "{} twice, {} for tests, {} over when stored",
                    tally.stored_twice, tally.tests, tally.over_when_stored
                ),
            )?;
            row(
                "wrong agent",
                tally.wrong_agent.to_string(),
                format!("and {} to a former one in time", tally.former_agent),
            )?;
            row("unread", tally.unread.to_string(), "digital contacts in trouble whose messages nobody read".into())?;
            for (endpoint, count) in &tally.endpoints {
                let busiest =
                    format!("an hour; {} requests, {} in the busiest minute", count.requests, count.busiest_minute);
                row(endpoint, format!("{:.0}", count.per_hour), busiest)?;
            }
        }
        match (self.ok, self.not_due + self.early) {
            (true, 0) => writeln!(out, "  nothing missed, nothing duplicated"),
            (true, _) => writeln!(out, "  nothing missed, nothing duplicated; but see not due and early"),
            (false, _) => writeln!(out, "  NOT as promised"),
        }
    }
}
