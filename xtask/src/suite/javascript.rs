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

/// Units of the shell: `tests/js`.
pub fn units(tools: &Tools) -> Result<Tally> {
    node_tests(Command::new(&tools.node), &test_files("tests/js")?, 1)
}

/// `tests/e2e`: several files at once, for most of them wait most of the time; then those in `measured`, one by one, so that
/// what they measure is the product and not the crowd.
pub fn end_to_end(tools: &Tools, quick: bool) -> Result<Tally> {
    build_simulator()?;
    let (measured, others): (Vec<_>, Vec<_>) =
        test_files("tests/e2e")?.into_iter().partition(|file| file.starts_with(workspace::path("tests/e2e/measured")));
    let run = |files: &[PathBuf], at_once| {
        let mut node = Command::new(&tools.node);
        browser_environment(&mut node, tools);
        if quick {
            node.env("CUEWIRE_E2E_QUICK", "1");
        }
        node_tests(node, files, at_once)
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(run(&others, cores + 1)?.and(run(&measured, 1)?))
}

/// Builds the simulator as it is fast enough for every run.
pub fn build_simulator() -> Result<()> {
    command::run(&mut command::cargo(&["build", "--release", "--locked", "--package", "cxone-simulator"]))
}

/// Tells a node script where the browser, the simulator and the extension are.
pub fn browser_environment(node: &mut Command, tools: &Tools) {
    node.env("CUEWIRE_CHROMIUM", &tools.chromium)
        .env("CUEWIRE_SIMULATOR", workspace::path("target/release/cxone-simulator"))
        .env("CUEWIRE_EXTENSION", Flavour::Development.folder());
}

fn node_tests(mut node: Command, files: &[PathBuf], at_once: usize) -> Result<Tally> {
    if files.is_empty() {
        bail!("there is no test file");
    }
    node.current_dir(workspace::root());
    node.args(["--test", "--test-reporter=spec"]).arg(format!("--test-concurrency={at_once}")).args(files);
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
