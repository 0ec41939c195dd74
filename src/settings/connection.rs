//! The three ways to connect. Each has fields of its own: it needs some of them, and passes over those of the others.

use super::kinds::{CREDENTIAL_LIMIT, text};
use super::reading::{Fields, Kind, Mistake};
use super::table::{SERVICE, SIGN_IN, Settings};
use crate::model::address::{Base, ServiceKind};
use crate::model::json::IntoName;
use serde_json::{Value, json};

/// Who signs in at the published service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignIn {
    /// A person, in a window of the service.
    #[default]
    Nice,
    /// An access key.
    AccessKey,
}

/// Where the secret is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeepSecret {
    /// On this device, in plain.
    #[default]
    Device,
    /// In memory, until the browser closes.
    Session,
}

/// Where the secret of an access key is kept: a key has all rights of its user, so nothing stays on the disk by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeepKey {
    /// In memory, until the browser closes.
    #[default]
    Session,
    /// On this device, in plain.
    Device,
}

/// How settings connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoName)]
#[serde(rename_all = "camelCase")]
pub enum Way {
    /// The interaction stream, with client credentials.
    Stream,
    /// The published service, with a person who signs in.
    Nice,
    /// The published service, with an access key.
    AccessKey,
}

impl Way {
    /// The name by which the schema says which fields are of a way.
    fn name(self) -> &'static str {
        self.into()
    }

    fn of(service: ServiceKind, sign_in: SignIn) -> Way {
        match (service, sign_in) {
            (ServiceKind::Published, SignIn::Nice) => Way::Nice,
            (ServiceKind::Published, SignIn::AccessKey) => Way::AccessKey,
            _ => Way::Stream,
        }
    }

    /// The way of a text that is being read.
    pub(super) fn in_text(fields: &Fields) -> Way {
        let is = |field, choice: &str| fields.given(field).and_then(Value::as_str) == Some(choice);
        match is(SERVICE, "published") {
            true if is(SIGN_IN, "accessKey") => Way::AccessKey,
            true => Way::Nice,
            false => Way::Stream,
        }
    }
}

/// The ways to which a field belongs; a field that is not here belongs to all.
const FIELDS: [(&str, &[Way]); 10] = [
    ("organization", &[Way::Stream]),
    (SIGN_IN, &[Way::Nice, Way::AccessKey]),
    ("clientId", &[Way::Stream, Way::Nice]),
    ("clientSecret", &[Way::Stream]),
    ("keepSecret", &[Way::Stream]),
    ("accessKeyId", &[Way::AccessKey]),
    ("accessKeySecret", &[Way::AccessKey]),
    ("keepAccessKey", &[Way::AccessKey]),
    ("tenantId", &[Way::Nice, Way::AccessKey]),
    ("withoutAgent", &[Way::Nice, Way::AccessKey]),
];

/// The names of the ways to which a field belongs, for a form that shows only those.
pub(super) fn ways_of(field: &str) -> Option<Value> {
    let (_, ways) = FIELDS.iter().find(|(name, _)| *name == field)?;
    Some(json!(ways.iter().map(|way| way.name()).collect::<Vec<_>>()))
}

/// Text that some ways to connect need; empty for the others.
pub(super) struct Needed {
    pub by: &'static [Way],
}

impl Kind for Needed {
    type Value = String;

    fn read(&self, given: &Value, fields: &Fields) -> Result<String, Mistake> {
        match text(given, CREDENTIAL_LIMIT, false)? {
            "" if self.by.contains(&Way::in_text(fields)) => Err(Mistake::new("required")),
            text => Ok(text.to_owned()),
        }
    }

    fn show(&self, value: &String) -> Value {
        json!(value)
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "maxLength": CREDENTIAL_LIMIT, "x-control": "text" })
    }
}

/// A tenant's id: letters, digits and hyphens, at most 100. An access key needs one, because only a tenant's
/// configuration says where keys sign in; a person's token brings its own.
pub(super) struct Tenant;

/// The longest tenant id.
const TENANT_LIMIT: usize = 100;

impl Kind for Tenant {
    type Value = Option<String>;

    fn read(&self, given: &Value, fields: &Fields) -> Result<Self::Value, Mistake> {
        match text(given, TENANT_LIMIT, false)? {
            "" if Way::in_text(fields) == Way::AccessKey => Err(Mistake::new("required")),
            "" => Ok(None),
            text if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') => Ok(Some(text.to_owned())),
            _ => Err(Mistake::new("notATenant")),
        }
    }

    fn show(&self, value: &Self::Value) -> Value {
        json!(value.as_deref().unwrap_or_default())
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "maxLength": TENANT_LIMIT, "x-control": "text" })
    }
}

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

impl super::table::Draft {
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
