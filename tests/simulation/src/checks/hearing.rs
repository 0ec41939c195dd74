//! The frames that a worker hears, and the cards that must follow.

use cuewire::pipeline::input::Input;

use crate::tally::Check;
use crate::world::World;
use crate::world::card::{Form, Heard};

const COMMITTED: u8 = 1;
const STARTED: u8 = 2;
const CLOSED: u8 = 3;

impl World {
    /// Before an input is handled.
    pub(crate) fn prepare_checks(&mut self, input: &Input<'_>) {
        self.ledger.committed = false;
        self.ledger.idle = false;
        // With the last piece, what a person wanted meanwhile shows.
        self.ledger.wished = matches!(
            input,
            Input::Command(..) | Input::SettingsStored(..) | Input::OnlineChanged(_) | Input::Recalled(..)
        );
        self.ledger.kind = match input {
            Input::Committed(id) if id.0 >= self.ledger.batch_from => {
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
        // A pause that ends by itself is written then.
        let paused = self.ledger.paused || self.any_rule_paused();
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
        let heard = &mut self.ledger.heard[at];
        heard.queue = self.utterances[utterance].queue.or(heard.queue);
        let fulfils = self.utterances[utterance].fulfils(heard.queue, &setup);
        let setups = self.worker.setup;
        self.trace.line(|| format!("heard {at}: {fulfils:?} by setup {setups:?}"));
        self.interactions[at].ended |= last;
        let fired = |world: &World, rule: usize| {
            world.interactions[at].cards[rule].is_some_and(|card| world.ledger.cards[card].fired)
        };
        let known = self.interactions[at].cards != [None; 2];
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
        let noisy = self.note_noise(at, fulfils, &setup);
        let gray = self.interactions[at].blurred || noisy || setup.dry_run || setup.host != host || self.ledger.paused;
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
            !world.interactions[at].cards.into_iter().flatten().any(|card| {
                let card = &world.ledger.cards[card];
                (!setup.per_rule || card.rule == rule) && (card.fired || card.form.is_some())
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
            let due = self.worker.runner.pipeline().next_deadline().map_or(u64::MAX, |due| due.0);
            let soon = self.storage.is_writing() || due <= wall + 46_000;
            self.check(Check::NoneMissed, soon, || "a trigger is not being written, and nothing is due".to_owned());
        }
        let long = self.ledger.kind == CLOSED && self.ledger.attempt >= 6;
        if long || self.tally.inputs.is_multiple_of(64) {
            self.look_at_status();
        }
    }
}
