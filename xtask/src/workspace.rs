//! Where things are in the repository, and what its manifest pins.

use anyhow::{Context, Result};
use std::fs::File;
use std::path::{Path, PathBuf};

/// The repository's root: the folder above this crate.
pub fn root() -> &'static Path {
    let member = Path::new(env!("CARGO_MANIFEST_DIR"));
    member.parent().unwrap_or(member)
}

/// A path below the repository's root.
pub fn path(relative: &str) -> PathBuf {
    root().join(relative)
}

/// Where `setup` installs the tools that the machine lacks or has in another version.
pub fn tools() -> PathBuf {
    path("target/tools")
}

/// Waits until no other run of these tasks writes what this one is about to write. Held until it is dropped.
pub fn lock() -> Result<File> {
    let path = path("target/xtask.lock");
    let file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
    file.lock().with_context(|| format!("locking {}", path.display()))?;
    Ok(file)
}

/// The version of wasm-bindgen that the root manifest pins with `=`. The command line tool must be exactly the same.
pub fn wasm_bindgen_version() -> Result<String> {
    let manifest = path("Cargo.toml");
    let text = std::fs::read_to_string(&manifest).with_context(|| format!("reading {}", manifest.display()))?;
    pinned(&text, "wasm-bindgen").context("Cargo.toml must pin wasm-bindgen as `wasm-bindgen = \"=x.y.z\"`")
}

fn pinned(manifest: &str, package: &str) -> Option<String> {
    manifest.lines().find_map(|line| {
        let (name, requirement) = line.split_once('=')?;
        if name.trim() != package {
            return None;
        }
        let version = requirement.trim().trim_start_matches('{').trim().trim_start_matches("version").trim();
        let version = version.trim_start_matches('=').trim().strip_prefix("\"=")?;
        version.split_once('"').map(|(version, _)| version.trim().to_owned())
    })
}

/// The files below `folder` (a path from the root) whose path satisfies `wanted`, in order.
pub fn files(folder: &str, wanted: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![path(folder)];
    while let Some(folder) = folders.pop() {
        if !folder.exists() {
            continue;
        }
        for entry in std::fs::read_dir(&folder).with_context(|| format!("listing {}", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if wanted(&path) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pin_is_read_from_both_ways_of_writing_a_dependency() {
        let text = "[dependencies]\nwasm-bindgen-futures = \"0.4\"\nwasm-bindgen = \"=0.2.130\"\n";
        assert_eq!(pinned(text, "wasm-bindgen").as_deref(), Some("0.2.130"));
        let text = "wasm-bindgen = { version = \"=1.2.3\", features = [] }";
        assert_eq!(pinned(text, "wasm-bindgen").as_deref(), Some("1.2.3"));
    }

    #[test]
    fn a_loose_requirement_is_no_pin() {
        assert_eq!(pinned("wasm-bindgen = \"0.2.130\"", "wasm-bindgen"), None);
    }

    #[test]
    fn this_repository_pins_wasm_bindgen() {
        assert!(wasm_bindgen_version().is_ok());
    }
}
