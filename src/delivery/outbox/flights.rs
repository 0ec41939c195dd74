//! The card requests in flight.

use crate::model::sorted::SortedMap;

use crate::model::ask::RequestId;
use crate::model::time::Millis;

/// An answer that takes longer leaves its place in flight to the next card.
const HANGING: Millis = Millis::from_secs(1);

/// How long a request hangs before a retry takes its place: a slow server would lose what it is about to answer.
const HANGING_FOR_GOOD: Millis = Millis::from_secs(5);

/// The most requests at once, those that hang included: browsers open six connections to a host (HTTP/1.1), and a
/// seventh request would wait in the browser, where nobody sees it.
pub const MOST: usize = 6;

/// The most of them for cards that were tried before: retries that hang as well would take all places.
const MOST_RETRIES: usize = MOST - 2;

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
    /// Its card was tried before.
    is_retry: bool,
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
    pub fn start(&mut self, id: RequestId, sequence: u64, is_retry: bool, now: Millis) {
        self.0.insert(id, Flight { sequence, since: now, is_retry, overtaken: false, noted: false });
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
        match self.obstacle(never_tried) {
            Obstacle::None => Some(by_window),
            Obstacle::Hanging(_, until) => Some(by_window.max(until)),
            Obstacle::Slow => None,
        }
    }

    /// The request to give up where all places are taken: the first that was overtaken. None where the whole server is
    /// slow.
    pub fn in_the_way(&self, never_tried: bool) -> Option<RequestId> {
        match self.obstacle(never_tried) {
            Obstacle::Hanging(id, _) => Some(id),
            Obstacle::None | Obstacle::Slow => None,
        }
    }

    fn obstacle(&self, never_tried: bool) -> Obstacle {
        let retries = self.0.values().filter(|flight| flight.is_retry).count();
        let among_retries = !never_tried && retries >= MOST_RETRIES;
        if !among_retries && self.0.len() < MOST {
            return Obstacle::None;
        }
        let patience = if never_tried { HANGING } else { HANGING_FOR_GOOD };
        let hanging = self.0.iter().find(|(_, flight)| flight.overtaken && (flight.is_retry || !among_retries));
        hanging.map_or(Obstacle::Slow, |(id, flight)| Obstacle::Hanging(*id, flight.since.plus(patience)))
    }
}

/// Why there is no place for a further request.
#[derive(Debug, PartialEq, Eq)]
enum Obstacle {
    None,
    /// This request, which may be given up from then on.
    Hanging(RequestId, Millis),
    /// Nobody can say which of the requests will be answered.
    Slow,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flights(count: u64) -> Flights {
        let mut flights = Flights::default();
        (0..count).for_each(|number| flights.start(RequestId::Card(number), number, number >= 2, Millis(number * 100)));
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
        assert_eq!(flights(5).room_at(4, false), Some(Millis(1_100)), "three of five are retries");
        assert_eq!(flights(6).room_at(6, false), None, "four of six are retries, and nothing was answered");
        assert_eq!(flights(1).room_at(1, false), Some(Millis(1_000)), "a probe that hangs holds up no other probe");
    }

    #[test]
    fn a_retry_takes_the_place_of_a_retry_that_hangs_for_good() {
        let mut flights = flights(7);
        flights.answered(RequestId::Card(6));
        assert_eq!(flights.in_the_way(false), Some(RequestId::Card(2)), "the first retry");
        assert_eq!(flights.room_at(6, false), Some(Millis(5_200)));
        assert_eq!(
            flights.room_at(6, true),
            Some(Millis(1_000)),
            "a card that was never tried waits for a second only"
        );
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
