//! The events that may happen, and when the schedule begins.

/// Wall-clock time as the schedule begins: 2026-02-17T09:30:00Z.
pub const EPOCH: u64 = 1_771_320_600_000;

/// Something that is going to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// The alarm rings; the number says which setting of it.
    Alarm(u32),
    /// Something starts the worker.
    Wake,
    /// The worker of this life has read what is stored.
    Loaded(u32),
    /// The worker of this life has read a piece of what fired.
    Recalled(usize),
    /// The timer of the worker of this life, by the number of times that it was armed.
    Timer(u32, u32),
    /// The browser looks whether the worker of this life is idle.
    Idle(u32),
    /// The storage settles this commit.
    Durable(u64),
    /// The worker hears what became of this commit.
    CommitAnswer(u64),
    /// The worker of this life hears what is recorded.
    RecordingListed(u32),
    /// Settings are stored, or not.
    SettingsStored(usize),
    /// A request reaches the server.
    Arrives(usize),
    /// A response reaches the worker.
    Responds(usize),
    /// An upgrade reaches the server.
    Upgrades(usize),
    /// A socket opens.
    Opens(usize),
    /// A socket says something.
    Says(usize, usize),
    /// The worker of this life goes on with the frames that waited.
    GoesOn(u32),
    /// A socket closes.
    Closes(usize, u16),
    /// The service has something to say.
    Speaks,
    /// The weather changes, maybe.
    Weather,
    /// A person does something.
    Acts(usize),
    /// The journal of a newer version is ours again.
    Older,
    /// A step of the script.
    Steps(usize),
    /// Hundreds of interactions qualify.
    Crowds,
    /// Time is looked at.
    Judges,
    /// The computer wakes up.
    Awakes,
    /// All faults stop.
    Heals,
    /// Has everything settled?
    Looks,
}

impl Event {
    /// Whether it needs a computer that is awake.
    pub fn is_local(self) -> bool {
        use Event::*;
        matches!(
            self,
            Alarm(_)
                | Wake
                | Loaded(_)
                | Recalled(_)
                | Timer(..)
                | Idle(_)
                | Durable(_)
                | CommitAnswer(_)
                | SettingsStored(_)
        ) || matches!(self, Responds(_) | Opens(_) | Says(..) | Closes(..) | Acts(_) | Looks)
    }
}
