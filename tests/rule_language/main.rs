//! Random rule sets over random histories: the evaluator that ships, a slow and obvious one, and the oracle of the
//! simulator give the same firings at the same instants, through restarts. A failure names its seed.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test that lacks something has failed")]
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small numbers"
)]

mod live;
mod oracle;
mod random;
mod reference;

use cuewire::api::contract::card::iso8601;
use cuewire::api::contract::event;
use cuewire::api::extras;
use cuewire::model::fingerprint::{Fingerprint, Subject};
use cuewire::model::time::Millis;
use cuewire::rules::{Evaluator, Firing, text};
use serde_json::Value;

use self::live::{Fate, Live, fates};
use self::oracle::{Due, Oracle};
use self::random::{Random, Scope};
use self::reference::{Fired, GRID, ZONES};
use rule_oracle::Card;

/// A Monday, one minute before nine.
const FROM: u64 = (4 * 24 * 60 + 8 * 60 + 59) * 60_000;

/// Events come within so long, and time goes on a while.
const SPAN: u64 = 100_000;
const UNTIL: u64 = FROM + SPAN + 60_000;

const CONNECTION: &str = "https://acme.cxone.com";

/// A rule set in the evaluator that ships, killed now and then.
struct Worker<'r> {
    set: &'r str,
    evaluator: Evaluator,
    fired: Vec<Fired>,
}

impl<'r> Worker<'r> {
    fn new(set: &'r str) -> Worker<'r> {
        Worker { set, evaluator: start(set), fired: Vec::new() }
    }

    fn hear(&mut self, at: u64, event: &Value) {
        let frame = event.to_string();
        let mut event = event::parse(frame.as_bytes()).unwrap();
        event.extra = extras::read(frame.as_bytes(), self.evaluator.pointers());
        let firings = self.evaluator.observe(Millis(at), &event, |_, _| true);
        self.note(firings);
    }

    /// Lets time pass, each deadline on time.
    fn pass(&mut self, at: u64) {
        while let Some(deadline) = self.evaluator.next_deadline().filter(|deadline| deadline.0 <= at) {
            let firings = self.evaluator.tick(deadline);
            self.note(firings);
        }
    }

    fn note(&mut self, firings: Vec<Firing>) {
        self.fired.extend(firings.into_iter().map(|firing| Fired {
            at: firing.at.0,
            rule: firing.rule.id.clone(),
            interaction: firing.event.id.into_owned(),
            episode: firing.episode,
            muted_by: firing.muted_by,
        }));
    }

    /// A worker that ends here and one that goes on from what was stored of it.
    fn restart(&mut self, at: u64) {
        let before = std::mem::replace(&mut self.evaluator, start(self.set));
        self.evaluator.resume(Millis(at));
        for interaction in ["a", "b", "c"] {
            let interaction = Fingerprint::of(interaction);
            let subject = Subject { connection: Fingerprint::of(CONNECTION), interaction };
            let Some(stored) = before.stored(subject) else { continue };
            let stored = serde_json::to_string(stored).unwrap();
            self.evaluator.restore(subject, serde_json::from_str(&stored).unwrap(), Millis(at));
        }
    }
}

fn start(set: &str) -> Evaluator {
    let mut evaluator = Evaluator::default();
    evaluator.adopt(Fingerprint::of(CONNECTION), text::parse(set).unwrap().compile());
    for (zone, minutes) in ZONES {
        evaluator.set_offset(zone, i32::try_from(minutes).unwrap());
    }
    evaluator
}

fn sorted(mut fired: Vec<Fired>) -> Vec<Fired> {
    fired.sort_unstable();
    fired
}

struct Case {
    set: Value,
    text: String,
    history: Vec<(u64, Value)>,
    expected: Vec<Fired>,
}

/// How many seeds a test tries; `CUEWIRE_SEEDS` multiplies it.
fn seeds(from: u64, count: u64) -> std::ops::Range<u64> {
    let times = std::env::var("CUEWIRE_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    from..from + count * times
}

fn case(random: &mut Random, scope: Scope) -> Case {
    let set = random::rule_set(random, scope);
    let history = random::history(random, FROM, SPAN);
    let expected = sorted(reference::run(&set, &history, FROM, UNTIL));
    Case { text: set.to_string(), set, history, expected }
}

fn explained(seed: u64, case: &Case) -> String {
    let history: Vec<String> = case.history.iter().map(|(at, event)| format!("{} {event}", at - FROM)).collect();
    format!("seed {seed}\n{:#}\n{}", case.set, history.join("\n"))
}

/// Says only what differs, and all of the case.
fn same(found: &[Fired], expected: &[Fired], seed: u64, case: &Case) {
    if found != expected {
        let without = |some: &[Fired], others: &[Fired]| -> Vec<String> {
            some.iter().filter(|one| !others.contains(one)).map(|one| format!("{one:?}")).collect()
        };
        let (extra, missing) = (without(found, expected), without(expected, found));
        panic!("unexpected {extra:#?}\nmissing {missing:#?}\nfrom {FROM}, {}", explained(seed, case));
    }
}

#[test]
fn all_three_evaluators_agree_on_windows_queues_and_schedules() {
    let mut fired = 0;
    for seed in seeds(0, 200) {
        let case = case(&mut Random::new(seed), Scope::Whole);
        let mut worker = Worker::new(&case.text);
        for (at, event) in &case.history {
            worker.pass(*at);
            worker.hear(*at, event);
        }
        worker.pass(UNTIL);
        fired += case.expected.len();
        same(&sorted(worker.fired), &case.expected, seed, &case);
        let mut oracle = Oracle::new(&case.set);
        for (at, event) in &case.history {
            oracle.hear(*at, event);
        }
        oracle.pass(UNTIL);
        same(&sorted(oracle.fired), &case.expected, seed, &case);
    }
    assert!(fired > 1_000, "{fired} firings show little");
}

/// Only the first firing of each episode: a rule that fires still says so at every event, but not beside what a late
/// tick brings.
fn episodes(fired: &[Fired]) -> Vec<Fired> {
    let mut first: Vec<Fired> = Vec::new();
    for one in fired {
        let is_same =
            |it: &Fired| (&it.rule, &it.interaction, it.episode) == (&one.rule, &one.interaction, one.episode);
        if !first.iter().any(is_same) {
            first.push(one.clone());
        }
    }
    first
}

#[test]
fn a_worker_that_ticks_late_fires_at_the_same_instants() {
    for seed in seeds(1_000_000, 100) {
        let case = case(&mut Random::new(seed), Scope::Whole);
        let mut worker = Worker::new(&case.text);
        for (at, event) in &case.history {
            worker.hear(*at, event);
        }
        let firings = worker.evaluator.tick(Millis(UNTIL));
        worker.note(firings);
        same(&episodes(&sorted(worker.fired)), &episodes(&case.expected), seed, &case);
    }
}

#[test]
fn restarts_change_nothing_that_has_no_window_and_looks_at_no_queue() {
    let mut restarts = 0;
    for seed in seeds(2_000_000, 200) {
        let random = &mut Random::new(seed);
        let case = case(random, Scope::Plain);
        let mut worker = Worker::new(&case.text);
        let mut last = FROM;
        for (at, event) in &case.history {
            if random.chance(30) {
                let killed = last.max(at - random.below(6) * GRID);
                worker.pass(killed);
                worker.restart(killed);
                restarts += 1;
            }
            last = *at;
            worker.pass(*at);
            worker.hear(*at, event);
        }
        worker.pass(UNTIL);
        same(&sorted(worker.fired), &case.expected, seed, &case);
    }
    assert!(restarts > 300, "{restarts}");
}

#[test]
fn the_oracle_knows_what_outlives_a_worker() {
    let mut restarts = 0;
    for seed in seeds(4_000_000, 200) {
        let random = &mut Random::new(seed);
        let case = case(random, Scope::Whole);
        let (mut worker, mut oracle) = (Worker::new(&case.text), Oracle::new(&case.set));
        let mut last = FROM;
        for (at, event) in &case.history {
            if random.chance(10) {
                let killed = last.max(at - random.below(6) * GRID);
                worker.pass(killed);
                worker.restart(killed);
                oracle.pass(killed);
                oracle.restart();
                restarts += 1;
            }
            last = *at;
            worker.pass(*at);
            worker.hear(*at, event);
            oracle.hear(*at, event);
        }
        worker.pass(UNTIL);
        oracle.pass(UNTIL);
        same(&sorted(worker.fired), &sorted(oracle.fired), seed, &case);
    }
    assert!(restarts > 300, "{restarts}");
}

#[test]
fn after_a_restart_only_what_says_it_is_incomplete_may_differ() {
    for seed in seeds(3_000_000, 100) {
        let random = &mut Random::new(seed);
        let case = case(random, Scope::Whole);
        let killed = FROM + random.below(SPAN / GRID) * GRID;
        let mut worker = Worker::new(&case.text);
        let mut restarted = false;
        for (at, event) in &case.history {
            if *at > killed && !restarted {
                worker.pass(killed);
                worker.restart(killed);
                restarted = true;
            }
            worker.pass(*at);
            worker.hear(*at, event);
        }
        worker.pass(UNTIL);
        let is_rebuilt = |rule: &str| {
            let spec = case.set["rules"].as_array().unwrap().iter().find(|it| it["id"] == rule).unwrap().to_string();
            ["\"window\"", "\"queueW", "\"queueL", "\"queueM", "\"queueA", "\"queueT"]
                .iter()
                .any(|it| spec.contains(it))
        };
        // Who mutes a firing may itself have a window.
        let certain = |fired: &[Fired]| -> Vec<Fired> {
            let certain = fired.iter().filter(|it| it.at < killed || !is_rebuilt(&it.rule)).cloned();
            sorted(certain.map(|it| Fired { muted_by: None, ..it }).collect())
        };
        same(&certain(&worker.fired), &certain(&case.expected), seed, &case);
    }
}

/// Moves the events of each interaction by a millisecond of its own. The language leaves open in which order interactions
/// take their turn at one instant, and a recording holds less of their names than the order is made from.
fn apart(history: &mut [(u64, Value)]) {
    for (at, event) in history.iter_mut() {
        *at += ["a", "b", "c"].iter().position(|id| event["id"] == *id).unwrap() as u64;
    }
    history.sort_by_key(|(at, _)| *at);
}

#[test]
fn a_back_test_over_the_recording_of_a_worker_says_what_the_worker_did_line_by_line() {
    let mut found = std::collections::BTreeMap::new();
    for seed in seeds(5_000_000, 200) {
        let mut case = case(&mut Random::new(seed), Scope::Whole);
        apart(&mut case.history);
        let mut live = Live::starting(&case.set, FROM);
        for (at, event) in &case.history {
            live.hear(*at, event);
        }
        live.pass(UNTIL);
        live.close();
        let (logged, tried) = (live.logged(), live.tried());
        if logged != tried {
            let without = |some: &[live::Line], others: &[live::Line]| -> Vec<String> {
                some.iter().filter(|one| !others.contains(one)).map(|one| format!("{one:?}")).collect()
            };
            let (only_live, only_tried) = (without(&logged, &tried), without(&tried, &logged));
            panic!("only live {only_live:#?}\nonly tried {only_tried:#?}\nfrom {FROM}, {}", explained(seed, &case));
        }
        fates(&logged).into_iter().for_each(|(fate, count)| *found.entry(fate).or_insert(0) += count);
    }
    assert!(
        [Fate::Card, Fate::Shadow, Fate::Muted, Fate::Grouped].iter().all(|fate| found.get(fate) > Some(&5)),
        "{found:?}"
    );
}

#[test]
fn through_kills_a_worker_sends_the_cards_that_are_due_and_each_says_when_its_rule_fired() {
    let (mut cards, mut kills) = (0, 0);
    for seed in seeds(6_000_000, 200) {
        let random = &mut Random::new(seed);
        let mut case = case(random, Scope::Whole);
        apart(&mut case.history);
        let (mut live, mut due) = (Live::starting(&case.set, FROM), Due::new(&case.set));
        let mut last = FROM;
        for (at, event) in &case.history {
            if random.chance(15) {
                let killed = last.max(at - random.below(6) * GRID);
                live.pass(killed);
                live.kill();
                due.pass(killed);
                due.restart();
                kills += 1;
            }
            last = *at;
            if live.hear(*at, event) {
                due.hear(*at, event);
            }
        }
        live.pass(UNTIL);
        due.pass(UNTIL);
        // A card of a queue is due to whoever has it first, and later to others.
        let is_at = |card: &Card, at: &str| !card.must_come || iso8601(Millis(card.at)) == at;
        let known = |id: &str, at: &str| due.cards.iter().any(|card| card.id() == id && is_at(card, at));
        let extra: Vec<_> = live.posted.iter().filter(|(id, at)| !known(id, at)).collect();
        let missing: Vec<_> =
            due.cards.iter().filter(|card| card.must_come && !live.posted.contains_key(&card.id())).collect();
        assert!(
            extra.is_empty() && missing.is_empty(),
            "{extra:#?} {missing:#?} from {FROM}, {}",
            explained(seed, &case)
        );
        cards += live.posted.len();
    }
    assert!(cards > 300 && kills > 500, "{cards} cards, {kills} kills");
}
