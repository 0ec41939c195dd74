//! How a settings text is read, below its fields.

use crate::model::json;

/// Characters that come along when text is copied and that nobody sees.
pub(super) fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

pub(super) fn code_point(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

/// A plain decimal number; Rust alone would take `inf`, `nan` and `+1` as well.
pub(super) fn read_number(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E'));
    plain.then(|| text.parse::<f64>().ok()).flatten().filter(|number| number.is_finite())
}

/// The keys of the outermost object of a JSON text, each with its line.
pub(super) fn keys(json: &str) -> Vec<(String, u32)> {
    let mut keys = Vec::new();
    let (mut depth, mut line, mut start, mut escaped) = (0_usize, 1_u32, None, false);
    let mut latest: Option<(&str, u32)> = None;
    for (at, byte) in json.bytes().enumerate() {
        match (start, byte) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(from), b'"') => {
                latest = json.get(from..=at).map(|text| (text, line));
                start = None;
            }
            (None, b'"') => start = Some(at),
            (None, b'{' | b'[') => depth += 1,
            (None, b'}' | b']') => depth = depth.saturating_sub(1),
            (None, b':') if depth == 1 => {
                let key = latest.and_then(|(text, line)| Some((json::read(text)?, line)));
                keys.extend(key);
            }
            (None, b'\n') => line = line.saturating_add(1),
            _ => {}
        }
    }
    keys
}
