//! `cargo xtask bench`: every figure that Cuewire aims at, in the real browser, side by side in one run.

use crate::build::{self, Flavour};
use crate::{command, setup, suite};
use anyhow::Result;
use std::path::PathBuf;

/// Options of `cargo xtask bench`.
#[derive(clap::Args)]
pub struct Options {
    /// Fewer runs, less remembered and a shorter silence: for continuous integration
    #[arg(long)]
    quick: bool,
    /// Measure only parts whose name contains this: size, ready, hot path, throughput, rules, start, popup, log, idle
    #[arg(long, default_value = "")]
    only: String,
    /// Write every run to this file as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Measures and prints a table; an error if a figure could not be measured.
pub fn run(options: &Options) -> Result<()> {
    let tools = setup::run()?;
    build::extension(&tools, Flavour::Development)?;
    let mut node = command::command(&tools.node, &["tests/e2e/bench/bench.mjs", "--only", &options.only]);
    suite::browser_environment(&mut node, &tools);
    if options.quick {
        node.arg("--quick");
    }
    if let Some(json) = &options.json {
        node.arg("--json").arg(json);
    }
    command::run(&mut node)
}
