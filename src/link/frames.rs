//! Whether the stream's recent frames are events at all. Noting one allocates nothing.

use crate::model::event::Rejection;

/// Frames that count as recent.
const RECENT: usize = 50;

/// Fewer frames say nothing yet; as many events in a row say that frames are understood again.
const ENOUGH: usize = 10;

/// The recent frames, each an event or rejected.
#[derive(Debug)]
pub struct Frames {
    /// A ring: 0 for an event, else the place of the reason in [`Rejection::ALL`], plus one.
    recent: Vec<u8>,
    next: usize,
    /// Of each, in `recent`.
    counts: [u16; Rejection::ALL.len() + 1],
    /// Events since the last frame that was none.
    in_a_row: usize,
    /// The main reason, where most are no events.
    why: Option<Rejection>,
}

impl Default for Frames {
    fn default() -> Frames {
        let counts = [0; Rejection::ALL.len() + 1];
        Frames { recent: Vec::with_capacity(RECENT), next: 0, counts, in_a_row: 0, why: None }
    }
}

impl Frames {
    /// Notes a frame: an event, or why it is none. Says whether that changes the main reason.
    #[inline(always)]
    pub fn note(&mut self, rejection: Option<Rejection>) -> bool {
        if rejection.is_none() && usize::from(self.counts[0]) == RECENT {
            // All recent frames are events, and stay so wherever the ring begins.
            self.in_a_row = self.in_a_row.saturating_add(1);
            return false;
        }
        let before = self.why;
        self.add(rejection.map_or(0, |rejection| rejection as u8 + 1));
        self.why != before
    }

    /// The main reason, from when two thirds of the recent frames are no events until half of them are.
    pub fn not_understood(&self) -> Option<Rejection> {
        self.why
    }

    /// The ring for the next worker; empty while every recent frame is an event.
    pub fn stored(&self) -> Vec<u8> {
        if self.recent.len() == usize::from(self.counts[0]) {
            return Vec::new();
        }
        let (newer, older) = self.recent.split_at(self.next.min(self.recent.len()));
        [older, newer].concat()
    }

    /// Resumes from the ring of an earlier worker.
    pub fn restore(stored: &[u8]) -> Frames {
        let mut frames = Frames::default();
        for kind in stored.iter().filter(|kind| usize::from(**kind) <= Rejection::ALL.len()) {
            frames.add(*kind);
        }
        frames
    }

    #[inline(never)]
    fn add(&mut self, kind: u8) {
        if self.recent.len() < RECENT {
            self.recent.push(kind);
        } else {
            let oldest = std::mem::replace(&mut self.recent[self.next], kind);
            self.counts[usize::from(oldest)] -= 1;
        }
        self.next = (self.next + 1) % RECENT;
        self.counts[usize::from(kind)] += 1;
        self.in_a_row = if kind == 0 { self.in_a_row.saturating_add(1) } else { 0 };
        self.why = self.judge();
    }

    fn judge(&self) -> Option<Rejection> {
        let rejected = self.recent.len() - usize::from(self.counts[0]);
        let all = self.recent.len();
        // Begin at two thirds and end at a half; otherwise alternating frames raise and clear the diagnosis each time.
        let most = if self.why.is_some() { rejected * 2 > all } else { rejected * 3 >= all * 2 };
        if all < ENOUGH || !most || self.in_a_row >= ENOUGH {
            return None;
        }
        let count = |rejection: &Rejection| self.counts[*rejection as usize + 1];
        let main = Rejection::ALL.into_iter().max_by_key(count)?;
        // Of two that are about as frequent, the one that was named stays; otherwise the words change at every frame.
        Some(self.why.filter(|named| count(named) * 2 > count(&main)).unwrap_or(main))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(frames: &[(usize, Option<Rejection>)]) -> Frames {
        let mut noted = Frames::default();
        for (times, rejection) in frames {
            (0..*times).for_each(|_| {
                noted.note(*rejection);
            });
        }
        noted
    }

    const BAD: Option<Rejection> = Some(Rejection::NotJson);

    #[test]
    fn the_main_reason_is_named_once_most_recent_frames_are_no_events() {
        assert_eq!(after(&[(9, BAD)]).not_understood(), None, "too few to say");
        let mut mixed = after(&[(20, None), (31, BAD), (20, Some(Rejection::MissingId))]);
        assert_eq!(mixed.not_understood(), BAD, "the one that was named stays while it is about as frequent");
        (0..20).for_each(|_| {
            mixed.note(Some(Rejection::MissingId));
        });
        assert_eq!(mixed.not_understood(), Some(Rejection::MissingId));
        assert_eq!(after(&[(50, BAD), (25, None)]).not_understood(), None, "they are half");
    }

    #[test]
    fn a_few_frames_that_are_no_events_are_nothing_to_tell() {
        let mut frames = Frames::default();
        for number in 0..200 {
            frames.note(BAD.filter(|_| number % 2 == 0));
            assert_eq!(frames.not_understood(), None, "after {number}");
        }
    }

    #[test]
    fn ten_events_in_a_row_say_that_frames_are_understood_again() {
        assert_eq!(after(&[(50, BAD), (9, None)]).not_understood(), BAD);
        assert_eq!(after(&[(50, BAD), (10, None)]).not_understood(), None);
    }

    #[test]
    fn a_restart_does_not_forget_the_recent_frames() {
        for many in [12, 49, 50, 73] {
            let frames = after(&[(many, BAD), (3, None), (9, BAD)]);
            let restored = Frames::restore(&frames.stored());
            assert_eq!((restored.recent.len(), restored.counts), (frames.recent.len(), frames.counts));
            assert_eq!(restored.not_understood(), BAD);
            assert_eq!(restored.stored(), frames.stored(), "in their order");
        }
        assert!(after(&[(60, None)]).stored().is_empty(), "all is well: nothing to store");
    }
}
