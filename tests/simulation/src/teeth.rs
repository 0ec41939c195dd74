//! Bugs put in on purpose: each must be caught by a check.
//!
//! A tooth is a text of find and replace. It is put into a copy of the crate, never into the work tree; the copy is built
//! and run, and the seed that catches it is told.

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
    edits: Vec<(String, String, String)>,
}

/// Puts each bug in, or only those whose names hold `only`, and prints a table. Says whether all were caught.
pub fn run(only: Option<&str>) -> io::Result<bool> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = home.join("../..").canonicalize()?;
    let copy = std::env::temp_dir().join(format!("cuewire-teeth-{}", std::process::id()));
    copy_crate(&root, &copy)?;
    let mut teeth = read(&home.join("teeth"))?;
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
    let mut before = Vec::new();
    for (file, find, replace) in &tooth.edits {
        let path = copy.join(file);
        let text = fs::read_to_string(&path)?;
        fs::write(&path, fitted(tooth, file, &text, find, replace)?)?;
        before.push((path, text));
    }
    let target = root.join("target/teeth");
    let built = cargo(copy, &target).args(["build", "--release", "--quiet", "-p", "cuewire-simulation"]).output()?;
    let row = if built.status.success() {
        let ran = Command::new(target.join("release/cuewire-simulation"))
            .args(["--schedules", SCHEDULES, "--seed", "0", "--brief"])
            .output()?;
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        let fields: Vec<&str> = said.trim().split('\t').collect();
        match fields[..] {
            ["caught", check, seed, schedules] => Some(format!("{check} | {seed} | {schedules}")),
            _ if !ran.status.success() => Some("a panic | | ".to_owned()),
            _ => None,
        }
    } else {
        return Err(io::Error::other(format!("{}: {}", tooth.name, String::from_utf8_lossy(&built.stderr))));
    };
    for (path, text) in before.into_iter().rev() {
        fs::write(path, text)?;
    }
    Ok(row)
}

/// The file with the bug in it: it must hold what is to be replaced, and hold it once.
fn fitted(tooth: &Tooth, file: &str, text: &str, find: &str, replace: &str) -> io::Result<String> {
    match text.matches(find).count() {
        1 => Ok(text.replacen(find, replace, 1)),
        count => Err(io::Error::other(format!(
            "{}: {file} holds {count} times what is to be replaced once: {find}",
            tooth.name
        ))),
    }
}

/// Quick to build again and again: only the two crates that changed, without link-time optimisation.
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

/// The two crates alone, as a workspace of their own.
fn copy_crate(root: &Path, copy: &Path) -> io::Result<()> {
    copy_tree(&root.join("src"), &copy.join("src"))?;
    copy_tree(&root.join("tests/simulation/src"), &copy.join("tests/simulation/src"))?;
    for file in ["Cargo.lock", "rust-toolchain.toml", "tests/simulation/Cargo.toml"] {
        fs::copy(root.join(file), copy.join(file))?;
    }
    let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
    let start = manifest.find("members = [").ok_or_else(|| io::Error::other("the workspace names no members"))?;
    let end = start + manifest[start..].find(']').ok_or_else(|| io::Error::other("a list without an end"))?;
    let alone = format!("{}members = [\"tests/simulation\"{}", &manifest[..start], &manifest[end..]);
    fs::write(copy.join("Cargo.toml"), alone)
}

fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target: PathBuf = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy_tree(&entry.path(), &target)?,
            false => drop(fs::copy(entry.path(), target)?),
        }
    }
    Ok(())
}

fn read(folder: &Path) -> io::Result<Vec<Tooth>> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "tooth"));
    paths.sort();
    paths.iter().map(|path| parse(path)).collect()
}

/// `# what it breaks`, then for each edit `file`, `find`, `replace` and `end`, each on a line of its own.
fn parse(path: &Path) -> io::Result<Tooth> {
    let text = fs::read_to_string(path)?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let wrong = || io::Error::other(format!("{} is no tooth", path.display()));
    let (breaks, mut rest) = text.strip_prefix("# ").and_then(|text| text.split_once('\n')).ok_or_else(wrong)?;
    let mut edits = Vec::new();
    while let Some(text) = rest.strip_prefix("file ") {
        let (file, text) = text.split_once("\nfind\n").ok_or_else(wrong)?;
        let (find, text) = text.split_once("\nreplace\n").ok_or_else(wrong)?;
        let (replace, text) = text.split_once("\nend\n").ok_or_else(wrong)?;
        edits.push((file.to_owned(), find.to_owned(), replace.to_owned()));
        rest = text;
    }
    if edits.is_empty() || !rest.trim().is_empty() {
        return Err(wrong());
    }
    Ok(Tooth { name, breaks: breaks.to_owned(), edits })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Code moves; a bug that no longer fits would be found out only when somebody runs them all.
    #[test]
    fn every_bug_can_still_be_put_in() {
        let home = Path::new(env!("CARGO_MANIFEST_DIR"));
        let teeth = read(&home.join("teeth")).expect("the folder of teeth");
        assert!(teeth.len() >= 40, "{} teeth", teeth.len());
        for tooth in &teeth {
            for (file, find, replace) in &tooth.edits {
                let text = fs::read_to_string(home.join("../..").join(file)).expect(file);
                let fitted = fitted(tooth, file, &text, find, replace).expect("a bug that fits");
                assert_ne!(fitted, text, "{} changes nothing", tooth.name);
            }
        }
    }
}
