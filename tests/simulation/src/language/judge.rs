//! Holds the cards of the core against those of the oracle.

use serde_json::Value;

use super::{EPOCH, World};
use crate::outcome::Violation;
use crate::tally::Check;

impl World {
    /// A card as it is written: the oracle has it too, since the instant that the card says, however late it is accepted.
    pub(super) fn judge_card(&mut self, text: &str) {
        let record: Value = cuewire::journal::decode(text).unwrap_or_default();
        let (card, trigger) = (&record["card"], &record["trigger"]);
        let word = |key: &str| card[key].as_str().unwrap_or_default().to_owned();
        let episode = card["episode"].as_u64().unwrap_or(1);
        let id = format!("trigger-{}-{}-{episode}", word("interaction"), word("rule"));
        let at = card["timestamp"].as_u64().unwrap_or_default();
        let known = self.cards.get(&id).cloned();
        self.check(Check::RulesKept, known.as_ref().is_some_and(|known| known.at == at), || {
            let due = known.as_ref().map(|known| known.at - EPOCH);
            format!("{id} says {}; the oracle has it since {due:?}", at.saturating_sub(EPOCH))
        });
        let is_new = self.written.insert(id.clone(), at) != Some(at);
        let on_time = known.is_some_and(|known| known.is_exact && known.at == self.now);
        let has_ended = self.ended.get(&word("interaction")) == Some(&self.now);
        if is_new && on_time && !has_ended {
            self.trace.line(|| format!("accepted: {id}"));
            let evidence = trigger["evidence"].as_array().cloned().unwrap_or_default();
            evidence.iter().for_each(|one| self.judge_evidence(&word("interaction"), one, &id));
            self.tally.accepted += 1;
        }
    }

    /// Evidence that is not marked incomplete must be as if no worker had ended.
    pub(super) fn judge_evidence(&mut self, interaction: &str, one: &Value, id: &str) {
        let field = one["field"].as_str().unwrap_or_default();
        if one["incomplete"] == true || !one["window"].is_object() {
            return;
        }
        let whole = self.whole.figure(interaction, field, &one["window"], self.now);
        let seen = one["seen"].as_f64();
        let near = match (whole, seen) {
            (Some(whole), Some(seen)) => (whole - seen).abs() < 1e-6,
            (whole, seen) => whole == seen,
        };
        self.check(Check::IncompleteSaid, near, || format!("{id} saw {one}, and without a restart it is {whole:?}"));
    }

    pub(super) fn check(&mut self, check: Check, holds: bool, what: impl FnOnce() -> String) {
        self.tally.checks[check as usize] += 1;
        if !holds && self.violation.is_none() {
            let violation = Violation { check, at: self.now - EPOCH, what: what() };
            self.trace.line(|| violation.to_string());
            self.violation = Some(violation);
        }
    }
}
