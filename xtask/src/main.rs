//! `cargo xtask`: one place for every task of the project; continuous integration calls the same commands.
//!
//! | command | what it does |
//! | --- | --- |
//! | `setup` | finds or installs every tool, each at its pinned version; runs by itself before the others |
//! | `build` | writes the unpacked extension to `dist/` |
//! | `demo` | the whole chain in a real browser, against the simulator |
//! | `test` | every suite, with a table of what ran |
//! | `fuzz` | random inputs for everything that reads what others wrote |
//! | `simulate` | bad days by the thousand, each from one seed |
//! | `soak` | the real browser, killed at random while every fault strikes |
//! | `pace` | the real browser beside the plain client, in front of servers that limit, refuse, fail and hang |
//! | `bench` | every figure that Cuewire aims at, in the real browser, as a table and as JSON |
//! | `quiet` | the real browser on a stream that says little, or nothing any more |
//! | `screenshots` | the pictures of the README |

mod bench;
mod build;
mod command;
mod demo;
mod fuzz;
mod pace;
mod screenshots;
mod setup;
mod simulate;
mod soak;
mod suite;
mod workspace;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Every task of the project.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, about)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Find or install every tool that the other tasks need
    Setup,
    /// Write the unpacked extension to dist/chrome-dev (dist/chrome with --release, dist/chrome-asking with --asking)
    Build(build::Options),
    /// Run the whole chain in a real browser against the simulator
    Demo(demo::Options),
    /// Run the test suites and print what ran
    Test(suite::Options),
    /// Feed random inputs to everything that reads what others wrote
    Fuzz(fuzz::Options),
    /// Run the core through bad days, each from one seed: worker, storage, network, server and clock
    Simulate(simulate::Options),
    /// Kill worker, watch page and browser at random while every fault strikes, and let the oracle judge
    Soak(soak::SoakOptions),
    /// Measure the real browser beside a plain client, server by server, and print what each took
    Pace(pace::Options),
    /// Measure every figure that Cuewire aims at in the real browser, and print them side by side
    Bench(bench::Options),
    /// Stream for minutes on which little or nothing is said
    Quiet(soak::QuietOptions),
    /// Take the pictures of the README
    Screenshots(screenshots::Options),
}

fn main() -> ExitCode {
    let result = match Cli::parse().task {
        Task::Setup => setup::run().and_then(|_| setup::fuzzing()).map(drop),
        Task::Build(options) => build::run(&options),
        Task::Demo(options) => demo::run(&options),
        Task::Test(options) => suite::run(&options),
        Task::Fuzz(options) => fuzz::run(&options),
        Task::Simulate(options) => simulate::run(&options),
        Task::Soak(options) => soak::soak(&options),
        Task::Pace(options) => pace::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Quiet(options) => soak::quiet(&options),
        Task::Screenshots(options) => screenshots::run(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
