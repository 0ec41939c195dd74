//! The whole pipeline, fed a script of inputs: any input in any state, with a store that applies what is committed.
//!
//! A script is bytes that read as text, so that the corpus can be written by hand. Each step is a letter, with the
//! characters after it as arguments; see [`World::step`].
//!
//! | part | where |
//! | --- | --- |
//! | what a step does | here |
//! | what a step's arguments stand for | [`arguments`] |
//! | what must hold after each | [`promises`] |

mod arguments;
mod promises;

use cuewire::model::ask::{CommitFailure, CommitId, RequestId, SocketId};
use cuewire::model::time::Millis;
use cuewire::pipeline::effect::CommandId;
use cuewire::pipeline::input::Input;
use cuewire::shell::Runner;
use cuewire::shell::memory::Stored;
use cuewire::views::protocol::Request;

use self::arguments::{card_outcome, frame, request, token_outcome};
use crate::rig::{Rig, SECRET, SETTINGS};

/// Part of every token that is given here. It must turn up in no place that people see or that outlives the browser.
const TOKEN: &str = "tok-Tok-tok";

/// Steps of one script that are taken; what follows is not looked at.
const STEPS: usize = 1_500;

/// The latest instant that a browser can show. What lies beyond is tried too, though not how long it takes to be due.
const LATEST_DATE: Millis = Millis(8_640_000_000_000_000);

/// Checks one input.
pub fn check(data: &[u8]) {
    let mut script = data.iter().copied();
    let mut world = World::new();
    for _ in 0..STEPS {
        let Some(step) = script.next() else { break };
        world.step(step, &mut script);
        world.take_effects();
        world.does_not_spin();
    }
    // Whatever has happened, the pages can be told.
    world.command(Request::Dashboard);
    world.take_effects();
}

struct World {
    rig: Rig,
    beyond_dates: bool,
    commands: u64,
    tokens: u64,
}

impl World {
    fn new() -> World {
        let mut rig = Rig::new();
        rig.host.stored = Stored::with_settings(SETTINGS, SECRET);
        let mut world = World { rig, beyond_dates: false, commands: 0, tokens: 0 };
        world.start(0);
        world.take_effects();
        world
    }

    /// | step | what happens |
    /// | --- | --- |
    /// | `s` flags | the worker is killed and starts again |
    /// | `t`, `w` span | a tick when one is due; the clock moves |
    /// | `a` kind, `p` which kind | a token request is answered; a card is |
    /// | `o`, `x` which code | a socket opens; one closes |
    /// | `f` kind number, `F` length bytes | a frame of a known kind; any frame |
    /// | `c`, `C` kind | the oldest commit is durable; it is refused |
    /// | `m` kind, `S` kind | a page asks for something; settings are stored, or not |
    /// | `n` `l` `g` `i` | network, local time, pages, an id that nobody gave |
    fn step(&mut self, step: u8, script: &mut impl Iterator<Item = u8>) {
        let mut next = || script.next().map_or(0, |byte| byte.wrapping_sub(b'0'));
        match step {
            b's' => {
                let flags = next();
                self.start(flags);
            }
            b't' => self.tick_when_due(),
            b'w' => self.move_clock(next()),
            b'a' => {
                let outcome = token_outcome(next(), self.tokens);
                self.tokens += 1;
                if let Some((id, _)) = pop(&mut self.rig.host.tokens, 0) {
                    self.rig.feed(Input::HttpDone(id, outcome));
                }
            }
            b'p' => {
                let (which, outcome) = (next(), card_outcome(next(), next()));
                if let Some((id, _)) = pop(&mut self.rig.host.posts, which) {
                    self.rig.feed(Input::HttpDone(id, outcome));
                }
            }
            b'o' => {
                if let Some(conn) = self.rig.host.sockets.last() {
                    self.rig.feed(Input::StreamOpened(*conn));
                }
            }
            b'x' => {
                let (which, code) = (next(), next());
                if let Some(conn) = pop(&mut self.rig.host.sockets, which) {
                    self.rig
                        .feed(Input::StreamClosed(conn, [1000, 1001, 1006, 1011, 0, u16::MAX][usize::from(code) % 6]));
                }
            }
            b'f' => {
                let (kind, number) = (next(), next());
                self.frame(frame(kind, number).as_bytes());
            }
            b'F' => {
                let length = usize::from(next());
                let bytes: Vec<u8> = script.take(length).collect();
                self.frame(&bytes);
            }
            b'c' => self.commit(),
            b'C' => {
                let kind = next();
                if let Some((id, _)) = pop(&mut self.rig.host.commits, 0) {
                    let other = || CommitFailure::Other("the browser's words".to_owned());
                    let failure = if kind.is_multiple_of(2) { CommitFailure::QuotaExceeded } else { other() };
                    self.rig.feed(Input::CommitFailed(id, failure));
                }
            }
            b'm' => {
                let request = request(next(), next());
                self.command(request);
            }
            b'S' => {
                let kind = next();
                self.settings_stored(kind);
            }
            b'n' => self.rig.feed(Input::OnlineChanged(next().is_multiple_of(2))),
            b'l' => {
                let minutes = [0, 60, -300, 840, i32::MAX, i32::MIN][usize::from(next()) % 6];
                self.rig.feed(Input::LocalOffset(minutes));
            }
            b'g' => self.rig.feed(Input::PagesOpen(u32::from(next()))),
            b'i' => {
                let (kind, id) = (next(), u64::from(next()));
                self.stray(kind, id);
            }
            _ => self.rig.feed(Input::Tick),
        }
    }

    fn start(&mut self, flags: u8) {
        let set = |bit: u8| flags & (1 << bit) != 0;
        let mut journal: Vec<(String, String)> =
            if set(0) { Vec::new() } else { self.rig.host.stored.journal.clone().into_iter().collect() };
        if set(1) {
            for (_, text) in journal.iter_mut().skip(usize::from(flags >> 4)).step_by(3) {
                text.pop();
            }
        }
        // An earlier request is forgotten, or dies with the worker; requests may have reached the server all the same.
        let saves = std::mem::take(&mut self.rig.host.saves);
        self.rig.host.kill();
        self.rig.host.saves = saves;
        let mut start = self.rig.host.stored.start(u64::from(flags));
        start.journal = if set(2) { Err("unreadable".to_owned()) } else { Ok(journal) };
        start.settings.take_if(|_| set(3));
        start.secret.take_if(|_| set(4));
        start.token.take_if(|_| set(5));
        start.vitals.take_if(|_| set(6));
        if set(7) {
            // A new worker, not only a new start.
            self.rig.runner = Runner::default();
            self.rig.host.saves.clear();
        }
        self.rig.feed(Input::Started(start));
    }

    fn tick_when_due(&mut self) {
        let due = self.rig.host.due.unwrap_or(self.rig.host.wall.plus(Millis::from_secs(1)));
        self.rig.host.wall = self.rig.host.wall.max(due);
        self.rig.feed(Input::Tick);
    }

    fn move_clock(&mut self, span: u8) {
        const SPANS: [u64; 12] =
            [1, 100, 1_000, 5_000, 15_000, 45_000, 600_000, 3_600_000, 86_400_000, 40 * 86_400_000, 1 << 53, u64::MAX];
        let wall = self.rig.host.wall;
        let amount = Millis(SPANS[usize::from(span & 0x7f) % SPANS.len()]);
        self.rig.host.wall = if span & 0x80 == 0 { wall.plus(amount) } else { wall.since(amount) };
        self.beyond_dates |= self.rig.host.wall > LATEST_DATE;
    }

    fn frame(&mut self, bytes: &[u8]) {
        let conn = self.rig.host.sockets.last().copied().unwrap_or(SocketId::Stream(0));
        self.rig.feed(Input::Frame(conn, bytes));
    }

    fn commit(&mut self) {
        let Some((id, changes)) = pop(&mut self.rig.host.commits, 0) else { return };
        self.rig.host.stored.apply(changes);
        self.rig.feed(Input::Committed(id));
    }

    fn command(&mut self, request: Request) {
        self.commands += 1;
        self.rig.feed(Input::Command(CommandId(self.commands), request));
    }

    fn settings_stored(&mut self, kind: u8) {
        let Some((id, settings, secret)) = pop(&mut self.rig.host.saves, kind >> 1) else { return };
        if !kind.is_multiple_of(2) {
            self.rig.feed(Input::SettingsStored(id, Err("no room".to_owned())));
            return;
        }
        self.rig.host.stored.save(settings, secret);
        self.rig.feed(Input::SettingsStored(id, Ok(())));
    }

    /// Under an id that nobody gave, or that is long over.
    fn stray(&mut self, kind: u8, id: u64) {
        let input = match kind % 7 {
            0 => Input::HttpDone(request_id(id), card_outcome(id as u8, 0)),
            1 => Input::StreamOpened(SocketId::Stream(id)),
            2 => Input::StreamClosed(SocketId::Probe(id), 1006),
            3 => Input::Frame(SocketId::Stream(id), b"{}"),
            4 => Input::CommitFailed(CommitId(u64::MAX - id), CommitFailure::QuotaExceeded),
            5 => Input::Committed(CommitId(u64::MAX - id)),
            _ => Input::SettingsStored(CommandId(u64::MAX - id), Ok(())),
        };
        if let Input::HttpDone(id, _) = &input {
            let host = &mut self.rig.host;
            for pending in [&mut host.posts, &mut host.tokens] {
                pending.retain(|(other, _)| other != id);
            }
        }
        self.rig.feed(input);
    }
}

fn request_id(number: u64) -> RequestId {
    let owners = [RequestId::Token, RequestId::Card, RequestId::Probe, RequestId::Poll];
    owners[number as usize % owners.len()](number)
}

fn pop<T>(pending: &mut Vec<T>, which: u8) -> Option<T> {
    if pending.is_empty() { None } else { Some(pending.remove(usize::from(which) % pending.len())) }
}
