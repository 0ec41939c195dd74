//! Signals to the script of a contact. The script reads the values as `SP1` to `SP6` after its one `ONSIGNAL`.
//!
//! NICE's interface descriptions and working clients have the values in the query; only a sample has them in a body.

use super::key;
use crate::api::Access;
use crate::api::published::acd;
use crate::api::published::watch::encoded;
use crate::model::card::Card;
use crate::model::http::{HttpRequest, Method};

/// The longest value, in characters, because addresses have limits that nobody publishes.
const LONGEST: usize = 400;

/// Signals the contact of a card. `None` where the card is of a digital case that names no contact.
pub fn request(access: &Access<'_>, card: &Card) -> Option<HttpRequest> {
    let contact: u64 = card.interaction.parse().ok()?;
    let mut path = format!("/interactions/{contact}/signal?p1=cuewire");
    for (name, value) in [
        ("&p2=", &*key(card)),
        ("&p3=", card.kind.name()),
        ("&p4=", &card.title),
        ("&p5=", &card.content),
        ("&p6=", &card.rule),
    ] {
        path.push_str(name);
        path.push_str(&encoded(&value.chars().take(LONGEST).collect::<String>()));
    }
    acd::request(access, Method::Post, &path, String::new())
}

#[cfg(test)]
#[path = "signal_tests.rs"]
mod tests;
