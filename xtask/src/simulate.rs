//! `cargo xtask simulate`: the deterministic simulation of bad days, and the suite that runs it.

use crate::command;
use crate::suite::verdict::Verdict;
use anyhow::Result;
use std::process::Command;

/// The suite: the first seeds, and every effect boundary.
const SUITE_SCHEDULES: usize = 200_000;

/// The arguments of `cargo xtask simulate`: all of it goes to the simulation, which explains it.
#[derive(clap::Args)]
pub struct Options {
    /// `--schedules N --seed S`, `--seed S --trace`, `--crash-points`, `--teeth [NAME]`, `--refresh-teeth`, `--hash` or
    /// `--check-hash`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTION")]
    options: Vec<String>,
}

/// Runs the simulation as asked.
pub fn run(options: &Options) -> Result<()> {
    command::run(simulation().args(&options.options))
}

/// The simulation as a suite.
pub fn suite() -> Result<Verdict> {
    let schedules = SUITE_SCHEDULES.to_string();
    let many = command::show(simulation().args(["--seed", "0", "--schedules", &schedules]))?;
    let same = command::show(simulation().arg("--check-hash"))?;
    let cuts = command::show(simulation().arg("--crash-points"))?;
    let ran = Verdict::of(&many, &[&format!("{schedules} schedules in")]);
    Ok(ran.and(Verdict::of(&same, &["hash of"])).and(Verdict::of(&cuts, &["crash points:"])))
}

fn simulation() -> Command {
    command::cargo(&["run", "--release", "--locked", "--quiet", "--package", "cuewire-simulation", "--"])
}
