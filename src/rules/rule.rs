//! A rule as data: when a card is due, and how often.

mod schedule;

pub use schedule::{Day, LocalTime, Schedule};

use super::pattern::Pattern;
use super::window::Scene;
use super::{Comparison, Condition, Field};
use crate::model::card::{CONTENT_LIMIT, CardTemplate, event_value, fill};
use crate::model::event::Event;
use crate::model::json::{FromJson, IntoName, ToJson};
use crate::model::time::Millis;

/// A condition with its times, and the card that is due where it is true.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Stable; part of every `cardId`.
    pub id: String,
    /// The name for people; absent where the pages have a name for the id.
    pub name: Option<String>,
    /// Whether its firings become cards.
    pub mode: Mode,
    /// When a card is due.
    pub condition: Condition,
    /// How long the condition must have been true before the rule fires; zero for at once.
    pub hold: Millis,
    /// Hysteresis: a rule that fired clears where this is true; where absent, as soon as its condition is false.
    pub clears: Option<Condition>,
    /// How long a rule that fired stays firing after its condition has ended.
    pub keep_firing: Millis,
    /// How long after a firing no further episode begins.
    pub cooldown: Millis,
    /// How often it fires.
    pub once: Once,
    /// Which queues it hears.
    pub queues: Queues,
    /// When the rule is active; always where absent.
    pub schedule: Option<Schedule>,
    /// Why, for people; may name `{score}` (two decimals), `{wait}` (as in `125000ms`), `{waited}` (as in `2 min 5 s`),
    /// `{queue}` and `{interaction}`.
    pub reason: String,
    /// The card; its kind is how severe the rule is.
    pub card: CardTemplate,
}

/// What becomes of a rule's firings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ToJson, FromJson, IntoName)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    /// Firings become cards.
    #[default]
    Live,
    /// Firings are logged beside the live ones, and nothing is posted.
    Shadow,
}

impl Mode {
    /// The name in a rule.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// What fires once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ToJson, FromJson, IntoName)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Once {
    /// An interaction, whichever rule is first.
    #[default]
    Interaction,
    /// Each rule of an interaction.
    Rule,
    /// Each episode of a rule: it may fire again after it has cleared.
    Episode,
}

impl Once {
    /// The name in a rule.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The queues that a rule hears.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Queues {
    include: Vec<Pattern>,
    exclude: Vec<Pattern>,
}

impl Queues {
    /// Reads the patterns of the queues to hear (all if empty) and of those not to hear.
    pub fn new(include: &[String], exclude: &[String]) -> Queues {
        let patterns = |names: &[String]| names.iter().map(|name| Pattern::new(name)).collect();
        Queues { include: patterns(include), exclude: patterns(exclude) }
    }

    /// Whether events of every queue count, and those that name none.
    pub fn hear_all(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty()
    }

    /// Whether events of this queue count. An excluded queue never does; where some are included, only these do, and an
    /// event that names no queue does not.
    pub fn hear(&self, queue: Option<&str>) -> bool {
        let any = |patterns: &[Pattern], name: &str| patterns.iter().any(|pattern| pattern.matches(name));
        match queue {
            None => self.include.is_empty(),
            Some(name) => !any(&self.exclude, name) && (self.include.is_empty() || any(&self.include, name)),
        }
    }
}

impl Rule {
    /// Whether the event is heard and known to fulfil the condition.
    pub fn is_true(&self, scene: &Scene<'_>) -> bool {
        self.queues.hear(scene.event.queue.as_deref()) && self.condition.evaluate_in(scene) == Some(true)
    }

    /// Whether its condition looks at figures of a queue and at no interaction of it.
    pub fn is_about_a_queue(&self) -> bool {
        let (mut any, mut all) = (false, true);
        self.condition.comparisons(&mut |one| {
            any |= one.field.is_of_queue();
            all &= one.field.is_of_queue() || one.field == Field::Queue;
        });
        any && all
    }

    /// Whether a hold may end otherwise on one event than on another: they name other queues, or a rule that looks at
    /// queues asks the event again as the hold ends and has another answer.
    pub(super) fn tells_apart(&self, before: &Event<'_>, now: &Event<'_>) -> bool {
        let (mut figures, mut answers) = (false, false);
        let mut look = |one: &Comparison| figures |= one.field.is_of_queue();
        self.clears.iter().for_each(|clears| clears.comparisons(&mut look));
        self.condition.comparisons(&mut look);
        if figures {
            let (before, now) = (Scene::of(before), Scene::of(now));
            self.condition.comparisons(&mut |one| {
                answers |= one.window.is_none() && one.evaluate(&before) != one.evaluate(&now);
            });
        }
        answers || before.queue != now.queue
    }

    /// Whether something must be remembered from one event to the next.
    pub(super) fn has_memory(&self) -> bool {
        let has_times = [self.hold, self.cooldown, self.keep_firing].iter().any(|span| *span > Millis::ZERO);
        has_times || self.clears.is_some() || self.once == Once::Episode
    }

    /// Why the rule is true for this event, in words.
    pub(super) fn reason(&self, event: &Event<'_>) -> String {
        fill(&self.reason, CONTENT_LIMIT, |name| event_value(name, event))
    }
}
