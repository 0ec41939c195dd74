//! When a rule is active: days and hours by the clock of a place.

use std::collections::BTreeMap;

use serde_json::Value;

const MINUTE: u64 = 60_000;
/// Minutes.
const DAY: u64 = 1_440;
/// The first day of 1970 was a Thursday.
const WEEK: [&str; 7] = ["thu", "fri", "sat", "sun", "mon", "tue", "wed"];

/// Minutes that each zone is ahead of UTC; the browser's own is empty. A zone that is not here is unknown.
pub type Zones = BTreeMap<String, i64>;

#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    /// None: every day.
    days: Option<Vec<String>>,
    from: u64,
    /// Minutes that a period lasts.
    length: u64,
    pub zone: String,
}

impl Schedule {
    pub fn read(json: &Value) -> Result<Self, String> {
        let minutes = |key: &str| -> Result<u64, String> {
            let text = json[key].as_str().unwrap_or("00:00");
            let (hours, minutes) = text.split_once(':').ok_or(format!("{text} is no time"))?;
            let number = |text: &str| text.parse::<u64>().map_err(|_| format!("{text} is no number"));
            Ok(number(hours)? * 60 + number(minutes)?)
        };
        let (from, to) = (minutes("from")?, minutes("to")?);
        let names = |days: &Vec<Value>| days.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        Ok(Self {
            days: json["days"].as_array().map(names),
            from,
            length: if to > from { to - from } else { to + DAY - from },
            zone: json["zone"].as_str().unwrap_or_default().to_owned(),
        })
    }

    /// Whether it is open at an instant; unknown where nobody knows the time in its zone.
    pub fn is_open(&self, at: u64, zones: &Zones) -> Option<bool> {
        let ahead = zones.get(&self.zone)?;
        let now = (at / MINUTE).saturating_add_signed(*ahead);
        let today = now / DAY;
        Some([Some(today), today.checked_sub(1)].into_iter().flatten().any(|day| {
            let begins = day * DAY + self.from;
            let is_named = self.days.as_ref().is_none_or(|days| days.iter().any(|it| it == WEEK[(day % 7) as usize]));
            is_named && begins <= now && now < begins + self.length
        }))
    }

    /// When it is closed from an instant on: at once where it is closed then, because a hold may fire as the hours end;
    /// otherwise at the end of one of the periods of the next days.
    pub fn closes_from(&self, at: u64, zones: &Zones) -> Option<u64> {
        if !self.is_open(at, zones)? {
            return Some(at);
        }
        let ahead = *zones.get(&self.zone)?;
        let today = (at / MINUTE).saturating_add_signed(ahead) / DAY;
        let ends = (today.saturating_sub(2)..today + 9).map(|day| day * DAY + self.from + self.length);
        let wall = ends.filter_map(|end| end.checked_add_signed(-ahead)).map(|minute| minute * MINUTE);
        wall.filter(|end| *end > at).find(|end| self.is_open(*end, zones) == Some(false))
    }
}
