//! The comparisons a rule may make: one row each, with its name, its English words, and how it compares.

use std::cmp::Ordering;

use super::field::{Holds, Seen};
use super::pattern::{Pattern, folded};
use crate::model::history::evidence::Value;
use crate::model::json::{FromJson, ToJson};

/// How an operator compares what was seen with what the rule asks for.
enum Test {
    /// Two numbers.
    Numbers(fn(f64, f64) -> bool),
    /// Two texts; upper and lower case are the same.
    Texts(fn(&str, &str) -> bool),
    /// A text with each of several: one is enough.
    AnyText(fn(&str, &str) -> bool),
    /// A flag.
    Flag(bool),
    /// Whether there is data at all; always known.
    Data(bool),
}

macro_rules! operators {
    ($($(#[$doc:meta])* $operator:ident = $name:literal, $words:literal: $test:expr;)*) => {
        /// A comparison.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, ToJson, FromJson)]
        #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
        pub enum Operator {
            $($(#[$doc])* #[serde(rename = $name)] $operator,)*
        }

        impl Operator {
            /// Every operator there is.
            pub const ALL: &'static [Operator] = &[$(Operator::$operator,)*];

            /// The name in a rule.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Operator::$operator => $name,)*
                }
            }

            /// In English, between the field and the value.
            pub const fn words(self) -> &'static str {
                match self {
                    $(Operator::$operator => $words,)*
                }
            }

            fn test(self) -> Test {
                match self {
                    $(Operator::$operator => $test,)*
                }
            }
        }
    };
}

operators! {
    /// Less than.
    Below = "below", "is below": Test::Numbers(|seen, wanted| seen < wanted);
    /// Less than or the same.
    AtMost = "atMost", "is at most": Test::Numbers(|seen, wanted| seen <= wanted);
    /// Greater than.
    Above = "above", "is above": Test::Numbers(|seen, wanted| seen > wanted);
    /// Greater than or the same.
    AtLeast = "atLeast", "is at least": Test::Numbers(|seen, wanted| seen >= wanted);
    /// The same number.
    Equals = "equals", "equals": Test::Numbers(|seen, wanted| seen.partial_cmp(&wanted) == Some(Ordering::Equal));
    /// The same text.
    Is = "is", "is": Test::Texts(|seen, wanted| folded(seen).eq(folded(wanted)));
    /// The same text as one of several.
    OneOf = "oneOf", "is one of": Test::AnyText(|seen, wanted| folded(seen).eq(folded(wanted)));
    /// A text within the text.
    Contains = "contains", "contains": Test::Texts(contains);
    /// The text begins so.
    StartsWith = "startsWith", "starts with": Test::Texts(|seen, wanted| leads(folded(seen), folded(wanted)));
    /// The text ends so.
    EndsWith = "endsWith", "ends with": Test::Texts(|seen, wanted| leads(folded(seen).rev(), folded(wanted).rev()));
    /// The whole text fits a pattern in which `*` stands for anything.
    Matches = "matches", "matches": Test::Texts(|seen, wanted| Pattern::of_whole(wanted).fits(seen));
    /// True.
    IsTrue = "isTrue", "is true": Test::Flag(true);
    /// False.
    IsFalse = "isFalse", "is false": Test::Flag(false);
    /// There is data.
    Present = "present", "is present": Test::Data(true);
    /// There is no data.
    Absent = "absent", "is absent": Test::Data(false);
}

impl Operator {
    /// How many values a rule gives it: none, one, or several.
    pub fn arity(self) -> Arity {
        match self.test() {
            Test::Data(_) | Test::Flag(_) => Arity::None,
            Test::Numbers(_) | Test::Texts(_) => Arity::One,
            Test::AnyText(_) => Arity::Several,
        }
    }

    /// Whether it is made for fields that hold this.
    pub fn suits(self, holds: Holds) -> bool {
        match self.test() {
            Test::Data(_) => true,
            Test::Flag(_) => holds == Holds::Anything,
            Test::Numbers(_) => holds != Holds::Text,
            Test::Texts(_) | Test::AnyText(_) => holds != Holds::Number,
        }
    }

    /// Whether it compares numbers.
    pub fn is_of_numbers(self) -> bool {
        matches!(self.test(), Test::Numbers(_))
    }

    /// Whether it compares texts.
    pub fn is_of_texts(self) -> bool {
        matches!(self.test(), Test::Texts(_) | Test::AnyText(_))
    }

    /// Whether it asks what a whole text is: the fingerprint of the text answers.
    pub fn is_of_whole_texts(self) -> bool {
        matches!(self, Operator::Is | Operator::OneOf)
    }

    pub(super) fn knows_without_data(self) -> bool {
        matches!(self.test(), Test::Data(_))
    }

    /// Whether the comparison is true; `None` where there is no data, or where what was seen is of another kind than what
    /// the rule asks for.
    pub fn evaluate(self, seen: Option<Seen<'_>>, wanted: Option<&Value>) -> Option<bool> {
        match (self.test(), seen, wanted) {
            (Test::Data(wanted), seen, _) => Some(seen.is_some() == wanted),
            (Test::Flag(wanted), Some(Seen::Bool(seen)), _) => Some(seen == wanted),
            (Test::Numbers(test), Some(Seen::Number(seen)), Some(Value::Number(wanted))) => {
                (!wanted.is_nan()).then(|| test(seen, *wanted))
            }
            (Test::Texts(test), Some(Seen::Text(seen)), Some(Value::Text(wanted))) => Some(test(seen, wanted)),
            (Test::AnyText(test), Some(Seen::Text(seen)), Some(Value::Texts(wanted))) => {
                Some(wanted.iter().any(|wanted| test(seen, wanted)))
            }
            _ => None,
        }
    }
}

/// How many values an operator takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arity {
    /// None.
    None,
    /// One value.
    One,
    /// A list.
    Several,
}

fn leads(mut text: impl Iterator<Item = char>, mut start: impl Iterator<Item = char>) -> bool {
    start.all(|character| text.next() == Some(character))
}

fn contains(seen: &str, wanted: &str) -> bool {
    let mut rest = folded(seen);
    loop {
        if leads(rest.clone(), folded(wanted)) {
            return true;
        }
        if rest.next().is_none() {
            return false;
        }
    }
}

#[cfg(test)]
#[path = "operator/tests.rs"]
mod tests;
