//! Posting a card.

use percent_encoding::utf8_percent_encode;

use super::SEGMENT;
use crate::model::address::Base;
use crate::model::card::Card;
use crate::model::http::{HttpRequest, Method, Secret};
use crate::model::json::{self, ToJson};
use crate::model::time::Millis;

#[derive(ToJson)]
#[serde(rename_all = "camelCase")]
struct CardBody<'a> {
    card_id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'a str,
    content: &'a str,
    metadata: Metadata<'a>,
}

#[derive(ToJson)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    source: &'static str,
    timestamp: String,
    interaction_id: &'a str,
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<&'a str>,
}

/// Posts a card to its interaction. `None` where no request can name the interaction: browsers drop `.` and `..` from a
/// path in every spelling, and an empty segment names another resource.
pub fn request(base: &Base, token: &Secret, card: &Card) -> Option<HttpRequest> {
    let interaction = &*card.interaction;
    if matches!(interaction, "" | "." | "..") {
        return None;
    }
    let body = CardBody {
        card_id: &card.card_id,
        kind: card.kind.name(),
        title: &card.title,
        content: &card.content,
        metadata: Metadata {
            source: "real-time-trigger",
            timestamp: iso8601(card.timestamp),
            interaction_id: interaction,
            rule_id: &card.rule,
            queue: card.queue.as_deref(),
        },
    };
    let segment = utf8_percent_encode(interaction, SEGMENT);
    Some(HttpRequest {
        method: Method::Post,
        url: format!("{}/api/v2/agentassist/interactions/{segment}/cards", base.http()),
        headers: vec![
            ("Authorization", format!("Bearer {}", token.0)),
            ("Content-Type", "application/json".to_owned()),
            ("Accept", "application/json".to_owned()),
        ],
        body: json::write(&body),
    })
}

/// Wall-clock milliseconds as ISO 8601 in UTC, such as `2026-02-17T09:30:00.250Z`; the year 9999 is the last.
pub fn iso8601(wall: Millis) -> String {
    /// 9999-12-31T23:59:59.999Z.
    const LAST: u64 = 253_402_300_799_999;
    let millis = wall.0.min(LAST);
    let (days, time) = (millis / 86_400_000, millis % 86_400_000);
    let (year, month, day) = civil(days);
    let (hours, minutes, seconds, millis) = (time / 3_600_000, time / 60_000 % 60, time / 1_000 % 60, time % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}Z")
}

/// Year, month and day of a day counted from 1970-01-01 (Howard Hinnant, *chrono-compatible low-level date algorithms*,
/// `civil_from_days`): the year starts in March, so that the leap day is its last.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::card::CardKind;

    fn card() -> Card {
        Card {
            episode: 1,
            card_id: "trigger-i-1-long-wait-1".to_owned(),
            kind: CardKind::Warning,
            title: "T".to_owned(),
            content: "C \"1\"".to_owned(),
            interaction: "i-1".to_owned(),
            rule: "long-wait".to_owned(),
            reason: "R".to_owned(),
            queue: Some("Billing".to_owned()),
            timestamp: Millis(1_771_320_600_250),
        }
    }

    fn url(interaction: &str) -> Option<String> {
        let base = Base::parse("https://gate.example/cx", false).unwrap();
        let card = Card { interaction: interaction.to_owned(), ..card() };
        request(&base, &Secret("t".to_owned()), &card).map(|request| request.url)
    }

    #[test]
    fn a_card_is_posted_as_the_contract_says() {
        let base = Base::parse("https://gate.example", false).unwrap();
        let request = request(&base, &Secret("tok".to_owned()), &card()).unwrap();
        assert_eq!(request.url, "https://gate.example/api/v2/agentassist/interactions/i-1/cards");
        assert!(request.headers.contains(&("Authorization", "Bearer tok".to_owned())));
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&request.body).unwrap(),
            serde_json::json!({
                "cardId": "trigger-i-1-long-wait-1", "type": "warning", "title": "T", "content": "C \"1\"",
                "metadata": { "source": "real-time-trigger", "timestamp": "2026-02-17T09:30:00.250Z",
                    "interactionId": "i-1", "ruleId": "long-wait", "queue": "Billing" }
            })
        );
    }

    #[test]
    fn a_card_without_a_queue_names_none() {
        let base = Base::parse("https://gate.example", false).unwrap();
        let card = Card { queue: None, ..card() };
        assert!(!request(&base, &Secret::default(), &card).unwrap().body.contains("queue"));
    }

    #[test]
    fn any_interaction_id_is_exactly_one_path_segment() {
        let path =
            |segment: &str| Some(format!("https://gate.example/cx/api/v2/agentassist/interactions/{segment}/cards"));
        assert_eq!(url("a/b?c#d%e f"), path("a%2Fb%3Fc%23d%25e%20f"));
        assert_eq!(url("../../x"), path("..%2F..%2Fx"));
        assert_eq!(url("%2e%2e"), path("%252e%252e"));
        assert_eq!(url("é😀\u{0}"), path("%C3%A9%F0%9F%98%80%00"));
        assert_eq!(url("a.b_c~d-..."), path("a.b_c~d-..."));
        assert_eq!((url("."), url(".."), url("")), (None, None, None));
    }

    #[test]
    fn times_are_written_in_utc_with_milliseconds() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (1_709_164_799_999, "2024-02-28T23:59:59.999Z"),
            (1_767_225_599_999, "2025-12-31T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (u64::MAX, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(iso8601(Millis(millis)), text);
        }
    }
}
