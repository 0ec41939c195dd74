//! The runner of every host: browser, simulation, fuzzing and tests.
//!
//! Inputs in their order, effects in theirs, one deadline. The runner decides nothing, and a host only does what its
//! [`ports`] are asked.

pub mod burst;
pub mod memory;
pub mod ports;

use std::cell::{Cell, Ref, RefCell};
use std::collections::VecDeque;

use self::ports::{Guard, Ports};
use crate::model::ask::SocketId;
use crate::model::time::Millis;
use crate::pipeline::Pipeline;
use crate::pipeline::effect::{Effect, Effects};
use crate::pipeline::input::Input;

/// A pipeline and its pending inputs.
#[derive(Debug, Default)]
pub struct Runner {
    pipeline: RefCell<Pipeline>,
    /// Inputs that came while another one was being handled.
    pending: RefCell<VecDeque<Input<'static>>>,
    is_busy: Cell<bool>,
    /// The last guard that this worker set.
    guard: Cell<Option<Guard>>,
    /// Commits under way.
    commits: Cell<u32>,
    /// The effects of a frame, kept from one to the next: nearly every frame has none, and none has to be dropped.
    effects: RefCell<Effects>,
    /// When the last input was handled. Asking the browser once more costs as much as reading a short event.
    wall: Cell<Millis>,
}

impl Runner {
    /// Lets something happen. All that follows is begun before this returns, unless the call came from a port: then the
    /// input waits for its turn.
    pub fn happen(&self, input: Input<'static>, ports: &mut impl Ports) {
        self.pending.borrow_mut().push_back(input);
        if !self.is_busy.replace(true) {
            let lives = self.run_pending(&mut Effects::default(), ports);
            self.rest(lives, ports);
        }
    }

    /// As [`Runner::happen`], for an input that borrows its bytes and so cannot wait.
    pub fn feed(&self, input: Input<'_>, ports: &mut impl Ports) {
        if let Input::Frame(conn, bytes) = input {
            self.hear(conn, bytes, ports);
        } else if !self.is_busy.replace(true) {
            let mut effects = Effects::default();
            let lives = self.step(input, &mut effects, ports) && self.run_pending(&mut effects, ports);
            self.rest(lives, ports);
        }
    }

    /// As [`Runner::feed`], for a frame. The hot path: in line, and without a trace of what nearly no frame asks for.
    #[inline(always)]
    pub fn hear(&self, conn: SocketId, bytes: &[u8], ports: &mut impl Ports) {
        if self.is_busy.replace(true) {
            return;
        }
        self.wall.set(ports.wall());
        let lives = {
            let effects = &mut *self.effects.borrow_mut();
            self.pipeline.borrow_mut().handle_frame(conn, bytes, self.wall.get(), effects);
            (effects.is_empty() && self.pending.borrow().is_empty()) || self.follow(effects, ports)
        };
        self.rest(lives, ports);
    }

    /// Begins what a frame asked for. Whether the worker lives on.
    #[inline(never)]
    fn follow(&self, effects: &mut Effects, ports: &mut impl Ports) -> bool {
        self.begin_secured(effects, ports) && self.run_pending(effects, ports)
    }

    /// The pipeline as it is between two inputs.
    pub fn pipeline(&self) -> Ref<'_, Pipeline> {
        self.pipeline.borrow()
    }

    /// The pipeline for a test that needs what no setting asks for yet.
    #[cfg(test)]
    pub(crate) fn pipeline_mut(&self) -> std::cell::RefMut<'_, Pipeline> {
        self.pipeline.borrow_mut()
    }

    /// Whether a commit is under way.
    pub fn is_committing(&self) -> bool {
        self.commits.get() > 0
    }

    /// When something is due, wall clock.
    pub fn next_deadline(&self) -> Option<Millis> {
        self.pipeline().next_deadline()
    }

    /// Sets the guard again at the next input, because the browser may have lost it.
    pub fn forget_guard(&self) {
        self.guard.set(None);
    }

    /// Handles every input that waits. Whether the worker lives on.
    fn run_pending(&self, effects: &mut Effects, ports: &mut impl Ports) -> bool {
        loop {
            let Some(input) = self.pending.borrow_mut().pop_front() else { return true };
            if !self.step(input, effects, ports) {
                return false;
            }
        }
    }

    /// Nothing is left to handle until something happens.
    fn rest(&self, lives: bool, ports: &mut impl Ports) {
        self.is_busy.set(false);
        if lives {
            let due = self.next_deadline();
            self.secure(due, ports);
            ports.arm(due);
        }
    }

    fn step(&self, input: Input<'_>, effects: &mut Effects, ports: &mut impl Ports) -> bool {
        if matches!(input, Input::Committed(_) | Input::CommitFailed(..)) {
            self.commits.set(self.commits.get().saturating_sub(1));
        }
        self.wall.set(ports.wall());
        self.pipeline.borrow_mut().handle(self.wall.get(), input, effects);
        self.begin_secured(effects, ports)
    }

    fn begin_secured(&self, effects: &mut Effects, ports: &mut impl Ports) -> bool {
        if matches!(self.guard.get(), None | Some(Guard::None)) {
            // Before storing what makes more due; otherwise a worker killed in between is never woken.
            self.secure(self.next_deadline(), ports);
        }
        effects.is_empty() || self.begin_all(effects, ports)
    }

    fn begin_all(&self, effects: &mut Effects, ports: &mut impl Ports) -> bool {
        effects.drain().all(|effect| {
            let lives = ports.begins(&effect);
            if lives {
                self.commits.set(self.commits.get() + u32::from(matches!(effect, Effect::Commit { .. })));
                begin(effect, ports);
            }
            lives
        })
    }

    fn secure(&self, due: Option<Millis>, ports: &mut impl Ports) {
        let guard = Guard::of(due, self.wall.get());
        if self.guard.replace(Some(guard)) != Some(guard) {
            ports.guard(guard);
        }
    }
}

fn begin(effect: Effect, ports: &mut impl Ports) {
    match effect {
        Effect::RequestToken { id, request } => ports.request_token(id, request),
        Effect::OpenWindow { id, address } => ports.open_window(id, address),
        Effect::PostCard { id, request } => ports.post_card(id, request),
        Effect::Poll { id, request } => ports.poll(id, request),
        Effect::Abort(id) => ports.abort(id),
        Effect::OpenStream { conn, url } => ports.open_stream(conn, url),
        Effect::SendFrame { conn, frame } => ports.send_frame(conn, frame),
        Effect::CloseStream(conn) => ports.close_stream(conn),
        Effect::Commit { id, changes } => ports.commit(id, changes),
        Effect::ReadHistory { id, before, limit } => ports.read_history(id, before, limit),
        Effect::Recall { id, after, limit } => ports.recall(id, after, limit),
        Effect::TellOffsets(zones) => ports.tell_offsets(zones),
        Effect::Load => ports.load(),
        Effect::Record(chunk) => ports.record(chunk),
        Effect::ForgetRecording(through) => ports.forget_recording(through),
        Effect::ListRecording => ports.list_recording(),
        Effect::ReopenStorage => ports.reopen_storage(),
        Effect::DeleteStorage => ports.delete_storage(),
        Effect::Restart => ports.restart(),
        Effect::Reload => ports.reload(),
        Effect::StoreMarker => ports.store_marker(),
        Effect::StoreSettings { id, settings, secret } => ports.store_settings(id, settings, secret),
        Effect::StoreToken(token) => ports.store_token(token),
        Effect::KeepAlive { vitals } => ports.keep_alive(vitals),
        Effect::ShowBadge(badge) => ports.show_badge(badge),
        Effect::Notify(notice) => ports.notify(notice),
        Effect::Publish => ports.publish(),
        Effect::Reply(id, reply) => ports.reply(id, *reply),
    }
}

#[cfg(test)]
mod tests;
