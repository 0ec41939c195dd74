//! Triggers that a person marked as handled. Their rules stay quiet for the interaction until they clear.

#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use crate::journal::{HANDLED_PREFIX, Journal};
use crate::model::fingerprint::Subject;
use crate::model::json::{FromJson, ToJson};
use crate::model::sorted::{self, SortedMap};
use crate::model::time::Millis;

/// Interactions with a mark at once; beyond, those seen longest ago lose theirs.
const LIMIT: usize = 1_000;

/// The stored instant lags behind the last event by this part of the span at most, so that a talking interaction is
/// written that often and no more.
const SLACK_PARTS: u64 = 16;

/// One rule of one interaction, marked as handled.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[serde(rename_all = "camelCase")]
pub struct Mark {
    /// The rule's id.
    pub rule: String,
    /// When the person pressed: what fires later has cleared in between.
    pub since: Millis,
    /// The same by the wall clock, for people.
    pub at: Millis,
    /// Who, where the settings say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The person's note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The number of the trigger's entry in the activity log.
    pub entry: u64,
    /// The occurrence whose card was withdrawn: without the mark that card is due again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrew: Option<String>,
}

/// A mark as pages see it.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct HandledView {
    /// The number of the trigger's entry in the activity log.
    pub entry: u64,
    /// The rule's id.
    pub rule: String,
    /// When, wall clock.
    pub at: Millis,
    /// Who, where the settings say it.
    pub by: Option<String>,
    /// The person's note.
    pub note: Option<String>,
}

impl From<&Mark> for HandledView {
    fn from(mark: &Mark) -> HandledView {
        let Mark { rule, at, by, note, entry, .. } = mark.clone();
        HandledView { entry, rule, at, by, note }
    }
}

/// The marks of one interaction: the stored form.
#[derive(Debug, Clone, Default, PartialEq, Eq, ToJson, FromJson)]
#[serde(rename_all = "camelCase")]
pub struct Marked {
    marks: Vec<Mark>,
    /// When the interaction was last seen, to within the slack.
    seen: Millis,
}

/// Every mark that still counts.
#[derive(Debug, Default)]
pub struct Handled {
    interactions: SortedMap<Subject, Held>,
    /// How long a mark outlives the last event of its interaction.
    remember: Millis,
}

#[derive(Debug)]
struct Held {
    marked: Marked,
    /// Later than the stored instant, by the slack at most.
    seen: Millis,
}

impl Handled {
    /// How long an interaction is remembered after it was last seen.
    pub fn remember_for(&mut self, span: Millis) {
        self.remember = span;
    }

    /// Goes on from what was stored. Nothing was seen or marked later than now, because the clock may have been wrong.
    pub fn restore(&mut self, subject: Subject, mut marked: Marked, now: Millis) {
        marked.seen = marked.seen.min(now);
        marked.marks.iter_mut().for_each(|mark| mark.since = mark.since.min(now));
        let seen = marked.seen.plus(self.slack()).min(now);
        self.interactions.insert(subject, Held { marked, seen });
    }

    /// Marks a rule of an interaction, in place of an older mark of that rule.
    pub fn mark(&mut self, subject: Subject, mark: Mark, now: Millis, journal: &mut Journal) {
        self.make_room(now, journal);
        let held = self.interactions.entry(subject).or_insert(Held { marked: Marked::default(), seen: now });
        held.marked.marks.retain(|other| other.rule != mark.rule);
        held.marked.marks.push(mark);
        held.store(subject, now, journal);
    }

    /// Takes back the mark of a log entry, and gives it.
    pub fn unmark(&mut self, entry: u64, journal: &mut Journal) -> Option<(Subject, Mark)> {
        let has = |held: &Held| held.marked.marks.iter().any(|mark| mark.entry == entry);
        let subject = *self.interactions.iter().find(|(_, held)| has(held))?.0;
        let taken = self.end(subject, |mark| mark.entry == entry, journal);
        taken.into_iter().next().map(|mark| (subject, mark))
    }

    /// The mark of a rule.
    pub fn of(&self, subject: Subject, rule: &str) -> Option<&Mark> {
        self.interactions.get(&subject)?.marked.marks.iter().find(|mark| mark.rule == rule)
    }

    /// An event of this interaction was heard. Says whether it has a mark.
    pub fn see(&mut self, subject: Subject, now: Millis, journal: &mut Journal) -> bool {
        let (slack, remember) = (self.slack(), self.remember);
        let Some(held) = self.interactions.get_mut(&subject) else { return false };
        if held.seen.plus(remember) <= now {
            self.forget(subject, journal);
            return false;
        }
        held.seen = now;
        if now.since(held.marked.seen) > slack {
            held.store(subject, now, journal);
        }
        true
    }

    /// Ends the marks of an interaction that are over, and gives them.
    pub fn end(&mut self, subject: Subject, is_over: impl Fn(&Mark) -> bool, journal: &mut Journal) -> Vec<Mark> {
        let Some(held) = self.interactions.get_mut(&subject) else { return Vec::new() };
        let ended: Vec<Mark> = held.marked.marks.extract_if(.., |mark| is_over(mark)).collect();
        if held.marked.marks.is_empty() {
            self.forget(subject, journal);
        } else if !ended.is_empty() {
            held.store(subject, held.marked.seen, journal);
        }
        ended
    }

    /// The newest marks, newest first.
    pub fn views(&self, most: usize) -> Vec<HandledView> {
        let mut marks: Vec<&Mark> = self.interactions.values().flat_map(|held| &held.marked.marks).collect();
        sorted::sort_by(&mut marks, |one, other| (other.at, other.entry).cmp(&(one.at, one.entry)));
        marks.into_iter().take(most).map(HandledView::from).collect()
    }

    fn make_room(&mut self, now: Millis, journal: &mut Journal) {
        let is_lapsed = |held: &Held| held.seen.plus(self.remember) <= now;
        let mut gone: Vec<Subject> =
            self.interactions.iter().filter(|(_, held)| is_lapsed(held)).map(|(subject, _)| *subject).collect();
        if self.interactions.len() - gone.len() >= LIMIT {
            let others = self.interactions.iter().filter(|(_, held)| !is_lapsed(held));
            gone.extend(others.min_by_key(|(_, held)| held.seen).map(|(subject, _)| *subject));
        }
        gone.into_iter().for_each(|subject| self.forget(subject, journal));
    }

    fn forget(&mut self, subject: Subject, journal: &mut Journal) {
        self.interactions.remove(&subject);
        journal.delete(key(subject));
    }

    fn slack(&self) -> Millis {
        Millis(self.remember.0 / SLACK_PARTS)
    }
}

impl Held {
    fn store(&mut self, subject: Subject, seen: Millis, journal: &mut Journal) {
        self.marked.seen = seen;
        journal.put(key(subject), &self.marked);
    }
}

fn key(subject: Subject) -> String {
    format!("{HANDLED_PREFIX}{subject}")
}
