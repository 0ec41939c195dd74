//! The steps of a connection test.

#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use crate::model::diagnosis::DiagnosisView;
use crate::model::json::{FromJson, ToJson};
use crate::model::time::Millis;

/// A poll. An event cannot be heard sooner than it is asked for, so a card may be so much later.
#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct PollView {
    /// The resource that is polled.
    pub what: String,
    /// How often, in milliseconds.
    pub every: Millis,
    /// When it was answered last, wall clock.
    pub answered_at: Option<Millis>,
}

/// One step of a connection test.
#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct TestStep {
    /// Which step.
    pub step: TestStepName,
    /// How it stands.
    pub state: TestStepState,
    /// How long it took, in milliseconds.
    pub took_ms: Option<u32>,
    /// The diagnosis.
    pub diagnosis: Option<DiagnosisView>,
}

/// The steps of a connection test, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub enum TestStepName {
    /// A token is given for this client.
    Token,
    /// The token has both scopes.
    Scopes,
    /// The stream opens.
    Stream,
    /// The card endpoint answers.
    Card,
    /// The issuer says where people sign in and where tokens come from.
    Issuer,
    /// A person signs in, or an access key does.
    SignIn,
    /// The tenant's configuration says where all else is.
    Tenant,
    /// The service answers, with its clock.
    Time,
    /// Skills and their waits can be read.
    Queues,
    /// Contacts can be read.
    Contacts,
    /// Digital contacts can be read.
    Digital,
    /// The person's own messages can be read.
    Messages,
}

/// How a step of a connection test stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub enum TestStepState {
    /// Not reached.
    Waiting,
    /// Under way.
    Running,
    /// The step works.
    Passed,
    /// The step does not work.
    Failed,
    /// Not tried, on purpose.
    Skipped,
}
