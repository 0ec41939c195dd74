//! Bugs put in on purpose: each must be caught by a check.
//!
//! A bug is a patch of `teeth/` that `git apply` takes. The line above its diff says what the bug breaks. The patch
//! goes into a copy of the crate, never into the work tree. The copy is built and run, and the seed that catches the
//! bug is printed.

mod refresh;

pub use refresh::refresh;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// A bug that is not caught by so many schedules means a missing check.
const SCHEDULES: &str = "100000";

/// One bug.
struct Tooth {
    name: String,
    breaks: String,
    patch: PathBuf,
}

/// Puts each bug in, or only those whose names hold `only`, and prints a table. Says whether all were caught.
pub fn run(only: Option<&str>) -> io::Result<bool> {
    let root = root()?;
    let copy = std::env::temp_dir().join(format!("cuewire-teeth-{}", std::process::id()));
    copy_crate(&root, &copy)?;
    let mut teeth = read(&folder())?;
    teeth.retain(|tooth| only.is_none_or(|only| tooth.name.contains(only)));
    println!("| bug | what it breaks | caught by | at seed | schedules run |\n| --- | --- | --- | --- | --- |");
    let mut all = true;
    for tooth in &teeth {
        let started = Instant::now();
        let row = bite(tooth, &root, &copy)?;
        all &= row.is_some();
        let row = row.unwrap_or_else(|| "**not caught** | | ".to_owned());
        println!("| {} | {} | {row} |", tooth.name, tooth.breaks);
        eprintln!("{} took {:.0} s", tooth.name, started.elapsed().as_secs_f64());
    }
    fs::remove_dir_all(&copy)?;
    Ok(all && !teeth.is_empty())
}

/// Puts one bug in, builds, runs, and takes it out again.
fn bite(tooth: &Tooth, root: &Path, copy: &Path) -> io::Result<Option<String>> {
    apply(copy, &tooth.patch, &[])?;
    let target = root.join("target/teeth");
    let built = cargo(copy, &target).args(["build", "--release", "--quiet", "-p", "cuewire-simulation"]).output()?;
    if !built.status.success() {
        return Err(io::Error::other(format!("{}: {}", tooth.name, String::from_utf8_lossy(&built.stderr))));
    }
    let ran = Command::new(target.join("release/cuewire-simulation"))
        .args(["--schedules", SCHEDULES, "--seed", "0", "--brief"])
        .output()?;
    apply(copy, &tooth.patch, &["--reverse"])?;
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    let fields: Vec<&str> = said.trim().split('\t').collect();
    Ok(match fields[..] {
        ["caught", check, seed, schedules] => Some(format!("{check} | {seed} | {schedules}")),
        _ if !ran.status.success() => Some("a panic | | ".to_owned()),
        _ => None,
    })
}

/// `git apply` in `folder`, whether that folder is a repository or a copy of one.
fn apply(folder: &Path, patch: &Path, options: &[&str]) -> io::Result<()> {
    said(git(folder).arg("apply").args(options).arg(patch)).map(drop)
}

fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    // A repository around the folder would make git skip every file of the patch without a word.
    git.current_dir(folder).env("GIT_CEILING_DIRECTORIES", folder.parent().unwrap_or(folder));
    git
}

/// The standard output of a program, or its errors where it fails.
fn said(command: &mut Command) -> io::Result<String> {
    let output = command.output()?;
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Quick to build again and again: only the crates that changed, without link-time optimisation.
fn cargo(copy: &Path, target: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(copy)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_PROFILE_RELEASE_LTO", "false")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_INCREMENTAL", "true")
        .env("RUSTFLAGS", "-Awarnings");
    cargo
}

/// Every file that git knows or would add, as it stands in the work tree.
fn copy_crate(root: &Path, copy: &Path) -> io::Result<()> {
    let files = said(git(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
    for file in files.split_terminator('\0').map(Path::new).filter(|file| root.join(file).is_file()) {
        fs::create_dir_all(copy.join(file).parent().unwrap_or(copy))?;
        fs::copy(root.join(file), copy.join(file))?;
    }
    Ok(())
}

fn root() -> io::Result<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("teeth")
}

fn read(folder: &Path) -> io::Result<Vec<Tooth>> {
    patches(folder)?.into_iter().map(tooth).collect()
}

fn tooth(patch: PathBuf) -> io::Result<Tooth> {
    let text = fs::read_to_string(&patch)?;
    let wrong = || io::Error::other(format!("{} does not begin with what it breaks", patch.display()));
    let breaks = text.lines().next().filter(|line| !line.is_empty() && !line.starts_with("diff ")).ok_or_else(wrong)?;
    let name = patch.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Tooth { name, breaks: breaks.to_owned(), patch })
}

fn patches(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|found| found == "patch"));
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Code moves; a bug that no longer fits would be found out only when somebody runs them all.
    #[test]
    fn every_bug_can_still_be_put_in() {
        let (root, teeth) = (root().expect("the repository"), read(&folder()).expect("the folder of teeth"));
        assert!(teeth.len() >= 40, "{} teeth", teeth.len());
        for tooth in &teeth {
            if let Err(why) = apply(&root, &tooth.patch, &["--check"]) {
                panic!("{}: {why}\n`cargo xtask simulate --refresh-teeth` makes it fit again", tooth.name);
            }
        }
    }
}
