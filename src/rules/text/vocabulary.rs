//! The vocabulary of rules, as data: an editor offers it, and knows no list of its own.

#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use super::{COMPARISONS_LIMIT, RULES_LIMIT};
use crate::model::json::ToJson;
use crate::rules::sentence::Unit;
use crate::rules::window::{Figure, SECONDS_LIMIT, VALUES_LIMIT};
use crate::rules::{Arity, Field, Holds, Operator};

/// Every name, in the order in which people meet them.
#[derive(Debug, Clone, PartialEq, ToJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Vocabulary {
    /// Fields with a name; any other is named by its JSON pointer and may hold anything.
    pub fields: Vec<FieldName>,
    /// Operators.
    pub operators: Vec<OperatorName>,
    /// Figures of a window.
    pub figures: Vec<String>,
    /// The most values of a window.
    pub values: u32,
    /// The longest window in seconds.
    pub seconds: u32,
    /// Rules of one text.
    pub rules: u32,
    /// Comparisons of one rule.
    pub comparisons: u32,
}

/// A field.
#[derive(Debug, Clone, PartialEq, ToJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct FieldName {
    /// In a rule.
    pub name: String,
    /// `number` or `text`.
    pub holds: String,
    /// How its numbers are written.
    pub unit: Unit,
    /// Whether it is drawn from a whole queue; such a field has no window.
    pub is_of_queue: bool,
}

/// An operator.
#[derive(Debug, Clone, PartialEq, ToJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct OperatorName {
    /// In a rule.
    pub name: String,
    /// The kind of its operand: `none`, `number`, `text` or `texts`.
    pub takes: String,
    /// The kinds of fields that it suits: `number`, `text` and `anything`.
    pub suits: Vec<String>,
}

const KINDS: [(Holds, &str); 3] = [(Holds::Number, "number"), (Holds::Text, "text"), (Holds::Anything, "anything")];

impl Default for Vocabulary {
    fn default() -> Vocabulary {
        let limit = |limit: usize| u32::try_from(limit).unwrap_or(u32::MAX);
        Vocabulary {
            fields: Field::NAMED.iter().map(FieldName::of).collect(),
            operators: Operator::ALL.iter().map(|operator| OperatorName::of(*operator)).collect(),
            figures: Figure::ALL.map(|figure| figure.name().to_owned()).into(),
            values: limit(VALUES_LIMIT),
            seconds: SECONDS_LIMIT,
            rules: limit(RULES_LIMIT),
            comparisons: limit(COMPARISONS_LIMIT),
        }
    }
}

impl FieldName {
    fn of(field: &Field) -> FieldName {
        let holds = KINDS.iter().find(|(holds, _)| *holds == field.holds()).map_or("", |(_, name)| name);
        FieldName {
            name: field.name().to_owned(),
            holds: holds.to_owned(),
            unit: Unit::of(field),
            is_of_queue: field.is_of_queue(),
        }
    }
}

impl OperatorName {
    fn of(operator: Operator) -> OperatorName {
        let takes = match operator.arity() {
            Arity::None => "none",
            Arity::Several => "texts",
            Arity::One if operator.is_of_numbers() => "number",
            Arity::One => "text",
        };
        let suits = KINDS.iter().filter(|(holds, _)| operator.suits(*holds)).map(|(_, name)| (*name).to_owned());
        OperatorName { name: operator.name().to_owned(), takes: takes.to_owned(), suits: suits.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The operand of an operator, as data.
    fn value(takes: &str) -> &'static str {
        match takes {
            "none" => "",
            "number" => r#","value":1"#,
            "text" => r#","value":"a""#,
            _ => r#","value":["a"]"#,
        }
    }

    #[test]
    fn a_rule_of_any_field_and_operator_is_read_exactly_where_the_vocabulary_says_so() {
        let words = Vocabulary::default();
        let pointer =
            FieldName { name: "/vip".to_owned(), holds: "anything".to_owned(), unit: Unit::Plain, is_of_queue: false };
        for field in words.fields.iter().chain([&pointer]) {
            for operator in &words.operators {
                let (name, value) = (&operator.name, value(&operator.takes));
                let compare = format!(r#"{{"field":"{}","operator":"{name}"{value}}}"#, field.name);
                let text =
                    format!(r#"{{"version":1,"rules":[{{"id":"a","name":"A","when":{{"compare":{compare}}}}}]}}"#);
                assert_eq!(super::super::parse(&text).is_ok(), operator.suits.contains(&field.holds), "{compare}");
            }
        }
    }
}
