//! The suites over the JavaScript: checker, linter, units, and the extension in a real browser.

use super::verdict::Verdict;
use crate::build::Flavour;
use crate::setup::Tools;
use crate::{command, workspace};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// `tsc`, as `tsconfig.json` says: the plain JavaScript, checked by its comments.
pub fn types(tools: &Tools) -> Result<Verdict> {
    let transcript =
        command::show(&mut command::command(&tools.tsc, &["--project", "tsconfig.json", "--pretty", "false"]))?;
    Ok(Verdict::check(transcript.success))
}

/// Biome: its lints and its formatting, as `biome.json` says.
pub fn lint(tools: &Tools) -> Result<Verdict> {
    let transcript =
        command::show(&mut command::command(&tools.biome, &["ci", "--error-on-warnings", "--colors=off"]))?;
    Ok(Verdict::of(&transcript, &["Checked "]))
}

/// The end-to-end tests that take longest, and wait most of that time. They are started first; the others fill the
/// gaps.
const LONGEST: [&str; 5] =
    ["stream.test.mjs", "replay.test.mjs", "faults.test.mjs", "answers.test.mjs", "load.test.mjs"];

const MEASURED: &str = "tests/e2e/measured";

/// Units of the shell: `tests/js`.
pub fn units(tools: &Tools) -> Result<Verdict> {
    let mut node = Command::new(&tools.node);
    node.args(["--test", "--test-reporter=spec", "--test-concurrency=1"]);
    node_tests(node, &test_files("tests/js")?)
}

/// `tests/e2e` but for what is measured: several files at once, because most of them wait most of the time.
pub fn end_to_end(tools: &Tools, quick: bool) -> Result<Verdict> {
    let mut files = test_files("tests/e2e")?;
    files.retain(|file| !file.starts_with(workspace::path(MEASURED)));
    files.sort_by_key(|file| LONGEST.iter().position(|name| file.ends_with(name)).unwrap_or(LONGEST.len()));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    in_browsers(tools, quick, &files, 3 * cores)
}

/// Measured suites, one file after another, so that the figures are the product's and not the crowd's.
pub fn measured(tools: &Tools, quick: bool) -> Result<Verdict> {
    in_browsers(tools, quick, &test_files(MEASURED)?, 1)
}

fn in_browsers(tools: &Tools, quick: bool, files: &[PathBuf], at_once: usize) -> Result<Verdict> {
    let mut node = Command::new(&tools.node);
    browser_environment(&mut node, tools);
    if quick {
        node.env("CUEWIRE_E2E_QUICK", "1");
    }
    node.arg("tests/e2e/run.mjs").arg(format!("--at-once={at_once}"));
    node_tests(node, files)
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

fn node_tests(mut node: Command, files: &[PathBuf]) -> Result<Verdict> {
    if files.is_empty() {
        bail!("there is no test file");
    }
    node.current_dir(workspace::root()).args(files);
    // Colours would stand before the closing lines.
    node.env_remove("FORCE_COLOR").env("NO_COLOR", "1");
    Ok(Verdict::of(&command::show(&mut node)?, &["ℹ tests ", "ℹ pass ", "ℹ fail ", "ℹ skipped "]))
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
