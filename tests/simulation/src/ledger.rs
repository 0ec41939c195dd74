//! What the simulation itself knows of every card, and what follows from what happens.

use std::collections::BTreeMap;

use cuewire::core::input::{Input, Outcome};
use cuewire::core::status::State as Shown;
use cuewire::protocol::Reply;

use crate::answers::Wait;
use crate::person::Wish;
use crate::plan::{HOSTS, MARK};
use crate::tally::Check;
use crate::world::World;

/// At most so many tries of one card in any minute, and one more for each start of the worker and each act of a person.
pub const CARD_TRIES: usize = 18;
/// The same for card requests that the server did not take, for all cards of the outbox together.
pub const CARD_FAILURES: usize = 100;
/// The same for token requests: a token that lives a second is asked for every second, and never more often.
pub const TOKENS: usize = 60;
/// The same for stream opens: open for the ten seconds that make a stream good, closed, refused twice, and so on.
pub const OPENS: usize = 12;
/// The same for commits that the storage refused.
pub const REFUSALS: usize = 14;

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
    /// Its number in the outbox, as last written.
    pub sequence: u64,
    /// The same, as it is durable.
    pub durable_sequence: u64,
    /// As it is durable.
    pub form: Option<Form>,
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
    /// It may come due once more under the same rule: its record was damaged.
    pub may_return: bool,
    /// A rule of this interaction fired, known to the present worker or durable.
    pub fired: bool,
    pub fired_durable: bool,
}

/// A wait that a server asked for.
#[derive(Debug)]
pub struct Hold {
    pub host: usize,
    pub until: u64,
    pub durable: bool,
    pub serial: Option<u64>,
}

/// When an interaction was last heard by a worker, and what of that is durable.
#[derive(Debug, Clone, Copy, Default)]
pub struct Heard {
    pub at: u64,
    /// What its newest record says, and when it was first written so.
    pub seen: (u64, u64),
    pub written: u64,
    pub durable_seen: u64,
    /// The record but for the instant and the checksum, as one number.
    pub rules: u64,
}

/// All that is known.
#[derive(Debug, Default)]
pub struct Ledger {
    pub cards: Vec<Card>,
    /// Keys that the next whole commit must hold.
    pub must: Vec<String>,
    pub holds: Vec<Hold>,
    /// What is being heard: which utterance, from which host.
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
    pub refusal_times: Vec<u64>,
    pub starts: Vec<u64>,
    pub pushes: Vec<u64>,
    pub paused: bool,
    pub paused_until: u64,
    pub rule_paused: [bool; 2],
    /// Nothing is to be written, as far as can be told from outside.
    pub clean: bool,
    /// What is handled now asks for no write.
    pub idle: bool,
    pub committed: bool,
    pub last_commit: u64,
    /// The newest commit has not been answered.
    pub awaiting: bool,
    pub expect_damage: bool,
    pub expect_loss: bool,
    pub clearing: bool,
    pub token_failed: bool,
    /// A person's wish is being carried out.
    pub wished: bool,
    pub probe: Option<(usize, u64)>,
    /// Cards whose rules a commit says have fired.
    pub fired_now: Vec<usize>,
    pub streamed_at: u64,
    pub settled_at: u64,
    pub help_at: u64,
    pub newer_copy: Option<BTreeMap<String, String>>,
    kind: u8,
}

const COMMITTED: u8 = 1;
const STARTED: u8 = 2;
const CLOSED: u8 = 3;

impl World {
    /// Before an input is handled.
    pub(crate) fn prepare_checks(&mut self, input: &Input<'_>) {
        self.ledger.committed = false;
        self.ledger.idle = false;
        self.ledger.wished = matches!(input, Input::Command(..) | Input::SettingsStored(..) | Input::OnlineChanged(_));
        self.ledger.kind = match input {
            Input::Committed(id) if id.0 == self.ledger.last_commit => {
                self.ledger.awaiting = false;
                COMMITTED
            }
            Input::CommitFailed(id, _) if id.0 == self.ledger.last_commit => {
                self.ledger.awaiting = false;
                0
            }
            Input::Started(_) => STARTED,
            Input::StreamClosed(..) => CLOSED,
            _ => 0,
        };
        let open = self.ledger.cards.iter().any(|card| card.form == Some(Form::Open));
        let paused = self.ledger.paused || self.ledger.rule_paused != [false; 2];
        let clean = self.ledger.clean && self.worker.running && !open && !paused;
        match input {
            Input::Frame(..) => match self.ledger.hearing {
                None => self.ledger.idle = clean,
                Some((utterance, host)) => self.hear(utterance, host, clean),
            },
            Input::Tick => self.ledger.idle = clean,
            _ => {}
        }
    }

    /// A frame of the present socket.
    fn hear(&mut self, utterance: usize, host: usize, clean: bool) {
        let Some(at) = self.utterances[utterance].interaction else {
            self.ledger.idle = clean;
            return;
        };
        let Some(setup) = self.worker.setup.filter(|_| self.worker.running) else { return };
        let setup = self.setups[setup].clone();
        let (now, last) = (self.perceived(), self.utterances[utterance].last);
        if self.ledger.heard.len() <= at {
            self.ledger.heard.resize(at + 1, Heard::default());
        }
        let before = std::mem::replace(&mut self.ledger.heard[at].at, now);
        let fulfils = self.utterances[utterance].fulfils(&setup);
        let setups = self.worker.setup;
        self.trace.line(|| format!("heard {at}: {fulfils:?} by setup {setups:?}"));
        self.interactions[at].ended |= last;
        let fired = |world: &World, rule: usize| {
            world.ledger.cards.iter().any(|card| card.interaction == at && card.rule == rule && card.fired)
        };
        let known = self.ledger.cards.iter().any(|card| card.interaction == at);
        self.ledger.idle = clean && fulfils == [false; 2] && !known;
        for rule in (0..2).filter(|rule| fulfils[*rule]) {
            if self.interactions[at].due_at[rule] == 0 {
                self.interactions[at].due_at[rule] = now;
            }
            if !self.interactions[at].qualified[rule] {
                self.interactions[at].qualified[rule] = true;
                self.tally.qualified += 1;
            }
        }
        if before > 0 && now >= before + setup.remember {
            for rule in 0..2 {
                // One that came due before and is not written yet takes nothing away.
                let pending = self.interactions[at].due_at[rule] > 0;
                self.interactions[at].lapsed[rule] = 1 + u8::from(pending);
            }
        }
        let gray = self.interactions[at].blurred
            || setup.dry_run
            || setup.host != host
            || self.ledger.paused
            || self.ledger.rule_paused != [false; 2];
        let life = self.worker.life;
        if gray {
            if fulfils != [false; 2] {
                self.interactions[at].gray_in = life;
            }
            return;
        }
        if self.interactions[at].gray_in == life {
            return;
        }
        let never = |world: &World, rule: usize| {
            !world.ledger.cards.iter().any(|card| {
                card.interaction == at && (!setup.per_rule || card.rule == rule) && (card.fired || card.form.is_some())
            })
        };
        let pending = |world: &World| world.interactions[at].keys.iter().any(|key| world.ledger.must.contains(key));
        for rule in (0..2).filter(|rule| fulfils[*rule]) {
            if !setup.per_rule && pending(self) {
                break;
            }
            if never(self, rule) && !fired(self, rule) {
                let key = self.interactions[at].keys[rule].clone();
                if !self.ledger.must.contains(&key) {
                    self.ledger.must.push(key);
                }
                if !setup.per_rule {
                    break;
                }
            }
        }
    }

    /// After an input was handled and its effects are under way.
    pub(crate) fn check_after_step(&mut self) {
        if !self.ledger.committed && matches!(self.ledger.kind, COMMITTED | STARTED) && !self.storage.is_writing() {
            self.ledger.clean = true;
        }
        if self.ledger.committed {
            self.ledger.clean = false;
        }
        if !self.ledger.must.is_empty() {
            let wall = self.wall();
            let due = self.worker.pipeline.next_deadline().map_or(u64::MAX, |due| due.0);
            let soon = self.storage.is_writing() || due <= wall + 46_000;
            self.check(Check::NoneMissed, soon, || "a trigger is not being written, and nothing is due".to_owned());
        }
        let long = self.ledger.kind == CLOSED && self.ledger.attempt >= 6;
        if long || self.tally.inputs.is_multiple_of(64) {
            self.look_at_status();
        }
    }

    fn look_at_status(&mut self) {
        let status = self.worker.pipeline.status();
        let wall = self.wall();
        let flight = status.in_flight;
        self.check(Check::InFlight, flight <= 4, || format!("{flight} cards in flight"));
        if let Shown::Reconnecting { at } = status.state
            && !self.ledger.token_failed
            && !self.clock_was_odd
        {
            let wait = at.0.saturating_sub(wall);
            self.check(Check::RetryBound, wait <= 45_000, || format!("the stream waits {wait} ms"));
        }
        if let Some(until) =
            status.diagnoses.iter().find(|wrong| wrong.code == "rateLimited").map(|wrong| &wrong.values[0])
        {
            let wait = until.parse::<u64>().unwrap_or(u64::MAX).saturating_sub(wall);
            let odd = self.clock_was_odd;
            self.check(Check::WaitBound, odd || wait <= 3_600_000, || format!("a wait of {wait} ms"));
        }
        let records = self.storage.journal.len();
        let bound = 3 * self.interactions.len() * 2 + 40;
        self.check(Check::Bounds, records <= bound, || format!("{records} records"));
    }

    /// Nothing that is shown holds a secret.
    pub(crate) fn look_at_secrets(&mut self) {
        let wall = cuewire::core::time::Millis(self.wall());
        let shown = format!("{:?}", self.worker.pipeline.dashboard(wall));
        self.check(Check::SecretKept, !shown.contains(MARK), || "a secret on the dashboard".to_owned());
        let inside = format!("{:?}", self.worker.pipeline);
        self.check(Check::SecretKept, !inside.contains(MARK), || {
            let at = inside.find(MARK).unwrap_or(0);
            let start = inside[..at].char_indices().rev().nth(60).map_or(0, |(at, _)| at);
            format!("a secret in the pipeline's Debug: …{}…", &inside[start..at])
        });
    }

    /// A worker reads what is stored.
    pub(crate) fn note_start(&mut self) {
        let perceived = self.perceived();
        let ledger = &mut self.ledger;
        ledger.starts.push(perceived);
        ledger.attempt = 0;
        ledger.stream_not_before = 0;
        ledger.must.clear();
        ledger.clean = false;
        let pauses = self.storage.journal.get("pauses");
        ledger.paused = pauses.is_some_and(|text| text.contains("\"scope\":null"));
        ledger.rule_paused = [pauses.is_some(); 2];
        ledger.paused_until = 0;
        ledger.token_failed = false;
        ledger.awaiting = false;
        ledger.clearing = false;
        self.interactions.iter_mut().for_each(|interaction| interaction.due_at = [0; 2]);
        for card in &mut ledger.cards {
            card.failed_here = 0;
            card.not_before = 0;
        }
    }

    /// What a worker makes of damage and loss is shown.
    pub(crate) fn look_at_start(&mut self) {
        if !self.worker.running {
            let shown = self.worker.pipeline.status().diagnoses;
            let named = shown.iter().any(|wrong| wrong.code == "storageNewer" || wrong.code == "storageFailing");
            self.check(Check::LossShown, named, || "an unreadable journal is not shown".to_owned());
            return;
        }
        let (damage, loss) = (self.ledger.expect_damage, self.ledger.expect_loss);
        if !damage && !loss {
            return;
        }
        self.ledger.expect_damage = false;
        self.ledger.expect_loss = false;
        let shown = self.worker.pipeline.status().diagnoses;
        let has = |code: &str| shown.iter().any(|wrong| wrong.code == code);
        if damage {
            self.check(Check::DamageShown, has("storageDamaged"), || "damage is not shown".to_owned());
        }
        if loss {
            self.check(Check::LossShown, has("storageLost"), || "loss is not shown".to_owned());
        }
    }

    /// The worker is dead: what it alone knew is gone.
    pub(crate) fn note_death(&mut self) {
        let life = self.worker.life;
        let unheard: Vec<usize> = (self.requests.iter())
            .filter(|request| request.life == life && request.taken && !request.over)
            .filter_map(|request| match request.purpose {
                crate::wire::Purpose::Card(card) => Some(card),
                crate::wire::Purpose::Token => None,
            })
            .collect();
        for card in unheard {
            self.lose_answer(card);
        }
        // What was heard since it was last written is as good as not heard, but for the slack that the memory allows for.
        let slack = self.plan.setup.remember / 16;
        for heard in &mut self.ledger.heard {
            heard.at = heard.at.min(heard.written + slack);
            heard.seen = (heard.durable_seen, heard.written);
            heard.rules = 0;
        }
        for at in 0..self.ledger.cards.len() {
            if self.ledger.cards[at].delivered_in.take().is_some() && self.ledger.cards[at].form.is_some() {
                self.lose_answer(at);
            }
            let card = &mut self.ledger.cards[at];
            card.sequence = if card.form.is_some() { card.durable_sequence } else { 0 };
            card.given_up = card.form == Some(Form::GivenUp);
            card.fired = card.fired_durable;
            card.dropped = false;
        }
        let before = self.ledger.holds.len();
        self.ledger.holds.retain(|hold| hold.durable);
        self.tally.waits_lost += (before - self.ledger.holds.len()) as u64;
        self.ledger.must.clear();
        self.ledger.clean = false;
    }

    pub(crate) fn lose_answer(&mut self, card: usize) {
        self.ledger.cards[card].lost += 1;
        self.tally.lost_answers += 1;
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
        match (outcome, status) {
            (_, 200..=299 | 409) => {
                let card = &mut self.ledger.cards[card];
                card.delivered_in = Some(life);
                self.tally.delivered += 1;
                return;
            }
            (_, 429) => {
                let until = perceived + wait.unwrap_or(0);
                self.ledger.holds.push(Hold { host, until, durable: false, serial: None });
                // It must outlive the worker: it is in the very next commit.
                let key = format!("hold/{}", HOSTS[host]);
                if !self.ledger.must.contains(&key) {
                    self.ledger.must.push(key);
                }
            }
            (_, 403) => self.ledger.cards[card].forbidden = true,
            (Outcome::Redirected, _) => self.ledger.cards[card].refused = Some(0),
            (_, 408 | 500..=599) | (Outcome::Failed(_), _) => self.note_failure(card, wait.unwrap_or(0)),
            (_, 401) => {}
            (_, status) => self.ledger.cards[card].refused = Some(status),
        }
        self.count_failure();
    }

    fn count_failure(&mut self) {
        let perceived = self.perceived();
        let allowed = CARD_FAILURES + self.allowance(perceived);
        let count = count_in_minute(&mut self.ledger.failure_times, perceived);
        self.tally.most[1] = self.tally.most[1].max(count as u64);
        self.check(Check::FailureRate, count <= allowed, || format!("{count} failed card requests in a minute"));
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

    /// More is allowed in a minute in which the worker started, or a person pressed something.
    pub(crate) fn allowance(&mut self, perceived: u64) -> usize {
        let ledger = &mut self.ledger;
        let fresh = |at: &u64| *at + 60_000 > perceived;
        ledger.starts.retain(fresh);
        ledger.pushes.retain(fresh);
        ledger.starts.len() + 2 * ledger.pushes.len()
    }

    pub(crate) fn note_token_request(&mut self) {
        let perceived = self.perceived();
        let allowed = TOKENS + self.allowance(perceived);
        let count = count_in_minute(&mut self.ledger.token_times, perceived);
        self.tally.most[2] = self.tally.most[2].max(count as u64);
        self.check(Check::TokenRate, count <= allowed, || format!("{count} token requests in a minute"));
    }

    pub(crate) fn note_token_answer(&mut self, outcome: &Outcome) {
        let plain = |status: u16, body: &str| (200..300).contains(&status) && body.contains("3600");
        if !matches!(outcome, Outcome::Answer(answer) if plain(answer.status, &answer.body)) {
            self.ledger.token_failed = true;
        }
    }

    pub(crate) fn note_stream_open(&mut self) {
        let perceived = self.perceived();
        // A clock that jumps makes a stream look old enough to start its backoff over.
        let earliest = if self.clock_was_odd { 0 } else { self.ledger.stream_not_before };
        self.check(Check::StreamBackoff, perceived >= earliest, || {
            format!("the stream reopened {} ms before its backoff", earliest - perceived)
        });
        let paused = self.ledger.paused && perceived < self.ledger.paused_until;
        self.check(Check::PausedIsQuiet, !paused, || "the stream opened while paused".to_owned());
        // A worker that starts counts its tries anew: up to three fall into what is left of the minute.
        let allowed = OPENS + 3 * self.allowance(perceived);
        let count = count_in_minute(&mut self.ledger.open_times, perceived);
        self.tally.most[3] = self.tally.most[3].max((count + OPENS).saturating_sub(allowed) as u64);
        self.check(Check::StreamRate, count <= allowed, || format!("{count} stream opens in a minute"));
    }

    /// The present socket has closed, or was closed.
    pub(crate) fn note_stream_end(&mut self, at: usize) {
        if self.ledger.wished {
            self.ledger.attempt = 0;
            return; // A person closed it, and may have it opened at once.
        }
        let perceived = self.perceived();
        let stable = self.sockets[at].opened && perceived >= self.ledger.opened_at + 10_000;
        if stable {
            self.ledger.attempt = 0;
        }
        let base = 1_000 << self.ledger.attempt.min(5);
        self.ledger.stream_not_before = perceived + base.min(30_000);
        self.ledger.attempt += 1;
    }

    /// A person asks for something: waits may end early, and cards may go.
    pub(crate) fn note_wish(&mut self, wish: &Wish) {
        let perceived = self.perceived();
        if !matches!(wish, Wish::Look) {
            self.ledger.pushes.push(perceived);
        }
        match wish {
            Wish::TryAgain(_) => {
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
                        Some(named) => self.interactions[card.interaction].card_ids[card.rule] == *named,
                        None => card.given_up,
                    };
                    card.dropped |= meant;
                }
            }
            Wish::Clear => {
                self.ledger.clearing = true;
                self.ledger.heard.iter_mut().for_each(|heard| heard.rules = 0);
                self.ledger.cards.iter_mut().for_each(|card| (card.fired, card.sequence) = (false, 0));
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
                self.ledger.rule_paused = [true; 2];
            }
            Wish::Pause(_, Some(rule)) => self.ledger.rule_paused[*rule] = true,
            Wish::Resume(None) => {
                self.ledger.paused = false;
                self.ledger.rule_paused = [true; 2];
                self.ledger.stream_not_before = 0;
                self.ledger.attempt = 0;
            }
            Wish::Resume(Some(_)) | Wish::Save(_) | Wish::Look => {}
        }
    }

    /// Settings are stored and come into force.
    pub(crate) fn note_settings(&mut self, setup: Option<usize>) {
        if setup.is_some() {
            self.worker.setup = setup;
            let perceived = self.perceived();
            self.ledger.pushes.push(perceived);
            self.ledger.stream_not_before = 0;
            self.ledger.attempt = 0;
        }
    }

    pub(crate) fn note_reply(&mut self, wish: &Wish, reply: &Reply) {
        if let (Wish::Resume(Some(rule)), Reply::Done) = (wish, reply) {
            let perceived = self.now + self.forward;
            self.ledger.rule_paused[*rule] = self.ledger.paused && perceived < self.ledger.paused_until;
        }
        if matches!((wish, reply), (Wish::Save(_), Reply::Rejected(_))) {
            self.fail(Check::Answered, || format!("good settings rejected: {reply:?}"));
        }
    }

    /// The journal is gone.
    pub(crate) fn note_emptied(&mut self) {
        self.ledger.heard.iter_mut().for_each(|heard| heard.rules = 0);
        self.ledger.expect_loss = true;
        self.ledger.expect_damage = false;
        self.ledger.holds.clear();
        for at in 0..self.ledger.cards.len() {
            self.forget_card(at);
        }
    }

    fn forget_card(&mut self, at: usize) {
        let card = &mut self.ledger.cards[at];
        card.form = None;
        card.fired = false;
        card.fired_durable = false;
        card.sequence = 0;
        card.given_up = false;
        // Whatever the server has of it may come again, and nobody can know.
        self.lose_answer(at);
    }

    /// A record is damaged.
    pub(crate) fn note_damage(&mut self, key: &str) {
        self.ledger.expect_damage = true;
        self.ledger.heard.iter_mut().for_each(|heard| heard.rules = 0);
        if key.starts_with("hold/") {
            self.ledger.holds.clear();
        }
        if key == "meta" {
            self.clock_was_odd = true;
        }
        for interaction in self.interactions.iter_mut().filter(|interaction| interaction.memory_key == key) {
            interaction.blurred = true;
        }
        let interactions = &self.interactions;
        let hit = self.ledger.cards.iter().position(|card| interactions[card.interaction].keys[card.rule] == key);
        if let Some(at) = hit {
            self.ledger.cards[at].form = None;
            self.ledger.cards[at].sequence = 0;
            self.ledger.cards[at].given_up = false;
            self.ledger.cards[at].may_return = true;
            self.lose_answer(at);
        }
        self.trace.line(|| format!("damaged: {key}"));
    }

    /// All is gone because a person wanted it so, but for what came since.
    pub(crate) fn note_cleared(&mut self) {
        self.ledger.holds.clear();
        for at in 0..self.ledger.cards.len() {
            self.ledger.cards[at].form = None;
            self.ledger.cards[at].fired_durable = false;
            self.lose_answer(at);
        }
    }
}

/// Notes an instant and counts those of the last minute.
pub fn count_in_minute(times: &mut Vec<u64>, now: u64) -> usize {
    times.retain(|at| at + 60_000 > now);
    times.push(now);
    times.len()
}
