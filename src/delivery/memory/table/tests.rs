use super::*;

const NOW: Millis = Millis(1_771_320_600_000);
const DAY: Millis = Millis::from_mins(24 * 60);

fn subject(number: usize) -> Subject {
    Subject::of(Fingerprint::of("https://acme.cxone.com"), &format!("i-{number}"))
}

fn fired(rule: usize) -> State {
    let mut state = State { single: true, ..State::default() };
    state.rules.insert(rule);
    state
}

fn filled(count: usize) -> Table {
    let mut table = Table::default();
    for number in 0..count {
        let seen = Millis(NOW.0 - (number % 1_000) as u64);
        table.set(subject(number), fired(number % 3), Seen { seen, stored: seen });
    }
    table
}

#[test]
fn a_quarter_of_a_million_interactions_take_less_than_ten_megabytes() {
    let table = filled(250_000);
    assert_eq!(table.len(), 250_000);
    assert!(table.bytes() < 10_000_000, "{} bytes", table.bytes());
    for number in (0..250_000).step_by(997) {
        let (state, seen) = table.get(subject(number)).unwrap();
        assert_eq!((state, seen.seen), (&fired(number % 3), Millis(NOW.0 - (number % 1_000) as u64)));
    }
    assert_eq!(table.get(subject(250_000)), None);
}

#[test]
fn a_million_interactions_take_less_than_thirty_two_megabytes() {
    let table = filled(1_000_000);
    assert!(table.bytes() < 32_000_000, "{} bytes", table.bytes());
}

#[test]
fn the_same_interaction_of_two_connections_is_two() {
    let mut table = filled(1);
    let other = Subject::of(Fingerprint::of("https://bravo.cxone.com"), "i-0");
    assert_eq!(table.get(other), None);
    table.set(other, fired(5), Seen { seen: NOW, stored: Millis::ZERO });
    assert_eq!(table.get(other), Some((&fired(5), Seen { seen: NOW, stored: Millis::ZERO })));
    assert_eq!(table.remove(subject(0)), Some(fired(0)));
    assert_eq!(table.remove(subject(0)), None);
    assert_eq!((table.len(), table.get(subject(0))), (1, None));
    assert!(table.iter().map(|(one, _, at)| (one, at)).eq([(other, Seen { seen: NOW, stored: Millis::ZERO })]));
}

#[test]
fn instants_stay_exact_however_long_the_worker_lives() {
    let mut table = filled(1);
    for day in 1..=200 {
        let now = NOW.plus(Millis(day * DAY.0 + 1));
        table.touch(subject(0), now);
        table.set(subject(1), fired(1), Seen { seen: now, stored: Millis(now.0 - DAY.0) });
        assert_eq!(table.get(subject(0)).unwrap().1.seen, now);
        assert_eq!(table.get(subject(1)).unwrap().1, Seen { seen: now, stored: Millis(now.0 - DAY.0) });
    }
}

#[test]
fn states_change_together_and_what_has_none_is_forgotten() {
    let mut table = filled(30);
    table.change_states(|state| (*state != fired(1)).then(|| fired(7)));
    assert_eq!((table.len(), table.get(subject(1))), (20, None));
    assert_eq!(table.get(subject(2)).map(|(state, _)| state.clone()), Some(fired(7)));
}

#[test]
fn what_is_forgotten_gives_its_bytes_back() {
    let mut table = filled(20_000);
    for number in 0..20_000 {
        table.set(subject(number), fired(number), Seen { seen: NOW, stored: NOW });
    }
    let full = table.bytes();
    for number in 100..20_000 {
        table.remove(subject(number));
    }
    table.tidy();
    assert!(table.bytes() < full / 20, "{} of {full}", table.bytes());
    for number in 0..100 {
        assert_eq!(table.get(subject(number)).map(|(state, _)| state.clone()), Some(fired(number)));
    }
}
