//! The three ways to connect. Each has fields of its own: it needs some of them, and passes over those of the others.

use super::kinds::{CREDENTIAL_LIMIT, text};
use super::reading::{Fields, Kind, Mistake};
use crate::model::address::ServiceKind;
use crate::model::json::IntoName;
use serde_json::{Value, json};

/// The name of the field that says which service.
pub(super) const SERVICE: &str = "service";

/// The name of the field that says who signs in there.
pub(super) const SIGN_IN: &str = "signIn";

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

    pub(super) fn of(service: ServiceKind, sign_in: SignIn) -> Way {
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
const FIELDS: [(&str, &[Way]); 11] = [
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
    ("signalScript", &[Way::Nice, Way::AccessKey]),
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
