use super::*;
use crate::api::contract::event;
use crate::model::card::CardTemplate;
use crate::model::history::evidence::Value;
use crate::rules::{Condition, Field, Mode, Once, Operator, Queues};

const CONNECTION: &str = "https://acme.cxone.com";
const HOLD: Millis = Millis(20_000);

/// Below −0.5 for 20 s; clears as its condition does; fires in every episode.
fn unhappy() -> Rule {
    Rule {
        id: "unhappy".to_owned(),
        name: None,
        mode: Mode::Live,
        condition: Condition::number(Field::SentimentScore, Operator::Below, -0.5),
        hold: HOLD,
        clears: None,
        keep_firing: Millis::ZERO,
        cooldown: Millis::ZERO,
        once: Once::Episode,
        queues: Queues::default(),
        schedule: None,
        reason: "Unhappy ({score})".to_owned(),
        card: CardTemplate::default(),
    }
}

fn evaluator(rules: impl IntoIterator<Item = Rule>) -> Evaluator {
    let mut evaluator = Evaluator::default();
    evaluator.adopt(Fingerprint::of(CONNECTION), rules.into_iter().map(Arc::new).collect());
    evaluator
}

fn subject(interaction: &str) -> Subject {
    Subject { connection: Fingerprint::of(CONNECTION), interaction: Fingerprint::of(interaction) }
}

fn score(interaction: &str, score: f64) -> String {
    format!(r#"{{"id":"{interaction}","sentiment":{{"score":{score}}}}}"#)
}

fn hear(evaluator: &mut Evaluator, at: u64, frame: &str) -> Vec<(String, u32)> {
    names(evaluator.observe(Millis(at), &event::parse(frame.as_bytes()).unwrap(), |_, _| true))
}

fn tick(evaluator: &mut Evaluator, at: u64) -> Vec<(String, u32)> {
    names(evaluator.tick(Millis(at)))
}

fn names(firings: Vec<Firing>) -> Vec<(String, u32)> {
    firings.into_iter().map(|firing| (firing.rule.id.clone(), firing.episode)).collect()
}

fn fired(rule: &str, episode: u32) -> Vec<(String, u32)> {
    vec![(rule.to_owned(), episode)]
}

const NOTHING: Vec<(String, u32)> = Vec::new();

/// A worker that ends here and one that goes on from what it stored.
fn restart(before: &Evaluator, rules: impl IntoIterator<Item = Rule>, at: u64) -> Evaluator {
    let mut after = evaluator(rules);
    for subject in before.talks.keys() {
        let Some(stored) = before.stored(*subject) else { continue };
        let stored = serde_json::to_string(stored).unwrap();
        after.restore(*subject, serde_json::from_str(&stored).unwrap(), Millis(at));
    }
    after
}

#[test]
fn a_hold_that_ends_without_an_event_fires_at_its_deadline() {
    let mut evaluator = evaluator([unhappy()]);
    assert_eq!(hear(&mut evaluator, 1_000, &score("i", -0.9)), NOTHING);
    assert_eq!(evaluator.next_deadline(), Some(Millis(21_000)));
    assert_eq!(tick(&mut evaluator, 20_999), NOTHING);
    let firings = evaluator.tick(Millis(21_000));
    assert_eq!(firings[0].reason(), "Unhappy (-0.90)", "the card rests on the last event");
    let evidence = &firings[0].evidence;
    assert_eq!((&*evidence[0].field, &evidence[0].seen), ("heldMs", &Some(Value::Number(20_000.0))));
    assert_eq!((&*evidence[1].field, &evidence[1].seen), ("sentimentScore", &Some(Value::Number(-0.9))));
    assert_eq!((tick(&mut evaluator, 99_000), evaluator.next_deadline()), (NOTHING, None));
}

#[test]
fn a_contrary_event_breaks_a_hold_and_one_without_the_data_does_not() {
    let mut evaluator = evaluator([unhappy()]);
    hear(&mut evaluator, 0, &score("i", -0.9));
    hear(&mut evaluator, 10_000, &score("i", -0.4));
    assert_eq!(evaluator.next_deadline(), None);
    assert_eq!(evaluator.stored(subject("i")), None, "nothing is left to remember");
    hear(&mut evaluator, 11_000, &score("i", -0.9));
    hear(&mut evaluator, 20_000, r#"{"id":"i"}"#);
    assert_eq!(tick(&mut evaluator, 31_000), fired("unhappy", 1));
}

#[test]
fn a_hold_that_has_ended_fires_before_a_later_event_that_would_break_it() {
    let mut evaluator = evaluator([unhappy()]);
    hear(&mut evaluator, 0, &score("i", -0.9));
    assert_eq!(hear(&mut evaluator, 20_000, &score("i", 0.9)), fired("unhappy", 1));
    assert_eq!(hear(&mut evaluator, 20_001, &score("i", 0.9)), NOTHING);
}

#[test]
fn a_rule_that_fired_stays_due_until_it_clears_and_then_begins_a_new_episode() {
    let mut evaluator = evaluator([unhappy()]);
    hear(&mut evaluator, 0, &score("i", -0.9));
    assert_eq!(hear(&mut evaluator, 20_000, &score("i", -0.8)), fired("unhappy", 1));
    assert_eq!(hear(&mut evaluator, 25_000, &score("i", -0.7)), fired("unhappy", 1));
    hear(&mut evaluator, 30_000, &score("i", 0.1));
    hear(&mut evaluator, 40_000, &score("i", -0.9));
    assert_eq!(tick(&mut evaluator, 60_000), fired("unhappy", 2));
}

#[test]
fn with_hysteresis_a_rule_clears_at_its_other_level_only() {
    let clears = Some(Condition::number(Field::SentimentScore, Operator::Above, 0.0));
    let mut evaluator = evaluator([Rule { hold: Millis::ZERO, clears, ..unhappy() }]);
    assert_eq!(hear(&mut evaluator, 0, &score("i", -0.6)), fired("unhappy", 1));
    assert_eq!(hear(&mut evaluator, 1, &score("i", -0.1)), NOTHING);
    assert_eq!(hear(&mut evaluator, 2, &score("i", -0.6)), fired("unhappy", 1), "the same episode");
    assert_eq!(hear(&mut evaluator, 3, &score("i", 0.1)), NOTHING);
    assert_eq!(hear(&mut evaluator, 4, &score("i", -0.6)), fired("unhappy", 2));
}

#[test]
fn a_cooldown_delays_the_next_episode() {
    let mut evaluator = evaluator([Rule { hold: Millis::ZERO, cooldown: Millis(60_000), ..unhappy() }]);
    assert_eq!(hear(&mut evaluator, 0, &score("i", -0.9)), fired("unhappy", 1));
    hear(&mut evaluator, 1_000, &score("i", 0.9));
    assert_eq!(hear(&mut evaluator, 2_000, &score("i", -0.9)), NOTHING);
    assert_eq!(evaluator.next_deadline(), Some(Millis(60_000)));
    assert_eq!(tick(&mut evaluator, 60_000), fired("unhappy", 2));
}

#[test]
fn a_running_hold_and_the_episodes_survive_a_restart() {
    let mut first = evaluator([unhappy()]);
    hear(&mut first, 0, &score("i", -0.9));
    let mut second = restart(&first, [unhappy()], 5_000);
    assert_eq!(second.next_deadline(), Some(Millis(20_000)));
    assert_eq!(tick(&mut second, 20_000), fired("unhappy", 1));
    let mut third = restart(&second, [unhappy()], 30_000);
    assert_eq!(hear(&mut third, 30_000, &score("i", -0.9)), fired("unhappy", 1), "the episode goes on");
    hear(&mut third, 31_000, &score("i", 0.9));
    let mut fourth = restart(&third, [unhappy()], 40_000);
    hear(&mut fourth, 40_000, &score("i", -0.9));
    assert_eq!(tick(&mut fourth, 60_000), fired("unhappy", 2));
}

#[test]
fn holds_that_end_together_fire_by_deadline_and_then_in_the_order_of_the_rules() {
    let late = Rule { id: "late".to_owned(), hold: Millis(30_000), ..unhappy() };
    let [again, early] = ["again", "early"].map(|id| Rule { id: id.to_owned(), hold: Millis(10_000), ..unhappy() });
    let mut evaluator = evaluator([late, again, early]);
    hear(&mut evaluator, 0, &score("i", -0.9));
    let order: Vec<_> = tick(&mut evaluator, 40_000).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(order, ["again", "early", "late"]);
}

#[test]
fn the_end_of_an_interaction_ends_its_holds() {
    let mut evaluator = evaluator([unhappy()]);
    hear(&mut evaluator, 0, &score("i", -0.9));
    hear(&mut evaluator, 1, r#"{"id":"i","type":"disposition","sentiment":{"score":-0.9}}"#);
    assert_eq!((evaluator.next_deadline(), evaluator.stored(subject("i"))), (None, None));
}

#[test]
fn rules_that_changed_end_their_holds_and_others_keep_theirs() {
    let same = Rule { id: "same".to_owned(), ..unhappy() };
    let mut evaluator = evaluator([unhappy(), same.clone()]);
    hear(&mut evaluator, 0, &score("i", -0.9));
    let changed = Rule { hold: Millis(1), ..unhappy() };
    evaluator.adopt(Fingerprint::of(CONNECTION), vec![Arc::new(changed), Arc::new(same.clone())]);
    assert_eq!(tick(&mut evaluator, 20_000), fired("same", 1));
    hear(&mut evaluator, 20_001, &score("j", -0.9));
    evaluator.adopt(Fingerprint::of("https://other.cxone.com"), vec![Arc::new(same)]);
    assert_eq!(evaluator.next_deadline(), None, "nobody hears the first connection any more");
}

#[test]
fn the_same_interaction_of_two_connections_counts_its_own_episodes() {
    let instant = Rule { hold: Millis::ZERO, ..unhappy() };
    let mut evaluator = evaluator([instant.clone()]);
    assert_eq!(hear(&mut evaluator, 0, &score("i", -0.9)), fired("unhappy", 1));
    evaluator.adopt(Fingerprint::of("https://other.cxone.com"), vec![Arc::new(instant)]);
    assert_eq!(hear(&mut evaluator, 1, &score("i", -0.9)), fired("unhappy", 1));
}

#[test]
fn a_record_changes_only_where_what_must_survive_does() {
    let mut evaluator = evaluator([unhappy()]);
    let mut changes = |at, frame: &str| {
        hear(&mut evaluator, at, frame);
        evaluator.take_changes().into_iter().map(|(_, tracks)| tracks.is_some()).collect::<Vec<_>>()
    };
    assert_eq!(changes(0, &score("i", 0.9)), [] as [bool; 0]);
    assert_eq!(changes(1, &score("i", -0.9)), [true], "a hold runs");
    assert_eq!(changes(2, &score("i", -0.8)), [] as [bool; 0]);
    assert_eq!(changes(3, &score("i", 0.9)), [false], "it was broken");
    assert_eq!(changes(4, &score("i", 0.9)), [] as [bool; 0]);
}

#[test]
fn what_is_remembered_has_a_bound_and_the_oldest_goes_first() {
    let mut evaluator = evaluator([unhappy()]);
    for number in 0..=LIMIT as u64 {
        hear(&mut evaluator, number, &score(&format!("i-{number}"), -0.9));
        evaluator.sweep(Millis(number), Millis::from_mins(60));
    }
    assert!(evaluator.talks.len() <= LIMIT);
    assert_eq!(evaluator.stored(subject("i-0")), None);
    assert!(evaluator.stored(subject(&format!("i-{LIMIT}"))).is_some());
}

#[test]
fn what_was_not_heard_for_long_and_holds_nothing_is_forgotten() {
    let mut evaluator = evaluator([Rule { hold: Millis::ZERO, ..unhappy() }]);
    hear(&mut evaluator, 0, &score("i", -0.9));
    evaluator.sweep(Millis::from_mins(59), Millis::from_mins(60));
    assert!(evaluator.stored(subject("i")).is_some());
    evaluator.sweep(Millis::from_mins(60), Millis::from_mins(60));
    assert_eq!(evaluator.stored(subject("i")), None);
}

#[cfg(not(target_arch = "wasm32"))]
mod against_a_plain_model {
    use proptest::prelude::*;

    use super::*;

    const END: u64 = 120;

    #[derive(Debug, Clone)]
    struct Setup {
        hold: u64,
        cooldown: u64,
        clears_above: Option<f64>,
        once: Once,
    }

    /// Steps through every millisecond and looks at everything, for one interaction.
    #[derive(Default)]
    struct Plain {
        since: Option<u64>,
        firing: bool,
        episode: u32,
        fired_at: Option<u64>,
    }

    impl Plain {
        fn pass(&mut self, at: u64, setup: &Setup) -> Option<u32> {
            let since = self.since?;
            let held = at >= since + setup.hold;
            let cooled = self.fired_at.is_none_or(|fired| at >= fired + setup.cooldown);
            if !held || !cooled {
                return None;
            }
            (self.since, self.firing, self.fired_at) = (None, true, Some(at));
            self.episode += 1;
            Some(if setup.once == Once::Episode { self.episode } else { 1 })
        }

        fn hear(&mut self, at: u64, score: Option<f64>, setup: &Setup) -> Option<u32> {
            let score = score?;
            let is_true = score < -0.5;
            if self.firing {
                if setup.clears_above.map_or(!is_true, |level| score > level) {
                    self.firing = false;
                } else if is_true {
                    return Some(if setup.once == Once::Episode { self.episode } else { 1 });
                }
                return None;
            }
            self.since = is_true.then(|| self.since.unwrap_or(at));
            self.pass(at, setup)
        }
    }

    fn setup() -> impl Strategy<Value = Setup> {
        let clears = prop_oneof![Just(None), Just(Some(0.0)), Just(Some(-0.4))];
        let once = prop_oneof![Just(Once::Episode), Just(Once::Rule)];
        (0..30_u64, prop_oneof![Just(0), 0..50_u64], clears, once)
            .prop_map(|(hold, cooldown, clears_above, once)| Setup { hold, cooldown, clears_above, once })
    }

    proptest! {
        #[test]
        fn it_fires_at_the_same_instants_through_restarts(
            setup in setup(),
            heard in prop::collection::vec(
                (0..END, 0..3_usize, prop_oneof![Just(None), (-10..=10_i32).prop_map(|score| Some(f64::from(score) / 10.0))]),
                0..60,
            ),
            restarts in prop::collection::btree_set(0..END, 0..5),
        ) {
            let mut heard = heard;
            heard.sort_by_key(|(at, ..)| *at);
            let rule = Rule {
                hold: Millis(setup.hold),
                cooldown: Millis(setup.cooldown),
                clears: setup.clears_above.map(|level| Condition::number(Field::SentimentScore, Operator::Above, level)),
                once: setup.once,
                ..unhappy()
            };
            let mut plain = [Plain::default(), Plain::default(), Plain::default()];
            let mut expected = Vec::new();
            for at in 0..END + 100 {
                for (talk, plain) in plain.iter_mut().enumerate() {
                    expected.extend(plain.pass(at, &setup).map(|episode| (at, talk, episode)));
                }
                for (_, talk, score) in heard.iter().filter(|(when, ..)| *when == at) {
                    expected.extend(plain[*talk].hear(at, *score, &setup).map(|episode| (at, *talk, episode)));
                }
            }

            let mut evaluator = evaluator([rule.clone()]);
            let mut found = Vec::new();
            let mut note = |at: u64, firings: Vec<Firing>| {
                found.extend(firings.into_iter().map(|firing| {
                    let talk: usize = firing.event.id.parse().unwrap();
                    (at, talk, firing.episode)
                }));
            };
            let mut steps: Vec<_> = heard.iter().map(|(at, talk, score)| (*at, Some((*talk, *score)))).collect();
            steps.extend(restarts.into_iter().map(|at| (at, None)));
            steps.push((END + 99, None));
            steps.sort_by_key(|(at, _)| *at);
            for (at, step) in steps {
                while let Some(deadline) = evaluator.next_deadline().filter(|deadline| deadline.0 <= at) {
                    note(deadline.0, evaluator.tick(deadline));
                }
                match step {
                    Some((talk, score)) => {
                        let score = score.map_or("null".to_owned(), |score| score.to_string());
                        let frame = format!(r#"{{"id":"{talk}","sentiment":{{"score":{score}}}}}"#);
                        note(at, evaluator.observe(Millis(at), &event::parse(frame.as_bytes()).unwrap(), |_, _| true));
                    }
                    None => evaluator = restart(&evaluator, [rule.clone()], at),
                }
            }
            // Holds of several interactions that end in one instant fire in the order of their fingerprints.
            expected.sort_unstable();
            found.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }
}
