//! `cargo xtask soak` and `cargo xtask quiet`: the real browser, for as long as it takes, on its bad and on its quiet
//! days.

use crate::build::{self, Flavour};
use crate::{command, setup, suite};
use anyhow::Result;
use std::path::PathBuf;

/// The arguments of `cargo xtask soak`.
#[derive(clap::Args)]
pub struct SoakOptions {
    /// How long things are killed and faults injected
    #[arg(long, default_value_t = 5)]
    minutes: u32,
    /// What kills, faults and traffic are made from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Rules in place of the two that ship, for the extension and for the oracle
    #[arg(long, value_name = "FILE", conflicts_with = "service")]
    rules: Option<PathBuf>,
    /// The service: contract (the interaction stream), or published (sign-in, polls and agent messages)
    #[arg(long, value_parser = ["contract", "published"])]
    service: Option<String>,
}

/// The arguments of `cargo xtask quiet`.
#[derive(clap::Args)]
pub struct QuietOptions {
    /// How long next to nothing is said
    #[arg(long, default_value_t = 6)]
    minutes: u32,
}

/// Kills worker, watch page and browser while every fault strikes; an error if anything was missed or came twice.
pub fn soak(options: &SoakOptions) -> Result<()> {
    let mut arguments =
        ["--minutes".into(), options.minutes.to_string(), "--seed".into(), options.seed.to_string()].to_vec();
    if let Some(rules) = &options.rules {
        arguments.extend(["--rules".into(), std::path::absolute(rules)?.to_string_lossy().into_owned()]);
    }
    let is_published = options.service.as_deref() == Some("published");
    run(if is_published { "tests/e2e/soak-published.mjs" } else { "tests/e2e/soak.mjs" }, &arguments)
}

/// Streams on which little or nothing is said; an error if a worker dies idle, or a dead stream is not replaced in
/// time.
pub fn quiet(options: &QuietOptions) -> Result<()> {
    run("tests/e2e/quiet.mjs", &["--minutes".to_owned(), options.minutes.to_string()])
}

fn run(script: &str, arguments: &[String]) -> Result<()> {
    let tools = setup::run()?;
    build::extension(&tools, Flavour::Development)?;
    suite::build_simulator()?;
    let mut node = command::command(&tools.node, &[script]);
    suite::browser_environment(&mut node, &tools);
    command::run(node.args(arguments))
}
