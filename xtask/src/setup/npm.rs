//! Node, and the packages of `package-lock.json`.

use super::{installing, ok};
use crate::{command, workspace};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// The oldest Node that the test runner and the packages work with.
const NODE_MAJOR: u32 = 20;

/// Node itself, which has to be there.
pub fn node() -> Result<PathBuf> {
    let advice = format!("install Node {NODE_MAJOR} or newer, with npm (on Debian: `apt-get install nodejs npm`)");
    let node = command::on_path("node").with_context(|| format!("node is not on PATH: {advice}"))?;
    command::on_path("npm").with_context(|| format!("npm is not on PATH: {advice}"))?;
    let version = command::capture(&mut command::command(&node, &["--version"]))?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < NODE_MAJOR) {
        bail!("node is {}: {advice}", version.trim());
    }
    ok("node", version.trim());
    Ok(node)
}

/// `npm ci`, unless what is installed came from this very lock file.
pub fn packages() -> Result<()> {
    let lock = std::fs::read_to_string(workspace::path("package-lock.json")).context("reading package-lock.json")?;
    let stamp = workspace::path("node_modules/.cuewire-lock");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        ok("npm packages", "as package-lock.json says");
        return Ok(());
    }
    installing("npm packages", "npm ci");
    command::run(&mut command::command("npm", &["ci", "--loglevel=error"]))
        .context("`npm ci` failed: is the npm registry reachable, and does package-lock.json fit package.json?")?;
    std::fs::write(&stamp, lock).context("noting which lock file was installed")
}

/// A program of one of the packages.
pub fn program(name: &str) -> Result<PathBuf> {
    let program = workspace::path("node_modules/.bin").join(name);
    if !command::is_program(&program) {
        bail!("node_modules has no {name}: remove node_modules and run `cargo xtask setup` again");
    }
    ok(name, "from node_modules");
    Ok(program)
}
