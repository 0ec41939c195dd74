//! Cards whose contact's script is signalled once they have left: the log says what became of the signal.

use super::Entry;
use crate::journal::Journal;

impl Entry {
    /// The service took the card and says so: a signal follows, whose answer is not known yet. No record holds this,
    /// because the card's record goes.
    pub fn expect_signal(&mut self) {
        self.stored.trigger.signal = Some(0);
    }

    /// Whether a signal belongs to it.
    pub fn has_signal(&self) -> bool {
        self.stored.trigger.signal.is_some()
    }

    /// Logs the status that answered the signal; `None` where none can be sent.
    pub fn note_signal(&mut self, status: Option<u16>, journal: &mut Journal) {
        self.stored.trigger.signal = status;
        self.relog(journal);
    }
}
