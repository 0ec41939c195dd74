//! Servers that fail for some cards, for some time, or for good.

use crate::rig::{Post, Reply, Rig, START, limited, status};
use cuewire::model::http::Answer;
use cuewire::views::protocol::{CardAction, Request};
use cuewire::views::status::State;

/// The longest that a card took from its event, while a card comes due each second for `seconds`.
fn one_a_second(rig: &mut Rig, seconds: u64) -> u64 {
    *took_one_a_second(rig, seconds, 1_000).last().unwrap()
}

/// How long each card took from its event, the quickest first, while one comes due each second and for `rest` after.
fn took_one_a_second(rig: &mut Rig, seconds: u64, rest: u64) -> Vec<u64> {
    let mut due = Vec::new();
    for _ in 0..seconds {
        let interaction = format!("good-{}", rig.now);
        rig.unhappy([&interaction]);
        due.push((interaction, rig.now));
        rig.run_for(1_000);
    }
    rig.run_for(rest);
    let took = due.iter().map(|(interaction, at)| rig.took(interaction, *at).unwrap_or(u64::MAX));
    let mut took: Vec<u64> = took.collect();
    took.sort_unstable();
    took
}

/// A row of cards that always get this answer comes due at once, and good cards one by one from 2 s later.
fn behind_a_row(cards: u64, answer: impl Fn() -> Reply + 'static) -> Vec<u64> {
    let mut rig = Rig::new("", move |post| if post.interaction.starts_with("bad") { answer() } else { status(201) });
    rig.unhappy((0..cards).map(|number| format!("bad-{number}")));
    rig.run_for(2_000);
    took_one_a_second(&mut rig, 60, 60_000)
}

#[test]
fn no_card_waits_until_a_row_of_cards_that_always_fail_was_tried() {
    let took = behind_a_row(60, || status(500));
    assert!(took[30] < 100 && took[59] < 4_000, "{took:?}");
}

#[test]
fn no_card_waits_until_a_row_of_foreign_interactions_was_tried() {
    let took = behind_a_row(8, || status(403));
    assert!(took[30] < 100 && took[59] < 15_000, "{took:?}");
}

#[test]
fn no_card_waits_until_a_row_of_requests_that_hang_was_tried() {
    let took = behind_a_row(60, || Reply::Hang);
    assert!(took[30] < 2_000 && took[59] < 20_000, "{took:?}");
}

#[test]
fn no_card_waits_until_a_row_of_cards_that_are_always_answered_429_was_tried() {
    let took = behind_a_row(8, || limited(1));
    assert!(took[48] < 2_000 && took[59] < 40_000, "{took:?}");
}

#[test]
fn a_401_with_a_token_that_the_server_takes_from_other_cards_holds_no_other_card() {
    let took = behind_a_row(20, || status(401));
    assert!(took[30] < 3_000 && took[59] < 60_000, "{took:?}");
}

#[test]
fn workers_that_die_before_a_slow_server_answers_do_not_send_the_same_cards_again_and_again() {
    let mut rig = Rig::new("", |_| Reply::Hang);
    rig.unhappy((0..40).map(|number| format!("i-{number}")));
    for _ in 0..12 {
        rig.run_for(2_500);
        rig.kill();
    }
    let sent = (0..40).filter(|number| rig.posts_of(&format!("i-{number}")) > 0).count();
    assert_eq!(sent, 40, "{} requests", rig.posts.len());
}

#[test]
fn a_worker_that_begins_while_dispatch_is_held_tries_another_card_than_the_oldest() {
    let mut rig = Rig::new("", |post| status(if post.interaction.starts_with("bad") { 403 } else { 201 }));
    rig.unhappy((0..8).map(|number| format!("bad-{number}")));
    rig.run_for(1_000);
    rig.unhappy(["good"]);
    rig.run_for(100);
    rig.kill();
    rig.run_for(15_000);
    assert_eq!(rig.taken.len(), 1, "{:?}", rig.posts.len());
}

#[test]
fn two_cards_that_always_fail_delay_no_other() {
    let mut rig = Rig::new("", |post| status(if post.interaction.starts_with("bad") { 500 } else { 201 }));
    rig.unhappy(["bad-1", "bad-2"]);
    rig.run_for(75_000);
    let longest = one_a_second(&mut rig, 60);
    assert!(longest < 100, "{longest} ms");
}

#[test]
fn a_fifth_of_all_interactions_that_always_fail_delay_no_other_and_no_good_card_expires() {
    let bad = |post: &Post| post.interaction.starts_with("bad");
    let mut rig = Rig::new("", move |post| status(if bad(post) { 500 } else { 201 }));
    let mut longest = 0;
    for number in 0..720_u64 {
        let kind = if number % 5 == 0 { "bad" } else { "good" };
        let (interaction, at) = (format!("{kind}-{number}"), rig.now);
        rig.unhappy([&interaction]);
        rig.run_for(5_000);
        if kind == "good" {
            longest = longest.max(rig.took(&interaction, at).unwrap_or(u64::MAX));
        }
    }
    assert!(longest < 5_000, "{longest} ms in an hour");
}

#[test]
fn requests_that_hang_leave_their_places_to_others() {
    let mut rig = Rig::new("", |post| if post.interaction.starts_with("bad") { Reply::Hang } else { status(201) });
    for number in 0..30 {
        rig.unhappy([format!("bad-{number}")]);
        let longest = one_a_second(&mut rig, 2);
        assert!(longest < 2_000, "{longest} ms beside {number} that hang");
    }
}

#[test]
fn a_server_that_is_down_is_probed_and_all_cards_go_once_it_is_back() {
    let back = START + 300_000;
    let mut rig = Rig::new("", move |post| status(if post.at < back { 503 } else { 201 }));
    rig.unhappy((0..200).map(|number| format!("i-{number}")));
    rig.run_until(back);
    let probes = rig.posts.iter().filter(|post| post.at + 60_000 > back).count();
    assert!(probes <= 60, "{probes} requests a minute to a server that is down");
    assert!(rig.wrong().contains(&"serverFailing".to_owned()));
    rig.run_for(10_000);
    assert!(rig.taken.len() > 190, "{} of 200 within 10 s", rig.taken.len());
    rig.run_for(45_000);
    assert_eq!(rig.taken.len(), 200, "those that were probes back off a little longer");
    assert!(rig.wrong().is_empty(), "{:?}", rig.wrong());
}

#[test]
fn a_server_that_failed_for_a_moment_takes_all_other_cards_within_a_second() {
    let mut failures = 6;
    let mut rig = Rig::new("", move |_| {
        let fails = failures > 0;
        failures -= i32::from(fails);
        status(if fails { 503 } else { 201 })
    });
    rig.unhappy((0..50).map(|number| format!("i-{number}")));
    rig.run_for(1_000);
    assert!(rig.taken.len() >= 42, "{} of 50", rig.taken.len());
}

#[test]
fn five_seconds_of_401_hold_dispatch_for_seconds_and_not_until_a_click() {
    let over = START + 5_100;
    let mut rig = Rig::new("", move |post| status(if post.at < over { 401 } else { 201 }));
    rig.unhappy((0..10).map(|number| format!("i-{number}")));
    rig.run_for(1_000);
    assert_eq!(rig.wrong(), ["signInRejected"]);
    assert_eq!(rig.pipeline().status().state, State::NeedsAttention);
    rig.run_for(20_000);
    assert_eq!(rig.taken.len(), 10);
    assert!(rig.wrong().is_empty(), "{:?}", rig.wrong());
}

#[test]
fn a_hold_makes_its_first_try_after_15_seconds_whatever_was_in_flight_as_it_began() {
    let over = START + 5_100;
    let mut rig = Rig::new("", move |post| status(if post.at < over { 401 } else { 201 }));
    for number in 0..10 {
        rig.unhappy([format!("i-{number}")]);
        rig.run_for(3);
    }
    rig.run_for(18_000);
    assert_eq!(rig.taken.len(), 10);
}

#[test]
fn a_hold_tries_one_card_now_and_then_and_remembers_when_over_a_kill() {
    let mut rig = Rig::new(r#""cardTtlMinutes":60,"#, |_| status(401));
    rig.unhappy((0..10).map(|number| format!("i-{number}")));
    rig.run_for(600_000);
    // Each try is two requests: one with the token at hand, one with a fresh one.
    assert!((8..=16).contains(&rig.posts.len()), "{} requests in ten minutes", rig.posts.len());
    let before = rig.posts.len();
    for _ in 0..20 {
        rig.kill();
        rig.run_for(2_000);
    }
    assert!(rig.posts.len() <= before + 2, "{} requests by 20 workers in 40 s", rig.posts.len() - before);
}

#[test]
fn three_foreign_interactions_hold_dispatch_for_seconds_and_not_until_a_click() {
    let mut rig = Rig::new("", |post| status(if post.interaction.starts_with("foreign") { 403 } else { 201 }));
    rig.unhappy(["foreign-1", "foreign-2", "foreign-3"]);
    rig.run_for(1_000);
    assert_eq!(rig.wrong(), ["scopeMissing"]);
    rig.unhappy(["i-1", "i-2"]);
    rig.run_for(16_000);
    assert_eq!(rig.taken.len(), 2);
    assert!(rig.wrong().is_empty(), "{:?}", rig.wrong());
    assert_eq!(rig.posts_of("foreign-1"), 1, "given up is given up");
}

#[test]
fn three_foreign_interactions_hours_apart_hold_nothing() {
    let mut rig = Rig::new("", |post| status(if post.interaction.starts_with("foreign") { 403 } else { 201 }));
    for number in 0..3 {
        rig.unhappy([format!("foreign-{number}")]);
        rig.run_for(3_600_000);
    }
    rig.unhappy(["i-1"]);
    rig.run_for(1_000);
    assert_eq!(rig.taken.len(), 1);
}

#[test]
fn a_429_between_two_401_is_no_second_401() {
    let mut answers = vec![201, 401, 429, 401];
    let mut rig = Rig::new("", move |_| match answers.pop() {
        Some(429) => limited(1),
        Some(other) => status(other),
        None => status(201),
    });
    rig.unhappy(["i-1"]);
    rig.run_for(5_000);
    assert_eq!(rig.taken.len(), 1);
    assert!(rig.wrong().is_empty(), "{:?}", rig.wrong());
}

#[test]
fn a_wait_of_zero_seconds_is_no_hot_loop() {
    let over = START + 20_000;
    let mut rig = Rig::new("", move |post| if post.at < over { limited(0) } else { status(201) });
    rig.unhappy(["i-1", "i-2"]);
    rig.run_until(over);
    assert!(rig.posts.len() <= 20, "{} posts in 20 s", rig.posts.len());
    rig.run_for(6_000);
    assert_eq!(rig.taken.len(), 2);
}

#[test]
fn one_card_that_is_always_answered_429_makes_way_for_others() {
    let mut rig = Rig::new("", |post| if post.interaction == "bad" { limited(1) } else { status(201) });
    rig.unhappy(["bad"]);
    rig.run_for(10_000);
    rig.unhappy(["i-1", "i-2", "i-3"]);
    rig.run_for(8_000);
    assert_eq!(rig.taken.len(), 3);
}

#[test]
fn a_card_refused_three_times_by_chance_has_its_turn_although_a_backlog_waits() {
    let mut refusals = 0;
    let mut rig = Rig::new("", move |post| {
        refusals += u32::from(post.interaction == "unlucky");
        if post.interaction == "unlucky" && refusals <= 3 { limited(1) } else { status(201) }
    });
    rig.unhappy(["unlucky".to_owned()].into_iter().chain((0..2_000).map(|number| format!("i-{number}"))));
    rig.run_for(60_000);
    let before = rig.taken.values().filter(|at| **at < rig.taken["unlucky"]).count();
    assert_eq!((rig.taken.len(), rig.posts_of("unlucky")), (2_001, 4));
    // Its own delay lasts 1.5 s at most, in which the server takes some 600 cards.
    assert!(before < 1_000, "{before} of 2000 went before");
}

#[test]
fn cards_that_are_always_answered_429_rarely_have_a_turn() {
    let mut rig = Rig::new("", |post| if post.interaction.starts_with("bad") { limited(1) } else { status(201) });
    rig.unhappy((0..5).map(|number| format!("bad-{number}")));
    rig.run_for(90_000);
    let from = rig.now;
    rig.unhappy((0..1_000).map(|number| format!("i-{number}")));
    rig.run_for(30_000);
    let last = (0..1_000).map(|number| rig.took(format!("i-{number}"), from).unwrap_or(u64::MAX)).max().unwrap();
    assert!(last < 15_000, "{last} ms");
}

#[test]
fn a_403_for_each_third_interaction_holds_dispatch_once_at_most() {
    let mut rig = Rig::new("", |post| status(if post.interaction.starts_with("foreign") { 403 } else { 201 }));
    let (mut late, mut good) = (Vec::new(), 0);
    let mut random = cuewire::model::random::Random::new(7);
    for number in 0..600 {
        let kind = if random.between(0, 2) == 0 { "foreign" } else { "good" };
        let (interaction, at) = (format!("{kind}-{number}"), rig.now);
        rig.unhappy([&interaction]);
        rig.run_for(1_000);
        if kind == "good" {
            good += 1;
            late.extend((!rig.taken.contains_key(&interaction)).then_some(at));
        }
    }
    assert!(late.len() * 20 < good, "{} of {good} later than a second", late.len());
    assert!(rig.taken.len() >= good - 1);
}

#[test]
fn a_permission_that_is_gone_holds_dispatch_after_twelve_cards_whatever_was_forbidden_before() {
    let gone = START + 60_000;
    let mut rig =
        Rig::new("", move |post| status(if post.at > gone || post.interaction.ends_with('3') { 403 } else { 201 }));
    rig.unhappy((0..60).map(|number| format!("i-{number}")));
    rig.run_until(gone + 1);
    assert!(rig.wrong().iter().all(|code| code != "signInRejected"), "{:?}", rig.wrong());
    let before = rig.posts.len();
    rig.unhappy((100..150).map(|number| format!("i-{number}")));
    rig.run_for(5_000);
    assert!(rig.posts.len() - before <= 16, "{} cards given up", rig.posts.len() - before);
    assert_eq!(rig.wrong(), ["scopeMissing"]);
}

#[test]
fn a_503_that_asks_for_an_hour_holds_no_card_longer_than_a_minute_and_no_other_card() {
    let mut first = true;
    let mut rig = Rig::new("", move |_| {
        if std::mem::take(&mut first) {
            return Reply::Answer(Answer { status: 503, retry_after: Some("3600".to_owned()), ..Answer::default() });
        }
        status(201)
    });
    let from = rig.now;
    rig.unhappy(["i-1", "i-2"]);
    rig.run_for(70_000);
    assert!(rig.took("i-2", from).unwrap() < 1_000);
    assert!((60_000..62_000).contains(&rig.took("i-1", from).unwrap()));
}

#[test]
fn one_card_that_is_always_answered_401_makes_way_for_others() {
    let mut rig = Rig::new("", |post| status(if post.interaction == "bad" { 401 } else { 201 }));
    rig.unhappy(["bad", "i-1", "i-2", "i-3"]);
    rig.run_for(20_000);
    assert_eq!(rig.taken.len(), 3);
}

#[test]
fn a_web_page_in_place_of_an_answer_delivers_nothing_and_says_so() {
    let over = START + 30_000;
    let mut rig = Rig::new("", move |post| {
        if post.at >= over {
            return status(201);
        }
        let content_type = Some("Text/HTML; charset=utf-8".to_owned());
        Reply::Answer(Answer { status: 200, content_type, ..Answer::default() })
    });
    rig.unhappy(["i-1"]);
    rig.run_for(20_000);
    assert_eq!((rig.wrong(), rig.pipeline().status().delivered), (vec!["intercepted".to_owned()], 0));
    rig.run_for(60_000);
    assert_eq!((rig.wrong(), rig.pipeline().status().delivered), (vec![], 1));
}

#[test]
fn a_redirect_passes() {
    let over = START + 30_000;
    let mut rig = Rig::new("", move |post| if post.at < over { Reply::Redirect } else { status(201) });
    rig.unhappy(["i-1"]);
    rig.run_for(20_000);
    assert_eq!(rig.wrong(), ["intercepted"]);
    rig.run_for(60_000);
    assert_eq!(rig.taken.len(), 1);
}

#[test]
fn a_host_that_is_not_permitted_costs_no_tries_and_is_asked_again_within_seconds() {
    let over = START + 60_000;
    let mut rig =
        Rig::new(r#""maxTries":2,"#, move |post| if post.at < over { Reply::NotPermitted } else { status(201) });
    rig.unhappy(["i-1", "i-2"]);
    rig.run_until(over);
    assert_eq!(rig.wrong(), ["permissionMissing"]);
    rig.run_for(16_000);
    assert_eq!(rig.taken.len(), 2);
}

#[test]
fn a_card_that_expired_before_any_server_was_reached_comes_due_again_under_the_same_id() {
    let mut rig = Rig::new(r#""cardTtlMinutes":1,"#, |_| Reply::NotPermitted);
    rig.unhappy(["i-1"]);
    rig.run_for(70_000);
    assert_eq!((rig.pipeline().status().given_up, rig.wrong().contains(&"cardExpired".to_owned())), (1, true));
    rig.unhappy(["i-1"]);
    rig.run_for(1_000);
    let cards = rig.pipeline().dashboard(cuewire::model::time::Millis(rig.now)).outbox;
    let ids: Vec<&str> = cards.iter().map(|card| &*card.card_id).collect();
    assert_eq!(ids, ["trigger-i-1-negative-sentiment-1"], "one card, on its way again");
    assert_eq!(rig.pipeline().status().waiting, 1);
}

#[test]
fn a_card_that_expired_after_a_server_answered_stays_given_up() {
    let mut rig = Rig::new(r#""cardTtlMinutes":1,"#, |_| status(500));
    rig.unhappy(["i-1"]);
    rig.run_for(70_000);
    rig.unhappy(["i-1"]);
    rig.run_for(1_000);
    assert_eq!((rig.pipeline().status().given_up, rig.pipeline().status().waiting), (1, 0));
}

#[test]
fn one_card_that_fails_for_minutes_with_nothing_taken_between_is_shown() {
    let mut rig = Rig::new("", |_| status(500));
    rig.unhappy(["i-1"]);
    rig.run_for(60_000);
    assert!(rig.wrong().is_empty(), "one card may have a trouble of its own: {:?}", rig.wrong());
    rig.run_for(120_000);
    assert_eq!(rig.wrong(), ["serverFailing"]);
}

#[test]
fn a_card_that_expired_unreached_and_was_tried_again_by_a_person_comes_due_no_second_time() {
    let over = START + 70_000;
    let mut rig =
        Rig::new(r#""cardTtlMinutes":1,"#, move |post| if post.at < over { Reply::NotPermitted } else { status(201) });
    rig.unhappy(["i-1"]);
    rig.run_for(70_000);
    rig.ask(Request::Cards { action: CardAction::TryAgain, card: None });
    rig.run_for(5_000);
    assert_eq!((rig.taken.len(), rig.pipeline().status().triggers), (1, 1));
    rig.unhappy(["i-1"]);
    rig.run_for(5_000);
    assert_eq!(rig.pipeline().status().triggers, 1, "its card was delivered");
}

#[test]
fn a_try_of_a_hold_that_shows_nothing_about_it_is_repeated_soon_even_by_the_next_worker() {
    // The hold tries after 15, 45, 105 and 225 s, and minutes later meets a server that is down for a moment.
    let (rejected, well) = (START + 230_000, START + 470_000);
    let mut rig = Rig::new(r#""cardTtlMinutes":60,"#, move |post| match post.at {
        at if at < rejected => status(401),
        at if at < well => status(503),
        _ => status(201),
    });
    rig.unhappy(["i-1", "i-2"]);
    rig.run_until(well);
    assert_eq!(rig.posts.iter().filter(|post| post.at > rejected).count(), 1, "the server is down");
    rig.kill();
    rig.run_for(20_000);
    assert_eq!(rig.taken.len(), 2);
}

#[test]
fn a_rejected_sign_in_is_told_until_the_try_that_finds_no_card() {
    let mut rig = Rig::new(r#""cardTtlMinutes":1,"#, |_| status(401));
    let is_told = |rig: &Rig| rig.wrong().contains(&"signInRejected".to_owned());
    rig.unhappy(["i-1"]);
    rig.run_for(50_000);
    assert!(is_told(&rig));
    rig.run_for(300_000);
    assert!(!is_told(&rig), "{:?}", rig.wrong());
    rig.kill();
    rig.run_for(1_000);
    assert!(!is_told(&rig), "nor does the next worker know of a hold");
    rig.unhappy(["i-2"]);
    rig.run_for(1_000);
    assert_eq!(rig.posts_of("i-2"), 2, "at once, and with a fresh token");
    assert!(is_told(&rig));
}

#[test]
fn a_server_that_fails_is_told_of_for_two_minutes_after_the_last_try() {
    let mut rig = Rig::new(r#""cardTtlMinutes":5,"#, |_| status(503));
    let is_told = |rig: &Rig| rig.wrong().contains(&"serverFailing".to_owned());
    rig.unhappy((0..6).map(|number| format!("i-{number}")));
    rig.run_for(290_000);
    assert!(is_told(&rig));
    rig.run_for(60_000);
    assert_eq!(rig.pipeline().status().given_up, 6);
    assert!(is_told(&rig), "cards may come one by one, and somebody must see why they leave");
    rig.run_for(120_000);
    assert!(!is_told(&rig), "{:?}", rig.wrong());
}
