//! Tries a rule set on a recording, and prints what would have fired.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use cuewire::model::fingerprint::Fingerprint;
use cuewire::model::history::evidence::Evidence;
use cuewire::model::time::Millis;
use cuewire::rules::Firing;
use cuewire::rules::replay::Replay;
use serde::Serialize;

use crate::{read, recording, rule_set, zones};

/// A hold may end so long after the last event.
const AFTER: Millis = Millis::from_mins(24 * 60);

#[derive(Args)]
pub struct Options {
    /// A recording: one {"atMs", "event"} a line, plain or gzip
    log: PathBuf,
    /// The rule set
    #[arg(long)]
    rules: PathBuf,
    /// When the recording began, in milliseconds since 1970 (UTC): schedules and their days count from there
    #[arg(long, default_value_t = 0)]
    start: u64,
    /// Minutes that a zone is ahead of UTC in place of what the tz database says, as in Europe/Berlin=60; without a
    /// name, the zone of rules that name none, otherwise UTC
    #[arg(long, value_name = "ZONE=MINUTES", value_parser = offset)]
    offset: Vec<(String, i32)>,
    /// Print JSON in place of a table
    #[arg(long)]
    json: bool,
}

/// The firings that the rules would have had.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    events: u64,
    /// Lines that are no event of the stream.
    unreadable: u64,
    /// Interactions heard.
    interactions: usize,
    rules: Vec<RuleReport>,
    firings: Vec<FiringReport>,
}

/// How often one rule would have fired.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleReport {
    rule: String,
    mode: &'static str,
    /// Cards, or what a shadow rule would log.
    fired: usize,
    interactions: usize,
    /// Not sent, because a critical rule mutes it.
    muted: usize,
    /// Not sent, because another interaction of the queue has the card.
    grouped: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FiringReport {
    at_ms: u64,
    rule: String,
    interaction: String,
    episode: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<String>,
    shadow: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    muted_by: Option<String>,
    grouped: bool,
    reason: String,
    evidence: Vec<Evidence>,
}

/// Replays and prints.
///
/// # Errors
///
/// A recording or a rule set that cannot be read.
pub fn run(options: &Options) -> Result<()> {
    let rules = rule_set(&options.rules)?;
    let mut replay = Replay::new(Fingerprint::of(""), rules.compile());
    let start = Millis(options.start);
    for zone in zones::tell(&mut replay.evaluator, start, &options.offset) {
        eprintln!("warning: nobody knows {zone}, and there is no --offset: its rules are never active");
    }
    let (mut events, mut unreadable, mut last) = (0, 0, start);
    let (mut heard, mut firings) = (BTreeSet::new(), Vec::new());
    recording::each(&options.log, |line| {
        last = start.plus(Millis(line.at_ms));
        let Some(event) = read(line.event.get().as_bytes(), replay.evaluator.pointers()) else {
            unreadable += 1;
            return;
        };
        events += 1;
        heard.insert(Fingerprint::of(&event.id));
        firings.extend(replay.hear(last, &event));
        replay.evaluator.sweep(last, AFTER);
    })?;
    firings.extend(replay.pass(last.plus(AFTER)));
    let rules = rules.rules.iter().filter(|rule| rule.enabled);
    let rules = rules.map(|rule| RuleReport::of(&rule.id, rule.mode.name(), &firings)).collect();
    let firings = firings.into_iter().map(|firing| FiringReport::of(firing, start)).collect();
    let report = Report { events, unreadable, interactions: heard.len(), rules, firings };
    match options.json {
        true => println!("{}", serde_json::to_string_pretty(&report)?),
        false => report.print(),
    }
    Ok(())
}

fn offset(text: &str) -> Result<(String, i32), String> {
    let (zone, minutes) = text.rsplit_once('=').unwrap_or(("", text));
    let minutes = minutes.parse().map_err(|_| "expected ZONE=MINUTES".to_owned())?;
    Ok((zone.to_owned(), minutes))
}

impl RuleReport {
    fn of(rule: &str, mode: &'static str, firings: &[Firing]) -> RuleReport {
        let own = || firings.iter().filter(|firing| firing.rule.id == rule);
        let fired = || own().filter(|firing| firing.muted_by.is_none() && !firing.grouped);
        let interactions: BTreeSet<&str> = fired().map(|firing| &*firing.event.id).collect();
        let grouped = own().filter(|firing| firing.grouped).count();
        let muted = own().count() - fired().count() - grouped;
        let interactions = interactions.len();
        RuleReport { rule: rule.to_owned(), mode, fired: fired().count(), interactions, muted, grouped }
    }
}

impl FiringReport {
    fn of(firing: Firing, start: Millis) -> FiringReport {
        FiringReport {
            at_ms: firing.at.since(start).0,
            rule: firing.rule.id.clone(),
            interaction: firing.event.id.to_string(),
            episode: firing.episode,
            queue: firing.event.queue.as_deref().map(str::to_owned),
            shadow: firing.is_shadow(),
            reason: firing.reason(),
            muted_by: firing.muted_by,
            grouped: firing.grouped,
            evidence: firing.evidence,
        }
    }
}

impl Report {
    fn print(&self) {
        println!("{:>12}  {:<20} {:<34} {:>2}  reason", "at ms", "rule", "interaction", "ep");
        for firing in &self.firings {
            let mark = match (&firing.muted_by, firing.shadow) {
                (Some(by), _) => format!(" (muted by {by})"),
                (None, _) if firing.grouped => " (grouped)".to_owned(),
                (None, true) => " (shadow)".to_owned(),
                (None, false) => String::new(),
            };
            let FiringReport { at_ms, rule, interaction, episode, reason, .. } = firing;
            println!("{at_ms:>12}  {rule:<20} {interaction:<34} {episode:>2}  {reason}{mark}");
        }
        println!(
            "\n{} events of {} interactions; {} lines are no event",
            self.events, self.interactions, self.unreadable
        );
        println!(
            "\n{:<20} {:<7} {:>7} {:>13} {:>6} {:>8}",
            "rule", "mode", "fired", "interactions", "muted", "grouped"
        );
        for RuleReport { rule, mode, fired, interactions, muted, grouped } in &self.rules {
            println!("{rule:<20} {mode:<7} {fired:>7} {interactions:>13} {muted:>6} {grouped:>8}");
        }
        println!("\nNot counted: pauses, handled triggers, quiet hours, card limits and restarts.");
    }
}
