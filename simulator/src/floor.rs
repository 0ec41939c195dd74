//! The agents' view: queues with their waits, desks with the interaction each has, and the card that popped up.
//!
//! The stream does not say which agent talks to whom; the desks here give each interaction that is connected to a free
//! agent.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::clock::{Micros, SECOND, millis};
use crate::event::Seen;
use crate::rules::Rules;

/// Names of the first agents.
pub const AGENTS: [&str; 12] = [
    "Amara Osei",
    "Ben Castillo",
    "Chiara Rossi",
    "Dmitri Volkov",
    "Emeka Nwosu",
    "Freya Lindqvist",
    "Grace Kim",
    "Hassan Demir",
    "Ines Moreau",
    "Jonas Weber",
    "Kavya Rao",
    "Liam Byrne",
];
/// How long a card stays up.
const CARD_STAYS: Micros = 20 * SECOND;
/// How long an agent sums up after an interaction.
const AFTER_WORK: Micros = 2 * SECOND;
/// Scores kept of one interaction.
const TRACE: usize = 24;
/// Interactions remembered; beyond this, those unheard of for longest are forgotten.
const MOST_TALKS: usize = 20_000;
/// An interaction that says nothing for so long is gone.
const QUIET: Micros = 900 * SECOND;

#[derive(Debug, Default)]
struct Talk {
    queue: String,
    step: String,
    wait_ms: f64,
    waiting: bool,
    trace: VecDeque<f64>,
    since: Micros,
    heard: Micros,
    ended: Option<Micros>,
}

#[derive(Debug, Default)]
struct Desk {
    interaction: Option<String>,
    card: Option<Shown>,
}

/// A card on a desk.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    n: u64,
    kind: String,
    title: String,
    content: String,
    at_ms: u64,
    #[serde(skip)]
    at: Micros,
}

/// All desks and queues.
#[derive(Debug)]
pub struct Floor {
    rules: Rules,
    talks: HashMap<String, Talk>,
    desks: Vec<Desk>,
    shown: u64,
}

/// The view that a page draws.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct View {
    sentiment_threshold: f64,
    wait_threshold_ms: f64,
    in_progress: usize,
    queues: Vec<QueueView>,
    desks: Vec<DeskView>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct QueueView {
    name: String,
    waiting: u32,
    talking: u32,
    longest_ms: f64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DeskView {
    agent: &'static str,
    interaction: Option<TalkView>,
    card: Option<Shown>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TalkView {
    id: String,
    queue: String,
    step: String,
    wait_ms: f64,
    trace: Vec<f64>,
    for_ms: u64,
}

impl Floor {
    /// Every desk free.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        let desks = AGENTS.iter().map(|_| Desk::default()).collect();
        Self { rules, talks: HashMap::new(), desks, shown: 0 }
    }

    /// An event happened.
    pub fn event(&mut self, event: &Seen, now: Micros) {
        if !self.talks.contains_key(&event.id) {
            self.forget_if_full(now);
            self.talks.insert(event.id.clone(), Talk { since: now, ..Talk::default() });
        }
        let Some(talk) = self.talks.get_mut(&event.id) else { return };
        talk.heard = now;
        if let Some(queue) = &event.queue
            && talk.queue != *queue
        {
            talk.queue.clone_from(queue);
        }
        if let Some(wait) = event.wait_ms {
            talk.wait_ms = wait;
        }
        if let Some(score) = event.score {
            if talk.trace.len() == TRACE {
                talk.trace.pop_front();
            }
            talk.trace.push_back(score);
        }
        let step = event.step.as_deref().unwrap_or_default();
        step.clone_into(&mut talk.step);
        match step {
            "queued" | "waiting" => talk.waiting = true,
            "disposition" => {
                talk.waiting = false;
                talk.ended = Some(now);
                if !self.desks.iter().any(|desk| desk.interaction.as_ref() == Some(&event.id)) {
                    self.talks.remove(&event.id);
                }
            }
            _ => {
                talk.waiting = false;
                self.seat(&event.id, now);
            }
        }
    }

    /// A card came for an interaction: it is put on a desk, if need be on one that shows nothing of note.
    pub fn card(&mut self, interaction: &str, body: &Map<String, Value>, now: Micros) {
        self.shown += 1;
        let text = |field: &str| body.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let card = Shown {
            n: self.shown,
            kind: text("type"),
            title: text("title"),
            content: text("content"),
            at_ms: millis(now),
            at: now,
        };
        let place = self.desk_of(interaction).or_else(|| self.free_desk(now)).unwrap_or_else(|| self.stalest_desk());
        let desk = &mut self.desks[place];
        if desk.interaction.as_deref() != Some(interaction) {
            desk.interaction = Some(interaction.to_owned());
            self.talks.entry(interaction.to_owned()).or_insert_with(|| Talk {
                since: now,
                heard: now,
                ended: Some(now),
                ..Talk::default()
            });
        }
        desk.card = Some(card);
    }

    /// The view of this moment.
    pub fn view(&mut self, now: Micros) -> View {
        self.clear_desks(now);
        let mut queues: BTreeMap<&str, QueueView> = BTreeMap::new();
        for talk in self.talks.values().filter(|talk| talk.ended.is_none() && now.saturating_sub(talk.heard) < QUIET) {
            if talk.queue.is_empty() {
                continue;
            }
            let queue = queues.entry(&talk.queue).or_default();
            if talk.waiting {
                queue.waiting += 1;
                queue.longest_ms = queue.longest_ms.max(talk.wait_ms);
            } else {
                queue.talking += 1;
            }
        }
        View {
            sentiment_threshold: self.rules.sentiment_threshold,
            wait_threshold_ms: self.rules.wait_threshold_ms,
            in_progress: self.talks.values().filter(|talk| talk.ended.is_none()).count(),
            queues: queues.into_iter().map(|(name, queue)| QueueView { name: name.to_owned(), ..queue }).collect(),
            desks: self.desks.iter().zip(AGENTS).map(|(desk, agent)| self.desk_view(desk, agent, now)).collect(),
        }
    }

    fn desk_view(&self, desk: &Desk, agent: &'static str, now: Micros) -> DeskView {
        let interaction = desk.interaction.as_ref().and_then(|id| {
            self.talks.get(id).map(|talk| TalkView {
                id: id.clone(),
                queue: talk.queue.clone(),
                step: talk.step.clone(),
                wait_ms: talk.wait_ms,
                trace: talk.trace.iter().copied().collect(),
                for_ms: millis(now.saturating_sub(talk.since)),
            })
        });
        DeskView { agent, interaction, card: desk.card.clone() }
    }

    fn seat(&mut self, interaction: &str, now: Micros) {
        if self.desk_of(interaction).is_none()
            && let Some(place) = self.free_desk(now)
        {
            self.desks[place].interaction = Some(interaction.to_owned());
        }
    }

    fn desk_of(&self, interaction: &str) -> Option<usize> {
        self.desks.iter().position(|desk| desk.interaction.as_deref() == Some(interaction))
    }

    fn free_desk(&mut self, now: Micros) -> Option<usize> {
        self.clear_desks(now);
        self.desks.iter().position(|desk| desk.interaction.is_none())
    }

    /// The desk to use when none is free: one without a card, else the one whose card is oldest.
    fn stalest_desk(&self) -> usize {
        let age = |desk: &Desk| desk.card.as_ref().map_or(0, |card| card.n);
        (0..self.desks.len()).min_by_key(|place| age(&self.desks[*place])).unwrap_or(0)
    }

    /// Takes down cards that were up long enough, and frees the desks of interactions that are over.
    fn clear_desks(&mut self, now: Micros) {
        for desk in &mut self.desks {
            if desk.card.as_ref().is_some_and(|card| now.saturating_sub(card.at) > CARD_STAYS) {
                desk.card = None;
            }
            let Some(id) = &desk.interaction else { continue };
            let over = match self.talks.get(id) {
                Some(talk) => {
                    talk.ended.is_some_and(|ended| now.saturating_sub(ended) > AFTER_WORK)
                        || now.saturating_sub(talk.heard) > QUIET
                }
                None => true,
            };
            if over && desk.card.is_none() {
                self.talks.remove(id);
                desk.interaction = None;
            }
        }
    }

    fn forget_if_full(&mut self, now: Micros) {
        if self.talks.len() >= MOST_TALKS {
            let mut heard: Vec<Micros> = self.talks.values().map(|talk| talk.heard).collect();
            let middle = heard.len() / 2;
            let limit = *heard.select_nth_unstable(middle).1;
            self.talks.retain(|_, talk| talk.heard > limit && now.saturating_sub(talk.heard) < QUIET);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(json: &str) -> Seen {
        Seen::read(json.as_bytes()).expect("an event")
    }

    fn seated(view: &View) -> Vec<&str> {
        view.desks.iter().filter_map(|desk| desk.interaction.as_ref()).map(|talk| talk.id.as_str()).collect()
    }

    #[test]
    fn an_interaction_waits_in_its_queue_and_then_sits_at_a_desk_until_it_ends() {
        let mut floor = Floor::new(Rules::default());
        floor.event(
            &event(r#"{"id":"a","type":"waiting","routing":{"queueName":"billing","queueWaitTimeMs":30000}}"#),
            0,
        );
        let view = floor.view(0);
        assert_eq!((view.queues[0].waiting, view.queues[0].longest_ms), (1, 30_000.0));
        assert!(seated(&view).is_empty());
        floor.event(&event(r#"{"id":"a","type":"connect","sentiment":{"score":0.5}}"#), SECOND);
        assert_eq!(seated(&floor.view(SECOND)), ["a"]);
        floor.event(&event(r#"{"id":"a","type":"disposition"}"#), 2 * SECOND);
        assert!(seated(&floor.view(9 * SECOND)).is_empty());
    }

    #[test]
    fn a_card_finds_a_desk_even_when_all_are_taken() {
        let mut floor = Floor::new(Rules::default());
        for number in 0..20 {
            floor.event(&event(&format!(r#"{{"id":"i{number}","type":"connect"}}"#)), 0);
        }
        let body = serde_json::from_str(r#"{"type":"warning","title":"t","content":"c"}"#).expect("an object");
        floor.card("i19", &body, SECOND);
        let view = floor.view(SECOND);
        let desk = view.desks.iter().find(|desk| desk.card.is_some()).expect("a card on a desk");
        assert_eq!(desk.interaction.as_ref().map(|talk| talk.id.as_str()), Some("i19"));
        assert!(floor.view(SECOND + CARD_STAYS + 1).desks.iter().all(|desk| desk.card.is_none()));
    }

    #[test]
    fn a_view_may_be_asked_for_a_moment_before_the_last_event() {
        let mut floor = Floor::new(Rules::default());
        floor.event(&event(r#"{"id":"a","type":"connect","routing":{"queueName":"billing"}}"#), SECOND);
        assert_eq!(floor.view(SECOND - 1).queues[0].talking, 1);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut floor = Floor::new(Rules::default());
        for number in 0..MOST_TALKS as u64 + 10 {
            floor.event(&event(&format!(r#"{{"id":"i{number}","type":"queued"}}"#)), number);
        }
        assert!(floor.talks.len() <= MOST_TALKS);
    }
}
