//! Rules as they look at a tape.
//!
//! A recording holds no text at a pointer, and answers what rules ask of the text. So each comparison of such a text
//! becomes a comparison of a field of its own, a stand-in that holds the answer: true, false, or no data where the
//! recording has no answer. A text is present and is no number, as arrays and objects are. So the evaluator finds with
//! the stand-ins what it finds with texts.

use std::sync::Arc;

use super::outcome::Fired;
use super::said::{Said, Sayings, Verdicts};
use super::tape::{Heard, Tape};
use crate::model::event::Event;
use crate::model::event::pointer::Pointer;
use crate::model::history::evidence::{Evidence, Value};
use crate::model::time::Millis;
use crate::rules::replay::legend::Answer;
use crate::rules::{Comparison, Field, Firing, Operator, Rule, Seen};

/// Rules, and the fields by pointer that they look at.
#[derive(Debug)]
pub(super) struct Lens {
    /// The rules with stand-ins, in their order.
    pub rules: Vec<Arc<Rule>>,
    looks: Vec<(Pointer, Look)>,
    /// Of one rule: what each comparison of a field by pointer says of each row of the tape.
    verdicts: Vec<(Comparison, Verdicts)>,
}

/// How a field is read.
#[derive(Debug)]
enum Look {
    /// As it was said, by the field's number.
    Said(Option<u32>),
    /// As the answer to a comparison of texts.
    Asked(Option<u32>, Comparison, Vec<Option<Answer>>),
}

impl Lens {
    pub fn new(tape: &Tape, rules: &[Arc<Rule>]) -> Lens {
        let mut lens = Lens { rules: Vec::new(), looks: Vec::new(), verdicts: Vec::new() };
        for rule in rules {
            let mut own = Arc::clone(rule);
            if points(rule) {
                let Rule { condition, clears, .. } = Arc::make_mut(&mut own);
                for condition in std::iter::once(condition).chain(clears) {
                    condition.change(&mut |comparison| lens.put_stand_in(comparison, tape.sayings()));
                }
            }
            lens.rules.push(own);
        }
        if let [rule] = &*lens.rules {
            let mut verdicts: Vec<(Comparison, Verdicts)> = Vec::new();
            rule.condition.comparisons(&mut |one| {
                if let (Field::Pointer(pointer), None) = (&one.field, one.window)
                    && !verdicts.iter().any(|(known, _)| known == one)
                {
                    verdicts.push((one.clone(), lens.judged(one, pointer, tape)));
                }
            });
            lens.verdicts = verdicts;
        }
        lens
    }

    /// A row of the tape, as an event with what these rules look at.
    pub fn event<'t>(&self, tape: &'t Tape, heard: &Heard) -> (Millis, Event<'t>) {
        let (at, event) = tape.event(heard);
        if heard.said == 0 || self.looks.is_empty() {
            return (at, event);
        }
        let row = tape.sayings().row(heard.said);
        let extra = self.looks.iter().filter_map(|(pointer, look)| Some((pointer.clone(), look.seen(row)?.into())));
        (at, Event { extra: extra.collect(), ..event })
    }

    /// What a comparison of the only rule says of each row of the tape; none where the comparison is of no field by
    /// pointer, or of several values.
    pub fn verdicts(&self, comparison: &Comparison) -> Option<&[Option<bool>]> {
        self.verdicts.iter().find(|(known, _)| known == comparison).map(|(_, verdicts)| &**verdicts)
    }

    fn judged(&self, comparison: &Comparison, pointer: &Pointer, tape: &Tape) -> Verdicts {
        let look = self.looks.iter().find(|(known, _)| known == pointer).map(|(_, look)| look);
        let verdict = |row: &[(u32, Said)]| {
            let seen = look.and_then(|look| look.seen(row));
            comparison.operator.evaluate(seen, comparison.value.as_ref())
        };
        // A stand-in has the number that its rule gives it.
        let asked = match look {
            Some(Look::Asked(_, asked, _)) => asked,
            _ => comparison,
        };
        tape.sayings().judged(asked, verdict)
    }

    /// A firing of these rules, told with the comparisons that a person wrote.
    pub fn fired(&self, firing: Firing, talk: u32, tape: &Tape) -> Fired {
        let mut fired = Fired::of(firing, talk, tape.gaps());
        for one in &mut fired.evidence {
            let look = self.looks.iter().find(|(pointer, _)| pointer.as_str() == one.field);
            if let Some((_, Look::Asked(_, comparison, _))) = look {
                tell(one, comparison);
            }
        }
        fired
    }

    fn put_stand_in(&mut self, comparison: &mut Comparison, sayings: &Sayings) {
        let Field::Pointer(pointer) = &comparison.field else { return };
        let number = sayings.number_of(pointer);
        if !comparison.operator.is_of_texts() || sayings.holds_texts() {
            if !self.looks.iter().any(|(known, _)| known == pointer) {
                self.looks.push((pointer.clone(), Look::Said(number)));
            }
            return;
        }
        let is_same = |look: &Look| matches!(look, Look::Asked(_, known, _) if known == comparison);
        let at = self.looks.iter().position(|(_, look)| is_same(look)).unwrap_or_else(|| {
            let look = Look::Asked(number, comparison.clone(), sayings.answers(comparison));
            self.looks.push((Pointer::stand_in(self.looks.len()), look));
            self.looks.len() - 1
        });
        let field = Field::Pointer(self.looks[at].0.clone());
        *comparison = Comparison { field, window: None, operator: Operator::IsTrue, value: None };
    }
}

/// Whether a rule looks at fields by pointer.
fn points(rule: &Rule) -> bool {
    let mut needs = false;
    for condition in std::iter::once(&rule.condition).chain(&rule.clears) {
        condition.comparisons(&mut |one| needs |= matches!(one.field, Field::Pointer(_)));
    }
    needs
}

impl Look {
    fn seen<'r>(&self, row: &'r [(u32, Said)]) -> Option<Seen<'r>> {
        let (Look::Said(number) | Look::Asked(number, ..)) = self;
        let (_, said) = row.iter().find(|(field, _)| Some(*field) == *number)?;
        match (self, said) {
            (Look::Said(_), Said::Number(number)) => Some(Seen::Number(*number)),
            (Look::Said(_), Said::Flag(flag)) => Some(Seen::Bool(*flag)),
            (Look::Said(_), Said::Text(text)) => Some(Seen::Text(text)),
            (Look::Said(_), Said::Structure | Said::Mark(..)) => Some(Seen::Structure),
            (Look::Asked(_, _, answers), Said::Mark(mark, legend)) => {
                answers.get(*legend as usize)?.as_ref().map(|answer| Seen::Bool(answer.read(*mark)))
            }
            (Look::Asked(..), _) => None,
        }
    }
}

/// Puts the comparison that a person wrote in place of its stand-in. Of the text no more is known than the answer.
fn tell(evidence: &mut Evidence, comparison: &Comparison) {
    evidence.field = comparison.field.name().to_owned();
    evidence.operator = comparison.operator.name().to_owned();
    evidence.threshold = comparison.value.clone();
    evidence.seen = evidence.verdict.map(|is_true| {
        let mut seen = String::new();
        let (before, after) = match comparison.operator {
            Operator::Contains => ("…", "…"),
            Operator::StartsWith => ("", "…"),
            Operator::EndsWith => ("…", ""),
            _ => ("", ""),
        };
        match &comparison.value {
            Some(Value::Text(wanted)) if is_true => {
                [before, wanted, after].into_iter().for_each(|part| seen.push_str(part));
            }
            Some(Value::Texts(wanted)) if is_true => seen = wanted.join(" / "),
            _ => seen.push('…'),
        }
        Value::Text(seen)
    });
}
