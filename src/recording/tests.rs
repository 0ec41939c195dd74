use std::borrow::Cow;

use proptest::prelude::*;

use super::*;
use crate::model::event::Event;
use crate::model::event::said::Said;
use crate::model::fingerprint::Fingerprint;
use crate::model::time::Millis;

const DAY: u64 = 24 * 60 * 60_000;
const START: Millis = Millis(1_771_320_600_000);

fn event(id: &str, score: Option<f64>, queue: Option<&str>) -> Event<'static> {
    let owned = |text: &str| Cow::Owned(text.to_owned());
    Event::of(owned(id)).with([score, None, None], [queue.map(owned), Some(owned("transfer")), None])
}

fn recorder() -> Recorder {
    let mut recorder = Recorder::default();
    recorder.keep(Keep::Day);
    recorder.begin(START);
    recorder
}

fn hear(recorder: &mut Recorder, at: Millis, event: &Event<'_>) {
    recorder.hear(at, Fingerprint::of(&event.id), event, &[]);
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![(-10_000_i32..=10_000).prop_map(|number| f64::from(number) / 1e4), -1.0..=1.0, 0.0..1e18, Just(-0.0)]
}

fn said() -> impl Strategy<Value = Said> {
    let mark = prop_oneof![0_u64..4, any::<u64>()];
    prop_oneof![
        number().prop_map(Said::Number),
        any::<bool>().prop_map(Said::Flag),
        Just(Said::Structure),
        mark.prop_map(Said::Text)
    ]
}

proptest! {
    #[test]
    fn what_was_heard_reads_back_to_the_last_bit(
        heard in prop::collection::vec(
            (0_u64..5_000, 0_u8..9, prop::option::of(number()), prop::option::of(number()), prop::option::of("[a-dé]{0,3}")),
            1..200,
        )
    ) {
        let mut recorder = recorder();
        let (mut now, mut expected) = (START, Vec::new());
        for (span, id, score, wait, queue) in heard {
            now = now.plus(Millis(span));
            let event = Event { queue_wait_ms: wait, ..event(&id.to_string(), score, queue.as_deref()) };
            hear(&mut recorder, now, &event);
            expected.push((now, format!("{:016x}", Fingerprint::of(&event.id).half()), event));
        }
        recorder.end(now);
        let mut read_back = Vec::new();
        for chunk in recorder.take(now) {
            let samples = read(&chunk.bytes).expect("a whole chunk");
            prop_assert_eq!(Key::parse(&chunk.key.to_string()), Some(chunk.key));
            read_back.extend(samples.map(|Sample { at, event, .. }| (at, event.kept())));
        }
        prop_assert_eq!(read_back.len(), expected.len());
        let bits = |number: Option<f64>| number.map(f64::to_bits);
        for ((at, read), (heard_at, id, heard)) in read_back.iter().zip(&expected) {
            prop_assert_eq!((at, &*read.id), (heard_at, &**id));
            prop_assert_eq!(bits(read.sentiment_score), bits(heard.sentiment_score));
            prop_assert_eq!(bits(read.queue_wait_ms), bits(heard.queue_wait_ms));
            prop_assert_eq!(&read.queue, &heard.queue);
        }
    }

    #[test]
    fn fields_by_pointer_read_back_and_cost_nothing_while_no_rule_names_one(
        heard in prop::collection::vec(prop::collection::btree_map(0_usize..16, said(), 0..16), 1..100)
    ) {
        let mut recorder = recorder();
        let legend: Vec<String> = (0..16).map(|at| format!("/field/{at}")).collect();
        recorder.watch(legend.clone());
        let heard: Vec<Vec<(usize, Said)>> = heard.into_iter().map(|said| said.into_iter().collect()).collect();
        for said in &heard {
            recorder.hear(START, Fingerprint::of("a"), &event("a", Some(0.25), None), said);
        }
        recorder.watch(Vec::new());
        heard.iter().for_each(|said| recorder.hear(START, Fingerprint::of("a"), &event("a", Some(0.25), None), said));
        recorder.end(START);
        let chunks = recorder.take(START);
        let [full, plain] = [0, 1].map(|at: usize| read(&chunks[at].bytes).expect("a whole chunk"));
        prop_assert_eq!(&full.legend, &legend);
        prop_assert_eq!(full.map(|sample| sample.said).collect::<Vec<_>>(), heard.clone());
        prop_assert_eq!((plain.legend.len(), chunks[1].bytes[0]), (0, 1));
        prop_assert!(plain.map(|sample| sample.said).all(|said| said.is_empty()));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>()) {
        prop_assert!(read(&bytes).map_or(0, Iterator::count) <= bytes.len());
        let mut recorder = recorder();
        hear(&mut recorder, START, &event("a", Some(0.5), Some("billing")));
        recorder.end(START);
        let mut chunk = recorder.take(START).remove(0).bytes;
        let at = at.index(chunk.len());
        chunk[at] ^= 1;
        prop_assert_eq!(read(&chunk).err(), Some(Fault::Damaged));
    }
}

#[test]
fn a_usual_event_takes_about_a_dozen_bytes() {
    let mut recorder = recorder();
    for number in 0..4_000_u64 {
        let event = Event {
            sentiment_confidence: Some(0.83),
            queue_wait_ms: Some(37_250.0),
            ..event(&(number % 400).to_string(), Some(-0.37), Some("billing"))
        };
        hear(&mut recorder, START.plus(Millis(number * 20)), &event);
    }
    recorder.end(START.plus(Millis(80_000)));
    let bytes: usize = recorder.take(START.plus(Millis(80_000))).iter().map(|chunk| chunk.bytes.len()).sum();
    assert!(bytes / 4_000 <= 16, "{bytes} bytes for 4000 events");
}

#[test]
fn three_fields_by_pointer_cost_an_event_four_bytes() {
    let bytes = |legend: &[&str]| {
        let mut recorder = recorder();
        recorder.watch(legend.iter().map(|word| (*word).to_owned()).collect());
        for number in 0..4_000_u64 {
            let said = [(0, Said::Text(number % 5)), (1, Said::Flag(number % 3 == 0)), (2, Said::Text(7))];
            let at = START.plus(Millis(number * 20));
            recorder.hear(at, Fingerprint::of("a"), &event("a", Some(-0.37), Some("billing")), &said);
        }
        recorder.end(START.plus(Millis(80_000)));
        recorder.take(START.plus(Millis(80_000))).iter().map(|chunk| chunk.bytes.len()).sum::<usize>()
    };
    let more = bytes(&["=/skill", "/vip", "=/language"]) - bytes(&[]);
    assert!((16_000..16_200).contains(&more), "{more} bytes more for 4000 events");
}

#[test]
fn rules_that_change_begin_a_chunk_without_a_gap() {
    let mut recorder = recorder();
    let at = |second: u64| START.plus(Millis::from_secs(second));
    let legend = || vec!["/vip".to_owned()];
    recorder.watch(legend());
    recorder.hear(at(5), Fingerprint::of("a"), &event("a", None, None), &[(0, Said::Flag(true))]);
    recorder.watch(legend());
    recorder.watch(Vec::new());
    recorder.hear(at(9), Fingerprint::of("a"), &event("a", None, None), &[]);
    recorder.keep(Keep::Week);
    recorder.watch(legend());
    recorder.end(at(10));
    let chunks = recorder.take(at(10));
    let spans =
        chunks.iter().map(|chunk| read(&chunk.bytes).map(|it| (it.from, it.until, it.legend.len(), it.count())));
    let expected = [(at(0), at(5), 1, 1), (at(5), at(9), 0, 1)];
    assert_eq!(spans.collect::<Vec<_>>(), expected.map(Ok));
    recorder.clear();
    recorder.begin(at(20));
    recorder.hear(at(20), Fingerprint::of("a"), &event("a", None, None), &[(0, Said::Structure)]);
    recorder.end(at(20));
    let chunk = recorder.take(at(20)).remove(0);
    assert_eq!(
        read(&chunk.bytes).map(|it| it.legend),
        Ok(vec!["/vip"]),
        "what was cleared is the recording, not the rules"
    );
}

#[test]
fn nothing_is_due_while_nothing_is_heard() {
    let mut recorder = recorder();
    assert_eq!(recorder.next_deadline(), None);
    hear(&mut recorder, START.plus(Millis(5)), &event("a", None, None));
    assert_eq!(recorder.next_deadline(), Some(START.plus(Millis(60_005))));
    assert_eq!(recorder.take(START.plus(Millis(60_004))), []);
    assert_eq!(recorder.take(START.plus(Millis(60_005))).len(), 1);
    assert_eq!(recorder.next_deadline(), None);
}

#[test]
fn a_silence_that_was_heard_is_covered_and_a_time_that_was_not_is_a_gap() {
    let mut recorder = recorder();
    let minute = |number: u64| START.plus(Millis(number * 60_000));
    hear(&mut recorder, minute(0), &event("a", None, None));
    let mut chunks = recorder.take(minute(1));
    hear(&mut recorder, minute(30), &event("a", None, None));
    recorder.end(minute(40));
    recorder.begin(minute(50));
    recorder.end(minute(60));
    chunks.extend(recorder.take(minute(60)));
    let spans = chunks.iter().map(|chunk| read(&chunk.bytes).map(|samples| (samples.from, samples.until)));
    let expected = [(minute(0), minute(1)), (minute(1), minute(40)), (minute(50), minute(60))];
    assert_eq!(spans.collect::<Vec<_>>(), expected.map(Ok));
}

#[test]
fn what_is_too_old_goes_and_so_does_what_is_too_much() {
    let mut recorder = recorder();
    let key = |from: u64, bytes: u32| Key { from: Millis(from), bytes };
    recorder.restore([key(DAY, 10), key(1, 10), key(DAY / 2, 10)]);
    assert_eq!(recorder.since(), Some(Millis(1)));
    assert_eq!(recorder.outdated(Millis(DAY + DAY / 2)), Some(key(1, 10)));
    assert_eq!(recorder.outdated(Millis(DAY + DAY / 2)), None);
    recorder.restore([key(DAY + 1, 60 << 20), key(DAY + 2, 10 << 20)]);
    assert_eq!(recorder.outdated(Millis(DAY + DAY / 2)), Some(key(DAY + 1, 60 << 20)));
    assert_eq!(recorder.bytes(), 10 << 20);
    assert!(!recorder.is_to_be_forgotten());
    recorder.keep(Keep::Off);
    assert!(recorder.is_to_be_forgotten() && !recorder.is_to_be_forgotten());
    assert_eq!(recorder.since(), None);
}
