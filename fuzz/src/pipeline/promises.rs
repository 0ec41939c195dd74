//! The promises that hold under any script.

use cuewire::journal::{CARD_PREFIX, decode};
use cuewire::model::ask::{Change, RequestId};
use cuewire::pipeline::effect::Effect;
use cuewire::pipeline::input::Input;
use serde_json::Value;

use super::{TOKEN, World};
use crate::page_message::reply_is_plain;
use crate::rig::{Rig, SECRET};

/// Inputs at one instant that may be due at once before that counts as spinning.
const TICKS_AT_ONCE: usize = 8;

impl World {
    /// Notes what was asked for, and checks what may be checked at any time.
    pub fn take_effects(&mut self) {
        for effect in self.rig.take_effects() {
            nothing_secret_is_shown(&effect);
            match effect {
                Effect::RequestToken { request, .. } => assert!(request.url.ends_with("/oauth/token")),
                Effect::PostCard { id: RequestId::Card(_), request } => self.posted(&request.url, &request.body),
                Effect::OpenStream { url, .. } => assert!(url.0.starts_with("wss://")),
                Effect::Poll { .. } | Effect::SendFrame { .. } => panic!("the contract has neither"),
                Effect::Reply(_, reply) => reply_is_plain(&reply),
                Effect::ReadHistory { limit, .. } => assert!(limit <= 500, "{limit} entries in one page"),
                _ => {}
            }
        }
        let host = &self.rig.host;
        let cards = host.posts.iter().filter(|(id, _)| matches!(id, RequestId::Card(_))).count();
        assert!(cards <= 4, "{cards} cards in flight");
        assert!(host.tokens.len() <= 2, "{} token requests at once", host.tokens.len());
        // One is the stream's, one a connection test's.
        assert!(host.sockets.len() <= 2, "{} sockets at once", host.sockets.len());
    }

    /// **A card is sent only after its record is durable**, and only to the service it was accepted for.
    fn posted(&self, url: &str, body: &str) {
        let body: Value = serde_json::from_str(body).expect("a card is JSON");
        let card = body["cardId"].as_str().expect("a card has an identity");
        let stored = (self.rig.host.stored.journal.range(CARD_PREFIX.to_owned()..))
            .take_while(|(key, _)| key.starts_with(CARD_PREFIX))
            .filter_map(|(_, text)| decode::<Value>(text).ok())
            .find(|stored| stored["card"]["cardId"] == card);
        let stored = stored.unwrap_or_else(|| panic!("{card} was posted before it was durable"));
        let service = stored["service"].as_str().expect("a stored card names its service");
        assert!(url.strip_prefix(service).is_some_and(|path| path.starts_with("/api/v2/agentassist/")), "{url}");
    }

    /// A few ticks do all that is due, because a deadline that stays would make the worker spin.
    pub fn does_not_spin(&mut self) {
        let wall = self.rig.host.wall;
        let is_due = |rig: &Rig| rig.host.due.is_some_and(|at| at <= wall);
        // At the end of all dates everything is due for ever.
        if self.beyond_dates || !is_due(&self.rig) {
            return;
        }
        for _ in 0..TICKS_AT_ONCE {
            self.rig.feed(Input::Tick);
            self.take_effects();
            if !is_due(&self.rig) {
                return;
            }
        }
        panic!("due at {:?} after {TICKS_AT_ONCE} ticks at {wall:?}", self.rig.host.due);
    }
}

/// Requests and what the shell keeps for us may hold a secret; nothing else may.
fn nothing_secret_is_shown(effect: &Effect) {
    let shown = match effect {
        Effect::Reply(_, reply) => serde_json::to_string(reply).unwrap_or_default(),
        Effect::Notify(notice) => serde_json::to_string(notice).unwrap_or_default(),
        Effect::StoreSettings { settings, .. } => settings.clone().unwrap_or_default(),
        Effect::KeepAlive { vitals } => vitals.clone(),
        Effect::Commit { changes, .. } => {
            let texts = changes.iter().filter_map(|change| match change {
                Change::Put(_, _, text) => Some(&**text),
                _ => None,
            });
            texts.collect()
        }
        _ => String::new(),
    };
    for secret in [SECRET, TOKEN] {
        assert!(!shown.contains(secret), "{shown}");
        assert!(!format!("{effect:?}").contains(secret), "{effect:?}");
    }
}
