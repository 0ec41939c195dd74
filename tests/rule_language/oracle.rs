//! The simulator's oracle, asked as the evaluator is.

use std::sync::Arc;

use cuewire::model::fingerprint::Fingerprint;
use rule_oracle::{Card, Desk, Evaluator, Message, RuleSet, Zones};
use serde_json::Value;

use crate::reference::{Fired, ZONES};

pub struct Oracle {
    evaluator: Evaluator,
    pub fired: Vec<Fired>,
}

impl Oracle {
    pub fn new(set: &Value) -> Oracle {
        Oracle { evaluator: evaluator(set), fired: Vec::new() }
    }

    pub fn hear(&mut self, at: u64, event: &Value) {
        self.pass(at);
        let mut fired = Vec::new();
        self.evaluator.hear(at, &Arc::new(Message::new(event.clone())), |_, _| true, &mut fired);
        self.note(fired);
    }

    pub fn pass(&mut self, at: u64) {
        let mut fired = Vec::new();
        self.evaluator.pass(at, &mut fired);
        self.note(fired);
    }

    pub fn restart(&mut self) {
        self.evaluator.restart(self.evaluator.records().clone());
    }

    fn note(&mut self, fired: Vec<rule_oracle::Fired>) {
        let name = |rule: usize| self.evaluator.set().rules[rule].id.clone();
        self.fired.extend(fired.into_iter().map(|fired| Fired {
            at: fired.at,
            rule: name(fired.rule),
            interaction: fired.interaction,
            episode: fired.episode,
            muted_by: fired.muted_by.map(name),
        }));
    }
}

/// The cards that are due, through restarts.
pub struct Due {
    desk: Desk,
    pub cards: Vec<Card>,
}

impl Due {
    pub fn new(set: &Value) -> Due {
        Due { desk: Desk::new(evaluator(set)), cards: Vec::new() }
    }

    pub fn hear(&mut self, at: u64, event: &Value) {
        self.cards.extend(self.desk.hear(at, &Arc::new(Message::new(event.clone()))));
    }

    pub fn pass(&mut self, at: u64) {
        self.cards.extend(self.desk.pass(at));
    }

    pub fn restart(&mut self) {
        self.desk.restart(self.desk.durable());
    }
}

fn evaluator(set: &Value) -> Evaluator {
    let zones: Zones = ZONES.iter().map(|(zone, ahead)| ((*zone).to_owned(), *ahead as i64)).collect();
    let turn = |id: &str| u128::from_be_bytes(Fingerprint::of(id).bytes());
    Evaluator::new(Arc::new(RuleSet::read(set).unwrap()), Arc::new(zones), turn)
}
