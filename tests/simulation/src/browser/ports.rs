//! The world as the host of the runner.

use cuewire::model::ask::{Change, CommitId, RequestId, SocketId};
use cuewire::model::http::{HttpRequest, Secret};
use cuewire::model::time::Millis;
use cuewire::pipeline::effect::{CommandId, Effect, RecallId, SecretChange};
use cuewire::recording::{Chunk, Key};
use cuewire::shell::ports::{Guard, Http, Pages, Recording, Storage, Stream, Timer, Worker};
use cuewire::views::protocol::{Badge, Notice, Reply};

use crate::plan::MARK;
use crate::tally::{Check, Fault};
use crate::world::World;
use crate::world::event::Event;
use crate::world::worker::State;

/// Ticks in a row that do and change nothing: as many as this are a busy loop.
const BUSY: u32 = 5;

impl Worker for World {
    /// A worker dies between two effects: by the script, by chance, or because an effect ended it.
    fn begins(&mut self, effect: &Effect) -> bool {
        if self.worker.state != State::Alive {
            return false;
        }
        if self.worker.step.begun == 0 && self.strikes(Fault::KilledBetweenEffects) {
            self.worker.step.cut = Some(self.dice.below(6));
        }
        let scripted = self.cuts.first().copied().filter(|(at, _)| *at == self.tally.effects);
        if let Some((_, survives)) = scripted {
            self.cuts.remove(0);
            self.kill(Some(survives));
            return false;
        }
        if self.worker.step.cut == Some(self.worker.step.begun) {
            self.kill(None);
            return false;
        }
        self.worker.step.begun += 1;
        self.tally.effects += 1;
        self.trace_effect(effect);
        true
    }

    fn load(&mut self) {
        self.worker.read_early = Some(self.read_settings());
        self.worker.adopted = None;
        let (mut span, life) = (self.dice.between(5, 60), self.worker.life);
        if self.strikes(Fault::SlowStart) {
            span += self.dice.between(500, 15_000);
        }
        self.after(span, Event::Loaded(life));
    }

    fn restart(&mut self) {
        self.after(1, Event::Wake);
        self.kill(None);
    }

    fn reload(&mut self) {
        self.restart();
    }

    fn guard(&mut self, guard: Guard) {
        if self.worker.state == State::Alive && self.worker.step.cut.is_none() {
            self.set_guard(guard);
        }
    }
}

impl Timer for World {
    fn wall(&self) -> Millis {
        Millis(self.wall())
    }

    fn arm(&mut self, due: Option<Millis>) {
        if self.worker.state != State::Alive || self.worker.step.cut.is_some() {
            return;
        }
        let (wall, due) = (self.wall(), due.map(|due| due.0));
        let did_nothing = self.worker.step.begun == 0;
        self.worker.busy = if did_nothing && due.is_some_and(|due| due <= wall) { self.worker.busy + 1 } else { 0 };
        let busy = self.worker.busy;
        self.check(Check::NoBusyLoop, busy < BUSY, || {
            format!("{busy} ticks in a row did nothing, and it is due again")
        });
        if self.worker.armed == due {
            return;
        }
        self.worker.armed = due;
        self.worker.arming += 1;
        if let Some(due) = due {
            let mut span = due.saturating_sub(wall).max(1);
            if self.strikes(Fault::TimerLate) {
                self.worker.punctual = false;
                span += self.dice.between(100, 40_000);
                self.time.late_until = self.time.late_until.max(self.now + span);
            }
            let (life, arming) = (self.worker.life, self.worker.arming);
            self.after(span, Event::Timer(life, arming));
        }
    }

    fn tell_offsets(&mut self, zones: Vec<String>) {
        self.check(Check::Bounds, false, || format!("no rule of this world names a zone: {zones:?}"));
    }
}

impl Http for World {
    fn request_token(&mut self, id: RequestId, request: HttpRequest) {
        self.ask_for_token(id, request);
    }

    fn post_card(&mut self, id: RequestId, request: HttpRequest) {
        self.post(id, request);
    }

    fn poll(&mut self, _: RequestId, request: HttpRequest) {
        self.check(Check::Bounds, false, || format!("the contract has no polls: {request:?}"));
    }

    fn abort(&mut self, id: RequestId) {
        self.give_up_request(id);
    }
}

impl Stream for World {
    fn open_stream(&mut self, conn: SocketId, url: Secret) {
        self.open_socket(conn, &url.0);
    }

    fn send_frame(&mut self, conn: SocketId, _: Secret) {
        self.check(Check::Bounds, false, || format!("the contract has no frame to send on {conn:?}"));
    }

    fn close_stream(&mut self, conn: SocketId) {
        self.close_socket(conn);
    }
}

impl Storage for World {
    fn commit(&mut self, id: CommitId, changes: Vec<Change>) {
        self.begin_commit(id, changes);
    }

    /// No person of this world opens the log.
    fn read_history(&mut self, _: CommandId, _: Option<String>, _: u32) {}

    fn recall(&mut self, id: RecallId, after: String, limit: u32) {
        self.begin_recall(id, after, limit);
    }

    fn reopen_storage(&mut self) {
        self.reopen_database();
    }

    fn delete_storage(&mut self) {
        self.delete_database();
    }

    fn store_marker(&mut self) {
        self.storage.marker = true;
    }

    fn store_settings(&mut self, id: CommandId, settings: Option<String>, secret: SecretChange) {
        self.begin_settings(id.0, settings, secret);
    }

    fn store_token(&mut self, token: Option<Secret>) {
        if !self.strikes(Fault::TokenNotKept) {
            self.storage.token = token.map(|token| token.0);
        }
    }

    fn keep_alive(&mut self, vitals: String) {
        self.check(Check::SecretKept, !vitals.contains(MARK), || "a secret in the vitals".to_owned());
        self.worker.active_at = self.now;
        self.storage.vitals = Some(vitals);
    }
}

impl Recording for World {
    fn record(&mut self, chunk: Chunk) {
        self.storage.recording.insert(chunk.key, chunk.bytes);
    }

    fn forget_recording(&mut self, through: Option<Key>) {
        self.storage.recording.retain(|key, _| through.is_some_and(|last| *key > last));
    }

    fn list_recording(&mut self) {
        let life = self.worker.life;
        self.after(3, Event::RecordingListed(life));
    }
}

impl Pages for World {
    fn reply(&mut self, id: CommandId, reply: Reply) {
        self.replied(id.0, &reply);
    }

    fn publish(&mut self) {}

    /// No browser here opens a window; the stream's connection needs none.
    fn open_window(&mut self, _: RequestId, _: Secret) {}

    fn show_badge(&mut self, badge: Badge) {
        let length = badge.text.chars().count();
        self.check(Check::Bounds, length <= 4, || format!("a badge of {length} characters"));
    }

    fn notify(&mut self, notice: Notice) {
        self.note_notice(&notice);
    }
}
