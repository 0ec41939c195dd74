//! The simulation's own knowledge of every card, kept from the events of the world.

use std::collections::BTreeMap;

use cuewire::model::http::{Failure, Outcome};
use cuewire::views::protocol::Reply;

use crate::answers::Wait;
use crate::noise::{Pausing, Spent};
use crate::person::Wish;
use crate::plan::{HOSTS, MARK};
use crate::tally::Check;
use crate::world::World;

/// The status of a request that the browser did not let out.
pub const UNSENT: u16 = 999;

/// How a card is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Open,
    GivenUp,
}

/// One card, from the outside.
#[derive(Debug)]
pub struct Card {
    pub interaction: usize,
    pub rule: usize,
    /// Whose it is.
    pub host: usize,
    /// Its number in the outbox, as last written.
    pub sequence: u64,
    /// The same, as it is durable.
    pub durable_sequence: u64,
    /// Its place among all acceptances that were written, durable or not.
    pub place: u64,
    /// Its failed tries and the earliest next one, as they are durable.
    pub durable_tries: u32,
    pub durable_not_before: u64,
    /// When that one may have been accepted at the earliest.
    pub durable_due_at: u64,
    /// As it is durable.
    pub form: Option<Form>,
    /// The card has a record, as last written, durable or not.
    pub written: bool,
    /// As it was last written, durable or not.
    pub given_up: bool,
    pub accepted_at: u64,
    /// When it may have been accepted at the earliest: it is written later than it is heard.
    pub due_at: u64,
    /// When a person last asked for it again.
    pub again_at: u64,
    /// The life that was told it is delivered, and has not made that durable.
    pub delivered_in: Option<u32>,
    /// Answers to acceptances that never closed it.
    pub lost: u32,
    /// A person dropped it.
    pub dropped: bool,
    /// Statuses heard of it, by kind.
    pub forbidden: bool,
    pub refused: Option<u16>,
    pub failures: u32,
    /// Failures heard in this life, and the earliest next try in perceived time.
    pub failed_here: u32,
    pub not_before: u64,
    pub tries: Vec<u64>,
    /// The card may come due once more under the same rule, because its record was damaged.
    pub may_return: bool,
    /// A rule of this interaction fired, known to the present worker or durable.
    pub fired: bool,
    pub fired_durable: bool,
    /// The server answered it, or has it for all that is known; and whether that is durable.
    pub reached: bool,
    pub durable_reached: bool,
    /// The card expired before any server had it, so its interaction may be due again.
    pub unreached: bool,
    /// Which queue it names.
    pub queue: Option<usize>,
    /// The server has taken it.
    pub served: bool,
    /// The willing time of its server when the card was durable.
    pub willing_from: u64,
}

/// A wait that a server asked for.
#[derive(Debug)]
pub struct Hold {
    pub host: usize,
    pub until: u64,
    pub durable: bool,
    /// A batch was asked for that holds it.
    pub asked: bool,
    pub serial: Option<u64>,
}

/// When an interaction was last heard by a worker, and what of that is durable.
#[derive(Debug, Clone, Copy, Default)]
pub struct Heard {
    pub at: u64,
    /// The newest record of the card, and when that state was first written.
    pub seen: (u64, u64),
    pub written: u64,
    pub durable_seen: u64,
    /// The record but for the instant and the checksum, as one number.
    pub rules: u64,
    /// The queue it named last, as this worker heard.
    pub queue: Option<usize>,
}

/// All that is known.
#[derive(Debug, Default)]
pub struct Ledger {
    pub cards: Vec<Card>,
    /// Acceptances that were written, durable or not.
    pub acceptances: u64,
    /// The keys of the newest commit, until the worker hears that it is durable.
    pub asked: Option<Vec<String>>,
    /// Keys that the next whole commit must hold.
    pub must: Vec<String>,
    pub holds: Vec<Hold>,
    /// The utterance that is being heard, and its host.
    pub hearing: Option<(usize, usize)>,
    /// When each interaction was heard.
    pub heard: Vec<Heard>,
    pub opened_at: u64,
    pub attempt: u32,
    pub stream_not_before: u64,
    pub token_wait: u64,
    pub token_times: Vec<u64>,
    pub open_times: Vec<u64>,
    pub failure_times: Vec<u64>,
    /// Since a card was last taken: when cards were refused for the rate.
    pub limited_times: Vec<u64>,
    pub refusal_times: Vec<u64>,
    pub starts: Vec<u64>,
    /// When workers ended whose wait was not stored: the next one knows no backoff of theirs.
    pub unaware_starts: Vec<u64>,
    pub pushes: Vec<u64>,
    pub paused: bool,
    pub paused_until: u64,
    pub pausing: [Pausing; 2],
    /// Cards accepted from the budgets of queues.
    pub spent: Vec<Spent>,
    /// Nothing is to be written, as far as can be told from outside.
    pub clean: bool,
    /// The input that is handled now needs no write.
    pub idle: bool,
    pub committed: bool,
    pub last_commit: u64,
    /// The commit that first asked for what the newest one asks for.
    pub batch_from: u64,
    /// The newest commit has not been answered.
    pub awaiting: bool,
    pub expect_damage: bool,
    pub expect_loss: bool,
    pub clearing: bool,
    pub token_failed: bool,
    /// A person's wish is being carried out.
    pub wished: bool,
    pub probe: Option<(usize, u64)>,
    /// The core's own clock, as the newest whole commit says.
    pub clock: Option<u64>,
    /// When that was asked for.
    pub clock_at: u64,
    /// Cards whose rules a commit says have fired.
    pub fired_now: Vec<usize>,
    pub streamed_at: u64,
    pub settled_at: u64,
    pub help_at: u64,
    /// Commands that lead elsewhere, and bring no secret for it.
    pub bare: Vec<u64>,
    /// Commits of this life that nobody has answered, and when they were asked for.
    pub commits: Vec<(u64, u64)>,
    pub newer_copy: Option<BTreeMap<String, String>>,
    pub kind: u8,
}

impl World {
    /// Nothing that is shown holds a secret.
    pub(crate) fn look_at_secrets(&mut self) {
        let wall = cuewire::model::time::Millis(self.wall());
        let shown = format!("{:?}", self.worker.runner.pipeline().dashboard(wall));
        self.check(Check::SecretKept, !shown.contains(MARK), || "a secret on the dashboard".to_owned());
        let inside = format!("{:?}", self.worker.runner.pipeline());
        self.check(Check::SecretKept, !inside.contains(MARK), || {
            let at = inside.find(MARK).unwrap_or(0);
            let start = inside[..at].char_indices().rev().nth(60).map_or(0, |(at, _)| at);
            format!("a secret in the pipeline's Debug: …{}…", &inside[start..at])
        });
    }

    /// A card request is answered, or is not.
    pub(crate) fn note_answer(&mut self, card: usize, request: usize, outcome: &Outcome, wait: Option<Wait>) {
        let (perceived, host, life) = (self.perceived(), self.requests[request].host, self.worker.life);
        let status = match outcome {
            Outcome::Answer(answer) => answer.status,
            Outcome::Redirected | Outcome::Failed(_) => 0,
        };
        if self.requests[request].taken && !matches!(status, 200..=299 | 409) {
            self.lose_answer(card);
        }
        let wait = wait.map(|wait| match wait {
            Wait::Span(span) => span,
            Wait::Until(wall) => wall.saturating_sub(self.wall()).min(3_600_000),
        });
        let page = matches!(outcome, Outcome::Answer(answer) if status < 300 && answer.content_type.is_some());
        let status = if page { 0 } else { status };
        // Nothing was sent, so nothing is known of the card.
        let unsent = matches!(outcome, Outcome::Failed(Failure::NotPermitted));
        self.note_try(card, host, if unsent { UNSENT } else { status });
        if unsent {
            return;
        }
        self.ledger.cards[card].reached |= matches!(outcome, Outcome::Answer(_));
        match (outcome, status) {
            (_, 200..=299 | 409) => {
                let card = &mut self.ledger.cards[card];
                card.delivered_in = Some(life);
                self.ledger.limited_times.clear();
                self.tally.delivered += 1;
                return;
            }
            (_, 429) => {
                self.count_refusal();
                let until = perceived + wait.unwrap_or(0);
                self.ledger.holds.push(Hold { host, until, durable: false, asked: false, serial: None });
                // The change must outlive the worker, so it is in the very next commit.
                let key = format!("hold/{}", HOSTS[host]);
                if !self.ledger.must.contains(&key) {
                    self.ledger.must.push(key);
                }
            }
            (_, 403) => self.ledger.cards[card].forbidden = true,
            (_, 0 | 300..=399 | 408 | 500..=599) => self.note_failure(card, wait.unwrap_or(0)),
            (_, 401) => {}
            (_, status) => self.ledger.cards[card].refused = Some(status),
        }
        self.count_failure();
    }

    /// A try failed; the next one waits.
    pub(crate) fn note_failure(&mut self, card: usize, asked: u64) {
        let perceived = self.perceived();
        let card = &mut self.ledger.cards[card];
        card.failures += 1;
        card.failed_here += 1;
        let base = 1_000 << (card.failed_here - 1).min(5);
        card.not_before = perceived + base.min(30_000).max(asked);
    }

    /// A person asks for something: waits may end early, and cards may go.
    pub(crate) fn note_wish(&mut self, wish: &Wish) {
        let perceived = self.perceived();
        self.note_pausing(wish);
        if !matches!(wish, Wish::Look) {
            self.ledger.pushes.push(perceived);
        }
        match wish {
            Wish::TryAgain(_) => {
                self.note_tried_again();
                self.ledger.stream_not_before = 0;
                self.ledger.attempt = 0;
                for card in &mut self.ledger.cards {
                    card.not_before = 0;
                    card.failed_here = 0;
                    card.accepted_at = perceived;
                    card.again_at = if card.again_at == 0 { perceived } else { card.again_at };
                }
            }
            Wish::Drop(named) => {
                for card in &mut self.ledger.cards {
                    let meant = match named {
                        Some(named) => self.interactions[card.interaction].name_of(card.rule) == *named,
                        None => card.given_up,
                    };
                    card.dropped |= meant;
                }
            }
            Wish::Clear => {
                self.ledger.clearing = true;
                (self.ledger.expect_damage, self.ledger.expect_loss) = (false, false);
                self.ledger.heard.iter_mut().for_each(|heard| (heard.rules, heard.queue) = (0, None));
                let forget = |card: &mut Card| (card.fired, card.sequence, card.written) = (false, 0, false);
                self.ledger.cards.iter_mut().for_each(forget);
                self.ledger.must.clear();
                self.worker.setup = None;
                self.worker.running = true;
                self.ledger.paused = false;
                self.ledger.stream_not_before = 0;
                self.ledger.attempt = 0;
            }
            Wish::Pause(minutes, None) => {
                self.ledger.paused = true;
                self.ledger.paused_until = minutes.map_or(u64::MAX, |minutes| perceived + u64::from(minutes) * 60_000);
            }
            Wish::Resume(None) => {
                self.ledger.paused = false;
                self.ledger.stream_not_before = 0;
                self.ledger.attempt = 0;
            }
            Wish::Pause(_, Some(_)) | Wish::Resume(Some(_)) => {}
            Wish::Save(_) | Wish::SaveBare(_) | Wish::TestBare(_) | Wish::Look => {}
        }
    }

    /// Settings are stored and come into force.
    pub(crate) fn note_settings(&mut self, setup: Option<usize>) {
        if setup.is_some() {
            let host = |setup: Option<usize>| setup.map(|setup| self.setups[setup].host);
            if host(self.worker.setup) != host(setup) {
                self.forget_queues(); // Another organisation's interactions.
            }
            self.worker.setup = setup;
            self.worker.adopted = setup;
            self.forget_troubles();
            let perceived = self.perceived();
            self.ledger.pushes.push(perceived);
            self.ledger.stream_not_before = 0;
            self.ledger.attempt = 0;
        }
    }

    pub(crate) fn note_reply(&mut self, id: u64, wish: &Wish, reply: &Reply) {
        if let (Wish::Resume(Some(rule)), Reply::Done) = (wish, reply) {
            self.ledger.pausing[*rule].end();
        }
        let bare = self.ledger.bare.contains(&id);
        self.check(Check::RightHost, !bare || !matches!(reply, Reply::Done), || {
            "another organisation may have the secret of this one".to_owned()
        });
        if matches!((wish, reply), (Wish::Save(_), Reply::Rejected(_))) {
            self.fail(Check::Answered, || format!("good settings rejected: {reply:?}"));
        }
    }
}
