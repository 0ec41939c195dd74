//! The suites over the JavaScript: checker, linter, units, and the extension in a real browser.

use super::count;
use super::tally::Tally;
use crate::build::Flavour;
use crate::setup::Tools;
use crate::{command, workspace};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// `tsc`, as `tsconfig.json` says: the plain JavaScript, checked by its comments.
pub fn types(tools: &Tools) -> Result<Tally> {
    let is_file = |line: &str| line.starts_with('/');
    let errors_only = |line: &str| {
        if !is_file(line) {
            println!("{line}");
        }
    };
    let mut tsc = command::command(&tools.tsc, &["--project", "tsconfig.json", "--listFiles", "--pretty", "false"]);
    let transcript = command::follow(&mut tsc, errors_only)?;
    let own = |line: &&String| is_file(line) && line.ends_with("js") && !line.contains("/node_modules/");
    Ok(Tally::check(transcript.success, transcript.lines.iter().filter(own).count(), "files"))
}

/// Biome: its lints and its formatting, as `biome.json` says.
pub fn lint(tools: &Tools) -> Result<Tally> {
    let transcript =
        command::show(&mut command::command(&tools.biome, &["ci", "--error-on-warnings", "--colors=off"]))?;
    let files = transcript.lines.iter().find_map(|line| line.strip_prefix("Checked ")?.split(' ').next()?.parse().ok());
    Ok(Tally::check(transcript.success, files.unwrap_or(0), "files"))
}

/// The end-to-end tests that take longest, and wait most of that time. They are started first; the others fill the gaps.
const LONGEST: [&str; 5] =
    ["stream.test.mjs", "replay.test.mjs", "faults.test.mjs", "answers.test.mjs", "load.test.mjs"];

/// Units of the shell: `tests/js`.
pub fn units(tools: &Tools) -> Result<Tally> {
    let mut node = Command::new(&tools.node);
    node.args(["--test", "--test-reporter=spec", "--test-concurrency=1"]);
    node_tests(node, &test_files("tests/js")?)
}

/// `tests/e2e`: several files at once, for most of them wait most of the time; then those in `measured`, one by one, so that
/// what they measure is the product and not the crowd.
pub fn end_to_end(tools: &Tools, quick: bool) -> Result<Tally> {
    build_simulator()?;
    let (measured, mut others): (Vec<_>, Vec<_>) =
        test_files("tests/e2e")?.into_iter().partition(|file| file.starts_with(workspace::path("tests/e2e/measured")));
    others.sort_by_key(|file| LONGEST.iter().position(|name| file.ends_with(name)).unwrap_or(LONGEST.len()));
    let run = |files: &[PathBuf], at_once: usize| {
        let mut node = Command::new(&tools.node);
        browser_environment(&mut node, tools);
        if quick {
            node.env("CUEWIRE_E2E_QUICK", "1");
        }
        node.arg("tests/e2e/run.mjs").arg(format!("--at-once={at_once}"));
        node_tests(node, files)
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(run(&others, 2 * cores)?.and(run(&measured, 1)?))
}

/// Builds the simulator as it is fast enough for every run.
pub fn build_simulator() -> Result<()> {
    command::run(&mut command::cargo(&["build", "--release", "--locked", "--package", "cxone-simulator"]))
}

/// Tells a node script where the browser, the simulator and the extension are.
pub fn browser_environment(node: &mut Command, tools: &Tools) {
    node.env("CUEWIRE_CHROMIUM", &tools.chromium)
        .env("CUEWIRE_SIMULATOR", workspace::path("target/release/cxone-simulator"))
        .env("CUEWIRE_EXTENSION", Flavour::Development.folder())
        .env("CUEWIRE_EXTENSION_ASKING", Flavour::Asking.folder());
}

fn node_tests(mut node: Command, files: &[PathBuf]) -> Result<Tally> {
    if files.is_empty() {
        bail!("there is no test file");
    }
    node.current_dir(workspace::root()).args(files);
    // Colours would stand between us and the counts.
    node.env_remove("FORCE_COLOR").env("NO_COLOR", "1");
    let transcript = command::show(&mut node)?;
    Ok(count::node(&transcript.lines).with_exit(transcript.success))
}

fn test_files(folder: &str) -> Result<Vec<PathBuf>> {
    let is_test = |path: &Path| {
        path.file_name().is_some_and(|name| {
            let name = name.to_string_lossy();
            name.ends_with(".test.js") || name.ends_with(".test.mjs")
        })
    };
    workspace::files(folder, is_test)
}
