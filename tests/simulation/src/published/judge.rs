//! The checks of a worker of the published service, made from outside.

use cuewire::link::steps::PollView;
use cuewire::model::ask::RequestId;
use cuewire::model::http::{HttpRequest, Method};
use cuewire::views::status::State;
use serde_json::Value;

use super::World;
use super::draw::{LONG_WAIT, SETTLED_AFTER};
use super::inbox::{Letter, Signal};
use super::life::marker_of;
use super::signin::HOSTS;
use super::talk::{Kind, Talk};
use super::trouble::Part;
use crate::plan::MARK;
use crate::tally::Check;

/// An agent who lost the customer so long ago is not told any more: a list that is old by 50 s, and the requests.
const LATE: u64 = 80_000;

/// A wait may be told too long by a poll, and by a server's clock that was not asked again yet.
const SLACK: u64 = 75_000;

/// Polls of skills, contacts and agents in a minute, and of digital contacts, whichever workers make them.
const BUDGETS: [(u64, usize); 2] = [(60_000, 30), (60_000, 100)];

/// Inputs in a second that is no busy loop.
const STEPS: usize = 400;

/// Diagnoses that stay to be seen after the trouble is over.
const PAST: [&str; 4] = ["cardExpired", "scopeMissing", "cardRefused", "workerRestarted"];

/// An answer that is older is none.
const FRESH: u64 = 75_000;

/// A missing permission must be shown after this long.
const SLOW_TO_TELL: u64 = 5_000;

/// A missing sign-in must be shown after this long.
const TOLD_AFTER: u64 = 240_000;

impl World {
    /// Every request goes to a host that discovery named, with no secret in its address, and within the budget.
    pub(super) fn judge_request(&mut self, id: RequestId, part: Option<Part>, request: &HttpRequest) {
        let is_known = part.is_some() && HOSTS.iter().any(|host| request.url.starts_with(host));
        self.check(Check::RightHost, is_known, || format!("{} is no address of the service", request.url));
        let carries = request.headers.iter().any(|(name, _)| *name == "Authorization");
        let is_api = HOSTS[2..].iter().any(|host| request.url.starts_with(host));
        self.check(Check::RightHost, !carries || is_api, || format!("a token goes to {}", request.url));
        self.judge_address(&request.url);
        if part == Some(Part::Post) {
            self.judge_post(request);
        }
        if part == Some(Part::Signal) {
            self.judge_signal(request);
            self.judge_budget(0);
        }
        if matches!(id, RequestId::Poll(_)) && request.method == Method::Get {
            let is_digital = matches!(part, Some(Part::Cases | Part::Texts));
            self.judge_budget(usize::from(is_digital));
        }
    }

    /// No token, code or key stands in an address.
    pub(super) fn judge_address(&mut self, url: &str) {
        self.check(Check::SecretKept, !url.contains(MARK), || format!("a secret in {url}"));
    }

    fn judge_budget(&mut self, which: usize) {
        let (per, most) = BUDGETS[which];
        let now = self.now;
        let polls = &mut self.polls[which];
        polls.push_back(now);
        while polls.front().is_some_and(|at| at + per <= now) {
            polls.pop_front();
        }
        let made = polls.len();
        self.check(Check::Budget, made <= most, || format!("{made} polls in {} s", per / 1_000));
    }

    /// A message is asked for only once its card, with its reader, is durable.
    fn judge_post(&mut self, request: &HttpRequest) {
        let Some(letter) = Letter::of(&request.body, self.now) else {
            return self.check(Check::DurableFirst, false, || format!("no message: {}", request.body));
        };
        let is_stored = self.host.stored.journal.iter().filter(|(key, _)| key.starts_with("card/")).any(|(_, text)| {
            let record: Value = cuewire::journal::decode(text).unwrap_or_default();
            let reader =
                if letter.is_for_team { &record["reader"]["team"]["team"] } else { &record["reader"]["agent"] };
            record["card"]["cardId"].as_str().map(marker_of).as_ref() == Some(&letter.marker)
                && reader.as_u64() == Some(letter.target)
        });
        self.check(Check::DurableFirst, is_stored, || format!("no record says that {letter:?} goes out"));
    }

    /// A signal is asked for once, only where the settings say so, after this worker heard that the service took the
    /// card, and only once no record of the card is left that another worker could go on with.
    fn judge_signal(&mut self, request: &HttpRequest) {
        let is_on = self.plan.settings["signalScript"] == true;
        let Some(signal) = Signal::of(&request.url).filter(|_| is_on) else {
            return self.check(Check::SignalEarned, false, || format!("no signal: {}", request.url));
        };
        let is_first = self.signalled.insert(signal.marker.clone());
        self.check(Check::SignalledOnce, is_first, || format!("{signal:?} again"));
        let is_taken = self.taken.get(&signal.marker) == Some(&self.life);
        self.check(Check::SignalEarned, is_taken, || format!("{signal:?}, and no answer said that its card was taken"));
        let interaction = self.accepted.get(&signal.marker).map(|card| card.interaction.clone()).unwrap_or_default();
        let is_its = interaction == signal.contact;
        self.check(Check::SignalEarned, is_its, || format!("{signal:?} for a card of {interaction:?}"));
        let is_left = self.host.stored.journal.iter().any(|(key, text)| {
            let record: Value = cuewire::journal::decode(text).unwrap_or_default();
            key.starts_with("card/")
                && record["card"]["cardId"].as_str().map(marker_of).as_ref() == Some(&signal.marker)
        });
        self.check(Check::DurableFirst, !is_left, || format!("{signal:?} while the record of its card is stored"));
    }

    /// A message was taken.
    pub(super) fn judge_letter(&mut self, letter: &Letter) {
        let same = self.tenant.inbox.letters.iter().filter(|other| other.marker == letter.marker).count();
        self.check(Check::ToldOnce, same == 1, || format!("{same} messages of one card, the last {letter:?}"));
        let interaction = self.accepted.get(&letter.marker).map(|card| card.interaction.clone()).unwrap_or_default();
        let Some(talk) = self.tenant.talks.iter().find(|talk| is_of(talk, &interaction)).cloned() else {
            return self.check(Check::Qualified, false, || format!("{letter:?} is about nobody: {interaction:?}"));
        };
        let of = |marker: &str| self.accepted.get(marker).is_some_and(|card| is_of(&talk, &card.interaction));
        let about_it = self.tenant.inbox.letters.iter().filter(|other| of(&other.marker)).count();
        self.check(Check::ToldOnce, about_it == 1, || format!("{about_it} messages about {talk:?}, under two names"));
        let is_late = self.now >= talk.began + LONG_WAIT - SLACK;
        let qualified = self.jumped_at.is_some() || is_late || talk.was_angry(self.now);
        self.check(Check::Qualified, qualified, || format!("{letter:?} although nothing happened to {talk:?}"));
        let is_steady = self.jumped_at.is_none_or(|at| at + LATE < self.now);
        if is_steady && !letter.is_for_team {
            let (since, now) = (self.now.saturating_sub(LATE), self.now);
            let has_it = talk.was_with(letter.target, since, now);
            self.check(Check::RightReader, has_it, || format!("{letter:?}, who has not had {talk:?} lately"));
        }
    }

    /// Checks of the view that the person sees.
    pub(super) fn look(&mut self) {
        if !self.alive {
            return;
        }
        let status = self.runner.pipeline().status();
        let codes: Vec<String> = status.diagnoses.iter().map(|wrong| wrong.code.clone()).collect();
        let told = codes.iter().any(|code| code == "signInDue" || code == "signInSoon");
        let shown = serde_json::to_string(&status).unwrap_or_default();
        self.check(Check::SecretKept, !shown.contains(MARK), || format!("a secret on the page: {shown}"));
        self.trace.line(|| format!("{:?} {codes:?}", status.state));
        if told {
            self.plan_sign_in();
        }
        self.judge_permissions(&codes);
        self.judge_sign_in(told, &codes);
        let since_calm = self.now.saturating_sub(self.plan.calm_from).min(self.now.saturating_sub(self.born_at));
        if since_calm >= SETTLED_AFTER {
            // Given-up cards and a sign-in that is over stay visible.
            let is_known = |code: &String| PAST.contains(&&**code) || code == "signInDue" || code == "signInSoon";
            let watches = status.state == State::Watching || !codes.is_empty() && codes.iter().all(is_known);
            self.check(Check::Resumes, watches, || format!("{:?} {codes:?} long after the faults", status.state));
            let fresh = told || self.signs_in || is_fresh(&status.polls, self.wall());
            self.check(Check::Resumes, fresh, || format!("{:?} long after the faults", status.polls));
        }
    }

    /// Whoever lacks a permission is told of it until it is there, whatever else is answered meanwhile.
    fn judge_permissions(&mut self, codes: &[String]) {
        let is_reading = |part: &Part| matches!(part, Part::Skills | Part::Contacts | Part::Cases);
        let lacks = self.forbidden.iter().any(|(part, since)| is_reading(part) && since + SLOW_TO_TELL <= self.now);
        if lacks && !self.signs_in {
            // It may fail otherwise since.
            let is_told = codes.iter().any(|code| ["readForbidden", "readRefused", "readStale"].contains(&&**code));
            let lacking = self.forbidden.clone();
            self.check(Check::PermissionTold, is_told, || format!("{lacking:?}, and the person reads {codes:?}"));
        }
    }

    /// The worker's tokens sign nobody in: the person must see that.
    fn judge_sign_in(&mut self, told: bool, codes: &[String]) {
        let token: Value = serde_json::from_str(self.host.stored.token.as_deref().unwrap_or("{}")).unwrap_or_default();
        let word = |key: &str| token[key].as_str().unwrap_or_default();
        let accounts = &self.tenant.accounts;
        let works = accounts.works(word("value"), self.now) || accounts.refresh_works(word("refresh"), self.now);
        if works || !self.plan.is_person {
            self.over_since = None;
            return;
        }
        let over_since = *self.over_since.get_or_insert(self.now);
        let for_long = self.now - over_since.max(self.born_at) >= TOLD_AFTER;
        let is_steady = self.jumped_at.is_none_or(|at| at + TOLD_AFTER < self.now);
        if for_long && is_steady {
            let is_calm = self.now >= self.plan.calm_from + TOLD_AFTER;
            let is_told = told || self.signs_in || (!is_calm && !codes.is_empty());
            self.check(Check::SignInTold, is_told, || format!("nobody is signed in, and the person reads {codes:?}"));
        }
    }

    pub(super) fn judge_steps(&mut self) {
        let now = self.now;
        self.steps.push_back(now);
        while self.steps.front().is_some_and(|at| at + 1_000 <= now) {
            self.steps.pop_front();
        }
        let steps = self.steps.len();
        self.check(Check::NoBusyLoop, steps <= STEPS, || format!("{steps} inputs in a second"));
    }

    /// Every card that was durable has reached somebody, if anybody was there; and so has the one that must.
    pub(super) fn judge_end(&mut self) {
        let settled = self.plan.calm_from + SETTLED_AFTER;
        if settled > self.plan.end {
            return; // An hour in which things are counted.
        }
        let cards: Vec<_> = self.accepted.clone().into_iter().collect();
        for (marker, card) in cards {
            let Some(talk) = self.tenant.talks.iter().find(|talk| is_of(talk, &card.interaction)).cloned() else {
                continue;
            };
            let until = (card.at + self.plan.time_to_live).min(self.plan.end);
            let is_refused = self.tenant.inbox.refused.contains(&marker);
            let was_set = self.jumped_at.is_some_and(|at| at >= card.at);
            let from = settled.max(card.at);
            // Somebody was there for two minutes while all was well.
            let had = (from..until.saturating_sub(120_000)).step_by(10_000).any(|at| {
                let agent = talk.agent(at);
                agent.is_some()
                    && (0..=12)
                        .all(|step| talk.is_listed(at + step * 10_000) && talk.agent(at + step * 10_000) == agent)
            });
            let arrived = self.tenant.inbox.letters.iter().any(|letter| letter.marker == marker);
            if had && !card.is_excused && !is_refused && !was_set {
                self.check(Check::CardKept, arrived, || format!("{card:?} of {talk:?} never arrived"));
            }
        }
        let Some(sure) = self.tenant.talks.last().cloned() else { return };
        let of = |marker: &str| self.accepted.get(marker).is_some_and(|card| is_of(&sure, &card.interaction));
        let told = self.tenant.inbox.letters.iter().filter(|letter| of(&letter.marker)).count();
        // Nothing has gone wrong since: where its script is to be signalled, it was.
        let has_contact = |marker: &str| self.accepted[marker].interaction.parse::<u64>().is_ok();
        let is_on = self.plan.settings["signalScript"] == true;
        let is_due = |marker: &&String| is_on && of(marker) && has_contact(marker);
        let unsaid = self.taken.keys().filter(is_due).find(|marker| !self.signalled.contains(*marker)).cloned();
        self.check(Check::Recovers, told == 1, || format!("{told} messages about {sure:?}"));
        self.check(Check::Recovers, unsaid.is_none(), || format!("no signal {unsaid:?} about {sure:?}"));
    }
}

/// Whether queues and contacts, which rules need, were asked for lately.
fn is_fresh(polls: &[PollView], wall: u64) -> bool {
    ["queues", "contacts"].iter().all(|what| {
        polls
            .iter()
            .filter(|poll| poll.what == *what)
            .any(|poll| poll.answered_at.is_some_and(|at| at.0 + FRESH >= wall))
    })
}

/// Whether a card is about a conversation. A nameless case is listed as a contact under another number, too.
fn is_of(talk: &Talk, interaction: &str) -> bool {
    talk.name() == interaction || talk.kind == Kind::NamelessCase && (talk.id + 1_000).to_string() == interaction
}
