//! `cargo xtask soak` and `cargo xtask quiet`: the real browser, for as long as it takes, on its bad and on its quiet days.

use crate::build::{self, Flavour};
use crate::{command, setup, suite};
use anyhow::Result;

/// What `cargo xtask soak` takes.
#[derive(clap::Args)]
pub struct SoakOptions {
    /// How long things are killed and faults injected
    #[arg(long, default_value_t = 5)]
    minutes: u32,
    /// What kills, faults and traffic are made from
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// What `cargo xtask quiet` takes.
#[derive(clap::Args)]
pub struct QuietOptions {
    /// How long next to nothing is said
    #[arg(long, default_value_t = 6)]
    minutes: u32,
}

/// Kills worker, watch page and browser while every fault strikes; an error if anything was missed or came twice.
pub fn soak(options: &SoakOptions) -> Result<()> {
    run("tests/e2e/soak.mjs", &["--minutes", &options.minutes.to_string(), "--seed", &options.seed.to_string()])
}

/// Streams on which little or nothing is said; an error if a worker dies idle, or a dead stream is not replaced in time.
pub fn quiet(options: &QuietOptions) -> Result<()> {
    run("tests/e2e/quiet.mjs", &["--minutes", &options.minutes.to_string()])
}

fn run(script: &str, arguments: &[&str]) -> Result<()> {
    let tools = setup::run()?;
    build::extension(&tools, Flavour::Development)?;
    suite::build_simulator()?;
    let mut node = command::command(&tools.node, &[script]);
    suite::browser_environment(&mut node, &tools);
    command::run(node.args(arguments))
}
