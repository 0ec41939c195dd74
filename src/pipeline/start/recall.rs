//! The memory of firings is read after the stream is asked for, because it may be much and hearing must not wait for
//! it.
//!
//! Until all of it is read nothing fires, nothing is sent and nothing is written. Frames wait, each with its own
//! moment, as if the network had been that late. So does what a person asks for that removes cards, or that changes how
//! a frame is judged: a frame is judged by the pauses and the settings of its own moment.

use super::{Findings, newest_instant};
use crate::api;
use crate::journal::FIRED_PREFIX;
use crate::journal::turn::Turn;
use crate::model::diagnosis::Diagnosis;
use crate::model::fingerprint::Fingerprint;
use crate::model::random::backoff;
use crate::model::time::{Millis, Moment};
use crate::pipeline::effect::{CommandId, Effect, Effects, RecallId};
use crate::pipeline::input::Input;
use crate::pipeline::{LOAD_TIMEOUT, Phase, Pipeline, turn};
use crate::views::protocol::{CardAction, Request};

/// The first piece; each further one has as many records as are likely to fill [`PIECE_BYTES`].
const FIRST_PIECE: u32 = 8;

/// A larger piece would keep the pages waiting.
const PIECE_BYTES: usize = 1024 * 1024;

/// Before the stream is open: a larger piece would keep the worker from noticing that it opens.
const GENTLE_PIECE_BYTES: usize = 128 * 1024;

/// The most records of a piece.
const PIECE_RECORDS: usize = 2_000;

/// The most that waits. Beyond, storage is too slow to go on with.
const WAITING_BYTES: usize = 32 * 1024 * 1024;

/// The memory of firings, while it is being read.
#[derive(Debug)]
pub(in crate::pipeline) struct Recall {
    id: RecallId,
    limit: u32,
    patience: Millis,
    findings: Findings,
    waiting: Vec<(Moment, Waiting)>,
    bytes: usize,
}

/// Frames that outlive a recall which failed: the next one judges them.
#[derive(Debug, Default)]
pub(in crate::pipeline) struct Unjudged(Vec<(Moment, Waiting)>);

/// The inputs that wait until the memory is read.
#[derive(Debug)]
enum Waiting {
    Frame { bytes: Vec<u8>, connection: Fingerprint },
    Order(CommandId, Request),
    Stored(CommandId, Result<(), String>),
}

impl Waiting {
    /// The bytes that it takes; what a person asks for is little.
    fn bytes(&self) -> usize {
        match self {
            Waiting::Frame { bytes, .. } => bytes.len() + size_of::<(Moment, Waiting)>(),
            Waiting::Order(..) | Waiting::Stored(..) => 0,
        }
    }
}

/// Whether everything is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pipeline) enum Standstill {
    /// Everything is paused until then, or until somebody resumes.
    Until(Option<Millis>),
    /// Nothing is paused.
    Over,
}

impl Standstill {
    fn is_at(self, now: Millis) -> bool {
        matches!(self, Standstill::Until(until) if until.is_none_or(|until| until > now))
    }

    fn end(self) -> Option<Millis> {
        match self {
            Standstill::Until(until) => until,
            Standstill::Over => None,
        }
    }
}

/// Whether a command may write what fired, or changes how frames are judged.
fn needs_memory(request: &Request) -> bool {
    matches!(
        request,
        Request::Cards { action: CardAction::Drop, .. }
            | Request::Handle { .. }
            | Request::Unhandle { .. }
            | Request::Pause { .. }
            | Request::Resume { .. }
            | Request::Save { check_only: false, .. }
            | Request::SaveRules { check_only: false, .. }
    )
}

impl Recall {
    /// Keeps a frame. Says whether it is one too many.
    pub(in crate::pipeline) fn keep_frame(&mut self, bytes: &[u8], connection: Fingerprint, moment: Moment) -> bool {
        let frame = Waiting::Frame { bytes: bytes.to_vec(), connection };
        self.bytes += frame.bytes();
        self.waiting.push((moment, frame));
        self.has_too_much()
    }

    /// Whether a person lately asked that everything stand still, and until when; none: nobody asked about everything.
    fn standstill(&self) -> Option<Standstill> {
        self.waiting.iter().rev().find_map(|(at, waiting)| match waiting {
            Waiting::Order(_, Request::Pause { scope: None, minutes, .. }) => {
                let span = minutes.map(|minutes| Millis::from_mins(u64::from(minutes)));
                Some(Standstill::Until(span.map(|span| at.now.plus(span))))
            }
            Waiting::Order(_, Request::Resume { scope: None }) => Some(Standstill::Over),
            _ => None,
        })
    }

    fn has_too_much(&self) -> bool {
        self.bytes > WAITING_BYTES
    }
}

impl Pipeline {
    /// Keeps what must wait until what fired is known, and gives back all else.
    pub(in crate::pipeline) fn unless_it_waits<'i>(
        &mut self,
        input: Input<'i>,
        now: Millis,
        wall: Millis,
    ) -> Option<Input<'i>> {
        let Some(recall) = &mut self.recall else { return Some(input) };
        let waiting = match input {
            Input::Command(id, request) if needs_memory(&request) => Waiting::Order(id, request),
            Input::SettingsStored(id, result) => Waiting::Stored(id, result),
            input => return Some(input),
        };
        recall.waiting.push((Moment { now, wall }, waiting));
        None
    }

    /// Asks for what fired. The stream need not wait for it.
    pub(super) fn begin_recall(&mut self, findings: Findings, now: Millis, effects: &mut Effects) {
        let Unjudged(waiting) = std::mem::take(&mut self.unjudged);
        let bytes: usize = waiting.iter().map(|(_, waiting)| waiting.bytes()).sum();
        let recall = Recall { id: RecallId(0), limit: FIRST_PIECE, patience: now, findings, waiting, bytes };
        self.ask_for_piece(Box::new(recall), FIRED_PREFIX.to_owned(), now, effects);
    }

    fn ask_for_piece(&mut self, mut recall: Box<Recall>, after: String, now: Millis, effects: &mut Effects) {
        self.ids += 1;
        (recall.id, recall.patience) = (RecallId(self.ids), now.plus(LOAD_TIMEOUT));
        effects.push(Effect::Recall { id: recall.id, after, limit: recall.limit });
        self.recall = Some(recall);
    }

    /// A piece of what fired is read.
    pub(in crate::pipeline) fn recalled(
        &mut self,
        id: RecallId,
        read: Result<Vec<(String, String)>, String>,
        now: Millis,
        wall: Millis,
        effects: &mut Effects,
    ) {
        let Some(mut recall) = self.recall.take_if(|recall| recall.id == id) else { return };
        let records = match read {
            Ok(records) => records,
            Err(why) => return self.end_recall(*recall, Diagnosis::StorageFailing { why }, (now, wall), effects),
        };
        let Some((last, _)) = records.last() else { return self.finish_recall(*recall, now, wall, effects) };
        let last = last.clone();
        if !self.knows_time() {
            self.clock.resume_from(newest_instant(&records));
        }
        let now = self.clock.read(wall);
        let bytes: usize = records.iter().map(|(key, text)| key.len() + text.len()).sum();
        let wanted = if self.stream.is_open() { PIECE_BYTES } else { GENTLE_PIECE_BYTES };
        recall.limit = (wanted * records.len() / bytes.max(1)).clamp(1, PIECE_RECORDS) as u32;
        self.read_records(records, true, wall, &mut recall.findings);
        match recall.findings.newer {
            Some(version) => self.end_recall(*recall, Diagnosis::StorageNewer { version }, (now, wall), effects),
            None => self.ask_for_piece(recall, last, now, effects),
        }
    }

    /// All is known. What waited happens now.
    fn finish_recall(&mut self, recall: Recall, now: Millis, wall: Millis, effects: &mut Effects) {
        self.phase = Phase::Running;
        self.take_findings(recall.findings, now, wall);
        self.raise_hold(now, wall, effects);
        for (at, waiting) in recall.waiting {
            let over = self.pauses.end_due(at.now, &mut self.journal);
            self.resumed(over, at.wall);
            match waiting {
                // Settings that came meanwhile may lead elsewhere.
                Waiting::Frame { bytes, connection } if self.is_connected_as(connection) => {
                    self.hear(&bytes, at.now, at.wall);
                }
                Waiting::Frame { .. } => {}
                Waiting::Order(id, request) => self.command(id, request, at.now, at.wall, effects),
                Waiting::Stored(id, result) => self.settings_stored(id, result, at.now, at.wall, effects),
            }
        }
    }

    fn is_connected_as(&self, connection: Fingerprint) -> bool {
        self.profile.as_ref().is_some_and(|profile| profile.connection == connection)
    }

    /// The memory cannot be read: nothing more is heard, because it could not be known what was sent before. The gap
    /// begins where the worker before ended. What was heard is judged once everything is read again.
    fn end_recall(&mut self, recall: Recall, wrong: Diagnosis, (now, wall): (Millis, Millis), effects: &mut Effects) {
        let Phase::Recalling { attempt } = self.phase else { return };
        let is_newer = matches!(wrong, Diagnosis::StorageNewer { .. });
        let retry_at = (!is_newer).then(|| now.plus(backoff::delay(attempt, &mut self.random)));
        self.phase = Phase::Halted { retry_at, attempt: attempt.saturating_add(1) };
        self.stream.stop(turn!(self, now, wall, effects));
        let code = wrong.code();
        self.diagnoses.raise(wall, wrong);
        let has_too_much = recall.has_too_much();
        let frames = self.take_orders(recall.waiting, effects);
        if !has_too_much {
            self.unjudged = Unjudged(frames);
        }
        // Unwritten changes are forgotten, because everything is read again.
        self.answer_unstored(|wrong| wrong.code() == code, effects);
    }

    /// A person wants everything gone: nothing need be known any more.
    pub(in crate::pipeline) fn give_up_recall(&mut self, effects: &mut Effects) {
        self.unjudged = Unjudged::default();
        let Some(recall) = self.recall.take() else { return };
        self.phase = Phase::Running;
        self.take_orders(recall.waiting, effects);
    }

    /// Does what is asked for before the frames are judged, and gives them back.
    fn take_orders(&mut self, waiting: Vec<(Moment, Waiting)>, effects: &mut Effects) -> Vec<(Moment, Waiting)> {
        let mut frames = Vec::new();
        for (at, waiting) in waiting {
            match waiting {
                Waiting::Frame { .. } => frames.push((at, waiting)),
                Waiting::Order(id, request) => self.command(id, request, at.now, at.wall, effects),
                Waiting::Stored(id, result) => self.settings_stored(id, result, at.now, at.wall, effects),
            }
        }
        frames
    }

    /// Without the record about the journal, what fired tells how late it is. Nothing may be timed before.
    fn knows_time(&self) -> bool {
        self.journal.meta.clock != Millis::ZERO
    }

    /// The token and the stream need nothing of what fired.
    pub(in crate::pipeline) fn run_without_memory(&mut self, now: Millis, wall: Millis, effects: &mut Effects) {
        if let Some(recall) = self.recall.take_if(|recall| recall.patience <= now || recall.has_too_much()) {
            let why = "what fired before was not read in time".to_owned();
            return self.end_recall(*recall, Diagnosis::StorageFailing { why }, (now, wall), effects);
        }
        let knows_time = self.knows_time();
        let Some(profile) = self.profile.as_ref().filter(|_| knows_time) else { return };
        let settings = &profile.settings;
        let is_still = self.standstill().is_at(now);
        let turn = turn!(self, now, wall, effects);
        if is_still {
            return self.stream.stop(turn);
        }
        if !api::of(settings.base()).has_stream() {
            return; // An answer to a poll must be judged at once.
        }
        self.session.check_timeout(turn);
        self.stream.start(now);
        self.stream.check(&mut self.session, turn);
        if self.stream.wants_token(now) {
            self.session.request(settings, &profile.secret, turn);
        }
        if let Some(token) = self.session.token(now) {
            self.stream.open(token, settings, turn);
        }
    }

    pub(in crate::pipeline) fn deadlines_without_memory(&self, now: Millis) -> [Option<Millis>; 8] {
        let token = self.session.token(now).is_some();
        let stream = self.stream.next_deadline().filter(|at| token || self.stream.retry_at().is_none() || *at > now);
        let session = self.session.next_deadline(now, !token && self.stream.wants_token(now));
        // Where nothing is to be heard and nothing waits, nobody need wake a worker for what fired.
        let still = self.standstill();
        let waits = self.recall.as_ref().filter(|recall| !still.is_at(now) || !recall.waiting.is_empty());
        let patience = waits.filter(|_| self.profile.is_some()).map(|recall| recall.patience);
        let alive = self.is_busy().then_some(self.keep_alive_at);
        [patience, stream, session, alive, still.end().filter(|end| *end > now), None, None, None]
    }

    /// Whether everything is paused: by a current pause, or by an order that waits.
    pub(in crate::pipeline) fn standstill(&self) -> Standstill {
        let in_force = || self.pauses.everything().map_or(Standstill::Over, |pause| Standstill::Until(pause.until));
        self.recall.as_ref().and_then(|recall| recall.standstill()).unwrap_or_else(in_force)
    }
}
