//! Rust → wasm32 → wasm-bindgen → wasm-opt, into a folder that holds the module and its JavaScript.

use super::Flavour;
use crate::setup::Tools;
use crate::{command, workspace};
use anyhow::{Context, Result};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

const NAME: &str = "cuewire";

/// What rustc's wasm32 code uses, and every browser that loads the extension has. Never `--all-features`: it lets the
/// optimizer emit instructions that no browser has.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-simd",
];

/// Functions called once are inlined only if they are small: anything larger costs 8 % of the gzipped size (measured).
const INLINING: &str = "--one-caller-inline-max-function-size=20";

/// Builds the package of this flavour, and gives its folder.
pub fn package(tools: &Tools, flavour: Flavour) -> Result<PathBuf> {
    let compiled = compile(flavour)?;
    let package = workspace::path("target/pkg").join(flavour.name());
    let stamp = package.with_extension("stamp");
    let made_from = fingerprint(&compiled)?;
    if package.is_dir() && std::fs::read_to_string(&stamp).is_ok_and(|before| before == made_from) {
        return Ok(package);
    }
    let fresh = package.with_extension("fresh");
    remove(&fresh)?;
    let mut bindgen = command::command(&tools.wasm_bindgen, &["--target", "web", "--out-name", NAME, "--out-dir"]);
    command::run(bindgen.arg(&fresh).arg(&compiled))?;
    let module = binary(&fresh);
    let mut optimize = command::command(&tools.wasm_opt, &["-Oz", "--strip-debug", "--strip-producers", INLINING]);
    command::run(optimize.args(FEATURES).arg(&module).arg("-o").arg(&module))?;
    remove(&package)?;
    std::fs::rename(&fresh, &package).with_context(|| format!("moving {} into place", package.display()))?;
    std::fs::write(&stamp, made_from).with_context(|| format!("writing {}", stamp.display()))?;
    Ok(package)
}

/// The WebAssembly module of a package.
pub fn binary(package: &Path) -> PathBuf {
    package.join(format!("{NAME}_bg.wasm"))
}

fn compile(flavour: Flavour) -> Result<PathBuf> {
    let mut build = command::cargo(&[
        "build",
        "--package",
        NAME,
        "--lib",
        "--target",
        "wasm32-unknown-unknown",
        "--profile",
        "wasm",
        "--locked",
    ]);
    if flavour == Flavour::Development {
        build.args(["--features", "development"]);
    }
    command::run(&mut build)?;
    Ok(workspace::path("target/wasm32-unknown-unknown/wasm").join(format!("{NAME}.wasm")))
}

/// A word that changes when the compiled module, the tools or their options do.
fn fingerprint(compiled: &Path) -> Result<String> {
    let bytes = std::fs::read(compiled).with_context(|| format!("reading {}", compiled.display()))?;
    let lock = std::fs::read(workspace::path("package-lock.json")).context("reading package-lock.json")?;
    let mut hasher = DefaultHasher::new();
    (bytes, lock, FEATURES, INLINING, workspace::wasm_bindgen_version()?).hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    Ok(())
}
