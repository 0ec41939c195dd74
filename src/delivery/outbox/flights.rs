//! The card requests in flight.

use crate::model::sorted::SortedMap;

use crate::model::ask::RequestId;
use crate::model::time::Millis;

/// An answer that takes longer leaves its place in flight to the next card.
const HANGING: Millis = Millis::from_secs(1);

/// The most requests at once, those that hang included: browsers open six connections to a host (HTTP/1.1), and a
/// seventh request would wait in the browser, where nobody sees it.
pub const MOST: usize = 6;

/// Requests by id, which is the order they started in.
#[derive(Debug, Default)]
pub struct Flights(SortedMap<RequestId, Flight>);

/// A request in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flight {
    /// The card.
    pub sequence: u64,
    /// When it started.
    pub since: Millis,
    /// A request that started later was answered: this one hangs, and not the server.
    overtaken: bool,
    /// Its card's record says that it hangs.
    noted: bool,
}

impl Flights {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A request starts.
    pub fn start(&mut self, id: RequestId, sequence: u64, now: Millis) {
        self.0.insert(id, Flight { sequence, since: now, overtaken: false, noted: false });
    }

    /// A request was answered: it is over, and those before it were overtaken.
    pub fn answered(&mut self, id: RequestId) -> Option<Flight> {
        let flight = self.0.remove(&id)?;
        self.0.iter_mut().take_while(|(each, _)| **each < id).for_each(|(_, earlier)| earlier.overtaken = true);
        Some(flight)
    }

    /// A request is given up. Says what it was.
    pub fn give_up(&mut self, id: RequestId) -> Option<Flight> {
        self.0.remove(&id)
    }

    /// The one that started first.
    pub fn oldest(&self) -> Option<(RequestId, Flight)> {
        self.0.first_key_value().map(|(id, flight)| (*id, *flight))
    }

    /// When the next request hangs that is not noted yet.
    pub fn next_hanging(&self) -> Option<Millis> {
        self.0.values().find(|flight| !flight.noted).map(|flight| flight.since.plus(HANGING))
    }

    /// Notes that a request hangs, and gives its card.
    pub fn note_hanging(&mut self, now: Millis) -> Option<u64> {
        let (_, flight) = self.0.iter_mut().find(|(_, flight)| !flight.noted)?;
        flight.noted = flight.since.plus(HANGING) <= now;
        flight.noted.then_some(flight.sequence)
    }

    /// All ids.
    pub fn ids(&self) -> Vec<RequestId> {
        self.0.keys().copied().collect()
    }

    /// From when there is room for one more, where `window` may be in flight besides those that hang; `None` until
    /// one is answered.
    pub fn room_at(&self, window: u32, never_tried: bool) -> Option<Millis> {
        let window = window as usize;
        let by_window = match self.0.len().checked_sub(window) {
            None => Millis::ZERO,
            // All but `window - 1` must hang.
            Some(excess) => self.0.values().nth(excess)?.since.plus(HANGING),
        };
        if self.0.len() < most(never_tried) {
            return Some(by_window);
        }
        if self.0.len() > most(never_tried) {
            return None;
        }
        let (_, hanging) = self.hanging()?;
        Some(by_window.max(hanging.since.plus(HANGING)))
    }

    /// The request to give up where all places are taken: the first that was overtaken. None where the whole server is
    /// slow.
    pub fn in_the_way(&self, never_tried: bool) -> Option<RequestId> {
        if self.0.len() < most(never_tried) { None } else { self.hanging().map(|(id, _)| id) }
    }

    fn hanging(&self) -> Option<(RequestId, Flight)> {
        self.0.iter().find(|(_, flight)| flight.overtaken).map(|(id, flight)| (*id, *flight))
    }
}

/// The most requests at once. The last two places are for cards that were never tried, because retries that hang as well
/// would take all.
fn most(never_tried: bool) -> usize {
    if never_tried { MOST } else { MOST - 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flights(count: u64) -> Flights {
        let mut flights = Flights::default();
        (0..count).for_each(|number| flights.start(RequestId::Card(number), number, Millis(number * 100)));
        flights
    }

    #[test]
    fn a_request_that_hangs_leaves_its_place_to_the_next() {
        assert_eq!(flights(3).room_at(4, true), Some(Millis::ZERO));
        assert_eq!(flights(4).room_at(4, true), Some(Millis(1_000)), "the first of four hangs");
        assert_eq!(flights(5).room_at(4, true), Some(Millis(1_100)), "two of five hang");
        assert_eq!(flights(2).room_at(1, true), Some(Millis(1_100)), "both hang");
    }

    #[test]
    fn the_last_places_are_for_cards_that_were_never_tried() {
        assert_eq!((flights(3).room_at(4, false), flights(4).room_at(4, false)), (Some(Millis::ZERO), None));
        assert_eq!(flights(1).room_at(1, false), Some(Millis(1_000)), "a probe that hangs holds up no other probe");
    }

    #[test]
    fn a_slow_server_gets_no_more_requests_than_the_browser_has_connections() {
        assert_eq!((flights(6).room_at(4, true), flights(6).in_the_way(true)), (None, None));
    }

    #[test]
    fn a_request_that_was_overtaken_is_in_the_way_of_the_seventh() {
        let mut flights = flights(7);
        assert_eq!(flights.answered(RequestId::Card(3)).map(|flight| flight.sequence), Some(3));
        assert_eq!(flights.in_the_way(true), Some(RequestId::Card(0)));
        assert!(flights.room_at(4, true).is_some());
        assert!(flights.give_up(RequestId::Card(0)).is_some());
        assert_eq!(flights.in_the_way(true), None, "five are no more than there are connections for");
    }
}
