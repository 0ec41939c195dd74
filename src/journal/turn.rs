//! The things that every part of the core may use while the pipeline handles one input.

use crate::journal::Journal;
use crate::model::ask::Ask;
use crate::model::diagnosis::{Diagnoses, Diagnosis};
use crate::model::random::Random;
use crate::model::time::Millis;

/// The present moment, and what parts share in it.
#[derive(Debug)]
pub struct Turn<'a> {
    /// Time that only goes forward.
    pub now: Millis,
    /// The wall clock; for people and for the server only.
    pub wall: Millis,
    /// Takes the effects.
    pub effects: &'a mut dyn Ask,
    /// Takes the records that must be durable.
    pub journal: &'a mut Journal,
    /// Jitter.
    pub random: &'a mut Random,
    /// The diagnoses that are active.
    pub diagnoses: &'a mut Diagnoses,
    /// The last id given.
    pub ids: &'a mut u64,
}

impl Turn<'_> {
    /// A fresh id; none is given twice in one life of the worker.
    pub fn next_id(&mut self) -> u64 {
        *self.ids += 1;
        *self.ids
    }

    /// Notes that something is wrong.
    pub fn raise(&mut self, diagnosis: Diagnosis) {
        self.diagnoses.raise(self.wall, diagnosis);
    }
}
