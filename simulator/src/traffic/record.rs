//! Writes what was sent in the format that replay reads.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::clock::{Micros, millis};

/// A recording under way.
pub struct Recorder {
    sink: Sink,
    first: Option<Micros>,
}

enum Sink {
    Plain(BufWriter<File>),
    Gzip(GzEncoder<BufWriter<File>>),
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Recorder").finish_non_exhaustive()
    }
}

impl Recorder {
    /// Creates the file; gzip if its name ends in `.gz`.
    ///
    /// # Errors
    /// Why it cannot be created.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = BufWriter::new(File::create(path)?);
        let gzip = path.extension().is_some_and(|extension| extension == "gz");
        let sink = if gzip { Sink::Gzip(GzEncoder::new(file, Compression::default())) } else { Sink::Plain(file) };
        Ok(Self { sink, first: None })
    }

    /// Adds an event (JSON without line breaks) that was sent at a moment.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub fn add(&mut self, event: &[u8], at: Micros) -> io::Result<()> {
        let first = *self.first.get_or_insert(at);
        let sink: &mut dyn Write = match &mut self.sink {
            Sink::Plain(file) => file,
            Sink::Gzip(file) => file,
        };
        write!(sink, "{{\"atMs\":{},\"event\":", millis(at.saturating_sub(first)))?;
        sink.write_all(event)?;
        sink.write_all(b"}\n")
    }

    /// Completes the file.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub fn finish(self) -> io::Result<()> {
        match self.sink {
            Sink::Plain(mut file) => file.flush(),
            Sink::Gzip(file) => file.finish()?.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::replay;

    #[test]
    fn a_recording_replays_with_the_same_bytes_and_times() {
        for name in ["cuewire-record.ndjson", "cuewire-record.ndjson.gz"] {
            let path = std::env::temp_dir().join(format!("{}-{name}", std::process::id()));
            let mut recorder = Recorder::create(&path).expect("a file");
            recorder.add(br#"{"id":"a","x": 1.50}"#, 5_000).expect("written");
            recorder.add(br#"{"id":"b"}"#, 12_000).expect("written");
            recorder.finish().expect("finished");
            let back: Vec<_> = replay(&path).expect("opened").map(|line| line.expect("a line")).collect();
            std::fs::remove_file(&path).expect("removed");
            assert_eq!(back.iter().map(|event| event.at).collect::<Vec<_>>(), [0, 7_000]);
            assert_eq!(back[0].bytes, br#"{"id":"a","x": 1.50}"#);
        }
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        let path = std::env::temp_dir().join(format!("{}-broken.ndjson", std::process::id()));
        std::fs::write(&path, "{\"atMs\":0,\"event\":{}}\n\n{\"atMs\":-1,\"event\":{}}\n").expect("written");
        let lines: Vec<_> = replay(&path).expect("opened").collect();
        std::fs::remove_file(&path).expect("removed");
        assert!(lines[0].is_ok());
        assert!(lines[1].as_ref().expect_err("a reason").contains("line 3"));
    }
}
