//! Interactions, and events of one, that a rule cannot fire for.
//!
//! A condition is looked at with what one event says, or with the least and the greatest value of each number that the
//! interaction ever said. What comes out is on the safe side: a rule may turn out not to fire for a candidate, and
//! never fires for another.

use super::lens::Lens;
use super::tape::{Heard, Names, Range, Ranges, Tape};
use crate::model::history::evidence::Value;
use crate::rules::window::{Figure, Scene};
use crate::rules::{Comparison, Condition, Field, Operator, Rule, Seen};

/// A mean of equal values may differ from them in the last place.
const ROUNDING: f64 = 1e-9;

/// The truths that a condition can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Can {
    be_true: bool,
    be_false: bool,
}

const ANYTHING: Can = Can { be_true: true, be_false: true };

impl Range {
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

/// A rule made ready for many looks: each name of the tape is compared once.
#[derive(Debug)]
pub(super) struct Possible<'r> {
    look: Look<'r>,
    /// Whether the rule hears each queue.
    hears: Vec<bool>,
}

/// A condition made ready.
#[derive(Debug)]
enum Look<'r> {
    /// One of the numbers of an event.
    Number(usize, &'r Comparison),
    /// One of the names of an event, and what the comparison says of each name.
    Name(usize, Vec<Option<bool>>),
    /// A field by pointer, and what the comparison says of each row of values.
    Said(&'r [Option<bool>]),
    /// Several values of a number.
    Window(usize, &'r Comparison),
    /// Figures of queues, and several values of a field by pointer.
    Anything,
    All(Vec<Look<'r>>),
    Any(Vec<Look<'r>>),
    Not(Box<Look<'r>>),
}

impl<'r> Possible<'r> {
    /// Of a rule of the lens.
    pub fn new(rule: &'r Rule, lens: &'r Lens, tape: &Tape) -> Possible<'r> {
        let hears = tape.names().each().map(|name| rule.queues.hear(name)).collect();
        Possible { look: Look::new(&rule.condition, lens, tape), hears }
    }

    /// Whether the rule may become true in an interaction.
    pub fn somewhere(&self, ranges: &Ranges) -> bool {
        self.look.can(None, ranges).be_true
    }

    /// Whether [`Possible::verdict`] is what the evaluator finds: by one event alone.
    pub fn is_exact(&self) -> bool {
        self.look.is_exact()
    }

    /// Whether the condition is true, false or unknown at an event that the rule hears.
    pub fn verdict(&self, heard: &Heard, ranges: &Ranges) -> Option<bool> {
        if !self.hears[usize::from(heard.queue())] {
            return None;
        }
        match self.look.can(Some(heard), ranges) {
            Can { be_true: true, .. } => Some(true),
            Can { be_false: true, .. } => Some(false),
            Can { .. } => None,
        }
    }

    /// Whether the rule may become true while this is the last event of an interaction.
    pub fn at(&self, heard: &Heard, ranges: &Ranges) -> bool {
        self.hears[usize::from(heard.queue())] && self.look.can(Some(heard), ranges).be_true
    }
}

impl<'r> Look<'r> {
    fn new(condition: &'r Condition, lens: &'r Lens, tape: &Tape) -> Look<'r> {
        let all = |parts: &'r [Condition]| parts.iter().map(|part| Look::new(part, lens, tape)).collect();
        match condition {
            Condition::Compare(comparison) => Look::comparing(comparison, lens, tape),
            Condition::All(parts) => Look::All(all(parts)),
            Condition::Any(parts) => Look::Any(all(parts)),
            Condition::Not(part) => Look::Not(Box::new(Look::new(part, lens, tape))),
        }
    }

    fn comparing(comparison: &'r Comparison, lens: &'r Lens, tape: &Tape) -> Look<'r> {
        let name = |at| {
            let verdict = |name| comparison.evaluate(&Scene::of(&Names::event(name)));
            Look::Name(at, tape.names().each().map(verdict).collect())
        };
        let number = |at| match comparison.window {
            Some(_) => Look::Window(at, comparison),
            None => Look::Number(at, comparison),
        };
        match &comparison.field {
            Field::Pointer(_) => lens.verdicts(comparison).map_or(Look::Anything, Look::Said),
            Field::SentimentScore => number(0),
            Field::SentimentConfidence => number(1),
            Field::QueueWaitMs => number(2),
            Field::Queue => name(0),
            Field::Kind => name(1),
            Field::Direction => name(2),
            _ => Look::Anything,
        }
    }

    fn is_exact(&self) -> bool {
        match self {
            Look::Number(..) | Look::Name(..) | Look::Said(_) => true,
            Look::Window(..) | Look::Anything => false,
            Look::All(parts) | Look::Any(parts) => parts.iter().all(Look::is_exact),
            Look::Not(part) => part.is_exact(),
        }
    }

    /// Its possible truths at one event, or at any event of the interaction.
    fn can(&self, heard: Option<&Heard>, ranges: &Ranges) -> Can {
        match (self, heard) {
            (Look::Number(at, comparison), Some(heard)) => {
                let seen = heard.numbers[*at];
                let seen = (!seen.is_nan()).then_some(Seen::Number(seen));
                Can::be(comparison.operator.evaluate(seen, comparison.value.as_ref()))
            }
            (Look::Name(at, verdicts), Some(heard)) => Can::be(verdicts[usize::from(heard.names[*at])]),
            (Look::Said(verdicts), Some(heard)) => Can::be(verdicts[heard.said as usize]),
            (Look::Number(at, comparison) | Look::Window(at, comparison), _) => comparison.over(ranges[*at]),
            (Look::Anything | Look::Name(..) | Look::Said(_), _) => ANYTHING,
            (Look::All(parts), _) => Can {
                be_true: parts.iter().all(|part| part.can(heard, ranges).be_true),
                be_false: parts.iter().any(|part| part.can(heard, ranges).be_false),
            },
            (Look::Any(parts), _) => Can {
                be_true: parts.iter().any(|part| part.can(heard, ranges).be_true),
                be_false: parts.iter().all(|part| part.can(heard, ranges).be_false),
            },
            (Look::Not(part), _) => {
                let Can { be_true, be_false } = part.can(heard, ranges);
                Can { be_true: be_false, be_false: be_true }
            }
        }
    }
}

impl Can {
    fn be(verdict: Option<bool>) -> Can {
        Can { be_true: verdict == Some(true), be_false: verdict == Some(false) }
    }
}

/// The truths that a comparison can have over values in a range.
trait Over {
    fn over(&self, range: Range) -> Can;
}

impl Over for Comparison {
    fn over(&self, range: Range) -> Can {
        // Whether there is data differs from one event to the next.
        let Some(Value::Number(wanted)) = self.value else { return ANYTHING };
        match self.window.map(|window| window.figure) {
            None | Some(Figure::Min | Figure::Max) => range.against(self.operator, wanted),
            Some(Figure::Mean) => range.widened().against(self.operator, wanted),
            // Any two values differ by no more than the least and the greatest.
            Some(Figure::Change) => {
                let most = range.high - range.low;
                Range { low: -most, high: most }.against(self.operator, wanted)
            }
            Some(Figure::Count | Figure::Slope) => ANYTHING,
        }
    }
}
