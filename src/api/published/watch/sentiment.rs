//! The customer's sentiment in numbers: labels of the newest messages, weighted.

use crate::api::published::row::Row;
use crate::model::sorted;
use crate::model::time::Millis;

/// The weights of the newest messages of the customer, the newest first.
const WEIGHTS: [f64; 3] = [0.5, 0.3, 0.2];

/// The sentiment of messages.
#[derive(Debug, PartialEq)]
pub struct Reading {
    /// −1 … 1; absent where no message has a label.
    pub level: Option<f64>,
    /// Names the customer's newest message.
    pub newest: Option<String>,
    /// Each message that counts has its label.
    pub is_whole: bool,
}

/// The weighted mean of the labels of the customer's three newest messages, −1 … 1; a message without a label is no
/// data, never 0.
pub fn read<'a>(messages: impl Iterator<Item = Row<'a>>) -> Reading {
    let is_inbound = |row: &Row<'_>| row.text(&["direction"]).is_some_and(|text| text.eq_ignore_ascii_case("inbound"));
    // The order of the list is not documented.
    let mut inbound: Vec<(Millis, String, Option<f64>)> = messages
        .filter(is_inbound)
        .filter_map(|row| {
            let at = row.instant(&["createdAtWithMilliseconds"]).or(row.instant(&["createdAt"]))?;
            Some((at, row.text(&["id"]).unwrap_or_default(), row.text(&["sentiment"]).and_then(|label| value(&label))))
        })
        .collect();
    sorted::sort_by(&mut inbound, |one, other| (other.0, &other.1).cmp(&(one.0, &one.1)));
    let newest = || inbound.iter().zip(WEIGHTS);
    let (sum, weights) = newest()
        .filter_map(|((_, _, value), weight)| value.map(|value| (value * weight, weight)))
        .fold((0.0, 0.0), |(sum, weights), (value, weight)| (sum + value, weights + weight));
    let is_whole = newest().all(|((_, _, value), _)| value.is_some());
    let level = (weights > 0.0).then(|| (sum / weights).clamp(-1.0, 1.0));
    Reading { level, newest: inbound.first().map(|(at, id, _)| format!("{} {id}", at.0)), is_whole }
}

fn value(label: &str) -> Option<f64> {
    match &*label.to_ascii_lowercase() {
        "positive" => Some(1.0),
        "neutral" => Some(0.0),
        "negative" => Some(-1.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn level_of(messages: &[(&str, &str, Option<&str>)]) -> (Option<f64>, bool) {
        let rows: Vec<Value> = messages
            .iter()
            .map(|(second, direction, label)| {
                let at = format!("2026-02-17T09:30:{second}Z");
                json!({"id": second, "createdAt": at, "direction": direction, "sentiment": label})
            })
            .collect();
        let Reading { level, is_whole, .. } = read(rows.iter().filter_map(Row::of));
        (level.map(|level| (level * 1_000.0).round() / 1_000.0), is_whole)
    }

    #[test]
    fn the_newest_message_counts_most_in_whatever_order_they_come() {
        let messages = [
            ("01", "inbound", Some("positive")),
            ("04", "inbound", Some("negative")),
            ("05", "outbound", Some("positive")),
            ("02", "inbound", Some("neutral")),
            ("03", "inbound", Some("Negative")),
        ];
        assert_eq!(level_of(&messages), (Some(-0.8), true), "0.5 and 0.3 negative, 0.2 neutral");
        let mut turned = messages;
        turned.reverse();
        assert_eq!(level_of(&turned), level_of(&messages));
    }

    #[test]
    fn a_message_without_a_label_is_no_data() {
        assert_eq!(level_of(&[("01", "inbound", None)]), (None, false));
        assert_eq!(level_of(&[]), (None, true));
        assert_eq!(level_of(&[("02", "inbound", None), ("01", "inbound", Some("negative"))]), (Some(-1.0), false));
        let mixed =
            [("03", "inbound", Some("positive")), ("02", "inbound", Some("odd")), ("01", "inbound", Some("negative"))];
        assert_eq!(level_of(&mixed), (Some(0.429), false), "0.5 less 0.2 of 0.7");
    }
}
