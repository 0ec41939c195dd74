//! How far traffic is.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

use serde::Serialize;

use crate::clock::Micros;

/// How far traffic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// For the first client.
    Waiting,
    /// Events go out.
    Playing,
    /// The source has no more.
    Finished,
}

/// The state of traffic, for whoever asks.
#[derive(Debug, Default)]
pub struct Traffic {
    pub(crate) phase: AtomicU8,
    paused: AtomicBool,
    pub(crate) started: AtomicU64,
    pub(crate) position: AtomicU64,
    pub(crate) made: AtomicU64,
}

impl Traffic {
    /// How far it is.
    pub fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Acquire) {
            0 => Phase::Waiting,
            1 => Phase::Playing,
            _ => Phase::Finished,
        }
    }

    /// Holds traffic, or lets it go on.
    pub fn pause(&self, paused: bool) {
        self.paused.store(paused, Ordering::Release);
    }

    /// Whether it is held.
    pub fn paused(&self) -> bool {
        self.paused.load(Ordering::Acquire)
    }

    /// When it started; none before that.
    pub fn started(&self) -> Option<Micros> {
        (self.phase() != Phase::Waiting).then(|| self.started.load(Ordering::Acquire))
    }

    /// Where in its own time the source is.
    pub fn position(&self) -> Micros {
        self.position.load(Ordering::Acquire)
    }

    /// Events taken from the source, heard or not.
    pub fn made(&self) -> u64 {
        self.made.load(Ordering::Acquire)
    }
}
