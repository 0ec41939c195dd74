//! The value of an event where a rule points, as a recording keeps it: without a text.

/// A value at a pointer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Said {
    /// A number.
    Number(f64),
    /// True or false.
    Flag(bool),
    /// An array or an object: present, and nothing to compare.
    Structure,
    /// A text, as a mark that answers what rules ask of texts and tells nothing else.
    Text(u64),
}
