//! All that a condition may look at, at one instant.

use super::{Figures, QueueBook, QueueFigure, Series, Window};
use crate::model::event::Event;
use crate::model::fingerprint::Fingerprint;
use crate::model::time::Millis;
use crate::rules::field::{Field, Seen, TEXT_LIMIT};

/// An event in its circumstances.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'s> {
    /// The event.
    pub event: &'s Event<'s>,
    /// The instant.
    pub now: Millis,
    /// The values of the interaction that windows count.
    pub series: &'s [Series],
    /// The queues, where some rule looks at one.
    pub queues: Option<&'s QueueBook>,
    /// When the worker started, if an earlier one heard the stream before it.
    pub resumed: Option<Millis>,
    /// The figures that rules have drawn of this scene.
    pub figures: Option<&'s Figures>,
}

impl<'s> Scene<'s> {
    /// An event alone: windows and queues are no data.
    pub fn of(event: &'s Event<'s>) -> Scene<'s> {
        Scene { event, now: Millis::ZERO, series: &[], queues: None, resumed: None, figures: None }
    }

    pub(crate) fn figure(&self, field: &Field, window: &Window) -> Option<f64> {
        let draw = || self.series_of(field)?.figure(window, self.now);
        match self.figures {
            Some(figures) => figures.of_window(window.slot, draw),
            None => draw(),
        }
    }

    pub(crate) fn queue_figure(&self, figure: QueueFigure) -> Option<f64> {
        let draw = || {
            let interaction = Fingerprint::of(&self.event.id);
            self.queues?.figure(self.event.queue.as_deref(), interaction, figure, self.now)
        };
        match self.figures {
            Some(figures) => figures.of_queue(figure, draw),
            None => draw(),
        }
    }

    /// Whether what the field says lacks what was heard before the worker's start.
    pub(crate) fn is_incomplete(&self, field: &Field, window: Option<&Window>) -> bool {
        match window {
            Some(window) => match self.series_of(field) {
                Some(series) => series.is_incomplete(window, self.now, self.resumed),
                None => Series::new(field.clone()).is_incomplete(window, self.now, self.resumed),
            },
            None => field.queue_figure().is_some_and(|figure| {
                self.resumed.is_some_and(|resumed| self.now.since(resumed) < figure.rebuilt_after())
            }),
        }
    }

    fn series_of(&self, field: &Field) -> Option<&'s Series> {
        self.series.iter().find(|series| series.field == *field)
    }
}

impl Field {
    /// The value seen; `None` is no data.
    pub fn read<'e>(&self, scene: &Scene<'e>) -> Option<Seen<'e>> {
        let seen = match self.queue_figure() {
            Some(figure) => scene.queue_figure(figure).map(Seen::Number),
            None => self.said(scene.event),
        };
        seen.filter(|seen| !matches!(seen, Seen::Text(text) if text.len() > TEXT_LIMIT))
    }
}
