//! The whole pipeline on a host in memory, and what its activity log and its recording say afterwards.

use std::collections::BTreeMap;

use cuewire::backtest::{Fired, Tape, Trial};
use cuewire::model::ask::{RequestId, SocketId};
use cuewire::model::fingerprint::Fingerprint;
use cuewire::model::history::{End, Entry};
use cuewire::model::http::{Answer, Outcome};
use cuewire::model::time::Millis;
use cuewire::pipeline::input::Input;
use cuewire::rules::text;
use cuewire::shell::Runner;
use cuewire::shell::memory::{Memory, Stored};
use serde_json::Value;

use crate::reference::ZONES;

/// The fate of a firing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    Card,
    Shadow,
    Muted,
    Grouped,
}

/// A line of the activity log, or a firing of a back-test.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    pub at: u64,
    pub interaction: String,
    pub rule: String,
    pub queue: Option<String>,
    pub reason: String,
    pub fate: Fate,
}

/// A worker that streams, on a host that answers everything at once.
pub struct Live {
    runner: Runner,
    host: Memory,
    conn: Option<SocketId>,
    set: Value,
    /// The requests for cards: each `cardId`, and when its rule fired as the card says.
    pub posted: BTreeMap<String, String>,
}

impl Live {
    pub fn starting(set: &Value, at: u64) -> Live {
        let settings = format!(r#"{{"organization":"acme","clientId":"client","rules":{set}}}"#);
        let stored = Stored::with_settings(settings, "secret");
        let mut live = Live {
            runner: Runner::default(),
            host: Memory { stored, wall: Millis(at), ..Memory::default() },
            conn: None,
            set: set.clone(),
            posted: BTreeMap::new(),
        };
        live.start();
        live
    }

    fn start(&mut self) {
        let start = self.host.stored.start(1);
        self.feed(Input::Started(start));
    }

    /// The worker is killed, and the next one is there at once.
    pub fn kill(&mut self) {
        self.runner = Runner::default();
        self.host.kill();
        self.host.stored.vitals = None;
        self.start();
    }

    /// Lets time pass, each deadline on time.
    pub fn pass(&mut self, until: u64) {
        while let Some(due) = self.host.due.filter(|due| due.0 <= until) {
            self.host.wall = self.host.wall.max(due);
            self.feed(Input::Tick);
        }
        self.host.wall = Millis(until);
    }

    /// Says whether the event was heard: a stream that was silent for long is being replaced.
    pub fn hear(&mut self, at: u64, event: &Value) -> bool {
        self.pass(at);
        let heard = |live: &Live| live.runner.pipeline().status().events;
        let before = heard(self);
        let frame = event.to_string();
        self.feed(Input::Frame(self.conn.unwrap(), frame.as_bytes()));
        heard(self) > before
    }

    /// The stream closes, and the recording with it.
    pub fn close(&mut self) {
        self.feed(Input::StreamClosed(self.conn.unwrap(), 1001));
    }

    fn feed(&mut self, input: Input<'_>) {
        self.runner.feed(input, &mut self.host);
        loop {
            if let Some((id, _)) = self.host.tokens.pop() {
                self.answer(id, r#"{"access_token":"t","expires_in":36000}"#);
            } else if let Some((id, request)) = self.host.posts.pop() {
                let card: Value = serde_json::from_str(&request.body).unwrap();
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                self.posted.insert(text(&card["cardId"]), text(&card["metadata"]["timestamp"]));
                self.answer(id, "{}");
            } else if !self.host.commits.is_empty() {
                let (id, changes) = self.host.commits.remove(0);
                self.host.stored.apply(changes);
                self.runner.feed(Input::Committed(id), &mut self.host);
            } else if let Some((conn, _)) = self.host.opening.pop() {
                self.conn = Some(conn);
                self.runner.feed(Input::StreamOpened(conn), &mut self.host);
            } else if !std::mem::take(&mut self.host.zones).is_empty() {
                let told = ZONES.iter().filter(|(zone, _)| !zone.is_empty());
                let told = told.map(|(zone, minutes)| ((*zone).to_owned(), i32::try_from(*minutes).unwrap()));
                self.runner.feed(Input::ZoneOffsets(told.collect()), &mut self.host);
            } else {
                return;
            }
        }
    }

    fn answer(&mut self, id: RequestId, body: &str) {
        let answer = Answer { status: 200, body: body.to_owned(), ..Answer::default() };
        self.runner.feed(Input::HttpDone(id, Outcome::Answer(answer)), &mut self.host);
    }

    /// The recording.
    fn tape(&self) -> Tape {
        let mut tape = Tape::default();
        self.host.recording.values().for_each(|chunk| tape.add_chunk(chunk).unwrap());
        tape
    }

    /// The same as [`Live::all`] until the recording ends, because nobody knows what was heard after its last chunk.
    /// Interactions have the names of the recording.
    pub fn logged(&self) -> Vec<Line> {
        let until = self.tape().span().map_or(0, |(_, until)| until.0);
        let known = self.all().into_iter().filter(|line| line.at <= until);
        sorted(known.map(|line| Line { interaction: digest(&line.interaction), ..line }).collect())
    }

    /// Every trigger of the activity log.
    pub fn all(&self) -> Vec<Line> {
        let entries = self.host.stored.history.values().map(|text| serde_json::from_str(text).unwrap());
        let line = |entry: Entry| {
            let Entry::Trigger(trigger) = entry else { return None };
            let fate = match trigger.end {
                Some(End::Shadow) => Fate::Shadow,
                Some(End::Suppressed { by }) if by == "inhibition" => Fate::Muted,
                Some(End::Suppressed { by }) if by == "group" => Fate::Grouped,
                Some(End::Suppressed { by }) => panic!("kept back by {by}"),
                _ => Fate::Card,
            };
            Some(Line {
                at: trigger.at.0,
                interaction: trigger.interaction,
                rule: trigger.rule,
                queue: trigger.queue,
                reason: trigger.reason,
                fate,
            })
        };
        sorted(entries.filter_map(line).collect())
    }

    /// The firings of the rules on the recording.
    pub fn tried(&self) -> Vec<Line> {
        let mut trial = Trial::on(self.tape());
        for (zone, minutes) in ZONES {
            trial.set_offset(zone, Millis::ZERO, i32::try_from(minutes).unwrap());
        }
        let outcome = trial.run(text::parse(&self.set.to_string()).unwrap().compile());
        sorted(outcome.fired.into_iter().filter_map(line).collect())
    }
}

fn line(fired: Fired) -> Option<Line> {
    let fate = match &fired {
        Fired { shadow: true, muted_by: Some(_), .. } => return None,
        Fired { shadow: true, .. } => Fate::Shadow,
        Fired { muted_by: Some(_), .. } => Fate::Muted,
        Fired { grouped: true, .. } => Fate::Grouped,
        _ => Fate::Card,
    };
    let Fired { at, interaction, rule, queue, reason, .. } = fired;
    Some(Line { at: at.0, interaction, rule, queue, reason, fate })
}

/// An interaction as a recording names it.
fn digest(interaction: &str) -> String {
    format!("{:016x}", Fingerprint::of(interaction).half())
}

fn sorted(mut lines: Vec<Line>) -> Vec<Line> {
    lines.sort_unstable();
    lines
}

/// How many lines there are of each fate.
pub fn fates(lines: &[Line]) -> BTreeMap<Fate, usize> {
    let mut fates = BTreeMap::new();
    lines.iter().for_each(|line| *fates.entry(line.fate.clone()).or_default() += 1);
    fates
}
