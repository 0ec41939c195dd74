//! The folder that a browser loads: the extension's sources, the package, and the manifest of the flavour.

use super::{Flavour, manifest};
use crate::workspace;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Brings the folder up to date. A file that already says the same is left alone: a browser may be reading it.
pub fn write(flavour: Flavour, package: &Path) -> Result<()> {
    let folder = flavour.folder();
    let extension = workspace::path("extension");
    let written_below = ["pkg", "manifest.json"].map(|name| extension.join(name));
    mirror(
        &extension,
        &folder,
        |path| is_shipped(path) && !written_below.iter().any(|other| other == path),
        &["pkg", "manifest.json"],
    )?;
    replace(package, &folder.join("pkg"), is_shipped)?;
    let source = extension.join("manifest.json");
    let source = fs::read_to_string(&source).with_context(|| format!("reading {}", source.display()))?;
    let manifest = manifest::of(flavour, &source).context("extension/manifest.json")?;
    put(&folder.join("manifest.json"), manifest.as_bytes())
}

/// Makes `to` a copy of what is wanted of `from`. What else was there before is gone.
pub fn replace(from: &Path, to: &Path, wanted: impl Fn(&Path) -> bool) -> Result<()> {
    mirror(from, to, wanted, &[])
}

/// Copies a file, or what is shipped of a folder, to a place of its own.
pub fn place(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        return copy(from, to, &is_shipped);
    }
    let folder = to.parent().context("a file lies in a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    put_copy(from, to)
}

/// [`replace`], but for what is `kept` directly in `to`.
fn mirror(from: &Path, to: &Path, wanted: impl Fn(&Path) -> bool, kept: &[&str]) -> Result<()> {
    copy(from, to, &wanted)?;
    remove_others(from, to, &wanted, kept)
}

fn copy(from: &Path, to: &Path, wanted: &impl Fn(&Path) -> bool) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("creating {}", to.display()))?;
    for source in entries(from)? {
        let Some(name) = source.file_name().filter(|_| wanted(&source)) else { continue };
        let target = to.join(name);
        if source.is_dir() {
            copy(&source, &target, wanted)?;
        } else {
            put_copy(&source, &target)?;
        }
    }
    Ok(())
}

/// Removes what of `to` has nothing wanted beside it in `from`.
fn remove_others(from: &Path, to: &Path, wanted: &impl Fn(&Path) -> bool, kept: &[&str]) -> Result<()> {
    for target in entries(to)? {
        let Some(name) = target.file_name() else { continue };
        let source = from.join(name);
        let is_of_source = source.exists() && wanted(&source);
        if target.is_dir() && is_of_source {
            remove_others(&source, &target, wanted, &[])?;
        } else if !is_of_source && !kept.iter().any(|other| name == *other) {
            let removed = if target.is_dir() { fs::remove_dir_all(&target) } else { fs::remove_file(&target) };
            removed.with_context(|| format!("removing {}", target.display()))?;
        }
    }
    Ok(())
}

fn put_copy(from: &Path, to: &Path) -> Result<()> {
    put(to, &fs::read(from).with_context(|| format!("reading {}", from.display()))?)
}

/// Writes a file that does not say the same yet.
fn put(file: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(file).is_ok_and(|before| before == bytes) {
        return Ok(());
    }
    fs::write(file, bytes).with_context(|| format!("writing {}", file.display()))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let listing = || format!("listing {}", folder.display());
    let entries = fs::read_dir(folder).with_context(listing)?.map(|entry| Ok(entry?.path()));
    entries.collect::<std::io::Result<_>>().with_context(listing)
}

/// Types are for the checker, notes for the reader; the browser needs neither.
fn is_shipped(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    !(name.ends_with(".d.ts") || name.ends_with(".md") || name.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_loses_what_its_source_lost_and_keeps_the_files_that_say_the_same() {
        let folder = workspace::path("target/xtask-unpacked");
        let (from, to) = (folder.join("from"), folder.join("to"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(from.join("lib")).unwrap();
        fs::write(from.join("lib/same.js"), "same").unwrap();
        fs::write(from.join("lib/gone.js"), "gone").unwrap();
        replace(&from, &to, is_shipped).unwrap();
        let written = || fs::metadata(to.join("lib/same.js")).unwrap().modified().unwrap();
        let before = written();

        fs::remove_file(from.join("lib/gone.js")).unwrap();
        fs::write(from.join("new.js"), "new").unwrap();
        fs::write(from.join("new.md"), "a note").unwrap();
        replace(&from, &to, is_shipped).unwrap();

        assert!(!to.join("lib/gone.js").exists());
        assert_eq!(fs::read(to.join("new.js")).unwrap(), b"new");
        assert!(!to.join("new.md").exists());
        assert_eq!(written(), before, "a file that says the same was written again");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn types_and_notes_stay_behind() {
        assert!(is_shipped(Path::new("extension/worker.js")));
        assert!(is_shipped(Path::new("extension/lib/vendor/idb.LICENSE.txt")));
        assert!(!is_shipped(Path::new("extension/pkg/cuewire.d.ts")));
        assert!(!is_shipped(Path::new("extension/README.md")));
        assert!(!is_shipped(Path::new("extension/.DS_Store")));
    }
}
