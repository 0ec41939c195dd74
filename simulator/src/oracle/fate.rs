//! How a connection ended, and what became of a card.

/// How a stream connection ended, as far as it says what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The client answered our close: it read everything before it.
    Clean,
    /// Anything else: reset, end of stream, or the client closed first.
    Abnormal,
}

/// The fate of a card that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// A card that was not there before.
    First,
    /// Its `cardId` was known; no second card was made.
    Repeat,
    /// Its `cardId` was known, and this server made a second card all the same.
    SecondCard,
}
