//! A diagnosis is data: a stable code and the few values its text needs.
//!
//! The words (what happened, why it usually does, the one thing to do next) are the pages', found by the code.

#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use crate::model::event::Rejection;
use crate::model::json::{FromJson, IntoName, ToJson};
use crate::model::time::Millis;

/// A commit unanswered for this many seconds is no passing slowness.
const SLOW_IS_DANGER: u64 = 20;

/// The weight of something shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub enum Tone {
    /// Nothing to do.
    #[default]
    Calm,
    /// Worth a look.
    Attention,
    /// Something is broken, and lasts or needs a person.
    Danger,
}

/// One thing that is wrong. At most one of each kind is active.
#[allow(missing_docs, reason = "a variant says when; its fields are what they are called")]
#[derive(Debug, Clone, PartialEq, Eq, IntoName)]
#[serde(rename_all = "camelCase")]
pub enum Diagnosis {
    /// The token endpoint refused the client (400 or 401).
    CredentialsRejected { status: u16, excerpt: String },
    /// The token endpoint failed in another way; status 0 means none.
    TokenUnavailable { status: u16, excerpt: String },
    /// The token answer cannot be used.
    TokenUnusable { why: &'static str },
    /// A scope is lacking: said by the token, or by 403 for an interaction.
    ScopeMissing { scope: String, interaction: Option<String>, paused: bool },
    /// A card was answered 401 with a fresh token.
    SignInRejected,
    /// The card endpoint asked to wait.
    RateLimited { until: Millis },
    /// The card endpoint keeps failing; status 0 means none.
    ServerFailing { status: u16 },
    /// Something between answered for the card endpoint: a page, or a redirect.
    Intercepted { host: String },
    /// A card was refused for good.
    CardRefused { status: u16, excerpt: String },
    /// A card's time to live ended before the server took it.
    CardExpired,
    /// The stream closed unexpectedly.
    StreamDropped { code: u16 },
    /// The stream went silent and was replaced.
    StreamSilent { seconds: u64 },
    /// Most of the recent frames are no events; mainly for this reason.
    EventsNotUnderstood { why: Rejection },
    /// The stream's upgrade is refused though the token is fresh.
    StreamRefused,
    /// No server answers at the address (DNS, TLS, network).
    Unreachable { host: String },
    /// The extension lacks the permission for the host.
    PermissionMissing { host: String },
    /// Storage had no room for a write.
    StorageFull,
    /// A write was refused for another reason.
    StorageFailing { why: String },
    /// A commit has been unanswered for this many seconds.
    StorageSlow { seconds: u64 },
    /// The engine was replaced because a commit was unanswered for this many seconds.
    EngineRestarted { seconds: u64 },
    /// Stored records could not be read and were set aside.
    StorageDamaged { records: u32 },
    /// The journal is gone although there was one.
    StorageLost,
    /// Records of open cards are gone although others are there.
    StorageIncomplete { cards: u32 },
    /// Triggers were heard, and the worker ended before they were stored.
    TriggersUnsaved { triggers: u32 },
    /// The journal was written by a newer version.
    StorageNewer { version: u32 },
    /// The client secret is gone: it was kept only until the browser closed.
    SecretMissing,
    /// The access key is gone: it was kept only until the browser closed.
    AccessKeyMissing,
    /// The user hub refused the access key.
    AccessKeyRefused { status: u16, excerpt: String },
    /// The token still works until then, and only a person can bring the next.
    SignInSoon { until: Millis },
    /// Only a person who signs in brings a token.
    SignInDue,
    /// The service did not sign the person in, in its own words.
    SignInRefused { excerpt: String },
    /// The person cancelled, or may not sign in, in the service's words.
    SignInDenied { excerpt: String },
    /// The sign-in window was closed, or was never shown, in the browser's words.
    SignInClosed { why: String },
    /// The answer of the sign-in window belongs to another sign-in.
    SignInMixedUp,
    /// The issuer, or what it says of the tenant, does not answer; status 0 means none.
    DiscoveryFailing { host: String, status: u16 },
    /// The issuer's answer cannot be used: why, and which field or host is wrong.
    DiscoveryUnusable { host: String, why: &'static str, about: String },
    /// Discovery names a host for which nobody vouches.
    HostNotVouched { host: String },
    /// A connection test may not read this.
    ReadForbidden { what: &'static str },
    /// A connection test cannot read this; status 0 means none.
    ReadRefused { what: &'static str, status: u16, excerpt: String },
    /// A connection test could not read this, because the service failed or asked to wait; status 0 means no answer.
    ReadFailing { what: &'static str, status: u16 },
    /// A poll has been unanswered for this many seconds.
    ReadStale { what: &'static str, seconds: u64 },
    /// Customers wrote more than the budget allows to read: `waiting` conversations, the first for `minutes`.
    ReadBehind { what: &'static str, waiting: usize, minutes: u64 },
    /// The issuer knows no such tenant, or nothing says which.
    TenantUnknown { host: String },
    /// The outbox is full: no further card is accepted.
    OutboxFull,
    /// The stored settings can no longer be read.
    SettingsUnreadable { field: String },
    /// A piece of the recording could not be stored; rules cannot be tried on what was heard then.
    RecordingFailing,
    /// The worker was ended while streaming, and came back.
    WorkerRestarted { gap: Millis },
}

impl Diagnosis {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.into()
    }

    /// Whether a commit that is written ends it.
    pub fn is_about_commits(&self) -> bool {
        matches!(
            self,
            Diagnosis::StorageFull
                | Diagnosis::StorageFailing { .. }
                | Diagnosis::StorageSlow { .. }
                | Diagnosis::EngineRestarted { .. }
        )
    }

    /// Whether signing in at the published service failed or is due, so that a person is needed.
    pub fn is_about_signing_in(&self) -> bool {
        matches!(
            self,
            Diagnosis::AccessKeyRefused { .. }
                | Diagnosis::SignInSoon { .. }
                | Diagnosis::SignInDue
                | Diagnosis::SignInRefused { .. }
                | Diagnosis::SignInDenied { .. }
                | Diagnosis::SignInClosed { .. }
                | Diagnosis::SignInMixedUp
                | Diagnosis::DiscoveryUnusable { .. }
                | Diagnosis::HostNotVouched { .. }
                | Diagnosis::TenantUnknown { .. }
        )
    }

    /// How much it weighs as it begins; [`crate::views::trouble`] says what it weighs once it lasts.
    pub fn tone(&self) -> Tone {
        match self {
            Diagnosis::CredentialsRejected { .. }
            | Diagnosis::TokenUnusable { .. }
            | Diagnosis::ScopeMissing { interaction: None, .. }
            | Diagnosis::ScopeMissing { paused: true, .. }
            | Diagnosis::SignInRejected
            | Diagnosis::PermissionMissing { .. }
            | Diagnosis::StorageFull
            | Diagnosis::StorageFailing { .. }
            | Diagnosis::EngineRestarted { .. }
            | Diagnosis::StorageNewer { .. }
            | Diagnosis::SecretMissing
            | Diagnosis::AccessKeyMissing
            | Diagnosis::OutboxFull
            | Diagnosis::SettingsUnreadable { .. } => Tone::Danger,
            _ if self.is_about_signing_in() => Tone::Danger,
            // Nothing is sent meanwhile; but a disk that was busy for a moment needs nobody.
            Diagnosis::StorageSlow { seconds } if *seconds >= SLOW_IS_DANGER => Tone::Danger,
            Diagnosis::WorkerRestarted { .. } => Tone::Calm,
            _ => Tone::Attention,
        }
    }

    /// The values its text needs, in the order the text names them. Never a secret; an excerpt is redacted before.
    fn values(&self) -> Vec<String> {
        match self {
            Diagnosis::CredentialsRejected { status, excerpt }
            | Diagnosis::TokenUnavailable { status, excerpt }
            | Diagnosis::AccessKeyRefused { status, excerpt }
            | Diagnosis::CardRefused { status, excerpt } => vec![status.to_string(), excerpt.clone()],
            Diagnosis::ScopeMissing { scope, interaction, .. } => {
                vec![scope.clone(), interaction.clone().unwrap_or_default()]
            }
            Diagnosis::TokenUnusable { why: what } | Diagnosis::ReadForbidden { what } => vec![(*what).to_owned()],
            Diagnosis::ReadFailing { what, status } => vec![(*what).to_owned(), status.to_string()],
            Diagnosis::ReadStale { what, seconds } => vec![(*what).to_owned(), seconds.to_string()],
            Diagnosis::ReadBehind { what, waiting, minutes } => {
                vec![(*what).to_owned(), waiting.to_string(), minutes.to_string()]
            }
            Diagnosis::ReadRefused { what, status, excerpt } => {
                vec![(*what).to_owned(), status.to_string(), excerpt.clone()]
            }
            Diagnosis::SignInRefused { excerpt } | Diagnosis::SignInDenied { excerpt } => vec![excerpt.clone()],
            Diagnosis::SignInClosed { why } => vec![why.clone()],
            Diagnosis::DiscoveryFailing { host, status } => vec![host.clone(), status.to_string()],
            Diagnosis::DiscoveryUnusable { host, why, about } => {
                vec![host.clone(), (*why).to_owned(), about.clone()]
            }
            Diagnosis::RateLimited { until } | Diagnosis::SignInSoon { until } => vec![until.0.to_string()],
            Diagnosis::ServerFailing { status } => vec![status.to_string()],
            Diagnosis::StreamDropped { code } => vec![code.to_string()],
            Diagnosis::EventsNotUnderstood { why } => vec![why.name().to_owned()],
            Diagnosis::StreamSilent { seconds } => vec![seconds.to_string()],
            Diagnosis::Unreachable { host }
            | Diagnosis::PermissionMissing { host }
            | Diagnosis::HostNotVouched { host }
            | Diagnosis::TenantUnknown { host }
            | Diagnosis::Intercepted { host } => vec![host.clone()],
            Diagnosis::StorageFailing { why } => vec![why.clone()],
            Diagnosis::StorageSlow { seconds } | Diagnosis::EngineRestarted { seconds } => vec![seconds.to_string()],
            Diagnosis::StorageDamaged { records } => vec![records.to_string()],
            Diagnosis::StorageIncomplete { cards } => vec![cards.to_string()],
            Diagnosis::TriggersUnsaved { triggers } => vec![triggers.to_string()],
            Diagnosis::StorageNewer { version } => vec![version.to_string()],
            Diagnosis::SettingsUnreadable { field } => vec![field.clone()],
            Diagnosis::WorkerRestarted { gap } => vec![gap.0.to_string()],
            Diagnosis::SignInRejected
            | Diagnosis::CardExpired
            | Diagnosis::StreamRefused
            | Diagnosis::StorageFull
            | Diagnosis::SecretMissing
            | Diagnosis::AccessKeyMissing
            | Diagnosis::SignInDue
            | Diagnosis::SignInMixedUp
            | Diagnosis::OutboxFull
            | Diagnosis::RecordingFailing
            | Diagnosis::StorageLost => Vec::new(),
        }
    }
}

/// A diagnosis as pages see it.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct DiagnosisView {
    /// Finds the words.
    pub code: String,
    /// How much it weighs.
    pub tone: Tone,
    /// The values the words need.
    pub values: Vec<String>,
    /// When it was last true, wall-clock milliseconds.
    pub at: Millis,
    /// Since when it has lasted, wall-clock milliseconds.
    pub since: Millis,
}

/// A diagnosis that is true at present.
#[derive(Debug)]
pub struct Active {
    /// The diagnosis.
    pub diagnosis: Diagnosis,
    /// The weight that its duration gives the diagnosis.
    pub tone: Tone,
    /// Whether the diagnosis has lasted long enough for a notification.
    pub lasted: bool,
    /// A part raised the diagnosis after the last weighing.
    pub fresh: bool,
    /// The beginning of the spell, wall clock.
    pub since: Millis,
    /// The time of the latest raise, wall clock.
    at: Millis,
}

/// The diagnoses of this moment, newest last.
#[derive(Debug, Default)]
pub struct Diagnoses(Vec<Active>);

impl Diagnoses {
    /// Adds one, in place of an older one with the same code. Says whether anything but its time is new.
    pub fn raise(&mut self, wall: Millis, diagnosis: Diagnosis) -> bool {
        let tone = diagnosis.tone();
        let new = Active { diagnosis, tone, lasted: false, fresh: true, since: wall, at: wall };
        let before = self.0.iter().position(|other| other.diagnosis.code() == new.diagnosis.code());
        let Some(old) = before.map(|index| self.0.remove(index)) else {
            self.0.push(new);
            return true;
        };
        let news = old.diagnosis != new.diagnosis;
        // Keep the weight until the next weighing; otherwise the badge flickers.
        let tone = if old.lasted { old.tone } else { tone };
        self.0.push(Active { tone, lasted: old.lasted, since: old.since, ..new });
        news
    }

    /// Removes those that `over` says are no longer true. Says whether there was one.
    pub fn clear(&mut self, over: impl Fn(&Diagnosis) -> bool) -> bool {
        let before = self.0.len();
        self.0.retain(|active| !over(&active.diagnosis));
        self.0.len() != before
    }

    /// Whether one was raised since they were last weighed.
    pub fn has_news(&self) -> bool {
        self.0.iter().any(|active| active.fresh)
    }

    /// All, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Active> {
        self.0.iter()
    }

    /// All, oldest first.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Active> {
        self.0.iter_mut()
    }

    /// The one to show: the weightiest, of these the newest.
    pub fn newest(&self) -> Option<DiagnosisView> {
        let weight = |tone: Tone| match tone {
            Tone::Calm => 0,
            Tone::Attention => 1,
            Tone::Danger => 2,
        };
        self.0.iter().max_by_key(|active| (weight(active.tone), active.at)).map(Active::view)
    }

    /// The newest of those that `concerned` names.
    pub fn about(&self, concerned: impl Fn(&Diagnosis) -> bool) -> Option<DiagnosisView> {
        self.0.iter().rev().find(|active| concerned(&active.diagnosis)).map(Active::view)
    }

    /// The weight of the weightiest.
    pub fn tone(&self) -> Tone {
        self.newest().map_or(Tone::Calm, |diagnosis| diagnosis.tone)
    }

    /// All, newest first.
    pub fn all(&self) -> Vec<DiagnosisView> {
        self.0.iter().rev().map(Active::view).collect()
    }
}

impl Active {
    /// As pages see it.
    pub fn view(&self) -> DiagnosisView {
        DiagnosisView {
            code: self.diagnosis.code().to_owned(),
            tone: self.tone,
            values: self.diagnosis.values(),
            at: self.at,
            since: self.since,
        }
    }
}
