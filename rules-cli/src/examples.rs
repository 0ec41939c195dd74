//! Runs the examples that rules carry, and prints what differs.

use cuewire::rules::text::{self, Expected, RuleSet, RuleSpec};

use crate::read;

/// Whether every example holds.
pub fn run(rules: &RuleSet) -> bool {
    let (mut examples, mut differing) = (0, 0);
    for rule in &rules.rules {
        examples += rule.examples.len();
        for difference in text::run(rule, read) {
            differing += 1;
            println!("{}: {} differs", rule.id, name(rule, difference.example));
            for at in difference.unreadable {
                println!("  event {at} is no event of the stream");
            }
            difference.missing.iter().for_each(|one| println!("  did not fire: {}", said(one)));
            difference.unexpected.iter().for_each(|one| println!("  fired:        {}", said(one)));
        }
    }
    let rules = rules.rules.len();
    match differing {
        0 => println!("{examples} examples of {rules} rules hold"),
        _ => println!("{differing} of {examples} examples of {rules} rules differ"),
    }
    differing == 0
}

fn name(rule: &RuleSpec, example: usize) -> String {
    match rule.examples[example].name.as_str() {
        "" => format!("example {example}"),
        name => format!("example {example} ({name})"),
    }
}

fn said(one: &Expected) -> String {
    format!("{} ms, interaction {}, episode {}", one.at_ms, one.interaction, one.episode)
}
