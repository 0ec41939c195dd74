//! The kinds of field that are numbers.

use serde_json::{Value, json};

use super::reading::{Fields, Kind, Mistake};
use super::schema::{Unit, plain};
use super::text::read_number;
use crate::model::time::Millis;

/// A number without a unit. Sliders move by `step`; any number within the bounds may be typed.
pub(super) struct Number {
    pub bounds: (f64, f64),
    pub step: f64,
    pub default: f64,
}

impl Kind for Number {
    type Value = f64;

    fn default(&self) -> Value {
        json!(self.default)
    }

    fn read(&self, given: &Value, _: &Fields) -> Result<f64, Mistake> {
        number(given, self.bounds)?.ok_or(Mistake::new("required"))
    }

    fn show(&self, value: &f64) -> Value {
        json!(value)
    }

    fn schema(&self) -> Value {
        let (least, most) = self.bounds;
        json!({ "type": "number", "minimum": plain(least), "maximum": plain(most), "x-step": plain(self.step),
            "x-control": "number" })
    }
}

/// A span of time, written in its unit.
pub(super) struct Span {
    pub bounds: (f64, f64),
    pub unit: Unit,
    pub step: f64,
    pub default: f64,
}

impl Span {
    fn number(&self) -> Number {
        Number { bounds: self.bounds, step: self.step, default: self.default }
    }
}

impl Kind for Span {
    type Value = Millis;

    fn default(&self) -> Value {
        self.number().default()
    }

    fn read(&self, given: &Value, fields: &Fields) -> Result<Millis, Mistake> {
        let number = self.number().read(given, fields)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in bounds: 0 to 30 days")]
        Ok(Millis((number * self.unit.millis).round() as u64))
    }

    #[expect(clippy::cast_precision_loss, reason = "spans of at most 30 days")]
    fn show(&self, value: &Millis) -> Value {
        json!(value.0 as f64 / self.unit.millis)
    }

    fn schema(&self) -> Value {
        let mut schema = self.number().schema();
        schema["x-unit"] = json!(self.unit.name);
        schema
    }
}

/// A whole number; the default where the text is empty.
pub(super) struct Count {
    pub bounds: (u32, u32),
    pub unit: Option<Unit>,
    pub default: u32,
}

impl Kind for Count {
    type Value = u32;

    fn default(&self) -> Value {
        json!(self.default)
    }

    fn read(&self, given: &Value, _: &Fields) -> Result<u32, Mistake> {
        Ok(whole(given, self.bounds)?.unwrap_or(self.default))
    }

    fn show(&self, value: &u32) -> Value {
        json!(value)
    }

    fn schema(&self) -> Value {
        let (least, most) = self.bounds;
        let mut schema = json!({ "type": "integer", "minimum": least, "maximum": most, "x-control": "number" });
        if let Some(unit) = &self.unit {
            schema["x-unit"] = json!(unit.name);
        }
        schema
    }
}

/// A whole number, or no limit.
pub(super) struct Limit {
    pub bounds: (u32, u32),
}

impl Kind for Limit {
    type Value = Option<u32>;

    fn default(&self) -> Value {
        Value::Null
    }

    fn read(&self, given: &Value, _: &Fields) -> Result<Option<u32>, Mistake> {
        whole(given, self.bounds)
    }

    fn show(&self, value: &Option<u32>) -> Value {
        json!(value)
    }

    fn schema(&self) -> Value {
        let (least, most) = self.bounds;
        json!({ "type": ["integer", "null"], "minimum": least, "maximum": most, "x-control": "number" })
    }
}

/// A number in its bounds; `None` of null and empty text.
fn number(given: &Value, (least, most): (f64, f64)) -> Result<Option<f64>, Mistake> {
    let number = match given {
        Value::Null => return Ok(None),
        Value::Number(number) => number.as_f64(),
        Value::String(text) if text.trim().is_empty() => return Ok(None),
        Value::String(text) => read_number(text.trim()),
        _ => return Err(Mistake::of("wrongType", ["number"])),
    };
    match number {
        None => Err(Mistake::new("notANumber")),
        Some(number) if number < least => Err(Mistake::of("tooLow", [least])),
        Some(number) if number > most => Err(Mistake::of("tooHigh", [most])),
        number => Ok(number),
    }
}

/// A whole number in its bounds; `None` of null and empty text.
fn whole(given: &Value, (least, most): (u32, u32)) -> Result<Option<u32>, Mistake> {
    match number(given, (least.into(), most.into()))? {
        Some(number) if number.fract() != 0.0 => Err(Mistake::new("wholeNumber")),
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in bounds, and whole")]
        number => Ok(number.map(|number| number as u32)),
    }
}
