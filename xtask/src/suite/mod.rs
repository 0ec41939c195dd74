//! `cargo xtask test`: every suite, one after another, and at the end what each of them ran.
//!
//! A suite that fails hides no other's result, and one that ran nothing has failed: nothing was shown to work.

mod count;
mod javascript;
mod report;
mod rust;
pub mod tally;

use crate::build::{self, Flavour};
use crate::setup::{self, Tools};
use crate::simulate;
use anyhow::{Result, bail};
use clap::ValueEnum;
use report::Report;
use std::time::Instant;
use tally::Tally;

pub use javascript::{browser_environment, build_simulator};

/// What `cargo xtask test` takes.
#[derive(clap::Args)]
pub struct Options {
    /// Run these suites and no other
    #[arg(long, value_enum, value_name = "SUITE")]
    only: Vec<Suite>,
    /// Leave these suites out
    #[arg(long, value_enum, value_name = "SUITE")]
    skip: Vec<Suite>,
    /// Shorten the long end-to-end runs (the load and the replay): for the desk, not for a verdict
    #[arg(long)]
    quick: bool,
}

/// What can be run by itself, in the order in which all are run: the quickest to fail come first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Suite {
    /// Rust's formatting
    Format,
    /// The native dependency graph of the core holds no wasm crate
    Graph,
    /// Clippy on everything that runs natively
    Clippy,
    /// Clippy on what runs in the browser
    ClippyWasm,
    /// Native tests of every crate
    Native,
    /// The deterministic simulation: many schedules, and every effect boundary cut
    Simulation,
    /// Rust in a headless browser, by wasm-pack
    Web,
    /// TypeScript's checker over the plain JavaScript
    Types,
    /// Biome over the JavaScript, its formatting included
    Lint,
    /// Units of the JavaScript shell
    Units,
    /// The real extension in a real browser
    E2e,
}

impl Suite {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// Whether it looks at, or loads, what `build` writes.
    fn needs_the_extension(self) -> bool {
        matches!(self, Suite::Types | Suite::Units | Suite::E2e)
    }

    fn run(self, tools: &Tools, options: &Options) -> Result<Tally> {
        match self {
            Suite::Format => rust::format(),
            Suite::Graph => rust::graph(),
            Suite::Clippy => rust::clippy(),
            Suite::ClippyWasm => rust::clippy_wasm(),
            Suite::Native => rust::native(),
            Suite::Simulation => simulate::suite(),
            Suite::Web => rust::web(tools),
            Suite::Types => javascript::types(tools),
            Suite::Lint => javascript::lint(tools),
            Suite::Units => javascript::units(tools),
            Suite::E2e => javascript::end_to_end(tools, options.quick),
        }
    }
}

/// Runs what was asked for and prints the table. An error if anything failed, or ran nothing.
pub fn run(options: &Options) -> Result<()> {
    let tools = setup::run()?;
    let mut report = Report::default();
    // Built once, when the first suite needs it; its failure is theirs.
    let mut built: Option<bool> = None;
    for suite in Suite::value_variants().iter().copied().filter(|suite| options.wants(*suite)) {
        if suite.needs_the_extension() && built.is_none() {
            println!("\n── build ──");
            let flavours = [Flavour::Development, Flavour::Asking];
            let outcome = flavours.into_iter().try_for_each(|flavour| build::extension(&tools, flavour));
            if let Err(error) = &outcome {
                eprintln!("error: {error:#}");
            }
            built = Some(outcome.is_ok());
        }
        println!("\n── {} ──", suite.name());
        let started = Instant::now();
        let outcome = match built {
            Some(false) if suite.needs_the_extension() => Ok(Tally::failure("the extension was not built")),
            _ => suite.run(&tools, options),
        };
        let tally = outcome.unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            Tally::failure("could not be run")
        });
        report.add(suite.name(), tally.or_failure_if_nothing_ran(), started.elapsed());
    }
    println!("\n{report}");
    if report.failed() {
        bail!("not everything passed");
    }
    Ok(())
}

impl Options {
    fn wants(&self, suite: Suite) -> bool {
        (self.only.is_empty() || self.only.contains(&suite)) && !self.skip.contains(&suite)
    }
}
