//! The worker, and what its browser keeps for it.

use std::rc::Rc;

use cuewire::shell::Runner;
use cuewire::shell::burst::Burst;
use cuewire::shell::ports::Guard;

use crate::world::wish::Wish;

/// Which setup is stored, as its text, and the secret.
pub type StoredSettings = (Option<(usize, String)>, Option<String>);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum State {
    #[default]
    Dead,
    Starting,
    Alive,
}

/// The worker, and what its browser keeps for it.
#[derive(Debug, Default)]
pub struct Worker {
    pub life: u32,
    pub state: State,
    pub runner: Rc<Runner>,
    /// Frames that wait for their turn.
    pub burst: Burst,
    pub step: Step,
    pub armed: Option<u64>,
    pub arming: u32,
    pub active_at: u64,
    /// When it had read everything.
    pub born: u64,
    pub busy: u32,
    pub guard: Guard,
    pub alarm: Option<u32>,
    pub alarms: u32,
    /// Timers and alarms were punctual all along this life.
    pub punctual: bool,
    /// Settings and secret as they were when everything was last asked to be read.
    pub read_early: Option<StoredSettings>,
    /// What came into force since.
    pub adopted: Option<usize>,
    /// The journal could be read and is ours.
    pub running: bool,
    /// The read of what fired that it waits for: until all is read it hears, and sends nothing.
    pub recalling: Option<usize>,
    /// The life that gave up a read of what fired, and judges what it heard once it has read all.
    pub unjudged_in: Option<u32>,
    /// The setup that the worker uses.
    pub setup: Option<usize>,
    /// Requests under way: cards, tokens.
    pub cards: Vec<usize>,
    pub tokens: Vec<usize>,
    pub socket: Option<usize>,
    /// Commands that wait for a worker, and those it has not answered.
    pub mailbox: Vec<(u64, Wish)>,
    pub unanswered: Vec<(u64, Wish)>,
    pub killed_once: bool,
}

impl Worker {
    /// Which setup a command saves.
    pub fn setup_of(&self, command: u64) -> Option<usize> {
        self.unanswered.iter().find_map(|(id, wish)| match wish {
            Wish::Save(setup) | Wish::SaveBare(setup) if *id == command => Some(*setup),
            _ => None,
        })
    }
}

/// The effects of one input: how many were begun, and before which of them the worker dies.
#[derive(Debug, Default)]
pub struct Step {
    pub begun: u64,
    pub cut: Option<u64>,
}
