//! The events of a recording, in memory: about 60 bytes each, and what each says that is new in fields by pointer.

use std::borrow::Cow;
use std::collections::HashMap;

use super::said::{Lack, Sayings};
use crate::model::event::Event;
use crate::model::event::pointer::Pointer;
use crate::model::time::Millis;
use crate::recording::{Fault, read};
use crate::rules::Rule;

/// A span that no chunk covers and that is shorter than this is the moment between two chunks.
const MOMENT: Millis = Millis(1_000);

/// Events by interaction, each in the order of their time.
#[derive(Debug, Default)]
pub struct Tape {
    /// In the order of their time; interaction by interaction once the tape is grouped.
    heard: Vec<Heard>,
    /// The place of each event in the order of their time, once the tape is grouped.
    order: Vec<u32>,
    talks: Vec<Talk>,
    by_id: HashMap<Box<str>, u32>,
    names: Names,
    sayings: Sayings,
    /// When the first chunk begins: what was said before is not known. A file is whole.
    heard_since: Option<Millis>,
    /// From and until, of what was recorded.
    span: Option<(Millis, Millis)>,
    gaps: Vec<(Millis, Millis)>,
}

/// One event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heard {
    pub at: Millis,
    /// Score, confidence and wait; NaN where there is no data.
    pub numbers: [f64; 3],
    /// Queue, step and direction.
    pub names: [u16; 3],
    pub ends: bool,
    ends_wait: bool,
    talk: u32,
    /// What the event said in fields by pointer, by its number among [`Sayings`].
    pub said: u32,
}

/// An interaction.
#[derive(Debug)]
pub(super) struct Talk {
    pub id: Box<str>,
    pub ranges: Ranges,
    /// How many events there are, and the place of the first one.
    count: u32,
    first: u32,
    queue: u16,
}

/// The values that an interaction said of a number; empty where it said none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    pub low: f64,
    pub high: f64,
}

impl Default for Range {
    fn default() -> Range {
        Range { low: f64::INFINITY, high: f64::NEG_INFINITY }
    }
}

/// Of score, confidence and wait.
pub(super) type Ranges = [Range; 3];

impl Range {
    pub fn take(&mut self, number: Option<f64>) {
        if let Some(number) = number {
            (self.low, self.high) = (self.low.min(number), self.high.max(number));
        }
    }
}

/// Each name once: queues, steps and directions. A name is known by its number, from 1; zero is none.
#[derive(Debug, Default)]
pub(super) struct Names {
    names: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u16>,
}

impl Names {
    /// No name, and then each in the order of their numbers.
    pub fn each(&self) -> impl Iterator<Item = Option<&str>> {
        std::iter::once(None).chain(self.names.iter().map(|name| Some(&**name)))
    }

    /// An event that says a name wherever an event says one.
    pub fn event(name: Option<&str>) -> Event<'_> {
        let name = || name.map(Cow::Borrowed);
        Event::of(Cow::Borrowed("")).with([None; 3], [name(), name(), name()])
    }

    fn get(&self, number: u16) -> Option<Cow<'_, str>> {
        usize::from(number).checked_sub(1).map(|at| Cow::Borrowed(&*self.names[at]))
    }

    /// Beyond 65 535 names, further ones are no data.
    fn number(&mut self, name: Option<&str>) -> u16 {
        let Some(name) = name else { return 0 };
        if let Some(known) = self.numbers.get(name) {
            return *known;
        }
        let Ok(number) = u16::try_from(self.names.len() + 1) else { return 0 };
        self.names.push(name.into());
        self.numbers.insert(name.into(), number);
        number
    }
}

impl Heard {
    pub fn queue(&self) -> u16 {
        self.names[0]
    }
}

impl Tape {
    /// Adds a chunk of a recording. Chunks come in the order of their time.
    ///
    /// # Errors
    ///
    /// A chunk that cannot be read is a gap.
    pub fn add_chunk(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let samples = read(bytes)?;
        self.cover(samples.from, samples.until);
        self.heard_since.get_or_insert(samples.from);
        let legend = self.sayings.learn(&samples.legend, samples.from);
        for sample in samples {
            let said = self.sayings.recorded(&sample.said, legend);
            self.put(sample.at, &sample.event, said);
        }
        Ok(())
    }

    /// The events that follow tell all that they say at these pointers, and so did those before.
    pub fn know(&mut self, pointers: &[Pointer]) {
        pointers.iter().for_each(|pointer| self.sayings.know(pointer));
    }

    /// What the tape does not hold of a rule's fields by pointer.
    pub fn lacks(&self, rule: &Rule) -> Vec<Lack> {
        self.sayings.lacks(rule, self.span.map_or(Millis::ZERO, |(from, _)| from))
    }

    /// The stream was heard from `from` until `until`; what lies between this and the span before is a gap.
    pub fn cover(&mut self, from: Millis, until: Millis) {
        match &mut self.span {
            None => self.span = Some((from, until)),
            Some((_, end)) => {
                if end.plus(MOMENT) < from {
                    self.gaps.push((*end, from));
                }
                *end = (*end).max(until);
            }
        }
    }

    /// Adds an event. An event that names no queue belongs to the one that its interaction named last.
    pub fn add(&mut self, at: Millis, event: &Event<'_>) {
        let said = self.sayings.told(&event.extra);
        self.put(at, event, said);
    }

    fn put(&mut self, at: Millis, event: &Event<'_>, said: u32) {
        let [queue, kind, direction] =
            [&event.queue, &event.kind, &event.direction].map(|name| self.names.number(name.as_deref()));
        let number = self.talk(&event.id);
        let talk = &mut self.talks[number as usize];
        if queue > 0 {
            talk.queue = queue;
        }
        talk.count += 1;
        let numbers = event.numbers();
        talk.ranges.iter_mut().zip(numbers).for_each(|(range, number)| range.take(number));
        let names = [talk.queue, kind, direction];
        let numbers = numbers.map(|number| number.unwrap_or(f64::NAN));
        let (ends, ends_wait) = (event.ends_interaction, event.ends_wait);
        self.heard.push(Heard { at, numbers, names, ends, ends_wait, talk: number, said });
        let (_, until) = self.span.get_or_insert((at, at));
        *until = (*until).max(at);
    }

    /// Puts the events of each interaction beside each other, because a rule looks at interactions one by one.
    pub(super) fn group(&mut self) {
        let mut first = 0;
        for talk in &mut self.talks {
            talk.first = first;
            first += talk.count;
        }
        let mut next: Vec<u32> = self.talks.iter().map(|talk| talk.first).collect();
        let place = |heard: &Heard| {
            let next = &mut next[heard.talk as usize];
            *next += 1;
            *next - 1
        };
        self.order = self.heard.iter().map(place).collect();
        // A stable sort keeps the order of time within an interaction.
        self.heard.sort_by_key(|heard| heard.talk);
    }

    /// From when until when was recorded.
    pub fn span(&self) -> Option<(Millis, Millis)> {
        self.span
    }

    /// Since when the stream was heard, where it had begun before.
    pub(super) fn heard_since(&self) -> Option<Millis> {
        self.heard_since
    }

    /// The times in between that nobody heard.
    pub fn gaps(&self) -> &[(Millis, Millis)] {
        &self.gaps
    }

    /// How many events there are.
    pub fn events(&self) -> usize {
        self.heard.len()
    }

    /// How many interactions there are.
    pub fn interactions(&self) -> usize {
        self.talks.len()
    }

    pub(super) fn talks(&self) -> &[Talk] {
        &self.talks
    }

    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    pub(super) fn sayings(&self) -> &Sayings {
        &self.sayings
    }

    /// The place of an interaction.
    pub(super) fn talk_of(&self, id: &str) -> Option<u32> {
        self.by_id.get(id).copied()
    }

    /// The events of one interaction.
    pub(super) fn heard_of(&self, talk: u32) -> &[Heard] {
        let Talk { first, count, .. } = self.talks[talk as usize];
        &self.heard[first as usize..][..count as usize]
    }

    /// The event at a place in the order of time.
    pub(super) fn in_time(&self, place: usize) -> &Heard {
        &self.heard[self.order[place] as usize]
    }

    /// A row of the tape, as an event without its fields by pointer.
    pub(super) fn event(&self, heard: &Heard) -> (Millis, Event<'_>) {
        let numbers = heard.numbers.map(|number| (!number.is_nan()).then_some(number));
        let names = heard.names.map(|number| self.names.get(number));
        let event = Event::of(Cow::Borrowed(&self.talks[heard.talk as usize].id)).with(numbers, names);
        (heard.at, Event { ends_wait: heard.ends_wait, ends_interaction: heard.ends, ..event })
    }

    fn talk(&mut self, id: &str) -> u32 {
        if let Some(known) = self.by_id.get(id) {
            return *known;
        }
        let number = self.talks.len() as u32;
        self.talks.push(Talk { id: id.into(), ranges: Default::default(), count: 0, first: 0, queue: 0 });
        self.by_id.insert(id.into(), number);
        number
    }
}
