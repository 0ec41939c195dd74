//! One interaction: what each rule holds, and the values that windows count.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::condition::Around;
use crate::message::Message;
use crate::queues::Queues;
use crate::spec::{Counted, Once, Rule};

/// Values kept of a field.
const MOST: usize = 64;

/// The values of each field with a window, oldest first.
pub(crate) type Values = BTreeMap<String, Vec<(u64, f64)>>;

/// One rule in one interaction.
#[derive(Debug, Clone, Default)]
pub(crate) struct Track {
    pub phase: Phase,
    pub episode: u32,
    pub fired_at: u64,
    /// The values as the phase began: they outlive the worker.
    pub values: Values,
}

#[derive(Debug, Clone, Default)]
pub(crate) enum Phase {
    #[default]
    Clear,
    /// True since then; the message that said so last.
    Holding(u64, Arc<Message>),
    /// Fired; and since when its condition has ended.
    Firing(Option<u64>),
}

/// An interaction, as the evaluator sees it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Talk {
    /// Each with its rule's place, in the order in which they began.
    pub tracks: Vec<(usize, Track)>,
    pub values: Values,
    pub last: Option<Arc<Message>>,
    /// Windows were last looked at then.
    pub moved_at: u64,
    /// When it is due next, as the evaluator has it.
    pub scheduled: Option<u64>,
}

/// The circumstances of a message.
pub(crate) struct Scene<'s> {
    pub now: u64,
    pub values: &'s Values,
    pub queues: &'s Queues,
}

impl Around for Scene<'_> {
    fn values(&self, field: &str) -> &[(u64, f64)] {
        self.values.get(field).map(Vec::as_slice).unwrap_or_default()
    }

    fn queue_figure(&self, figure: &str, message: &Message) -> Option<f64> {
        self.queues.figure(figure, message, self.now)
    }

    fn now(&self) -> u64 {
        self.now
    }
}

/// The result of showing a message to a rule.
#[derive(Debug, Default)]
pub(crate) struct Step {
    /// The rule is due, under this episode.
    pub due: Option<u32>,
    /// The episode begins.
    pub begins: bool,
    /// The state that outlives the worker has changed.
    pub changed: bool,
}

impl Talk {
    /// Keeps a value.
    pub fn keep(&mut self, field: &str, at: u64, value: f64) {
        let values = self.values.entry(field.to_owned()).or_default();
        values.push((at, value));
        if values.len() > MOST {
            values.remove(0);
        }
    }

    /// Forgets what no window counts: older than its longest span, and beyond the newest that are asked for.
    pub fn trim(&mut self, now: u64, counted: &[Counted]) {
        for Counted { field, spans, most } in counted {
            let Some(values) = self.values.get_mut(field) else { continue };
            let longest = spans.iter().copied().max().unwrap_or_default();
            while values.len() > *most && values.first().is_some_and(|(at, _)| at + longest <= now) {
                values.remove(0);
            }
        }
    }

    pub fn track(&self, rule: usize) -> Option<&Track> {
        self.tracks.iter().find(|(at, _)| *at == rule).map(|(_, track)| track)
    }

    pub fn is_empty(&self) -> bool {
        self.tracks.is_empty() && self.values.values().all(Vec::is_empty)
    }
}

impl Track {
    pub fn is_firing(&self) -> bool {
        matches!(self.phase, Phase::Firing(_))
    }

    /// When its hold ends, or when it stops to keep firing.
    pub fn due(&self, rule: &Rule) -> Option<u64> {
        match &self.phase {
            Phase::Clear => None,
            Phase::Holding(since, _) => {
                let cooled = if self.episode > 0 { self.fired_at + rule.cooldown } else { 0 };
                Some((since + rule.hold).max(cooled))
            }
            Phase::Firing(ended) => ended.map(|ended| ended + rule.keep_firing),
        }
    }

    /// Since when it holds or fires.
    pub fn since(&self) -> Option<u64> {
        match &self.phase {
            Phase::Clear => None,
            Phase::Holding(since, _) => Some(*since),
            Phase::Firing(_) => Some(self.fired_at),
        }
    }

    /// The message that a running hold rests on.
    pub fn held(&self) -> Option<&Arc<Message>> {
        match &self.phase {
            Phase::Holding(_, message) => Some(message),
            _ => None,
        }
    }

    /// When its phase changed last, as far as the phase tells.
    pub fn changed_at(&self) -> u64 {
        match &self.phase {
            Phase::Clear => self.fired_at,
            Phase::Holding(since, _) => *since,
            Phase::Firing(ended) => ended.unwrap_or(self.fired_at),
        }
    }

    /// Whether it was anything else before.
    pub fn clear(&mut self) -> bool {
        let was = std::mem::take(&mut self.phase);
        self.values.clear();
        !matches!(was, Phase::Clear)
    }

    pub fn fire(&mut self, rule: &Rule, at: u64) {
        self.phase = Phase::Firing(None);
        self.fired_at = at;
        self.episode = if rule.once == Once::Episode { self.episode + 1 } else { 1 };
    }

    /// Whether nothing of it needs to be remembered.
    pub fn is_spent(&self, rule: &Rule) -> bool {
        let counts = rule.once == Once::Episode || rule.cooldown > 0;
        matches!(self.phase, Phase::Clear) && !(counts && self.episode > 0)
    }

    /// Takes a message whose truth is known, as far as anything is.
    pub fn show(&mut self, rule: &Rule, now: u64, message: &Arc<Message>, truth: Option<bool>, clears: bool) -> Step {
        if let Phase::Firing(ended) = &mut self.phase {
            let before = *ended;
            if clears && rule.keep_firing == 0 {
                return Step { changed: self.clear(), ..Step::default() };
            }
            if clears {
                *ended = Some(ended.unwrap_or(now));
            } else if truth == Some(true) {
                *ended = None;
            }
            let changed = *ended != before;
            return Step { due: (truth == Some(true)).then_some(self.episode), begins: false, changed };
        }
        match truth {
            None => Step::default(),
            Some(false) => Step { changed: self.clear(), ..Step::default() },
            Some(true) => {
                let (held, is_other) = (self.since(), self.held().is_none_or(|held| rule.tells_apart(held, message)));
                self.phase = Phase::Holding(held.unwrap_or(now), message.clone());
                if self.due(rule).is_some_and(|due| due <= now) {
                    self.fire(rule, now);
                    return Step { due: Some(self.episode), begins: true, changed: true };
                }
                Step { due: None, begins: false, changed: is_other }
            }
        }
    }
}

/// The values that a rule's own conditions count.
pub(crate) fn values_of(rule: &Rule, values: &Values) -> Values {
    let mut named = Values::new();
    for condition in [Some(&rule.when), rule.clears.as_ref()].into_iter().flatten() {
        condition.each(&mut |one| {
            if one.window.is_some()
                && let Some(known) = values.get(&one.field)
            {
                named.insert(one.field.clone(), known.clone());
            }
        });
    }
    named
}
