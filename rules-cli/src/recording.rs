//! Reads a recording: one `{"atMs": …, "event": …}` a line, plain or gzip, as the simulator writes it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use flate2::bufread::MultiGzDecoder;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The two bytes that every gzip file begins with (RFC 1952 §2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// One line of a recording.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line<'l> {
    /// Milliseconds since the first event.
    pub at_ms: u64,
    /// The message as it was sent.
    #[serde(borrow)]
    pub event: &'l RawValue,
}

/// Calls `take` for each line, in order. Content decides whether the file is gzip, not its name.
///
/// # Errors
///
/// A file or a line that cannot be read, and a line that is earlier than the one before.
pub fn each(path: &Path, mut take: impl FnMut(&Line<'_>)) -> Result<()> {
    let shown = path.display();
    let mut file = BufReader::new(File::open(path).with_context(|| shown.to_string())?);
    let is_gzip = file.fill_buf().with_context(|| shown.to_string())?.starts_with(&GZIP);
    let source: Box<dyn Read> = if is_gzip { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut reader = BufReader::new(source);
    let (mut text, mut number, mut latest) = (String::new(), 0_u64, 0);
    loop {
        text.clear();
        number += 1;
        if reader.read_line(&mut text).with_context(|| format!("{shown}, line {number}"))? == 0 {
            return Ok(());
        }
        if text.trim().is_empty() {
            continue;
        }
        let line: Line<'_> = serde_json::from_str(&text).with_context(|| format!("{shown}, line {number}"))?;
        ensure!(line.at_ms >= latest, "{shown}, line {number}: earlier than the line before");
        latest = line.at_ms;
        take(&line);
    }
}
