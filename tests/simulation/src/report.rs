//! The result of a run, in words.

use std::process::ExitCode;
use std::time::Duration;

use cuewire_simulation::published::load::{self, Hour};
use cuewire_simulation::{Check, Fault, Tally, Violation};

/// A run of so many schedules must have seen every fault and made every check.
const COMPLETE: u64 = 10_000;

/// Everything, for people.
pub fn print(found: &[(u64, Violation)], total: &Tally, took: Duration, is_whole: bool) -> ExitCode {
    println!("faults injected");
    for fault in Fault::ALL {
        println!("  {:>12}  {}", total.faults[*fault as usize], fault.name());
    }
    println!("checks made");
    for check in Check::ALL {
        println!("  {:>12}  {}", total.checks[*check as usize], check.name());
    }
    println!("most seen in any minute, starts and presses allowed for");
    for (most, what) in total.most.iter().zip(["tries of a card", "failed cards", "tokens", "stream opens"]) {
        println!("  {most:>12}  {what}");
    }
    println!(
        "{} interactions came to qualify, {} cards accepted, {} answers of delivery heard, {} given up",
        total.qualified, total.accepted, total.delivered, total.given_up
    );
    println!(
        "{} answers lost, {} cards repeated to servers that ignore cardId, {} waits lost with their worker",
        total.lost_answers, total.repeats, total.waits_lost
    );
    println!(
        "{} inputs, {} effects, {} kills survived, {} h of virtual time, settled {:.1} s after the faults at the latest",
        total.inputs,
        total.effects,
        total.kills_survived,
        total.virtual_time / 3_600_000,
        total.longest_settling as f64 / 1_000.0
    );
    let seconds = took.as_secs_f64();
    println!("{} schedules in {seconds:.1} s: {:.0} a second", total.schedules, total.schedules as f64 / seconds);
    let mut failed = !found.is_empty();
    for (seed, violation) in found {
        println!("seed {seed}: {violation}");
    }
    if is_whole && total.schedules >= COMPLETE {
        for fault in Fault::ALL.iter().filter(|fault| total.faults[**fault as usize] == 0) {
            println!("never happened: {}", fault.name());
            failed = true;
        }
        for check in Check::ALL.iter().filter(|check| total.checks[**check as usize] == 0) {
            println!("never checked: {}", check.name());
            failed = true;
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// An hour of a large tenant, with a list of cases that counts unhappy customers and with one that does not.
pub fn hours(hours: &[(bool, Hour)]) -> ExitCode {
    let mut is_well = true;
    for (statistics, hour) in hours {
        let counts = if *statistics { "counted" } else { "not counted" };
        println!("an hour at {} agents and {} open contacts, unhappy customers {counts}", load::AGENTS, load::OPEN);
        is_well &= hour_is_well(hour);
    }
    if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn hour_is_well(hour: &Hour) -> bool {
    for (part, count) in &hour.asked {
        println!("  {count:>8}  {part}");
    }
    println!("  {:>8}  polls of skills, contacts and agents in the busiest minute", hour.busiest_minute);
    println!("  {:>8}  polls of digital contacts in the busiest hour", hour.busiest_hour);
    let at = |share: usize| hour.late.get(hour.late.len() * share / 100).map_or(0.0, |late| *late as f64 / 1_000.0);
    println!(
        "{} conversations due, {} told, half within {:.0} s, nine in ten within {:.0} s",
        hour.due,
        hour.late.len(),
        at(50),
        at(90)
    );
    println!("{} messages without such a reason", hour.undue.len());
    hour.undue.iter().for_each(|undue| println!("  {undue}"));
    if let Some(violation) = &hour.violation {
        println!("{violation}");
    }
    hour.violation.is_none()
}

/// One line, for what reads it: the first violation, by seed.
pub fn brief(found: &[(u64, Violation)], total: &Tally) -> ExitCode {
    match found.first() {
        Some((seed, violation)) => {
            println!("caught\t{}\t{seed}\t{}", violation.check.name(), total.schedules);
            ExitCode::FAILURE
        }
        None => {
            println!("missed\t-\t-\t{}", total.schedules);
            ExitCode::SUCCESS
        }
    }
}
