//! The needs of fuzzing besides Rust: a C++ compiler for libFuzzer, and cargo-fuzz. No nightly toolchain.

use super::{apt, cargo_tools, installing, ok};
use crate::command;
use anyhow::{Context, Result};
use std::path::PathBuf;

const ADVICE: &str = "install a C++ compiler (on Debian: `apt-get install g++`), or name one in CXX";

/// Finds or installs both and gives cargo-fuzz.
pub fn fuzzing() -> Result<PathBuf> {
    if !has_compiler() {
        installing("c++ compiler", "apt-get install g++");
        apt::install(&["g++"]).context(ADVICE)?;
    }
    cargo_tools::cargo_fuzz()
}

fn has_compiler() -> bool {
    let named = std::env::var("CXX").ok().filter(|name| !name.is_empty());
    let found = named.or_else(|| {
        ["c++", "g++", "clang++"].into_iter().find(|name| command::on_path(name).is_some()).map(str::to_owned)
    });
    found.inspect(|name| ok("c++ compiler", name)).is_some()
}
