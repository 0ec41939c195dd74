use super::*;

const SEEN: Millis = Millis(1_771_320_600_000);

/// A bucket of `count` interactions, whose rules are of three kinds.
fn bucket(count: u32) -> (Vec<StoredState>, Vec<Line>, String) {
    let states: Vec<StoredState> = ["long-wait", "negative-sentiment", "\"quoted\""]
        .map(|rule| StoredState { rules: vec![rule.to_owned()], lost: Vec::new() })
        .to_vec();
    let line = |number: u32| {
        let mut bytes = [0xa7; 16];
        bytes[1..5].copy_from_slice(&number.to_be_bytes());
        let interaction = Fingerprint::from_bytes(bytes);
        Line { interaction, seen: SEEN.plus(Millis(u64::from(number))), state: number as usize % 3 }
    };
    let lines: Vec<Line> = (0..count).map(line).collect();
    let text = write(states.clone(), &lines);
    (states, lines, text)
}

#[test]
fn a_bucket_reads_back_what_it_writes() {
    let (states, lines, text) = bucket(1_000);
    assert_eq!(read(&text, 0xa7), Ok((states, lines)));
    assert_eq!(newest_of(&text), Some(SEEN.plus(Millis(999))));
}

#[test]
fn a_thousand_lines_stay_below_what_a_browser_stores_apart() {
    // Chromium keeps a larger value in a file of its own, which takes a read of its own.
    assert!(bucket(1_200).2.len() < 64 * 1024);
}

#[test]
fn the_key_of_a_bucket_names_it_and_no_interaction() {
    let connection = Fingerprint::of("https://acme.cxone.com");
    for connection in [connection, Fingerprint::default()] {
        let place = Place::of(Subject { connection, interaction: Fingerprint::of("i-1") });
        assert_eq!(Place::parse(&place.key()), Some(place));
        let subject = place.key();
        assert_eq!(Subject::parse(subject.trim_start_matches(FIRED_PREFIX)), None);
    }
    for key in ["fired/any/cd7", "fired/any/c", "fired/any/CD", "fired/other/cd", "card/any/cd", "fired/any/"] {
        assert_eq!(Place::parse(key), None, "{key}");
    }
}

#[test]
fn any_flipped_bit_is_noticed_and_costs_no_other_line() {
    let (_, lines, text) = bucket(20);
    for (at, bit) in (0..text.len()).flat_map(|at| (0..7).map(move |bit| (at, bit))) {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1 << bit;
        let damaged = String::from_utf8(bytes).unwrap();
        assert!(read(&damaged, 0xa7).is_err(), "{at} {bit}");
        let Salvage { lines: right, unknown, .. } = salvage(&damaged, 0xa7);
        let known = |line: &&Line| right.contains(line) || unknown.contains(&line.interaction);
        let kept = lines.iter().filter(known).count();
        assert!(kept >= lines.len() - 1, "{at} {bit}: {kept}");
        assert!(right.iter().all(|line| lines.contains(line)), "{at} {bit}: nothing is made up");
    }
}

#[test]
fn where_the_states_are_damaged_every_line_still_names_its_interaction() {
    let (_, lines, text) = bucket(20);
    let damaged = text.replacen("long-wait", "lung-wait", 1);
    let Salvage { lines: right, unknown, .. } = salvage(&damaged, 0xa7);
    assert!(right.is_empty());
    assert_eq!(unknown, lines.iter().map(|line| line.interaction).collect::<Vec<_>>());
}
