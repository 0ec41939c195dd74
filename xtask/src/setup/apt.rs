//! Packages of the system, where it is one of Debian's kind.

use crate::command;
use anyhow::{Context, Result};

/// Installs packages without their recommendations.
pub fn install(packages: &[&str]) -> Result<()> {
    let apt = command::on_path("apt-get").context("there is no apt-get to install it with")?;
    let install = [&["--quiet=2", "--yes", "--no-install-recommends", "install"][..], packages].concat();
    for arguments in [&["--quiet=2", "update"][..], &install] {
        command::run(command::command(&apt, arguments).env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    Ok(())
}
