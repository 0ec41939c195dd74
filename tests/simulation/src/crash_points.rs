//! Every effect boundary, cut once; and every pair of two.
//!
//! A script says what happens when, without any chance in it. The worker is killed right before one of its effects, then
//! (in the runs of pairs) before a second one, and what was being written is durable or not: both are tried.

use cuewire::delivery::outbox::CardName;
use cuewire::model::fingerprint::Fingerprint;

use crate::dice::Dice;
use crate::outcome::{Outcome, Violation};
use crate::plan::{HOSTS, MARK, Plan};
use crate::trace::Trace;
use crate::world::World;
use crate::world::event::Event;
use crate::world::utterance::Utterance;
use crate::world::wish::{Step, Wish};
use crate::world::worker::State;

/// The faults of a script stop then; what is due after it is seen by the usual end of a schedule.
const END: u64 = 12_000;

/// The events of the script, with their instants.
#[derive(Debug)]
pub struct Script {
    /// The subject of the script.
    pub name: &'static str,
    /// Whether settings are stored from the beginning.
    set_up: bool,
    /// Statuses of the first cards.
    statuses: &'static [u16],
    steps: fn() -> Vec<(u64, Step)>,
}

/// The result of all cuts.
#[derive(Debug)]
pub struct Cuts {
    /// Effects of the whole script.
    pub boundaries: u64,
    /// Runs made.
    pub runs: u64,
    /// Kills survived.
    pub kills: u64,
    /// The check that failed, and the place of the cut.
    pub violations: Vec<(Vec<(u64, bool)>, Violation)>,
}

/// All scripts.
pub const SCRIPTS: &[Script] = &[
    Script { name: "start", set_up: true, statuses: &[], steps: Vec::new },
    Script {
        name: "first settings",
        set_up: false,
        statuses: &[],
        steps: || vec![(200, Step::Want(Wish::Save(0))), (2_000, Step::Plea(0))],
    },
    Script {
        name: "trigger, dispatch, settle",
        set_up: true,
        statuses: &[],
        steps: || vec![(1_000, Step::Plea(0)), (1_500, Step::Plea(1))],
    },
    Script {
        name: "a burst",
        set_up: true,
        statuses: &[],
        steps: || vec![(1_000, Step::Plea(0)), (1_000, Step::Plea(1)), (1_001, Step::Plea(2)), (1_002, Step::Plea(4))],
    },
    Script {
        name: "429, hold, settle",
        set_up: true,
        statuses: &[429, 200, 429],
        steps: || vec![(1_000, Step::Plea(0)), (1_300, Step::Plea(1))],
    },
    Script {
        name: "5xx, backoff, settle",
        set_up: true,
        statuses: &[503, 408, 200],
        steps: || vec![(1_000, Step::Plea(0))],
    },
    Script {
        name: "401, fresh token, settle",
        set_up: true,
        statuses: &[401, 200],
        steps: || vec![(1_000, Step::Plea(0))],
    },
    Script {
        name: "401 twice, try again",
        set_up: true,
        statuses: &[401, 401],
        steps: || vec![(1_000, Step::Plea(0)), (3_000, Step::Want(Wish::TryAgain(None)))],
    },
    Script {
        name: "given up, taken back, dropped",
        set_up: true,
        statuses: &[403, 413],
        steps: || {
            vec![
                (1_000, Step::Plea(0)),
                (2_000, Step::Plea(1)),
                (3_000, Step::Want(Wish::TryAgain(Some(first_card())))),
                (4_000, Step::Want(Wish::Drop(None))),
            ]
        },
    },
    Script {
        name: "damaged records",
        set_up: true,
        statuses: &[503, 503, 503],
        steps: || {
            vec![
                (1_000, Step::Plea(0)),
                (1_500, Step::Damage("card/")),
                (2_500, Step::Plea(0)),
                (3_500, Step::Damage("fired/")),
                (4_500, Step::Plea(0)),
                (5_500, Step::Damage("meta")),
                (6_500, Step::Plea(1)),
            ]
        },
    },
    Script {
        name: "a journal come back empty",
        set_up: true,
        statuses: &[],
        steps: || vec![(1_000, Step::Plea(0)), (2_000, Step::Empty), (3_500, Step::Plea(0))],
    },
    Script {
        name: "no room, and room again",
        set_up: true,
        statuses: &[503],
        steps: || {
            vec![
                (1_000, Step::Plea(0)),
                (2_000, Step::Full(300)),
                (2_100, Step::Plea(1)),
                (6_000, Step::Room),
                (6_100, Step::Plea(2)),
            ]
        },
    },
    Script {
        name: "settings saved, another organisation",
        set_up: true,
        statuses: &[503, 503],
        steps: || {
            vec![
                (1_000, Step::Plea(0)),
                (1_200, Step::Want(Wish::Save(1))),
                (2_000, Step::Want(Wish::Save(2))),
                (2_005, Step::Want(Wish::Save(3))),
                (4_000, Step::Plea(3)),
            ]
        },
    },
    Script {
        name: "clear, and settings once more",
        set_up: true,
        statuses: &[503],
        steps: || {
            vec![
                (1_000, Step::Plea(0)),
                (2_000, Step::Want(Wish::Clear)),
                (2_001, Step::Want(Wish::Save(1))),
                (5_000, Step::Plea(1)),
            ]
        },
    },
    Script {
        name: "pause and resume",
        set_up: true,
        statuses: &[503],
        steps: || {
            vec![
                (1_000, Step::Plea(0)),
                (1_500, Step::Want(Wish::Pause(Some(5), None))),
                (3_000, Step::Want(Wish::Resume(None))),
                (4_000, Step::Plea(1)),
            ]
        },
    },
    Script {
        name: "records of version 1",
        set_up: true,
        statuses: &[403, 200, 503, 503],
        steps: || {
            vec![
                (1_000, Step::Plea(0)),
                (1_200, Step::Plea(1)),
                (1_400, Step::Plea(2)),
                (2_500, Step::Old),
                (3_500, Step::Plea(4)),
                (4_500, Step::Plea(1)),
                (5_000, Step::Plea(2)),
            ]
        },
    },
    Script {
        name: "two organisations with the same ids",
        set_up: true,
        statuses: &[200, 503, 503],
        steps: || {
            vec![
                (1_000, Step::Plea(0)),
                (1_500, Step::Plea(1)),
                (2_000, Step::Want(Wish::Save(2))),
                (4_000, Step::Twin(0)),
                (4_200, Step::Twin(1)),
                (6_000, Step::Want(Wish::Save(0))),
                (8_000, Step::Plea(0)),
            ]
        },
    },
    Script {
        name: "the stream drops, the worker restarts",
        set_up: true,
        statuses: &[],
        steps: || vec![(1_000, Step::Drop), (2_900, Step::Plea(0)), (3_000, Step::Restart), (4_000, Step::Plea(0))],
    },
];

/// Cuts a script everywhere.
pub fn cut(script: &Script) -> Cuts {
    let whole = play(script, &[], false);
    let mut result = Cuts { boundaries: whole.tally.effects, runs: 1, kills: 0, violations: Vec::new() };
    result.violations.extend(whole.violation.map(|violation| (Vec::new(), violation)));
    for first in 0..result.boundaries {
        for survives in [false, true] {
            let longest = result.run(script, &[(first, survives)]);
            // The effects after the first kill are others than before: as many as that run had.
            for second in first..longest {
                for second_survives in [false, true] {
                    result.run(script, &[(first, survives), (second, second_survives)]);
                }
            }
        }
    }
    result
}

impl Cuts {
    fn run(&mut self, script: &Script, cuts: &[(u64, bool)]) -> u64 {
        let outcome = play(script, cuts, false);
        self.runs += 1;
        self.kills += outcome.tally.kills_survived;
        self.violations.extend(outcome.violation.map(|violation| (cuts.to_vec(), violation)));
        outcome.tally.effects
    }
}

fn first_card() -> CardName {
    CardName::new(Fingerprint::of(HOSTS[0]), "trigger-i-0-negative-sentiment-1".to_owned())
}

/// Plays a script once, with these cuts.
pub fn play(script: &Script, cuts: &[(u64, bool)], readable: bool) -> Outcome {
    let mut plan = Plan::calm(Plan::usual_setup(), END);
    plan.set_up = script.set_up;
    let mut world = World::new(plan, Dice::new(7), Trace::new(readable));
    world.cuts = cuts.to_vec();
    world.twins = script.name == "two organisations with the same ids";
    world.statuses = script.statuses.iter().copied().collect();
    let usual = world.setups[0].clone();
    let mut changed = usual.clone();
    changed.wait = 60;
    let mut elsewhere = usual;
    elsewhere.host = 1;
    elsewhere.secret = format!("{MARK}-secret-b");
    let mut third = elsewhere.clone();
    third.sentiment = -250;
    world.setups.extend([changed, elsewhere, third]);
    for (at, step) in (script.steps)() {
        world.steps.push(step);
        let number = world.steps.len() - 1;
        world.at(at, Event::Steps(number));
    }
    world.run()
}

impl World {
    pub(crate) fn step(&mut self, at: usize) {
        let step = self.steps[at].clone();
        self.trace.line(|| format!("** {step:?}"));
        match step {
            Step::Plea(interaction) => {
                let host = self.interactions[interaction].host;
                let id = self.interactions[interaction].id.clone();
                let setup = self.setups[0].clone();
                let plea = Utterance::plea(interaction, &id, &setup, &mut self.dice);
                self.say(host, plea);
            }
            Step::Want(wish) => self.act_in(0, wish),
            Step::Damage(prefix) => {
                self.restart();
                let keys: Vec<String> =
                    self.storage.journal.keys().filter(|key| key.starts_with(prefix)).cloned().collect();
                keys.into_iter().for_each(|key| self.damage(key));
            }
            Step::Empty => {
                self.restart();
                if self.storage.marker && !self.storage.journal.is_empty() {
                    self.storage.journal.clear();
                    self.storage.history.clear();
                    self.storage.count();
                    self.note_emptied();
                }
            }
            Step::Full(room) => self.storage.fill_up(room),
            Step::Room => self.storage.capacity = None,
            Step::Restart => self.restart(),
            Step::Old => {
                self.restart();
                if self.storage.marker && !self.storage.journal.is_empty() {
                    self.become_old();
                }
            }
            Step::Twin(interaction) => {
                let Some(twin) = self.interactions[interaction].twin else { return };
                let (host, id) = (self.interactions[twin].host, self.interactions[twin].id.clone());
                let setup = self.setups[0].clone();
                let plea = Utterance::plea(twin, &id, &setup, &mut self.dice);
                self.say(host, plea);
            }
            Step::Drop => {
                if let Some(socket) = self.worker.socket {
                    self.after(1, Event::Closes(socket, 1006));
                }
            }
        }
    }

    fn restart(&mut self) {
        if self.worker.state != State::Dead {
            self.kill(Some(true));
        }
        self.after(50, Event::Wake);
    }
}
