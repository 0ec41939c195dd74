//! The oracle's answer.

use super::Oracle;
use crate::clock::{Micros, millis};
use crate::report::{Due, MOST_NAMED, Report, latency_of};

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
