//! Rules as a JSON text: read whole, with every mistake named by its place, or not at all.
//!
//! | part | where |
//! | --- | --- |
//! | what a text may say, with its bounds | [`RuleSet`], [`RuleSpec`], `extension/rules.schema.json` |
//! | reading, all mistakes collected | [`parse`] |
//! | a rule's own tests | [`Example`], [`run`] |
//! | what a rule may name, for an editor | [`Vocabulary`] |

mod condition;
mod examples;
mod reading;
mod rule;
mod spec;
mod unique;
mod vocabulary;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod schema;
#[cfg(test)]
mod tests;

pub use examples::{Difference, run};
pub use reading::RuleError;
pub use spec::{CardSpec, Example, ExampleEvent, Expected, QueueNames, RuleSet, RuleSpec, VERSION};
pub use vocabulary::{FieldName, OperatorName, Vocabulary};

use self::reading::{Errors, Part};

/// The longest text that is read, in bytes.
pub const TEXT_LIMIT: usize = 1024 * 1024;

/// Rules of one text.
pub const RULES_LIMIT: usize = 100;

/// Comparisons of one rule.
pub const COMPARISONS_LIMIT: usize = 64;

/// Different JSON pointers of one text.
pub const POINTERS_LIMIT: usize = 16;

/// Different fields with windows of one text.
pub const WINDOWED_LIMIT: usize = 8;

/// Reads a rule set.
///
/// # Errors
///
/// Everything that is wrong, in the order of the text, at most 100 mistakes.
pub fn parse(text: &str) -> Result<RuleSet, Vec<RuleError>> {
    let mut errors = Errors::default();
    if text.len() > TEXT_LIMIT {
        errors.add("", "tooLong", &[&TEXT_LIMIT]);
        return Err(errors.0);
    }
    let json = match unique::parse(text) {
        Ok((json, twice)) => {
            twice.iter().for_each(|at| errors.add(at, "duplicate", &[]));
            json
        }
        Err(error) => {
            errors.add("", "notJson", &[&error.line(), &error.column()]);
            return Err(errors.0);
        }
    };
    match rule::read_set(&Part::root(&json), &mut errors) {
        Some(rules) if errors.0.is_empty() => Ok(rules),
        _ => Err(errors.0),
    }
}
