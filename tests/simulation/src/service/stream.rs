//! The sockets of the stream, and what goes through them.

use cuewire::model::ask::SocketId;
use cuewire::pipeline::input::Input;
use cuewire::shell::burst::{Burst, Turn};

use crate::plan::HOSTS;
use crate::tally::{Check, Fault};
use crate::world::World;
use crate::world::event::Event;
use crate::world::server::Spell;
use crate::world::socket::Socket;
use crate::world::utterance::Utterance;

impl World {
    pub(crate) fn open_socket(&mut self, conn: SocketId, url: &str) {
        let host = HOSTS.iter().position(|host| url.starts_with(&host.replace("https", "wss")));
        let token = url.rsplit("access_token=").next().unwrap_or_default().to_owned();
        let right = match (host, self.worker.setup) {
            (Some(host), Some(setup)) => {
                self.setups[setup].host == host && self.servers[host].tokens.iter().any(|given| given.value == token)
            }
            _ => false,
        };
        self.check(Check::RightHost, right, || "a token went into another host's socket".to_owned());
        let second = self.worker.socket.is_some();
        self.check(Check::OneSocket, !second, || "a second socket".to_owned());
        self.note_stream_open();
        let (life, host) = (self.worker.life, host.unwrap_or(0));
        let at = self.sockets.len();
        let socket = Socket {
            life,
            conn,
            host,
            token,
            wanted: true,
            opened: false,
            served: false,
            half_open: false,
            arrives_at: 0,
        };
        self.sockets.push(socket);
        self.worker.socket = Some(at);
        let delay = self.dice.between(3, 80);
        let refused =
            self.now < self.refused_until || matches!(self.spell_of(host), Some(Spell::Portal | Spell::Redirects));
        if refused {
            self.note_refusal(true);
        }
        if refused || self.now < self.down_until || self.strikes(Fault::UpgradeRefused) {
            self.after(delay, Event::Closes(at, 1006));
        } else if !self.strikes(Fault::UpgradeHangs) {
            self.after(delay, Event::Upgrades(at));
        }
    }

    /// An upgrade reaches the server.
    pub(crate) fn upgrades(&mut self, at: usize) {
        let (now, delay) = (self.now, self.dice.between(3, 80));
        let Socket { host, ref token, .. } = self.sockets[at];
        let valid =
            self.servers[host].tokens.iter().any(|given| given.value == *token && !given.revoked && given.until > now);
        if !valid || self.now < self.down_until {
            return self.after(delay, Event::Closes(at, 1006));
        }
        self.sockets[at].served = true;
        self.sockets[at].arrives_at = self.now + delay;
        self.after(delay, Event::Opens(at));
    }

    pub(crate) fn opens(&mut self, at: usize) {
        let Socket { life, conn, wanted, .. } = self.sockets[at];
        if !self.is_alive(life) || !wanted {
            return;
        }
        self.sockets[at].opened = true;
        self.ledger.opened_at = self.perceived();
        self.note_refusal(false);
        if self.strikes(Fault::HalfOpen) {
            self.sockets[at].half_open = true;
        }
        self.feed(Input::StreamOpened(conn));
    }

    /// The service has something to say to everyone who listens.
    pub(crate) fn speaks(&mut self) {
        let pause = self.dice.between(self.plan.speak_every / 3, self.plan.speak_every * 2);
        if self.healed_at.is_none_or(|healed| self.now < healed + 20_000) {
            self.after(pause.max(1), Event::Speaks);
        }
        if self.interactions.is_empty() {
            return;
        }
        let at = self.dice.below(self.interactions.len() as u64) as usize;
        let setup = self.setups[self.dice.below(self.setups.len() as u64) as usize].clone();
        let at = match self.interactions[at].twin {
            Some(twin) if self.dice.chance(500) => {
                self.happened(Fault::SharedId);
                twin
            }
            _ => at,
        };
        let utterance = match self.now < self.gibberish_until || self.strikes(Fault::Garbage) {
            true => Utterance::garbage(&mut self.dice),
            false => Utterance::draw(at, &self.interactions[at].id, &setup, &mut self.dice),
        };
        let host = self.interactions[at].host;
        self.say(host, utterance);
    }

    /// Says something to all who listen to this host.
    pub(crate) fn say(&mut self, host: usize, utterance: Utterance) {
        let number = self.utterances.len();
        self.utterances.push(utterance);
        for at in 0..self.sockets.len() {
            let socket = &self.sockets[at];
            if !socket.served || socket.host != host {
                continue;
            }
            if self.strikes(Fault::StreamDropped) {
                let code = self.dice.pick(&[1000, 1001, 1006, 1006, 1011, 1012, 4000]);
                self.sockets[at].served = false;
                let delay = self.dice.between(1, 60);
                self.after(delay, Event::Closes(at, code));
                continue;
            }
            if self.strikes(Fault::HalfOpen) {
                self.sockets[at].half_open = true;
            }
            if self.sockets[at].half_open || self.now < self.down_until {
                continue;
            }
            let delay = self.dice.between(1, 60);
            let arrives = self.sockets[at].arrives_at.max(self.now + delay);
            self.sockets[at].arrives_at = arrives;
            self.at(arrives, Event::Says(at, number));
            if self.strikes(Fault::FrameTwice) {
                self.at(arrives, Event::Says(at, number));
            }
        }
    }

    pub(crate) fn says(&mut self, at: usize, utterance: usize) {
        let Socket { life, conn, wanted, .. } = self.sockets[at];
        if !self.is_alive(life) || (!wanted && !self.strikes(Fault::OldSocketSpeaks)) {
            return;
        }
        let place = [at as u64, utterance as u64].map(u64::to_le_bytes).concat();
        match self.worker.burst.take(conn, &place, self.worker.runner.is_committing()) {
            Turn::Now => {}
            Turn::Later => return self.after(0, Event::GoesOn(life)),
            Turn::Waiting => return,
            Turn::Last => self.end_burst(),
        }
        self.hears(at, utterance);
    }

    /// The worker handles the next frames that waited.
    pub(crate) fn goes_on(&mut self, life: u32) {
        if !self.is_alive(life) {
            return;
        }
        let slice = self.worker.burst.slice();
        self.hears_all(life, slice);
        if self.is_alive(life) && !self.worker.burst.is_empty() {
            self.after(0, Event::GoesOn(life));
        }
    }

    fn end_burst(&mut self) {
        let all = self.worker.burst.all();
        self.hears_all(self.worker.life, all);
    }

    fn hears_all(&mut self, life: u32, frames: Vec<(SocketId, Vec<u8>)>) {
        for (_, place) in frames {
            let number = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("eight bytes")) as usize;
            if self.is_alive(life) {
                self.hears(number(&place[..8]), number(&place[8..]));
            }
        }
    }

    fn hears(&mut self, at: usize, utterance: usize) {
        let Socket { conn, wanted, .. } = self.sockets[at];
        // The bytes are lent to the core, and the world is changed meanwhile.
        let bytes = std::mem::take(&mut self.utterances[utterance].bytes);
        self.ledger.hearing = wanted.then_some((utterance, self.sockets[at].host));
        if wanted {
            self.note_frame(self.utterances[utterance].interaction.is_some());
        }
        self.feed(Input::Frame(conn, &bytes));
        self.ledger.hearing = None;
        self.utterances[utterance].bytes = bytes;
    }

    pub(crate) fn closes(&mut self, at: usize, code: u16) {
        self.sockets[at].served = false;
        if self.is_alive(self.sockets[at].life) {
            self.end_burst();
        }
        let Socket { life, conn, wanted, .. } = self.sockets[at];
        if !self.is_alive(life) || (!wanted && !self.strikes(Fault::OldSocketSpeaks)) {
            return;
        }
        if wanted {
            self.sockets[at].wanted = false;
            self.worker.socket = None;
            self.note_stream_end(at);
            if code == 1006 && !self.sockets[at].opened && self.healed_at.is_none() {
                self.trace.line(|| "refused".to_owned());
            }
        }
        self.feed(Input::StreamClosed(conn, code));
    }

    pub(crate) fn close_socket(&mut self, conn: SocketId) {
        let life = self.worker.life;
        let Some(at) = self.sockets.iter().rposition(|socket| socket.life == life && socket.conn == conn) else {
            return;
        };
        if self.worker.socket == Some(at) {
            self.worker.socket = None;
        }
        if self.sockets[at].wanted {
            self.sockets[at].wanted = false;
            self.note_stream_end(at);
            self.after(5, Event::Closes(at, 1000));
        }
    }

    /// The worker is gone: the server notices sooner or later.
    pub(crate) fn bury(&mut self) {
        let life = self.worker.life;
        for socket in self.sockets.iter_mut().filter(|socket| socket.life == life) {
            socket.served = false;
            socket.wanted = false;
        }
        self.worker.socket = None;
        self.worker.burst = Burst::default();
        self.worker.cards.clear();
        self.worker.tokens.clear();
        for request in self.requests.iter_mut().filter(|request| request.life == life) {
            request.over = true;
        }
        self.worker.unanswered.clear();
    }
}
