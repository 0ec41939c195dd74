//! One comparison of a condition.

use serde_json::Value;

pub fn compare(operator: &str, seen: Option<&Value>, wanted: &Value) -> Option<bool> {
    if operator == "present" || operator == "absent" {
        return Some(seen.is_some() == (operator == "present"));
    }
    let seen = seen?;
    match operator {
        "isTrue" => seen.as_bool(),
        "isFalse" => seen.as_bool().map(|flag| !flag),
        "below" => Some(seen.as_f64()? < wanted.as_f64()?),
        "atMost" => Some(seen.as_f64()? <= wanted.as_f64()?),
        "above" => Some(seen.as_f64()? > wanted.as_f64()?),
        "atLeast" => Some(seen.as_f64()? >= wanted.as_f64()?),
        "equals" => Some(seen.as_f64()? == wanted.as_f64()?),
        "oneOf" => {
            let seen = seen.as_str()?.to_lowercase();
            Some(wanted.as_array()?.iter().any(|one| one.as_str().is_some_and(|one| one.to_lowercase() == seen)))
        }
        _ => {
            let (seen, wanted) = (seen.as_str()?.to_lowercase(), wanted.as_str()?.to_lowercase());
            Some(match operator {
                "is" => seen == wanted,
                "contains" => seen.contains(&wanted),
                "startsWith" => seen.starts_with(&wanted),
                "endsWith" => seen.ends_with(&wanted),
                "matches" => fits(wanted.as_bytes(), seen.as_bytes()),
                other => panic!("{other}"),
            })
        }
    }
}

pub fn fits(pattern: &[u8], name: &[u8]) -> bool {
    match pattern.split_first() {
        None => name.is_empty(),
        Some((b'*', rest)) => (0..=name.len()).any(|skipped| fits(rest, &name[skipped..])),
        Some((first, rest)) => name.first() == Some(first) && fits(rest, &name[1..]),
    }
}
