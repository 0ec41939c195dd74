//! The state that the parts of the simulator share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::clock::{Clock, SECOND};
use crate::event::Seen;
use crate::faults::{Board, Fault, Request};
use crate::floor::Floor;
use crate::options::Options;
use crate::options::published::Service;
use crate::oracle::Oracle;
use crate::published::Published;
use crate::published::tenant::Tenant;
use crate::report::Report;
use crate::service::audience::{Audience, Order};
use crate::service::cards::Cards;
use crate::service::rate_limit::RateLimit;
use crate::service::requests::Requests;
use crate::service::tokens::Tokens;
use crate::traffic::{Recorder, Traffic};

/// One simulated organisation.
#[derive(Debug)]
pub struct World {
    /// How it was started.
    pub options: Options,
    /// Its time.
    pub clock: Clock,
    /// Access tokens.
    pub tokens: Mutex<Tokens>,
    /// Accepted cards.
    pub cards: Mutex<Cards>,
    /// The organisation-wide limit on cards.
    pub rate: Mutex<Option<RateLimit>>,
    /// Faults that are on.
    pub faults: Board,
    /// Clients on the stream.
    pub audience: Audience,
    /// The oracle, which knows the cards that are due.
    pub oracle: Mutex<Oracle>,
    /// Requests and their answers.
    pub requests: Mutex<Requests>,
    /// The agents' view.
    pub floor: Mutex<Floor>,
    /// How far traffic is.
    pub traffic: Traffic,
    /// The part that only the published service has; none where the contract is spoken.
    pub published: Option<Published>,
    /// Somebody asked the simulator to end.
    pub ending: Notify,
    garbage_made: AtomicU64,
    recorder: Mutex<Option<Recorder>>,
}

impl World {
    /// A world in which nothing has happened.
    ///
    /// # Errors
    /// Why the recording cannot be created, or what is wrong with a switch.
    pub fn new(options: Options) -> Result<Self, String> {
        let recorder = match &options.traffic.record {
            Some(path) => Some(Recorder::create(path).map_err(|error| format!("{}: {error}", path.display()))?),
            None => None,
        };
        let rate = options.desk.rate_limit;
        let published = match options.published.service {
            Service::Contract => None,
            Service::Published => Some(Published::new(&options)?),
        };
        let clock = Clock::start(options.access.clock_skew);
        let oracle = Oracle::new(options.rules(), options.expect.uncertain_ms * 1_000);
        let oracle = match options.rule_set()? {
            Some(set) => oracle.judging(options.given(set, clock.started())?),
            None => oracle,
        };
        Ok(Self {
            clock,
            tokens: Mutex::default(),
            cards: Mutex::new(Cards::new(options.desk.on_repeat)),
            rate: Mutex::new((rate > 0.0).then(|| RateLimit::new(rate, options.desk.rate_window))),
            faults: Board::default(),
            audience: Audience::default(),
            oracle: Mutex::new(oracle),
            requests: Mutex::default(),
            floor: Mutex::new(Floor::new(options.rules())),
            traffic: Traffic::default(),
            published,
            ending: Notify::new(),
            garbage_made: AtomicU64::new(0),
            recorder: Mutex::new(recorder),
            options,
        })
    }

    /// The server's clock now, with the skew of a fault.
    #[must_use]
    pub fn wall_now(&self) -> SystemTime {
        let now = self.clock.now();
        let skew = self.faults.skew(now);
        let (honest, by) = (self.clock.wall_at(now), Duration::from_secs(skew.unsigned_abs()));
        if skew >= 0 { honest + by } else { honest.checked_sub(by).unwrap_or(SystemTime::UNIX_EPOCH) }
    }

    /// The same in microseconds since 1970.
    #[must_use]
    pub fn unix_now(&self) -> i64 {
        let since = self.wall_now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    }

    /// Sends a frame to everyone who hears; says to how many.
    pub async fn broadcast(&self, bytes: Vec<u8>, binary: bool) -> usize {
        let frame = Arc::new(self.audience.frame(bytes, binary));
        let now = self.clock.now();
        if let Some(seen) = &frame.seen {
            self.happened(seen);
        }
        let reached = self.audience.send(frame.clone()).await;
        if reached > 0 && frame.seen.is_some() {
            let mut recorder = self.recorder.lock();
            if let Some(Err(error)) = recorder.as_mut().map(|recorder| recorder.add(&frame.bytes, now)) {
                tracing::error!(%error, "recording stopped");
                *recorder = None;
            }
        }
        reached
    }

    /// An event happened that nobody listened to: the agents see it all the same.
    pub fn unheard(&self, bytes: &[u8]) {
        if let Some(seen) = Seen::read(bytes) {
            self.happened(&seen);
        }
    }

    /// An interaction moved, whether or not any client hears of it.
    fn happened(&self, seen: &Seen) {
        let now = self.clock.now();
        match &self.published {
            Some(published) => published.happened(seen, now as i64),
            None => self.floor.lock().event(seen, now),
        }
    }

    /// Puts a fault on: strikes its blow, and lets it go on if it does. Gives its id (0 when it is over already) and
    /// how many it hit.
    pub async fn inflict(&self, request: Request, fault: Fault) -> (u64, usize) {
        let now = self.clock.now();
        let hit = match &fault {
            Fault::TokenRevoke => {
                let ended = self.tokens.lock().revoke_all();
                self.faults.count(&request.kind, 1);
                ended + self.published.as_ref().map_or(0, |published| published.identity.lock().revoke_access())
            }
            Fault::RefreshRevoke => {
                self.faults.count(&request.kind, 1);
                self.published.as_ref().map_or(0, |published| published.identity.lock().revoke_refresh())
            }
            Fault::ContactsVanish(share) => self.move_contacts(&request, *share, Tenant::vanish),
            Fault::AgentsChange(share) => self.move_contacts(&request, *share, Tenant::change_agents),
            Fault::Drop(code) => self.strike(&request, &Order::Close(*code)),
            Fault::Outage => self.strike(&request, &Order::Close(1006)),
            Fault::Silent => self.strike(&request, &Order::Silence),
            Fault::Garbage { kinds, .. } if request.seconds.is_none() => {
                let mut sent = 0;
                for kind in kinds {
                    let reached = self.garbage(*kind).await;
                    self.faults.count(&request.kind, u64::from(reached > 0));
                    sent += reached;
                }
                sent
            }
            _ => 0,
        };
        tracing::info!(kind = request.kind, hit, "fault");
        if !fault.goes_on(&request) {
            return (0, hit);
        }
        (self.faults.put(request, fault, now), hit)
    }

    fn move_contacts(&self, request: &Request, share: f64, how: fn(&mut Tenant, f64, i64) -> Vec<u64>) -> usize {
        let Some(published) = &self.published else { return 0 };
        self.faults.count(&request.kind, 1);
        published.move_contacts(share, self.clock.now() as i64, how)
    }

    fn strike(&self, request: &Request, order: &Order) -> usize {
        let hit = self.audience.order(order);
        self.faults.count(&request.kind, hit as u64);
        hit
    }

    /// Sends one frame of garbage; says to how many.
    pub async fn garbage(&self, kind: crate::faults::garbage::Garbage) -> usize {
        let number = self.garbage_made.fetch_add(1, Ordering::Relaxed);
        self.broadcast(kind.bytes(number), kind.binary_only()).await
    }

    /// The tally as it stands, with what the other parts know.
    #[must_use]
    pub fn report(&self, last: bool) -> Report {
        let patience = (self.options.expect.missed_after_seconds * SECOND as f64) as u64;
        let mut report = match &self.published {
            Some(published) => published.report(self.clock.now(), patience, last),
            None => self.oracle.lock().report(self.clock.now(), patience, last),
        };
        let requests = self.requests.lock();
        report.requests = requests.by_step();
        report.card_answers = requests.card_answers().clone();
        report.early = requests.early();
        report.stray_requests = requests.strays();
        report.rate_limited = report.card_answers.get("429").copied().unwrap_or_default();
        let cards = report.requests.get("card").copied().unwrap_or_default();
        report.rate_limited_share = if cards == 0 { 0.0 } else { report.rate_limited as f64 / cards as f64 };
        report.faults = self.faults.injected();
        report.lost_answers = report.faults.get("lost-answer").copied().unwrap_or_default();
        report.streams_opened = self.audience.opened();
        report.streams_open = self.audience.open() as u64;
        report
    }

    /// Whether nothing that is certainly due is still to come.
    #[must_use]
    pub fn settled(&self) -> bool {
        match &self.published {
            Some(published) => published.judge.lock().settled(),
            None => self.oracle.lock().settled(self.clock.now()),
        }
    }

    /// Starts the tally again from zero.
    pub fn reset(&self) {
        let now = self.clock.now();
        self.oracle.lock().reset(now);
        if let Some(published) = &self.published {
            published.judge.lock().reset(now as i64);
            published.counts.lock().reset();
        }
        self.requests.lock().reset();
        self.faults.reset_counts();
    }

    /// Completes the recording.
    pub fn finish_recording(&self) {
        if let Some(Err(error)) = self.recorder.lock().take().map(Recorder::finish) {
            tracing::error!(%error, "the recording is incomplete");
        }
    }
}
