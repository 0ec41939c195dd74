//! `cargo xtask demo`: the whole chain, to look at or to be judged by its report.

use crate::build::{self, Flavour};
use crate::{command, setup, suite};
use anyhow::Result;
use std::path::PathBuf;

/// The arguments of `cargo xtask demo`.
#[derive(clap::Args)]
pub struct Options {
    /// Run without a display, for a set time, and report (this is also what happens when there is no display)
    #[arg(long)]
    headless: bool,
    /// How long a run without a display goes on: 30 s, or 150 s at the published service, whose stories take minutes
    #[arg(long)]
    seconds: Option<u32>,
    /// The service: contract (the interaction stream), or published (sign-in, polls and agent messages)
    #[arg(long, default_value = "contract", value_parser = ["contract", "published"], conflicts_with = "rules")]
    service: String,
    /// Events per second that the simulator sends
    #[arg(long, default_value_t = 20)]
    rate: u32,
    /// What the simulator's traffic is made from: the same seed, the same traffic
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Rules in place of the two that ship, for the extension and for the oracle: simulator/rules/rich.json, or any
    /// other
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
}

/// Builds everything and hands over to `tests/e2e/demo.mjs`, which exits with an error if a card was missed or doubled.
pub fn run(options: &Options) -> Result<()> {
    let tools = setup::run()?;
    build::extension(&tools, Flavour::Development)?;
    suite::build_simulator()?;
    let mut node = command::command(&tools.node, &["tests/e2e/demo.mjs"]);
    suite::browser_environment(&mut node, &tools);
    let has_display =
        ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    if options.headless || !has_display {
        node.arg("--headless");
    }
    let seconds = options.seconds.unwrap_or(if options.service == "published" { 150 } else { 30 });
    node.arg("--service").arg(&options.service);
    for (name, value) in
        [("--seconds", u64::from(seconds)), ("--rate", u64::from(options.rate)), ("--seed", options.seed)]
    {
        node.arg(name).arg(value.to_string());
    }
    if let Some(rules) = &options.rules {
        node.arg("--rules").arg(std::path::absolute(rules)?);
    }
    command::run(&mut node)
}
