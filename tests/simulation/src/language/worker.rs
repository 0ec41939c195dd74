//! The worker of this world: how it starts, dies, hears and asks.

use cuewire::model::ask::{Change, CommitId};
use cuewire::pipeline::input::Input;
use cuewire::shell::Runner;

use super::{Event, Known, World};
use crate::common::host::Asked;

impl World {
    pub(super) fn wake(&mut self) {
        if self.alive {
            return;
        }
        self.life += 1;
        self.alive = true;
        self.runner = Runner::default();
        let seed = self.dice.roll();
        self.feed(Input::Started(self.host.stored.start(seed)));
    }

    /// The worker is gone, and the oracle knows what the next one reads.
    pub(super) fn die(&mut self) {
        if !self.alive {
            return;
        }
        self.tally.kills_survived += 1;
        (self.alive, self.socket) = (false, None);
        self.host.end_worker();
        for place in self.commits.under_way(self.life) {
            if self.dice.chance(500) {
                self.become_durable(place);
            }
        }
        self.commits.lose(self.life);
        self.cards.clone_from(&self.durable.cards);
        self.desk.restart(self.durable.durable.clone());
        self.desk.evaluator.tell_zones(false);
        let again = self.dice.pick(&[30, 100, 700, 3_000, 15_000]);
        self.soon(again, Event::Wakes);
    }

    pub(super) fn become_durable(&mut self, place: usize) {
        let Some((changes, known)) = self.commits.take(place) else { return };
        self.durable = known.clone();
        self.host.stored.apply(changes);
        self.soon(20, Event::Committed(place));
    }

    /// Hands the core an input. All that time has brought until now comes first, for the core as for the oracle.
    pub(super) fn feed(&mut self, input: Input<'_>) {
        if !self.alive {
            return;
        }
        self.pass();
        self.host.wall = self.now;
        match input {
            input @ Input::Frame(..) => self.runner.feed(input, &mut self.host),
            Input::Started(start) => self.runner.happen(Input::Started(start), &mut self.host),
            Input::Tick => self.runner.happen(Input::Tick, &mut self.host),
            Input::HttpDone(id, outcome) => self.runner.happen(Input::HttpDone(id, outcome), &mut self.host),
            Input::StreamOpened(conn) => self.runner.happen(Input::StreamOpened(conn), &mut self.host),
            Input::Committed(id) => self.runner.happen(Input::Committed(id), &mut self.host),
            Input::ZoneOffsets(told) => self.runner.happen(Input::ZoneOffsets(told), &mut self.host),
            other => unreachable!("nobody of this world does {other:?}"),
        }
        self.take_asked();
        if self.host.is_dead {
            self.die();
        }
    }

    pub(super) fn take_asked(&mut self) {
        for asked in std::mem::take(&mut self.host.asked) {
            match asked {
                Asked::Token(id, _) => {
                    self.requests.push((self.life, id));
                    self.soon(40, Event::Token(self.requests.len() - 1));
                }
                Asked::Card(id) => {
                    self.requests.push((self.life, id));
                    self.soon(300, Event::Answers(self.requests.len() - 1));
                }
                Asked::Open(conn) => {
                    self.sockets.push((self.life, conn));
                    self.soon(40, Event::Opens(self.sockets.len() - 1));
                }
                // A stream that was silent for long is replaced.
                Asked::Close(conn) => self.socket = self.socket.filter(|open| *open != conn),
                Asked::Commit(id, changes) => self.begin_commit(id, changes),
                // The service of this world has a stream and nothing else.
                Asked::Poll(..) | Asked::Window(..) => {}
                Asked::Zones(zones) => {
                    self.zones = zones;
                    self.soon(20, Event::Zones);
                }
            }
        }
    }

    pub(super) fn begin_commit(&mut self, id: CommitId, changes: Vec<Change>) {
        for change in &changes {
            match change {
                Change::Put(_, key, text) if key.starts_with("tracks/") => self.trace.line(|| format!("{key}: {text}")),
                Change::Delete(_, key) => self.trace.line(|| format!("{key} goes")),
                _ => {}
            }
            if let Change::Put(_, key, text) = change
                && key.starts_with("card/")
            {
                self.judge_card(text);
            }
        }
        let known = Known { durable: self.desk.durable(), cards: self.cards.clone() };
        let place = self.commits.begin(id, self.life, changes, known);
        self.soon(60, Event::Durable(place));
    }
}
