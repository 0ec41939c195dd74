//! What fired, counted, and two versions side by side.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;
#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use crate::model::history::evidence::Evidence;
use crate::model::time::Millis;
use crate::rules::Firing;

/// One firing on a recording.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Fired {
    /// When.
    pub at: Millis,
    /// The interaction as the recording names it.
    pub interaction: String,
    /// The rule.
    pub rule: String,
    /// Which of its firings for the interaction.
    pub episode: u32,
    /// The queue, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// What the card would say as its reason.
    pub reason: String,
    /// What was seen against what was asked for.
    pub evidence: Vec<Evidence>,
    /// The rule is in shadow mode.
    pub shadow: bool,
    /// The critical rule that muted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub muted_by: Option<String>,
    /// The card of another interaction stands for its queue.
    pub grouped: bool,
    /// Nobody heard the stream then: the firing rests on what was heard before.
    pub in_gap: bool,
}

/// Firings, and on how many interactions. Each firing is a card, muted, grouped or in shadow: one of the four.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Count {
    /// Firings that would have been cards.
    pub firings: u32,
    /// Interactions with at least one.
    pub interactions: u32,
    /// Firings of live rules that a critical rule muted.
    pub muted: u32,
    /// Firings that the card of another interaction of the queue stands for.
    pub grouped: u32,
    /// Firings of rules in shadow mode.
    pub shadow: u32,
}

/// All that rules did on a tape.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// The earliest first.
    pub fired: Vec<Fired>,
    /// Of all rules.
    pub total: Count,
    /// Of each rule that fired.
    pub rules: BTreeMap<String, Count>,
}

/// Two versions on one tape, by interaction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Compared {
    /// Interactions with a card by the first version only.
    pub only_first: u32,
    /// By the second only.
    pub only_second: u32,
    /// By both.
    pub both: u32,
}

impl Fired {
    pub(super) fn of(firing: Firing, gaps: &[(Millis, Millis)]) -> Fired {
        Fired {
            at: firing.at,
            interaction: firing.event.id.to_string(),
            rule: firing.rule.id.clone(),
            episode: firing.episode,
            queue: firing.event.queue.as_deref().map(str::to_owned),
            reason: firing.reason(),
            shadow: firing.is_shadow(),
            muted_by: firing.muted_by,
            grouped: firing.grouped,
            in_gap: gaps.iter().any(|(from, until)| *from < firing.at && firing.at < *until),
            evidence: firing.evidence,
        }
    }

    fn is_card(&self) -> bool {
        !self.shadow && self.muted_by.is_none() && !self.grouped
    }
}

impl Outcome {
    pub(super) fn of(mut fired: Vec<Fired>) -> Outcome {
        fired.sort_by(|one, other| {
            (one.at, &one.interaction, &one.rule).cmp(&(other.at, &other.interaction, &other.rule))
        });
        let mut rules: BTreeMap<String, Count> = BTreeMap::new();
        let mut total = Count::default();
        let (mut of_all, mut of_rule) = (HashSet::new(), HashSet::new());
        for one in &fired {
            if !rules.contains_key(&one.rule) {
                rules.insert(one.rule.clone(), Count::default());
            }
            let Some(rule) = rules.get_mut(&one.rule) else { continue };
            for count in [&mut *rule, &mut total] {
                count.firings += u32::from(one.is_card());
                count.muted += u32::from(one.muted_by.is_some() && !one.shadow);
                count.grouped += u32::from(one.grouped);
                count.shadow += u32::from(one.shadow);
            }
            if one.is_card() {
                total.interactions += u32::from(of_all.insert(&one.interaction));
                rule.interactions += u32::from(of_rule.insert((&one.rule, &one.interaction)));
            }
        }
        Outcome { total, rules, fired }
    }

    /// Interactions with a card.
    fn with_cards(&self) -> HashSet<&str> {
        self.fired.iter().filter(|fired| fired.is_card()).map(|fired| &*fired.interaction).collect()
    }
}

/// The newest cards of two versions, newest first, by which of them has a card for the interaction.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Sides {
    /// Of the first version, where the second has none.
    pub only_first: Vec<Fired>,
    /// Of the second version, where the first has none.
    pub only_second: Vec<Fired>,
    /// Of the second version, where the first has one, too.
    pub both: Vec<Fired>,
}

/// Lists at most `most` cards of each side.
pub fn sides(first: &Outcome, second: &Outcome, most: usize) -> Sides {
    let (in_first, in_second) = (first.with_cards(), second.with_cards());
    let newest = |outcome: &Outcome, wanted: &dyn Fn(&str) -> bool| -> Vec<Fired> {
        let cards = outcome.fired.iter().rev().filter(|fired| fired.is_card() && wanted(&fired.interaction));
        cards.take(most).cloned().collect()
    };
    Sides {
        only_first: newest(first, &|interaction| !in_second.contains(interaction)),
        only_second: newest(second, &|interaction| !in_first.contains(interaction)),
        both: newest(second, &|interaction| in_first.contains(interaction)),
    }
}

/// Compares what two versions did.
pub fn compare(first: &Outcome, second: &Outcome) -> Compared {
    let (first, second) = (first.with_cards(), second.with_cards());
    let both = first.intersection(&second).count() as u32;
    Compared { only_first: first.len() as u32 - both, only_second: second.len() as u32 - both, both }
}
