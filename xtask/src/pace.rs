//! `cargo xtask pace`: Cuewire in the real browser beside the plain client, server by server.

use crate::build::{self, Flavour};
use crate::{command, setup, suite};
use anyhow::Result;
use clap::ValueEnum;
use std::path::PathBuf;

/// Options of `cargo xtask pace`.
#[derive(clap::Args)]
pub struct Options {
    /// Measure these parts and no other
    #[arg(long, value_enum, value_name = "PART")]
    part: Vec<Part>,
    /// Measure only rows whose name contains this
    #[arg(long, default_value = "")]
    only: String,
    /// How many servers are measured at the same time, each with a browser
    #[arg(long, default_value_t = 3)]
    at_once: u32,
    /// Write all figures to this file as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// A part that can be measured alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Part {
    /// A worker that starts with much to remember
    Start,
    /// From an event to its card on the wire
    Latency,
    /// Thousands of cards due at once
    Burst,
    /// Servers that limit, refuse, fail and hang
    Server,
    /// The cost of one event that is due nothing, beside plain JavaScript
    Hot,
}

/// Measures and prints tables; an error if a bound does not hold.
pub fn run(options: &Options) -> Result<()> {
    let tools = setup::run()?;
    build::extension(&tools, Flavour::Development)?;
    let mut node = command::command(&tools.node, &["tests/e2e/bench/pace.mjs", "--only", &options.only]);
    suite::browser_environment(&mut node, &tools);
    node.arg("--at-once").arg(options.at_once.to_string());
    for part in options.part.iter().filter_map(ValueEnum::to_possible_value) {
        node.arg("--part").arg(part.get_name());
    }
    if let Some(json) = &options.json {
        node.arg("--json").arg(json);
    }
    command::run(&mut node)
}
