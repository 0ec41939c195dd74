//! The unpacked extension: Rust to WebAssembly, library files from npm, the manifest for this flavour, all in one
//! folder.

mod manifest;
mod playground;
pub mod size;
mod unpacked;
mod vendor;
mod wasm;
mod why;

use crate::{setup, workspace};
use anyhow::Result;
use std::path::PathBuf;

pub use wasm::Module;

/// The arguments of `cargo xtask build`.
#[derive(clap::Args)]
pub struct Options {
    /// Build what is published, without loopback addresses, into dist/chrome
    #[arg(long, conflicts_with = "asking")]
    release: bool,
    /// Build what must ask for every host, loopback included, into dist/chrome-asking
    #[arg(long)]
    asking: bool,
    /// Say where the bytes of a module are, by crate and by generic, and write no extension
    #[arg(long, value_enum, value_name = "MODULE", num_args = 0..=1, default_missing_value = "engine")]
    why: Option<Module>,
}

/// Which extension is built. They differ in what they may talk to, and in nothing else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flavour {
    /// Loopback is allowed, and every host is granted at install, so that no prompt stands in a test's way.
    Development,
    /// Loopback is accepted but no host is granted at install, so that tests see what happens without a permission.
    Asking,
    /// The published build: https only, hosts granted by the person.
    Release,
}

impl Flavour {
    /// A word for paths and messages.
    pub fn name(self) -> &'static str {
        match self {
            Flavour::Development => "development",
            Flavour::Asking => "asking",
            Flavour::Release => "release",
        }
    }

    /// Where the unpacked extension is written.
    pub fn folder(self) -> PathBuf {
        match self {
            Flavour::Development => workspace::path("dist/chrome-dev"),
            Flavour::Asking => workspace::path("dist/chrome-asking"),
            Flavour::Release => workspace::path("dist/chrome"),
        }
    }

    /// The flavour whose WebAssembly it has.
    fn package(self) -> Flavour {
        match self {
            Flavour::Asking => Flavour::Development,
            other => other,
        }
    }
}

/// Sets up, builds, and says how large the WebAssembly is.
pub fn run(options: &Options) -> Result<()> {
    let tools = setup::run()?;
    let flavour = match (options.release, options.asking) {
        (true, _) => Flavour::Release,
        (_, true) => Flavour::Asking,
        _ => Flavour::Development,
    };
    if let Some(module) = options.why {
        return explain(&tools, flavour, module);
    }
    extension(&tools, flavour)
}

/// Builds a module once more with names, and lists where its bytes are.
fn explain(tools: &setup::Tools, flavour: Flavour, module: Module) -> Result<()> {
    let _alone = workspace::lock()?;
    let binary = wasm::with_names(tools, flavour.package(), module)?;
    println!("{}", why::report(&binary)?);
    Ok(())
}

/// Builds one flavour of the extension with tools that are there.
pub fn extension(tools: &setup::Tools, flavour: Flavour) -> Result<()> {
    let _alone = workspace::lock()?;
    let package = wasm::package(tools, flavour.package())?;
    vendor::copy_into(&workspace::path("extension/lib/vendor"))?;
    if flavour == Flavour::Development {
        // The sources are type-checked, and can be loaded unpacked, with this package in their midst.
        unpacked::replace(&package, &workspace::path("extension/pkg"), |_| true)?;
    }
    unpacked::write(flavour, &package)?;
    for module in Module::ALL {
        println!("build  {:<14} {}", module.name(), size::of(&module.binary(&package))?);
    }
    println!("build  {:<14} {}", flavour.name(), flavour.folder().display());
    if flavour == Flavour::Development {
        println!("build  {:<14} {}", "playground", playground::write(&package)?.display());
    }
    Ok(())
}
