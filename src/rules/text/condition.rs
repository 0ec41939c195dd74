//! Reads a condition: a tree of `all`, `any` and `not` over comparisons.

use super::reading::{Errors, Part};
use super::{POINTERS_LIMIT, WINDOWED_LIMIT};
use crate::model::event::pointer::Pointer;
use crate::model::history::evidence::Value;
use crate::rules::condition::DEPTH_LIMIT;
use crate::rules::window::{Figure, SECONDS_LIMIT, Slot, VALUES_LIMIT, Window};
use crate::rules::{Arity, Comparison, Condition, Field, Holds, Operator};

/// Beyond, a number of milliseconds has no exact `f64`.
const NUMBER_LIMIT: f64 = 1e15;

const TEXT_LIMIT: usize = 200;
const TEXTS_LIMIT: usize = 100;

/// The fields that conditions named so far, because their sum has bounds.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Of the rule that is being read.
    pub comparisons: usize,
    pointers: Vec<Pointer>,
    windowed: Vec<Field>,
}

pub(super) fn read_condition(part: &Part<'_>, names: &mut Names, depth: u32, errors: &mut Errors) -> Option<Condition> {
    if depth > DEPTH_LIMIT {
        return part.wrong(errors, "tooDeep", &[&DEPTH_LIMIT]);
    }
    let map = part.object(&["all", "any", "not", "compare"], errors)?;
    if map.len() != 1 {
        return part.wrong(errors, "badChoice", &[&"all", &"any", &"not", &"compare"]);
    }
    let mut several = |part: Part<'_>, names: &mut Names| {
        if part.json.as_array().is_some_and(Vec::is_empty) {
            return part.wrong(errors, "empty", &[]);
        }
        part.each(usize::MAX, errors, |part, errors| read_condition(part, names, depth + 1, errors))
    };
    if let Some(part) = part.get("all") {
        return several(part, names).map(Condition::All);
    }
    if let Some(part) = part.get("any") {
        return several(part, names).map(Condition::Any);
    }
    if let Some(part) = part.get("not") {
        return read_condition(&part, names, depth + 1, errors).map(|it| Condition::Not(Box::new(it)));
    }
    match part.get("compare") {
        Some(part) => read_comparison(&part, names, errors).map(Condition::Compare),
        None => part.wrong(errors, "badChoice", &[&"all", &"any", &"not", &"compare"]),
    }
}

fn read_comparison(part: &Part<'_>, names: &mut Names, errors: &mut Errors) -> Option<Comparison> {
    names.comparisons += 1;
    part.object(&["field", "window", "operator", "value"], errors)?;
    let field = part.need("field", errors).and_then(|part| read_field(&part, names, errors));
    let window = part.or("window", None, errors, |part, errors| read_window(part, errors).map(Some));
    let operator = part.need("operator", errors).and_then(|part| read_operator(&part, errors));
    let (field, window, operator) = (field?, window?, operator?);
    if window.is_some() {
        if field.holds() == Holds::Text || field.is_of_queue() {
            part.get("window")?.wrong::<()>(errors, "notOfNumbers", &[&field.name()]);
        }
        if !names.windowed.contains(&field) {
            names.windowed.push(field.clone());
            if names.windowed.len() > WINDOWED_LIMIT {
                part.wrong::<()>(errors, "tooMany", &[&WINDOWED_LIMIT]);
            }
        }
    }
    let holds = if window.is_some() { Holds::Number } else { field.holds() };
    if !operator.suits(holds) {
        let suiting: Vec<&str> =
            Operator::ALL.iter().filter(|operator| operator.suits(holds)).map(|operator| operator.name()).collect();
        return part.get("operator")?.wrong(errors, "wrongOperator", &[&field.name(), &suiting.join(" ")]);
    }
    let value = read_value(part, operator, errors)?;
    Some(Comparison { field, window, operator, value })
}

fn read_field(part: &Part<'_>, names: &mut Names, errors: &mut Errors) -> Option<Field> {
    let text = part.words(crate::model::event::pointer::POINTER_LIMIT, errors)?;
    let Some(field) = Field::parse(&text) else {
        let known = Field::NAMED.iter().map(Field::name).collect::<Vec<_>>().join(" ");
        return part.wrong(errors, "notAField", &[&known]);
    };
    if let Field::Pointer(pointer) = &field
        && !names.pointers.contains(pointer)
    {
        names.pointers.push(pointer.clone());
        if names.pointers.len() > POINTERS_LIMIT {
            return part.wrong(errors, "tooMany", &[&POINTERS_LIMIT]);
        }
    }
    Some(field)
}

fn read_operator(part: &Part<'_>, errors: &mut Errors) -> Option<Operator> {
    let names: Vec<(&'static str, Operator)> = Operator::ALL.iter().map(|it| (it.name(), *it)).collect();
    part.choice(&names, errors)
}

fn read_window(part: &Part<'_>, errors: &mut Errors) -> Option<Window> {
    part.object(&["figure", "values", "seconds"], errors)?;
    let figure = part
        .need("figure", errors)
        .and_then(|part| part.choice(&Figure::ALL.map(|figure| (figure.name(), figure)), errors));
    let mut count = |key: &str, most: u64| match part.get(key) {
        Some(part) => part.whole((1, most), errors).and_then(|count| u32::try_from(count).ok()).map(Some),
        None => Some(None),
    };
    let values = count("values", VALUES_LIMIT as u64);
    let seconds = count("seconds", u64::from(SECONDS_LIMIT));
    let window = Window { figure: figure?, values: values?, seconds: seconds?, slot: Slot::default() };
    if window.values.is_some() == window.seconds.is_some() {
        return part.wrong(errors, "eitherValuesOrSeconds", &[]);
    }
    Some(window)
}

/// The right side; `Some(None)` where the operator takes none.
fn read_value(part: &Part<'_>, operator: Operator, errors: &mut Errors) -> Option<Option<Value>> {
    if operator.arity() == Arity::None {
        return match part.get("value") {
            Some(value) => value.wrong(errors, "notWanted", &[&operator.name()]),
            None => Some(None),
        };
    }
    let value = part.need("value", errors)?;
    let value = match operator.arity() {
        Arity::Several => {
            let texts = value.each(TEXTS_LIMIT, errors, |part, errors| part.text(TEXT_LIMIT, false, errors))?;
            if texts.is_empty() {
                return value.wrong(errors, "empty", &[]);
            }
            Value::Texts(texts)
        }
        _ if operator.is_of_numbers() => Value::Number(value.number((-NUMBER_LIMIT, NUMBER_LIMIT), errors)?),
        _ => Value::Text(value.text(TEXT_LIMIT, false, errors)?),
    };
    Some(Some(value))
}
