//! How settings that were read connect, and which of them are the same client.

use super::connection::{KeepKey, KeepSecret, Way};
use super::table::{Draft, Settings};
use crate::model::address::{Base, ServiceKind};

impl Settings {
    /// How they connect.
    pub fn way(&self) -> Way {
        Way::of(self.base().service(), self.sign_in)
    }

    /// Whether they are of no use without a secret.
    pub fn needs_secret(&self) -> bool {
        self.way() != Way::Nice
    }

    /// The field that a secret is entered in.
    pub fn secret_field(&self) -> &'static str {
        match self.way() {
            Way::AccessKey => "accessKeySecret",
            Way::Stream | Way::Nice => "clientSecret",
        }
    }

    /// Where the secret is kept.
    pub fn keep(&self) -> KeepSecret {
        match (self.way(), self.keep_access_key) {
            (Way::AccessKey, KeepKey::Session) => KeepSecret::Session,
            (Way::AccessKey, KeepKey::Device) => KeepSecret::Device,
            (Way::Stream | Way::Nice, _) => self.keep_secret,
        }
    }

    /// The id that stands beside the secret, or under which a person signs in.
    pub fn client(&self) -> &str {
        match self.way() {
            Way::AccessKey => &self.access_key_id,
            Way::Stream | Way::Nice => &self.client_id,
        }
    }

    /// The same settings for the tenant that a sign-in named.
    pub fn of_tenant(self, tenant: &str) -> Settings {
        Settings { base: self.base.of_tenant(tenant), ..self }
    }

    /// The same settings with the connection of these: a sign-in of the same client goes on.
    pub fn connected_as(self, other: &Settings) -> Settings {
        Settings { base: other.base.clone(), ..self }
    }

    /// Whether a secret that was entered for one of them is also the other's, and a token given to one the other's.
    pub fn is_same_client(&self, other: &Settings) -> bool {
        self.base().issuer() == other.base().issuer()
            && self.way() == other.way()
            && self.client() == other.client()
            && (self.way() == Way::Stream || self.tenant_id == other.tenant_id)
    }
}

impl Draft {
    /// Where the service is, where the text says so.
    pub(super) fn base(&self) -> Option<Base> {
        let (organization, address) = (self.organization.as_ref()?, self.service_address.as_ref()?);
        match self.service? {
            ServiceKind::Published => {
                Some(address.clone().unwrap_or_else(Base::published).speaking(ServiceKind::Published))
            }
            _ => address.clone().or_else(|| organization.as_ref().map(Base::of)),
        }
    }
}
