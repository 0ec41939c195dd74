//! Desktop notifications about triggers: grouped, and never more than one each few seconds.

use crate::delivery::outbox::CardView;
use crate::model::time::Millis;
use crate::views::protocol::Notice;
use crate::views::status::RuleView;

/// Triggers within this time of the last notification share one notification.
const SPACING: Millis = Millis::from_secs(10);

/// The notices that wait.
#[derive(Debug, Default)]
pub struct Alerts {
    triggers: Option<Pending>,
    not_before: Millis,
}

#[derive(Debug)]
struct Pending {
    count: u32,
    card: Box<CardView>,
    rule: RuleView,
}

impl Alerts {
    /// A rule became true, and a card is due.
    pub fn trigger(&mut self, card: CardView, rule: RuleView) {
        let count = self.triggers.as_ref().map_or(0, |pending| pending.count) + 1;
        self.triggers = Some(Pending { count, card: Box::new(card), rule });
    }

    /// The notification that is due.
    pub fn due(&mut self, now: Millis) -> Option<Notice> {
        let Pending { count, card, rule } = self.triggers.take_if(|_| now >= self.not_before)?;
        self.not_before = now.plus(SPACING);
        Some(Notice::Triggers { count, card, rule })
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
        let trigger = |alerts: &mut Alerts, entry: u64| {
            let card = serde_json::json!({
                "connection": "b", "cardId": "c", "interaction": "i", "reason": "r", "queue": null, "rule": "long-wait", "evidence": [],
                "entry": entry, "at": 1, "state": { "is": "accepting" }, "tries": 0, "nextTry": null,
            });
            let rule = RuleView { id: "long-wait".to_owned(), name: None };
            alerts.trigger(serde_json::from_value(card).unwrap(), rule);
        };
        let mut alerts = Alerts::default();
        trigger(&mut alerts, 1);
        assert!(alerts.due(Millis(1)).is_some());
        for entry in 2..=4 {
            trigger(&mut alerts, entry);
        }
        assert_eq!(alerts.due(Millis(9_000)), None);
        assert_eq!(alerts.next_deadline(), Some(Millis(10_001)));
        let Some(Notice::Triggers { count, card, .. }) = alerts.due(Millis(10_001)) else { panic!("nothing is due") };
        assert_eq!((count, card.entry), (3, 4), "all are counted, and the newest is named");
        assert_eq!(alerts.next_deadline(), None);
    }
}
