//! The entries of the activity log.

pub mod evidence;
mod past;

#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use self::evidence::Evidence;
use crate::model::card::Card;
use crate::model::json::{FromJson, Json, ToJson};
use crate::model::scope::Scope;
use crate::model::time::Millis;

/// One entry of the activity log; all times are wall-clock milliseconds.
#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Entry {
    /// A rule became true.
    Trigger(Box<Trigger>),
    /// The stream was not heard.
    Gap {
        /// Last heard.
        from: Millis,
        /// Heard again.
        until: Millis,
        /// Why.
        cause: GapCause,
    },
    /// The worker started.
    Started {
        /// When.
        at: Millis,
    },
    /// New settings apply.
    Settings {
        /// When.
        at: Millis,
        /// The fields that changed, by name.
        changed: Vec<String>,
    },
    /// A person paused it, or a queue or rule.
    Paused {
        /// When.
        at: Millis,
        /// The paused queue or rule; everything if absent.
        #[serde(default)]
        scope: Option<Scope>,
        /// Until then; until resumed if absent.
        until: Option<Millis>,
        /// Why.
        note: Option<String>,
    },
    /// Cuewire goes on after a pause.
    Resumed {
        /// When.
        at: Millis,
        /// The paused queue or rule; everything if absent.
        #[serde(default)]
        scope: Option<Scope>,
    },
    /// A person marked a trigger as handled.
    Handled {
        /// When.
        at: Millis,
        /// Which trigger.
        trigger: Pointed,
        /// Who, where the settings said it.
        by: Option<String>,
        /// The person's note.
        note: Option<String>,
    },
    /// A person took the mark back.
    Unhandled {
        /// When.
        at: Millis,
        /// The number of the trigger's entry.
        entry: u64,
    },
}

/// A trigger of the activity log that is spoken of.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pointed {
    /// The number of its entry.
    pub entry: u64,
    /// The interaction's id.
    pub interaction: String,
    /// The rule's id.
    pub rule: String,
}

/// Why a card was sent, and what became of it. A trigger of an earlier version reads as one with evidence.
#[derive(Debug, Clone, Default, PartialEq, ToJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Trigger {
    /// When the event was heard.
    pub at: Millis,
    /// The interaction's id.
    pub interaction: String,
    /// The rule that was first.
    pub rule: String,
    /// The reason on the card.
    pub reason: String,
    /// The queue, where the event named one.
    pub queue: Option<String>,
    /// The evidence: first of the rule, then of others.
    pub evidence: Vec<Evidence>,
    /// When the card was durable.
    pub durable_at: Option<Millis>,
    /// Each try, oldest first; the newest twenty.
    pub tries: Vec<Try>,
    /// How it ended; absent while it has not.
    pub end: Option<End>,
    /// When it ended.
    pub ended_at: Option<Millis>,
    /// The status that answered the signal to the contact's script, where one was due: 0 where no answer is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<u16>,
}

impl Trigger {
    /// The log entry of a card.
    pub fn of(card: &Card, course: Course) -> Trigger {
        let Course { evidence, durable_at, tries, end, ended_at, signal } = course;
        Trigger {
            at: card.timestamp,
            interaction: card.interaction.clone(),
            rule: card.rule.clone(),
            reason: card.reason.clone(),
            queue: card.queue.clone(),
            evidence,
            durable_at,
            tries,
            end,
            ended_at,
            signal,
        }
    }
}

impl FromJson for Trigger {
    fn from_json(json: &Json<'_>) -> Option<Trigger> {
        past::Fields::from_json(json)?.trigger()
    }
}

/// The part of a trigger's log entry beyond its card.
#[derive(Debug, Clone, Default, PartialEq, ToJson)]
#[serde(rename_all = "camelCase")]
pub struct Course {
    /// See [`Trigger::evidence`].
    pub evidence: Vec<Evidence>,
    /// See [`Trigger::durable_at`].
    pub durable_at: Option<Millis>,
    /// See [`Trigger::tries`].
    pub tries: Vec<Try>,
    /// See [`Trigger::end`].
    pub end: Option<End>,
    /// See [`Trigger::ended_at`].
    pub ended_at: Option<Millis>,
    /// See [`Trigger::signal`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<u16>,
}

impl Course {
    /// Why it was given up, where it was.
    pub fn given_up(&self) -> Option<&GivenUp> {
        match &self.end {
            Some(End::GivenUp { why }) => Some(why),
            _ => None,
        }
    }
}

impl FromJson for Course {
    fn from_json(json: &Json<'_>) -> Option<Course> {
        past::Fields::from_json(json).map(past::Fields::course)
    }
}

/// One try to post a card.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Try {
    /// When it was answered, or was not.
    pub at: Millis,
    /// HTTP status; 0 where there was no answer.
    pub status: u16,
    /// How long it took, in milliseconds.
    pub took_ms: Millis,
}

/// How a trigger ended.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(tag = "is", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum End {
    /// The server has the card.
    Delivered,
    /// The card was not to be sent.
    DryRun,
    /// The card was given up.
    GivenUp {
        /// Why.
        why: GivenUp,
    },
    /// A person dropped it.
    Dropped,
    /// Noise control kept it back.
    Suppressed {
        /// Which one: `snooze`, `handled`, `inhibition`, `group`, `quietHours`, `interactionBudget` or `queueBudget`.
        by: String,
    },
    /// Its rule is only being tried.
    Shadow,
}

/// Why a card was given up.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(tag = "why", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum GivenUp {
    /// Its time to live ended.
    Expired,
    /// 403.
    Forbidden,
    /// Another status that no try will change; 0 for a redirect, whose status browsers hide.
    Refused {
        /// HTTP status.
        status: u16,
        /// The start of the answer, redacted.
        excerpt: String,
    },
    /// As many tries as the settings allow.
    TriesUsedUp,
    /// The interaction ended, and the settings end the tries with it.
    InteractionEnded,
    /// The request cannot be built.
    Unsendable,
}

/// A time in which the stream was not heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    /// Last heard, wall clock.
    pub from: Millis,
    /// Heard again; absent while it lasts.
    pub until: Option<Millis>,
    /// Why.
    pub cause: GapCause,
}

/// Why the stream was not heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(tag = "by", content = "code", rename_all = "camelCase")]
pub enum GapCause {
    /// The stream closed, with this code.
    Closed(u16),
    /// The stream went silent and was replaced.
    Silent,
    /// The worker was ended.
    Restart,
    /// A person paused it, or changed the settings.
    Person,
}
