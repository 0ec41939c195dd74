use super::memory::{Memory, Stored};
use super::*;
use crate::pipeline::effect::CommandId;
use crate::views::protocol::Request;

const WALL: Millis = Millis(1_771_320_600_000);

fn started(stored: &Stored) -> (Runner, Memory) {
    let (runner, mut host) = (Runner::default(), Memory { wall: WALL, ..Memory::default() });
    runner.happen(Input::Started(stored.start(1)), &mut host);
    (runner, host)
}

#[test]
fn a_worker_for_which_something_is_due_is_watched_and_its_timer_is_armed() {
    let (runner, host) = started(&Stored::with_settings(r#"{"organization":"acme","clientId":"c"}"#, "s"));
    assert_eq!((host.guard, host.tokens.len()), (Guard::Watch, 1));
    assert!(host.due.is_some() && host.due == runner.next_deadline());
}

#[test]
fn nothing_brings_back_a_worker_for_which_nothing_is_due_until_a_page_asks_for_something() {
    let (runner, mut host) = started(&Stored::default());
    assert_eq!((host.guard, host.due), (Guard::None, None));
    let text = r#"{"organization":"acme","clientId":"c","clientSecret":"s"}"#.to_owned();
    runner.happen(Input::Command(CommandId(1), Request::Save { text, check_only: false }), &mut host);
    assert_eq!((host.guard, host.saves.len()), (Guard::Watch, 1), "the settings are stored under guard");
}

#[test]
fn a_guard_is_set_once_until_it_is_forgotten() {
    let (runner, mut host) = started(&Stored::default());
    host.guard = Guard::Watch;
    runner.happen(Input::Tick, &mut host);
    assert_eq!(host.guard, Guard::Watch, "it is not set again");
    runner.forget_guard();
    runner.happen(Input::Tick, &mut host);
    assert_eq!(host.guard, Guard::None);
}
