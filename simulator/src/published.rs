//! The service that NICE publishes, as `--service published` speaks it: discovery, sign-in, polls and agent messages.
//!
//! Everything here follows the public descriptions. Where those leave a behaviour open, [`switches`] has a row for it,
//! because a test must not turn a guess into a fact. [`identity`] knows who signed in and [`people`] what each may do.
//! [`tenant`] holds skills, agents and contacts, moved by the same events that a stream would carry, and [`inbox`] what
//! was sent to the agents.

pub mod contact;
pub mod counts;
pub mod identity;
pub mod inbox;
pub mod options;
pub mod people;
pub mod switches;
pub mod tenant;
pub mod time;
pub mod view;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::event::Seen;
use crate::options::Options;
use crate::rate_limit::{RateLimit, Window};
use crate::traffic::{Day, queue_names};
use contact::At;
use counts::Counts;
use identity::Identity;
use inbox::{Draft, Inbox, Stored};
use options::PublishedOptions;
use people::Person;
use switches::Switches;
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

/// Everything that only the published service has.
#[derive(Debug)]
pub struct Published {
    /// How it was started.
    pub options: PublishedOptions,
    /// What is open in the descriptions, and how this tenant has it.
    pub switches: Mutex<Switches>,
    /// How long what is given out from now on lives.
    pub lifetimes: Mutex<Lifetimes>,
    /// Who signed in, and which tokens are good.
    pub identity: Mutex<Identity>,
    /// Skills, agents and contacts.
    pub tenant: Mutex<Tenant>,
    /// Agent messages and signals.
    pub inbox: Mutex<Inbox>,
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
        let (traffic, options) = (&options.traffic, &options.published);
        let mut tenant = Tenant::new(&queue_names(&traffic.queues), options.agents);
        let day = options.day().filter(|_| traffic.replay.is_none());
        let mut day = day.map(|contacts| Day::new(traffic, contacts, options.talk_stretch));
        for (at, event) in day.as_mut().map(Day::before_start).unwrap_or_default() {
            if let Some(seen) = serde_json::to_vec(&event).ok().and_then(|bytes| Seen::read(&bytes)) {
                tenant.event(&seen, (at * 1_000.0) as At);
            }
        }
        let limit =
            |number: u64, seconds: f64| (number > 0).then(|| RateLimit::new(number as f64 / seconds, Window::Bucket));
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
            counts: Mutex::default(),
            limits: Mutex::new((limit(options.digital_per_hour, 3_600.0), limit(options.acd_per_minute, 60.0))),
            day: Mutex::new(day),
        })
    }

    /// The day that goes on from the start; it is there once.
    pub fn take_day(&self) -> Option<Day> {
        self.day.lock().take()
    }

    /// Stores an agent message.
    pub fn store(&self, draft: Draft, by: &'static Person, now: At, at_unix: impl Fn(i64) -> At) -> Stored {
        self.inbox.lock().store(draft, by.user, now, at_unix)
    }

    /// An event of the traffic happened.
    pub fn happened(&self, seen: &Seen, at: At) {
        self.tenant.lock().event(seen, at);
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
