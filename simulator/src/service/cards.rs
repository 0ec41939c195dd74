//! The cards that were accepted, kept by `cardId`, and the shape a card must have.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::clock::{Micros, millis};
use crate::oracle::Acceptance;

/// Cards kept for `/control/cards`; older ones are forgotten beyond this, their `cardId` is not.
const MOST_KEPT: usize = 100_000;
const TYPES: [&str; 4] = ["info", "warning", "success", "error"];

/// How a server answers a `cardId` that it has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum RepeatAnswer {
    /// 409.
    Conflict,
    /// 200, and no second card.
    Ok,
    /// The server does not look at `cardId`: 201 and a second card.
    Ignore,
}

/// A card as an agent's desktop gets it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Card {
    /// The interaction named in the path, decoded.
    pub interaction: String,
    /// Its identity.
    pub card_id: String,
    /// The whole body as it came.
    pub body: Map<String, Value>,
    /// When it was accepted, in milliseconds since the start.
    pub at_ms: u64,
    /// How often this `cardId` was asked for.
    pub count: u32,
}

/// A body that is not a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misshapen {
    /// The field at fault.
    pub field: &'static str,
    /// The value that is required.
    pub must_be: &'static str,
}

/// All cards of the organisation.
#[derive(Debug)]
pub struct Cards {
    on_repeat: RepeatAnswer,
    kept: Vec<Card>,
    by_id: HashMap<String, Option<usize>>,
}

impl Cards {
    /// An empty shelf.
    #[must_use]
    pub fn new(on_repeat: RepeatAnswer) -> Self {
        Self { on_repeat, kept: Vec::new(), by_id: HashMap::new() }
    }

    /// Takes a card whose shape was checked.
    pub fn accept(&mut self, interaction: &str, card_id: &str, body: Map<String, Value>, at: Micros) -> Acceptance {
        let known = self.by_id.get(card_id).copied();
        if let Some(place) = known
            && self.on_repeat != RepeatAnswer::Ignore
        {
            if let Some(card) = place.and_then(|place| self.kept.get_mut(place)) {
                card.count += 1;
            }
            return Acceptance::Repeat;
        }
        let place = (self.kept.len() < MOST_KEPT).then(|| {
            self.kept.push(Card {
                interaction: interaction.to_owned(),
                card_id: card_id.to_owned(),
                body,
                at_ms: millis(at),
                count: 1,
            });
            self.kept.len() - 1
        });
        self.by_id.insert(card_id.to_owned(), place);
        if known.is_some() { Acceptance::SecondCard } else { Acceptance::First }
    }

    /// The status with which an acceptance is answered.
    #[must_use]
    pub fn status(&self, acceptance: Acceptance) -> u16 {
        match (acceptance, self.on_repeat) {
            (Acceptance::Repeat, RepeatAnswer::Conflict) => 409,
            (Acceptance::Repeat, _) => 200,
            (Acceptance::First | Acceptance::SecondCard, _) => 201,
        }
    }

    /// Cards in the order they came.
    #[must_use]
    pub fn kept(&self) -> &[Card] {
        &self.kept
    }
}

/// Checks the shape of a card; unknown fields are permitted.
///
/// # Errors
/// The first field at fault.
pub fn check_shape(body: &Map<String, Value>) -> Result<&str, Misshapen> {
    let words = |field: &'static str| match body.get(field).and_then(Value::as_str) {
        Some(text) if !text.trim().is_empty() => Ok(text),
        _ => Err(Misshapen { field, must_be: "a string that is not empty" }),
    };
    let card_id = words("cardId")?;
    if !TYPES.contains(&words("type")?) {
        return Err(Misshapen { field: "type", must_be: "info, warning, success or error" });
    }
    words("title")?;
    words("content")?;
    match body.get("metadata") {
        None | Some(Value::Object(_)) => Ok(card_id),
        Some(_) => Err(Misshapen { field: "metadata", must_be: "an object" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str) -> Map<String, Value> {
        serde_json::from_str(text).expect("an object")
    }

    #[test]
    fn a_repeat_makes_no_second_card_unless_the_server_ignores_card_ids() {
        let mut strict = Cards::new(RepeatAnswer::Conflict);
        assert_eq!(strict.accept("i", "c", Map::new(), 0), Acceptance::First);
        assert_eq!(strict.accept("i", "c", Map::new(), 0), Acceptance::Repeat);
        assert_eq!((strict.kept().len(), strict.kept()[0].count, strict.status(Acceptance::Repeat)), (1, 2, 409));
        let mut loose = Cards::new(RepeatAnswer::Ignore);
        loose.accept("i", "c", Map::new(), 0);
        assert_eq!(loose.accept("i", "c", Map::new(), 0), Acceptance::SecondCard);
        assert_eq!(loose.kept().len(), 2);
    }

    #[test]
    fn a_card_needs_its_four_texts_and_one_of_four_types() {
        let good = r#"{"cardId":"c","type":"info","title":"t","content":"x","metadata":{},"more":1}"#;
        assert_eq!(check_shape(&body(good)), Ok("c"));
        for (bad, field) in [
            (r#"{"type":"info","title":"t","content":"x"}"#, "cardId"),
            (r#"{"cardId":"c","type":"alert","title":"t","content":"x"}"#, "type"),
            (r#"{"cardId":"c","type":"info","title":" ","content":"x"}"#, "title"),
            (r#"{"cardId":"c","type":"info","title":"t","content":5}"#, "content"),
            (r#"{"cardId":"c","type":"info","title":"t","content":"x","metadata":[]}"#, "metadata"),
        ] {
            assert_eq!(check_shape(&body(bad)).expect_err(bad).field, field);
        }
    }
}
