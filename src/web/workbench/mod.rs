//! Rules on a page: read, read back as sentences, and tried on their examples, by the same code as in the worker. Nothing
//! here knows a host, a clock or storage, so a page may hold it beside the engine of the worker.

mod backtest;

use crate::api::contract::event;
use crate::api::extras;
use crate::model::event::Event;
use crate::model::json::ToJson;
use crate::rules::sentence::Sentence;
use crate::rules::text::{Difference, RuleError, Vocabulary, parse, run};
use crate::web::host::json::shared;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

/// Reads and tries the rules that a page has not saved yet.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Workbench {}

/// A text that was read.
#[derive(Debug, ToJson, Tsify)]
#[serde(tag = "kind", content = "value", rename_all = "camelCase")]
pub enum Checked {
    /// The text is a rule set.
    Rules(Readable),
    /// Every mistake.
    Rejected(Vec<RuleError>),
}

/// A rule set, read.
#[derive(Debug, ToJson, Tsify)]
pub struct Readable {
    /// The rule set as it is stored: every default is written out.
    pub text: String,
    /// Each rule, read back.
    pub sentences: Vec<Sentence>,
    /// The differences in the examples of each rule.
    pub examples: Vec<Vec<Difference>>,
}

#[wasm_bindgen]
impl Workbench {
    /// Without rules: each call brings its own.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Workbench {
        Workbench::default()
    }

    /// Reads a rule set, reads each rule back, and runs its examples.
    pub fn check(&self, text: &str) -> Ts<Checked> {
        let checked = match parse(text) {
            Ok(set) => Checked::Rules(Readable {
                text: set.to_json(),
                sentences: set.rules.iter().map(Sentence::of).collect(),
                examples: set
                    .rules
                    .iter()
                    .map(|rule| {
                        run(rule, |frame, pointers| {
                            let event = event::parse(frame).ok()?;
                            Some(Event { extra: extras::read(frame, pointers), ..event })
                        })
                    })
                    .collect(),
            }),
            Err(errors) => Checked::Rejected(errors),
        };
        shared(&checked)
    }

    /// The fields, operators and figures that a rule may name.
    pub fn vocabulary(&self) -> Ts<Vocabulary> {
        shared(&Vocabulary::default())
    }
}
