//! `cargo xtask test`: every suite, and at the end what each runner said.
//!
//! A suite that fails hides no other's result, and one that ran nothing has failed: nothing was shown to work. While
//! browsers wait, the suites that need only the processor run beside them and yield to them.

mod javascript;
mod ratchet;
mod relay;
mod report;
mod rust;
pub mod verdict;

use crate::build::{self, Flavour};
use crate::setup::{self, Tools};
use crate::{command, simulate};
use anyhow::{Result, bail};
use clap::ValueEnum;
use report::Report;
use std::time::{Duration, Instant};
use verdict::Verdict;

pub use javascript::{browser_environment, build_simulator};

/// The arguments of `cargo xtask test`.
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

/// The suites, each of which can be run by itself.
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
    /// What may not grow: the WebAssembly, its crates, and what an event allocates that is due nothing
    Ratchet,
    /// The real extension in a real browser
    E2e,
    /// What is measured in a real browser, with nothing beside it
    Measured,
}

/// When a suite runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the others, because it is the quickest to fail.
    First,
    /// While browsers wait.
    Beside,
    /// In browsers, several at once.
    Browser,
    /// By itself.
    Last,
}

impl Suite {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    fn place(self) -> Place {
        match self {
            Suite::Format | Suite::Graph | Suite::Clippy | Suite::ClippyWasm | Suite::Lint => Place::First,
            Suite::Native | Suite::Simulation | Suite::Web | Suite::Types | Suite::Units | Suite::Ratchet => {
                Place::Beside
            }
            Suite::E2e => Place::Browser,
            Suite::Measured => Place::Last,
        }
    }

    /// Whether it looks at, or loads, what `build` writes.
    fn needs_the_extension(self) -> bool {
        matches!(self, Suite::Types | Suite::Units | Suite::Ratchet | Suite::E2e | Suite::Measured)
    }

    fn runs_the_simulator(self) -> bool {
        matches!(self, Suite::E2e | Suite::Measured)
    }

    fn run(self, tools: &Tools, options: &Options) -> Result<Verdict> {
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
            Suite::Ratchet => ratchet::run(),
            Suite::E2e => javascript::end_to_end(tools, options.quick),
            Suite::Measured => javascript::measured(tools, options.quick),
        }
    }
}

/// Runs what was asked for and prints the table. An error if anything failed, or ran nothing.
pub fn run(options: &Options) -> Result<()> {
    let tools = setup::run()?;
    let wanted: Vec<Suite> = Suite::value_variants().iter().copied().filter(|suite| options.wants(*suite)).collect();
    let mut session = Session { tools, options, is_built: true };
    let at = |place: Place| wanted.iter().copied().filter(move |suite| suite.place() == place);
    let mut rows: Vec<Row> = at(Place::First).map(|suite| session.run(suite)).collect();
    if wanted.iter().any(|suite| suite.needs_the_extension()) {
        session.is_built = build(&session.tools, &wanted);
    }
    if at(Place::Browser).next().is_some() {
        std::thread::scope(|scope| {
            let beside =
                scope.spawn(|| command::beside(|| at(Place::Beside).map(|suite| session.run(suite)).collect()));
            rows.extend(at(Place::Browser).map(|suite| session.run(suite)));
            let (more, said): (Vec<Row>, String) =
                beside.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            println!("{said}");
            rows.extend(more);
        });
    } else {
        rows.extend(at(Place::Beside).map(|suite| session.run(suite)));
    }
    rows.extend(at(Place::Last).map(|suite| session.run(suite)));
    let mut report = Report::default();
    rows.into_iter().for_each(|(suite, verdict, took)| report.add(suite, verdict, took));
    println!("\n{report}");
    if report.failed() {
        bail!("not everything passed");
    }
    Ok(())
}

/// Builds what several suites look at or load, once. A failure is said here and is a failure of those suites.
fn build(tools: &Tools, wanted: &[Suite]) -> bool {
    println!("\n── build ──");
    let mut flavours = [Flavour::Development, Flavour::Asking].into_iter();
    let mut outcome = flavours.try_for_each(|flavour| build::extension(tools, flavour));
    if outcome.is_ok() && wanted.iter().any(|suite| suite.runs_the_simulator()) {
        outcome = build_simulator();
    }
    if let Err(error) = &outcome {
        eprintln!("error: {error:#}");
    }
    outcome.is_ok()
}

type Row = (Suite, Verdict, Duration);

/// The state that every suite of one run shares.
struct Session<'a> {
    tools: Tools,
    options: &'a Options,
    is_built: bool,
}

impl Session<'_> {
    fn run(&self, suite: Suite) -> Row {
        command::say(&format!("\n── {} ──", suite.name()));
        let started = Instant::now();
        let outcome = match suite.needs_the_extension() && !self.is_built {
            true => Ok(Verdict::failure("the extension was not built")),
            false => suite.run(&self.tools, self.options),
        };
        let verdict = outcome.unwrap_or_else(|error| {
            command::say(&format!("error: {error:#}"));
            Verdict::failure("could not be run")
        });
        (suite, verdict, started.elapsed())
    }
}

impl Options {
    fn wants(&self, suite: Suite) -> bool {
        (self.only.is_empty() || self.only.contains(&suite)) && !self.skip.contains(&suite)
    }
}
