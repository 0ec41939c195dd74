//! Reading a chunk. Any bytes are read without a panic; what is not as it was written is a [`Fault`].

use crate::model::checksum::crc32;
use std::borrow::Cow;

use super::chunk::{PLAIN, VERSION};
use super::pack::{SCALES, holds, said};
use crate::model::event::Event;
use crate::model::event::said::Said;
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
    /// Its values in fields that rules reach by pointer, each with the place of the field in the legend.
    pub said: Vec<(usize, Said)>,
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
    /// The words that say what [`Sample::said`] means; empty where the chunk keeps no further field.
    pub legend: Vec<&'c str>,
    rest: &'c [u8],
    at: Millis,
    interactions: Vec<&'c str>,
    names: Vec<&'c str>,
    marks: Vec<u64>,
}

/// Reads a chunk's head, and checks it whole.
pub fn read(bytes: &[u8]) -> Result<Samples<'_>, Fault> {
    let (body, sum) = bytes.split_last_chunk::<4>().ok_or(Fault::Damaged)?;
    if crc32([body]) != u32::from_le_bytes(*sum) {
        return Err(Fault::Damaged);
    }
    let mut rest = body;
    let has_legend = match byte(&mut rest) {
        Some(PLAIN) => false,
        Some(VERSION) => true,
        Some(version) if version > VERSION => return Err(Fault::Newer(version)),
        _ => return Err(Fault::Damaged),
    };
    let head = |rest: &mut &[u8]| {
        let from = Millis(whole(rest)?);
        let until = from.plus(Millis(whole(rest)?));
        Some((from, until, u32::try_from(whole(rest)?).ok()?))
    };
    let (from, until, count) = head(&mut rest).ok_or(Fault::Damaged)?;
    let legend = if has_legend { words(&mut rest).ok_or(Fault::Damaged)? } else { Vec::new() };
    let (interactions, names, marks) = (Vec::new(), Vec::new(), Vec::new());
    Ok(Samples { from, until, count, legend, rest, at: from, interactions, names, marks })
}

fn words<'c>(rest: &mut &'c [u8]) -> Option<Vec<&'c str>> {
    let count = whole(rest)?;
    (0..count).map(|_| text(rest)).collect()
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
        let said = if self.legend.is_empty() { Vec::new() } else { self.said()? };
        Some(Sample { at: self.at, event, said })
    }

    fn said(&mut self) -> Option<Vec<(usize, Said)>> {
        let bits = whole(&mut self.rest)?;
        let fields = (0..u64::BITS as usize).filter(|at| bits >> at & 1 == 1);
        fields.map(|at| Some((at, self.value()?))).collect()
    }

    fn value(&mut self) -> Option<Said> {
        Some(match whole(&mut self.rest)? {
            said::FALSE => Said::Flag(false),
            said::TRUE => Said::Flag(true),
            said::STRUCTURE => Said::Structure,
            said::NUMBER => Said::Number(fraction(&mut self.rest)?),
            said::NEW => {
                let (mark, rest) = self.rest.split_first_chunk()?;
                self.rest = rest;
                let mark = u64::from_le_bytes(*mark);
                self.marks.push(mark);
                Said::Text(mark)
            }
            known => Said::Text(*self.marks.get(usize::try_from(known - said::KNOWN).ok()?)?),
        })
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
                let name = text(&mut self.rest)?;
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

fn text<'c>(rest: &mut &'c [u8]) -> Option<&'c str> {
    let length = usize::try_from(whole(rest)?).ok()?;
    let (text, others) = rest.split_at_checked(length)?;
    *rest = others;
    std::str::from_utf8(text).ok()
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
