//! Who waits, what was heard and what fired in each queue. Kept only while some rule looks at a queue.
//!
//! An interaction is in the queue that it named last. It waits from a step `queued` or `waiting` to any other step.

use crate::model::sorted::{SortedMap, SortedSet};
use std::collections::VecDeque;

use crate::model::event::Event;
use crate::model::fingerprint::Fingerprint;
use crate::model::time::Millis;
use crate::rules::Field;
use crate::rules::pattern::folded;

/// Queues followed at once; those heard longest ago are forgotten.
const QUEUES_LIMIT: usize = 200;

/// Interactions followed at once, over all queues; those heard longest ago are forgotten.
const PLACES_LIMIT: usize = 20_000;

/// Arrivals, and triggers, counted at most in a minute.
const MARKS_LIMIT: usize = 1_000;

/// Scores that a mean is drawn from at most.
const SCORES_LIMIT: usize = 256;

/// How long a score counts for the mean of its queue.
const SCORES_SPAN: Millis = Millis::from_mins(5);

const MINUTE: Millis = Millis::from_mins(1);

/// A figure of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueFigure {
    /// How many wait now.
    Waiting,
    /// The longest wait among them, in milliseconds.
    LongestWait,
    /// The mean of the scores of the last 5 min.
    MeanSentiment,
    /// Interactions that came within the last minute.
    Arrivals,
    /// Firings within the last minute.
    Triggers,
}

impl QueueFigure {
    /// How many there are.
    pub(super) const COUNT: usize = QueueFigure::Triggers as usize + 1;

    /// How long after a worker's start it lacks what was heard before.
    pub(super) fn rebuilt_after(self) -> Millis {
        match self {
            QueueFigure::Waiting | QueueFigure::LongestWait => Millis::from_mins(10),
            QueueFigure::MeanSentiment => SCORES_SPAN,
            QueueFigure::Arrivals | QueueFigure::Triggers => MINUTE,
        }
    }
}

impl Field {
    pub(crate) fn queue_figure(&self) -> Option<QueueFigure> {
        match self {
            Field::QueueWaiting => Some(QueueFigure::Waiting),
            Field::QueueLongestWaitMs => Some(QueueFigure::LongestWait),
            Field::QueueMeanSentiment => Some(QueueFigure::MeanSentiment),
            Field::QueueArrivalsPerMinute => Some(QueueFigure::Arrivals),
            Field::QueueTriggersPerMinute => Some(QueueFigure::Triggers),
            _ => None,
        }
    }
}

/// All queues: at most 200 of them, and at most 8 MB.
#[derive(Debug, Default)]
pub struct QueueBook {
    queues: SortedMap<String, QueueState>,
    places: SortedMap<Fingerprint, Place>,
}

/// Where an interaction is.
#[derive(Debug)]
struct Place {
    queue: String,
    /// Since when it waits.
    since: Option<Millis>,
    heard_at: Millis,
}

#[derive(Debug, Default)]
struct QueueState {
    /// Who waits, the longest first.
    waiting: SortedSet<(Millis, Fingerprint)>,
    scores: VecDeque<(Millis, f64)>,
    arrivals: VecDeque<Millis>,
    triggers: VecDeque<Millis>,
    heard_at: Millis,
}

impl QueueBook {
    /// Takes an event, before rules look at it.
    pub fn hear(&mut self, now: Millis, interaction: Fingerprint, event: &Event<'_>) {
        let before = self.places.remove(&interaction);
        let queue = match (&event.queue, &before) {
            (Some(name), _) => key(name),
            (None, Some(place)) => place.queue.clone(),
            (None, None) => return,
        };
        let came = before.as_ref().is_none_or(|place| place.queue != queue);
        if let Some(Place { queue, since: Some(since), .. }) = &before
            && let Some(state) = self.queues.get_mut(queue)
        {
            state.waiting.remove(&(*since, interaction));
        }
        let since = match event.kind.as_deref() {
            Some("queued" | "waiting") => {
                let going_on = before.as_ref().filter(|_| !came).and_then(|place| place.since);
                Some(going_on.unwrap_or(now).min(now.since(said_wait(event))))
            }
            Some(_) => None,
            None => before.as_ref().filter(|_| !came).and_then(|place| place.since),
        };
        let state = self.queues.entry(queue.clone()).or_default();
        state.heard_at = now;
        if came {
            mark(&mut state.arrivals, now);
        }
        if let Some(score) = event.sentiment_score {
            if state.scores.len() == SCORES_LIMIT {
                state.scores.pop_front();
            }
            state.scores.push_back((now, score));
        }
        state.waiting.extend(since.map(|since| (since, interaction)));
        self.places.insert(interaction, Place { queue, since, heard_at: now });
        self.forget();
    }

    /// An interaction is over, and rules have looked at its last event.
    pub fn end(&mut self, interaction: Fingerprint) {
        if let Some(Place { queue, since: Some(since), .. }) = self.places.remove(&interaction)
            && let Some(state) = self.queues.get_mut(&queue)
        {
            state.waiting.remove(&(since, interaction));
        }
    }

    /// A live rule has fired.
    pub fn fired(&mut self, now: Millis, queue: Option<&str>, interaction: Fingerprint) {
        if let Some(name) = self.name(queue, interaction)
            && let Some(state) = self.queues.get_mut(&*name)
        {
            mark(&mut state.triggers, now);
        }
    }

    /// A figure of the queue that an event names, or of the one its interaction named last.
    pub fn figure(
        &self,
        queue: Option<&str>,
        interaction: Fingerprint,
        figure: QueueFigure,
        now: Millis,
    ) -> Option<f64> {
        let state = self.queues.get(&*self.name(queue, interaction)?)?;
        #[expect(clippy::cast_precision_loss, reason = "bounded far below 2⁵³")]
        let number = |count: u64| count as f64;
        let lately = |marks: &VecDeque<Millis>| {
            let count = marks.iter().rev().take_while(|at| at.plus(MINUTE) > now).count();
            Some(number(count as u64))
        };
        match figure {
            QueueFigure::Waiting => Some(number(state.waiting.len() as u64)),
            QueueFigure::LongestWait => state.waiting.first().map(|(since, _)| number(now.since(*since).0)),
            QueueFigure::MeanSentiment => {
                let counted = || state.scores.iter().filter(|(at, _)| at.plus(SCORES_SPAN) > now);
                let count = counted().count() as u64;
                (count > 0).then(|| counted().map(|(_, score)| score).sum::<f64>() / number(count))
            }
            QueueFigure::Arrivals => lately(&state.arrivals),
            QueueFigure::Triggers => lately(&state.triggers),
        }
    }

    fn name(&self, queue: Option<&str>, interaction: Fingerprint) -> Option<String> {
        match queue {
            Some(name) => Some(key(name)),
            None => self.places.get(&interaction).map(|place| place.queue.clone()),
        }
    }

    /// A hundredth more than needed goes, so that a full book is not sorted at every event.
    fn forget(&mut self) {
        if self.places.len() > PLACES_LIMIT {
            let mut ages: Vec<_> = self.places.iter().map(|(id, place)| (place.heard_at, *id)).collect();
            ages.sort_unstable();
            for (_, interaction) in ages.into_iter().take(PLACES_LIMIT / 100) {
                self.end(interaction);
            }
        }
        if self.queues.len() > QUEUES_LIMIT
            && let Some(oldest) =
                self.queues.iter().min_by_key(|(_, state)| state.heard_at).map(|(queue, _)| queue.clone())
        {
            self.queues.remove(&oldest);
            self.places.retain(|_, place| place.queue != oldest);
        }
    }
}

/// Upper and lower case are the same, and white space around a name does not count.
pub(super) fn key(name: &str) -> String {
    folded(name.trim()).collect()
}

fn mark(marks: &mut VecDeque<Millis>, now: Millis) {
    if marks.len() == MARKS_LIMIT {
        marks.pop_front();
    }
    marks.push_back(now);
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, and `as` saturates")]
fn said_wait(event: &Event<'_>) -> Millis {
    Millis(event.queue_wait_ms.unwrap_or_default() as u64)
}
