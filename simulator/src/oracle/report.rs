//! The oracle's answer, as JSON and as a table a person reads.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use serde::Serialize;

use super::Oracle;
use super::judged::latency_of;
use crate::clock::{Micros, millis};

/// Ids named in a report, per list.
pub(super) const MOST_NAMED: usize = 20;

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
    pub published: Option<crate::published::judge::Tally>,
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

/// Milliseconds from event sent to card accepted.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Latency {
    /// Cards measured.
    pub count: u64,
    /// Half came within.
    pub p50: f64,
    /// 95 % came within.
    pub p95: f64,
    /// 99 % came within.
    pub p99: f64,
    /// The slowest.
    pub max: f64,
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

impl Oracle {
    /// The tally as it stands. A due card that did not come within `patience` is missed; at the `last` report, all.
    #[must_use]
    pub fn report(&mut self, now: Micros, patience: Micros, last: bool) -> Report {
        let once_per = self.rules.once_per;
        let mut report = Report {
            last,
            seconds: millis(now.saturating_sub(self.since)) as f64 / 1_000.0,
            events_sent: self.events,
            garbage_sent: self.garbage,
            interactions: self.interactions.len() as u64,
            repeats: self.repeats,
            not_due: self.unasked.values().map(|count| u64::from(*count)).sum(),
            not_due_ids: self.unasked.keys().take(MOST_NAMED).cloned().collect(),
            latency_ms: latency_of(&self.latency),
            ..Report::default()
        };
        if let Some(judged) = &mut self.judged {
            judged.fill(&mut report, now, if last { 0 } else { patience });
            report.ok = report.missed == 0 && report.duplicated == 0;
            return report;
        }
        for (id, watch) in &self.watched {
            let (least, most) = (watch.least(once_per), watch.most(once_per));
            let delivered = watch.cards.min(most);
            let due = least.max(delivered);
            report.due += u64::from(due);
            report.delivered += u64::from(delivered);
            if due > 0 {
                report.due_by.sentiment += u64::from(watch.rules.sentiment);
                report.due_by.wait += u64::from(watch.rules.wait);
                report.due_by.both += u64::from(watch.rules.len() == 2);
            }
            if !watch.certain() {
                report.uncertain += u64::from(watch.cards == 0);
                report.uncertain_delivered += u64::from(watch.cards > 0);
            }
            let refused = watch.refusals.min(due - delivered);
            report.refused += u64::from(refused);
            let outstanding = u64::from(due - delivered - refused);
            if last || now.saturating_sub(watch.heard_at()) > patience {
                report.missed += outstanding;
                if outstanding > 0 && report.missed_ids.len() < MOST_NAMED {
                    report.missed_ids.push(id.clone());
                }
            } else {
                report.waiting += outstanding;
            }
            let surplus = u64::from(watch.cards - delivered);
            report.duplicated += surplus;
            if surplus > 0 && report.duplicated_ids.len() < MOST_NAMED {
                report.duplicated_ids.push(id.clone());
            }
        }
        report.ok = report.missed == 0 && report.duplicated == 0;
        report
    }

    /// Every interaction that is or may be due, oldest first.
    #[must_use]
    pub fn due(&mut self, now: Micros) -> Vec<Due> {
        if let Some(judged) = &mut self.judged {
            return judged.due(now);
        }
        let mut due: Vec<Due> = self
            .watched
            .iter()
            .map(|(id, watch)| Due {
                interaction: id.clone(),
                certain: watch.certain(),
                sentiment: watch.rules.sentiment,
                wait: watch.rules.wait,
                heard_at_ms: millis(watch.heard_at()),
                cards: watch.cards,
                refusals: watch.refusals,
                delivered_at_ms: watch.delivered_at.map(millis),
                rule: None,
                card_id: None,
            })
            .collect();
        due.sort_by(|one, other| (one.heard_at_ms, &one.interaction).cmp(&(other.heard_at_ms, &other.interaction)));
        due
    }
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
