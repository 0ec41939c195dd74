//! `cuewire-rules`: rule sets on the command line, on the core that ships.
//!
//! | command | what it does |
//! | --- | --- |
//! | `test FILE` | runs the examples that the rules carry |
//! | `replay LOG --rules FILE` | says what would have fired on a recording |
//! | `explain FILE` | reads the rules back as sentences |
//!
//! The program ends with 0 where all is well, 1 where examples differ, and 2 where something cannot be read.

mod examples;
mod recording;
mod replay;
mod zones;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use cuewire::api::{contract, extras};
use cuewire::model::event::Event;
use cuewire::model::event::pointer::Pointer;
use cuewire::rules::text::{self, RuleSet};

/// Test rule sets, try them on a recording, and read them back
#[derive(Parser)]
#[command(name = "cuewire-rules", version, about)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run the examples that the rules carry
    Test {
        /// A rule set (JSON; see extension/rules.schema.json)
        file: PathBuf,
    },
    /// Say what would have fired on a recording
    Replay(replay::Options),
    /// Read the rules back as sentences
    Explain {
        /// A rule set
        file: PathBuf,
    },
}

fn main() -> ExitCode {
    let result = match Cli::parse().task {
        Task::Test { file } => rule_set(&file).map(|rules| examples::run(&rules)),
        Task::Replay(options) => replay::run(&options).map(|()| true),
        Task::Explain { file } => rule_set(&file).map(|rules| {
            explain(&rules);
            true
        }),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Reads a rule set whole, or says each mistake with its place.
fn rule_set(file: &Path) -> Result<RuleSet> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    match text::parse(&text) {
        Ok(rules) => Ok(rules),
        Err(errors) => {
            let lines: Vec<String> = errors.iter().map(|error| format!("\n  {error}")).collect();
            bail!("{} is no rule set:{}", file.display(), lines.concat())
        }
    }
}

/// Reads a message as the stream's reader does.
fn read<'f>(frame: &'f [u8], pointers: &[Pointer]) -> Option<Event<'f>> {
    let event = contract::event::parse(frame).ok()?;
    Some(Event { extra: extras::read(frame, pointers), ..event })
}

fn explain(rules: &RuleSet) {
    for rule in &rules.rules {
        println!("{} ({})\n  {}", rule.name, rule.id, rule.english());
        if !rule.note.is_empty() {
            println!("  Note: {}", rule.note.replace('\n', "\n  "));
        }
    }
}
