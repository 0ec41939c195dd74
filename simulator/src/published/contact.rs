//! One contact of the tenant, and the messages of a digital one.

use super::switches::{Switch, Switches};
use crate::clock::SECOND;

/// Microseconds since the simulator started; below zero for what happened before.
pub type At = i64;

/// The first contact's id less one: above what 32 bits hold.
const CONTACT_BASE: u64 = 500_000_000_000;
/// The first case's number less one.
const CASE_BASE: u64 = 200_000;
/// Messages kept of one contact.
const MOST_MESSAGES: usize = 64;
/// A label that is edited changes so long after its message.
const EDITED_AFTER: At = 5 * SECOND as At;
/// What the newest three inbound messages weigh.
const WEIGHTS: [f64; 3] = [0.5, 0.3, 0.2];

/// How a contact talks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// By telephone.
    Phone,
    /// By chat of the old kind.
    Chat,
    /// By a channel of the digital service.
    Digital,
}

impl Media {
    /// NICE's number and name.
    #[must_use]
    pub fn id_and_name(self) -> (u32, &'static str) {
        match self {
            Self::Phone => (4, "Phone Call"),
            Self::Chat => (3, "Chat"),
            Self::Digital => (9, "Digital"),
        }
    }
}

/// The mood of a message, as the digital service labels it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// Glad.
    Positive,
    /// Neither.
    Neutral,
    /// Unhappy.
    Negative,
}

impl Label {
    /// The label of a score of the stream.
    #[must_use]
    pub fn of(score: f64) -> Self {
        match score {
            score if score < -0.33 => Self::Negative,
            score if score > 0.33 => Self::Positive,
            _ => Self::Neutral,
        }
    }

    /// As it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Positive => "positive",
            Self::Neutral => "neutral",
            Self::Negative => "negative",
        }
    }

    fn value(self) -> f64 {
        match self {
            Self::Positive => 1.0,
            Self::Neutral => 0.0,
            Self::Negative => -1.0,
        }
    }
}

/// A message of a digital contact.
#[derive(Debug, Clone)]
pub struct Message {
    /// Counted from 1 within the tenant.
    pub number: u64,
    /// When.
    pub at: At,
    /// The mood of an inbound one; none marks the agent's own.
    pub label: Option<Label>,
}

impl Message {
    /// The label that a client is shown now: it may be missing, and it may have been edited.
    #[must_use]
    pub fn shown(&self, switches: &Switches, now: At) -> Option<Label> {
        if switches.is(Switch::DigitalLabels, "some-missing") && self.number.is_multiple_of(4) {
            return None;
        }
        let edited = switches.is(Switch::EditedLabels, "sometimes")
            && self.number.is_multiple_of(5)
            && now - self.at > EDITED_AFTER;
        // An edit never makes a message negative: nothing that moves would tell a client of it.
        if edited { Some(Label::Neutral) } else { self.label }
    }
}

/// The mood of a customer by three labels, by the two ways to read missing ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// The newest three messages, those without a label left out.
    pub of_newest: Option<f64>,
    /// The newest three that have a label.
    pub of_labelled: Option<f64>,
}

/// One contact.
#[derive(Debug, Clone)]
pub struct Contact {
    /// Counted from 1 in the order of arrival.
    pub number: u64,
    /// When the last message came.
    pub spoke: At,
    /// The id that the interaction has in the stream.
    pub key: String,
    /// Place of its skill.
    pub skill: usize,
    /// How it talks.
    pub media: Media,
    /// When it began.
    pub started: At,
    /// Since when it waits; none once somebody has it.
    pub queued: Option<At>,
    /// Place of its agent.
    pub agent: Option<usize>,
    /// Since when.
    pub agent_since: Option<At>,
    /// When it was over.
    pub ended: Option<At>,
    /// When anything last changed.
    pub changed: At,
    /// When the status last changed.
    pub status_changed: At,
    /// How often it was put on hold.
    pub held: u32,
    /// One agent gave the contact to another.
    pub transferred: bool,
    /// Messages, oldest first.
    pub messages: Vec<Message>,
}

impl Contact {
    /// A contact that begins.
    #[must_use]
    pub fn new(number: u64, key: &str, (skill, media): (usize, Media), at: At) -> Self {
        Self {
            number,
            spoke: at,
            key: key.to_owned(),
            skill,
            media,
            started: at,
            queued: None,
            agent: None,
            agent_since: None,
            ended: None,
            changed: at,
            status_changed: at,
            held: 0,
            transferred: false,
            messages: Vec::new(),
        }
    }

    /// Its id at the API host.
    #[must_use]
    pub fn id(&self) -> u64 {
        CONTACT_BASE + self.number
    }

    /// Its number at the digital service.
    #[must_use]
    pub fn case(&self) -> u64 {
        CASE_BASE + self.number
    }

    /// The number of the contact with this id.
    #[must_use]
    pub fn of_id(id: u64) -> Option<u64> {
        id.checked_sub(CONTACT_BASE)
    }

    /// The number of the contact with this case number.
    #[must_use]
    pub fn of_case(case: u64) -> Option<u64> {
        case.checked_sub(CASE_BASE)
    }

    /// When its row in `contacts/active` last changed.
    #[must_use]
    pub fn row_changed(&self, switches: &Switches) -> At {
        if switches.is(Switch::MessageIsChange, "yes") { self.changed.max(self.spoke) } else { self.changed }
    }

    /// The contact is not over.
    #[must_use]
    pub fn open(&self) -> bool {
        self.ended.is_none()
    }

    /// The contact waits for somebody.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.open() && self.agent.is_none() && self.queued.is_some()
    }

    /// Adds a message.
    pub fn say(&mut self, number: u64, at: At, label: Option<Label>) {
        if self.messages.len() == MOST_MESSAGES {
            self.messages.remove(0);
        }
        self.spoke = self.spoke.max(at);
        self.messages.push(Message { number, at, label });
    }

    /// Inbound messages, newest first.
    pub fn inbound(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter().rev().filter(|message| message.label.is_some())
    }

    /// The mood by the labels of this moment.
    #[must_use]
    pub fn level(&self, switches: &Switches, now: At) -> Level {
        let newest = self.inbound().take(3).map(|message| message.shown(switches, now));
        let labelled = self.inbound().filter_map(|message| message.shown(switches, now)).take(3).map(Some);
        Level { of_newest: mean(newest), of_labelled: mean(labelled) }
    }
}

/// The weighted mean of labels, newest first; what is missing weighs nothing.
fn mean(labels: impl Iterator<Item = Option<Label>>) -> Option<f64> {
    let said = labels.zip(WEIGHTS).filter_map(|(label, weight)| Some((label?.value() * weight, weight)));
    let (sum, weights) = said.fold((0.0, 0.0), |(sum, all), (value, weight)| (sum + value, all + weight));
    (weights > 0.0).then(|| sum / weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(labels: &[Label]) -> Contact {
        let mut contact = Contact::new(1, "a", (0, Media::Digital), 0);
        for (place, label) in labels.iter().enumerate() {
            contact.say(place as u64 + 1, 0, Some(*label));
            contact.say(place as u64 + 101, 0, None);
        }
        contact
    }

    #[test]
    fn the_newest_three_inbound_messages_weigh_a_half_three_and_two_tenths() {
        use Label::{Negative, Neutral, Positive};
        let level = |labels: &[Label]| contact(labels).level(&Switches::default(), 0).of_newest;
        assert_eq!(level(&[]), None);
        assert_eq!(level(&[Negative]), Some(-1.0));
        assert_eq!(level(&[Positive, Neutral, Neutral, Negative]), Some(-0.5));
        assert_eq!(level(&[Neutral, Negative, Negative]), Some(-0.8));
        assert_eq!(level(&[Negative, Positive]), Some((0.5 - 0.3) / 0.8));
    }

    #[test]
    fn a_missing_label_is_no_data_by_either_reading() {
        let mut switches = Switches::default();
        switches.set("digital-labels", "some-missing").expect("set");
        let contact = contact(&[Label::Negative, Label::Negative, Label::Negative, Label::Positive]);
        let level = contact.level(&switches, 0);
        assert_eq!((level.of_newest, level.of_labelled), (Some(-1.0), Some(-1.0)), "the fourth has none");
    }

    #[test]
    fn ids_are_above_what_32_bits_hold_and_read_back() {
        let contact = contact(&[]);
        assert!(contact.id() > u64::from(u32::MAX));
        assert_eq!(Contact::of_id(contact.id()), Some(1));
        assert_eq!(Contact::of_case(contact.case()), Some(1));
    }
}
