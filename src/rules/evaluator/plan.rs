//! Rules as the evaluator runs them: which events can touch each, and what must be kept for them.

use std::cell::RefCell;
use std::sync::Arc;

use super::touch::{Bits, Hearing};
use crate::model::card::CardKind;
use crate::model::event::Event;
use crate::model::event::pointer::Pointer;
use crate::model::history::evidence::Value;
use crate::model::time::Millis;
use crate::rules::field::Seen;
use crate::rules::track::Place;
use crate::rules::window::{Figures, SERIES_BYTES, Scene, Series, Slot, Window};
use crate::rules::{Comparison, Condition, Field, Mode, Operator, Rule, Track};

/// The most memory that the kept copy of one event takes, in bytes: four short texts, and a text for each pointer.
const EVENT_BYTES: usize = 4 * 1_024 + 256;

/// Active rules, compiled.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub rules: Vec<Compiled>,
    /// The JSON pointers that rules name, each once.
    pub pointers: Vec<Pointer>,
    /// The fields of which several values are kept.
    pub windowed: Vec<Windowed>,
    /// Some rule looks at a queue.
    pub queues: bool,
    /// Some rule asks how often rules began to fire, so that the beginning of every live rule must be known.
    pub triggers: bool,
    /// Something is remembered of interactions.
    pub remembers: bool,
    /// Some rule's truth changes as time passes, without an event.
    pub moves: bool,
    /// Some rule has a schedule.
    pub schedules: bool,
    /// The windows of seconds: the field, and how long a value counts; each once.
    pub spans: Vec<(Field, Millis)>,
    /// The figures of the event that rules look at.
    pub figures: Figures,
    /// The rules that have each of these windows.
    moving: Vec<Bits>,
    /// The rules that name each field of events, in the order of its bits; then those that any event may touch.
    naming: Vec<Bits>,
    always: Bits,
    hearing: Hearing,
    /// The rules that an event can touch: memory that each event uses again.
    touched: RefCell<Bits>,
}

/// One rule, with what the evaluator must know of it.
#[derive(Debug)]
pub(super) struct Compiled {
    pub rule: Arc<Rule>,
    /// Its place in the plan.
    pub place: usize,
    /// The bits of the fields that it names: those of events, then the pointers.
    fields: u32,
    /// Any event may touch it: it has a window, looks at a queue, or asks whether there is data.
    always: bool,
    /// A window of seconds makes it true or false as time passes.
    pub moves: bool,
    /// Its windows of seconds, by their place in [`Plan::spans`], each once.
    spans: Vec<usize>,
    /// The rule looks at a queue.
    pub queues: bool,
    /// The rule is remembered from one event to the next.
    pub remembers: bool,
    /// While it fires, the firings of lesser rules of the interaction are muted.
    pub inhibits: bool,
    /// The rule is false or unknown where this number of an event is absent or lies elsewhere: its place in
    /// [`Event::numbers`], the least and the greatest. It tells most events apart.
    needs: Option<(usize, f64, f64)>,
}

/// A field of which several values are kept.
#[derive(Debug, PartialEq)]
pub(super) struct Windowed {
    pub field: Field,
    /// How long values count, each span once.
    pub spans: Vec<Millis>,
    /// How many of the newest are kept, however old.
    pub most: usize,
}

impl Plan {
    pub fn new(rules: Vec<Arc<Rule>>) -> Plan {
        let counts = |rule: &Arc<Rule>| {
            let mut counts = false;
            let mut look = |one: &Comparison| counts |= one.field == Field::QueueTriggersPerMinute;
            rule.condition.comparisons(&mut look);
            rule.clears.iter().for_each(|clears| clears.comparisons(&mut look));
            counts
        };
        let mut plan = Plan { triggers: rules.iter().any(counts), ..Plan::default() };
        let is_lesser = |rule: &Arc<Rule>| rule.card.kind != CardKind::Error;
        let some_are_lesser = rules.iter().any(is_lesser);
        let mut windows = Vec::new();
        for mut rule in rules {
            number_windows(&mut rule, &mut windows);
            let inhibits = some_are_lesser && !is_lesser(&rule) && rule.mode == Mode::Live;
            let compiled = plan.compile(rule, inhibits);
            plan.queues |= compiled.queues;
            plan.moves |= compiled.moves;
            plan.remembers |= compiled.remembers;
            plan.schedules |= compiled.rule.schedule.is_some();
            plan.rules.push(compiled);
        }
        plan.remembers |= !plan.windowed.is_empty();
        plan.figures = Figures::of(windows.len());
        let bits = (Field::OF_EVENTS.len() + plan.pointers.len()).min(u32::BITS as usize);
        let rules = &plan.rules;
        let having = |has: &dyn Fn(&Compiled) -> bool| Bits::of(rules.len(), |at| has(&rules[at]));
        let naming = (0..bits).map(|bit| having(&|it| it.fields >> bit & 1 == 1)).collect();
        let moving = (0..plan.spans.len()).map(|span| having(&|it| it.spans.contains(&span))).collect();
        let always = having(&|it| it.always);
        (plan.naming, plan.moving, plan.always) = (naming, moving, always);
        plan.hearing = Hearing::of(plan.rules.iter().map(|it| Arc::clone(&it.rule)).collect());
        plan
    }

    /// The rules that an event can touch: they hear its queue, and look at one of its fields.
    pub fn touched_by(&self, event: &Event<'_>) -> Bits {
        let fields = self.fields_of(event);
        let mut touched = self.touched.take();
        touched.clear(self.rules.len());
        touched.add(&self.always);
        let named = self.naming.iter().enumerate().filter(|(bit, _)| fields >> bit & 1 == 1);
        named.for_each(|(_, rules)| touched.add(rules));
        touched.keep(&self.hearing(event.queue.as_deref()));
        touched
    }

    /// The rules that look again at the last event of an interaction, because a value left one of their own windows:
    /// `leaves` says so of each of [`Plan::spans`]. Windows of other rules never have a rule look again: its firings
    /// would depend on the rules beside it.
    pub fn moved(&self, event: &Event<'_>, leaves: impl Fn(&(Field, Millis)) -> bool) -> Bits {
        let mut moved = self.touched.take();
        moved.clear(self.rules.len());
        let left = self.spans.iter().zip(&self.moving).filter(|(span, _)| leaves(span));
        left.for_each(|(_, rules)| moved.add(rules));
        moved.keep(&self.hearing(event.queue.as_deref()));
        moved
    }

    /// Takes back what [`Plan::touched_by`] or [`Plan::moved`] gave, so that the next event allocates nothing.
    pub fn give_back(&self, touched: Bits) {
        self.touched.replace(touched);
    }

    fn hearing(&self, queue: Option<&str>) -> Arc<Bits> {
        self.hearing.rules(queue)
    }

    fn compile(&mut self, rule: Arc<Rule>, inhibits: bool) -> Compiled {
        let conditions = || [Some(&rule.condition), rule.clears.as_ref()].into_iter().flatten();
        let mut compiled = Compiled {
            fields: 0,
            always: conditions().any(Condition::is_known_without_data),
            moves: false,
            spans: Vec::new(),
            queues: false,
            remembers: false,
            inhibits,
            needs: needed(&rule.condition),
            place: self.rules.len(),
            rule: Arc::clone(&rule),
        };
        conditions().for_each(|condition| condition.comparisons(&mut |one| self.add(one, &mut compiled)));
        let is_counted = self.triggers && rule.mode == Mode::Live;
        compiled.remembers = rule.has_memory() || inhibits || compiled.moves || is_counted;
        compiled
    }

    fn add(&mut self, comparison: &Comparison, compiled: &mut Compiled) {
        if let Some(window) = &comparison.window {
            let at = self.windowed.iter().position(|it| it.field == comparison.field).unwrap_or_else(|| {
                self.windowed.push(Windowed { field: comparison.field.clone(), spans: Vec::new(), most: 0 });
                self.windowed.len() - 1
            });
            let windowed = &mut self.windowed[at];
            match window.span() {
                Some(length) => {
                    if !windowed.spans.contains(&length) {
                        windowed.spans.push(length);
                    }
                    let span = (comparison.field.clone(), length);
                    let at = self.spans.iter().position(|known| *known == span).unwrap_or_else(|| {
                        self.spans.push(span);
                        self.spans.len() - 1
                    });
                    if !compiled.spans.contains(&at) {
                        compiled.spans.push(at);
                    }
                    compiled.moves = true;
                }
                None => windowed.most = windowed.most.max(window.most()),
            }
            compiled.always = true;
        }
        if comparison.field.is_of_queue() {
            compiled.queues = true;
            compiled.always = true;
        }
        if let Field::Pointer(pointer) = &comparison.field
            && !self.pointers.contains(pointer)
        {
            self.pointers.push(pointer.clone());
        }
        match self.bit(&comparison.field) {
            Some(bit) => compiled.fields |= bit,
            None => compiled.always = true,
        }
    }

    fn bit(&self, field: &Field) -> Option<u32> {
        let at = match field {
            Field::Pointer(pointer) => Field::OF_EVENTS.len() + self.pointers.iter().position(|it| it == pointer)?,
            field => Field::OF_EVENTS.iter().position(|it| it == field)?,
        };
        1_u32.checked_shl(u32::try_from(at).ok()?)
    }

    /// The bits of the fields that an event has.
    pub fn fields_of(&self, event: &Event<'_>) -> u32 {
        let pointed = self.pointers.iter().map(|pointer| event.extra(pointer).is_some());
        let bits = (Field::OF_EVENTS.len() as u32..u32::BITS).zip(pointed);
        bits.fold(Field::bits_of(event), |bits, (at, is_there)| bits | u32::from(is_there) << at)
    }

    pub fn rule(&self, id: &str) -> Option<&Compiled> {
        self.rules.iter().find(|compiled| compiled.rule.id == id)
    }

    /// The rule of a track.
    pub fn of(&self, track: &Track) -> Option<&Compiled> {
        self.rules.get(track.place.0?)
    }

    /// Finds the rule of each track, as rules or tracks are new.
    pub fn place(&self, tracks: &mut [Track]) {
        for track in tracks {
            track.place = Place(self.rules.iter().position(|compiled| compiled.rule.id == track.rule));
        }
    }

    /// The most memory that one interaction takes, in bytes: a track for each rule with a memory, each with the event
    /// that its hold rests on and the values that its windows counted; the values themselves; and its last event.
    pub fn bytes_per_interaction(&self) -> usize {
        let event = EVENT_BYTES + self.pointers.len() * (1_024 + size_of::<(Pointer, Seen<'_>)>());
        let tracked = self.rules.iter().filter(|compiled| compiled.remembers);
        let values = self.windowed.len() * SERIES_BYTES;
        let tracks: usize = tracked
            .map(|compiled| {
                let own = if compiled.moves { values } else { 0 };
                size_of::<Track>() + compiled.rule.id.len() + event + own
            })
            .sum();
        tracks + values + if self.moves { event } else { 0 }
    }
}

/// Gives each window that differs a number, so that its figure is drawn once for all rules.
fn number_windows(rule: &mut Arc<Rule>, known: &mut Vec<(Field, Window)>) {
    let conditions = || [Some(&rule.condition), rule.clears.as_ref()].into_iter().flatten();
    let mut has_windows = false;
    conditions().for_each(|condition| condition.comparisons(&mut |one| has_windows |= one.window.is_some()));
    if !has_windows {
        return;
    }
    let Rule { condition, clears, .. } = Arc::make_mut(rule);
    for condition in std::iter::once(condition).chain(clears) {
        condition.change(&mut |comparison| {
            let Some(window) = &mut comparison.window else { return };
            let is_same = |(field, other): &(Field, Window)| *field == comparison.field && other == window;
            let at = known.iter().position(is_same).unwrap_or_else(|| {
                known.push((comparison.field.clone(), *window));
                known.len() - 1
            });
            window.slot = Slot(Some(at));
        });
    }
}

impl Compiled {
    /// Whether an event with these fields can change what it is.
    pub fn is_touched_by(&self, fields: u32) -> bool {
        self.always || self.fields & fields != 0
    }

    /// Whether the rule can be true for this event, as far as one number tells.
    #[inline(always)]
    pub fn may_be_true(&self, event: &Event<'_>) -> bool {
        let Some((number, low, high)) = self.needs else { return true };
        event.numbers()[number].is_some_and(|number| low <= number && number <= high)
    }

    /// The values of its windows, for the record; also of those that clear it, because its next card depends on them.
    pub fn values(&self, series: &[Series]) -> Vec<Series> {
        let mut named = Vec::new();
        let mut note = |one: &Comparison| {
            if one.window.is_some()
                && let Some(values) = series.iter().find(|series| series.field == one.field)
                && !named.contains(values)
            {
                named.push(values.clone());
            }
        };
        self.rule.condition.comparisons(&mut note);
        self.rule.clears.iter().for_each(|clears| clears.comparisons(&mut note));
        named
    }
}

/// A number of the event without which a condition is not true, and the span that the number must lie in.
fn needed(condition: &Condition) -> Option<(usize, f64, f64)> {
    match condition {
        Condition::All(parts) => parts.iter().find_map(needed),
        Condition::Compare(Comparison { field, window: None, operator, value: Some(Value::Number(wanted)) }) => {
            let number = match field {
                Field::SentimentScore => 0,
                Field::SentimentConfidence => 1,
                Field::QueueWaitMs => 2,
                _ => return None,
            };
            let (low, high) = match operator {
                Operator::Below | Operator::AtMost => (f64::NEG_INFINITY, *wanted),
                Operator::Above | Operator::AtLeast => (*wanted, f64::INFINITY),
                Operator::Equals => (*wanted, *wanted),
                _ => return None,
            };
            Some((number, low, high))
        }
        _ => None,
    }
}

impl Windowed {
    /// The number that an event says.
    pub fn value(&self, event: &Event<'_>) -> Option<f64> {
        match self.field.read(&Scene::of(event))? {
            Seen::Number(number) => Some(number),
            _ => None,
        }
    }

    /// How long a value is kept at least.
    pub fn longest(&self) -> Millis {
        self.spans.iter().copied().max().unwrap_or_default()
    }
}
