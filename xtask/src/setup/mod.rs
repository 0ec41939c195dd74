//! Every tool that the other tasks need, found or installed. A step that is already right says `ok` and does nothing.

mod apt;
mod browser;
mod cargo_tools;
mod fuzzing;
mod npm;

pub use fuzzing::fuzzing;

use crate::command;
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::path::PathBuf;

/// The tools, each at the version that the project pins, as full paths.
pub struct Tools {
    /// The command line tool of wasm-bindgen, at the version of the crate.
    pub wasm_bindgen: PathBuf,
    /// Builds and runs the tests that run in a browser.
    pub wasm_pack: PathBuf,
    /// Binaryen's optimizer.
    pub wasm_opt: PathBuf,
    /// TypeScript's checker.
    pub tsc: PathBuf,
    /// The JavaScript linter.
    pub biome: PathBuf,
    /// Node.
    pub node: PathBuf,
    /// The browser.
    pub chromium: PathBuf,
    /// The browser's WebDriver.
    pub chromedriver: PathBuf,
}

impl Tools {
    /// `PATH` with the tools before everything else, for programs that look there for them.
    pub fn path(&self) -> OsString {
        let folders: Vec<_> =
            [&self.wasm_bindgen, &self.wasm_pack, &self.wasm_opt].iter().filter_map(|tool| tool.parent()).collect();
        command::path_with(&folders)
    }
}

/// Runs every step in order and gives the tools. The first that fails names what to do.
pub fn run() -> Result<Tools> {
    wasm_target()?;
    let node = npm::node()?;
    npm::packages()?;
    let (chromium, chromedriver) = browser::find_or_install()?;
    Ok(Tools {
        wasm_bindgen: cargo_tools::wasm_bindgen()?,
        wasm_pack: cargo_tools::wasm_pack()?,
        wasm_opt: npm::program("wasm-opt")?,
        tsc: npm::program("tsc")?,
        biome: npm::program("biome")?,
        node,
        chromium,
        chromedriver,
    })
}

/// Standard library for wasm32. The toolchain file asks for it, but only rustup's own installs read that file.
fn wasm_target() -> Result<()> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let advice = "add it with `rustup target add wasm32-unknown-unknown`, or use a toolchain that comes with it";
    let libraries = command::capture(&mut command::command("rustc", &["--print", "target-libdir", "--target", TARGET]))
        .context("asking rustc where its wasm32 library is")?;
    if PathBuf::from(libraries.trim()).is_dir() {
        ok("rust target", TARGET);
        return Ok(());
    }
    installing("rust target", "rustup target add wasm32-unknown-unknown");
    command::run(&mut command::command("rustup", &["target", "add", TARGET])).context(advice)
}

fn ok(what: &str, found: &str) {
    println!("setup  {what:<14} ok  {found}");
}

fn installing(what: &str, how: &str) {
    println!("setup  {what:<14} installing  {how}");
}
