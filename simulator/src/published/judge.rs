//! Knows from the answers to polls which agent messages are due, and holds what was stored against it.
//!
//! A contact *qualifies* when an answer showed a client that a rule is true of it. Its message is due to the agent whom
//! an answer named. It is *certainly* due once the contact then stayed with that agent for the time of notice, in which
//! no fault struck. What ends or moves sooner may get its message and need not.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use hdrhistogram::Histogram;

use self::signals::Signals;
use self::watch::Watch;
use super::contact::{At, Contact, Media};
use super::switches::Switches;
use super::tenant::Tenant;
use crate::clock::SECOND;
use crate::event::Seen;
use crate::rules::{RuleSet, Rules};

mod report;
mod signals;
mod stored;
#[cfg(test)]
mod tests;
mod watch;

pub use report::Due;

const S: At = SECOND as At;
/// An answer about skills and one about contacts belong together if so close.
const TOGETHER: At = 25 * S;
/// By how much a wait must be over the limit before every right client sees it so.
const OVER: At = 2 * S;
/// A message may come so long after its contact ended.
const AFTERMATH: At = 120 * S;
/// One read of a digital contact takes so much of the hourly share of one supervisor: 1 200 requests.
const PER_CONTACT: At = 3 * S;

/// The limits that decide when a message is due.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How long a contact must stay with an agent that a client knows of.
    pub notice: At,
    /// How long a client may need to recover from a fault.
    pub recovery: At,
}

/// Messages that were not as they should be, and others that are none of a contact's.
#[derive(Debug, Default, Clone, Copy)]
struct Strays {
    twice: u64,
    surplus: u64,
    wrong_agent: u64,
    former_agent: u64,
    over: u64,
    tests: u64,
    stored: u64,
}

/// The judge. All times are given, none is read.
#[derive(Debug)]
pub struct Judge {
    rules: Rules,
    patience: Patience,
    watched: BTreeMap<u64, Watch>,
    forgiven: BTreeSet<u64>,
    /// Since when the longest waits in a skill, and when that was told.
    skills: HashMap<usize, (Option<At>, At)>,
    markers: HashMap<String, u32>,
    hindrances: Vec<(At, At)>,
    strays: Strays,
    signals: Signals,
    unasked: Vec<String>,
    twice: Vec<String>,
    told: u64,
    latency: Histogram<u64>,
    since: At,
    swept: At,
}

impl Judge {
    /// Nothing told yet.
    #[must_use]
    pub fn new(rules: Rules, patience: Patience) -> Self {
        Self {
            rules,
            patience,
            watched: BTreeMap::new(),
            forgiven: BTreeSet::new(),
            skills: HashMap::new(),
            markers: HashMap::new(),
            hindrances: Vec::new(),
            strays: Strays::default(),
            signals: Signals::default(),
            unasked: Vec::new(),
            twice: Vec::new(),
            told: 0,
            latency: crate::report::new_histogram(),
            since: 0,
            swept: 0,
        }
    }

    /// A contact moved. What a client was told of its agent holds no more if it has another one.
    pub fn moved(&mut self, contact: &Contact, now: At) {
        let Some(watch) = self.watched.get(&contact.number) else { return };
        if watch.agent == contact.agent && watch.ended == contact.ended {
            return;
        }
        let certain = self.had_notice(watch, now);
        let Some(watch) = self.watched.get_mut(&contact.number) else { return };
        watch.certain |= certain;
        if let Some(agent) = watch.agent.filter(|_| watch.agent != contact.agent) {
            watch.leave(agent, now);
        }
        watch.agent = contact.agent;
        watch.ended = contact.ended;
        if contact.ended.is_some() {
            watch.agent_told = None;
        }
    }

    /// An answer told since when the longest waits in these skills.
    pub fn told_skills(&mut self, tenant: &Tenant, skills: &[(usize, Option<At>)], now: At) {
        for (skill, earliest) in skills {
            self.skills.insert(*skill, (*earliest, now));
        }
        let places: Vec<usize> = self.skills.keys().copied().collect();
        for skill in places {
            // A row that does not come back goes on ageing, so every skill that was ever told is looked at.
            let oldest = tenant.contacts().filter(|contact| contact.skill == skill && contact.waits());
            if let Some(oldest) = oldest.min_by_key(|contact| contact.queued) {
                self.judge_wait(tenant, oldest, now);
            }
        }
    }

    /// An answer of `contacts/active` told of these contacts, and with whom they are.
    pub fn told_contacts(&mut self, tenant: &Tenant, told: &[(u64, Option<usize>)], now: At) {
        for (number, agent) in told {
            let Some(contact) = tenant.contact(*number) else { continue };
            self.told_agent(contact, *agent, now);
            if agent.is_none() && contact.waits() {
                if let Some(watch) = self.watched.get_mut(number) {
                    watch.told_waiting = Some(now);
                }
                self.judge_wait(tenant, contact, now);
            }
            let waited = contact.agent_since.unwrap_or(now) - contact.started;
            self.may_be(tenant, contact, None, Some(waited));
        }
    }

    /// An answer of the digital service told of these contacts, and with whom they are.
    pub fn told_cases(&mut self, tenant: &Tenant, switches: &Switches, told: &[(u64, Option<usize>)], now: At) {
        for (number, agent) in told {
            let Some(contact) = tenant.contact(*number) else { continue };
            self.told_agent(contact, *agent, now);
            self.may_be(tenant, contact, None, Some(now - contact.started));
            let low = self.judge_labels(tenant, switches, contact, now);
            let Some(watch) = self.watched.get_mut(number) else { continue };
            match low {
                true => watch.listed_low = watch.listed_low.or(Some(now)),
                false => watch.listed_low = None,
            }
        }
        self.overdue_reads(tenant, now);
    }

    /// An answer told the messages of a digital contact.
    pub fn told_messages(&mut self, tenant: &Tenant, switches: &Switches, number: u64, now: At) {
        let Some(contact) = tenant.contact(number) else { return };
        self.told_agent(contact, None, now);
        if self.judge_labels(tenant, switches, contact, now) {
            self.hears(number, RuleSet { sentiment: true, wait: false }, now);
        }
    }

    /// A fault struck a request: a client needs a while to recover.
    pub fn hindered(&mut self, now: At) {
        let until = now + self.patience.recovery;
        match self.hindrances.last_mut() {
            Some(last) if last.1 >= now => last.1 = until,
            _ => self.hindrances.push((now, until)),
        }
    }

    fn told_agent(&mut self, contact: &Contact, agent: Option<usize>, now: At) {
        if self.forgiven.contains(&contact.number) {
            return;
        }
        self.told += 1;
        let new = || Watch { agent: contact.agent, ended: contact.ended, ..Watch::default() };
        let watch = self.watched.entry(contact.number).or_insert_with(new);
        if agent.is_some() && agent == watch.agent {
            watch.agent_told = watch.agent_told.or(Some(now));
            for former in watch.former.iter_mut().filter(|former| former.told.is_none()) {
                former.told = Some(now);
            }
        }
    }

    /// Whether the labels of a contact are low by both readings; by one of them it may be.
    fn judge_labels(&mut self, tenant: &Tenant, switches: &Switches, contact: &Contact, now: At) -> bool {
        let level = contact.level(switches, now);
        let (one, two) = (
            self.true_of(tenant, contact, level.of_newest, None),
            self.true_of(tenant, contact, level.of_labelled, None),
        );
        if let Some(watch) = self.watched.get_mut(&contact.number) {
            watch.maybe = watch.maybe.or(one).or(two);
        }
        one.sentiment && two.sentiment
    }

    /// A wait is certain of the contact that waits longest in its skill, where skills and contacts were told together.
    fn judge_wait(&mut self, tenant: &Tenant, contact: &Contact, now: At) {
        let Some((earliest, told)) = self.skills.get(&contact.skill).copied() else { return };
        let Some(queued) = contact.queued else { return };
        let waited = now - queued;
        self.may_be(tenant, contact, None, Some(earliest.map_or(waited, |earliest| now - earliest).max(waited)));
        let shown = self.watched.get(&contact.number).and_then(|watch| watch.told_waiting);
        let together = now - told <= TOGETHER && shown.is_some_and(|shown| now - shown <= TOGETHER);
        let longest = earliest == Some(queued) && contact.media != Media::Digital;
        let over = self.true_of(tenant, contact, None, Some(waited - OVER)).wait;
        if together && longest && over {
            self.hears(contact.number, RuleSet { sentiment: false, wait: true }, now);
        }
    }

    /// Some right client may take a rule for true.
    fn may_be(&mut self, tenant: &Tenant, contact: &Contact, level: Option<f64>, waited: Option<At>) {
        let rules = self.true_of(tenant, contact, level, waited.map(|waited| waited + OVER));
        if let Some(watch) = self.watched.get_mut(&contact.number) {
            watch.maybe = watch.maybe.or(rules);
        }
    }

    fn true_of(&self, tenant: &Tenant, contact: &Contact, level: Option<f64>, waited: Option<At>) -> RuleSet {
        let queue = tenant.skills().get(contact.skill).map(|skill| skill.name.clone());
        self.rules.judge(&Seen {
            id: String::new(),
            step: None,
            score: level,
            confidence: None,
            wait_ms: waited.map(|waited| waited.max(0) as f64 / 1_000.0),
            queue,
            debatable: false,
            json: Arc::default(),
        })
    }

    fn hears(&mut self, number: u64, rules: RuleSet, now: At) {
        if let Some(watch) = self.watched.get_mut(&number) {
            watch.heard = watch.heard.or(Some(now));
            watch.rules = watch.rules.or(rules);
            watch.listed_low = None;
        }
    }

    /// Lists showed these contacts for so long that a client had the time to read all of them.
    fn overdue_reads(&mut self, tenant: &Tenant, now: At) {
        let digital = tenant.contacts().filter(|contact| contact.open() && contact.media == Media::Digital).count();
        let enough = self.patience.notice + digital as At * PER_CONTACT;
        let overdue = self.watched.iter().filter(|(_, watch)| {
            watch.heard.is_none() && watch.listed_low.is_some_and(|since| self.free(since, now) >= enough)
        });
        let numbers: Vec<u64> = overdue.map(|(number, _)| *number).collect();
        for number in numbers {
            self.hears(number, RuleSet { sentiment: true, wait: false }, now);
        }
    }

    /// The time between two moments in which no fault struck.
    fn free(&self, from: At, to: At) -> At {
        let hindered = |(start, end): &(At, At)| ((*end).min(to) - (*start).max(from)).max(0);
        to - from - self.hindrances.iter().map(hindered).sum::<At>()
    }

    fn had_notice(&self, watch: &Watch, now: At) -> bool {
        watch.certain || watch.known().is_some_and(|known| self.free(known, now) >= self.patience.notice)
    }

    /// Starts the tally again from zero, without the contacts that were due before.
    pub fn reset(&mut self, now: At) {
        let before = std::mem::replace(self, Self::new(self.rules.clone(), self.patience));
        self.forgiven = before.forgiven;
        let due = before.watched.iter().filter(|(_, watch)| !watch.rules.or(watch.maybe).is_empty());
        self.forgiven.extend(due.map(|(number, _)| *number));
        self.markers = before.markers;
        self.signals = before.signals.begun_again();
        self.skills = before.skills;
        self.since = now;
    }

    /// Whether nothing that may become certain is still to come.
    #[must_use]
    pub fn settled(&self) -> bool {
        self.watched.values().all(|watch| {
            let reachable = watch.ended.is_none() && watch.agent.is_some();
            let due = watch.certain || (watch.heard.is_some() && reachable);
            !due || watch.cards + watch.refusals >= 1
        })
    }

    /// Forgets contacts that ended long ago and never qualified, if that was not done lately.
    pub fn sweep_now_and_then(&mut self, now: At) {
        if now - self.swept < AFTERMATH / 4 {
            return;
        }
        self.swept = now;
        self.watched.retain(|_, watch| {
            !watch.rules.or(watch.maybe).is_empty() || watch.ended.is_none_or(|ended| now - ended < AFTERMATH)
        });
    }
}
