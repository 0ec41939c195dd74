//! Rust → wasm32 → wasm-bindgen → wasm-opt, into a folder that holds the modules and their JavaScript.
//!
//! The extension loads two modules: the worker loads the engine, and pages on which rules are edited load the
//! workbench. A worker is compiled at every wake, so the engine carries nothing that only pages use.

use super::Flavour;
use crate::setup::Tools;
use crate::{command, workspace};
use anyhow::{Context, Result};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// Features that rustc's wasm32 code uses, and every browser that loads the extension has. Never `--all-features`: it
/// lets the optimizer emit instructions that no browser has.
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
/// By their names, the copies of a generic stand beside each other, where gzip finds them alike: 3.5 % (measured).
const OPTIMIZING: [&str; 4] =
    ["-Oz", "--strip-producers", "--one-caller-inline-max-function-size=20", "--reorder-functions-by-name"];

/// Names with the types that a generic is used with; the default names leave the types out.
const NAMES: &str = r#"target.wasm32-unknown-unknown.rustflags=["-Csymbol-mangling-version=v0"]"#;

/// A WebAssembly module with its JavaScript: the crate with the feature that exports it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Module {
    /// What the worker loads
    Engine,
    /// What pages load on which rules are edited and tried
    Workbench,
}

impl Module {
    /// Both.
    pub const ALL: [Module; 2] = [Module::Engine, Module::Workbench];

    /// The feature that exports it, and a word for messages.
    pub fn name(self) -> &'static str {
        match self {
            Module::Engine => "engine",
            Module::Workbench => "workbench",
        }
    }

    /// The module in a package.
    pub fn binary(self, package: &Path) -> PathBuf {
        package.join(format!("{}_bg.wasm", self.file()))
    }

    /// Options of its build. Trying rules on a recording computes for long, so the workbench is compiled for speed
    /// where that costs few bytes. A worker compiles the engine at every wake.
    fn options(self) -> &'static [&'static str] {
        match self {
            Module::Engine => &[],
            Module::Workbench => &["--config", r#"profile.wasm.opt-level="s""#],
        }
    }

    /// The start of its files' names.
    fn file(self) -> &'static str {
        match self {
            Module::Engine => "cuewire",
            Module::Workbench => "workbench",
        }
    }
}

/// Builds the package of this flavour, and gives its folder.
pub fn package(tools: &Tools, flavour: Flavour) -> Result<PathBuf> {
    let package = workspace::path("target/pkg").join(flavour.name());
    let mut compiled = Vec::new();
    for module in Module::ALL {
        let made = compile(flavour, module, &[])?;
        // The next module is compiled to the same place.
        let kept = package.with_extension(format!("{}.wasm", module.name()));
        std::fs::create_dir_all(workspace::path("target/pkg")).context("creating target/pkg")?;
        std::fs::copy(&made, &kept).with_context(|| format!("copying {}", made.display()))?;
        compiled.push((module, kept));
    }
    let stamp = package.with_extension("stamp");
    let made_from = fingerprint(&compiled)?;
    if package.is_dir() && std::fs::read_to_string(&stamp).is_ok_and(|before| before == made_from) {
        return Ok(package);
    }
    let fresh = package.with_extension("fresh");
    remove(&fresh)?;
    for (module, compiled) in compiled {
        bind(tools, module, &compiled, &fresh, &[])?;
        optimize(tools, &module.binary(&fresh), &["--strip-debug"])?;
    }
    remove(&package)?;
    std::fs::rename(&fresh, &package).with_context(|| format!("moving {} into place", package.display()))?;
    std::fs::write(&stamp, made_from).with_context(|| format!("writing {}", stamp.display()))?;
    Ok(package)
}

/// Builds a module as it ships, but for the names of its functions, which stay.
pub fn with_names(tools: &Tools, flavour: Flavour, module: Module) -> Result<PathBuf> {
    let compiled = compile(flavour, module, &["--config", NAMES])?;
    let folder = workspace::path("target/pkg").join(format!("{}.names", flavour.name()));
    bind(tools, module, &compiled, &folder, &["--no-demangle"])?;
    let binary = module.binary(&folder);
    optimize(tools, &binary, &["--debuginfo"])?;
    Ok(binary)
}

fn compile(flavour: Flavour, module: Module, more: &[&str]) -> Result<PathBuf> {
    let mut build =
        command::cargo(&["build", "--package", "cuewire", "--lib", "--target", "wasm32-unknown-unknown", "--locked"]);
    build.args(["--profile", "wasm", "--no-default-features", "--features", module.name()]);
    build.args(module.options()).args(more);
    if flavour == Flavour::Development {
        build.args(["--features", "development"]);
    }
    command::run(&mut build)?;
    Ok(workspace::path("target/wasm32-unknown-unknown/wasm/cuewire.wasm"))
}

fn bind(tools: &Tools, module: Module, compiled: &Path, folder: &Path, more: &[&str]) -> Result<()> {
    let mut bindgen = command::command(&tools.wasm_bindgen, &["--target", "web", "--out-name", module.file()]);
    command::run(bindgen.args(more).arg("--out-dir").arg(folder).arg(compiled))
}

fn optimize(tools: &Tools, binary: &Path, more: &[&str]) -> Result<()> {
    let mut optimize = command::command(&tools.wasm_opt, &OPTIMIZING);
    command::run(optimize.args(FEATURES).args(more).arg(binary).arg("-o").arg(binary))
}

/// A word that changes when a compiled module, the tools or their options do.
fn fingerprint(compiled: &[(Module, PathBuf)]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for (module, file) in compiled {
        let bytes = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
        (module.name(), bytes).hash(&mut hasher);
    }
    let lock = std::fs::read(workspace::path("package-lock.json")).context("reading package-lock.json")?;
    (lock, FEATURES, OPTIMIZING, workspace::wasm_bindgen_version()?).hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    Ok(())
}
