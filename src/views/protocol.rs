//! The messages between pages and worker. TypeScript types are generated from here.

#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use crate::delivery::outbox::{CardName, CardView};
use crate::model::diagnosis::{DiagnosisView, Tone};
use crate::model::history::Pointed;
use crate::model::json::{FromJson, ToJson};
use crate::model::scope::Scope;
use crate::rules::text::RuleError;
use crate::settings::{FieldError, SettingsView};
use crate::views::dashboard::Dashboard;
use crate::views::log::LogPage;
use crate::views::status::{RuleView, Status};

/// A request of a page.
#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Request {
    /// The state in a glance. Answered with [`Reply::Status`].
    Status,
    /// Everything the dashboard shows. Answered with [`Reply::Dashboard`].
    Dashboard,
    /// Entries of the activity log, newest first. Answered with [`Reply::Log`].
    Log {
        /// Entries before this number; the newest if absent.
        before: Option<u64>,
        /// How many; never more than [`crate::views::log::PAGE_LIMIT`].
        limit: u32,
    },
    /// The settings as stored, without the secret. Answered with [`Reply::Settings`].
    Settings,
    /// Parse settings and, unless only checking, store and use them.
    Save {
        /// A JSON object as exported, plus `clientSecret` where it changes.
        text: String,
        /// Only say what is wrong.
        check_only: bool,
    },
    /// The active rules, as a rule set. Answered with [`Reply::Rules`].
    Rules,
    /// Parse a rule set and, unless only checking, store and use it.
    SaveRules {
        /// As [`crate::rules::text::parse`] reads it; absent, empty or `null` for the two rules that ship.
        text: Option<String>,
        /// Only say what is wrong.
        check_only: bool,
    },
    /// Stop for a while: everything, or one queue or rule.
    Pause {
        /// The queue or rule to pause; everything if absent.
        scope: Option<Scope>,
        /// For how long; until resumed if absent.
        minutes: Option<u32>,
        /// Why, for the people who find it stopped.
        note: Option<String>,
    },
    /// End a pause.
    Resume {
        /// The queue or rule to resume; everything if absent.
        scope: Option<Scope>,
    },
    /// Do something about one card of the outbox, or about all.
    Cards {
        /// The action.
        action: CardAction,
        /// Which card; all if absent.
        card: Option<CardName>,
    },
    /// Mark a trigger as handled: its rule stays quiet for the interaction until it clears, and a card that is not sent
    /// yet is withdrawn.
    Handle {
        /// Which trigger.
        trigger: Pointed,
        /// The person's note.
        note: Option<String>,
    },
    /// Take that back. A card that was withdrawn for it is due again at the next event that finds its rule true.
    Unhandle {
        /// The number of the trigger's entry in the activity log.
        entry: u64,
    },
    /// Remove everything stored: token, secret, settings, journal, history.
    Clear,
    /// Open the window in which a person signs in, for the settings as stored. The status tells the steps as they go.
    SignIn,
    /// Try a connection without saving it. The status tells the steps as they go.
    Test {
        /// Settings as for [`Request::Save`].
        text: String,
        /// Post a real card to this interaction; a dry card step if absent.
        interaction: Option<String>,
    },
}

/// An action on cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub enum CardAction {
    /// Try again now: resumes a paused dispatch, and takes given-up cards back.
    TryAgain,
    /// Forget a card: it is not sent (any more), and no longer shown.
    Drop,
}

/// An answer of the worker.
#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
#[expect(clippy::large_enum_variant, reason = "always behind a box where it is kept")]
#[cfg_attr(target_arch = "wasm32", derive(Tsify), tsify(hashmap_as_object))]
#[serde(tag = "kind", content = "value", rename_all = "camelCase")]
pub enum Reply {
    /// To [`Request::Status`].
    Status(Status),
    /// To [`Request::Dashboard`].
    Dashboard(Dashboard),
    /// To [`Request::Log`].
    Log(LogPage),
    /// To [`Request::Settings`].
    Settings(SettingsView),
    /// To [`Request::Rules`].
    Rules(RulesView),
    /// Done as asked.
    Done,
    /// Done, and this is what went.
    Cleared(Cleared),
    /// The settings are wrong; nothing was saved.
    Rejected(Vec<FieldError>),
    /// The rules are wrong; nothing was saved.
    RulesRejected(Vec<RuleError>),
    /// Nothing was saved, because rules are stored with a connection and there is none yet: it must be set up first.
    NotSetUp,
    /// The change holds for now, but is not stored: Cuewire retries, and forgets the change if the worker ends before.
    NotStored(DiagnosisView),
    /// Nothing was done, because Cuewire still reads its storage.
    NotReady,
    /// Nothing was done, because the storage cannot be read.
    Unusable,
    /// Nothing was done, because the message is no [`Request`].
    NotUnderstood,
    /// The browser did not store the settings, in its words.
    Failed(String),
}

/// The active rules; where none were saved, the two that ship.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
pub struct RulesView {
    /// The rule set, with every default written out.
    pub text: String,
}

/// The counts that [`Request::Clear`] removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Cleared {
    /// Cards of the outbox, waiting or given up.
    pub cards: u32,
    /// Interactions remembered as having fired.
    pub remembered: u32,
}

/// The badge of the toolbar button.
#[derive(Debug, Clone, PartialEq, Eq, Default, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Badge {
    /// At most four characters.
    pub text: String,
    /// Which colour it takes.
    pub tone: Tone,
}

/// A desktop notification.
#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(tag = "about", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Notice {
    /// Triggers since the last notification.
    Triggers {
        /// How many.
        count: u32,
        /// The newest.
        card: Box<CardView>,
        /// Its rule.
        rule: RuleView,
    },
    /// Something is wrong.
    Trouble {
        /// The kind of change.
        diagnosis: DiagnosisView,
    },
    /// The trouble of the last notification is over, and the notification goes.
    TroubleOver,
}
