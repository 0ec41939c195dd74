//! The one timer: wakes the pipeline at its next deadline, or a little before.

use crate::model::time::Millis;
use crate::web::clock;
use gloo_timers::callback;

/// A browser fires a longer timeout at once.
const LONGEST: u64 = i32::MAX as u64;

/// At most one timeout under way.
#[derive(Default)]
pub struct Timeout(Option<Armed>);

struct Armed {
    at: Millis,
    _timeout: callback::Timeout,
}

impl Timeout {
    /// Whether a timeout under way fires at `at` or earlier.
    #[inline(always)]
    pub fn fires_by(&self, at: Option<Millis>) -> bool {
        matches!((&self.0, at), (Some(armed), Some(at)) if armed.at <= at)
    }

    /// Makes sure that `fire` is called at `at` (wall clock) or earlier, never later.
    ///
    /// A timeout that would fire earlier is left alone: deadlines move later with nearly every frame, and an early call
    /// costs nothing but another one.
    pub fn arm(&mut self, at: Option<Millis>, fire: impl FnOnce() + 'static) {
        let Some(at) = at else {
            self.0 = None;
            return;
        };
        if self.fires_by(Some(at)) {
            return;
        }
        let span = at.since(clock::wall()).0.min(LONGEST);
        self.0 = Some(Armed { at, _timeout: callback::Timeout::new(span as u32, fire) });
    }

    /// Forgets the timeout: the wall clock may have moved under it.
    pub fn disarm(&mut self) {
        self.0 = None;
    }

    /// The timeout has fired. It stays until the next one takes its place: its callback is still running.
    pub fn fired(&mut self) {
        if let Some(armed) = &mut self.0 {
            armed.at = Millis(u64::MAX);
        }
    }
}
