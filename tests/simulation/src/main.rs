//! Runs schedules by the million, or one of them with every step shown; `--help` says how.

mod report;
mod teeth;

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cuewire_simulation::{
    COMMITTED_SEEDS, Outcome, Tally, Violation, combined_hash, crash_points, published, simulate, simulate_published,
    simulate_rules,
};

const USAGE: &str = "\
--schedules 200000 --seed 0     seeds 0 to 199999 on all cores (or --threads N), and what was counted
--seed 17 --trace               one schedule, readable
--crash-points [--trace]        every effect boundary of the scripts, and every pair, cut once
--teeth [NAME]                  bugs put into a copy of the core: each must be caught
--refresh-teeth                 makes the patches of bugs again that no longer apply
--hash [--schedules 250]        the trace hash of a seed, or of many together
--check-hash                    whether the first seeds have the hash that tests/simulation/HASH holds
--rules                         only the half of each schedule that is under a random rule set
--published                     only the part of each schedule that is at the published service
--published-load                an hour at 500 agents and 5 000 open contacts, and what the service was asked
--all                           does not stop at the first violations
--brief                         one line at the end, for machines";

/// Behaviour that changes unnoticed changes this hash; browsers must find it, too.
const COMMITTED_HASH: &str = include_str!("../HASH");

/// How often a long run says how far it is.
const PROGRESS: Duration = Duration::from_secs(15);

/// Seeds that a thread takes at a time.
const SHARE: u64 = 256;

/// The most violations that are shown.
const ENOUGH: usize = 20;

#[derive(Default)]
struct Options {
    seed: u64,
    schedules: Option<u64>,
    threads: Option<usize>,
    trace: bool,
    hash: bool,
    /// Compare the hash of the first seeds with the committed one.
    check_hash: bool,
    crash_points: bool,
    /// Which bugs to put in; all where it is empty.
    teeth: Option<String>,
    /// Make the patches of bugs again that no longer apply.
    refresh_teeth: bool,
    /// Only under random rule sets.
    rules: bool,
    /// Only at the published service.
    published: bool,
    /// Only count what a large tenant is asked.
    load: bool,
    /// Go on after the first violations, to see how many there are.
    all: bool,
    /// One line at the end, for machines.
    brief: bool,
    help: bool,
}

impl Options {
    fn simulate(&self, seed: u64, readable: bool) -> Outcome {
        match (self.rules, self.published) {
            (true, _) => simulate_rules(seed, readable),
            (_, true) => simulate_published(seed, readable),
            _ => simulate(seed, readable),
        }
    }

    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
        let mut options = Options::default();
        while let Some(argument) = arguments.next() {
            let mut number = || {
                let text = arguments.next().ok_or(format!("{argument} needs a number"))?;
                text.parse::<u64>().map_err(|_| format!("{text} is no number"))
            };
            match &*argument {
                "--seed" => options.seed = number()?,
                "--schedules" => options.schedules = Some(number()?),
                "--threads" => options.threads = Some(number()? as usize),
                "--teeth" => options.teeth = Some(arguments.next().unwrap_or_default()),
                "--refresh-teeth" => options.refresh_teeth = true,
                "--trace" => options.trace = true,
                "--hash" => options.hash = true,
                "--check-hash" => options.check_hash = true,
                "--crash-points" => options.crash_points = true,
                "--rules" => options.rules = true,
                "--published" => options.published = true,
                "--published-load" => options.load = true,
                "--all" => options.all = true,
                "--brief" => options.brief = true,
                "--help" => options.help = true,
                other => return Err(format!("{other} is no option. There are:\n{USAGE}")),
            }
        }
        match options.schedules {
            Some(0) => Err("--schedules 0 would check nothing".to_owned()),
            Some(count) if options.seed.checked_add(count).is_none() => {
                Err(format!("{count} seeds from {} on: the last seed is {}", options.seed, u64::MAX - 1))
            }
            _ => Ok(options),
        }
    }
}

fn check_hash() -> ExitCode {
    let (found, committed) = (format!("{:016x}", combined_hash(COMMITTED_SEEDS)), COMMITTED_HASH.trim());
    println!("hash of the first {} seeds: {found}, committed {committed}", COMMITTED_SEEDS.end);
    if found != committed {
        println!("behaviour changed: if on purpose, write {found} to tests/simulation/HASH");
    }
    exit(Ok(found == committed))
}

fn main() -> ExitCode {
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::from(2);
        }
    };
    if options.help {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    if options.crash_points {
        return cut_everything(options.trace);
    }
    if options.check_hash {
        return check_hash();
    }
    if options.load {
        let hours = [true, false].map(|statistics| (statistics, published::load::hour(options.seed, statistics)));
        return report::hours(&hours);
    }
    if options.refresh_teeth {
        return exit(teeth::refresh());
    }
    if let Some(only) = &options.teeth {
        return exit(teeth::run(Some(&**only).filter(|only| !only.is_empty())));
    }
    match (options.schedules, options.hash) {
        (Some(schedules), true) => {
            println!("{:016x}", combined_hash(options.seed..options.seed + schedules));
            ExitCode::SUCCESS
        }
        (Some(schedules), false) => run_many(&options, schedules),
        (None, hash) => run_one(&options, hash),
    }
}

fn exit(all_well: std::io::Result<bool>) -> ExitCode {
    match all_well {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

fn run_one(options: &Options, hash: bool) -> ExitCode {
    let seed = options.seed;
    let outcome = options.simulate(seed, options.trace);
    outcome.lines.iter().for_each(|line| println!("{line}"));
    if hash {
        println!("{:016x}", outcome.hash);
    }
    match outcome.violation {
        None => {
            println!("seed {seed}: every check held, {} of them", outcome.tally.checks.iter().sum::<u64>());
            ExitCode::SUCCESS
        }
        Some(violation) => {
            println!("seed {seed}: {violation}");
            ExitCode::FAILURE
        }
    }
}

fn run_many(options: &Options, schedules: u64) -> ExitCode {
    let started = Instant::now();
    let next = AtomicU64::new(options.seed);
    let end = options.seed + schedules;
    let found: Mutex<Vec<(u64, Violation)>> = Mutex::default();
    let total: Mutex<Tally> = Mutex::default();
    let told = Progress::default();
    let threads = options.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut tally = Tally::default();
                loop {
                    let first = next.fetch_add(SHARE, Ordering::Relaxed);
                    if first >= end || first < options.seed {
                        break; // The number of the next seed may have wrapped.
                    }
                    if !options.brief {
                        told.tell(first - options.seed, schedules, started.elapsed());
                    }
                    for seed in first..first.saturating_add(SHARE).min(end) {
                        let outcome = options.simulate(seed, false);
                        tally.add(&outcome.tally);
                        if let Some(violation) = outcome.violation {
                            let mut found = found.lock().expect("no thread panics while it holds this");
                            if !options.brief {
                                eprintln!("seed {seed}: {violation}");
                            }
                            found.push((seed, violation));
                            if (options.brief || found.len() >= ENOUGH) && !options.all {
                                next.store(end, Ordering::Relaxed);
                            }
                        }
                    }
                }
                total.lock().expect("no thread panics while it holds this").add(&tally);
            });
        }
    });
    let mut found = found.into_inner().expect("all threads have ended");
    found.sort_by_key(|(seed, _)| *seed);
    let total = total.into_inner().expect("all threads have ended");
    if options.brief {
        return report::brief(&found, &total);
    }
    report::print(&found, &total, started.elapsed(), !options.rules && !options.published)
}

/// When it was last said how far a run is.
#[derive(Default)]
struct Progress(Mutex<Duration>);

impl Progress {
    fn tell(&self, done: u64, all: u64, elapsed: Duration) {
        let mut last = self.0.lock().expect("no thread panics while it holds this");
        if elapsed >= *last + PROGRESS {
            *last = elapsed;
            eprintln!("{done} of {all} schedules after {} s", elapsed.as_secs());
        }
    }
}

fn cut_everything(trace: bool) -> ExitCode {
    let started = Instant::now();
    let mut failed = false;
    let (mut runs, mut kills) = (0, 0);
    for script in crash_points::SCRIPTS {
        let result = crash_points::cut(script);
        runs += result.runs;
        kills += result.kills;
        println!("{:<34} {:>4} boundaries, {:>7} runs", script.name, result.boundaries, result.runs);
        for (cuts, violation) in &result.violations {
            println!("  cut at {cuts:?}: {violation}");
            failed = true;
        }
        if let Some((cuts, _)) = result.violations.first().filter(|_| trace) {
            crash_points::play(script, cuts, true).lines.iter().for_each(|line| println!("{line}"));
            return ExitCode::FAILURE;
        }
    }
    println!("crash points: {runs} runs, {kills} kills survived, in {:.1} s", started.elapsed().as_secs_f64());
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
