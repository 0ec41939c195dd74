//! Signals to the script of a contact. The script reads the values as `SP1` to `SP6` after its one `ONSIGNAL`.
//!
//! NICE's interface descriptions and working clients have the values in the query; only a sample has them in a body.

use super::key;
use crate::api::Access;
use crate::api::published::{acd, signin};
use crate::model::card::Card;
use crate::model::http::{HttpRequest, Method};

/// The longest value, in bytes, because addresses have limits that nobody publishes.
const LONGEST: usize = 600;

/// Signals the contact of a card. `None` where the card is of a digital case that names no contact.
pub fn request(access: &Access<'_>, card: &Card) -> Option<HttpRequest> {
    let contact: u64 = card.interaction.parse().ok()?;
    let values = [
        ("p1", "cuewire"),
        ("p2", &*key(card)),
        ("p3", card.kind.name()),
        ("p4", cut(&card.title)),
        ("p5", cut(&card.content)),
        ("p6", cut(&card.rule)),
    ];
    let path = signin::with_query(&format!("/interactions/{contact}/signal"), &values);
    acd::request(access, Method::Post, &path, String::new())
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

#[cfg(test)]
#[path = "signal_tests.rs"]
mod tests;
