//! The checks of each fuzz target. A target is a function of bytes that panics where the core breaks its word;
//! `fuzz_targets/` hands these functions to libFuzzer, and the tests below run them over the committed corpus.
//!
//! | module | what is fed | what must hold, besides no panic |
//! | --- | --- | --- |
//! | [`frame`] | a stream message | what is accepted is within its bounds and reads the same when written again |
//! | [`token`] | a token answer | a bounded grant; asked for at most once a second, whatever it says |
//! | [`retry_after`] | `Retry-After`, `Date` | digits are exact; dates as reckoned here; monotone; at most 1 h |
//! | [`interaction_url`] | an address, an interaction id | one segment of the same origin and prefix, as a browser reads it |
//! | [`settings`] | a settings text | what is read is written and read the same; errors name their field; no secret |
//! | [`rules`] | a text of rules | what is read is written and read the same, runs and outlives workers; mistakes name their place |
//! | [`journal`] | stored records | they round-trip; a damaged one is set aside and told; nothing is posted from it |
//! | [`page_message`] | a message of a page | it round-trips and is answered once |
//! | [`template`] | card templates, an event | one pass, bounded, whatever the values hold |
//! | [`pipeline`] | a script of inputs | any input in any state; no card before its commit; no secret where people look |

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

pub mod frame;
pub mod interaction_url;
pub mod journal;
pub mod page_message;
pub mod pipeline;
pub mod retry_after;
pub mod rig;
pub mod rules;
pub mod settings;
pub mod template;
pub mod token;

/// The most processor time that one call of the core may take, instrumented and with all its assertions on. A text of 1
/// MiB takes a tenth of it; time that grows with the square of a text takes many times as much.
pub const LIMIT: Duration = Duration::from_millis(500);

/// Makes one call of the core and holds it to [`LIMIT`]. Processor time, not wall time: other programs do not count.
pub fn timed<T>(what: &str, call: impl FnOnce() -> T) -> T {
    let before = processor_time();
    let result = call();
    let took = processor_time().saturating_sub(before);
    assert!(took <= LIMIT, "{what} took {took:?}");
    result
}

/// Text that grows: `*`, a byte for the size in steps of 4 KiB, a head, a part and a tail with zero bytes between. The
/// part is repeated until the size is reached. Quadratic work takes too long at a size that no fuzzer reaches.
pub fn grown(data: &[u8]) -> Option<Vec<u8>> {
    let (steps, rest) = data.strip_prefix(b"*")?.split_first()?;
    let mut parts = rest.splitn(3, |byte| *byte == 0);
    let (head, part, tail) = (parts.next()?, parts.next()?, parts.next().unwrap_or_default());
    let size = (usize::from(*steps) + 1) * 4_096;
    let times = size.saturating_sub(head.len() + tail.len()) / part.len().max(1);
    Some([head, &part.repeat(times), tail].concat())
}

fn processor_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Panics where the input breaks something.
    type Check = fn(&[u8]);

    /// Each target by name.
    const TARGETS: [(&str, Check); 10] = [
        ("frame", frame::check),
        ("token", token::check),
        ("retry_after", retry_after::check),
        ("interaction_url", interaction_url::check),
        ("settings", settings::check),
        ("rules", rules::check),
        ("journal", journal::check),
        ("page_message", page_message::check),
        ("template", template::check),
        ("pipeline", pipeline::check),
    ];

    #[test]
    fn every_input_of_the_corpus_passes() {
        for (target, check) in TARGETS {
            let folder = format!("{}/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
            let mut inputs = 0;
            for entry in std::fs::read_dir(&folder).expect(&folder) {
                let path = entry.expect("a directory entry").path();
                println!("{}", path.display());
                check(&std::fs::read(path).expect("a readable file"));
                inputs += 1;
            }
            assert!(inputs > 0, "{target} has no corpus");
        }
    }

    #[test]
    fn grown_text_repeats_its_middle() {
        let text = grown(b"*\x00[\x00x\x00]").expect("it is in the form");
        assert_eq!((text.len(), text.first(), text.last()), (4_096, Some(&b'['), Some(&b']')));
    }
}
