//! `cargo xtask fuzz`: the targets of `fuzz/`, built by cargo-fuzz with the stable toolchain and run one after another.
//!
//! Inputs that a run finds worth keeping go to `fuzz/target/corpus`, from where the next run goes on; the committed
//! corpus is only read. An input that breaks something is kept in `fuzz/artifacts`, and how to run it again is printed.

use crate::{command, setup, workspace};
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// How much of a failed run's log is shown.
const LINES_SHOWN: usize = 40;

/// How much of a line is shown, in characters.
const LINE_LENGTH: usize = 300;

/// The arguments of `cargo xtask fuzz`.
#[derive(clap::Args)]
pub struct Options {
    /// How long each target runs
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// The seed of the random inputs; another each time if not given
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    seed: u32,
    /// Run these targets and no other
    #[arg(long, value_name = "TARGET")]
    target: Vec<String>,
    /// Run one input instead, of the one target that is named
    #[arg(long, value_name = "FILE", requires = "target")]
    replay: Option<PathBuf>,
}

/// Builds the targets and runs them. An error if one of them found something, or ran nothing.
pub fn run(options: &Options) -> Result<()> {
    let all = targets()?;
    if let Some(unknown) = options.target.iter().find(|target| !all.contains(target)) {
        bail!("there is no target {unknown}; there are {}", all.join(", "));
    }
    let cargo_fuzz = setup::fuzzing()?;
    // No sanitizer: those need a nightly toolchain, and the core is safe Rust. Assertions and overflow checks are on.
    let (host, folder) = (host()?, workspace::path("fuzz/target"));
    let build = ["fuzz", "build", "--sanitizer", "none", "--target", &host, "--target-dir"];
    command::run(command::command(&cargo_fuzz, &build).arg(&folder))?;
    let binaries = folder.join(host).join("release");
    if let Some(file) = &options.replay {
        let file = std::path::absolute(file)?;
        return command::run(command::command(binaries.join(&options.target[0]), &[]).arg(file));
    }
    let wanted = if options.target.is_empty() { &all } else { &options.target };
    let mut outcomes = Vec::new();
    for target in wanted {
        println!("fuzz  {target} for {} s", options.seconds);
        outcomes.push(fuzz(target, &binaries.join(target), options)?);
    }
    println!("\ntarget              runs  seconds  coverage  crashes");
    for Outcome { target, runs, seconds, coverage, crash } in &outcomes {
        println!("{target:<16} {runs:>7} {seconds:>8.0} {coverage:>9} {:>8}", u32::from(crash.is_some()));
    }
    let failed = outcomes.iter().filter(|outcome| outcome.runs == 0 || outcome.crash.is_some()).count();
    for Outcome { target, crash, .. } in &outcomes {
        if let Some(crash) = crash {
            println!("\n{}\nagain: cargo xtask fuzz --target {target} --replay {0}", crash.display());
        }
    }
    if failed > 0 {
        bail!("{failed} of {} targets failed", outcomes.len());
    }
    Ok(())
}

/// The result of a target.
struct Outcome {
    target: String,
    runs: u64,
    seconds: f64,
    /// Edges that were reached, as libFuzzer counts them.
    coverage: u64,
    /// The input that broke something.
    crash: Option<PathBuf>,
}

/// The targets by name: each is a file.
fn targets() -> Result<Vec<String>> {
    let files = workspace::files("fuzz/fuzz_targets", |path| path.extension().is_some_and(|it| it == "rs"))?;
    Ok(files.iter().filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect())
}

/// The longest input, in bytes. Longer ones say nothing new: what must hold for large inputs is tried by repeating a
/// part of a small one.
fn longest(target: &str) -> u32 {
    match target {
        "retry_after" => 256,
        "interaction_url" => 1_024,
        _ => 4_096,
    }
}

/// The triple of this machine.
fn host() -> Result<String> {
    let told = command::capture(&mut command::command("rustc", &["--version", "--verbose"]))?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc does not name its host")
}

fn fuzz(target: &str, binary: &Path, options: &Options) -> Result<Outcome> {
    let folder = |relative: &str| -> Result<PathBuf> {
        let path = workspace::path(relative).join(target);
        fs::create_dir_all(&path).with_context(|| format!("creating {}", path.display()))?;
        Ok(path)
    };
    let (found, crashes, logs) =
        (folder("fuzz/target/corpus")?, folder("fuzz/artifacts")?, folder("fuzz/target/logs")?);
    let log = logs.join("last.log");
    let mut fuzzer =
        command::command(binary, &["-timeout=10", "-len_control=20", "-rss_limit_mb=1024", "-print_final_stats=1"]);
    fuzzer
        .arg(format!("-max_total_time={}", options.seconds))
        .arg(format!("-seed={}", options.seed))
        .arg(format!("-max_len={}", longest(target)))
        .arg(format!("-artifact_prefix={}/", crashes.display()))
        .arg(&found)
        .arg(workspace::path("fuzz/corpus").join(target))
        .stderr(File::create(&log).with_context(|| format!("creating {}", log.display()))?);
    let dictionary = workspace::path("fuzz/dictionaries").join(format!("{target}.dict"));
    if dictionary.exists() {
        fuzzer.arg(format!("-dict={}", dictionary.display()));
    }
    let started = Instant::now();
    let success = fuzzer.status().with_context(|| format!("starting {target}"))?.success();
    let seconds = started.elapsed().as_secs_f64();
    let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    let crash = if success { None } else { Some(artifact(&text).unwrap_or(log.clone())) };
    if crash.is_some() {
        show_end(&text, &log);
    }
    Ok(Outcome { target: target.to_owned(), runs: runs(&text), seconds, coverage: coverage(&text), crash })
}

fn show_end(log: &str, path: &Path) {
    let lines: Vec<&str> = log.lines().collect();
    for line in &lines[lines.len().saturating_sub(LINES_SHOWN)..] {
        println!("{}", line.chars().take(LINE_LENGTH).collect::<String>());
    }
    println!("the whole log: {}", path.display());
}

/// `#4096 NEW cov: 463 ft: …`: the number counts runs.
fn runs(log: &str) -> u64 {
    log.lines().filter_map(|line| line.strip_prefix('#')?.split_whitespace().next()?.parse().ok()).max().unwrap_or(0)
}

fn coverage(log: &str) -> u64 {
    let after = |line: &str| line.split_once(" cov: ")?.1.split_whitespace().next()?.parse().ok();
    log.lines().filter_map(after).max().unwrap_or(0)
}

/// `artifact_prefix='…'; Test unit written to …`.
fn artifact(log: &str) -> Option<PathBuf> {
    log.lines().find_map(|line| Some(PathBuf::from(line.split_once("Test unit written to ")?.1.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "#11\tINITED cov: 463 ft: 650 corp: 10/562b exec/s: 0 rss: 30Mb\n\
        #3083\tNEW    cov: 944 ft: 2063 corp: 212/13840b lim: 172 exec/s: 513 rss: 31Mb L: 7/9\n\
        artifact_prefix='/x/'; Test unit written to /x/crash-1\n";

    #[test]
    fn a_log_tells_runs_coverage_and_the_input_that_broke_something() {
        assert_eq!((runs(LOG), coverage(LOG)), (3_083, 944));
        assert_eq!(artifact(LOG), Some(PathBuf::from("/x/crash-1")));
        assert_eq!((runs(""), coverage(""), artifact("")), (0, 0, None));
    }

    #[test]
    fn every_target_has_a_corpus() {
        let targets = targets().expect("the folder can be listed");
        assert!(targets.len() >= 9);
        for target in targets {
            assert!(workspace::path("fuzz/corpus").join(&target).is_dir(), "{target}");
        }
    }
}
