//! The folder that a browser loads: the extension's sources, the package, and the manifest of the flavour.

use super::{Flavour, manifest};
use crate::workspace;
use anyhow::{Context, Result};
use std::path::Path;

/// Writes the whole folder again.
pub fn write(flavour: Flavour, package: &Path) -> Result<()> {
    let folder = flavour.folder();
    replace(&workspace::path("extension"), &folder, |path| is_shipped(path) && !path.ends_with("extension/pkg"))?;
    replace(package, &folder.join("pkg"), is_shipped)?;
    let file = folder.join("manifest.json");
    let source = std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    let manifest = manifest::of(flavour, &source).context("extension/manifest.json")?;
    std::fs::write(&file, manifest).with_context(|| format!("writing {}", file.display()))
}

/// Makes `to` a copy of what is wanted of `from`. What was there before is gone.
pub fn replace(from: &Path, to: &Path, wanted: impl Fn(&Path) -> bool) -> Result<()> {
    if to.exists() {
        std::fs::remove_dir_all(to).with_context(|| format!("removing {}", to.display()))?;
    }
    copy(from, to, &wanted)
}

/// Copies a file, or what is shipped of a folder, to a place of its own.
pub fn place(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        return copy(from, to, &is_shipped);
    }
    let folder = to.parent().context("a file lies in a folder")?;
    std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    std::fs::copy(from, to).with_context(|| format!("copying {}", from.display()))?;
    Ok(())
}

fn copy(from: &Path, to: &Path, wanted: &impl Fn(&Path) -> bool) -> Result<()> {
    std::fs::create_dir_all(to).with_context(|| format!("creating {}", to.display()))?;
    for entry in std::fs::read_dir(from).with_context(|| format!("listing {}", from.display()))? {
        let source = entry?.path();
        let Some(name) = source.file_name().filter(|_| wanted(&source)) else { continue };
        let target = to.join(name);
        if source.is_dir() {
            copy(&source, &target, wanted)?;
        } else {
            std::fs::copy(&source, &target).with_context(|| format!("copying {}", source.display()))?;
        }
    }
    Ok(())
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
    fn types_and_notes_stay_behind() {
        assert!(is_shipped(Path::new("extension/worker.js")));
        assert!(is_shipped(Path::new("extension/lib/vendor/idb.LICENSE.txt")));
        assert!(!is_shipped(Path::new("extension/pkg/cuewire.d.ts")));
        assert!(!is_shipped(Path::new("extension/README.md")));
        assert!(!is_shipped(Path::new("extension/.DS_Store")));
    }
}
