//! Card templates, filled from an event.

use std::borrow::Cow;

use cuewire::api::contract::event;
use cuewire::api::contract::message::ID_LIMIT;
use cuewire::model::card::{CONTENT_LIMIT, CardTemplate, TEMPLATE_LIMIT, card_id, event_value, fill};
use cuewire::model::event::Event;
use cuewire::model::time::Millis;

use crate::timed;

/// The most bytes that a whole card may hold: it stays in memory and in the journal until it settles.
const CARD_LIMIT: usize = 2 * 4 * CONTENT_LIMIT + 8 * ID_LIMIT;

/// Checks one input: a byte for the size of the queue's name in steps of 4 KiB, then a line each for the title, the
/// content, the reason and the queue, and a frame.
pub fn check(data: &[u8]) {
    let Some((steps, text)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    let mut lines = text.splitn(5, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (title, content, reason, queue, frame) = (line(), line(), line(), line(), line());

    one_pass(content, reason, queue);

    let Ok(mut event) = event::parse(frame.as_bytes()) else { return };
    if event.queue.is_none() {
        let times = usize::from(*steps) * 4_096 / queue.len().max(1);
        event.queue = Some(Cow::Owned(queue.repeat(times.max(1))));
    }
    // As it comes from the wire.
    let frame = serde_json::json!({
        "id": event.id,
        "sentiment": { "score": event.sentiment_score },
        "routing": { "queueWaitTimeMs": event.queue_wait_ms, "queueName": event.queue },
    })
    .to_string();
    let Ok(event) = event::parse(frame.as_bytes()) else { return };
    bounded(title, content, reason, &event);
}

/// Known names are replaced and nothing else, in one pass: the same as replacing each name by a mark that occurs nowhere,
/// and then each mark by its value.
fn one_pass(template: &str, reason: &str, queue: &str) {
    const MARKS: [char; 2] = ['\u{e000}', '\u{e001}'];
    if [template, reason, queue].iter().any(|text| text.contains(MARKS)) {
        return;
    }
    let value = |name: &str| match name {
        "reason" => Some(Cow::Borrowed(reason)),
        "queue" => Some(Cow::Borrowed(queue)),
        _ => None,
    };
    let marked = template.replace("{reason}", "\u{e000}").replace("{queue}", "\u{e001}");
    let mut expected = String::new();
    for character in marked.chars() {
        match character {
            '\u{e000}' => expected.push_str(reason),
            '\u{e001}' => expected.push_str(queue),
            other => expected.push(other),
        }
    }
    expected.truncate(expected.char_indices().nth(CONTENT_LIMIT).map_or(expected.len(), |(end, _)| end));
    assert_eq!(timed("filling a template", || fill(template, CONTENT_LIMIT, value)), expected);
}

fn bounded(title: &str, content: &str, reason: &str, event: &Event<'_>) {
    let cut = |text: &str, limit: usize| text.chars().take(limit).collect::<String>();
    let template =
        CardTemplate { title: cut(title, 200), content: cut(content, TEMPLATE_LIMIT), ..CardTemplate::default() };
    let reason = cut(reason, 500);
    let make = || template.card(event, "long-wait", &reason, 1, Millis(5));
    let card = timed("making a card", make);
    assert_eq!(card, make(), "the same every time");
    assert_eq!(card.card_id, card_id(&event.id, "long-wait", 1));
    assert!(card.title.chars().count() <= CONTENT_LIMIT && card.content.chars().count() <= CONTENT_LIMIT);
    let queue = card.queue.as_deref().unwrap_or_default();
    let size = [&card.card_id, &card.title, &card.content, &card.interaction, &card.rule, &card.reason, queue]
        .iter()
        .map(|text| text.len())
        .sum::<usize>();
    assert!(size <= CARD_LIMIT, "a card of {size} bytes");
    assert!(event_value("unknown", event).is_none());
    for name in ["interaction", "queue", "score", "wait", "waited"] {
        assert!(event_value(name, event).is_some_and(|value| !value.is_empty() || name == "queue"));
    }
}
