//! The service that NICE publishes, as `--service published` speaks it: discovery, sign-in, polls and agent messages.
//!
//! Everything here follows the public descriptions. Where those leave a behaviour open, [`switches`] has a row for it,
//! because a test must not turn a guess into a fact. [`identity`] knows who signed in and [`people`] what each may do.

pub mod identity;
pub mod options;
pub mod people;
pub mod switches;
pub mod time;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::options::Options;
use identity::Identity;
use options::PublishedOptions;
use switches::Switches;

/// How long what is given out lives, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Lifetimes {
    /// Access tokens.
    pub access_seconds: u64,
    /// Refresh tokens.
    pub refresh_seconds: u64,
    /// Authorization codes.
    pub code_seconds: u64,
}

/// Everything that only the published service has.
#[derive(Debug)]
pub struct Published {
    /// How it was started.
    pub options: PublishedOptions,
    /// What is open in the descriptions, and how this tenant has it.
    pub switches: Mutex<Switches>,
    /// How long what is given out from now on lives.
    pub lifetimes: Mutex<Lifetimes>,
    /// Who signed in, and which tokens are good.
    pub identity: Mutex<Identity>,
}

impl Published {
    /// A tenant that nobody has signed in to.
    ///
    /// # Errors
    /// What is wrong with a switch.
    pub fn new(options: &Options) -> Result<Self, String> {
        let access_seconds = options.access.token_seconds;
        let options = &options.published;
        let mut switches = options.switches_seed.map_or_else(Switches::default, Switches::at_random);
        for setting in &options.switches {
            switches.set_text(setting)?;
        }
        Ok(Self {
            options: options.clone(),
            switches: Mutex::new(switches),
            lifetimes: Mutex::new(Lifetimes {
                access_seconds,
                refresh_seconds: options.refresh_seconds,
                code_seconds: options.code_seconds,
            }),
            identity: Mutex::default(),
        })
    }

    /// How long what is given out now lives.
    pub fn lifetimes(&self) -> Lifetimes {
        *self.lifetimes.lock()
    }

    /// The switches as they stand now.
    pub fn switches(&self) -> Switches {
        *self.switches.lock()
    }
}
