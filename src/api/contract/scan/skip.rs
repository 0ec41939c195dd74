//! Values that nobody wants: passed over, and checked as strictly as those that are read.

use super::Cursor;
use super::stop::{Window, digits, stop_within};
use crate::api::contract::event::DEPTH_LIMIT;

impl<'a> Cursor<'a> {
    /// Skips a value inside `outer` open objects. It is checked as strictly as the fields that are read. Gives the place
    /// behind it.
    pub(super) fn skip(self, outer: u32) -> Option<Cursor<'a>> {
        // A copy of each field stays in a register. `self` lies in memory, where each step would write to it.
        let Cursor { bytes, at, seen, marks } = self;
        let mut cursor = Cursor { bytes, at, seen, marks };
        cursor.skip_value(outer)?;
        Some(cursor)
    }

    #[inline(always)]
    fn skip_value(&mut self, outer: u32) -> Option<()> {
        // The open containers, innermost in the lowest bit; 1 is an object.
        let (mut objects, mut depth, mut window) = (0_u64, outer, Window::default());
        loop {
            match self.first()? {
                b'"' => self.skip_text(&mut window)?,
                open @ (b'{' | b'[') => {
                    depth += 1;
                    if depth as usize > DEPTH_LIMIT {
                        return None;
                    }
                    let is_object = open == b'{';
                    objects = objects << 1 | u64::from(is_object);
                    self.space();
                    if self.peek()? != if is_object { b'}' } else { b']' } {
                        if is_object {
                            self.skip_key(&mut window)?;
                        }
                        continue;
                    }
                }
                first => {
                    self.at -= 1;
                    self.skip_scalar(first)?;
                }
            }
            loop {
                if depth == outer {
                    return Some(());
                }
                match (self.first()?, objects & 1) {
                    (b',', 0) => break,
                    (b',', _) => {
                        self.skip_key(&mut window)?;
                        break;
                    }
                    (b']', 0) | (b'}', 1) => {
                        objects >>= 1;
                        depth -= 1;
                    }
                    _ => return None,
                }
            }
        }
    }

    #[inline(always)]
    fn skip_key(&mut self, window: &mut Window) -> Option<()> {
        self.token(b'"')?;
        self.skip_text(window)?;
        self.token(b':')
    }

    /// Skips the rest of a string, escapes included.
    #[inline(always)]
    fn skip_text(&mut self, window: &mut Window) -> Option<()> {
        loop {
            self.at = stop_within(self.bytes, self.at, self.marks, &mut self.seen, window);
            match self.next()? {
                b'"' => return Some(()),
                b'\\' => match self.next()? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    b'u' => {
                        let hex = self.bytes.get(self.at..self.at + 4)?;
                        if !hex.iter().all(u8::is_ascii_hexdigit) {
                            return None;
                        }
                        self.at += 4;
                    }
                    _ => return None,
                },
                _ => return None,
            }
        }
    }

    #[inline(always)]
    fn skip_scalar(&mut self, first: u8) -> Option<()> {
        match first {
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.skip_number(),
        }
    }

    #[inline(always)]
    fn skip_number(&mut self) -> Option<()> {
        self.at += usize::from(self.peek()? == b'-');
        let first = self.at;
        self.skip_digits()?;
        if self.bytes[first] == b'0' && self.at > first + 1 {
            return None;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.skip_digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            self.at += usize::from(matches!(self.peek()?, b'+' | b'-'));
            self.skip_digits()?;
        }
        Some(())
    }

    #[inline(always)]
    fn skip_digits(&mut self) -> Option<()> {
        let first = self.at;
        self.at = digits(self.bytes, first, self.marks);
        (self.at > first).then_some(())
    }
}
