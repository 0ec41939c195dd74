//! The settings that apply, and how they reach the parts.

use crate::model::json;
use std::sync::Arc;

use crate::api::Token;
use crate::api::poll::Needs;
use crate::delivery::answers::Credentials;
use crate::journal::turn::Turn;
use crate::link::session::Session;
use crate::model::fingerprint::Fingerprint;
use crate::model::http::Secret;
use crate::model::time::Millis;
use crate::rules::text::{self, RuleError, RuleSet, TEXT_LIMIT};
use crate::rules::{Evaluator, Field, Once, Presets, Rule};
use crate::settings::{self, FieldError, OncePer, Parsed, RULES, Settings};

/// The settings that apply, with the secret that belongs to them.
#[derive(Debug)]
pub(super) struct Profile {
    pub settings: Settings,
    pub secret: Secret,
    /// Names the base address in keys.
    pub connection: Fingerprint,
    /// The fields that the rules look at.
    pub needs: Needs,
}

impl Profile {
    pub fn new(settings: Settings, secret: Secret) -> Profile {
        let connection = Fingerprint::of(settings.base().connection());
        Profile { settings, secret, connection, needs: Needs::default() }
    }
}

/// The fields that rules look at. A rule that is only tried needs as much as a live one.
pub(super) fn needs_of(evaluator: &Evaluator) -> Needs {
    let mut needs = Needs::default();
    for rule in evaluator.rules() {
        needs.steps |= rule.condition.is_known_without_data();
        for condition in [Some(&rule.condition), rule.clears.as_ref()].into_iter().flatten() {
            condition.comparisons(&mut |comparison| match &comparison.field {
                Field::QueueWaitMs | Field::QueueWaiting | Field::QueueLongestWaitMs => needs.waits = true,
                Field::SentimentScore | Field::SentimentConfidence | Field::QueueMeanSentiment => {
                    needs.sentiment = true;
                }
                _ => needs.steps = true,
            });
        }
    }
    needs
}

impl Profile {
    /// The rules as they are saved, or those that ship.
    pub fn rules(&self) -> Vec<Arc<Rule>> {
        match saved_rules(&self.settings) {
            Some(set) => set.compile(),
            None => Presets::from(&self.settings).compile(),
        }
    }
}

/// Reads settings with their rules.
pub(super) fn read(text: &str, loopback_allowed: bool) -> Result<Parsed, Vec<FieldError>> {
    let mut parsed = settings::parse(text, loopback_allowed)?;
    if let Some(rules) = &parsed.settings.rules {
        let kept = read_rules(rules).map_err(|errors| errors.into_iter().map(as_field_error).collect::<Vec<_>>())?;
        parsed.settings.rules = Some(kept);
    }
    Ok(parsed)
}

/// Reads a rule set, as the settings keep it: with every default written out. What cannot be read back is not kept.
pub(super) fn read_rules(text: &str) -> Result<String, Vec<RuleError>> {
    let kept = json::write(&text::parse(text)?);
    if kept.len() > TEXT_LIMIT {
        let values = vec![TEXT_LIMIT.to_string()];
        return Err(vec![RuleError { at: String::new(), code: "tooLong".to_owned(), values }]);
    }
    Ok(kept)
}

/// Rules that a person saved. They have been read before.
fn saved_rules(settings: &Settings) -> Option<RuleSet> {
    text::parse(settings.rules.as_deref()?).ok()
}

/// The rules with which the rules page begins.
pub(super) fn rule_set(settings: &Settings) -> RuleSet {
    saved_rules(settings).unwrap_or_else(|| Presets::from(settings).rule_set())
}

fn as_field_error(error: RuleError) -> FieldError {
    let RuleError { at, code, values } = error;
    let place = if at.is_empty() { "/".to_owned() } else { at };
    let values = [vec![place, code], values].concat();
    FieldError { field: RULES.to_owned(), code: "notRules".to_owned(), values, line: None }
}

impl<'s> From<&'s Settings> for Presets<'s> {
    fn from(settings: &'s Settings) -> Presets<'s> {
        Presets {
            sentiment_threshold: settings.sentiment_threshold,
            minimum_confidence: settings.minimum_confidence,
            queue_wait_threshold: settings.queue_wait_threshold,
            include_queues: &settings.include_queues,
            exclude_queues: &settings.exclude_queues,
            once: match settings.once_per {
                OncePer::Interaction => Once::Interaction,
                OncePer::Rule => Once::Rule,
            },
            card: settings.card(),
        }
    }
}

impl Credentials for Session {
    fn token(&self, now: Millis) -> Option<&Token> {
        Session::token(self, now)
    }

    fn drop_token(&mut self, generation: u64, turn: &mut Turn<'_>) {
        Session::drop_token(self, generation, turn);
    }

    fn excerpt(&self, body: &str) -> String {
        Session::excerpt(self, body)
    }
}

/// Whether unreadable settings seem to ask for notifications.
pub(super) fn asks_for_notifications(text: &str) -> bool {
    let dense: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    dense.contains(r#""notify":true"#)
}
