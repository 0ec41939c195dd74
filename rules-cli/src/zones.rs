//! Local time of the zones that schedules name, as the tz database has it: a recording may span a change of clocks.

use cuewire::model::time::Millis;
use cuewire::rules::Evaluator;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// How far ahead of a recording's begin a change of clocks is looked for.
const AHEAD: u64 = 400 * 24 * 3_600_000;

/// Tells an evaluator the offsets of its zones since an instant. An offset that the caller names counts throughout. A
/// schedule that names no zone counts by UTC. Returns the zones that nobody knows.
pub fn tell(evaluator: &mut Evaluator, start: Millis, named: &[(String, i32)]) -> Vec<String> {
    let zones: Vec<String> = evaluator.zones().into_iter().map(str::to_owned).collect();
    let mut unknown = Vec::new();
    for zone in zones {
        if let Some((_, minutes)) = named.iter().rev().find(|(name, _)| *name == zone) {
            evaluator.set_offset(&zone, *minutes);
        } else if zone.is_empty() {
            evaluator.set_offset("", 0);
        } else {
            match offsets(&zone, start) {
                Some(offsets) => {
                    offsets.into_iter().for_each(|(since, minutes)| evaluator.set_offset_since(&zone, since, minutes));
                }
                None => unknown.push(zone),
            }
        }
    }
    unknown
}

/// The offset of a zone at an instant, and those that follow, each with its begin.
fn offsets(zone: &str, start: Millis) -> Option<Vec<(Millis, i32)>> {
    let zone = TimeZone::get(zone).ok()?;
    let at = Timestamp::from_millisecond(i64::try_from(start.0).ok()?).ok()?;
    let mut offsets = vec![(start, zone.to_offset(at).seconds() / 60)];
    for change in zone.following(at) {
        let since = Millis(u64::try_from(change.timestamp().as_millisecond()).ok()?);
        if since > start.plus(Millis(AHEAD)) {
            break;
        }
        offsets.push((since, change.offset().seconds() / 60));
    }
    Some(offsets)
}
