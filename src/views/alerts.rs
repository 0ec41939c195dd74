//! Desktop notifications about triggers: grouped, and never more than one each few seconds.

use crate::model::time::Millis;
use crate::views::protocol::Notice;

/// Triggers within this time of the last notification are told together.
const SPACING: Millis = Millis::from_secs(10);

/// What is to be told.
#[derive(Debug, Default)]
pub struct Alerts {
    triggers: Option<Pending>,
    not_before: Millis,
}

#[derive(Debug)]
struct Pending {
    count: u32,
    reason: String,
    queue: Option<String>,
    entry: String,
}

impl Alerts {
    /// A rule became true; `entry` is where the log holds it.
    pub fn trigger(&mut self, reason: String, queue: Option<String>, entry: String) {
        let count = self.triggers.as_ref().map_or(0, |pending| pending.count) + 1;
        self.triggers = Some(Pending { count, reason, queue, entry });
    }

    /// The notification that is due.
    pub fn due(&mut self, now: Millis) -> Option<Notice> {
        let Pending { count, reason, queue, entry } = self.triggers.take_if(|_| now >= self.not_before)?;
        self.not_before = now.plus(SPACING);
        Some(Notice::Triggers { count, reason, queue, entry })
    }

    /// Nobody wants to be told: what was to be told is forgotten.
    pub fn silence(&mut self) {
        self.triggers = None;
    }

    /// When something is due without any input.
    pub fn next_deadline(&self) -> Option<Millis> {
        self.triggers.as_ref().map(|_| self.not_before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_of_triggers_is_told_as_one() {
        let mut alerts = Alerts::default();
        alerts.trigger("a".to_owned(), None, "1".to_owned());
        assert!(alerts.due(Millis(1)).is_some());
        for _ in 0..3 {
            alerts.trigger("b".to_owned(), None, "2".to_owned());
        }
        assert_eq!(alerts.due(Millis(9_000)), None);
        assert_eq!(alerts.next_deadline(), Some(Millis(10_001)));
        assert!(matches!(alerts.due(Millis(10_001)), Some(Notice::Triggers { count: 3, .. })));
        assert_eq!(alerts.next_deadline(), None);
    }
}
