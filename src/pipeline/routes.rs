//! Answers and closes of sockets and requests, each straight to the owner that its id names.

use super::{Pipeline, turn};
use crate::journal::turn::Turn;
use crate::model::ask::{RequestId, SocketId};
use crate::model::diagnosis::Diagnosis;
use crate::model::history::{self, GapCause};
use crate::model::http::{Outcome, Secret};
use crate::model::time::Millis;
use crate::pipeline::effect::Effects;
use crate::views::metrics::Counted;

/// Why a socket is gone.
#[derive(Debug, Clone, Copy)]
pub(super) enum Closed {
    /// With a close code.
    Code(u16),
    /// The browser does not allow its address.
    NotPermitted,
}

impl Pipeline {
    pub(super) fn opened(&mut self, conn: SocketId, now: Millis, wall: Millis, effects: &mut Effects) {
        let turn = turn!(self, now, wall, effects);
        if let SocketId::Probe(_) = conn {
            if let Some(probe) = self.probe.as_mut().filter(|probe| probe.awaits_socket(conn)) {
                probe.opened(conn, turn);
            }
            return;
        }
        self.keep_alive_at = now; // From now on a restart is a gap.
        if self.stream.is_current(conn) {
            // An open stream shows that the browser allows the host, also to a worker that never knew otherwise.
            self.dispatch.permitted(turn);
        }
        if let Some(gap) = self.stream.opened(conn, turn) {
            let until = gap.until.unwrap_or(wall);
            self.journal.log(&history::Entry::Gap { from: gap.from, until, cause: gap.cause });
        }
    }

    pub(super) fn closed(&mut self, conn: SocketId, closed: Closed, now: Millis, wall: Millis, effects: &mut Effects) {
        let turn = turn!(self, now, wall, effects);
        match (conn, closed) {
            (SocketId::Probe(_), _) => {
                let Some(probe) = self.probe.as_mut().filter(|probe| probe.awaits_socket(conn)) else { return };
                match closed {
                    Closed::Code(_) => probe.closed(turn),
                    Closed::NotPermitted => probe.not_permitted(turn),
                }
            }
            (SocketId::Stream(_), Closed::Code(code)) => self.stream.closed(conn, code, &mut self.session, turn),
            (SocketId::Stream(_), Closed::NotPermitted) => {
                if let Some(profile) = &self.profile {
                    self.stream.not_permitted(conn, &profile.settings, turn);
                }
            }
        }
    }

    /// A sign-in window ended.
    pub(super) fn window_ended(
        &mut self,
        id: RequestId,
        ended: &Result<Secret, String>,
        now: Millis,
        wall: Millis,
        effects: &mut Effects,
    ) {
        if let Some(probe) = self.probe.as_mut().filter(|probe| probe.awaits_window(id)) {
            probe.window_ended(ended, &mut self.session, turn!(self, now, wall, effects));
            self.take_sign_in(now, wall, effects);
        }
    }

    /// Uses a person's sign-in for the current settings at once; shows why a sign-in failed.
    pub(super) fn take_sign_in(&mut self, now: Millis, wall: Millis, effects: &mut Effects) {
        let (Some(profile), Some(probe)) = (&self.profile, &mut self.probe) else { return };
        // A sign-in that came to nothing is trouble only where nothing works without it.
        let asks_for_it = |wrong: &Diagnosis| matches!(wrong, Diagnosis::SignInSoon { .. } | Diagnosis::SignInDue);
        let is_due = self.diagnoses.iter().any(|wrong| asks_for_it(&wrong.diagnosis));
        if let Some(diagnosis) = probe.take_failure().filter(|_| is_due) {
            self.diagnoses.raise(wall, diagnosis);
        }
        if let Some((known, granted_at)) = probe.take_sign_in(&profile.settings) {
            self.session.adopt(known, granted_at, &profile.settings, turn!(self, now, wall, effects));
            self.polling.retry(now);
            self.settle_tenant(now, wall, effects);
        }
    }

    /// The connection is the tenant's as soon as a sign-in names the tenant, before anything of the tenant is heard.
    fn settle_tenant(&mut self, now: Millis, wall: Millis, effects: &mut Effects) {
        let (Some(profile), Some(tenant)) = (&self.profile, self.session.tenant()) else { return };
        let settings = profile.settings.clone().of_tenant(tenant);
        if settings.base() == profile.settings.base() {
            return;
        }
        let secret = profile.secret.clone();
        if self.polling.stop(turn!(self, now, wall, effects)) {
            self.stream.miss(wall, GapCause::Person);
        }
        self.polling.begin_anew();
        self.use_profile(settings, secret);
    }

    pub(super) fn answered(
        &mut self,
        id: RequestId,
        outcome: &Outcome,
        now: Millis,
        wall: Millis,
        effects: &mut Effects,
    ) {
        let turn = turn!(self, now, wall, effects);
        if let RequestId::Probe(_) = id {
            // A connection can be tested before any settings are stored.
            if let Some(probe) = self.probe.as_mut().filter(|probe| probe.awaits_request(id)) {
                probe.answered(outcome, &mut self.session, turn);
            }
            self.take_sign_in(now, wall, effects);
            return;
        }
        let Some(profile) = &self.profile else { return };
        match id {
            RequestId::Token(_) => {
                let arrived = self.session.done(id, outcome, (&profile.settings, &profile.secret), turn);
                if arrived {
                    self.settle_tenant(now, wall, effects);
                    // A token says nothing new about what stops dispatch; that must stay to be seen.
                    let settings = self.profile.as_ref().map(|profile| &profile.settings);
                    self.dispatch.raise_hold(settings, turn!(self, now, wall, effects));
                }
            }
            RequestId::Card(_) => {
                let delivery = self.dispatch.done(id, outcome, &profile.settings, &mut self.session, turn);
                if let Some(delivery) = delivery {
                    self.trouble.relieve(now);
                    self.metrics.count(Counted::Delivered, wall);
                    self.metrics.delivered_after(delivery);
                }
            }
            RequestId::Poll(_) => {
                if let Some(poll) = self.polling.done(id, outcome, &profile.settings, &mut self.session, turn) {
                    // An answer after a long time does not make up for that time.
                    self.note_hearing(now, wall);
                    let is_read = self.polled(poll, outcome, now, wall);
                    let turn = turn!(self, now, wall, effects);
                    if is_read { self.polling.read(poll, turn) } else { self.polling.unread(poll, turn) }
                }
            }
            RequestId::Probe(_) => {}
        }
    }
}
