//! The command line. [`Options::from_args`] gives the same to tests.

pub mod published;
pub mod switches;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Parser, ValueEnum};
use rule_oracle::{RuleSet, Zones};

use crate::faults::Scheduled;
use crate::options::published::{PublishedOptions, Service};
use crate::oracle::Given;
use crate::rules::{OncePer, Rules};
use crate::service::cards::RepeatAnswer;
use crate::service::rate_limit::{RetryAfterForm, Window};

/// A CXone organisation on this machine: token endpoint, interaction stream, Agent Assist cards and an agent desktop, with faults on
/// demand and an oracle that knows which cards are due.
#[derive(Debug, Clone, Parser)]
#[command(name = "cxone-simulator", version, after_help = after_help())]
pub struct Options {
    /// Where to listen; port 0 takes a free one, which the first line on stdout names
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8970")]
    pub listen: SocketAddr,
    /// The organisation.
    #[command(flatten)]
    pub access: Access,
    /// What goes over the stream.
    #[command(flatten)]
    pub traffic: TrafficOptions,
    /// How cards are taken.
    #[command(flatten)]
    pub desk: CardOptions,
    /// Faults.
    #[command(flatten)]
    pub spoil: FaultOptions,
    /// The cards that the oracle expects.
    #[command(flatten)]
    pub expect: OracleOptions,
    /// The published service.
    #[command(flatten)]
    pub published: PublishedOptions,
}

const AFTER_HELP: &str = "\
Ctrl-C or SIGTERM ends it with the report. Exit code: 0 if no card was missed or duplicated, 1 if one was, 2 if it could not start.

Faults are KIND[=VALUE][:FIELD=VALUE,...][@START][+DURATION][/EVERY], times as 10s, 500ms or 2m after traffic starts:
  --fault 429@10s+5s                     cards get 429 for five seconds
  --fault 429:retry-after=3,form=date@5s+2s/20s
  --fault drop=1006@8s                   streams lose their connection
  --fault lost-answer:share=0.1          one card in ten is kept without an answer
The kinds, and the same at run time, are in simulator/README.md and at /control/faults/kinds.";

fn after_help() -> String {
    let switches = switches::help();
    format!(
        "{AFTER_HELP}\n\nSwitches of --service published: name, default | opposites, section of the wire specification \
         (* is never set by a seed):\n{switches}"
    )
}

/// Who may come in.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Access")]
pub struct Access {
    /// The client ID that is accepted
    #[arg(long, default_value = "cuewire-demo")]
    pub client_id: String,
    /// The client secret that is accepted
    #[arg(long, default_value = "cuewire-demo-secret")]
    pub client_secret: String,
    /// Scopes that the client has, separated by spaces
    #[arg(long, value_name = "SCOPES", default_value = "interactions:read agentassist:write")]
    pub scope: String,
    /// How long a token lives
    #[arg(long, value_name = "SECONDS", default_value_t = 3_600)]
    pub token_seconds: u64,
    /// Fields that replace those of the token answer, as a JSON object; null takes one away
    #[arg(long, value_name = "JSON", value_parser = json_object)]
    pub token_fields: Option<serde_json::Map<String, serde_json::Value>>,
    /// Close the connection after each answer: a browser asks again by itself when a connection that it reused breaks off
    #[arg(long)]
    pub close_connections: bool,
    /// How far the server's clock (Date, Retry-After dates) is ahead of the true time; negative is behind
    #[arg(long, value_name = "SECONDS", default_value_t = 0, allow_negative_numbers = true)]
    pub clock_skew: i64,
}

/// What goes over the stream.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Traffic")]
pub struct TrafficOptions {
    /// Events per second
    #[arg(long, default_value_t = 20.0)]
    pub rate: f64,
    /// Stop making events after so long; 0 goes on for ever
    #[arg(long, value_name = "SECONDS", default_value_t = 0.0)]
    pub seconds: f64,
    /// The same seed gives the same traffic
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Queue names separated by commas, or how many of the usual ones
    #[arg(long, value_name = "NAMES|N", default_value = "6")]
    pub queues: String,
    /// Share of interactions that become due a card
    #[arg(long, value_name = "SHARE", default_value_t = 0.04)]
    pub due_share: f64,
    /// Interactions that become due per minute, in place of a share
    #[arg(long, value_name = "N")]
    pub due_per_minute: Option<f64>,
    /// Interactions in progress at once; 0 chooses by the rate
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub concurrent: usize,
    /// Share of interactions whose id has / ? # % spaces or emoji in it
    #[arg(long, value_name = "SHARE", default_value_t = 0.05)]
    pub odd_ids: f64,
    /// Pad each event with unknown fields to this many bytes, at most 8192
    #[arg(long, value_name = "BYTES", default_value_t = 0)]
    pub frame_bytes: usize,
    /// WebSocket frames to send events in
    #[arg(long, value_enum, default_value_t = Frames::Text)]
    pub frames: Frames,
    /// When traffic starts
    #[arg(long, value_enum, default_value_t = Start::Client)]
    pub start: Start,
    /// Replay a recording (NDJSON of {"atMs", "event"}, plain or gzip) in place of made-up traffic; it pauses while no client listens
    #[arg(long, value_name = "FILE")]
    pub replay: Option<PathBuf>,
    /// How much faster than recorded to replay; 0 is as fast as clients read
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    pub speed: f64,
    /// Record what is sent, in the same format (gzip if the name ends in .gz)
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Send a WebSocket ping to each client this often; 0 sends none
    #[arg(long, value_name = "SECONDS", default_value_t = 0.0)]
    pub ping_seconds: f64,
    /// Once traffic has ended, wait at most this long for cards that are due, then end with the report
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0)]
    pub settle_seconds: f64,
    /// Stay after traffic has ended, until Ctrl-C
    #[arg(long)]
    pub stay: bool,
}

/// How cards are taken.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Cards")]
pub struct CardOptions {
    /// Cards per second for the whole organisation; 0 sets no limit
    #[arg(long, value_name = "R", default_value_t = 0.0)]
    pub rate_limit: f64,
    /// How the allowance comes back
    #[arg(long, value_enum, default_value_t = Window::Bucket)]
    pub rate_window: Window,
    /// How Retry-After is written
    #[arg(long, value_enum, default_value_t = RetryAfterForm::Digits)]
    pub retry_after_form: RetryAfterForm,
    /// What a cardId that is there already gets: 409, 200, or (ignore) a second card with 201
    #[arg(long, value_enum, default_value_t = RepeatAnswer::Conflict)]
    pub on_repeat: RepeatAnswer,
}

/// Faults from the start.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Faults")]
pub struct FaultOptions {
    /// A fault, as described below; may be given several times
    #[arg(long = "fault", value_name = "SPEC")]
    pub faults: Vec<Scheduled>,
}

/// What the oracle takes the supervisor's settings to be.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Oracle")]
pub struct OracleOptions {
    /// Rules in place of the two thresholds: a rule set as the extension exports it
    #[arg(long, value_name = "FILE")]
    pub rules: Option<PathBuf>,
    /// Minutes that a zone of a schedule is ahead of UTC, as Europe/Berlin=60; the browser's own zone has no name: =60
    #[arg(long = "zone", value_name = "NAME=MINUTES", value_parser = zone, allow_hyphen_values = true)]
    pub zones: Vec<(String, i64)>,
    /// A client reads a frame within so long; a hold may end as much later. Only with --rules
    #[arg(long, value_name = "MS", default_value_t = 1_000)]
    pub read_within_ms: u64,
    /// A score below this is due a card
    #[arg(long, value_name = "SCORE", default_value_t = -0.5, allow_negative_numbers = true)]
    pub sentiment_threshold: f64,
    /// A wait above this is due a card
    #[arg(long, value_name = "MS", default_value_t = 120_000.0)]
    pub wait_threshold_ms: f64,
    /// Scores with less confidence do not count
    #[arg(long, value_name = "CONFIDENCE", default_value_t = 0.0)]
    pub min_confidence: f64,
    /// One card per interaction, or one per rule
    #[arg(long, value_enum, default_value_t = OncePer::Interaction)]
    pub once_per: OncePer,
    /// Only this queue (* is a wildcard); may be given several times
    #[arg(long = "include-queue", value_name = "PATTERN")]
    pub include_queues: Vec<String>,
    /// Not this queue; may be given several times
    #[arg(long = "exclude-queue", value_name = "PATTERN")]
    pub exclude_queues: Vec<String>,
    /// Frames sent so shortly before a connection died may be unread: they make nothing missed
    #[arg(long, value_name = "MS", default_value_t = 2_000)]
    pub uncertain_ms: u64,
    /// Card requests that arrive so shortly after a 429 were under way before it: not early
    #[arg(long, value_name = "MS", default_value_t = 250)]
    pub early_grace_ms: u64,
    /// While running, a due card counts as waiting for so long, then as missed
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0)]
    pub missed_after_seconds: f64,
    /// Also write the last report to this file, as JSON
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}

/// Frames to send events in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Frames {
    /// Text.
    Text,
    /// Binary.
    Binary,
    /// Either, at random.
    Mixed,
}

/// When traffic starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Start {
    /// With the first client on the stream.
    Client,
    /// At once.
    Now,
}

impl Options {
    /// The options that these arguments (without the program's name) mean.
    ///
    /// # Errors
    /// What clap says of them.
    pub fn from_args<I>(arguments: I) -> Result<Self, clap::Error>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let named = std::iter::once("cxone-simulator".to_owned()).chain(arguments.into_iter().map(Into::into));
        let options = Self::try_parse_from(named)?;
        options.check().map_err(|reason| clap::Error::raw(clap::error::ErrorKind::ValueValidation, reason))?;
        Ok(options)
    }

    /// Checks that clap cannot make by itself.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), String> {
        let share = |name: &str, value: f64| match value {
            value if (0.0..=1.0).contains(&value) => Ok(()),
            _ => Err(format!("--{name} must be 0 … 1\n")),
        };
        let above = |name: &str, value: f64, low: f64| match value {
            value if value >= low && value <= 1e7 => Ok(()),
            _ => Err(format!("--{name} must be at least {low}\n")),
        };
        share("due-share", self.traffic.due_share)?;
        share("odd-ids", self.traffic.odd_ids)?;
        above("rate", self.traffic.rate, 0.01)?;
        above("seconds", self.traffic.seconds, 0.0)?;
        above("speed", self.traffic.speed, 0.0)?;
        above("settle-seconds", self.traffic.settle_seconds, 0.0)?;
        above("ping-seconds", self.traffic.ping_seconds, 0.0)?;
        above("rate-limit", self.desk.rate_limit, 0.0)?;
        above("missed-after-seconds", self.expect.missed_after_seconds, 0.0)?;
        above("notice-seconds", self.published.notice_seconds, 0.0)?;
        above("recovery-seconds", self.published.recovery_seconds, 0.0)?;
        above("talk-stretch", self.published.talk_stretch, 0.1)?;
        if self.expect.rules.is_some() && self.published.service == Service::Published {
            return Err("--rules judges the stream only: --service published is judged by the thresholds\n".into());
        }
        if self.traffic.frame_bytes > 8_192 {
            return Err("--frame-bytes must be at most 8192\n".into());
        }
        Ok(())
    }

    /// The rule set to judge by, if one was given.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn rule_set(&self) -> Result<Option<RuleSet>, String> {
        let Some(path) = &self.expect.rules else { return Ok(None) };
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        RuleSet::parse(&text).map(Some).map_err(|why| format!("{}: {why}", path.display()))
    }

    /// What the oracle is given with a rule set. `started`: milliseconds since 1970.
    ///
    /// # Errors
    /// A schedule of a zone that nobody told.
    pub fn given(&self, set: RuleSet, started: u64) -> Result<Given, String> {
        let mut zones = Zones::from([("UTC".to_owned(), 0)]);
        zones.extend(self.expect.zones.iter().cloned());
        if let Some(unknown) = set.zones().into_iter().find(|zone| !zones.contains_key(zone)) {
            return Err(format!("a schedule counts by the zone {unknown:?}: say --zone {unknown}=MINUTES"));
        }
        let read_within = self.expect.read_within_ms * 1_000;
        Ok(Given { set: Arc::new(set), zones: Arc::new(zones), read_within, started })
    }

    /// The oracle's settings.
    #[must_use]
    pub fn rules(&self) -> Rules {
        Rules {
            sentiment_threshold: self.expect.sentiment_threshold,
            wait_threshold_ms: self.expect.wait_threshold_ms,
            min_confidence: self.expect.min_confidence,
            once_per: self.expect.once_per,
            include_queues: self.expect.include_queues.clone(),
            exclude_queues: self.expect.exclude_queues.clone(),
        }
    }
}

fn zone(text: &str) -> Result<(String, i64), String> {
    let (name, minutes) = text.split_once('=').ok_or("give NAME=MINUTES")?;
    Ok((name.to_owned(), minutes.parse().map_err(|_| format!("{minutes} is no number of minutes"))?))
}

fn json_object(text: &str) -> Result<serde_json::Map<String, serde_json::Value>, String> {
    serde_json::from_str(text).map_err(|error| format!("not a JSON object: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid_and_those_of_the_contract() {
        let options = Options::from_args::<[&str; 0]>([]).expect("defaults");
        assert_eq!(options.rules(), Rules::default());
        assert_eq!(options.listen.to_string(), "127.0.0.1:8970");
    }

    #[test]
    fn what_is_out_of_range_is_refused() {
        for bad in ["--rate=0", "--due-share=2", "--frame-bytes=9000", "--fault=jam", "--speed=-1"] {
            assert!(Options::from_args([bad]).is_err(), "{bad}");
        }
    }
}
