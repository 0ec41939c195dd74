//! The faults of a request, and how long each stays.

use crate::dice::Dice;

/// The purpose of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Discovery,
    Token,
    Time,
    Skills,
    Contacts,
    Cases,
    Texts,
    Agents,
    /// A message is posted.
    Post,
    /// Messages of an agent are read back.
    Look,
    /// A contact's script is signalled.
    Signal,
}

impl Part {
    pub const ALL: [Part; 11] = [
        Part::Discovery,
        Part::Token,
        Part::Time,
        Part::Skills,
        Part::Contacts,
        Part::Cases,
        Part::Texts,
        Part::Agents,
        Part::Post,
        Part::Look,
        Part::Signal,
    ];

    /// Of an address and whether something is posted there; none where the service has nothing there.
    pub fn of(url: &str, is_post: bool) -> Option<Part> {
        let path = url.split('?').next().unwrap_or_default();
        let digital = path.contains("/dfo/");
        Some(match path.rsplit('/').next().unwrap_or_default() {
            "openid-configuration" | "cxone-configuration" => Part::Discovery,
            "token" | "access-key" if is_post => Part::Token,
            "server-time" => Part::Time,
            "activity" => Part::Skills,
            "active" => Part::Contacts,
            "contacts" if digital => Part::Cases,
            "messages" if digital => Part::Texts,
            "messages" if is_post => Part::Post,
            "messages" => Part::Look,
            "agents" => Part::Agents,
            "signal" if is_post => Part::Signal,
            _ => return None,
        })
    }
}

/// The fault in place of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The request does not arrive.
    Lost,
    /// Nothing comes back, whether the request was taken or not.
    Hangs,
    /// The request is taken, and its answer is lost.
    AnswerLost,
    /// The request is taken, and the answer is an error.
    TakenWith503,
    /// Nothing is taken, and the answer is this status, with `Retry-After` or without.
    Status(u16, Option<u64>),
    /// An empty answer of this status.
    Empty(u16),
    /// A web page.
    Page,
    /// Half of an answer.
    Cut,
}

impl Trouble {
    /// One that this part may have. What nobody could guard against is left out: an empty list of messages where there
    /// are some, a forbidden read-back.
    pub fn draw(dice: &mut Dice, part: Part) -> Trouble {
        let wait = dice.pick(&[None, Some(0), Some(7), Some(30)]);
        match dice.below(14) {
            0 => Trouble::Lost,
            1 => Trouble::Hangs,
            2 | 3 => Trouble::AnswerLost,
            4 | 5 => Trouble::TakenWith503,
            6 => Trouble::Status(401, None),
            7 => Trouble::Status(403, None),
            8 | 9 => Trouble::Status(429, wait),
            10 => Trouble::Status(dice.pick(&[500, 502, 503, 400, 404]), wait),
            11 if part == Part::Look => Trouble::Empty(304),
            11 => Trouble::Empty(dice.pick(&[200, 204, 304])),
            12 => Trouble::Page,
            _ => Trouble::Cut,
        }
    }

    /// Whether the card of a request is given up for it: a person is told.
    pub fn is_final(self, part: Part) -> bool {
        matches!(part, Part::Post | Part::Look) && matches!(self, Trouble::Status(400 | 403 | 404, _))
    }
}

/// A trouble that lasts.
#[derive(Debug, Clone, Copy)]
pub struct Stuck {
    pub part: Part,
    pub trouble: Trouble,
    pub from: u64,
    pub until: u64,
}

impl Stuck {
    pub fn strikes(&self, part: Part, now: u64) -> bool {
        self.part == part && (self.from..self.until).contains(&now)
    }
}
