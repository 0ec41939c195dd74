//! Every setting, once: a row is all that parser, store, export, schema, README and settings page know of it.
//!
//! Rows stand in the order of an exported file. After a change of a row or of its English texts run
//! `CUEWIRE_WRITE=1 cargo test --test settings_texts`, which writes the schema and the README's table.

use serde_json::{Map, Value};

use super::clock_time::TimeOfDay;
use super::connection::{KeepKey, KeepSecret, Needed, SERVICE, SIGN_IN, SignIn, Tenant, Way};
use super::kinds::{Address, Choice, Label, Names, Password, PersonName, Switch, Text, Time};
use super::numbers::{Count, Limit, Number, Span};
use super::reading::{Fields, Kind};
use super::schema::{DAYS, HOURS, MINUTES, SECONDS, Section, property};
use crate::model::address::{Base, Organization, ServiceKind};
use crate::model::card::{CONTENT, CardKind, TEMPLATE_LIMIT, TITLE, TITLE_LIMIT};
use crate::model::http::Secret;
use crate::model::json;
use crate::model::time::Millis;

/// What fires once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OncePer {
    /// An interaction, whichever rule is first.
    #[default]
    Interaction,
    /// Each rule of an interaction.
    Rule,
}

/// Who gets the card of an interaction that no agent has yet, where cards are messages to agents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WithoutAgent {
    /// Nobody: the card waits for an agent until its time to live is over.
    #[default]
    Wait,
    /// The team that takes most of the queue.
    Team,
}

/// How long a recording of what was heard is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeepRecording {
    /// Nothing is recorded.
    Off,
    /// 24 hours.
    #[default]
    Day,
    /// Seven days.
    Week,
}

/// The names of the fields that are read but never shown.
pub(super) const SECRETS: [&str; 2] = ["clientSecret", "accessKeySecret"];

/// The name of the member that holds the rule set. It is no row: a page of its own edits it.
pub const RULES: &str = "rules";

/// A row is `field: type = section, name, kind`.
macro_rules! settings {
    ($($(#[doc = $doc:literal])* $vis:vis $field:ident: $type:ty = $section:ident, $name:expr, $kind:expr;)*) => {
        /// Settings with which the pipeline can run: complete, in range, typed.
        #[derive(Debug, Clone, PartialEq)]
        pub struct Settings {
            $($(#[doc = $doc])* $vis $field: $type,)*
            /// The rule set as JSON, which the rules read; the two rules that ship where absent.
            pub rules: Option<String>,
            pub(super) base: Base,
        }

        /// The fields read of a text; a wrong field is absent.
        pub(super) struct Draft {
            $(pub $field: Option<$type>,)*
        }

        impl Draft {
            /// Reads every field before the first mistake ends anything; otherwise later mistakes had no name.
            pub fn read(fields: &mut Fields) -> Draft {
                Draft { $($field: fields.read($name, &$kind),)* }
            }

            pub fn complete(self, base: Base, rules: Option<String>) -> Option<Settings> {
                Some(Settings { $($field: self.$field?,)* rules, base })
            }
        }

        impl Settings {
            /// Every field as JSON, by name.
            pub(super) fn values(&self) -> Map<String, Value> {
                let mut values = Map::new();
                $(values.insert($name.to_owned(), $kind.show(&self.$field));)*
                let rules = self.rules.as_deref().and_then(|rules| json::read::<Value>(rules));
                values.extend(rules.map(|rules| (RULES.to_owned(), rules)));
                values
            }
        }

        /// Every field as JSON where nothing is set, by name.
        pub(super) fn defaults() -> Map<String, Value> {
            let mut values = Map::new();
            $(values.insert($name.to_owned(), $kind.default());)*
            values
        }

        /// Every field's name, in the order of an exported file, with its JSON schema.
        pub fn properties() -> Vec<(&'static str, Value)> {
            vec![$(($name, property($name, Section::$section, &$kind)),)*]
        }
    };
}

settings! {
    /// Which service.
    pub service: ServiceKind = Connection, SERVICE,
        Choice([("stream", ServiceKind::Contract), ("published", ServiceKind::Published)]);
    /// Who signs in at the published service.
    pub sign_in: SignIn = Connection, SIGN_IN,
        Choice([("nice", SignIn::Nice), ("accessKey", SignIn::AccessKey)]);
    /// Whose stream it is; may be absent where a service address is set.
    pub organization: Option<Organization> = Connection, "organization", Label;
    /// At most 1 000 visible characters.
    pub client_id: String = Connection, "clientId", Needed { by: &[Way::Stream, Way::Nice] };
    /// Only until [`super::parse`] hands it over apart.
    pub(super) client_secret: Option<Secret> = Connection, SECRETS[0], Password;
    /// Where the secret is kept.
    pub keep_secret: KeepSecret = Connection, "keepSecret",
        Choice([("device", KeepSecret::Device), ("session", KeepSecret::Session)]);
    /// At most 1 000 visible characters.
    pub access_key_id: String = Connection, "accessKeyId", Needed { by: &[Way::AccessKey] };
    /// Only until [`super::parse`] hands it over apart.
    pub(super) access_key_secret: Option<Secret> = Connection, SECRETS[1], Password;
    /// Where the access key's secret is kept.
    pub keep_access_key: KeepKey = Connection, "keepAccessKey",
        Choice([("session", KeepKey::Session), ("device", KeepKey::Device)]);
    /// Which tenant, where a person named one.
    pub tenant_id: Option<String> = Connection, "tenantId", Tenant;
    /// In place of the organisation's own address, or of the published service's issuer.
    pub service_address: Option<Base> = Connection, "serviceAddress", Address;

    /// A score below it is negative.
    pub sentiment_threshold: f64 = Rules, "sentimentThreshold",
        Number { bounds: (-1.0, 1.0), step: 0.01, default: -0.5 };
    /// A wait above it is long.
    pub queue_wait_threshold: Millis = Rules, "queueWaitThresholdSeconds",
        Span { bounds: (0.0, 86_400.0), unit: SECONDS, step: 5.0, default: 120.0 };
    /// How sure the sentiment must be.
    pub minimum_confidence: f64 = Rules, "minimumConfidence",
        Number { bounds: (0.0, 1.0), step: 0.01, default: 0.0 };
    /// Names with `*`; all queues where empty.
    pub include_queues: Vec<String> = Limits, "includeQueues", Names;
    /// Names with `*`; they win over the included ones.
    pub exclude_queues: Vec<String> = Limits, "excludeQueues", Names;
    /// What fires once.
    pub once_per: OncePer = Rules, "oncePer",
        Choice([("interaction", OncePer::Interaction), ("rule", OncePer::Rule)]);
    /// How long after it was last seen an interaction is remembered.
    pub remember: Millis = Rules, "rememberHours",
        Span { bounds: (1.0 / 60.0, 720.0), unit: HOURS, step: 1.0, default: 24.0 };

    /// How cards look.
    pub card_kind: CardKind = Card, "cardType", Choice(CardKind::ALL.map(|kind| (kind.name(), kind)));
    /// The title of cards, as a template.
    pub card_title: String = Card, "cardTitle", Text { limit: TITLE_LIMIT, default: TITLE, lines: false };
    /// The content of cards, as a template.
    pub card_content: String = Card, "cardContent", Text { limit: TEMPLATE_LIMIT, default: CONTENT, lines: true };
    /// How long after its trigger a card is still worth sending.
    pub ttl: Millis = Card, "cardTtlMinutes",
        Span { bounds: (1.0 / 6.0, 1_440.0), unit: MINUTES, step: 1.0, default: 10.0 };
    /// Who gets the card of an interaction that no agent has yet.
    pub without_agent: WithoutAgent = Card, "withoutAgent",
        Choice([("wait", WithoutAgent::Wait), ("team", WithoutAgent::Team)]);
    /// Whether the script of a card's contact is signalled once the card is delivered.
    pub signal_script: bool = Card, "signalScript", Switch(false);
    /// The most tries per card; no limit where absent.
    pub max_tries: Option<u32> = Card, "maxTries", Limit { bounds: (1, 100) };
    /// Whether an interaction's end ends its card's tries.
    pub end_at_disposition: bool = Card, "endAtDisposition", Switch(false);
    /// Whether nothing is posted.
    pub dry_run: bool = Card, "dryRun", Switch(false);

    /// Whether triggers and trouble are shown on the desktop.
    pub notify: bool = Limits, "notify", Switch(false);
    /// When no card is sent, by local time: the first quiet minute. With an end, or absent.
    pub quiet_hours_from: Option<TimeOfDay> = Limits, "quietHoursFrom", Time { with: "quietHoursTo" };
    /// The first minute after the quiet ones.
    pub quiet_hours_to: Option<TimeOfDay> = Limits, "quietHoursTo", Time { with: "quietHoursFrom" };
    /// The most cards for one interaction; no limit where absent.
    pub cards_per_interaction: Option<u32> = Limits, "cardsPerInteraction", Limit { bounds: (1, 100) };
    /// The most cards for one queue in an hour; no limit where absent.
    pub cards_per_queue_hour: Option<u32> = Limits, "cardsPerQueueHour", Limit { bounds: (1, 10_000) };

    /// Who marks triggers as handled.
    pub your_name: Option<String> = Privacy, "yourName", PersonName;
    /// How long the activity log goes back, in days.
    pub history_days: u32 = Privacy, "historyDays", Count { bounds: (1, 90), unit: Some(DAYS), default: 7 };
    /// The most entries in the activity log.
    pub history_entries: u32 = Privacy, "historyEntries", Count { bounds: (100, 100_000), unit: None, default: 20_000 };
    /// How long a recording of what was heard is kept: without texts, for trying rules on it.
    pub keep_recording: KeepRecording = Privacy, "keepRecording",
        Choice([("day", KeepRecording::Day), ("week", KeepRecording::Week), ("off", KeepRecording::Off)]);
    /// Whether exports hide interaction ids.
    pub mask_ids: bool = Privacy, "maskIds", Switch(true);
}
