//! Chromium and its driver: named by the environment, found on `PATH`, or taken from the system's packages.

use super::{apt, installing, ok};
use crate::command;
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

const ADVICE: &str = "install Chromium and its driver (on Debian: `apt-get install chromium chromium-driver`), or name them \
                      in CUEWIRE_CHROMIUM and CUEWIRE_CHROMEDRIVER";

/// The browser and its driver, in this order.
pub fn find_or_install() -> Result<(PathBuf, PathBuf)> {
    if let Some(found) = find()? {
        return Ok(found);
    }
    installing("chromium", "apt-get install chromium chromium-driver");
    apt::install(&["chromium", "chromium-driver", "fonts-liberation"]).context(ADVICE)?;
    find()?.context(ADVICE)
}

fn find() -> Result<Option<(PathBuf, PathBuf)>> {
    // Chrome itself is not looked for: since version 137 it takes no unpacked extension from the command line.
    let chromium = named_or_on_path("CUEWIRE_CHROMIUM", &["chromium", "chromium-browser"])?;
    let driver = named_or_on_path("CUEWIRE_CHROMEDRIVER", &["chromedriver"])?;
    let (Some(chromium), Some(driver)) = (chromium, driver) else {
        return Ok(None);
    };
    ok("chromium", &chromium.display().to_string());
    ok("chromedriver", &driver.display().to_string());
    Ok(Some((chromium, driver)))
}

fn named_or_on_path(variable: &str, names: &[&str]) -> Result<Option<PathBuf>> {
    match std::env::var_os(variable).map(PathBuf::from) {
        Some(named) if command::is_program(&named) => Ok(Some(named)),
        Some(named) => bail!("{variable} names {}, which is no program", named.display()),
        None => Ok(names.iter().find_map(|name| command::on_path(name))),
    }
}
