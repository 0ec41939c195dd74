//! Reading a chunk. Any bytes are read without a panic; what is not as it was written is a [`Fault`].

use crate::model::checksum::crc32;
use std::borrow::Cow;

use super::chunk::VERSION;
use super::pack::{SCALES, holds};
use crate::model::event::Event;
use crate::model::time::Millis;

/// Why a chunk cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Its checksum is wrong, or it ends too early.
    Damaged,
    /// Written by a newer version.
    Newer(u8),
}

/// One event of a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample<'c> {
    /// When it was heard.
    pub at: Millis,
    /// The event. Its id is half of the interaction's fingerprint, in hexadecimal digits.
    pub event: Event<'c>,
}

/// The events of a chunk, oldest first.
#[derive(Debug)]
pub struct Samples<'c> {
    /// The stream was heard from here …
    pub from: Millis,
    /// … until here.
    pub until: Millis,
    /// How many events there are.
    pub count: u32,
    rest: &'c [u8],
    at: Millis,
    interactions: Vec<&'c str>,
    names: Vec<&'c str>,
}

/// Reads a chunk's head, and checks it whole.
pub fn read(bytes: &[u8]) -> Result<Samples<'_>, Fault> {
    let (body, sum) = bytes.split_last_chunk::<4>().ok_or(Fault::Damaged)?;
    if crc32([body]) != u32::from_le_bytes(*sum) {
        return Err(Fault::Damaged);
    }
    let mut rest = body;
    match byte(&mut rest) {
        Some(VERSION) => {}
        Some(version) if version > VERSION => return Err(Fault::Newer(version)),
        _ => return Err(Fault::Damaged),
    }
    let head = |rest: &mut &[u8]| {
        let from = Millis(whole(rest)?);
        let until = from.plus(Millis(whole(rest)?));
        Some((from, until, u32::try_from(whole(rest)?).ok()?))
    };
    let (from, until, count) = head(&mut rest).ok_or(Fault::Damaged)?;
    Ok(Samples { from, until, count, rest, at: from, interactions: Vec::new(), names: Vec::new() })
}

impl<'c> Samples<'c> {
    fn sample(&mut self) -> Option<Sample<'c>> {
        let held = byte(&mut self.rest)?;
        let has = |bit: u8| held & bit != 0;
        self.at = self.at.plus(Millis(whole(&mut self.rest)?));
        let id = self.interaction()?;
        let mut numbers = [None; 3];
        for (number, bit) in numbers.iter_mut().zip([holds::SCORE, holds::CONFIDENCE, holds::WAIT]) {
            if has(bit) {
                *number = Some(fraction(&mut self.rest)?);
            }
        }
        let mut names = [None; 3];
        for (name, bit) in names.iter_mut().zip([holds::QUEUE, holds::KIND, holds::DIRECTION]) {
            if has(bit) {
                *name = Some(self.name()?);
            }
        }
        let event = Event {
            ends_wait: has(holds::ENDS_WAIT),
            ends_interaction: has(holds::ENDS),
            ..Event::of(Cow::Borrowed(id)).with(numbers, names.map(|name| name.map(Cow::Borrowed)))
        };
        Some(Sample { at: self.at, event })
    }

    fn interaction(&mut self) -> Option<&'c str> {
        match whole(&mut self.rest)? {
            0 => {
                let (digits, rest) = self.rest.split_at_checked(16)?;
                self.rest = rest;
                let digits = std::str::from_utf8(digits).ok()?;
                self.interactions.push(digits);
                Some(digits)
            }
            number => self.interactions.get(usize::try_from(number).ok()? - 1).copied(),
        }
    }

    fn name(&mut self) -> Option<&'c str> {
        match whole(&mut self.rest)? {
            0 => {
                let length = usize::try_from(whole(&mut self.rest)?).ok()?;
                let (name, rest) = self.rest.split_at_checked(length)?;
                self.rest = rest;
                let name = std::str::from_utf8(name).ok()?;
                self.names.push(name);
                Some(name)
            }
            number => self.names.get(usize::try_from(number).ok()? - 1).copied(),
        }
    }
}

impl<'c> Iterator for Samples<'c> {
    type Item = Sample<'c>;

    fn next(&mut self) -> Option<Sample<'c>> {
        let sample = self.sample();
        if sample.is_none() {
            self.rest = &[];
        }
        sample
    }
}

fn byte(rest: &mut &[u8]) -> Option<u8> {
    let (first, others) = rest.split_first()?;
    *rest = others;
    Some(*first)
}

fn whole(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let digit = byte(rest)?;
        number |= u64::from(digit & 0x7f) << shift;
        if digit & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn fraction(rest: &mut &[u8]) -> Option<f64> {
    let marked = whole(rest)?;
    let Some(scale) = SCALES.get((marked & 3) as usize) else {
        let (number, others) = rest.split_first_chunk::<8>()?;
        *rest = others;
        return Some(f64::from_le_bytes(*number));
    };
    let zigzag = marked >> 2;
    let scaled = (zigzag >> 1) as i64 ^ -((zigzag & 1) as i64);
    #[expect(clippy::cast_precision_loss, reason = "what was packed is exact in a double")]
    let scaled = scaled as f64;
    Some(scaled / scale)
}
