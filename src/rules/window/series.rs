//! The newest values of one field of one interaction.

use std::collections::VecDeque;

use super::{Figure, Window};
use crate::model::json::{FromJson, ToJson};
use crate::model::time::Millis;
use crate::rules::Field;

/// Values kept of one field of one interaction, whatever its windows ask for.
pub const VALUES_LIMIT: usize = 64;

/// The most memory that one series takes, in bytes.
pub const SERIES_BYTES: usize = size_of::<Series>() + VALUES_LIMIT * size_of::<(Millis, f64)>();

/// How long after a restart a window of the newest values counts as incomplete while it is not full.
const REBUILT_AFTER: Millis = Millis::from_mins(60);

const MINUTE: f64 = 60_000.0;

/// The values of one field, oldest first: at most [`VALUES_LIMIT`], 16 bytes each.
#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
#[serde(rename_all = "camelCase")]
pub struct Series {
    /// The field.
    pub field: Field,
    values: VecDeque<(Millis, f64)>,
}

impl Series {
    /// Without a value.
    pub fn new(field: Field) -> Series {
        Series { field, values: VecDeque::new() }
    }

    /// Takes a value; beyond the limit the oldest goes.
    pub fn push(&mut self, at: Millis, value: f64) {
        if self.values.len() == VALUES_LIMIT {
            self.values.pop_front();
        }
        self.values.push_back((at, value));
    }

    /// Forgets what no window counts: older than the longest span and beyond the newest that are asked for.
    pub fn trim(&mut self, now: Millis, longest: Millis, most: usize) {
        while self.values.len() > most && self.values.front().is_some_and(|(at, _)| at.plus(longest) <= now) {
            self.values.pop_front();
        }
    }

    /// The figure of a window as it is now.
    pub fn figure(&self, window: &Window, now: Millis) -> Option<f64> {
        let counted = || {
            let newest = self.values.len().saturating_sub(window.most());
            let counts = move |at: Millis| window.span().is_none_or(|span| at.plus(span) > now);
            self.values.range(newest..).filter(move |(at, _)| counts(*at))
        };
        let (oldest, newest) = (counted().next()?, counted().next_back()?);
        let numbers = || counted().map(|(_, value)| *value);
        #[expect(clippy::cast_precision_loss, reason = "at most 64 values")]
        let count = counted().count() as f64;
        match window.figure {
            Figure::Mean => Some(numbers().sum::<f64>() / count),
            Figure::Min => numbers().reduce(f64::min),
            Figure::Max => numbers().reduce(f64::max),
            Figure::Count => Some(count),
            Figure::Change => Some(newest.1 - oldest.1),
            Figure::Slope => {
                let (mut x, mut y, mut xx, mut xy) = (0.0, 0.0, 0.0, 0.0);
                for (at, value) in counted() {
                    #[expect(clippy::cast_precision_loss, reason = "hours of milliseconds are below 2⁵³")]
                    let minute = at.since(oldest.0).0 as f64 / MINUTE;
                    x += minute;
                    y += value;
                    xx += minute * minute;
                    xy += minute * value;
                }
                let spread = count * xx - x * x;
                (spread > 0.0).then(|| (count * xy - x * y) / spread)
            }
        }
    }

    /// When the next value leaves a window of such a span, after `now`.
    pub fn next_move(&self, span: Millis, now: Millis) -> Option<Millis> {
        let left = self.values.partition_point(|(at, _)| at.plus(span) <= now);
        self.values.get(left).map(|(at, _)| at.plus(span))
    }

    /// Whether a worker's start may have cost the window values that it would count.
    pub fn is_incomplete(&self, window: &Window, now: Millis, resumed: Option<Millis>) -> bool {
        resumed.is_some_and(|resumed| {
            // Values that a record held are not always the newest of their time.
            let heard = self.values.iter().rev().take_while(|(at, _)| *at >= resumed).count();
            let is_full = window.values.is_some() && heard >= window.most();
            now.since(resumed) < window.span().unwrap_or(REBUILT_AFTER) && !is_full
        })
    }

    /// When the newest value was heard.
    pub fn newest(&self) -> Option<Millis> {
        self.values.back().map(|(at, _)| *at)
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// As it can have been at this instant: the clock it was written by may have been wrong.
    pub(crate) fn restored(mut self, now: Millis) -> Series {
        self.values.iter_mut().for_each(|(at, _)| *at = (*at).min(now));
        self.values.drain(..self.values.len().saturating_sub(VALUES_LIMIT));
        self
    }
}
