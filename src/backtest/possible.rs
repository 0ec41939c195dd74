//! Interactions that a rule cannot fire for, whatever the order of their events.
//!
//! A condition is looked at with the least and the greatest value of each number that the interaction ever said. What
//! comes out is on the safe side: a rule may turn out not to fire for a candidate, and never fires for another.

use crate::model::history::evidence::Value;
use crate::rules::window::Figure;
use crate::rules::{Comparison, Condition, Field, Operator};

/// A mean of equal values may differ from them in the last place.
const ROUNDING: f64 = 1e-9;

/// The values that an interaction said of a number; empty where it said none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    low: f64,
    high: f64,
}

impl Default for Range {
    fn default() -> Range {
        Range { low: f64::INFINITY, high: f64::NEG_INFINITY }
    }
}

/// What a condition can come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Can {
    pub be_true: bool,
    pub be_false: bool,
}

const ANYTHING: Can = Can { be_true: true, be_false: true };

impl Range {
    pub fn take(&mut self, number: Option<f64>) {
        if let Some(number) = number {
            (self.low, self.high) = (self.low.min(number), self.high.max(number));
        }
    }

    fn widened(self) -> Range {
        let by = |number: f64| number.abs().max(1.0) * ROUNDING;
        Range { low: self.low - by(self.low), high: self.high + by(self.high) }
    }

    fn against(self, operator: Operator, wanted: f64) -> Can {
        let Range { low, high } = self;
        match operator {
            _ if low > high => Can { be_true: false, be_false: false },
            Operator::Below => Can { be_true: low < wanted, be_false: high >= wanted },
            Operator::AtMost => Can { be_true: low <= wanted, be_false: high > wanted },
            Operator::Above => Can { be_true: high > wanted, be_false: low <= wanted },
            Operator::AtLeast => Can { be_true: high >= wanted, be_false: low < wanted },
            _ => ANYTHING,
        }
    }
}

/// What a condition can come to for an interaction.
pub(super) fn can(condition: &Condition, ranges: &[Range; 3]) -> Can {
    match condition {
        Condition::Compare(comparison) => compare(comparison, ranges),
        Condition::All(parts) => Can {
            be_true: parts.iter().all(|part| can(part, ranges).be_true),
            be_false: parts.iter().any(|part| can(part, ranges).be_false),
        },
        Condition::Any(parts) => Can {
            be_true: parts.iter().any(|part| can(part, ranges).be_true),
            be_false: parts.iter().all(|part| can(part, ranges).be_false),
        },
        Condition::Not(part) => {
            let Can { be_true, be_false } = can(part, ranges);
            Can { be_true: be_false, be_false: be_true }
        }
    }
}

fn compare(comparison: &Comparison, ranges: &[Range; 3]) -> Can {
    let range = match comparison.field {
        Field::SentimentScore => ranges[0],
        Field::SentimentConfidence => ranges[1],
        Field::QueueWaitMs => ranges[2],
        _ => return ANYTHING,
    };
    // Whether there is data differs from one event to the next.
    let Some(Value::Number(wanted)) = comparison.value else { return ANYTHING };
    match comparison.window.map(|window| window.figure) {
        None | Some(Figure::Min | Figure::Max) => range.against(comparison.operator, wanted),
        Some(Figure::Mean) => range.widened().against(comparison.operator, wanted),
        Some(Figure::Count | Figure::Change | Figure::Slope) => ANYTHING,
    }
}
