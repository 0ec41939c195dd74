//! JSON for people: the text of the one writer, with lines and indents, because a second writer would be compiled for
//! every type.

/// JSON without blanks, as `serde_json::to_string_pretty` would have written it.
pub fn indented(json: &str) -> String {
    let mut text = String::with_capacity(json.len() * 2);
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let mut before = ' ';
    let line = |text: &mut String, depth: usize| {
        text.push('\n');
        (0..depth).for_each(|_| text.push_str("  "));
    };
    for c in json.chars() {
        if quoted {
            quoted = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            text.push(c);
        } else {
            let empty = matches!((before, c), ('{', '}') | ('[', ']'));
            match c {
                '}' | ']' => {
                    depth = depth.saturating_sub(1);
                    if !empty {
                        line(&mut text, depth);
                    }
                }
                _ if matches!(before, '{' | '[' | ',') => line(&mut text, depth),
                _ => {}
            }
            text.push(c);
            match c {
                '{' | '[' => depth += 1,
                ':' => text.push(' '),
                '"' => quoted = true,
                _ => {}
            }
        }
        before = c;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_indents_are_those_of_serde_json() {
        let value = serde_json::json!({
            "empty": [{}, [], ""], "nested": [[1, -2.5e300], { "a": null, "b": true }], "text": "{\"[\\,:\\\\\" ]}", "": "\\",
        });
        let pretty = serde_json::to_string_pretty(&value).expect("JSON");
        assert_eq!(indented(&value.to_string()), pretty);
    }
}
