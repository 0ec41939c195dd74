//! Frames of a burst that wait for their turn.
//!
//! A browser tells of a commit, and of an answer, only between two messages of a socket. While thousands of messages
//! stand in line, no card would go out. So a burst is taken off the socket at once and handled in slices.

use std::collections::VecDeque;

use crate::model::ask::SocketId;

/// How many frames are handled during a commit before the host may report anything else.
///
/// A frame that makes a card due takes about 0.15 ms. Each card on its way to the wire waits for several slices: for its
/// commit, and for the answer before it. So slices are short while the first cards of a burst go out …
const FIRST_SLICE: u32 = 3;

/// … for this many slices. Later slices are longer, because cards that wait are not durable.
const FIRST_SLICES: u32 = 96;

const LATER_SLICE: u32 = 24;

/// The most bytes that wait. A burst that is larger is handled at once.
const ROOM: usize = 32 * 1024 * 1024;

/// The frames that wait, oldest first.
#[derive(Debug, Default)]
pub struct Burst {
    frames: VecDeque<(SocketId, Vec<u8>)>,
    bytes: usize,
    /// Frames handled since the host last told what else has happened.
    handled: u32,
    /// Slices taken of this burst.
    slices: u32,
}

/// When a frame is handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// At once.
    Now,
    /// Later: the host calls back once it has told what else has happened.
    Later,
    /// Later, and the host was asked before.
    Waiting,
    /// At once, after all that wait: there is no more room.
    Last,
}

impl Burst {
    /// Says when this frame is handled, and keeps the frame unless that is now.
    pub fn take(&mut self, conn: SocketId, frame: &[u8], is_committing: bool) -> Turn {
        if self.frames.is_empty() && (!is_committing || self.handled < FIRST_SLICE) {
            self.handled = if is_committing { self.handled + 1 } else { 0 };
            return Turn::Now;
        }
        if self.bytes + frame.len() > ROOM {
            return Turn::Last;
        }
        let is_first = self.frames.is_empty();
        if is_first {
            self.slices = 0;
        }
        self.bytes += frame.len();
        self.frames.push_back((conn, frame.to_vec()));
        if is_first { Turn::Later } else { Turn::Waiting }
    }

    /// The host has told what else has happened: takes the next slice out. Where frames are left, the host calls back
    /// again.
    pub fn slice(&mut self) -> Vec<(SocketId, Vec<u8>)> {
        self.handled = 0;
        self.slices += 1;
        let size = if self.slices <= FIRST_SLICES { FIRST_SLICE } else { LATER_SLICE };
        self.out(size as usize)
    }

    /// Takes all out: the socket has closed, or there is no more room.
    pub fn all(&mut self) -> Vec<(SocketId, Vec<u8>)> {
        self.out(usize::MAX)
    }

    /// Whether frames wait.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    fn out(&mut self, most: usize) -> Vec<(SocketId, Vec<u8>)> {
        let slice: Vec<_> = self.frames.drain(..most.min(self.frames.len())).collect();
        self.bytes -= slice.iter().map(|(_, frame)| frame.len()).sum::<usize>();
        slice
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONN: SocketId = SocketId::Stream(1);

    fn numbers(frames: Vec<(SocketId, Vec<u8>)>) -> Vec<u8> {
        frames.into_iter().map(|(_, frame)| frame[0]).collect()
    }

    #[test]
    fn without_a_commit_under_way_every_frame_is_handled_at_once() {
        let mut burst = Burst::default();
        for number in 0..100 {
            assert_eq!(burst.take(CONN, &[number], false), Turn::Now);
        }
    }

    #[test]
    fn a_burst_waits_behind_a_commit_in_slices_and_in_order() {
        let mut burst = Burst::default();
        let turns: Vec<_> = (0..8).map(|number| burst.take(CONN, &[number], true)).collect();
        assert!(turns[..3].iter().all(|turn| *turn == Turn::Now));
        assert_eq!(turns[3], Turn::Later, "the host is asked once");
        assert!(turns[4..].iter().all(|turn| *turn == Turn::Waiting));
        assert_eq!(numbers(burst.slice()), [3, 4, 5]);
        assert_eq!(burst.take(CONN, &[8], false), Turn::Waiting, "a later frame does not overtake");
        assert_eq!(numbers(burst.slice()), [6, 7, 8]);
        assert!(burst.is_empty());
        assert_eq!(burst.take(CONN, &[9], true), Turn::Now);
    }

    #[test]
    fn a_long_burst_goes_on_in_longer_slices_and_the_next_begins_with_short_ones() {
        let mut burst = Burst::default();
        for _ in 0..3 + 3 * 96 + 40 {
            burst.take(CONN, &[0], true);
        }
        let sizes: Vec<usize> = std::iter::from_fn(|| Some(burst.slice().len()).filter(|size| *size > 0)).collect();
        assert_eq!((&sizes[..96], &sizes[96..]), (&[3; 96][..], &[24, 16][..]));
        for _ in 0..10 {
            burst.take(CONN, &[0], true);
        }
        assert_eq!(burst.slice().len(), 3);
    }

    #[test]
    fn a_burst_beyond_the_room_is_handled_at_once_and_the_room_is_free_again() {
        let mut burst = Burst::default();
        let large = vec![0; ROOM / 2];
        for _ in 0..FIRST_SLICE {
            burst.take(CONN, &[1], true);
        }
        assert_eq!(burst.take(CONN, &large, true), Turn::Later);
        assert_eq!(burst.take(CONN, &large, true), Turn::Waiting);
        assert_eq!(burst.take(CONN, &[1], true), Turn::Last);
        assert_eq!(burst.all().len(), 2);
        assert_eq!(burst.take(CONN, &large, true), Turn::Later);
    }
}
