//! Every kind of frame that is not an event. Most are a qualifying event with one thing wrong, so that a client that is
//! lenient where it must not be gives itself away with a card that nobody was due.

use serde::Serialize;

use crate::event::{DEEPEST_NESTING, LARGEST_FRAME, LONGEST_ID};

/// The mistake in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Garbage {
    /// Not JSON at all.
    BadJson,
    /// A binary frame that is not UTF-8.
    BadUtf8,
    /// `"score": "-0.9"` and the like.
    WrongTypes,
    /// An array where the event should be.
    NotAnObject,
    /// No `id`.
    NoId,
    /// `"id": null`.
    NullId,
    /// `"id": ""`.
    EmptyId,
    /// 1 025 bytes.
    LongId,
    /// `.`
    DotId,
    /// `..`
    DotDotId,
    /// `1e999`.
    HugeNumber,
    /// `NaN`.
    NotANumber,
    /// Over 1 MiB.
    Oversize,
    /// Nested deeper than 64.
    Deep,
    /// Nested deeper than any stack should follow.
    VeryDeep,
    /// A byte order mark in front.
    Bom,
    /// Something behind.
    Trailing,
    /// Nothing.
    Empty,
    /// Half of a surrogate pair.
    LoneSurrogate,
    /// Cut off in the middle.
    Truncated,
}

/// All of them, in the order in which `all` sends them.
pub const ALL: [(&str, Garbage); 20] = [
    ("bad-json", Garbage::BadJson),
    ("bad-utf8", Garbage::BadUtf8),
    ("wrong-types", Garbage::WrongTypes),
    ("not-an-object", Garbage::NotAnObject),
    ("no-id", Garbage::NoId),
    ("null-id", Garbage::NullId),
    ("empty-id", Garbage::EmptyId),
    ("long-id", Garbage::LongId),
    ("dot-id", Garbage::DotId),
    ("dot-dot-id", Garbage::DotDotId),
    ("huge-number", Garbage::HugeNumber),
    ("not-a-number", Garbage::NotANumber),
    ("oversize", Garbage::Oversize),
    ("deep", Garbage::Deep),
    ("very-deep", Garbage::VeryDeep),
    ("bom", Garbage::Bom),
    ("trailing", Garbage::Trailing),
    ("empty", Garbage::Empty),
    ("lone-surrogate", Garbage::LoneSurrogate),
    ("truncated", Garbage::Truncated),
];

impl Garbage {
    /// The kinds of garbage of a name; `all` is every kind.
    ///
    /// # Errors
    /// The names there are.
    pub fn named(name: &str) -> Result<Vec<Self>, String> {
        if name == "all" {
            return Ok(ALL.iter().map(|(_, garbage)| *garbage).collect());
        }
        match ALL.iter().find(|(known, _)| *known == name) {
            Some((_, garbage)) => Ok(vec![*garbage]),
            None => {
                let names: Vec<&str> = ALL.iter().map(|(known, _)| *known).collect();
                Err(format!("no garbage is called {name:?}; there are all, {}", names.join(", ")))
            }
        }
    }

    /// Whether it can only go in a binary frame: a browser ends the connection at a text frame that is not UTF-8.
    #[must_use]
    pub fn binary_only(self) -> bool {
        self == Self::BadUtf8
    }

    /// The bytes. `number` makes the ids of different frames differ.
    #[must_use]
    pub fn bytes(self, number: u64) -> Vec<u8> {
        let id = format!("garbage-{number}");
        let event = |id: &str, more: &str| {
            format!(r#"{{"id":{id},"type":"sentiment","sentiment":{{"score":-0.97,"confidence":0.9}}{more}}}"#)
        };
        let named = |more: &str| event(&format!("{id:?}"), more);
        let nested = |levels: usize| named(&format!(r#","extra":{}{}"#, "[".repeat(levels), "]".repeat(levels)));
        match self {
            Self::BadJson => format!("{{id: {id}, score: -0.97}}").into_bytes(),
            Self::BadUtf8 => {
                let mut bytes = named(r#","note":"~""#).into_bytes();
                for byte in &mut bytes {
                    if *byte == b'~' {
                        *byte = 0xff;
                    }
                }
                bytes
            }
            Self::WrongTypes => {
                let wrong = [
                    named("").replace("-0.97", r#""-0.97""#),
                    format!(r#"{{"id":"{id}","type":"sentiment","sentiment":-0.97}}"#),
                    format!(r#"{{"id":"{id}","type":"waiting","routing":{{"queueWaitTimeMs":"125000"}}}}"#),
                    event("4711", ""),
                ];
                wrong[usize::try_from(number % 4).unwrap_or(0)].clone().into_bytes()
            }
            Self::NotAnObject => format!("[{}]", named("")).into_bytes(),
            Self::NoId => br#"{"type":"sentiment","sentiment":{"score":-0.97,"confidence":0.9}}"#.to_vec(),
            Self::NullId => event("null", "").into_bytes(),
            Self::EmptyId => event(r#""""#, "").into_bytes(),
            Self::LongId => event(&format!("{:?}", "x".repeat(LONGEST_ID + 1)), "").into_bytes(),
            Self::DotId => event(r#"".""#, "").into_bytes(),
            Self::DotDotId => event(r#""..""#, "").into_bytes(),
            Self::HugeNumber => named("").replace("-0.97", "-1e999").into_bytes(),
            Self::NotANumber => named("").replace("0.9}", "NaN}").into_bytes(),
            Self::Oversize => named(&format!(r#","extra":{:?}"#, "x".repeat(LARGEST_FRAME))).into_bytes(),
            Self::Deep => nested(DEEPEST_NESTING + 16).into_bytes(),
            Self::VeryDeep => nested(100_000).into_bytes(),
            Self::Bom => format!("\u{feff}{}", named("")).into_bytes(),
            Self::Trailing => format!("{} {{}}", named("")).into_bytes(),
            Self::Empty => Vec::new(),
            Self::LoneSurrogate => event(&format!(r#""{id}\ud83d""#), "").into_bytes(),
            Self::Truncated => {
                let whole = named("");
                whole.as_bytes()[..whole.len() - 9].to_vec()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Seen;

    #[test]
    fn no_kind_of_garbage_is_an_event() {
        for (name, garbage) in ALL {
            for number in 0..4 {
                assert_eq!(Seen::read(&garbage.bytes(number)), None, "{name}");
            }
        }
    }

    #[test]
    fn only_bad_utf8_is_not_text() {
        for (name, garbage) in ALL {
            assert_eq!(std::str::from_utf8(&garbage.bytes(1)).is_err(), garbage.binary_only(), "{name}");
        }
    }
}
