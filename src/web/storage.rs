//! The journal, the settings and the small stores beside them.

use crate::model::ask::{Change, CommitId};
use crate::model::http::Secret;
use crate::pipeline::effect::{CommandId, SecretChange};
use crate::pipeline::input::Input;
use crate::shell::ports::Storage;
use crate::web::driver::{Driver, shared};
use crate::web::error;
use crate::web::host::StoredChange;
use wasm_bindgen_futures::JsFuture;

impl Storage for &Driver {
    fn commit(&mut self, id: CommitId, changes: Vec<Change>) {
        let changes = changes.into_iter().map(StoredChange::from).filter_map(|change| shared(&change));
        let written = self.host.commit(changes.collect());
        self.after(JsFuture::from(written), move |driver, result| {
            driver.happen(match result {
                Ok(_) => Input::Committed(id),
                Err(thrown) => Input::CommitFailed(id, error::commit_failure(&thrown)),
            });
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
        let Some(secret) = shared(&secret.into()) else { return };
        let stored = self.host.store_settings(settings, secret);
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
