//! The simulation's own knowledge of a card, a hold, and an interaction that was heard.

/// The status of a request that the browser did not let out.
pub const UNSENT: u16 = 999;

/// How a card is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Open,
    GivenUp,
}

/// One card, from the outside.
#[derive(Debug)]
pub struct Card {
    pub interaction: usize,
    pub rule: usize,
    /// Whose it is.
    pub host: usize,
    /// Its number in the outbox, as last written.
    pub sequence: u64,
    /// The same, as it is durable.
    pub durable_sequence: u64,
    /// Its place among all acceptances that were written, durable or not.
    pub place: u64,
    /// Its failed tries and the earliest next one, as they are durable.
    pub durable_tries: u32,
    pub durable_not_before: u64,
    /// When that one may have been accepted at the earliest.
    pub durable_due_at: u64,
    /// As it is durable.
    pub form: Option<Form>,
    /// The card has a record, as last written, durable or not.
    pub written: bool,
    /// As it was last written, durable or not.
    pub given_up: bool,
    pub accepted_at: u64,
    /// When it may have been accepted at the earliest: it is written later than it is heard.
    pub due_at: u64,
    /// When a person last asked for it again.
    pub again_at: u64,
    /// The life that was told it is delivered, and has not made that durable.
    pub delivered_in: Option<u32>,
    /// Answers to acceptances that never closed it.
    pub lost: u32,
    /// A person dropped it.
    pub dropped: bool,
    /// Statuses heard of it, by kind.
    pub forbidden: bool,
    pub refused: Option<u16>,
    pub failures: u32,
    /// Failures heard in this life, and the earliest next try in perceived time.
    pub failed_here: u32,
    pub not_before: u64,
    pub tries: Vec<u64>,
    /// The card may come due once more under the same rule, because its record was damaged.
    pub may_return: bool,
    /// A rule of this interaction fired, known to the present worker or durable.
    pub fired: bool,
    pub fired_durable: bool,
    /// The server answered it, or has it for all that is known; and whether that is durable.
    pub reached: bool,
    pub durable_reached: bool,
    /// The card expired before any server had it, so its interaction may be due again.
    pub unreached: bool,
    /// The same before the newest acceptance, while that one is not durable: it ends with its worker.
    pub unreached_before: Option<bool>,
    /// Which queue it names.
    pub queue: Option<usize>,
    /// The server has taken it.
    pub served: bool,
    /// The willing time of its server when the card was durable.
    pub willing_from: u64,
}

/// A wait that a server asked for.
#[derive(Debug)]
pub struct Hold {
    pub host: usize,
    pub until: u64,
    pub durable: bool,
    /// A batch was asked for that holds it.
    pub asked: bool,
    pub serial: Option<u64>,
}

/// When an interaction was last heard by a worker, and what of that is durable.
#[derive(Debug, Clone, Copy, Default)]
pub struct Heard {
    pub at: u64,
    /// The newest record of the card, and when that state was first written.
    pub seen: (u64, u64),
    pub written: u64,
    pub durable_seen: u64,
    /// The record but for the instant and the checksum, as one number.
    pub rules: u64,
    /// The queue it named last, as this worker heard.
    pub queue: Option<usize>,
}
