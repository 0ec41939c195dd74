//! Pauses of a person: everything, a queue or a rule. A pause survives the worker and ends by itself.

#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use crate::journal::Journal;
use crate::model::json::{FromJson, ToJson};
use crate::model::scope::Scope;
use crate::model::time::Millis;

/// Key of the record.
pub const PAUSES_KEY: &str = "pauses";

/// The most pauses at once.
const LIMIT: usize = 200;

/// One pause.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[serde(rename_all = "camelCase")]
pub struct Pause {
    /// The paused queue or rule; everything if absent.
    pub scope: Option<Scope>,
    /// When it ends by itself.
    pub until: Option<Millis>,
    /// Why.
    pub note: Option<String>,
}

/// A pause as pages see it.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct PauseView {
    /// The paused queue or rule; everything if absent.
    pub scope: Option<Scope>,
    /// When it ends by itself, wall clock.
    pub until: Option<Millis>,
    /// Why.
    pub note: Option<String>,
}

/// All pauses that are not over.
#[derive(Debug, Clone, Default, PartialEq, Eq, ToJson, FromJson)]
pub struct Pauses(Vec<Pause>);

impl Pauses {
    /// The pause of everything, if there is one.
    pub fn everything(&self) -> Option<&Pause> {
        self.0.iter().find(|pause| pause.scope.is_none())
    }

    /// The pause that covers a trigger, if there is one.
    pub fn covering(&self, queue: Option<&str>, rule: &str) -> Option<&Pause> {
        self.0.iter().find(|pause| match &pause.scope {
            None => true,
            Some(Scope::Queue(name)) => queue == Some(name),
            Some(Scope::Rule(id)) => rule == id,
        })
    }

    /// All of them, for pages.
    pub fn views(&self, to_wall: impl Fn(Millis) -> Millis) -> Vec<PauseView> {
        let view = |pause: &Pause| PauseView {
            scope: pause.scope.clone(),
            until: pause.until.map(&to_wall),
            note: pause.note.clone(),
        };
        self.0.iter().map(view).collect()
    }

    /// Starts a pause, in place of an older one of the same scope.
    pub fn begin(&mut self, pause: Pause, journal: &mut Journal) {
        self.0.retain(|other| other.scope != pause.scope);
        self.0.truncate(LIMIT - 1);
        self.0.push(pause);
        self.store(journal);
    }

    /// Ends a pause, and gives it.
    pub fn end(&mut self, scope: Option<&Scope>, journal: &mut Journal) -> Vec<Pause> {
        self.keep(|pause| pause.scope.as_ref() != scope, journal)
    }

    /// Ends those whose time is over, and gives them.
    pub fn end_due(&mut self, now: Millis, journal: &mut Journal) -> Vec<Pause> {
        self.keep(|pause| pause.until.is_none_or(|until| until > now), journal)
    }

    /// When the next one ends by itself.
    pub fn next_end(&self) -> Option<Millis> {
        self.0.iter().filter_map(|pause| pause.until).min()
    }

    fn keep(&mut self, keep: impl Fn(&Pause) -> bool, journal: &mut Journal) -> Vec<Pause> {
        let ended: Vec<Pause> = self.0.extract_if(.., |pause| !keep(pause)).collect();
        if !ended.is_empty() {
            self.store(journal);
        }
        ended
    }

    fn store(&self, journal: &mut Journal) {
        if self.0.is_empty() {
            journal.delete(PAUSES_KEY.to_owned());
        } else {
            journal.put(PAUSES_KEY.to_owned(), self);
        }
    }
}
