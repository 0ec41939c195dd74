//! The only entry to the core: inputs in, effects out, time as an argument.
//!
//! **A card is sent only after its record is durable, and its record is closed only after a settled answer.** A worker
//! killed between any two effects therefore repeats at worst, under the same `cardId`, and never forgets.

mod command;
pub mod effect;
pub mod input;
mod listen;
mod profile;
mod routes;
mod start;
mod storage;
mod update;
mod view;
mod vitals;

use std::collections::VecDeque;

use self::command::{Awaiting, Order};
use self::profile::Profile;
use self::routes::Closed;
use self::start::{Recall, Unjudged};
use self::vitals::{Alive, Counters};
use crate::api;
use crate::api::poll::Needs;
use crate::delivery::dispatch::Dispatch;
use crate::delivery::groups::Grouped;
use crate::delivery::handled::Handled;
use crate::delivery::noise::Spent;
use crate::delivery::outbox::CardView;
use crate::delivery::pauses::Pauses;
use crate::delivery::tried::Tried;
use crate::journal::Journal;
use crate::journal::turn::Turn;
use crate::link::frames::Frames;
use crate::link::polling::Polling;
use crate::link::probe::{Grounds, Probe};
use crate::link::session::Session;
use crate::link::stream::Stream;
use crate::model::diagnosis::{Diagnoses, Diagnosis};
use crate::model::history::GapCause;
use crate::model::random::Random;
use crate::model::time::{Clock, Millis};
use crate::pipeline::effect::{CommandId, Effect, Effects};
use crate::pipeline::input::Input;
use crate::recording::Recorder;
use crate::rules::Evaluator;
use crate::rules::replay::legend::Legend;
use crate::rules::window::LastQueues;
use crate::settings::Settings;
use crate::views::alerts::Alerts;
use crate::views::metrics::Metrics;
use crate::views::protocol::Request;
use crate::views::toolbar::Toolbar;
use crate::views::trouble::Trouble;

/// Well within the 20 s that Chrome advises against its idle kill at 30 s: what the next worker is told is no older.
const KEEP_ALIVE: Millis = Millis::from_secs(10);

/// Reading everything stored takes no longer, or something is wrong.
const LOAD_TIMEOUT: Millis = Millis::from_secs(30);

/// Pages hear of news at most four times a second.
const PUBLISH_INTERVAL: Millis = Millis(250);

/// Decides everything. See the module's documentation.
#[derive(Debug, Default)]
pub struct Pipeline {
    clock: Clock,
    random: Random,
    ids: u64,
    loopback_allowed: bool,
    phase: Phase,
    /// The read of the rules that fired, while it lasts.
    recall: Option<Box<Recall>>,
    unjudged: Unjudged,
    journal: Journal,
    diagnoses: Diagnoses,
    /// In a box, because each event takes the profile out and puts it back.
    profile: Option<Box<Profile>>,
    /// Stored settings whose secret is gone.
    incomplete: Option<Settings>,
    /// Settings came into force since everything was last asked to be read: what is read is older.
    adopted: bool,
    session: Session,
    stream: Stream,
    polling: Polling,
    dispatch: Dispatch,
    evaluator: Evaluator,
    tried: Tried,
    pauses: Pauses,
    handled: Handled,
    grouped: Grouped,
    counters: Counters,
    /// The last vitals of the worker before.
    alive: Alive,
    metrics: Metrics,
    spent: Spent,
    alerts: Alerts,
    trouble: Trouble,
    frames: Frames,
    queues: LastQueues,
    recorder: Recorder,
    /// What the recording keeps of fields that rules reach by pointer; empty while nothing is recorded.
    legend: Legend,
    /// Unreadable settings seem to ask for notifications.
    notify_unread: bool,
    /// Minutes that local time is ahead of UTC.
    local_offset: i32,
    recent: VecDeque<CardView>,
    pages: Pages,
    toolbar: Toolbar,
    keep_alive_at: Millis,
    orders: VecDeque<(CommandId, Order)>,
    /// Commands that are answered once what they changed is durable.
    awaiting: Vec<Awaiting>,
    /// Since when the browser holds an update ready.
    update: Option<Millis>,
    /// The engine is to be restarted, because a commit was unanswered for this many seconds.
    restarting: Option<u64>,
    /// The browser was asked to load the extension again.
    reloading: bool,
    probe: Option<Probe>,
    /// For sign-in windows, where the host opens any.
    grounds: Option<Grounds>,
    /// Nothing is due before. The parts are asked only then, or after an input that may have changed it.
    deadline: Option<Millis>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Phase {
    /// Nothing was read yet.
    #[default]
    Starting,
    /// The journal cannot be read: nothing may be sent, because it is not known what was sent before.
    Halted { retry_at: Option<Millis>, attempt: u32 },
    /// Hears already, and reads what fired. Until that is known nothing fires, nothing is sent and nothing is written.
    Recalling { attempt: u32 },
    /// In operation.
    Running,
}

#[derive(Debug, Default)]
struct Pages {
    open: u32,
    news: bool,
    published_at: Millis,
}

/// Splits a pipeline into what one part needs and the [`Turn`] it shares.
macro_rules! turn {
    ($self:ident, $now:expr, $wall:expr, $effects:expr) => {
        &mut Turn {
            now: $now,
            wall: $wall,
            effects: $effects,
            journal: &mut $self.journal,
            random: &mut $self.random,
            diagnoses: &mut $self.diagnoses,
            ids: &mut $self.ids,
        }
    };
}
use turn;

impl Pipeline {
    /// Takes one input at a wall-clock instant and adds its effects. Total: any input, in any state. A frame goes a way of
    /// its own.
    pub fn handle(&mut self, wall: Millis, input: Input<'_>, effects: &mut Effects) {
        match input {
            Input::Frame(conn, bytes) => self.handle_frame(conn, bytes, wall, effects),
            input => self.handle_other(wall, input, effects),
        }
    }

    fn handle_other(&mut self, wall: Millis, input: Input<'_>, effects: &mut Effects) {
        if let Input::Started(start) = input {
            if self.has_journal() {
                return; // Asked for before a person had everything cleared, or twice.
            }
            self.start(wall, *start, effects);
            self.advance(wall, effects);
            return;
        }
        let now = self.clock.read(wall);
        // A read by a page and the passing of time are no news.
        let news = !matches!(
            input,
            Input::Tick
                | Input::LocalOffset(_)
                | Input::ZoneOffsets(_)
                | Input::Command(
                    _,
                    Request::Status | Request::Dashboard | Request::Settings | Request::Rules | Request::Log { .. }
                )
                | Input::HistoryRead(..)
        );
        self.take(input, now, wall, effects);
        self.pages.news |= news;
        self.advance(wall, effects);
    }

    /// When to call again with [`Input::Tick`] if nothing else happens, wall clock.
    pub fn next_deadline(&self) -> Option<Millis> {
        self.deadline.map(|deadline| self.clock.to_wall(deadline))
    }

    fn take(&mut self, input: Input<'_>, now: Millis, wall: Millis, effects: &mut Effects) {
        let Some(input) = self.unless_it_waits(input, now, wall) else { return };
        match input {
            Input::Started(_) | Input::Frame(..) | Input::Tick => {}
            Input::Recalled(id, read) => self.recalled(id, read, now, wall, effects),
            Input::Command(id, request) => self.command(id, request, now, wall, effects),
            Input::LocalOffset(minutes) => {
                self.local_offset = minutes;
                self.evaluator.set_offset("", minutes);
                self.ask_offsets(effects);
            }
            Input::ZoneOffsets(offsets) => {
                offsets.iter().for_each(|(zone, minutes)| self.evaluator.set_offset(zone, *minutes));
            }
            Input::PagesOpen(open) => self.pages.open = open,
            Input::OnlineChanged(true) => self.stream.online(now),
            Input::OnlineChanged(false) => {}
            Input::StreamOpened(conn) => self.opened(conn, now, wall, effects),
            Input::StreamClosed(conn, code) => self.closed(conn, Closed::Code(code), now, wall, effects),
            Input::StreamNotPermitted(conn) => self.closed(conn, Closed::NotPermitted, now, wall, effects),
            Input::Permitted(origin) => self.permitted(&origin, now, wall, effects),
            Input::Windows(grounds) => self.grounds = Some(grounds),
            Input::WindowEnded(id, ended) => self.window_ended(id, &ended, now, wall, effects),
            Input::HttpDone(id, outcome) => self.answered(id, &outcome, now, wall, effects),
            Input::Committed(id) => self.committed(id, now, wall, effects),
            Input::CommitFailed(id, failure) => self.commit_failed(id, &failure, now, wall, effects),
            Input::Recorded(key, is_stored) => self.recorded(key, is_stored, wall),
            Input::RecordingListed(keys) => self.recording_listed(&keys),
            Input::UpdateAvailable => self.update = self.update.or(Some(now)),
            Input::HistoryRead(id, result) => self.history_read(id, result, effects),
            Input::SettingsStored(id, result) => self.settings_stored(id, result, now, wall, effects),
        }
    }

    /// Asks for the offsets of the zones that rules name: now, and whenever the host tells local time again.
    fn ask_offsets(&self, effects: &mut Effects) {
        let zones: Vec<String> =
            self.evaluator.zones().into_iter().filter(|zone| !zone.is_empty()).map(str::to_owned).collect();
        if !zones.is_empty() {
            effects.push(Effect::TellOffsets(zones));
        }
    }

    /// Does all that is due. The order matters, because each step may make the next one due.
    fn advance(&mut self, wall: Millis, effects: &mut Effects) {
        let now = self.clock.read(wall);
        // A connection can be tested although the journal cannot be read.
        if let Some(probe) = &mut self.probe {
            probe.check(&mut self.session, turn!(self, now, wall, effects));
            self.take_sign_in(now, wall, effects);
        }
        match self.phase {
            Phase::Starting => return,
            Phase::Halted { retry_at: Some(at), attempt } if at <= now => {
                // Should nothing come of it, it is tried again; and something must be due, or nobody wakes a worker
                // that dies.
                self.phase = Phase::Halted { retry_at: Some(now.plus(LOAD_TIMEOUT)), attempt };
                self.adopted = false;
                effects.push(Effect::Load);
            }
            Phase::Halted { .. } => {}
            Phase::Recalling { .. } | Phase::Running => {
                let before = effects.len();
                match self.phase {
                    Phase::Running => self.run(now, wall, effects),
                    _ => self.run_without_memory(now, wall, effects),
                }
                self.keep_alive(now, wall, effects);
                self.pages.news |= effects.len() != before;
            }
        }
        self.update_when_quiet(now, wall, effects);
        self.show_trouble(now, wall, effects);
        if self.pages.open > 0 && self.pages.news && self.pages.published_at.plus(PUBLISH_INTERVAL) <= now {
            self.pages.news = false;
            self.pages.published_at = now;
            effects.push(Effect::Publish);
        }
        self.deadline = self.find_deadline(now);
    }

    fn run(&mut self, now: Millis, wall: Millis, effects: &mut Effects) {
        let over = self.pauses.end_due(now, &mut self.journal);
        self.resumed(over, wall);
        self.end_holds(now, wall);
        if let Some(profile) = &self.profile {
            let settings = &profile.settings;
            let service = api::of(settings.base());
            let needs = Needs { cards: self.dispatch.outbox.open() > 0, ..profile.needs };
            let paused = self.pauses.everything().is_some();
            let turn = turn!(self, now, wall, effects);
            self.dispatch.check(settings, turn);
            if !self.dispatch.is_limited(now) {
                turn.diagnoses.clear(|diagnosis| matches!(diagnosis, Diagnosis::RateLimited { .. }));
            }
            let outbox = &self.dispatch.outbox;
            turn.diagnoses.clear(|wrong| *wrong == Diagnosis::OutboxFull && !outbox.is_full());
            self.session.check_timeout(turn);
            if paused {
                self.stream.stop(turn);
                if self.polling.stop(turn) {
                    self.stream.miss(wall, GapCause::Person);
                }
            } else {
                if service.has_stream() {
                    self.stream.start(now);
                    self.stream.check(&mut self.session, turn);
                }
                self.polling.start(service, needs, now);
                self.polling.check(turn);
            }
            let sending = !paused && !settings.dry_run;
            let hears = self.stream.wants_token(now) || self.polling.wants_token(now);
            if hears || (sending && self.dispatch.wants_token(settings, now)) || self.session.wants(now) {
                self.session.request(settings, &profile.secret, turn);
            }
            if let Some(token) = self.session.token(now) {
                self.stream.open(token, settings, turn);
            }
            if sending {
                self.dispatch.send(settings, &self.session, self.polling.readers(settings), turn);
            }
            self.poll(sending, now, wall, effects);
        }
        self.note_hearing(now, wall);
        self.record(now, effects);
        self.trim_history(now);
        self.write(now, wall, effects);
    }

    /// Keeps the worker from idling to death.
    fn keep_alive(&mut self, now: Millis, wall: Millis, effects: &mut Effects) {
        if self.is_busy() && self.keep_alive_at <= now {
            self.keep_alive_at = now.plus(KEEP_ALIVE);
            effects.push(Effect::KeepAlive { vitals: self.vitals(wall) });
        }
    }

    fn find_deadline(&self, now: Millis) -> Option<Millis> {
        let publish = (self.pages.open > 0 && self.pages.news).then(|| self.pages.published_at.plus(PUBLISH_INTERVAL));
        let parts = match (self.phase, &self.profile) {
            (Phase::Starting, _) => [None; 8],
            (Phase::Halted { retry_at, .. }, _) => [retry_at, None, None, None, None, None, None, None],
            (Phase::Recalling { .. }, _) => self.deadlines_without_memory(now),
            (Phase::Running, None) => {
                [self.journal.next_deadline(), self.pauses.next_end(), None, None, None, None, None, None]
            }
            (Phase::Running, Some(profile)) => {
                let settings = &profile.settings;
                let token = self.session.token(now).is_some();
                let sending = self.pauses.everything().is_none() && !settings.dry_run;
                // Without a token it is the session's retry that is due next, not what waits for the token.
                let needs = |at: Option<Millis>| at.filter(|at| token || *at > now);
                let stream = self.stream.next_deadline();
                let stream = if self.stream.retry_at().is_some() { needs(stream) } else { stream };
                let hears = self.stream.wants_token(now) || self.polling.wants_token(now);
                let wanted = !token && (hears || sending && self.dispatch.wants_token(settings, now));
                [
                    self.journal.next_deadline(),
                    self.pauses.next_end(),
                    stream,
                    needs(self.polling.next_deadline()),
                    self.dispatch.next_deadline(settings, now, (sending, token), self.polling.room_at()),
                    self.session.next_deadline(now, wanted),
                    self.is_busy().then_some(self.keep_alive_at),
                    self.evaluator.next_wake(),
                ]
            }
        };
        let probe = self.probe.as_ref().and_then(Probe::deadline);
        let window = (self.phase == Phase::Running && self.awaits_person()).then_some(self.keep_alive_at);
        // An order stored meanwhile must find a worker, and nobody wakes one for which nothing is due.
        let order = (!self.orders.is_empty()).then(|| now.plus(LOAD_TIMEOUT));
        parts
            .into_iter()
            .chain([publish, probe, order, self.alerts.next_deadline()])
            .chain([self.recorder.next_deadline(), window])
            .chain([self.trouble.next_deadline(), self.toolbar.next_deadline(), self.update_deadline()])
            .flatten()
            .min()
    }
}

#[cfg(test)]
mod tests;
