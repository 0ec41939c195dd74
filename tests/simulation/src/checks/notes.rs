//! The simulation's own knowledge of every card, kept from the events of the world.

use cuewire::model::http::{Failure, Outcome};
use cuewire::views::protocol::Reply;

use crate::plan::{HOSTS, MARK};
use crate::tally::Check;
use crate::world::World;
use crate::world::card::{Card, Hold, UNSENT};
use crate::world::server::Wait;
use crate::world::wish::Wish;

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
