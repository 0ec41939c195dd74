//! Finds a secret in a text, however the text spells it: as it is, percent-, form-, JSON-, HTML- or base64-encoded.

use crate::model::sorted;
use std::ops::Range;

/// Shorter secrets are no secrets, and hiding them would garble the text.
const SHORTEST: usize = 4;

/// Every escape that is read is shorter, in bytes: a text that broke off may end within one.
const LONGEST_ESCAPE: usize = 12;

/// The escapes of HTML that have a name.
const ENTITIES: [(&str, char); 6] =
    [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&apos;", '\''), ("&nbsp;", '\u{a0}')];

/// The parts of a text that spell one of the secrets, or the beginning of one at which the text broke off. In order, and
/// apart from each other.
pub fn find(text: &str, secrets: &[&str]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let secrets: Vec<String> =
        secrets.iter().filter(|secret| secret.len() >= SHORTEST).map(|secret| as_latin(secret.as_bytes())).collect();
    if secrets.is_empty() {
        return found;
    }
    for read in [plain, percent, form, json, nested_json, html] {
        let spelled = Spelled::read(text, read);
        for secret in &secrets {
            spelled.find(secret, &mut found);
        }
    }
    find_in_base64(text, &secrets, &mut found);
    apart(found)
}

/// Takes what one character is spelled with off the start of a text: how many bytes that is, and the bytes it means.
type Read = fn(&str) -> Option<(usize, Vec<u8>)>;

/// A text as it reads without its escapes.
struct Spelled {
    /// The meant bytes, each as one character from U+0000 to U+00FF.
    text: String,
    /// Where in the source each byte of `text` begins; at last, where the source ends.
    at: Vec<usize>,
}

impl Spelled {
    fn read(source: &str, read: Read) -> Spelled {
        let mut spelled = Spelled { text: String::with_capacity(source.len()), at: Vec::with_capacity(source.len()) };
        let mut offset = 0;
        while let Some(byte) = source.as_bytes().get(offset) {
            // Only these four bytes begin an escape; every other byte means itself.
            let escape = if matches!(byte, b'%' | b'+' | b'\\' | b'&') { read(&source[offset..]) } else { None };
            let (taken, meant) =
                escape.as_ref().map_or((1, std::slice::from_ref(byte)), |(taken, meant)| (*taken, meant));
            spelled.text.extend(meant.iter().map(|byte| char::from(*byte)));
            spelled.at.resize(spelled.text.len(), offset);
            offset += taken;
        }
        spelled.at.push(source.len());
        spelled
    }

    fn find(&self, secret: &str, found: &mut Vec<Range<usize>>) {
        let source = |range: Range<usize>| self.at[range.start]..self.at[range.end];
        found.extend(self.text.match_indices(secret).map(|(at, part)| source(at..at + part.len())));
        // A text that broke off may end within a secret, and that within an escape.
        let ends = std::iter::once(self.text.len()).chain(self.last_escape());
        for end in ends {
            let text = &self.text[..end];
            let beginnings = (SHORTEST..secret.len()).rev().filter_map(|length| secret.get(..length));
            if let Some(begun) = beginnings.into_iter().find(|begun| text.ends_with(begun)) {
                found.push(self.at[end - begun.len()]..self.at[self.text.len()]);
            }
        }
    }

    /// Where the last characters could be an escape that was cut.
    fn last_escape(&self) -> Option<usize> {
        let from = self.text.len().saturating_sub(LONGEST_ESCAPE);
        let start = self.text.bytes().enumerate().skip(from).find(|(_, byte)| matches!(byte, b'%' | b'\\' | b'&'));
        start.map(|(at, _)| at)
    }
}

/// Bytes as characters of the same numbers, so that text which is no UTF-8 can be searched as text.
fn as_latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn plain(_: &str) -> Option<(usize, Vec<u8>)> {
    None
}

/// RFC 3986 §2.1.
fn percent(text: &str) -> Option<(usize, Vec<u8>)> {
    let digits = text.strip_prefix('%')?.get(..2)?;
    Some((3, vec![u8::from_str_radix(digits, 16).ok()?]))
}

/// `application/x-www-form-urlencoded`: a space is `+`.
fn form(text: &str) -> Option<(usize, Vec<u8>)> {
    if text.starts_with('+') { Some((1, vec![b' '])) } else { percent(text) }
}

/// RFC 8259 §7.
fn json(text: &str) -> Option<(usize, Vec<u8>)> {
    let escape = text.strip_prefix('\\')?;
    let meant = match escape.chars().next()? {
        character @ ('"' | '\\' | '/') => character,
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => {
            let (taken, character) = unicode(escape)?;
            return Some((1 + taken, character.to_string().into_bytes()));
        }
        _ => return None,
    };
    Some((2, meant.to_string().into_bytes()))
}

/// JSON within JSON: as many backslashes as there are belong to the one character after them.
fn nested_json(text: &str) -> Option<(usize, Vec<u8>)> {
    let slashes = text.len() - text.trim_start_matches('\\').len();
    let (taken, meant) = json(&text[slashes.checked_sub(1)?..])?;
    Some((slashes - 1 + taken, meant))
}

/// `u` and four digits, or two such halves of one character.
fn unicode(text: &str) -> Option<(usize, char)> {
    let unit = |text: &str| u16::from_str_radix(text.strip_prefix('u')?.get(..4)?, 16).ok();
    let first = unit(text)?;
    if let Some(character) = char::from_u32(u32::from(first)) {
        return Some((5, character));
    }
    let rest = text[5..].trim_start_matches('\\');
    let pair = [first, unit(rest)?];
    let character = char::decode_utf16(pair).next()?.ok()?;
    Some((text.len() - rest.len() + 5, character))
}

fn html(text: &str) -> Option<(usize, Vec<u8>)> {
    if let Some((name, character)) = ENTITIES.iter().find(|(name, _)| text.starts_with(name)) {
        return Some((name.len(), character.to_string().into_bytes()));
    }
    let number = text.strip_prefix("&#")?;
    let number = &number[..number.bytes().take(8).position(|byte| byte == b';')?];
    let value = match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => number.parse(),
    };
    let character = char::from_u32(value.ok()?)?;
    Some((number.len() + 3, character.to_string().into_bytes()))
}

/// Finds runs of base64 (RFC 4648 §4 and §5) that hold a secret; the whole run is hidden, because what stands before and
/// after the secret moves its letters.
fn find_in_base64(text: &str, secrets: &[String], found: &mut Vec<Range<usize>>) {
    let mut start = 0;
    for run in text.split(|character| base64_value(character).is_none()) {
        // Letters that do not belong to it may stand right before it.
        let decoded = (0..4).filter_map(|skipped| run.get(skipped..)).map(decode_base64);
        if decoded.into_iter().any(|decoded| secrets.iter().any(|secret| decoded.contains(secret.as_str()))) {
            found.push(start..start + run.len());
        }
        start += run.len() + text[start + run.len()..].chars().next().map_or(0, char::len_utf8);
    }
}

fn decode_base64(run: &str) -> String {
    let mut decoded = String::with_capacity(run.len());
    let (mut bits, mut count) = (0_u32, 0);
    for value in run.chars().filter_map(base64_value) {
        bits = bits << 6 | value;
        count += 6;
        if count >= 8 {
            count -= 8;
            decoded.push(char::from((bits >> count & 0xff) as u8));
        }
    }
    decoded
}

fn base64_value(character: char) -> Option<u32> {
    let value = match character {
        'A'..='Z' => u32::from(character) - u32::from('A'),
        'a'..='z' => u32::from(character) - u32::from('a') + 26,
        '0'..='9' => u32::from(character) - u32::from('0') + 52,
        '+' | '-' => 62,
        '/' | '_' => 63,
        _ => return None,
    };
    Some(value)
}

/// The same parts, in order; those that overlap are one.
fn apart(mut found: Vec<Range<usize>>) -> Vec<Range<usize>> {
    sorted::sort_by(&mut found, |one, other| (one.start, one.end).cmp(&(other.start, other.end)));
    let mut parts: Vec<Range<usize>> = Vec::with_capacity(found.len());
    for part in found {
        match parts.last_mut() {
            Some(last) if part.start < last.end => last.end = last.end.max(part.end),
            _ => parts.push(part),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with a star for each part that is found.
    fn left(text: &str, secrets: &[&str]) -> String {
        let mut left = text.to_owned();
        for part in find(text, secrets).into_iter().rev() {
            left.replace_range(part, "*");
        }
        left
    }

    const ODD: &str = "pa ss+w%rd/\"&<\\é😀";

    #[test]
    fn a_secret_is_found_in_every_spelling_in_which_a_server_may_repeat_it() {
        let encoded = percent_encoding::utf8_percent_encode(ODD, percent_encoding::NON_ALPHANUMERIC).to_string();
        let json = serde_json::to_string(ODD).expect("text");
        let nested = serde_json::to_string(&json).expect("text");
        let ascii = r#"pa ss+w%rd\/\"&<\\\u00e9\uD83D\uDE00"#;
        for (how, text) in [
            ("plain", ODD.to_owned()),
            ("percent", encoded.clone()),
            ("percent in small letters", encoded.to_lowercase()),
            ("form", encoded.replace("%20", "+")),
            ("JSON", json[1..json.len() - 1].to_owned()),
            ("JSON in ASCII", ascii.to_owned()),
            ("HTML", ODD.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")),
            ("HTML in numbers", ODD.replace('&', "&#38;").replace('<', "&#x3C;").replace('"', "&#34;")),
        ] {
            assert_eq!(left(&format!("a {text} b {text}."), &[ODD]), "a * b *.", "{how}");
        }
        let shown = left(&nested, &["pa \"ss\" é"]);
        assert_eq!(shown, nested, "another secret");
        assert_eq!(left(r#"{\"said\":\"pa \\\"ss\\\" \\u00e9\"}"#, &["pa \"ss\" é"]), r#"{\"said\":\"*\"}"#);
    }

    #[test]
    fn a_secret_is_found_in_base64_wherever_it_stands_in_what_was_encoded() {
        // `printf 'supervisor:correct horse' | base64`, and with less and more before it.
        for encoded in
            ["c3VwZXJ2aXNvcjpjb3JyZWN0IGhvcnNl", "Y29ycmVjdCBob3JzZQ", "YWNvcnJlY3QgaG9yc2U", "YWFjb3JyZWN0IGhvcnNl"]
        {
            for (before, after) in [("", "="), ("Basic ", " no"), ("\"x\":\"", "==\""), ("credentials=", "&y")] {
                let text = format!("{before}{encoded}{after}");
                let left = left(&text, &["correct horse"]);
                assert!(!left.contains("3IGhvc") && !left.contains(&encoded[4..]), "{left}");
                assert!(left.ends_with(after), "{left}");
            }
        }
        assert_eq!(left("Y29ycmVjdCBob3I", &["correct horse"]), "Y29ycmVjdCBob3I", "another word");
    }

    #[test]
    fn the_beginning_at_which_a_text_broke_off_is_found_in_every_spelling() {
        for (text, expected) in [
            ("no: s3cr%2", "no: *"),
            ("no: s3cr%2Ft", "no: *"),
            ("no: s3cr\\/", "no: *"),
            ("no: s3cr&#4", "no: *"),
            ("no: s3c", "no: s3c"),
        ] {
            assert_eq!(left(text, &["s3cr/t-and-more"]), expected);
        }
        assert_eq!(left("no: s3cr\\u00", &["s3crü-and-more"]), "no: *");
    }

    #[test]
    fn a_text_that_nearly_repeats_a_secret_without_end_is_read_in_time_in_proportion() {
        let secret = format!("{}b", "a".repeat(10_000));
        assert_eq!(left(&"a".repeat(60_000), &[&secret]), format!("{}*", "a".repeat(50_000)));
    }
}
