//! The service that NICE publishes, as `--service published` speaks it: discovery, sign-in, polls and agent messages.
//!
//! Everything here follows the public descriptions. Where those leave a behaviour open, [`switches`] has a row for it,
//! because a test must not turn a guess into a fact. [`identity`] knows who signed in and [`people`] what each may do.
//! [`tenant`] holds skills, agents and contacts, moved by the same events that a stream would carry, and [`inbox`] what
//! was sent to the agents. [`judge`] knows from the answers to polls what was due.

pub mod contact;
pub mod counts;
pub mod identity;
pub mod inbox;
pub mod judge;
pub mod people;
pub mod tenant;
pub mod time;
pub mod view;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::clock::Micros;
use crate::event::Seen;
use crate::options::Options;
use crate::options::published::PublishedOptions;
pub use crate::options::switches;
use crate::options::switches::Switches;
use crate::report::Report;
use crate::service::rate_limit::RateLimit;
use crate::traffic::{Day, queue_names};
use contact::At;
use counts::Counts;
use identity::Identity;
use inbox::{Addressee, Draft, Inbox, Stored};
use judge::{Judge, Patience};
use people::Person;
use tenant::Tenant;

/// How long what is given out lives, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Lifetimes {
    /// Access tokens.
    pub access_seconds: u64,
    /// Refresh tokens.
    pub refresh_seconds: u64,
    /// Authorization codes.
    pub code_seconds: u64,
}

/// A client's knowledge once it has an answer. The answer carries it to where it is known to be given.
#[derive(Debug, Clone)]
pub enum Told {
    /// Skills by place, and since when the longest waits in each.
    Skills(Vec<(usize, Option<At>)>),
    /// Contacts of `contacts/active` by number, with the place of their agent.
    Contacts(Vec<(u64, Option<usize>)>),
    /// Digital contacts in the same way.
    Cases(Vec<(u64, Option<usize>)>),
    /// The messages of a digital contact.
    Messages(u64),
    /// The subjects of agent messages that were taken.
    Stored(Vec<String>),
}

/// Everything that only the published service has.
#[derive(Debug)]
pub struct Published {
    /// How it was started.
    pub options: PublishedOptions,
    /// Behaviour that is open in the descriptions, and how this tenant has it.
    pub switches: Mutex<Switches>,
    /// How long what is given out from now on lives.
    pub lifetimes: Mutex<Lifetimes>,
    /// Who signed in, and which tokens are good.
    pub identity: Mutex<Identity>,
    /// Skills, agents and contacts.
    pub tenant: Mutex<Tenant>,
    /// Agent messages and signals.
    pub inbox: Mutex<Inbox>,
    /// The oracle, which knows the cards that are due.
    pub judge: Mutex<Judge>,
    /// Requests by endpoint.
    pub counts: Mutex<Counts>,
    /// The tenant's limits: of the digital service, and of the API host.
    pub limits: Mutex<(Option<RateLimit>, Option<RateLimit>)>,
    day: Mutex<Option<Day>>,
}

impl Published {
    /// A tenant that nobody has signed in to.
    ///
    /// # Errors
    /// What is wrong with a switch.
    pub fn new(options: &Options) -> Result<Self, String> {
        let access_seconds = options.access.token_seconds;
        let rules = options.rules();
        let seconds = |seconds: f64| (seconds * 1e6) as At;
        let patience = Patience {
            notice: seconds(options.published.notice_seconds),
            recovery: seconds(options.published.recovery_seconds),
        };
        let (traffic, options) = (&options.traffic, &options.published);
        let mut tenant = Tenant::new(&queue_names(&traffic.queues), options.agents);
        let day = options.day().filter(|_| traffic.replay.is_none());
        let mut day = day.map(|contacts| Day::new(traffic, contacts, options.talk_stretch));
        for (at, event) in day.as_mut().map(Day::before_start).unwrap_or_default() {
            if let Some(seen) = serde_json::to_vec(&event).ok().and_then(|bytes| Seen::read(&bytes)) {
                tenant.event(&seen, (at * 1_000.0) as At);
            }
        }
        // A sixtieth of an hour's requests, or a sixth of a minute's, may come at once.
        let limit = |number: u64, seconds: f64, burst: f64| {
            (number > 0).then(|| RateLimit::with_burst(number as f64 / seconds, number as f64 / burst))
        };
        let mut switches = options.switches_seed.map_or_else(Switches::default, Switches::at_random);
        for setting in &options.switches {
            switches.set_text(setting)?;
        }
        Ok(Self {
            options: options.clone(),
            switches: Mutex::new(switches),
            lifetimes: Mutex::new(Lifetimes {
                access_seconds,
                refresh_seconds: options.refresh_seconds,
                code_seconds: options.code_seconds,
            }),
            identity: Mutex::default(),
            tenant: Mutex::new(tenant),
            inbox: Mutex::default(),
            judge: Mutex::new(Judge::new(rules, patience)),
            counts: Mutex::default(),
            limits: Mutex::new((
                limit(options.digital_per_hour, 3_600.0, 60.0),
                limit(options.acd_per_minute, 60.0, 6.0),
            )),
            day: Mutex::new(day),
        })
    }

    /// The day that goes on from the start; it is there once.
    pub fn take_day(&self) -> Option<Day> {
        self.day.lock().take()
    }

    /// Stores an agent message.
    pub fn store(&self, draft: Draft, by: &'static Person, now: At, at_unix: impl Fn(i64) -> At) -> Stored {
        let stored = self.inbox.lock().store(draft, by.user, now, at_unix);
        // The tenant first, as everywhere: two locks in two orders would wait for each other.
        let tenant = self.tenant.lock();
        self.judge.lock().stored(&tenant, &stored);
        drop(tenant);
        stored
    }

    /// An event of the traffic happened.
    pub fn happened(&self, seen: &Seen, at: At) {
        let mut tenant = self.tenant.lock();
        let number = tenant.event(seen, at);
        let mut judge = self.judge.lock();
        if let Some(contact) = tenant.contact(number) {
            judge.moved(contact, at);
        }
        judge.sweep_now_and_then(at);
    }

    /// A fault moves a share of the contacts. Says how many.
    pub fn move_contacts(&self, share: f64, at: At, how: fn(&mut Tenant, f64, At) -> Vec<u64>) -> usize {
        let mut tenant = self.tenant.lock();
        let moved = how(&mut tenant, share, at);
        let mut judge = self.judge.lock();
        for contact in moved.iter().filter_map(|number| tenant.contact(*number)) {
            judge.moved(contact, at);
        }
        moved.len()
    }

    /// A client has an answer.
    pub fn told(&self, told: &Told, at: At) {
        let switches = self.switches();
        let tenant = self.tenant.lock();
        let mut judge = self.judge.lock();
        match told {
            Told::Skills(skills) => judge.told_skills(&tenant, skills, at),
            Told::Contacts(contacts) => judge.told_contacts(&tenant, contacts, at),
            Told::Cases(cases) => judge.told_cases(&tenant, &switches, cases, at),
            Told::Messages(number) => judge.told_messages(&tenant, &switches, *number, at),
            Told::Stored(subjects) => judge.told_stored(subjects),
        }
    }

    /// A fault answered agent messages in a way that ends them.
    pub fn refused(&self, to: &[Addressee], at: At) {
        let tenant = self.tenant.lock();
        let mut judge = self.judge.lock();
        for addressee in to {
            judge.refused(&tenant, *addressee, at);
        }
    }

    /// The judge's report, with the counts beside it.
    pub fn report(&self, now: Micros, patience: Micros, last: bool) -> Report {
        let (mut report, mut tally) = {
            let judge = self.judge.lock();
            (judge.report(now as At, patience as At, last), judge.tally())
        };
        tally.signals = self.inbox.lock().signals().len() as u64;
        let counts = self.counts.lock().shown(now);
        tally.endpoints = counts.into_iter().map(|(endpoint, count)| (endpoint.to_owned(), count)).collect();
        report.published = Some(tally);
        report
    }

    /// How long what is given out now lives.
    pub fn lifetimes(&self) -> Lifetimes {
        *self.lifetimes.lock()
    }

    /// The switches as they stand now.
    pub fn switches(&self) -> Switches {
        *self.switches.lock()
    }
}
