//! Sizes that may shrink and not grow: the WebAssembly, the crates in it, and what an event allocates that is due
//! nothing.
//!
//! A commit that makes one of them smaller lowers its limit here.

use super::{rust, verdict::Verdict};
use crate::build::{Flavour, Module, size};
use crate::{command, workspace};
use anyhow::Result;
use std::collections::BTreeSet;

/// Bytes of each module as a store sends it, and how far two machines may differ.
const GZIPPED: [(Module, usize); 2] = [(Module::Engine, 377_100), (Module::Workbench, 184_600)];
const TOLERANCE: usize = 2_000;

/// Crates that the engine is made of, its own included; macros leave nothing in it.
const CRATES: usize = 43;

/// Each limit held against what is built.
pub fn run() -> Result<Verdict> {
    let (mut said, mut grown) = (Vec::new(), Vec::new());
    let package = Flavour::Development.folder().join("pkg");
    for (module, limit) in GZIPPED {
        let bytes = size::gzipped(&std::fs::read(module.binary(&package))?)?;
        said.push(format!(
            "{} {} bytes gzipped, at most {}",
            module.name(),
            size::grouped(bytes),
            size::grouped(limit)
        ));
        if bytes > limit + TOLERANCE {
            grown.push(format!(
                "the wasm of the {} grew to {} bytes gzipped (limit {}): `cargo xtask build --why {}` says where they are",
                module.name(),
                size::grouped(bytes),
                size::grouped(limit),
                module.name(),
            ));
        }
    }
    let crates = crates()?;
    said.push(format!("engine {} crates, at most {CRATES}", crates.len()));
    if crates.len() > CRATES {
        grown.push(format!(
            "the engine has {} crates (limit {CRATES}): `cargo tree -p cuewire -e normal,no-proc-macro --target {}` says who asks for each",
            crates.len(),
            rust::WASM,
        ));
    }
    let allocations = command::show(&mut command::cargo(&["test", "--locked", "--quiet", "--test", "hot_path"]))?;
    if !allocations.success {
        let test = workspace::path("tests/hot_path.rs");
        grown.push(format!("an event that is due nothing allocates: {} says which", test.display()));
    }
    let held = grown.is_empty();
    said.append(&mut grown);
    Ok(Verdict { held, said })
}

/// The crates of the engine, each by its name and version.
fn crates() -> Result<BTreeSet<String>> {
    let mut tree = command::cargo(&[
        "tree",
        "--locked",
        "--package",
        "cuewire",
        "--edges",
        "normal,no-proc-macro",
        "--prefix",
        "none",
    ]);
    tree.args(["--target", rust::WASM, "--no-default-features", "--features", "engine", "--format", "{p}"]);
    let words = |line: &str| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    Ok(command::capture(&mut tree)?.lines().map(words).filter(|name| !name.is_empty()).collect())
}
