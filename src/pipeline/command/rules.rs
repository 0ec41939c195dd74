//! The rule set of the rules page: a member of the settings, read and saved by itself.

use crate::pipeline::Pipeline;
use crate::pipeline::profile;
use crate::rules::text::RuleError;
use crate::settings::{self, Parsed, Settings};
use crate::views::protocol::RulesView;

/// Whom to connect to is made up: only what a fresh profile says of rules is read of it.
const FRESH: &str = r#"{"organization":"fresh","clientId":"fresh"}"#;

/// Reads a rule set, as the settings keep it; none for the two rules that ship.
pub(super) fn read_rules(text: Option<&str>) -> Result<Option<String>, Vec<RuleError>> {
    match text.map(str::trim) {
        None | Some("" | "null") => Ok(None),
        Some(text) => profile::read_rules(text).map(Some),
    }
}

impl Pipeline {
    /// For the rules page, which goes on from there.
    pub(super) fn rules_view(&self) -> RulesView {
        let text = |settings: &Settings| profile::rule_set(settings).to_json();
        let fresh = || settings::parse(FRESH, false).ok().map(|parsed| text(&parsed.settings));
        RulesView { text: self.settings().map(text).or_else(fresh).unwrap_or_default() }
    }

    /// The stored settings with these rules in place of theirs; none where no connection is set up.
    pub(super) fn with_rules(&self, rules: Option<String>) -> Option<Parsed> {
        let mut settings = self.settings()?.clone();
        settings.rules = rules;
        let parsed = Parsed { settings, secret: None };
        self.lacks_secret(&parsed).is_none().then_some(parsed)
    }

    fn settings(&self) -> Option<&Settings> {
        self.stored_profile().map(|profile| &profile.settings).or(self.incomplete.as_ref())
    }
}
