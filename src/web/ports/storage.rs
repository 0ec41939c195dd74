//! The journal, the settings and the small stores beside them.

use crate::journal::FIRED_PREFIX;
use crate::model::ask::{Change, CommitId};
use crate::model::http::Secret;
use crate::pipeline::effect::{CommandId, RecallId, SecretChange};
use crate::pipeline::input::Input;
use crate::recording::{Chunk, Key};
use crate::shell::ports::{Recording, Storage};
use crate::web::driver::Driver;
use crate::web::error;
use crate::web::host::change;
use crate::web::host::json::shared;
use crate::web::host::stored::pairs;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

impl Recording for &Driver {
    fn record(&mut self, chunk: Chunk) {
        let Chunk { key, bytes } = chunk;
        let stored = self.host.record(&key.to_string(), &bytes);
        self.after(JsFuture::from(stored), move |driver, result| {
            driver.happen(Input::Recorded(key, result.is_ok()));
        });
    }

    fn forget_recording(&mut self, through: Option<Key>) {
        self.host.forget_recording(through.map(|key| key.to_string()));
    }

    fn list_recording(&mut self) {
        let listed = self.host.list_recording();
        self.after(JsFuture::from(listed), |driver, result| {
            let keys = result.map(|keys| js_sys::Array::from(&keys).iter().filter_map(|key| key.as_string()).collect());
            driver.happen(Input::RecordingListed(keys.unwrap_or_default()));
        });
    }
}

impl Storage for &Driver {
    fn commit(&mut self, id: CommitId, changes: Vec<Change>) {
        let written = self.host.commit(changes.iter().map(change::shared).collect());
        self.after(JsFuture::from(written), move |driver, result| {
            driver.happen(match result {
                Ok(_) => Input::Committed(id),
                Err(thrown) => Input::CommitFailed(id, error::commit_failure(&thrown)),
            });
        });
    }

    fn read_history(&mut self, id: CommandId, before: Option<String>, limit: u32) {
        let read = self.host.read_history(before, limit);
        self.after(JsFuture::from(read), move |driver, result| {
            driver.happen(Input::HistoryRead(id, records_of(result)));
        });
    }

    fn recall(&mut self, id: RecallId, after: String, limit: u32) {
        let read = self.host.recall(FIRED_PREFIX, &after, limit);
        self.after(JsFuture::from(read), move |driver, result| {
            driver.happen(Input::Recalled(id, records_of(result)));
        });
    }

    fn reopen_storage(&mut self) {
        self.host.reopen_storage();
    }

    fn delete_storage(&mut self) {
        self.host.delete_storage();
    }

    fn store_marker(&mut self) {
        self.host.store_marker();
    }

    fn store_settings(&mut self, id: CommandId, settings: Option<String>, secret: SecretChange) {
        let stored = self.host.store_settings(settings, shared(&secret.into()));
        self.after(JsFuture::from(stored), move |driver, result| {
            driver.happen(Input::SettingsStored(id, result.map(drop).map_err(|thrown| error::words(&thrown))));
        });
    }

    fn store_token(&mut self, token: Option<Secret>) {
        self.host.store_token(token.map(|token| token.0));
    }

    fn keep_alive(&mut self, vitals: String) {
        self.host.keep_alive(&vitals);
    }
}

/// Records as they were read, or the browser's words.
fn records_of(result: Result<JsValue, JsValue>) -> Result<Vec<(String, String)>, String> {
    let records = result.and_then(|read| pairs(&read).map_err(JsValue::from));
    records.map_err(|thrown| error::words(&thrown))
}
