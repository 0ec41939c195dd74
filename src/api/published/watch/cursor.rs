//! Where a list goes on: pages of one answer, and changes since the answer before.

use crate::api::published::row::{Page, Row};
use crate::model::time::Millis;

/// The most rows of a page that the service gives, as clients in the field have found.
const PAGE: usize = 100;

/// Rows of a page where nobody asks for more.
const SMALL_PAGE: usize = 50;

/// More pages are given up: a server that always names a next page must not be asked for ever.
const PAGES: u32 = 400;

/// A page begins with this many rows of the page before. A row that has gone moves all rows after it towards the front,
/// and one of them onto a page that was read already.
const OVERLAP: usize = 10;

/// A border that does not join is read again so often.
const AGAIN: u8 = 3;

/// The part of a list that a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// All there is. What is absent is gone.
    Whole,
    /// All there is, but rows may have slipped by between two pages. What is absent may be there.
    Holed,
    /// The rows that changed. An absent row has not changed.
    Changes,
}

/// One list over time.
#[derive(Debug, Default)]
pub struct Cursor {
    /// The service refused a page of the usual size.
    pub is_small: bool,
    /// The instant from which to ask for changes; absent until a whole list was read.
    since: Option<String>,
    /// The list under way.
    pass: Option<Pass>,
    /// When the last whole list was begun, and its pages.
    whole: Option<(Millis, u32)>,
    /// When the last list that was read to its end was begun.
    pub known_until: Option<Millis>,
}

/// A list that is read page by page.
#[derive(Debug, Clone)]
struct Pass {
    kind: Kind,
    begun: Millis,
    /// The page that is asked for begins here.
    skip: usize,
    /// The pages so far end here.
    read: usize,
    pages: u32,
    /// The ids of the page before, and how many rows all pages had together then.
    before: (Vec<u64>, Option<u64>),
    /// How many of them the page that is asked for begins with.
    overlap: usize,
    /// How often this border was read again.
    again: u8,
    has_holes: bool,
    /// Of the first page: what changes while the pages are read comes again.
    polled_at: Option<String>,
}

/// The result of a page.
#[derive(Debug, PartialEq, Eq)]
pub enum Turned {
    /// The list goes on.
    Next,
    /// The list is complete.
    End(Kind),
}

impl Cursor {
    /// Whether the whole list has several pages, and changes can be asked for.
    pub fn is_long(&self) -> bool {
        self.since.is_some() && self.whole.is_some_and(|(_, pages)| pages > 1)
    }

    /// Another reading of the same list knows better how long it is now.
    pub fn note_length(&mut self, other: &Cursor) {
        if let (Some(own), Some(other)) = (&mut self.whole, other.whole)
            && other.0 > own.0
        {
            own.1 = other.1;
        }
    }

    /// Whether the list goes on with another page.
    pub fn goes_on(&self) -> bool {
        self.pass.is_some()
    }

    /// The query of the next page, where a whole list is due each `every`, and more rarely the more pages it has.
    pub fn query(&mut self, now: Millis, every: impl Fn(u32) -> Millis) -> String {
        let is_due = self.whole.is_none_or(|(at, pages)| at.plus(every(pages)) <= now);
        let kind = if self.since.is_none() || is_due { Kind::Whole } else { Kind::Changes };
        let pass = self.pass.get_or_insert_with(|| Pass::begin(kind, now));
        let since = match (pass.kind, &self.since) {
            (Kind::Changes, Some(since)) => format!("&updatedSince={}", super::encoded(since)),
            _ => String::new(),
        };
        let top = if self.is_small { SMALL_PAGE } else { PAGE };
        format!("top={top}&skip={}{since}", pass.skip)
    }

    /// Takes a page, whose rows have their ids under the first of these names.
    pub fn turn(&mut self, page: &Page, key: &[&str]) -> Turned {
        let Some(pass) = &mut self.pass else { return Turned::End(Kind::Changes) };
        if pass.polled_at.is_none() {
            pass.polled_at.clone_from(&page.polled_at);
        }
        if pass.take(page, key) {
            return Turned::Next;
        }
        let Some(Pass { kind, begun, pages, polled_at, has_holes, .. }) = self.pass.take() else {
            return Turned::End(Kind::Changes);
        };
        if kind == Kind::Whole {
            self.whole = Some((begun, pages));
        }
        // Changes that may have slipped by are asked for once more.
        if let Some(polled_at) = polled_at.filter(|_| kind == Kind::Whole || !has_holes) {
            self.since = Some(polled_at);
        }
        if !has_holes {
            self.known_until = Some(begun);
        }
        Turned::End(if kind == Kind::Whole && has_holes { Kind::Holed } else { kind })
    }

    /// The list under way is given up, because the service refused what was asked (400). Says whether smaller pages
    /// are still to be tried.
    pub fn restart(&mut self) -> bool {
        (self.pass, self.since) = (None, None);
        !std::mem::replace(&mut self.is_small, true)
    }
}

impl Pass {
    fn begin(kind: Kind, begun: Millis) -> Pass {
        Pass {
            kind,
            begun,
            skip: 0,
            read: 0,
            pages: 0,
            before: (Vec::new(), None),
            overlap: 0,
            again: 0,
            has_holes: false,
            polled_at: None,
        }
    }

    /// Takes a page. Says whether another is to be read.
    fn take(&mut self, page: &Page, key: &[&str]) -> bool {
        self.pages += 1;
        let ids: Vec<u64> = page.rows.iter().filter_map(Row::of).filter_map(|row| row.id(key)).collect();
        if !self.joins(&ids, page) {
            if self.again < AGAIN && self.pages < PAGES && !self.has_holes {
                self.again += 1;
                self.before.1 = page.total;
                self.skip = if self.overlap == 0 { 0 } else { self.skip.saturating_sub(self.before.0.len()) };
                self.read = self.skip;
                return true;
            }
            // A page that stays empty is the end, whatever the count says.
            self.has_holes |= !page.rows.is_empty();
        }
        let end = self.skip + page.rows.len();
        let is_over = match page.total {
            _ if end <= self.read => true, // Nothing but rows that were read before.
            Some(total) => end as u64 >= total,
            None => !page.has_next && page.rows.len() < SMALL_PAGE,
        };
        let goes_on = !is_over && self.pages < PAGES;
        self.has_holes |= !is_over && !goes_on;
        self.again = if self.skip == 0 { self.again } else { 0 };
        self.read = end;
        self.overlap = OVERLAP.min(page.rows.len() / 2);
        self.skip = end - self.overlap;
        self.before = (ids, page.total);
        goes_on
    }

    /// Whether no row slipped by between the page before and this one.
    fn joins(&self, ids: &[u64], page: &Page) -> bool {
        let (before, total) = &self.before;
        match (self.skip, self.overlap) {
            (0, _) => true,
            // Pages of a single row have no room for a second one.
            (_, 0) => *total == page.total,
            _ => before.is_empty() || ids.iter().any(|id| before.contains(id)),
        }
    }
}

#[cfg(test)]
#[path = "cursor_tests.rs"]
mod tests;
