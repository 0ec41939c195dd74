//! The trace of a schedule: always as a hash, and as text where someone wants to read it.

/// Mixes every input and effect into one number; on request it keeps each as a line.
#[derive(Debug)]
pub struct Trace {
    hash: u64,
    lines: Option<Vec<String>>,
    /// Where and when things happen, for the lines.
    pub now: u64,
}

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

impl Trace {
    /// An empty trace; `readable` keeps lines.
    pub fn new(readable: bool) -> Trace {
        Trace { hash: OFFSET, lines: readable.then(Vec::new), now: 0 }
    }

    /// Mixes a number in.
    pub fn number(&mut self, number: u64) {
        self.hash = (self.hash ^ number).wrapping_mul(PRIME);
        self.hash ^= self.hash >> 29;
    }

    /// Mixes bytes in: FNV-1a over words of eight, with the length.
    pub fn bytes(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.number(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.number(u64::from_le_bytes(last));
        self.number(bytes.len() as u64);
    }

    /// Adds a line, made only if anyone reads it.
    pub fn line(&mut self, text: impl FnOnce() -> String) {
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{:>12.3}  {}", self.now as f64 / 1_000.0, text()));
        }
    }

    /// Whether lines are kept.
    pub fn is_readable(&self) -> bool {
        self.lines.is_some()
    }

    /// The hash so far.
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// The lines, if they were kept.
    pub fn into_lines(self) -> Vec<String> {
        self.lines.unwrap_or_default()
    }
}
