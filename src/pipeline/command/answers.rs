//! Answers that wait until what a person asked for is durable.

use crate::journal::Batch;
use crate::model::diagnosis::Diagnosis;
use crate::pipeline::Pipeline;
use crate::pipeline::effect::{CommandId, Effect, Effects};
use crate::views::log::LogPage;
use crate::views::protocol::Reply;

/// A command that is done, and waits for its batch.
#[derive(Debug)]
pub(in crate::pipeline) struct Awaiting {
    id: CommandId,
    batch: Batch,
    reply: Reply,
}

impl Pipeline {
    /// Answers once a batch is durable.
    pub(in crate::pipeline) fn answer_with(
        &mut self,
        id: CommandId,
        batch: Batch,
        reply: Reply,
        effects: &mut Effects,
    ) {
        self.awaiting.push(Awaiting { id, batch, reply });
        self.answer_durable(effects);
    }

    /// Answers what has become durable.
    pub(in crate::pipeline) fn answer_durable(&mut self, effects: &mut Effects) {
        let journal = &self.journal;
        for done in self.awaiting.extract_if(.., |awaiting| journal.is_durable(awaiting.batch)) {
            effects.push(Effect::Reply(done.id, Box::new(done.reply)));
        }
    }

    /// Answers with entries of the activity log. Whoever asked gets them even where nothing else can be read.
    pub(in crate::pipeline) fn history_read(
        &self,
        id: CommandId,
        read: Result<Vec<(String, String)>, String>,
        effects: &mut Effects,
    ) {
        let reply = match read {
            Ok(stored) => Reply::Log(LogPage::read(&stored, self.journal.meta.history_removed)),
            Err(why) => Reply::Failed(why),
        };
        effects.push(Effect::Reply(id, Box::new(reply)));
    }

    /// Answers everyone who waits while storage hangs or refuses: nobody should wait for an answer that may never come.
    pub(in crate::pipeline) fn answer_stuck(&mut self, effects: &mut Effects) {
        if self.journal.is_stuck() {
            self.answer_unstored(Diagnosis::is_about_commits, effects);
        }
    }

    /// Answers everyone who waits that it is not stored, and why.
    pub(in crate::pipeline) fn answer_unstored(&mut self, why: impl Fn(&Diagnosis) -> bool, effects: &mut Effects) {
        if self.awaiting.is_empty() {
            return;
        }
        let Some(trouble) = self.diagnoses.about(why) else { return };
        for Awaiting { id, .. } in self.awaiting.drain(..) {
            effects.push(Effect::Reply(id, Box::new(Reply::NotStored(trouble.clone()))));
        }
    }
}
