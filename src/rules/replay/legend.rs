//! The fields that rules reach by JSON pointer, as a recording keeps them.
//!
//! A recording holds no text of a message. A text at a pointer becomes a mark of 64 bits: one bit for each of 32
//! comparisons of the rules that is true of the text, and 32 bits of the text's fingerprint where a rule asks what the
//! text *is*. The words of the legend stand at the head of a chunk and say what the marks mean.

use std::sync::Arc;

use crate::model::event::Event;
use crate::model::event::pointer::Pointer;
use crate::model::event::said::Said;
use crate::model::fingerprint::Fingerprint;
use crate::model::history::evidence::Value;
use crate::rules::pattern::folded;
use crate::rules::text::POINTERS_LIMIT;
use crate::rules::{Comparison, Field, Rule, Seen};

/// Fields of one legend; a rule set names no more.
const FIELDS_LIMIT: usize = POINTERS_LIMIT;

/// Comparisons of one legend, one bit each; further ones cannot be tried on the recording.
const TESTS_LIMIT: usize = 32;

/// Stands before a field whose texts have fingerprints.
const NAMED: char = '=';

/// The fields that rules reach by pointer, and their comparisons of texts.
#[derive(Debug, Default)]
pub struct Legend {
    /// Each field, and whether its texts have fingerprints.
    fields: Vec<(Pointer, bool)>,
    /// What is asked of a part of a text.
    tests: Vec<Comparison>,
}

impl Legend {
    /// The legend of rules.
    pub fn of<'r>(rules: impl Iterator<Item = &'r Arc<Rule>>) -> Legend {
        let mut legend = Legend::default();
        for rule in rules {
            for condition in [Some(&rule.condition), rule.clears.as_ref()].into_iter().flatten() {
                condition.comparisons(&mut |comparison| legend.add(comparison));
            }
        }
        legend
    }

    fn add(&mut self, comparison: &Comparison) {
        let Field::Pointer(pointer) = &comparison.field else { return };
        let at = match self.fields.iter().position(|(known, _)| known == pointer) {
            Some(at) => at,
            None if self.fields.len() == FIELDS_LIMIT => return,
            None => {
                self.fields.push((pointer.clone(), false));
                self.fields.len() - 1
            }
        };
        if comparison.operator.is_of_whole_texts() {
            self.fields[at].1 = true;
        } else if let Some(word) = test_word(comparison)
            && self.tests.len() < TESTS_LIMIT
            && !self.tests.iter().any(|known| test_word(known).as_ref() == Some(&word))
        {
            self.tests.push(comparison.clone());
        }
    }

    /// Its fields.
    pub fn fields(&self) -> impl Iterator<Item = &Pointer> {
        self.fields.iter().map(|(pointer, _)| pointer)
    }

    /// Its words: first the fields in their order, then the comparisons in the order of their bits.
    pub fn words(&self) -> Vec<String> {
        let fields = self.fields.iter().map(|(pointer, is_named)| field_word(pointer.as_str(), *is_named));
        fields.chain(self.tests.iter().filter_map(test_word)).collect()
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The values of an event, each with the place of its field.
    pub fn said(&self, event: &Event<'_>) -> Vec<(usize, Said)> {
        let fields = self.fields.iter().enumerate();
        let said = fields.filter_map(|(at, (pointer, is_named))| {
            let said = match event.extra(pointer)? {
                Value::Number(number) => Said::Number(*number),
                Value::Bool(flag) => Said::Flag(*flag),
                Value::Texts(_) => Said::Structure,
                Value::Text(text) => Said::Text(self.mark(text, *is_named)),
            };
            Some((at, said))
        });
        said.collect()
    }

    fn mark(&self, text: &str, is_named: bool) -> u64 {
        let is_true = |test: &Comparison| test.operator.evaluate(Some(Seen::Text(text)), test.value.as_ref());
        let truths = self.tests.iter().rev().fold(0, |bits, test| bits << 1 | u64::from(is_true(test) == Some(true)));
        truths << 32 | if is_named { u64::from(name(text)) } else { 0 }
    }
}

/// The field in a word of a legend, and whether its texts have fingerprints; none where the word is a comparison.
pub fn field_of(word: &str) -> Option<(&str, bool)> {
    let named = word.strip_prefix(NAMED);
    let pointer = named.unwrap_or(word);
    pointer.starts_with('/').then_some((pointer, named.is_some()))
}

/// How the marks of a chunk answer a comparison of texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// By fingerprint: the text is one of these.
    Names(Vec<u32>),
    /// By a bit.
    Bit(usize),
}

impl Answer {
    /// Finds how a field's marks answer a comparison, under the words of a legend. None where they do not.
    pub fn find<T: AsRef<str>>(words: &[T], field: &str, comparison: &Comparison) -> Option<Answer> {
        if comparison.operator.is_of_whole_texts() {
            words.iter().find(|word| field_of(word.as_ref()) == Some((field, true)))?;
            return match comparison.value.as_ref()? {
                Value::Text(text) => Some(Answer::Names(vec![name(text)])),
                Value::Texts(texts) => Some(Answer::Names(texts.iter().map(|text| name(text)).collect())),
                Value::Number(_) | Value::Bool(_) => None,
            };
        }
        let word = test_word(comparison)?;
        let mut tests = words.iter().filter(|word| field_of(word.as_ref()).is_none());
        tests.position(|known| known.as_ref() == word).map(Answer::Bit)
    }

    /// What a mark answers.
    pub fn read(&self, mark: u64) -> bool {
        match self {
            Answer::Names(names) => names.contains(&(mark as u32)),
            Answer::Bit(at) => mark >> 32 >> at & 1 == 1,
        }
    }
}

fn field_word(pointer: &str, is_named: bool) -> String {
    let mut word = String::new();
    word.extend(is_named.then_some(NAMED));
    word + pointer
}

/// A comparison of a part of a text, as a word; none for any other.
fn test_word(comparison: &Comparison) -> Option<String> {
    match &comparison.value {
        Some(Value::Text(wanted)) if comparison.operator.is_of_texts() => {
            let mut word = comparison.operator.name().to_owned();
            word.push(' ');
            word.extend(folded(wanted));
            Some(word)
        }
        _ => None,
    }
}

/// 32 bits of the fingerprint of a text in lower case: enough to tell apart the few values that rules name.
fn name(text: &str) -> u32 {
    Fingerprint::of(&folded(text).collect::<String>()).half() as u32
}

#[cfg(test)]
#[path = "legend/tests.rs"]
mod tests;
