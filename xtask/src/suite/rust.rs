//! The suites over the Rust code.

use super::relay::Relay;
use super::verdict::Verdict;
use crate::setup::Tools;
use crate::{command, workspace};
use anyhow::{Context, Result, bail};
use std::process::Command;

/// Crates that only make sense in a browser.
const BROWSER_CRATES: [&str; 6] = ["wasm-bindgen", "js-sys", "web-sys", "gloo", "serde-wasm-bindgen", "tsify"];

/// Tests of the browser are built for wasm32.
pub const WASM: &str = "wasm32-unknown-unknown";

/// `cargo fmt --check`, over every file of every crate.
pub fn format() -> Result<Verdict> {
    checked(&mut command::cargo(&["fmt", "--all", "--", "--check"]))
}

/// The core runs natively: no wasm crate may be in what it needs there, for tests or otherwise.
pub fn graph() -> Result<Verdict> {
    let tree = command::capture(&mut command::cargo(&[
        "tree",
        "--locked",
        "--package",
        "cuewire",
        "--edges",
        "normal,build,dev",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]))?;
    let mut crates: Vec<_> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    crates.sort_unstable();
    crates.dedup();
    let intruders: Vec<_> = crates.iter().filter(|name| is_browser_crate(name)).collect();
    for name in &intruders {
        command::say(&format!(
            "{name} is in cuewire's native dependencies (`cargo tree -p cuewire -i {name}` says how)"
        ));
    }
    Ok(Verdict::check(intruders.is_empty() && !crates.is_empty()))
}

fn is_browser_crate(name: &str) -> bool {
    BROWSER_CRATES
        .iter()
        .any(|browser| name.strip_prefix(browser).is_some_and(|rest| !rest.starts_with(char::is_alphabetic)))
}

/// Clippy on every target of every crate.
pub fn clippy() -> Result<Verdict> {
    clippy_of(&["--workspace", "--all-targets"])
}

/// Clippy on the library and its browser tests, for the target they run on.
pub fn clippy_wasm() -> Result<Verdict> {
    let tests = browser_tests()?;
    let mut arguments = vec!["--package", "cuewire", "--target", WASM, "--lib"];
    arguments.extend(tests.iter().flat_map(|test| ["--test", test]));
    clippy_of(&arguments)
}

fn clippy_of(arguments: &[&str]) -> Result<Verdict> {
    checked(command::cargo(&["clippy", "--locked"]).args(arguments).args(["--", "--deny", "warnings"]))
}

fn checked(checker: &mut Command) -> Result<Verdict> {
    Ok(Verdict::check(command::show(checker)?.success))
}

/// `cargo test` on every crate.
pub fn native() -> Result<Verdict> {
    let mut test = command::cargo(&["test", "--workspace", "--locked", "--no-fail-fast", "--quiet"]);
    Ok(Verdict::of(&command::show(&mut test)?, &["test result:"]))
}

/// `wasm-pack test --headless --chrome` on `tests/web_*.rs`.
pub fn web(tools: &Tools) -> Result<Verdict> {
    let tests = browser_tests()?;
    if tests.is_empty() {
        bail!("there is no tests/web_*.rs");
    }
    // wasm-pack looks there for tools even when it may not fetch any, and fails if the folder is not there.
    let cache = workspace::path("target/wasm-pack");
    std::fs::create_dir_all(&cache).with_context(|| format!("creating {}", cache.display()))?;
    let mut test = command::command(&tools.wasm_pack, &["test", "--headless", "--chrome", "--mode", "no-install"]);
    test.arg("--chromedriver").arg(&tools.chromedriver);
    test.args(["--", "--locked"]).args(tests.iter().flat_map(|test| ["--test", test]));
    test.env("PATH", tools.path()).env("WASM_PACK_CACHE", &cache);
    let relay = Relay::open()?;
    let capabilities = workspace::path("target/webdriver.json");
    std::fs::write(&capabilities, relay.capabilities().to_string())
        .with_context(|| format!("writing {}", capabilities.display()))?;
    test.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &capabilities);
    // Seconds for one file of tests: a run beside other suites takes its time.
    test.env("WASM_BINDGEN_TEST_TIMEOUT", "600");
    Ok(Verdict::of(&command::show(&mut test)?, &["test result:"]))
}

/// The names of the integration tests that run in a browser.
fn browser_tests() -> Result<Vec<String>> {
    let stem = |path: &std::path::Path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let files = workspace::files("tests", |path| {
        path.parent() == Some(&workspace::path("tests"))
            && path.extension().is_some_and(|extension| extension == "rs")
            && stem(path).is_some_and(|stem| stem.starts_with("web_"))
    })?;
    Ok(files.iter().filter_map(|file| stem(file)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browser_crates_are_known_by_name_and_family() {
        for name in ["wasm-bindgen", "wasm-bindgen-futures", "js-sys", "web-sys", "gloo-net", "serde-wasm-bindgen"] {
            assert!(is_browser_crate(name), "{name}");
        }
        for name in ["serde", "serde_json", "wasmparser", "js-sysroot", "globset"] {
            assert!(!is_browser_crate(name), "{name}");
        }
    }
}
