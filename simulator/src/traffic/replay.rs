//! Recorded traffic: NDJSON of `{"atMs", "event"}`, plain or gzip.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Source, Timed};

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(rename = "atMs")]
    at_ms: f64,
    #[serde(borrow)]
    event: &'a RawValue,
}

/// Opens a recording. The events go out with the very bytes they were recorded with.
///
/// # Errors
/// Why it cannot be opened.
pub fn replay(path: &Path) -> Result<Source, String> {
    let shown = path.display().to_string();
    let mut file = BufReader::new(File::open(path).map_err(|error| format!("{shown}: {error}"))?);
    let gzip = file.fill_buf().map_err(|error| format!("{shown}: {error}"))?.starts_with(&[0x1f, 0x8b]);
    let plain: Box<dyn Read + Send> = if gzip { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let lines = BufReader::new(plain).lines().enumerate();
    Ok(Box::new(lines.filter(|(_, line)| !matches!(line, Ok(text) if text.trim().is_empty())).map(
        move |(index, line)| {
            let at_line = |error: String| format!("{shown}, line {}: {error}", index + 1);
            let text = line.map_err(|error| at_line(error.to_string()))?;
            let line: Line<'_> = serde_json::from_str(&text).map_err(|error| at_line(error.to_string()))?;
            if !line.at_ms.is_finite() || line.at_ms < 0.0 {
                return Err(at_line("atMs must not be negative".into()));
            }
            Ok(Timed { at: (line.at_ms * 1_000.0) as u64, bytes: line.event.get().as_bytes().to_vec(), binary: false })
        },
    )))
}
