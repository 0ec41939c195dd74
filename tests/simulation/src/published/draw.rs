//! The plan of a seed: the conversations of a tenant, what its service leaves open, what goes wrong, and when.

use std::ops::Range;

use serde_json::{Value, json};

use super::talk::{Kind, Talk};
use super::trouble::{Part, Stuck, Trouble};
use crate::dice::Dice;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;

/// The secret of the access key.
pub const KEY: &str = "k3epQu1et-access-key";

/// A wait that is longer has a card, in milliseconds: the setting's default.
pub const LONG_WAIT: u64 = 120 * SECOND;

/// After the faults everything must be well within this time.
pub const SETTLED_AFTER: u64 = 10 * MINUTE;

/// Behaviour that the public descriptions leave open.
#[derive(Debug, Clone, Default)]
pub struct Habits {
    /// Lists are in `resultSet`.
    pub wraps: bool,
    /// Names begin with a capital.
    pub capitals: bool,
    /// Names of an older version: `contactStart`, `state`.
    pub old_names: bool,
    /// Ids and counts are text.
    pub texts: bool,
    /// The most rows of a page.
    pub page: usize,
    /// The answer where nothing is new: an empty list (200), nothing (0), 204, or 304.
    pub nothing_new: u16,
    /// A queue that only ages comes back.
    pub ages: bool,
    /// An empty queue has "N/A" for its earliest time.
    pub not_available: bool,
    /// Milliseconds that the server's clock is ahead.
    pub ahead: i64,
    /// Labels come so long after their messages.
    pub label_after: u64,
    /// Seconds that a token lives.
    pub lives: u64,
    /// `expires_in` is text.
    pub life_is_text: bool,
    /// A refresh token that comes twice ends the whole sign-in.
    pub ends_family: bool,
    /// The list of digital contacts counts no messages.
    pub uncounted: bool,
    /// The list of digital contacts counts how often each customer was unhappy.
    pub statistics: bool,
    /// The answer to a signal.
    pub signal_answer: u16,
    /// Contacts with an odd number have no script: a signal to them is answered 404.
    pub scriptless: bool,
}

/// A jump of the clock.
#[derive(Debug, Clone, Copy)]
pub enum Jump {
    /// The machine sleeps so long.
    Sleep(u64),
    /// Somebody sets the wall clock.
    Set(i64),
}

/// All of it.
#[derive(Debug)]
pub struct Plan {
    pub settings: Value,
    pub secret: &'static str,
    pub is_person: bool,
    pub habits: Habits,
    pub talks: Vec<Talk>,
    pub stuck: Vec<Stuck>,
    /// The requests in a thousand that a fault strikes.
    pub strikes: u32,
    pub kills: Vec<u64>,
    pub jumps: Vec<(u64, Jump)>,
    /// When a token is revoked, and whether the sign-in with it.
    pub revoked: Vec<(u64, bool)>,
    /// How long the person takes to sign in.
    pub patience: u64,
    /// No fault after that.
    pub calm_from: u64,
    pub end: u64,
    /// How long a card lives.
    pub time_to_live: u64,
    pub agents: Range<u64>,
}

impl Plan {
    pub fn draw(dice: &mut Dice) -> Plan {
        let calm_from = dice.between(4, 12) * MINUTE;
        let is_person = dice.chance(700);
        let time_to_live = dice.pick(&[10, 30, 30, 30]) * MINUTE;
        let jumps: Vec<(u64, Jump)> =
            (0..dice.pick(&[0, 0, 0, 1, 1, 2])).map(|_| (dice.below(calm_from), jump(dice))).collect();
        let slept: u64 = jumps.iter().map(|(_, jump)| if let Jump::Sleep(span) = jump { *span } else { 0 }).sum();
        let faults_end = calm_from;
        let calm_from = calm_from + slept;
        let settled = calm_from + SETTLED_AFTER;
        let mut talks: Vec<Talk> = (0..dice.between(2, 5)).map(|at| talk(dice, 501 + at, calm_from)).collect();
        talks.push(sure(dice, 601, settled));
        let times = |dice: &mut Dice, most: &[u64]| -> Vec<u64> {
            (0..dice.pick(most)).map(|_| dice.below(faults_end)).collect()
        };
        let kills = times(dice, &[0, 1, 2, 4, 8]);
        let revoked = times(dice, &[0, 0, 0, 1, 2]).into_iter().map(|at| (at, dice.chance(400))).collect();
        Plan {
            settings: settings(dice, is_person, time_to_live),
            secret: if is_person { "" } else { KEY },
            is_person,
            habits: habits(dice),
            talks,
            stuck: stuck(dice, faults_end),
            strikes: dice.pick(&[0, 20, 60, 150]),
            kills,
            jumps,
            revoked,
            patience: dice.between(2, 120) * SECOND,
            calm_from,
            end: settled + 10 * MINUTE,
            time_to_live,
            agents: 31..40,
        }
    }
}

fn settings(dice: &mut Dice, is_person: bool, time_to_live: u64) -> Value {
    let mut settings = json!({ "service": "published", "cardTtlMinutes": time_to_live / MINUTE });
    if is_person {
        settings["clientId"] = json!("c");
    } else {
        settings["signIn"] = json!("accessKey");
        settings["accessKeyId"] = json!("k");
        settings["tenantId"] = json!("t-1");
    }
    if dice.chance(200) {
        settings["withoutAgent"] = json!("team");
    }
    if dice.chance(600) {
        settings["signalScript"] = json!(true);
    }
    settings
}

fn habits(dice: &mut Dice) -> Habits {
    Habits {
        wraps: dice.chance(400),
        capitals: dice.chance(300),
        old_names: dice.chance(300),
        texts: dice.chance(300),
        page: dice.pick(&[1, 2, 100, 100]),
        nothing_new: dice.pick(&[200, 0, 204, 304]),
        ages: dice.chance(500),
        not_available: dice.chance(500),
        ahead: dice.pick(&[0, 0, 1, -1]) * i64::try_from(dice.below(5 * MINUTE)).unwrap_or_default(),
        label_after: dice.pick(&[0, 0, 25, 55]) * SECOND,
        lives: dice.pick(&[3_600, 1_800, 900, 300]),
        life_is_text: dice.chance(300),
        ends_family: dice.chance(300),
        uncounted: dice.chance(200),
        statistics: dice.chance(500),
        signal_answer: dice.pick(&[202, 204, 200]),
        scriptless: dice.chance(300),
    }
}

fn jump(dice: &mut Dice) -> Jump {
    match dice.below(3) {
        0 => Jump::Sleep(dice.between(1, 30) * MINUTE),
        1 => Jump::Set(-i64::try_from(dice.between(1, 90) * MINUTE).unwrap_or_default()),
        _ => Jump::Set(i64::try_from(dice.between(5, 240) * SECOND).unwrap_or_default()),
    }
}

fn kind(dice: &mut Dice) -> Kind {
    dice.pick(&[Kind::Voice, Kind::Voice, Kind::Case, Kind::NamelessCase])
}

/// One that may wait for long, change its agent, vanish for a while, or end early.
fn talk(dice: &mut Dice, id: u64, calm_from: u64) -> Talk {
    let kind = kind(dice);
    let from = dice.below(calm_from);
    let mut at = from + dice.pick(&[20, 100, 160, 240, 600]) * SECOND;
    let agents = (0..dice.pick(&[0, 1, 1, 1, 2, 3]))
        .map(|_| {
            let agent = (at, 31 + dice.below(5));
            at += dice.between(5, 400) * SECOND;
            agent
        })
        .collect();
    let until = if dice.chance(250) { from + dice.between(60, 900) * SECOND } else { u64::MAX };
    let gone = if dice.chance(200) { vec![span(dice, from, 400)] } else { Vec::new() };
    let says = (0..if kind == Kind::Voice { 0 } else { dice.below(4) })
        .map(|_| (from + dice.below(300) * SECOND, dice.pick(&["negative", "negative", "neutral", "positive"])))
        .collect();
    Talk { id, kind, began: from.saturating_sub(dice.pick(&[0, 0, 40]) * SECOND), from, agents, until, gone, says }
}

/// One that must have its message, begun once everything is well: it waits for long, or the customer is angry.
fn sure(dice: &mut Dice, id: u64, at: u64) -> Talk {
    let kind = kind(dice);
    let answered = if kind == Kind::Voice { 170 } else { 10 } * SECOND;
    let says = if kind == Kind::Voice { Vec::new() } else { vec![(at + 30 * SECOND, "negative")] };
    let agents = vec![(at + answered, 39)];
    Talk { id, kind, began: at, from: at, agents, until: u64::MAX, gone: Vec::new(), says }
}

fn span(dice: &mut Dice, from: u64, most: u64) -> (u64, u64) {
    let begins = from + dice.below(300) * SECOND;
    (begins, begins + dice.between(5, most) * SECOND)
}

/// Troubles that last. What lies between a message and its read-back is the likeliest, because nothing twice rests on
/// it; then the list of contacts, because it says who is told.
fn stuck(dice: &mut Dice, end: u64) -> Vec<Stuck> {
    let mut all = Vec::new();
    for _ in 0..dice.pick(&[0, 1, 1, 2, 3]) {
        let at = dice.below(end);
        let (from, until) = span(dice, at, 360);
        let until = until.min(end);
        match dice.below(5) {
            4 => {
                // A permission is missing: of one poll, or of sending.
                let part =
                    dice.pick(&[Part::Skills, Part::Contacts, Part::Cases, Part::Texts, Part::Agents, Part::Post]);
                all.push(Stuck { part, trouble: Trouble::Status(403, None), from: dice.pick(&[0, at]), until });
            }
            0 => {
                let trouble = dice.pick(&[Trouble::AnswerLost, Trouble::TakenWith503]);
                all.push(Stuck { part: Part::Post, trouble, from: 0, until });
                all.push(Stuck { part: Part::Look, trouble: Trouble::draw(dice, Part::Look), from: 0, until });
            }
            1 => {
                all.push(Stuck { part: Part::Contacts, trouble: Trouble::draw(dice, Part::Contacts), from: at, until })
            }
            _ => {
                let part = dice.pick(&Part::ALL);
                all.push(Stuck { part, trouble: Trouble::draw(dice, part), from, until });
            }
        }
    }
    all
}
