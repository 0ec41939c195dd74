//! Settings in force, and how they reach the parts.

use crate::api::Token;
use crate::delivery::dispatch::Credentials;
use crate::journal::turn::Turn;
use crate::link::session::Session;
use crate::model::http::Secret;
use crate::model::time::Millis;
use crate::rules::{Once, Presets};
use crate::settings::{OncePer, Settings};

/// Settings in force, with the secret that belongs to them.
#[derive(Debug)]
pub(super) struct Profile {
    pub settings: Settings,
    pub secret: Secret,
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
