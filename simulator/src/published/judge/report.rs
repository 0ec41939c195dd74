//! The judge's tally: in the same report as the stream's, with what only agent messages have beside it.

use serde::Serialize;

use super::{At, Judge, Watch};
use crate::published::contact::Contact;
use crate::report::{MOST_NAMED, Report, Tally, latency_of};

/// One contact that is, or may be, due.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Due {
    /// The contact's id.
    pub contact: u64,
    /// The contact had its time of notice.
    pub certain: bool,
    /// Negative sentiment was certainly shown.
    pub sentiment: bool,
    /// A long wait was certainly shown.
    pub wait: bool,
    /// When an answer made it qualify, in milliseconds since the start; none where it only may.
    pub heard_at_ms: Option<i64>,
    /// When an answer named its present agent.
    pub agent_told_at_ms: Option<i64>,
    /// Messages that were matched with it.
    pub cards: u32,
    /// When the first came.
    pub delivered_at_ms: Option<i64>,
}

impl Judge {
    /// Fills a report in. What is certain and has not come within `patience` is missed; at the `last` report all of it.
    #[must_use]
    pub fn report(&self, now: At, patience: At, last: bool) -> Report {
        let mut report = Report {
            last,
            seconds: (now - self.since) as f64 / 1e6,
            events_sent: self.told,
            interactions: self.watched.len() as u64,
            duplicated: self.strays.twice + self.strays.surplus,
            duplicated_ids: self.twice.iter().take(MOST_NAMED).cloned().collect(),
            not_due: self.unasked.len() as u64,
            not_due_ids: self.unasked.iter().take(MOST_NAMED).cloned().collect(),
            latency_ms: latency_of(&self.latency),
            ..Report::default()
        };
        for (number, watch) in &self.watched {
            self.count(&mut report, (*number, watch), (now, patience, last));
        }
        let signals = self.signals.twice + self.signals.unasked + self.signals.wrong;
        report.ok = report.missed == 0 && report.duplicated == 0 && self.strays.wrong_agent == 0 && signals == 0;
        report
    }

    fn count(&self, report: &mut Report, (number, watch): (u64, &Watch), (now, patience, last): (At, At, bool)) {
        let certain = self.had_notice(watch, now);
        let cards = u64::from(watch.cards);
        let due = u64::from(certain).max(cards);
        report.due += due;
        report.delivered += cards;
        if due > 0 {
            let rules = if watch.rules.is_empty() { watch.maybe } else { watch.rules };
            report.due_by.sentiment += u64::from(rules.sentiment);
            report.due_by.wait += u64::from(rules.wait);
            report.due_by.both += u64::from(rules.len() == 2);
        }
        let heard = watch.heard.is_some();
        if !certain {
            report.uncertain_delivered += u64::from(cards > 0);
            // Without an agent there is nobody to send to: that one waits for the tenant, not for the client.
            let may_come = heard && cards == 0 && watch.agent.is_some() && watch.ended.is_none() && !last;
            report.waiting += u64::from(may_come);
            report.uncertain += u64::from(heard && cards == 0 && !may_come);
            return;
        }
        let refused = u64::from(watch.refusals).min(due - cards);
        let outstanding = due - cards - refused;
        report.refused += refused;
        if last || watch.ended.is_some() || now - watch.heard.unwrap_or(now) > patience {
            report.missed += outstanding;
            if outstanding > 0 && report.missed_ids.len() < MOST_NAMED {
                report.missed_ids.push(id_of(number).to_string());
            }
        } else {
            report.waiting += outstanding;
        }
    }

    /// The part that only agent messages have.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let unread = self.watched.values().filter(|watch| watch.heard.is_none() && watch.listed_low.is_some());
        Tally {
            stored: self.strays.stored,
            stored_twice: self.strays.twice,
            wrong_agent: self.strays.wrong_agent,
            former_agent: self.strays.former_agent,
            over_when_stored: self.strays.over,
            tests: self.strays.tests,
            unread: unread.count() as u64,
            signals_twice: self.signals.twice,
            signals_unasked: self.signals.unasked,
            signals_wrong: self.signals.wrong,
            ..Tally::default()
        }
    }

    /// Every contact that is or may be due, in the order of arrival.
    #[must_use]
    pub fn due(&self, now: At) -> Vec<Due> {
        let all = self.watched.iter().filter(|(_, watch)| !watch.rules.or(watch.maybe).is_empty());
        let ms = |at: At| at / 1_000;
        all.map(|(number, watch)| Due {
            contact: id_of(*number),
            certain: self.had_notice(watch, now),
            sentiment: watch.rules.sentiment,
            wait: watch.rules.wait,
            heard_at_ms: watch.heard.map(ms),
            agent_told_at_ms: watch.agent_told.map(ms),
            cards: watch.cards,
            delivered_at_ms: watch.delivered_at.map(ms),
        })
        .collect()
    }
}

/// The id of the contact with a number.
fn id_of(number: u64) -> u64 {
    Contact::new(number, "", (0, crate::published::contact::Media::Phone), 0).id()
}
