use super::*;
use crate::api::contract::event;

fn hear(metrics: &mut Metrics, json: &str, wall: u64) {
    let event = event::parse(json.as_bytes()).unwrap();
    metrics.event(&event, Fingerprint::of(&event.id), Millis(wall));
}

#[test]
fn series_count_by_the_second_and_by_the_minute() {
    let mut metrics = Metrics::default();
    for wall in [60_000, 60_999, 61_000, 125_000] {
        metrics.count(Counted::Event, Millis(wall));
    }
    let seconds = metrics.figures(Millis(125_000)).by_second;
    assert_eq!((seconds.events.len(), seconds.events.iter().sum::<u32>()), (126, 4));
    assert_eq!(seconds.events[60..62], [2, 1]);
    assert_eq!(metrics.figures(Millis(125_000)).by_minute.events, [0, 3, 1]);
}

#[test]
fn what_lies_further_back_than_the_series_is_forgotten() {
    let mut metrics = Metrics::default();
    metrics.count(Counted::Event, Millis(1_000_000));
    metrics.count(Counted::Event, Millis(1_000_000 + 400_000));
    assert_eq!(metrics.figures(Millis(1_400_000)).by_second.events.iter().sum::<u32>(), 1);
}

#[test]
fn minutes_outlive_the_worker() {
    let mut before = Metrics::default();
    before.count(Counted::Trigger, Millis(600_000));
    before.count(Counted::Delivered, Millis(660_000));
    let mut after = Metrics::default();
    after.restore_minutes(&before.stored_minutes(Millis(700_000)), Millis(700_000));
    assert_eq!(after.figures(Millis(700_000)).by_minute, before.figures(Millis(700_000)).by_minute);
}

#[test]
fn queues_know_their_interactions_their_longest_wait_and_their_mood() {
    let mut metrics = Metrics::default();
    hear(&mut metrics, r#"{"id":"1","type":"queued","routing":{"queueName":"a","queueWaitTimeMs":5000}}"#, 0);
    hear(&mut metrics, r#"{"id":"1","type":"queued","routing":{"queueName":"a","queueWaitTimeMs":9000}}"#, 0);
    hear(&mut metrics, r#"{"id":"2","type":"connect","routing":{"queueName":"a","queueWaitTimeMs":99000}}"#, 0);
    hear(&mut metrics, r#"{"id":"2","sentiment":{"score":-0.5}}"#, 0);
    hear(&mut metrics, r#"{"id":"2","type":"disposition","sentiment":{"score":0.5},"routing":{"queueName":"a"}}"#, 0);
    metrics.trigger(Some("a"), Millis(0));
    let row = metrics.queues().remove(0);
    assert_eq!((row.interactions, row.events, row.live, row.triggers), (2, 5, 1, 1));
    assert_eq!((row.longest_wait_ms, row.mean_sentiment), (9_000.0, Some(0.0)));
}

#[test]
fn histograms_hold_every_value_up_to_their_ends() {
    let mut metrics = Metrics::default();
    for score in ["-1", "1", "-0.5"] {
        hear(&mut metrics, &format!(r#"{{"id":"1","sentiment":{{"score":{score}}}}}"#), 0);
    }
    hear(&mut metrics, r#"{"id":"1","routing":{"queueWaitTimeMs":86400000}}"#, 0);
    let sentiment = metrics.sentiment();
    assert_eq!((sentiment[0].count, sentiment[39].count, sentiment[10].count), (1, 1, 1));
    assert_eq!(metrics.wait()[60].count, 1);
}

#[test]
fn latency_is_told_in_percentiles() {
    let mut metrics = Metrics::default();
    let latency = |metrics: &Metrics| {
        let figures = metrics.figures(Millis(0));
        [figures.durable, figures.answered, figures.total].map(|latency| latency.map(|latency| latency.p50_ms))
    };
    assert_eq!(latency(&metrics), [None; 3]);
    for span in 1..=100 {
        metrics.delivered_after(Delivery { since_durable: Some(Millis(span)), since_event: Millis(2 * span) });
    }
    assert_eq!(latency(&metrics), [None, Some(50), Some(100)]);
}
