//! The card an agent sees, and the template it is made from.

pub mod reader;

use std::borrow::Cow;

#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use crate::model::event::Event;
use crate::model::json::{FromJson, IntoName, ToJson};
use crate::model::time::Millis;

/// The title where nobody set another.
pub const TITLE: &str = "Customer Engagement Alert";

/// The content where nobody set another, as a template.
pub const CONTENT: &str = "Action required: {reason}";

/// The longest title, in characters.
pub const TITLE_LIMIT: usize = 200;

/// The longest content template, in characters.
pub const TEMPLATE_LIMIT: usize = 2_000;

/// The longest content once it is filled, in characters; what is longer is cut.
pub const CONTENT_LIMIT: usize = 4_000;

/// The text where there is no data.
pub const NO_DATA: &str = "–";

/// How a card looks to the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ToJson, FromJson, IntoName)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub enum CardKind {
    /// Something to know.
    Info,
    /// Something to act on.
    #[default]
    Warning,
    /// Something that went well.
    Success,
    /// Something that went wrong.
    Error,
}

impl CardKind {
    /// Every kind there is.
    pub const ALL: [CardKind; 4] = [CardKind::Info, CardKind::Warning, CardKind::Success, CardKind::Error];

    /// As the service and the settings name it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The look of a rule's cards. Title and content may name `{reason}`, `{queue}`, `{score}`, `{wait}`,
/// `{waited}` and `{interaction}`.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[serde(rename_all = "camelCase")]
pub struct CardTemplate {
    /// The look.
    pub kind: CardKind,
    /// At most [`TITLE_LIMIT`] characters.
    pub title: String,
    /// At most [`TEMPLATE_LIMIT`] characters.
    pub content: String,
}

impl Default for CardTemplate {
    fn default() -> CardTemplate {
        CardTemplate { kind: CardKind::default(), title: TITLE.to_owned(), content: CONTENT.to_owned() }
    }
}

impl CardTemplate {
    /// The card for one trigger: made once, when the rule becomes true, and the same on every try. `wall` is wall-clock
    /// time.
    pub fn card(&self, event: &Event<'_>, rule: &str, reason: &str, episode: u32, wall: Millis) -> Card {
        let value = |name: &str| match name {
            "reason" => Some(Cow::Borrowed(reason)),
            name => event_value(name, event),
        };
        let title = fill(&self.title, CONTENT_LIMIT, value);
        let content = fill(&self.content, CONTENT_LIMIT, value);
        Card {
            card_id: card_id(&event.id, rule, episode),
            kind: self.kind,
            title,
            content,
            interaction: event.id.clone().into_owned(),
            rule: rule.to_owned(),
            episode,
            reason: reason.to_owned(),
            queue: event.queue.clone().map(Cow::into_owned),
            timestamp: wall,
        }
    }
}

/// One card, whole: what is made durable and then sent.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[serde(rename_all = "camelCase")]
pub struct Card {
    /// The identity by which a server can tell a repeat; see [`card_id`].
    pub card_id: String,
    /// The look.
    pub kind: CardKind,
    /// Filled.
    pub title: String,
    /// Filled, at most [`CONTENT_LIMIT`] characters.
    pub content: String,
    /// The interaction.
    pub interaction: String,
    /// The rule's id.
    pub rule: String,
    /// Which of the rule's firings for this interaction it is for, counted from 1.
    #[serde(default = "first_episode", skip_serializing_if = "is_first_episode")]
    pub episode: u32,
    /// Why it is due.
    pub reason: String,
    /// The queue, where the event named one.
    pub queue: Option<String>,
    /// When the rule became true, wall clock.
    pub timestamp: Millis,
}

impl Card {
    /// Names the rule and the episode where the interaction is known.
    pub fn occurrence(&self) -> Cow<'_, str> {
        occurrence(&self.rule, self.episode)
    }
}

fn first_episode() -> u32 {
    1
}

fn is_first_episode(episode: &u32) -> bool {
    *episode == 1
}

/// Names one episode of a rule where the interaction is known: the rule's id, and from the second episode on its
/// number.
pub fn occurrence(rule: &str, episode: u32) -> Cow<'_, str> {
    match episode {
        0 | 1 => Cow::Borrowed(rule),
        _ => Cow::Owned(format!("{rule}/{episode}")),
    }
}

/// The identity of a trigger's card: no clock, no try and no machine in it.
pub fn card_id(interaction: &str, rule: &str, episode: u32) -> String {
    format!("trigger-{interaction}-{rule}-{episode}")
}

/// Replaces each `{name}` that `value` knows, in one pass: values with braces are not filled again, and an unknown name
/// stays as it is written. Stops at `limit` characters, so that no repeated name multiplies a long value.
pub fn fill<'v>(template: &str, limit: usize, value: impl Fn(&str) -> Option<Cow<'v, str>>) -> String {
    let mut filled = String::with_capacity(template.len() + 64);
    let mut room = limit;
    let mut push = |text: &str| {
        let end = text.char_indices().nth(room).map_or(text.len(), |(end, _)| end);
        filled.push_str(&text[..end]);
        room -= text[..end].chars().count();
        room > 0
    };
    let mut rest = template;
    let mut has_room = true;
    while has_room && let Some(open) = rest.find('{') {
        push(&rest[..open]);
        rest = &rest[open..];
        // A name ends at the first brace: `{{score}` is a brace and a name.
        let end = rest[1..].find(['{', '}']).map_or(rest.len(), |end| end + 1);
        match value(&rest[1..end]).filter(|_| rest[end..].starts_with('}')) {
            Some(value) => {
                has_room = push(&value);
                rest = &rest[end + 1..];
            }
            None => {
                has_room = push(&rest[..end]);
                rest = &rest[end..];
            }
        }
    }
    push(rest);
    filled
}

/// The value of an event that a template names: `{score}` with two decimals, `{wait}` as in `125000ms` (the contract's
/// form), `{waited}` as in `2 min 5 s`.
pub fn event_value<'v>(name: &str, event: &'v Event<'_>) -> Option<Cow<'v, str>> {
    let text = match name {
        "interaction" => Some(Cow::Borrowed(&*event.id)),
        "queue" => event.queue.as_deref().map(Cow::Borrowed),
        "score" => event.sentiment_score.map(|score| Cow::Owned(format!("{score:.2}"))),
        "wait" => event.queue_wait_ms.map(|wait| Cow::Owned(format!("{wait}ms"))),
        "waited" => event.queue_wait_ms.map(|wait| Cow::Owned(Millis(wait.round() as u64).words())),
        _ => return None,
    };
    Some(text.unwrap_or(Cow::Borrowed(NO_DATA)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::contract::event;

    const EVENT: &[u8] =
        br#"{"id":"i-1","sentiment":{"score":-0.7},"routing":{"queueWaitTimeMs":125000,"queueName":"{reason}"}}"#;

    fn content(template: &str, frame: &[u8]) -> String {
        let template = CardTemplate { content: template.to_owned(), ..CardTemplate::default() };
        template.card(&event::parse(frame).unwrap(), "long-wait", "Because", 1, Millis(5)).content
    }

    #[test]
    fn a_card_says_what_its_template_asks_for() {
        let event = event::parse(EVENT).unwrap();
        let card = CardTemplate::default().card(&event, "long-wait", "Because", 1, Millis(5));
        assert_eq!(card.card_id, "trigger-i-1-long-wait-1");
        assert_eq!((card.kind, &*card.title), (CardKind::Warning, "Customer Engagement Alert"));
        assert_eq!(card.content, "Action required: Because");
        assert_eq!((&*card.interaction, &*card.rule, card.queue.as_deref()), ("i-1", "long-wait", Some("{reason}")));
        assert_eq!(content("{score} {wait} {interaction}", EVENT), "-0.70 125000ms i-1");
        assert_eq!(content("waited {waited}", EVENT), "waited 2 min 5 s");
    }

    #[test]
    fn values_are_not_filled_again() {
        assert_eq!(content("{queue} {reason}", EVENT), "{reason} Because");
    }

    #[test]
    fn unknown_names_and_stray_braces_stay_as_written() {
        for text in ["{x}", "{", "}", "{}", "{ reason }", "{reason", "a {b {c} d", "{Reason}", "é{é}é"] {
            assert_eq!(content(text, EVENT), text);
        }
        assert_eq!(content("{{reason}}", EVENT), "{Because}");
        assert_eq!(content("{x{reason}", EVENT), "{xBecause");
    }

    #[test]
    fn missing_data_reads_as_a_dash() {
        assert_eq!(content("{queue}/{score}/{wait}/{waited}", br#"{"id":"i"}"#), "–/–/–/–");
    }

    #[test]
    fn filled_content_is_cut_between_characters() {
        let template = "é{interaction}".repeat(30);
        let frame = format!(r#"{{"id":"{}"}}"#, "é".repeat(500));
        let content = content(&template, frame.as_bytes());
        assert_eq!((content.chars().count(), content.len()), (CONTENT_LIMIT, 2 * CONTENT_LIMIT));
    }
    #[test]
    fn a_long_value_named_often_is_not_multiplied() {
        let (template, long) = ("{x}".repeat(600), "x".repeat(100_000));
        let asked = std::cell::Cell::new(0);
        let filled = fill(&template, CONTENT_LIMIT, |_| {
            asked.set(asked.get() + 1);
            Some(Cow::Borrowed(&*long))
        });
        assert_eq!((filled.len(), asked.get()), (CONTENT_LIMIT, 1));
    }
}
