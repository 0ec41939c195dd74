//! The inputs of a rule beside the numbers and names of one interaction.

use crate::rules::{Field, Rule};

/// The fields that a rule reaches by JSON pointer, each once. No event of a tape tells them.
pub fn unrecorded(rule: &Rule) -> Vec<String> {
    let mut fields: Vec<String> = Vec::new();
    for condition in std::iter::once(&rule.condition).chain(&rule.clears) {
        condition.comparisons(&mut |comparison| {
            if let Field::Pointer(pointer) = &comparison.field
                && !fields.iter().any(|known| known == pointer.as_str())
            {
                fields.push(pointer.as_str().to_owned());
            }
        });
    }
    fields
}

/// Whether a rule looks at other interactions of a queue.
pub(super) fn looks_beyond(rule: &Rule) -> bool {
    let mut beyond = false;
    for condition in std::iter::once(&rule.condition).chain(&rule.clears) {
        condition.comparisons(&mut |comparison| beyond |= comparison.field.is_of_queue());
    }
    beyond
}
