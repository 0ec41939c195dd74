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
    node_tests(Command::new(&tools.node), &test_files("tests/js")?)
}

/// `tests/e2e`: one file at a time, because each measures, and each needs the machine.
pub fn end_to_end(tools: &Tools, quick: bool) -> Result<Tally> {
    let mut node = Command::new(&tools.node);
    browser_environment(&mut node, tools)?;
    if quick {
        node.env("CUEWIRE_E2E_QUICK", "1");
    }
    node_tests(node, &test_files("tests/e2e")?)
}

/// Builds the simulator, and tells a node script where it, the browser and the extension are.
pub fn browser_environment(node: &mut Command, tools: &Tools) -> Result<()> {
    command::run(&mut command::cargo(&["build", "--release", "--locked", "--package", "cxone-simulator"]))?;
    node.env("CUEWIRE_CHROMIUM", &tools.chromium)
        .env("CUEWIRE_SIMULATOR", workspace::path("target/release/cxone-simulator"))
        .env("CUEWIRE_EXTENSION", Flavour::Development.folder());
    Ok(())
}

fn node_tests(mut node: Command, files: &[PathBuf]) -> Result<Tally> {
    if files.is_empty() {
        bail!("there is no test file");
    }
    node.current_dir(workspace::root());
    node.args(["--test", "--test-reporter=spec", "--test-concurrency=1"]).args(files);
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
