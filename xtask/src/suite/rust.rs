//! The suites over the Rust code.

use super::count;
use super::tally::Tally;
use crate::setup::Tools;
use crate::{command, workspace};
use anyhow::{Context, Result, bail};

/// Crates that only make sense in a browser.
const BROWSER_CRATES: [&str; 6] = ["wasm-bindgen", "js-sys", "web-sys", "gloo", "serde-wasm-bindgen", "tsify"];

const WASM: &str = "wasm32-unknown-unknown";

/// `cargo fmt --check`, over every file of every crate.
pub fn format() -> Result<Tally> {
    let quiet = |line: &str| {
        if !line.starts_with("Formatting ") && !line.starts_with("Using rustfmt config") && !line.starts_with("Spent ")
        {
            println!("{line}");
        }
    };
    let transcript = command::follow(&mut command::cargo(&["fmt", "--all", "--", "--check", "--verbose"]), quiet)?;
    let files = transcript.lines.iter().filter(|line| line.starts_with("Formatting ")).count();
    Ok(Tally::check(transcript.success, files, "files"))
}

/// The core runs natively: no wasm crate may be in what it needs there, for tests or otherwise.
pub fn graph() -> Result<Tally> {
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
        println!("{name} is in the native dependency graph of cuewire (`cargo tree -p cuewire -i {name}` says how)");
    }
    Ok(Tally::check(intruders.is_empty(), crates.len(), "crates"))
}

fn is_browser_crate(name: &str) -> bool {
    BROWSER_CRATES
        .iter()
        .any(|browser| name.strip_prefix(browser).is_some_and(|rest| !rest.starts_with(char::is_alphabetic)))
}

/// Clippy on every target of every crate.
pub fn clippy() -> Result<Tally> {
    clippy_of(&["--workspace", "--all-targets"])
}

/// Clippy on the library and its browser tests, for the target they run on.
pub fn clippy_wasm() -> Result<Tally> {
    let tests = browser_tests()?;
    let mut arguments = vec!["--package", "cuewire", "--target", WASM, "--lib"];
    arguments.extend(tests.iter().flat_map(|test| ["--test", test]));
    clippy_of(&arguments)
}

fn clippy_of(arguments: &[&str]) -> Result<Tally> {
    let mut clippy = command::cargo(&["clippy", "--locked", "--message-format=json-render-diagnostics"]);
    clippy.args(arguments).args(["--", "--deny", "warnings"]);
    let transcript = command::follow(&mut clippy, |_| {})?;
    let is_own =
        |line: &&String| line.contains("\"reason\":\"compiler-artifact\"") && line.contains("\"package_id\":\"path+");
    Ok(Tally::check(transcript.success, transcript.lines.iter().filter(is_own).count(), "targets"))
}

/// `cargo test` on every crate.
pub fn native() -> Result<Tally> {
    let transcript = command::show(&mut command::cargo(&["test", "--workspace", "--locked", "--no-fail-fast"]))?;
    Ok(count::rust(&transcript.lines).with_exit(transcript.success))
}

/// `wasm-pack test --headless --chrome` on `tests/web_*.rs`.
pub fn web(tools: &Tools) -> Result<Tally> {
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
    // Seconds for one file of tests: the simulation takes its time in a debug build.
    test.env("WASM_BINDGEN_TEST_TIMEOUT", "180");
    let transcript = command::show(&mut test)?;
    Ok(count::rust(&transcript.lines).with_exit(transcript.success))
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
