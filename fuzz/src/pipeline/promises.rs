//! What must hold, whatever the script.

use cuewire::journal::{CARD_PREFIX, decode};
use cuewire::model::ask::{Change, RequestId};
use cuewire::model::http::Secret;
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
        for effect in std::mem::take(&mut self.rig.effects) {
            nothing_secret_is_shown(&effect);
            match effect {
                Effect::RequestToken { id, request } => {
                    assert!(request.url.ends_with("/oauth/token"));
                    self.token_requests.push(id);
                }
                Effect::PostCard { id, request } => self.post(id, &request.url, &request.body),
                Effect::Abort(id) => {
                    for pending in [&mut self.posts, &mut self.test_posts, &mut self.token_requests] {
                        pending.retain(|other| *other != id);
                    }
                }
                Effect::OpenStream { conn, url } => {
                    assert!(url.0.starts_with("wss://"));
                    self.sockets.push(conn);
                    // One is the stream's, one a connection test's.
                    assert!(self.sockets.len() <= 2, "{} sockets at once", self.sockets.len());
                }
                Effect::CloseStream(conn) => self.sockets.retain(|other| *other != conn),
                Effect::Commit { id, changes } => self.commits.push((id, changes)),
                Effect::StoreMarker => self.marker = true,
                Effect::StoreSettings { id, settings, secret } => self.stores.push((id, settings, secret)),
                Effect::StoreToken(token) => self.token = token.map(|Secret(token)| token),
                Effect::KeepAlive { vitals } => self.vitals = Some(vitals),
                Effect::Reply(_, reply) => reply_is_plain(&reply),
                Effect::ReopenStorage | Effect::DeleteStorage | Effect::Restart | Effect::Reload => {}
                Effect::Load | Effect::ShowBadge(_) | Effect::Notify(_) | Effect::Publish => {}
            }
        }
        assert!(self.posts.len() <= 4, "{} cards in flight", self.posts.len());
        assert!(self.token_requests.len() <= 2, "{} token requests at once", self.token_requests.len());
    }

    /// **A card is sent only after its record is durable**, and only to the service it was accepted for.
    fn post(&mut self, id: RequestId, url: &str, body: &str) {
        let body: Value = serde_json::from_str(body).expect("a card is JSON");
        if body["metadata"]["ruleId"] == "connection-test" {
            self.test_posts.push(id);
            return;
        }
        let card = body["cardId"].as_str().expect("a card has an identity");
        let stored = (self.journal.range(CARD_PREFIX.to_owned()..))
            .take_while(|(key, _)| key.starts_with(CARD_PREFIX))
            .filter_map(|(_, text)| decode::<Value>(text).ok())
            .find(|stored| stored["card"]["cardId"] == card);
        let stored = stored.unwrap_or_else(|| panic!("{card} was posted before it was durable"));
        let service = stored["service"].as_str().expect("a stored card names its service");
        assert!(url.strip_prefix(service).is_some_and(|path| path.starts_with("/api/v2/agentassist/")), "{url}");
        self.posts.push(id);
    }

    /// What is due is done by a few ticks: a deadline that stays would have the worker spin.
    pub fn does_not_spin(&mut self) {
        let wall = self.rig.wall;
        let is_due = |rig: &Rig| rig.pipeline.next_deadline().is_some_and(|at| at <= wall);
        // Where time itself has come to its end, everything is due for ever.
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
        panic!("due at {:?} after {TICKS_AT_ONCE} ticks at {wall:?}", self.rig.pipeline.next_deadline());
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
