//! The inputs of a rule beyond one interaction.

use crate::rules::Rule;

/// Whether a rule looks at other interactions of a queue.
pub(super) fn looks_beyond(rule: &Rule) -> bool {
    let mut beyond = false;
    for condition in std::iter::once(&rule.condition).chain(&rule.clears) {
        condition.comparisons(&mut |comparison| beyond |= comparison.field.is_of_queue());
    }
    beyond
}
