//! The stream's connection: one socket at a time, replaced when it closes or falls silent.

use super::session::Session;
use crate::api::{self, Token};
use crate::journal::turn::Turn;
use crate::link::quiet::Quiet;
use crate::model::ask::SocketId;
use crate::model::diagnosis::Diagnosis;
use crate::model::history::{Gap, GapCause};
use crate::model::http::Secret;
use crate::model::random::backoff;
use crate::model::time::Millis;
use crate::settings::Settings;

/// A socket that has not opened by then is given up.
const OPEN_TIMEOUT: Millis = Millis::from_secs(15);

/// An open stream of this age starts the backoff over.
const STABLE: Millis = Millis::from_secs(10);

/// The token is dropped after this many refused upgrades in a row, because a browser hides why one was refused.
const REFUSALS_PER_TOKEN: u32 = 2;

/// The earliest retry after the browser found the network again, counted from the last try.
const ONLINE_SPACING: Millis = Millis::from_secs(1);

/// The close code of a connection that never was one, or that nobody closed.
const NEVER_OPENED: u16 = 1006;

/// How many gaps are kept for showing.
const GAPS_KEPT: usize = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    /// Not wanted.
    Off,
    /// Waits for the backoff, or for a token.
    Waiting { until: Millis },
    /// A socket is opening.
    Opening { conn: SocketId, since: Millis },
    /// The open event fired.
    Open { conn: SocketId, since: Millis },
}

/// The connection, and what it learned.
#[derive(Debug)]
pub struct Stream {
    link: Link,
    attempt: u32,
    tried_at: Millis,
    refusals: u32,
    generation: u64,
    /// The frame to send once the socket is open.
    greeting: Option<Secret>,
    quiet: Quiet,
    heard_at: Option<Millis>,
    heard_wall: Option<Millis>,
    opened_wall: Option<Millis>,
    gap: Option<Gap>,
    gaps: Vec<Gap>,
}

impl Default for Stream {
    fn default() -> Stream {
        Stream {
            link: Link::Off,
            attempt: 0,
            tried_at: Millis::ZERO,
            refusals: 0,
            generation: 0,
            greeting: None,
            quiet: Quiet::default(),
            heard_at: None,
            heard_wall: None,
            opened_wall: None,
            gap: None,
            gaps: Vec::new(),
        }
    }
}

impl Stream {
    /// Wants the stream open from now on.
    pub fn start(&mut self, now: Millis) {
        if self.link == Link::Off {
            self.link = Link::Waiting { until: now };
            self.attempt = 0;
            self.refusals = 0;
        }
    }

    /// Wants it closed: a person paused it, or it leads elsewhere now.
    pub fn stop(&mut self, turn: &mut Turn<'_>) {
        if let Link::Opening { conn, .. } | Link::Open { conn, .. } = self.link {
            turn.effects.close_stream(conn);
            self.begin_gap(GapCause::Person, turn.wall);
        }
        self.link = Link::Off;
        turn.diagnoses.clear(is_about_stream);
    }

    /// Tries again now, as if nothing had failed.
    pub fn retry(&mut self, now: Millis) {
        if let Link::Waiting { until } = &mut self.link {
            *until = now;
            self.attempt = 0;
        }
    }

    /// The browser found the network again: no need to wait out the backoff.
    pub fn online(&mut self, now: Millis) {
        if let Link::Waiting { until } = &mut self.link {
            *until = (*until).min(now.max(self.tried_at.plus(ONLINE_SPACING)));
        }
    }

    /// A gap that began in an earlier life of the worker.
    pub fn resume_gap(&mut self, from: Millis, cause: GapCause) {
        self.gap = Some(Gap { from, until: None, cause });
    }

    /// A service that is polled in place of a stream is not heard any more.
    pub fn miss(&mut self, from: Millis, cause: GapCause) {
        self.gap.get_or_insert(Gap { from, until: None, cause });
    }

    /// Whether a token is needed to go on.
    pub fn wants_token(&self, now: Millis) -> bool {
        matches!(self.link, Link::Waiting { until } if until <= now)
    }

    /// Opens a socket if it is time.
    pub fn open(&mut self, token: &Token, settings: &Settings, turn: &mut Turn<'_>) {
        if !self.wants_token(turn.now) {
            return;
        }
        let service = api::of(settings.base());
        let Some(address) = service.stream_address(&token.access(settings.base())) else { return };
        let conn = SocketId::Stream(turn.next_id());
        self.link = Link::Opening { conn, since: turn.now };
        self.tried_at = turn.now;
        self.generation = token.generation;
        self.greeting = service.greeting(&token.value);
        turn.effects.open_stream(conn, address);
    }

    /// The open event of a socket. Says whether it is the one in use.
    pub fn opened(&mut self, conn: SocketId, turn: &mut Turn<'_>) -> Option<Gap> {
        if !matches!(self.link, Link::Opening { conn: current, .. } if current == conn) {
            return None;
        }
        self.link = Link::Open { conn, since: turn.now };
        self.refusals = 0;
        self.opened_wall = Some(turn.wall);
        self.quiet.opened(turn.now);
        if let Some(frame) = self.greeting.take() {
            turn.effects.send_frame(conn, frame);
        }
        turn.diagnoses
            .clear(|diagnosis| matches!(diagnosis, Diagnosis::StreamRefused | Diagnosis::PermissionMissing { .. }));
        self.end_gap(turn.wall)
    }

    /// The service is heard again. The gap that is over now, if there was one.
    pub fn end_gap(&mut self, wall: Millis) -> Option<Gap> {
        let mut gap = self.gap.take()?;
        gap.until = Some(wall.max(gap.from));
        self.gaps.insert(0, gap);
        self.gaps.truncate(GAPS_KEPT);
        Some(gap)
    }

    /// Whether frames of this connection count.
    pub fn is_current(&self, conn: SocketId) -> bool {
        matches!(self.link, Link::Open { conn: current, .. } | Link::Opening { conn: current, .. } if current == conn)
    }

    /// A frame came: the socket is alive.
    pub fn heard(&mut self, now: Millis, wall: Millis) {
        self.quiet.heard(now);
        self.heard_at = Some(now);
        self.heard_wall = Some(wall);
    }

    /// A socket closed, or was refused.
    pub fn closed(&mut self, conn: SocketId, code: u16, session: &mut Session, turn: &mut Turn<'_>) {
        match self.link {
            Link::Open { conn: current, since } if current == conn => {
                if !matches!(code, 1000 | 1001) {
                    turn.raise(Diagnosis::StreamDropped { code });
                }
                self.lost(since, GapCause::Closed(code), turn);
            }
            Link::Opening { conn: current, .. } if current == conn => self.refused(code, session, turn),
            _ => {}
        }
    }

    /// The browser does not allow a socket's address. The token is not at fault.
    pub fn not_permitted(&mut self, conn: SocketId, settings: &Settings, turn: &mut Turn<'_>) {
        if self.is_current(conn) {
            turn.raise(Diagnosis::PermissionMissing { host: settings.base().host().to_owned() });
            self.begin_gap(GapCause::Closed(NEVER_OPENED), turn.wall);
            self.wait(turn);
        }
    }

    /// Replaces a socket that does not open or says nothing any more.
    pub fn check(&mut self, session: &mut Session, turn: &mut Turn<'_>) {
        match self.link {
            Link::Opening { conn, since } if since.plus(OPEN_TIMEOUT) <= turn.now => {
                turn.effects.close_stream(conn);
                self.refused(NEVER_OPENED, session, turn);
            }
            Link::Open { conn, since } => {
                if self.attempt > 0 && since.plus(STABLE) <= turn.now {
                    self.attempt = 0;
                    turn.diagnoses.clear(is_about_stream);
                }
                if self.quiet.deadline(since) <= turn.now {
                    turn.effects.close_stream(conn);
                    let silent_for = turn.now.since(self.heard_at.unwrap_or(since).max(since));
                    turn.raise(Diagnosis::StreamSilent { seconds: silent_for.0 / 1_000 });
                    self.quiet.replaced();
                    self.lost(since, GapCause::Silent, turn);
                }
            }
            _ => {}
        }
    }

    /// When something is due without any input.
    pub fn next_deadline(&self) -> Option<Millis> {
        match self.link {
            Link::Off => None,
            Link::Waiting { until } => Some(until),
            Link::Opening { since, .. } => Some(since.plus(OPEN_TIMEOUT)),
            Link::Open { since, .. } => {
                let quiet = self.quiet.deadline(since);
                Some(if self.attempt > 0 { quiet.min(since.plus(STABLE)) } else { quiet })
            }
        }
    }

    /// Whether the stream is open.
    pub fn is_open(&self) -> bool {
        matches!(self.link, Link::Open { .. })
    }

    /// Whether the stream is not wanted.
    pub fn is_off(&self) -> bool {
        self.link == Link::Off
    }

    /// When the next try is due, if one is being waited for.
    pub fn retry_at(&self) -> Option<Millis> {
        match self.link {
            Link::Waiting { until } => Some(until),
            _ => None,
        }
    }

    /// Since when it is open, wall clock.
    pub fn open_since(&self) -> Option<Millis> {
        self.opened_wall.filter(|_| self.is_open())
    }

    /// When the last frame came, wall clock.
    pub fn heard_wall(&self) -> Option<Millis> {
        self.heard_wall
    }

    /// The gap that lasts, if there is one.
    pub fn open_gap(&self) -> Option<Gap> {
        self.gap
    }

    /// The newest gaps, newest first; the first may still last.
    pub fn gaps(&self) -> impl Iterator<Item = Gap> {
        self.gap.into_iter().chain(self.gaps.iter().copied()).take(GAPS_KEPT)
    }

    fn lost(&mut self, since: Millis, cause: GapCause, turn: &mut Turn<'_>) {
        if since.plus(STABLE) <= turn.now {
            self.attempt = 0;
        }
        self.begin_gap(cause, turn.wall);
        self.wait(turn);
    }

    fn refused(&mut self, code: u16, session: &mut Session, turn: &mut Turn<'_>) {
        self.refusals = self.refusals.saturating_add(1);
        if self.refusals.is_multiple_of(REFUSALS_PER_TOKEN) {
            session.drop_token(self.generation, turn);
        }
        if self.refusals > REFUSALS_PER_TOKEN {
            turn.raise(Diagnosis::StreamRefused);
        }
        self.begin_gap(GapCause::Closed(code), turn.wall);
        self.wait(turn);
    }

    fn wait(&mut self, turn: &mut Turn<'_>) {
        let until = turn.now.plus(backoff::delay(self.attempt, turn.random));
        self.attempt = self.attempt.saturating_add(1);
        self.link = Link::Waiting { until };
    }

    /// A gap starts where the last frame ended, not where the loss was noticed.
    fn begin_gap(&mut self, cause: GapCause, wall: Millis) {
        if self.gap.is_none() && self.opened_wall.is_some() {
            let from = match cause {
                GapCause::Silent => self.heard_wall.max(self.opened_wall).unwrap_or(wall),
                _ => wall,
            };
            self.gap = Some(Gap { from, until: None, cause });
        }
    }
}

fn is_about_stream(diagnosis: &Diagnosis) -> bool {
    matches!(diagnosis, Diagnosis::StreamDropped { .. } | Diagnosis::StreamSilent { .. } | Diagnosis::StreamRefused)
}
