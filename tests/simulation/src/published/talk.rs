//! One conversation as it truly is, whatever anybody was told of it.

/// The names by which the service knows a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A contact.
    Voice,
    /// A contact and a case that names the contact.
    Case,
    /// A case that names no contact.
    NamelessCase,
}

/// A conversation. Instants are milliseconds of the world.
#[derive(Debug, Clone)]
pub struct Talk {
    pub id: u64,
    pub kind: Kind,
    /// When its contact began, in a menu.
    pub began: u64,
    /// When it came into the queue.
    pub from: u64,
    /// Who has it, from when.
    pub agents: Vec<(u64, u64)>,
    pub until: u64,
    /// No list has it for a while.
    pub gone: Vec<(u64, u64)>,
    /// A message of the customer, and its label.
    pub says: Vec<(u64, &'static str)>,
}

impl Talk {
    /// As cards name it.
    pub fn name(&self) -> String {
        match self.kind {
            Kind::NamelessCase => format!("digital-{}", self.case()),
            _ => self.id.to_string(),
        }
    }

    /// Whether lists of contacts have it under this number. A nameless case has one that nothing joins with the case.
    pub fn has_number(&self, number: u64) -> bool {
        self.id + if self.kind == Kind::NamelessCase { 1_000 } else { 0 } == number
    }

    /// The number of its case.
    pub fn case(&self) -> String {
        format!("c{}", self.id)
    }

    /// The queue that it is in.
    pub fn skill(&self) -> u64 {
        if self.kind == Kind::Voice { 7 } else { 8 }
    }

    pub fn is_on(&self, now: u64) -> bool {
        (self.from..self.until).contains(&now)
    }

    /// Whether lists have it.
    pub fn is_listed(&self, now: u64) -> bool {
        self.is_on(now) && !self.gone.iter().any(|(from, until)| (*from..*until).contains(&now))
    }

    pub fn agent(&self, now: u64) -> Option<u64> {
        self.agents.iter().rev().find(|(from, _)| *from <= now && self.is_on(now)).map(|(_, agent)| *agent)
    }

    /// Whether an agent had it at any time since.
    pub fn was_with(&self, agent: u64, since: u64, now: u64) -> bool {
        self.agents.iter().enumerate().any(|(place, (from, one))| {
            let until = self.agents.get(place + 1).map_or(self.until, |(next, _)| *next);
            *one == agent && *from <= now && until >= since
        })
    }

    /// When anything of it changed last.
    pub fn changed_at(&self, now: u64) -> u64 {
        let agents = self.agents.iter().map(|(at, _)| *at);
        let gone = self.gone.iter().flat_map(|(from, until)| [*from, *until]);
        agents.chain(gone).chain([self.from, self.until]).filter(|at| *at <= now).max().unwrap_or(self.from)
    }

    /// The messages that the customer wrote until now.
    pub fn said(&self, now: u64) -> impl Iterator<Item = &(u64, &'static str)> {
        self.says.iter().filter(move |(at, _)| *at <= now && self.is_on(*at))
    }

    /// Whether its customer was ever as angry as the rule asks for: by some order in which labels came.
    pub fn was_angry(&self, now: u64) -> bool {
        self.said(now).any(|(_, label)| *label == "negative")
    }
}
