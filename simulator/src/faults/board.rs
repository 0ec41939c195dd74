//! Which faults are on, and how often each took effect.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use serde::Serialize;

use super::{Fault, Request, Target};
use crate::clock::{Micros, SECOND, millis};
use crate::service::rate_limit::RetryAfterForm;

/// A fault that is on.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Active {
    /// To end it by.
    pub id: u64,
    /// As it was asked for.
    #[serde(flatten)]
    pub request: Request,
    /// Since when, in milliseconds since the start.
    pub since_ms: u64,
    /// Until when; `null` is until it is ended.
    pub until_ms: Option<u64>,
    /// How often it took effect.
    pub injected: u64,
    #[serde(skip)]
    fault: Fault,
    #[serde(skip)]
    until: Option<Micros>,
    #[serde(skip)]
    considered: u64,
}

#[derive(Debug, Default)]
struct State {
    active: Vec<Active>,
    next_id: u64,
    injected: BTreeMap<String, u64>,
}

/// All faults of the server. Every question asked of it that is answered with a fault counts as that fault injected.
#[derive(Debug, Default)]
pub struct Board {
    state: Mutex<State>,
}

impl Board {
    /// Puts a fault on and gives its id. The caller strikes what a fault does to open streams and tokens at once.
    pub fn put(&self, request: Request, fault: Fault, now: Micros) -> u64 {
        let mut state = self.state.lock();
        state.next_id += 1;
        let until = request.seconds.map(|seconds| now + (seconds * SECOND as f64) as Micros);
        let id = state.next_id;
        state.active.push(Active {
            id,
            request,
            since_ms: millis(now),
            until_ms: until.map(millis),
            injected: 0,
            fault,
            until,
            considered: 0,
        });
        id
    }

    /// Ends faults: the one with this id, those of this kind, or all. Says how many.
    pub fn end(&self, id: Option<u64>, kind: Option<&str>) -> usize {
        let mut state = self.state.lock();
        let before = state.active.len();
        state.active.retain(|active| {
            id.is_some_and(|id| id != active.id) || kind.is_some_and(|kind| kind != active.request.kind)
        });
        before - state.active.len()
    }

    /// The faults that are on.
    #[must_use]
    pub fn active(&self, now: Micros) -> Vec<Active> {
        let mut state = self.state.lock();
        state.sweep(now);
        state.active.clone()
    }

    /// How often each kind took effect so far.
    #[must_use]
    pub fn injected(&self) -> BTreeMap<String, u64> {
        self.state.lock().injected.clone()
    }

    /// Starts the counts again from zero; what is on stays on.
    pub fn reset_counts(&self) {
        self.state.lock().injected.clear();
    }

    /// Counts effects of a fault that happened elsewhere, such as streams dropped.
    pub fn count(&self, kind: &str, times: u64) {
        if times > 0 {
            *self.state.lock().injected.entry(kind.to_owned()).or_default() += times;
        }
    }

    /// Whether everything is down.
    pub fn outage(&self, now: Micros) -> bool {
        self.strike(now, |fault| matches!(fault, Fault::Outage).then_some(())).is_some()
    }

    /// How long to hold an answer back, in milliseconds.
    pub fn delay(&self, target: Target, now: Micros) -> Option<u64> {
        self.strike(now, |fault| match fault {
            Fault::Slow(ms, hit) if hit.covers(target) => Some(*ms),
            _ => None,
        })
    }

    /// With which answer a request of the published service fails: status, and seconds and form of `Retry-After`.
    pub fn answer_at(&self, target: Target, now: Micros) -> Option<(u16, Option<(f64, RetryAfterForm)>)> {
        self.strike_at(Some(target), now, |fault| match fault {
            Fault::CardAnswer { status, retry_after } => Some((*status, *retry_after)),
            _ => None,
        })
    }

    /// The status of the page of HTML that a request gets instead.
    pub fn html_at(&self, target: Target, now: Micros) -> Option<u16> {
        self.strike_at(Some(target), now, |fault| match fault {
            Fault::Html(status) => Some(*status),
            _ => None,
        })
    }

    /// Whether a request is dropped before it is read.
    pub fn lost_at(&self, target: Target, now: Micros) -> bool {
        self.strike_at(Some(target), now, |fault| matches!(fault, Fault::LostRequest).then_some(())).is_some()
    }

    /// Whether an answer is dropped after everything was done.
    pub fn unanswered_at(&self, target: Target, now: Micros) -> bool {
        self.strike_at(Some(target), now, |fault| matches!(fault, Fault::LostAnswer).then_some(())).is_some()
    }

    /// Whether an answer breaks off in the middle.
    pub fn cut_at(&self, target: Target, now: Micros) -> bool {
        self.strike_at(Some(target), now, |fault| matches!(fault, Fault::Cut).then_some(())).is_some()
    }

    /// Seconds by which the server's clock is ahead. Looking at it is no effect, so it is not counted.
    pub fn skew(&self, now: Micros) -> i64 {
        let mut state = self.state.lock();
        state.sweep(now);
        let skews = state.active.iter().filter_map(|active| match active.fault {
            Fault::Skew(seconds) => Some(seconds),
            _ => None,
        });
        skews.sum()
    }

    /// Whether discovery names an API host that serves nothing.
    pub fn wrong_api(&self, now: Micros) -> bool {
        self.strike(now, |fault| matches!(fault, Fault::WrongApi).then_some(())).is_some()
    }

    /// The status with which the token endpoint fails: refused credentials, or a server error.
    pub fn token_failure(&self, now: Micros) -> Option<u16> {
        self.strike(now, |fault| match fault {
            Fault::TokenReject(status) | Fault::TokenError(status) => Some(*status),
            _ => None,
        })
    }

    /// How many seconds a token lives instead.
    pub fn token_seconds(&self, now: Micros) -> Option<u64> {
        self.strike(now, |fault| match fault {
            Fault::TokenExpiry(seconds) => Some(*seconds),
            _ => None,
        })
    }

    /// Fields of the token answer to replace.
    pub fn token_fields(&self, now: Micros) -> Option<serde_json::Map<String, serde_json::Value>> {
        self.strike(now, |fault| match fault {
            Fault::TokenAnswer(fields) => Some(fields.clone()),
            _ => None,
        })
    }

    /// The status with which an upgrade is refused.
    pub fn upgrade_refusal(&self, now: Micros) -> Option<u16> {
        self.strike(now, |fault| match fault {
            Fault::UpgradeRefused(status) => Some(*status),
            _ => None,
        })
    }

    /// With which answer a card request fails: status, and seconds and form of `Retry-After`.
    pub fn card_answer(&self, now: Micros) -> Option<(u16, Option<(f64, RetryAfterForm)>)> {
        self.strike(now, |fault| match fault {
            Fault::CardAnswer { status, retry_after } => Some((*status, *retry_after)),
            _ => None,
        })
    }

    /// Whether a card request is dropped before it is read.
    pub fn lose_request(&self, now: Micros) -> bool {
        self.strike(now, |fault| matches!(fault, Fault::LostRequest).then_some(())).is_some()
    }

    /// Whether the answer to an accepted card is dropped.
    pub fn lose_answer(&self, now: Micros) -> bool {
        self.strike(now, |fault| matches!(fault, Fault::LostAnswer).then_some(())).is_some()
    }

    /// The code with which a stream that just opened is closed again.
    pub fn drop_at_open(&self, now: Micros) -> Option<u16> {
        self.strike(now, |fault| match fault {
            Fault::Drop(code) => Some(*code),
            _ => None,
        })
    }

    /// Whether a stream that just opened says nothing.
    pub fn silence_at_open(&self, now: Micros) -> bool {
        self.strike(now, |fault| matches!(fault, Fault::Silent).then_some(())).is_some()
    }

    /// The garbage to send next while a spell of it lasts, with frames per second.
    pub fn garbage(&self, now: Micros) -> Option<(Vec<super::garbage::Garbage>, f64)> {
        self.strike(now, |fault| match fault {
            Fault::Garbage { kinds, per_second } => Some((kinds.clone(), *per_second)),
            _ => None,
        })
    }

    /// Finds the first fault that is on and fits, and counts it, unless its share or count spares this one.
    fn strike<T>(&self, now: Micros, fits: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        self.strike_at(None, now, fits)
    }

    /// The same among faults that hit a target, which is cards where a fault names none.
    fn strike_at<T>(&self, target: Option<Target>, now: Micros, fits: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        let mut guard = self.state.lock();
        let state = &mut *guard;
        state.sweep(now);
        for active in &mut state.active {
            let named = active.request.target.unwrap_or(Target::Cards);
            if target.is_some_and(|target| !named.covers(target)) {
                continue;
            }
            let Some(effect) = fits(&active.fault) else { continue };
            active.considered += 1;
            let share = active.request.share.unwrap_or(1.0);
            let (seen, before) = (active.considered as f64, (active.considered - 1) as f64);
            if (seen * share).floor() <= (before * share).floor() {
                continue;
            }
            active.injected += 1;
            *state.injected.entry(active.request.kind.clone()).or_default() += 1;
            return Some(effect);
        }
        None
    }
}

impl State {
    fn sweep(&mut self, now: Micros) {
        self.active.retain(|active| {
            active.until.is_none_or(|until| now < until)
                && active.request.count.is_none_or(|most| active.injected < most)
        });
    }
}

impl Fault {
    /// Whether it also goes on after that: always for what answers requests, and for a blow when it was given a time.
    #[must_use]
    pub fn goes_on(&self, request: &Request) -> bool {
        match self {
            Self::TokenRevoke | Self::RefreshRevoke | Self::ContactsVanish(_) | Self::AgentsChange(_) => false,
            Self::Drop(_) | Self::Silent | Self::Garbage { .. } => request.seconds.is_some(),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board(json: &str) -> Board {
        let request: Request = serde_json::from_str(json).expect("a request");
        let fault = request.check().expect("a fault");
        let board = Board::default();
        board.put(request, fault, 0);
        board
    }

    #[test]
    fn a_spell_ends_by_itself_and_says_how_often_it_struck() {
        let board = board(r#"{"kind":"5xx","status":502,"seconds":2,"surplus":true}"#);
        assert_eq!(board.card_answer(SECOND), Some((502, None)));
        assert_eq!(board.card_answer(2 * SECOND), None);
        assert_eq!(board.injected().get("5xx"), Some(&1));
        assert!(board.active(2 * SECOND).is_empty());
    }

    #[test]
    fn a_count_bounds_it_and_a_share_spreads_it() {
        let counted = board(r#"{"kind":"lost-answer","count":2}"#);
        assert_eq!((0..5).filter(|_| counted.lose_answer(0)).count(), 2);
        let shared = board(r#"{"kind":"lost-request","share":0.25}"#);
        assert_eq!((0..12).filter(|_| shared.lose_request(0)).count(), 3);
    }

    #[test]
    fn faults_end_by_id_by_kind_or_all_together() {
        let board = board(r#"{"kind":"408"}"#);
        let request = Request::of("403");
        let fault = request.check().expect("a fault");
        let id = board.put(request.clone(), fault.clone(), 0);
        assert_eq!(board.end(Some(id), None), 1);
        board.put(request, fault, 0);
        assert_eq!(board.end(None, Some("408")), 1);
        assert_eq!(board.end(None, None), 1);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (json, word) in [
            (r#"{"kind":"earthquake"}"#, "earthquake"),
            (r#"{"kind":"5xx","status":404}"#, "404"),
            (r#"{"kind":"drop","code":1005}"#, "1005"),
            (r#"{"kind":"garbage","garbage":"jam"}"#, "jam"),
            (r#"{"kind":"slow","seconds":-1}"#, "seconds"),
        ] {
            let request: Request = serde_json::from_str(json).expect("a request");
            assert!(request.check().expect_err(json).contains(word));
        }
    }
}
