//! `cxone-simulator`: see `--help`.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use cxone_simulator::{Options, Report, Simulator};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let options = Options::parse();
    match run(options).await {
        Ok(report) if report.ok => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::from(2)
        }
    }
}

async fn run(options: Options) -> Result<Report, String> {
    options.check()?;
    let file = options.expect.report.clone();
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    let simulator = Simulator::start(options).await?;
    say(&format!("listening on http://{}", simulator.address()));
    tokio::select! {
        () = simulator.over() => {}
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    let report = simulator.end().await;
    say(&report.to_string());
    if let Some(path) = file {
        let text = serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?;
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(report)
}

/// Prints a line. Whoever started us may have stopped reading; that is no reason to fail.
fn say(line: &str) {
    let mut out = std::io::stdout();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
