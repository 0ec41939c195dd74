//! What events of a tape say in fields that rules reach by pointer. Events that say the same often share a row.

use std::cell::RefCell;
use std::sync::Arc;

use crate::model::event::pointer::Pointer;
use crate::model::event::said;
use crate::model::history::evidence::Value;
use crate::model::time::Millis;
use crate::rules::replay::legend::{Answer, field_of};
use crate::rules::{Comparison, Field, Rule};

/// A field that a rule reaches by pointer and that a tape does not hold from its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// The field, by its pointer.
    pub field: String,
    /// Since when what the rule asks of the field is recorded without a break; never where absent.
    pub since: Option<Millis>,
}

/// One value.
#[derive(Debug, PartialEq)]
pub(super) enum Said {
    Number(f64),
    Flag(bool),
    Structure,
    /// A text of a file.
    Text(Box<str>),
    /// A text of a recording: its mark, and the number of its legend.
    Mark(u64, u32),
}

/// Rows among which an event's own is looked for.
const LATELY: usize = 4_096;

/// Comparisons whose verdicts are remembered: of the rules that a slider moves, and of the saved ones.
const JUDGED: usize = 24;

/// Values, each with the number of its field.
type Row = [(u32, Said)];

/// All that was said, by number from 0, which is nothing.
#[derive(Debug)]
pub(super) struct Sayings {
    fields: Vec<Pointer>,
    /// The values of all rows, one row after the other.
    values: Vec<(u32, Said)>,
    /// Where each row ends.
    ends: Vec<u32>,
    /// Rows of late, each at a place that follows from its values.
    lately: Vec<u32>,
    legends: Vec<Known>,
    /// The legends of the chunks in turn, and since when each counts.
    turns: Vec<(Millis, u32)>,
    /// The fields of which a file tells everything.
    told: Vec<Pointer>,
    /// What comparisons say of each row; the one asked for last stands at the end.
    judged: RefCell<Vec<(Comparison, Verdicts)>>,
}

/// The verdict of a comparison on each row.
pub(super) type Verdicts = Arc<[Option<bool>]>;

/// A legend of the recording.
#[derive(Debug)]
struct Known {
    words: Vec<String>,
    /// The numbers of its fields.
    fields: Vec<u32>,
}

impl Default for Sayings {
    fn default() -> Sayings {
        Sayings {
            fields: Vec::new(),
            values: Vec::new(),
            ends: vec![0],
            lately: vec![0; LATELY],
            legends: Vec::new(),
            turns: Vec::new(),
            told: Vec::new(),
            judged: RefCell::default(),
        }
    }
}

impl Sayings {
    /// Takes the legend of a chunk that begins at this instant. Gives its number.
    pub fn learn(&mut self, words: &[&str], from: Millis) -> u32 {
        let known = self.legends.iter().position(|known| known.words == words);
        let number = known.unwrap_or_else(|| {
            let fields = words.iter().filter_map(|word| field_of(word)).filter_map(|(text, _)| Pointer::parse(text));
            let fields = fields.map(|pointer| self.field(&pointer)).collect();
            self.legends.push(Known { words: words.iter().map(|word| (*word).to_owned()).collect(), fields });
            self.legends.len() - 1
        }) as u32;
        if self.turns.last().is_none_or(|(_, last)| *last != number) {
            self.turns.push((from, number));
        }
        number
    }

    /// A file tells everything of a field.
    pub fn know(&mut self, pointer: &Pointer) {
        if !self.told.contains(pointer) {
            self.told.push(pointer.clone());
        }
    }

    /// The number of what an event of a chunk said.
    pub fn recorded(&mut self, said: &[(usize, said::Said)], legend: u32) -> u32 {
        let value = |said: said::Said| match said {
            said::Said::Number(number) => Said::Number(number),
            said::Said::Flag(flag) => Said::Flag(flag),
            said::Said::Structure => Said::Structure,
            said::Said::Text(mark) => Said::Mark(mark, legend),
        };
        let begin = self.values.len();
        let fields = &self.legends[legend as usize].fields;
        self.values.extend(said.iter().filter_map(|(at, said)| Some((*fields.get(*at)?, value(*said)))));
        self.number(begin)
    }

    /// The number of what an event with all its texts said.
    pub fn told(&mut self, extra: &[(Pointer, Value)]) -> u32 {
        let value = |value: &Value| match value {
            Value::Number(number) => Said::Number(*number),
            Value::Bool(flag) => Said::Flag(*flag),
            Value::Text(text) => Said::Text(text.as_str().into()),
            Value::Texts(_) => Said::Structure,
        };
        let begin = self.values.len();
        for (pointer, said) in extra {
            let field = self.field(pointer);
            self.values.push((field, value(said)));
        }
        self.number(begin)
    }

    /// Whether the tape is of a file, with the texts themselves.
    pub fn holds_texts(&self) -> bool {
        self.legends.is_empty()
    }

    /// Each row in turn, by its number.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        (0..self.ends.len()).map(|number| self.row(number as u32))
    }

    /// The verdict of a comparison on each row. A person who moves one threshold asks again for all others.
    pub fn judged(&self, comparison: &Comparison, judge: impl Fn(&Row) -> Option<bool>) -> Verdicts {
        let mut judged = self.judged.borrow_mut();
        let known = judged.iter().position(|(known, of)| known == comparison && of.len() == self.ends.len());
        let one = match known {
            Some(at) => judged.remove(at),
            None => (comparison.clone(), self.rows().map(judge).collect()),
        };
        let verdicts = Arc::clone(&one.1);
        if judged.len() == JUDGED {
            judged.remove(0);
        }
        judged.push(one);
        verdicts
    }

    /// One row.
    pub fn row(&self, number: u32) -> &Row {
        let end = |number: u32| self.ends[number as usize] as usize;
        &self.values[number.checked_sub(1).map_or(0, end)..end(number)]
    }

    /// The number of a field that some event said.
    pub fn number_of(&self, pointer: &Pointer) -> Option<u32> {
        self.fields.iter().position(|known| known == pointer).map(|at| at as u32)
    }

    /// How the marks of each legend answer a comparison.
    pub fn answers(&self, comparison: &Comparison) -> Vec<Option<Answer>> {
        let field = comparison.field.name();
        self.legends.iter().map(|known| Answer::find(&known.words, field, comparison)).collect()
    }

    /// What the tape does not hold of a rule's fields, each field once; `from` is its beginning.
    pub fn lacks(&self, rule: &Rule, from: Millis) -> Vec<Lack> {
        let mut lacks: Vec<Lack> = Vec::new();
        for condition in std::iter::once(&rule.condition).chain(&rule.clears) {
            condition.comparisons(&mut |comparison| {
                let Field::Pointer(pointer) = &comparison.field else { return };
                let since = match self.told.contains(pointer) {
                    true => Some(from),
                    false => self.since(comparison),
                };
                if since == Some(from) {
                    return;
                }
                match lacks.iter_mut().find(|lack| lack.field == pointer.as_str()) {
                    Some(lack) => lack.since = lack.since.zip(since).map(|(one, other)| one.max(other)),
                    None => lacks.push(Lack { field: pointer.as_str().to_owned(), since }),
                }
            });
        }
        lacks
    }

    /// Since when a comparison can be tried without a break.
    fn since(&self, comparison: &Comparison) -> Option<Millis> {
        let knows = |legend: u32| {
            let words = &self.legends[legend as usize].words;
            let field = comparison.field.name();
            match comparison.operator.is_of_texts() {
                true => Answer::find(words, field, comparison).is_some(),
                false => words.iter().any(|word| field_of(word).is_some_and(|(known, _)| known == field)),
            }
        };
        let known = self.turns.iter().rev().take_while(|(_, legend)| knows(*legend));
        known.last().map(|(since, _)| *since)
    }

    fn field(&mut self, pointer: &Pointer) -> u32 {
        self.number_of(pointer).unwrap_or_else(|| {
            self.fields.push(pointer.clone());
            self.fields.len() as u32 - 1
        })
    }

    /// The number of the row of the values from `begin` on. A row of late that is the same takes its place.
    fn number(&mut self, begin: usize) -> u32 {
        let row = &self.values[begin..];
        if row.is_empty() {
            return 0;
        }
        let place =
            row.iter().fold(0, |place, (field, said)| place * 31 + u64::from(*field) + said.spread()) % LATELY as u64;
        let lately = self.lately[place as usize];
        if lately > 0 && self.row(lately) == row {
            self.values.truncate(begin);
            return lately;
        }
        self.ends.push(self.values.len() as u32);
        let number = self.ends.len() as u32 - 1;
        self.lately[place as usize] = number;
        number
    }
}

impl Said {
    /// A number that values of an event that are not the same seldom share.
    fn spread(&self) -> u64 {
        match self {
            Said::Number(number) => number.to_bits() >> 44,
            Said::Flag(flag) => u64::from(*flag),
            Said::Structure => 2,
            Said::Text(text) => text.bytes().map(u64::from).sum(),
            Said::Mark(mark, legend) => (mark >> 32) + (mark & 0xffff) + u64::from(*legend),
        }
    }
}
