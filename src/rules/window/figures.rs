//! Figures that several rules ask for, each drawn once for an event.

use std::cell::Cell;

use super::QueueFigure;

/// The figures of one event in its circumstances, as far as a rule asked for them.
#[derive(Debug, Default)]
pub struct Figures {
    turn: Cell<u32>,
    windows: Vec<Drawn>,
    queues: [Drawn; QueueFigure::COUNT],
}

/// A figure, and the turn in which it was drawn.
#[derive(Debug, Default)]
struct Drawn(Cell<(u32, Option<f64>)>);

/// The place of a window among the windows of a rule set. A place is no part of what a window asks for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Slot(pub Option<usize>);

impl PartialEq for Slot {
    fn eq(&self, _: &Slot) -> bool {
        true
    }
}

impl Eq for Slot {}

impl Figures {
    /// With room for a number of windows.
    pub fn of(windows: usize) -> Figures {
        let windows = (0..windows).map(|_| Drawn::default()).collect();
        Figures { turn: Cell::new(0), windows, queues: Default::default() }
    }

    /// Forgets every figure: what they are drawn from is another event, another instant or other values.
    pub fn renew(&self) {
        let turn = self.turn.get().wrapping_add(1);
        if turn == 0 {
            self.windows.iter().chain(&self.queues).for_each(|drawn| drawn.0.set((0, None)));
        }
        self.turn.set(turn.max(1));
    }

    pub(super) fn of_window(&self, slot: Slot, draw: impl FnOnce() -> Option<f64>) -> Option<f64> {
        match slot.0.and_then(|slot| self.windows.get(slot)) {
            Some(drawn) => drawn.once(self.turn.get(), draw),
            None => draw(),
        }
    }

    pub(super) fn of_queue(&self, figure: QueueFigure, draw: impl FnOnce() -> Option<f64>) -> Option<f64> {
        self.queues[figure as usize].once(self.turn.get(), draw)
    }
}

impl Drawn {
    fn once(&self, turn: u32, draw: impl FnOnce() -> Option<f64>) -> Option<f64> {
        let (drawn_in, figure) = self.0.get();
        // Before the first turn nothing is remembered.
        if drawn_in == turn && turn > 0 {
            return figure;
        }
        let figure = draw();
        self.0.set((turn, figure));
        figure
    }
}
