use super::*;
use crate::api::contract::event;
use crate::model::fingerprint::Fingerprint;
use crate::rules::Field;

fn window(figure: Figure, values: Option<u32>, seconds: Option<u32>) -> Window {
    Window { figure, values, seconds, slot: Slot::default() }
}

fn series(values: &[(u64, f64)]) -> Series {
    let mut series = Series::new(Field::SentimentScore);
    values.iter().for_each(|(at, value)| series.push(Millis(*at), *value));
    series
}

#[test]
fn each_figure_is_of_the_newest_values() {
    let series = series(&[(0, 9.0), (60_000, 1.0), (120_000, -1.0), (180_000, 3.0)]);
    let figures = Figure::ALL.map(|figure| series.figure(&window(figure, Some(3), None), Millis(999_999)));
    assert_eq!(figures, [Some(1.0), Some(-1.0), Some(3.0), Some(3.0), Some(2.0), Some(1.0)]);
}

#[test]
fn a_value_leaves_a_window_of_seconds_as_the_last_of_them_passes() {
    let series = series(&[(0, 4.0), (1_000, 2.0)]);
    let mean = |now| series.figure(&window(Figure::Mean, None, Some(10)), Millis(now));
    assert_eq!([9_999, 10_000, 10_999, 11_000].map(mean), [Some(3.0), Some(2.0), Some(2.0), None]);
    let span = Millis::from_secs(10);
    assert_eq!(series.next_move(span, Millis(9_999)), Some(Millis(10_000)));
    assert_eq!(series.next_move(span, Millis(10_000)), Some(Millis(11_000)));
    assert_eq!(series.next_move(span, Millis(11_000)), None);
}

#[test]
fn a_window_without_a_value_is_no_data_whatever_its_figure() {
    for figure in Figure::ALL {
        assert_eq!(series(&[]).figure(&window(figure, Some(5), None), Millis(0)), None, "{figure:?}");
    }
}

#[test]
fn values_of_one_instant_have_no_slope_and_one_value_has_no_change() {
    let slope = window(Figure::Slope, Some(5), None);
    assert_eq!(series(&[(5, 1.0), (5, 2.0)]).figure(&slope, Millis(5)), None);
    assert_eq!(series(&[(5, 1.0)]).figure(&window(Figure::Change, Some(5), None), Millis(5)), Some(0.0));
}

#[test]
fn a_series_is_bounded_and_forgets_what_no_window_counts() {
    let mut series = series(&(0..100).map(|at| (at, 1.0)).collect::<Vec<_>>());
    let count = |series: &Series| series.figure(&window(Figure::Count, None, Some(3_600)), Millis(100));
    assert_eq!(count(&series), Some(64.0));
    series.trim(Millis(10_090), Millis::from_secs(10), 3);
    assert_eq!(count(&series), Some(9.0));
    series.trim(Millis(99_000), Millis::from_secs(10), 3);
    assert_eq!(count(&series), Some(3.0));
}

#[test]
fn a_window_is_incomplete_until_it_holds_nothing_from_before_the_restart() {
    let series = series(&[(0, 1.0), (1, 1.0)]);
    let seconds = |now, resumed| series.is_incomplete(&window(Figure::Mean, None, Some(10)), Millis(now), resumed);
    assert_eq!(
        [seconds(9_999, Some(Millis(0))), seconds(10_000, Some(Millis(0))), seconds(5, None)],
        [true, false, false]
    );
    let values = |most| series.is_incomplete(&window(Figure::Mean, Some(most), None), Millis(5), Some(Millis(0)));
    assert_eq!([values(3), values(2)], [true, false]);
}

/// A book that heard these frames at these milliseconds.
fn book(heard: &[(u64, &str)]) -> QueueBook {
    let mut book = QueueBook::default();
    for (at, frame) in heard {
        let event = event::parse(frame.as_bytes()).unwrap();
        book.hear(Millis(*at), Fingerprint::of(&event.id), &event);
    }
    book
}

fn figure(book: &QueueBook, queue: &str, figure: QueueFigure, now: u64) -> Option<f64> {
    book.figure(Some(queue), Fingerprint::of("x"), figure, Millis(now))
}

#[test]
fn an_interaction_waits_from_its_queue_to_its_next_step() {
    let a = |step: &str| format!(r#"{{"id":"a","type":"{step}","routing":{{"queueName":"Billing"}}}}"#);
    let b = r#"{"id":"b","type":"waiting","routing":{"queueName":"billing ","queueWaitTimeMs":9000}}"#;
    let queued = book(&[(1_000, &a("queued")), (10_000, b)]);
    assert_eq!(figure(&queued, "BILLING", QueueFigure::Waiting, 10_000), Some(2.0));
    assert_eq!(figure(&queued, "billing", QueueFigure::LongestWait, 11_000), Some(10_000.0));
    let connected = book(&[(1_000, &a("queued")), (10_000, b), (11_000, &a("connect"))]);
    assert_eq!(figure(&connected, "billing", QueueFigure::Waiting, 11_000), Some(1.0));
    let ended = book(&[(1_000, &a("queued")), (2_000, &a("disposition"))]);
    assert_eq!(figure(&ended, "billing", QueueFigure::LongestWait, 11_000), None, "none waits");
}

#[test]
fn one_that_moves_leaves_its_old_queue_and_arrives_in_the_new_one() {
    let frame = |queue: &str| format!(r#"{{"id":"a","type":"queued","routing":{{"queueName":"{queue}"}}}}"#);
    let book = book(&[(0, &frame("one")), (1_000, &frame("one")), (2_000, &frame("two")), (3_000, r#"{"id":"a"}"#)]);
    let both = |what| ["one", "two"].map(|queue| figure(&book, queue, what, 3_000));
    assert_eq!(both(QueueFigure::Waiting), [Some(0.0), Some(1.0)]);
    assert_eq!(both(QueueFigure::Arrivals), [Some(1.0), Some(1.0)]);
    assert_eq!(figure(&book, "one", QueueFigure::Arrivals, 60_000), Some(0.0));
}

#[test]
fn a_queue_that_was_never_heard_of_is_no_data() {
    for what in [QueueFigure::Waiting, QueueFigure::Arrivals, QueueFigure::MeanSentiment] {
        assert_eq!(figure(&book(&[]), "billing", what, 0), None);
    }
}

#[test]
fn the_mean_is_of_the_scores_of_five_minutes_and_triggers_count_for_one() {
    let frame = |score: f64| format!(r#"{{"id":"a","sentiment":{{"score":{score}}},"routing":{{"queueName":"q"}}}}"#);
    let mut book = book(&[(0, &frame(-1.0)), (1_000, &frame(0.5))]);
    assert_eq!(figure(&book, "q", QueueFigure::MeanSentiment, 1_000), Some(-0.25));
    assert_eq!(figure(&book, "q", QueueFigure::MeanSentiment, 300_000), Some(0.5));
    assert_eq!(figure(&book, "q", QueueFigure::MeanSentiment, 301_000), None);
    book.fired(Millis(2_000), None, Fingerprint::of("a"));
    assert_eq!(figure(&book, "q", QueueFigure::Triggers, 61_999), Some(1.0));
    assert_eq!(figure(&book, "q", QueueFigure::Triggers, 62_000), Some(0.0));
}
