//! `cargo xtask screenshots`: the pictures of the README, from the real extension on the real simulator.

use crate::build::{self, Flavour};
use crate::{command, setup, suite};
use anyhow::Result;

/// The arguments of `cargo xtask screenshots`.
#[derive(clap::Args)]
pub struct Options {
    /// Where the pictures go, from the repository's root
    #[arg(long, default_value = "docs/screenshots")]
    to: String,
    /// How long the extension streams before it is looked at
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

/// Builds everything and hands over to `tests/e2e/screenshots.mjs`.
pub fn run(options: &Options) -> Result<()> {
    let tools = setup::run()?;
    build::extension(&tools, Flavour::Development)?;
    suite::build_simulator()?;
    let seconds = options.seconds.to_string();
    let mut node =
        command::command(&tools.node, &["tests/e2e/screenshots.mjs", "--to", &options.to, "--seconds", &seconds]);
    suite::browser_environment(&mut node, &tools);
    command::run(&mut node)
}
