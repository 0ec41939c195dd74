//! The toolbar button: which badge it shows, and when a new one is worth a call.

use crate::model::time::Millis;
use crate::views::protocol::Badge;

/// A count is shown once it has differed for this long, because most cards are delivered within milliseconds. Each change
/// costs three calls of the browser, at the moment in which a card has to be written and sent.
const LASTING: Millis = Millis::from_secs(1);

/// The state of the button.
#[derive(Debug, Default)]
pub struct Toolbar {
    shown: Badge,
    differs_since: Option<Millis>,
}

impl Toolbar {
    /// The badge to show now, if there is a new one.
    pub fn change(&mut self, wanted: Badge, now: Millis) -> Option<Badge> {
        if wanted == self.shown {
            self.differs_since = None;
            return None;
        }
        let since = *self.differs_since.get_or_insert(now);
        if is_count(&wanted) && is_count(&self.shown) && wanted.tone == self.shown.tone && now < since.plus(LASTING) {
            return None;
        }
        self.differs_since = None;
        self.shown = wanted.clone();
        Some(wanted)
    }

    /// The badge shown now.
    #[cfg(test)]
    pub fn shown(&self) -> &Badge {
        &self.shown
    }

    /// When something is due without any input.
    pub fn next_deadline(&self) -> Option<Millis> {
        self.differs_since.map(|since| since.plus(LASTING))
    }
}

/// Whether the badge says how many cards wait; none is a count, too.
fn is_count(badge: &Badge) -> bool {
    badge.text.chars().next().is_none_or(|first| first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::diagnosis::Tone;

    fn badge(text: &str, tone: Tone) -> Badge {
        Badge { text: text.to_owned(), tone }
    }

    fn count(cards: &str) -> Badge {
        badge(cards, Tone::Calm)
    }

    #[test]
    fn a_card_that_is_delivered_at_once_changes_no_badge() {
        let mut toolbar = Toolbar::default();
        for millis in (0..10_000).step_by(100) {
            assert_eq!(toolbar.change(count("1"), Millis(millis)), None);
            assert_eq!(toolbar.change(count(""), Millis(millis + 20)), None);
            assert_eq!(toolbar.next_deadline(), None);
        }
    }

    #[test]
    fn a_count_that_lasts_is_shown_after_a_second_and_then_once_a_second() {
        let mut toolbar = Toolbar::default();
        assert_eq!(toolbar.change(count("5"), Millis(100)), None);
        assert_eq!(toolbar.next_deadline(), Some(Millis(1_100)));
        assert_eq!(toolbar.change(count("4"), Millis(1_099)), None);
        assert_eq!(toolbar.change(count("4"), Millis(1_100)), Some(count("4")));
        assert_eq!(toolbar.next_deadline(), None);
        assert_eq!(toolbar.change(count("3"), Millis(1_150)), None);
        assert_eq!(toolbar.change(count(""), Millis(2_150)), Some(count("")));
    }

    #[test]
    fn trouble_and_its_end_are_shown_at_once() {
        let mut toolbar = Toolbar::default();
        let danger = badge("!", Tone::Danger);
        let attention = badge("1", Tone::Attention);
        assert_eq!(toolbar.change(danger.clone(), Millis(0)), Some(danger));
        assert_eq!(toolbar.change(attention.clone(), Millis(1)), Some(attention));
        assert_eq!(toolbar.change(count("1"), Millis(2)), Some(count("1")));
        assert_eq!(toolbar.change(count("II"), Millis(3)), Some(count("II")));
    }
}
