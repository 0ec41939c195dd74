//! Where a list goes on: pages of one answer, and changes since the answer before.

use crate::api::published::row::Page;
use crate::model::time::Millis;

/// The most rows of a page that the service gives, as clients in the field have found.
const PAGE: usize = 100;

/// Rows of a page where nobody asks for more.
const SMALL_PAGE: usize = 50;

/// More pages are given up: a server that always names a next page must not be asked for ever.
const PAGES: u32 = 400;

/// What a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// All there is. What is absent is gone.
    Whole,
    /// What changed. What is absent has not changed.
    Changes,
}

/// One list over time.
#[derive(Debug, Default)]
pub struct Cursor {
    /// The service refused a page of the usual size.
    is_small: bool,
    /// What to ask for changes since; absent until a whole list was read.
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
    skip: usize,
    pages: u32,
    /// Of the first page: what changes while the pages are read comes again.
    polled_at: Option<String>,
}

/// What a page came to.
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
        let pass = self.pass.get_or_insert(Pass { kind, begun: now, skip: 0, pages: 0, polled_at: None });
        let since = match (pass.kind, &self.since) {
            (Kind::Changes, Some(since)) => format!("&updatedSince={}", super::encoded(since)),
            _ => String::new(),
        };
        let top = if self.is_small { SMALL_PAGE } else { PAGE };
        format!("top={top}&skip={}{since}", pass.skip)
    }

    /// Takes a page.
    pub fn turn(&mut self, page: &Page) -> Turned {
        let Some(pass) = &mut self.pass else { return Turned::End(Kind::Changes) };
        pass.skip += page.rows.len();
        pass.pages += 1;
        if pass.polled_at.is_none() {
            pass.polled_at.clone_from(&page.polled_at);
        }
        let is_over = match page.total {
            Some(total) => pass.skip as u64 >= total,
            None => !page.has_next && page.rows.len() < SMALL_PAGE,
        };
        if !page.rows.is_empty() && !is_over && pass.pages < PAGES {
            return Turned::Next;
        }
        let pass = self.pass.take();
        let Some(Pass { kind, begun, pages, polled_at, .. }) = pass else { return Turned::End(Kind::Changes) };
        if kind == Kind::Whole {
            self.whole = Some((begun, pages));
        }
        if let Some(polled_at) = polled_at {
            self.since = Some(polled_at);
        }
        self.known_until = Some(begun);
        Turned::End(kind)
    }

    /// The list under way is given up, because the service refused what was asked (400). Says whether smaller pages
    /// are still to be tried.
    pub fn restart(&mut self) -> bool {
        (self.pass, self.since) = (None, None);
        !std::mem::replace(&mut self.is_small, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    const EVERY: fn(u32) -> Millis = |_| Millis::from_mins(5);

    fn page(rows: usize, total: Option<u64>, polled_at: &str) -> Page {
        Page { rows: vec![Value::Null; rows], total, polled_at: Some(polled_at.to_owned()), ..Page::default() }
    }

    #[test]
    fn a_whole_list_is_read_to_its_end_and_then_only_what_changed() {
        let mut cursor = Cursor::default();
        assert_eq!(cursor.query(Millis(0), EVERY), "top=100&skip=0");
        assert_eq!(
            cursor.turn(&page(50, Some(80), "a b")),
            Turned::Next,
            "a server may give half of what is asked for"
        );
        assert_eq!(cursor.query(Millis(1), EVERY), "top=100&skip=50");
        assert_eq!(cursor.turn(&page(30, Some(80), "later")), Turned::End(Kind::Whole));
        assert_eq!(cursor.query(Millis(2), EVERY), "top=100&skip=0&updatedSince=a%20b", "of the first page");
        assert_eq!(cursor.turn(&Page::default()), Turned::End(Kind::Changes));
        assert_eq!(cursor.query(Millis(300_000), EVERY), "top=100&skip=0", "and at times whole again");
        assert_eq!(cursor.known_until, Some(Millis(2)));
    }

    #[test]
    fn a_list_without_a_count_ends_with_a_page_that_is_not_full() {
        let mut cursor = Cursor::default();
        cursor.query(Millis(0), EVERY);
        assert_eq!(cursor.turn(&page(100, None, "a")), Turned::Next);
        assert_eq!(cursor.turn(&page(0, None, "a")), Turned::End(Kind::Whole));
    }

    #[test]
    fn a_server_that_never_comes_to_an_end_is_not_asked_for_ever() {
        let mut cursor = Cursor::default();
        cursor.query(Millis(0), EVERY);
        let pages = (0..).take_while(|_| cursor.turn(&page(100, Some(u64::MAX), "a")) == Turned::Next).count();
        assert_eq!(pages, 399);
    }
}
