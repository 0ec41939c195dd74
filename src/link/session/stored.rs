//! The sign-in that the browser session keeps; bound to the connection and the client it was given to.

use super::Session;
use crate::api::entry::Known;
use crate::api::published::discovery::Endpoints;
use crate::api::{Hosts, Token};
use crate::model::http::Secret;
use crate::model::json;
use crate::model::json::{FromJson, ToJson};
use crate::model::time::Millis;
use crate::settings::{Settings, Way};

/// The stored form. Whatever is absent was not known.
#[derive(ToJson, FromJson)]
#[serde(rename_all = "camelCase")]
struct Stored {
    #[serde(default)]
    value: String,
    #[serde(default)]
    usable_until: Millis,
    service: String,
    client: String,
    /// Where the service said that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hosts: Option<Hosts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    endpoints: Option<Endpoints>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    renew_at: Option<Millis>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
}

impl Stored {
    fn is_of(&self, settings: &Settings) -> bool {
        self.service == settings.base().issuer() && self.client == client(settings)
    }
}

/// The tenant of a stored sign-in, if it was given to this client.
pub fn stored_tenant(stored: &str, settings: &Settings) -> Option<String> {
    let stored = json::read::<Stored>(stored).filter(|stored| stored.is_of(settings))?;
    stored.hosts?.tenant
}

/// Names whose token it is, within its connection.
fn client(settings: &Settings) -> String {
    let tenant = settings.tenant_id.as_deref().unwrap_or_default();
    match settings.way() {
        Way::Nice if !tenant.is_empty() => format!("{} of {tenant}", settings.client()),
        Way::Stream | Way::Nice => settings.client().to_owned(),
        Way::AccessKey => format!("key {} of {tenant}", settings.client()),
    }
}

impl Session {
    /// Takes up what an earlier worker was given, if it was given to this client.
    pub fn restore(&mut self, stored: &str, settings: &Settings, now: Millis) {
        let Some(stored) = json::read::<Stored>(stored) else { return };
        if !stored.is_of(settings) {
            return;
        }
        let (hosts, refresh) = (stored.hosts, stored.refresh.map(Secret));
        let Stored { endpoints, tenant, agent, .. } = stored;
        refresh.iter().for_each(|refresh| self.hide_secret(refresh.clone()));
        self.known = Known { endpoints, hosts: hosts.clone(), refresh, tenant, agent, ..Known::default() };
        self.renew_at = stored.renew_at.unwrap_or(stored.usable_until);
        if now < stored.usable_until {
            self.take_token(Secret(stored.value), stored.usable_until);
        }
    }

    /// Keeps what the next worker needs. Called before anything new is used; otherwise a worker that is killed in
    /// between has a refresh token that the service no longer takes.
    pub(super) fn store(&self, settings: &Settings, effects: &mut dyn crate::model::ask::Ask) {
        let token = self.token.as_ref();
        if token.is_none() && self.known.refresh.is_none() && self.known.hosts.is_none() {
            return effects.store_token(None);
        }
        let stored = Stored {
            value: token.map(|token| token.value.0.clone()).unwrap_or_default(),
            usable_until: token.map(|token| token.usable_until).unwrap_or_default(),
            service: settings.base().issuer(),
            client: client(settings),
            hosts: self.known.hosts.clone(),
            endpoints: self.known.endpoints.clone(),
            refresh: self.known.refresh.as_ref().map(|refresh| refresh.0.clone()),
            renew_at: self.renews().then_some(self.renew_at),
            tenant: self.known.tenant.clone(),
            agent: self.known.agent.clone(),
        };
        effects.store_token(Some(Secret(json::write(&stored))));
    }

    pub(super) fn take_token(&mut self, value: Secret, usable_until: Millis) {
        self.generation += 1;
        self.hide_token(value.clone());
        let hosts = self.known.hosts.clone();
        self.token = Some(Token { value, generation: self.generation, usable_until, hosts });
    }
}
