//! What a person wants, and what a script lets happen.

use cuewire::delivery::outbox::CardName;

/// A wish of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Save one of the setups.
    Save(usize),
    /// Save one of the setups, without its secret.
    SaveBare(usize),
    /// Test one of the setups, without its secret.
    TestBare(usize),
    /// Pause for so many minutes: everything, or one rule.
    Pause(Option<u32>, Option<usize>),
    /// End a pause.
    Resume(Option<usize>),
    /// Try cards again.
    TryAgain(Option<CardName>),
    /// Drop a card, or all that are given up.
    Drop(Option<CardName>),
    /// Remove everything.
    Clear,
    /// Look at the dashboard.
    Look,
}

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// An interaction, by its number, comes to qualify.
    Plea(usize),
    /// A person wants something.
    Want(Wish),
    /// Every record whose key starts so is damaged, and the worker starts anew.
    Damage(&'static str),
    /// The journal is emptied, and the worker starts anew.
    Empty,
    /// There is only so much room left.
    Full(usize),
    /// There is room again.
    Room,
    /// The worker starts anew.
    Restart,
    /// The records are as version 1 wrote them, and the worker starts anew.
    Old,
    /// An interaction of the other organisation, with the same id, comes to qualify.
    Twin(usize),
    /// The socket closes.
    Drop,
}
