//! Settings and secrets on their way to the store: stored, refused, or lost with the browser.

use cuewire::pipeline::effect::{CommandId, SecretChange};
use cuewire::pipeline::input::Input;

use crate::plan::MARK;
use crate::tally::{Check, Fault};
use crate::world::World;
use crate::world::event::Event;
use crate::world::storage::SettingsOrder;

impl World {
    /// Settings are on their way.
    pub(crate) fn begin_settings(&mut self, command: u64, settings: Option<String>, secret: SecretChange) {
        if let Some(text) = &settings {
            self.check(Check::SecretKept, !text.contains(MARK), || "a secret in the settings".to_owned());
        }
        let setup = match settings {
            Some(text) => self.worker.setup_of(command).map(|setup| (setup, text)),
            None => None,
        };
        let life = self.worker.life;
        self.storage.orders.push(SettingsOrder { life, command, setup, secret, done: false, lost: false });
        let delay = self.dice.between(1, 30);
        self.after(delay, Event::SettingsStored(self.storage.orders.len() - 1));
    }

    /// Settings are stored; the worker hears of it if it still lives.
    pub(crate) fn settings_stored(&mut self, at: usize) {
        let (life, command) = (self.storage.orders[at].life, self.storage.orders[at].command);
        let refused = self.is_alive(life) && self.strikes(Fault::SettingsRefused);
        let lost = self.storage.orders[at].lost || !self.is_alive(life) && self.dice.chance(500);
        self.storage.orders[at].done = true;
        let setup = self.storage.orders[at].setup.clone();
        if !refused && !lost {
            self.storage.settings = setup.clone();
            match self.storage.orders[at].secret.clone() {
                SecretChange::Keep => {}
                SecretChange::OnDevice(secret) => {
                    self.storage.device_secret = Some(secret.0);
                    self.storage.session_secret = None;
                }
                SecretChange::InSession(secret) => {
                    self.storage.session_secret = Some(secret.0);
                    self.storage.device_secret = None;
                }
                SecretChange::Forget => {
                    self.storage.session_secret = None;
                    self.storage.device_secret = None;
                }
            }
        }
        if self.is_alive(life) {
            if !refused {
                self.note_settings(setup.map(|(setup, _)| setup));
            } else if setup.is_none() {
                self.worker.setup = self.storage.settings.as_ref().map(|(setup, _)| *setup);
            }
            let result = if refused { Err("no".to_owned()) } else { Ok(()) };
            self.feed(Input::SettingsStored(CommandId(command), result));
        }
    }
}
