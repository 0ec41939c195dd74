//! Firings, counted, and two versions side by side.

use std::collections::BTreeMap;

#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use crate::model::history::evidence::Evidence;
use crate::model::json::ToJson;
use crate::model::time::Millis;
use crate::rules::{Firing, Mode, Rule};

/// One firing on a recording.
#[derive(Debug, Clone, PartialEq, ToJson)]
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
    /// The reason that the card would show.
    pub reason: String,
    /// The evidence.
    pub evidence: Vec<Evidence>,
    /// The rule is in shadow mode.
    pub shadow: bool,
    /// The critical rule that muted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub muted_by: Option<String>,
    /// The card of another interaction already speaks for the queue.
    pub grouped: bool,
    /// Nobody heard the stream then: the firing rests on what was heard before.
    pub in_gap: bool,
    /// The interaction's place on the tape.
    #[serde(skip)]
    pub(super) talk: u32,
}

/// Firings, and on how many interactions. Each firing is a card, muted, grouped or in shadow: one of the four.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Count {
    /// Firings that would have been cards.
    pub firings: u32,
    /// Interactions with at least one.
    pub interactions: u32,
    /// Firings of live rules that a critical rule muted.
    pub muted: u32,
    /// Firings without a card, because another interaction of the queue has one.
    pub grouped: u32,
    /// Firings of rules in shadow mode.
    pub shadow: u32,
}

/// All that rules did on a tape.
#[derive(Debug, Clone, Default, PartialEq, ToJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// The earliest first.
    pub fired: Vec<Fired>,
    /// Of all rules.
    pub total: Count,
    /// Of each rule that fired.
    pub rules: BTreeMap<String, Count>,
    /// Interactions with a card, by their place on the tape, in order.
    #[serde(skip)]
    with_cards: Vec<u32>,
}

/// Two versions on one tape, by interaction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ToJson)]
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
    pub(super) fn of(firing: Firing, talk: u32, gaps: &[(Millis, Millis)]) -> Fired {
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
            in_gap: is_in(gaps, firing.at),
            evidence: firing.evidence,
            talk,
        }
    }

    /// A firing of a rule by itself, without what its card would say.
    pub(super) fn untold(rule: &Rule, at: Millis, talk: u32, gaps: &[(Millis, Millis)]) -> Fired {
        Fired {
            at,
            interaction: String::new(),
            rule: rule.id.clone(),
            episode: 1,
            queue: None,
            reason: String::new(),
            evidence: Vec::new(),
            shadow: rule.mode == Mode::Shadow,
            muted_by: None,
            grouped: false,
            in_gap: is_in(gaps, at),
            talk,
        }
    }

    /// A firing beside others, without what its card would say.
    pub(super) fn sketch(firing: &Firing, talk: u32, gaps: &[(Millis, Millis)]) -> Fired {
        let (episode, muted_by, grouped) = (firing.episode, firing.muted_by.clone(), firing.grouped);
        Fired { episode, muted_by, grouped, ..Fired::untold(&firing.rule, firing.at, talk, gaps) }
    }

    pub(super) fn is_told(&self) -> bool {
        !self.interaction.is_empty()
    }

    fn is_card(&self) -> bool {
        !self.shadow && self.muted_by.is_none() && !self.grouped
    }
}

impl Outcome {
    /// Counts firings. One in shadow that a critical rule mutes is left out, because the live log has none, either.
    pub(super) fn of(mut fired: Vec<Fired>) -> Outcome {
        fired.retain(|one| !one.shadow || one.muted_by.is_none());
        fired.sort_by(|one, other| (one.at, one.talk, &one.rule).cmp(&(other.at, other.talk, &other.rule)));
        let mut of_rules: BTreeMap<String, (Count, Vec<u32>)> = BTreeMap::new();
        let (mut total, mut with_cards) = (Count::default(), Vec::new());
        for one in &fired {
            if !of_rules.contains_key(&one.rule) {
                of_rules.insert(one.rule.clone(), Default::default());
            }
            let Some((rule, of_rule)) = of_rules.get_mut(&one.rule) else { continue };
            for count in [rule, &mut total] {
                count.firings += u32::from(one.is_card());
                count.muted += u32::from(one.muted_by.is_some());
                count.grouped += u32::from(one.grouped);
                count.shadow += u32::from(one.shadow);
            }
            if one.is_card() {
                with_cards.push(one.talk);
                of_rule.push(one.talk);
            }
        }
        total.interactions = distinct(&mut with_cards);
        let counted = |(rule, (count, mut of_rule)): (String, (Count, Vec<u32>))| {
            (rule, Count { interactions: distinct(&mut of_rule), ..count })
        };
        let rules = of_rules.into_iter().map(counted).collect();
        Outcome { fired, total, rules, with_cards }
    }

    fn has_card(&self, talk: u32) -> bool {
        self.with_cards.binary_search(&talk).is_ok()
    }
}

fn is_in(gaps: &[(Millis, Millis)], at: Millis) -> bool {
    gaps.iter().any(|(from, until)| *from < at && at < *until)
}

/// Puts them in order, each once, and counts them.
fn distinct(talks: &mut Vec<u32>) -> u32 {
    talks.sort_unstable();
    talks.dedup();
    talks.len() as u32
}

/// The newest cards of two versions, newest first, by which of them has a card for the interaction.
#[derive(Debug, Clone, Default, PartialEq, ToJson)]
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

/// Lists at most `most` cards of each side, of two versions on the same tape.
pub fn sides(first: &Outcome, second: &Outcome, most: usize) -> Sides {
    let newest = |outcome: &Outcome, wanted: &dyn Fn(u32) -> bool| -> Vec<Fired> {
        let cards = outcome.fired.iter().rev().filter(|fired| fired.is_card() && wanted(fired.talk));
        cards.take(most).cloned().collect()
    };
    Sides {
        only_first: newest(first, &|talk| !second.has_card(talk)),
        only_second: newest(second, &|talk| !first.has_card(talk)),
        both: newest(second, &|talk| first.has_card(talk)),
    }
}

/// Compares what two versions did on the same tape.
pub fn compare(first: &Outcome, second: &Outcome) -> Compared {
    let both = first.with_cards.iter().filter(|talk| second.has_card(**talk)).count() as u32;
    let [only_first, only_second] = [first, second].map(|outcome| outcome.total.interactions - both);
    Compared { only_first, only_second, both }
}
