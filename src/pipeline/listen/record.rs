//! The recording of what is heard: when it goes on, and what of it is stored or goes.

use crate::model::diagnosis::Diagnosis;
use crate::model::history::{self, GapCause};
use crate::model::time::Millis;
use crate::pipeline::Pipeline;
use crate::pipeline::effect::{Effect, Effects};
use crate::recording::{Keep, Key};
use crate::rules::replay::legend::Legend;
use crate::settings::KeepRecording;
use crate::views::status::RecordingView;

impl Pipeline {
    /// Notes from when to when polls were not answered. That is a gap, and never silence.
    pub(in crate::pipeline) fn note_hearing(&mut self, now: Millis, wall: Millis) {
        if !self.polling.is_on() {
            return;
        }
        match self.polling.note_hearing(now) {
            Err(since) => {
                self.stream.miss(self.clock.to_wall(since).min(wall), GapCause::Silent);
                self.recorder.end(since);
            }
            Ok(true) => {
                if let Some(gap) = self.stream.end_gap(wall) {
                    let until = gap.until.unwrap_or(wall);
                    self.journal.log(&history::Entry::Gap { from: gap.from, until, cause: gap.cause });
                }
            }
            Ok(false) => {}
        }
    }

    /// Stores a chunk that is due. A silent stream that is open counts as heard, and so do polls that are answered.
    pub(in crate::pipeline) fn record(&mut self, now: Millis, effects: &mut Effects) {
        let is_hearing = self.is_hearing(now);
        let recorder = &mut self.recorder;
        match is_hearing {
            true => recorder.begin(now),
            false => recorder.end(now),
        }
        if recorder.is_to_be_forgotten() {
            effects.push(Effect::ForgetRecording(None));
        }
        if recorder.is_to_be_listed() {
            effects.push(Effect::ListRecording);
        }
        let chunks = recorder.take(now);
        if !chunks.is_empty()
            && let Some(last) = recorder.outdated(now)
        {
            effects.push(Effect::ForgetRecording(Some(last)));
        }
        chunks.into_iter().for_each(|chunk| effects.push(Effect::Record(chunk)));
    }

    /// Storage took a piece, or refused it. A refused piece is a gap, and the status says so.
    pub(in crate::pipeline) fn recorded(&mut self, key: Key, is_stored: bool, wall: Millis) {
        if is_stored {
            self.diagnoses.clear(|wrong| *wrong == Diagnosis::RecordingFailing);
        } else {
            self.recorder.lost(key);
            self.diagnoses.raise(wall, Diagnosis::RecordingFailing);
        }
    }

    pub(in crate::pipeline) fn recording_listed(&mut self, keys: &[String]) {
        self.recorder.restore(keys.iter().filter_map(|key| Key::parse(key)));
    }

    pub(in crate::pipeline) fn keep_recording(&mut self, keep: KeepRecording) {
        if keep == KeepRecording::Off {
            self.diagnoses.clear(|wrong| *wrong == Diagnosis::RecordingFailing);
        }
        self.recorder.keep(match keep {
            KeepRecording::Off => Keep::Off,
            KeepRecording::Day => Keep::Day,
            KeepRecording::Week => Keep::Week,
        });
    }

    /// Records the fields that active rules reach by pointer, in shadow mode too. A disabled rule has no field read.
    pub(in crate::pipeline) fn watch_fields(&mut self, keep: KeepRecording) {
        self.legend = match keep {
            KeepRecording::Off => Legend::default(),
            KeepRecording::Day | KeepRecording::Week => Legend::of(self.evaluator.rules()),
        };
        self.recorder.watch(self.legend.words());
    }

    pub(in crate::pipeline) fn recording_view(&self) -> Option<RecordingView> {
        let since = self.clock.to_wall(self.recorder.since()?);
        Some(RecordingView { since, bytes: self.recorder.bytes() })
    }
}
