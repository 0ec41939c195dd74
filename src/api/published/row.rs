//! Answers as the published service writes them: names in any case, numbers as text, and lists in one of two envelopes.

use serde_json::{Map, Value};

use super::time;
use crate::model::event::Rejection;
use crate::model::json;
use crate::model::time::Millis;

/// A larger number is in milliseconds: seconds since 1970 reach it in 5138, milliseconds reached it in 1973.
const IN_MILLIS: f64 = 100_000_000_000.0;

/// One object of a list. Names are found without regard to case, because versions differ.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a>(&'a Map<String, Value>);

impl<'a> Row<'a> {
    /// An object; anything else is no row.
    pub fn of(value: &'a Value) -> Option<Row<'a>> {
        value.as_object().map(Row)
    }

    /// The value under the first of these names that has one; null is none.
    pub fn get(&self, names: &[&str]) -> Option<&'a Value> {
        let find = |name: &&str| {
            self.0
                .get(*name)
                .or_else(|| self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
        };
        names.iter().filter_map(find).find(|value| !value.is_null())
    }

    /// A whole number that is not negative, be it written as text.
    pub fn number(&self, names: &[&str]) -> Option<u64> {
        match self.get(names)? {
            Value::Number(number) => number.as_u64().or_else(|| whole(number.as_f64()?)),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Yes or no, be it written as text or as 1 and 0.
    pub fn flag(&self, names: &[&str]) -> Option<bool> {
        match self.get(names)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => self.number(names).filter(|number| *number <= 1).map(|number| number == 1),
        }
    }

    /// Says nothing: each member is null, or there is none.
    pub fn is_blank(&self) -> bool {
        self.0.values().all(Value::is_null)
    }

    /// An id; 0 means none.
    pub fn id(&self, names: &[&str]) -> Option<u64> {
        self.number(names).filter(|id| *id != 0)
    }

    /// A text that is not empty. A number reads as its digits.
    pub fn text(&self, names: &[&str]) -> Option<String> {
        match self.get(names)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// An instant, as text, or in seconds or milliseconds since 1970.
    pub fn instant(&self, names: &[&str]) -> Option<Millis> {
        match self.get(names)? {
            Value::String(text) => time::parse(text).or_else(|| since_1970(text.trim().parse().ok()?)),
            Value::Number(number) => since_1970(number.as_f64()?),
            _ => None,
        }
    }

    /// An object inside.
    pub fn row(&self, names: &[&str]) -> Option<Row<'a>> {
        self.get(names).and_then(Row::of)
    }
}

/// An instant in seconds or milliseconds, with or without decimals.
fn since_1970(number: f64) -> Option<Millis> {
    whole(if number < IN_MILLIS { number * 1_000.0 } else { number }.floor()).map(Millis)
}

fn whole(number: f64) -> Option<u64> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked before")]
    ((0.0..9_007_199_254_740_992.0).contains(&number) && number.fract() == 0.0).then_some(number as u64)
}

/// One page of a list.
#[derive(Debug, Default)]
pub struct Page {
    /// The members of the list.
    pub rows: Vec<Value>,
    /// How many members all pages have together, where the answer says so.
    pub total: Option<u64>,
    /// The instant from which to ask for changes.
    pub polled_at: Option<String>,
    /// Where the list goes on.
    pub scroll: Option<String>,
    /// The answer names a next page.
    pub has_next: bool,
}

impl Page {
    /// Reads a list by its name, at the top or inside `resultSet`. An empty answer is an empty list, and so is an answer
    /// that leaves the list out and says no more than an empty one would.
    ///
    /// # Errors
    ///
    /// Says why the answer is no list.
    pub fn read(body: &str, list: &str) -> Result<Page, Rejection> {
        if body.trim().is_empty() {
            return Ok(Page::default());
        }
        let json: Value = json::read(body).ok_or(Rejection::NotJson)?;
        let top = Row::of(&json).ok_or(Rejection::WrongShape)?;
        let inner = top.get(&["resultSet"]);
        let inside = inner.and_then(Row::of);
        let found = [Some(top), inside].into_iter().flatten().find_map(|row| row.get(&[list])).or(inner);
        let either = |names: &[&str]| top.get(names).or_else(|| inside.and_then(|row| row.get(names)));
        let count = |names: &[&str]| [Some(top), inside].into_iter().flatten().find_map(|row| row.number(names));
        let text = |names: &[&str]| [Some(top), inside].into_iter().flatten().find_map(|row| row.text(names));
        let (total, polled_at) = (count(&["totalRecords", "hits"]), text(&["lastPollTime"]));
        let is_none = || match total {
            Some(total) => total == 0,
            None => polled_at.is_some() || inside.unwrap_or(top).is_blank(),
        };
        let rows = match found {
            Some(Value::Array(rows)) => rows.clone(),
            Some(Value::Object(_)) | None if is_none() => Vec::new(),
            _ => return Err(Rejection::WrongShape),
        };
        let next = either(&["_links"]).and_then(Row::of).and_then(|links| links.text(&["next"]));
        Ok(Page { rows, total, polled_at, scroll: text(&["scrollToken"]), has_next: next.is_some() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_found_in_both_envelopes_and_under_names_of_any_case() {
        for body in [
            r#"{"totalRecords":1,"lastPollTime":"T","activeContacts":[{"contactId":1}]}"#,
            r#"{"resultSet":{"totalRecords":"1","lastPollTime":"T","ActiveContacts":[{"contactId":1}]}}"#,
            r#"{"TotalRecords":1,"LastPollTime":"T","resultSet":[{"contactId":1}]}"#,
        ] {
            let page = Page::read(body, "activeContacts").unwrap();
            assert_eq!((page.rows.len(), page.total, page.polled_at.as_deref()), (1, Some(1), Some("T")), "{body}");
        }
    }

    /// Many servers write no empty list, in either envelope.
    const LEFT_OUT: [&str; 6] = [
        "{}",
        r#"{"activeContacts":null}"#,
        r#"{"resultSet":{"activeContacts":null}}"#,
        r#"{"resultSet":{"totalRecords":"0","lastPollTime":"T"}}"#,
        r#"{"businessUnitId":7,"lastPollTime":"T"}"#,
        r#"{"resultSet":{"businessUnitId":7,"lastPollTime":"T"}}"#,
    ];

    #[test]
    fn an_empty_answer_is_an_empty_list_and_anything_else_is_none() {
        for body in
            ["", " \n", r#"{"activeContacts":[]}"#, r#"{"totalRecords":0}"#, r#"{"resultSet":{},"totalRecords":0}"#]
                .into_iter()
                .chain(LEFT_OUT)
        {
            assert_eq!(Page::read(body, "activeContacts").unwrap().rows, Vec::<Value>::new(), "{body}");
        }
        assert_eq!(Page::read("No known way to render data", "x").unwrap_err(), Rejection::NotJson);
        assert_eq!(Page::read("[]", "x").unwrap_err(), Rejection::WrongShape);
        for body in [r#"{"x":3}"#, r#"{"error":"busy"}"#, r#"{"totalRecords":4,"lastPollTime":"T"}"#] {
            assert_eq!(Page::read(body, "x").unwrap_err(), Rejection::WrongShape, "{body}");
        }
    }

    #[test]
    fn values_are_read_however_they_are_written() {
        let value = serde_json::json!({"AgentID": "3926075000", "skillId": 0, "count": 5.0, "name": "", "n": null,
            "at": "2026-02-17T09:30:00.2500000Z", "big": 9_007_199_254_740_993_u64, "negative": -1,
            "seconds": 1_771_320_600, "millis": 1_771_320_600_250_u64, "text": "1771320600250",
            "decimals": 1_771_320_600.25, "yes": "True", "one": 1, "no": "0", "many": 2});
        let row = Row::of(&value).unwrap();
        assert_eq!(
            (row.id(&["agentId"]), row.id(&["skillId"]), row.number(&["count"])),
            (Some(3_926_075_000), None, Some(5))
        );
        assert_eq!((row.text(&["name"]), row.number(&["x", "big"])), (None, Some(9_007_199_254_740_993)));
        assert_eq!((row.instant(&["at"]), row.number(&["negative"])), (Some(Millis(1_771_320_600_250)), None));
        assert_eq!(row.instant(&["seconds"]), Some(Millis(1_771_320_600_000)));
        for name in ["millis", "text", "decimals"] {
            assert_eq!(row.instant(&[name]), row.instant(&["at"]), "{name}");
        }
        let flags = ["yes", "one", "no", "many", "at"].map(|name| row.flag(&[name]));
        assert_eq!(flags, [Some(true), Some(true), Some(false), None, None]);
    }
}
