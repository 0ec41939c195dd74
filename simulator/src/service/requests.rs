//! A bounded log of what was asked and answered, and the counts behind it.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde::Serialize;

use crate::clock::{Micros, millis};

/// Requests kept for `/control/requests`.
const MOST_KEPT: usize = 20_000;

/// Which step of the contract a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// `POST /oauth/token`.
    Token,
    /// The stream's upgrade.
    Stream,
    /// A card; at the published service an agent message.
    Card,
    /// Published: a document of discovery.
    Discovery,
    /// Published: the sign-in page.
    SignIn,
    /// Published: a poll.
    Poll,
    /// Published: reading agent messages back, or taking one back.
    ReadBack,
    /// Published: a signal to a script.
    Signal,
    /// Anything outside the contract.
    Other,
}

impl Step {
    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Stream => "stream",
            Self::Card => "card",
            Self::Discovery => "discovery",
            Self::SignIn => "sign-in",
            Self::Poll => "poll",
            Self::ReadBack => "read-back",
            Self::Signal => "signal",
            Self::Other => "other",
        }
    }
}

/// One request and its answer.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Counted from 1.
    pub n: u64,
    /// When it arrived, in milliseconds since the start.
    pub at_ms: u64,
    /// When it was answered.
    pub answered_at_ms: Option<u64>,
    /// Step of the contract.
    pub kind: Step,
    /// HTTP method.
    pub method: String,
    /// The path as it was sent; never the query.
    pub path: String,
    /// The status of the answer; `null` while there is none, or where the connection was dropped.
    pub status: Option<u16>,
    /// `Retry-After` of the answer.
    pub retry_after: Option<String>,
    /// The interaction of a card.
    pub interaction: Option<String>,
    /// The `cardId` of a card.
    pub card_id: Option<String>,
    /// The request came before `Retry-After` allowed.
    pub early: bool,
    /// A note, such as the fault that answered.
    pub note: Option<String>,
}

/// The answer, added to an entry later.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The status; none where the connection was dropped.
    pub status: Option<u16>,
    /// `Retry-After`.
    pub retry_after: Option<String>,
    /// The interaction of a card.
    pub interaction: Option<String>,
    /// The `cardId` of a card.
    pub card_id: Option<String>,
    /// A note.
    pub note: Option<String>,
}

/// A wait that a client was told.
#[derive(Debug, Clone, Copy, Default)]
struct Hold {
    /// When it was first announced; further announcements while it lasts do not move this.
    announced: Micros,
    until: Micros,
}

impl Hold {
    fn extend(&mut self, until: Micros, at: Micros) {
        if at >= self.until {
            self.announced = at;
        }
        self.until = self.until.max(until);
    }

    fn forbids(&self, at: Micros, grace: Micros) -> bool {
        at < self.until && at > self.announced + grace
    }
}

/// The log.
#[derive(Debug, Default)]
pub struct Requests {
    entries: VecDeque<Entry>,
    count: u64,
    by_step: BTreeMap<Step, u64>,
    card_answers: BTreeMap<String, u64>,
    holds: HashMap<String, Hold>,
    hold: Hold,
    early: u64,
    stray: u64,
}

impl Requests {
    /// A request arrived; gives its number.
    pub fn arrived(&mut self, kind: Step, method: &str, path: &str, at: Micros) -> u64 {
        self.count += 1;
        *self.by_step.entry(kind).or_default() += 1;
        if self.entries.len() == MOST_KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(Entry {
            n: self.count,
            at_ms: millis(at),
            answered_at_ms: None,
            kind,
            method: method.to_owned(),
            path: path.to_owned(),
            status: None,
            retry_after: None,
            interaction: None,
            card_id: None,
            early: false,
            note: None,
        });
        self.count
    }

    /// A request was answered, or dropped.
    pub fn answered(&mut self, number: u64, answer: Answer, at: Micros) {
        let card = match self.entry(number) {
            Some(entry) => {
                entry.status = answer.status;
                entry.answered_at_ms = Some(millis(at));
                entry.retry_after = answer.retry_after;
                entry.interaction = answer.interaction;
                entry.card_id = answer.card_id;
                entry.note = answer.note;
                entry.kind == Step::Card
            }
            None => false,
        };
        if card {
            let status = answer.status.map_or_else(|| "none".to_owned(), |status| status.to_string());
            *self.card_answers.entry(status).or_default() += 1;
        }
    }

    /// A client (known by its token) was told to wait until a moment.
    pub fn told_to_wait(&mut self, token: &str, until: Micros, at: Micros) {
        self.holds.entry(token.to_owned()).or_default().extend(until, at);
        self.hold.extend(until, at);
    }

    /// Marks a card request that came too soon. One that was under way when the wait was announced is not early: `grace` is
    /// how long after the announcement it may still arrive. With several clients on the stream each is held to what it
    /// was told itself; a client `alone` is held to it under a new token as well.
    pub fn check_early(&mut self, number: u64, token: &str, alone: bool, grace: Micros, at: Micros) {
        let hold = if alone { self.hold } else { self.holds.get(token).copied().unwrap_or_default() };
        if hold.forbids(at, grace) {
            self.early += 1;
            if let Some(entry) = self.entry(number) {
                entry.early = true;
            }
        }
    }

    /// Counts a request that should never have left the client.
    pub fn stray(&mut self) {
        self.stray += 1;
    }

    /// Forgets everything but the waits that were announced.
    pub fn reset(&mut self) {
        *self = Self { holds: std::mem::take(&mut self.holds), hold: self.hold, ..Self::default() };
    }

    fn entry(&mut self, number: u64) -> Option<&mut Entry> {
        let first = self.entries.front()?.n;
        self.entries.get_mut(usize::try_from(number.checked_sub(first)?).ok()?)
    }

    /// Entries with a number above `after`, oldest first.
    pub fn after(&self, after: u64) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.n > after)
    }

    /// Requests by step.
    #[must_use]
    pub fn by_step(&self) -> BTreeMap<String, u64> {
        self.by_step.iter().map(|(step, count)| (step.name().to_owned(), *count)).collect()
    }

    /// Answers to cards by status.
    #[must_use]
    pub fn card_answers(&self) -> &BTreeMap<String, u64> {
        &self.card_answers
    }

    /// Card requests that came too soon.
    #[must_use]
    pub fn early(&self) -> u64 {
        self.early
    }

    /// Requests that should never have left the client.
    #[must_use]
    pub fn strays(&self) -> u64 {
        self.stray
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SECOND;

    const GRACE: Micros = SECOND / 4;

    fn card(requests: &mut Requests, token: &str, alone: bool, at: Micros) -> u64 {
        let number = requests.arrived(Step::Card, "POST", "/x", at);
        requests.check_early(number, token, alone, GRACE, at);
        requests.early()
    }

    #[test]
    fn a_card_before_the_announced_moment_is_early_and_one_after_is_not() {
        let mut requests = Requests::default();
        requests.told_to_wait("t", 2 * SECOND, 0);
        assert_eq!(card(&mut requests, "t", true, SECOND / 5), 0, "was under way");
        assert_eq!(card(&mut requests, "t", true, SECOND), 1);
        assert_eq!(card(&mut requests, "another token", true, SECOND), 2);
        assert_eq!(card(&mut requests, "t", true, 2 * SECOND), 2);
        assert_eq!(requests.after(0).filter(|entry| entry.early).count(), 2);
    }

    #[test]
    fn a_second_announcement_gives_no_new_grace_while_the_first_lasts() {
        let mut requests = Requests::default();
        requests.told_to_wait("t", 2 * SECOND, 0);
        requests.told_to_wait("t", 3 * SECOND, SECOND);
        assert_eq!(card(&mut requests, "t", true, SECOND + GRACE / 2), 1);
    }

    #[test]
    fn with_several_clients_each_is_held_to_what_it_was_told() {
        let mut requests = Requests::default();
        requests.told_to_wait("t", 2 * SECOND, 0);
        assert_eq!(card(&mut requests, "other client", false, SECOND), 0);
        assert_eq!(card(&mut requests, "t", false, SECOND), 1);
    }

    #[test]
    fn the_log_forgets_its_oldest_entries() {
        let mut requests = Requests::default();
        for at in 0..MOST_KEPT as u64 + 5 {
            requests.arrived(Step::Token, "POST", "/oauth/token", at);
        }
        requests.answered(3, Answer { status: Some(200), ..Answer::default() }, 0);
        requests.answered(6, Answer { status: Some(201), ..Answer::default() }, 0);
        assert_eq!(requests.after(0).count(), MOST_KEPT);
        assert_eq!(requests.after(0).next().and_then(|entry| entry.status), Some(201));
    }
}
