//! Other programs: run, capture, or show and capture at once, with errors that say what was run.

use crate::workspace;
use anyhow::{Context, Result, bail};
use std::cell::RefCell;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The output of a program that was shown and captured.
pub struct Transcript {
    /// Whether it exited with 0.
    pub success: bool,
    /// The lines that the program wrote.
    pub lines: Vec<String>,
}

/// A program to be run in the repository's root.
pub fn command(program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(workspace::root());
    // Built files are looked for in this repository's `target`: a folder set for all projects would hide it.
    command.env_remove("CARGO_TARGET_DIR").env_remove("CARGO_BUILD_TARGET_DIR");
    command
}

/// Cargo, the one that runs this task.
pub fn cargo(arguments: &[&str]) -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), arguments)
}

/// Runs to the end, output shown; an error unless it exits with 0.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("starting {}", shown(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs to the end and gives its standard output; an error unless it exits with 0.
pub fn capture(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("starting {}", shown(command)))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("{} ended with {}: {}", shown(command), output.status, errors.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs to the end; what it writes, errors included, is shown as it comes and kept.
pub fn show(command: &mut Command) -> Result<Transcript> {
    follow(command, say)
}

/// Runs to the end; what it writes is handed over line by line and kept.
pub fn follow(command: &mut Command, mut heard: impl FnMut(&str)) -> Result<Transcript> {
    let what = shown(command);
    let yields = KEPT.with_borrow(Option::is_some);
    let mut command = if yields { yielding(command) } else { same(command, command.get_program(), &[]) };
    let (reader, writer) = std::io::pipe().context("making a pipe")?;
    command.stdout(writer.try_clone().context("sharing a pipe")?).stderr(writer);
    let mut child = command.spawn().with_context(|| format!("starting {what}"))?;
    // The command holds the pipe open; otherwise the lines below never end.
    drop(command);
    let mut lines = Vec::new();
    for line in BufReader::new(reader).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        heard(&line);
        lines.push(line);
    }
    let success = child.wait().with_context(|| format!("waiting for {what}"))?.success();
    Ok(Transcript { success, lines })
}

thread_local! {
    /// The output that this thread would have shown, where it works beside another that shows.
    static KEPT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Does a task beside another: its programs yield to all others, and what it says comes back in one piece.
pub fn beside<T>(task: impl FnOnce() -> T) -> (T, String) {
    KEPT.set(Some(String::new()));
    let result = task();
    (result, KEPT.take().unwrap_or_default())
}

/// Shows a line.
pub fn say(line: &str) {
    KEPT.with_borrow_mut(|kept| match kept {
        Some(kept) => {
            kept.push_str(line);
            kept.push('\n');
        }
        None => println!("{line}"),
    });
}

/// The same program, which takes the processor only when nobody else wants it.
fn yielding(command: &Command) -> Command {
    same(command, OsStr::new("nice"), &[OsStr::new("-n"), OsStr::new("19"), command.get_program()])
}

fn same(command: &Command, program: &OsStr, before: &[&OsStr]) -> Command {
    let mut same = Command::new(program);
    same.args(before).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => same.env(name, value),
            None => same.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        same.current_dir(folder);
    }
    same
}

/// The full path of a program that is on `PATH`.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|candidate| is_program(candidate))
}

/// `PATH` with `folders` before everything else.
pub fn path_with(folders: &[&Path]) -> std::ffi::OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = folders.iter().map(|folder| folder.to_path_buf()).chain(std::env::split_paths(&path));
    std::env::join_paths(all).unwrap_or(path)
}

/// Whether there is something at this path that can be run.
pub fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

fn shown(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(name).chain(command.get_args());
    format!("`{}`", words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_what_was_run() {
        let error = run(&mut command("sh", &["-c", "exit 3"])).expect_err("it exits with 3");
        assert!(error.to_string().contains("sh -c exit 3"), "{error}");
    }

    #[test]
    fn what_is_shown_is_also_kept() {
        let transcript = show(&mut command("sh", &["-c", "printf 'one\\ntwo\\n'"])).expect("sh runs");
        assert!(transcript.success);
        assert_eq!(transcript.lines, ["one", "two"]);
    }

    #[test]
    fn what_runs_beside_is_kept_with_its_errors() {
        let (transcript, said) = beside(|| show(command("sh", &["-c", "echo $A; echo two >&2; nice"]).env("A", "one")));
        assert_eq!(transcript.expect("sh runs").lines, ["one", "two", "19"]);
        assert_eq!(said, "one\ntwo\n19\n");
    }

    #[test]
    fn programs_are_found_on_the_path() {
        assert!(on_path("sh").is_some_and(|sh| sh.is_absolute()));
        assert_eq!(on_path("no-such-program-anywhere"), None);
    }
}
