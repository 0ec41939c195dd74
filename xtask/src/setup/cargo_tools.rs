//! Tools that are installed by cargo, each at one exact version: from `PATH`, from `target/tools`, or built now.

use super::{installing, ok};
use crate::{command, workspace};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// The wasm-pack that the browser tests are run with.
const WASM_PACK_VERSION: &str = "0.15.1";

/// The cargo-fuzz that builds the fuzz targets.
const CARGO_FUZZ_VERSION: &str = "0.13.2";

/// `wasm-bindgen`, at the version that the root manifest pins: crate and tool refuse to work with any other.
pub fn wasm_bindgen() -> Result<PathBuf> {
    at_version("wasm-bindgen", "wasm-bindgen-cli", &workspace::wasm_bindgen_version()?)
}

/// `wasm-pack`.
pub fn wasm_pack() -> Result<PathBuf> {
    at_version("wasm-pack", "wasm-pack", WASM_PACK_VERSION)
}

/// `cargo-fuzz`.
pub fn cargo_fuzz() -> Result<PathBuf> {
    at_version("cargo-fuzz", "cargo-fuzz", CARGO_FUZZ_VERSION)
}

fn at_version(program: &str, package: &str, version: &str) -> Result<PathBuf> {
    let own = workspace::tools().join("bin").join(program);
    let candidates = [command::on_path(program), Some(own.clone())];
    if let Some(found) = candidates.into_iter().flatten().find(|found| has_version(found, version)) {
        ok(program, version);
        return Ok(found);
    }
    installing(program, &format!("cargo install {package} --version {version}, into target/tools (some minutes)"));
    // The published lock is preferred; it is no use where it names a crate that the registry at hand lacks.
    if install(package, version, true).is_err() {
        installing(program, "again, without the lock that it was published with");
        install(package, version, false).with_context(|| {
            format!("install {program} {version} by hand: `cargo install {package} --version {version}`")
        })?;
    }
    if !has_version(&own, version) {
        bail!("{program} was installed, but does not say that it is {version}");
    }
    Ok(own)
}

fn install(package: &str, version: &str, locked: bool) -> Result<()> {
    let mut install = command::cargo(&["install", package, "--version", version, "--force", "--quiet", "--root"]);
    install.arg(workspace::tools());
    if locked {
        install.arg("--locked");
    }
    command::run(&mut install)
}

fn has_version(program: &Path, version: &str) -> bool {
    command::is_program(program)
        && command::capture(command::command(program, &["--version"]).env_remove("RUST_LOG"))
            .is_ok_and(|said| said.split_whitespace().nth(1) == Some(version))
}
