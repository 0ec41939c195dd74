//! The events of a recording, in memory: about 60 bytes each.

use std::borrow::Cow;
use std::collections::HashMap;

use super::possible::Range;
use crate::model::event::Event;
use crate::model::time::Millis;
use crate::recording::{Fault, read};

/// A span that no chunk covers and that is shorter than this is the moment between two chunks.
const MOMENT: Millis = Millis(1_000);

/// Events by interaction, each in the order of their time.
#[derive(Debug, Default)]
pub struct Tape {
    heard: Vec<Heard>,
    talks: Vec<Talk>,
    by_id: HashMap<Box<str>, u32>,
    names: Vec<Box<str>>,
    by_name: HashMap<Box<str>, u16>,
    /// From and until, of what was recorded.
    span: Option<(Millis, Millis)>,
    gaps: Vec<(Millis, Millis)>,
}

#[derive(Debug, Clone, Copy)]
struct Heard {
    at: Millis,
    /// NaN where there is no data, as in the next two.
    score: f64,
    confidence: f64,
    wait: f64,
    /// By place in [`Tape::names`], from 1; zero where there is none, as in the next two.
    queue: u16,
    kind: u16,
    direction: u16,
    ends: bool,
    ends_wait: bool,
    talk: u32,
}

/// An interaction.
#[derive(Debug)]
pub(super) struct Talk {
    pub id: Box<str>,
    /// Of score, confidence and wait.
    pub ranges: [Range; 3],
    heard: Vec<u32>,
    queue: u16,
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
        for sample in samples {
            self.add(sample.at, &sample.event);
        }
        Ok(())
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
        let place = self.heard.len() as u32;
        let (queue, kind, direction) = (
            self.name(event.queue.as_deref()),
            self.name(event.kind.as_deref()),
            self.name(event.direction.as_deref()),
        );
        let number = self.talk(&event.id);
        let talk = &mut self.talks[number as usize];
        if queue > 0 {
            talk.queue = queue;
        }
        let numbers = [event.sentiment_score, event.sentiment_confidence, event.queue_wait_ms];
        talk.ranges.iter_mut().zip(numbers).for_each(|(range, number)| range.take(number));
        talk.heard.push(place);
        let [score, confidence, wait] = numbers.map(|number| number.unwrap_or(f64::NAN));
        let (queue, ends, ends_wait) = (talk.queue, event.ends_interaction, event.ends_wait);
        self.heard.push(Heard { at, score, confidence, wait, queue, kind, direction, ends, ends_wait, talk: number });
        let (_, until) = self.span.get_or_insert((at, at));
        *until = (*until).max(at);
    }

    /// From when until when was recorded.
    pub fn span(&self) -> Option<(Millis, Millis)> {
        self.span
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

    /// The events of one interaction.
    pub(super) fn events_of(&self, talk: u32) -> impl Iterator<Item = (Millis, Event<'_>)> {
        self.talks[talk as usize].heard.iter().map(|place| self.event(*place as usize))
    }

    /// An event by its place in time.
    pub(super) fn event(&self, place: usize) -> (Millis, Event<'_>) {
        let heard = &self.heard[place];
        let data = |number: f64| (!number.is_nan()).then_some(number);
        let name = |at: u16| usize::from(at).checked_sub(1).map(|at| Cow::Borrowed(&*self.names[at]));
        let event = Event {
            id: Cow::Borrowed(&self.talks[heard.talk as usize].id),
            kind: name(heard.kind),
            sentiment_score: data(heard.score),
            sentiment_confidence: data(heard.confidence),
            queue_wait_ms: data(heard.wait),
            queue: name(heard.queue),
            direction: name(heard.direction),
            ends_wait: heard.ends_wait,
            ends_interaction: heard.ends,
            extra: Vec::new(),
        };
        (heard.at, event)
    }

    fn talk(&mut self, id: &str) -> u32 {
        if let Some(known) = self.by_id.get(id) {
            return *known;
        }
        let number = self.talks.len() as u32;
        self.talks.push(Talk { id: id.into(), ranges: Default::default(), heard: Vec::new(), queue: 0 });
        self.by_id.insert(id.into(), number);
        number
    }

    /// Beyond 65 535 names, further ones are no data.
    fn name(&mut self, name: Option<&str>) -> u16 {
        let Some(name) = name else { return 0 };
        if let Some(known) = self.by_name.get(name) {
            return *known;
        }
        let Ok(number) = u16::try_from(self.names.len() + 1) else { return 0 };
        self.names.push(name.into());
        self.by_name.insert(name.into(), number);
        number
    }
}
